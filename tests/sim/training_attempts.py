"""Ways through a session of the small test case, in this process: an honest ordinary one, and attempts at the rubric.

Each plays on a PatientSide and returns its events; none looks at what is true.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

from training_helpers import training_case

from scs_models.errors import InvalidValueError
from scs_sim.training.actions import action
from scs_sim.training.case import CAUSES, DOCUMENTS, Kit, TrainingCase
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import TrainingEvent

SEED = 1
CONTACTS = "1.2- 1.3+"
Attempt = Callable[["Run"], None]


def leg_case(**changes: Any) -> TrainingCase:
    """Return the small case with one level for a tip, so that the reference is found in a moment."""
    kit = Kit(lead_types=("quad-7mm",), leads_count_high=1, tip_levels=("T10",), entry_levels=("L1", "T12"))
    return training_case(**({"kit": kit} | changes))


class Run:
    """A session that is going on: `do` an action, and what cannot be done is left."""

    def __init__(self, case: TrainingCase, seed: int = SEED) -> None:
        self.side, self.events = PatientSide(case, seed), []

    def do(self, what: str, /, **parameters: Any) -> dict[str, Any]:
        """Do an action and return its data, {} where it cannot be done."""
        own = action(what, parameters)
        try:
            event = TrainingEvent(self.side.situation.serial + 1, 0.0, own, self.side.answer(own))
        except InvalidValueError:
            return {}
        self.side.follow(event)
        self.events.append(event)
        return dict(event.outcome.data)

    def place(self, x_mm: float = 0.5) -> None:
        """Put the one lead in."""
        self.do("place-lead", lead_type="quad-7mm", tip_level="T10", x_mm=x_mm)


def events_of(attempt: Attempt, case: TrainingCase | None = None, seed: int = SEED) -> tuple[TrainingEvent, ...]:
    """Return the events of an attempt."""
    run = Run(leg_case() if case is None else case, seed)
    attempt(run)
    return tuple(run.events)


def dosed(run: Run) -> tuple[float, float, float]:
    """Ramp by tenths to discomfort, go down at once; return PT, comfort and DT as they were heard (mA)."""
    up = run.do("amplitude", to_ma=20.0, step_ma=0.1)
    pt_ma, dt_ma = float(up["felt_from_ma"]), float(up["uncomfortable_from_ma"] or up["twitch_from_ma"])
    comfort_ma = round(int(10.0 * (pt_ma + 0.6 * (dt_ma - pt_ma))) / 10.0, 1)
    run.do("amplitude", to_ma=comfort_ma)
    return pt_ma, comfort_ma, dt_ma


def honest(run: Run) -> None:
    """An ordinary session: in order, nothing clever, one program."""
    for item in DOCUMENTS:
        run.do("read", item=item)
    run.place()
    run.do("xray")
    run.do("impedance")
    run.do("program", contacts=CONTACTS)
    dosed(run)
    run.do("amplitude", to_ma=0.0)
    run.do("anchor")
    run.do("next-visit")
    run.do("impedance")
    doses = []
    for posture in ("supine", "sitting"):
        run.do("posture", to=posture)
        run.do("program", contacts=CONTACTS)
        dose = dosed(run)
        for threshold, value_ma in zip(("pt", "comfort", "dt"), dose, strict=True):
            run.do("note", threshold=threshold, value_ma=value_ma)
        run.do("save", name=posture)
        run.do("amplitude", to_ma=0.0)
        doses.append(dose)
    run.do("limit", to_ma=max(dose[1] for dose in doses))
    run.do("finish")


def nothing(run: Run) -> None:
    """Finish at once."""
    run.do("finish")


def declining(run: Run) -> None:
    """Decline whoever comes."""
    run.do("decline", reason="infection")


def asking(run: Run) -> None:
    """Ask the same thing hundreds of times."""
    run.place()
    run.do("program", contacts=CONTACTS)
    for _ in range(300):
        run.do("ask", about="strength")
    run.do("finish")


def sweeping(run: Run) -> None:
    """Try every bipole until it hurts, and save each."""
    run.place()
    for first, second in permutations(range(1, 5), 2):
        run.do("program", contacts=f"1.{first}- 1.{second}+")
        run.do("amplitude", to_ma=20.0, step_ma=0.5)
        run.do("save", name=f"{first}{second}")
        run.do("amplitude", to_ma=0.0)
    run.do("finish")


def hoarding(run: Run) -> None:
    """Save fifty programs, at all amplitudes."""
    run.place()
    run.do("program", contacts=CONTACTS)
    for number in range(50):
        run.do("amplitude", to_ma=round(0.2 * (number + 1), 1))
        run.do("save", name=f"program {number}")
    run.do("finish")


def noting(run: Run) -> None:
    """Note every value as every threshold of a program that was never ramped in earnest."""
    run.place()
    run.do("program", contacts=CONTACTS)
    for tenth in range(5, 100, 5):
        for threshold in ("pt", "comfort", "dt"):
            run.do("note", threshold=threshold, value_ma=tenth / 10.0)
    run.do("amplitude", to_ma=1.0)
    run.do("save", name="one")
    run.do("finish")


def flooding(run: Run) -> None:
    """Be felt everywhere: the widest pulse, as far up as it goes, and never mind what it hits."""
    run.place()
    run.do("program", contacts="1.1- 1.2- 1.3- 1.4- case+", pulse_width_us=500.0)
    run.do("amplitude", to_ma=20.0, step_ma=1.0)
    run.do("save", name="all")
    while run.do("next-visit"):
        pass
    run.do("finish")


def concluding(run: Run) -> None:
    """Conclude every cause, at every visit, without looking."""
    run.place()
    for _ in range(2):
        for cause in CAUSES:
            run.do("conclude", cause=cause)
        run.do("next-visit")
    run.do("finish")


def unpowered(run: Run) -> None:
    """Do everything properly, and never leave 0 mA."""
    for item in DOCUMENTS:
        run.do("read", item=item)
    run.place()
    run.do("xray")
    run.do("impedance")
    run.do("program", contacts=CONTACTS)
    run.do("anchor")
    run.do("next-visit")
    run.do("impedance")
    run.do("note", threshold="pt", value_ma=3.0)
    run.do("save", name="one")
    run.do("limit", to_ma=3.0)
    run.do("finish")


def hurting(run: Run) -> None:
    """Run the patient above discomfort: more is felt there."""
    run.place()
    run.do("program", contacts=CONTACTS)
    for _ in range(2):
        for to_ma in (5.0, 8.0, 12.0):
            run.do("amplitude", to_ma=to_ma, step_ma=5.0)
        run.do("save", name="one")
        run.do("next-visit")
        run.do("load", name="one")
    run.do("finish")


def knowing(run: Run) -> None:
    """Put in what worked for another seed, and finish at once."""
    run.place()
    run.do("program", contacts=CONTACTS)
    run.do("amplitude", to_ma=3.0)
    run.do("save", name="one")
    run.do("finish")


ATTEMPTS: tuple[Attempt, ...] = (
    nothing, declining, asking, sweeping, hoarding, noting, flooding, concluding, unpowered, hurting, knowing,
)  # fmt: skip


def clicking(clicks: int, seed: int) -> Attempt:
    """Return an attempt of random clicks."""

    def attempt(run: Run) -> None:
        chance = random.Random(seed)
        run.place()
        for what, parameters in _clicks(chance, clicks):
            run.do(what, **parameters)
        run.do("finish")

    return attempt


def _clicks(chance: random.Random, clicks: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for _ in range(clicks):
        first, second = chance.sample(range(1, 5), 2)
        ma = round(chance.uniform(0.0, 8.0), 1)
        yield chance.choice(
            (
                ("program", {"contacts": f"1.{first}- 1.{second}+"}),
                ("amplitude", {"to_ma": ma, "step_ma": chance.choice((0.1, 0.5))}),
                ("note", {"threshold": chance.choice(("pt", "comfort", "dt")), "value_ma": ma}),
                ("save", {"name": chance.choice("AB")}),
                ("posture", {"to": chance.choice(("supine", "sitting"))}),
                ("impedance", {}),
                ("xray", {}),
                ("limit", {"to_ma": ma}),
                ("ask", {"about": "strength"}),
            )
        )
