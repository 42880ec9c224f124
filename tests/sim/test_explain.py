"""The explanation of a region agrees with the figures it explains."""

from __future__ import annotations

import re

import pytest
from example_result import example_result

from scs_models.percept.body_map import load_body_map
from scs_sim.case import builtin_case
from scs_sim.explain import explain, sources_of
from scs_sim.result import Result

CASE = builtin_case("back-and-left-leg")


@pytest.fixture(params=[0.5, 2.2, 3.5, 9.0, 20.0])
def result(request: pytest.FixtureRequest) -> Result:
    return example_result(CASE, amplitude_ma=request.param)


@pytest.mark.parametrize("region", load_body_map().region_ids)
def test_every_region_has_a_headline_and_a_limit(result: Result, region: str) -> None:
    lines = explain(result, region)
    assert lines[0].startswith(next(item.title for item in result.regions if item.id == region).capitalize()[0])
    assert f"at {result.amplitude_ma:.2f} mA" in lines[0]
    assert lines[-1].startswith("What limits it: ")
    assert all(line.endswith(".") for line in lines)
    assert "inf" not in re.findall(r"\w+", " ".join(lines))


def test_sources_are_those_of_the_regions_own_side_and_fill_it_once(result: Result) -> None:
    for region in load_body_map().regions:
        found = sources_of(result, region.id)
        assert all(source.name.split()[0] == region.side for source in found)
        columns = [source.share for source in found if source.kind != "dorsal root"]
        assert sum(columns) <= 1.0 + 1e-9
        assert columns == sorted(columns, reverse=True)


def test_low_back_is_served_by_dorsal_rami_with_a_part_of_the_fibres(result: Result) -> None:
    rami = [source for source in sources_of(result, "left_low_back") if source.kind.endswith("dorsal rami")]
    assert {source.name for source in rami} == {"left T12", "left L1", "left L2", "left L3"}
    assert sum(source.share for source in rami) == pytest.approx(1.0)
    for source in rami:
        assert source.fibres == pytest.approx(source.recruited * 0.3)


def test_amplitude_at_which_a_source_begins_agrees_with_what_is_felt(result: Result) -> None:
    if result.amplitude_ma > result.recruitment.amplitude_ma[-1]:
        return
    for source in sources_of(result, "left_calf_lateral"):
        if source.from_ma < result.amplitude_ma - 0.5:
            assert source.extent > 0.0
        elif source.from_ma > result.amplitude_ma + 0.5:
            assert source.extent == 0.0


def test_what_lies_beyond_discomfort_is_said_to_be_limited_by_it() -> None:
    text = explain(example_result(CASE, amplitude_ma=3.5), "left_low_back")[-1]
    assert "need more than the discomfort threshold of 4.00 mA, which the left T11 root sets" in text
