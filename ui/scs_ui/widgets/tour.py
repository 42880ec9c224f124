"""The tour over the window: all is dimmed but the panel that is told about, with a card beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from scs_sim.picture.looks import code
from scs_ui.state.tour import Tour, back, card_place, ended, forward
from scs_ui.theme import Theme

DIM = 0.62
HOLE_RADIUS_PX = 10.0
CARD_LETTERS = 52

_FORWARD = (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown)
_TABS = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageUp)


class TourOverlay(QWidget):
    """Shows the tour over `window` until it is over; arrows or buttons go on and back, Esc ends it.

    find: panel name -> its widget, None where it is not shown; on_over: called once at the end, however it came.
    """

    def __init__(
        self,
        window: QWidget,
        find: Callable[[str], QWidget | None],
        theme: Theme,
        on_over: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(window)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._below, self._find, self._theme, self._on_over = window, find, theme, on_over
        self._tour = Tour(over=True)
        self._hole: QRect | None = None
        # The window lays its docks out after it has told that it will, and puts them above the overlay.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._follow)
        self._before: QWidget | None = None
        self._card = QFrame(self)
        self._card.setProperty("surface", "banner")
        self._inside = QVBoxLayout(self._card)
        self._progress, self._title, self._text, self._keys = QLabel(), QLabel(), QLabel(), QLabel()
        self._progress.setProperty("role", "muted")
        self._keys.setProperty("role", "muted")
        self._title.setProperty("role", "big")
        self._skip, self._back, self._next = QPushButton("Skip"), QPushButton("Back"), QPushButton("Next")
        self._next.setProperty("kind", "primary")
        self._lay_out()
        self._skip.clicked.connect(lambda: self._go(ended(self._tour)))
        self._back.clicked.connect(lambda: self._go(back(self._tour)))
        self._next.clicked.connect(lambda: self._go(forward(self._tour)))
        self.hide()

    @property
    def tour(self) -> Tour:
        """Return where the tour is."""
        return self._tour

    def start(self) -> None:
        """Begin at the first step."""
        if self._tour.over:
            self._before = self.window().focusWidget()
            self._below.installEventFilter(self)
        self._go(Tour())

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim everything but the hole, and draw a line round it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.OddEvenFill)
        path.addRect(QRectF(self.rect()))
        hole = None if self._hole is None else QRectF(self._hole)
        if hole is not None:
            path.addRoundedRect(hole, HOLE_RADIUS_PX, HOLE_RADIUS_PX)
        painter.fillPath(path, self._theme.color(code(self._theme.picture.shade), DIM))
        if hole is not None:
            painter.setPen(QPen(self._theme.color("accent"), 2.0))
            painter.drawRoundedRect(hole, HOLE_RADIUS_PX, HOLE_RADIUS_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep clicks from what lies below."""
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Take the tour's keys before the window's shortcuts do."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, back, or end."""
        key = Qt.Key(event.key())
        if key in _FORWARD:
            self._go(forward(self._tour))
        elif key in _BACK:
            self._go(back(self._tour))
        elif key == Qt.Key.Key_Escape:
            self._go(ended(self._tour))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._go(forward(self._tour))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size; take keys that its buttons do not use; keep Tab on the card."""
        kind = event.type()
        if watched is self._below and kind in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._later.start()
        elif watched in (self._skip, self._back, self._next) and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if kind == QEvent.Type.KeyPress and key in _TABS:
                self._next_button(watched, _TABS[key]).setFocus()
                return True
            if kind == QEvent.Type.KeyPress and key not in (Qt.Key.Key_Space, Qt.Key.Key_Return):
                self.keyPressEvent(event)
                return True
        return False

    def _go(self, tour: Tour) -> None:
        self._tour = tour
        if tour.over:
            self.hide()
            self._below.removeEventFilter(self)
            if self._before is not None and isValid(self._before):
                self._before.setFocus()
            self._before = None
            self._on_over()
            return
        step = tour.step
        self._progress.setText(f"Tour, {tour.progress}")
        self._title.setText(step.title)
        self._text.setText(step.text)
        self._keys.setText(step.keys)
        self._back.setEnabled(tour.place > 0)
        self._skip.setVisible(not tour.is_last)
        self._next.setText("Done" if tour.is_last else "Next")
        words = f"Tour, step {tour.progress}. {step.title}. {step.text} {step.keys}"
        self.setAccessibleName(words)
        self._next.setAccessibleName(f"{self._next.text()}. {words}")
        self._place()
        self.show()
        self.raise_()
        self._next.setFocus()

    def _follow(self) -> None:
        if not self._tour.over:
            self._place()
            self.raise_()

    def _next_button(self, button: QObject, step: int) -> QPushButton:
        """Return the button that Tab goes to: the focus stays on the card."""
        usable = [item for item in (self._skip, self._back, self._next) if item.isEnabled() and item.isVisible()]
        return usable[(usable.index(self._next if button not in usable else button) + step) % len(usable)]

    def _place(self) -> None:
        self.setGeometry(self._below.rect())
        panel = self._find(self._tour.step.panel) if self._tour.step.panel else None
        self._hole = None
        if panel is not None and panel.isVisible():
            corner = panel.mapTo(self._below, QPoint(0, 0))
            self._hole = QRect(corner, panel.size()).adjusted(-4, -4, 4, 4).intersected(self.rect())
        wide = min(self.fontMetrics().averageCharWidth() * CARD_LETTERS, self.width() - 40)
        self._card.setFixedWidth(wide)
        self._card.setFixedHeight(self._inside.heightForWidth(wide))
        at = self._hole
        hole = None if at is None else (at.x(), at.y(), at.width(), at.height())
        left, top = card_place((self.width(), self.height()), hole, (self._card.width(), self._card.height()))
        self._card.move(left, top)
        self.update()

    def _lay_out(self) -> None:
        title = self._title.font()
        title.setPointSizeF(title.pointSizeF() * 1.3)
        title.setBold(True)
        self._title.setFont(title)
        for label in (self._text, self._keys, self._title):
            label.setWordWrap(True)
        for button in (self._skip, self._back, self._next):
            button.setMinimumHeight(28)
            button.installEventFilter(self)
        self._skip.setAccessibleName("End the tour")
        self._back.setAccessibleName("Step back")
        row = QHBoxLayout()
        row.addWidget(self._skip)
        row.addStretch(1)
        row.addWidget(self._back)
        row.addWidget(self._next)
        layout = self._inside
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(10)
        for label in (self._progress, self._title, self._text, self._keys):
            layout.addWidget(label)
        layout.addSpacing(6)
        layout.addLayout(row)
