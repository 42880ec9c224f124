"""`scs-sim evaluate`: a case and a program in, thresholds, coverage, side effects and safety out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from scs_sim.cli.framework import (
    EXIT_CHECK,
    KernelProgress,
    ScsCommand,
    blamed_on,
    complete_case,
    say,
    settings,
    write_json,
    write_rich,
)
from scs_sim.cli.trial import Trial, measured_pt_option, trial_options

if TYPE_CHECKING:
    from scs_sim.case import Case
    from scs_sim.result import Result
    from scs_sim.simulate import Request


def _percent(_ctx: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0.0 <= value <= 100.0:
        raise click.BadParameter(f"{value:g} is not a percentage; it must lie between 0 and 100")
    return value


@click.command(
    cls=ScsCommand,
    short_help="One program: thresholds, coverage, side effects, safety.",
    examples=(
        ("scs-sim evaluate back-and-left-leg", "a built-in case with its own program, at comfort"),
        ('scs-sim evaluate foot --contacts "1.3-60 1.4-40 1.6+100" --amplitude-ma 4', "another program"),
        ("scs-sim evaluate foot --explain left_sole_medial", "where the coverage of a region comes from"),
        ("scs-sim evaluate low-back foot --json --fail-under 60", "two cases in a pipeline; exit code 4 below 60 %"),
        ('scs-sim evaluate foot --area "1.6- 1.7+; 3 mA; 80 Hz"', "a second area beside the case's own program"),
        ("scs-sim evaluate low-back --posture standing --open 1.4", "another posture, and a broken contact"),
        ("scs-sim evaluate foot --population 200 --seed 7", "the same over 200 patients: how sure the figures are"),
        ("scs-sim evaluate my-case.toml --svg map.svg", "a case of your own, and a picture of the body map"),
    ),
)
@click.argument("cases", metavar="CASE...", nargs=-1, required=True, shell_complete=complete_case)
@trial_options
@click.option(
    "--population",
    type=click.IntRange(2, 100_000),
    metavar="N",
    help="Over N patients drawn with --seed who agree with what the case knows: 90 % bands instead of one result.",
)
@click.option(
    "--known",
    metavar="NAMES",
    help="With --population: what is known of the patient, comma-separated; default: what differs from usual.",
)
@measured_pt_option
@click.option("--profile", metavar="NAME", help="Limit profile of the generator; what it does not allow is listed.")
@click.option(
    "--explain",
    "explain_region",
    metavar="REGION",
    help="Say where the coverage of a region comes from and what limits it.",
)
@click.option(
    "--fail-under",
    type=float,
    callback=_percent,
    metavar="PERCENT",
    help="Exit with 4 where less of the painful area is covered.",
)
@click.option(
    "--svg",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Draw the body map; with several cases FILE holds {case}.",
)
@click.option("--png", type=click.Path(dir_okay=False), metavar="FILE", help="The same as a bitmap.")
def evaluate(
    cases: tuple[str, ...],
    trial: Trial,
    population: int | None,
    known: str | None,
    measured_pt_ma: float | None,
    profile: str | None,
    explain_region: str | None,
    fail_under: float | None,
    svg: str | None,
    png: str | None,
) -> int:
    """Evaluate one program: where paresthesia is felt, how much of the pain it covers, and what it costs.

    CASE is a built-in case (scs-sim cases), a .toml or .json file, or - for standard input.
    """
    from scs_models.percept.body_map import load_body_map
    from scs_models.values import require_one_of
    from scs_sim.simulate import Request

    only_one = {
        "--explain": explain_region,
        "--fail-under": fail_under,
        "--svg": svg,
        "--png": png,
        "--profile": profile,
    }
    for option in [name for name, value in only_one.items() if value is not None and population is not None]:
        raise click.UsageError(f"{option} is about one patient; it does not go with --population")
    if known is not None and population is None:
        raise click.UsageError("--known says what is known of a patient; it needs --population")
    if population is not None and len(cases) > 1:
        raise click.UsageError("--population takes one case at a time")
    for picture in (svg, png):
        if picture is not None and len(cases) > 1 and "{case}" not in picture:
            raise click.UsageError(f"with several cases {picture!r} must hold {{case}}, for example map-{{case}}.svg")
    if explain_region is not None:
        require_one_of("region", explain_region, load_body_map().region_ids)
    requests = [
        Request(case, program, trial.amplitude_ma, measured_pt_ma, profile or "")
        for case, program in trial.cases(cases)
    ]
    if population is not None:
        return _over_people(requests[0], population, known)
    results = []
    for name, request in zip(cases, requests, strict=True):
        with KernelProgress(request.case.id) as progress, blamed_on(name):
            results.append(request(progress=progress))
    _report(results, explain_region)
    for request, result in zip(requests, results, strict=True):
        _draw(request.case, result, svg, png)
    return _check(results, fail_under)


def _over_people(request: Request, count: int, known: str | None) -> int:
    from scs_sim.cli.show_population import population_page
    from scs_sim.population import PopulationRequest
    from scs_sim.population_document import population_document

    case, program = request.case, request.program
    assert program is not None
    names = None if known is None else tuple(name.strip() for name in known.split(",") if name.strip())
    asked = PopulationRequest(
        case, program, count, settings().seed, request.amplitude_ma, names, request.measured_pt_ma
    )  # fmt: skip
    with KernelProgress(case.id) as progress:
        result = asked(progress=progress)
    if settings().as_json:
        write_json(population_document(result))
    else:
        write_rich(*population_page(result))
    return 0


def _report(results: Sequence[Result], explain_region: str | None) -> None:
    from scs_sim.document import Explanation, results_document
    from scs_sim.explain import explain

    words = [explain(result, explain_region) for result in results] if explain_region is not None else []
    if settings().as_json:
        explanations = [Explanation(str(explain_region), lines) for lines in words]
        write_json(results_document(results, seed=settings().seed, explanations=explanations))
        return
    from scs_sim.cli.show import page

    for index, result in enumerate(results):
        write_rich(*page(result, words[index] if words else ()))


def _draw(case: Case, result: Result, svg: str | None, png: str | None) -> None:
    if svg is None and png is None:
        return
    from scs_models import files
    from scs_sim.picture.of_result import result_scene
    from scs_sim.picture.png import HEIGHT_PX, write_png
    from scs_sim.picture.svg import write_svg

    scene = result_scene(case, result)
    if svg is not None:
        files.write_text(svg.replace("{case}", case.id), write_svg(scene))
    if png is not None:
        files.write_bytes(png.replace("{case}", case.id), write_png(scene, HEIGHT_PX))


def _check(results: Sequence[Result], fail_under: float | None) -> int:
    if fail_under is None:
        return 0
    code = 0
    for result in results:
        if result.forbidden:
            say(f"scs-sim: {result.case_id}: forbidden: {result.forbidden}")
            code = EXIT_CHECK
            continue
        covered = result.coverage.pain_covered_percent
        if covered is None or covered < fail_under:
            found = "coverage does not apply" if covered is None else f"{covered:.1f} % of the painful area is covered"
            say(f"scs-sim: {result.case_id}: {found}; at least {fail_under:g} % was asked for")
            code = EXIT_CHECK
    return code
