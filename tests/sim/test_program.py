"""Program and the field's notation: what is written is what is meant, and what is not allowed says why."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError
from scs_models.fibres.waveforms import burst, waveform_names
from scs_sim.cli.trial import WAVEFORM_CHOICES as CHOICES
from scs_sim.limit_profiles import busy_share
from scs_sim.limits import program_ranges
from scs_sim.program import (
    WAVEFORMS,
    Area,
    ContactShare,
    Program,
    format_contacts,
    parse_contacts,
    pulse_duration_us,
)


@st.composite
def percents(draw: st.DrawFn, count: int) -> list[int]:
    """Draw `count` whole percents of 1 or more that sum to 100."""
    cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=count - 1, max_size=count - 1, unique=True)))
    return [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]


@st.composite
def shares(draw: st.DrawFn) -> tuple[ContactShare, ...]:
    """Draw active contacts that a program may have."""
    places = st.one_of(st.just((0, 0)), st.tuples(st.integers(1, 4), st.integers(1, 16)))
    chosen = draw(st.lists(places, min_size=2, max_size=12, unique=True))
    cathodes = draw(st.integers(1, len(chosen) - 1))
    signs = [-1] * cathodes + [1] * (len(chosen) - cathodes)
    parts = draw(percents(cathodes)) + draw(percents(len(chosen) - cathodes))
    drawn = [ContactShare(*place, sign, part) for place, sign, part in zip(chosen, signs, parts, strict=True)]
    return tuple(draw(st.permutations(drawn)))


@st.composite
def programs(draw: st.DrawFn, contacts: st.SearchStrategy[str] | None = None) -> Program:
    """Draw a valid program."""
    waveform = draw(st.sampled_from(WAVEFORMS))
    ranges = program_ranges()
    width = burst().pulse_width_us if waveform == "burst" else draw(st.floats(*ranges.pulse_width_us))
    highest = min(1e6 / pulse_duration_us(width, waveform), ranges.rate_hz[1]) * (1 - 1e-12)
    names = contacts if contacts is not None else shares().map(format_contacts)
    areas = st.builds(
        Area,
        contacts=names,
        pulse_width_us=st.floats(30.0, 400.0),
        rate_hz=st.floats(2.0, 40.0),
        waveform=st.sampled_from(WAVEFORMS[:5]),
        amplitude_ma=st.none() | st.floats(0.05, 25.5),
        name=st.text(max_size=5),
    )
    program = Program(
        contacts=draw(names),
        pulse_width_us=width,
        rate_hz=draw(st.floats(ranges.rate_hz[0], highest)),
        waveform=waveform,
        amplitude_ma=draw(st.none() | st.floats(*ranges.amplitude_ma)),
        name=draw(st.text(st.characters(codec="utf-8"), max_size=30)),
    )
    fits = program.rate_hz < 1000.0 and busy_share(program) < 0.6 and program.amplitude_ma != 0.0
    return replace(program, more_areas=tuple(draw(st.lists(areas, max_size=3)))) if fits else program


@given(shares())
def test_notation_written_and_read_is_the_same(drawn: tuple[ContactShare, ...]) -> None:
    assert parse_contacts(format_contacts(drawn)) == drawn


def test_program_with_areas_written_as_json_and_read_is_equal() -> None:
    program = Program(
        "1.1- 1.2+", more_areas=(Area("2.1- 2.2+", 210.0, 80.0, "biphasic", 3.0, "B"), Area("1.4- case+"))
    )
    document = files.parse(files.json_text(program), ".json", "test")
    assert files.decode(Program, document, where="test") == program


def test_a_program_file_of_version_1_without_areas_reads_as_ever_and_an_area_is_no_file() -> None:
    text = 'format = "scs-sim program"\nversion = 1\ncontacts = "1.2- 1.4+"\n'
    assert files.decode(Program, files.parse(text, ".toml", "a"), where="a") == Program("1.2- 1.4+")
    areas = text + '[[more_areas]]\ncontacts = "1.5- 1.6+"\nrate_hz = 80\n'
    assert files.decode(Program, files.parse(areas, ".toml", "a"), where="a").more_areas == (
        Area("1.5- 1.6+", rate_hz=80.0),
    )
    with pytest.raises(InvalidFileError, match=r"more_areas\[0\].*rates"):
        files.decode(Program, files.parse(areas.replace("rate_hz", "rates"), ".toml", "a"), where="a")


@given(programs())
def test_program_written_as_json_and_read_is_equal(program: Program) -> None:
    document = files.parse(files.json_text(program), ".json", "test")
    assert files.decode(Program, document, where="test") == program


def test_the_example_of_the_field() -> None:
    assert parse_contacts("1.3-60 1.4-40 1.6+100") == (
        ContactShare(1, 3, -1, 60), ContactShare(1, 4, -1, 40), ContactShare(1, 6, 1, 100),
    )  # fmt: skip


def test_shares_left_out_are_equal_and_sum_to_100() -> None:
    assert [share.percent for share in parse_contacts("1.1- 1.2- 1.3- 1.4+ 1.5+ 1.6+ 1.7+")] == [
        34,
        33,
        33,
        25,
        25,
        25,
        25,
    ]
    for count in range(1, 100):
        text = " ".join(f"{1 + i // 16}.{1 + i % 16}-" for i in range(count)) + " case+"
        given_shares = [share.percent for share in parse_contacts(text) if share.sign < 0]
        assert sum(given_shares) == 100
        assert max(given_shares) - min(given_shares) <= 1


def test_generator_blanks_capitals_and_typographic_minus_are_understood() -> None:
    assert parse_contacts("  1.4\N{MINUS SIGN}100   CASE+ ") == (
        ContactShare(1, 4, -1, 100),
        ContactShare(0, 0, 1, 100),
    )
    assert parse_contacts("1.4\N{EN DASH} case+")[1].name == "case"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("1.3", "'1.3' is not a contact"),
        ("13-", "not a contact"),
        ("0.3- 1.1+", "not a contact"),
        ("1.0- 1.1+", "not a contact"),
        ("1.3-60 1.4-50 1.6+", r"sum to 100"),
        ("1.3-0 1.4-100 1.6+", "1 or more"),
        ("1.3-60 1.4- 1.6+", "for every '-' contact or for none"),
        ("1.3- 1.4-", "no anode"),
        ("1.3+ 1.4+", "no cathode"),
        ("1.3- 1.3+", "stands twice"),
        ("1.3-1.4+", "not a contact"),
        ("1.3-60,1.4-40", "not a contact"),
        ("\N{ARABIC-INDIC DIGIT ONE}.3- 1.4+", "not a contact"),
    ],
)
def test_bad_notation_names_the_bad_word(text: str, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        parse_contacts(text)


@given(st.text(max_size=40))
def test_any_text_is_contacts_or_an_error_in_words(text: str) -> None:
    try:
        found = parse_contacts(text)
    except InvalidValueError as error:
        problem = str(error)
    else:
        sums = [sum(share.percent for share in found if share.sign == sign) for sign in (-1, 1)]
        problem = "" if sums == [100, 100] else f"{sums} percent"
    assert problem == "" or problem.startswith("contacts is")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0, 1e9, "5", None, True])
@pytest.mark.parametrize("name", ["pulse_width_us", "rate_hz", "amplitude_ma"])
def test_numbers_outside_their_range_are_refused(name: str, bad: object) -> None:
    if (name, bad) == ("amplitude_ma", None):
        return
    with pytest.raises(InvalidValueError, match=f"{name} is .*it must (lie|be a number) between"):
        Program("1.1- 1.2+", **{name: bad})


def test_waveforms_are_those_of_the_models_and_the_burst() -> None:
    assert sorted(WAVEFORMS) == sorted([*waveform_names(), "burst"])
    assert sorted(CHOICES) == sorted(WAVEFORMS)


def test_a_burst_comes_as_often_as_the_rate_says_and_has_its_own_pulse_width() -> None:
    five = Program("1.1- 1.2+", pulse_width_us=1000.0, rate_hz=40.0, waveform="burst")
    assert five.pulses_hz == 200.0
    assert pulse_duration_us(1000.0, "burst") == pytest.approx(9000.0 + 100.0 + 15000.0)
    with pytest.raises(InvalidValueError, match="300 us; the pulses of a burst last 1000 us"):
        Program("1.1- 1.2+", rate_hz=40.0, waveform="burst")
    with pytest.raises(InvalidValueError, match="as a burst it takes 24100 us"):
        Program("1.1- 1.2+", pulse_width_us=1000.0, rate_hz=50.0, waveform="burst")


def test_pulse_must_fit_into_the_period() -> None:
    assert pulse_duration_us(200.0, "monophasic") == 200.0
    assert pulse_duration_us(200.0, "biphasic") == 400.0
    assert pulse_duration_us(200.0, "recharge") == 200.0 + 100.0 + 1000.0
    Program("1.1- 1.2+", pulse_width_us=1000.0, rate_hz=163.0)
    with pytest.raises(InvalidValueError, match="it takes 6100 us, and the period at rate_hz 165 Hz is 6061 us"):
        Program("1.1- 1.2+", pulse_width_us=1000.0, rate_hz=165.0)
    with pytest.raises(InvalidValueError, match="waveform"):
        Program("1.1- 1.2+", pulse_width_us=30.0, rate_hz=10000.0)
    Program("1.1- 1.2+", pulse_width_us=30.0, rate_hz=10000.0, waveform="biphasic")
