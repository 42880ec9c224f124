"""Our thresholds beside those of peers: python benchmarks/peers/run.py [--write] [--quick] [--only NAME] [--folder DIR]

Installs each peer into an environment of its own below DIR (a temporary folder, removed at the end, when left out),
asks all of them and us for the same thresholds (question.py), each in a process of its own on one thread, in turns,
and prints the tables of docs/performance.md, section Peers; --write puts them there. Times are CPU times, the best of
ROUNDS turns. Needs g++ and make for NEURON's mechanism. A peer that can't be had, or fails, stays an empty row.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from peer import HERE, PEERS, Answer, NoAnswerError, Peer, ask, program_of
from question import FULL, QUICK, Canal, Size, canal, discrete, question
from tables import Row, Yardstick, best_of, extrapolated, main_table, parts_table, steps_table, thresholds

from scs_models.files import write_text

PAGE = HERE.parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- begin peers -->", "<!-- end peers -->"
STEP_US, TOLERANCE, ROUNDS = 5.0, 1e-3, 2
FINE_STEPS_US, FINE_TOLERANCE, FINE_CLIMB = (2.5, 1.25), 2e-4, 1.02
TABLE_PULSES = (("biphasic", 300.0),)  # asked, in one turn, of peers that know the published table of diameters only
TABLE_NEURON = "neuron-table"
FINEST_IS_NEURON = (
    "NEURON at a step of nothing (extrapolated from 2.5 and 1.25 us); those of the published table against our axon in"
    " very fine steps. How far others lie from the former:"
)
FINEST_IS_OURS = "our axon in very fine steps, because NEURON did not answer. How far others lie from it:"


@dataclass(frozen=True, slots=True)
class Asked:
    """One row to come: its title, the command, the question of which geometry, and whether it only gives times."""

    name: str
    title: str
    command: tuple[str, ...]
    geometry: str
    times_only: bool = False


def ours(way: str) -> tuple[str, ...]:
    """Return the command that asks our own code in one way of in_ours.py."""
    return (sys.executable, str(HERE / "in_ours.py"), way)


def our_rows(batch: int) -> tuple[Asked, ...]:
    """Return our own rows."""
    known = {
        "axon-plain": f"our axon in NEURON's steps, {batch} fibres at once",
        "axon-single": "our axon, one fibre at a time",
        "axon-batch": f"our axon, {batch} fibres at once",
        "predictor-single": "our predictor, one fibre at a time",
        "predictor-batch": f"our predictor, {batch} fibres at once",
        "case-1": "our predictor in the simulator: one program, all fibres of a case",
        "case-250": "the same, 250 programs at once",
    }
    return tuple(Asked(way, title, ours(way), "interpolation", way.startswith("case")) for way, title in known.items())


def say(text: str) -> None:
    """Tell on stderr what goes on."""
    print(text, file=sys.stderr, flush=True)


def installed(peers: Sequence[Peer], folder: Path) -> dict[str, tuple[str, ...] | str]:
    """Return for each peer the command that asks it, or the reason why it can't be had."""
    found: dict[str, tuple[str, ...] | str] = {}
    for peer in peers:
        say(f"installing {peer.name}")
        try:
            found[peer.name] = tuple(program_of(peer, folder))
        except NoAnswerError as error:
            found[peer.name] = str(error)
    return found


def in_turns(
    rows: Sequence[Asked], questions: dict[str, dict[str, Any]], rounds: int, folder: Path
) -> dict[str, Answer | str]:
    """Return every row's best answer over `rounds` turns, or its last words; one that failed is not asked again."""
    answers: dict[str, list[Answer]] = {row.name: [] for row in rows}
    failed: dict[str, str] = {}
    for number in range(rounds):
        for row in rows:
            if row.name in failed or (number and row.geometry == "discrete"):
                continue
            say(f"turn {number + 1} of {rounds}: {row.name}")
            try:
                found = ask(row.command, questions[row.geometry], folder, times_only=row.times_only)
                answers[row.name].append(found)
            except NoAnswerError as error:
                failed[row.name] = str(error)
    return {row.name: failed.get(row.name) or best_of(answers[row.name]) for row in rows}


def finer(ask_: dict[str, Any], step_us: float, known: Answer) -> dict[str, Any]:
    """Return a question with a smaller step, whose searches begin just below the thresholds `known`."""
    groups = iter(known.groups)
    fibres = [
        {**row, "start_ma": [[0.985 * value for value in next(groups).threshold_ma] for _ in row["pulses"]]}
        for row in ask_["fibres"]
    ]
    return {**ask_, "step_us": step_us, "tolerance": FINE_TOLERANCE, "climb": FINE_CLIMB, "fibres": fibres}


def machine() -> str:
    """Return what kind of machine this is."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [line for line in cpuinfo.read_text().splitlines() if "model name" in line] if cpuinfo.exists() else []
    model = names[0].partition(":")[2].strip() if names else platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def sizes(quick: bool) -> dict[str, Size]:
    """Return what is asked in each geometry."""
    if quick:
        return {"interpolation": QUICK, "discrete": discrete(QUICK)}
    return {"interpolation": FULL, "discrete": replace(discrete(FULL), pulses=TABLE_PULSES)}


def all_rows(commands: dict[str, tuple[str, ...] | str], peers: Sequence[Peer], batch: int) -> list[Asked]:
    """Return every row to ask: the peers that are here, NEURON once more for those of the published table, and us."""
    rows = [
        Asked(peer.name, peer.title, command, peer.geometry)
        for peer in peers
        if isinstance(command := commands[peer.name], tuple)
    ]
    neuron = commands.get("neuron")
    if isinstance(neuron, tuple) and any(row.geometry == "discrete" for row in rows):
        rows.append(Asked(TABLE_NEURON, "NEURON, MRG, those fibres", neuron, "discrete"))
    return [*rows, *our_rows(batch)]


def finest(
    questions: dict[str, dict[str, Any]], neuron: Asked | None, base: Answer | None, folder: Path
) -> tuple[dict[str, Answer], dict[float, Answer]]:
    """Return our axon in very fine steps for each geometry, and NEURON in FINE_STEPS_US; two at a time, not timed.

    Without NEURON, or where it fails now, the second is empty.
    """
    say("the finest reference")
    with ThreadPoolExecutor(2) as pool:
        mine = {name: pool.submit(ask, ours("axon-fine"), asked, folder) for name, asked in questions.items()}
        theirs = {}
        if neuron is not None and base is not None:
            theirs = {
                step: pool.submit(ask, neuron.command, finer(questions[neuron.geometry], step, base), folder)
                for step in FINE_STEPS_US
            }
        fine = {name: job.result() for name, job in mine.items()}
        try:
            return fine, {step: job.result() for step, job in theirs.items()}
        except NoAnswerError as error:
            say(f"NEURON in fine steps: {error}")
            return fine, {}


def compare(peers: Sequence[Peer], quick: bool, folder: Path, tissue: Callable[[], Canal] = canal) -> str:
    """Return the text of the section: every peer and us asked, judged and set side by side.

    Raises SystemExit where our own code fails: that is no row to be left empty.
    """
    commands, asked, solved = installed(peers, folder), sizes(quick), tissue()
    questions = {name: question(size, STEP_US, TOLERANCE, solved) for name, size in asked.items()}
    rows = all_rows(commands, peers, asked["interpolation"].batch_count)
    found = in_turns(rows, questions, 1 if quick else ROUNDS, folder)
    mine = [row.name for row in our_rows(0)]
    broken = [f"{name}: {found[name]}" for name in mine if isinstance(found[name], str)]
    if broken:
        raise SystemExit(f"our own code failed: {'; '.join(broken)}")
    answers = {name: answer for name, answer in found.items() if isinstance(answer, Answer)}
    by_name = {row.name: row for row in rows}
    fine, by_step = finest(questions, by_name.get("neuron"), answers.get("neuron"), folder)
    absent = {peer.name: command for peer in peers if isinstance(command := commands[peer.name], str)}
    titles = {peer.name: peer.title for peer in peers} | {row.name: row.title for row in rows}
    lines = [
        Row(title, by_name[name].geometry if name in by_name else "", *_answer_or_reason((found | absent)[name]))
        for name, title in titles.items()
    ]
    return section(lines, answers, questions["interpolation"], fine, by_step)


def section(
    rows: Sequence[Row],
    answers: dict[str, Answer],
    asked: dict[str, Any],
    fine: dict[str, Answer],
    by_step: dict[float, Answer],
) -> str:
    """Return the tables, given all rows, the answers by name, and the finest ones as `finest` returns them."""
    true = extrapolated(*by_step.values()) if by_step else thresholds(fine["interpolation"])
    yardsticks = {
        "interpolation": Yardstick(true, answers.get("neuron")),
        "discrete": Yardstick(thresholds(fine["discrete"]), answers.get(TABLE_NEURON)),
    }
    steps = {f"NEURON, steps of {STEP_US:g} us": answers["neuron"]} if "neuron" in answers else {}
    steps |= {f"NEURON, steps of {step:g} us": answer for step, answer in by_step.items()}
    steps |= {
        f"our axon, steps of {STEP_US:g} us, NEURON's scheme": answers["axon-plain"],
        "our axon, as the product uses it": answers["axon-single"],
        "our axon, very fine steps": fine["interpolation"],
    }
    by_part = {"our axon": answers["axon-single"], "our predictor": answers["predictor-single"]}
    return "\n\n".join(
        (
            f"Measured on {date.today().isoformat()}, {machine()}; {versions(answers)}:",
            main_table(rows, yardsticks),
            f"Errors are against {FINEST_IS_NEURON if by_step else FINEST_IS_OURS}",
            steps_table(steps, true),
            "Errors of ours against the same, field by field, pulse by pulse, diameter by diameter:",
            parts_table(asked, by_part, true),
        )
    )


def _answer_or_reason(outcome: Answer | str) -> tuple[Answer | None, str]:
    return (outcome, "") if isinstance(outcome, Answer) else (None, outcome)


def versions(answers: dict[str, Answer]) -> str:
    """Return the versions of all that answered."""
    return "; ".join(dict.fromkeys(answer.version for answer in answers.values()))


def put_into(page: Path, text: str) -> None:
    """Put the text between the marks of a page; raises SystemExit where they are not there."""
    head, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{page} lacks the marks {BEGIN} and {END}")
    write_text(page, f"{head}{BEGIN}\n{text}\n{END}{tail}")


def main(words: Sequence[str] | None = None) -> int:
    """Compare, print, and with --write put the tables into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="one diameter, two pulses, one turn")
    parser.add_argument("--only", choices=[peer.name for peer in PEERS], help="one peer, and us")
    parser.add_argument("--folder", type=Path, help="where the peers' environments are kept")
    options = parser.parse_args(words)
    if options.write and (options.quick or options.only):
        parser.error("--write is for the whole comparison: leave out --quick and --only")
    chosen = [peer for peer in PEERS if options.only in (None, peer.name)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        text = compare(chosen, options.quick, folder)
    print(text)
    if options.write:
        put_into(PAGE, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
