"""Seal: a training case and its seed in a file that tells nothing without the passphrase. Needs extra [exam].

Authenticated encryption of the library cryptography: scrypt makes the key, ChaCha20-Poly1305 seals. What stands in the
clear is sealed against changes too. The content is padded, for its length would tell which built-in case it is.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError, MissingPieceError
from scs_models.values import require_between, require_one_of
from scs_sim.training.case import TrainingCase
from scs_sim.training.draw import GREATEST_SESSION_SEED

EXTRA = 'pip install "scs-sim[exam]"'
SUFFIX = ".sealed"
MIN_PASSPHRASE = 10
"""Letters a passphrase must have at least; whoever has the file can try passphrases as fast as scrypt lets him."""
USUAL_WORK = 2**17
_WORKS = tuple(2**power for power in range(14, 21))
_BLOCK, _PARALLEL, _KEY_BYTES, _SALT_BYTES, _NONCE_BYTES, _EXAM_BYTES = 8, 1, 32, 16, 12, 8
_PAD_BYTES = 32_768
_FORBID: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the instructor lets everybody read who has the file; nothing, unless asked for."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    title: str = ""
    goals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyMaking:
    """How the key is made of the passphrase: scrypt with n = `work` (a power of 2), r = 8, p = 1, salt in base64.

    The bounds keep a strange file from asking for more memory than 1 GB, or for a key that is tried too fast.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    salt: str
    work: int = USUAL_WORK
    kind: Literal["scrypt"] = "scrypt"

    def __post_init__(self) -> None:
        if self.work not in _WORKS:
            raise InvalidValueError(f"work is {self.work}; it must be a power of 2 from {_WORKS[0]} to {_WORKS[-1]}")
        _bytes_of("salt", self.salt, _SALT_BYTES)


@dataclass(frozen=True, slots=True)
class SealedCase:
    """A sealed exam as it stands in its file. exam: a random name of this sealing, so that records find it again."""

    FORMAT: ClassVar[str] = "scs-sim sealed case"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    exam: str
    key: KeyMaking
    nonce: str
    content: str
    shown: Shown = field(default_factory=Shown)
    cipher: Literal["chacha20-poly1305"] = "chacha20-poly1305"

    def __post_init__(self) -> None:
        if len(self.exam) != 2 * _EXAM_BYTES or not set(self.exam) <= set("0123456789abcdef"):
            raise InvalidValueError(f"exam is {self.exam[:40]!r}; it must be {2 * _EXAM_BYTES} hexadecimal digits")
        _bytes_of("nonce", self.nonce, _NONCE_BYTES)
        _bytes_of("content", self.content)


@dataclass(frozen=True, slots=True)
class ExamContent:
    """What is sealed: the case, and the seed of the patient that all trainees of the exam meet."""

    FORMAT: ClassVar[str] = "scs-sim exam content"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    case: TrainingCase
    seed: str

    def __post_init__(self) -> None:
        if not (self.seed.isascii() and self.seed.isdigit() and len(self.seed) <= len(str(GREATEST_SESSION_SEED))):
            raise InvalidValueError(f"seed is {self.seed[:60]!r}; it must be a whole number, written as text")
        require_between("seed", int(self.seed), 0, GREATEST_SESSION_SEED)


def draw_seed() -> int:
    """Return a seed that nobody can guess or find by trying."""
    return secrets.randbelow(GREATEST_SESSION_SEED + 1)


def sealed(
    case: TrainingCase, seed: int, passphrase: str, shown: tuple[str, ...] = (), work: int = USUAL_WORK
) -> SealedCase:
    """Return `case` and `seed` sealed; shown: which of "title" and "goals" stand in the clear.

    Raises InvalidValueError for a short passphrase or a bad seed, MissingPieceError without the extra [exam].
    """
    if len(_plain(passphrase)) < MIN_PASSPHRASE:
        raise InvalidValueError(f"the passphrase is short; it must have at least {MIN_PASSPHRASE} letters")
    for name in shown:
        require_one_of("shown", name, ("title", "goals"))
    text = files.json_text(ExamContent(case, str(seed))).encode("utf-8")
    padded = text + b" " * (-len(text) % _PAD_BYTES)
    bare = SealedCase(
        exam=secrets.token_hex(_EXAM_BYTES),
        key=KeyMaking(_text_of(secrets.token_bytes(_SALT_BYTES)), work),
        nonce=_text_of(secrets.token_bytes(_NONCE_BYTES)),
        content="",
        shown=Shown(case.title if "title" in shown else "", case.goals if "goals" in shown else ()),
    )
    cipher, _ = _cipher(bare.key, passphrase)
    secret = cipher.encrypt(_bytes_of("nonce", bare.nonce), padded, _authenticated(bare))
    return replace(bare, content=_text_of(secret))


def unsealed(found: SealedCase, passphrase: str, where: str) -> ExamContent:
    """Return what is sealed in `found`, which messages call `where`.

    Raises InvalidFileError for a wrong passphrase or a file that was changed (nobody can tell one from the other), and
    for content of a newer version; MissingPieceError without the extra [exam].
    """
    cipher, wrong = _cipher(found.key, passphrase)
    try:
        text = cipher.decrypt(
            _bytes_of("nonce", found.nonce), _bytes_of("content", found.content), _authenticated(found)
        )
    except wrong as error:
        problem = "cannot be opened: the passphrase is another one, or the file has been changed since it was sealed"
        raise InvalidFileError(where, [problem]) from error
    return files.decode(ExamContent, files.parse(text.decode("utf-8"), ".json", where), where=where)


def _cipher(key: KeyMaking, passphrase: str) -> tuple[Any, type[Exception]]:
    """Return the cipher with the key made of `passphrase`, and what it raises for what it has not sealed."""
    try:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
    except ImportError as error:
        raise MissingPieceError(f"a sealed case needs the extra [exam]: {EXTRA}") from error
    maker = Scrypt(salt=_bytes_of("salt", key.salt), length=_KEY_BYTES, n=key.work, r=_BLOCK, p=_PARALLEL)
    return ChaCha20Poly1305(maker.derive(_plain(passphrase).encode("utf-8", "surrogatepass"))), InvalidTag


def _authenticated(found: SealedCase) -> bytes:
    """Return everything that stands in the clear, format and version too, in one settled form."""
    return files.json_text(replace(found, content="")).encode("utf-8")


def _plain(passphrase: str) -> str:
    """Return a passphrase in one form, whatever keyboard its accents were typed on."""
    return unicodedata.normalize("NFKC", passphrase)


def _text_of(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes_of(name: str, text: str, count: int | None = None) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValueError(f"{name} is not readable as base64") from error
    if count is not None and len(data) != count:
        raise InvalidValueError(f"{name} has {len(data)} bytes; it must have {count}")
    return data
