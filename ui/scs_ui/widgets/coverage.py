"""CoveragePanel: how much of the pain is covered, what is felt besides, and where each figure comes from."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from scs_models.errors import ScsError
from scs_ui.state.looks.coverage import CoverageLook, EffectLook, Origin, coverage_look, origin_lines
from scs_ui.state.moment import Moment
from scs_ui.state.population import PATIENTS_COUNT, population_request
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.figure_tile import FigureTile

_COLUMNS = (6, 3, 2, 1)
_POPUP_PX = 420
# Letters in width from which a side effect stands on one line.
_ONE_LINE_LETTERS = 58


class CoveragePanel:
    """Six figures, side effects, warnings and notes; a population of patients when asked for.

    on_source: opens the table of sources at a record or reference; links show only where it is set.
    """

    title = "Coverage"
    help = (
        "Pain covered: the painful area in which paresthesia is predicted, by area and by score, with the pass line."
        " Predicted is paresthesia, never relief.\n"
        "Least covered names the painful region that is reached worst. Unwanted is felt outside the pain. By roots"
        " alone is the part that only dorsal roots give: early discomfort.\n"
        "Low back from: 0 is perception, 1 is discomfort; above 1 the low back is out of reach.\n"
        f"Population runs the program in {PATIENTS_COUNT} patients who agree with what is known; the bars then show the"
        " 5th to the 95th percentile and the median.\n"
        "Click a figure, or press Enter on it, to see where it comes from."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._theme = store, theme
        self.on_source: Callable[[str], None] | None = None
        look = coverage_look(store.moment())
        self._look = look
        self.widget = QScrollArea()
        self.widget.setObjectName("coverage")
        self.widget.setAccessibleName(self.title)
        self.widget.setWidgetResizable(True)
        self.widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.widget.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setProperty("surface", "panel")
        self.widget.setWidget(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(4, 2, 4, 8)
        column.setSpacing(0)
        self._notice = _text("warn", "Why there are no figures")
        self._tiles = [FigureTile(figure, theme) for figure in look.figures]
        for tile in self._tiles:
            tile.asked.connect(lambda tile=tile: self._tell_origin(tile))
        self._grid = QGridLayout()
        self._grid.setSpacing(0)
        self._columns = 0
        self._population, self._ask = _text("muted", "Population"), QPushButton("Population")
        self._ask.setMinimumHeight(26)
        self._ask.setAccessibleName(f"Population: run the program in {PATIENTS_COUNT} patients")
        self._ask.setToolTip(
            f"Runs the program in {PATIENTS_COUNT} patients who agree with what is known of this one;\n"
            "missing kernels are built first, which can take minutes and can be cancelled."
        )
        self._ask.clicked.connect(self._ask_population)
        self.effects = EffectList(theme)
        self._warnings, self._notes = _text("warn", "Warnings"), _text("muted", "Notes")
        below = QHBoxLayout()
        below.setContentsMargins(8, 2, 8, 2)
        below.addWidget(self._population, 1)
        below.addWidget(self._ask, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._notice)
        column.addLayout(self._grid)
        column.addLayout(below)
        for item in (self.effects, self._warnings, self._notes):
            column.addWidget(item)
        column.addStretch(1)
        self._popup: OriginPopup | None = None
        self._arranger = _Arranger(self)
        self.widget.viewport().installEventFilter(self._arranger)
        self._lay_out(3)
        self._show_look(look, force=True)

    def show(self, moment: Moment) -> None:
        """Show the figures of a moment; only what differs is touched."""
        self._show_look(coverage_look(moment))

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        for tile in self._tiles:
            tile.set_theme(theme)
        self.effects.set_theme(theme)

    def arrange(self) -> None:
        """Put as many figures side by side as there is room for."""
        wide, tile = self.widget.viewport().width() - 8, self._tiles[0]
        columns = next((count for count in _COLUMNS if count * tile.least_width(False) <= wide), 1)
        narrow = columns == 1 and 2 * tile.least_width(True) <= wide
        for item in self._tiles:
            item.set_narrow(narrow)
        self._lay_out(2 if narrow else columns)

    def _lay_out(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for index, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, index // columns, index % columns, Qt.AlignmentFlag.AlignTop)
        for index in range(max(_COLUMNS)):
            self._grid.setColumnStretch(index, 1 if index < columns else 0)

    def _show_look(self, look: CoverageLook, *, force: bool = False) -> None:
        before, self._look = self._look, look
        for tile, figure in zip(self._tiles, look.figures, strict=True):
            tile.show_look(figure)
            tile.set_faded(look.is_stale)
        if force or look.effects != before.effects:
            self.effects.show_effects(look.effects)
        for label, text in (
            (self._notice, look.notice),
            (self._population, look.population),
            (self._warnings, "\n".join(f"! {line}" for line in look.warnings)),
            (self._notes, "\n".join(look.notes)),
        ):
            if label.text() != text or force:
                label.setText(text)
                label.setVisible(bool(text) or label is self._population)
        if force or look.can_ask != before.can_ask:
            self._ask.setEnabled(look.can_ask)

    def _ask_population(self) -> None:
        session = self._store.session
        try:
            request = population_request(session)
        except ScsError as error:
            self._store.say(str(error), "warn")
            return
        self._store.ask(
            "population",
            request,
            lambda answer: self._store.show_population(answer) if self._store.session is session else None,
            label=f"{PATIENTS_COUNT} patients",
        )

    def _tell_origin(self, tile: FigureTile) -> None:
        self._popup = OriginPopup(tile.look.name, tile.origin, self.on_source)
        self._popup.open_at(tile)


class OriginPopup(QFrame):
    """Where a figure comes from: its formula in words and its sources; closes with Esc or a click elsewhere."""

    def __init__(self, name: str, origin: Origin, on_source: Callable[[str], None] | None) -> None:
        super().__init__(None, Qt.WindowType.Popup)
        self.setProperty("surface", "banner")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(f"Where {name} comes from")
        rows = [f"<b>{escape(name)}</b>", escape(origin.words)]
        for key, words in origin_lines(origin):
            link = f' <a href="{escape(key)}">look up</a>' if on_source is not None else ""
            rows.append(f"{escape(words)}{link}")
        self.label = QLabel(
            "<br><br>".join(rows[:2]) + "<ul>" + "".join(f"<li>{row}</li>" for row in rows[2:]) + "</ul>"
        )
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setFixedWidth(_POPUP_PX)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        if on_source is not None:
            self.label.linkActivated.connect(on_source)
            self.label.linkActivated.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 6)
        layout.addWidget(self.label)

    def open_at(self, anchor: QWidget) -> None:
        """Show beside a widget, within the screen."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(8, anchor.height()))
        screen = anchor.screen().availableGeometry()
        if corner.y() + self.height() > screen.bottom():
            corner.setY(anchor.mapToGlobal(QPoint(0, 0)).y() - self.height())
        corner.setX(min(max(corner.x(), screen.left()), screen.right() - self.width()))
        self.move(corner)
        self.show()


class EffectList(QWidget):
    """Side effects, one a row: a filled sign where it is felt now, what and where, and from which amplitude."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._effects: tuple[EffectLook, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # so that Tab scrolls it into sight
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_effects(self, effects: tuple[EffectLook, ...]) -> None:
        """Show other side effects."""
        rows, self._effects = len(self._effects), effects
        words = "; ".join(f"{e.what}, {e.where}, from {e.start}{', felt now' if e.is_now else ''}" for e in effects)
        self.setAccessibleName(f"Side effects: {words}" if words else "No side effects in reach")
        self.setToolTip(self.accessibleName().replace("; ", "\n"))
        if len(effects) != rows:
            self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of heading and rows."""
        rows = max(1, len(self._effects)) * (2 if self._is_narrow() else 1)
        return QSize(220, round(self._row_px() * (1 + rows) + 6))

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return QSize(160, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take two lines for each where one is too short."""
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint heading and rows."""
        theme, high, text = self._theme, self._row_px(), QFontMetricsF(self.font())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, wide = 12.0, self.width() - 24.0
        painter.setPen(QPen(theme.color("line"), 1.0))
        painter.drawLine(QRectF(left, 2.0, wide, 1.0).topLeft(), QRectF(left, 2.0, wide, 1.0).topRight())
        painter.setPen(theme.color("muted"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, 4.0, wide, high), middle, "Side effects, and from which amplitude")
        top = 4.0 + high
        if not self._effects:
            painter.drawText(QRectF(left, top, wide, high), middle, "none in reach")
        for effect in self._effects:
            radius = 0.17 * high
            painter.setPen(QPen(theme.color("warn" if effect.is_now else "faint"), 1.4))
            painter.setBrush(theme.color("warn") if effect.is_now else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(left + 1, top + high / 2 - radius, 2 * radius, 2 * radius))
            painter.setPen(theme.color("text" if effect.is_now else "muted"))
            tail = f"{effect.start}{'  felt now' if effect.is_now else ''}"
            end = text.horizontalAdvance(tail) + 4.0
            painter.drawText(QRectF(left, top, wide, high), middle | Qt.AlignmentFlag.AlignRight, tail)
            room = wide - end - 30.0
            words = (effect.what, effect.where) if self._is_narrow() else (f"{effect.what}: {effect.where}",)
            for line in words:
                shown = text.elidedText(line, Qt.TextElideMode.ElideRight, room)
                painter.drawText(QRectF(left + 18.0, top, room, high), middle, shown)
                top, room = top + high, wide - 18.0
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 1.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -1.5), 6.0, 6.0)
        painter.end()

    def _is_narrow(self) -> bool:
        return self.width() < _ONE_LINE_LETTERS * QFontMetricsF(self.font()).averageCharWidth()

    def _row_px(self) -> float:
        return round(QFontMetricsF(self.font()).height() + 5.0)


class _Arranger(QObject):
    """Tells the panel of its new widths."""

    def __init__(self, panel: CoveragePanel) -> None:
        super().__init__()
        self._panel = panel

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QResizeEvent):
            self._panel.arrange()
        return False


def _text(role: str, name: str) -> QLabel:
    """Return a label of some lines that can be selected, and reached by Tab so that it scrolls into sight."""
    label = QLabel()
    label.setProperty("role", role)
    label.setAccessibleName(name)
    label.setWordWrap(True)
    label.setContentsMargins(12, 5, 12, 5)
    flags = Qt.TextInteractionFlag
    label.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
    return label
