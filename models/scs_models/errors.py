"""The exceptions of scs-sim, one short tree.

Each carries one message for a person: what was wrong, where, what is allowed. The command line maps them to exit codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

_LISTED = 30


class ScsError(Exception):
    """Base of every error that scs-sim raises on purpose."""


class InvalidValueError(ScsError, ValueError):
    """An argument, or something written on the command line, lies outside what is allowed."""


class UnknownNameError(InvalidValueError):
    """A name is not in its table; the message lists those that are, or the closest ones where they are many."""

    def __init__(self, what: str, name: str, known: Sequence[str]) -> None:
        self.what, self.name, self.known = what, name, tuple(known)
        if len(self.known) <= _LISTED:
            hint = f"known: {', '.join(self.known)}"
        else:
            close = get_close_matches(name, self.known, n=6, cutoff=0.3) or self.known[:6]
            hint = f"closest of {len(self.known)}: {', '.join(close)}"
        super().__init__(f"there is no {what} {name!r}; {hint}")


class InvalidFileError(ScsError):
    """A file, or standard input, holds something wrong; `problems` has one line per problem."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.where, self.problems = where, tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


class OutputError(ScsError):
    """A result could not be written."""


class InUseError(ScsError):
    """Another running window or process has the file; nothing is wrong with it."""


class MissingPieceError(ScsError):
    """The machine lacks something: a library, an extra, a display. The message says how to get it."""
