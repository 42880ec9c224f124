"""From a Debriefing to a Report: what the page and the PDF say, section by section."""

from __future__ import annotations

import math
from collections.abc import Iterator

import scs_sim
from scs_sim import DISCLAIMER
from scs_sim.patient import Patient
from scs_sim.report.content import Block, Bullets, Fact, Facts, Figure, Paragraph, Report, Section, Table
from scs_sim.report.sections import ma, percent
from scs_sim.training.actions import action_kinds
from scs_sim.training.debrief import Debriefing, Felt
from scs_sim.training.debrief_course import Arrival
from scs_sim.training.debrief_figures import (
    ap_scene,
    difference_in_words,
    felt_scene,
    pain_scene,
    score_scene,
    thresholds_scene,
    timeline_scene,
)
from scs_sim.training.draw import TrueScar
from scs_sim.training.truth import nearest_level

_SAYS = "Predicted paresthesia, not pain relief. Training only: nothing here is about a person."
_GROUPS = {
    "decision": "decision", "coverage": "coverage", "unwanted": "unwanted paresthesia", "safety": "safety",
    "method": "method", "economy": "economy",
}  # fmt: skip
_COMPLAINTS = {
    "fever": "redness and fever", "pain-back": "the pain is back though it tingles as before",
    "overturned": "turned up by mistake until it hurt", "gone": "it is not felt any more",
    "wandered": "it is felt elsewhere", "band": "a band round the trunk", "jolts": "jolts on lying down",
    "faint": "too faint on standing", "good": "nothing: it is good", "nothing-to-try": "no program to try",
}  # fmt: skip
_HOMEMADE = {
    "overturned": "no limit to what the patient may turn up, or one far above discomfort",
    "jolts": "what was set sitting or standing is too much lying down",
    "faint": "the limit is too low for standing",
    "band": "the program is felt round the trunk",
    "nothing-to-try": "no program was saved",
}
"""What lies behind a complaint where nothing happened but the trainee's own doing."""
_MADE_BY = {"jolts": "positional-jolts", "band": "rib-stimulation"}
_NUMBERS = (
    ("dorsal_csf_factor", "Dorsal CSF, times the usual", ""),
    ("cord_offset_mm", "Cord's midline beside the spine's (right is +)", " mm"),
    ("segment_shift", "Cord segments beside the usual vertebrae", ""),
    ("gain", "Thresholds, times the usual", ""),
    ("felt_fibres", "Fibres that make a percept", ""),
)
_BAND_FROM, _MAP_SHARE = 0.15, 0.56


def debrief_report(told: Debriefing) -> Report:
    """Return the report of a debriefing."""
    sections = [
        Section("At a glance", tuple(_glance(told))),
        Section("Score", tuple(_score(told))),
        Section("Course", tuple(_course(told))),
        Section("Where it is felt", tuple(_felt(told))),
        Section("Thresholds", tuple(_thresholds(told))),
        Section("What was hidden", tuple(_hidden(told))),
        Section("Between the visits", tuple(_between(told))),
        Section("A better path", tuple(_better(told))),
        Section("The instructor's words", tuple(_words(told))),
        Section("Appendix: every action and answer", tuple(_log(told))),
    ]
    return Report(
        title=f"Debrief: {told.case.title}",
        subtitle=f"Session {told.head.id} of {told.head.profile}, case {told.case.id}, grade {told.case.grade} of 5;"
        f" scs-sim {scs_sim.__version__}",
        sections=tuple(section for section in sections if section.blocks),
        footer=DISCLAIMER,
    )


def clock(seconds: float) -> str:
    """Return simulated time as h:mm:ss."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _glance(told: Debriefing) -> Iterator[Block]:
    now = told.situation
    yield Paragraph(_SAYS, "warn")
    facts = [Fact("Score", f"{told.score.points:.0f} of {told.score.greatest:.0f}", "by the rubric below")]
    if told.case.unsuitable is None:
        best = told.good.result.coverage.pain_covered_by_score_percent if told.good else None
        facts.append(Fact("Pain covered", _covered(told.at_end), f"possible here: {percent(best)}"))
        worst = None if told.at_end is None else told.at_end.result.coverage
        facts.append(
            Fact(
                "Worst region",
                "nothing saved" if worst is None else percent(worst.worst_region_percent),
                "" if worst is None else worst.worst_region_title or "",
            )
        )
    facts.append(Fact("Slips", str(len(now.slips)), "of safety"))
    facts.append(Fact("Simulated time", clock(now.clock_s), f"{len(told.events)} actions"))
    yield Facts(tuple(facts))
    yield Paragraph("To learn in this case:")
    yield Bullets(told.case.goals)


def _covered(felt: Felt | None) -> str:
    return "nothing saved" if felt is None else percent(felt.result.coverage.pain_covered_by_score_percent)


def _score(told: Debriefing) -> Iterator[Block]:
    yield Figure("score", score_scene(told.score), "Points by item of the rubric; pale: what was not reached.", 0.9)
    yield Table(
        ("Item", "Of", "Points", "Why"),
        tuple(
            (item.title, _GROUPS[item.group], f"{item.points:.1f} of {item.greatest:.1f}", " ".join(item.evidence))
            for item in told.score.items
        ),
        numbers=frozenset({2}),
        wide=3,
    )


def _course(told: Debriefing) -> Iterator[Block]:
    yield Figure(
        "timeline",
        timeline_scene(told.course),
        "Amplitude over simulated time; shaded bands: visits; below: posture. P, C, D in a ring: PT, comfort and DT as"
        " noted; a cross: the patient cried stop; a triangle with the number of its event: a slip.",
    )
    now = told.situation
    if now.slips:
        rows: dict[str, list[str]] = {}
        for slip in now.slips:
            rows.setdefault(slip.kind, []).append(str(slip.serial))
        yield Table(
            ("Slip", "Times", "At events"),
            tuple((kind.replace("-", " "), str(len(at)), ", ".join(at)) for kind, at in rows.items()),
            numbers=frozenset({1}),
            wide=2,
        )
    else:
        yield Paragraph("No slip: no jump in amplitude, nothing changed or moved under current, nothing hurt.")


def _felt(told: Debriefing) -> Iterator[Block]:
    yield Figure("pain", pain_scene(told), "Before: the pain as reported (dashed, magenta).", _MAP_SHARE)
    if told.at_end is not None:
        yield Figure(
            "felt",
            felt_scene(told, told.at_end, "At the end: the saved program, sitting"),
            f"After the last visit: {_program(told.at_end)}. Shading: by dorsal columns; orange hatch: by roots.",
            _MAP_SHARE,
        )
    elif told.case.unsuitable is None:
        yield Paragraph("At the end no saved program is left, so nothing is felt.")
    if told.good is not None:
        yield Figure(
            "better",
            felt_scene(told, told.good, "What the search finds possible, sitting"),
            f"With leads at good places, the same patient: {_program(told.good)}.",
            _MAP_SHARE,
        )


def _program(felt: Felt) -> str:
    found = felt.result.coverage
    return (
        f"{felt.contacts} at {ma(felt.result.amplitude_ma)}; {percent(found.pain_covered_by_score_percent)} of the pain"
        f" covered, unwanted {percent(found.unwanted_of_felt_percent)} of what is felt"
    )


def _thresholds(told: Debriefing) -> Iterator[Block]:
    if told.notes:
        yield Figure(
            "thresholds",
            thresholds_scene(told.notes),
            "Filled: as noted; ring: true, without the patient's noise; grey bar: from true PT to true DT, in which"
            " comfort lies.",
            0.9,
        )
        yield Table(
            ("Event", "Visit and posture", "Contacts", "Noted", "True PT", "True DT", "Off by"),
            tuple(
                (
                    str(one.note.serial), f"{told.case.visits[one.note.visit].name}, {one.note.posture}",
                    one.note.contacts,
                    f"{one.note.threshold} {ma(one.note.value_ma)}", _ma(one.pt_ma), _ma(one.dt_ma),
                    difference_in_words(one),
                )
                for one in told.notes
            ),
            numbers=frozenset({3, 4, 5, 6}),
            wide=2,
        )  # fmt: skip
    elif told.case.unsuitable is None:
        yield Paragraph("No threshold was noted.")
    if told.uses:
        yield Paragraph("The saved programs after the last visit, in the postures of daily life:")
        yield Table(
            ("Posture", "Program", "Contacts", "Saved at", "Used at", "True PT", "True DT", "Covered"),
            tuple(
                (
                    use.posture, use.name, use.program.contacts, ma(use.set_ma), ma(use.used_ma),
                    _ma(use.percept.pt_ma), _ma(use.percept.dt_ma),
                    percent(use.covered_by_score_percent),
                )
                for use in told.uses
            ),
            numbers=frozenset({3, 4, 5, 6, 7}),
            wide=1,
        )  # fmt: skip
        limit_ma = told.situation.limit_ma
        yield Paragraph(
            "Used at: as far as the patient turns it up until it is felt, or down where it hurts. "
            + ("No limit was set." if limit_ma is None else f"The limit is {ma(limit_ma)}."),
            "muted",
        )


def _ma(value: float) -> str:
    return ma(value) if math.isfinite(value) else "never"


def _hidden(told: Debriefing) -> Iterator[Block]:
    patient, usual = told.hidden.patient, Patient()
    rows = [
        (title, f"{getattr(usual, name):g}{unit}", f"{getattr(patient, name):.2f}{unit}")
        for name, title, unit in _NUMBERS
    ]
    known = {row.level: row.dorsal_csf_mm for row in told.case.known.levels_csf}
    for level in patient.levels_csf:
        shown = f"{known[level.level]:g} mm" if level.level in known else "usual"
        rows.append((f"Dorsal CSF at {level.level}", shown, f"{level.dorsal_csf_mm:.2f} mm"))
    roots = {(root.segment, root.side): root.fibres_left for root in told.case.known.injured_roots}
    for root in patient.injured_roots:
        shown = f"{100 * roots[root.segment, root.side]:.0f} %" if (root.segment, root.side) in roots else "100 %"
        rows.append((f"Fibres left in the {root.side} {root.segment} root", shown, f"{100 * root.fibres_left:.0f} %"))
    for scar in told.hidden.scars:
        rows.append((f"Epidural scar, {_scar_place(scar)}", "not told", f"{scar.thickness_mm:.2f} mm thick"))
    bands = [band for band in patient.band_weights if abs(band.factor - 1.0) >= _BAND_FROM]
    if bands:
        words = ", ".join(f"{band.dermatome} {band.factor:.2f}" for band in bands)
        rows.append(("Width of dermatome bands, times the usual", "1", words))
    for name, there in (("Arachnoiditis", patient.arachnoiditis), ("Infection", patient.infection)):
        if there:
            rows.append((name, "see the documents", "yes"))
    yield Table(("Hidden", "Usual or known", "True"), tuple(rows), numbers=frozenset({1}), wide=2)
    if told.truth.leads or told.good is not None:
        yield Figure(
            "ap",
            ap_scene(told),
            "Grey line: the anatomical midline that an X-ray shows; violet, dashed: the cord's own midline, which only"
            " the patient's answers tell. Black: leads as they lie at the end, with the signs of the saved program;"
            " pale: where they lay on the table; green, dashed: good places; orange hatch: scar.",
            0.62,
        )


def _scar_place(scar: TrueScar) -> str:
    top, bottom = nearest_level(scar.top_z_mm - 1.0)[0], nearest_level(scar.bottom_z_mm + 1.0)[0]
    side = "both sides" if scar.side == "both" else f"{scar.side} side"
    return f"{top} to {bottom}, {side}" if top != bottom else f"{top}, {side}"


def _between(told: Debriefing) -> Iterator[Block]:
    later = [one for one in told.course.arrivals if one.serial != 0 or one.happened]
    if later:
        yield Table(
            ("Visit", "Day", "The patient complained of", "What was behind it", "Concluded"),
            tuple((one.visit, f"{one.days:g}", _complaints(one), _behind(one), _concluded(one)) for one in later),
            numbers=frozenset({1}),
            wide=3,
        )
    faults = [
        f"At the end contact {fault.lead}.{fault.contact} is "
        + (f"shorted with {fault.lead}.{fault.partner}." if fault.kind == "short" else "open.")
        for fault in told.truth.faults
    ]
    if faults:
        yield Bullets(tuple(faults))


def _complaints(one: Arrival) -> str:
    return "nobody came" if one.serial is None else ", ".join(_COMPLAINTS[code] for code in one.complaints) or "nothing"


def _behind(one: Arrival) -> str:
    words = [kind.replace("-", " ") for kind in one.happened]
    words += [
        why for code, why in _HOMEMADE.items() if code in one.complaints and _MADE_BY.get(code) not in one.happened
    ]
    if one.slipped:
        words.append("not anchored: " + ", ".join(f"lead {number} slipped" for number in one.slipped))
    moves = ", ".join(
        f"lead {number} by {up_mm:+.1f} mm up, {aside_mm:+.1f} mm right" for number, up_mm, aside_mm in one.moved_mm
    )
    if moves:
        words.append(moves)
    return "; ".join(words) or "nothing happened"


def _concluded(one: Arrival) -> str:
    if not one.concluded:
        return f"nothing (it was: {' or '.join(one.accepted)})"
    right = one.concluded in one.accepted
    return f"{one.concluded}: right" if right else f"{one.concluded}; it was: {' or '.join(one.accepted)}"


def _better(told: Debriefing) -> Iterator[Block]:
    wrong = told.case.unsuitable
    if wrong is not None:
        done = told.situation.declined
        yield Paragraph(
            f"Stimulation is wrong for this patient ({wrong.reason.replace('-', ' ')}): {_flat(wrong.explanation)}"
        )
        yield Paragraph(f"The evidence stands in: {', '.join(wrong.evidence)}.")
        yield Paragraph(
            "The trial was done all the same."
            if not done
            else f"It was declined, the reason given: {done.replace('-', ' ')}."
        )
        return
    rows = [_path_row("As saved at the end", told.at_end)] if told.at_end else []
    rows += [_path_row("Best with the leads as they lie", told.own)] if told.own else []
    rows += [_path_row("Best with leads at good places", told.good)] if told.good else []
    if rows:
        yield Table(
            ("Path", "Contacts", "Amplitude", "Covered", "Worst region", "Unwanted", "DT/PT"),
            tuple(rows),
            numbers=frozenset({2, 3, 4, 5, 6}),
            wide=1,
        )
        yield Paragraph(
            "Sitting, on the true patient, without noise. Covered is weighed by pain score; the search looks at bipoles"
            " and other small configurations only, so a patient hand may beat it.",
            "muted",
        )
    if told.good is not None:
        cord_mm = told.hidden.patient.cord_offset_mm
        yield Paragraph(
            "Good places, leads counted from the patient's left: "
            + "; ".join(
                f"lead {number} ({lead.lead}) with its tip at {lead.tip_level}, {_aside(lead.x_mm - cord_mm)} of"
                " the cord's midline"
                for number, lead in enumerate(told.good.case.leads, start=1)
            )
            + "."
        )


def _path_row(name: str, felt: Felt) -> tuple[str, ...]:
    found, at = felt.result.coverage, felt.result.thresholds
    ratio = "none" if at.pt_ma is None or at.dt_ma is None else f"{at.dt_ma / at.pt_ma:.2f}"
    return (
        name, felt.contacts, ma(felt.result.amplitude_ma), percent(found.pain_covered_by_score_percent),
        percent(found.worst_region_percent), percent(found.unwanted_of_felt_percent), ratio,
    )  # fmt: skip


def _aside(x_mm: float) -> str:
    return f"{abs(x_mm):.1f} mm {'left' if x_mm < 0.0 else 'right'}"


def _words(told: Debriefing) -> Iterator[Block]:
    yield Paragraph(_flat(told.case.debrief.path))
    if told.case.debrief.points:
        yield Paragraph("To discuss:")
        yield Bullets(tuple(map(_flat, told.case.debrief.points)))


def _log(told: Debriefing) -> Iterator[Block]:
    kinds, clock_s, rows = action_kinds(), 0.0, []
    for event in told.events:
        clock_s += event.outcome.cost_s
        given = ", ".join(f"{name} {value}" for name, value in event.action.parameters.items())
        seen = " ".join(filter(None, (event.outcome.report, f"“{event.outcome.said}”" if event.outcome.said else "")))
        title = kinds[event.action.name].title + ("" if event.outcome.done else " (stopped)")
        rows.append((str(event.serial), clock(clock_s), f"{title}: {given}" if given else title, seen))
    yield Table(("Event", "Time", "Action", "Seen and heard"), tuple(rows), numbers=frozenset({0, 1}), wide=3)


def _flat(text: str) -> str:
    return " ".join(text.split())
