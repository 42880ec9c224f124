"""Opening, saving and closing sessions: nothing a user made is lost without a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from scs_models.errors import ScsError
from scs_sim.case import Case
from scs_sim.patient import PainMap
from scs_ui.keys import Handler
from scs_ui.settings import Settings
from scs_ui.state.actions.pain import set_pain
from scs_ui.state.files import ENDING, IMAGE_ENDING, opened, write_session
from scs_ui.state.pain_sheet import read_pain_sheet, write_pain_sheet
from scs_ui.state.session import Session, session_of
from scs_ui.window import MainWindow

FILTER = f"Sessions, cases, programs, pain drawings (*{ENDING} *.toml *.json *.png)"
SAVE_FILTER = f"Sessions (*{ENDING})"


class FileDesk:
    """Opens and saves for one window."""

    def __init__(self, window: MainWindow, settings: Settings) -> None:
        self._window, self._store, self._settings = window, window.store, settings
        self._leaving = False
        window.on_drop = self.drop
        window.may_close = self.may_close

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers of the File menu that are about sessions."""
        return {
            "file.open": self.ask_open,
            "file.save": self.save,
            "file.save_as": self.ask_save,
            "file.pain_sheet": self.ask_pain_sheet,
            "file.quit": self._window.close,
        }

    def ask_open(self) -> None:
        """Ask for a file and open it."""
        dialog = QFileDialog(self._window, "Open", self._folder(), FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_path)
        dialog.open()

    def open_path(self, path: str) -> None:
        """Open a file: what changes the session in place is one undoable step, another session takes its place."""
        if Path(path).suffix.lower() == IMAGE_ENDING:  # takes a second: not while the window waits
            self._store.ask(
                "pain drawing",
                lambda progress: read_pain_sheet(path),
                self._take_pain,
                label="Reading the pain drawing",
            )
            return
        try:
            found = opened(path, self._store.session)
        except ScsError as error:
            self._store.say(str(error), "error")
            return
        if not found.is_new:
            self._store.act(found.text, lambda session: found.session)
            self._store.say(found.text, "good")
            return
        self.settle(lambda: self.begin(found.session, found.path, found.text, remember=path))

    def open_case(self, case: Case) -> None:
        """Begin with a case: a built-in one, or the one that is begun from scratch."""
        self.settle(lambda: self.begin(session_of(case), "", f"Case opened: {case.title}"))

    def begin(self, session: Session, path: str, text: str, remember: str = "") -> None:
        """Put another session in place of the present one."""
        self._store.open(session, path)
        self._store.say(text, "good")
        if remember:
            self._settings.add_recent(str(Path(remember).resolve()))

    def drop(self, paths: Sequence[Path]) -> None:
        """Open what was dropped on the window."""
        for path in paths:
            self.open_path(str(path))

    def save(self) -> None:
        """Write the session to its file; without one ask where."""
        if self._store.path:
            self.save_to(self._store.path)
        else:
            self.ask_save()

    def ask_save(self, then: Callable[[], None] | None = None) -> None:
        """Ask where to and write the session there."""
        start = self._store.path or str(Path(self._folder()) / f"{self._store.session.case.id}{ENDING}")
        dialog = QFileDialog(self._window, "Save session as", start, SAVE_FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ENDING.lstrip("."))
        dialog.selectFile(Path(start).name)

        def chosen(path: str) -> None:
            if self.save_to(path) and then is not None:
                then()

        dialog.fileSelected.connect(chosen)
        dialog.open()

    def save_to(self, path: str) -> bool:
        """Write the session to `path`; return whether that worked."""
        session = self._store.session
        try:
            write_session(path, session)
        except ScsError as error:
            self._store.say(f"Not saved: {error}", "error")
            return False
        self._store.mark_saved(session, path)
        self._settings.add_recent(str(Path(path).resolve()))
        self._store.say(f"Saved: {Path(path).name}", "good")
        return True

    def ask_pain_sheet(self) -> None:
        """Ask where to, and write the sheet that pain is painted on, with the present pain on it."""
        start = str(Path(self._folder()) / "pain drawing.png")
        dialog = QFileDialog(self._window, "Write a sheet to paint pain on", start, f"Pictures (*{IMAGE_ENDING})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(IMAGE_ENDING.lstrip("."))
        dialog.selectFile(Path(start).name)
        dialog.fileSelected.connect(self.write_pain_sheet_to)
        dialog.open()

    def write_pain_sheet_to(self, path: str) -> None:
        """Write the sheet to `path`, or say why not."""
        try:
            write_pain_sheet(path, self._store.session.case.pain)
        except ScsError as error:
            self._store.say(f"Not written: {error}", "error")
            return
        self._store.say(f"Written: {Path(path).name}. Paint on it and drop it on this window.", "good")

    def _take_pain(self, pain: PainMap) -> None:
        if self._store.act("Pain drawing", lambda session: set_pain(session, pain)):
            self._store.say("Pain drawing read", "good")

    def settle(self, then: Callable[[], None]) -> None:
        """Call `then` once unsaved work is saved or given up; not at all where the user cancels."""
        if self._store.is_saved:
            then()
            return
        box = QMessageBox(self._window)
        box.setObjectName("unsaved")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved work")
        box.setText(f"“{self._store.session.case.title}” has changes that are in no file.")
        button = QMessageBox.StandardButton
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)

        def answered(choice: int) -> None:
            if choice == button.Discard:
                then()
            elif choice == button.Save and self._store.path:
                if self.save_to(self._store.path):
                    then()
            elif choice == button.Save:
                self.ask_save(then)

        box.finished.connect(answered)
        box.open()

    def may_close(self) -> bool:
        """Return whether the window may close now; where work is unsaved, ask, and close after the answer."""
        if self._leaving or self._store.is_saved:
            return True

        def leave() -> None:
            self._leaving = True
            self._window.close()

        self.settle(leave)
        return False

    def ask_text(self, title: str, label: str, text: str, then: Callable[[str], None]) -> None:
        """Ask the user for one line of text."""
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        dialog.setTextValue(text)
        dialog.textValueSelected.connect(then)
        dialog.open()

    def _folder(self) -> str:
        known = [self._store.path, *self._settings.recent]
        return next((str(Path(path).parent) for path in known if path and Path(path).parent.is_dir()), str(Path.home()))
