"""Up to which rate fibres fire with every pulse of a train, read from what `trains` computed.

The simulator's thresholds are those of one pulse; this says what share of the pulses of a train a fibre answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from scs_models.tables import read_table
from scs_models.values import FloatArray, read_only, require_between

FOLLOWS_SHARE = 0.95
"""Spikes per pulse from which a fibre counts as following: one dropped pulse of twenty is allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class FollowingTable:
    """Computed firing rates: `firing_hz` (diameters, overdrives, rates) at `rate_hz` and multiples of the threshold."""

    diameter_um: FloatArray
    overdrive_factor: FloatArray
    rate_hz: FloatArray
    firing_hz: FloatArray


@cache
def following_table() -> FollowingTable:
    """Return [following] of fibres.toml."""
    row = read_table("fibres")["following"]
    return FollowingTable(
        diameter_um=read_only(np.array([part["diameter_um"] for part in row["fibres"]])),
        overdrive_factor=read_only(np.array(row["overdrive_factor"])),
        rate_hz=read_only(np.array(row["rate_hz"])),
        firing_hz=read_only(np.array([part["firing_hz"] for part in row["fibres"]])),
    )


def spikes_per_pulse(rate_hz: float, overdrive_factor: float) -> float:
    """Return the share of pulses a fibre fires with, the least of the computed diameters.

    Linear in the log of the rate and in the overdrive (amplitude over the fibre's threshold), held beyond the
    overdrives of the table. Raises InvalidValueError outside its rates.
    """
    table = following_table()
    require_between("rate_hz", rate_hz, float(table.rate_hz[0]), float(table.rate_hz[-1]), "Hz")
    share = (table.firing_hz / table.rate_hz).min(axis=0)
    at_rate = [np.interp(np.log(rate_hz), np.log(table.rate_hz), row) for row in share]
    return float(np.interp(overdrive_factor, table.overdrive_factor, at_rate))


def following_limit_hz(overdrive_factor: float) -> float:
    """Return the highest computed rate at which fibres of every computed diameter fire with each pulse, Hz.

    Read at the next lower overdrive of the table; 0 where there is none. Just above threshold fibres drop pulses at
    lower rates too (`spikes_per_pulse`).
    """
    table = following_table()
    below = np.flatnonzero(table.overdrive_factor <= overdrive_factor + 1e-9)
    if not below.size:
        return 0.0
    share = (table.firing_hz[:, below[-1]] / table.rate_hz).min(axis=0)
    return float(table.rate_hz[share >= FOLLOWS_SHARE].max(initial=0.0))
