"""Delivery: what the generator can really put through the contacts, given faults, impedances and its own voltage.

Circuit laws on arrays: what goes in comes out (Kirchhoff), contacts that touch have one potential, a source holds its
current until its voltage is used up. Potentials are against the generator's case, which counts as far away.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from scs_models.values import BoolArray, FloatArray, IntArray, read_only
from scs_sim.limits import LoadFlag, load_flag, safety_limits

_LEAST_SHARE = 1e-9


@dataclass(frozen=True, slots=True)
class Generator:
    """What drives the contacts: its greatest voltage, and whether each contact has a current source of its own."""

    limit_v: float
    own_sources: bool


def usual_generator() -> Generator:
    """Return the generator of limits.toml."""
    bounds = safety_limits()
    return Generator(bounds.compliance_v, bounds.own_sources)


@dataclass(frozen=True, slots=True, eq=False)
class Wiring:
    """Contacts, wires and generator as a circuit.

    ohm (contacts, contacts): potential of contact i per current of contact j, series resistances on the diagonal;
    is_open (contacts,); joins (shorted pairs, contacts): +1 and -1 at the two contacts of each. tissue_share (contacts,
    contacts), found from these: currents into the tissue per current sent down each wire.
    """

    ohm: FloatArray
    is_open: BoolArray
    joins: IntArray
    generator: Generator
    tissue_share: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tissue_share", read_only(_split(self.ohm, self.joins)))

    @property
    def is_sound(self) -> bool:
        """Return whether every contact carries what it is asked to."""
        return not (self.is_open.any() or len(self.joins))

    def potential_ohm(self) -> FloatArray:
        """Return the potential (contacts, contacts) per current sent down each wire, shorts taken into account."""
        return np.asarray(self.ohm @ self.tissue_share)


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """What becomes of programs; leading axis programs, all per mA asked of the generator.

    asked_weights and weights (programs, contacts): current into the tissue as programmed and as it is, case left out;
    delivered_share (programs,): cathodic current that reaches the tissue; source_share: that the generator gives;
    load_ohm (programs,): between the ends; deliverable_ma (programs,): where the voltage is used up, inf for no load.
    """

    asked_weights: FloatArray
    weights: FloatArray
    delivered_share: FloatArray
    source_share: FloatArray
    load_ohm: FloatArray
    deliverable_ma: FloatArray


def wiring(
    transfer_mv_per_ma: FloatArray,
    series_ohm: FloatArray,
    *,
    opens: IntArray,
    shorts: IntArray,
    generator: Generator,
) -> Wiring:
    """Return the circuit of contacts with mutual potentials (contacts, contacts) and series_ohm (contacts,) in line.

    opens (n,) and shorts (n, 2) are contact indices; a short to an open contact joins nothing.
    """
    count = len(series_ohm)
    is_open = np.zeros(count, dtype=np.bool_)
    is_open[opens] = True
    return Wiring(
        ohm=read_only(transfer_mv_per_ma + np.diag(series_ohm)),  # mV per mA is ohm
        is_open=read_only(is_open),
        joins=read_only(_spanning(shorts, is_open)),
        generator=generator,
    )


def deliver(asked: FloatArray, circuit: Wiring) -> Delivery:
    """Return what becomes of programs `asked` (programs, contacts), current per mA, negative at cathodes.

    The generator's case takes what the contacts leave over. A cathode or anode without any contact left: nothing flows.
    """
    sources = asked if circuit.is_sound else _sources(asked, circuit)
    weights = sources if circuit.is_sound else _clean(sources @ circuit.tissue_share.T)
    volts_per_ma = weights @ circuit.ohm.T * 1e-3
    active, case = sources != 0.0, np.abs(sources.sum(axis=1)) > _LEAST_SHARE
    highest = np.where(active, volts_per_ma, -np.inf).max(axis=1)
    lowest = np.where(active, volts_per_ma, np.inf).min(axis=1)
    highest, lowest = np.where(case, np.maximum(highest, 0.0), highest), np.where(case, np.minimum(lowest, 0.0), lowest)
    flows = active.any(axis=1)
    needed_v = np.subtract(highest, lowest, out=np.zeros(len(asked)), where=flows)
    given = cathodic(sources)
    return Delivery(
        asked_weights=asked,
        weights=weights,
        delivered_share=cathodic(weights),
        source_share=given,
        load_ohm=np.divide(1e3 * needed_v, given, out=np.zeros(len(asked)), where=flows),
        deliverable_ma=np.divide(
            circuit.generator.limit_v, needed_v, out=np.full(len(asked), np.inf), where=needed_v > 0.0
        ),
    )


def cathodic(weights: FloatArray) -> FloatArray:
    """Return the total cathodic current (programs,) of weights (programs, contacts); the case takes the remainder."""
    return np.asarray(np.maximum(-weights, 0.0).sum(axis=1) + np.maximum(weights.sum(axis=1), 0.0))


def contact_ohm(circuit: Wiring) -> FloatArray:
    """Return the impedance (contacts,) of each contact against the case; inf where it is open."""
    return np.where(circuit.is_open, np.inf, np.diag(circuit.potential_ohm()))


def contact_flags(circuit: Wiring) -> tuple[LoadFlag, ...]:
    """Return what an impedance check says of each contact: against the case, and "short" against its nearest other."""
    alone, across = contact_ohm(circuit), pair_ohm(circuit)
    return tuple(
        "short" if len(row) > 1 and row.min() < safety_limits().short_below_ohm else load_flag(own)
        for own, row in zip(alone.tolist(), across + np.diag(np.full(len(across), np.inf)), strict=True)
    )


def pair_ohm(circuit: Wiring) -> FloatArray:
    """Return the impedance (contacts, contacts) of every pair, 0 on the diagonal; inf where one is open."""
    through = circuit.potential_ohm()
    own = np.diag(through)
    across = own[:, None] + own[None, :] - through - through.T
    gone = circuit.is_open[:, None] | circuit.is_open[None, :]
    np.fill_diagonal(across, 0.0)
    return np.where(gone & ~np.eye(len(own), dtype=np.bool_), np.inf, across)


def _sources(asked: FloatArray, circuit: Wiring) -> FloatArray:
    """Return what the generator sends down each wire: nothing where it is open, the rest in its ratios."""
    kept = np.where(circuit.is_open, 0.0, asked)
    case = -asked.sum(axis=1)
    cathodes = np.maximum(-kept, 0.0).sum(axis=1) + np.maximum(-case, 0.0)
    anodes = np.maximum(kept, 0.0).sum(axis=1) + np.maximum(case, 0.0)
    total = np.minimum(cathodes, anodes) if circuit.generator.own_sources else np.ones(len(asked))
    total = np.where(np.minimum(cathodes, anodes) > _LEAST_SHARE, total, 0.0)
    at_cathodes, at_anodes = (
        np.divide(total, part, out=np.zeros(len(asked)), where=part > _LEAST_SHARE) for part in (cathodes, anodes)
    )
    scaled = kept * np.where(kept < 0.0, at_cathodes[:, None], at_anodes[:, None])
    untouched = ~(circuit.is_open & (asked != 0.0)).any(axis=1)
    return np.where(untouched[:, None], asked, scaled)


def _split(ohm: FloatArray, joins: IntArray) -> FloatArray:
    """Return Wiring.tissue_share: so much passes between joined contacts that they come to one potential."""
    whole = np.eye(len(ohm))
    if not len(joins):
        return whole
    return np.asarray(whole - joins.T @ np.linalg.solve(joins @ ohm @ joins.T, joins @ ohm))


def _spanning(shorts: IntArray, is_open: BoolArray) -> IntArray:
    """Return the shorts as rows +1, -1 (pairs, contacts), without those to open contacts or already joined ones."""
    node, rows = np.arange(len(is_open)), []
    for one, other in shorts.reshape(-1, 2):
        if is_open[one] or is_open[other] or node[one] == node[other]:
            continue
        node[node == node[other]] = node[one]
        row = np.zeros(len(is_open), dtype=np.int64)
        row[one], row[other] = 1, -1
        rows.append(row)
    return np.array(rows, dtype=np.int64).reshape(-1, len(is_open))


def _clean(weights: FloatArray) -> FloatArray:
    return np.where(np.abs(weights) > _LEAST_SHARE, weights, 0.0)
