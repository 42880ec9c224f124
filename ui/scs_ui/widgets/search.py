"""SearchPanel: searches for programs, shows suggestions with reasons and a plot, dials them with one click.

What it holds is made when it is first seen: the start of the window does not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme

if TYPE_CHECKING:
    from scs_ui.widgets.search_board import SearchBoard


class SearchPanel:
    """The panel; see `help`."""

    title = "Search"
    help = (
        "Looks for the programs that score most for this case: every configuration of one or two cathodes and up to"
        " three anodes first, then shared currents and pulse widths, all within the limit profile. The objective says"
        " what counts; its weights are yours to change.\n"
        "Suggestions differ from each other. Apply dials one with its amplitude, as one step that undo takes back;"
        " Compare puts it beside the program in hand, Keep into the list of programs.\n"
        "The plot shows the programs that no other one beats in every figure of the objective; numbers are suggestions."
        " The reasons say what is covered, what limits it and how it does in other postures and with moved leads.\n"
        "The search goes on while you work; what changed since is told. Points weigh predicted paresthesia against the"
        " pain map. They do not predict relief."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._theme = store, theme
        self._board: SearchBoard | None = None
        self.widget = QWidget()
        self.widget.setProperty("surface", "panel")
        self.widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._layout = QVBoxLayout(self.widget)
        self._layout.setContentsMargins(0, 0, 0, 0)

    @property
    def board(self) -> SearchBoard:
        """Return what the panel holds, made when it is first asked for."""
        if self._board is None:
            from scs_ui.widgets.search_board import SearchBoard

            self._board = SearchBoard(self._store, self._theme)
            self._layout.addWidget(self._board.widget)
        return self._board

    def show(self, moment: Moment) -> None:
        """Show the search and what changed since."""
        self.board.show(moment)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        if self._board is not None:
            self._board.set_theme(theme)
