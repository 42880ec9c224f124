"""What menu and keys do with the search panel: open it, begin and stop a search."""

from __future__ import annotations

from scs_ui.keys import Handler
from scs_ui.widgets.search import SearchPanel
from scs_ui.window import MainWindow


def handlers(window: MainWindow) -> dict[str, Handler]:
    """Return the handlers."""

    def opened() -> SearchPanel | None:
        item = window.docks["search"]
        item.dock.show()
        item.dock.raise_()
        return item.panel if isinstance(item.panel, SearchPanel) else None

    def show() -> None:
        panel = opened()
        if panel is not None:
            panel.show(window.store.moment())
            has_cards = panel.board.cards.widget.count() > 0
            (panel.board.cards.widget if has_cards else panel.board.button).setFocus()

    def run() -> None:
        panel = opened()
        if panel is not None:
            panel.show(window.store.moment())
            panel.board.toggle()

    return {"view.search": show, "search.run": run}
