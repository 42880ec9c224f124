"""BodyPanel: the body map with its tools, legend and the line of numbers; two maps while programs are compared."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from scs_ui.handlers.body import turn_brush
from scs_ui.state.actions import pain
from scs_ui.state.looks.body import body_look, compared_look, program_titles, region_look
from scs_ui.state.moment import Moment
from scs_ui.state.pain_paint import Points, prepare_painting
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.body_canvas import BodyCanvas
from scs_ui.widgets.body_legend import BodyLegend
from scs_ui.widgets.body_tools import BodyTools

# From this ratio of width to height on the tools stand in a column at the left: height is what the figures lack.
_UPRIGHT_FROM = 1.2
# Lines of text as high as all tools and dials in a column, with what stands below.
_UPRIGHT_LINES = 28


class BodyPanel:
    """Predicted paresthesia and reported pain on the body; pain is painted here."""

    title = "Body map"
    help = (
        "Colour: where paresthesia is predicted, and how strong. Orange hatch: felt through a dorsal root, a side"
        " effect. Magenta, dashed and hatched: pain as reported. Predicted is paresthesia, never relief.\n"
        "Point at a region, or go to it with the arrow keys, for its dermatomes, pain, felt share, intensity and the"
        " amplitude from which it is felt.\n"
        "Paint pain with brush (B), eraser (X), whole regions (R) or free outlines (G); set the score with 1 to 9 and"
        " 0, the width with [ and ]. One stroke is one step of undo.\n"
        "P and O show and hide pain and paresthesia, Tab goes to the next view. L and R are the patient's."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._moment = store, store.moment()
        self.widget = QWidget()
        self.widget.setObjectName("body")
        self.widget.setAccessibleName(self.title)
        self.tools, self.canvas, self.legend = BodyTools(store, theme), BodyCanvas(theme), BodyLegend(theme)
        self._theme = theme
        self._other: BodyCanvas | None = None
        self._headings = (_heading(), _heading())
        self._maps = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._maps.setSpacing(0)
        self._maps.addLayout(_column(self._headings[0], self.canvas), 1)
        self._numbers = QLabel()
        self._numbers.setTextFormat(Qt.TextFormat.RichText)
        self._numbers.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._numbers.setWordWrap(True)
        self._numbers.setAccessibleName("Numbers of the region pointed at")
        self._numbers.setProperty("picture", "leave out")
        self._numbers.setFixedHeight(2 * self._numbers.fontMetrics().lineSpacing() + 4)
        self._above = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._above.setSpacing(0)
        self._above.addWidget(self.tools.widget)
        self._above.addLayout(self._maps, 1)
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(2)
        column.addLayout(self._above, 1)
        for item in (self.legend, self._numbers):
            row = QVBoxLayout()
            row.setContentsMargins(12, 0, 12, 0)
            row.addWidget(item)
            column.addLayout(row)
        self._region = ""
        self._turner = _Turner(self)
        self.widget.installEventFilter(self._turner)
        self._connect(self.canvas)
        self.canvas.stroked.connect(self._paint_stroke)
        self.canvas.outlined.connect(self._paint_outline)
        self.canvas.region_used.connect(self._paint_region)
        self.canvas.brush_turned.connect(lambda steps: turn_brush(store, steps))
        self.canvas.score_typed.connect(lambda score: store.look(brush_score=float(score)))

    def show(self, moment: Moment) -> None:
        """Show a moment: colours, pain, tools, and the numbers of the region pointed at."""
        before, self._moment = self._moment, moment
        if before.view.tool == "none" != moment.view.tool:
            QTimer.singleShot(0, prepare_painting)
        look = body_look(moment)
        self.tools.show(moment.view)
        self.canvas.show_look(look)
        other = compared_look(moment)
        if (other is None) != (self._other is None or not self._other.isVisibleTo(self.widget)):
            self._compare(other is not None)
        if other is not None and self._other is not None:
            self._other.show_look(other)
            for label, text in zip(self._headings, program_titles(moment), strict=True):
                label.setText(text)
        self._say(look.hint)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        for part in (self.tools, self.canvas, self.legend, self._other):
            if part is not None:
                part.set_theme(theme)
        self._say(body_look(self._moment).hint)

    def turn(self) -> None:
        """Put tools and two maps beside or above each other, whichever leaves the maps larger."""
        wide, high = self.widget.width(), self.widget.height()
        free = high - sum(item.height() for item in (self.tools.widget, self.legend, self._numbers))
        upright = wide > _UPRIGHT_FROM * high and high >= _UPRIGHT_LINES * self.widget.fontMetrics().lineSpacing()
        if not upright:  # before the tools lie down: a row beside the maps would force the window wider
            self._above.setDirection(_direction(False))
        self.tools.set_shape("column" if upright else "row" if wide >= self.tools.row_width() else "rows")
        if upright:
            self._above.setDirection(_direction(True))
        if self._maps.direction() != _direction(wide >= free):
            self._maps.setDirection(_direction(wide >= free))

    def _compare(self, shown: bool) -> None:
        """Show or hide the second map."""
        if shown and self._other is None:
            self._other = BodyCanvas(self._theme)
            self._other.setAccessibleName("Body map of the program compared")
            self._connect(self._other)
            self._maps.addLayout(_column(self._headings[1], self._other), 1)
        if self._other is not None:
            self._other.setVisible(shown)
        for label in self._headings:
            label.setVisible(shown)
        self.turn()

    def _connect(self, canvas: BodyCanvas) -> None:
        canvas.hovered.connect(self._point_at)

    def _point_at(self, region_id: str) -> None:
        self._region = region_id or self.canvas.ring if self.canvas.hasFocus() else region_id
        self._say(body_look(self._moment).hint)

    def _say(self, hint: str) -> None:
        """Write the numbers of the region, or the hint; tell them to screen readers too."""
        if self._region:
            said = region_look(self._moment, self._region)
            text = f"<b>{escape(said.title)}</b>&nbsp;&nbsp; {escape(said.numbers)}"
            self.canvas.setAccessibleDescription(f"{said.title}: {said.numbers}")
        else:
            text = f'<span style="color: {self._theme.muted}">{escape(hint)}</span>'
        if self._numbers.text() != text:
            self._numbers.setText(text)

    def _paint_stroke(self, view: str, points: Points) -> None:
        now = self._store.view
        score = 0.0 if now.tool == "eraser" else now.brush_score
        self._store.act(_words(score), lambda session: pain.paint_stroke(session, view, points, now.brush_size, score))

    def _paint_outline(self, view: str, points: Points) -> None:
        score = self._store.view.brush_score
        self._store.act(_words(score), lambda session: pain.paint_outline(session, view, points, score))

    def _paint_region(self, region_id: str) -> None:
        now = self._store.view
        score = 0.0 if now.tool == "eraser" else now.brush_score
        self._store.act(f"{_words(score)} in a region", lambda session: pain.paint_region(session, region_id, score))


class _Turner(QObject):
    """Tells the panel of its widget's new sizes."""

    def __init__(self, panel: BodyPanel) -> None:
        super().__init__()
        self._panel = panel

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QResizeEvent):
            self._panel.turn()
        return False


def _direction(beside: bool) -> QBoxLayout.Direction:
    return QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom


def _words(score: float) -> str:
    return f"Paint pain {score:g}" if score > 0.0 else "Rub pain out"


def _heading() -> QLabel:
    label = QLabel()
    label.setProperty("role", "title")
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setVisible(False)
    return label


def _column(heading: QLabel, canvas: BodyCanvas) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    column.addWidget(heading)
    column.addWidget(canvas, 1)
    return column
