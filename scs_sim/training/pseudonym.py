"""Pseudonyms of trainees: a keyed hash of the profile's name. The key never leaves this machine.

Whoever has the key can tell the names again by trying them; whoever has only the export cannot.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from scs_models.errors import InvalidFileError, OutputError
from scs_sim.training.record import training_folder

KEY_NAME = "pseudonyms.key"
_KEY_BYTES, _SHOWN = 32, 12


def pseudonym(profile: str, key: bytes) -> str:
    """Return the pseudonym of a profile: always the same one for the same key."""
    return f"trainee-{hmac.new(key, profile.encode('utf-8'), hashlib.sha256).hexdigest()[:_SHOWN]}"


def pseudonym_key(folder: Path | None = None) -> bytes:
    """Return the key of this machine; the first time it is drawn and kept, readable by its owner only.

    folder: where it is kept, default: with the journals. Raises InvalidFileError for a damaged key, OutputError where
    it cannot be kept.
    """
    path = (folder or training_folder()) / KEY_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read(path)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(_KEY_BYTES) + "\n")
        return _read(path)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error


def _read(path: Path) -> bytes:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise InvalidFileError(
            str(path), ["it is no key of pseudonyms; with another key trainees get other pseudonyms"]
        )
    return key
