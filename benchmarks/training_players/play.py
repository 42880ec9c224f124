"""Play training cases with the scripted players, score them, and put the table into docs/training.md:

    python benchmarks/training_players/play.py [--cases ID ...] [--seed N] [--workers N] [--write] [--reports FOLDER]

Each player is a program that uses only `scs-sim train`; scores and reports come afterwards. Exit code 1 where the order
expert > novice > random, or the margin, is missed.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parent))
import expert
import novice
import random_clicker
from room import SCS_SIM, Room

from scs_models import files
from scs_sim import __version__
from scs_sim.training.case import load_training_case, training_case_ids
from scs_sim.training.record import recorded
from scs_sim.training.score import Score, score

SEED = 7
CLICKER_SEEDS = (1, 2, 3)
MARGIN_POINTS = 10.0
"""Between players, on each case: what the least reached region may weigh more or less by noise of the answers."""
PAGE = Path(__file__).parents[2] / "docs" / "training.md"
BLOCK = re.compile(r"(<!-- begin players -->\n).*?(<!-- end players -->)", re.S)
Player = Callable[[Room, int], None]
PLAYERS: dict[str, Player] = {"expert": expert.play, "novice": novice.play, "random": random_clicker.play}
ROUNDS = (("expert", 0), ("novice", 0), *(("random", seed) for seed in CLICKER_SEEDS))


@dataclass(frozen=True, slots=True)
class Round:
    """One session of one player (player_seed: the clicker's) on one case: its score and how many actions it took."""

    case: str
    player: str
    player_seed: int
    session: str
    score: Score
    actions_count: int


def played(case: str, player: str, player_seed: int = 0, seed: int = SEED) -> Round:
    """Play one case with one player, in the state folder of the environment."""
    profile = f"{player}-{player_seed}"
    with Room(case, seed, profile) as room:
        PLAYERS[player](room, player_seed)
    found = recorded(room.session, profile)
    return Round(case, player, player_seed, room.session, score(found), len(found.events))


def points(rounds: list[Round], case: str, player: str) -> float:
    """Return what a player has on a case: the mean over its seeds."""
    return mean(one.score.points for one in rounds if (one.case, one.player) == (case, player))


def table(rounds: list[Round], seed: int) -> str:
    """Return the rounds as a table of Markdown, the grade and then the name of the case in front."""
    cases = sorted({one.case for one in rounds}, key=lambda name: (load_training_case(name).grade, name))
    lines = [
        "| case | grade | expert | novice | random | expert - novice | novice - random | actions of the expert |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for case in cases:
        own = {player: points(rounds, case, player) for player in PLAYERS}
        steps = next(one.actions_count for one in rounds if (one.case, one.player) == (case, "expert"))
        lines.append(
            f"| `{case}` | {load_training_case(case).grade} | {own['expert']:.0f} | {own['novice']:.0f} |"
            f" {own['random']:.0f} | {own['expert'] - own['novice']:.0f} | {own['novice'] - own['random']:.0f} |"
            f" {steps} |"
        )
    average = {player: mean(points(rounds, case, player) for case in cases) for player in PLAYERS}
    lines.append(
        f"| mean | | {average['expert']:.0f} | {average['novice']:.0f} | {average['random']:.0f} |"
        f" {average['expert'] - average['novice']:.0f} | {average['novice'] - average['random']:.0f} | |"
    )
    today = datetime.datetime.now(tz=datetime.UTC).date()
    where = f"scs-sim {__version__}, {platform.system()} {platform.machine()}"
    made = f"`python benchmarks/training_players/play.py --seed {seed} --write`, {today}, {where}."
    return "\n".join([*lines, "", f"{made} {verdict(rounds)}", ""])


def missed(rounds: list[Round]) -> list[str]:
    """Return the cases on which the order or the margin between two players is missed, in words."""
    found = []
    for case in sorted({one.case for one in rounds}):
        for better, worse in (("expert", "novice"), ("novice", "random")):
            margin = points(rounds, case, better) - points(rounds, case, worse)
            if margin < MARGIN_POINTS:
                found.append(f"{case}: {better} - {worse} is {margin:.1f}")
    return found


def verdict(rounds: list[Round]) -> str:
    """Return in a sentence whether the margins are kept."""
    found, count = missed(rounds), len({one.case for one in rounds})
    if not found:
        return f"Expert, novice and random lie {MARGIN_POINTS:.0f} points or more apart on each of the {count} cases."
    return f"The margin of {MARGIN_POINTS:.0f} points is missed: {'; '.join(found)}."


def main() -> int:
    """Play as the command line says."""
    parser = argparse.ArgumentParser(description="Play training cases with the scripted players and score them.")
    parser.add_argument("--cases", nargs="+", default=list(training_case_ids()), metavar="ID")
    parser.add_argument("--players", nargs="+", default=list(PLAYERS), choices=list(PLAYERS))
    parser.add_argument("--seed", type=int, default=SEED, help="of the patients")
    parser.add_argument("--workers", type=int, default=2, help="sessions at once")
    parser.add_argument("--items", action="store_true", help="show every item of the rubric")
    parser.add_argument("--write", action="store_true", help="put the table into docs/training.md")
    parser.add_argument("--reports", type=Path, metavar="FOLDER", help="keep the debrief of each session there")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SCS_SIM_STATE_DIR"] = folder
        jobs = [(case, *own) for case in chosen.cases for own in ROUNDS if own[0] in chosen.players]
        with ThreadPoolExecutor(chosen.workers) as pool:
            rounds = list(pool.map(lambda job: _told(*job, chosen.seed, items=chosen.items), jobs))
        whole = set(chosen.players) == set(PLAYERS)
        if whole:
            print(table(rounds, chosen.seed))
        if whole and chosen.write:
            text = PAGE.read_text(encoding="utf-8")
            files.write_text(PAGE, BLOCK.sub(lambda match: f"{match[1]}{table(rounds, chosen.seed)}{match[2]}", text))
        if chosen.reports:
            _reports(rounds, chosen.reports)
    return 1 if whole and missed(rounds) else 0


def _told(case: str, player: str, player_seed: int, seed: int, *, items: bool) -> Round:
    found = played(case, player, player_seed, seed)
    lines = [f"{case:28} {player:8} {player_seed} {found.score.points:6.1f} points, {found.actions_count} actions"]
    if items:
        lines += [
            f"    {one.points:5.1f}/{one.greatest:4.1f} {one.name:18} {' '.join(one.evidence)}"
            for one in found.score.items
        ]
    print("\n".join(lines), flush=True)
    return found


def _reports(rounds: list[Round], folder: Path) -> None:
    """Write the debrief of each session, of the clicker's the first, as a trainee would."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in rounds:
        if one.player_seed in (0, CLICKER_SEEDS[0]):
            path = folder / f"{one.case}-{one.player}.html"
            profile = f"{one.player}-{one.player_seed}"
            words = ("train", "report", one.session, "--profile", profile, "--html", str(path))
            subprocess.run([*SCS_SIM, *words], check=True)


if __name__ == "__main__":
    raise SystemExit(main())
