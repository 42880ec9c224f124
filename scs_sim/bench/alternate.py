"""Two sides measured in turns on one machine, or read from the files of earlier runs, and compared."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from scs_models import files
from scs_models.errors import InvalidValueError
from scs_sim.bench.code import Code, code_of, running_code
from scs_sim.bench.compare import Comparison, Figures, Limits, Side, compare
from scs_sim.bench.document import BenchDocument, BenchRow, Trouble
from scs_sim.bench.run import Progress, measured
from scs_sim.bench.scenario import Scenario

ROUNDS, QUICK_ROUNDS = 5, 3


@dataclass(frozen=True, slots=True)
class Alternation:
    """What was compared with what: names of both sides, how many rounds, what to know about it, and the outcome."""

    base: str
    head: str
    rounds_count: int
    remarks: tuple[str, ...]
    comparison: Comparison


def compare_files(base: Path, head: Path, rule: Limits) -> Alternation:
    """Return the comparison of two runs' files; raise InvalidValueError where a quick run is compared with a full one.

    Not measured in turns, so that whatever else the machines did stands in the ratios.
    """
    runs = [files.read_value(BenchDocument, path) for path in (base, head)]
    if runs[0].quick != runs[1].quick:
        raise InvalidValueError(f"of {base} and {head} one is a --quick run; compare two of the same kind")
    remarks = ["Read from files: not measured in turns, so differences of machine and time of day stand in the ratios."]
    if _kind(runs[0]) != _kind(runs[1]):
        remarks.append(f"Different machines: {_kind(runs[0])}; {_kind(runs[1])}.")
    sides = [_side([(run.rows, run.troubles)]) for run in runs]
    return Alternation(str(base), str(head), 1, tuple(remarks), compare(sides[0], sides[1], rule))


def compare_code(
    base: str,
    head: str,
    scenarios: Sequence[Scenario],
    *,
    repository: Path,
    quick: bool,
    rounds: int,
    rule: Limits,
    progress: Progress,
) -> Alternation:
    """Return the comparison of two commits of `repository`, folders or Pythons, measured in turns.

    The scenarios and the measuring are this code's on both sides. Every round measures both sides of every scenario,
    the first side changing from round to round; memory is measured in the first round only, it does not wander.
    """
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scs-sim-bench-")))
        sides = {"base": code_of(base, repository, work / "base"), "head": code_of(head, repository, work / "head")}
        kernels = _kernel_folders(sides, work)
        found: dict[str, list[tuple[tuple[BenchRow, ...], tuple[Trouble, ...]]]] = {"base": [], "head": []}
        for turn in range(rounds):
            rows: dict[str, list[BenchRow]] = {"base": [], "head": []}
            troubles: dict[str, list[Trouble]] = {"base": [], "head": []}
            for index, scenario in enumerate(scenarios):
                done = (turn + index / len(scenarios)) / rounds
                progress(done, f"round {turn + 1} of {rounds}, {scenario.name}")
                for name in ("base", "head") if turn % 2 == 0 else ("head", "base"):
                    some, trouble = measured(
                        sides[name], scenario, quick=quick, memory=turn == 0, kernels=kernels[name]
                    )  # fmt: skip
                    rows[name] += some
                    troubles[name] += [trouble] if trouble is not None else []
            for name in found:
                found[name].append((tuple(rows[name]), tuple(troubles[name])))
        progress(1.0, "done")
        outcome = compare(_side(found["base"]), _side(found["head"]), rule)
        return Alternation(sides["base"].name, sides["head"].name, rounds, _remarks(sides, kernels), outcome)


def _kernel_folders(sides: dict[str, Code], work: Path) -> dict[str, str | None]:
    """Return each side's folder of kernels: the usual one (None) where its kernels are those of the running code."""
    own = running_code().kernel_code
    folders: dict[str, str | None] = {}
    for name, code in sides.items():
        folders[name] = None if code.kernel_code == own else str(work / f"kernels {code.kernel_code[:16]}")
    return folders


def _remarks(sides: dict[str, Code], kernels: dict[str, str | None]) -> tuple[str, ...]:
    said = []
    asked_for = [code.dependencies for code in sides.values()]
    if all(asked_for) and asked_for[0] != asked_for[1]:
        said.append("The two ask for different libraries; both ran with those of this Python.")
    said += [
        f"{name.capitalize()} builds kernels in another way than this code: it had kernels of its own."
        for name, folder in kernels.items()
        if folder is not None
    ]
    return tuple(said)


def _kind(run: BenchDocument) -> str:
    machine = run.machine
    return f"{machine.processor}, {machine.processors_count} processors, {machine.threads_words}"


def _side(rounds: Sequence[tuple[Sequence[BenchRow], Sequence[Trouble]]]) -> Side:
    """Return the figures of some rounds; None stands for a round without a stage, so that rounds stay side by side."""
    keys = list(dict.fromkeys(row.key for rows, _ in rounds for row in rows))
    by_round = [{row.key: row for row in rows} for rows, _ in rounds]
    stages = {}
    for key in keys:
        own = [rows.get(key) for rows in by_round]
        stages[key] = Figures(
            times_s=tuple(None if row is None else row.best_s for row in own),
            allocated_bytes=tuple(None if row is None else row.allocated_bytes for row in own),
            process_bytes=tuple(None if row is None else row.process_bytes for row in own),
        )
    troubles = [trouble for _, some in rounds for trouble in some]
    return Side(
        stages,
        missing={trouble.scenario: trouble.why for trouble in troubles if trouble.kind == "missing"},
        failed={trouble.scenario: trouble.why for trouble in troubles if trouble.kind == "failed"},
    )
