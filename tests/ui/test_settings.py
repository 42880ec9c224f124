"""The settings file: survives the window, damage and a folder that cannot be written; never raises."""

from __future__ import annotations

from pathlib import Path

import pytest

from scs_ui.settings import FILE, Settings
from scs_ui.state.preferences import Preferences

MINE = Preferences("light", 130, "teaching", True, False, True, True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCS_SIM_CONFIG_DIR", str(tmp_path / "ünder a blank"))
    return tmp_path / "ünder a blank"


def test_everything_is_there_again_in_the_next_window(folder: Path):
    settings = Settings()
    assert settings.path == folder / FILE
    assert settings.preferences == Preferences()
    assert settings.save(MINE)
    settings.add_recent("/data/ä b.scsx")
    settings.add_recent("/data/c.scsx")
    settings.keep_blob("geometry", bytes(range(256)))
    again = Settings()
    assert again.preferences == MINE
    assert again.recent == ("/data/c.scsx", "/data/ä b.scsx")
    assert again.blob("geometry") == bytes(range(256))
    assert again.blob("arrangement") == b""
    assert again.problems == ()


def test_it_is_plain_text_that_people_can_read(folder: Path):
    Settings().save(MINE)
    text = (folder / FILE).read_text(encoding="utf-8")
    assert "text_percent=130" in text
    assert "theme=light" in text


def test_recent_files_can_be_taken_out(folder: Path):
    settings = Settings()
    for name in "abc":
        settings.add_recent(name)
    settings.drop_recent("b")
    assert Settings().recent == ("c", "a")


def test_reset_forgets_all(folder: Path):
    settings = Settings()
    settings.save(MINE)
    settings.add_recent("a")
    settings.keep_blob("geometry", b"x")
    settings.reset()
    again = Settings()
    assert (again.preferences, again.recent, again.blob("geometry")) == (Preferences(), (), b"")


def test_a_bad_value_is_told_and_the_rest_taken(folder: Path):
    folder.mkdir()
    (folder / FILE).write_text("[preferences]\ntheme=pink\ntext_percent=150\nlayout=a, b\n", encoding="utf-8")
    settings = Settings()
    assert settings.preferences == Preferences(text_percent=150)
    assert len(settings.problems) == 2
    assert all(FILE in problem for problem in settings.problems)


def test_a_damaged_file_opens_as_usual(folder: Path):
    folder.mkdir()
    (folder / FILE).write_bytes(b"\x00\xff[[[ not an ini\n=\n" * 50)
    assert Settings().preferences == Preferences()


def test_a_folder_that_cannot_be_written_is_told_not_raised(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    settings = Settings(blocked / "deeper" / FILE)
    assert not settings.save(MINE)
    assert "cannot be written" in settings.problems[0]
    assert settings.preferences == MINE, "it lasts until the end"
