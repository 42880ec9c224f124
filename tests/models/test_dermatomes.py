"""Dermatomes: order, key points in their areas, region weights against clinical.md, and the felt share of regions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.percept.body_map import choir_members, load_body_map
from scs_models.percept.dermatomes import COLUMNS, DERMATOMES, SIDES, Growth, column, growth, key_points
from scs_models.percept.flatten import grown_membership
from scs_models.percept.regions import SHOWN, felt_share, load_region_weights

BODY = load_body_map()
WEIGHTS = load_region_weights()

# clinical.md section 2, CHOIR codes per dermatome (right/left pairs are both listed there)
CLINICAL = {
    "C2": "f03 f04 b01 b02 b03 b04", "C3": "f05 f06 b05 b06", "C4": "f07 f10 b07 b10", "C5": "f11 f12 b11 b14",
    "C6": "f15 f18 f19 f24 f25 f28 b17 b20", "C7": "f25 f28 b27 b30", "C8": "f25 f28 b27 b30 b21 b26",
    "T1": "f13 f14 f15 f18 b15 b16", "T2": "f08 f09 f11 f12 b08 b09", "T3": "f08 f09 b08 b09", "T4": "f08 f09 b08 b09",
    "T5": "f08 f09 b12 b13", "T6": "f08 f09 b12 b13", "T7": "f16 f17 b12 b13", "T8": "f16 f17 b12 b13",
    "T9": "f16 f17 b12 b13 b18 b19", "T10": "f16 f17 b18 b19", "T11": "f16 f17 b18 b19",
    "T12": "f16 f17 f20 f23 b18 b19 b22 b25", "L1": "f21 f22 f20 f23 b18 b19 b22 b25 b23 b24",
    "L2": "f26 f27 b18 b19 b22 b25", "L3": "f26 f27 f29 f30 b18 b19 b23 b24", "L4": "f29 f30 f31 f32 f33 f34",
    "L5": "f31 f32 f35 f36 b22 b25 b28 b29", "S1": "f35 f36 b33 b34 b35 b36 b37 b38", "S2": "b28 b29 b31 b32 b33 b34",
    "S3": "f21 f22 b23 b24", "S4-5": "f21 f22 b23 b24",
}  # fmt: skip


def row(weights: np.ndarray, region_id: str) -> dict[str, float]:
    side = region_id.split("_")[0]
    values = weights[BODY.index(region_id)]
    return {name: float(values[column(name, side)]) for name in DERMATOMES}


def one(name: str, side: str, value: float) -> np.ndarray:
    intensity = np.zeros(len(COLUMNS))
    intensity[column(name, side)] = value
    return intensity


NONE = np.zeros(len(COLUMNS))


def test_there_are_28_dermatomes_and_56_columns_left_before_right() -> None:
    assert len(DERMATOMES) == 28
    assert DERMATOMES[0] == "C2"
    assert DERMATOMES[-1] == "S4-5"
    assert [column(name, side) for name, side in COLUMNS] == list(range(56))
    assert column("C2", "left") == 0
    assert column("C2", "right") == 1
    with pytest.raises(UnknownNameError, match="C2, C3"):
        column("C1", "left")
    with pytest.raises(UnknownNameError, match="left, right"):
        column("L5", "both")


def test_every_dermatome_is_drawn_on_both_sides_and_only_the_face_has_none() -> None:
    drawn = {(area.dermatome, area.side) for area in BODY.dermatomes}
    assert drawn == {(name, side) for name in (*DERMATOMES, "none") for side in SIDES}
    bare = BODY.shares.sum(axis=1)
    assert {region.part for region, share in zip(BODY.regions, bare, strict=True) if share < 0.95} == {
        "face",
        "forehead",
    }


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("point", key_points(), ids=lambda point: point.dermatome)
def test_key_point_lies_in_its_dermatome_and_in_a_region_that_it_serves(point, side) -> None:
    place = BODY.key_point(point, side)
    area = BODY.dermatomes[int(BODY.dermatomes_at([place])[0])]
    assert (area.dermatome, area.side, area.view) == (point.dermatome, side, point.view)
    region_id = BODY.region_at(place)
    assert region_id is not None
    assert BODY.region(region_id).view == point.view
    served = row(WEIGHTS.cutaneous + WEIGHTS.rami, region_id)
    assert served[point.dermatome] > 0.05
    assert row(WEIGHTS.root, region_id)[point.dermatome] > 0.05


def test_key_points_of_the_trunk_are_the_stated_fractions_between_landmarks() -> None:
    y = {p.dermatome: BODY.key_point(p, "left")[1] for p in key_points()}
    x = {p.dermatome: BODY.key_point(p, "left")[0] for p in key_points()}
    assert y["T7"] - y["T6"] == pytest.approx((y["T10"] - y["T6"]) / 4)
    assert y["T8"] == pytest.approx((y["T6"] + y["T10"]) / 2)
    assert y["T5"] == pytest.approx((y["T4"] + y["T6"]) / 2)
    assert y["L1"] == pytest.approx((y["T12"] + y["L2"]) / 2)
    assert len({x[f"T{n}"] for n in range(3, 12)}) == 1
    order = [f"T{n}" for n in range(3, 13)] + ["L1", "L2", "L3", "L4"]
    assert all(y[a] < y[b] for a, b in pairwise(order))


@pytest.mark.parametrize("name", DERMATOMES)
def test_dermatome_reaches_every_choir_segment_that_the_clinical_table_names(name: str) -> None:
    members = choir_members(BODY)
    for code in CLINICAL[name].split():
        weights = [row(WEIGHTS.cutaneous + WEIGHTS.rami + WEIGHTS.root, region_id)[name] for region_id in members[code]]
        assert max(weights) > 0.0, code


def test_weights_are_shares_rows_sum_to_at_most_one_and_serve_their_own_side_only() -> None:
    for weights in (WEIGHTS.cutaneous, WEIGHTS.rami, WEIGHTS.root):
        assert weights.min() >= 0.0
        assert weights.sum(axis=1).max() <= 1.0 + 1e-9
        for k, region in enumerate(BODY.regions):
            other = [column(name, "left" if region.side == "right" else "right") for name in DERMATOMES]
            assert not weights[k, other].any()


def test_left_weights_mirror_right_weights() -> None:
    for weights in (WEIGHTS.cutaneous, WEIGHTS.rami, WEIGHTS.root):
        for region in BODY.regions:
            assert row(weights, region.id) == row(
                weights, f"{'left' if region.side == 'right' else 'right'}_{region.part}"
            )


def test_back_regions_of_the_dorsal_rami_have_the_decided_weights_and_no_cutaneous_ones() -> None:
    decided = {
        "low_back": {"T12": 0.15, "L1": 0.35, "L2": 0.30, "L3": 0.20},
        "upper_lumbar": {"T10": 0.35, "T11": 0.35, "T12": 0.30},
    }
    for part, expected in decided.items():
        found = {name: w for name, w in row(WEIGHTS.rami, f"left_{part}").items() if w}
        assert found == pytest.approx(expected)
    for part, span in (("buttock_upper", {"L1", "L2", "L3"}), ("buttock_medial", {"S1", "S2", "S3"})):
        found = {name: w for name, w in row(WEIGHTS.rami, f"right_{part}").items() if w}
        assert found.keys() == span
        assert sum(found.values()) == pytest.approx(1.0)
    served = {region.part for k, region in enumerate(BODY.regions) if WEIGHTS.rami[k].any()}
    assert served == {"low_back", "upper_lumbar", "buttock_upper", "buttock_medial"}
    assert not any(WEIGHTS.cutaneous[BODY.index(f"left_{part}")].any() for part in served)


def test_root_bands_t9_to_t12_fill_flank_abdomen_and_upper_lumbar_but_never_the_low_back() -> None:
    bands = ("T9", "T10", "T11", "T12")
    low = row(WEIGHTS.root, "left_low_back")
    assert not any(low[name] for name in bands)
    for part in ("flank_front", "flank_back", "upper_lumbar"):
        assert all(row(WEIGHTS.root, f"left_{part}")[name] > 0.02 for name in bands)
    abdomen = [row(WEIGHTS.root, f"left_{part}") for part in ("abdomen_upper", "abdomen_lower")]
    assert all(max(r[name] for r in abdomen) > 0.1 for name in bands)
    assert all(sum(r[name] for name in bands) > 0.5 for r in abdomen)


def test_the_foot_is_l5_on_top_s1_at_the_heel_and_outer_edge() -> None:
    assert max(row(WEIGHTS.cutaneous, "left_foot_dorsum").items(), key=lambda kv: kv[1])[0] == "L5"
    for part in ("heel_back", "heel_sole", "foot_lateral_front", "sole_lateral", "calf_lateral"):
        assert max(row(WEIGHTS.cutaneous, f"left_{part}").items(), key=lambda kv: kv[1])[0] == "S1"
    assert max(row(WEIGHTS.cutaneous, "left_lower_leg_medial_front").items(), key=lambda kv: kv[1])[0] == "L4"
    assert max(row(WEIGHTS.cutaneous, "left_thigh_posterior_upper").items(), key=lambda kv: kv[1])[0] == "S2"


def test_growth_reaches_a_quarter_of_a_level_and_divides_the_overlap_equally() -> None:
    rows = np.arange(90)
    bands = {
        name: np.repeat(((rows >= a) & (rows < a + 30))[:, None], 400, axis=1)
        for name, a in (("L1", 0), ("L2", 30), ("L3", 60))
    }
    rule = Growth(fraction_of_level=0.25, thoracic_fraction_of_level=1.0, thoracic=())
    belongs = {name: share[:, 200] for name, share in grown_membership(bands, rule).items()}
    assert sum(belongs.values()) == pytest.approx(np.ones(90))
    assert belongs["L2"][45] == 1.0
    assert belongs["L2"][[29, 24]] == pytest.approx([0.5, 0.5])
    reach = np.count_nonzero(belongs["L2"][:30])
    assert reach == pytest.approx(7.5, abs=1)
    assert belongs["L3"][:30].max() == 0.0
    wide = grown_membership(bands, Growth(0.25, 1.0, ("L2",)))["L2"][:, 200]
    assert np.count_nonzero(wide[:30]) >= 29


def test_growth_of_the_table_lets_t3_to_t12_reach_one_level() -> None:
    rule = growth()
    assert rule.thoracic == tuple(f"T{n}" for n in range(3, 13))
    assert rule.fraction_of_level == 0.25
    assert rule.thoracic_fraction_of_level == 1.0


def test_felt_share_of_one_dermatome_is_weight_times_intensity() -> None:
    found = felt_share(one("S1", "left", 0.6), NONE, NONE, WEIGHTS)
    heel = BODY.index("left_heel_back")
    assert found.dc[heel] == pytest.approx(0.6 * WEIGHTS.cutaneous[heel, column("S1", "left")])
    assert not any(found.dc[k] for k, region in enumerate(BODY.regions) if region.side == "right")
    assert not found.dr.any()


def test_intensity_below_the_shown_limit_is_not_felt() -> None:
    assert not felt_share(one("S1", "left", SHOWN - 1e-9), NONE, NONE, WEIGHTS).total.any()
    assert felt_share(one("S1", "left", SHOWN), NONE, NONE, WEIGHTS).total.any()


def test_felt_share_agrees_with_a_slow_loop_over_dermatomes_and_keeps_program_axes() -> None:
    intensities = np.random.default_rng(8).uniform(0, 1, (3, 2, 4, 56)) ** 3
    found = felt_share(*intensities, WEIGHTS)
    assert found.total.shape == (2, 4, len(BODY.regions))
    for program in ((0, 1), (1, 3)):
        for k in range(0, len(BODY.regions), 13):
            parts = {"dc": 0.0, "dr": 0.0}
            for weights, kind, intensity in zip(
                (WEIGHTS.cutaneous, WEIGHTS.rami, WEIGHTS.root), ("dc", "dc", "dr"), intensities, strict=True
            ):
                for c in range(56):
                    value = intensity[program][c]
                    parts[kind] += weights[k, c] * (value if value >= SHOWN else 0.0)
            assert found.dc[program][k] == pytest.approx(parts["dc"])
            assert found.dr[program][k] == pytest.approx(parts["dr"])
            assert found.total[program][k] == pytest.approx(1.0 - (1.0 - parts["dc"]) * (1.0 - parts["dr"]))


def test_felt_share_never_falls_when_an_intensity_rises() -> None:
    random = np.random.default_rng(2)
    low = random.uniform(0, 0.9, (3, 40, 56))
    high = np.minimum(low + random.uniform(0, 0.1, low.shape), 1.0)
    less, more = felt_share(*low, WEIGHTS), felt_share(*high, WEIGHTS)
    for kind in ("dc", "dr", "total"):
        assert np.all(getattr(more, kind) >= getattr(less, kind) - 1e-12)
        assert getattr(more, kind).max() <= 1.0 + 1e-9
        assert not getattr(more, kind).flags.writeable


def test_a_region_whose_dermatomes_are_all_fully_felt_is_fully_felt() -> None:
    full = np.ones(len(COLUMNS))
    found = felt_share(full, full, NONE, WEIGHTS)
    for k, region in enumerate(BODY.regions):
        if region.part not in ("face", "forehead"):
            assert found.dc[k] == pytest.approx(1.0, abs=0.02), region.id


def test_low_back_listens_to_the_dorsal_rami_only() -> None:
    low = BODY.index("left_low_back")
    assert felt_share(one("L1", "left", 1.0), NONE, NONE, WEIGHTS).dc[low] == 0.0
    assert felt_share(NONE, one("L1", "left", 1.0), NONE, WEIGHTS).dc[low] == pytest.approx(0.35)
    assert felt_share(NONE, NONE, one("T10", "left", 1.0), WEIGHTS).total[low] == 0.0


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="last axis must be 56"):
        felt_share(np.zeros(28), NONE, NONE, WEIGHTS)
