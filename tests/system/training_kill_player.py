"""A trainee who works through a whole trial, for the tests that kill him; says his session, then each serial on record.

training_kill_player.py CASE PROFILE SEED
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "sim"))

from training_helpers import NO_WAIT

from scs_sim.training.session import start

PATH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("read", {"item": "referral"}),
    ("read", {"item": "pain-map"}),
    ("place-lead", {"lead_type": "quad-7mm", "tip_level": "T10", "x_mm": -1.0}),
    ("xray", {"view": "ap"}),
    ("impedance", {}),
    ("program", {"contacts": "1.2- 1.3+"}),
    ("amplitude", {"to_ma": 3.0}),
    ("ask", {"about": "where"}),
    ("amplitude", {"to_ma": 20.0}),
    ("ask", {"about": "strength"}),
    ("colour", {}),
    ("note", {"threshold": "pt", "value_ma": 2.5}),
    ("note", {"threshold": "dt", "value_ma": 5.5}),
    ("save", {"name": "one"}),
    ("anchor", {}),
    ("limit", {"to_ma": 5.0}),
    ("next-visit", {}),
    ("impedance", {}),
    ("load", {"name": "one"}),
    ("amplitude", {"to_ma": 20.0, "step_ma": 0.5}),
    ("posture", {"to": "sitting"}),
    ("ask", {"about": "comfort"}),
    ("conclude", {"cause": "migration"}),
    ("finish", {}),
)

if __name__ == "__main__":
    session = start(sys.argv[1], seed=int(sys.argv[3]), profile=sys.argv[2], clock=NO_WAIT)
    print(session.id, flush=True)
    for name, parameters in PATH:
        print(session.act(name, parameters).serial, flush=True)
