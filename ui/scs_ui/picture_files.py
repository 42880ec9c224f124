"""A widget as PNG, SVG or PDF: cut off at its edges, without the time of day; equal pictures have equal bytes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import partial

import pyqtgraph
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPoint, QRect, QSize, QSizeF
from PySide6.QtGui import QPageSize, QPaintDevice, QPainter, QPdfWriter, QPixmap, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QWidget

import scs_sim

DOTS_PER_INCH = 96
_STILL_TIMES, _STILL_S = 5, 0.02

# What a PDF says of when and as what copy it was made; each as long as before, so that no offset changes.
_WHEN = re.compile(rb"(\(D:|Date=\")(\d[^)\"]*)")
_WHICH = re.compile(rb"(uuid:|/ID \[ <|> <)([0-9a-f-]+)")
_SVG_BODY = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.S)
_SVG_NAME = re.compile(r"(id=\"|url\(#|href=\"#)(?=[A-Za-z])")


def still_image(widget: QWidget) -> QPixmap:
    """Return the picture of `widget` once it has stopped changing: some things are drawn when there is time."""
    last, same = widget.grab(), 0
    image = last.toImage()
    while same < _STILL_TIMES:
        QApplication.processEvents()
        time.sleep(_STILL_S)
        last = widget.grab()
        newer = last.toImage()
        same = same + 1 if newer == image else 0
        image = newer
    return last


def png(bitmap: QPixmap) -> bytes:
    """Return a bitmap as a PNG file."""
    buffer = _buffer()
    bitmap.save(buffer, "PNG")
    return bytes(buffer.data().data())


def widget_svg(widget: QWidget) -> bytes:
    """Return `widget` as an SVG document: a group for each part, cut off at the part's edges."""
    for plot in widget.findChildren(pyqtgraph.GraphicsView):
        for curve in plot.scene().items():
            if isinstance(curve, pyqtgraph.PlotDataItem):
                curve.setClipToView(True)  # Qt writes no clips: what lies outside the axes must not be drawn at all
    groups = []
    for number, (part, at, seen) in enumerate(_parts(widget)):
        buffer = _buffer()
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(part.size())
        generator.setViewBox(part.rect())
        generator.setResolution(DOTS_PER_INCH)
        _paint_on(generator, partial(_render, part))
        body = _SVG_BODY.search(bytes(buffer.data().data()).decode())
        if body is not None and body[1].strip():
            named = _SVG_NAME.sub(lambda found, n=number: f"{found[1]}part{n}-", body[1])
            edge = f'x="{seen.x()}" y="{seen.y()}" width="{seen.width()}" height="{seen.height()}"'
            groups.append(
                f'<clipPath id="edge{number}"><rect {edge}/></clipPath>\n<g clip-path="url(#edge{number})">'
                f'<g transform="translate({at.x()} {at.y()})">{named}</g></g>'
            )
    return _svg(widget.size(), "\n".join(groups))


def bitmap_svg(bitmap: QPixmap, size: QSize) -> bytes:
    """Return a bitmap of `size` (in pixels before scaling) inside an SVG document."""
    data = QBuffer()
    data.setData(png(bitmap))
    coded = bytes(data.data().toBase64().data()).decode()
    box = f'width="{size.width()}" height="{size.height()}"'
    return _svg(size, f'<image {box} xlink:href="data:image/png;base64,{coded}"/>')


def widget_pdf(widget: QWidget) -> bytes:
    """Return `widget` as a PDF page of its size, 96 dots an inch."""

    def paint(painter: QPainter) -> None:
        for part, at, seen in _parts(widget):
            painter.save()
            painter.setClipRect(seen)
            painter.translate(at)
            _render(part, painter)
            painter.restore()

    return painted_pdf(widget.size(), paint)


def painted_pdf(size: QSize, paint: Callable[[QPainter], None]) -> bytes:
    """Return what `paint` paints, in pixels of 96 an inch, as a PDF page of `size`."""
    buffer = _buffer()
    writer = QPdfWriter(buffer)
    writer.setResolution(DOTS_PER_INCH)
    inches, exact = QSizeF(size) / DOTS_PER_INCH, QPageSize.SizeMatchPolicy.ExactMatch
    writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch, "", exact))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle("scs-sim")
    writer.setCreator(scs_sim.DISCLAIMER)
    _paint_on(writer, paint)
    pdf = bytes(buffer.data().data())
    for pattern in (_WHEN, _WHICH):
        pdf = pattern.sub(lambda found: found[1] + re.sub(rb"[0-9a-f]", b"0", found[2]), pdf)
    return pdf


def _paint_on(device: QPaintDevice, paint: Callable[[QPainter], None]) -> None:
    painter = QPainter(device)
    try:
        paint(painter)
    finally:
        painter.end()  # Qt does not survive a device that goes before its painter


def _render(part: QWidget, painter: QPainter) -> None:
    """Paint one widget without its children; a graphics view's own `render` would mean its scene."""
    QWidget.render(part, painter, QPoint(0, 0), QRegion(part.rect()), QWidget.RenderFlag(0))


def _parts(
    widget: QWidget, at: QPoint | None = None, seen: QRect | None = None
) -> Iterator[tuple[QWidget, QPoint, QRect]]:
    """Yield `widget` and all that stands in it, in painting order: the part, where it is, how much of it is seen."""
    place = QPoint(0, 0) if at is None else at
    left = QRect(place, widget.size()) if seen is None else QRect(place, widget.size()).intersected(seen)
    if left.isEmpty():
        return
    yield widget, place, left
    for child in widget.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            yield from _parts(child, place + child.pos(), left)


def _svg(size: QSize, body: str) -> bytes:
    wide, high = size.width(), size.height()
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{wide}"'
        f' height="{high}" viewBox="0 0 {wide} {high}" role="img">'
    )
    return f"{head}\n<title>scs-sim</title>\n<desc>{scs_sim.DISCLAIMER}</desc>\n{body}\n</svg>\n".encode()


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer
