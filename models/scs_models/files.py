"""The one decoder: from a TOML or JSON document to a frozen value, and back to JSON; the only user of pydantic.

A value type that stands at the top of a file has class variables FORMAT and VERSION; its documents carry both. Every
problem of a bad file is reported at once, each with its key, its value and what is allowed. Writing is atomic.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from scs_models.errors import InvalidFileError, OutputError, ScsError

ValueT = TypeVar("ValueT")
Migration = Callable[[dict[str, Any]], dict[str, Any]]

MAX_FILE_BYTES = 20_000_000
ENDINGS = {".toml": ".toml", ".json": ".json", ".scsx": ".json", ".sealed": ".json"}
"""What file names end in, and the form of what is inside; .scsx is a session of the desktop app, .sealed an exam."""
_PLAIN = {
    "number": "a number",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
}


def read_value(
    kind: type[ValueT], path: str | os.PathLike[str], migrations: Mapping[int, Migration] | None = None
) -> ValueT:
    """Return the value of type `kind` in the file at `path` (see ENDINGS); "-" reads JSON or TOML from standard input.

    Raises InvalidFileError with every problem found; a file that cannot be read is one too.
    """
    where, document = read_document(path)
    return decode(kind, document, where=where, migrations=migrations)


def read_document(path: str | os.PathLike[str]) -> tuple[str, dict[str, Any]]:
    """Return what messages call the file at `path` and the document in it; as read_value, before it is decoded."""
    where, text, suffix = _text_of(path)
    return where, parse(text, suffix, where)


def parse(text: str, suffix: str, where: str) -> dict[str, Any]:
    """Return the document in `text`: TOML for ".toml", JSON for ".json", either for ""; raise InvalidFileError."""
    if suffix == "":
        suffix = ".json" if text.lstrip().startswith("{") else ".toml"
    try:
        if suffix == ".toml":
            return tomllib.loads(text)
        document = json.loads(text, object_pairs_hook=_without_repeats)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFileError(where, [f"not valid TOML: {error}"]) from error
    except json.JSONDecodeError as error:
        raise InvalidFileError(
            where, [f"not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"]
        ) from error
    except (ValueError, RecursionError) as error:
        raise InvalidFileError(where, [f"not readable as {suffix[1:].upper()}: {error}"]) from error
    if not isinstance(document, dict):
        raise InvalidFileError(where, ["the document must be an object with named keys"])
    return document


def decode(
    kind: type[ValueT], document: Mapping[str, Any], *, where: str, migrations: Mapping[int, Migration] | None = None
) -> ValueT:
    """Return `document` as a value of type `kind`; `migrations[n]` turns a document of version n into version n + 1.

    Raises InvalidFileError: unknown or missing keys, wrong types, values out of range, wrong format, newer version.
    """
    from pydantic import ValidationError

    body = dict(document)
    if hasattr(kind, "FORMAT"):
        body = _checked_header(kind, body, where, migrations or {})
    try:
        text = json.dumps(body, default=_not_json)
        return cast(ValueT, _adapter(cast(Any, kind)).validate_json(text, strict=True))
    except ValidationError as error:
        raise InvalidFileError(where, [_problem(kind, dict(item)) for item in error.errors()]) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidFileError(where, [str(error)]) from error


def encode(value: Any) -> Any:
    """Return `value` (a dataclass, array, mapping, sequence or scalar) as plain JSON data; None fields are left out.

    Infinite and undefined numbers become null; a value with FORMAT and VERSION at the top starts with both.
    """
    header = {"format": value.FORMAT, "version": value.VERSION} if hasattr(value, "FORMAT") else {}
    return header | _plain(value) if header else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, (bool, str)) or value is None:  # scalars first: a drawing is thousands of them
        return value
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: _plain(item) for name, item in fields if item is not None}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_text(value: Any) -> str:
    """Return `value` as one JSON document, keys sorted, ending with a newline."""
    return json.dumps(encode(value), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def json_schema(kind: type[Any]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of documents of type `kind`, with `format` and `version` where it has them."""
    schema: dict[str, Any] = _adapter(cast(Any, kind)).json_schema()
    if hasattr(kind, "FORMAT"):
        header = {"format": {"const": kind.FORMAT}, "version": {"const": kind.VERSION}}
        schema["properties"] = header | schema.get("properties", {})
        schema["required"] = ["format", "version", *schema.get("required", [])]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to `path` as UTF-8, atomically; raise OutputError that names the path."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to `path` atomically: a temporary file beside it, fsync, rename; raise OutputError."""
    target = Path(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if not target.exists():
            os.chmod(temporary, 0o666 & ~_umask())
        else:
            os.chmod(temporary, target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from error


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _text_of(path: str | os.PathLike[str]) -> tuple[str, str, str]:
    if str(path) == "-":
        where, suffix, data = "standard input", "", sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    else:
        file = Path(path)
        where, suffix = str(path), ENDINGS.get(file.suffix.lower(), "")
        if not suffix:
            raise InvalidFileError(where, [f"the file name ends in {file.suffix!r}; it must end in .toml or .json"])
        try:
            with file.open("rb") as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise InvalidFileError(where, [f"cannot be read: {error.strerror or error}"]) from error
    if len(data) > MAX_FILE_BYTES:
        raise InvalidFileError(where, [f"is larger than {MAX_FILE_BYTES // 1_000_000} MB"])
    try:
        return where, data.decode("utf-8-sig"), suffix
    except UnicodeDecodeError as error:
        raise InvalidFileError(where, [f"is not UTF-8 text (byte {error.start})"]) from error


def _checked_header(kind: Any, body: dict[str, Any], where: str, migrations: Mapping[int, Migration]) -> dict[str, Any]:
    found, version = body.pop("format", None), body.pop("version", None)
    if found != kind.FORMAT:
        raise InvalidFileError(where, [f"format is {found!r}; it must be {kind.FORMAT!r}"])
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InvalidFileError(where, [f"version is {version!r}; it must be a whole number from 1 to {kind.VERSION}"])
    if version > kind.VERSION:
        raise InvalidFileError(
            where, [f"version is {version}, written by a newer scs-sim; this one reads versions up to {kind.VERSION}"]
        )
    for step in range(version, kind.VERSION):
        body = migrations[step](body)
    return body


def _problem(kind: type[Any], item: dict[str, Any]) -> str:
    parts = [
        part for part in item["loc"] if not (isinstance(part, str) and part.startswith(("function-", "constrained-")))
    ]
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else (f".{part}" if path else str(part))
    error = item.get("ctx", {}).get("error")
    if isinstance(error, ScsError):
        return (
            f"{path}.{error}"
            if path and " is " in str(error).split(";")[0] and not str(error).startswith("there is")
            else (f"{path}: {error}" if path else str(error))
        )
    kind_of = item["type"]
    if kind_of in ("extra_forbidden", "unexpected_keyword_argument"):
        known = _known_keys(kind, parts[:-1])
        return f"{path} is not a known key" + (f"; known: {', '.join(known)}" if known else "")
    if kind_of == "missing":
        return f"{path} is missing"
    given = json.dumps(item["input"], ensure_ascii=False, default=str)
    given = given if len(given) <= 60 else given[:57] + "..."
    message = (
        str(item["msg"])
        .removeprefix("Value error, ")
        .removeprefix("Input should ")
        .removeprefix("be ")
        .removeprefix("a valid ")
    )
    return f"{path or 'the document'} is {given}; it must be {_PLAIN.get(message, message)}"


def _known_keys(kind: type[Any], parts: list[Any]) -> tuple[str, ...]:
    import typing

    current: Any = kind
    for part in parts:
        if isinstance(part, int):
            continue
        hints = typing.get_type_hints(current) if dataclasses.is_dataclass(current) else {}
        current = hints.get(part)
        current = next((item for item in _unpacked(current) if dataclasses.is_dataclass(item)), None)
    return (
        tuple(field.name for field in dataclasses.fields(current))
        if current is not None and dataclasses.is_dataclass(current)
        else ()
    )


def _unpacked(annotation: Any) -> Iterable[Any]:
    import typing

    yield annotation
    for argument in typing.get_args(annotation):
        yield from _unpacked(argument)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"key {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return document


def _not_json(value: object) -> object:
    raise TypeError(f"the value {value} is a {type(value).__name__}; write it as text in quotes")
