"""Recruitment curves without Qt: values are the Result's own, the choice follows the pain, labels never overlap."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scs_models.percept.intensity import intensity, intensity_rules
from scs_sim.case import builtin_case
from scs_ui.state.actions.stimulation import set_amplitude, set_pulse_width
from scs_ui.state.live import Frame, Live
from scs_ui.state.looks.placing import spread
from scs_ui.state.looks.recruitment import (
    MOTOR,
    cursor_ma,
    curve_choices,
    default_curves,
    readout,
    recruitment_key,
    recruitment_look,
)
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session, session_of
from scs_ui.state.view import View

LIVE = Live()
FOOT = session_of(builtin_case("foot"))


def answered(session: Session) -> Frame:
    while (request := LIVE.wanted(session)) is not None:
        LIVE.accept(request, request(lambda fraction, what: None))
    frame = LIVE.frame(session)
    assert frame is not None
    return frame


def moment_of(session: Session, **view: object) -> Moment:
    return Moment(session, replace(View(), **view), answered(session))


def test_fibres_are_those_of_the_result():
    names = ("DC left L5", "DR left L4", MOTOR)
    moment = moment_of(FOOT, curves=names, curves_unit="fibres")
    look, curves = recruitment_look(moment), moment.frame.result.recruitment
    at = curves.sided_dermatomes.index
    expected = (curves.dc_fibres[:, at("left L5")], curves.dr_fibres[:, at("left L4")], curves.motor_fibres)
    for curve, theirs in zip(look.curves, expected, strict=True):
        # steps between two points of either grid are the only difference
        ours = np.interp(curves.amplitude_ma, look.amplitude_ma, curve.values)
        assert np.median(np.abs(ours - theirs)) < 2.0
        at_end = np.searchsorted(look.amplitude_ma, curves.amplitude_ma[-1])
        assert curve.values[at_end] >= theirs[-1] > 0


def test_intensity_is_the_rule_on_the_fibres_and_motor_a_share():
    names = ("DC left L5", MOTOR)
    fibres = recruitment_look(moment_of(FOOT, curves=names, curves_unit="fibres"))
    strength = recruitment_look(moment_of(FOOT, curves=names, curves_unit="intensity"))
    np.testing.assert_allclose(
        strength.curves[0].values, 100.0 * intensity(fibres.curves[0].values, intensity_rules()), atol=1e-9
    )
    assert strength.y_top == 100.0
    assert 0.0 < strength.curves[1].values.max() <= 100.0


def test_the_painful_dermatomes_the_first_root_and_motor_show_themselves():
    frame = answered(FOOT)
    names = default_curves(frame.solo_answers)
    assert "DC left S1" in names, "the sole hurts"
    assert not any("thorac" in name or " T" in name for name in names if name.startswith("DC"))
    first = min((f for f in frame.result.side_effects if "root" in f.what), key=lambda f: f.from_ma)
    assert f"band of the {names[-2].removeprefix('DR ')} root" == first.what
    assert names[-1] == MOTOR
    known = {name for _, group in curve_choices() for name in group}
    assert set(names) <= known


def test_only_the_cursor_depends_on_the_amplitude():
    one, other = moment_of(set_amplitude(FOOT, 1.0)), moment_of(set_amplitude(FOOT, 1.4))
    assert recruitment_key(one) == recruitment_key(other)
    assert (cursor_ma(one.frame), cursor_ma(other.frame)) == (1.0, 1.4)
    assert recruitment_key(moment_of(set_pulse_width(FOOT, 300.0))) != recruitment_key(one)
    assert recruitment_key(moment_of(FOOT, curves_unit="fibres")) != recruitment_key(one)
    painless = replace(FOOT.case.pain, scores={"left_low_back": 5.0}, polygons=())
    moved = replace(set_amplitude(FOOT, 1.0), case=replace(FOOT.case, pain=painless))
    assert recruitment_key(moment_of(moved)) != recruitment_key(one), "the curves shown follow the pain"


def test_an_incomplete_area_says_what_it_needs():
    lame = FOOT.with_draft(replace(FOOT.draft, shares=FOOT.draft.shares[:1], locked=()))
    look = recruitment_look(moment_of(lame))
    assert "cathode" in look.message
    assert not look.curves
    assert recruitment_look(Moment(FOOT, View())).message.startswith("Computing")


def test_the_readout_says_all_curves_with_unit():
    look = recruitment_look(moment_of(FOOT))
    words = readout(look, look.marks[0].amplitude_ma + 0.2).replace("\N{NO-BREAK SPACE}", " ")
    assert "mA: " in words
    assert words.count("%") == len(look.curves)


sizes = st.lists(st.tuples(st.floats(-50, 500), st.floats(5, 80)), min_size=1, max_size=9)


@given(sizes)
def test_labels_never_overlap_and_stay_inside(labels: list[tuple[float, float]]):
    wanted, size = [at for at, _ in labels], [wide for _, wide in labels]
    low, high = 0.0, sum(size) + 20.0
    places = spread(wanted, size, low, high)
    boxes = sorted((at - wide / 2, at + wide / 2) for at, wide in zip(places, size, strict=True))
    assert boxes[0][0] >= low - 1e-6
    assert boxes[-1][1] <= high + 1e-6
    assert all(after[0] >= before[1] - 1e-6 for before, after in itertools.pairwise(boxes))


def test_labels_with_room_stand_where_they_want():
    assert spread([10.0, 100.0, 60.0], [10.0] * 3, 0.0, 200.0) == pytest.approx([10.0, 100.0, 60.0])
    assert spread([50.0, 50.0], [10.0, 20.0], 0.0, 100.0) == pytest.approx([42.5, 57.5])
    assert spread([5.0, 5.0, 5.0], [10.0] * 3, 0.0, 20.0) == pytest.approx([5.0, 10.0, 15.0])
