"""What is dialled: steps land on their grid and say where they end; limits come from charge laws; marks, waveforms."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from scs_models.errors import InvalidValueError
from scs_sim.case import builtin_case
from scs_sim.program import parse_contacts
from scs_sim.simulate import Request
from scs_ui.state.actions import stimulation
from scs_ui.state.actions.stimulation import THRESHOLDS
from scs_ui.state.ceiling import Ceiling, ceiling
from scs_ui.state.dials import Dials, amplitude_now
from scs_ui.state.draft import AreaDraft, Marks, ProgramDraft
from scs_ui.state.live import Frame, Live
from scs_ui.state.looks.stimulation import place_in_words, stimulation_look
from scs_ui.state.session import Session, session_of
from scs_ui.state.store import Change, Store

WIDE = Ceiling(25.5, "the generator")


def nothing(fraction: float, what: str) -> None:
    pass


def frame_of(session: Session, live: Live | None = None) -> Frame:
    live = live or Live()
    while (request := live.wanted(session)) is not None:
        live.accept(request, request(nothing))
    frame = live.frame(session)
    assert frame is not None
    return frame


@pytest.fixture(scope="module")
def foot() -> tuple[Session, Frame]:
    session = session_of(replace(builtin_case("foot"), posture="supine"))
    return session, frame_of(session)


def at(session: Session, amplitude_ma: float) -> Session:
    return stimulation.set_amplitude(session, amplitude_ma)


@pytest.mark.parametrize(
    ("at_ma", "steps", "coarse", "expected_ma"),
    [
        (3.4, 1, False, 3.5),
        (3.4, -1, False, 3.3),
        (3.4, 1, True, 3.9),
        (3.456, 1, False, 3.5),
        (3.456, -1, False, 3.4),
        (0.3, -1, True, 0.0),
        (25.4, 3, False, 25.5),
        (0.1, 2, False, 0.3),
    ],
)
def test_amplitude_steps_land_on_tenths_and_never_go_further_than_asked(foot, at_ma, steps, coarse, expected_ma):
    after = stimulation.step_amplitude(foot[0], at_ma, steps, coarse=coarse, limit=WIDE)
    assert after.draft.amplitude_ma == expected_ma


def test_ends_are_told_in_words(foot):
    session, _ = foot
    with pytest.raises(InvalidValueError, match=r"lowest; it must lie between 0 and 25\.5 mA"):
        stimulation.step_amplitude(session, 0.0, -1, coarse=False, limit=WIDE)
    with pytest.raises(InvalidValueError, match=r"25\.5 mA, the highest"):
        stimulation.step_amplitude(session, 25.5, 1, coarse=True, limit=WIDE)
    limit = Ceiling(9.87, "charge density")
    assert stimulation.step_amplitude(session, 9.6, 1, coarse=True, limit=limit).draft.amplitude_ma == 9.8
    with pytest.raises(InvalidValueError, match=r"held at 9.8 mA: charge density allows 9.87 mA; type"):
        stimulation.step_amplitude(session, 9.8, 1, coarse=False, limit=limit)
    assert stimulation.step_amplitude(session, 10.4, 1, coarse=False, limit=limit).draft.amplitude_ma == 10.5
    with pytest.raises(InvalidValueError, match=r"amplitude is 26 mA; it must lie between 0 and 25\.5 mA"):
        at(session, 26.0)


def test_a_drag_snaps_and_stops_at_the_limit_unless_it_began_beyond(foot):
    session, limit = foot[0], Ceiling(5.55, "the Shannon limit")

    def dragged(to_ma: float, at_ma: float, coarse: bool = False) -> float | None:
        moved = stimulation.drag_amplitude(session, to_ma, at_ma, coarse=coarse, limit=limit)
        return moved.draft.amplitude_ma

    assert dragged(3.449, 2.0) == 3.4
    assert dragged(3.449, 2.0, coarse=True) == 3.5
    assert dragged(9.0, 2.0) == 5.5
    assert dragged(9.0, 6.0) == 9.0
    assert dragged(-4.0, 2.0) == 0.0


def test_the_limit_is_where_the_engine_starts_to_warn(foot):
    """The ceiling comes from charge laws solved for the amplitude; the engine's own check at that amplitude agrees."""
    session, frame = foot
    limit = ceiling(frame, "")
    assert limit.why == "the Shannon limit"
    program = session.program.program()
    for factor, warned in ((0.999, False), (1.001, True)):
        safety = Request(session.case, program, amplitude_ma=limit.amplitude_ma * factor)().safety
        # less is delivered where the generator's voltage ends; scale the figure back
        asked = limit.amplitude_ma * factor * safety.load_ohm * 1e-3 / safety.compliance_limit_v
        k = safety.shannon_k + 2.0 * math.log10(max(asked, 1.0))
        assert (k > safety.shannon_k_limit) == warned
    assert ceiling(None, "drg") == Ceiling(6.0, "the limit profile")
    assert ceiling(None, "") == WIDE


def test_stop_silences_the_running_program_and_leaves_the_others(foot):
    session = at(foot[0], 2.0)
    area = replace(session.draft, amplitude_ma=1.0, shares=parse_contacts("1.2- 1.4+"))
    both = replace(session, programs=(ProgramDraft((session.draft, area)), session.program), compared=1)
    silent = stimulation.stop_all(both)
    assert [one.amplitude_ma for one in silent.program.areas] == [0.0, 0.0]
    assert silent.programs[1] == session.program
    assert silent.on


def test_ramps_go_to_the_models_thresholds(foot):
    session, frame = foot
    for name, at_ma in zip(THRESHOLDS, ("pt_ma", "comfort_ma", "dt_ma", "mt_ma"), strict=True):
        model = getattr(frame.solo.thresholds, at_ma)
        found = stimulation.threshold_ma(frame.solo_answers, name)
        assert found == pytest.approx(model)
        ramped = stimulation.ramp_to(session, name, found).draft.amplitude_ma
        assert abs(ramped - model) < 0.01
        assert ramped >= model if name in ("pt", "mt") else name != "dt" or ramped <= model
    assert stimulation.ramp_to(session, "pt", 1.742).draft.amplitude_ma == 1.75
    assert stimulation.ramp_to(session, "dt", 2.909).draft.amplitude_ma == 2.9
    with pytest.raises(InvalidValueError, match="the model has no motor threshold for these contacts"):
        stimulation.ramp_to(session, "mt", None)
    with pytest.raises(InvalidValueError, match=r"motor threshold is 31.0 mA; the amplitude must lie"):
        stimulation.ramp_to(session, "mt", 31.0)


def test_pulse_width_and_rate_step_on_their_grids(foot):
    session = foot[0]

    def width(now_us: float, steps: int, coarse: bool = False) -> float:
        begun = stimulation.set_pulse_width(session, now_us)
        return stimulation.step_pulse_width(begun, steps, coarse=coarse).draft.pulse_width_us

    def rate(now_hz: float, steps: int, coarse: bool = False) -> float:
        begun = stimulation.set_rate(stimulation.set_pulse_width(session, 30.0), now_hz)
        return stimulation.step_rate(begun, steps, coarse=coarse).draft.rate_hz

    assert [width(300, 1), width(300, -1, True), width(305, 1), width(40, -1, True)] == [310, 250, 310, 30]
    assert [rate(50, 1), rate(50, 1, True), rate(100, 1), rate(100, -1), rate(95, 1, True)] == [51, 60, 110, 99, 105]
    assert [rate(200, 1, True), rate(1190, 1, True), rate(2.4, -1)] == [300, 1200, 2]
    with pytest.raises(InvalidValueError, match="type 5000 to 10000 Hz for paresthesia-free rates"):
        rate(1200, 1)


def test_ten_kilohertz_needs_a_short_pulse_and_comes_back_by_typing(foot):
    session = foot[0]
    with pytest.raises(InvalidValueError, match="lower the pulse width or the rate"):
        stimulation.set_rate(session, 10000.0)
    with pytest.raises(InvalidValueError, match="between 2 and 1200 Hz, or between 5000 and 10000 Hz"):
        stimulation.set_rate(session, 3000.0)
    short = stimulation.set_waveform(stimulation.set_pulse_width(session, 30.0), "biphasic")
    fast = stimulation.set_rate(short, 10000.0)
    assert stimulation.step_rate(fast, -1, coarse=True).draft.rate_hz == 9000.0
    with pytest.raises(InvalidValueError, match="type 2 to 1200 Hz for felt rates"):
        stimulation.step_rate(stimulation.set_rate(short, 5000.0), -1, coarse=False)


def test_drags_of_pulse_and_rate_end_where_the_pulse_no_longer_fits(foot):
    """A recharge pulse takes 6 widths + 100 us (fibres.toml): at 300 us it fits 526 Hz, at 500 Hz 316 us fit."""
    session = foot[0]
    wide = stimulation.drag_rate(stimulation.set_pulse_width(session, 300.0), 9000.0, coarse=False)
    assert wide.draft.rate_hz == 520.0
    long = stimulation.drag_pulse_width(stimulation.set_rate(session, 500.0), 900.0, coarse=False)
    assert long.draft.pulse_width_us == 310.0
    assert stimulation.drag_pulse_width(session, 333.0, coarse=True).draft.pulse_width_us == 350.0
    assert stimulation.drag_rate(session, 47.0, coarse=True).draft.rate_hz == 50.0


def test_a_burst_brings_its_pulse_and_leaves_with_it(foot):
    session = foot[0]
    burst = stimulation.set_waveform(session, "burst")
    assert (burst.draft.pulse_width_us, burst.draft.rate_hz) == (1000.0, 40.0)
    assert "pulse width 250 to 1000 µs and rate 50 to 40 Hz" in stimulation.moved_along(session.draft, burst.draft)
    back = stimulation.set_waveform(burst, "biphasic")
    assert (back.draft.pulse_width_us, back.draft.rate_hz, back.draft.waveform) == (300.0, 40.0, "biphasic")


def test_calibration_to_a_noted_threshold_moves_the_models_there(foot):
    session, frame = foot
    with pytest.raises(InvalidValueError, match="note it first"):
        stimulation.gain_for_noted_pt(session, frame.setting)
    noted = stimulation.mark(session, "pt", 2.0004)
    assert noted.draft.marks == Marks(pt_ma=2.0)
    calibrated = stimulation.calibrate(noted, stimulation.gain_for_noted_pt(noted, frame.setting))
    assert Request(calibrated.case)().thresholds.pt_ma == pytest.approx(2.0, rel=1e-4)
    assert stimulation.mark(noted, "pt", None).draft.marks == Marks()


def test_words_for_where_the_amplitude_lies():
    thresholds = {"pt": 2.0, "comfort": 3.0, "dt": 4.0}
    said = [place_in_words(value, thresholds) for value in (1.0, 2.0, 3.4, 5.0)]
    assert said == [
        "below the perception threshold",
        "at the perception threshold",
        "between comfort level and discomfort threshold",
        "above the discomfort threshold",
    ]
    assert place_in_words(1.0, {}) == ""


def test_the_look_speaks_and_its_scale_does_not_move_with_the_amplitude(foot):
    session, _ = foot
    live = Live()
    store = Store(at(session, 1.7))
    store.show_frame(frame_of(store.session, live))
    look = stimulation_look(store.moment())
    assert look.amplitude.spoken == "Amplitude 1.7 mA, between comfort level and discomfort threshold"
    assert "pain covered" in look.spoken
    store.replace(at(session, 2.9))
    store.show_frame(frame_of(store.session, live))
    louder = stimulation_look(store.moment())
    assert louder.amplitude.face == look.amplitude.face
    assert any("above the discomfort threshold" in verdict.text for verdict in louder.verdicts)
    store.replace(at(session, 25.5))
    store.show_frame(frame_of(store.session, live))
    assert stimulation_look(store.moment()).amplitude.face.scale.high >= 25.5


def test_an_incomplete_area_still_has_a_dial(foot):
    session = foot[0].with_draft(AreaDraft(parse_contacts("1.3- 1.5+")[:1], amplitude_ma=1.0))
    store = Store(session)
    look = stimulation_look(store.moment())
    assert look.amplitude.value == 1.0
    assert look.under_amplitude == ("needs an anode",)
    assert not look.can_run


def test_locks_hold_the_dials_but_not_stop(foot):
    store = Store(at(foot[0], 2.0))
    dials = Dials(store)
    dials.toggle_lock("amplitude")
    assert not dials.step_amplitude(1)
    assert "locked" in store.moment().message.text
    assert dials.stop()
    assert store.session.draft.amplitude_ma == 0.0
    dials.toggle_lock("amplitude")
    assert dials.step_amplitude(2)
    assert store.session.draft.amplitude_ma == 0.2


def test_dials_follow_comfort_and_record_one_step_a_drag(foot):
    session, frame = foot
    store, changes = Store(session), []
    store.show_frame(frame)

    def keep(change: Change) -> None:
        changes.append(change)
        store.replace(change.after)

    store.recorder = keep
    dials = Dials(store)
    assert amplitude_now(store.moment()) == round(frame.solo.thresholds.comfort_ma, 2)
    for to_ma in (1.61, 1.72, 1.83, 1.84):
        dials.drag_amplitude(to_ma)
    assert [change.after.draft.amplitude_ma for change in changes] == [1.6, 1.7, 1.8]
    assert len({change.merge for change in changes}) == 1
    store.end_merge()
    dials.drag_amplitude(40.0)
    assert store.session.draft.amplitude_ma == 11.7
    assert changes[-1].merge != changes[0].merge
    assert "Held at 11.7 mA: the Shannon limit allows 11.78 mA" in store.moment().message.text
    dials.mark("dt")
    assert store.session.draft.marks.dt_ma == 11.7
    assert dials.ramp("pt")
    assert store.session.draft.amplitude_ma == math.ceil(frame.solo.thresholds.pt_ma * 100.0) / 100.0
