"""What the search panel holds, made when it is first seen: settings, the button, suggestions, plot and reasons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scs_sim.program import Program
from scs_sim.search.result import SearchResult
from scs_ui.keys import tooltip
from scs_ui.state.actions import search as actions
from scs_ui.state.looks import search as looks
from scs_ui.state.looks.search_plot import PlotLook, current_figures, current_mark, plot_look
from scs_ui.state.moment import Moment
from scs_ui.state.search import Searcher, program_at
from scs_ui.state.session import Session
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.controls import ElidedLabel
from scs_ui.widgets.search_cards import SuggestionList
from scs_ui.widgets.search_plot import SearchPlot
from scs_ui.widgets.search_settings import SearchSettings
from scs_ui.widgets.search_why import WhyView

_WIDE, _WIDE_LETTERS = 1.25, 78
"""Where the panel is wider than high by this, and as wide as so many letters, the plot stands beside the suggestions,
else below them."""
_LEAST_LINES = {False: 23, True: 17}
"""Lines of text that suggestions, plot and reasons need in height, below and beside each other."""


class Mail(QObject):
    """Has functions called in the thread of the window, whichever thread sends them."""

    _came = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._came.connect(self._open, Qt.ConnectionType.QueuedConnection)

    def send(self, function: Callable[[], None]) -> None:
        """Have `function` called soon."""
        self._came.emit(function)

    def _open(self, function: Callable[[], None]) -> None:
        function()


class SearchBoard:
    """The content of the panel; `searcher` holds what is asked and found."""

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store = store
        self._mail = Mail()
        self.searcher = Searcher(store, self._mail.send)
        self.searcher.on_change = self._refresh
        self.widget = QWidget()
        self.settings = SearchSettings(store, self.searcher)
        self.button, self.fold = QPushButton("Search"), QToolButton()
        self.progress, self.words = QProgressBar(), ElidedLabel()
        self.notice, self.from_start = QLabel(), ElidedLabel()
        self.cards = SuggestionList(theme, self.searcher.choose, self.apply)
        self.plot = SearchPlot(theme, self.searcher.choose, self.apply, self._refresh)
        self.why = WhyView(theme)
        self.deeds: dict[str, QPushButton] = {}
        self._message, self._stack = QLabel(), QStackedWidget()
        self._outer, self._inner = QSplitter(Qt.Orientation.Vertical), QSplitter(Qt.Orientation.Horizontal)
        self._drawn: tuple[SearchResult, tuple[str, str], PlotLook] | None = None
        self._ears = _Ears(self)
        self._build()
        self._fold(False)

    def show(self, moment: Moment) -> None:
        """Show the search and what stands where now."""
        searcher, session = self.searcher, moment.session
        searcher.follow(session)
        run, spec = searcher.run, searcher.spec
        self.settings.show(session)
        why_not = looks.refusal(session)
        progress = looks.progress_look(run)
        self.button.setText("Stop" if searcher.is_running else "Search")
        self.button.setEnabled(searcher.is_running or not why_not)
        self.progress.setVisible(progress.share is not None)
        self.progress.setValue(round(100.0 * (progress.share or 0.0)))
        self.words.setText(progress.words or looks.summary(spec, session))
        notice, message = looks.notice(run, session, spec), looks.message(run, session)
        self.notice.setVisible(bool(notice))
        self.notice.setText(f"! {notice}" if notice else "")
        self._message.setText(message)
        self._stack.setCurrentIndex(1 if message else 0)
        result, chosen = run.result, searcher.chosen
        if result is None or message:
            return
        self.from_start.setText(looks.start_words(result))
        self.cards.show(looks.cards(result, session), chosen)
        axes = self.plot.axes
        if self._drawn is None or self._drawn[0] is not result or self._drawn[1] != axes:
            self._drawn = result, axes, plot_look(result, *axes)
        self.plot.show(self._drawn[2], chosen)
        self.plot.show_now(current_mark(self._drawn[2], current_figures(moment), *axes))
        self.why.show(looks.why_look(result, chosen))
        can = chosen is not None and program_at(result, chosen) is not None
        for button in self.deeds.values():
            button.setEnabled(can)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        for part in (self.cards, self.plot, self.why):
            part.set_theme(theme)

    def toggle(self) -> None:
        """Begin a search, or stop the one under way."""
        if self.searcher.is_running:
            self.searcher.stop()
        elif self.button.isEnabled():
            self._fold(True)
            self.searcher.start()

    def apply(self, index: int | None = None) -> None:
        """Dial one of the programs (default: the chosen one), at its amplitude, as one step."""
        at = self.searcher.chosen if index is None else index
        result = self.searcher.run.result
        program = None if result is None or at is None else program_at(result, at)
        if program is None or at is None:
            return
        self.searcher.choose(at)
        self._store.end_merge()
        name = self._name(at)
        if self._store.act(f"Apply {name}", lambda session: actions.apply(session, program)):
            self._store.say(f"{name} is dialled, at its amplitude. Undo takes it back.", "good")

    def compare(self) -> None:
        """Put the chosen program beside the one in hand."""
        self._with_chosen("Compare with", actions.compare)

    def keep(self) -> None:
        """Put the chosen program at the end of the list of programs."""
        self._with_chosen("Keep", actions.keep)

    def copy(self) -> None:
        """Copy the chosen program with its reasons as text."""
        result, at = self.searcher.run.result, self.searcher.chosen
        if result is not None and at is not None:
            QGuiApplication.clipboard().setText(looks.copied_text(result, at))
            self._store.say(f"{self._name(at)} copied as text", "good")

    def turn(self) -> None:
        """Put plot and reasons beside the suggestions where the panel is wide, below them where it is high."""
        room = self._stack.size()
        letters = _WIDE_LETTERS * self.widget.fontMetrics().averageCharWidth()
        is_wide = room.width() > max(_WIDE * room.height(), letters)
        self._keep_readable(is_wide)
        outer, inner = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        if not is_wide:
            outer, inner = inner, outer
        if self._outer.orientation() != outer:
            self._outer.setOrientation(outer)
            self._inner.setOrientation(inner)
            self._split()

    def _keep_readable(self, is_wide: bool) -> None:
        """Let the results scroll where the panel is too low for cards, plot and reasons."""
        lines = _LEAST_LINES[is_wide]
        least_px = round(lines * self.widget.fontMetrics().lineSpacing())
        if self._outer.minimumHeight() != least_px:
            self._outer.setMinimumHeight(least_px)

    def _split(self) -> None:
        """Share the room out as at first: half for suggestions, more of the rest for the plot than for reasons."""
        is_wide = self._outer.orientation() == Qt.Orientation.Horizontal
        self._outer.setSizes([5000, 5000])  # more than there is: shared out in proportion
        self._inner.setSizes([6400, 3600] if is_wide else [5600, 4400])

    def _with_chosen(self, what: str, action: Callable[[Session, Program, str], Session]) -> None:
        result, at = self.searcher.run.result, self.searcher.chosen
        program = None if result is None or at is None else program_at(result, at)
        if program is None or at is None:
            return
        name = self._name(at)
        if self._store.act(f"{what} {name[:1].lower()}{name[1:]}", lambda session: action(session, program, name)):
            self._store.say(f"{name} is in the list of programs", "good")

    def _name(self, index: int) -> str:
        result = self.searcher.run.result
        suggested = 0 if result is None else len(result.suggestions)
        return f"Suggestion {index + 1}" if index < suggested else f"Program {index - suggested + 1} of the front"

    def _refresh(self) -> None:
        self.show(self._store.moment())

    def _fold(self, folded: bool) -> None:
        self.settings.widget.setVisible(not folded)
        self.fold.setChecked(not folded)
        self.fold.setArrowType(Qt.ArrowType.RightArrow if folded else Qt.ArrowType.DownArrow)

    def _build(self) -> None:
        self.button.setProperty("kind", "primary")
        self.button.setMinimumWidth(110)
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.button.setToolTip(tooltip("search.run"))
        self.button.setAccessibleName("Search for programs, or stop the search")
        self.button.clicked.connect(self.toggle)
        self.fold.setText("Settings")
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setCheckable(True)
        self.fold.setProperty("kind", "flat")
        self.fold.setToolTip("Show or hide what to search for")
        self.fold.setMinimumHeight(26)
        self.fold.clicked.connect(lambda shown: self._fold(not shown))
        self.progress.setAccessibleName("Progress of the search in percent")
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the button keeps its height
        self.progress.setSizePolicy(policy)
        self.words.setProperty("role", "muted")
        self.notice.setProperty("role", "warn")
        self.notice.setWordWrap(True)
        self.from_start.setProperty("role", "muted")
        self._message.setProperty("role", "muted")
        self._message.setWordWrap(True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setMargin(16)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        layout.addWidget(self.settings.widget)
        layout.addLayout(self._button_row())
        layout.addWidget(self.notice)
        layout.addWidget(self._stack, 1)
        self._stack.addWidget(self._results())
        self._stack.addWidget(self._message)
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._stack.installEventFilter(self._ears)
        self._split()
        self.widget.setProperty("surface", "panel")

    def _button_row(self) -> QHBoxLayout:
        row, column = QHBoxLayout(), QVBoxLayout()
        row.setSpacing(10)
        column.setSpacing(4)
        column.setContentsMargins(0, 4, 0, 4)
        column.addStretch(1)
        column.addWidget(self.progress)
        column.addWidget(self.words)
        column.addStretch(1)
        row.addWidget(self.button)
        row.addLayout(column, 1)
        row.addWidget(self.fold)
        return row

    def _results(self) -> QWidget:
        left = QWidget()
        for part in (left, self.plot.widget):
            part.setProperty("surface", "panel")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.from_start)
        column.addWidget(self.cards.widget, 1)
        column.addLayout(self._deeds_row())
        self._inner.addWidget(self.plot.widget)
        self._inner.addWidget(self.why.widget)
        self._outer.addWidget(left)
        self._outer.addWidget(self._inner)
        for split in (self._outer, self._inner):
            split.setChildrenCollapsible(False)
            split.setHandleWidth(7)
        area = QScrollArea()
        area.setWidget(self._outer)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    def _deeds_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(5)
        for name, text, tip, deed in (
            ("apply", "Apply", "Dials the chosen program with its amplitude, as one step (Enter)", self.apply),
            ("compare", "Compare", "Puts it beside the program in hand; F4 swaps the two", self.compare),
            ("keep", "Keep", "Puts it at the end of the list of programs", self.keep),
            ("copy", "Copy", "Copies it with its reasons as text", self.copy),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAccessibleName(f"{text}: {tip}")
            button.setMinimumHeight(26)
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _checked=False, deed=deed: deed())
            self.deeds[name] = button
            row.addWidget(button)
        row.addStretch(1)
        return row


class _Ears(QObject):
    """Tells the board when its room changes."""

    def __init__(self, board: SearchBoard) -> None:
        super().__init__()
        self._board = board

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return False: nothing is taken."""
        if event.type() == QEvent.Type.Resize:
            self._board.turn()
        return False
