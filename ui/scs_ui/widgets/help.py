"""Help: a calm popover behind the "?" of each panel, and a window with all pages, all keys and a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from scs_ui.icons import icon
from scs_ui.state.keys import PLACES
from scs_ui.state.looks.help import KeyRow, Topic, found_topics, keys_title, topics
from scs_ui.theme import Theme

SIZE_PX = (900, 640)
POPOVER_LETTERS = 56
_GAP_PX = 6


class HelpPopover:
    """A small card with a panel's help beside its "?"; any click elsewhere, or Esc, closes it.

    `on_more(title)` is called for the panel's page in the help window.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self.on_more: Callable[[str], object] = lambda title: None
        self.widget = QFrame(parent, Qt.WindowType.Popup)
        self.widget.setProperty("surface", "banner")
        self._title, self._text = QLabel(), QLabel()
        self._title.setProperty("role", "big")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QPushButton("More help")
        self.more.setAccessibleName("More help: opens the help window")
        self.more.clicked.connect(self._show_more)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.more)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addLayout(row)

    def open(self, title: str, text: str, anchor: QWidget) -> None:
        """Show a panel's help below (or above) `anchor`, whole on the screen."""
        self._title.setText(title)
        self._text.setText("".join(f"<p style='margin:0 0 7px 0'>{escape(line)}</p>" for line in text.split("\n")))
        self.widget.setAccessibleName(f"Help: {title}")
        self.widget.setAccessibleDescription(text)
        wide = QFontMetrics(self._text.font()).averageCharWidth() * POPOVER_LETTERS
        self._text.setFixedWidth(wide)
        self._text.setFixedHeight(self._text.heightForWidth(wide))
        self.widget.adjustSize()
        self.widget.move(_beside(anchor, self.widget))
        self.widget.show()
        self.more.setFocus()

    def _show_more(self) -> None:
        self.widget.close()
        self.on_more(self._title.text())


def _beside(anchor: QWidget, card: QWidget) -> QPoint:
    """Return where the card's corner goes: under the anchor's right edge, above it where there is no room below."""
    at = QRect(anchor.mapToGlobal(QPoint(0, 0)), anchor.size())
    screen = anchor.screen().availableGeometry()
    left = min(max(at.right() - card.width(), screen.left() + _GAP_PX), screen.right() - card.width() - _GAP_PX)
    top = at.bottom() + _GAP_PX
    if top + card.height() > screen.bottom():
        top = max(at.top() - card.height() - _GAP_PX, screen.top() + _GAP_PX)
    return QPoint(left, top)


class HelpWindow:
    """All help in one window: pages to the left, the chosen one to the right, a search above; arrows and Tab do it.

    panels: (title, help) of each panel.
    """

    def __init__(self, panels: Iterable[tuple[str, str]], theme: Theme, parent: QWidget | None = None) -> None:
        self._topics = topics(panels)
        self._shown: tuple[Topic, ...] = ()
        self.widget = QDialog(parent)
        self.widget.setWindowTitle("Help")
        self.widget.resize(*SIZE_PX)
        self._theme = theme
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search all help and keys")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search all help and keys")
        self._lens = self.search.addAction(icon("search", theme, "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.list = QListWidget()
        self.list.setAccessibleName("Pages of help")
        self.list.setStyleSheet("QListWidget::item { padding: 5px 8px; }")
        self.page = QTextBrowser()
        self.page.setAccessibleName("The chosen page of help")
        self.page.document().setDocumentMargin(18)
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(self.list.setFocus)
        self.list.currentRowChanged.connect(self._choose)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.list)
        row.addWidget(self.page, 1)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.search)
        layout.addLayout(row)
        self._find("")
        letters = max(self.list.fontMetrics().horizontalAdvance(topic.title) for topic in self._topics)
        self.list.setFixedWidth(letters + 44)

    def open(self, title: str = "") -> None:
        """Show the page of that title, the first one for another title."""
        self.search.clear()
        names = [topic.title for topic in self._shown]
        self.list.setCurrentRow(names.index(title) if title in names else 0)
        self.widget.show()
        self.widget.raise_()
        self.widget.activateWindow()
        self.search.setFocus()

    def open_shortcuts(self) -> None:
        """Show the keys that act anywhere; those of the panels stand below."""
        self.open(keys_title(PLACES["anywhere"]))

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._lens.setIcon(icon("search", theme, "muted"))
        self._choose(self.list.currentRow())

    def _find(self, text: str) -> None:
        self._shown = found_topics(self._topics, text)
        self.list.clear()
        self.list.addItems([topic.title for topic in self._shown])
        if self._shown:
            self.list.setCurrentRow(0)
        else:
            self.page.setPlainText("Nothing has these words.")

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._shown):
            self.page.setHtml(_html(self._shown[row], self.search.text().lower().split(), self._theme))


def _html(topic: Topic, words: list[str], theme: Theme) -> str:
    parts = [f"<h2 style='margin:0 0 14px 0'>{escape(topic.title)}</h2>"]
    for text in topic.paragraphs:
        term, _, meaning = text.partition(": ") if topic.is_glossary else ("", "", text)
        head = f"<b>{escape(term)}</b><br>" if term else ""
        parts.append(f"<p style='margin:0 0 10px 0; line-height:135%'>{head}{escape(meaning)}</p>")
    if topic.rows:
        rows = [row for row in topic.rows if _fits(row, topic, words)]
        parts.append(f"<table width='100%' cellspacing='0'>{''.join(_row_html(row, theme) for row in rows)}</table>")
    return "".join(parts)


def _fits(row: KeyRow, topic: Topic, words: list[str]) -> bool:
    """Return whether a row is worth showing in a search: all of them where the search means the page."""
    text = " ".join((row.keys, row.mouse, row.what, row.help, topic.title)).lower()
    return all(word in text for word in words)


def _row_html(row: KeyRow, theme: Theme) -> str:
    ways = [
        f"<span style='background:{theme.raised}'>&nbsp;{escape(key)}&nbsp;</span>"
        for key in row.keys.split(" or ")
        if key
    ]
    keys = " or ".join(ways)
    mouse = f"<span style='color:{theme.muted}'>{escape(row.mouse)}</span>" if row.mouse else ""
    return (
        f"<tr><td width='32%' style='padding:6px 14px 6px 0'>{'<br>'.join(filter(None, (keys, mouse)))}</td>"
        f"<td style='padding:6px 0'><b>{escape(row.what)}</b><br>"
        f"<span style='color:{theme.muted}'>{escape(row.help)}</span></td></tr>"
    )
