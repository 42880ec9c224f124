"""What the window itself says: title, the line of what runs, model time, saved or not."""

from __future__ import annotations

from pathlib import PurePath

from scs_sim.program import AREA_NAMES
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session

APP = "scs-sim"


def window_title(path: str, session: Session, is_saved: bool) -> str:
    """Return the window's title: file or case, * where there is unsaved work."""
    name = PurePath(path).name if path else session.case.title
    return f"{'' if is_saved else '* '}{name} - {APP} (not for patient care)"


def live_text(moment: Moment) -> str:
    """Return in one line what runs now and what it covers: the status bar's live region for screen readers."""
    frame = moment.frame
    if frame is None:
        return "Computing the first lead field ..."
    if frame.result is None:
        return "No stimulation: the program needs a cathode and an anode"
    result = frame.result
    parts = []
    for area in result.areas:
        name = f"{AREA_NAMES[moment.session.area]}: " if len(moment.session.program.areas) > 1 else ""
        if len(result.areas) > 1:
            name = f"{area.name}: "
        parts.append(f"{name}{area.amplitude_ma:.2f} mA · {area.pulse_width_us:g} µs · {area.rate_hz:g} Hz")
    if not moment.session.on:
        parts = ["Stimulation off"]
    safety = result.safety
    within = safety.charge_density_uc_per_cm2 <= safety.charge_density_limit_uc_per_cm2
    parts.append(f"charge density {safety.charge_density_uc_per_cm2:.1f} µC/cm² {'ok' if within else 'TOO HIGH'}")
    if not result.coverage.applicable:
        parts.append("coverage not applicable")
    elif result.coverage.pain_covered_percent is not None:
        parts.append(f"pain covered {result.coverage.pain_covered_percent:.0f} %")
    if frame.stale:
        parts.append("lead has moved, computing")
    return "  ·  ".join(parts)


def model_text(moment: Moment) -> str:
    """Return how long the model took."""
    return "" if moment.frame is None else f"model {moment.frame.model_ms:.0f} ms"


def saved_text(path: str, is_saved: bool) -> str:
    """Return whether the session is on disk."""
    if is_saved:
        return "saved" if path else "unchanged"
    return "not saved; kept in the journal"
