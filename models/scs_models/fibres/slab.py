"""Fields that judge the predictor: contacts over a stack of flat layers, by Fourier series, and paths through them.

Independent of the fit's fields: layers of different tissue (white, CSF, dura, fat, outside), another way to the
potential, paths made of straight lines and circular arcs, other programs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import map_coordinates

from scs_models.values import FloatArray, read_only

KX, KZ = np.arange(0.5, 130.0) * 0.05, np.arange(0.5, 360.0) * 0.0175
X_STEP, Z_STEP, Y_COUNT = 0.25, 0.25, 21
X_REACH, Z_REACH = 14.0, 75.0
BEND_MM = 1.0


@dataclass(frozen=True, slots=True)
class Slab:
    """Flat layers from the dorsal surface of the cord (y = 0) upward, mm and S/m; white matter fills y < 0.

    The contact lies `clearance_mm` above the dura in the fat; above the fat of thickness `fat_mm` is `outside`.
    """

    csf_mm: float
    dura_mm: float
    fat_mm: float
    clearance_mm: float
    white: tuple[float, float]
    csf: float
    dura: float
    fat: float
    outside: float


@dataclass(frozen=True, slots=True, eq=False)
class SlabTable:
    """Potential (mV per mA) of one 3 mm contact at x = z = 0 on a grid: `below` in white matter, `above` in the CSF."""

    slab: Slab
    below: FloatArray
    above: FloatArray
    y_below: tuple[float, float]
    y_above: tuple[float, float]

    def potential(self, points_mm: FloatArray, x_mm: float, z_mm: float) -> FloatArray:
        """Return mV per mA (points,) at (points, 3) of the contact at (x_mm, z_mm); points within the table's reach."""
        x = np.abs(points_mm[:, 0] - x_mm) / X_STEP
        z = np.abs(points_mm[:, 2] - z_mm) / Z_STEP
        inside_white = points_mm[:, 1] < 0.0
        result = np.empty(points_mm.shape[0])
        for table, (low, high), chosen in (
            (self.below, self.y_below, inside_white),
            (self.above, self.y_above, ~inside_white),
        ):
            y = (points_mm[chosen, 1] - low) / (high - low) * (Y_COUNT - 1)
            # two cells of mirror image stand in front of x = 0 and z = 0, where the field is even
            place = np.array([y, x[chosen] + 3.0, z[chosen] + 3.0])
            result[chosen] = map_coordinates(table, place, order=5, mode="nearest")
        return result


def slab_table(slab: Slab, contact_length_mm: float = 3.0) -> SlabTable:
    """Return the field of one contact of `slab`, by a cosine series in x and z and a chain of layers in y."""
    kx, kz = KX[:, None], KZ[None, :]
    plain = np.hypot(kx, kz)
    white_t, white_z = slab.white
    white_g = np.sqrt(kx**2 + (white_z / white_t) * kz**2)
    down_csf = white_t * white_g
    down_dura = _through(down_csf, slab.csf * plain, plain * slab.csf_mm)
    down_fat = _through(down_dura, slab.dura * plain, plain * slab.dura_mm)
    down = _through(down_fat, slab.fat * plain, plain * slab.clearance_mm)
    up = _through(slab.outside * plain, slab.fat * plain, plain * (slab.fat_mm - slab.clearance_mm))
    at_source = np.sinc(kz * contact_length_mm / (2.0 * np.pi)) / (down + up)
    at_dura = at_source * _drop(down_fat, slab.fat * plain, plain * slab.clearance_mm)
    at_csf = at_dura * _drop(down_dura, slab.dura * plain, plain * slab.dura_mm)
    y_below, y_above = (-2.0, 0.0), (0.0, slab.csf_mm - 0.4)
    x = np.arange(-3, round(X_REACH / X_STEP) + 4) * X_STEP
    z = np.arange(-3, round(Z_REACH / Z_STEP) + 4) * Z_STEP
    cos_x, cos_z = np.cos(x[:, None] * KX), np.cos(KZ[:, None] * z)
    scale = 1000.0 / np.pi**2 * (KX[1] - KX[0]) * (KZ[1] - KZ[0])
    below, above = [], []
    at_white = at_csf * _drop(down_csf, slab.csf * plain, plain * slab.csf_mm)
    for y in np.linspace(*y_below, Y_COUNT):
        below.append(scale * cos_x @ (at_white * np.exp(white_g * y)) @ cos_z)
    for y in np.linspace(*y_above, Y_COUNT):
        here = _through(down_csf, slab.csf * plain, plain * y)
        above.append(scale * cos_x @ (at_csf * _drop(here, slab.csf * plain, plain * (slab.csf_mm - y))) @ cos_z)
    return SlabTable(slab, read_only(np.array(below)), read_only(np.array(above)), y_below, y_above)


def _through(load: FloatArray, own: FloatArray, depth: FloatArray) -> FloatArray:
    """Return the admittance seen through a layer of admittance `own` and `depth` (k times thickness) onto `load`."""
    bend = np.tanh(depth)
    return np.asarray(own * (load + own * bend) / (own + load * bend))


def _drop(load: FloatArray, own: FloatArray, depth: FloatArray) -> FloatArray:
    """Return the share of the potential that is left behind a layer in front of `load`."""
    fade = np.exp(-depth)
    return np.asarray(2.0 * fade / ((1.0 + fade**2) + (load / own) * (1.0 - fade**2)))


def random_slab(rng: np.random.Generator) -> Slab:
    """Return a random stack within the published spread of layers and conductivities."""
    return Slab(
        csf_mm=rng.uniform(2.0, 6.0),
        dura_mm=rng.uniform(0.25, 0.5),
        fat_mm=rng.uniform(1.6, 4.0),
        clearance_mm=rng.uniform(0.65, 1.3),
        white=(rng.uniform(0.083, 0.143), rng.uniform(0.33, 0.9)),
        csf=1.7,
        dura=float(np.exp(rng.uniform(np.log(0.03), np.log(0.6)))),
        fat=float(np.exp(rng.uniform(np.log(0.04), np.log(0.25)))),
        outside=float(np.exp(rng.uniform(np.log(0.02), np.log(0.25)))),
    )


def column_path(along_mm: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return (points, 3) of a dorsal column fibre: straight along z, within 3 mm of the midline, to 0.9 mm deep."""
    lateral, depth = rng.uniform(-3.0, 3.0), rng.uniform(0.03, 0.9)
    return np.column_stack((np.full(along_mm.size, lateral), np.full(along_mm.size, -depth), along_mm))


def root_path(along_mm: FloatArray, csf_mm: float, rng: np.random.Generator) -> FloatArray:
    """Return (points, 3) of a root in the CSF: axial, an arc of 1 mm, across at 8-65 degrees, an arc, axial again."""
    side, entry = rng.choice([-1.0, 1.0]), rng.uniform(1.0, 3.0)
    across = rng.uniform(2.5, 6.5)
    angle = np.radians(rng.uniform(8.0, 65.0))
    low, high = 0.25, max(0.5, csf_mm - 0.9)
    start_y = rng.uniform(low, 0.5 * (low + high))
    rise = rng.uniform(-0.5, 1.0) * (high - start_y)
    arc = angle * BEND_MM
    lost = 2.0 * BEND_MM * (1.0 - np.cos(angle))
    straight = max(across - lost, 0.2) / np.sin(angle)
    s = np.arange(along_mm.min() - 5.0, along_mm.max() + 5.0, 0.02)
    first = np.clip(s, 0.0, arc) / BEND_MM
    middle = np.clip(s - arc, 0.0, straight)
    last = np.clip(s - arc - straight, 0.0, arc) / BEND_MM
    x = BEND_MM * (1.0 - np.cos(first) + np.cos(angle - last) - np.cos(angle)) + middle * np.sin(angle)
    z = BEND_MM * (np.sin(first) + np.sin(angle) - np.sin(angle - last)) + middle * np.cos(angle)
    z = z + np.minimum(s, 0.0) + np.maximum(s - 2.0 * arc - straight, 0.0)
    y = np.clip(start_y + rise * np.sin(0.5 * np.pi * x / x.max()) ** 2, low, high)
    points = np.column_stack((side * (entry + x), y, z))
    length = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))))
    length -= np.interp(0.0, s, length)
    return np.asarray(CubicSpline(length, points)(along_mm), dtype=np.float64)


def random_program(rng: np.random.Generator) -> tuple[FloatArray, FloatArray, str]:
    """Return contacts (n, 2) as (x, z) mm, their share of 1 mA (n,), and the program's kind."""
    kind = str(rng.choice(["monopole", "bipole", "tripole", "split", "dual lead", "transverse", "reversed"]))
    pitch = float(rng.choice([4.0, 6.0, 7.0, 9.0]))
    x = rng.uniform(-2.5, 2.5)
    z = rng.uniform(-3.0, 3.0)
    if kind == "monopole":
        return np.array([[x, z]]), np.array([-1.0]), kind
    if kind == "bipole":
        return np.array([[x, z], [x, z + rng.choice([-1.0, 1.0, 2.0]) * pitch]]), np.array([-1.0, 1.0]), kind
    if kind == "tripole":
        share = rng.uniform(0.3, 0.7)
        return (
            np.array([[x, z - pitch], [x, z], [x, z + pitch]]),
            np.array([share, -1.0, 1.0 - share]),
            kind,
        )
    if kind == "split":
        share = rng.uniform(0.2, 0.8)
        return (
            np.array([[x, z], [x, z + pitch], [x, z + 2.0 * pitch], [x, z - pitch]]),
            np.array([-share, share - 1.0, 0.5, 0.5]),
            kind,
        )
    gap = rng.uniform(1.5, 3.0)
    if kind == "dual lead":
        share = rng.uniform(0.2, 0.8)
        shift = rng.uniform(-0.5, 0.5) * pitch
        return (
            np.array([[-gap, z], [gap, z + shift], [-gap, z + pitch], [gap, z + pitch + shift]]),
            np.array([-share, share - 1.0, share, 1.0 - share]),
            kind,
        )
    if kind == "transverse":
        return np.array([[-gap, z], [gap, z + rng.uniform(-1.0, 1.0)]]), np.array([-1.0, 1.0]), kind
    return np.array([[x, z], [x, z + pitch], [x, z - pitch]]), np.array([1.0, -0.5, -0.5]), kind
