"""Processes that act in a session of training, for the tests of the record.

training_player.py act CASE PROFILE COUNT: begins a session and does COUNT actions that need no model.
training_player.py kill CASE PROFILE: acts for ever, printing each serial once it is on record, until it is killed.
"""

from __future__ import annotations

import sys

from training_helpers import NO_WAIT

from scs_sim.training.session import Session, start

STEPS = (
    ("read", {"item": "history"}),
    ("xray", {"view": "lateral"}),
    ("read", {"item": "imaging"}),
    ("ask", {"about": "where"}),
)


def act(session: Session, place: int) -> int:
    """Do one action and return its serial."""
    name, parameters = STEPS[place % len(STEPS)]
    return session.act(name, parameters).serial


def main(mode: str, case: str, profile: str, count: str = "0") -> None:
    """Play as the module says."""
    session = start(case, seed=5, profile=profile, clock=NO_WAIT)
    print(session.id, flush=True)
    place = 0
    while mode == "kill" or place < int(count):
        print(act(session, place), flush=True)
        place += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
