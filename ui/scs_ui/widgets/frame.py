"""What stands round the panels: a dock with a quiet title bar, the message banner, the parts of the status bar."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scs_ui.clock import Panel
from scs_ui.icons import icon
from scs_ui.state.moment import Busy, Message
from scs_ui.theme import Theme
from scs_ui.widgets.controls import ElidedLabel

HelpOpener = Callable[[Panel, QWidget], None]
"""What "?" calls: with the panel and the widget beside which its help goes."""

MESSAGE_MS = 7000
_MARKS = {"info": "", "good": "✓ ", "warn": "! ", "error": "! "}


class PanelDock:
    """One panel in a dock: title, "?" for its help, float, close; `is_seen` says whether painting it is of use."""

    def __init__(self, window: QMainWindow, name: str, panel: Panel, on_help: HelpOpener, tab_title: str = "") -> None:
        self.panel = panel
        self._buttons: dict[str, QToolButton] = {}
        self._label = QLabel(panel.title)
        self.dock = QDockWidget(tab_title or panel.title, window)
        self.dock.setObjectName(name)
        body = QWidget()
        body.setProperty("surface", "panel")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panel.widget)
        self.dock.setWidget(body)
        self.dock.setTitleBarWidget(self._title_bar(on_help))

    @property
    def is_seen(self) -> bool:
        """Return whether any of the panel can be seen now."""
        widget = self.panel.widget
        return widget.isVisible() and not widget.visibleRegion().isEmpty()

    def _title_bar(self, on_help: HelpOpener) -> QWidget:
        bar = QWidget()
        bar.setProperty("surface", "title")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(10, 2, 4, 2)
        row.setSpacing(2)
        self._label.setProperty("role", "title")
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.addWidget(self._label, 1)
        for name, what, action in (
            ("help", "Help", lambda: on_help(self.panel, bar)),
            ("float", "Float or dock", lambda: self.dock.setFloating(not self.dock.isFloating())),
            ("close", "Close", self.dock.close),
        ):
            button = QToolButton()
            self._buttons[name] = button
            button.setProperty("kind", "flat")
            button.setToolTip(f"{what}: {self.panel.title}")
            button.setAccessibleName(f"{what}: {self.panel.title}")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setFixedSize(QSize(24, 24))
            button.clicked.connect(action)
            row.addWidget(button)
        return bar

    def show_title(self) -> None:
        """Show the title, unless the dock stands in tabs that say the same."""
        window = self.dock.parentWidget()
        tabbed = isinstance(window, QMainWindow) and bool(window.tabifiedDockWidgets(self.dock))
        said = tabbed and not self.dock.isFloating() and self.dock.windowTitle() == self.panel.title
        self._label.setText("" if said else self.panel.title)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        for name, button in self._buttons.items():
            button.setIcon(icon(name, theme, "muted"))
        self.panel.set_theme(theme)


class Banner:
    """One sentence at the top of the window that goes by itself; errors stay until they are closed."""

    def __init__(self) -> None:
        self._details = ""
        self._serial = 0
        self.is_shown = False
        self.on_visible: Callable[[bool], None] = lambda shown: self.widget.setVisible(shown)
        self.widget = QFrame()
        self.widget.setProperty("surface", "banner")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = QPushButton("Copy details")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details))
        close = QToolButton()
        close.setText("×")
        close.setProperty("kind", "flat")
        close.setAccessibleName("Close the message")
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(12, 5, 6, 5)
        for item, stretch in ((self._text, 1), (self._copy, 0), (close, 0)):
            row.addWidget(item, stretch)
        self._timer = QTimer(self.widget, singleShot=True, interval=MESSAGE_MS)
        self._timer.timeout.connect(self.hide)

    def show(self, message: Message | None, details: str = "") -> None:
        """Show a message that was not shown yet."""
        if message is None or message.serial == self._serial:
            return
        self._serial, self._details = message.serial, details or message.text
        self._text.setText(f"{_MARKS[message.tone]}{message.text}")
        self._text.setAccessibleName(message.text)
        self._copy.setVisible(message.tone == "error")
        self.is_shown = True
        self.on_visible(True)
        if message.tone == "error":
            self._timer.stop()
        else:
            self._timer.start()

    def hide(self) -> None:
        """Take the message away."""
        self.is_shown = False
        self.on_visible(False)


class StatusLine:
    """The parts of the status bar: what runs (a live region), progress with Cancel, model time, saved or not."""

    def __init__(self, window: QMainWindow, on_cancel: Callable[[], None]) -> None:
        bar = window.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(8, 0, 8, 0)
        self.live = ElidedLabel()
        self.live.setAccessibleName("What runs now")
        self._busy, self._bar = QLabel(), QProgressBar()
        self._bar.setFixedWidth(150)
        self._bar.setAccessibleName("Progress in percent")
        self._cancel = QPushButton("Cancel")
        self._cancel.setAccessibleName("Cancel the work under way")
        self._cancel.clicked.connect(on_cancel)
        self._model, self._saved = QLabel(), QLabel()
        bar.addWidget(self.live, 1)
        for item in (self._busy, self._bar, self._cancel, self._model, self._saved):
            item.setMaximumHeight(24)
            bar.addPermanentWidget(item)
        self.show_busy(None)

    def show_busy(self, busy: Busy | None) -> None:
        """Show or end the progress."""
        self._busy.setVisible(busy is not None)
        self._bar.setVisible(busy is not None and busy.fraction is not None)
        self._cancel.setVisible(busy is not None and busy.can_cancel)
        if busy is not None:
            self._busy.setText(busy.text)
            self._bar.setValue(round(100 * (busy.fraction or 0.0)))

    def show_text(self, live: str, model: str, saved: str) -> None:
        """Show what runs, what the model took, and whether all is saved."""
        for label, text in ((self.live, live), (self._model, model), (self._saved, saved)):
            if label.text() != text:
                label.setText(text)
