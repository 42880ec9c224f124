"""Home: what the patient has lived through since the last visit, from the programs that were taken home.

Skipped steps show here: leads that were not anchored have slipped, without a limit the patient turned it right up, a
program that was only tried sitting jolts lying down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.values import BoolArray
from scs_sim.limit_profiles import profile
from scs_sim.program import Program
from scs_sim.training import speech
from scs_sim.training.body import HOME_POSTURES, Percept, covered_percent
from scs_sim.training.situation import SavedProgram, Situation
from scs_sim.training.truth import Truth

COMPLAINTS = (
    "fever",
    "pain-back",
    "overturned",
    "gone",
    "wandered",
    "band",
    "jolts",
    "faint",
    "good",
    "nothing-to-try",
)
"""What a patient may come back with; they are what is said, not what is behind it."""
_OF_KIND = {
    "migration": "wandered",
    "open-contact": "gone",
    "short": "wandered",
    "rib-stimulation": "band",
    "positional-jolts": "jolts",
    "tolerance": "pain-back",
    "infection": "fever",
}
_TOPIC = {
    "fever": "home_fever",
    "pain-back": "home_tolerance",
    "overturned": "home_limit",
    "gone": "home_gone",
    "wandered": "home_less",
    "band": "home_band",
    "jolts": "home_jolt",
    "faint": "home_weak",
    "good": "home_good",
    "nothing-to-try": "home_nothing",
}
_LOST_POINTS = 20.0
_OVERTURNED = 1.3
_BAND_PARTS = ("chest", "abdomen", "flank", "groin", "middle_back")
_NAMED = 2

Model = Callable[[Truth, str, Program], Percept]
"""What a program does in a posture, when this is true: (truth, posture, program) -> Percept."""


@dataclass(frozen=True, slots=True)
class _Use:
    """The program in daily use: what it did when it was saved, what it does now sitting, lying, standing."""

    saved: dict[str, SavedProgram]
    before: Percept
    then_ma: float
    now: dict[str, Percept]
    top_ma: float

    def amplitude_ma(self, posture: str) -> float:
        """Return what the patient sets in a posture: the program for it if there is one, else the last one saved."""
        own = [item for item in self.saved.values() if item.posture == posture]
        chosen = max(own or self.saved.values(), key=lambda item: item.serial)
        return min(float(chosen.program.amplitude_ma or 0.0), self.top_ma)


def complaints(model: Model, before: Situation, then: Truth, now: Truth) -> tuple[tuple[str, ...], str]:
    """Return what the patient complains of (of COMPLAINTS, the worst first), and where it is felt now, in words.

    before: the situation in which the patient went home; then, now: what was true then and is now.
    """
    found = ["fever"] if now.fever else []
    if not before.saved or not now.leads:
        return (*found, "nothing-to-try"), ""
    use = _use(model, before, then, now)
    found += ["pain-back"] if now.relief_lost else []
    found += [name for name in _felt_amiss(use, now, before) if name not in found]
    return tuple(found) or ("good",), _where(use, "band" in found)


def in_words(found: tuple[str, ...], where: str, truth: Truth, roll: np.random.Generator, opening_words: str) -> str:
    """Return what the patient says on arrival: the visit's own words, then each complaint, as the case words it."""
    own = {_OF_KIND[item.given.kind]: item.given.complaint for item in truth.happened if item.given.complaint}
    said = [opening_words] if opening_words else []
    for name in found[:_NAMED]:
        said.append(own.pop(name, "") or speech.say(roll, _TOPIC[name], where=where or "nowhere I know"))
    return " ".join([*said, *own.values()])


def _use(model: Model, before: Situation, then: Truth, now: Truth) -> _Use:
    last = max(before.saved.values(), key=lambda item: item.serial)
    bare = _bare(last.program)
    top_ma = before.limit_ma
    generator_ma = profile(before.opening.kit.profile).amplitude_bands_ma[-1][1]
    programs = {
        posture: max(
            [item for item in before.saved.values() if item.posture == posture] or [last], key=lambda item: item.serial
        )
        for posture in HOME_POSTURES
    }
    return _Use(
        saved=dict(before.saved),
        before=model(then, last.posture, bare),
        then_ma=float(last.program.amplitude_ma or 0.0),
        now={posture: model(now, posture, _bare(item.program)) for posture, item in programs.items()},
        top_ma=generator_ma if top_ma is None else top_ma,
    )


def _bare(program: Program) -> Program:
    return Program(program.contacts, program.pulse_width_us, program.rate_hz, program.waveform)


def _used_ma(use: _Use, posture: str) -> float:
    """Return what is dialled in a posture: as saved, or turned up, as far as the limit allows, until it is felt."""
    percept, set_ma = use.now[posture], use.amplitude_ma(posture)
    if set_ma >= percept.pt_ma:
        return set_ma
    if not np.isfinite(percept.pt_ma):
        return min(use.top_ma, percept.reachable_ma)
    return min(percept.pt_ma + 0.5 * (percept.dt_ma - percept.pt_ma), use.top_ma, percept.reachable_ma)


def _where(use: _Use, band: bool) -> str:
    """Return where the last program is felt now, sitting, turned up until it is comfortable; "" for nowhere.

    band: of that only the trunk and groin, where a band is, if anything is felt there.
    """
    percept = use.now["sitting"]
    at_ma = _used_ma(use, "sitting")
    if not np.isfinite(percept.pt_ma) or at_ma < percept.pt_ma:
        return ""
    share, intensity = percept.felt(at_ma)
    felt = share * np.maximum(intensity, 1e-6)
    around = np.where(_trunk(), felt, 0.0)
    return speech.where_in_words(around if band and around.any() else felt, 2)[0]


def _trunk() -> BoolArray:
    """Return which regions a band may lie in, (regions,)."""
    return np.array([region.part.startswith(_BAND_PARTS) for region in load_body_map().regions])


def _felt_amiss(use: _Use, now: Truth, before: Situation) -> list[str]:
    """Return what is wrong with how it is felt, the worst first."""
    kinds = {item.given.kind for item in now.happened}
    found, sitting = [], use.now["sitting"]
    least_dt_ma = min(percept.dt_ma for percept in use.now.values())
    if min(use.top_ma, sitting.reachable_ma) > _OVERTURNED * least_dt_ma:
        found.append("overturned")
    used_ma = {posture: _used_ma(use, posture) for posture in use.now}
    if used_ma["sitting"] < sitting.pt_ma:
        return ["gone"]
    lost = covered_percent(use.before, use.then_ma) - covered_percent(sitting, used_ma["sitting"])
    if lost > _LOST_POINTS:
        found.insert(0, "wandered")
    if "rib-stimulation" in kinds or _band(sitting, used_ma["sitting"]):
        found.insert(0, "band")
    if _jolts(use, used_ma, turned_up="positional-jolts" in kinds):
        found.append("jolts")
    if used_ma["standing"] >= use.top_ma and use.top_ma < use.now["standing"].pt_ma:
        found.append("faint")
    return found


def _jolts(use: _Use, used_ma: dict[str, float], turned_up: bool) -> bool:
    """Return whether lying down is a jolt: with the supine program if there is one, else with the one in use."""
    supine, standing = use.now["supine"], use.now["standing"]
    has_own = any(item.posture == "supine" for item in use.saved.values())
    set_ma = use.amplitude_ma("supine")
    if turned_up and not has_own:
        set_ma = max(set_ma, min(standing.dt_ma, use.top_ma))
    return min(set_ma, supine.reachable_ma) > supine.dt_ma


def _band(percept: Percept, amplitude_ma: float) -> bool:
    """Return whether trunk or groin is felt as strongly as anything that hurts, though it does not hurt there."""
    share, intensity = percept.felt(amplitude_ma)
    felt, pain = share * intensity, percept.answers.pain
    unwanted = float(felt[_trunk() & ~pain.hurts].max(initial=0.0))
    return unwanted > max(float(felt[pain.hurts].max(initial=0.0)), 0.05)
