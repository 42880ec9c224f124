"""What a measure is: a frozen value that, called for a conductivity set, returns named figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from scs_sim.case import Case

Figures = Mapping[str, float]
"""The result of a measure: name -> number. An order or a yes is 1.0 or 0.0."""

FORBID_EXTRA: dict[str, Any] = {"extra": "forbid"}


class Measure(Protocol):
    """A measure of the registry; its fields are the parameters that a protocol gives."""

    __pydantic_config__: ClassVar[dict[str, Any]]

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the cases whose kernels the measure needs with a conductivity set."""
        ...

    def __call__(self, conductivities: str) -> Figures:
        """Return the figures with a conductivity set."""
        ...


class Computed:
    """Base of measures: no kernels needed unless a subclass says which cases it evaluates."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_EXTRA

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the cases whose kernels the measure needs: none."""
        return ()
