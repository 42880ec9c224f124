"""A monkey at the window: random but reproducible user actions, by mouse, by keys and through the menus.

It does nothing that opens a dialog of the system or leaves the program; everything else is fair.
"""

from __future__ import annotations

import random

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

KEPT_OUT = {
    "file.new", "file.open", "file.save", "file.save_as", "file.export", "file.report", "file.card", "file.quit",
    "edit.preferences", "help.panel", "help.shortcuts", "help.tour", "help.demo", "help.sources", "help.log",
    "help.about", "program.rename", "view.full_screen", "file.pain_sheet",
}  # fmt: skip
KEYS = (
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Plus,
    Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_L, Qt.Key.Key_E, Qt.Key.Key_B, Qt.Key.Key_X, Qt.Key.Key_P, Qt.Key.Key_O,
    Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight, Qt.Key.Key_Escape, Qt.Key.Key_3, Qt.Key.Key_Period,
)  # fmt: skip
MODIFIERS = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier,
)  # fmt: skip
LEFT = Qt.MouseButton.LeftButton


def close_popups() -> None:
    """Close what stands before the window."""
    for popup in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
        if popup is not None:
            popup.close()


class Monkey:
    """Plays with a desk's window; `done` lists the last few actions, for the report of a failure."""

    def __init__(self, desk, seed: int) -> None:
        self.desk, self.window, self.random = desk, desk.window, random.Random(seed)
        self.done: list[str] = []
        self._closer = QTimer(self.window, interval=15)  # a menu waits for an answer in an event loop of its own
        self._closer.timeout.connect(close_popups)
        self._closer.start()
        self._names = [name for name in desk.menus.actions if name not in KEPT_OUT]

    def play(self, times: int) -> None:
        """Do `times` random actions, letting the window work between them now and then."""
        deeds = (self.menu, self.menu, self.click, self.drag, self.key, self.key, self.wheel, self.undo, self.wait)
        for _ in range(times):
            deed = self.random.choice(deeds)
            deed()
            close_popups()
            if self.random.random() < 0.3:
                QApplication.processEvents()

    def menu(self) -> None:
        action = self.desk.menus.actions[self._note(self.random.choice(self._names))]
        if action.isEnabled():
            action.trigger()

    def click(self) -> None:
        widget = self._widget()
        if widget is not None:
            button = self.random.choice((LEFT, LEFT, LEFT, Qt.MouseButton.RightButton))
            QTest.mouseClick(widget, button, Qt.KeyboardModifier.NoModifier, self._point(widget))

    def drag(self) -> None:
        widget = self._widget()
        if widget is None:
            return
        QTest.mousePress(widget, LEFT, Qt.KeyboardModifier.NoModifier, self._point(widget))
        for _ in range(self.random.randint(1, 5)):
            QTest.mouseMove(widget, self._point(widget))
        QTest.mouseRelease(widget, LEFT, Qt.KeyboardModifier.NoModifier, self._point(widget))

    def key(self) -> None:
        target = QApplication.focusWidget() or self.window
        key, modifier = self.random.choice(KEYS), self.random.choice(MODIFIERS)
        self._note(f"key {key.name} {modifier.name} at {type(target).__name__}")
        QTest.keyClick(target, key, modifier)

    def wheel(self) -> None:
        widget = self._widget()
        if widget is None:
            return
        point = self._point(widget)
        turn = QPoint(0, self.random.choice((-120, 120)))
        event = QWheelEvent(
            point.toPointF(), widget.mapToGlobal(point).toPointF(), QPoint(), turn, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def undo(self) -> None:
        self._note("undo or redo")
        for _ in range(self.random.randint(1, 6)):
            self.random.choice((self.window.history.undo, self.window.history.undo, self.window.history.redo))()

    def wait(self) -> None:
        loop = QEventLoop()  # unlike QTest.qWait it lets worker threads run
        QTimer.singleShot(self.random.randint(0, 8), loop.quit)
        loop.exec()

    def _widget(self) -> QWidget | None:
        item = self.random.choice(list(self.window.docks.values()))
        if not item.is_seen:
            return None
        children = [w for w in item.panel.widget.findChildren(QWidget) if w.isVisible() and w.isEnabled()]
        widget = self.random.choice([item.panel.widget, *children])
        self._note(f"mouse at {item.panel.title}: {type(widget).__name__} {widget.accessibleName()!r}")
        return widget

    def _point(self, widget: QWidget) -> QPoint:
        return QPoint(
            self.random.randint(0, max(widget.width() - 1, 0)), self.random.randint(0, max(widget.height() - 1, 0))
        )

    def _note(self, text: str) -> str:
        self.done = [*self.done[-19:], text]
        return text
