"""The measures against closed forms: what a row says of the model is what it claims to measure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models import anatomy
from scs_sim.patient import Patient
from scs_sim.validate.canonical import GEOMETRY, QUAD, canonical, drawn_geometries
from scs_sim.validate.measures.numerics import AxonLine, AxonTable, FieldOfBipole, order_kept_percent
from scs_sim.validate.measures.thresholds import strength_duration

WIDTHS_US = np.array([50.0, 100.0, 200.0, 300.0, 400.0, 500.0, 700.0, 1000.0])


@pytest.mark.parametrize(("rheobase_ma", "chronaxie_us"), [(2.5, 295.0), (0.5, 150.0)])
def test_both_forms_of_strength_duration_are_recovered(rheobase_ma: float, chronaxie_us: float) -> None:
    weiss = strength_duration(WIDTHS_US, rheobase_ma * (1.0 + chronaxie_us / WIDTHS_US))["weiss"]
    lapicque = strength_duration(WIDTHS_US, rheobase_ma / (1.0 - 2.0 ** (-WIDTHS_US / chronaxie_us)))["lapicque"]
    for found in (weiss, lapicque):
        assert found == pytest.approx((rheobase_ma, chronaxie_us), rel=1e-4)


def test_the_same_data_have_a_longer_weiss_than_lapicque_chronaxie() -> None:
    """Published reading: 1.5 to 2.1 times as long on the same data."""
    fits = strength_duration(WIDTHS_US, 0.37 * (1.0 + 339.0 / WIDTHS_US))
    assert 1.4 < fits["weiss"][1] / fits["lapicque"][1] < 2.2


def test_a_table_that_is_a_tenth_too_high_shows_as_an_error_of_a_tenth() -> None:
    def worst(factor: float) -> float:
        line = AxonLine(12.8, 1.0, (0.109 * factor,))
        return AxonTable((210.0,), (line,), time_step_us=5.0)("default")["worst_percent"]

    assert worst(1.0) < 2.0
    assert worst(1.1) == pytest.approx(100.0 * (1.0 - 1.0 / 1.1), abs=2.0)


def test_order_is_kept_counts_pairs_that_are_apart() -> None:
    def records(fast: list[float]) -> list[dict[str, object]]:
        true = (1.0, 1.01, 2.0)
        return [
            {"diameter_um": 10.0, "pulse_width_us": 200.0, "true_ma": a, "predicted_ma": b}
            for a, b in zip(true, fast, strict=True)
        ]

    assert order_kept_percent(records([1.0, 0.9, 2.0])) == 100.0
    assert order_kept_percent(records([3.0, 0.9, 2.0])) == 50.0


def test_drawn_patients_are_those_of_the_seed_and_differ_in_geometry_only() -> None:
    many = drawn_geometries(40, 1)
    assert many[:10] == drawn_geometries(10, 1)
    assert many[0] != drawn_geometries(1, 2)[0]
    for name in GEOMETRY:
        assert len({getattr(patient, name) for patient in many}) > 4
    rest = {replace(patient, **dict.fromkeys(GEOMETRY, 1.0), seed=0) for patient in many}
    assert rest == {Patient(**dict.fromkeys(GEOMETRY, 1.0))}


def test_the_canonical_lead_is_centred_where_it_is_asked_for() -> None:
    from scs_models.leads import contact_places

    case = canonical("default", level="T11", x_mm=(-1.0, 2.0), rostral_mm=(0.0, 4.0))
    for placement, x_mm, rostral_mm in zip(case.leads, (-1.0, 2.0), (0.0, 4.0), strict=True):
        places = contact_places(placement, QUAD)
        middle = np.mean([place.z_mm for place in places])
        assert middle == pytest.approx(anatomy.vertebra_mid_z_mm("T11") + rostral_mm)
        assert {place.x_mm for place in places} == {x_mm}
        assert np.diff([place.z_mm for place in places]) == pytest.approx(-8.0)


@pytest.mark.slow
def test_the_field_of_a_bipole_in_one_medium_is_that_of_two_lines() -> None:
    """Closed form: the potential of a line source of length L is asinh, its field the gradient, in 0.2 S/m."""
    sigma, length, above = 0.2, 3.12, 0.65
    measure = FieldOfBipole(
        contact_length_mm=length, contact_radius_mm=0.65, distance_mm=8.0, length_mm=24.0, cord_half_width_mm=4.1,
        cord_half_depth_mm=2.4, sac_half_width_mm=7.25, dorsal_csf_mm=2.65, ventral_csf_mm=2.63, dura_mm=0.5,
        fat_dorsal_mm=2.3, fat_ventral_mm=1.7, fat_lateral_mm=2.5, grey_share=0.3, lead_above_dura_mm=above,
        white_s_per_m=sigma, grey_s_per_m=sigma, csf_s_per_m=sigma, dura_s_per_m=sigma, fat_s_per_m=sigma,
        outside_s_per_m=sigma,
    )  # fmt: skip
    step = 0.1
    x, y, z = np.meshgrid(np.arange(0, 4.2, step), np.arange(-2.4, 2.41, step), np.arange(-12, 12, step), indexing="ij")
    distance = np.hypot(x, y - (2.4 + 2.65 + 0.5 + above))

    def line(centre: float) -> np.ndarray:
        ends = (z - centre + length / 2.0, z - centre - length / 2.0)
        return (np.arcsinh(ends[0] / distance) - np.arcsinh(ends[1] / distance)) / (4e-3 * np.pi * sigma * length)

    field = np.sqrt(sum(part**2 for part in np.gradient(line(4.0) - line(-4.0), step)))
    inside = np.broadcast_to(np.hypot(x / 4.1, y / 2.4) < 1.0, field.shape)
    grey_rim = 2.4 * 0.6  # most of the cord's strongest field lies outside the grey matter
    expected = np.percentile(field[inside & (y > -grey_rim)], 99.9)
    assert measure("default")["white_v_per_m"] == pytest.approx(expected, rel=0.1)
