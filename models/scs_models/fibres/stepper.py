"""Steps a batch of MRG fibres through one pulse and says which of them fire.

Two schemes. "backward-euler" with gates staggered after the voltage is what the published implementations do; its
thresholds carry an error of first order in the step. "exponential" integrates the internodes exactly for node
potentials that run straight within a step and the nodes to second order; it is the production scheme.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import lapack

from scs_models.fibres.cable import Internode, StepCoefficients, internode, mode_step, step_coefficients
from scs_models.fibres.geometry import FibreGeometry
from scs_models.fibres.membrane import (
    TABLE_LOW_MV,
    TABLE_STEP_MV,
    NodeMembrane,
    gate_kinetics,
    gate_tables,
    node_membrane,
)
from scs_models.tables import read_table
from scs_models.values import BoolArray, FloatArray, read_only

SCHEMES = ("backward-euler", "exponential")
BLOCK = 16
"""Steps between two looks at which fibres are decided."""
REST_ROUNDS = 200
FIRES_ABOVE_MV, QUIET_BELOW_MV, TAIL_US = -30.0, -72.0, 4000.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Whole steps of one length: `levels` of the pulse step by step, then a tail of `tail_steps` at level 0."""

    time_step_us: float
    levels: tuple[float, ...]
    tail_steps: int


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """A fibre at rest: node potentials (nodes,) in mV above -80 mV and gates (nodes, 4)."""

    potential_mv: FloatArray
    gates: FloatArray


def fires(
    shape: FibreGeometry, drive: FloatArray, amplitude_ma: FloatArray, schedule: Schedule, scheme: str
) -> BoolArray:
    """Return which fibres of a batch fire: (batch,) bool.

    `drive` (11, batch, nodes) is `cable.drive_modes` in nA per mA, `amplitude_ma` (batch,). A fibre fires when the
    node at 0.1 or at 0.9 of its length rises through -30 mV, no later than 4 ms after the last edge.
    """
    nodes = drive.shape[2]
    result = np.zeros(amplitude_ma.size, dtype=np.bool_)
    with np.errstate(under="ignore", over="ignore"):
        run = _Run(shape, np.asarray(drive * amplitude_ma[:, None]), schedule, scheme)
        index = np.arange(amplitude_ma.size)
        total = len(schedule.levels) + schedule.tail_steps
        done = 0
        while done < total and index.size:
            count = min(BLOCK, total - done)
            fired = run.advance(done, count)
            done += count
            result[index[fired]] = True
            settled = fired.copy()
            if done > len(schedule.levels):
                settled |= run.potential.reshape(-1, nodes)[:, 1:-1].max(axis=1) < QUIET_BELOW_MV + run.zero
            if settled.any():
                keep = ~settled
                index = index[keep]
                if index.size:
                    run.select(keep)
    return result


class _Run:
    """State of one batch under way; flat arrays of batch * nodes, fibre after fibre."""

    def __init__(self, shape: FibreGeometry, drive: FloatArray, schedule: Schedule, scheme: str) -> None:
        self.parts: Internode = internode(shape)
        self.h = schedule.time_step_us
        self.second_order = scheme == "exponential"
        self.step: StepCoefficients = step_coefficients(self.parts, self.h, scheme)
        self.response = _drive_response(self.parts, schedule, scheme)
        self.edge = _edges(schedule)
        self.keep, self.move = gate_tables(self.h)
        self.membrane: NodeMembrane = node_membrane()
        self.zero = -float(read_table("fibres")["passive"]["rest_mv"])
        _, batch, self.nodes = drive.shape
        self.watched = (round(0.1 * (self.nodes - 1)), round(0.9 * (self.nodes - 1)))
        rest = resting_state(shape, self.nodes)
        self.potential = np.tile(rest.potential_mv, batch)
        self.before = self.potential.copy()
        self.gates = np.tile(rest.gates, (batch, 1))
        self.drive = drive.reshape(drive.shape[0], -1)
        even, odd = _pair_sums(self.potential)
        self.memory = (
            even / (1.0 - self.step.decay[0][:, None]),
            odd / (1.0 - self.step.decay[1][:, None]),
        )
        self.sums = (even, odd)
        self._prepare()

    def _prepare(self) -> None:
        """Lay out what depends on the number of fibres only."""
        size = self.potential.size
        parts, nodes = self.parts, self.nodes
        end = read_table("fibres")["end_node"]
        own = parts.axial_us - self.step.direct[0] - self.step.direct[1]
        coupling = np.full(nodes, 2.0 * own)
        coupling[[0, -1]] = own
        capacity = np.full(nodes, parts.capacitance_pf / self.h)
        capacity[[0, -1]] *= end["capacitance_uf_per_cm2"] / self.membrane.capacitance_uf_per_cm2
        batch = size // nodes
        self.coupling, self.capacity = np.tile(coupling, batch), np.tile(capacity, batch)
        off = np.full(nodes, self.step.direct[1] - self.step.direct[0])
        off[-1] = 0.0
        self.off = np.tile(off, batch)[:-1]
        self.end_leak = float(end["conductance_s_per_cm2"]) * parts.area_factor

    def select(self, keep: BoolArray) -> None:
        """Go on with the fibres marked in `keep` (batch,) only."""
        nodes = self.nodes

        def rows(flat: FloatArray) -> FloatArray:
            lead = flat.shape[:-1]
            return np.ascontiguousarray(flat.reshape(*lead, -1, nodes)[..., keep, :].reshape(*lead, -1))

        self.potential, self.before = rows(self.potential), rows(self.before)
        self.gates = np.ascontiguousarray(self.gates.reshape(-1, nodes, 4)[keep].reshape(-1, 4))
        self.drive = rows(self.drive)
        self.memory = (rows(self.memory[0]), rows(self.memory[1]))
        self.sums = (rows(self.sums[0]), rows(self.sums[1]))
        self._prepare()

    def advance(self, first: int, count: int) -> BoolArray:
        """Take `count` steps from step `first` on; return (batch,) which fibres fired in them."""
        pushes = self.response[first : first + count] @ self.drive
        threshold = FIRES_ABOVE_MV + self.zero
        seen = self.potential.reshape(-1, self.nodes)[:, self.watched] >= threshold
        fired = np.zeros(seen.shape[0], dtype=np.bool_)
        for step in range(count):
            self._step(pushes[step], bool(self.edge[first + step]))
            now = self.potential.reshape(-1, self.nodes)[:, self.watched] >= threshold
            fired |= (now & ~seen).any(axis=1)
            seen = now
        return fired

    def _step(self, push: FloatArray, edge: bool) -> None:
        size, nodes, v = self.potential.size, self.nodes, self.potential
        if self.second_order:
            guess = v if edge else 1.5 * v - 0.5 * self.before
            self._move_gates(guess)
        conductance, current = self._ionic()
        even, odd = self.sums
        history_even = self.step.weight[0] @ self.memory[0] + self.step.previous[0] * even
        history_odd = self.step.weight[1] @ self.memory[1] + self.step.previous[1] * odd
        history_even[nodes - 1 :: nodes] = 0.0
        history_odd[nodes - 1 :: nodes] = 0.0
        right = push + current
        right += history_even
        right += history_odd
        right[1:] += (history_even - history_odd)[:-1]
        if self.second_order and not edge:
            diagonal = conductance + 1.5 * self.capacity
            right += self.capacity * (2.0 * v - 0.5 * self.before)
        else:
            diagonal = conductance + self.capacity
            right += self.capacity * v
        diagonal += self.coupling
        _, _, after, info = lapack.dptsv(diagonal, self.off, right, overwrite_d=True, overwrite_b=True)
        if info != 0:
            raise FloatingPointError(f"the cable's matrix is not positive definite (dptsv info {info})")
        self.before, self.potential = v, after.reshape(size)
        if not self.second_order:
            self._move_gates(self.potential)
        self.sums = _pair_sums(self.potential)
        for memory, decay, change in zip(self.memory, self.step.decay, self.sums, strict=True):
            memory *= decay[:, None]
            memory += change

    def _move_gates(self, potential: FloatArray) -> None:
        row = (potential - (self.zero + TABLE_LOW_MV - 0.5 * TABLE_STEP_MV)) * (1.0 / TABLE_STEP_MV)
        index = np.clip(row, 0.0, self.keep.shape[0] - 1).astype(np.intp)
        self.gates *= self.keep.take(index, axis=0)
        self.gates += self.move.take(index, axis=0)

    def _ionic(self) -> tuple[FloatArray, FloatArray]:
        """Return conductance (uS) and current at -80 mV (nA) of every node; the ends are passive."""
        row, factor, zero = self.membrane, self.parts.area_factor, self.zero
        m, h, p, s = self.gates.T
        sodium = m * m * m * h
        sodium *= row.gna_s_per_cm2 * factor
        lasting = p * p * p
        lasting *= row.gnap_s_per_cm2 * factor
        sodium += lasting
        potassium = s * (row.gks_s_per_cm2 * factor)
        leak = row.gl_s_per_cm2 * factor
        conductance = sodium + potassium
        conductance += leak
        current = sodium * (row.ena_mv + zero)
        potassium *= row.ek_mv + zero
        current += potassium
        current += leak * (row.el_mv + zero)
        for end in (0, self.nodes - 1):
            conductance[end :: self.nodes] = self.end_leak
            current[end :: self.nodes] = 0.0
        return conductance, current


def _pair_sums(potential: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return sum and difference of each node and the next, flat; the value at a fibre's last node means nothing."""
    even, odd = np.empty_like(potential), np.empty_like(potential)
    np.add(potential[:-1], potential[1:], out=even[:-1])
    np.subtract(potential[:-1], potential[1:], out=odd[:-1])
    even[-1] = odd[-1] = 0.0
    return even, odd


def _drive_response(parts: Internode, schedule: Schedule, scheme: str) -> FloatArray:
    """Return (steps, 1 + slow modes): level now, and what each slow mode has made of the levels so far."""
    rate = parts.rate[parts.slow > 0.0]
    levels = np.concatenate((schedule.levels, np.zeros(schedule.tail_steps)))
    alpha, old, new = mode_step(rate, schedule.time_step_us, scheme)
    result = np.empty((levels.size, 1 + rate.size))
    result[:, 0] = levels
    state = np.zeros_like(rate)
    for step, level in enumerate(levels):
        state = alpha * state + (old + new) * level
        result[step, 1:] = state
    return result


def _edges(schedule: Schedule) -> BoolArray:
    levels = np.concatenate(([0.0], schedule.levels, np.zeros(schedule.tail_steps)))
    return np.asarray(np.diff(levels) != 0.0)


@lru_cache(maxsize=64)
def resting_state(shape: FibreGeometry, nodes: int) -> Rest:
    """Return the fibre at rest: the fixed point of gates at their steady state and the ohmic cable between them."""
    zero = -float(read_table("fibres")["passive"]["rest_mv"])
    steady, _ = gate_kinetics(np.array([-zero]))
    row = node_membrane()
    parts = internode(shape)
    end = read_table("fibres")["end_node"]
    even = float(np.sum((parts.reach**2 / parts.rate)[parts.sign > 0.0]))
    odd = float(np.sum((parts.reach**2 / parts.rate)[parts.sign < 0.0]))
    own, off = parts.axial_us - even - odd, odd - even
    matrix = np.diag(np.r_[own, np.full(nodes - 2, 2.0 * own), own])
    matrix += np.diag(np.full(nodes - 1, off), 1) + np.diag(np.full(nodes - 1, off), -1)
    potential = np.zeros(nodes)
    gates = np.tile(steady[0], (nodes, 1))
    for _ in range(REST_ROUNDS):
        m, h, p, s = gates.T
        sodium = parts.area_factor * (row.gna_s_per_cm2 * m**3 * h + row.gnap_s_per_cm2 * p**3)
        potassium = parts.area_factor * row.gks_s_per_cm2 * s
        leak = parts.area_factor * row.gl_s_per_cm2
        conductance = sodium + potassium + leak
        current = sodium * (row.ena_mv + zero) + potassium * (row.ek_mv + zero) + leak * (row.el_mv + zero)
        conductance[[0, -1]] = parts.area_factor * end["conductance_s_per_cm2"]
        current[[0, -1]] = 0.0
        potential = np.linalg.solve(matrix + np.diag(conductance), current)
        gates = gate_kinetics(potential - zero)[0]
    return Rest(read_only(potential), read_only(gates))


def arrival_us(
    shape: FibreGeometry, drive: FloatArray, time_step_us: float, nodes: tuple[int, int]
) -> tuple[float, float]:
    """Return when the spike of one fibre, started by a 100 us pulse of 1 mA, rises through -30 mV at two nodes (us)."""
    pulse = tuple([1.0] * round(100.0 / time_step_us))
    run = _Run(shape, drive, Schedule(time_step_us, pulse, round(20_000.0 / time_step_us)), "backward-euler")
    limit = FIRES_ABOVE_MV + run.zero
    times: dict[int, float] = {}
    for step in range(len(run.response)):
        run.advance(step, 1)
        for node in nodes:
            old, new = float(run.before[node]), float(run.potential[node])
            if old < limit <= new and node not in times:
                times[node] = (step + (limit - old) / (new - old)) * time_step_us
        if len(times) == len(nodes):
            break
    return times[nodes[0]], times[nodes[1]]


def spike_times_us(
    shape: FibreGeometry, drive: FloatArray, amplitude_ma: FloatArray, schedule: Schedule, scheme: str
) -> tuple[FloatArray, ...]:
    """Return per fibre of a batch when the node at 0.9 of its length rises through -30 mV, us from the first edge.

    `drive` (11, batch, nodes) is `cable.drive_modes` in nA per mA, `amplitude_ma` (batch,); to the end of the tail.
    """
    times: list[list[float]] = [[] for _ in range(amplitude_ma.size)]
    with np.errstate(under="ignore", over="ignore"):
        run = _Run(shape, np.asarray(drive * amplitude_ma[:, None]), schedule, scheme)
        limit, watched = FIRES_ABOVE_MV + run.zero, run.watched[1]
        for step in range(len(run.response)):
            run.advance(step, 1)
            before, after = (values[watched :: run.nodes] for values in (run.before, run.potential))
            for fibre in np.flatnonzero((before < limit) & (after >= limit)):
                share = (limit - before[fibre]) / (after[fibre] - before[fibre])
                times[fibre].append((step + float(share)) * schedule.time_step_us)
    return tuple(read_only(np.array(row)) for row in times)
