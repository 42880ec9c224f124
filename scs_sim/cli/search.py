"""`scs-sim search`: the best programs for a case, with reasons, told as they are found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scs_sim.cli.framework import (
    EXIT_INTERRUPTED,
    KernelProgress,
    ScsCommand,
    blamed_on,
    complete_case,
    say,
    settings,
    write_json,
    write_rich,
)
from scs_sim.cli.trial import Trial, measured_pt_option, some_trial_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scs_sim.case import Case
    from scs_sim.objective import Objective
    from scs_sim.search.result import SearchResult

TOP_COUNT = 5


def complete_objective(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[object]:
    """Return shell completions of an objective: built-in names, then files."""
    from click.shell_completion import CompletionItem

    from scs_sim.objective import objective_names

    items = [CompletionItem(name) for name in objective_names() if name.startswith(incomplete)]
    return list(items or [CompletionItem(incomplete, type="file")])


def _pulse_widths(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[float, ...]:
    if value is None:
        return ()
    try:
        return tuple(float(word) for word in value.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a list of pulse widths; write for example 210,300,450") from error


@click.command(
    cls=ScsCommand,
    short_help="The best programs for a case, with reasons.",
    examples=(
        ("scs-sim search foot", "the five best programs that differ, compared with the case's own"),
        ("scs-sim search low-back --objective focused", "another idea of what is good (scs-sim objectives)"),
        ("scs-sim search foot --weight unwanted_of_felt_percent=-0.5", "one weight of the objective changed"),
        (
            "scs-sim search foot --max-active 2 --pulse-widths 210,300,450",
            "two contacts, at three pulse widths",
        ),
        ("scs-sim search low-back --limit-profile multi-source", "only what this generator can be dialled to"),
        ("scs-sim search back-and-left-leg --areas 2", "programs of up to two areas whose pulses take turns"),
        ("scs-sim search foot --write found --csv front.csv", "the suggestions as program files, the front as a table"),
        ("scs-sim search my-case.toml --json", "one JSON document for a script"),
    ),
)
@click.argument("case_name", metavar="CASE", shell_complete=complete_case)
@click.option(
    "--objective",
    "objective_name",
    metavar="NAME|FILE",
    default="balanced",
    show_default=True,
    shell_complete=complete_objective,
    help="What a good program is: a built-in objective (scs-sim objectives), or a file.",
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another weight for one figure of the objective; repeatable.",
)
@click.option(
    "--max-active",
    type=click.IntRange(2, 16),
    default=5,
    show_default=True,
    metavar="N",
    help="At most N active contacts per area; the generator's case counts none.",
)
@click.option(
    "--pulse-widths",
    "pulse_widths_us",
    callback=_pulse_widths,
    metavar="US,US,...",
    help="Pulse widths to choose among; default: the program's own in the exhaustive part, then any usual one.",
)
@click.option(
    "--areas",
    "areas_count",
    type=click.IntRange(1, 4),
    default=1,
    show_default=True,
    metavar="N",
    help="Programs of up to N areas.",
)
@click.option("--limit-profile", "profile", metavar="NAME", help="Limit profile of the generator; suggestions obey it.")
@click.option(
    "--top",
    "top_count",
    type=click.IntRange(1, 20),
    default=TOP_COUNT,
    show_default=True,
    metavar="K",
    help="How many suggestions.",
)
@click.option(
    "--population",
    "population_count",
    type=click.IntRange(2, 100_000),
    metavar="N",
    help="Judge the suggestions over N patients drawn with --seed, too: 90 % bands.",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), metavar="N", help="Processors at work at once; default: all. Same result."
)
@some_trial_options("program_file", "rate_hz", "waveform", "patient_file", "posture", "opens", "shorts", "moves")
@measured_pt_option
@click.option("--csv", type=click.Path(dir_okay=False), metavar="FILE", help="Write the Pareto front as CSV.")
@click.option(
    "--write", "folder", type=click.Path(file_okay=False), metavar="DIR", help="Write the suggestions as program files."
)
@click.option("--force", is_flag=True, help="With --csv and --write: write over files that exist.")
def search(
    case_name: str,
    objective_name: str,
    weights: tuple[str, ...],
    max_active: int,
    pulse_widths_us: tuple[float, ...],
    areas_count: int,
    profile: str | None,
    top_count: int,
    population_count: int | None,
    threads: int | None,
    trial: Trial,
    measured_pt_ma: float | None,
    csv: str | None,
    folder: str | None,
    force: bool,
) -> int:
    """Find the best programs for a case: amplitude, contacts, shares and pulse width, by an objective you can change.

    CASE is a built-in case (scs-sim cases), a .toml or .json file, or - for standard input. Its own program (or that of
    --program, --rate-hz, --waveform) is what suggestions are compared with; they keep its rate and waveform. Ctrl+C
    prints the best so far.
    """
    if [case_name, objective_name, trial.program_file, trial.patient_file].count("-") > 1:
        raise click.UsageError("standard input (-) can be read once only")
    objective = _objective(objective_name, weights)
    case = _case(case_name, trial, measured_pt_ma)
    _require_free(_targets(case, top_count, csv, folder), force)
    from scs_sim.cli.show_search import SearchProgress
    from scs_sim.search.request import SearchRequest

    request = SearchRequest(
        case=case,
        objective=objective,
        profile=profile or "",
        max_active=max_active,
        pulse_widths_us=pulse_widths_us,
        areas_count=areas_count,
        top_count=top_count,
        population_count=population_count or 0,
        seed=settings().seed,
        threads=threads,
    )
    found: SearchResult | None = None
    interrupted = False
    try:
        with SearchProgress(case.id) as progress, blamed_on(case_name):
            for found in request.steps(progress.kernels):
                progress(found)
    except KeyboardInterrupt:
        interrupted = True
    if found is None:
        say("scs-sim: interrupted before anything was found; finished kernels are kept")
        return EXIT_INTERRUPTED
    _report(found)  # before the files: what was found is seen even where they cannot be written
    _write_files(found, csv, folder)
    if interrupted:
        say(f"scs-sim: interrupted while {found.stage}; this is the best so far")
        return EXIT_INTERRUPTED
    return 0


def _objective(name: str, weights: Sequence[str]) -> Objective:
    from dataclasses import replace

    from scs_sim.objective import FIGURES, ROOM, load_objective

    objective = load_objective(name)
    if not weights:
        return objective
    changed: dict[str, float] = {}
    allowed = (*FIGURES, *ROOM)
    for text in weights:
        figure, _, value = (part.strip() for part in text.partition("="))
        if figure not in allowed:
            raise click.UsageError(
                f"--weight {text!r} names no figure of an objective; it must be one of {', '.join(allowed)}"
            )
        try:
            changed[figure] = float(value)
        except ValueError as error:
            raise click.UsageError(f"--weight {text!r} is not NAME=VALUE; write for example {figure}=0.5") from error
    said = ", ".join(f"{figure} {value:g}" for figure, value in changed.items())
    return replace(objective, name="own", title=f"{objective.name} with {said}", **changed)


def _case(name: str, trial: Trial, measured_pt_ma: float | None) -> Case:
    from dataclasses import replace

    from scs_sim.setting import prepare
    from scs_sim.simulate import calibrated

    [(case, program)] = trial.cases([name])
    with blamed_on(name):
        case = replace(case, program=program)
        if measured_pt_ma is None:
            return case
        with KernelProgress(case.id) as progress:
            return calibrated(prepare(case, progress=progress), case, program, measured_pt_ma)


def _targets(case: Case, top_count: int, csv: str | None, folder: str | None) -> list[Path]:
    programs = [] if folder is None else [_program_path(folder, case.id, place) for place in range(1, top_count + 1)]
    return ([] if csv is None else [Path(csv)]) + programs


def _program_path(folder: str, case_id: str, place: int) -> Path:
    return Path(folder) / f"{case_id}-{place}.toml"


def _require_free(paths: Sequence[Path], force: bool) -> None:
    for path in paths:
        if path.exists() and not force:
            raise click.UsageError(f"{path} exists; --force writes over it")


def _write_files(found: SearchResult, csv: str | None, folder: str | None) -> None:
    from scs_models import files
    from scs_models.errors import OutputError
    from scs_sim.case_file import program_toml
    from scs_sim.search.document import front_csv

    if csv is not None:
        files.write_text(csv, front_csv(found))
        say(f"{csv} is written: {len(found.front)} programs")
    if folder is None:
        return
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror or error}") from error
    for place, item in enumerate(found.suggestions, start=1):
        path = _program_path(folder, found.case_id, place)
        head = (
            f"Suggestion {place} of scs-sim search {found.case_id}: scs-sim evaluate {found.case_id} --program FILE",
            f"{item.point.score:.1f} points by the objective {found.objective.name}, the starting program has"
            f" {found.start.point.score:.1f}.",
        )
        files.write_text(path, program_toml(item.program, *head, *item.why))
        say(f"{path} is written")


def _report(found: SearchResult) -> None:
    if settings().as_json:
        from scs_sim.search.document import search_document

        write_json(search_document(found, seed=settings().seed))
        return
    from scs_sim.cli.show_search import search_page

    write_rich(*search_page(found))
