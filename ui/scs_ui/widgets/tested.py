"""TestedPanel: the map of tested settings and, below, the list that says the same to keyboard and screen reader."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from scs_ui.state.actions import tested as actions
from scs_ui.state.looks.tested import COLUMNS, NUMBERS, Dot, TestedLook, map_key, map_look
from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme

_RADIUS_PX, _REACH_PX = 7.0, 12.0
_SIDE_EFFECTS = COLUMNS.index("Side effects")
_TOP_PX, _RIGHT_PX, _GAP_PX = 12.0, 14.0, 8.0


class TestedMap(QWidget):
    """The map: dots over amplitude (to the right) and height (upwards); click or Enter chooses one."""

    def __init__(self, theme: Theme, on_chosen: Callable[[int], None]) -> None:
        super().__init__()
        self._theme, self._on_chosen = theme, on_chosen
        self._look: TestedLook | None = None
        self._here: tuple[float, float] | None = None
        self._hovered: int | None = None
        self.selected: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(180, 120)
        self.setAccessibleName("Map of tested settings: height of the cathodes over amplitude, mA")

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(360, 240)

    def set_look(self, look: TestedLook) -> None:
        """Show other dots."""
        self._look, self._hovered = look, None
        if self.selected is not None and self.selected >= len(look.dots):
            self.selected = None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()

    def select(self, index: int | None) -> None:
        """Ring one dot."""
        if index != self.selected:
            self.selected = index
            self.update()

    def place_of(self, dot: Dot) -> QPointF:
        """Return where a dot lies in the widget."""
        look = self._look
        assert look is not None
        frame = self._frame()
        x = frame.left() + frame.width() * dot.amplitude_ma / look.top_ma
        y = frame.bottom() - frame.height() * (dot.height_mm - look.low_mm) / (look.high_mm - look.low_mm)
        return QPointF(x, y)

    def dot_at(self, at: QPointF) -> Dot | None:
        """Return the nearest dot within reach of the pointer."""
        if self._look is None:
            return None
        near = [((self.place_of(dot) - at).manhattanLength(), dot) for dot in self._look.dots]
        best = min(near, key=lambda pair: pair[0], default=(_REACH_PX + 1.0, None))
        return best[1] if best[0] <= _REACH_PX else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell all about the dot under the pointer."""
        dot = self.dot_at(event.position())
        hovered = None if dot is None else dot.index
        if hovered != self._hovered:
            self._hovered = hovered
            self.setCursor(Qt.CursorShape.ArrowCursor if dot is None else Qt.CursorShape.PointingHandCursor)
            if dot is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPosition().toPoint(), f"{dot.words}\nClick: back to this setting", self)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the dot under the pointer."""
        self._hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the dot that was clicked."""
        dot = self.dot_at(event.position())
        if dot is not None and event.button() == Qt.MouseButton.LeftButton:
            self._on_chosen(dot.index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from dot to dot with the arrows; Enter chooses."""
        count = 0 if self._look is None else len(self._look.dots)
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if count and step is not None:
            self.select((0 if step > 0 else count - 1) if self.selected is None else (self.selected + step) % count)
            self._tell()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.selected is not None:
            self._on_chosen(self.selected)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint levels, axis and dots."""
        look = self._look
        if look is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter, look)
        if look.message:
            painter.setPen(self._theme.color("muted"))
            box = self._frame().adjusted(12, 12, -12, -12)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), look.message)
        for dot in sorted(look.dots, key=lambda dot: (dot.strength or 0.0, dot.index == self._hovered)):
            self._paint_dot(painter, dot)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _tell(self) -> None:
        assert self._look is not None
        assert self.selected is not None
        dot = self._look.dots[self.selected]
        self.setAccessibleDescription(dot.words)
        QToolTip.showText(self.mapToGlobal(self.place_of(dot).toPoint()), dot.words, self)

    def _frame(self) -> QRectF:
        below = 2.3 * self.fontMetrics().height() + 4
        left = self.fontMetrics().horizontalAdvance("T12") + 2 * _GAP_PX
        return QRectF(left, _TOP_PX, self.width() - left - _RIGHT_PX, self.height() - _TOP_PX - below)

    def _paint_axes(self, painter: QPainter, look: TestedLook) -> None:
        theme, frame, high = self._theme, self._frame(), self.fontMetrics().height()
        line, muted = theme.color("line"), theme.color("muted")
        per_mm = frame.height() / (look.high_mm - look.low_mm)
        for order, level in enumerate(look.levels):
            top = frame.bottom() - (level.high_mm - look.low_mm) * per_mm
            tall = (level.high_mm - level.low_mm) * per_mm
            if order % 2 == 0:
                painter.fillRect(QRectF(frame.left(), top, frame.width(), tall), theme.color("raised", 0.45))
            if tall >= 0.8 * high:
                painter.setPen(muted)
                painter.drawText(
                    QRectF(0.0, top, frame.left() - _GAP_PX, tall),
                    int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
                    level.name,
                )
        steps = round(look.top_ma / look.step_ma)
        for step in range(steps + 1):
            x = frame.left() + frame.width() * step / steps
            painter.setPen(QPen(line, 1.0))
            painter.drawLine(QPointF(x, frame.top()), QPointF(x, frame.bottom() + 4.0))
            painter.setPen(muted)
            box = QRectF(x - 30.0, frame.bottom() + 4.0, 60.0, high)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), f"{step * look.step_ma:g}")
        painter.drawText(
            QRectF(frame.left(), frame.bottom() + 4.0 + high, frame.width(), high * 1.2),
            int(Qt.AlignmentFlag.AlignCenter),
            "Amplitude (mA)",
        )

    def _paint_dot(self, painter: QPainter, dot: Dot) -> None:
        theme, at = self._theme, self.place_of(dot)
        radius = _RADIUS_PX + (1.5 if dot.index == self._hovered else 0.0)
        painter.setPen(QPen(theme.color("text", 0.75), 1.2))
        painter.setBrush(self.fill_of(dot))
        if dot.has_side_effects:
            painter.setPen(QPen(theme.color("warn"), 2.2))
            far = radius + 2.0
            painter.drawPolygon(QPolygonF([at + QPointF(*way) for way in ((0, -far), (far, 0), (0, far), (-far, 0))]))
        else:
            painter.drawEllipse(at, radius, radius)
        if dot.strength is None:
            painter.drawLine(at - QPointF(4.0, 0.0), at + QPointF(4.0, 0.0))
        if dot.index == self.selected:
            painter.setPen(QPen(theme.color("accent"), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, radius + 5.0, radius + 5.0)

    def fill_of(self, dot: Dot) -> QColor:
        """Return the fill of a dot: as quiet as the ground where nothing is covered, full where all is."""
        ground, full = self._theme.color("panel"), self._theme.color("usage")
        share = dot.strength or 0.0
        return QColor.fromRgbF(
            ground.redF() + share * (full.redF() - ground.redF()),
            ground.greenF() + share * (full.greenF() - ground.greenF()),
            ground.blueF() + share * (full.blueF() - ground.blueF()),
        )


class TestedPanel:
    """The panel; see `help`."""

    title = "Map of tested settings"
    help = (
        "Every setting that was noted, as a dot: to the right its amplitude, upwards the height of its cathodes beside "
        "the vertebrae. The stronger the colour, the more of the pain the model predicts to be covered; a diamond in "
        "an orange ring had side effects; a dash: coverage does not apply.\n"
        "Point at a dot to read all about it; click it, or press Enter in the list, to go back to that setting (undo "
        "brings the present one back). Delete takes one out of the list."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store = store
        self._key: object = None
        self.widget = QWidget()
        self._map = TestedMap(theme, self._restore)
        self._list = QTableWidget(0, len(COLUMNS))
        self._legend = QLabel()
        self._build()
        self.set_theme(theme)

    def show(self, moment: Moment) -> None:
        """Show the tested settings where they or the leads have changed."""
        key = map_key(moment)
        if key == self._key:
            return
        self._key = key
        look = map_look(moment)
        self._map.set_look(look)
        self._fill(look)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, and the size of texts."""
        self._map.set_theme(theme)
        self._list.verticalHeader().setDefaultSectionSize(max(26, self._list.fontMetrics().height() + 9))

    def _build(self) -> None:
        self._list.setHorizontalHeaderLabels(COLUMNS)
        self._list.verticalHeader().setVisible(False)
        self._list.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._list.setShowGrid(False)
        self._list.setTabKeyNavigation(False)
        self._list.setAccessibleName("Tested settings: amplitude mA, pulse width µs, rate Hz, coverage percent")
        self._list.setToolTip("Enter or double-click: back to this setting; Delete: out of the list")
        header = self._list.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_SIDE_EFFECTS, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(_SIDE_EFFECTS, 170)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._list.currentCellChanged.connect(lambda row, *_: self._map.select(row if row >= 0 else None))
        self._list.activated.connect(lambda index: self._restore(index.row()))
        remove = QToolButton()
        remove.setText("Remove")
        remove.setProperty("kind", "flat")
        remove.setMinimumHeight(24)
        remove.setToolTip("Takes the chosen setting out of the list (Delete)")
        remove.setAccessibleName("Remove the chosen tested setting")
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self._list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._remove)
        remove.clicked.connect(self._remove)
        self._legend.setText("strength: pain covered;  ◇ ring: side effects")
        self._legend.setProperty("role", "muted")
        row = QHBoxLayout()
        row.addWidget(self._legend, 1)
        row.addWidget(remove)
        lower = QWidget()
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(4)
        below.addLayout(row)
        below.addWidget(self._list)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self._map)
        split.addWidget(lower)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.addWidget(split)

    def _fill(self, look: TestedLook) -> None:
        self._list.setRowCount(len(look.rows))
        for place, row in enumerate(look.rows):
            for column, words in enumerate(row):
                item = QTableWidgetItem(words)
                item.setToolTip(look.dots[place].words)
                if column in NUMBERS:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._list.setItem(place, column, item)

    def _restore(self, index: int) -> None:
        self._store.end_merge()
        self._store.act("Back to a tested setting", lambda session: actions.restore(session, index))
        self._list.setCurrentCell(index, 0)

    def _remove(self) -> None:
        index = self._list.currentRow()
        if index >= 0:
            self._store.act("Remove a tested setting", lambda session: actions.remove(session, index))
