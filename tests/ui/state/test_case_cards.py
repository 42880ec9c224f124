"""Cards of cases: complete, searchable, true to the case; recent files that are gone say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from scs_sim.case import builtin_case, builtin_case_ids
from scs_ui.state.looks.case_cards import EXCERPT_LETTERS, case_cards, found_cards, recent_files
from scs_ui.state.looks.help import found_topics, topics
from scs_ui.state.new_case import scratch_case
from scs_ui.state.session import session_of


def test_every_built_in_case_has_a_card():
    assert tuple(card.id for card in case_cards()) == builtin_case_ids()


@pytest.mark.parametrize("card", case_cards(), ids=lambda card: card.id)
def test_cards_say_what_the_case_says(card):
    case = builtin_case(card.id)
    assert card.title == case.title
    assert " ".join(case.story.split()).startswith(card.excerpt.removesuffix(" …"))
    assert len(card.excerpt) <= EXCERPT_LETTERS + 2
    for placement in case.leads:
        assert placement.lead in card.leads
        assert placement.tip_level in card.level
    assert f"{max(case.pain.scores.values()):g}/10" in card.pain


def test_search_finds_by_story_lead_and_level():
    assert [card.id for card in found_cards(case_cards(), "sole T11")] == ["foot"]
    assert found_cards(case_cards(), "  ") == case_cards()
    assert found_cards(case_cards(), "no such words") == ()


def test_recent_files_keep_their_order_and_tell_what_is_gone(tmp_path: Path):
    there = tmp_path / "ä b.scsx"
    there.write_text("x")
    found = recent_files([str(tmp_path / "gone.scsx"), str(there)])
    assert [(file.name, file.there) for file in found] == [("gone.scsx", False), ("ä b.scsx", True)]


def test_from_scratch_is_a_sound_session_with_nothing_dialled():
    session = session_of(scratch_case())
    assert session.draft.amplitude_ma == 0.0
    assert session.draft.is_complete
    assert session.case.id not in builtin_case_ids()


def test_help_has_a_page_per_panel_and_finds_words_in_titles_first():
    pages = topics([("Spine", "From behind.\n\nClick a contact."), ("Coverage", "How much of the pain.")])
    assert [page.title for page in pages][:4] == ["First steps", "Words", "Spine", "Coverage"]
    assert pages[2].paragraphs == ("From behind.", "Click a contact.")
    assert found_topics(pages, "coverage")[0].title == "Coverage"
    assert "Keys: spine and contact table" in [page.title for page in found_topics(pages, "equalise")]
    assert found_topics(pages, "") == pages
    assert found_topics(pages, "xylophone") == ()
