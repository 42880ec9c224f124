"""Make data/body_map.json from data/body_map.svg: `python -m scs_models.percept.flatten [--check]`.

The SVG is the drawing; the JSON holds the same paths as polygons (neighbours share every vertex), the landmarks, and
for each region the share of its area that each dermatome covers. A developer's tool; a test compares the two files.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from scs_models.errors import InvalidFileError
from scs_models.percept.body_map import fill
from scs_models.percept.dermatomes import DERMATOMES, Growth, growth
from scs_models.values import BoolArray, FloatArray

FORMAT, VERSION = "scs-sim body map", 1
TOLERANCE = 0.02
SHARE_SCALE = 2
_SVG = "{http://www.w3.org/2000/svg}"

Ring = list[tuple[float, float]]


def flatten_path(data: str) -> list[Ring]:
    """Return the sub-paths of an SVG path (absolute M, L, C, Z only) as rings of (x, y), Beziers to within TOLERANCE.

    A segment gives the same points whichever way it is drawn, so that two areas along one border share its vertices.
    """
    rings: list[Ring] = []
    ring: Ring = []
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", data):
        values = [float(word) for word in re.findall(r"-?[0-9.]+(?:e-?[0-9]+)?", numbers)]
        points = list(zip(values[::2], values[1::2], strict=True))
        if command == "M":
            ring = [points[0]]
            rings.append(ring)
        elif command == "L":
            ring += points
        elif command == "C":
            for k in range(0, len(points), 3):
                ring += _bezier([ring[-1], *points[k : k + 3]])
        elif command == "Z":
            if ring[0] == ring[-1]:
                ring.pop()
        else:
            raise InvalidFileError("body_map.svg", [f"path command {command!r}; allowed are M, L, C and Z"])
    return rings


def _bezier(control: Sequence[tuple[float, float]]) -> Ring:
    backwards = control[0] > control[3]
    p = np.array(control[::-1] if backwards else control)
    bend = float(np.hypot(*np.diff(p, n=2, axis=0).T).max())
    parts = max(1, int(np.ceil(np.sqrt(0.75 * bend / TOLERANCE))))
    t = (np.arange(parts + 1) / parts)[:, None]
    s = 1 - t
    curve = np.round(s**3 * p[0] + 3 * s**2 * t * p[1] + 3 * s * t**2 * p[2] + t**3 * p[3], 2)
    curve[0], curve[-1] = p[0], p[3]
    points = [(float(x), float(y)) for x, y in curve]
    return (points[::-1] if backwards else points)[1:]


def ring_area(ring: Iterable[tuple[float, float]]) -> float:
    """Return the unsigned area of a ring in square units."""
    x, y = np.array(list(ring)).T
    return abs(float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))


def masks(rings_by_name: dict[str, list[Ring]], box: tuple[float, float, float, float]) -> dict[str, BoolArray]:
    """Return a raster of each named area inside `box` (x0, y0, x1, y1), SHARE_SCALE pixels per unit, no overlaps."""
    x0, y0, x1, y1 = box
    labels = np.zeros((round((y1 - y0) * SHARE_SCALE), round((x1 - x0) * SHARE_SCALE)), dtype=np.uint8)
    for k, rings in enumerate(rings_by_name.values()):
        fill(labels, [np.array(ring) for ring in rings], k + 1, (x0, y0), SHARE_SCALE)
    return {name: labels == k + 1 for k, name in enumerate(rings_by_name)}


def grown_membership(areas: dict[str, BoolArray], rule: Growth) -> dict[str, FloatArray]:
    """Return how much of each pixel belongs to each dermatome (0 to 1) once dermatomes reach into their neighbours.

    A pixel is divided equally among the dermatomes that reach it, so they sum to 1 wherever one is drawn.
    """
    from scipy import ndimage

    reach: dict[str, BoolArray] = {}
    for name, mask in areas.items():
        if name not in DERMATOMES:
            continue
        thoracic = name in rule.thoracic
        share = rule.thoracic_fraction_of_level if thoracic else rule.fraction_of_level
        height = 2.0 * float(ndimage.distance_transform_edt(np.pad(mask[_frame(mask, 1)], 1)).max())
        frame = _frame(mask, int(np.ceil(share * height)) + 4)
        part = mask[frame]
        near = ndimage.distance_transform_edt(~part) <= share * height
        touched = ndimage.binary_dilation(part, iterations=2)
        order = DERMATOMES.index(name)
        allowed = np.zeros_like(part)
        for other, area in areas.items():
            if other == name or other not in DERMATOMES or not np.any(area[frame] & touched):
                continue
            if not thoracic or abs(DERMATOMES.index(other) - order) == 1:
                allowed |= area[frame]
        reach[name] = np.zeros_like(mask)
        reach[name][frame] = part | (near & allowed)
    count = np.sum([area.astype(np.int64) for area in reach.values()], axis=0)
    return {name: np.where(area, 1.0 / np.maximum(count, 1), 0.0) for name, area in reach.items()}


def _frame(mask: BoolArray, margin: int) -> tuple[slice, slice]:
    """Return the rows and columns that hold the mask and a margin round it."""
    spans = [np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0)]
    return (
        slice(max(0, int(spans[0][0]) - margin), int(spans[0][-1]) + margin + 1),
        slice(max(0, int(spans[1][0]) - margin), int(spans[1][-1]) + margin + 1),
    )


def dermatome_shares(
    regions: list[dict[str, Any]], dermatomes: list[dict[str, Any]], rule: Growth
) -> dict[str, dict[str, float]]:
    """Return, per region id without side, the share of its area in each dermatome of its own side (rows sum to <= 1).

    Counted on the right half of each view; the left half is its mirror image.
    """
    shares: dict[str, dict[str, float]] = {}
    for view in ("front", "back", "sole"):
        mine = {
            r["id"].removeprefix("right_"): r["polygons"] for r in regions if r["view"] == view and r["side"] == "right"
        }
        points = np.array([p for rings in mine.values() for ring in rings for p in ring])
        box = (*(points.min(axis=0) - 2.0), *(points.max(axis=0) + 2.0))
        drawn = {d["dermatome"]: d["polygons"] for d in dermatomes if d["view"] == view and d["side"] == "right"}
        belongs = grown_membership(masks(drawn, box), rule)
        for part, mask in masks(mine, box).items():
            found = {name: float(belongs[name][mask].mean()) for name in DERMATOMES if name in belongs}
            shares[part] = {name: round(value, 4) for name, value in found.items() if value >= 5e-4}
    return shares


def flattened(svg: str) -> dict[str, Any]:
    """Return the content of body_map.json for the text of body_map.svg; raise InvalidFileError for a wrong drawing."""
    root = ElementTree.fromstring(svg)
    group: dict[str, list[ElementTree.Element]] = {g.get("id", ""): list(g) for g in root.findall(f"{_SVG}g")}
    wanted = ("regions", "dermatomes", "outlines", "details", "landmarks", "letters")
    if missing := [name for name in wanted if name not in group]:
        raise InvalidFileError("body_map.svg", [f"there is no group {name!r}" for name in missing])
    _, _, width, height = (float(v) for v in root.get("viewBox", "").split())
    unit = float(root.get("data-mm-per-unit", "nan"))
    regions = [
        {
            **{key: path.get(f"data-{key}") for key in ("side", "view", "choir", "title")},
            "id": path.get("id"),
            "polygons": (rings := flatten_path(path.get("d", ""))),
            "area_mm2": round(sum(map(ring_area, rings)) * unit**2, 1),
        }
        for path in group["regions"]
    ]
    dermatomes = [
        {
            **{key: path.get(f"data-{key}") for key in ("dermatome", "side", "view")},
            "polygons": flatten_path(path.get("d", "")),
        }
        for path in group["dermatomes"]
    ]
    return {
        "format": FORMAT,
        "version": VERSION,
        "width": width,
        "height": height,
        "mm_per_unit": unit,
        "regions": regions,
        "dermatomes": dermatomes,
        "outlines": [
            {"view": p.get("data-view"), "points": flatten_path(p.get("d", ""))[0]} for p in group["outlines"]
        ],
        "details": [
            {"view": p.get("data-view"), "fold": p.get("class") == "fold", "points": flatten_path(p.get("d", ""))[0]}
            for p in group["details"]
        ],
        "landmarks": [
            {
                **{key: c.get(f"data-{key}") for key in ("landmark", "side", "view")},
                "x": float(c.get("cx", "nan")),
                "y": float(c.get("cy", "nan")),
            }
            for c in group["landmarks"]
        ],
        "letters": [
            {"view": t.get("data-view"), "text": t.text, "x": float(t.get("x", "nan")), "y": float(t.get("y", "nan"))}
            for t in group["letters"]
        ],
        "shares": dermatome_shares(regions, dermatomes, growth()),
    }


def as_text(content: dict[str, Any]) -> str:
    """Return the JSON text: one line per area, so that a change of one border shows as one changed line."""
    lines: list[str] = []
    for key, value in content.items():
        if isinstance(value, list):
            lines.append(
                f'"{key}": [\n' + ",\n".join(json.dumps(item, separators=(",", ":")) for item in value) + "\n]"
            )
        elif isinstance(value, dict):
            rows = (f'"{name}":{json.dumps(row, separators=(",", ":"))}' for name, row in value.items())
            lines.append(f'"{key}": {{\n' + ",\n".join(rows) + "\n}")
        else:
            lines.append(f'"{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: Sequence[str]) -> int:
    """Write body_map.json beside body_map.svg; with --check only say (exit 1) whether it would change."""
    folder = Path(str(files("scs_models").joinpath("data")))
    text = as_text(flattened(folder.joinpath("body_map.svg").read_text(encoding="utf-8")))
    target = folder.joinpath("body_map.json")
    if "--check" in arguments:
        return int(not target.exists() or target.read_text(encoding="utf-8") != text)
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
