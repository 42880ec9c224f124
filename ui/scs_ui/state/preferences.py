"""Preferences: how a user likes the window. Not science: that is in sessions; not kept with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from scs_models.errors import InvalidValueError
from scs_models.values import require_between, require_one_of

ThemeChoice = Literal["system", "dark", "light"]
THEME_CHOICES: tuple[ThemeChoice, ...] = ("system", "dark", "light")
LAYOUT_NAMES = ("programming", "teaching", "analysis")
TEXT_PERCENT = (80, 200)
TEXT_STEP_PERCENT = 10
RECENT_MAX = 10


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices; a value that is not allowed raises InvalidValueError.

    theme "system" follows the desktop; text_percent of the desktop's own size; recover: offer work that a crash left at
    start; count_from_zero: contacts shown from 0, as some vendors do; reduce_motion: nothing slides or fades.
    """

    theme: ThemeChoice = "system"
    text_percent: int = 100
    layout: str = "programming"
    seen_tour: bool = False
    recover: bool = True
    count_from_zero: bool = False
    reduce_motion: bool = False

    def __post_init__(self) -> None:
        require_one_of("theme", self.theme, THEME_CHOICES)
        require_between("text_percent", self.text_percent, *TEXT_PERCENT, "%")
        require_one_of("layout", self.layout, LAYOUT_NAMES)


def stepped_text(preferences: Preferences, steps: int) -> int:
    """Return the text size (percent) that many steps larger (or smaller: below 0), held inside the range."""
    low, high = TEXT_PERCENT
    return min(max(preferences.text_percent + steps * TEXT_STEP_PERCENT, low), high)


def read_preferences(stored: Mapping[str, str]) -> tuple[Preferences, tuple[str, ...]]:
    """Return the preferences of a settings file (name -> text), and a sentence per value that was put back to usual."""
    usual, good, problems = Preferences(), {}, []
    for item in fields(Preferences):
        if item.name not in stored:
            continue
        try:
            value = _parsed(type(getattr(usual, item.name)), item.name, stored[item.name])
            Preferences(**{item.name: value})
        except InvalidValueError as error:
            problems.append(f"{error}; the usual {getattr(usual, item.name)!r} is taken")
        else:
            good[item.name] = value
    return Preferences(**good), tuple(problems)


def written_preferences(preferences: Preferences) -> dict[str, str]:
    """Return the preferences as `read_preferences` takes them."""
    values = {item.name: getattr(preferences, item.name) for item in fields(Preferences)}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def with_recent(recent: tuple[str, ...], path: str) -> tuple[str, ...]:
    """Return the recent files with `path` first, once, at most RECENT_MAX of them."""
    return (path, *(item for item in recent if item != path))[:RECENT_MAX]


def config_folder() -> Path:
    """Return where preferences are kept: SCS_SIM_CONFIG_DIR, else the user's configuration directory."""
    if given := os.environ.get("SCS_SIM_CONFIG_DIR", ""):
        return Path(given)
    from platformdirs import user_config_path

    return user_config_path("scs-sim", appauthor=False)


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


_READERS: Mapping[type, tuple[Callable[[str], Any], str]] = {
    bool: (_flag, "true or false"),
    int: (int, "a whole number"),
    str: (str, "a word"),
}


def _parsed(kind: type, name: str, text: str) -> Any:
    reader, allowed = _READERS[kind]
    try:
        return reader(text)
    except (KeyError, ValueError) as error:
        raise InvalidValueError(f"{name} is {text!r}; it must be {allowed}") from error
