"""What the training window says: the conversation, documents, notes, impedances, the course of visits. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from scs_models import files
from scs_models.percept.body_map import load_body_map
from scs_models.values import read_only
from scs_sim.patient import PainMap
from scs_sim.program import Program
from scs_sim.training.actions import action_kinds
from scs_sim.training.events import TrainingEvent
from scs_sim.training.situation import Situation
from scs_ui.state.looks.body import BodyLook, nothing_felt

LineKind = Literal["did", "seen", "said"]
DOCUMENT_TITLES = {"referral": "Referral", "pain-map": "Pain map", "history": "History", "imaging": "Imaging"}
QUESTION_TITLES = {"where": "Where?", "strength": "How strong?", "comfort": "Comfortable?"}
NOTE_TITLES = {"pt": "PT", "comfort": "Comfort", "dt": "DT"}
CAUSE_TITLES = {
    "migration": "Lead has migrated", "open-contact": "Open contact", "short": "Short between contacts",
    "root": "Root stimulated", "posture": "Change of posture", "tolerance": "Tolerance", "infection": "Infection",
    "none": "Nothing is wrong",
}  # fmt: skip
REASON_TITLES = {
    "infection": "Infection", "instability": "Unstable spine", "bleeding-risk": "Risk of bleeding",
    "untreated-mood": "Mood needs treatment first", "no-neuropathic-pain": "No neuropathic pain",
    "surgery-needed": "Surgery is needed",
}  # fmt: skip
REPAIR_TITLES = {
    "reseat-connector": "Reseat the connector", "dry-connector": "Dry the connector",
    "exchange-cable": "Exchange the cable",
}  # fmt: skip
SLIP_TITLES = {
    "amplitude-jump": "amplitude raised in a jump", "polarity-above-zero": "polarity changed above 0 mA",
    "moved-under-current": "lead moved under current", "repaired-under-current": "repaired under current",
    "beyond-discomfort": "beyond discomfort", "twitch": "muscle twitch",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation: event, simulated time, whose it is (trainee, instrument, patient)."""

    serial: int
    clock: str
    kind: LineKind
    text: str


@dataclass(frozen=True, slots=True)
class ColouredLook:
    """What the patient coloured last, and of what: program, amplitude, posture.

    is_old: something changed since; words: the same in words.
    """

    body: BodyLook
    caption: str
    is_old: bool
    words: str = ""


def clock_text(seconds: float) -> str:
    """Return simulated time as h:mm:ss."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def titled(name: str, titles: Mapping[str, str]) -> str:
    """Return the words for a name of a closed list, the name itself where there are none."""
    return titles.get(name, name.replace("-", " ").replace("_", " "))


def conversation(complaint: str, events: Sequence[TrainingEvent]) -> tuple[Line, ...]:
    """Return what was done, seen and said, the oldest first."""
    lines, seconds = [Line(0, clock_text(0.0), "said", complaint)], 0.0
    for event in events:
        seconds += event.outcome.cost_s
        lines += lines_of(event, seconds)
    return tuple(lines)


def lines_of(event: TrainingEvent, seconds: float) -> list[Line]:
    """Return the lines of one event that ended at `seconds` of simulated time."""
    clock, outcome = clock_text(seconds), event.outcome
    lines = [Line(event.serial, clock, "did", deed_words(event))]
    if outcome.report and event.action.name not in _WITHOUT_REPORT:
        lines.append(Line(event.serial, clock, "seen", outcome.report))
    if outcome.said:
        lines.append(Line(event.serial, clock, "said", outcome.said))
    return lines


def deed_words(event: TrainingEvent) -> str:
    """Return what the trainee did, in words."""
    own, data = event.action, event.outcome.data
    words = _WORDS.get(own.name)
    told = words(own.parameters, data) if words is not None else action_kinds()[own.name].title
    return told if event.outcome.done else f"{told} (not done)" if own.name == "place-lead" else f"{told}: stopped"


def document_lines(events: Iterable[TrainingEvent], item: str) -> tuple[tuple[str, str], ...]:
    """Return a document that was read as (heading, text) rows, () where it was not; the pain map is `read_pain`."""
    data = _read(events, item)
    if data is None or item == "pain-map":
        return ()
    if item != "history":
        return (("", str(data["text"])),)
    return tuple((f"{titled(row['kind'], {})} · {row['when']}", str(row["outcome"])) for row in data["items"])


def read_pain(events: Iterable[TrainingEvent]) -> PainMap | None:
    """Return the pain map once it was read."""
    data = _read(events, "pain-map")
    if data is None:
        return None
    plain = {key: data[key] for key in data if key != "item"}
    return files.decode(PainMap, plain, where="pain map")


def coloured(now: Situation, events: Sequence[TrainingEvent]) -> ColouredLook:
    """Return the body map as the patient coloured it last, with the pain map where that was read."""
    pain = read_pain(events) or PainMap()
    newest = next((event for event in reversed(events) if event.action.name == "colour"), None)
    if newest is None:
        return ColouredLook(BodyLook(pain=pain), "Nothing is coloured yet: ask the patient to colour.", False)
    body = load_body_map()
    strength = np.array(nothing_felt())
    for region, points in newest.outcome.data["regions"].items():
        strength[body.index(region)] = float(points) / 10.0
    since = {event.action.name for event in events if event.serial > newest.serial}
    changing = {"amplitude", "program", "load", "posture", "next-visit", "drive-lead", "remove-lead", "repair"}
    is_old = bool(since & changing)
    felt = "nothing felt" if not newest.outcome.data["regions"] else "coloured by the patient"
    caption = f"{felt[:1].upper()}{felt[1:]} at event {newest.serial}" + (", before the last change" if is_old else "")
    return ColouredLook(BodyLook(dc=read_only(strength), pain=pain), caption, is_old, newest.outcome.report)


def impedances(now: Situation, events: Sequence[TrainingEvent]) -> dict[str, tuple[str, str]]:
    """Return contact -> (ohms in words, flag) of the last measurement at this visit with the leads as they lie."""
    if not now.measured:
        return {}
    newest = next(event for event in reversed(events) if event.action.name == "impedance")
    return {
        str(row["name"]): ("open" if row["ohm"] is None else f"{row['ohm']:.0f}", str(row["flag"]))
        for row in newest.outcome.data["contacts"]
    }


def note_lines(now: Situation) -> tuple[str, ...]:
    """Return the thresholds noted, the newest first."""
    visits = now.opening.visits
    return tuple(
        f"{NOTE_TITLES[note.threshold]} {note.value_ma:g} mA · {note.contacts} · {note.posture},"
        f" {visits[note.visit].name}"
        for note in reversed(now.notes)
    )


def program_text(program: Program | None, amplitude_ma: float) -> str:
    """Return a program and its amplitude in one line."""
    if program is None:
        return "No program is set"
    return f"{program.contacts} · {program.pulse_width_us:g} µs · {program.rate_hz:g} Hz · {amplitude_ma:g} mA"


def visit_text(now: Situation) -> str:
    """Return where the session stands: visit, place, day."""
    visit = now.open_visit
    return f"{visit.name.replace('-', ' ')} · {visit.place} · day {visit.days:g}"


def suggested_note_ma(events: Sequence[TrainingEvent], threshold: str, amplitude_ma: float) -> float:
    """Return the amplitude that a note would most likely be of: what the last ramp met, else the present one."""
    ramp = next((event for event in reversed(events) if event.action.name == "amplitude"), None)
    key = {"pt": "felt_from_ma", "dt": "uncomfortable_from_ma"}.get(threshold)
    found = ramp.outcome.data.get(key) if ramp is not None and key is not None else None
    return amplitude_ma if found is None else float(found)


def _read(events: Iterable[TrainingEvent], item: str) -> Mapping[str, Any] | None:
    found = (event for event in events if event.action.name == "read" and event.action.text("item") == item)
    return next((event.outcome.data for event in found), None)


def _mm(value: float, above: str, below: str) -> str:
    return f"{abs(value):g} mm {above if value > 0 else below}"


def _drive_words(own: Mapping[str, Any], _data: Mapping[str, Any]) -> str:
    ways = [
        _mm(float(own[name]), *words)
        for name, words in (("rostral_mm", ("up", "down")), ("right_mm", ("right", "left")))
        if own[name]
    ]
    return f"Drive lead {own['lead']} {', '.join(ways)}"


def _place_words(own: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    aside = f", {_mm(float(own['x_mm']), 'right', 'left')}" if own["x_mm"] else ""
    offset = f" {own['tip_offset_mm']:+g} mm" if own["tip_offset_mm"] else ""
    return f"Place {own['lead_type']}, tip to {own['tip_level']}{offset}{aside}, entry {data['entry_level']}"


_WITHOUT_REPORT = frozenset(("read", "colour", "program", "finish", "note", "save", "load", "limit", "conclude"))
"""Actions whose report repeats what the deed says, or what is drawn."""
_WORDS: Mapping[str, Any] = {
    "read": lambda own, data: f"Read: {titled(own['item'], DOCUMENT_TITLES).lower()}",
    "decline": lambda own, data: f"Decline: {titled(own['reason'], REASON_TITLES).lower()}",
    "place-lead": _place_words,
    "drive-lead": _drive_words,
    "remove-lead": lambda own, data: f"Remove lead {own['lead']}",
    "xray": lambda own, data: "X-ray from behind" if own["view"] == "ap" else "X-ray from the side",
    "program": lambda own, data: f"Set {own['contacts']}, {own['pulse_width_us']:g} µs, {own['rate_hz']:g} Hz",
    "amplitude": lambda own, data: f"Ramp {data['from_ma']:g} to {own['to_ma']:g} mA, {own['step_ma']:g} mA a second",
    "ask": lambda own, data: titled(own["about"], QUESTION_TITLES),
    "note": lambda own, data: f"Note {titled(own['threshold'], NOTE_TITLES)} {own['value_ma']:g} mA",
    "save": lambda own, data: f"Save as {own['name']}",
    "load": lambda own, data: f"Load {own['name']}",
    "limit": lambda own, data: f"Limit the patient's control to {own['to_ma']:g} mA",
    "posture": lambda own, data: f"Posture: {own['to']}",
    "conclude": lambda own, data: f"Conclude: {titled(own['cause'], CAUSE_TITLES).lower()}",
    "repair": lambda own, data: f"{titled(own['what'], REPAIR_TITLES)} of lead {own['lead']}",
}
