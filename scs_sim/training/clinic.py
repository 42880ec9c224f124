"""Clinic: the patient's side of a session. It alone knows what is true; what leaves it is an Outcome.

Deterministic: the case, the seed and the events so far give the same answer, in this process or another, now or after
a crash. In an exam the same class runs in the instructor's process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_sim.program import Program
from scs_sim.setting import Progress
from scs_sim.training import home, percepts, room, speech
from scs_sim.training.actions import Action, action_kinds
from scs_sim.training.body import Percept, TrueBody
from scs_sim.training.case import TrainingCase
from scs_sim.training.draw import draw
from scs_sim.training.events import Outcome, TrainingEvent
from scs_sim.training.percepts import Feeling, Stamina
from scs_sim.training.rules import require_possible
from scs_sim.training.situation import Opening, Situation, after, begin, opening_of, program_of
from scs_sim.training.tables import home_rules, room_rules
from scs_sim.training.truth import Truth, arrived, chance, free_port, start, truth_after

_Found = tuple[bool, str, str, dict[str, Any]]
"""done, report, said, data."""


class PatientSide:
    """The patient, the leads as they lie, the instruments. `answer` changes nothing; `follow` takes over an event.

    truth and hidden are for the debrief, after the session.
    """

    def __init__(self, case: TrainingCase, seed: int, events: Iterable[TrainingEvent] = ()) -> None:
        self.case, self.seed = case, seed
        self.hidden = draw(case, seed)
        self.opening: Opening = opening_of(case)
        self.situation: Situation = begin(self.opening)
        self.truth: Truth = start(self.hidden, seed)
        self._stamina = Stamina()
        self._body = TrueBody(case, self.hidden)
        self._like = speech.sensation(chance(seed, 0, "words"))
        self._progress: Progress | None = None
        for event in events:
            self.follow(event)

    def answer(self, own: Action, progress: Progress | None = None) -> Outcome:
        """Return what comes of `own` now. Raises InvalidValueError where it cannot be done; nothing has changed then.

        progress: told of kernels that have to be built first.
        """
        require_possible(self.situation, own)
        self._progress = None if progress is None else _without_titles(progress)
        done, report, said, data = _ANSWERS[own.name](self, own)
        return Outcome(done, self._cost_s(own, done, data), report, said, data)

    def follow(self, event: TrainingEvent) -> None:
        """Take over an event that has happened, so that the next answer follows from it."""
        self.truth = truth_after(
            self.truth, self.hidden, self.seed, self.situation, event.action, event.serial, event.outcome.done
        )
        self.situation = after(self.situation, event)
        cost = action_kinds()[event.action.name].attention_cost
        self._stamina = self._stamina.after(event, cost, self.situation.clock_s)

    def percept(self, posture: str, program: Program) -> Percept:
        """Return the model's own answer for a program in a posture as things are; for the debrief."""
        return self._body.percept(self.truth, posture, program, self._progress)

    def _roll(self, name: str) -> np.random.Generator:
        return chance(self.seed, self.situation.serial + 1, name)

    def _cost_s(self, own: Action, done: bool, data: dict[str, Any]) -> float:
        cost_s = action_kinds()[own.name].cost_s
        if own.name == "amplitude":
            taken = percepts.steps_of(data["from_ma"], data["reached_ma"], data["step_ma"])
            cost_s += len(taken) * room_rules().seconds_per_step_s
        return cost_s

    def _feeling(self, program: Program | None, posture: str, amplitude_ma: float) -> Feeling | None:
        """Return what the patient feels of the program that is set; None where nothing is on."""
        if program is None or (amplitude_ma <= 0.0):
            return None
        percept = self.percept(posture, program)
        ear = percepts.ear_of(self.case.manner, self._stamina, self.situation.clock_s)
        return percepts.feeling(percept, ear, self._roll("feeling"))

    def _read(self, own: Action) -> _Found:
        data, words = room.document(self.case, own.text("item"))
        return True, words, "", data

    def _decline(self, own: Action) -> _Found:
        return True, "The trial is not done.", "", {"reason": own.text("reason")}

    def _place(self, own: Action) -> _Found:
        entry = own.text("entry_level")
        entry = self.case.kit.entry_levels[0] if entry == "usual" else entry
        said = speech.say(self._roll("words"), "needle")
        for obstacle, levels in (
            ("metal", self.case.known.hardware_levels),
            ("scar", self.case.known.laminectomy_levels),
        ):
            if entry in levels:
                report = f"At {entry} the needle meets {obstacle}; there is no loss of resistance."
                return False, report, said, {"entry_level": entry, "obstacle": obstacle}
        number = free_port(self.situation)
        report = f"Lead {number} is in, through {entry}. An X-ray shows where it lies."
        return True, report, said, {"lead": number, "entry_level": entry}

    def _drive(self, own: Action) -> _Found:
        said = speech.say(self._roll("words"), "moved")
        data = {name: own.parameters[name] for name in ("lead", "rostral_mm", "right_mm")}
        return True, "The lead has moved; an X-ray shows how far.", said, data

    def _remove(self, own: Action) -> _Found:
        return True, "The lead is out.", "", {"lead": own.parameters["lead"]}

    def _xray(self, own: Action) -> _Found:
        data, words = room.xray(self.truth.leads, own.text("view"), self._roll("xray"))
        return True, words, "", data

    def _anchor(self, own: Action) -> _Found:
        image = self.situation.xray
        stored = bool(image and image["view"] == "ap" and all(lead.seen for lead in self.situation.leads))
        words = "the last image is stored as reference" if stored else "no image from after the last movement to store"
        return True, f"The leads are fixed; {words}.", "", {"reference": stored}

    def _impedance(self, own: Action) -> _Found:
        found = self._body.impedances(self.truth, self.situation.posture)
        data, words = room.impedances(found, self._roll("impedance"))
        return True, words, "", data

    def _program(self, own: Action) -> _Found:
        chosen, before = program_of(own), self.situation.program
        same = before is None or before.shares == chosen.shares
        kept_ma = self.situation.amplitude_ma if same else 0.0
        report = f"{chosen.contacts}, {chosen.pulse_width_us:g} us, {chosen.rate_hz:g} Hz, {kept_ma:g} mA."
        felt = self._feeling(chosen, self.situation.posture, kept_ma)
        data, said = percepts.on_change(felt, self._roll("pulse"), kept_ma)
        return True, report, said, {**own.parameters, "amplitude_ma": kept_ma, **data}

    def _amplitude(self, own: Action) -> _Found:
        now, program = self.situation, self.situation.program
        assert program is not None  # require_possible
        to_ma, step_ma = own.number("to_ma"), own.number("step_ma")
        felt = self._feeling(program, now.posture, max(to_ma, now.amplitude_ma))
        if felt is None:
            data, said = percepts.nothing_to_ramp(self._roll("ramp"), now.amplitude_ma, to_ma, step_ma)
            return True, "0 mA", said, data
        data, said = percepts.ramp(felt, self._roll("ramp"), self._like, now.amplitude_ma, to_ma, step_ma)
        report = f"{data['reached_ma']:g} mA{_said_on_the_way(data)}"
        if data["reached_ma"] > felt.percept.reachable_ma:
            report += "; the generator reports that its voltage does not reach that far"
        return not data["stopped"], report, said, data

    def _ask(self, own: Action) -> _Found:
        now = self.situation
        felt = self._feeling(now.program, now.posture, now.amplitude_ma)
        data, said = percepts.answer(own.text("about"), felt, self._roll("ask"), self._like, now.amplitude_ma)
        return True, "", said, data

    def _colour(self, own: Action) -> _Found:
        now = self.situation
        felt = self._feeling(now.program, now.posture, now.amplitude_ma)
        data, said = percepts.colour(felt, self._roll("colour"), now.amplitude_ma)
        titles = {region.id: region.title for region in load_body_map().regions}
        coloured = ", ".join(f"{titles[name]} {strength:g}" for name, strength in data["regions"].items())
        return True, f"coloured, strength 1 to 10: {coloured}" if coloured else "", said, data

    def _posture(self, own: Action) -> _Found:
        now = self.situation
        felt = self._feeling(now.program, own.text("to"), now.amplitude_ma)
        data, said = percepts.on_turning(felt, self._roll("posture"), own.text("to"), now.amplitude_ma)
        return True, "", said, data

    def _echo(self, own: Action) -> _Found:
        return True, "Noted.", "", dict(own.parameters)

    def _repair(self, own: Action) -> _Found:
        return True, "Done; impedances show whether it helped.", "", dict(own.parameters)

    def _next_visit(self, own: Action) -> _Found:
        before, serial = self.situation, self.situation.serial + 1
        truth = arrived(self.truth, self.hidden, self.seed, before.visit + 1, before, serial)
        visit = self.case.visits[before.visit + 1]
        found, where = home.complaints(self._at, before, self.truth, truth)
        roll = self._roll("home")
        warm = home_rules().fever_c if truth.fever else home_rules().usual_c
        temperature_c = round(float(roll.uniform(*warm)), 1)
        said = home.in_words(found, where, truth, roll, visit.words)
        report = f"Visit {visit.name!r}, day {visit.days:g}. Temperature {temperature_c} C."
        data = {
            "visit": before.visit + 1,
            "name": visit.name,
            "place": visit.place,
            "days": visit.days,
            "posture": visit.postures[0],
            "temperature_c": temperature_c,
            "complaints": list(found),
        }
        return True, report, said, data

    def _finish(self, own: Action) -> _Found:
        return True, "The session is finished.", "", {}

    def _at(self, truth: Truth, posture: str, program: Program) -> Percept:
        return self._body.percept(truth, posture, program, self._progress)


def _without_titles(progress: Progress) -> Progress:
    """Return `progress` told of the share that is done, not of what: the names of kernels tell of the patient."""
    return lambda fraction, _what: progress(fraction, "")


_ANSWERS: dict[str, Callable[[PatientSide, Action], _Found]] = {
    "read": PatientSide._read,
    "decline": PatientSide._decline,
    "place-lead": PatientSide._place,
    "drive-lead": PatientSide._drive,
    "remove-lead": PatientSide._remove,
    "xray": PatientSide._xray,
    "anchor": PatientSide._anchor,
    "impedance": PatientSide._impedance,
    "program": PatientSide._program,
    "amplitude": PatientSide._amplitude,
    "ask": PatientSide._ask,
    "colour": PatientSide._colour,
    "note": PatientSide._echo,
    "save": PatientSide._echo,
    "load": PatientSide._echo,
    "limit": PatientSide._echo,
    "posture": PatientSide._posture,
    "conclude": PatientSide._echo,
    "repair": PatientSide._repair,
    "next-visit": PatientSide._next_visit,
    "finish": PatientSide._finish,
}


def _said_on_the_way(data: Mapping[str, Any]) -> str:
    """Return at which amplitudes of a ramp the patient spoke up, in words; "" for none."""
    heard = (("felt", "felt_from_ma"), ("unpleasant", "uncomfortable_from_ma"), ("twitching", "twitch_from_ma"))
    parts = [f"{what} from {data[name]:g} mA" for what, name in heard if data.get(name) is not None]
    return f"; {', '.join(parts)}" if parts else ""
