"""Remarks: warnings and notes on a program and its thresholds, in words."""

from __future__ import annotations

from collections.abc import Iterator

from scs_models.fibres.following import following_limit_hz
from scs_models.fibres.waveforms import burst
from scs_models.percept.rate import rate_rule
from scs_sim import limits
from scs_sim.program import Program
from scs_sim.result import Safety, Thresholds

_OVERDRIVES = (1.1, 2.0)


def warnings_of(
    program: Program, reached_ma: float, thresholds: Thresholds, safety: Safety, applicable: bool
) -> Iterator[str]:
    """Return what speaks against a program at `reached_ma`: thresholds, charge, voltage, pulses not for tissue."""
    top = limits.program_ranges().amplitude_ma[1]
    if not applicable:
        yield (
            f"{program.rate_hz:g} Hz is a paresthesia-free mode: coverage is not applicable, and the thresholds are"
            f" guesses: nothing was measured above {rate_rule().high_hz:g} Hz."
        )
    if thresholds.pt_ma is not None and thresholds.pt_origin == "DR":
        yield f"A root is felt first ({thresholds.pt_where}): expect a segmental band and a narrow usage range."
    if thresholds.dt_ma is not None and reached_ma > thresholds.dt_ma:
        yield f"{reached_ma:.2f} mA is above the discomfort threshold of {thresholds.dt_ma:.2f} mA."
    if thresholds.mt_ma is not None and reached_ma >= thresholds.mt_ma:
        yield f"{reached_ma:.2f} mA is above the motor threshold of {thresholds.mt_ma:.2f} mA."
    if thresholds.comfort_ma is not None and thresholds.comfort_ma > top:
        yield f"Comfort would need {thresholds.comfort_ma:.1f} mA; the generator gives {top:g} mA at most."
    if safety.charge_density_uc_per_cm2 > safety.charge_density_limit_uc_per_cm2:
        yield (
            f"Charge density at contact {safety.worst_contact} is {safety.charge_density_uc_per_cm2:.1f} uC/cm2"
            f" per phase, above {safety.charge_density_limit_uc_per_cm2:g}."
        )
    if safety.shannon_k is not None and safety.shannon_k > safety.shannon_k_limit:
        yield f"Shannon k is {safety.shannon_k:.2f}, above {safety.shannon_k_limit:g}."
    if safety.compliance_v > safety.compliance_limit_v:
        yield (
            f"The pulse needs {safety.compliance_v:.1f} V, above the {safety.compliance_limit_v:g} V of the generator:"
            " less is delivered than asked for."
        )
    if any(area.waveform == "monophasic" for area in program.areas):
        yield "A monophasic pulse returns no charge: for comparison with models, never for tissue."


def pulse_notes(program: Program) -> Iterator[str]:
    """Return what is to be known of a program's pulses: bursts, rates that fibres cannot follow, several areas."""
    if any(area.waveform == "burst" for area in program.areas):
        shape = burst()
        yield (
            f"A burst is {shape.pulses_count} pulses at {shape.intra_rate_hz:g} Hz. Bursts are usually given below"
            " perception: coverage then does not say what they do. Their charge returns after the last pulse, so that"
            f" up to {shape.pulses_count} times the charge per phase stands on a contact."
        )
    fastest_hz = max(area.rate_hz for area in program.areas)
    barely_hz, easily_hz = (following_limit_hz(overdrive) for overdrive in _OVERDRIVES)
    if fastest_hz > barely_hz:
        yield (
            f"At {fastest_hz:g} Hz fibres do not answer every pulse: in the reference axon they do up to"
            f" {barely_hz:g} Hz at {_OVERDRIVES[0]:g} times their threshold and up to {easily_hz:g} Hz at"
            f" {_OVERDRIVES[1]:g} times. What is counted here is which fibres fire, not how often."
        )
    if len(program.areas) > 1:
        yield (
            "Coverage is the union of the areas, fibre by fibre. Thresholds of the whole program are amplitudes of area"
            " A with all areas raised together."
        )
