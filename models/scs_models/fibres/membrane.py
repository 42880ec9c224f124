"""The nodal membrane of the MRG axon: voltage-dependent rates of its four gates and its ionic currents.

Gates are kept as columns m, h, p, s of one array, so that one table look-up moves all four by a time step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from scs_models.errors import InvalidFileError
from scs_models.tables import read_table
from scs_models.values import FloatArray, read_only

GATES = ("m", "h", "p", "s")
TABLE_LOW_MV, TABLE_HIGH_MV, TABLE_STEP_MV = -300.0, 150.0, 0.01


@dataclass(frozen=True, slots=True)
class NodeMembrane:
    """Conductances (S/cm2), reversal potentials (mV) and capacitance (uF/cm2) of a node of Ranvier."""

    gna_s_per_cm2: float
    gnap_s_per_cm2: float
    gks_s_per_cm2: float
    gl_s_per_cm2: float
    ena_mv: float
    ek_mv: float
    el_mv: float
    capacitance_uf_per_cm2: float


@cache
def node_membrane() -> NodeMembrane:
    """Return the node's membrane as fibres.toml gives it. Source: MRG02."""
    row = read_table("fibres")["node"]
    return NodeMembrane(**{name: float(row[name]) for name in NodeMembrane.__dataclass_fields__})


def rate_per_ms(row: Mapping[str, Any], v_mv: FloatArray) -> FloatArray:
    """Return one opening or closing rate (1/ms) at `v_mv`; `row` has form, a, v, k as in fibres.toml.

    linear_exp is a x / (1 - exp(-x / k)) with its limit a k at x = 0; sigmoid is a / (1 + exp(-x / k)), x = v_mv + v.
    """
    x = (v_mv + row["v"]) / row["k"]
    a, k = float(row["a"]), float(row["k"])
    if row["form"] == "linear_exp":
        small = np.abs(x) < 1e-6
        safe = np.where(small, 1.0, x)
        return np.asarray(a * k * np.where(small, 1.0 + 0.5 * x, safe / -np.expm1(-np.clip(safe, -500.0, 500.0))))
    if row["form"] == "sigmoid":
        return np.asarray(a / (1.0 + np.exp(-np.clip(x, -500.0, 500.0))))
    raise InvalidFileError("fibres.toml", [f"gate rate of form {row['form']!r}; known: linear_exp, sigmoid"])


@cache
def gate_table_mv() -> FloatArray:
    """Return the voltages (mV) at which the look-up tables of the gates stand."""
    count = round((TABLE_HIGH_MV - TABLE_LOW_MV) / TABLE_STEP_MV) + 1
    return read_only(np.asarray(TABLE_LOW_MV + TABLE_STEP_MV * np.arange(count), dtype=np.float64))


def gate_kinetics(v_mv: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return steady state (1) and rate (1/us) of the gates m, h, p, s at `v_mv` (V,): two arrays (V, 4).

    The temperature factor is q10^((T - reference) / 10). Source: MRG02.
    """
    table = read_table("fibres")
    celsius = float(table["node"]["temperature_c"])
    steady, rate = np.empty((v_mv.size, 4)), np.empty((v_mv.size, 4))
    for column, name in enumerate(GATES):
        row = table["gates"][name]
        warm = row["q10"] ** ((celsius - row["reference_c"]) / 10.0)
        opening, closing = rate_per_ms(row["open"], v_mv) * warm, rate_per_ms(row["close"], v_mv) * warm
        steady[:, column] = opening / (opening + closing)
        rate[:, column] = (opening + closing) * 1e-3
    return steady, rate


@lru_cache(maxsize=8)
def gate_tables(time_step_us: float) -> tuple[FloatArray, FloatArray]:
    """Return `keep` and `move`, (V, 4) each: over one step a gate goes to keep * gate + move (exact at constant V)."""
    steady, rate = gate_kinetics(gate_table_mv())
    keep = np.exp(-rate * time_step_us)
    return read_only(keep), read_only(steady * (1.0 - keep))
