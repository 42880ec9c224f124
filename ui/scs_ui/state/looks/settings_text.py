"""The settings as text, for a message or a note: what is dialled, what the model says, what was noted, limits."""

from __future__ import annotations

from scs_sim.program import AREA_NAMES
from scs_ui.state.actions.stimulation import THRESHOLD_TITLES, THRESHOLDS
from scs_ui.state.looks.stimulation import SHORT, WAVEFORM_TITLES, model_thresholds
from scs_ui.state.moment import Moment

NOT_FOR_CARE = "Predicted paresthesia, not relief. Training and research only; not for patient care."


def settings_text(moment: Moment) -> str:
    """Return the chosen program as lines of text: case, areas, thresholds, coverage, limits; no notes of the user."""
    session, frame = moment.session, moment.frame
    program, result = session.program, None if frame is None or frame.stale else frame.result
    lines = [
        f"{program.name or f'Program {session.chosen + 1}'} ({session.case.title})",
        f"Posture: {session.case.posture}; stimulation {'on' if session.on else 'off'}",
    ]
    for index, area in enumerate(program.areas):
        amplitude = "at comfort" if area.amplitude_ma is None else f"{area.amplitude_ma:g} mA"
        if area.amplitude_ma is None and result is not None and index in program.running:
            amplitude += f" ({result.areas[program.running.index(index)].amplitude_ma:.2f} mA)"
        lines.append(
            f"Area {AREA_NAMES[index]}{'' if area.on else ' (off)'}: {area.contacts or 'no contacts'}; {amplitude},"
            f" {area.pulse_width_us:g} µs, {area.rate_hz:g} Hz, {WAVEFORM_TITLES[area.waveform]}"
        )
        noted = [
            f"{SHORT[name]} {value:g} mA"
            for name in THRESHOLDS
            if (value := getattr(area.marks, f"{name}_ma")) is not None
        ]
        if noted:
            lines.append(f"  noted: {', '.join(noted)}")
    thresholds = model_thresholds(None if frame is None or frame.stale else frame)
    if thresholds:
        words = ", ".join(f"{THRESHOLD_TITLES[name]} {value:.2f} mA" for name, value in thresholds.items())
        lines.append(f"Model, area {AREA_NAMES[session.area]}: {words}")
    if result is not None:
        coverage, safety = result.coverage, result.safety
        if coverage.applicable and coverage.pain_covered_percent is not None:
            unwanted = coverage.unwanted_of_felt_percent
            lines.append(
                f"Predicted paresthesia: {coverage.pain_covered_percent:.0f} % of the painful area"
                + ("" if unwanted is None else f", {unwanted:.0f} % of what is felt lies elsewhere")
            )
        elif not coverage.applicable:
            lines.append("Coverage: not applicable to a paresthesia-free program")
        density, limit = safety.charge_density_uc_per_cm2, safety.charge_density_limit_uc_per_cm2
        lines.append(
            f"Charge density {density:.1f} of {limit:g} µC/cm², voltage {safety.compliance_v:.1f} of"
            f" {safety.compliance_limit_v:g} V, load {safety.load_ohm:.0f} Ω"
        )
        lines += [f"! {finding}" for finding in result.findings]
    return "\n".join([*lines, NOT_FOR_CARE])
