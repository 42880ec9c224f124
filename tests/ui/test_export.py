"""Files that leave the window: PDF text is dark, selectable and embedded, no figure is cut, pictures have a size."""

from __future__ import annotations

import re
import subprocess
import zlib
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from shutil import which

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from scs_models.errors import InvalidValueError
from scs_sim import DISCLAIMER
from scs_sim.case import builtin_case
from scs_sim.report import Matter, report_of
from scs_sim.report.content import Figure, Report, Section, Table
from scs_ui.export import TABLES, body_picture, card_file, panel_picture, report_file
from scs_ui.report_pdf import HEIGHT, paged, pieces_of
from scs_ui.state import exports
from scs_ui.state import session as sessions
from scs_ui.state.live import Live
from scs_ui.state.moment import Moment
from scs_ui.state.session import session_of
from scs_ui.state.store import Store
from scs_ui.state.view import View
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.recruitment import RecruitmentPanel


@pytest.fixture(scope="module")
def frame():
    live, session = Live(), session_of(builtin_case("back-and-left-leg"))
    noted = sessions.Tested("P", "1.3-100 1.4+100", 2.0, 210.0, 50.0, 4.0, 0.0, 50.0, 12.5)
    program = replace(session.program, notes="first line\n" + "word " * 1500)
    session = replace(session, tested=(noted,), programs=(program,))
    while (request := live.wanted(session)) is not None:
        live.accept(request, request(lambda fraction, what: None))
    return live.frame(session)


@pytest.fixture
def matter(frame, qapp: QApplication) -> Matter:
    qapp.setPalette(DARK.palette())
    return exports.matter_of(frame.session, frame, str(date(2026, 11, 21)))


def streams(pdf: bytes) -> list[str]:
    """What the pages paint: their content streams, unpacked."""
    found = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            text = zlib.decompress(packed)
        except zlib.error:
            continue
        if b" Tf" in text:
            found.append(text.decode("latin-1"))
    return found


def text_colours(stream: str) -> list[tuple[float, ...]]:
    """Return the fill colour in force wherever text is shown: red, green, blue."""
    found, colour = [], (0.0, 0.0, 0.0)
    for line in stream.splitlines():
        if line.endswith(" scn"):
            colour = tuple(float(part) for part in line.split()[:3])
        elif line == "BT":
            found.append(colour)
    return found


def test_report_text_is_dark_in_a_dark_window_and_most_of_it_black(matter: Matter):
    colours = [colour for page in streams(report_file(matter, ".pdf")) for colour in text_colours(page)]
    assert len(colours) > 200
    assert max(min(colour) for colour in colours) < 0.6, "no light text on white paper"
    assert sum(colour == (0.0, 0.0, 0.0) for colour in colours) > len(colours) / 3


def test_report_text_can_be_selected_and_fonts_are_embedded(matter: Matter, tmp_path: Path):
    pdf = report_file(matter, ".pdf", notes=True)
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /FontDescriptor") == pdf.count(b"/FontFile2") > 0
    assert b"/ToUnicode" in pdf
    assert len(pdf) < 600_000, "strokes are written as strokes, not as their outlines"
    if which("pdftotext") is None:
        return
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()
    pages = [" ".join(page.split()) for page in text.split("\f") if page.strip()]
    assert all(DISCLAIMER in page for page in pages)
    assert f"{matter.result.thresholds.pt_ma:.2f} mA" in " ".join(pages)
    assert f"1/{len(pages)}" in pages[0].replace(" / ", "/")
    assert " ".join(pages).count("word") == 1500, "long notes run over the page's end, line by line"


def test_pieces_fill_pages_whole_and_headings_keep_to_what_follows(matter: Matter, qapp: QApplication):
    room = HEIGHT - 124.0
    pieces = list(pieces_of(report_of(matter, notes=True)))
    pages = paged(pieces, room)
    placed = [piece for page in pages for _, piece in page]
    assert [piece for piece in placed if piece in pieces] == pieces, "all, once, in order"
    for page in pages:
        for (y, piece), (following, _) in pairwise(page):
            assert y + piece.height <= following + 1e-6
        assert page[-1][0] + page[-1][1].height <= room
        assert not page[-1][1].keeps, "nothing that keeps to the next piece ends a page"


def test_a_long_table_repeats_its_head(matter: Matter, qapp: QApplication):
    rows = tuple((f"row {number}", "1.00 mA") for number in range(120))
    report = Report("T", "S", (Section("Long", (Table(("What", "How much"), rows, frozenset({1})),)),), "F")
    pages = paged(list(pieces_of(report)), HEIGHT - 124.0)
    assert len(pages) >= 3
    assert all(page[0][1] is page[1][1].head for page in pages[1:])


def test_a_figure_is_painted_within_one_page(matter: Matter, qapp: QApplication):
    figures = [block for section in report_of(matter).sections for block in section.blocks if isinstance(block, Figure)]
    report = Report("T", "S", (Section("Figures", tuple(figures * 3)),), "F")
    pages = paged(list(pieces_of(report)), HEIGHT - 124.0)
    tall = [piece for page in pages for _, piece in page if piece.height > 100.0]
    assert len(tall) == 3 * len(figures)


@pytest.mark.parametrize("ending", [".html", ".pdf", ".png", ".svg"])
def test_the_card_comes_in_every_format(matter: Matter, ending: str, qapp: QApplication):
    data = card_file(matter, ending)
    if ending == ".png":
        image = QImage.fromData(data)
        assert (image.width(), image.height()) == (2 * 794, 2 * 559)
        assert image.pixelColor(image.width() - 3, image.height() - 3).name() == "#ffffff"
    elif ending == ".pdf":
        assert data.count(b"/Type /Page\n") == 1
        box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
        assert [round(float(part) / 72 * 25.4) for part in box.groups()] == [210, 148], "A5, lying"
    else:
        assert b"not for patient care" in data


def test_panels_become_pictures_of_one_to_four_times_their_size(qtbot: QtBot, frame):
    panel = RecruitmentPanel(Store(frame.session), DARK)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(420, 320)
    panel.widget.show()
    panel.show(Moment(frame.session, View(), frame))
    for scale in (1, 4):
        image = QImage.fromData(panel_picture(panel.widget, ".png", scale))
        assert (image.width(), image.height()) == (420 * scale, 320 * scale)
        assert len({image.pixel(x, image.height() // 2) for x in range(0, image.width(), 3)}) > 3
    assert b"<path" in panel_picture(panel.widget, ".svg")
    assert panel_picture(panel.widget, ".pdf").startswith(b"%PDF")
    for ending, scale in ((".bmp", 1), (".png", 5)):
        with pytest.raises(InvalidValueError, match="must be"):
            panel_picture(panel.widget, ending, scale)


def test_the_body_map_is_drawn_as_vectors_in_both_themes(frame, qapp: QApplication):
    for theme in (DARK, LIGHT):
        svg = body_picture(frame.session, frame.result, theme, ".svg").decode()
        assert svg.count("<path") > 100
        assert "<image" not in svg
    with pytest.raises(InvalidValueError, match="ending"):
        report_file(exports.matter_of(frame.session, frame, "today"), ".odt")


def test_every_table_is_made(frame):
    for table in TABLES:
        text = table.make(frame.session, frame.result)
        assert text.count("\n") >= 2
        assert "," in text.splitlines()[0]
