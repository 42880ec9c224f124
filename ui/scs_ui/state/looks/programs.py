"""What the programs panel shows: the list with areas, noted thresholds beside the model's, two programs compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scs_sim.program import AREA_NAMES
from scs_ui.state.actions.stimulation import THRESHOLD_TITLES, THRESHOLDS, Threshold
from scs_ui.state.draft import AreaDraft, ProgramDraft
from scs_ui.state.looks.stimulation import SHORT, WAVEFORM_TITLES, contacts_in_words, model_thresholds
from scs_ui.state.moment import Moment

if TYPE_CHECKING:
    from scs_sim.result import Result
    from scs_ui.state.session import Session

NO_NAMES = "Notes stay out of exports unless asked for. Write no names, birth dates or record numbers."


@dataclass(frozen=True, slots=True)
class AreaChip:
    """One area of a listed program: its letter, contacts, dose; is_on: it takes part."""

    letter: str
    contacts: str
    dose: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """One program of the list.

    tag: "A" and "B" for the two that are compared, in the order of the list; covered: "78 %" where the model has said
    so, else ""; spoken: all of it as a sentence.
    """

    number: int
    name: str
    areas: tuple[AreaChip, ...]
    is_chosen: bool
    tag: str
    covered: str
    spoken: str


@dataclass(frozen=True, slots=True)
class MarkRow:
    """One threshold: noted, of the model, and the difference, in words; "–" where there is none."""

    threshold: Threshold
    short: str
    title: str
    noted: str
    model: str
    difference: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One line of the comparison; better: "A", "B" or "" where neither is or it is no matter of better.

    is_long: its words may take several lines.
    """

    what: str
    a: str
    b: str
    better: str = ""
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class ProgramsLook:
    """All that the panel shows; compared is empty unless two programs are compared."""

    rows: tuple[ProgramRow, ...]
    marks: tuple[MarkRow, ...]
    marks_of: str
    can_calibrate: bool
    compared: tuple[ComparedRow, ...]
    compared_names: tuple[str, str]
    notes: str
    notes_of: str


def programs_look(moment: Moment, known: Mapping[ProgramDraft, float | None] | None = None) -> ProgramsLook:
    """Return what the panel shows at `moment`; known: coverage in percent of programs that are not in hand."""
    session, frame = moment.session, moment.frame
    result = None if frame is None else frame.result
    beside = None if frame is None else frame.compared
    compared: tuple[ComparedRow, ...] = ()
    names = ("", "")
    if session.compared is not None:
        one, other = compared_pair(session)
        names = (program_name(session, one), program_name(session, other))
        answers = (result, beside) if one == session.chosen else (beside, result)
        compared = compared_rows(session.programs[one], session.programs[other], *answers)
    return ProgramsLook(
        rows=tuple(_row(session, index, result, beside, known or {}) for index in range(len(session.programs))),
        marks=_marks(moment),
        marks_of=f"Area {AREA_NAMES[session.area]} of {program_name(session, session.chosen)}",
        can_calibrate=session.draft.marks.pt_ma is not None and session.draft.is_complete,
        compared=compared,
        compared_names=names,
        notes=session.program.notes,
        notes_of=program_name(session, session.chosen),
    )


def compared_pair(session: Session) -> tuple[int, int]:
    """Return the indices of the programs that are A and B: letters stay with programs when they are swapped."""
    assert session.compared is not None
    return min(session.chosen, session.compared), max(session.chosen, session.compared)


def program_name(session: Session, index: int) -> str:
    """Return a program's name, or its number where it has none."""
    return session.programs[index].name or f"Program {index + 1}"


def compared_rows(
    one: ProgramDraft, other: ProgramDraft, result: Result | None, beside: Result | None
) -> tuple[ComparedRow, ...]:
    """Return two programs line by line: contacts and dose area by area, thresholds, coverage, charge."""
    rows = []
    for index in range(max(len(one.areas), len(other.areas))):
        a, b = (draft.areas[index] if index < len(draft.areas) else None for draft in (one, other))
        letter = AREA_NAMES[index]
        rows.append(ComparedRow(f"{letter} contacts", _contacts(a), _contacts(b), is_long=True))
        rows.append(ComparedRow(f"{letter} amplitude", _amplitude(a), _amplitude(b)))
        rows.append(ComparedRow(f"{letter} pulse", _pulse(a), _pulse(b), is_long=True))
    for threshold in THRESHOLDS:
        a_ma, b_ma = (
            None if found is None else getattr(found.thresholds, f"{threshold}_ma") for found in (result, beside)
        )
        rows.append(ComparedRow(_short(threshold), _ma(a_ma), _ma(b_ma)))
    for what, name, more_is_better in (
        ("Pain covered", "pain_covered_percent", True),
        ("Covered, by score", "pain_covered_by_score_percent", True),
        ("Worst region", "worst_region_percent", True),
        ("Unwanted", "unwanted_of_felt_percent", False),
    ):
        a_percent, b_percent = (None if found is None else getattr(found.coverage, name) for found in (result, beside))
        rows.append(
            ComparedRow(what, _percent(a_percent), _percent(b_percent), _better(a_percent, b_percent, more_is_better))
        )
    for what, name, unit, digits in (
        ("Charge per phase", "charge_per_phase_uc", "µC", 2),
        ("Charge density", "charge_density_uc_per_cm2", "µC/cm²", 1),
        ("Mean current", "average_current_ua", "µA", 0),
    ):
        a_value, b_value = (None if found is None else getattr(found.safety, name) for found in (result, beside))
        rows.append(ComparedRow(what, _unit(a_value, unit, digits), _unit(b_value, unit, digits)))
    return tuple(rows)


def _row(
    session: Session,
    index: int,
    result: Result | None,
    beside: Result | None,
    known: Mapping[ProgramDraft, float | None],
) -> ProgramRow:
    program, is_chosen = session.programs[index], index == session.chosen
    if is_chosen or index == session.compared:
        shown = result if is_chosen else beside
        covered = None if shown is None else shown.coverage.pain_covered_percent
    else:
        covered = known.get(program)
    tag = ""
    if session.compared is not None and (is_chosen or index == session.compared):
        tag = "AB"[compared_pair(session).index(index)]
    chips = tuple(
        AreaChip(AREA_NAMES[place], contacts_in_words(area), _dose(area), area.on)
        for place, area in enumerate(program.areas)
    )
    name = program_name(session, index)
    words = [f"Program {index + 1}" + ("" if name == f"Program {index + 1}" else f", {name}")]
    words += [f"chosen{f', {tag}' if tag else ''}"] if is_chosen else [f"compared, {tag}"] if tag else []
    words += [f"area {chip.letter}{'' if chip.is_on else ' off'}: {chip.contacts}, {chip.dose}" for chip in chips]
    words += [f"{covered:.0f} % of the pain covered"] if covered is not None else []
    return ProgramRow(
        index + 1, name, chips, is_chosen, tag, "" if covered is None else _percent(covered), "; ".join(words)
    )


def _marks(moment: Moment) -> tuple[MarkRow, ...]:
    noted, model = moment.session.draft.marks, model_thresholds(moment.frame)
    rows = []
    for threshold in THRESHOLDS:
        own, found = getattr(noted, f"{threshold}_ma"), model.get(threshold)
        difference = "–"
        if own is not None and found is not None:
            difference = f"{own - found:+.2f} mA".replace("-", "−")
        short, title = _short(threshold), THRESHOLD_TITLES[threshold].capitalize()
        rows.append(MarkRow(threshold, short, title, _ma(own), _ma(found), difference))
    return tuple(rows)


def _short(threshold: Threshold) -> str:
    return "Comfort" if threshold == "comfort" else SHORT[threshold]


def _contacts(area: AreaDraft | None) -> str:
    return "–" if area is None else contacts_in_words(area)


def _dose(area: AreaDraft) -> str:
    return f"{_amplitude(area)} · {_pulse(area)}"


def _amplitude(area: AreaDraft | None) -> str:
    if area is None:
        return "–"
    return ("comfort" if area.amplitude_ma is None else f"{area.amplitude_ma:g} mA") + ("" if area.on else ", off")


def _pulse(area: AreaDraft | None) -> str:
    if area is None:
        return "–"
    parts = [f"{area.pulse_width_us:g} µs", f"{area.rate_hz:g} Hz"]
    if area.waveform != "recharge":
        parts.append(WAVEFORM_TITLES[area.waveform])
    return " · ".join(parts)


def _ma(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} mA"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"


def _unit(value: float | None, unit: str, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f} {unit}"


def _better(a: float | None, b: float | None, more: bool) -> str:
    if a is None or b is None or round(a) == round(b):
        return ""
    return "A" if (a > b) == more else "B"
