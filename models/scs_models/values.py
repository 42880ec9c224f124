"""What every frozen value of scs-sim shares: read-only arrays and range checks with a message for a person."""

from __future__ import annotations

import math
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from scs_models.errors import InvalidValueError, UnknownNameError

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

Status = Literal["published", "derived", "assumed"]

ArrayT = TypeVar("ArrayT", bound=NDArray[Any])


def read_only(array: ArrayT) -> ArrayT:
    """Return `array` itself, made read-only: result arrays are values."""
    array.setflags(write=False)
    return array


def require_between(name: str, value: float, low: float, high: float, unit: str = "") -> float:
    """Return `value` if it is a finite number in [low, high]; raise InvalidValueError that names all four otherwise."""
    tail = f" {unit}" if unit else ""
    if not (isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)):
        raise InvalidValueError(f"{name} is {value!r}; it must be a number between {low:g} and {high:g}{tail}")
    if not (math.isfinite(value) and low <= value <= high):
        raise InvalidValueError(f"{name} is {value:g}{tail}; it must lie between {low:g} and {high:g}{tail}")
    return value


def require_one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """Return `value` if it is one of `allowed`; raise UnknownNameError with the list otherwise."""
    if value not in allowed:
        raise UnknownNameError(name, value, allowed)
    return value
