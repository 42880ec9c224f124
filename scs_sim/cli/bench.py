"""`scs-sim bench`: what a user does, measured; two commits compared; golden clinical figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scs_sim.cli.framework import (
    EXIT_CHECK,
    EXIT_PARTIAL,
    KernelProgress,
    ScsGroup,
    say,
    settings,
    write_json,
    write_out,
    write_rich,
)

if TYPE_CHECKING:
    from scs_sim.bench.alternate import Alternation
    from scs_sim.bench.document import BenchDocument

FORMATS = ("text", "json", "pytest-benchmark", "github", "markdown")


class BenchGroup(ScsGroup):
    """A group whose first command is meant where none is named: `bench --quick` is `bench run --quick`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the first command's name before words that name no command and do not ask for help."""
        names = set(self.commands)
        if not names & set(args) and args[:1] not in (["-h"], ["--help"]):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


def complete_scenario(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[Any]:
    """Return shell completions of a SCENARIO argument."""
    from click.shell_completion import CompletionItem

    from scs_sim.bench.scenarios import scenario_names

    return [CompletionItem(name) for name in scenario_names() if name.startswith(incomplete)]


@click.group(
    cls=BenchGroup,
    short_help="Measure scenarios, compare commits, check golden figures.",
    examples=(
        ("scs-sim bench", "every scenario: time and memory of its stages; the same as scs-sim bench run"),
        ("scs-sim bench drag_amplitude move_lead --quick", "two of them, in short"),
        ("scs-sim bench --format github -o bench.json", "for github-action-benchmark"),
        ("scs-sim bench compare main HEAD", "two commits in turns on this machine; exit code 4 where HEAD is worse"),
        ("scs-sim bench golden", "whether the model still says what it said; exit code 4 where a figure moved"),
    ),
)
def bench() -> None:
    """Measure what a user does, compare two commits, or check that clinical figures only change on purpose."""


@bench.command(
    "run",
    short_help="Measure scenarios.",
    examples=(
        ("scs-sim bench run --list", "the scenarios and their stages"),
        ("scs-sim bench run --quick", "all of them in short: small sizes, few repeats"),
        ("scs-sim bench run --json > before.json", "a file that bench compare reads"),
    ),
)
@click.argument("names", metavar="[SCENARIO]...", nargs=-1, shell_complete=complete_scenario)
@click.option("--quick", is_flag=True, help="Small sizes and few repeats: whether it works, roughly how long it takes.")
@click.option("--no-memory", is_flag=True, help="Times only; memory takes a run of its own.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="What to write; --json: json.",
)
@click.option("-o", "--out", metavar="FILE", help="Write to FILE; default: standard output.")
@click.option("--list", "is_list", is_flag=True, help="List scenarios and stages; measure nothing.")
def run(names: tuple[str, ...], quick: bool, no_memory: bool, form: str, out: str | None, is_list: bool) -> int:
    """Measure the stages of SCENARIOs (default: all), each in processes of its own, kernels on disk.

    Time and memory come from separate runs. A scenario that fails is told on standard error, the others go on, and the
    exit code is 5.
    """
    from scs_models.errors import OutputError
    from scs_sim.bench.run import run as run_scenarios
    from scs_sim.bench.scenarios import chosen

    scenarios = chosen(names)
    if is_list:
        return _list(names)
    if out is not None:
        _require_writable(out)
    form = "json" if settings().as_json else form
    with KernelProgress("bench") as progress:
        document = run_scenarios(scenarios, quick=quick, memory=not no_memory, progress=progress)
    for trouble in document.troubles:
        say(f"scs-sim: {trouble.scenario}: {trouble.kind}: {trouble.why}")
    if not document.rows:
        raise OutputError("no scenario could be measured")
    _write(document, form, out)
    return EXIT_PARTIAL if any(trouble.kind == "failed" for trouble in document.troubles) else 0


def _list(names: tuple[str, ...]) -> int:
    from scs_sim.bench.scenarios import chosen
    from scs_sim.cli.show_bench import scenarios_page

    if settings().as_json:
        rows = [
            {"name": item.name, "title": item.title, "clock": item.clock, "stages": list(item.stages)}
            for item in chosen(names)
        ]
        write_json({"scenarios": rows})
    else:
        write_rich(*scenarios_page(chosen(names)))
    return 0


def _require_writable(path: str) -> None:
    """Raise OutputError at once where `path` cannot be written: measuring takes minutes."""
    import os
    from pathlib import Path

    from scs_models.errors import OutputError

    target = Path(path)
    if target.is_dir() or not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        raise OutputError(f"{target}: cannot be written: no such folder, or not a file's name")


def _write(document: BenchDocument, form: str, out: str | None) -> None:
    import json

    from scs_models import files
    from scs_sim.bench.forms import github_form, pytest_benchmark_form
    from scs_sim.bench.markdown import markdown_table
    from scs_sim.cli.show_bench import bench_page, bench_text

    if form in ("text", "markdown"):
        if out is None and form == "text":
            return write_rich(*bench_page(document))
        text = markdown_table(document) if form == "markdown" else bench_text(document)
        return write_out(text) if out is None else _to_file(out, text)
    made: Any = {"json": files.encode, "github": github_form, "pytest-benchmark": pytest_benchmark_form}[form](document)
    if out is None:
        return write_json(made)
    return _to_file(out, json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")


def _to_file(out: str, text: str) -> None:
    from scs_models import files

    files.write_text(out, text)
    say(f"scs-sim: written: {out}")


@bench.command(
    "compare",
    short_help="Two commits, measured in turns.",
    examples=(
        ("scs-sim bench compare main HEAD", "two commits of the repository in this folder"),
        ("scs-sim bench compare HEAD . --quick", "the last commit with the files as they are now, in short"),
        ("scs-sim bench compare v1/bin/python v2/bin/python", "two environments in which scs-sim is installed"),
        ("scs-sim bench compare before.json after.json", "two files of scs-sim bench --json, nothing measured"),
    ),
)
@click.argument("base", metavar="BASE")
@click.argument("head", metavar="HEAD")
@click.option(
    "--only",
    "names",
    metavar="SCENARIO",
    multiple=True,
    shell_complete=complete_scenario,
    help="Only this scenario; may be repeated.",
)
@click.option("--quick", is_flag=True, help="Small sizes, few repeats, 3 rounds.")
@click.option("--rounds", type=click.IntRange(min=1, max=99), metavar="N", help="Rounds; default 5, with --quick 3.")
def compare(base: str, head: str, names: tuple[str, ...], quick: bool, rounds: int | None) -> int:
    """Measure BASE and HEAD in turns on this machine and compare: exit code 4 where HEAD is worse.

    Each is a commit, a folder with a checkout, a Python in which scs-sim is installed, or a file of bench --json. Both
    run the scenarios of this scs-sim; commits and folders run with this Python's libraries. HEAD fails where the median
    of the rounds' ratios is beyond 1.5 in time (and 0.2 ms) or 1.15 in memory (and 2 MB), where a scenario raises an
    error, and where nothing could be compared.
    """
    from pathlib import Path

    from scs_sim.bench.alternate import QUICK_ROUNDS, ROUNDS, compare_code, compare_files
    from scs_sim.bench.compare import limits
    from scs_sim.bench.scenarios import chosen

    if base.endswith(".json") != head.endswith(".json"):
        raise click.UsageError("BASE and HEAD must both be files of bench --json, or neither")
    scenarios = chosen(names)
    if base.endswith(".json"):
        if names or quick or rounds is not None:
            raise click.UsageError("--only, --quick and --rounds say what is measured; two files are measured already")
        found = compare_files(Path(base), Path(head), limits())
    else:
        turns = rounds if rounds is not None else QUICK_ROUNDS if quick else ROUNDS
        with KernelProgress("bench compare") as progress:
            found = compare_code(
                base, head, scenarios,
                repository=Path.cwd(), quick=quick, rounds=turns, rule=limits(), progress=progress,
            )  # fmt: skip
    _print_comparison(found)
    return 0 if found.comparison.passes else EXIT_CHECK


def _print_comparison(found: Alternation) -> None:
    from scs_models import files
    from scs_sim.cli.show_bench import comparison_page

    if settings().as_json:
        write_json(files.encode(found) | {"passes": found.comparison.passes})
    else:
        write_rich(*comparison_page(found))


@bench.command(
    "golden",
    short_help="Clinical figures that only change on purpose.",
    examples=(
        ("scs-sim bench golden", "exit code 4 and a table where a figure moved"),
        ("scs-sim bench golden --update", "print what moved and freeze the figures as they are now"),
    ),
)
@click.option("--update", is_flag=True, help="Print what moved, then freeze the figures of now.")
@click.option("--file", "path", metavar="FILE", help="Other frozen figures (.json); default: those of the product.")
def golden(update: bool, path: str | None) -> int:
    """Compare coverage and thresholds of fixed programs with what the model said of them when they were frozen.

    Frozen figures guard against accidents; whether they are right is what the command validate is for.
    """
    from pathlib import Path

    from scs_models import files
    from scs_sim.bench.golden import FROZEN, GoldenFigures, figures_now, freeze, golden_rules, moved, read_frozen
    from scs_sim.cli.show_bench import moved_page

    place = FROZEN if path is None else Path(path)
    if update and not place.exists():
        frozen = GoldenFigures("none", "", ())
    else:
        frozen = read_frozen(place)
    with KernelProgress("bench golden") as progress:
        now = figures_now(progress=progress)
    differences = moved(frozen, now, golden_rules())
    if settings().as_json:
        write_json({"moved": files.encode(differences), "frozen": frozen.date, "updated": update})
    else:
        write_rich(*moved_page(differences, frozen))
    if update:
        freeze(now, place)
        say(f"scs-sim: written: {place}")
        return 0
    return EXIT_CHECK if differences else 0
