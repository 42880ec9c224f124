"""Session, store and live engine without Qt: drafts may be incomplete, answers agree with the command line's engine."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from scs_models import files
from scs_models.errors import InvalidValueError
from scs_sim.case import builtin_case, builtin_case_ids
from scs_sim.program import parse_contacts
from scs_sim.simulate import Request
from scs_ui.state.draft import AreaDraft, ProgramDraft
from scs_ui.state.live import Live, SettingRequest, needed_contacts, placement_key
from scs_ui.state.session import Session, session_of
from scs_ui.state.store import Change, Store


def nothing(fraction: float, what: str) -> None:
    pass


def answered(live: Live, session: Session):
    while (request := live.wanted(session)) is not None:
        live.accept(request, request(nothing))
    return live.frame(session)


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_a_session_survives_writing_and_reading(case_id: str):
    session = session_of(builtin_case(case_id))
    text = json.dumps(files.encode(session))
    assert files.decode(Session, json.loads(text), where="session") == session


def test_drafts_may_lack_an_anode_but_not_share_wrongly():
    shares = parse_contacts("1.3-60 1.4-40 1.6+")
    cathodes = AreaDraft(shares[:2])
    assert not cathodes.is_complete
    assert ProgramDraft((cathodes,)).program() is None
    with pytest.raises(InvalidValueError, match="must be 1 or more"):
        AreaDraft(shares[:1], amplitude_ma=1.0)
    with pytest.raises(InvalidValueError, match="active"):
        AreaDraft(shares, locked=("1.5",))


def test_silent_areas_are_left_out_of_the_program_and_stay_in_the_draft():
    one, two = (
        AreaDraft(parse_contacts("1.3- 1.4+"), amplitude_ma=2.0),
        AreaDraft(parse_contacts("2.3- 2.4+"), amplitude_ma=0.0),
    )
    draft = ProgramDraft((one, two, replace(two, amplitude_ma=1.0, on=False)))
    assert draft.running == (0,)
    assert draft.program().contacts == "1.3-100 1.4+100"
    assert ProgramDraft((two, two)).running == (0,), "alone at 0 mA: thresholds are still asked for"


def test_the_live_answer_is_the_engines_answer_whatever_contacts_took_part():
    """Fewer contacts cut the fibres nearer to the field: 3e-5 of a threshold, see MARGIN_MM of scs_sim.setting."""
    case = builtin_case("foot")
    session = session_of(replace(case, posture="supine"))
    live = Live()
    first = live.wanted(session)
    assert first.contacts == needed_contacts(session)
    live.accept(first, first(nothing))
    quick = live.frame(session)
    whole = answered(live, session)
    direct = Request(case)()
    for result in (quick.result, whole.result):
        assert result.thresholds.pt_ma == pytest.approx(direct.thresholds.pt_ma, rel=1e-4)
        assert result.coverage.pain_covered_percent == pytest.approx(direct.coverage.pain_covered_percent, abs=1e-3)
    assert len(quick.setting.contact_names) < len(whole.setting.contact_names) == len(case.contact_names())


def test_amplitude_changes_keep_the_shape_and_contacts_do_not():
    session = session_of(builtin_case("foot"))
    live = Live()
    before = answered(live, session)
    louder = session.with_draft(replace(session.draft, amplitude_ma=3.3))
    assert live.wanted(louder) is None
    after = live.frame(louder)
    assert after.shape == before.shape
    assert after.result.amplitude_ma == 3.3
    other = louder.with_draft(replace(louder.draft, pulse_width_us=90.0))
    assert live.frame(other).shape != before.shape


def test_a_moved_lead_is_stale_until_its_field_is_there():
    session = session_of(builtin_case("foot"))
    live = Live()
    answered(live, session)
    placement = session.case.leads[0]
    case = replace(session.case, leads=(replace(placement, tip_offset_mm=placement.tip_offset_mm - 3.0),
                                        *session.case.leads[1:]))  # fmt: skip
    moved = replace(session, case=case)
    assert placement_key(moved.case) != placement_key(session.case)
    assert live.frame(moved).stale
    request = live.wanted(moved)
    assert isinstance(request, SettingRequest)
    live.accept(request, request(nothing))
    assert not live.frame(moved).stale
    assert live.wanted(session) is None, "the way back is kept"


def test_stimulation_off_means_no_current_and_the_same_thresholds():
    session = session_of(builtin_case("foot"))
    live = Live()
    on, off = answered(live, session), live.frame(replace(session, on=False))
    assert off.result.amplitude_ma == 0.0
    assert off.result.coverage.pain_covered_percent == 0.0
    assert off.solo.thresholds == on.solo.thresholds


def test_the_store_tells_records_and_refuses_in_words():
    store = Store(session_of(builtin_case("foot")))
    topics, changes = [], []
    store.subscribe(topics.append)

    def keep(change: Change) -> None:
        changes.append(change)
        store.replace(change.after)

    store.recorder = keep
    assert store.act("Amplitude", lambda s: s.with_draft(replace(s.draft, amplitude_ma=1.0)), merge="amplitude")
    assert not store.act("Amplitude", lambda s: s.with_draft(replace(s.draft, amplitude_ma=1.0)), merge="amplitude")
    store.act("Amplitude", lambda s: s.with_draft(replace(s.draft, amplitude_ma=2.0)), merge="amplitude")
    store.end_merge()
    store.act("Amplitude", lambda s: s.with_draft(replace(s.draft, amplitude_ma=3.0)), merge="amplitude")
    assert [change.merge == changes[0].merge for change in changes] == [True, True, False]
    assert topics == ["session"] * 3
    assert not store.act("Amplitude", lambda s: s.with_draft(replace(s.draft, amplitude_ma=99.0)))
    assert topics[-1] == "message"
    assert "between 0 and" in store.moment().message.text
    assert store.session.draft.amplitude_ma == 3.0
