"""A user without a plan, for tests: random actions on a session, drawn from what the panels offer."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec

from scs_models.anatomy import postures
from scs_models.percept.body_map import load_body_map
from scs_sim.program import WAVEFORMS
from scs_ui.state.actions import contacts, faults, leads, pain, programs, stimulation
from scs_ui.state.session import Session, Tested


@dataclass(frozen=True)
class Step:
    """One call of Store.act; steps of one non-empty `merge` in a row are a drag."""

    text: str
    action: Callable[[Session], Session]
    merge: str = ""


def random_steps(session: Session, chance: random.Random) -> list[Step]:
    """Return what the user does next: one step, or the many of a drag. Some will be refused."""
    return chance.choice(_MAKERS)(session, chance)


def _contact(session: Session, chance: random.Random) -> list[Step]:
    name = chance.choice(session.case.contact_names())
    return [Step(f"Contact {name}", lambda s: contacts.cycle(s, name))]


def _amplitude(session: Session, chance: random.Random) -> list[Step]:
    values = [round(chance.uniform(0.0, 12.0), 2) for _ in range(chance.randrange(1, 20))]
    return [Step("Amplitude", lambda s, v=v: stimulation.set_amplitude(s, v), "amplitude") for v in values]


def _pulse(session: Session, chance: random.Random) -> list[Step]:
    values = [chance.randrange(60, 500) for _ in range(chance.randrange(1, 10))]
    return [Step("Pulse width", lambda s, v=v: stimulation.set_pulse_width(s, v), "pulse") for v in values]


def _lead(session: Session, chance: random.Random) -> list[Step]:
    number = chance.randrange(1, len(session.case.leads) + 1)
    moves = [(chance.uniform(-2.0, 2.0), chance.uniform(-0.4, 0.4)) for _ in range(chance.randrange(1, 12))]
    return [Step("Lead", lambda s, m=m: leads.move(s, number, *m), f"lead {number}") for m in moves]


def _pain(session: Session, chance: random.Random) -> list[Step]:
    region = chance.choice(load_body_map().region_ids)
    score = float(chance.randrange(0, 11))
    return [Step("Region", lambda s: pain.paint_region(s, region, score))]


def _stroke(session: Session, chance: random.Random) -> list[Step]:
    view = chance.choice(("front", "back"))
    x0, y0, x1, y1 = load_body_map().frame(view)
    points = [(chance.uniform(x0, x1), chance.uniform(y0, y1)) for _ in range(2)]
    return [Step("Stroke", lambda s: pain.paint_stroke(s, view, points, 20.0, 6.0))]


def _program(session: Session, chance: random.Random) -> list[Step]:
    index = chance.randrange(len(session.programs))
    name = "".join(chance.choice("abc äßµ") for _ in range(8))
    kinds: list[Callable[[Session], Session]] = [
        programs.add_area,
        programs.new_program,
        programs.duplicate,
        lambda s: programs.rename(s, index, name),
        lambda s: programs.delete(s, index),
        lambda s: programs.choose(s, index),
        lambda s: programs.compare(s, index),
        lambda s: programs.set_notes(s, name * 3),
    ]
    return [Step("Program", chance.choice(kinds))]


def _other(session: Session, chance: random.Random) -> list[Step]:
    name, posture = chance.choice(session.case.contact_names()), chance.choice(postures())
    waveform, marked_ma = chance.choice(WAVEFORMS), round(chance.uniform(0.5, 6.0), 1)
    tried = Tested("P", "1.1- 1.2+", marked_ma, 300.0, 50.0, 1.5, 0.0, chance.choice((None, 71.0)), note="so")
    kinds: list[Callable[[Session], Session]] = [
        lambda s: faults.inject_open(s, name),
        faults.clear_all,
        lambda s: stimulation.set_posture(s, posture),
        lambda s: stimulation.set_waveform(s, waveform),
        lambda s: stimulation.mark(s, "pt", marked_ma),
        lambda s: stimulation.mark(s, "pt", None),
        lambda s: replace(s, tested=(*s.tested, tried)),
        lambda s: replace(s, keep_amplitude=not s.keep_amplitude),
        stimulation.stop_all,
    ]
    return [Step("Other", chance.choice(kinds))]


_MAKERS = [_contact, _contact, _amplitude, _pulse, _lead, _program, _program, _other, _other]
if find_spec("contourpy"):  # painting traces outlines with it; the rest of the state needs nothing of the extra `ui`
    _MAKERS += [_pain, _stroke]
