"""The fast predictor of fibre thresholds: linear in the potentials, so it folds into a lead field.

Fitted to the reference axon (`mrg`, interpolation geometry) by `fit`; docs/predictor.md says how well. The form is in
`kernels`, the constants in predictor.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.fibres.kernels import Kernel, operator, width_basis
from scs_models.tables import Table, read_table
from scs_models.values import FloatArray, read_only, require_between, require_one_of

NEVER_PER_MA = 1e-9
"""A drive this weak is rounding: no amplitude fires the fibre."""


@dataclass(frozen=True, slots=True)
class PredictorRange:
    """Fibre diameters (um) and pulse widths (us) the predictor was fitted for, and its waveforms."""

    diameter_low_um: float
    diameter_high_um: float
    pulse_width_low_us: float
    pulse_width_high_us: float
    waveforms: tuple[str, ...]


def predictor_range(table: Table | None = None) -> PredictorRange:
    """Return what the predictor covers; `table` is another predictor.toml's content (default: the built-in one)."""
    rows = read_table("predictor") if table is None else table
    made = rows["made"]
    return PredictorRange(
        diameter_low_um=float(made["diameter_um"][0]),
        diameter_high_um=float(made["diameter_um"][-1]),
        pulse_width_low_us=float(made["pulse_width_low_us"]),
        pulse_width_high_us=float(made["pulse_width_high_us"]),
        waveforms=tuple(rows["waveforms"]),
    )


def kernels(diameter_um: float, pulse_width_us: float, waveform: str, table: Table | None = None) -> tuple[Kernel, ...]:
    """Return the kernels of one diameter (um), pulse width (us) and waveform, constants linear in ln D between rows.

    Raises InvalidValueError outside the range (the burst has one pulse width only), UnknownNameError for another
    waveform. Source: own fit (DESIGN).
    """
    rows = read_table("predictor") if table is None else table
    limits = predictor_range(rows)
    require_one_of("waveform", waveform, limits.waveforms)
    require_between("diameter_um", diameter_um, limits.diameter_low_um, limits.diameter_high_um, "um")
    require_between("pulse_width_us", pulse_width_us, limits.pulse_width_low_us, limits.pulse_width_high_us, "us")
    known = np.log(np.array(rows["made"]["diameter_um"], dtype=np.float64))
    place = float(np.interp(np.log(diameter_um), known, np.arange(known.size)))
    low = min(int(place), known.size - 2)
    share = place - low
    stored = rows["waveforms"][waveform]
    if pulse_width_us != stored.get("pulse_width_us", pulse_width_us):
        raise InvalidValueError(
            f"pulse_width_us is {pulse_width_us:g} us; pulses of the waveform {waveform} last"
            f" {stored['pulse_width_us']:g} us"
        )
    pair = np.array(stored["kernels"][low : low + 2], dtype=np.float64) @ width_basis(pulse_width_us)
    values = (1.0 - share) * pair[0] + share * pair[1]
    return tuple(
        Kernel(float(sign), float(q0), float(1.0 / (1.0 + np.exp(-logit))), float(q2), float(q3))
        for sign, (q0, logit, q2, q3) in zip(stored["polarity"], values, strict=True)
    )


@lru_cache(maxsize=96)
def operator_per_ma(diameter_um: float, pulse_width_us: float, waveform: str, n_nodes: int) -> FloatArray:
    """Return (phases, n_nodes, n_nodes) float64, 1/mV: drive = operator @ node potentials (mV per mA of the program).

    A fibre's threshold is 1 / max of the drive over phases and nodes, none where that is not positive. `phases` counts
    the waveform's kernels. Beyond the nodes present nothing acts. Errors as in `kernels`, and for fewer than 3 nodes.
    """
    if n_nodes < 3:
        raise InvalidValueError(f"n_nodes is {n_nodes}; a second difference needs 3 nodes or more")
    return read_only(np.array([operator(kernel, n_nodes) for kernel in kernels(diameter_um, pulse_width_us, waveform)]))


def threshold_ma(
    node_potentials_mv_per_ma: FloatArray, diameter_um: float, pulse_width_us: float, waveform: str
) -> FloatArray:
    """Return the threshold of each fibre: (...,) float64 mA, inf where none.

    `node_potentials_mv_per_ma` (..., nodes): potential at consecutive nodes of Ranvier, mV per mA of the program,
    negative under a cathode. `waveform` is a name of `waveforms.waveform_names`, or "burst" for a whole
    burst, whose pulses have one width only. Errors as in `operator_per_ma`.
    """
    nodes = np.asarray(node_potentials_mv_per_ma, dtype=np.float64)
    if nodes.ndim == 0:
        raise InvalidValueError("node potentials need an axis of nodes")
    matrix = operator_per_ma(float(diameter_um), float(pulse_width_us), waveform, nodes.shape[-1])
    best = np.full(nodes.shape[:-1], -np.inf)
    for phase in matrix:
        np.maximum(best, (nodes @ phase.T).max(axis=-1), out=best)
    result = np.full(best.shape, np.inf)
    np.divide(1.0, best, out=result, where=best > NEVER_PER_MA)
    return read_only(result)


def fit_record() -> dict[str, int | str]:
    """Return how the built-in table was made: seed, product version, number of reference thresholds."""
    made = read_table("predictor")["made"]
    return {name: made[name] for name in ("seed", "product_version", "fields_per_diameter", "reference_thresholds")}
