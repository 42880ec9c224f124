"""Ceiling: the amplitude at which the edited area meets its first safety limit, and the word for that limit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scs_sim.limit_profiles import profile
from scs_sim.limits import charge_density_uc_per_cm2, charge_per_phase_uc, program_ranges, safety_limits

if TYPE_CHECKING:
    from scs_ui.state.live import Frame


@dataclass(frozen=True, slots=True)
class Ceiling:
    """An amplitude (mA) that dials and keys do not pass, and what sets it; a typed value may pass it."""

    amplitude_ma: float
    why: str

    @property
    def held_ma(self) -> float:
        """Return the last whole tenth of a mA at or below it."""
        return math.floor(self.amplitude_ma * 10.0 + 1e-6) / 10.0


def ceiling(frame: Frame | None, profile_name: str) -> Ceiling:
    """Return the lowest of the limits on the edited area: generator, one contact, charge density, Shannon's k.

    Without an answer for the area only the generator's own range is known.
    """
    found = [Ceiling(program_ranges().amplitude_ma[1], "the generator")]
    named = profile(profile_name) if profile_name else None
    if named is not None:
        found.append(Ceiling(min(found[0].amplitude_ma, named.amplitude_bands_ma[-1][1]), "the limit profile"))
    if frame is not None and frame.solo_answers is not None:
        area = frame.solo_answers.areas
        weights = np.abs(area.delivery.weights[0])
        found += _by_charge(weights, area.areas[0].pulse_width_us, frame.setting.contact_area_mm2)
        share = float(np.abs(area.delivery.asked_weights[0]).max())
        if named is not None and share > 0.0:
            found.append(Ceiling(named.contact_high_ma / share, "one contact of the limit profile"))
    return min(found, key=lambda one: one.amplitude_ma)


def _by_charge(weights: np.ndarray, pulse_width_us: float, area_mm2: np.ndarray) -> list[Ceiling]:
    """Return where charge density and Shannon's k reach their limits; weights (contacts,) per mA, without sign.

    k = log10(density) + log10(charge), so that it reaches its limit where charge = sqrt(area in cm2 x 10**limit).
    """
    charge_uc = charge_per_phase_uc(1.0, pulse_width_us, weights)
    if not charge_uc.any():
        return []
    bounds = safety_limits()
    used = charge_uc > 0.0
    density = float(charge_density_uc_per_cm2(charge_uc, area_mm2).max())
    shannon = np.sqrt(area_mm2[used] * 1e-2 * 10.0**bounds.shannon_k) / charge_uc[used]
    return [
        Ceiling(bounds.charge_density_uc_per_cm2 / density, "charge density"),
        Ceiling(float(shannon.min()), "the Shannon limit"),
    ]
