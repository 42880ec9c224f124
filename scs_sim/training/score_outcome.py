"""Items of the rubric on what came of it: coverage against the possible, unwanted paresthesia, the decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scs_models.percept.body_map import load_body_map
from scs_sim.training.evidence import Evidence, Found, named
from scs_sim.training.rubric import RubricItem, unseen_share

UNDECIDED = "Nothing was decided, for or against: reading alone helps nobody."
Judge = Callable[[Evidence, RubricItem], Found | None]
"""From the evidence and the item's numbers to what it comes to; None where it does not apply."""


def _title(region: str) -> str:
    return next(item.title for item in load_body_map().regions if item.id == region)


def _no_use(seen: Evidence) -> Found | None:
    """Return why there is nothing to judge, None where there is."""
    if seen.last.declined:
        return Found(0.0, (f"Declined for {seen.last.declined}, though this patient could have been helped to try.",))
    return None if seen.uses else Found(0.0, ("No program was saved: the patient went home with nothing.",))


def _worst(seen: Evidence, item: RubricItem) -> Found | None:
    if not seen.asked_of:
        return None
    if (none := _no_use(seen)) is not None:
        return none
    shares, why = [], []
    for use in seen.uses:
        reached = seen.reached(use)
        name = min(reached, key=lambda region: reached[region])
        shares.append(reached[name])
        why.append(
            f"{use.posture}, {use.name!r} at {use.used_ma:.2g} mA: least reached is {_title(name)}, felt in"
            f" {100 * use.felt[name]:.0f} % of it; {100 * seen.asked_of[name]:.0f} % is possible."
        )
    return Found(seen.mean_over_day(shares), (*why, *_luck(seen)), _saves(seen))


def _regions(seen: Evidence, item: RubricItem) -> Found | None:
    if not seen.asked_of:
        return None
    if (none := _no_use(seen)) is not None:
        return none
    shares = []
    for use in seen.uses:
        reached = seen.reached(use)
        shares.append(sum(reached.values()) / len(reached))
    lost = sorted({name for use in seen.uses for name, share in seen.reached(use).items() if share < 0.5})
    why = f"On average {100 * sum(shares) / len(shares):.0f} % of what is possible in each painful region."
    missed = [f"Less than half of the possible in: {', '.join(_title(name) for name in lost)}."] if lost else []
    return Found(seen.mean_over_day(shares), (why, *missed, *_luck(seen)), _saves(seen))


def _by_score(seen: Evidence, item: RubricItem) -> Found | None:
    if seen.reference is None:
        return None
    if (none := _no_use(seen)) is not None:
        return none
    possible = seen.reference.figures["pain_covered_by_score_percent"]
    why = tuple(
        f"{use.posture}: {use.covered_by_score_percent:.0f} % of the pain is covered; {possible:.0f} % is possible."
        for use in seen.uses
    )
    return Found(seen.reached_share, (*why, *_luck(seen)), _saves(seen))


def _unwanted(seen: Evidence, item: RubricItem) -> Found | None:
    if seen.reference is None:
        return None
    if (none := _no_use(seen)) is not None:
        return none
    least = min(seen.reference.figures["unwanted_of_felt_percent"], 99.0)
    shares = [min((100.0 - use.unwanted_of_felt_percent) / (100.0 - least), 1.0) for use in seen.uses]
    why = tuple(
        f"{use.posture}: {use.unwanted_of_felt_percent:.0f} % of what is felt lies outside the pain;"
        f" {least:.0f} % in the reference."
        for use in seen.uses
    )
    return Found(seen.earned * sum(shares) / len(shares), why, _saves(seen))


def _luck(seen: Evidence) -> tuple[str, ...]:
    """Say in which postures nobody looked."""
    if not seen.unseen:
        return ()
    return (f"Nobody looked {' or '.join(seen.unseen)}: what is reached there counts {100 * unseen_share():.0f} %.",)


def _saves(seen: Evidence) -> tuple[int, ...]:
    return tuple(sorted({use.serial for use in seen.uses}))


def read_before_needle(seen: Evidence) -> dict[str, int]:
    """Return the documents that were read before a lead was placed or the patient declined: {document: event}."""
    found: dict[str, int] = {}
    for event in seen.events:
        if event.action.name in ("place-lead", "decline"):
            break
        if event.action.name == "read":
            found.setdefault(event.action.text("item"), event.serial)
    return found


def decided(seen: Evidence) -> bool:
    """Return whether the trainee declined or brought a needle near: reading alone decides nothing."""
    return bool(seen.last.declined) or any(event.action.name == "place-lead" for event in seen.events)


def _evidence_share(seen: Evidence) -> tuple[float, str, tuple[int, ...]]:
    assert seen.case.unsuitable is not None
    asked, read = seen.case.unsuitable.evidence, read_before_needle(seen)
    had = [name for name in asked if name in read]
    missed = [name for name in asked if name not in read]
    serials = tuple(sorted(read[name] for name in had))
    why = f"Read in time: {', '.join(had)} ({named(serials)})." if had else "None of the evidence was read in time."
    return len(had) / len(asked), why + (f" Not read: {', '.join(missed)}." if missed else ""), serials


def _evidence(seen: Evidence, item: RubricItem) -> Found | None:
    share, why, serials = _evidence_share(seen)
    if not decided(seen):
        return Found(0.0, (UNDECIDED,))
    return Found(share, (why,), serials)


def _stopped(seen: Evidence, item: RubricItem) -> Found | None:
    share, _, _ = _evidence_share(seen)
    if not seen.last.declined:
        return Found(0.0, ("The trial was not declined.",))
    serial = seen.events[-1].serial
    guessed = "" if share else " It was a guess: the evidence had not been read."
    return Found(share, (f"Declined in event {serial}.{guessed}",), (serial,))


def _reason(seen: Evidence, item: RubricItem) -> Found | None:
    assert seen.case.unsuitable is not None
    share, _, _ = _evidence_share(seen)
    if not seen.last.declined:
        return Found(0.0, ("The trial was not declined.",))
    serial, right = seen.events[-1].serial, seen.last.declined == seen.case.unsuitable.reason
    why = f"Event {serial}: declined for {seen.last.declined}" + (
        "." if right else f"; it is {seen.case.unsuitable.reason}."
    )
    return Found(share if right else 0.0, (why,), (serial,))


def _unharmed(seen: Evidence, item: RubricItem) -> Found | None:
    needles = tuple(event.serial for event in seen.events if event.action.name == "place-lead")
    if needles:
        return Found(0.0, (f"A needle was put in: {named(needles)}.",), needles)
    if not seen.last.declined:
        return Found(0.0, ("Nothing was put in, but nothing was decided either.",))
    share, _, _ = _evidence_share(seen)
    return Found(share, ("No needle was put in.",))


OUTCOME: Mapping[str, Judge] = {
    "coverage-worst": _worst,
    "coverage-regions": _regions,
    "coverage-by-score": _by_score,
    "unwanted": _unwanted,
    "evidence": _evidence,
    "stopped": _stopped,
    "reason": _reason,
    "unharmed": _unharmed,
}
