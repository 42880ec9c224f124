"""The map of tested settings without Qt: dots lie where the cathodes were, a setting comes back, or says why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scs_models.anatomy import vertebra_mid_z_mm
from scs_models.errors import InvalidValueError
from scs_sim.case import builtin_case
from scs_sim.program import format_contacts
from scs_ui.state import session as sessions
from scs_ui.state.actions import tested as actions
from scs_ui.state.looks.tested import COLUMNS, map_key, map_look, words_of
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session, session_of
from scs_ui.state.view import View

CASE = builtin_case("back-and-left-leg")


def noted(**changes: object) -> sessions.Tested:
    one = sessions.Tested("Program 1", "1.2-100 1.4+100", 2.5, 250.0, 40.0, vertebra_mid_z_mm("T8"), 0.0, 62.0, 20.0)
    return replace(one, **changes)


def session(*tested: sessions.Tested) -> Session:
    return replace(session_of(CASE), tested=tested)


def look_of(*tested: sessions.Tested):
    return map_look(Moment(session(*tested), View()))


def test_dots_say_amplitude_height_coverage_and_side_effects():
    look = look_of(
        noted(),
        noted(covered_percent=None),
        noted(amplitude_ma=9.0, side_effects=("band of the left T10 root",)),
    )
    first, free, third = look.dots
    assert (first.amplitude_ma, first.height_mm, first.strength) == (2.5, vertebra_mid_z_mm("T8"), pytest.approx(0.62))
    assert free.strength is None
    assert not first.has_side_effects
    assert third.has_side_effects
    assert look.top_ma >= 9.0
    assert look.top_ma % look.step_ma == 0.0
    assert all(look.low_mm < dot.height_mm < look.high_mm for dot in look.dots)
    level = next(level for level in look.levels if level.name == "T8")
    assert level.low_mm < vertebra_mid_z_mm("T8") < level.high_mm


def test_the_list_says_what_the_map_shows():
    look = look_of(noted(), noted(side_effects=("muscle twitch",)))
    row = dict(zip(COLUMNS, look.rows[1], strict=True))
    assert row["Contacts"] == "1.2- 1.4+"
    assert (row["mA"], row["µs"], row["Hz"], row["Level"]) == ("2.5", "250", "40", "T8")
    assert (row["Covered"], row["Unwanted"]) == ("62 %", "20 %")
    assert row["Side effects"] == "muscle twitch"
    assert "muscle twitch" in words_of(noted(side_effects=("muscle twitch",)))
    assert look_of().message


def test_a_setting_comes_back_whole_and_leads_stay():
    begin = session(noted())
    back = actions.restore(begin, 0)
    draft = back.draft
    assert format_contacts(draft.shares) == "1.2-100 1.4+100"
    assert (draft.amplitude_ma, draft.pulse_width_us, draft.rate_hz) == (2.5, 250.0, 40.0)
    assert back.case is begin.case
    assert back.tested == begin.tested


def test_a_setting_on_contacts_that_are_gone_says_so():
    with pytest.raises(InvalidValueError, match=r"contact 1\.16 of this setting is not there any more"):
        actions.restore(session(noted(contacts="1.16-100 1.4+100")), 0)
    with pytest.raises(InvalidValueError, match="no tested setting 2"):
        actions.restore(session(noted()), 1)


def test_a_setting_goes_out_of_the_list():
    one, two = noted(), noted(amplitude_ma=3.0)
    assert actions.remove(session(one, two), 0).tested == (two,)


def test_amplitudes_change_nothing_of_the_map():
    one = session(noted())
    other = one.with_draft(replace(one.draft, amplitude_ma=1.0))
    assert map_key(Moment(one, View())) == map_key(Moment(other, View()))
    assert map_key(Moment(session(), View())) != map_key(Moment(one, View()))
