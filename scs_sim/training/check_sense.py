"""Check the sense of a training case that can be read: can it be won, does it tell its secret, can its troubles happen.

Each check is a generator of findings over the whole case, and names the top keys that it reads: where one of them could
not be read, the check is left out. Nothing is simulated here; no kernel is built.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from scs_models import anatomy
from scs_models.errors import InvalidValueError
from scs_models.leads import lead as lead_type_of
from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import DERMATOMES
from scs_sim.contact_plan import contact_plans
from scs_sim.program import Program
from scs_sim.training.body import true_case
from scs_sim.training.case import TrainingCase, Visit
from scs_sim.training.check import Finding, Level
from scs_sim.training.draw import draw
from scs_sim.training.hiding import DRAWN_NUMBERS, Drawn, Hiding, bounds
from scs_sim.training.truth import TrueLead, Truth

DRAWS = 16
"""Seeds that are drawn: enough that ranges which cannot be built show."""
_SEGMENTS_OF_GRACE = 1.0
_LEAST_SHARE, _TOLD = 0.05, 3
_ENTRY_LEVELS_BELOW = 2
_LEAST_MOVE_MM = (3.0, 1.0)
_LYING = ("prone", "supine")
_TELLING = {
    "infection": ("infect", "fever", "abscess", "discitis", "sepsis"),
    "instability": ("instab", "unstable", "listhesis", "slips"),
    "bleeding-risk": ("bleed", "anticoag", "platelet", "blood thin", "clot"),
    "untreated-mood": ("depress", "untreated mood", "suicid"),
    "no-neuropathic-pain": ("nociceptive", "not neuropathic", "no neuropathic"),
    "surgery-needed": ("needs surgery", "needs an operation", "must be operated"),
}
_STOPPING = ("decline", "unsuitable", "contraindic", "forbid", "must not be stimulated", "right answer")
_TROUBLE_WORDS = ("migrat", "open contact", "broken wire", "short circuit", "rib stimulation", "tolerance")
_NAMED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Frau|Herr|Mme|Dr)\.? [A-Z][a-z]+")
_DATED = re.compile(r"\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b(?:19|20)\d\d-\d\d-\d\d\b|\bborn (?:on|in)\b")
_LENGTH = re.compile(r"(\d+(?:\.\d+)?) ?mm")


def findings_of(case: TrainingCase, unread: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """Return what makes no sense in `case`; checks that read one of the top keys `unread` are left out."""
    return tuple(finding for check, keys in _CHECKS if not keys & unread for finding in check(case))


def _pain(case: TrainingCase) -> Iterator[Finding]:
    """A lead reaches what enters the cord below its tip: fibres of higher dermatomes do not pass there."""
    body, top = load_body_map(), _highest_segment(case)
    reach = np.array([_middle(name) > top - _SEGMENTS_OF_GRACE for name in DERMATOMES], dtype=np.float64)
    share = {region: float(body.shares[body.index(region)] @ reach) for region in case.pain.scores}
    lost = [region for region, value in share.items() if value < _LEAST_SHARE and case.pain.scores[region]]
    levels = ", ".join(case.kit.tip_levels)
    if lost and case.unsuitable is None:
        nothing = len(lost) == sum(score > 0 for score in case.pain.scores.values()) and not case.pain.polygons
        what = "no painful region can" if nothing else f"{', '.join(lost)} cannot"
        yield Finding(
            "error" if nothing else "warning",
            "pain.scores",
            f"{what} be reached with a tip at {levels}",
            hint="add higher tip_levels to the kit, or say in the debrief what cannot be reached and why",
        )


def _middle(dermatome: str) -> float:
    """Return the segment index of a dermatome's root; those above C8 count on upwards."""
    names = anatomy.dermatome_names()
    if dermatome in names:
        first, last = anatomy.segment_span(dermatome)
        return (first + last) / 2.0
    below = next(name for name in DERMATOMES[DERMATOMES.index(dermatome) :] if name in names)
    first, last = anatomy.segment_span(below)
    return (first + last) / 2.0 - (DERMATOMES.index(below) - DERMATOMES.index(dermatome))


def _highest_segment(case: TrainingCase) -> float:
    return min(float(anatomy.segment_position(anatomy.vertebra_mid_z_mm(level))) for level in case.kit.tip_levels)


def _levels(case: TrainingCase) -> Iterator[Finding]:
    """Leads must fit between the ends of the model, and come from an entry below them that is open."""
    low_mm, _ = anatomy.sections_span_mm()
    for level in case.kit.tip_levels:
        for lead in case.kit.lead_types:
            lowest_mm = anatomy.vertebra_mid_z_mm(level) - lead_type_of(lead).span_mm
            if lowest_mm < low_mm:
                yield Finding(
                    "error",
                    "kit.tip_levels",
                    f"a {lead} with its tip at {level} would reach below {anatomy.section_levels()[-1]}",
                    level,
                    f"levels whose leads end above {anatomy.section_levels()[-1]}",
                    "leave this level out, or this lead",
                )
    highest = max(case.kit.tip_levels, key=anatomy.vertebra_mid_z_mm)
    order = anatomy.vertebra_names()
    for level in case.kit.entry_levels:
        if order.index(level) <= order.index(highest):
            yield Finding(
                "error",
                "kit.entry_levels",
                f"{level} is not below {highest}; a lead is driven upwards from its entry",
                level,
                f"levels below {highest}",
            )
        elif order.index(level) < order.index(highest) + _ENTRY_LEVELS_BELOW:
            yield Finding(
                "warning",
                "kit.entry_levels",
                f"{level} is less than {_ENTRY_LEVELS_BELOW} levels below {highest}: little of a lead is held there",
                level,
            )


def _entries(case: TrainingCase) -> Iterator[Finding]:
    closed = {*case.known.laminectomy_levels, *case.known.hardware_levels}
    shut = [level for level in case.kit.entry_levels if level in closed]
    if len(shut) == len(case.kit.entry_levels) and case.unsuitable is None:
        yield Finding(
            "error",
            "kit.entry_levels",
            f"every entry is closed by metal or scar ({', '.join(shut)}); no lead can be placed",
            ", ".join(shut),
            "at least one level without laminectomy or hardware",
        )
    for level in shut[:1]:
        if level == case.kit.entry_levels[0] and len(shut) < len(case.kit.entry_levels):
            told = [text for text in (case.imaging, *(row.outcome for row in case.history)) if level in text]
            if not told and not _spanned(case, level):
                yield Finding(
                    "warning",
                    "kit.entry_levels",
                    f"the usual entry, {level}, is closed, and neither imaging nor history names {level}",
                    level,
                    hint="a trap is fair only if somebody who reads everything can see it",
                )


def _spanned(case: TrainingCase, level: str) -> bool:
    """Return whether a text names a stretch of levels, such as L1 to S1 or L3-L5, that holds `level`."""
    order = (*anatomy.vertebra_names(), "S1")
    texts = " ".join((case.imaging, *(row.outcome for row in case.history)))
    for first, last in re.findall(r"\b([CTLS]\d{1,2})(?: to |-)([CTLS]\d{1,2})\b", texts):
        if first in order and last in order and order.index(first) <= order.index(level) <= order.index(last):
            return True
    return False


def _visits(case: TrainingCase) -> Iterator[Finding]:
    clinic = [visit for visit in case.visits if visit.place == "clinic"]
    if not clinic:
        level: Level = "error" if case.unsuitable is None else "warning"
        hint = 'add a [[visits]] with place = "clinic": there programs are set'
        yield Finding(level, "visits", "there is no visit in the clinic", "", "one or more", hint)
    for place, visit in enumerate(case.visits):
        upright = [posture for posture in visit.postures if posture not in _LYING]
        if visit.place == "table" and upright:
            yield Finding(
                "error",
                f"visits[{place}].postures",
                f"nobody is {upright[0]} on the table",
                upright[0],
                ", ".join(_LYING),
            )
        if visit.place == "clinic" and len(visit.postures) < 2:
            yield Finding(
                "warning",
                f"visits[{place}].postures",
                f"only {visit.postures[0]} can be tried; what happens on lying down or getting up stays unseen",
                visit.postures[0],
                hint='postures = ["sitting", "supine", "standing"] is usual',
            )


def _complications(case: TrainingCase) -> Iterator[Finding]:
    for place, visit in enumerate(case.visits):
        for item in range(len(visit.complications)):
            where = f"visits[{place}].complications[{item}]"
            for level, key, message, hint in _amiss(case, visit, place, item):
                yield Finding(level, f"{where}{key}", message, visit.complications[item].kind, hint=hint)
        if sum(found.probability == 1.0 for found in visit.complications) > 1:
            yield Finding(
                "warning",
                f"visits[{place}].complications",
                "several are certain at one visit; the trainee can give one conclusion per visit",
                hint="spread them over visits, or say in the debrief which conclusion counts",
            )


def _amiss(case: TrainingCase, visit: Visit, place: int, item: int) -> Iterator[tuple[Level, str, str, str]]:
    """Yield (level, key, message, hint) of what keeps one complication from happening or from being noticed."""
    found = visit.complications[item]
    if found.probability == 0.0:
        yield "warning", ".probability", f"{found.kind} never happens: its probability is 0", "leave it out"
    if place == 0 and found.kind not in ("open-contact", "short"):
        yield (
            "error",
            ".kind",
            f"{found.kind} before the first visit: no lead is in place yet",
            "move it to a later visit",
        )
    if found.kind == "positional-jolts" and ("supine" not in visit.postures or set(visit.postures) <= set(_LYING)):
        hint = "let the visit have supine and an upright posture"
        yield "error", ".kind", "positional jolts can only be found where one can lie and sit or stand", hint
    if found.kind in ("open-contact", "short") and found.contact:
        counts = [lead_type_of(lead).contact_count for lead in case.kit.lead_types]
        if found.contact > min(counts):
            hint = "contact = 0 takes one that is in use"
            yield (
                "error" if found.contact > max(counts) else "warning",
                ".contact",
                f"contact {found.contact} is not on every lead of the kit",
                hint,
            )
    if found.kind == "rib-stimulation" and all(level.startswith("C") for level in case.kit.tip_levels):
        yield "error", ".kind", "there are no ribs at the neck; the kit's tips stay there", "use migration"
    moves = [max(abs(end) for end in bounds(value)) for value in (found.rostral_mm, found.right_mm)]
    if found.kind == "migration" and moves[0] < _LEAST_MOVE_MM[0] and moves[1] < _LEAST_MOVE_MM[1]:
        hint = "contacts lie some 4 to 9 mm apart"
        yield "warning", ".rostral_mm", f"a lead that moves {max(moves):g} mm is hardly felt", hint
    if found.kind == "infection" and case.unsuitable is None and place + 1 < len(case.visits):
        yield "warning", ".kind", "the case goes on after an infection; there the right answer is to end it", ""


def _evidence(case: TrainingCase) -> Iterator[Finding]:
    if case.unsuitable is None:
        return
    if "history" in case.unsuitable.evidence and not case.history:
        yield Finding(
            "error", "unsuitable.evidence", "history is named as evidence, but the history is empty", "history",
            "documents that say something", "write [[history]] rows, or name another document",
        )  # fmt: skip
    stems = _TELLING[case.unsuitable.reason]
    shown = {"id": case.id, "title": case.title, "complaint": case.complaint}
    shown |= {f"goals[{place}]": goal for place, goal in enumerate(case.goals)}
    for path, text in shown.items():
        told = [stem for stem in (*stems, *_STOPPING) if stem in text.lower()]
        if told:
            yield Finding(
                "warning", path, f"{told[0]!r} gives the answer away to everybody",
                text, hint="goals and title are shown when a session begins",
            )  # fmt: skip


def _secrets(case: TrainingCase) -> Iterator[Finding]:
    """What is hidden must not stand where the trainee reads: keys, lengths within hidden bounds, troubles to come."""
    hidden = _lengths_mm(case.hiding)
    for path, text in _texts(case):
        keys = [name for name in (*DRAWN_NUMBERS, "band_log_sd") if "_" in name and name in text]
        if keys:
            yield Finding("error", path, f"names {keys[0]}, which is hidden", hint="describe, as a report would")
        for sentence in re.split(r"(?<=[.;:])\s", text):
            for value in _LENGTH.findall(sentence):
                if any(low <= float(value) <= high and stem in sentence.lower() for stem, low, high in hidden):
                    yield Finding(
                        "error", path, f"gives {value} mm away, which is hidden", f"{value} mm",
                        "words, or no length at all", "write: thin, narrow, off the midline",
                    )  # fmt: skip
    for path, text in (("referral", case.referral), ("title", case.title), ("complaint", case.complaint)):
        told = [stem for stem in _TROUBLE_WORDS if stem in text.lower()]
        if told and any(visit.complications for visit in case.visits):
            yield Finding("warning", path, f"{told[0]!r} tells of a complication before it happens")


def _lengths_mm(hiding: Hiding) -> list[tuple[str, float, float]]:
    """Return (word beside which it would tell, low, high) of each hidden length."""

    def some(word: str, value: Drawn) -> tuple[str, float, float]:
        low, high = bounds(value)
        return word, low, high

    found = [some("fluid", row.dorsal_csf_mm) for row in hiding.levels_csf]
    found += [some("csf", row.dorsal_csf_mm) for row in hiding.levels_csf]
    found += [some("scar", scar.thickness_mm) for scar in hiding.scars]
    offset_mm = max(abs(end) for end in bounds(hiding.cord_offset_mm))
    return found + ([("midline", 0.1, offset_mm)] if offset_mm else [])


def _privacy(case: TrainingCase) -> Iterator[Finding]:
    for path, text in _texts(case):
        for pattern, what in ((_NAMED, "a person's name"), (_DATED, "a date or year of birth")):
            found = pattern.search(text)
            if found:
                yield Finding(
                    "error", path, f"looks like {what}: {found[0]!r}", found[0], "no names, no dates",
                    "write: this 52-year-old; 3 years ago",
                )  # fmt: skip


def _texts(case: TrainingCase) -> Iterator[tuple[str, str]]:
    yield from (("title", case.title), ("referral", case.referral), ("complaint", case.complaint))
    yield "imaging", case.imaging
    for place, row in enumerate(case.history):
        yield f"history[{place}]", f"{row.when}: {row.outcome}"
    for place, goal in enumerate(case.goals):
        yield f"goals[{place}]", goal
    for place, visit in enumerate(case.visits):
        yield f"visits[{place}].words", visit.words
        for item, found in enumerate(visit.complications):
            yield f"visits[{place}].complications[{item}].complaint", found.complaint


def _draws(case: TrainingCase) -> Iterator[Finding]:
    """Whoever is drawn must be somebody that can be simulated, wherever a lead may lie."""
    said: set[str] = set()
    postures = dict.fromkeys(name for visit in case.visits for name in visit.postures)
    places = list(product(case.kit.tip_levels, case.kit.lead_types, postures))
    for seed in range(DRAWS):
        try:
            hidden = draw(case, seed)
            for level, lead, posture in places[seed % len(places) :: DRAWS]:
                placed = TrueLead(1, lead, anatomy.vertebra_mid_z_mm(level), 0.0, 0.0)
                contact_plans(true_case(case, hidden, Truth(leads=(placed,)), posture, Program("1.1- 1.2+")))
        except InvalidValueError as error:
            if len(said) < _TOLD and str(error) not in said:
                said.add(str(error))
                yield Finding("error", "hiding", f"with seed {seed} no patient can be made: {error}")
    hiding = case.hiding
    if hiding == Hiding() and case.unsuitable is None:
        yield Finding(
            "warning", "hiding", "nothing is hidden; every session of this case is the same, and usual", "",
            hint="cord_offset_mm = [-1.0, 1.0] and gain = [0.9, 1.2] are a beginning",
        )  # fmt: skip


def _words(case: TrainingCase) -> Iterator[Finding]:
    if not case.debrief.points:
        yield Finding("warning", "debrief.points", "there is nothing to discuss; add one or more points")
    if not case.history:
        yield Finding("warning", "history", "no earlier treatment is told; hardly anybody comes without one")


_CHECKS: tuple[tuple[Callable[[TrainingCase], Iterator[Finding]], frozenset[str]], ...] = (
    (_pain, frozenset({"pain", "kit"})),
    (_levels, frozenset({"kit"})),
    (_entries, frozenset({"kit", "known", "imaging", "history"})),
    (_visits, frozenset({"visits"})),
    (_complications, frozenset({"visits", "kit"})),
    (_evidence, frozenset({"unsuitable", "history", "title", "goals", "complaint"})),
    (_secrets, frozenset({"hiding", "referral", "imaging", "title", "complaint"})),
    (_privacy, frozenset({"referral", "imaging", "title", "complaint"})),
    (_draws, frozenset({"hiding", "known", "kit", "visits"})),
    (_words, frozenset({"debrief"})),
)
