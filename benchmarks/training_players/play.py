"""Play training cases with the scripted players and score them:

    python benchmarks/training_players/play.py [--cases ID ...] [--seed N] [--write]

Each player is a program that uses only `scs-sim train`; the scores come afterwards from scs_sim.training.score.
--write puts the table into docs/training.md and the reports of the sessions into docs/training-reports/.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import expert
import novice
import random_clicker
from room import Room

from scs_sim.training.record import recorded
from scs_sim.training.score import Score, score

SEED = 7
CLICKER_SEEDS = (1, 2, 3)
MARGIN_POINTS = 10.0
Player = Callable[[Room, int], None]
PLAYERS: dict[str, Player] = {"expert": expert.play, "novice": novice.play, "random": random_clicker.play}


def played(case: str, name: str, seed: int, player_seed: int = 0) -> Score:
    """Play one case with one player, in the state folder of the environment, and return the score."""
    profile = f"{name}-{player_seed}"
    with Room(case, seed, profile) as room:
        PLAYERS[name](room, player_seed)
        session = room.session
    return score(recorded(session, profile))


def main() -> int:
    """Play as the command line says; exit code 1 where the order or a margin is missed."""
    from scs_sim.training.case import training_case_ids

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", nargs="+", default=list(training_case_ids()))
    parser.add_argument("--players", nargs="+", default=list(PLAYERS), choices=list(PLAYERS))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--verbose", action="store_true")
    chosen = parser.parse_args()
    for case in chosen.cases:
        for name in chosen.players:
            for player_seed in CLICKER_SEEDS if name == "random" else (0,):
                found = played(case, name, chosen.seed, player_seed)
                print(f"{case:28} {name:8} {player_seed} {found.points:6.1f}", flush=True)
                if chosen.verbose:
                    for item in found.items:
                        print(f"    {item.points:5.1f}/{item.greatest:4.1f} {item.name:18} {' '.join(item.evidence)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
