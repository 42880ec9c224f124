"""The pen that drew body_map.svg: smooth curves through points, and the faces that crossing curves enclose.

Splines are C2 cubics through their points (chord-length parameter), kept as Bezier segments. `faces` splits all curves
where they cross, drops loose ends and walks round each face, so two neighbours share one and the same Bezier arc.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]
Points = Sequence[tuple[float, float]]

SNAP = 0.03


def spline(
    points: Points,
    closed: bool = False,
    start: tuple[float, float] | None = None,
    end: tuple[float, float] | None = None,
) -> list[Array]:
    """Return the Bezier segments (4, 2) of a C2 curve through `points`; `start`, `end` are optional tangents."""
    p = np.asarray(points, dtype=float)
    if len(p) == 2:
        return [np.array([p[0], p[0] + (p[1] - p[0]) / 3, p[1] - (p[1] - p[0]) / 3, p[1]])]
    if closed:
        p = np.vstack([p, p[:1]])
    t = np.concatenate([[0.0], np.cumsum(np.sqrt(np.hypot(*np.diff(p, axis=0).T)))])
    if closed:
        curve = CubicSpline(t, p, bc_type="periodic")
    else:

        def condition(direction: tuple[float, float] | None, step: float, chord: float) -> tuple[int, Array]:
            if direction is None:
                return (2, np.zeros(2))
            d = np.asarray(direction, dtype=float)
            return (1, d / np.hypot(*d) * chord / step)

        chords = np.hypot(*np.diff(p, axis=0).T)
        curve = CubicSpline(
            t, p, bc_type=(condition(start, t[1] - t[0], chords[0]), condition(end, t[-1] - t[-2], chords[-1]))
        )
    d = curve(t, 1)
    h = np.diff(t)[:, None]
    return [np.array([p[i], p[i] + d[i] * h[i] / 3, p[i + 1] - d[i + 1] * h[i] / 3, p[i + 1]]) for i in range(len(h))]


def path(*pieces: Points) -> list[Array]:
    """Return one chain of segments: each list of points becomes a spline, corners lie between them."""
    chain: list[Array] = []
    for piece in pieces:
        chain += spline(piece)
    return chain


def at(b: Array, t: Array | float) -> Array:
    """Return the points of segment `b` at parameters `t`, shape (..., 2)."""
    t = np.asarray(t, dtype=float)[..., None]
    s = 1 - t
    return s**3 * b[0] + 3 * s**2 * t * b[1] + 3 * s * t**2 * b[2] + t**3 * b[3]


def slope(b: Array, t: float) -> Array:
    """Return the derivative of segment `b` at `t`."""
    s = 1 - t
    return 3 * (s**2 * (b[1] - b[0]) + 2 * s * t * (b[2] - b[1]) + t**2 * (b[3] - b[2]))


def part(b: Array, t0: float, t1: float) -> Array:
    """Return the piece of segment `b` between parameters t0 and t1."""
    p0, p1 = at(b, t0), at(b, t1)
    h = (t1 - t0) / 3
    return np.array([p0, p0 + slope(b, t0) * h, p1 - slope(b, t1) * h, p1])


def crossings(a: Array, b: Array, n: int = 32) -> list[tuple[float, float]]:
    """Return the parameter pairs at which two segments cross or touch end to side."""
    ta = np.linspace(0, 1, n + 1)
    pa, pb = at(a, ta), at(b, ta)
    if np.any(pa.min(0) > pb.max(0) + SNAP) or np.any(pb.min(0) > pa.max(0) + SNAP):
        return []
    da, db = np.diff(pa, axis=0), np.diff(pb, axis=0)
    w = pb[None, :-1] - pa[:-1, None]
    det = da[:, None, 0] * db[None, :, 1] - da[:, None, 1] * db[None, :, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        s = (w[..., 0] * db[None, :, 1] - w[..., 1] * db[None, :, 0]) / det
        r = (w[..., 0] * da[:, None, 1] - w[..., 1] * da[:, None, 0]) / det
    hits = np.argwhere((s >= -1e-6) & (s <= 1 + 1e-6) & (r >= -1e-6) & (r <= 1 + 1e-6))
    found: list[tuple[float, float]] = []
    for i, j in hits:
        x, y = (i + s[i, j]) / n, (j + r[i, j]) / n
        for _ in range(12):
            jac = np.column_stack([slope(a, x), -slope(b, y)])
            if abs(np.linalg.det(jac)) < 1e-9:
                break
            x, y = np.array([x, y]) - np.linalg.solve(jac, at(a, x) - at(b, y))
        if (
            -1e-6 <= x <= 1 + 1e-6
            and -1e-6 <= y <= 1 + 1e-6
            and np.hypot(*(at(a, x) - at(b, y))) < 1e-6
            and all(abs(x - u) > 1e-5 for u, _ in found)
        ):
            found.append((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)))
    return found


def faces(curves: Sequence[Array]) -> list[list[Array]]:
    """Return every bounded face that the curves enclose, each a closed counter-clockwise chain of segments."""
    cuts: list[list[float]] = [[0.0, 1.0] for _ in curves]
    for i in range(len(curves)):
        for j in range(i + 1, len(curves)):
            for x, y in crossings(curves[i], curves[j]):
                cuts[i].append(x)
                cuts[j].append(y)
    nodes: list[Array] = []

    def node(p: Array) -> int:
        for k, q in enumerate(nodes):
            if np.hypot(*(p - q)) < SNAP:
                return k
        nodes.append(p)
        return len(nodes) - 1

    arcs: list[tuple[int, int, Array]] = []
    for b, ts in zip(curves, cuts, strict=True):
        ts = sorted(ts)
        keep = [ts[0]]
        for t in ts[1:]:
            if np.hypot(*(at(b, t) - at(b, keep[-1]))) >= SNAP:
                keep.append(t)
        if len(keep) > 1 and keep[-1] != 1.0:
            keep[-1] = 1.0
        for t0, t1 in pairwise(keep):
            piece = part(b, t0, t1)
            n0, n1 = node(piece[0]), node(piece[3])
            piece[0], piece[3] = nodes[n0], nodes[n1]
            arcs.append((n0, n1, piece))
    while True:
        degree: defaultdict[int, int] = defaultdict(int)
        for n0, n1, _ in arcs:
            degree[n0] += 1
            degree[n1] += 1
        loose = [k for k, (n0, n1, _) in enumerate(arcs) if degree[n0] == 1 or degree[n1] == 1]
        if not loose:
            break
        arcs = [arc for k, arc in enumerate(arcs) if k not in set(loose)]
    half: list[tuple[int, int, Array]] = arcs + [(n1, n0, piece[::-1].copy()) for n0, n1, piece in arcs]
    count = len(arcs)
    out: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for k, (n0, _, piece) in enumerate(half):
        d = at(piece, 0.02) - piece[0]
        out[n0].append((float(np.arctan2(d[1], d[0])), k))
    for fan in out.values():
        fan.sort()
    following: dict[int, int] = {}
    for k, (_, n1, _) in enumerate(half):
        twin = k + count if k < count else k - count
        fan = [e for _, e in out[n1]]
        following[k] = fan[fan.index(twin) - 1]
    seen: set[int] = set()
    loops: list[list[Array]] = []
    for k in range(len(half)):
        if k in seen:
            continue
        loop, e = [], k
        while e not in seen:
            seen.add(e)
            loop.append(half[e][2])
            e = following[e]
        if area(outline(loop)) > 0.05:
            loops.append(loop)
    return loops


def outline(chain: Sequence[Array], n: int = 12) -> Array:
    """Return the chain as a polygon with n points per segment."""
    t = np.linspace(0, 1, n, endpoint=False)
    return np.concatenate([at(b, t) for b in chain])


def area(polygon: Array) -> float:
    """Return the signed area of a polygon (positive: counter-clockwise in x right, y up)."""
    x, y = polygon.T
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def inside(polygon: Array, point: tuple[float, float]) -> bool:
    """Return whether the point lies inside the polygon (even-odd)."""
    x, y = polygon.T
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    up = (y > point[1]) != (y2 > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = point[0] < (x2 - x) * (point[1] - y) / (y2 - y) + x
    return bool(np.sum(up & cross) % 2)
