"""Differences between two frozen values as short lists, so that a journal need not hold the whole session per change.

A list holds ["set", path, value] (a value of null: left out) and ["splice", path, start, removed, values], where a path
is the names and places that lead into the JSON form of the value, as ["programs", 0, "areas", 1, "amplitude_ma"].
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from scs_models import files
from scs_models.errors import InvalidValueError

Operation = list[Any]
_Path = tuple[str | int, ...]


def difference(before: Any, after: Any) -> list[Operation]:
    """Return what turns `files.encode(before)` into `files.encode(after)`; both are dataclasses of one type.

    Raises InvalidValueError for two types: those have nothing in common.
    """
    if type(before) is not type(after) or not dataclasses.is_dataclass(before):
        raise InvalidValueError(f"values are {type(before).__name__} and {type(after).__name__}; they must be alike")
    return list(_between(before, after, ()))


def applied(document: Any, operations: Sequence[Operation]) -> Any:
    """Return `document` (JSON data, changed in place) after `operations`; raise InvalidValueError if one is unfit."""
    for operation in operations:
        try:
            kind, path, *rest = operation
            target = document
            for step in path[:-1]:
                target = target[step]
            if kind == "splice":
                start, removed, values = rest
                place = target[path[-1]]
                if not 0 <= start <= start + removed <= len(place):
                    raise IndexError(start)
                place[start : start + removed] = values
            elif kind != "set":
                raise ValueError(kind)
            elif rest[0] is None:
                target.pop(path[-1], None)
            else:
                target[path[-1]] = rest[0]
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InvalidValueError(f"the change {str(operation)[:80]} does not fit what was there before") from error
    return document


def _between(before: Any, after: Any, path: _Path) -> Iterator[Operation]:
    if _same(before, after):
        return
    if dataclasses.is_dataclass(after) and type(before) is type(after):
        for field in dataclasses.fields(after):
            yield from _between(getattr(before, field.name), getattr(after, field.name), (*path, field.name))
    elif isinstance(before, tuple) and isinstance(after, tuple):
        yield from _in_row(before, after, path)
    else:
        yield ["set", list(path), _plain(after)]


def _in_row(before: tuple[Any, ...], after: tuple[Any, ...], path: _Path) -> Iterator[Operation]:
    shorter = min(len(before), len(after))
    start = 0
    while start < shorter and _same(before[start], after[start]):
        start += 1
    kept = 0
    while kept < shorter - start and _same(before[-1 - kept], after[-1 - kept]):
        kept += 1
    old, new = before[start : len(before) - kept], after[start : len(after) - kept]
    if len(old) == len(new) == 1 and dataclasses.is_dataclass(new[0]) and type(old[0]) is type(new[0]):
        yield from _between(old[0], new[0], (*path, start))
    else:
        yield ["splice", list(path), start, len(old), [_plain(item) for item in new]]


def _same(before: Any, after: Any) -> bool:
    return before is after or (type(before) is type(after) and bool(before == after))


def _plain(value: Any) -> Any:
    """Return the JSON form inside a document: format and version stand at the top of one only."""
    return files.encode((value,))[0]
