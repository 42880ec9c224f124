"""`scs-sim sweep`: cases x patients x postures x configurations x pulses x rates x amplitudes, into a data set."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scs_sim.cli.framework import (
    EXIT_INTERRUPTED,
    KernelProgress,
    ScsCommand,
    complete_case,
    say,
    settings,
    write_json,
    write_rich,
)
from scs_sim.cli.trial import WAVEFORM_CHOICES

if TYPE_CHECKING:
    from scs_sim.sweep.outputs import Output
    from scs_sim.sweep.plan import SweepPlan

_LIST_ENDING = ".txt"


@click.command(
    cls=ScsCommand,
    short_help="Cross settings, programs and patients into a data set.",
    examples=(
        ("scs-sim sweep plan.toml -o out.zarr", "what a plan file asks for, as a labelled data set (docs/sweep.md)"),
        ("scs-sim sweep --case foot --amplitudes comfort,1:8:0.5 --csv foot.csv", "a plan on the command line"),
        ("scs-sim sweep plan.toml --dry-run", "what it would be: the axes and how many evaluations"),
        ("scs-sim sweep plan.toml -o out.zarr --resume", "go on after Ctrl+C, a kill or a power cut"),
        ("scs-sim sweep plan.toml -o out.zarr --scheduler tcp://10.0.0.5:8786", "on a Dask cluster that runs already"),
    ),
)
@click.argument("plan_file", metavar="[PLAN]", required=False)
@click.option(
    "-o", "--output", "zarr", type=click.Path(), metavar="DIR", help="Write the data set as Zarr; extra [sweep]."
)
@click.option("--csv", type=click.Path(dir_okay=False), metavar="FILE", help="Write a long table as CSV.")
@click.option(
    "--parquet", type=click.Path(dir_okay=False), metavar="FILE", help="Write the table as Parquet; needs pyarrow."
)
@click.option(
    "--case", "cases", multiple=True, metavar="CASE", shell_complete=complete_case, help="A case; repeatable."
)
@click.option(
    "--population", type=click.IntRange(1, 100_000), metavar="N", help="N patients drawn with --seed per case."
)
@click.option("--known", metavar="NAMES", help="With --population: what is known of the patient, comma-separated.")
@click.option("--postures", metavar="NAMES", help="Postures, comma-separated, or all; default: the case's own.")
@click.option(
    "--configurations",
    multiple=True,
    metavar="TEXT|FILE",
    help='"1.3- 1.4+, 1.2+ 1.3-", own (the case\'s), or a .txt file with one a line; repeatable; default: own.',
)
@click.option("--waveforms", metavar="NAMES", help=f"Of {', '.join(WAVEFORM_CHOICES)}; default: the case's own.")
@click.option("--pulse-widths", metavar="US,...", help="Pulse widths or FIRST:LAST:STEP; default: the case's own.")
@click.option("--rates", metavar="HZ,...", help="Rates or FIRST:LAST:STEP; default: the case's own.")
@click.option(
    "--amplitudes",
    metavar="MA,...",
    help='mA, FIRST:LAST:STEP, or of each patient: comfort, PT, DT, "0.9 DT"; default: comfort.',
)
@click.option("--limit-profile", "profile", metavar="NAME", help="Limit profile of the generator.")
@click.option("--regions", is_flag=True, help="Keep the felt share of every region of the body map.")
@click.option("--resume", is_flag=True, help="Go on with the finished chunks of an earlier run of the same plan.")
@click.option("--fresh", is_flag=True, help="Start anew; what an earlier sweep wrote is kept as NAME.old.")
@click.option("--workers", type=click.IntRange(1, 32), metavar="N", help="Processes; default: one per processor.")
@click.option("--scheduler", metavar="ADDRESS", help="Work on the Dask cluster of this scheduler; extra [sweep].")
@click.option("--dry-run", is_flag=True, help="Only say what the sweep would be.")
def sweep(
    plan_file: str | None,
    zarr: str | None,
    csv: str | None,
    parquet: str | None,
    resume: bool,
    fresh: bool,
    workers: int | None,
    scheduler: str | None,
    dry_run: bool,
    **given: Any,
) -> int:
    """Evaluate every combination of cases, patients, postures, configurations, pulses, rates and amplitudes.

    PLAN is a .toml or .json file (- is standard input); options take the place of what stands in it. Thresholds are
    found once per pulse and serve every rate and amplitude. Predicts paresthesia, never pain relief.
    """
    from scs_sim.sweep.design import sweep_of
    from scs_sim.sweep.run import Run

    if resume and fresh:
        raise click.UsageError("--resume goes on and --fresh starts anew; give one of them")
    if scheduler is not None and workers is not None:
        raise click.UsageError("--workers are processes of this machine; with --scheduler the cluster has its own")
    outputs = _outputs(zarr, csv, parquet)
    if not outputs and not dry_run:
        raise click.UsageError("nothing to write; give -o DIR, --csv FILE or --parquet FILE, or --dry-run")
    plan = _plan(plan_file, given)
    made = sweep_of(plan)
    if dry_run:
        return _report(made, None)
    started_s = time.monotonic()
    try:
        with KernelProgress("sweep") as progress:
            outcome = Run(outputs, resume, fresh, scheduler or "", workers)(made, progress)
    except KeyboardInterrupt:
        say("\nscs-sim: interrupted; finished chunks are kept, --resume goes on with them")
        return EXIT_INTERRUPTED
    say(f"sweep: {outcome.evaluations_count:,} evaluations, {time.monotonic() - started_s:.1f} s")
    return _report(made, outcome)


def _outputs(zarr: str | None, csv: str | None, parquet: str | None) -> tuple[Output, ...]:
    from scs_sim.sweep.outputs import Output

    paths = {"zarr": zarr, "csv": csv, "parquet": parquet}
    chosen = {kind: Path(path) for kind, path in paths.items() if path is not None}
    if len({path.absolute() for path in chosen.values()}) < len(chosen):
        raise click.UsageError("two outputs have the same name")
    return tuple(Output(kind, path) for kind, path in chosen.items())


def _plan(plan_file: str | None, given: dict[str, Any]) -> SweepPlan:
    from dataclasses import replace

    from scs_sim.sweep.design import read_plan
    from scs_sim.sweep.plan import SweepPlan

    lists = {"postures": "postures", "waveforms": "waveforms", "known": "known"}
    numbers = {"pulse_widths": "pulse_widths_us", "rates": "rates_hz", "amplitudes": "amplitudes_ma"}
    changes: dict[str, Any] = {field: _words(given[name]) for name, field in lists.items() if given[name] is not None}
    changes |= {field: _words(given[name]) for name, field in numbers.items() if given[name] is not None}
    if given["cases"]:
        changes["cases"] = given["cases"]
    if given["configurations"]:
        changes["configurations"] = tuple(text for item in given["configurations"] for text in _configurations(item))
    if given["population"] is not None:
        changes["patients_count"] = given["population"]
    if given["profile"] is not None:
        changes["profile"] = given["profile"]
    if given["regions"]:
        changes["regions"] = True
    if _seed_given():
        changes["seed"] = settings().seed
    if plan_file is not None:
        return replace(read_plan(plan_file), **changes)
    if not given["cases"]:
        raise click.UsageError("no case; give a PLAN file or --case CASE")
    return SweepPlan(**changes)


def _seed_given() -> bool:
    """Return whether --seed stands on the command line, before the command or behind it."""
    from click.core import ParameterSource

    context: click.Context | None = click.get_current_context()
    while context is not None:
        if context.get_parameter_source("seed") is ParameterSource.COMMANDLINE:
            return True
        context = context.parent
    return False


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _configurations(text: str) -> tuple[str, ...]:
    """Return the configurations that an option names, or that stand in its file, one a line, # for comments."""
    from scs_models.errors import InvalidFileError

    if not text.lower().endswith(_LIST_ENDING):
        return _words(text)
    try:
        lines = Path(text).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidFileError(text, [f"cannot be read: {error}"]) from error
    found = tuple(line for line in (line.partition("#")[0].strip() for line in lines) if line)
    if not found:
        raise InvalidFileError(text, ["holds no configuration; write one a line, as 1.3- 1.4+"])
    return found


def _report(made: Any, outcome: Any) -> int:
    from scs_sim.cli.show_sweep import sweep_page
    from scs_sim.sweep.describe import run_document

    if settings().as_json:
        write_json(run_document(made, outcome))
    else:
        write_rich(*sweep_page(made, outcome))
    return 0
