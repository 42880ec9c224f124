"""Scenarios of somebody at the dials: one program at a time, the answer at once.

Everything of the product is imported inside the functions: scenarios also run on the code of other commits.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from scs_sim.bench.scenario import Stage, Work

if TYPE_CHECKING:
    from scs_sim.case import Case

CASE = "back-and-left-leg"
OTHER_POSTURE = "standing"
PULSE = (300.0, "recharge")


def drag_amplitude(_work: Work) -> Iterator[Stage]:
    """Yield the stages of one step of the amplitude's dial: thresholds stay, everything is read off anew."""
    from scs_sim.answers import felt_at, pain_field
    from scs_sim.case import builtin_case
    from scs_sim.coverage import figures
    from scs_sim.setting import prepare
    from scs_sim.simulate import Memo, Request, evaluate, simulated

    case = builtin_case(CASE)
    setting, memo = prepare(case), Memo()
    dial = itertools.cycle([0.1 * step for step in range(10, 60)])
    yield Stage("answer", lambda: simulated(setting, Request(case, amplitude_ma=next(dial)), memo))
    answers = evaluate(setting, case, [case.program])
    pain, amplitude = pain_field(case.pain), answers.amplitude_ma / answers.factor

    def read_off() -> object:
        felt = felt_at(answers.recruited, amplitude, answers.rules)
        return figures(pain, felt.total, felt.column)

    yield Stage("felt regions and coverage", read_off)


def switch_contact(_work: Work) -> Iterator[Stage]:
    """Yield the stages of other contacts or another pulse width: new thresholds of every fibre, then everything."""
    from scs_models import recruitment
    from scs_models.percept.perception import count_fibres, percept_rules, person_thresholds
    from scs_sim.case import builtin_case
    from scs_sim.setting import prepare
    from scs_sim.simulate import Request, simulate

    case = builtin_case(CASE)
    setting = prepare(case)
    weights = setting.weights(case.program)[None]
    yield Stage("thresholds", lambda: recruitment.thresholds(setting.field, weights, *PULSE))
    found = recruitment.thresholds(setting.field, weights, *PULSE)
    counts, channels = setting.column_count(setting.cathode_height_mm(weights)), setting.channels
    yield Stage(
        "tallies, a person's thresholds",
        lambda: person_thresholds(count_fibres(found, counts, channels), channels, percept_rules()),
    )
    contacts = itertools.cycle([f"1.{cathode}- 1.{cathode + 1}+" for cathode in range(1, 8)])
    yield Stage("answer", lambda: simulate(setting, Request(case, replace(case.program, contacts=next(contacts)))))
    widths_us = itertools.cycle([float(width) for width in range(100, 500, 10)])
    yield Stage(
        "answer, another pulse width",
        lambda: simulate(setting, Request(case, replace(case.program, pulse_width_us=next(widths_us)))),
    )


def move_lead(_work: Work) -> Iterator[Stage]:
    """Yield the stages of a lead moved by steps of a millimetre, kernels on disk."""
    from scs_sim.case import builtin_case
    from scs_sim.setting import prepare

    case = builtin_case(CASE)
    left, right = case.leads
    places_mm = [left.tip_offset_mm + step for step in range(4)]
    cases = [replace(case, leads=(replace(left, tip_offset_mm=place), right)) for place in places_mm]
    for moved in cases:  # builds the kernels that are missing
        prepare(moved)
    turns = itertools.cycle(cases)
    yield from _placed_anew(lambda: next(turns))


def change_posture(_work: Work) -> Iterator[Stage]:
    """Yield the stages of a patient who stands up, kernels on disk: sections between those of the grid."""
    from scs_sim.case import builtin_case

    case = replace(builtin_case(CASE), posture=OTHER_POSTURE)
    yield from _placed_anew(lambda: case)


def _placed_anew(placed: Callable[[], Case]) -> Iterator[Stage]:
    """Yield the two steps in which the window answers: the contacts in use first, with the result, then all."""
    from scs_sim.setting import prepare
    from scs_sim.simulate import Request, simulate

    def first() -> object:
        case = placed()
        active = tuple(share.name for share in case.program.shares if share.lead)
        return simulate(prepare(case, contacts=active), Request(case))

    yield Stage("contacts in use, answer", first)
    yield Stage("lead field of all contacts", lambda: prepare(placed()))


def open_case(work: Work) -> Iterator[Stage]:
    """Yield the stages from a case's file to its first answer, libraries loaded and kernels on disk."""
    from scs_models import files
    from scs_sim.case import builtin_case, load_case
    from scs_sim.setting import prepare
    from scs_sim.simulate import Request

    path = work.folder / "case.json"
    files.write_text(path, files.json_text(builtin_case(CASE)))
    yield Stage("read the file", lambda: load_case(path))
    case = load_case(path)
    yield Stage("lead field", lambda: prepare(case))
    yield Stage("all of it, with the answer", lambda: Request(load_case(path))())


def write_report(_work: Work) -> Iterator[Stage]:
    """Yield the pictures and the page that a program is handed on with."""
    from scs_sim.case import builtin_case
    from scs_sim.picture.of_result import result_scene
    from scs_sim.picture.png import HEIGHT_PX, write_png
    from scs_sim.picture.svg import write_svg
    from scs_sim.report import Matter, report_html, report_of
    from scs_sim.simulate import Request

    case = builtin_case(CASE)
    result = Request(case)()
    yield Stage("picture as SVG", lambda: write_svg(result_scene(case, result)))
    yield Stage("picture as PNG", lambda: write_png(result_scene(case, result), HEIGHT_PX))
    matter = Matter(case=case, result=result, date="2026-01-01", program_name="A", notes=())
    yield Stage("report as HTML", lambda: report_html(report_of(matter)))
