"""The main window: panels in docks round one store, menu bar with the notice, banner, status line, drag and drop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QTabWidget, QWidget

from scs_ui import layouts
from scs_ui.clock import FrameClock, Panel
from scs_ui.compute import Runner
from scs_ui.history import History
from scs_ui.state.looks.status import live_text, model_text, saved_text, window_title
from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.frame import Banner, HelpOpener, PanelDock, StatusLine

NOTICE = "Training and research only · not for patient care"
PanelMaker = Callable[[Store, Theme, History], Panel]
DESIGN_SIZE_PX = (1600, 950)
BANNER_PX = 640


class MainWindow(QMainWindow):
    """Holds store, history, runner, clock and the panels; what menus do is attached by scs_ui.handlers.

    makers: name -> how to make the panel; may_close: asked before closing, True lets it; on_closed: called then.
    details: what "Copy details" of an error adds.
    """

    def __init__(self, store: Store, theme: Theme, makers: Mapping[str, PanelMaker]) -> None:
        super().__init__()
        self.setObjectName("main")
        self.store, self.theme = store, theme
        self.history, self.runner = History(store), Runner(store)
        self.clock = FrameClock(store, self._seen)
        self.on_help: HelpOpener = lambda panel, anchor: store.say(panel.help)
        self.on_drop: Callable[[Sequence[Path]], None] = lambda paths: None
        self.may_close: Callable[[], bool] = lambda: True
        self.on_closed: Callable[[], None] = lambda: None
        self.details = ""
        self.layout_name = "programming"
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 620)
        self.docks = {
            name: PanelDock(
                self,
                name,
                make(store, theme, self.history),
                lambda panel, anchor: self.on_help(panel, anchor),
                layouts.TAB_TITLES.get(name, ""),
            )
            for name, make in makers.items()
        }
        for item in self.docks.values():
            item.dock.visibilityChanged.connect(self.clock.schedule)
            item.dock.topLevelChanged.connect(self.clock.schedule)
        self.banner = Banner()
        self._place_banner()
        self.status = StatusLine(self, lambda: self.runner.cancel())
        self._place_notice()
        self.clock.schedule()

    @property
    def panels(self) -> dict[str, Panel]:
        """Return the panels by name."""
        return {name: item.panel for name, item in self.docks.items()}

    def arrange(self, name: str = "") -> None:
        """Put the panels where the named layout (default: the present one) has them."""
        self.layout_name = name or self.layout_name
        layouts.arrange(self, self.docks, self.layout_name, self.width(), self.height())
        self.clock.schedule()

    def arrangement(self) -> bytes:
        """Return where everything stands, for `restore`."""
        return bytes(self.saveState(layouts.STATE_VERSION).data())

    def restore(self, state: bytes) -> bool:
        """Put everything where it stood; False where the state is of another version or damaged."""
        return bool(state) and self.restoreState(QByteArray(state), layouts.STATE_VERSION)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours everywhere."""
        self.theme = theme
        for item in self.docks.values():
            item.set_theme(theme)
        self.clock.schedule()

    def _seen(self) -> list[Panel]:
        """Return the panels worth painting, and the window's own parts as one more."""
        return [*(item.panel for item in self.docks.values() if item.is_seen), _Chrome(self)]

    def _place_banner(self) -> None:
        """Let messages float over the panels: in a row of their own, each would push the whole window down and back."""
        self.banner.widget.setParent(self)
        self.banner.widget.hide()
        self.banner.on_visible = self._show_banner

    def _show_banner(self, shown: bool) -> None:
        bar, wide_px = self.banner.widget, min(BANNER_PX, self.width() // 2)
        if shown:
            left_px, top_px = (self.width() - wide_px) // 2, self.menuBar().height() + 6
            bar.setGeometry(left_px, top_px, wide_px, bar.heightForWidth(wide_px))
            bar.raise_()
        bar.setVisible(shown)

    def _place_notice(self) -> None:
        self._notice = QLabel(NOTICE, self.menuBar())  # the menu bar does not own its corner widget
        self._notice.setProperty("role", "chip")
        self._notice.setAccessibleName(NOTICE)
        self.menuBar().setCornerWidget(self._notice, Qt.Corner.TopRightCorner)

    def show_chrome(self, moment: Moment) -> None:
        """Show what the window itself says: title, banner, status line."""
        title = window_title(self.store.path, moment.session, self.store.is_saved)
        if self.windowTitle() != title:
            self.setWindowTitle(title)
        for item in self.docks.values():
            item.show_title()
        self.banner.show(moment.message, self.details)
        self.status.show_busy(moment.busy)
        self.status.show_text(live_text(moment), model_text(moment), saved_text(self.store.path, self.store.is_saved))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the other arrangement where the window becomes small, or is no longer."""
        super().resizeEvent(event)
        self._show_banner(self.banner.is_shown)
        old, new = event.oldSize(), event.size()
        was_small = layouts.is_small(old.width(), old.height())
        if old.isValid() and was_small != layouts.is_small(new.width(), new.height()):
            self.arrange()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.on_drop(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close, unless there is unsaved work and the user wants to stay."""
        if not self.may_close():
            event.ignore()
            return
        self.clock.stop()
        self.on_closed()
        self.runner.close()
        super().closeEvent(event)


class _Chrome:
    """The window's own parts as a panel of the clock."""

    title, help = "", ""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.widget: QWidget = window

    def show(self, moment: Moment) -> None:
        self._window.show_chrome(moment)

    def set_theme(self, theme: Theme) -> None:
        return None
