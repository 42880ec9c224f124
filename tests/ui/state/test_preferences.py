"""Preferences: values outside what is allowed are refused, or put back to usual with a word where a file holds them."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from scs_models.errors import InvalidValueError
from scs_ui.state.preferences import (
    LAYOUT_NAMES,
    RECENT_MAX,
    Preferences,
    config_folder,
    read_preferences,
    stepped_text,
    with_recent,
    written_preferences,
)


def test_what_is_written_reads_back():
    mine = Preferences("light", 150, "analysis", True, False, True, True)
    assert all(getattr(mine, item.name) != getattr(Preferences(), item.name) for item in fields(Preferences))
    assert read_preferences(written_preferences(mine)) == (mine, ())


def test_an_empty_file_means_the_usual():
    assert read_preferences({}) == (Preferences(), ())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("theme", "pink", "system, dark, light"),
        ("text_percent", "500", "between 80 and 200 %"),
        ("text_percent", "big", "a whole number"),
        ("text_percent", "", "a whole number"),
        ("layout", "", "programming, teaching, analysis"),
        ("recover", "perhaps", "true or false"),
    ],
)
def test_a_bad_value_is_named_and_the_others_are_kept(name: str, text: str, words: str):
    preferences, problems = read_preferences({"count_from_zero": "true", name: text})
    assert preferences == replace(Preferences(), count_from_zero=True)
    assert len(problems) == 1
    assert words in problems[0]
    assert "is taken" in problems[0]


def test_a_key_of_another_version_is_no_problem():
    assert read_preferences({"of_the_future": "1"}) == (Preferences(), ())


def test_values_made_in_the_program_are_refused():
    with pytest.raises(InvalidValueError, match="between 80 and 200"):
        Preferences(text_percent=79)


def test_text_sizes_stop_at_the_ends():
    assert stepped_text(Preferences(), 1) == 110
    assert stepped_text(Preferences(text_percent=195), 1) == 200
    assert stepped_text(Preferences(text_percent=80), -1) == 80


def test_recent_files_stand_once_and_are_few():
    recent: tuple[str, ...] = ()
    for number in range(RECENT_MAX + 3):
        recent = with_recent(recent, f"/tmp/{number}")
    again = with_recent(recent, "/tmp/5")
    assert len(again) == RECENT_MAX
    assert again[0] == "/tmp/5"
    assert again.count("/tmp/5") == 1


def test_the_folder_follows_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SCS_SIM_CONFIG_DIR", str(tmp_path))
    assert config_folder() == tmp_path
    monkeypatch.delenv("SCS_SIM_CONFIG_DIR")
    assert config_folder().name == "scs-sim"


def test_the_layouts_are_those_of_the_command_line():
    from scs_ui.commands import LAYOUTS

    assert LAYOUT_NAMES == LAYOUTS
