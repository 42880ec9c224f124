"""What leaves the window: report, program card, pictures of panels, tables, settings on the clipboard."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from scs_models.errors import InvalidValueError, ScsError
from scs_sim.report import Matter, report_of
from scs_ui import export
from scs_ui.keys import Handler
from scs_ui.report_pdf import page_images
from scs_ui.state import exports
from scs_ui.widgets.export import ExportChoice, ExportWindow
from scs_ui.widgets.paper import PAGE_WIDTH_PX, PaperWindow

if TYPE_CHECKING:
    from scs_ui.app import Desk

WINDOW = "window"


class Papers:
    """Exports for one window."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._window, self._store = desk, desk.window, desk.store

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers of the menus that are about exports."""
        return {
            "file.export": self.ask_export,
            "file.report": self.show_report,
            "file.card": self.show_card,
            "edit.copy_image": self.copy_image,
            "edit.copy_settings": self.copy_settings,
        }

    def show_report(self) -> None:
        """Show the report of the edited program."""
        self._show("Report", self._report_pages, export.report_file, (".pdf", ".html"))

    def show_card(self) -> None:
        """Show the program card."""
        self._show("Program card", self._card_pages, export.card_file, (".pdf", ".png", ".svg", ".html"))

    def ask_export(self) -> None:
        """Ask what to export and write it."""
        panels = {name: item.panel.title for name, item in self._window.docks.items() if item.is_seen}
        tables = {table.stem: table.title for table in export.TABLES}
        self._exporting = ExportWindow({**panels, WINDOW: "Whole window"}, tables, self._export, self._window)
        self._exporting.open()

    def copy_image(self) -> None:
        """Copy the panel in focus, else the window, as a picture."""
        widget = QApplication.focusWidget()
        found = [item.panel for item in self._window.docks.values() if widget and item.dock.isAncestorOf(widget)]
        QGuiApplication.clipboard().setImage(export.panel_image(found[0].widget if found else self._window, 2))
        self._store.say(f"Copied: picture of {found[0].title if found else 'the window'}", "good")

    def copy_settings(self) -> None:
        """Copy the settings as text."""
        QGuiApplication.clipboard().setText(exports.settings_text(self._store.session, self._store.frame))
        self._store.say("Copied: settings as text, without notes", "good")

    def _matter(self) -> Matter:
        return exports.matter_of(self._store.session, self._store.frame, time.strftime("%Y-%m-%d"))

    def _report_pages(self, matter: Matter, notes: bool) -> list[QImage]:
        return page_images(report_of(matter, notes=notes), PAGE_WIDTH_PX, self._window.devicePixelRatioF())

    def _card_pages(self, matter: Matter, notes: bool) -> list[QImage]:
        image = QImage.fromData(export.card_file(matter, ".png", notes=notes, scale=2))
        ratio = self._window.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaledToWidth(round(PAGE_WIDTH_PX * ratio), smooth)
        image.setDevicePixelRatio(ratio)
        return [image]

    def _show(
        self,
        title: str,
        pages: Callable[[Matter, bool], list[QImage]],
        make: Callable[..., bytes],
        endings: tuple[str, ...],
    ) -> None:
        try:
            matter = self._matter()
        except ScsError as error:
            self._say(error)
            return

        def save(ending: str, notes: bool) -> None:
            self._ask_path(title.lower().replace(" ", "-"), ending, lambda: make(matter, ending, notes=notes))

        self._paper = PaperWindow(title, lambda notes: pages(matter, notes), save, endings, self._window)
        self._paper.open()

    def _export(self, choice: ExportChoice) -> None:
        self._ask_path(choice.what, choice.ending, lambda: self._made(choice))

    def _made(self, choice: ExportChoice) -> bytes:
        session, frame = self._store.session, self._store.frame
        if choice.ending == ".csv":
            if frame is None or frame.result is None or frame.stale:
                raise InvalidValueError(
                    "there is no answer for this program yet; give it a cathode and an anode, or wait"
                )
            table = next(table for table in export.TABLES if table.stem == choice.what)
            return table.make(session, frame.result).encode()
        if choice.what == "body" and frame is not None and frame.result is not None:
            return export.body_picture(session, frame.result, self._window.theme, choice.ending, choice.scale)
        widget = self._window if choice.what == WINDOW else self._window.docks[choice.what].panel.widget
        return export.panel_picture(widget, choice.ending, choice.scale)

    def _ask_path(self, stem: str, ending: str, make: Callable[[], bytes]) -> None:
        name = f"{self._store.session.case.id}-{stem}{ending}"
        dialog = QFileDialog(self._window, "Write to", name, f"{ending.lstrip('.').upper()} (*{ending})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)  # asks before it replaces a file
        dialog.setDefaultSuffix(ending.lstrip("."))
        dialog.fileSelected.connect(lambda path: self.write(path, make))
        dialog.open()

    def write(self, path: str, make: Callable[[], bytes]) -> None:
        """Make a file's content, then write it whole; an error becomes a message."""
        try:
            exports.write_file(path, make(), replace=True)
        except ScsError as error:
            self._say(error)
            return
        self._store.say(f"Written: {Path(path).name}", "good")

    def _say(self, error: ScsError) -> None:
        self._store.say(f"{str(error)[:1].upper()}{str(error)[1:]}", "error")
