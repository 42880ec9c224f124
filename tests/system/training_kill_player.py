"""A trainee who works through a whole trial, for the tests that kill him; says his session, then each serial on record.

training_kill_player.py CASE PROFILE SEED
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "sim"))

from training_helpers import NO_WAIT
from training_path import PATH

from scs_sim.training.session import start

if __name__ == "__main__":
    session = start(sys.argv[1], seed=int(sys.argv[3]), profile=sys.argv[2], clock=NO_WAIT)
    print(session.id, flush=True)
    for name, parameters in PATH:
        print(session.act(name, parameters).serial, flush=True)
