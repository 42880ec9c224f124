"""A window that asks what to export: a panel as picture with its scale, or a table as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QWidget

from scs_ui.export import PICTURES, SCALES

CSV = ".csv"


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What to export: a panel or table by name, as which file, how many pixels per pixel (PNG)."""

    what: str
    ending: str
    scale: int


class ExportWindow:
    """Asks and calls `done` with the choice; panels and tables: name -> title."""

    def __init__(
        self,
        panels: Mapping[str, str],
        tables: Mapping[str, str],
        done: Callable[[ExportChoice], None],
        parent: QWidget | None = None,
    ) -> None:
        self._tables = set(tables)
        self.widget = QDialog(parent)
        self.widget.setWindowTitle("Export")
        self.what, self.ending, self.scale = QComboBox(), QComboBox(), QComboBox()
        for name, title in panels.items():
            self.what.addItem(title, name)
        self.what.insertSeparator(self.what.count())
        for name, title in tables.items():
            self.what.addItem(f"{title}, table", name)
        for scale in SCALES:
            self.scale.addItem(f"{scale} x", scale)
        self.scale.setCurrentIndex(1)
        for box, words in ((self.what, "What"), (self.ending, "File type"), (self.scale, "Size of PNG, times")):
            box.setAccessibleName(words)
        form = QFormLayout(self.widget)
        form.setContentsMargins(18, 16, 18, 14)
        form.setVerticalSpacing(12)
        form.addRow("&What", self.what)
        form.addRow("File &type", self.ending)
        form.addRow("&Size", self.scale)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Save).setText("Export…")
        buttons.accepted.connect(self.widget.accept)
        buttons.rejected.connect(self.widget.reject)
        form.addRow(buttons)
        self.what.currentIndexChanged.connect(self._show_endings)
        self.ending.currentIndexChanged.connect(self._show_scale)
        self.widget.accepted.connect(lambda: done(self.choice))
        self._show_endings()

    @property
    def choice(self) -> ExportChoice:
        """Return what stands in the window."""
        return ExportChoice(self.what.currentData(), self.ending.currentText(), self.scale.currentData())

    def open(self) -> None:
        """Show the window."""
        self.widget.open()
        self.what.setFocus()

    def _show_endings(self) -> None:
        self.ending.clear()
        self.ending.addItems([CSV] if self.what.currentData() in self._tables else list(PICTURES))

    def _show_scale(self) -> None:
        self.scale.setEnabled(self.ending.currentText() == PICTURES[0])
