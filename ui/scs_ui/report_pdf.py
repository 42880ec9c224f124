"""The report on A4 pages with Qt: lines of text, table rows and figures are pieces that no page break cuts.

Units are CSS pixels (96 to the inch), fonts have pixel sizes, ink is black whatever the application's palette says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
    QTextLayout,
    QTextOption,
)

from scs_sim.report.content import Block, Bullets, Facts, Figure, Paragraph, Report, Table, Tone
from scs_sim.report.figures import opaque
from scs_ui.scene_painter import paint_scene

WIDTH, HEIGHT = 793.7, 1122.5  # A4
_DOTS_PER_INCH = 600
_LEFT, _TOP, _BOTTOM = 58.0, 58.0, 66.0
_TEXT, _SMALL, _HEAD, _TITLE = 12.5, 11.0, 15.0, 23.0
_INK, _GREY, _HAIR, _WARN = "#000000", "#444444", "#c9c9c9", "#000000"
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
_FIGURE_HIGH, _APART, _SLACK = 620.0, 22.0, 3.0


@dataclass(frozen=True, slots=True)
class Piece:
    """What no page break may cut: its height, how to paint it at a y.

    keeps: stays with the next piece; head: goes on top of each further page (of a table).
    """

    height: float
    paint: Callable[[QPainter, float], None]
    keeps: bool = False
    head: Piece | None = None


def page_font(size_px: float, *, bold: bool = False) -> QFont:
    """Return a font for pages: a pixel size (a point size would grow with the painter), no hinting."""
    font = QFont()
    font.setPixelSize(max(1, round(size_px)))
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def report_pdf(report: Report) -> bytes:
    """Return the report as a PDF file: A4, text that can be selected, vector figures, the footer on every page."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0.0, 0.0, 0.0, 0.0))
    writer.setResolution(_DOTS_PER_INCH)
    writer.setTitle(report.title)
    writer.setCreator(report.footer)
    pages = paged(list(pieces_of(report)), HEIGHT - _TOP - _BOTTOM)
    painter = QPainter(writer)
    try:
        scale = writer.width() / WIDTH  # the same both ways: else Qt writes the outline of every stroke
        painter.scale(scale, scale)
        for number in range(len(pages)):
            if number:
                writer.newPage()
            _paint_page(painter, report, pages, number)
    finally:
        painter.end()  # Qt does not survive a device that goes before its painter
    return bytes(buffer.data().data())


def page_images(report: Report, width_px: int, device_ratio: float = 1.0) -> list[QImage]:
    """Return the pages of the report as pictures `width_px` wide, for a preview."""
    pages = paged(list(pieces_of(report)), HEIGHT - _TOP - _BOTTOM)
    scale = width_px * device_ratio / WIDTH
    found = []
    for number in range(len(pages)):
        image = QImage(round(WIDTH * scale), round(HEIGHT * scale), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        _paint_page(painter, report, pages, number)
        painter.end()
        image.setDevicePixelRatio(device_ratio)
        found.append(image)
    return found


def _paint_page(painter: QPainter, report: Report, pages: list[list[tuple[float, Piece]]], number: int) -> None:
    for y, piece in pages[number]:
        piece.paint(painter, _TOP + y)
    _footer(painter, report.footer, f"{number + 1} / {len(pages)}")


def paged(pieces: list[Piece], room: float) -> list[list[tuple[float, Piece]]]:
    """Return pages of (y, piece): a piece goes whole to the next page where it does not fit, with what keeps to it."""
    pages: list[list[tuple[float, Piece]]] = [[]]
    y, place = 0.0, 0
    while place < len(pieces):
        group = [pieces[place]]
        while group[-1].keeps and place + len(group) < len(pieces):
            group.append(pieces[place + len(group)])
        tall = sum(piece.height for piece in group)
        if y + tall > room and pages[-1]:
            pages.append([])
            y = 0.0
            head = group[0].head
            if head is not None:
                pages[-1].append((y, head))
                y += head.height
        for piece in group:
            pages[-1].append((y, piece))
            y += piece.height
        place += len(group)
    return pages


def pieces_of(report: Report) -> Iterator[Piece]:
    """Yield the pieces of a report from top to bottom."""
    wide = WIDTH - 2 * _LEFT
    yield from _lines(report.title, page_font(_TITLE, bold=True), _INK, wide, keeps=True)
    yield from _lines(report.subtitle, page_font(_TEXT), _GREY, wide, after=6.0)
    for section in report.sections:
        yield _heading(section.title)
        for block in section.blocks:
            yield from _block(block, wide)
            yield Piece(8.0, lambda painter, y: None)


def _block(block: Block, wide: float) -> Iterator[Piece]:
    if isinstance(block, Paragraph):
        font, ink = _style(block.tone)
        yield from _lines(block.text, font, ink, wide)
    elif isinstance(block, Bullets):
        font, ink = _style(block.tone)
        for item in block.items:
            yield from _lines(item, font, ink, wide - 14.0, left=14.0, bullet=True)
    elif isinstance(block, Facts):
        yield _facts(block, wide)
    elif isinstance(block, Table):
        yield from _table(block, wide)
    else:
        yield from _figure(block, wide)


def _style(tone: Tone) -> tuple[QFont, str]:
    if tone == "warn":
        return page_font(_TEXT, bold=True), _WARN
    return (page_font(_SMALL + 0.5), _GREY) if tone == "muted" else (page_font(_TEXT), _INK)


def _heading(text: str) -> Piece:
    font = page_font(_HEAD, bold=True)

    def paint(painter: QPainter, y: float) -> None:
        painter.setPen(QPen(QColor(_INK), 1.3))
        painter.drawLine(QPointF(_LEFT, y + 14.0), QPointF(WIDTH - _LEFT, y + 14.0))
        painter.setFont(font)
        painter.drawText(QPointF(_LEFT, y + 34.0), text)

    return Piece(44.0, paint, keeps=True)


def _lines(
    text: str,
    font: QFont,
    ink: str,
    wide: float,
    *,
    left: float = 0.0,
    bullet: bool = False,
    keeps: bool = False,
    after: float = 0.0,
) -> Iterator[Piece]:
    """Yield one piece per line of wrapped text."""
    high = 1.4 * QFontMetricsF(font).height() / 1.17
    words = _wrapped(text, font, wide)
    for number, line in enumerate(words):
        dot = bullet and number == 0

        def paint(painter: QPainter, y: float, line: str = line, dot: bool = dot) -> None:
            painter.setFont(font)
            painter.setPen(QColor(ink))
            base = y + QFontMetricsF(font).ascent()
            if dot:
                painter.drawText(QPointF(_LEFT, base), "•")
            painter.drawText(QPointF(_LEFT + left, base), line)

        last = number == len(words) - 1
        yield Piece(high + (after if last else 0.0), paint, keeps=keeps)


def _wrapped(text: str, font: QFont, wide: float) -> list[str]:
    found = []
    for paragraph in text.splitlines() or [""]:
        layout = QTextLayout(paragraph, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(wide)
            found.append(paragraph[line.textStart() : line.textStart() + line.textLength()].rstrip())
        layout.endLayout()
    return found


def _facts(block: Facts, wide: float) -> Piece:
    small, big = page_font(_SMALL), page_font(20.0, bold=True)
    room = wide / len(block.items)

    def paint(painter: QPainter, y: float) -> None:
        for place, fact in enumerate(block.items):
            x = _LEFT + room * place + (10.0 if place else 0.0)
            if place:
                painter.setPen(QPen(QColor(_HAIR), 1.0))
                painter.drawLine(QPointF(x - 10.0, y), QPointF(x - 10.0, y + 66.0))
            for font, ink, words, box in (
                (small, _GREY, fact.label, QRectF(x, y, room - 14.0, 16.0)),
                (big, _INK, fact.value, QRectF(x, y + 15.0, room - 8.0, 28.0)),
                (small, _GREY, fact.detail, QRectF(x, y + 43.0, room - 14.0, 30.0)),
            ):
                painter.setFont(font)
                painter.setPen(QColor(ink))
                painter.drawText(box, _WRAP, words)

    return Piece(80.0, paint)


def _table(block: Table, wide: float) -> Iterator[Piece]:
    head_font, font = page_font(_SMALL, bold=True), page_font(_TEXT - 0.5)
    widths = _widths(block, wide, font, head_font)
    head = _row(block.columns, block, widths, head_font, _GREY, _INK)
    yield Piece(head.height, head.paint, keeps=True)
    for number, row in enumerate(block.rows):
        piece = _row(row, block, widths, font, _INK, _HAIR)
        starts = number == 0 and len(block.rows) > 1  # no row stands alone under its head
        yield Piece(piece.height, piece.paint, keeps=starts, head=head)


def _widths(block: Table, wide: float, font: QFont, head_font: QFont) -> list[float]:
    """Return column widths: as wide as needed; where that is too much, words share what numbers leave.

    No column gets narrower than its longest word, as far as there is room.
    """
    plain, bold = QFontMetricsF(font), QFontMetricsF(head_font)
    need = [
        _APART + max([bold.horizontalAdvance(title), *(plain.horizontalAdvance(row[k]) for row in block.rows)])
        for k, title in enumerate(block.columns)
    ]
    words = [k for k in range(len(need)) if k not in block.numbers]
    room = wide - sum(need[k] for k in block.numbers)
    asked = sum(need[k] for k in words)
    if asked > room:
        least = {
            k: _APART + max(_longest_word(block.columns[k], bold), *(_longest_word(r[k], plain) for r in block.rows))
            for k in words
        }
        share = max(room - sum(least.values()), 0.0) / max(asked - sum(least.values()), 1.0)
        shrink = min(room / sum(least.values()), 1.0)
        for k in words:
            need[k] = shrink * least[k] + share * (need[k] - least[k])
    elif block.wide is not None:
        need[block.wide] += room - asked
    return need


def _longest_word(text: str, metrics: QFontMetricsF) -> float:
    return max((metrics.horizontalAdvance(word) for word in text.split()), default=0.0)


def _row(cells: tuple[str, ...], block: Table, widths: list[float], font: QFont, ink: str, rule: str) -> Piece:
    metrics = QFontMetricsF(font)
    boxes = [
        metrics.boundingRect(QRectF(0.0, 0.0, max(w - _APART + _SLACK, 20.0), 5000.0), _WRAP, cell)
        for cell, w in zip(cells, widths, strict=True)
    ]
    tall = min(max(box.height() for box in boxes), HEIGHT / 2.0) + 8.0

    def paint(painter: QPainter, y: float) -> None:
        painter.setFont(font)
        painter.setPen(QColor(ink))
        x = _LEFT
        for place, (cell, w) in enumerate(zip(cells, widths, strict=True)):
            side = Qt.AlignmentFlag.AlignRight if place in block.numbers else Qt.AlignmentFlag.AlignLeft
            painter.drawText(QRectF(x, y + 3.0, w - _APART + _SLACK, tall), _WRAP | int(side), cell)
            x += w
        painter.setPen(QPen(QColor(rule), 0.8))
        painter.drawLine(QPointF(_LEFT, y + tall), QPointF(_LEFT + sum(widths) - _APART, y + tall))

    return Piece(tall + 1.0, paint)


def _figure(block: Figure, wide: float) -> Iterator[Piece]:
    scale = min(wide * block.share / block.scene.width, _FIGURE_HIGH / block.scene.height)
    across, tall = block.scene.width * scale, block.scene.height * scale
    scene = opaque(block.scene)

    def paint(painter: QPainter, y: float) -> None:
        paint_scene(painter, scene, QRectF(_LEFT, y, across, tall))

    yield Piece(tall + 4.0, paint, keeps=bool(block.caption))
    if block.caption:
        yield from _lines(block.caption, page_font(_SMALL), _GREY, wide)


def _footer(painter: QPainter, words: str, number: str) -> None:
    y, font = HEIGHT - 40.0, page_font(_SMALL)
    painter.setPen(QPen(QColor(_HAIR), 1.0))
    painter.drawLine(QPointF(_LEFT, y - 16.0), QPointF(WIDTH - _LEFT, y - 16.0))
    painter.setFont(font)
    painter.setPen(QColor(_INK))
    painter.drawText(QPointF(_LEFT, y), words)
    wide = QFontMetricsF(font).horizontalAdvance(number)
    painter.drawText(QPointF(WIDTH - _LEFT - wide, y), number)
