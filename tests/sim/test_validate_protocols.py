"""The protocols are complete: every target and rule is there, with its source, its pass line and what was expected."""

from __future__ import annotations

import pytest
from validate_helpers import Constant, loaded, text_of

from scs_models.errors import InvalidFileError, UnknownNameError
from scs_sim.validate import protocol as module
from scs_sim.validate.calibration import Calibration, FittedConstant, FittedTarget, load_calibration
from scs_sim.validate.protocol import TARGETS, chosen, load_protocols, protocol_from_text

# Said before the first run (decided values, item 18): the caudal shift with pulse width, the usage range independent of
# the configuration, the rheobase at a dorsal CSF of 4 mm. Nothing else may be called an expected miss.
EXPECTED_MISSES = {
    "rheobase-csf4",
    "usage-range-configuration",
    "usage-range-configuration-patients",
    "width-caudal-patients",
}


@pytest.fixture(autouse=True)
def _constant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.MEASURES, "constant", Constant)


def test_every_target_and_every_rule_has_a_protocol() -> None:
    served = {target for item in load_protocols() for target in item.protocol.serves}
    assert set(TARGETS) <= served
    assert len(TARGETS) == 11 + 8 + 1


def test_there_are_at_least_twenty_comparable_rows_and_at_most_a_fifth_is_not() -> None:
    protocols = [item.protocol for item in load_protocols()]
    silent = [protocol for protocol in protocols if not protocol.is_comparable]
    assert len(protocols) - len(silent) >= 20
    assert len(silent) <= len(protocols) / 5
    assert all(len(protocol.missing_fact.split()) > 3 for protocol in silent)


def test_comparable_protocols_name_measure_pass_line_and_what_is_shown() -> None:
    for item in load_protocols():
        protocol = item.protocol
        assert protocol.source
        assert protocol.measured
        assert protocol.expectation
        if protocol.is_comparable:
            assert protocol.pass_line is not None
            assert protocol.pass_line.bounds
            assert protocol.bound_measure() is not None


def test_expected_misses_are_those_that_were_said_beforehand() -> None:
    assert {item.protocol.id for item in load_protocols() if item.protocol.kind == "expected miss"} == EXPECTED_MISSES


def test_an_unknown_key_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidFileError, match=r"a\.toml: tolerance is not a known key; known: id, title"):
        protocol_from_text("a", text_of("a", more="tolerance = 3.0"))
    with pytest.raises(InvalidFileError, match=r"a\.toml: simulated: half is not a known key; known: name, share"):
        protocol_from_text("a", text_of("a", simulated="half = 3.0"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('source = "HE94"', 'source = "HE9"', "key of references.toml"),
        ('measure = "constant"', 'measure = "os.system"', "there is no measure 'os.system'"),
        ('expectation = "pass"', 'expectation = " "', "expectation is empty"),
        ('serves = ["other"]', 'serves = ["target 12"]', "there is no serves 'target 12'"),
        ('kind = "prediction"', 'kind = "guess"', "kind is"),
        ('measured = "made up"\n', "", "measured is missing"),
        ('expectation = "pass"', 'expectation = "pass"\nknown_miss = true', "a listed miss must be explained"),
        ('expectation = "pass"', 'expectation = "pass"\nmissing_fact = "all"', "such a row has no measure"),
        ("low = 0.0\nhigh = 1.0", "", "give low, high or both"),
        ('id = "a"', 'id = "b"', "it must be the file's name"),
    ],
)
def test_a_protocol_that_says_too_little_or_nonsense_is_refused(old: str, new: str, message: str) -> None:
    text = text_of("a")
    assert old in text
    with pytest.raises(InvalidFileError, match=message):
        protocol_from_text("a", text.replace(old, new))


def test_rows_are_chosen_by_name_and_by_target() -> None:
    items = (loaded("a"), loaded("b"))
    assert chosen((), items) == items
    assert [item.protocol.id for item in chosen(("b",), items)] == ["b"]
    assert chosen(("other",), items) == items
    assert chosen(("rule f",), items) == ()
    with pytest.raises(UnknownNameError, match="validation row or target 'c'"):
        chosen(("c",), items)


def test_fitted_constants_are_few_and_are_those_of_the_tables() -> None:
    calibration = load_calibration()
    assert len(calibration.constants) <= 5
    assert len(calibration.targets) <= 3
    for constant in calibration.constants:
        assert constant.in_table() == constant.value, constant.name


def test_rows_of_fitted_targets_are_shown_as_fitted_and_no_others() -> None:
    listed = {row for target in load_calibration().targets for row in target.rows}
    assert listed == {item.protocol.id for item in load_protocols() if item.protocol.kind == "fitted"}


def test_a_sixth_constant_is_refused() -> None:
    from scs_models.errors import InvalidValueError

    target = FittedTarget("t", "t", "AB16", ())
    constant = FittedConstant("c", "populations", ("comfort", "share"), 0.47, "t", "before", "")
    assert Calibration((target,), (constant,) * 5, ())
    with pytest.raises(InvalidValueError, match="at most 5 on 3"):
        Calibration((target,), (constant,) * 6, ())
