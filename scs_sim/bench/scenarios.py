"""The scenarios by name: one row each; docs/benchmarks.md says what they are for."""

from __future__ import annotations

from collections.abc import Sequence

from scs_models.errors import UnknownNameError
from scs_sim.bench import at_the_dials, in_bulk
from scs_sim.bench.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "drag_amplitude",
        "the amplitude is dragged: one step of its dial",
        ("answer", "felt regions and coverage"),
        at_the_dials.drag_amplitude,
    ),
    Scenario(
        "switch_contact",
        "other contacts or another pulse width",
        ("thresholds", "tallies, a person's thresholds", "answer", "answer, another pulse width"),
        at_the_dials.switch_contact,
    ),
    Scenario(
        "move_lead",
        "a lead is moved, kernels on disk",
        ("contacts in use, answer", "lead field of all contacts"),
        at_the_dials.move_lead,
    ),
    Scenario(
        "change_posture",
        "the patient stands up, kernels on disk",
        ("contacts in use, answer", "lead field of all contacts"),
        at_the_dials.change_posture,
    ),
    Scenario(
        "open_case",
        "a case's file is opened, kernels on disk",
        ("read the file", "lead field", "all of it, with the answer"),
        at_the_dials.open_case,
    ),
    Scenario(
        "evaluate_batch",
        "many programs of one pulse are evaluated",
        ("predictor folded in", "thresholds", "thresholds to coverage"),
        in_bulk.evaluate_batch,
    ),
    Scenario(
        "nominal_size",
        "the design's nominal size: 2 000 fibres, 60 nodes, 16 contacts",
        ("thresholds of one program", "thresholds of a batch"),
        in_bulk.nominal_size,
    ),
    Scenario(
        "build_section",
        "the kernel of a cross-section that is new",
        ("mesh", "one wavenumber", "whole kernel"),
        in_bulk.build_section,
        thorough_only=("whole kernel",),
    ),
    Scenario(
        "search_pair",
        "programs are searched for on two 8-contact leads",
        ("first suggestion", "whole search"),
        in_bulk.search_pair,
        clock="wall",
        thorough_only=("whole search",),
        needs=("scs_sim.search.request",),
    ),
    Scenario(
        "population_200",
        "a program over 200 drawn patients (20 with --quick)",
        ("all patients",),
        in_bulk.population_200,
        clock="wall",
    ),
    Scenario(
        "write_report",
        "pictures and report of a program",
        ("picture as SVG", "picture as PNG", "report as HTML"),
        at_the_dials.write_report,
    ),
    Scenario(
        "import_time",
        "a new Python imports the product",
        ("Python alone", "command line", "engine"),
        in_bulk.import_time,
        clock="wall",
    ),
    Scenario(
        "evaluate_cold",
        "the command line from nothing, kernels on disk",
        ("scs-sim --help", "scs-sim evaluate"),
        in_bulk.evaluate_cold,
        clock="wall",
    ),
)


def scenario_names() -> tuple[str, ...]:
    """Return the names of all scenarios."""
    return tuple(scenario.name for scenario in SCENARIOS)


def chosen(names: Sequence[str]) -> tuple[Scenario, ...]:
    """Return the scenarios of `names` in their usual order, all for none; raise UnknownNameError."""
    for name in names:
        if name not in scenario_names():
            raise UnknownNameError("scenario", name, scenario_names())
    return tuple(scenario for scenario in SCENARIOS if not names or scenario.name in names)
