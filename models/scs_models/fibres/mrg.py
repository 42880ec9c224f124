"""The reference axon: activation thresholds and conduction velocity of the MRG double cable.

Every other statement about fibres is judged by this one. `threshold_ma` is exact but slow (a few milliseconds per
fibre in large batches); the simulator uses `predictor`, which was fitted to it.
"""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np
from scipy.interpolate import CubicSpline

from scs_models.errors import InvalidValueError
from scs_models.fibres.cable import drive_modes, internode
from scs_models.fibres.geometry import (
    COMPARTMENTS_PER_INTERNODE,
    FibreGeometry,
    compartment_positions_mm,
    fibre,
)
from scs_models.fibres.stepper import TAIL_US, Schedule, arrival_us, fires
from scs_models.fibres.waveforms import Waveform, named_waveform
from scs_models.values import BoolArray, FloatArray, read_only, require_between

PRODUCTION_STEP_US = 5.0
FEWEST_STEPS = 16
"""Steps a pulse width is cut into at least; the error of short pulses sets it."""
TOLERANCE = 5e-4
CELLS_PER_BATCH = 24_000
CEILING_MA = 1e7
NOT_FINITE = "potentials along the fibres are not all finite numbers"


def threshold_ma(
    node_potentials_mv_per_ma: FloatArray,
    diameter_um: float,
    pulse_width_us: float,
    waveform: str | Waveform,
    *,
    geometry: str = "interpolation",
    compartment_potentials_mv_per_ma: FloatArray | None = None,
    time_step_us: float | None = None,
    tolerance: float = TOLERANCE,
    guess_ma: FloatArray | None = None,
    production_step_us: float = PRODUCTION_STEP_US,
) -> FloatArray:
    """Return the lowest amplitude at which each fibre fires: (...,) float64 mA, inf where none does.

    `node_potentials_mv_per_ma` (..., nodes): potential at consecutive nodes of Ranvier, mV per mA of the program,
    negative under a cathode. Between the nodes a cubic spline through them is used, unless
    `compartment_potentials_mv_per_ma` (..., (nodes - 1) * 11 + 1) gives the middles of all compartments.
    Without `time_step_us` the result is the limit of small steps (second-order scheme, error below 0.5 %); with it,
    one plain backward Euler run at that step, which must divide pulse width and gaps. `tolerance` is the relative
    width of the last bracket, `guess_ma` (...,) where the search starts. Raises InvalidValueError for values out of
    range, UnknownNameError for names. Source: MRG02.
    """
    shape = fibre(float(diameter_um), geometry)
    require_between("pulse_width_us", pulse_width_us, 1.0, 20_000.0, "us")
    pulse = named_waveform(waveform) if isinstance(waveform, str) else waveform
    nodes = np.asarray(node_potentials_mv_per_ma, dtype=np.float64)
    if nodes.ndim == 0 or nodes.shape[-1] < 5:
        raise InvalidValueError(f"node potentials have shape {nodes.shape}; the last axis needs 5 nodes or more")
    if not np.all(np.isfinite(nodes)):
        raise InvalidValueError(NOT_FINITE)
    count = (nodes.shape[-1] - 1) * COMPARTMENTS_PER_INTERNODE + 1
    if compartment_potentials_mv_per_ma is None:
        outside = _between_nodes(nodes, shape)
    else:
        outside = np.asarray(compartment_potentials_mv_per_ma, dtype=np.float64)
        if outside.shape != (*nodes.shape[:-1], count):
            wanted = (*nodes.shape[:-1], count)
            raise InvalidValueError(f"compartment potentials have shape {outside.shape}; it must be {wanted}")
    if not np.all(np.isfinite(outside)):
        raise InvalidValueError(NOT_FINITE)
    if time_step_us is None:
        schedule, scheme = production_schedule(pulse, pulse_width_us, production_step_us), "exponential"
    else:
        schedule, scheme = whole_step_schedule(pulse, pulse_width_us, time_step_us), "backward-euler"
    flat = outside.reshape(-1, count)
    guess = None if guess_ma is None else np.broadcast_to(guess_ma, nodes.shape[:-1]).reshape(-1)
    result = np.empty(flat.shape[0])
    rows = max(1, CELLS_PER_BATCH // nodes.shape[-1])
    parts = internode(shape)
    for first in range(0, flat.shape[0], rows):
        piece = slice(first, first + rows)
        drive = drive_modes(parts, flat[piece])
        start = _crude_guess_ma(flat[piece], pulse_width_us) if guess is None else np.array(guess[piece])
        narrow = 0.25 if guess is None else 0.08
        result[piece] = _search(shape, drive, schedule, scheme, start, narrow, tolerance)
    return read_only(result.reshape(nodes.shape[:-1]))


def whole_step_schedule(waveform: Waveform, pulse_width_us: float, time_step_us: float) -> Schedule:
    """Return the steps of a pulse whose every phase is a whole number of steps; raises InvalidValueError otherwise."""
    require_between("time_step_us", time_step_us, 0.01, 1000.0, "us")
    levels: list[float] = []
    for level, duration in waveform.levels(pulse_width_us):
        steps = round(duration / time_step_us)
        if abs(steps * time_step_us - duration) > 1e-6 * duration:
            raise InvalidValueError(
                f"time_step_us is {time_step_us:g} us; it must divide each phase of the pulse ({duration:g} us)"
            )
        levels += [level] * steps
    return Schedule(float(time_step_us), tuple(levels), math.ceil(TAIL_US / time_step_us))


def production_schedule(waveform: Waveform, pulse_width_us: float, target_us: float) -> Schedule:
    """Return steps of at most `target_us` that divide the pulse width, and gaps as nearly as can be had nearby."""
    phases = waveform.levels(pulse_width_us)
    fewest = max(math.ceil(pulse_width_us / target_us - 1e-9), FEWEST_STEPS)

    def misfit(steps: int) -> float:
        h = pulse_width_us / steps
        return sum(abs(round(length / h) * h - length) for _, length in phases)

    steps = min(range(fewest, fewest + max(fewest // 5, 3)), key=lambda n: (misfit(n) > 1e-3 * pulse_width_us, n))
    if misfit(steps) > 1e-3 * pulse_width_us:
        steps = min(range(fewest, fewest + max(fewest // 5, 3)), key=misfit)
    h = pulse_width_us / steps
    ends = [round(end / h) for end in accumulate(length for _, length in phases)]
    counts = (end - begin for begin, end in zip([0, *ends[:-1]], ends, strict=True))
    levels = [level for (level, _), count in zip(phases, counts, strict=True) for _ in range(count)]
    return Schedule(h, tuple(levels), math.ceil(TAIL_US / h))


def conduction_velocity_m_per_s(
    diameter_um: float, *, geometry: str = "interpolation", time_step_us: float = 1.0
) -> float:
    """Return the speed of a spike along an MRG fibre, m/s, between a quarter and three quarters of 81 nodes.

    Raises as `threshold_ma`. Source: MRG02.
    """
    shape = fibre(float(diameter_um), geometry)
    nodes = 81
    positions = compartment_positions_mm(shape, nodes)
    outside = -100.0 * np.exp(-((positions / (2.0 * shape.internode_um * 1e-3)) ** 2))[None, :]
    times = arrival_us(shape, drive_modes(internode(shape), outside), time_step_us, (nodes // 4, 3 * nodes // 4))
    return (3 * nodes // 4 - nodes // 4) * shape.internode_um / (times[1] - times[0])


def _between_nodes(nodes_mv: FloatArray, shape: FibreGeometry) -> FloatArray:
    """Return potentials at all compartments (..., compartments) from a cubic spline through the nodes."""
    pitch = shape.internode_um * 1e-3
    count = nodes_mv.shape[-1]
    spline = CubicSpline(np.arange(count) * pitch, nodes_mv, axis=-1)
    return np.asarray(spline(compartment_positions_mm(shape, count)), dtype=np.float64)


def _crude_guess_ma(compartments_mv: FloatArray, pulse_width_us: float) -> FloatArray:
    """Return where to start looking, mA: a smoothed second difference against a strength-duration curve."""
    nodes = compartments_mv[:, ::COMPARTMENTS_PER_INTERNODE]
    second = np.zeros_like(nodes)
    second[:, 1:-1] = nodes[:, 2:] - 2.0 * nodes[:, 1:-1] + nodes[:, :-2]
    reach = np.arange(nodes.shape[1])
    smooth = second @ (0.55 ** np.abs(reach[:, None] - reach[None, :]))
    best = np.maximum(smooth.max(axis=1), 0.15 * np.abs(smooth).max(axis=1))
    with np.errstate(divide="ignore"):
        return np.asarray(12.0 * (1.0 + 250.0 / pulse_width_us) / best)


def _search(
    shape: FibreGeometry,
    drive: FloatArray,
    schedule: Schedule,
    scheme: str,
    start_ma: FloatArray,
    narrow: float,
    tolerance: float,
) -> FloatArray:
    """Bracket each threshold by growing factors, then halve the brackets in log amplitude; (batch,) mA."""
    low, high = np.zeros(start_ma.size), np.full(start_ma.size, np.inf)
    trial = start_ma.copy()
    factor = np.full(start_ma.size, 1.0 + narrow)
    open_: BoolArray = np.isfinite(trial) & (trial < CEILING_MA)
    while open_.any():
        index = np.flatnonzero(open_)
        hit = fires(shape, drive[:, index], trial[index], schedule, scheme)
        high[index[hit]] = trial[index[hit]]
        low[index[~hit]] = trial[index[~hit]]
        bracketed = (low > 0.0) & np.isfinite(high)
        up, down = open_ & np.isinf(high), open_ & (low == 0.0)
        trial[up] = low[up] * factor[up]
        trial[down] = high[down] / factor[down]
        factor = np.where(up | down, np.minimum(factor**1.6, 4.0), factor)
        both = open_ & bracketed
        trial[both] = np.sqrt(low[both] * high[both])
        open_ &= ~(bracketed & (high <= low * (1.0 + tolerance)))
        open_ &= ~(np.isinf(high) & (trial > CEILING_MA)) & ~((low == 0.0) & (trial < 1e-9))
    return np.where(np.isfinite(high), np.sqrt(np.maximum(low, 1e-300) * high), np.inf)
