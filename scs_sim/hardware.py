"""Hardware: the circuit of a case's leads, and what a program asks of contacts and generator, in figures and words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from scs_sim import limit_profiles, limits
from scs_sim.answers import AreaAnswers
from scs_sim.battery import BatteryEstimate, battery_cell, cell_names, drain
from scs_sim.case import Case
from scs_sim.delivery import Generator, Wiring, contact_flags, contact_ohm, usual_generator, wiring
from scs_sim.program import AREA_NAMES, GENERATOR, Area
from scs_sim.result import ContactState, Safety
from scs_sim.setting import Setting

_LEAST_LOAD_OHM = 1.0


def generator_of(profile: str) -> Generator:
    """Return the generator of a limit profile, or the usual one for ""; raise UnknownNameError for another name."""
    if not profile:
        return usual_generator()
    found = limit_profiles.profile(profile)
    return Generator(found.compliance_v, found.own_sources)


def wiring_of(setting: Setting, case: Case, generator: Generator) -> Wiring:
    """Return the circuit of the leads of `case`: tissue, pocket, scar, faults of contacts and wires, generator.

    Faults of contacts that do not take part in the setting are left out.
    """
    place = {name: index for index, name in enumerate(setting.contact_names)}
    here = [fault for fault in case.contact_faults if {fault.contact, fault.partner or fault.contact} <= place.keys()]
    series_ohm = setting.shell_ohm.copy()
    for fault in here:
        series_ohm[place[fault.contact]] += fault.ohm
    shorts = [(place[fault.contact], place[fault.partner]) for fault in here if fault.kind == "short"]
    return wiring(
        setting.field.transfer_mv_per_ma,
        series_ohm,
        opens=np.array([place[fault.contact] for fault in here if fault.kind == "open"], dtype=np.int64),
        shorts=np.array(shorts, dtype=np.int64).reshape(-1, 2),
        generator=generator,
    )


def findings_of(profile: str, alone: AreaAnswers) -> tuple[limit_profiles.Finding, ...]:
    """Return where the areas of one program overstep a limit profile; () for the profile "".

    A comfort amplitude counts as the nearest that can be dialled.
    """
    if not profile:
        return ()
    found = limit_profiles.profile(profile)
    dialled = [
        replace(
            area, amplitude_ma=limit_profiles.nearest_allowed(found.amplitude_bands_ma, float(alone.amplitude_ma[row]))
        )
        if area.amplitude_ma is None
        else area
        for row, area in enumerate(alone.areas)
    ]
    loads_ohm = alone.delivery.load_ohm * alone.delivery.source_share
    return limit_profiles.findings(found, dialled, loads_ohm.tolist())


def battery_of(alone: AreaAnswers) -> tuple[BatteryEstimate, ...]:
    """Return what the areas of one program take out of each cell of battery.toml, and how long it lasts."""
    given_ma = alone.reached_ma * alone.delivery.source_share
    areas = [
        Area(area.contacts, area.pulse_width_us, area.rate_hz, area.waveform, float(ma))
        for area, ma in zip(alone.areas, given_ma, strict=True)
    ]
    loads_ohm = np.maximum(alone.delivery.load_ohm, _LEAST_LOAD_OHM).tolist()
    return tuple(drain(areas, loads_ohm, battery_cell(name)) for name in cell_names())


def safety_of(setting: Setting, circuit: Wiring, alone: AreaAnswers, row: int) -> Safety:
    """Return what the area of one row asks of contacts and generator."""
    area, delivery, reached = alone.areas[row], alone.delivery, float(alone.reached_ma[row])
    bounds = limits.safety_limits()
    charge = limits.charge_per_phase_uc(reached, area.pulse_width_us, delivery.weights[row])
    density = limits.charge_density_uc_per_cm2(charge, setting.contact_area_mm2)
    worst = int(np.argmax(density))
    with np.errstate(divide="ignore"):
        shannon = float(limits.shannon_k(charge[worst], setting.contact_area_mm2[worst]))
    given_ma = reached * float(delivery.source_share[row])
    asked_ma = float(alone.amplitude_ma[row] * delivery.source_share[row])
    load_ohm = float(delivery.load_ohm[row])
    given = float(limits.charge_per_phase_uc(given_ma, area.pulse_width_us))
    return Safety(
        charge_per_phase_uc=float(limits.charge_per_phase_uc(alone.delivered_ma[row], area.pulse_width_us)),
        worst_contact=setting.contact_names[worst],
        contact_charge_per_phase_uc=float(charge[worst]),
        charge_density_uc_per_cm2=float(density[worst]),
        charge_density_limit_uc_per_cm2=bounds.charge_density_uc_per_cm2,
        shannon_k=shannon if math.isfinite(shannon) else None,
        shannon_k_limit=bounds.shannon_k,
        load_ohm=load_ohm,
        compliance_v=float(limits.compliance_voltage_v(asked_ma, load_ohm)),
        compliance_limit_v=circuit.generator.limit_v,
        average_current_ua=float(limits.average_current_ua(given, area.pulses_hz)),
    )


def safety_of_all(parts: tuple[Safety, ...]) -> Safety:
    """Return the safety of a program from that of its areas: the worst of each, and the sum of the mean currents."""
    if len(parts) == 1:
        return parts[0]
    densest = max(parts, key=lambda part: part.charge_density_uc_per_cm2)
    hardest = max(parts, key=lambda part: part.compliance_v)
    ks = [part.shannon_k for part in parts if part.shannon_k is not None]
    return Safety(
        charge_per_phase_uc=max(part.charge_per_phase_uc for part in parts),
        worst_contact=densest.worst_contact,
        contact_charge_per_phase_uc=densest.contact_charge_per_phase_uc,
        charge_density_uc_per_cm2=densest.charge_density_uc_per_cm2,
        charge_density_limit_uc_per_cm2=densest.charge_density_limit_uc_per_cm2,
        shannon_k=max(ks, default=None),
        shannon_k_limit=densest.shannon_k_limit,
        load_ohm=hardest.load_ohm,
        compliance_v=hardest.compliance_v,
        compliance_limit_v=hardest.compliance_limit_v,
        average_current_ua=sum(part.average_current_ua for part in parts),
    )


def contact_states(setting: Setting, circuit: Wiring, alone: AreaAnswers) -> tuple[ContactState, ...]:
    """Return every contact of the leads with what the areas of one program give it."""
    delivery = alone.delivery
    current_ma = alone.reached_ma[:, None] * delivery.weights
    width_us = np.array([area.pulse_width_us for area in alone.areas])
    charge = limits.charge_per_phase_uc(current_ma, width_us[:, None]).max(axis=0)
    density = limits.charge_density_uc_per_cm2(charge, setting.contact_area_mm2)
    ohm = contact_ohm(circuit)
    return tuple(
        ContactState(
            name=name,
            share_percent=tuple((100.0 * delivery.asked_weights[:, index]).tolist()),
            current_ma=tuple(current_ma[:, index].tolist()),
            impedance_ohm=float(ohm[index]) if math.isfinite(ohm[index]) else None,
            flag=flag,
            charge_per_phase_uc=float(charge[index]),
            charge_density_uc_per_cm2=float(density[index]),
        )
        for index, (name, flag) in enumerate(zip(setting.contact_names, contact_flags(circuit), strict=True))
    )


def delivery_notes(setting: Setting, circuit: Wiring, alone: AreaAnswers) -> Iterator[str]:
    """Return in words what faults and the generator's voltage take from the areas of one program."""
    names = setting.contact_names
    for row, area in enumerate(alone.areas):
        which = f"Area {AREA_NAMES[row]}: " if len(alone.areas) > 1 else ""
        asked, weights = alone.delivery.asked_weights[row], alone.delivery.weights[row]
        lost = [index for index in np.flatnonzero(circuit.is_open) if asked[index]]
        for index in lost:
            part = f"{100 * abs(asked[index]):.0f} % of the {'cathodic' if asked[index] < 0.0 else 'anodic'} current"
            yield f"{which}Contact {names[index]} is open: {part} is lost."
        if lost and not alone.delivery.source_share[row]:
            sign = "cathode" if not _left(asked, circuit, area.contacts, -1.0) else "anode"
            yield f"{which}No {sign} is left: nothing is delivered, and nothing can be felt."
            continue
        for pair in circuit.joins:
            one, other = int(np.argmax(pair)), int(np.argmin(pair))
            if asked[one] or asked[other]:
                yield (
                    f"{which}Contacts {names[one]} and {names[other]} are shorted and share their current as the tissue"
                    f" lets them: {100 * weights[one]:+.0f} and {100 * weights[other]:+.0f} % instead of"
                    f" {100 * asked[one]:+.0f} and {100 * asked[other]:+.0f} %."
                )
        if not alone.delivery.delivered_share[row]:
            yield f"{which}The short takes all of the current: nothing is delivered, and nothing can be felt."
        elif lost:
            share = 100 * alone.delivery.delivered_share[row]
            yield f"{which}{share:.0f} % of the amplitude is delivered, in the ratios of the contacts that are left."
        if alone.reached_ma[row] < alone.amplitude_ma[row]:
            yield (
                f"{which}{alone.amplitude_ma[row]:.2f} mA need {_volts(alone, row):.1f} V; the generator's"
                f" {circuit.generator.limit_v:g} V are used up at {alone.reached_ma[row]:.2f} mA, which counts here."
            )


def _volts(alone: AreaAnswers, row: int) -> float:
    given_ma = alone.amplitude_ma[row] * alone.delivery.source_share[row]
    return float(limits.compliance_voltage_v(given_ma, alone.delivery.load_ohm[row]))


def _left(asked: np.ndarray, circuit: Wiring, contacts: str, sign: float) -> bool:
    kept = asked[~circuit.is_open]
    return bool((kept * sign > 0.0).any() or (GENERATOR in contacts.lower() and -asked.sum() * sign > 0.0))
