"""The table of keys: nothing collides, everything the design asks for is there, and the page is made from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from scs_models.errors import UnknownNameError
from scs_ui.state.keys import DEEDS, PLACES, deed, found, page, shown_keys

ROOT = Path(__file__).parents[3]

# Issue 4 and the design's table of interactions, typed off them: place -> keys.
ASKED = {
    "anywhere": """Esc Ctrl+Space Ctrl+] Ctrl+[ Ctrl+Shift+] Ctrl+Shift+[ Ctrl+1 Ctrl+2 Ctrl+3 Ctrl+4 Alt+1 Alt+2 Alt+3
        Alt+4 F6 Shift+F6 Ctrl+Z Ctrl+Shift+Z Ctrl+Y Ctrl+N Ctrl+O Ctrl+S Ctrl+Shift+S Ctrl+E Ctrl+P Ctrl+D Ctrl+Tab
        Ctrl+Shift+A Ctrl+Shift+B Ctrl+Shift+C Ctrl+Shift+D Ctrl+C F1 Ctrl+/ F11 Ctrl+0 Ctrl++ Ctrl+- Ctrl+,
        Ctrl+Shift+T""",
    "spine": """Up Down Left Right Space Enter Shift+Space - + 0 PgUp PgDown Alt+Up Alt+Down L E Ctrl+Up Ctrl+Down
        Ctrl+Left Ctrl+Right [ ] I""",
    "sliders": "Left Right PgUp PgDown Home End L",
    "body": "B X [ ] P O Tab",
    "training": "Ctrl+Return Ctrl+R",
    "replay": "Space , .",
}


def test_no_two_deeds_share_a_key_where_both_act():
    for place in PLACES:
        here = Counter(key for item in DEEDS if item.place in (place, "anywhere") for key in item.keys)
        assert [key for key, times in here.items() if times > 1] == [], place
    assert len({item.id for item in DEEDS}) == len(DEEDS)


def test_replay_and_training_do_not_collide_either():
    keys = [key for item in DEEDS if item.place in ("training", "replay") for key in item.keys]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("place", ASKED)
def test_every_key_of_the_design_is_there(place: str):
    here = {key for item in DEEDS if item.place == place for key in item.keys}
    assert set(ASKED[place].split()) - here == set()


def test_what_the_mouse_alone_does_in_the_design_is_told_too():
    told = {item.place for item in DEEDS if item.mouse}
    assert {"spine", "sliders", "body", "curves", "drop"} <= told


def test_only_what_needs_no_key_has_none():
    """A deed with neither key nor menu could not be reached by keyboard; zoom and hovering have other ways."""
    unreachable = {item.id for item in DEEDS if not item.keys and not item.menu}
    assert unreachable == {"spine.zoom", "body.hover", "drop.file"}


def test_every_deed_says_what_it_does_in_one_sentence():
    for item in DEEDS:
        assert item.help.endswith("."), item.id
        assert item.text, item.id
        assert item.help[0].isupper(), item.id


def test_shown_keys_read_as_people_write_them():
    assert shown_keys(deed("view.larger")) == "Ctrl++"
    assert shown_keys(deed("view.smaller")) == "Ctrl+−"
    assert shown_keys(deed("steer.up")) == "Ctrl+↑"
    assert shown_keys(deed("edit.redo"), every=True) == "Ctrl+Shift+Z or Ctrl+Y"
    assert shown_keys(deed("contact.anode")) == "+"
    assert shown_keys(deed("help.log")) == ""


def test_search_finds_words_in_any_order_and_keys():
    assert [item.id for item in found("discomfort ramp")] == ["stim.ramp_dt"]
    assert [item.id for item in found("f11")] == ["view.full_screen"]
    assert found("") == DEEDS
    assert found("trombone") == ()


def test_unknown_deeds_are_refused():
    with pytest.raises(UnknownNameError, match=r"no action 'stim\.go'"):
        deed("stim.go")


def test_the_page_is_what_the_table_says():
    assert (ROOT / "docs" / "shortcuts.md").read_text(encoding="utf-8") == page()
