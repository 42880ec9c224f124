"""The colour scale of field pictures: one for all programs and levels, linear near zero, logarithmic further out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scs_models.values import Float32Array, FloatArray
from scs_sim.field_view import UNITS, FieldKind


@dataclass(frozen=True, slots=True)
class Scale:
    """How values per mA become places -1 to 1: `limit` at 1, linear up to about `knee`; `signed`: below 0 too."""

    kind: FieldKind
    title: str
    unit: str
    limit: float
    knee: float
    signed: bool

    def place(self, value: FloatArray | Float32Array | float) -> Float32Array:
        """Return places of values per mA, held within -1 and 1."""
        found = np.arcsinh(np.asarray(value, dtype=np.float32) / np.float32(self.knee)) * np.float32(1.0 / self._top)
        return np.asarray(np.clip(found, -1.0, 1.0), dtype=np.float32)

    def contours(self) -> tuple[float, ...]:
        """Return the values per mA that contours stand at: 1, 2, 5 of every decade from the knee on."""
        steps = [digit * 10.0**decade for decade in range(-2, 5) for digit in (1, 2, 5)]
        found = [step for step in steps if self.knee <= step <= self.limit * 1.001]
        return (*(-step for step in found[::-1]), *found) if self.signed else tuple(found)

    def value(self, place: float) -> float:
        """Return the value per mA at a place."""
        return float(np.sinh(place * self._top) * self.knee)

    def ticks(self, amplitude_ma: float) -> tuple[tuple[float, str], ...]:
        """Return (place, text) of round values beside the scale at an amplitude; per mA where it is 0."""
        times = amplitude_ma if amplitude_ma > 0.0 else 1.0
        decades = [10.0**decade for decade in range(-2, 6)]
        found = [value for value in decades if 0.7 * self.knee * times <= value <= self.limit * times]
        ticks = [(float(self.place(value / times)), f"{value:g}") for value in found]
        negative = [(-place, f"\N{MINUS SIGN}{text}") for place, text in ticks[::-1]] if self.signed else []
        return (*negative, (0.0, "0"), *ticks)

    @property
    def _top(self) -> float:
        return float(np.arcsinh(self.limit / self.knee))


SCALES: Mapping[FieldKind, Scale] = {
    "potential": Scale("potential", "Potential", UNITS["potential"], 1000.0, 10.0, True),
    "field": Scale("field", "Field strength", UNITS["field"], 2000.0, 2.0, False),
    "activating": Scale("activating", "Activating function", UNITS["activating"], 500.0, 1.0, True),
}


def short_number(value: float) -> str:
    """Return a number in three digits or fewer, with a real minus."""
    size = abs(value)
    text = f"{size:.0f}" if size >= 100.0 else f"{size:.1f}" if size >= 1.0 else f"{size:.2f}"
    return f"\N{MINUS SIGN}{text}" if value < 0.0 and float(text) else text
