"""What leaves the window as text: settings for the clipboard, tables as CSV, the matter of reports; writing of files.

What people wrote (notes) stays out unless it is asked for. Files are written whole or not at all, and none is replaced
unasked.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import scs_sim
from scs_models import files
from scs_models.errors import InvalidValueError, OutputError
from scs_sim import DISCLAIMER
from scs_sim.report import Matter, Noted, Tried
from scs_sim.result import Result
from scs_ui.state.draft import AreaDraft, Marks
from scs_ui.state.live import Frame
from scs_ui.state.session import Session

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def settings_text(session: Session, frame: Frame | None, *, notes: bool = False) -> str:
    """Return the edited program with what the model says of it, as lines for a chat or a protocol."""
    result = _fresh(session, frame)
    lines = [f"{program_name(session)} ({session.case.title}, {session.case.posture})"]
    running = session.program.running
    for index, area in enumerate(session.program.areas):
        at_ma = area.amplitude_ma
        if at_ma is None and result is not None and session.on and index in running:
            at_ma = result.areas[running.index(index)].amplitude_ma
        lines.append(_area_line(index, area, at_ma, runs=index in running))
    if not session.on:
        lines.append("Stimulation is off.")
    if result is not None:
        lines += _said(result)
    if notes and session.program.notes.strip():
        lines.append(f"Notes: {session.program.notes.strip()}")
    return "\n".join([*lines, f"scs-sim {scs_sim.__version__}. {DISCLAIMER}", ""])


def matter_of(session: Session, frame: Frame | None, date: str) -> Matter:
    """Return what a report or card of the edited program is about; it holds the notes, which are printed if asked for.

    Raises InvalidValueError where stimulation is off or there is no answer for the session as it is.
    """
    if not session.on:
        raise InvalidValueError("stimulation is off; switch it on to see what the program does")
    result = _fresh(session, frame)
    if result is None or frame is None:
        raise InvalidValueError("there is no answer for this program yet; give it a cathode and an anode, or wait")
    return Matter(
        case=session.case,
        result=result,
        date=date,
        program_name=program_name(session),
        noted=tuple(_noted(session.program.areas[index].marks) for index in session.program.running),
        tried=tuple(
            Tried(
                contacts=tested.contacts,
                amplitude_ma=tested.amplitude_ma,
                pulse_width_us=tested.pulse_width_us,
                rate_hz=tested.rate_hz,
                height_mm=tested.height_mm,
                covered_percent=tested.covered_percent,
                unwanted_percent=tested.unwanted_percent,
                side_effects=tested.side_effects,
                posture=tested.posture,
                note=tested.note,
            )
            for tested in session.tested
        ),
        notes=(("Program", session.program.notes), ("Case", session.case.notes)),
    )


def program_name(session: Session) -> str:
    """Return the name of the edited program, or its number."""
    return session.program.name or f"Program {session.chosen + 1}"


def curves_csv(result: Result) -> str:
    """Return the recruitment curves: a row per amplitude; recruited fibres per sided dermatome, and motor ones."""
    curves = result.recruitment
    names = [name.replace(" ", "_").replace("-", "_") for name in curves.sided_dermatomes]
    head = ["amplitude_ma", *(f"{kind}_{name}_fibres" for kind in ("dc", "dr") for name in names), "motor_fibres"]
    rows = (
        [f"{at:.6g}", *(f"{value:.6g}" for value in (*dc, *dr)), f"{motor:.6g}"]
        for at, dc, dr, motor in zip(
            curves.amplitude_ma.tolist(),
            curves.dc_fibres.tolist(),
            curves.dr_fibres.tolist(),
            curves.motor_fibres.tolist(),
            strict=True,
        )
    )
    return _csv(head, rows)


def regions_csv(result: Result) -> str:
    """Return the body-map regions: pain, what is felt there and by which fibres, from which amplitude."""
    head = (
        "id", "region", "pain_score", "painful_percent", "felt_percent", "felt_dc_percent", "felt_dr_percent",
        "dc_intensity", "dr_intensity", "first_felt_ma",
    )  # fmt: skip
    rows = (
        (
            region.id, region.title, region.pain_score, region.painful_percent, region.felt_percent,
            region.felt_dc_percent, region.felt_dr_percent, region.dc_intensity, region.dr_intensity,
            region.first_felt_ma,
        )
        for region in result.regions
    )  # fmt: skip
    return _csv(head, rows)


def contacts_csv(result: Result) -> str:
    """Return the contacts: share and current per area, impedance, charge."""
    areas = [area.name.lower() for area in result.areas]
    head = (
        "contact",
        *(f"area_{name}_share_percent" for name in areas),
        *(f"area_{name}_current_ma" for name in areas),
        "impedance_ohm", "flag", "charge_per_phase_uc", "charge_density_uc_per_cm2",
    )  # fmt: skip
    rows = (
        (
            state.name, *state.share_percent, *state.current_ma, state.impedance_ohm, state.flag,
            state.charge_per_phase_uc, state.charge_density_uc_per_cm2,
        )
        for state in result.contact_states
    )  # fmt: skip
    return _csv(head, rows)


def settings_csv(session: Session, *, notes: bool = False) -> str:
    """Return the tested settings of a session, in the order they were noted."""
    head = (
        "program", "contacts", "amplitude_ma", "pulse_width_us", "rate_hz", "posture", "cathode_height_mm",
        "cathode_x_mm", "pain_covered_percent", "unwanted_percent", "side_effects",
    )  # fmt: skip
    rows = (
        (
            one.program, one.contacts, one.amplitude_ma, one.pulse_width_us, one.rate_hz, one.posture, one.height_mm,
            one.x_mm, one.covered_percent, one.unwanted_percent, "; ".join(one.side_effects),
            *((one.note,) if notes else ()),
        )
        for one in session.tested
    )  # fmt: skip
    return _csv((*head, "note") if notes else head, rows)


def write_file(path: str, data: str | bytes, *, replace: bool) -> None:
    """Write a file whole or not at all; raise OutputError: it is there and `replace` is False, or cannot be written."""
    if not replace and Path(path).exists():
        raise OutputError(f"{path}: there is a file of this name; nothing was written")
    if isinstance(data, str):
        files.write_text(path, data)
    else:
        files.write_bytes(path, data)


def _area_line(index: int, area: AreaDraft, amplitude_ma: float | None, *, runs: bool) -> str:
    amplitude = "at comfort" if amplitude_ma is None else f"{amplitude_ma:.2f} mA"
    parts = [
        area.contacts or "no contacts", amplitude, f"{area.pulse_width_us:g} µs", f"{area.rate_hz:g} Hz", area.waveform,
    ]  # fmt: skip
    name = f"Area {'ABCD'[index]}" + (f" ({area.name})" if area.name else "")
    marks = _noted(area.marks)
    noted = [
        f"{label} {value:g}"
        for label, value in (
            ("PT", marks.pt_ma), ("comfort", marks.comfort_ma), ("DT", marks.dt_ma), ("MT", marks.mt_ma),
        )
        if value is not None
    ]  # fmt: skip
    more = f"; noted: {', '.join(noted)} mA" if noted else ""
    return f"{name}: {', '.join(parts)}{'' if runs else ' (not running)'}{more}"


def _said(result: Result) -> list[str]:
    at, found = result.thresholds, result.coverage
    known = [
        f"{label} {value:.2f}"
        for label, value in (("PT", at.pt_ma), ("comfort", at.comfort_ma), ("DT", at.dt_ma), ("MT", at.mt_ma))
        if value is not None
    ]
    lines = [f"Predicted thresholds: {', '.join(known)} mA" if known else "Predicted: not felt at any amplitude"]
    if found.pain_covered_percent is None:
        return [*lines, "Coverage: not applicable"]
    words = f"Predicted coverage: {found.pain_covered_percent:.0f} % of the painful area"
    if found.unwanted_of_felt_percent is not None:
        words += f", unwanted {found.unwanted_of_felt_percent:.0f} % of what is felt"
    return [*lines, words, *result.warnings]


def _noted(marks: Marks) -> Noted:
    return Noted(marks.pt_ma, marks.comfort_ma, marks.dt_ma, marks.mt_ma)


def _fresh(session: Session, frame: Frame | None) -> Result | None:
    """Return the answer if it is about this very session."""
    return None if frame is None or frame.stale or frame.session != session else frame.result


def _csv(head: Iterable[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(list(head))
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def _cell(value: object) -> object:
    """Return a cell: nothing for None, nine digits for numbers, words that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, str) and value.startswith(_FORMULA):
        try:
            float(value)
        except ValueError:
            return f"'{value}"
    return value
