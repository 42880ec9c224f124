"""Panels as pictures: the same widgets as in the window, drawn in memory. Equal input gives equal bytes.

The body map becomes vectors through the scene of scs_sim.picture; the other panels paint themselves, what they draw as
vectors stays vectors; the whole window is a bitmap also inside SVG and PDF.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from PySide6.QtCore import (
    QEventLoop,
    QMessageLogContext,
    QPointF,
    QRect,
    QRectF,
    QSize,
    QSizeF,
    Qt,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLabel, QVBoxLayout, QWidget

import scs_sim
from scs_models.errors import InvalidValueError, ScsError
from scs_sim.picture.of_result import result_scene
from scs_sim.picture.svg import write_svg
from scs_sim.result import Result
from scs_sim.setting import Progress
from scs_ui import style
from scs_ui.app import Desk, application
from scs_ui.clock import PLOTS_MS
from scs_ui.history import History
from scs_ui.launch import end_instead_of_aborting
from scs_ui.panels import MAKERS
from scs_ui.picture_files import bitmap_svg, painted_pdf, png, still_image, widget_pdf, widget_svg
from scs_ui.scene_painter import paint_scene
from scs_ui.settings import Settings
from scs_ui.start import Start
from scs_ui.state.live import Live
from scs_ui.state.looks.status import live_text, saved_text
from scs_ui.state.session import Session
from scs_ui.state.store import Store
from scs_ui.theme import THEMES, Theme

QUIET_ROUNDS = 3
CONTROLS = (QAbstractButton, QAbstractSpinBox, QComboBox)
"""What a picture of a single panel leaves out, besides what has the property picture = "leave out"."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What to draw: a panel by name or the "window", its size before scaling, "dark" or "light".

    layout: how the panels of the window are arranged, by name.
    """

    panel: str
    width_px: int
    height_px: int
    theme: str
    layout: str = "programming"


def drawn(session: Session, picture: Picture, ending: str, progress: Progress) -> bytes:
    """Return the picture of a session as the bytes of a ".png", ".svg" or ".pdf" file; kernels are built if need be.

    Raises what the engine raises; InvalidValueError where the program of the session has no cathode or no anode.
    """
    qInstallMessageHandler(_tell)
    theme, size = THEMES[picture.theme], QSize(picture.width_px, picture.height_px)
    style.apply(application(), theme, application().font())
    store = Store(session)
    result = _answered(store, progress)
    if picture.panel == "window":
        return _of_bitmap(_window(session, picture), size, ending)
    if picture.panel == "body" and ending != ".png":
        scene, whole = result_scene(session.case, result, theme.picture), QRectF(QPointF(0, 0), QSizeF(size))
        if ending == ".svg":
            return write_svg(scene).encode()
        return painted_pdf(size, lambda painter: paint_scene(painter, scene, whole))
    card = _card(store, picture.panel, result, theme, size)
    bitmap = still_image(card)
    return png(bitmap) if ending == ".png" else widget_svg(card) if ending == ".svg" else widget_pdf(card)


def _of_bitmap(bitmap: QPixmap, size: QSize, ending: str) -> bytes:
    if ending == ".png":
        return png(bitmap)
    if ending == ".svg":
        return bitmap_svg(bitmap, size)
    return painted_pdf(size, lambda painter: painter.drawPixmap(QRect(0, 0, size.width(), size.height()), bitmap))


def _tell(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Pass on what Qt says, but for what the platform in memory always says."""
    if not message.startswith("This plugin does not support"):
        end_instead_of_aborting(kind, context, message)


def _answered(store: Store, progress: Progress) -> Result:
    """Have the engine answer the store's session here and now, every contact included."""
    live = Live()
    while (request := live.wanted(store.session)) is not None:
        live.accept(request, request(progress))
    store.show_frame(live.frame(store.session))
    if store.frame is None or store.frame.result is None:
        raise InvalidValueError("the program has no cathode or no anode: there is nothing to draw")
    return store.frame.result


def _card(store: Store, name: str, result: Result, theme: Theme, size: QSize) -> QWidget:
    """Return the panel without its controls, over a line that says what is seen."""
    panel = MAKERS[name](store, theme, History(store))
    panel.set_theme(theme)
    card = QWidget()
    card.setProperty("surface", "panel")
    card.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    line = QLabel(
        f"{result.case_title} · {result.contacts} · {result.amplitude_ma:.2f} mA · {result.pulse_width_us:g} µs"
        f" · {result.rate_hz:g} Hz<br>{scs_sim.DISCLAIMER}"
    )
    line.setWordWrap(True)
    line.setContentsMargins(12, 4, 12, 8)
    column = QVBoxLayout(card)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(panel.widget, 1)
    column.addWidget(line)
    card.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    card.resize(size)
    card.show()
    card.setFocus()  # no frame of focus in the picture
    for _ in range(3):  # sizes settle, then what depends on them
        panel.show(store.moment())
        for part in panel.widget.findChildren(QWidget):
            if isinstance(part, CONTROLS) or part.property("picture") == "leave out":
                part.hide()
        QApplication.processEvents()
    return card


def _window(session: Session, picture: Picture) -> QPixmap:
    """Return the whole window with every contact answered; its settings are those of use_offscreen's folder."""
    settings = Settings()
    settings.save(replace(settings.preferences, seen_tour=True))
    desk = Desk(application(), Start(session, layout=picture.layout, theme=picture.theme, recover=False))
    window, store = desk.window, desk.store
    desk.open()
    window.resize(picture.width_px, picture.height_px)
    window.arrange(picture.layout)
    everything = len(session.case.contact_names())

    def is_answered() -> bool:
        frame = store.frame
        return frame is not None and not frame.stale and len(frame.setting.contact_names) == everything

    quiet = 0
    while quiet < QUIET_ROUNDS:  # what panels are shown makes them ask for more, plots a frame later
        while not is_answered() or not window.runner.is_idle:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            message = store.moment().message
            if message is not None and message.tone == "error":
                raise ScsError(message.text)
        window.clock.tick()
        until_s = time.monotonic() + 3e-3 * PLOTS_MS
        while time.monotonic() < until_s:
            QApplication.processEvents()
        quiet = quiet + 1 if window.runner.is_idle else 0
    # How long the model took differs every time: it is no part of a picture.
    window.status.show_text(live_text(store.moment()), "", saved_text(store.path, store.is_saved))
    bitmap = still_image(window)
    window.may_close = lambda: True
    window.close()
    return bitmap
