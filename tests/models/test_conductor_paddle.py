"""Judges paddles in the conductor: a closed series for an insulating ring, conservation, limits and the geometry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ive, kve

from scs_models import anatomy, leads
from scs_models.conductor import CrossSection, Paddle, face_xy_mm, kernels, potential_mv_per_ma, with_paddle
from scs_models.conductor.mesh import make_mesh
from scs_models.conductor.solve import make_probe, spectral_range, spectrum, synthesise
from scs_models.conductor.sources import make_system
from scs_models.conductor.transform import wavenumbers_per_mm
from scs_models.errors import InvalidValueError
from scs_models.fibres.population import points_xy_mm
from scs_models.leads import LeadPlacement

Array = NDArray[np.float64]
PADDLE = Paddle(half_width_mm=5.0, thickness_mm=2.0, gap_mm=0.1, conductivity_s_per_m=1e-5)
STRIP = (np.arange(8) + 0.5) / 8.0 - 0.5
HEIGHTS_MM = np.arange(0.0, 31.0)


def strip_on_face(section: CrossSection, along_mm: list[float], width_mm: float = 0.5) -> tuple[Array, Array]:
    """Return the middles (J, 2) of flat sources on a paddle's face and the points (J, R, 2) that share the current."""
    middle = np.array(along_mm)
    return face_xy_mm(section, middle), face_xy_mm(section, middle[:, None] + STRIP * width_mm)


def flat_kernel(section: CrossSection, middle: Array, spread: Array, points: Array, length_mm: float = 3.0) -> Array:
    return kernels.build(
        section,
        source_xy_mm=middle,
        contact_length_mm=length_mm,
        contact_radius_mm=0.0,
        points_xy_mm=points,
        z_mm=HEIGHTS_MM,
        spread_xy_mm=spread,
    ).astype(np.float64)


def on_cord(section: CrossSection, fractions: tuple[float, ...] = (-0.9, 0.0, 0.4, 1.0)) -> Array:
    return points_xy_mm(section, np.array(fractions), 0.1, 2.8)


def second_difference(values: Array) -> Array:
    both = np.concatenate([values[..., :0:-1], values], axis=-1)
    return np.diff(both, 2, axis=-1)


# --- an insulating ring round the canal: a closed series --------------------------------------------------------------

RADII_MM = np.array([3.0, 7.1, 7.4, 7.5, 9.5, 15.0, 60.0])
SIGMA_T = np.array([0.083, 1.7, 0.03, 0.04, 1e-5, 0.04, 0.25])
SIGMA_Z = np.array([0.60, 1.7, 0.03, 0.04, 1e-5, 0.04, 0.25])
FACE_LAYER = 3


def growing(m: int, q: Array, r: float, ref: float) -> tuple[Array, Array]:
    ratio = ive(m, q * r) / ive(m, q * ref) * np.exp(q * (r - ref))
    return ratio, ratio * (q * ive(m + 1, q * r) / ive(m, q * r) + m / r)


def decaying(m: int, q: Array, r: float, ref: float) -> tuple[Array, Array]:
    ratio = kve(m, q * r) / kve(m, q * ref) * np.exp(q * (ref - r))
    return ratio, ratio * (m / r - q * kve(m + 1, q * r) / kve(m, q * r))


def ring_spectrum(k: Array, points: Array, angles_rad: Array, modes: int = 40) -> Array:
    """phi_k (K, P) in V mm per mA inside the cord, of a source on the inner side of the insulating layer.

    Continuity of potential and flux at every radius; the source is a jump of the flux at its own. angles_rad: of the
    points that share the source's current.
    """
    q = k[:, None] * np.sqrt(SIGMA_Z / SIGMA_T)
    layers = len(RADII_MM)
    radius, angle = np.hypot(*points.T), np.arctan2(points[:, 1], points[:, 0])
    total = np.zeros((len(k), len(points)))
    for m in range(modes):
        size = 2 * layers - 1
        matrix, right = np.zeros((len(k), size, size)), np.zeros((len(k), size))
        for end in range(layers):
            r = float(RADII_MM[end])
            for i, sign in ((end, 1.0), (end + 1, -1.0)):
                if i == layers:
                    continue
                parts = [(i, growing(m, q[:, i], r, float(RADII_MM[i])))]
                parts += [(layers + i - 1, decaying(m, q[:, i], r, float(RADII_MM[i - 1])))] if i else []
                for column, (value, slope) in parts:
                    matrix[:, 2 * end, column] += sign * value
                    if end < layers - 1:
                        matrix[:, 2 * end + 1, column] += sign * SIGMA_T[i] * slope
            if end == FACE_LAYER:  # sigma dphi/dr just inside less just outside = the source's surface density
                right[:, 2 * end + 1] = (1.0 if m == 0 else 2.0) / (2.0 * np.pi * r)
        scale = np.abs(matrix).max(axis=2)
        weight = np.linalg.solve(matrix / scale[:, :, None], (right / scale)[:, :, None])[:, :, 0]
        around = np.cos(m * (angle[:, None] - angles_rad)).mean(axis=1)
        inside = np.stack([growing(m, q[:, 0], float(r), float(RADII_MM[0]))[0] for r in radius], axis=1)
        total += weight[:, :1] * inside * around
    return total


def test_a_source_on_an_insulating_ring_agrees_with_the_series() -> None:
    theta = np.linspace(-np.pi, np.pi, 48, endpoint=False)
    layers = zip(RADII_MM, SIGMA_T, SIGMA_Z, strict=True)
    section = CrossSection.from_curves([(f"{r:g}", theta, np.full(48, r), t, z) for r, t, z in layers], 60.0)
    face = float(RADII_MM[FACE_LAYER])
    angles = np.pi / 2 + STRIP * 0.5 / face
    spread = face * np.stack([np.cos(angles), np.sin(angles)], axis=-1)[None]
    points = np.array([[2.9 * np.cos(a), 2.9 * np.sin(a)] for a in np.radians([90.0, 70.0, 40.0])])
    found = flat_kernel(section, np.array([[0.0, face]]), spread, points)[0]

    edges = np.concatenate([[1e-9], np.geomspace(1e-3, 0.3, 16), np.arange(0.6, 9.3, 0.3)])
    node, weight = np.polynomial.legendre.leggauss(20)
    half = 0.5 * np.diff(edges)[:, None]
    k = (edges[:-1, None] + half * (node + 1.0)).ravel()
    factor = (half * weight).ravel() * np.sinc(k * 3.0 / (2.0 * np.pi)) * 1000.0 / np.pi
    exact = (ring_spectrum(k, points, angles) * factor[:, None]).T @ np.cos(k[:, None] * HEIGHTS_MM)
    error = np.abs(second_difference(found) - second_difference(exact)).max(axis=1)
    assert np.all(error < 1e-3 * np.abs(second_difference(exact)).max(axis=1))
    assert np.abs(found - exact).max() < 1e-3 * exact.max()


# --- a paddle in the canal --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("backing_s_per_m", "low", "high"), [(1e-5, -0.001, 0.001), (0.04, 0.1, 0.6)])
def test_no_current_leaves_through_an_insulating_backing(backing_s_per_m: float, low: float, high: float) -> None:
    """The flux into the backing over its face, of 1 mA; through fat in its place goes a part that this test can see."""
    section = with_paddle(anatomy.section_for("T9"), replace(PADDLE, conductivity_s_per_m=backing_s_per_m))
    middle, spread = strip_on_face(section, [0.0])
    along = np.linspace(-4.75, 4.75, 39)
    face = face_xy_mm(section, along)
    radius = np.hypot(*face.T)[:, None]
    points = np.concatenate([face * (1.0 + step / radius) for step in (0.05, 0.15)])
    inner, outer = flat_kernel(section, middle, spread, points)[0].reshape(2, 39, -1)
    density = section.sectors[0].sigma_t_s_per_m * (inner - outer) / 0.1 * 1e-3  # mA/mm2, as S/m x mV/mm is uA/mm2
    assert low < 2.0 * np.trapezoid(np.trapezoid(density, HEIGHTS_MM, axis=1), along) < high
    mesh = make_mesh(section, kernels.KERNEL_RESOLUTION, middle)
    assert make_system(mesh, middle, 0.0, spread).groups[0].load.sum() == pytest.approx(1.0, abs=1e-12)


def test_a_backing_as_conductive_as_fat_is_no_paddle() -> None:
    plain = anatomy.section_for("T9")
    fat = Paddle(half_width_mm=5.0, thickness_mm=1.5, gap_mm=0.3, conductivity_s_per_m=0.04)
    section = with_paddle(plain, fat)
    middle, spread = strip_on_face(section, [0.0, 2.0])
    points = on_cord(plain)
    found = second_difference(flat_kernel(section, middle, spread, points))
    exact = second_difference(flat_kernel(plain, middle, spread, points))
    assert np.abs(found - exact).max() < 2e-3 * np.abs(exact).max()


def test_a_narrow_strip_in_fat_acts_on_fibres_as_a_thin_wire_does() -> None:
    """The elements carry the whole of a flat source; the public function splits a wire's field off in closed form."""
    plain = anatomy.section_for("T9")
    middle = np.array([plain.epidural_xy_mm(1.0, 0.8)])
    spread = middle[:, None] + np.stack([STRIP * 0.05, np.zeros(8)], axis=-1)[None]
    points = on_cord(plain)
    found = second_difference(flat_kernel(plain, middle, spread, points)[0])
    wire = potential_mv_per_ma(plain, middle[0], 3.0, points, HEIGHTS_MM, 0.0)
    assert np.abs(found - second_difference(wire)).max() < 1e-3 * np.abs(second_difference(wire)).max()


def test_a_paddle_acts_more_strongly_than_a_round_lead_and_at_most_twice_as_much() -> None:
    """An insulating half space doubles the potential in front; the lamina insulates as well, and a paddle is finite."""
    plain = anatomy.section_for("T9")
    section = with_paddle(plain, PADDLE)
    points = on_cord(plain, (0.0, 0.5))
    flat = flat_kernel(section, *strip_on_face(section, [0.0], 1.5), points)[0]
    ring = potential_mv_per_ma(plain, plain.epidural_xy_mm(0.0, 0.65), 3.0, points, HEIGHTS_MM)
    gain = np.abs(second_difference(flat)).max(axis=1) / np.abs(second_difference(ring)).max(axis=1)
    assert np.all(gain > 1.2)
    assert np.all(gain < 2.0)


@pytest.mark.slow
@pytest.mark.parametrize("along_mm", [0.0, 4.5])
def test_the_kernel_grid_is_fine_enough_for_paddles(along_mm: float) -> None:
    section = with_paddle(anatomy.section_for("T9"), PADDLE)
    middle, spread = strip_on_face(section, [along_mm])
    points = on_cord(section)
    coarse = second_difference(flat_kernel(section, middle, spread, points)[0])
    mesh = make_mesh(section, kernels.KERNEL_RESOLUTION.refined(1.7), middle)
    system, probe = make_system(mesh, middle, 0.0, spread), make_probe(mesh, points)
    k0, k_max = spectral_range(system, probe, points, kernels.FLAT_NEAREST_MM)
    k = wavenumbers_per_mm(k_max, k0)
    fine = second_difference(synthesise(system, probe, points, spectrum(system, probe, k), k, k0, 3.0, HEIGHTS_MM)[0])
    assert np.abs(coarse - fine).max() < 2e-3 * np.abs(fine).max()


# --- geometry ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["C5", "T2", "T9", "L1"])
def test_the_face_follows_the_dura_and_the_backing_has_its_thickness(level: str) -> None:
    plain = anatomy.section_for(level)
    section = with_paddle(plain, PADDLE)
    assert section.is_symmetric()
    turn = np.linspace(-np.pi, np.pi, 20001)
    dura, canal = section.curve_xy_mm("dura_outer", turn), section.curve_xy_mm("canal", turn)
    face = face_xy_mm(section, np.linspace(-5.0, 5.0, 21))
    gap, room = (np.hypot(*(curve[None] - face[:, None]).transpose(2, 0, 1)).min(axis=1) for curve in (dura, canal))
    np.testing.assert_allclose(gap, PADDLE.gap_mm, atol=1e-3)
    assert room.min() > PADDLE.thickness_mm - 1e-3
    steps = np.hypot(*np.diff(face_xy_mm(section, np.linspace(-5.0, 5.0, 2001)), axis=0).T)
    np.testing.assert_allclose(steps, 10.0 / 2000, rtol=1e-4)
    ventral = np.linspace(-np.pi / 2 - 0.1, -np.pi / 2 + 0.1, 5)
    np.testing.assert_allclose(section.curve_xy_mm("canal", ventral), plain.curve_xy_mm("canal", ventral), atol=2e-3)
    for name in ("grey", "cord", "dura_inner", "dura_outer"):
        np.testing.assert_array_equal(section.curve_xy_mm(name, turn), plain.curve_xy_mm(name, turn))


def test_a_paddle_that_does_not_fit_is_refused_with_what_is_needed() -> None:
    place = leads.contact_places(LeadPlacement("paddle-565", "T9"))[0]
    paddle = leads.paddle_behind(place)
    assert paddle is not None
    assert paddle.least_canal_mm == 12.0
    with_paddle(anatomy.section_for("T9"), paddle)
    narrow = anatomy.section_for("L1", dorsal_csf_mm=1.0)
    depth = sum(abs(float(narrow.curve_xy_mm("canal", a)[1])) for a in (np.pi / 2, -np.pi / 2))
    deeper = Paddle(5.0, 2.0, 0.1, 1e-5, least_canal_mm=depth + 0.1)
    with pytest.raises(InvalidValueError, match=r"the canal is .* mm deep; a paddle of 2 mm .* needs"):
        with_paddle(narrow, deeper)
    with pytest.raises(InvalidValueError, match="does not lie behind the dura"):
        with_paddle(anatomy.section_for("T9"), Paddle(14.0, 2.0, 0.1, 1e-5))
    with pytest.raises(InvalidValueError, match="thickness_mm"):
        Paddle(5.0, 0.0, 0.1, 1e-5)


def test_the_backing_is_as_wide_as_the_paddle_is_off_the_cord() -> None:
    place = leads.contact_places(LeadPlacement("paddle-565", "T9", x_mm=1.0))[0]
    widths = [leads.paddle_behind(place, offset).half_width_mm for offset in (1.0, 0.5, 0.0, -0.7)]
    assert widths == [5.0, 6.0, 6.0, 7.0]
    lifted = leads.paddle_behind(place, 1.0, lead_lift_mm=0.5)
    assert lifted is not None
    assert (lifted.gap_mm, lifted.least_canal_mm) == (0.6, 12.5)
    assert leads.paddle_behind(leads.contact_places(LeadPlacement("octet-7mm", "T9"))[0]) is None
