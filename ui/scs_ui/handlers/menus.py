"""The menu bar: actions of the table with what they do, recent files, panels to show; and what happens at start."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from scs_ui import keys
from scs_ui.clock import Panel
from scs_ui.handlers import body, search, spine, stimulation, view
from scs_ui.handlers.training import TrainingDesk
from scs_ui.keys import Handler
from scs_ui.state.keys import Place
from scs_ui.theme import Theme
from scs_ui.widgets.coverage import CoveragePanel
from scs_ui.widgets.help import HelpPopover, HelpWindow
from scs_ui.widgets.patient import PatientPanel
from scs_ui.widgets.spine import SpinePanel
from scs_ui.widgets.tour import TourOverlay

if TYPE_CHECKING:
    from scs_ui.app import Desk
    from scs_ui.widgets.about import AboutWindow


class Menus:
    """Builds the menus of one window and keeps the windows that they open."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._window, self._store = desk, desk.window, desk.store
        window, theme = desk.window, desk.window.theme
        self.popover = HelpPopover(window)
        self.popover.on_more = lambda title: self.help.open(title)
        self.training = TrainingDesk(window, theme, desk.store.say)
        self.tour = TourOverlay(window, self._widget_of, theme, self._tour_seen)
        for panel in window.panels.values():
            if isinstance(panel, CoveragePanel | PatientPanel):
                panel.on_source = self._open_source
        window.on_help = lambda panel, anchor: self.popover.open(panel.title, panel.help, anchor)
        places: dict[Place, list[QWidget]] = {
            "spine": [window.panels["spine"].widget, window.panels["contacts"].widget],
            "body": [window.panels["body"].widget],
            "curves": [window.panels["recruitment"].widget],
            "field": [window.panels["field"].widget],
            "tested": [window.panels["tested"].widget],
            "search": [window.panels["search"].widget],
        }
        self.actions = keys.build(window, self._handlers(), places)
        self.menus = self.actions.fill(window.menuBar())
        self._add_recent()
        self._add_panels()
        self._unsubscribe = self._store.subscribe(
            lambda topic: self._show_state() if topic in ("session", "view", "file") else None
        )
        desk.window.history.stack.indexChanged.connect(self._show_state)
        self._show_state()

    @cached_property
    def help(self) -> HelpWindow:
        """Return the help window, made when it is first asked for: the start does not wait for it."""
        panels = [(panel.title, panel.help) for panel in self._window.panels.values()]
        return HelpWindow(panels, self._window.theme, self._window)

    @cached_property
    def about(self) -> AboutWindow:
        """Return the About window with the sources of numbers, made when it is first asked for."""
        from scs_ui.widgets.about import AboutWindow

        return AboutWindow(self._window.theme, self._window)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.actions.set_theme(theme)
        self.tour.set_theme(theme)
        self.training.set_theme(theme)
        if "help" in self.__dict__:
            self.help.set_theme(theme)
        if "about" in self.__dict__:
            self.about.set_theme(theme)

    def end(self) -> None:
        """Follow the session no longer: the window closes, and those of training with it."""
        self.training.close()
        self._unsubscribe()
        self._window.history.stack.indexChanged.disconnect(self._show_state)

    def after_start(self) -> None:
        """Do what comes once the window stands: demonstration, recovery, tour."""
        if self._desk.start.demo:
            self.play_demo()
            return
        self._desk.recovery.offer(wanted=self._desk.start.recover and self._desk.settings.preferences.recover)
        if not self._desk.settings.preferences.seen_tour and not self._desk.recovery.offers:
            self.tour.start()

    def play_demo(self) -> None:
        """Play the demonstration, once unsaved work is settled."""
        from scs_ui.demo import Demo

        def begin() -> None:
            self._demo = Demo(self._window, lambda what: self._desk.papers.show_report(), lambda: None)
            self._demo.start()

        self._desk.files.settle(begin)

    def _handlers(self) -> dict[str, Handler]:
        desk, store = self._desk, self._store
        return {
            **desk.files.handlers(),
            **desk.papers.handlers(),
            **view.handlers(self._window, desk.settings, desk.apply, self._fit),
            **stimulation.handlers(store, desk.files.ask_text),
            **spine.handlers(store),
            **body.handlers(store),
            **search.handlers(self._window),
            **self.training.handlers(),
            "file.new": desk.choose_case,
            "edit.patient": lambda: self._raise("patient"),
            "edit.preferences": desk.edit_preferences,
            "help.panel": self._help_of_focus,
            "help.shortcuts": lambda: self.help.open_shortcuts(),
            "help.tour": self.tour.start,
            "help.demo": self.play_demo,
            "help.sources": lambda: self.about.open_source(),
            "help.diagnostics": self._copy_diagnostics,
            "help.log": self._open_log,
            "help.about": lambda: self.about.open_about(),
        }

    def _add_recent(self) -> None:
        menu = QMenu("Open &recent", self._window)
        file_menu = self.menus["File"]
        file_menu.insertMenu(self.actions["file.save"], menu)
        menu.aboutToShow.connect(lambda: self._fill_recent(menu))

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in self._desk.settings.recent:
            there = Path(path).is_file()
            action = menu.addAction(Path(path).name if there else f"{Path(path).name} (gone)")
            action.setToolTip(path)
            action.setEnabled(there)
            action.triggered.connect(lambda _checked=False, path=path: self._desk.files.open_path(path))
        if not self._desk.settings.recent:
            menu.addAction("None yet").setEnabled(False)

    def _add_panels(self) -> None:
        menu = QMenu("&Panels", self._window)
        for item in self._window.docks.values():
            menu.addAction(item.dock.toggleViewAction())
        self.menus["View"].insertMenu(self.actions["view.full_screen"], menu)

    def _show_state(self, _index: int = 0) -> None:
        session, look, stack = self._store.session, self._store.view, self._window.history.stack
        for name, on in (
            ("stim.toggle", session.on),
            ("stim.keep_amplitude", session.keep_amplitude),
            ("view.mirror", look.mirror),
            ("view.coarse", look.coarse),
            ("view.full_screen", self._window.isFullScreen()),
        ):
            self.actions[name].setChecked(on)
        for name, can, text in (
            ("edit.undo", stack.canUndo(), stack.undoText()),
            ("edit.redo", stack.canRedo(), stack.redoText()),
        ):
            self.actions[name].setEnabled(can)
            words = "Undo" if name == "edit.undo" else "Redo"
            self.actions[name].setText(f"{words}: {text}" if can else words)

    def _open_source(self, key: str) -> None:
        if not self.about.open_source(key):
            self._store.say(f"There is no record called {key}", "warn")

    def _help_of_focus(self) -> None:
        panel = self._focused()
        self.help.open(panel.title if panel is not None else "")

    def _focused(self) -> Panel | None:
        widget = QApplication.focusWidget()
        for item in self._window.docks.values():
            if widget is not None and (item.dock.isAncestorOf(widget) or item.dock is widget):
                return item.panel
        return None

    def _raise(self, name: str) -> None:
        dock = self._window.docks[name].dock
        dock.show()
        dock.raise_()
        target = view.first_focusable(self._window.docks[name].panel.widget)
        if target is not None:
            target.setFocus()

    def _fit(self) -> None:
        spine_panel = self._window.panels["spine"]
        if isinstance(spine_panel, SpinePanel):
            spine_panel.fit()

    def _widget_of(self, name: str) -> QWidget | None:
        item = self._window.docks.get(name)
        return item.dock if item is not None and item.is_seen else None

    def _tour_seen(self) -> None:
        self._desk.apply(replace(self._desk.settings.preferences, seen_tour=True))

    def _copy_diagnostics(self) -> None:
        from scs_ui.widgets.about import diagnostics

        QGuiApplication.clipboard().setText(diagnostics())
        self._store.say("Diagnostics copied", "good")

    def _open_log(self) -> None:
        from scs_ui.app import log_folder

        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder()))):
            self._store.say(f"The log is in {log_folder()}")
