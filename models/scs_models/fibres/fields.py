"""Training fields of the predictor: potentials along straight and curved fibres, mostly in homogeneous media.

Point sources, 3 mm line contacts and random programs of up to five contacts at 1-10 mm, fibres straight or bent like
a dorsal root; and roots in two of the product's own canal sections. Only `fit` uses this; the fields that judge the
fit are made by other code, or in other sections (tests and `judge`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from scs_models import anatomy
from scs_models.fibres.canal_fields import SOURCES_X_MM, canal_table
from scs_models.fibres.geometry import COMPARTMENTS_PER_INTERNODE, compartment_positions_mm, fibre, odd_node_count
from scs_models.values import FloatArray, read_only

KINDS = ("point", "contact", "program", "root point", "root program")
COLLECTIONS = ("mixed", "border", "wide", "canal")
ORDER = {"mixed": (0, 1, 2, 2, 2, 3, 4, 4), "border": (3, 4, 4, 4), "wide": (0,)}
CANAL = "root in a canal"
CANAL_LEVELS = ("T9", "T11")
"""Sections of the fit; `validation` judges in others."""
WIDE_MM = 40.0
BORDER = "root at a border"
CONTACT_MM = 3.0
NEAREST_MM = 0.95
"""No fibre passes a source closer than this: about a contact's radius and the dura."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldSet:
    """Potentials of fibres of one diameter: `compartments_mv_per_ma` (batch, compartments), `kind` (batch,)."""

    diameter_um: float
    compartments_mv_per_ma: FloatArray
    kind: tuple[str, ...]


def training_fields(diameter_um: float, count: int, seed: tuple[int, ...], collection: str = "mixed") -> FieldSet:
    """Return `count` random fibre and field pairs of `diameter_um` (um), the same ones for the same `seed`.

    The collection "mixed" holds all KINDS; "border" roots whose potential also steps and bulges where they would leave
    one tissue for another; "wide" single cathodes at 4-10 mm in anisotropic tissue, on longer cables; "canal" roots in
    a section of CANAL_LEVELS with a random thickness of dorsal CSF.
    """
    rng = np.random.default_rng(seed)
    if collection == "canal":
        return _canal_fields(diameter_um, count, rng)
    shape = fibre(diameter_um)
    nodes = odd_node_count(diameter_um, cable_length_mm(diameter_um) + WIDE_MM * (collection == "wide")) + 2
    along = compartment_positions_mm(shape, nodes)
    rows, kinds = [], []
    for index in range(count):
        kind = KINDS[ORDER[collection][index % len(ORDER[collection])]]
        shift = rng.uniform(0.0, shape.internode_um * 1e-3) - 0.5 * along[-1]
        if kind.startswith("root"):
            path = root_path(along + shift, rng)
        else:
            path = np.column_stack((np.zeros((along.size, 2)), along + shift))
        while True:
            row, nearest = _wide(path, rng) if collection == "wide" else _field(path, kind, rng)
            if collection == "border":
                row = row + _border(along + shift, row, rng)
            if nearest >= NEAREST_MM and not ends_matter(row[::COMPARTMENTS_PER_INTERNODE]):
                break
        rows.append(row)
        kinds.append(BORDER if collection == "border" else kind)
    return FieldSet(diameter_um, read_only(np.array(rows)), tuple(kinds))


def _canal_fields(diameter_um: float, count: int, rng: np.random.Generator) -> FieldSet:
    """Return `count` random programs over one random canal section along roots of `diameter_um` (um)."""
    level = str(rng.choice(CANAL_LEVELS))
    thickness = anatomy.dorsal_csf_mm(level) * float(rng.uniform(0.7, 1.3))
    table = canal_table(level, thickness, float(rng.uniform(0.65, 0.95)), rng)
    shape = fibre(diameter_um)
    along = compartment_positions_mm(shape, odd_node_count(diameter_um, cable_length_mm(diameter_um) + 10.0) + 2)
    rows: list[FloatArray] = []
    while len(rows) < count:
        run = table.random_run(rng)
        place = along - 0.5 * along[-1] + rng.uniform(-8.0, 12.0)
        place = place + max(0.0, float(run.arc_mm[0] + rng.uniform(0.1, 2.0) - place[0]))
        number = int(rng.integers(1, 6))
        pitch = min(rng.choice([4.0, 6.0, 7.0, 8.0, 9.0]), 24.0 / max(number - 1, 1))
        slots = (np.arange(number) - 0.5 * (number - 1)) * pitch + rng.uniform(-6.0, 6.0)
        first = int(rng.integers(len(SOURCES_X_MM)))
        source = np.where(rng.random(number) < 0.25, rng.integers(len(SOURCES_X_MM), size=number), first)
        weights = _shares(number, rng)
        parts = (w * table.root(run, place, int(s), float(z)) for w, s, z in zip(weights, source, slots, strict=True))
        row = np.sum(list(parts), axis=0)
        if not ends_matter(row[::COMPARTMENTS_PER_INTERNODE]):
            rows.append(row)
    return FieldSet(diameter_um, read_only(np.array(rows)), (CANAL,) * count)


def _shares(number: int, rng: np.random.Generator) -> FloatArray:
    """Return random currents (number,) per mA of a program: cathodes sum to -1, and most often the anodes to 1."""
    share, polarity = rng.dirichlet(np.ones(number)), np.where(rng.random(number) < 0.5, -1.0, 1.0)
    polarity[int(rng.integers(number))] = -1.0
    weights = share * polarity
    negative, positive = -weights[weights < 0.0].sum(), weights[weights > 0.0].sum()
    if positive > 0.0 and rng.random() < 0.85:
        return np.asarray(np.where(weights < 0.0, weights / negative, weights / positive), dtype=np.float64)
    return np.asarray(weights / negative)


def cable_length_mm(diameter_um: float) -> float:
    """Return the length of the cables of the fit, mm: 80 for 10 um and above, 70 above 7 um, 60 below."""
    return 80.0 if diameter_um >= 10.0 else 70.0 if diameter_um >= 7.0 else 60.0


def ends_matter(nodes_mv: FloatArray) -> bool:
    """Return whether the cut ends of a cable (nodes,) are driven by a quarter or more of what its middle is.

    A real fibre goes on; a field that reaches the ends of the model would fire it there.
    """
    second = np.zeros_like(nodes_mv)
    second[1:-1] = nodes_mv[2:] - 2.0 * nodes_mv[1:-1] + nodes_mv[:-2]
    index = np.arange(nodes_mv.size)
    middle = float((second @ (0.65 ** np.abs(index[:, None] - index))).max())
    return bool(max(abs(nodes_mv[1] - nodes_mv[0]), abs(nodes_mv[-2] - nodes_mv[-1])) > 0.25 * middle)


def root_path(along_mm: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return points (len(along_mm), 3) at arc lengths `along_mm` (0 = first bend) of an axial, crossing, axial path.

    The path leaves the axis through a bend of about 1 mm, crosses at 7-70 degrees over 2-10 mm, and turns axial again.
    """
    angle = np.radians(np.exp(rng.uniform(np.log(7.0), np.log(70.0))))
    lateral = rng.uniform(2.0, 10.0)
    turn = rng.uniform(0.0, 2.0 * np.pi)
    dip = rng.uniform(-0.6, 0.6)
    fine = 0.05
    reach = max(float(np.abs(along_mm).max()) + 5.0, 20.0)
    s = np.arange(-reach, reach + fine, fine)
    crossing = lateral / np.sin(angle)
    tilt = np.where((s >= 0.0) & (s <= crossing), angle, 0.0)
    tilt = gaussian_filter1d(tilt, rng.uniform(0.3, 0.7) / fine)
    roll = turn + dip * np.clip(s / crossing, 0.0, 1.0) * np.pi
    tangent = np.column_stack((np.sin(tilt) * np.cos(roll), np.sin(tilt) * np.sin(roll), np.cos(tilt)))
    points = np.cumsum(tangent, axis=0) * fine
    points -= points[np.argmin(np.abs(s))]
    return np.asarray(CubicSpline(s, points)(along_mm), dtype=np.float64)


def _wide(path: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, float]:
    """Return mV per mA along `path` of a cathode 4-10 mm away in tissue 3 to 8 times as conductive along z."""
    distance = rng.uniform(4.0, 10.0)
    source = path[path.shape[0] // 2] + np.array([distance, 0.0, 0.0])
    return -_line(path, source, 0.0, 0.1, 0.1 * np.exp(rng.uniform(np.log(3.0), np.log(8.0)))), distance


def _border(along_mm: FloatArray, row: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return a step and a bulge of potential (mV per mA) near a root's first bend, up to 0.4 of the field's span."""
    place = rng.uniform(-2.0, 4.0)
    span = float(np.ptp(row[np.abs(along_mm - place) < 12.0]))
    step = rng.uniform(-0.4, 0.4) * np.tanh((along_mm - place) / rng.uniform(0.25, 1.0))
    bulge = rng.uniform(-0.4, 0.4) * np.exp(-(((along_mm - place) / rng.uniform(1.0, 4.0)) ** 2))
    return np.asarray(span * (step + bulge))


def _field(path: FloatArray, kind: str, rng: np.random.Generator) -> tuple[FloatArray, float]:
    """Return mV per mA along `path` (points, 3) mm of one random stimulus of `kind`, and how near it comes (mm).

    Three of four single sources are cathodic.
    """
    isotropic = rng.random() < 0.35
    sigma_t = 0.3
    sigma_z = sigma_t if isotropic else sigma_t * np.exp(rng.uniform(0.0, np.log(8.0)))
    middle = path.shape[0] // 2
    if kind.startswith("root"):
        near = np.argmin(np.abs(np.arange(path.shape[0]) - middle - rng.integers(-middle // 4, middle // 4 + 1)))
        anchor = path[near]
    else:
        anchor = path[middle].copy()
    distance = rng.uniform(1.0, 10.0) if kind in ("point", "root point") else rng.uniform(1.5, 8.0)
    around = rng.uniform(0.0, 2.0 * np.pi)
    source = anchor + distance * np.array([np.cos(around), np.sin(around), 0.0])
    sign = -1.0 if rng.random() < 0.75 else 1.0
    if kind in ("point", "root point"):
        return sign * _line(path, source, 0.0, sigma_t, sigma_z), _nearest(path, source, 0.0)
    if kind == "contact":
        return sign * _line(path, source, CONTACT_MM, sigma_t, sigma_z), _nearest(path, source, CONTACT_MM)
    number = int(rng.integers(2, 6))
    pitch = min(rng.choice([4.0, 6.0, 7.0, 8.0, 9.0]), 24.0 / (number - 1))
    slots = (np.arange(number) - 0.5 * (number - 1) + rng.uniform(-0.5, 0.5)) * pitch
    side = np.where(rng.random(number) < 0.25, rng.uniform(1.5, 5.0), 0.0)
    across = np.array([-np.sin(around), np.cos(around), 0.0])
    share = rng.dirichlet(np.ones(number))
    polarity = np.where(rng.random(number) < 0.5, -1.0, 1.0)
    polarity[0], polarity[-1] = rng.permutation([-1.0, 1.0]) if rng.random() < 0.8 else (-1.0, -1.0)
    weights = share * polarity
    negative, positive = -weights[weights < 0.0].sum(), weights[weights > 0.0].sum()
    if rng.random() < 0.85 and positive > 0.0:
        weights = np.where(weights < 0.0, weights / negative, weights / positive)
    else:
        weights = weights / negative
    total, nearest = np.zeros(path.shape[0]), np.inf
    for slot, offset, weight in zip(slots, side, weights, strict=True):
        place = source + np.array([0.0, 0.0, slot]) + offset * across
        total += weight * _line(path, place, CONTACT_MM, sigma_t, sigma_z)
        nearest = min(nearest, _nearest(path, place, CONTACT_MM))
    return total, nearest


def _nearest(path: FloatArray, centre: FloatArray, length_mm: float) -> float:
    offset = path - centre
    beyond = np.maximum(np.abs(offset[:, 2]) - 0.5 * length_mm, 0.0)
    return float(np.sqrt((offset[:, :2] ** 2).sum(axis=1) + beyond**2).min())


def _line(
    path: FloatArray, centre: FloatArray, length_mm: float, sigma_t_s_per_m: float, sigma_z_s_per_m: float
) -> FloatArray:
    """Return mV per mA of a line source of +1 mA along z (a point if `length_mm` is 0) in an anisotropic medium."""
    offset = path - centre
    rho2 = np.maximum(offset[:, 0] ** 2 + offset[:, 1] ** 2, 1e-4)
    stretch = np.sqrt(sigma_t_s_per_m / sigma_z_s_per_m)
    scale = 1000.0 / (4.0 * np.pi * np.sqrt(sigma_t_s_per_m * sigma_z_s_per_m))
    if length_mm == 0.0:
        return np.asarray(scale / np.sqrt(rho2 + (stretch * offset[:, 2]) ** 2))
    rho, half = np.sqrt(rho2), 0.5 * length_mm
    upper, lower = stretch * (offset[:, 2] + half) / rho, stretch * (offset[:, 2] - half) / rho
    return np.asarray(scale * (np.arcsinh(upper) - np.arcsinh(lower)) / (stretch * length_mm))
