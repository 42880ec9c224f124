"""The exceptions of scs-sim, one short tree.

Each carries one message for a person: what was wrong, where, what is allowed. The command line maps them to exit codes.
"""

from __future__ import annotations

from collections.abc import Sequence


class ScsError(Exception):
    """Base of every error that scs-sim raises on purpose."""


class InvalidValueError(ScsError, ValueError):
    """An argument, or something written on the command line, lies outside what is allowed."""


class UnknownNameError(InvalidValueError):
    """A name is not in its table; the message lists those that are."""

    def __init__(self, what: str, name: str, known: Sequence[str]) -> None:
        self.what, self.name, self.known = what, name, tuple(known)
        super().__init__(f"there is no {what} {name!r}; known: {', '.join(self.known)}")


class InvalidFileError(ScsError):
    """A file, or standard input, holds something wrong; `problems` has one line per problem."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.where, self.problems = where, tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


class OutputError(ScsError):
    """A result could not be written."""


class MissingPieceError(ScsError):
    """The machine lacks something: a library, an extra, a display. The message says how to get it."""
