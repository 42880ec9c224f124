"""A window that shows pages before they are written: the report, the program card; with or without notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

PAGE_WIDTH_PX = 720
NOTES = "With notes (they may name people: read them first)"


class PaperWindow:
    """Shows what `pages(notes)` paints; one button per ending, which calls `save(ending, notes)`."""

    def __init__(
        self,
        title: str,
        pages: Callable[[bool], Sequence[QImage]],
        save: Callable[[str, bool], None],
        endings: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        self._pages = pages
        self.widget = QDialog(parent)
        self.widget.setWindowTitle(title)
        self.widget.setObjectName("paper")
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(18, 18, 18, 18)
        self._column.setSpacing(18)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._inside)
        area.setAccessibleName(f"{title}, pages")
        self.notes = QCheckBox(NOTES)
        self.notes.toggled.connect(self._draw)
        row = QHBoxLayout()
        row.addWidget(self.notes, 1)
        self.buttons: dict[str, QPushButton] = {}
        for ending in endings:
            button = QPushButton(f"Save as {ending.lstrip('.').upper()}…")
            button.clicked.connect(lambda _checked=False, ending=ending: save(ending, self.notes.isChecked()))
            self.buttons[ending] = button
            row.addWidget(button)
        self.buttons[endings[0]].setProperty("kind", "primary")
        self.buttons[endings[0]].setDefault(True)
        close = QPushButton("Close")
        close.clicked.connect(self.widget.close)
        row.addWidget(close)
        column = QVBoxLayout(self.widget)
        column.addWidget(area, 1)
        column.addLayout(row)
        self._draw()

    def open(self) -> None:
        """Show the window, as high as there is room."""
        parent = self.widget.parentWidget()
        room = parent.height() if parent is not None else 900
        pages = self._column.itemAt(0)
        page = pages.widget() if pages is not None else None
        height = page.sizeHint().height() + 120 if page is not None else 600
        self.widget.resize(PAGE_WIDTH_PX + 80, min(height, room - 40))
        self.widget.open()

    def _draw(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        for number, image in enumerate(self._pages(self.notes.isChecked())):
            page = QLabel()
            page.setPixmap(QPixmap.fromImage(image))
            page.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            page.setAccessibleName(f"Page {number + 1}")
            self._column.addWidget(page)
