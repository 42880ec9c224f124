"""The reference axon against published tables, an independent implementation and closed forms."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.fibres import geometry, mrg
from scs_models.fibres.waveforms import Waveform, recharge_after, symmetric_with_gap
from scs_models.values import FloatArray

DATA = Path(__file__).parents[1] / "data" / "mrg_point_source.csv"
WAVES = {"cathodic": "monophasic", "biphasic": "biphasic"}
MODELS = {"MRG_DISCRETE": "discrete", "MRG_INTERPOLATION": "interpolation"}

# diameter um, distance mm: threshold mA at WIDTHS, 5 us backward Euler steps, 0.3 S/m (physics 5c)
WIDTHS = (30.0, 60.0, 90.0, 210.0, 300.0, 450.0, 1000.0)
ANCHORS = {
    (5.7, 3.0): (8.12, 4.50, 3.21, 1.66, 1.306, 1.035, 0.756),
    (5.7, 5.0): (29.2, 15.8, 11.1, 5.60, 4.350, 3.383, 2.394),
    (8.7, 1.0): (0.442, 0.280, 0.215, 0.131, 0.110, 0.0945, 0.0801),
    (8.7, 3.0): (3.63, 2.10, 1.53, 0.839, 0.677, 0.555, 0.433),
    (8.7, 5.0): (11.3, 6.33, 4.54, 2.389, 1.895, 1.520, 1.146),
    (12.8, 1.0): (0.346, 0.224, 0.175, 0.109, 0.0928, 0.0804, 0.0691),
    (12.8, 3.0): (2.38, 1.42, 1.05, 0.588, 0.480, 0.396, 0.314),
    (12.8, 5.0): (6.75, 3.85, 2.79, 1.495, 1.195, 0.965, 0.738),
    (16.0, 3.0): (1.92, 1.16, 0.872, 0.500, 0.410, 0.341, 0.274),
    (16.0, 5.0): (5.14, 2.98, 2.18, 1.190, 0.959, 0.780, 0.605),
}
# diameter um: conduction velocity m/s of the discrete geometry (physics 5a)
VELOCITY = {5.7: 24.8, 7.3: 35.5, 8.7: 46.0, 10.0: 54.1, 11.5: 62.9, 12.8: 69.7, 14.0: 76.7, 15.0: 83.5, 16.0: 90.9}


def point_source(
    diameter_um: float,
    shape_name: str,
    nodes: int,
    rho_mm: float,
    shift_mm: float = 0.0,
    sigma: tuple[float, float] = (0.3, 0.3),
) -> FloatArray:
    """Return compartment potentials (mV per mA) of a cathode beside the middle node of a straight fibre."""
    shape = geometry.fibre(diameter_um, shape_name)
    z = geometry.compartment_positions_mm(shape, nodes)
    z = z - z[(nodes // 2) * geometry.COMPARTMENTS_PER_INTERNODE] + shift_mm
    across, along = sigma
    return np.asarray(-1000.0 / (4.0 * np.pi * np.sqrt(across * along * rho_mm**2 + across**2 * z**2)))


def table_groups(*, every: int = 1, widths: tuple[float, ...] = ()) -> list[tuple[str, float, str, float]]:
    with DATA.open(newline="", encoding="utf-8") as stream:
        keys = {
            (row["model"], float(row["diameter_um"]), row["wave"], float(row["pw_us"]))
            for row in csv.DictReader(stream)
        }
    chosen = sorted(key for key in keys if not widths or key[3] in widths)
    return chosen[::every]


def table_rows(key: tuple[str, float, str, float]) -> list[dict[str, str]]:
    groups = defaultdict(list)
    with DATA.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            groups[row["model"], float(row["diameter_um"]), row["wave"], float(row["pw_us"])].append(row)
    return groups[key]


def table_errors(
    key: tuple[str, float, str, float], column: str, steps: tuple[float, ...] | None, *, first: int | None = None
) -> FloatArray:
    """Return ours / table - 1; with two steps h, 2h the linear extrapolation 2 T(h) - T(2h)."""
    model, diameter, wave, width = key
    rows = table_rows(key)[:first]
    outside = np.array(
        [
            point_source(
                diameter,
                MODELS[model],
                int(row["n_nodes"]),
                float(row["rho_mm"]),
                float(row["z_shift_um"]) * 1e-3,
                (0.083, 0.6),
            )
            for row in rows
        ]
    )
    middle = outside[:, outside.shape[1] // 2]
    expected_middle = np.array([-float(row["phi_middle_mv_per_ma"]) for row in rows])
    np.testing.assert_allclose(middle, expected_middle, rtol=1e-6)

    def ours(step: float | None) -> FloatArray:
        return mrg.threshold_ma(
            outside[:, :: geometry.COMPARTMENTS_PER_INTERNODE],
            diameter,
            width,
            WAVES[wave],
            geometry=MODELS[model],
            compartment_potentials_mv_per_ma=outside,
            time_step_us=step,
        )

    if steps is None:
        value = ours(None)
    elif len(steps) == 1:
        value = ours(steps[0])
    else:
        value = 2.0 * ours(steps[0]) - ours(steps[1])
    return np.asarray(value / np.array([float(row[column]) for row in rows]) - 1.0)


@pytest.mark.parametrize("key", table_groups(every=7), ids=str)
def test_five_us_steps_agree_with_the_independent_table_within_1_percent(key: tuple[str, float, str, float]) -> None:
    assert np.abs(table_errors(key, "threshold_dt5_ma", (5.0,))).max() < 0.01


@pytest.mark.parametrize("key", table_groups(every=7), ids=str)
def test_production_thresholds_are_within_2_percent_of_the_small_step_limit(
    key: tuple[str, float, str, float],
) -> None:
    assert np.abs(table_errors(key, "threshold_ma", None)).max() < 0.02


@pytest.mark.parametrize(
    "key", [("MRG_DISCRETE", 12.8, "cathodic", 60.0), ("MRG_INTERPOLATION", 9.3, "cathodic", 210.0)], ids=str
)
def test_extrapolated_small_steps_agree_with_the_small_step_limit_within_1_percent(
    key: tuple[str, float, str, float],
) -> None:
    assert np.abs(table_errors(key, "threshold_ma", (1.0, 2.0), first=3)).max() < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("key", table_groups(), ids=str)
def test_all_405_rows_at_five_us_steps_and_in_production(key: tuple[str, float, str, float]) -> None:
    assert np.abs(table_errors(key, "threshold_dt5_ma", (5.0,))).max() < 0.01
    assert np.abs(table_errors(key, "threshold_ma", None)).max() < 0.02


@pytest.mark.long
@pytest.mark.parametrize("key", table_groups(), ids=str)
def test_all_405_rows_in_the_extrapolated_small_step_limit(key: tuple[str, float, str, float]) -> None:
    assert np.abs(table_errors(key, "threshold_ma", (1.0, 2.0))).max() < 0.01


def anchor_errors(diameter_um: float, widths: tuple[float, ...]) -> FloatArray:
    nodes = geometry.odd_node_count(diameter_um, 62.0, "discrete") + 2
    places = [key for key in ANCHORS if key[0] == diameter_um]
    outside = np.array([point_source(diameter_um, "discrete", nodes, place[1]) for place in places])
    errors = [
        mrg.threshold_ma(
            outside[:, ::11],
            diameter_um,
            width,
            "monophasic",
            geometry="discrete",
            compartment_potentials_mv_per_ma=outside,
            time_step_us=5.0,
        )
        / np.array([ANCHORS[place][WIDTHS.index(width)] for place in places])
        - 1.0
        for width in widths
    ]
    return np.array(errors)


def test_isotropic_anchors_at_five_us_steps_within_1_percent() -> None:
    assert np.abs(anchor_errors(12.8, (30.0, 210.0, 1000.0))).max() < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("diameter", sorted({key[0] for key in ANCHORS}))
def test_all_isotropic_anchors_at_five_us_steps_within_1_percent(diameter: float) -> None:
    assert np.abs(anchor_errors(diameter, WIDTHS)).max() < 0.01


@pytest.mark.parametrize("diameter", sorted(VELOCITY))
def test_conduction_velocity_within_3_percent_of_the_table(diameter: float) -> None:
    speed = mrg.conduction_velocity_m_per_s(diameter, geometry="discrete")
    assert speed == pytest.approx(VELOCITY[diameter], rel=0.03)


@pytest.mark.parametrize(("name", "expected_ma"), [("discrete", 0.2691), ("interpolation", 0.27007)])
def test_library_anchor_5_7_um_beside_a_point_source_in_10_s_per_m(name: str, expected_ma: float) -> None:
    outside = point_source(5.7, name, 13, 0.1, 0.0, (10.0, 10.0))[None]

    def ours(step: float | None) -> float:
        value = mrg.threshold_ma(
            outside[:, ::11],
            5.7,
            200.0,
            "biphasic",
            geometry=name,
            compartment_potentials_mv_per_ma=outside,
            time_step_us=step,
        )
        return float(value[0])

    assert ours(1.0) == pytest.approx(expected_ma, rel=0.005)
    assert ours(None) == pytest.approx(expected_ma, rel=0.02)


def test_anodic_threshold_is_about_four_times_the_cathodic_one() -> None:
    """Published reading: 3.96 at 200 us and 4 mm (physics 5c)."""
    outside = point_source(12.8, "discrete", 47, 4.0)[None]
    values = [
        mrg.threshold_ma(
            sign * outside[:, ::11],
            12.8,
            200.0,
            "monophasic",
            geometry="discrete",
            compartment_potentials_mv_per_ma=sign * outside,
        )[0]
        for sign in (1.0, -1.0)
    ]
    assert values[1] / values[0] == pytest.approx(3.96, rel=0.02)


@pytest.mark.parametrize(
    ("pulse", "width", "ratio"),
    [
        ("biphasic", 60.0, 1.356),
        ("biphasic", 200.0, 1.140),
        (symmetric_with_gap(50.0), 200.0, 1.067),
        (symmetric_with_gap(100.0), 60.0, 1.063),
        (recharge_after(0.0, 10.0), 60.0, 1.079),
        (recharge_after(100.0, 10.0), 200.0, 1.007),
    ],
    ids=str,
)
def test_balanced_pulses_need_more_current_by_the_published_factors(
    pulse: str | Waveform, width: float, ratio: float
) -> None:
    """The published factors are of 5 us steps, so ours here are as well (physics 5c)."""
    outside = point_source(12.8, "discrete", 47, 5.0)[None]

    def ours(shape: str | Waveform) -> float:
        value = mrg.threshold_ma(
            outside[:, ::11],
            12.8,
            width,
            shape,
            geometry="discrete",
            compartment_potentials_mv_per_ma=outside,
            time_step_us=5.0,
        )
        return float(value[0])

    assert ours(pulse) / ours("monophasic") == pytest.approx(ratio, abs=0.012)


def test_threshold_scales_inversely_with_the_field() -> None:
    outside = point_source(10.0, "interpolation", 41, 3.0)[None]
    one = mrg.threshold_ma(outside[:, ::11], 10.0, 210.0, "recharge")
    three = mrg.threshold_ma(3.0 * outside[:, ::11], 10.0, 210.0, "recharge")
    assert one / three == pytest.approx(3.0, rel=1e-3)


def test_fibre_and_its_mirror_image_fire_at_the_same_amplitude() -> None:
    outside = point_source(10.0, "interpolation", 41, 2.0, 0.2)
    both = np.array([outside, outside[::-1]])
    values = mrg.threshold_ma(both[:, ::11], 10.0, 210.0, "biphasic", compartment_potentials_mv_per_ma=both)
    assert values[0] == pytest.approx(values[1], rel=1e-3)


@pytest.mark.parametrize(("distance", "allowed"), [(1.0, 0.002), (2.0, 0.001), (4.0, 0.001)])
def test_spline_through_the_nodes_costs_little_at_stimulation_distances(distance: float, allowed: float) -> None:
    """The cost of knowing node potentials only: 12.8 um, worst over the node's phase."""
    costs = []
    for phase in (0.0, 0.25, 0.5):
        outside = point_source(12.8, "interpolation", 45, distance, phase * 1.36, (0.083, 0.6))[None]
        full = mrg.threshold_ma(outside[:, ::11], 12.8, 210.0, "recharge", compartment_potentials_mv_per_ma=outside)
        costs.append(float(mrg.threshold_ma(outside[:, ::11], 12.8, 210.0, "recharge")[0] / full[0] - 1.0))
    assert np.abs(costs).max() < allowed


def test_a_uniform_potential_never_fires_a_fibre() -> None:
    assert np.isinf(mrg.threshold_ma(np.full((1, 31), -50.0), 10.0, 210.0, "monophasic")).all()


def test_second_order_scheme_converges_faster_than_backward_euler() -> None:
    outside = point_source(12.8, "interpolation", 45, 4.0)[None]

    def production(step: float) -> float:
        value = mrg.threshold_ma(outside[:, ::11], 12.8, 240.0, "monophasic", production_step_us=step, tolerance=1e-5)
        return float(value[0])

    fine, middle, coarse = production(2.0), production(6.0), production(12.0)
    assert abs(middle / fine - 1.0) < 0.002
    assert abs(coarse / fine - 1.0) < 0.006


def test_geometry_at_the_table_diameters_lies_near_the_polynomials() -> None:
    for diameter in (5.7, 8.7, 12.8, 16.0):
        table, curve = geometry.fibre(diameter, "discrete"), geometry.fibre(diameter, "interpolation")
        assert curve.internode_um == pytest.approx(table.internode_um, rel=0.035)
        assert curve.axon_diameter_um == pytest.approx(table.axon_diameter_um, rel=0.055)


def test_compartments_fill_the_internode() -> None:
    shape = geometry.fibre(12.8, "discrete")
    positions = geometry.compartment_positions_mm(shape, 3)
    assert positions.shape == (23,)
    np.testing.assert_allclose(positions[::11], [0.0, 1.35, 2.7], atol=1e-12)
    assert positions[1] == pytest.approx(0.002)
    np.testing.assert_allclose(positions[1:11] + positions[1:11][::-1], 1.35)


def test_diameter_outside_the_range_or_the_table_is_an_error() -> None:
    with pytest.raises(InvalidValueError, match="2 and 16 um"):
        geometry.fibre(17.0)
    with pytest.raises(InvalidValueError, match=r"5\.7"):
        geometry.fibre(9.0, "discrete")
    with pytest.raises(UnknownNameError, match="interpolation"):
        geometry.fibre(9.0, "other")


def test_bad_arguments_of_the_reference_axon_are_errors() -> None:
    nodes = np.zeros((2, 21))
    with pytest.raises(UnknownNameError, match="recharge"):
        mrg.threshold_ma(nodes, 10.0, 210.0, "square")
    with pytest.raises(InvalidValueError, match="divide"):
        mrg.threshold_ma(nodes, 10.0, 212.0, "monophasic", time_step_us=5.0)
    with pytest.raises(InvalidValueError, match="compartment potentials"):
        mrg.threshold_ma(nodes, 10.0, 210.0, "monophasic", compartment_potentials_mv_per_ma=nodes)
    with pytest.raises(InvalidValueError, match="5 nodes"):
        mrg.threshold_ma(nodes[:, :3], 10.0, 210.0, "monophasic")
    with pytest.raises(InvalidValueError, match="finite"):
        mrg.threshold_ma(nodes * np.nan, 10.0, 210.0, "monophasic")
