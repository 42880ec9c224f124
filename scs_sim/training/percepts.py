"""Percepts: what the patient notices and says of stimulation; noise, habituation, attention and mood bend it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.values import FloatArray
from scs_sim.training import speech
from scs_sim.training.body import Percept
from scs_sim.training.case import Manner
from scs_sim.training.events import TrainingEvent
from scs_sim.training.tables import answer_rules, room_rules

_LEAST_RANGE = 1.02
_ALMOST_MA = 1e-9


@dataclass(frozen=True, slots=True)
class Stamina:
    """How much of the attention is spent at this visit (1: all of a usual patient's), and when ramps were felt."""

    spent: float = 0.0
    felt_at_s: tuple[float, ...] = ()

    def after(self, event: TrainingEvent, attention_cost: float, clock_s: float) -> Stamina:
        """Return it after one more event, which ended at `clock_s`."""
        if event.action.name == "next-visit":
            return Stamina()
        rose = event.action.name == "amplitude" and float(event.outcome.data["reached_ma"]) > float(
            event.outcome.data["from_ma"]
        )
        felt = rose and event.outcome.data["strength"]
        return Stamina(self.spent + attention_cost, (*self.felt_at_s, clock_s) if felt else self.felt_at_s)


@dataclass(frozen=True, slots=True)
class Ear:
    """How this patient answers now: a factor on every spread, one on thresholds for habituation, and whether tired."""

    noise: float
    habituation: float
    tired: bool
    mood: str


def ear_of(manner: Manner, stamina: Stamina, clock_s: float) -> Ear:
    """Return how a patient of this manner answers at `clock_s` of simulated time."""
    rules = answer_rules()
    spent = min(stamina.spent / manner.attention, 1.0)
    fresh = sum(math.exp(-(clock_s - at_s) / rules.recovery_s) for at_s in stamina.felt_at_s)
    lift = min(rules.habituation_per_ramp * fresh, rules.habituation_greatest)
    return Ear(
        noise=manner.noise * rules.noise_of[manner.mood] * (1.0 + (rules.noise_when_spent - 1.0) * spent),
        habituation=1.0 + manner.habituation * lift,
        tired=spent > 1.0 - rules.tired_below,
        mood=manner.mood,
    )


@dataclass(frozen=True, slots=True)
class Feeling:
    """What the patient feels of one program at this moment: thresholds as they are today, in this mood (mA)."""

    percept: Percept
    ear: Ear
    pt_ma: float
    dt_ma: float

    def strength(self, amplitude_ma: float, roll: np.random.Generator) -> int:
        """Return how strong it is, 0-10, in whole points; 0 where nothing is felt."""
        at_ma, rules = min(amplitude_ma, self.percept.reachable_ma), answer_rules()
        error = rules.strength_sd_points * self.ear.noise * float(roll.normal())
        if at_ma < self.pt_ma - _ALMOST_MA:
            return 0
        share = (at_ma - self.pt_ma) / (self.dt_ma - self.pt_ma)
        points = rules.at_pt_points + share * (rules.at_dt_points - rules.at_pt_points) + error
        return int(np.clip(round(points), 1, 10))

    def weights(self, amplitude_ma: float, roll: np.random.Generator) -> FloatArray:
        """Return how strongly (regions,) each region stands out, 0 where the patient would not name it."""
        rules = answer_rules()
        share, intensity = self.percept.felt(max(amplitude_ma, self.percept.pt_ma * (1.0 + 1e-6)))
        doubt = np.exp(rules.region_log_sd * self.ear.noise * roll.normal(size=share.shape))
        shown = share * doubt >= rules.felt_share
        if not shown.any():
            shown = share >= max(0.5 * float(share.max()), 1e-9)
        return np.asarray(np.where(shown, share * np.maximum(intensity, 1e-6), 0.0), dtype=np.float64)

    def where(self, amplitude_ma: float, roll: np.random.Generator) -> tuple[str, tuple[str, ...]]:
        """Return where it is felt in words, and the regions that these words name."""
        rules = answer_rules()
        count = rules.tired_named_count if self.ear.tired else rules.named_count
        return speech.where_in_words(self.weights(amplitude_ma, roll), count)


def feeling(percept: Percept, ear: Ear, roll: np.random.Generator) -> Feeling:
    """Return what the patient feels of a program now; without noise and habituation, the model's own thresholds."""
    spread = answer_rules().threshold_log_sd * ear.noise
    pt_error, dt_error = np.exp(spread * roll.normal(size=2))
    pt_ma = percept.pt_ma * ear.habituation * float(pt_error)
    dt_ma = max(percept.dt_ma * ear.habituation * float(dt_error), pt_ma * _LEAST_RANGE)
    return Feeling(percept, ear, pt_ma, dt_ma)


def ramp(
    now: Feeling, roll: np.random.Generator, like: str, from_ma: float, to_ma: float, step_ma: float
) -> tuple[dict[str, Any], str]:
    """Return what comes of a ramp, as data and in the patient's words; it ends where the patient cries stop."""
    data = _ramp_data(from_ma, to_ma, step_ma)
    said: list[str] = []
    if to_ma > from_ma:
        _rise(now, roll, like, data, said)
    at_ma = float(data["reached_ma"])
    points = now.strength(at_ma, roll)
    if data["uncomfortable_from_ma"] is not None:
        points = max(points, int(answer_rules().unpleasant_points))
    data["strength"] = points
    if not said:
        said.append(_how(now, roll, from_ma, at_ma, points))
    said += _aside(now.ear, roll)
    return data, " ".join(said)


def nothing_to_ramp(
    roll: np.random.Generator, from_ma: float, to_ma: float, step_ma: float
) -> tuple[dict[str, Any], str]:
    """Return what comes of a ramp from 0 mA to 0 mA."""
    data = _ramp_data(from_ma, to_ma, step_ma)
    return data | {"strength": 0}, speech.say(roll, "nothing_yet")


def steps_of(from_ma: float, to_ma: float, step_ma: float) -> list[float]:
    """Return the amplitudes (mA) of a ramp after `from_ma`, the last one `to_ma`."""
    count = max(math.ceil(abs(to_ma - from_ma) / step_ma - 1e-6), 0)
    sign = 1.0 if to_ma > from_ma else -1.0
    return [round(from_ma + sign * step_ma * place, 6) for place in range(1, count)] + ([to_ma] if count else [])


def _ramp_data(from_ma: float, to_ma: float, step_ma: float) -> dict[str, Any]:
    return {
        "from_ma": from_ma,
        "to_ma": to_ma,
        "step_ma": step_ma,
        "reached_ma": to_ma,
        "amplitude_ma": to_ma,
        "stopped": False,
        "felt_from_ma": None,
        "felt_where": [],
        "uncomfortable_from_ma": None,
        "twitch_from_ma": None,
        "twitch_where": "",
    }


def _rise(now: Feeling, roll: np.random.Generator, like: str, data: dict[str, Any], said: list[str]) -> None:
    """Fill in what is noticed on the way up."""
    before_ma, jump_ma = float(data["from_ma"]), room_rules().jump_ma
    felt_before = min(before_ma, now.percept.reachable_ma) >= now.pt_ma - _ALMOST_MA
    for at_ma in steps_of(before_ma, float(data["to_ma"]), float(data["step_ma"])):
        flows_ma = min(at_ma, now.percept.reachable_ma)
        jumped = at_ma - before_ma > jump_ma + _ALMOST_MA
        if not felt_before and data["felt_from_ma"] is None and flows_ma >= now.pt_ma - _ALMOST_MA:
            data["felt_from_ma"] = at_ma
            words, regions = now.where(flows_ma, roll)
            data["felt_where"] = list(regions)
            said.append(speech.say(roll, "first", where=words or "somewhere", like=like))
        twitches = flows_ma >= now.percept.twitch_ma - _ALMOST_MA
        if twitches:
            muscle = speech.muscle_in_words(now.percept.twitch_origin)
            data["twitch_from_ma"], data["twitch_where"] = at_ma, muscle
            said.append(speech.say(roll, "twitch", muscle=muscle))
        hurts = flows_ma >= now.dt_ma * (answer_rules().startle_factor if jumped else 1.0) - _ALMOST_MA
        if hurts:
            data["uncomfortable_from_ma"] = at_ma
            said.append(speech.say(roll, "startled" if jumped else "stop"))
        if twitches or hurts:
            data["reached_ma"] = data["amplitude_ma"] = at_ma
            data["stopped"] = True
            return
        before_ma = at_ma


def _how(now: Feeling, roll: np.random.Generator, from_ma: float, at_ma: float, points: int) -> str:
    words = speech.points_in_words(points)
    if points == 0:
        was_felt = min(from_ma, now.percept.reachable_ma) >= now.pt_ma - _ALMOST_MA
        return speech.say(roll, "gone" if was_felt else "nothing_yet")
    return speech.say(roll, "stronger" if at_ma > from_ma else "weaker", points=words)


def answer(
    about: str, now: Feeling | None, roll: np.random.Generator, like: str, amplitude_ma: float
) -> tuple[dict[str, Any], str]:
    """Return the answer to a question, as data and in words; `now` None: nothing is switched on."""
    points = 0 if now is None else now.strength(amplitude_ma, roll)
    aside = [] if now is None else _aside(now.ear, roll)
    if about == "where":
        if now is None or points == 0:
            return {"about": about, "felt": []}, " ".join([speech.say(roll, "feels_nothing"), *aside])
        words, regions = now.where(amplitude_ma, roll)
        topic = "where_tired" if now.ear.tired else "where"
        return {"about": about, "felt": list(regions)}, speech.say(roll, topic, where=words, like=like)
    if about == "strength":
        topic = "strength" if points else "feels_nothing"
        sentence = speech.say(roll, topic, points=speech.points_in_words(points))
        return {"about": about, "strength": points}, " ".join([sentence, *aside])
    comfort, topic = comfort_of(points)
    return {"about": about, "comfort": comfort}, " ".join([speech.say(roll, topic), *aside])


def comfort_of(points: int) -> tuple[str, str]:
    """Return how comfortable a strength is (nothing, comfortable, strong, unpleasant), and its topic of words."""
    rules = answer_rules()
    if points == 0:
        return "nothing", "feels_nothing"
    if points >= rules.unpleasant_points:
        return "unpleasant", "unpleasant"
    if points > rules.strong_points:
        return "strong", "strong"
    return "comfortable", "faint" if points <= rules.at_pt_points + 0.5 else "comfortable"


def colour(now: Feeling | None, roll: np.random.Generator, amplitude_ma: float) -> tuple[dict[str, Any], str]:
    """Return the regions that the patient colours, each with a strength 1-10, and what is said to it."""
    points = 0 if now is None else now.strength(amplitude_ma, roll)
    if now is None or points == 0:
        return {"regions": {}}, speech.say(roll, "colouring_nothing")
    weights = now.weights(amplitude_ma, roll)
    _, intensity = now.percept.felt(max(amplitude_ma, now.percept.pt_ma))
    greatest = float(intensity[weights > 0.0].max(initial=1e-6))
    shade = points * (0.4 + 0.6 * intensity / greatest)
    ids = load_body_map().region_ids
    regions = {
        ids[index]: int(np.clip(round(float(shade[index])), 1, 10)) for index in np.flatnonzero(weights > 0.0).tolist()
    }
    return {"regions": regions}, " ".join([speech.say(roll, "colouring"), *_aside(now.ear, roll)])


def on_turning(
    now: Feeling | None, roll: np.random.Generator, to: str, amplitude_ma: float
) -> tuple[dict[str, Any], str]:
    """Return what is felt after a change of posture with the amplitude as it is."""
    data, said = on_change(now, roll, amplitude_ma)
    return {"to": to, **data}, said or speech.say(roll, "posture", posture=to)


def on_change(now: Feeling | None, roll: np.random.Generator, amplitude_ma: float) -> tuple[dict[str, Any], str]:
    """Return what is felt once posture or pulse has changed under a running amplitude; "" where nothing is on."""
    if now is None:
        return {"strength": None, "uncomfortable": False, "twitch": ""}, ""
    flows_ma = min(amplitude_ma, now.percept.reachable_ma)
    points = now.strength(amplitude_ma, roll)
    jolts = flows_ma >= now.dt_ma - _ALMOST_MA
    twitch = speech.muscle_in_words(now.percept.twitch_origin) if flows_ma >= now.percept.twitch_ma else ""
    topic = "change_jolt" if jolts else "change_felt" if points else "change_gone"
    sentence = speech.say(roll, topic, points=speech.points_in_words(points))
    said = [sentence, speech.say(roll, "twitch", muscle=twitch)] if twitch else [sentence]
    return {"strength": points, "uncomfortable": jolts, "twitch": twitch}, " ".join(said)


def _aside(ear: Ear, roll: np.random.Generator) -> list[str]:
    """Return what mood or tiredness adds now and then."""
    said = []
    chance = float(roll.uniform())
    if ear.tired and chance < 0.3:
        said.append(speech.say(roll, "tired"))
    elif ear.mood in ("anxious", "low") and chance > 0.85:
        said.append(speech.say(roll, ear.mood))
    return said
