"""Limit profiles: findings against figures worked by hand, the grid against a list of all its values."""

from __future__ import annotations

import dataclasses
import io
import math
import re
from contextlib import redirect_stdout
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.tables import all_records
from scs_sim.limit_profiles import (
    Bands,
    BurstLimits,
    Finding,
    LimitProfile,
    busy_share,
    findings,
    greatest_allowed,
    nearest_allowed,
    profile,
    profile_names,
)
from scs_sim.program import ContactShare, Program, parse_contacts


@dataclasses.dataclass(frozen=True)
class Area:
    """The least that a profile asks of an area."""

    contacts: str = "1.3- 1.4+"
    amplitude_ma: float | None = 4.0
    pulse_width_us: float = 300.0
    rate_hz: float = 50.0
    waveform: str = "biphasic"

    @property
    def shares(self) -> tuple[ContactShare, ...]:
        return parse_contacts(self.contacts)


PLAIN = Area()


def changed(**values: object) -> Area:
    return dataclasses.replace(PLAIN, **values)  # names and values stand in each test


def only(found: tuple[Finding, ...]) -> Finding:
    assert len(found) == 1, [str(item) for item in found]
    return found[0]


@pytest.mark.parametrize("name", profile_names())
def test_an_ordinary_tonic_program_is_allowed_by_every_profile(name: str) -> None:
    assert findings(profile(name), [PLAIN], [550.0]) == ()


def test_the_default_is_the_union() -> None:
    assert profile() == profile("union")
    assert profile_names()[0] == "union"


def test_an_unknown_profile_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="conventional-tonic"):
        profile("acme")


def test_published_ranges_of_the_root_ganglion_generator() -> None:
    """Manual: 0 to 6.0 mA, 25 uA below 2 mA and 50 uA above; 40 to 720 us in steps of 10; 4 to 100 Hz in steps of 2."""
    drg = profile("drg")
    for ma in (0.0, 0.025, 1.975, 2.0, 2.05, 6.0):
        assert findings(drg, [changed(amplitude_ma=ma)]) == ()
    assert only(findings(drg, [changed(amplitude_ma=1.03)])).nearest == pytest.approx(1.025)
    assert only(findings(drg, [changed(amplitude_ma=2.03)])).nearest == pytest.approx(2.05)
    assert [item.nearest for item in findings(drg, [changed(amplitude_ma=7.0)])] == [6.0, 6.0]  # total, and contact
    assert only(findings(drg, [changed(pulse_width_us=30.0)])).nearest == 40.0
    assert only(findings(drg, [changed(pulse_width_us=800.0)])).nearest == 720.0
    assert only(findings(drg, [changed(rate_hz=61.5)])).nearest == 62.0
    assert only(findings(drg, [changed(rate_hz=120.0)])).nearest == 100.0


def test_a_finding_says_where_what_and_what_is_allowed() -> None:
    found = only(findings(profile("conventional-tonic"), [PLAIN, changed(contacts="1.6- 1.7+", pulse_width_us=52.0)]))
    assert (found.area, found.item, found.value, found.nearest, found.unit) == ("B", "pulse width", 52.0, 60.0, "us")
    assert str(found) == ("area B: pulse width is 52 us; allowed: 60 to 500 us in steps of 10 us; nearest: 60 us")


def test_ten_kilohertz_belongs_to_some_profiles_only() -> None:
    fast = changed(rate_hz=10_000.0, pulse_width_us=30.0)
    assert findings(profile("high-rate-10khz"), [fast]) == ()
    assert only(findings(profile("multi-source"), [fast])).nearest == 1200.0
    between = only(findings(profile("high-rate-10khz"), [changed(rate_hz=5600.0, pulse_width_us=30.0)]))
    assert between.nearest == 1200.0  # 4400 Hz away on both sides: the lower


def test_a_source_per_contact_bounds_each_contact_and_one_source_shares_equally() -> None:
    # 20 mA x 70 % = 14 mA through 1.3; 12.7 mA / 70 % = 18.14 mA, and 18.1 mA on the grid
    uneven = changed(contacts="1.3-70 1.5-30 1.4+", amplitude_ma=12.7, pulse_width_us=60.0)
    assert findings(profile("multi-source"), [uneven]) == ()
    spread = changed(contacts="1.3-70 1.5-30 1.4+70 1.6+30", amplitude_ma=20.0, pulse_width_us=60.0)
    found = only(findings(profile("multi-source"), [spread]))
    assert (found.item, found.value) == ("amplitude", 20.0)
    assert found.nearest == pytest.approx(18.1)
    assert {item.item for item in findings(profile("conventional-tonic"), [spread])} == {"contacts"}
    three = changed(contacts="1.2- 1.4- 1.6- 1.8+")
    assert findings(profile("conventional-tonic"), [three]) == ()


def test_the_generator_as_an_anode_is_no_contact_of_a_lead() -> None:
    wide = changed(contacts="1.3-50 1.4-50 case+", amplitude_ma=20.0)
    assert findings(profile("multi-source"), [wide]) == ()


def test_voltage_is_current_times_load() -> None:
    # 8 mA x 2000 ohm = 16 V; 15 V / 2000 ohm = 7.5 mA
    found = only(findings(profile("multi-source"), [changed(amplitude_ma=8.0)], [2000.0]))
    assert found.nearest == pytest.approx(7.5)
    assert "16.0 V" in str(found)
    assert findings(profile("multi-source"), [changed(amplitude_ma=7.5)], [2000.0]) == ()


def test_an_amplitude_at_comfort_is_not_judged() -> None:
    assert findings(profile("drg"), [changed(amplitude_ma=None)], [1e6]) == ()


def test_bursts_need_a_profile_with_bursts_and_keep_to_its_own_ranges() -> None:
    burst = changed(waveform="burst", pulse_width_us=1000.0, rate_hz=40.0, amplitude_ma=2.0)
    assert findings(profile("burst-capable"), [burst]) == ()
    assert only(findings(profile("closed-loop"), [burst])).item == "waveform"
    strong = dataclasses.replace(burst, amplitude_ma=20.0)
    assert only(findings(profile("burst-capable"), [strong])).nearest == 12.75


def test_each_rate_is_bounded_when_several_areas_run() -> None:
    other = changed(contacts="1.6- 1.7+", rate_hz=200.0)
    assert findings(profile("multi-source"), [other]) == ()
    found = only(findings(profile("multi-source"), [PLAIN, other]))
    assert (found.area, found.item, found.nearest) == ("B", "rate", 130.0)
    assert "several areas" in str(found)


def test_pulses_that_take_turns_must_fit_into_the_time() -> None:
    # biphasic 1000 us twice: 2 ms a pulse. 130 Hz: 26 % each, four areas 104 %. Room for one: 22 % = 110 Hz
    areas = [
        changed(contacts=f"1.{n}- 1.{n + 1}+", pulse_width_us=1000.0, rate_hz=130.0, amplitude_ma=1.0)
        for n in (1, 3, 5, 7)
    ]
    assert findings(profile("multi-source"), areas[:3]) == ()
    found = only(findings(profile("multi-source"), areas))
    assert (found.area, found.item, found.value, found.nearest) == ("A", "rate", 130.0, 110.0)
    assert "26 %" in str(found)
    assert findings(profile("multi-source"), [dataclasses.replace(areas[0], rate_hz=110.0), *areas[1:]]) == ()


def test_no_rate_is_near_when_the_others_alone_fill_the_time() -> None:
    slow = [changed(pulse_width_us=1000.0, rate_hz=rate, waveform="recharge") for rate in (163.0, 163.0)]
    assert all(busy_share(area) > 0.97 for area in slow)
    found = [item for item in findings(profile("union"), slow) if "time" in item.allowed]
    assert only(tuple(found)).nearest is None


def test_areas_and_contacts_in_use_are_counted() -> None:
    areas = [changed(contacts=f"1.{n}- 1.{n + 1}+") for n in (1, 3, 5, 7, 9)]
    found = only(findings(profile("union"), areas))
    assert (found.area, found.item, found.value, found.nearest) == ("", "areas", 5.0, 4.0)
    many = changed(contacts=" ".join([*(f"1.{n}-" for n in range(1, 10)), *(f"2.{n}+" for n in range(1, 9))]))
    found = only(findings(profile("high-rate-10khz"), [many]))
    assert (found.item, found.value, found.nearest) == ("contacts in use", 17.0, 16.0)


def test_contacts_of_several_areas_are_counted_once() -> None:
    first = changed(contacts=" ".join([*(f"1.{n}-" for n in range(1, 9)), "2.1+"]))
    same, other = (
        changed(contacts="1.1- 1.2+ case+"),
        changed(contacts=" ".join([*(f"2.{n}-" for n in range(2, 9)), "1.1+"])),
    )
    assert findings(profile("high-rate-10khz"), [first, same, other]) == ()  # 16
    found = only(findings(profile("high-rate-10khz"), [first, same, other, changed(contacts="2.9- 2.8+")]))
    assert (found.item, found.value) == ("contacts in use", 17.0)


def test_a_program_is_an_area() -> None:
    program = Program("1.3- 1.4+", amplitude_ma=3.0, pulse_width_us=205.0)
    assert only(findings(profile("union"), [program])).nearest == 200.0  # 200 and 210 are equally near: the lower


@pytest.mark.parametrize(
    ("waveform", "busy_us"), [("monophasic", 200.0), ("biphasic", 400.0), ("recharge", 200.0 + 100.0 + 1000.0)]
)
def test_charge_recovery_takes_its_time(waveform: str, busy_us: float) -> None:
    assert busy_share(changed(waveform=waveform, pulse_width_us=200.0, rate_hz=100.0)) == pytest.approx(busy_us * 1e-4)


def test_a_burst_takes_from_its_first_edge_to_the_end_of_the_return() -> None:
    # five 1 ms pulses at 500 Hz: 9 ms; 0.1 ms gap and 15 ms of passive return: 24.1 of 25 ms
    burst = changed(waveform="burst", pulse_width_us=1000.0, rate_hz=40.0)
    assert busy_share(burst) == pytest.approx(24.1 / 25.0)


GRIDS: tuple[Bands, ...] = (
    ((0.0, 2.0, 0.025), (2.0, 6.0, 0.05)),
    ((50.0, 500.0, 12.5),),
    ((2.0, 100.0, 1.0), (100.0, 1200.0, 10.0), (10000.0, 10000.0, 1.0)),
    ((0.0, 1.0, 0.3),),
)


def all_values(bands: Bands) -> list[Fraction]:
    """Return every allowed value, counted out in exact fractions."""
    values = []
    for low, high, step in (tuple(Fraction(str(number)) for number in band) for band in bands):
        while low <= high:
            values.append(low)
            low += step
    return values


@given(st.sampled_from(GRIDS), st.floats(-10.0, 12_000.0))
def test_nearest_and_greatest_agree_with_a_list_of_all_values(bands: Bands, value: float) -> None:
    everything = [float(point) for point in all_values(bands)]
    distance = min(abs(point - value) for point in everything)
    assert abs(nearest_allowed(bands, value) - value) == pytest.approx(distance, abs=1e-6)
    assert min(abs(nearest_allowed(bands, value) - point) for point in everything) < 1e-8
    below = [point for point in everything if point <= value]
    found = greatest_allowed(bands, value)
    if below:
        assert found is not None
        assert found == pytest.approx(max(below), abs=1e-6) or found - value < 1e-6 * 12.5
    else:
        assert found is None or found - value < 1e-6


@pytest.mark.parametrize("name", profile_names())
@given(st.floats(0.0, 25.5), st.floats(30.0, 1000.0), st.floats(2.0, 900.0), st.floats(300.0, 4000.0))
def test_taking_the_nearest_values_leaves_no_finding(
    name: str, ma: float, width_us: float, rate_hz: float, load_ohm: float
) -> None:
    limits = profile(name)
    area = changed(amplitude_ma=ma, pulse_width_us=width_us, rate_hz=rate_hz, waveform="monophasic")
    fields = {"amplitude": "amplitude_ma", "pulse width": "pulse_width_us", "rate": "rate_hz"}
    for _ in range(2):  # the range first; a load or a contact may then ask for less
        nearest: dict[str, float] = {}
        for item in findings(limits, [area], [load_ohm]):
            assert item.nearest is not None
            nearest[item.item] = min(item.nearest, nearest.get(item.item, math.inf))
        area = dataclasses.replace(area, **{fields[item]: value for item, value in nearest.items()})
    assert findings(limits, [area], [load_ohm]) == ()


def test_every_value_of_a_profile_has_a_source_and_most_are_assumed() -> None:
    records = [record for record in all_records(("scs_sim",)) if record.table == "limit_profiles"]
    items = {"amplitude", "contact", "pulse_width", "rate", "areas", "contacts", "compliance", "sources"}
    for name in profile_names():
        assert items <= {record.path.split(".")[1] for record in records if record.path.startswith(f"{name}.")}
    published = {record.path for record in records if record.status == "published"}
    assert {"drg.amplitude", "drg.pulse_width", "drg.rate"} <= published
    assert len(published) < len(records) / 4


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("rate_bands_hz", (), "rate_bands_hz is empty"),
        ("rate_bands_hz", ((2.0, 1.0, 1.0),), r"rate_bands_hz\[0\]"),
        ("pulse_width_bands_us", ((20.0, 100.0, 0.0),), "lowest, highest, step"),
        ("amplitude_bands_ma", ((0.0, 2.0, 0.1), (1.0, 6.0, 0.1)), "inside the band"),
        ("compliance_v", -1.0, "compliance_v"),
        ("areas_count", 0, "areas_count"),
        ("contact_high_ma", 99.0, "contact_high_ma"),
    ],
)
def test_a_profile_checks_itself(field: str, value: object, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        dataclasses.replace(profile("union"), **{field: value})  # wrong on purpose


def test_burst_limits_check_themselves() -> None:
    with pytest.raises(InvalidValueError, match="burst"):
        BurstLimits(high_ma=12.0, pulse_width_bands_us=(), rate_bands_hz=((10.0, 60.0, 1.0),))


def test_the_documents_table_is_that_of_the_file() -> None:
    text = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:3] == "| `"]

    def bands(text: str) -> Bands:
        """Read "0-2/0.025, 2-6/0.05"; a lone number is a band of one value."""
        parts = [re.fullmatch(r"([\d.]+)(?:-([\d.]+)/([\d.]+))?", part.strip()) for part in text.split(",")]
        return tuple((float(m[1]), float(m[2] or m[1]), float(m[3] or 1.0)) for m in parts if m)

    assert [line[0].strip("`") for line in lines] == list(profile_names())
    for line in lines:
        limits = profile(line[0].strip("`"))
        assert [bands(cell) for cell in (line[1], line[3], line[4])] == [
            limits.amplitude_bands_ma, limits.pulse_width_bands_us, limits.rate_bands_hz
        ]  # fmt: skip
        assert [float(line[index]) for index in (2, 5, 6, 7, 8)] == [
            limits.contact_high_ma, limits.areas_count, limits.several_areas_rate_hz,
            limits.contacts_count, limits.compliance_v,
        ]  # fmt: skip
        assert line[9] == ("own" if limits.own_sources else "one")
        assert line[10] == ("yes" if limits.burst else "no")


def test_the_documents_example_prints_what_it_says() -> None:
    text = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, re.S)
    assert example is not None
    shown = io.StringIO()
    with redirect_stdout(shown):
        exec(compile(example[1], "limits.md", "exec"), {})
    assert shown.getvalue() == example[2]


def test_wrong_calls_are_errors() -> None:
    limits: LimitProfile = profile("union")
    with pytest.raises(InvalidValueError, match="areas is empty"):
        findings(limits, [])
    with pytest.raises(InvalidValueError, match="one for each of 1"):
        findings(limits, [PLAIN], [500.0, 600.0])
