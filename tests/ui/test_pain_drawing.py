"""The pain drawing in the window: the sheet is written, painted elsewhere, dropped, and read beside the event loop."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from scs_ui.handlers.file import FileDesk
from scs_ui.settings import Settings
from scs_ui.state.pain_paint import score_image
from scs_ui.state.pain_sheet import ruler_colour
from scs_ui.theme import DARK
from scs_ui.window import MainWindow


@pytest.fixture
def window(qtbot, store) -> MainWindow:
    store.saved = store.session
    main = MainWindow(store, DARK, {})
    main.files = FileDesk(main, Settings())
    qtbot.addWidget(main)
    qtbot.waitUntil(lambda: store.frame is not None and not store.frame.stale, timeout=60_000)
    return main


def test_a_sheet_is_written_painted_and_dropped(qtbot, window: MainWindow, store, tmp_path: Path) -> None:
    path, before = tmp_path / "drawing.png", store.session.case.pain
    window.files.write_pain_sheet_to(str(path))
    with Image.open(path) as sheet:
        image = sheet.convert("RGB")
    ImageDraw.Draw(image).ellipse([600, 1080, 660, 1140], fill=ruler_colour(9))
    image.save(path)
    window.on_drop([path])
    assert store.session.case.pain is before  # the window does not wait
    qtbot.waitUntil(lambda: store.session.case.pain is not before, timeout=20_000)
    assert (score_image(store.session.case.pain, "front") == 9.0).any()
    window.history.undo()
    assert store.session.case.pain is before


def test_another_picture_is_refused_in_words(qtbot, window: MainWindow, store, tmp_path: Path) -> None:
    path, before = tmp_path / "holiday.png", store.session
    Image.new("RGB", (1600, 1200), "#4080c0").save(path)
    window.on_drop([path])
    qtbot.waitUntil(lambda: store.moment().message is not None, timeout=20_000)
    assert "holiday.png" in store.moment().message.text
    assert "File > Pain drawing" in store.moment().message.text
    assert store.session is before
    window.files.write_pain_sheet_to(str(tmp_path / "missing" / "sheet.png"))
    assert "Not written" in store.moment().message.text
