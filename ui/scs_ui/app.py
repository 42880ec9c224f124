"""The desktop app: one process, one window; settings, theme, journal and menus put together round the main window."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import logging.handlers
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QByteArray, QCoreApplication, Qt, QTimer
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication

import scs_sim
from scs_sim.case import builtin_case
from scs_sim.journal import state_folder
from scs_ui import style
from scs_ui.handlers.file import FileDesk
from scs_ui.handlers.menus import Menus
from scs_ui.handlers.papers import Papers
from scs_ui.panels import MAKERS
from scs_ui.settings import Settings
from scs_ui.start import Start
from scs_ui.state.autosave import Autosave
from scs_ui.state.preferences import Preferences
from scs_ui.state.session import session_of
from scs_ui.state.store import Store
from scs_ui.theme import DARK, LIGHT, Theme
from scs_ui.widgets.case_chooser import CaseChooser
from scs_ui.widgets.preferences import PreferencesWindow
from scs_ui.widgets.recovery import RecoveryBar
from scs_ui.window import DESIGN_SIZE_PX, MainWindow

FIRST_CASE = "back-and-left-leg"
LOG_FILE = "app.log"
STEADY_AFTER_MS = 4000
GLIBC_MALLOC = {-8: 2, -3: 2_000_000}
"""M_ARENA_MAX and M_MMAP_THRESHOLD of malloc.h."""
GC_THRESHOLDS = (20_000, 50, 100)
_LOG = logging.getLogger(__name__)


def application() -> QApplication:
    """Return the Qt application of this process, made if there is none."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    QCoreApplication.setApplicationName("scs-sim")
    QCoreApplication.setApplicationVersion(scs_sim.__version__)
    keep_heap_small()
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    return QApplication(sys.argv[:1])


def run(start: Start) -> int:
    """Open the window as `start` says and return the exit code when it is closed."""
    app = application()
    keep_log()
    desk = Desk(app, start)
    sys.excepthook = desk.on_exception
    desk.open()
    QTimer.singleShot(STEADY_AFTER_MS, keep_memory_steady)
    return app.exec()


def keep_heap_small() -> None:
    """Have glibc give back arrays of 2 MB and more at once, and keep two heaps for all threads: saves 100 MB."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(AttributeError, OSError):  # another C library
        library = ctypes.CDLL(None)
        for name, value in GLIBC_MALLOC.items():
            library.mallopt(name, value)


def keep_memory_steady() -> None:
    """Let the collector leave alone what the window is made of: it took 2 ms and more of some frames."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


class Desk:
    """Everything of one window: store, window, menus, files, journal, preferences.

    base_font: the desktop's own, to which text sizes refer.
    """

    def __init__(self, app: QApplication, start: Start) -> None:
        self.app, self.start = app, start
        self.base_font = QFont(app.font())
        self.settings = Settings()
        if start.reset_settings:
            self.settings.reset()
        self.store = Store(start.session or session_of(builtin_case(FIRST_CASE)))
        self.store.path = start.file if start.file.endswith(".scsx") else ""
        self.store.saved = self.store.session
        theme = self._theme(start.theme or self.settings.preferences.theme)
        self.window = MainWindow(self.store, theme, MAKERS)
        self.autosave = Autosave(self.store, state_folder(), lambda ms, function: QTimer.singleShot(ms, function))
        self.files = FileDesk(self.window, self.settings)
        self.papers, self.recovery = Papers(self), RecoveryBar(self.store, self.autosave)
        self.recovery.place_in(self.window)
        self.menus = Menus(self)
        self.window.on_closed = self._put_away
        self.store.look(count_from_zero=self.settings.preferences.count_from_zero)
        app.styleHints().colorSchemeChanged.connect(lambda _scheme: self._follow_system())
        self._show(self.settings.preferences)

    def open(self) -> None:
        """Show the window as it stood last time, say what could not be read, offer what a crash left behind."""
        window, settings = self.window, self.settings
        geometry = settings.blob("geometry")
        if not geometry or not window.restoreGeometry(QByteArray(geometry)):
            available = QGuiApplication.primaryScreen().availableGeometry()
            window.resize(min(DESIGN_SIZE_PX[0], available.width()), min(DESIGN_SIZE_PX[1], available.height()))
        window.show()
        window.layout_name = self.start.layout or settings.preferences.layout
        if self.start.layout or not window.restore(settings.blob("arrangement")):
            window.arrange()
        for problem in settings.problems:
            self.store.say(problem, "warn")
        self.menus.after_start()

    def apply(self, preferences: Preferences) -> None:
        """Keep other preferences and show them."""
        if not self.settings.save(preferences):
            self.store.say(self.settings.problems[0], "warn")
        self.preview(preferences)

    def preview(self, preferences: Preferences) -> None:
        """Show preferences without keeping them."""
        self.start = replace(self.start, theme=None)  # a theme of the command line holds until another is chosen
        self.store.look(count_from_zero=preferences.count_from_zero)
        self._show(preferences)

    def edit_preferences(self) -> None:
        """Open the preferences; choices are shown at once and kept where the user agrees."""
        self._preferences = PreferencesWindow(self.settings.preferences, self.preview, self.apply, self.window)
        self._preferences.open()

    def choose_case(self) -> None:
        """Open the cards of cases and recent files."""
        self._chooser = CaseChooser(
            self.window.theme,
            self.files.open_case,
            self.files.open_path,
            self.files.ask_open,
            self.window,
        )
        self._chooser.show_recent(self.settings.recent)
        self._chooser.open()

    def on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log an error of our own and say so; the window stays, the journal has everything."""
        if issubclass(kind, KeyboardInterrupt):
            self.window.close()
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        _LOG.error("%s", details)
        self.window.details = details
        self.store.say(f"An error in scs-sim itself ({kind.__name__}: {error}). Your work is in the journal.", "error")

    def _put_away(self) -> None:
        self.settings.keep_blob("geometry", bytes(self.window.saveGeometry().data()))
        self.settings.keep_blob("arrangement", self.window.arrangement())
        self.autosave.close()
        self.menus.end()

    def _theme(self, choice: str) -> Theme:
        if choice == "system":
            dark = self.app.styleHints().colorScheme() != Qt.ColorScheme.Light
            return DARK if dark else LIGHT
        return DARK if choice == "dark" else LIGHT

    def _show(self, preferences: Preferences) -> None:
        theme = self._theme(self.start.theme or preferences.theme)
        style.apply(self.app, theme, self.base_font, preferences.text_percent)
        style.set_motion(self.window, preferences.reduce_motion)
        self.window.set_theme(theme)
        self.menus.set_theme(theme)

    def _follow_system(self) -> None:
        if (self.start.theme or self.settings.preferences.theme) == "system":
            self._show(self.settings.preferences)


def log_folder() -> Path:
    """Return where the log is kept."""
    return state_folder() / "log"


def keep_log() -> None:
    """Write warnings and errors to a file of half a megabyte at most, two older ones beside it."""
    folder = log_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / LOG_FILE, maxBytes=500_000, backupCount=2, encoding="utf-8", delay=True
        )
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in ("scs_sim", "scs_models", "scs_ui"):
        logging.getLogger(name).addHandler(handler)
