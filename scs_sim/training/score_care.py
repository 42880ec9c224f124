"""Items of the rubric on how it was done towards the patient: safety, and the economy of steps, time and charge."""

from __future__ import annotations

from collections.abc import Mapping

from scs_sim import limits
from scs_sim.training.evidence import Evidence, Found, named
from scs_sim.training.rubric import RubricItem
from scs_sim.training.score_outcome import Judge

_NOTHING_DONE = "Counts as far as coverage was reached and visits attended: who does nothing does nothing wrong."


def _slips(seen: Evidence, *kinds: str) -> tuple[int, ...]:
    return tuple(slip.serial for slip in seen.last.slips if slip.kind in kinds)


def _earned(seen: Evidence, share: float, why: list[str], serials: tuple[int, ...] = ()) -> Found:
    if seen.earned < 1.0:
        why = [*why, f"{_NOTHING_DONE} Here {100 * seen.earned:.0f} % counts."]
    return Found(max(share, 0.0) * seen.earned, tuple(why), tuple(sorted(set(serials))))


def _ramps(seen: Evidence, item: RubricItem) -> Found | None:
    found = _slips(seen, "amplitude-jump")
    why = f"Jumps in amplitude: {named(found)}." if found else "No jump in amplitude."
    return _earned(seen, 1.0 - len(found) / item.numbers["slips_count"], [why], found)


def _current_off(seen: Evidence, item: RubricItem) -> Found | None:
    found = _slips(seen, "polarity-above-zero", "moved-under-current", "repaired-under-current")
    words = {slip.serial: slip.kind.replace("-", " ") for slip in seen.last.slips if slip.serial in found}
    why = [f"{named([serial])}: {word}.".capitalize() for serial, word in list(words.items())[:3]]
    return _earned(
        seen,
        1.0 - len(found) / item.numbers["slips_count"],
        why or ["Contacts, leads and connectors were changed at 0 mA only."],
        found,
    )


def _discomfort(seen: Evidence, item: RubricItem) -> Found | None:
    """Judge how often it hurt beyond what finding thresholds takes, and whether it was turned down at once."""
    hurt = _slips(seen, "beyond-discomfort", "twitch")
    counted: list[int] = []
    for visit in seen.visits:
        own = sorted({event.serial for event in visit.events} & set(hurt))
        counted += own[int(item.numbers["free_count"]) :]
    left = _left_on(seen)
    cost = (len(counted) + item.numbers["left_weight"] * len(left)) / item.numbers["slips_count"]
    why = [f"It hurt or twitched in {len(set(hurt))} events; {len(counted)} more than finding thresholds takes."]
    if left:
        why.append(f"Not turned down at once after {named(left)}.")
    return _earned(seen, 1.0 - cost, why, (*counted, *left))


def _left_on(seen: Evidence) -> list[int]:
    """Return the events after which it still hurt while something else than turning it down was done."""
    found = []
    for event, following in zip(seen.events, seen.events[1:], strict=False):
        data = event.outcome.data
        if data.get("uncomfortable_from_ma") is None and not data.get("uncomfortable"):
            continue
        at_ma = float(data["amplitude_ma"]) if "amplitude_ma" in data else None
        down = following.action.name == "amplitude" and (at_ma is None or following.action.number("to_ma") < at_ma)
        if not down and following.action.name not in ("note", "program", "load", "finish", "next-visit"):
            found.append(event.serial)
    return found


def _home(seen: Evidence, item: RubricItem) -> Found | None:
    if not seen.uses:
        return Found(0.0, ("No program was saved.",))
    high = limits.safety_limits().charge_density_uc_per_cm2
    why, fine = [], 0
    for use in seen.uses:
        if use.set_ma >= use.percept.dt_ma or use.set_ma >= use.percept.twitch_ma:
            least_ma = min(use.percept.dt_ma, use.percept.twitch_ma)
            why.append(f"{use.posture}: {use.set_ma:.2g} mA as saved is above {least_ma:.2g} mA, where it hurts.")
        elif use.charge_density_uc_per_cm2 > high:
            why.append(f"{use.posture}: {use.charge_density_uc_per_cm2:.0f} uC/cm2 is above the limit of {high:g}.")
        else:
            fine += 1
    serials = tuple(use.serial for use in seen.uses)
    return _earned(
        seen, fine / len(seen.uses), why or ["Below discomfort and charge limits in every posture."], serials
    )


def _falling(value: float, low: float, high: float) -> float:
    """Return 1 up to low, 0 from high on, straight between."""
    return min(max((high - value) / (high - low), 0.0), 1.0)


def _steps(seen: Evidence, item: RubricItem) -> Found | None:
    count = len(seen.events)
    low, high = item.numbers["low_count"], item.numbers["high_count"]
    return _earned(seen, _falling(count, low, high), [f"{count} actions; up to {low:.0f} count in full."])


def _time(seen: Evidence, item: RubricItem) -> Found | None:
    low, high = item.numbers["low_s"], item.numbers["high_s"]
    hours = seen.last.clock_s / 3600.0
    why = f"{hours:.1f} simulated hours; up to {low / 3600.0:.0f} count in full."
    return _earned(seen, _falling(seen.last.clock_s, low, high), [why])


def _charge(seen: Evidence, item: RubricItem) -> Found | None:
    if seen.reference is None:
        return None
    own = [use.average_current_ua for use in seen.uses if use.used_ma > 0.0]
    if not own:
        return Found(0.0, ("Nothing is felt at home.",))
    mean, usual = sum(own) / len(own), seen.reference.figures["average_current_ua"]
    why = f"{mean:.0f} uA of mean current; {usual:.0f} uA in the reference."
    return _earned(seen, min(usual / mean, 1.0), [why])


CARE: Mapping[str, Judge] = {
    "ramps": _ramps,
    "current-off": _current_off,
    "discomfort": _discomfort,
    "home": _home,
    "steps": _steps,
    "time": _time,
    "charge": _charge,
}
