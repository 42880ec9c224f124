"""The View menu and Undo, Redo: panes, theme, text size, layouts, mirror, full screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from scs_ui.keys import Handler
from scs_ui.settings import Settings
from scs_ui.state.preferences import LAYOUT_NAMES, Preferences, stepped_text
from scs_ui.window import MainWindow


def handlers(
    window: MainWindow, settings: Settings, apply: Callable[[Preferences], None], fit: Callable[[], None]
) -> dict[str, Handler]:
    """Return the handlers; apply(preferences) keeps and shows other preferences, fit() zooms the spine to the leads."""

    def text(steps: int) -> None:
        size = 100 if steps == 0 else stepped_text(settings.preferences, steps)
        apply(replace(settings.preferences, text_percent=size))
        window.store.say(f"Text size {size} %")

    def layout(name: str) -> None:
        apply(replace(settings.preferences, layout=name))
        window.arrange(name)

    store = window.store
    return {
        "edit.undo": window.history.undo,
        "edit.redo": window.history.redo,
        "view.next_pane": lambda: next_pane(window, 1),
        "view.previous_pane": lambda: next_pane(window, -1),
        "view.theme": lambda: apply(replace(settings.preferences, theme="light" if window.theme.is_dark else "dark")),
        "view.larger": lambda: text(1),
        "view.smaller": lambda: text(-1),
        "view.normal_size": lambda: text(0),
        "view.mirror": lambda: store.look(mirror=not store.view.mirror),
        "view.fit": fit,
        "view.coarse": lambda: store.look(coarse=not store.view.coarse),
        **{f"view.layout_{name}": partial(layout, name) for name in LAYOUT_NAMES},
        "view.reset_layout": lambda: window.arrange(),
        "view.full_screen": lambda: window.showNormal() if window.isFullScreen() else window.showFullScreen(),
    }


def next_pane(window: MainWindow, steps: int) -> None:
    """Move the focus to the next panel that can be seen, to its first control."""
    seen = [item for item in window.docks.values() if item.is_seen]
    if not seen:
        return
    seen.sort(key=lambda item: (round(item.dock.mapTo(window, item.dock.rect().topLeft()).x() / 50),
                                item.dock.mapTo(window, item.dock.rect().topLeft()).y()))  # fmt: skip
    focused = QApplication.focusWidget()
    inside = [index for index, item in enumerate(seen) if focused is not None and item.dock.isAncestorOf(focused)]
    at = (inside[0] + steps) % len(seen) if inside else 0
    target = first_focusable(seen[at].panel.widget)
    if target is not None:
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
        window.store.say(f"{seen[at].panel.title}: has the keys")


def first_focusable(widget: QWidget) -> QWidget | None:
    """Return the first control of a panel that takes the focus by keyboard, the panel itself first."""
    for candidate in (widget, *widget.findChildren(QWidget)):
        if candidate.focusPolicy() & Qt.FocusPolicy.TabFocus and candidate.isVisible() and candidate.isEnabled():
            return candidate
    return None
