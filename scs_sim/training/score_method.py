"""Items of the rubric on method: read, measured, noted, checked, anchored, limited, recognised."""

from __future__ import annotations

from collections.abc import Mapping

from scs_models.leads import lead as lead_type_of
from scs_sim.training.actions import NOTES
from scs_sim.training.body import HOME_POSTURES
from scs_sim.training.case import CAUSES_OF, DOCUMENTS
from scs_sim.training.evidence import Evidence, Found, NoteTruth, VisitSeen
from scs_sim.training.rubric import RubricItem
from scs_sim.training.score_outcome import UNDECIDED, Judge, decided, read_before_needle

_LOOKED: Mapping[str, tuple[str, ...]] = {
    "migration": ("xray",),
    "root": ("xray",),
    "open-contact": ("impedance",),
    "short": ("impedance",),
    "posture": ("posture",),
    "tolerance": ("xray", "impedance"),
    "infection": (),
    "none": (),
}
"""What one has to have done at a visit, one of these, before a cause is more than a guess."""
_OF_POSTURE = {"jolts", "faint"}


def _documents(seen: Evidence, item: RubricItem) -> Found | None:
    read = read_before_needle(seen)
    if not decided(seen):
        return Found(0.0, (UNDECIDED,))
    missed = [name for name in DOCUMENTS if name not in read]
    why = f"Not read before the needle: {', '.join(missed)}." if missed else "All four were read before the needle."
    return Found(len(read) / len(DOCUMENTS), (why,), tuple(sorted(read.values())))


def _impedance(seen: Evidence, item: RubricItem) -> Found | None:
    good, why, serials = 0, [], []
    for visit in seen.visits:
        measured = next((event.serial for event in visit.events if event.action.name == "impedance"), None)
        ramped = next(
            (event.serial for event in visit.events if event.action.name == "amplitude" and _rises(event.outcome.data)),
            None,
        )
        if measured is not None and (ramped is None or measured < ramped):
            good += 1
            serials.append(measured)
        else:
            why.append(
                f"Visit {visit.name}: "
                + ("not attended." if visit.left is None else "not measured before stimulation.")
            )
    return Found(good / len(seen.visits), tuple(why) or ("Measured first at every visit.",), tuple(serials))


def _rises(data: Mapping[str, object]) -> bool:
    return float(str(data["reached_ma"])) > float(str(data["from_ma"]))


def _thresholds(seen: Evidence, item: RubricItem) -> Found | None:
    """Judge the notes on programs that went home: each kind by the mean over its notes, so that many guesses lose."""
    sent = {saved.program.contacts for saved in seen.last.saved.values()}
    own = [found for found in seen.notes if found.note.contacts in sent]
    total, why = 0.0, []
    for kind in NOTES:
        marks = [_near(found, item) for found in own if found.note.threshold == kind]
        if not marks:
            why.append(f"{kind}: not noted for a program that was saved.")
            continue
        total += sum(marks) / len(marks)
        good = sum(mark >= 0.5 for mark in marks)
        why.append(f"{kind}: {good} of {len(marks)} notes near the true value.")
    return Found(total / len(NOTES), tuple(why), tuple(sorted({found.note.serial for found in own})))


def _near(found: NoteTruth, item: RubricItem) -> float:
    """Return how near a note is to the truth, 0-1."""
    value_ma, numbers = found.note.value_ma, item.numbers
    if found.note.threshold == "comfort":
        width_ma = found.dt_ma - found.pt_ma
        low_ma = found.pt_ma + numbers["comfort_low_share"] * width_ma
        high_ma = found.pt_ma + numbers["comfort_high_share"] * width_ma
        if low_ma <= value_ma <= high_ma:
            return 1.0
        true_ma = low_ma if value_ma < low_ma else high_ma
    else:
        true_ma = found.pt_ma if found.note.threshold == "pt" else found.dt_ma
    if not 0.0 < true_ma < float("inf"):
        return 0.0
    off, near, far = abs(value_ma / true_ma - 1.0), numbers["near_share"], numbers["far_share"]
    return min(max((far - off) / (far - near), 0.0), 1.0)


def _postures(seen: Evidence, item: RubricItem) -> Found | None:
    """Judge at the visits where more than one posture of daily life can be taken."""
    shares, why = [], []
    for visit in seen.visits:
        asked = [posture for posture in HOME_POSTURES if posture in seen.case.visits[visit.number].postures]
        if len(asked) < 2:
            continue
        checked = () if visit.left is None else visit.left.checked_postures
        missed = [posture for posture in asked if posture not in checked]
        shares.append(1.0 - len(missed) / len(asked))
        if missed:
            why.append(f"Visit {visit.name}: not looked at {', '.join(missed)}.")
    if not shares:
        return None
    return Found(sum(shares) / len(shares), tuple(why) or ("Looked at in every posture at every visit.",))


def _reserve(seen: Evidence, item: RubricItem) -> Found | None:
    if not seen.uses:
        return Found(0.0, ("No program was saved.",))
    counts = {lead.number: lead_type_of(lead.lead_type).contact_count for lead in seen.last.leads}
    marks, ends = [], []
    for use in {use.name: use for use in seen.uses}.values():
        for share in use.program.shares:
            if share.sign < 0 and share.lead:
                inside = 1 < share.contact < counts[share.lead]
                marks.append(inside)
                ends += [] if inside else [f"{share.name} of {use.name!r}"]
    why = f"A cathode at the end of the array: {', '.join(ends)}." if ends else "No cathode is at the end of an array."
    free = sum(marks) / len(marks) if marks else 0.0
    return Found(free * seen.earned, (why,), tuple(sorted({use.serial for use in seen.uses})))


def _anchored(seen: Evidence, item: RubricItem) -> Found | None:
    left = next(visit.left for visit in seen.visits[::-1] if visit.left and visit.left.open_visit.place == "table")
    serial = next((event.serial for event in seen.events[::-1] if event.action.name == "anchor"), None)
    if not left.anchored or not left.leads:
        return Found(0.0, ("The leads were not anchored.",))
    image = left.reference is not None
    why = "Anchored, with a reference image." if image else "Anchored, but no image was stored for comparison."
    return Found(1.0 if image else 1.0 - item.numbers["image_share"], (why,), () if serial is None else (serial,))


def _limit(seen: Evidence, item: RubricItem) -> Found | None:
    if not seen.uses:
        return Found(0.0, ("No program was saved.",))
    limit_ma = seen.last.limit_ma
    if limit_ma is None:
        return Found(0.0, ("No limit was set: the patient can turn it up as far as the generator goes.",))
    dts_ma = [use.percept.dt_ma for use in seen.uses]
    used_ma = max(use.used_ma for use in seen.uses)
    low_ma, high_ma = min(used_ma, min(dts_ma)), max(used_ma, min(dts_ma))
    over = limit_ma / high_ma - 1.0 if high_ma > 0.0 else 1.0
    under = 1.0 - limit_ma / low_ma if low_ma > 0.0 else 1.0
    share = min(max(1.0 - max(over, under, 0.0) / item.numbers["far_share"], 0.0), 1.0)
    serial = next((event.serial for event in seen.events[::-1] if event.action.name == "limit"), None)
    why = f"Limit {limit_ma:g} mA; in use are up to {used_ma:.2g} mA, discomfort begins at {min(dts_ma):.2g} mA."
    return Found(share * seen.earned, (why,), () if serial is None else (serial,))


def _complications(seen: Evidence, item: RubricItem) -> Found | None:
    """Judge each visit before which something happened, and each at which something was made up."""
    marks, why, serials = [], [], []
    for visit in seen.visits:
        mark, words, serial = _recognised(visit, item, seen)
        if mark is not None:
            marks.append(mark)
            why.append(f"Visit {visit.name}: {words}")
        serials += [] if serial is None else [serial]
    return Found(sum(marks) / len(marks), tuple(why), tuple(serials)) if marks else None


def _recognised(visit: VisitSeen, item: RubricItem, seen: Evidence) -> tuple[float | None, str, int | None]:
    kinds = tuple(dict.fromkeys(found.given.kind for found in visit.truth.happened))
    causes: dict[str, float] = {}
    for kind in kinds:
        for place, cause in enumerate(CAUSES_OF[kind]):
            causes[cause] = max(causes.get(cause, 0.0), 1.0 if place == 0 else item.numbers["second_share"])
    if visit.truth.slipped:
        causes.setdefault("migration", 1.0)
    own = next((one for one in seen.last.conclusions if one.visit == visit.number), None)
    if own is not None and own.cause == "posture" and _OF_POSTURE & set(_complaints(visit)):
        causes.setdefault("posture", 1.0)
    if not kinds and (own is None or own.cause == "none" or own.cause in causes):
        return None, "", None
    happened = ", ".join(kind.replace("-", " ") for kind in kinds) or "nothing"
    if own is None:
        return 0.0, f"{happened} had happened; nothing was concluded.", None
    mark = causes.get(own.cause, 0.0)
    words = f"{happened} had happened; concluded {own.cause} in event {own.serial}"
    looks = _LOOKED[own.cause]
    looked = [event for event in visit.events if event.action.name in looks and event.serial < own.serial]
    if mark and looks and not looked:
        mark *= item.numbers["guessed_share"]
        return mark, f"{words}, without having looked ({' or '.join(looks)}).", own.serial
    return mark, f"{words}{'.' if mark else ', which is wrong.'}", own.serial


def _complaints(visit: VisitSeen) -> tuple[str, ...]:
    """Return what the patient came back with; jolts of a program that was tried in one posture are nobody else's."""
    first = next((event for event in visit.events if event.action.name == "next-visit"), None)
    return () if first is None else tuple(first.outcome.data["complaints"])


METHOD: Mapping[str, Judge] = {
    "documents": _documents,
    "impedance": _impedance,
    "thresholds": _thresholds,
    "postures": _postures,
    "reserve": _reserve,
    "anchored": _anchored,
    "limit": _limit,
    "complications": _complications,
}
