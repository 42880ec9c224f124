"""What leaves the window as a file: a panel as picture, tables as CSV, report and program card as HTML, PDF or PNG.

An export is made in memory first and then written whole (scs_ui.state.exports.write_file). Pages are black on white,
whatever the theme.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QWidget

from scs_models.errors import InvalidValueError
from scs_sim.picture.of_result import result_scene
from scs_sim.picture.scene import Scene
from scs_sim.picture.svg import write_svg
from scs_sim.report import Matter, card_html, card_scene, report_html, report_of
from scs_sim.result import Result
from scs_ui.picture_files import painted_pdf, png, widget_pdf, widget_svg
from scs_ui.report_pdf import report_pdf
from scs_ui.scene_painter import paint_scene
from scs_ui.state import exports
from scs_ui.state.session import Session
from scs_ui.theme import Theme

PICTURES = (".png", ".svg", ".pdf")
SCALES = (1, 2, 3, 4)
CARD_SIZE = QSize(794, 559)  # A5 lying, 96 dots an inch


@dataclass(frozen=True, slots=True)
class TableExport:
    """A table that can be exported as CSV: what menus call it, the end of its file's name, how it is made."""

    title: str
    stem: str
    make: Callable[[Session, Result], str]


TABLES = (
    TableExport("Recruitment curves", "curves", lambda session, result: exports.curves_csv(result)),
    TableExport("Body regions", "regions", lambda session, result: exports.regions_csv(result)),
    TableExport("Contacts", "contacts", lambda session, result: exports.contacts_csv(result)),
    TableExport("Tested settings", "tested", lambda session, result: exports.settings_csv(session)),
)


def panel_picture(widget: QWidget, ending: str, scale: int = 1) -> bytes:
    """Return a panel as it looks now, as the bytes of a ".png" (`scale` 1-4), ".svg" or ".pdf" file.

    Raises InvalidValueError for another ending or scale.
    """
    _require(ending, scale)
    if ending == ".svg":
        return widget_svg(widget)
    return widget_pdf(widget) if ending == ".pdf" else png(QPixmap.fromImage(panel_image(widget, scale)))


def panel_image(widget: QWidget, scale: int = 1) -> QImage:
    """Return a panel as it looks now, `scale` device pixels to each of its own."""
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(widget.palette().window().color())
    flags = QWidget.RenderFlag.DrawWindowBackground | QWidget.RenderFlag.DrawChildren
    widget.render(image, QPoint(0, 0), QRegion(widget.rect()), flags)
    return image


def body_picture(session: Session, result: Result, theme: Theme, ending: str, scale: int = 1) -> bytes:
    """Return the body map as drawn by scs_sim.picture, vectors in ".svg" and ".pdf"; errors as panel_picture."""
    _require(ending, scale)
    return scene_picture(result_scene(session.case, result, theme.picture), ending, scale)


def scene_picture(scene: Scene, ending: str, scale: int = 1, size: QSize | None = None) -> bytes:
    """Return a scene as the bytes of a ".png", ".svg" or ".pdf" file, in units of its own or fitted into `size` px."""
    _require(ending, scale)
    if ending == ".svg":
        return write_svg(scene).encode()
    whole = size or QSize(round(scene.width), round(scene.height))
    box = QRectF(0.0, 0.0, whole.width(), whole.height())
    if ending == ".pdf":
        return painted_pdf(whole, lambda painter: paint_scene(painter, scene, box))
    image = QImage(whole * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    try:
        paint_scene(painter, scene, box)
    finally:
        painter.end()
    return png(QPixmap.fromImage(image))


def report_file(matter: Matter, ending: str, *, notes: bool = False) -> bytes:
    """Return the report as the bytes of an ".html" or ".pdf" file; raise InvalidValueError for another ending."""
    report = report_of(matter, notes=notes)
    if ending == ".html":
        return report_html(report).encode()
    if ending == ".pdf":
        return report_pdf(report)
    raise InvalidValueError(f"{ending!r} is no ending of a report; it must be .html or .pdf")


def card_file(matter: Matter, ending: str, *, notes: bool = False, scale: int = 2) -> bytes:
    """Return the program card as the bytes of an ".html", ".pdf", ".png" or ".svg" file; errors as report_file."""
    if ending == ".html":
        return card_html(matter, notes=notes).encode()
    return scene_picture(card_scene(matter, notes=notes), ending, scale, CARD_SIZE)


def _require(ending: str, scale: int) -> None:
    if ending not in PICTURES:
        raise InvalidValueError(f"{ending!r} is no ending of a picture; it must be one of {', '.join(PICTURES)}")
    if scale not in SCALES:
        raise InvalidValueError(f"scale is {scale}; it must be 1, 2, 3 or 4")
