"""Exam wire: what trainee's and instructor's side say to each other. One request a connection, a line of JSON each way.

{"version": 1, "do": "sit", "token": T, "key": K}                                 -> {"exam", "trainee", "opening"}
{"version": 1, "do": "act", "key": K, "serial": n, "action": A, "parameters": {}} -> {"event"}
{"version": 1, "do": "events", "key": K, "after": n}                              -> {"events"}
While an answer is made, lines {"wait": share done} come first; what is wrong is {"error": words, "kind": KINDS}.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from scs_models import files
from scs_models.errors import InUseError, InvalidFileError, InvalidValueError, ScsError

VERSION = 1
REQUEST_BYTES = 65_536
ANSWER_BYTES = 32_000_000
WAIT_S = 3.0
"""How often the instructor's side says that it is still there."""
KINDS: Mapping[str, type[ScsError]] = {"value": InvalidValueError, "in-use": InUseError, "failed": ScsError}
"""What an error is on the trainee's side; "failed": something wrong on the instructor's, whose words stay there."""


def line_of(document: Mapping[str, Any]) -> bytes:
    """Return a document as a line."""
    return json.dumps(document, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


def document_of(line: bytes) -> dict[str, Any]:
    """Return the document in a line; raise InvalidValueError for anything else."""
    try:
        return files.parse(line.decode("utf-8"), ".json", "the line")
    except (InvalidFileError, UnicodeDecodeError) as error:
        raise InvalidValueError("the line is no JSON object") from error


def address_of(text: str) -> tuple[str, int]:
    """Return host and port of "HOST:PORT"; raise InvalidValueError."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 65_535):
        raise InvalidValueError(f"the address is {text!r}; it must be HOST:PORT, for example 127.0.0.1:4711")
    return host, int(port)


def address_text(host: str, port: int) -> str:
    """Return "HOST:PORT", an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Return whether only programs of this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def digest_of(secret: str) -> str:
    """Return the digest under which a token or a key is kept; they are random, so no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
