"""The settings file: preferences, window sizes, recent files; one INI file in the user's configuration folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from scs_ui.state.preferences import (
    Preferences,
    config_folder,
    read_preferences,
    with_recent,
    written_preferences,
)

FILE = "app.ini"
_PREFERENCES, _WINDOW, _FILES = "preferences", "window", "files"


class Settings:
    """Reads and writes the settings file; `problems` are sentences about what could not be read, or written last.

    path: None for the user's own. Nothing here raises: a window opens without its settings too.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = config_folder() / FILE if path is None else path
        self._ini = QSettings(str(self.path), QSettings.Format.IniFormat)
        self._preferences, wrong = read_preferences(self._texts(_PREFERENCES))
        problems = [f"{self.path.name}: {text}" for text in wrong]
        if self._ini.status() == QSettings.Status.FormatError:
            problems.append(f"{self.path.name} is damaged; what can be read of it is taken, the rest is as usual")
        self.problems: tuple[str, ...] = tuple(problems)

    @property
    def preferences(self) -> Preferences:
        """Return the preferences."""
        return self._preferences

    def save(self, preferences: Preferences) -> bool:
        """Keep other preferences; False, with a sentence in `problems`, where the file cannot be written."""
        self._preferences = preferences
        for name, text in written_preferences(preferences).items():
            self._ini.setValue(f"{_PREFERENCES}/{name}", text)
        return self._written()

    @property
    def recent(self) -> tuple[str, ...]:
        """Return the paths of recent files, the latest first; some may be gone."""
        stored = self._texts(_FILES)
        return tuple(stored[key] for key in sorted(stored) if stored[key])

    def add_recent(self, path: str) -> None:
        """Put a file at the head of the recent ones."""
        self._write_recent(with_recent(self.recent, path))

    def drop_recent(self, path: str) -> None:
        """Take a file out of the recent ones."""
        self._write_recent(tuple(item for item in self.recent if item != path))

    def blob(self, name: str) -> bytes:
        """Return what was kept under `name` ("geometry", "arrangement"), empty where nothing was."""
        return bytes(QByteArray.fromBase64(QByteArray(self._texts(_WINDOW).get(name, "").encode())).data())

    def keep_blob(self, name: str, data: bytes) -> None:
        """Keep bytes of the window under `name`."""
        self._ini.setValue(f"{_WINDOW}/{name}", bytes(QByteArray(data).toBase64().data()).decode())
        self._written()

    def reset(self) -> None:
        """Forget everything: sizes, layout, theme, recent files."""
        self._ini.clear()
        self._preferences = Preferences()
        self._written()

    def _texts(self, group: str) -> dict[str, str]:
        self._ini.beginGroup(group)
        found = {key: self._ini.value(key) for key in self._ini.childKeys()}
        self._ini.endGroup()
        return {key: value if isinstance(value, str) else "" for key, value in found.items()}

    def _write_recent(self, recent: tuple[str, ...]) -> None:
        self._ini.remove(_FILES)
        for place, path in enumerate(recent):
            self._ini.setValue(f"{_FILES}/{place:02}", path)
        self._written()

    def _written(self) -> bool:
        self._ini.sync()
        fine = self._ini.status() != QSettings.Status.AccessError
        self.problems = () if fine else (f"the settings cannot be written to {self.path}; they last until the end",)
        return fine
