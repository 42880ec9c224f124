"""Looks of the pulse-train and the strength-duration panel, without Qt."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from field_desk import FieldDesk

from scs_sim.program import Area
from scs_sim.strength_duration import strength_duration
from scs_ui.state.actions import contacts
from scs_ui.state.actions.stimulation import set_amplitude, set_pulse_width
from scs_ui.state.draft import AreaDraft
from scs_ui.state.looks.pulse_train import pulse_key, pulse_train_look, pulse_words, summary
from scs_ui.state.looks.strength_duration import (
    dial_point,
    refusal,
    request_key,
    strength_look,
    strength_request,
)


@pytest.fixture
def desk() -> FieldDesk:
    return FieldDesk()


def with_areas(session, edited: int):
    second = AreaDraft.of(Area("1.3- 1.4+", 210.0, 40.0, "biphasic-gap", 2.0))
    draft = replace(session.program, areas=(session.program.areas[0], second))
    return replace(session.with_program(draft), area=edited)


def test_parts_are_named_with_their_lengths(desk):
    look = pulse_train_look(desk.store.moment())
    assert [part.words for part in look.parts] == ["pulse 300 µs", "gap 100 µs", "recovery 1500 µs"]
    assert look.title == "Recharge, 50 Hz: one every 20 ms"
    assert look.level.min() == -1.0
    assert look.level.max() == pytest.approx(0.2)
    assert [words for words, *_ in pulse_words(desk.store.moment(), look)] == ["−3.00 mA", "+0.60 mA"]
    assert summary(desk.store.moment(), look).startswith("0.90 µC per pulse")
    assert "take 10 % of the time" in summary(desk.store.moment(), look)  # 1900 us of 20 ms, and no more


def test_an_amplitude_alone_draws_nothing_anew_but_among_areas_it_counts(desk):
    key = pulse_key(desk.store.moment())
    desk.act(lambda session: set_amplitude(session, 1.2))
    assert pulse_key(desk.store.moment()) == key
    desk.act(lambda session: set_pulse_width(session, 400.0))
    assert pulse_key(desk.store.moment()) != key
    desk.act(lambda session: with_areas(session, 0))
    both = pulse_key(desk.store.moment())
    desk.act(lambda session: set_amplitude(session, 9.0))
    assert pulse_key(desk.store.moment()) != both


def test_all_running_areas_are_drawn_and_the_edited_one_stands_out(desk):
    desk.act(lambda session: with_areas(session, 1))
    look = pulse_train_look(desk.store.moment())
    assert [(row.letter, row.edited) for row in look.rows] == [("A", False), ("B", True)]
    assert look.window_us == pytest.approx(50_000.0)
    assert [row.height for row in look.rows] == pytest.approx([1.0, 2.0 / 3.0])
    assert [part.words for part in look.parts] == ["pulse 210 µs", "gap 100 µs", "recovery 210 µs"]
    assert look.ticks[0] == (0.0, "0")
    assert look.ticks[-1][1].endswith(" ms")
    assert (np.diff([place for place, _ in look.ticks]) > 0.0).all()


def test_a_burst_shows_its_pulses(desk):
    draft = replace(desk.store.session.draft, waveform="burst", rate_hz=40.0, pulse_width_us=1000.0)
    desk.act(lambda session: session.with_draft(draft))
    look = pulse_train_look(desk.store.moment())
    assert len(look.rows[0].phases_us) == 5
    assert [part.kind for part in look.parts] == ["pulse", "gap", "recovery"]
    assert look.parts[-1].words == "passive recovery, 15 ms"
    assert "burst" in refusal(desk.store.moment())


def test_what_is_missing_is_said(desk):
    desk.act(contacts.clear)
    moment = desk.store.moment()
    assert "cathode" in pulse_train_look(moment).message
    assert pulse_words(moment, pulse_train_look(moment)) == ()
    assert "cathode" in refusal(moment)
    assert strength_request(moment) is None
    assert dial_point(moment, "amplitude") is None
    nothing = replace(moment, frame=None)
    assert "leads" in pulse_train_look(nothing).message
    assert "leads" in refusal(nothing)


def test_curves_are_asked_for_by_contacts_not_by_dials(desk):
    key = request_key(strength_request(desk.store.moment()))
    desk.act(lambda session: set_amplitude(session, 1.0))
    desk.act(lambda session: set_pulse_width(session, 500.0))
    assert request_key(strength_request(desk.store.moment())) == key
    assert dial_point(desk.store.moment(), "amplitude") == pytest.approx((500.0, 1.0))
    assert dial_point(desk.store.moment(), "charge") == pytest.approx((500.0, 0.5))
    desk.act(lambda session: contacts.cycle(session, "1.4"))
    assert request_key(strength_request(desk.store.moment())) != key


@pytest.mark.parametrize("unit", ["amplitude", "charge"])
def test_curves_and_chronaxies_agree(desk, unit):
    request = strength_request(desk.store.moment())
    found = request(lambda fraction, what: None)
    own = strength_duration(request.setting, request.case, request.area)
    np.testing.assert_allclose(found.perception_ma, own.perception_ma)
    look = strength_look(found, unit)
    lines = {line.name: line for line in look.lines}
    assert list(lines) == ["PT", "DT", "MT", "Weiss", "Lapicque"]
    assert lines["PT"].value.max() < look.y_top
    factor = found.pulse_width_us * 1e-3 if unit == "charge" else 1.0
    np.testing.assert_allclose(lines["DT"].value, found.discomfort_ma * factor)
    for (words, width, value), fit in zip(look.marks, found.fits, strict=True):
        assert words.startswith(fit.form)
        assert width == fit.chronaxie_us
        line = lines[fit.form]
        assert np.interp(width, line.pulse_width_us, line.value) == pytest.approx(value, rel=0.01)
    assert "chronaxie" in look.words


def test_until_there_are_curves_a_sentence_stands_there():
    assert "Computing" in strength_look(None, "amplitude").message
    assert strength_look(None, "charge", "No.").message == "No."
