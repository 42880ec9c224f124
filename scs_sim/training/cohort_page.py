"""The page of a cohort: scores by case, items of the rubric, commonest mistakes, as plots and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import scs_sim
from scs_sim import DISCLAIMER
from scs_sim.picture.scene import Box, Fill, Item, Lines, Scene, Text
from scs_sim.report.content import Block, Fact, Facts, Figure, Paragraph, Report, Section, Table
from scs_sim.report.figures import CATHODE, GREY, HAIR, INK, PAPER, line
from scs_sim.training.cohort import FEW, Cohort, Spread, item_titles
from scs_sim.training.debrief_figures import ring

_MISTAKES_SHOWN = 15
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 820.0, 300.0, 120.0, 24.0, 20.0


def cohort_report(found: Cohort) -> Report:
    """Return the report of a cohort."""
    titles = item_titles()
    sections = [Section("At a glance", tuple(_glance(found)))]
    if found.scored_count:
        sections += [
            Section("Scores by case", tuple(_cases(found))),
            Section("Items of the rubric, all cases", tuple(_items(found.items, titles, "items"))),
            Section("Commonest mistakes", tuple(_mistakes(found))),
        ]
        sections += [
            Section(f"Case {case.case_id}", tuple(_items(case.items, titles, f"case{place}")))
            for place, case in enumerate(found.cases)
            if case.items
        ]
    return Report(
        title="Training: the whole cohort",
        subtitle=f"{found.trainees_count} trainees, {found.sessions_count} sessions; scs-sim {scs_sim.__version__}",
        sections=tuple(sections),
        footer=DISCLAIMER,
    )


def _glance(found: Cohort) -> Iterator[Block]:
    yield Facts(
        (
            Fact("Trainees", str(found.trainees_count)),
            Fact("Sessions", str(found.sessions_count), f"{found.scored_count} finished and scored"),
            Fact("Cases", str(len(found.cases))),
            Fact("Journals left out", str(found.left_out_count), "could not be read"),
        )
    )
    if found.scored_count and found.few:
        yield Paragraph(
            f"Fewer than {FEW} trainees with a score: what follows tells of single people. Keep it to yourself.", "warn"
        )
    if not found.scored_count:
        yield Paragraph("No session is finished yet, so there is nothing to score.")
    yield Paragraph(
        "Scores follow the rubric of docs/training.md. They judge how predicted paresthesia meets the pain and how"
        " carefully the work was done with a virtual patient; they say nothing of pain relief, or of work with people.",
        "muted",
    )


def _cases(found: Cohort) -> Iterator[Block]:
    rows: list[tuple[str, Spread, Sequence[float]]] = [
        (case.case_id, case.score, case.points_percent) for case in found.cases if case.score is not None
    ]
    yield Figure(
        "scores",
        spreads_scene("Scores by case", rows),
        "Points of 100. Bar: the middle half of the sessions; stroke: the median; dots: single sessions.",
    )
    yield Table(
        ("Case", "Grade", "Begun", "Over", "Declined", "Trainees", "Median", "Quartiles"),
        tuple(
            (
                case.case_id, str(case.grade), str(case.begun_count), str(case.over_count), str(case.declined_count),
                str(case.trainees_count), "" if case.score is None else f"{case.score.median_percent:.0f}",
                "" if case.score is None else f"{case.score.low_percent:.0f} to {case.score.high_percent:.0f}",
            )
            for case in found.cases
        ),
        numbers=frozenset({1, 2, 3, 4, 5, 6, 7}),
        wide=0,
    )  # fmt: skip


def _items(items: Mapping[str, Spread], titles: Mapping[str, str], name: str) -> Iterator[Block]:
    rows: list[tuple[str, Spread, Sequence[float]]] = [(titles[key], one, ()) for key, one in items.items()]
    yield Figure(
        name,
        spreads_scene("Items of the rubric", rows),
        "Share of an item's points, in percent. Bar: the middle half; thin line: least to greatest; stroke: median.",
    )


def _mistakes(found: Cohort) -> Iterator[Block]:
    if not found.mistakes:
        yield Paragraph("None.")
        return
    yield Table(
        ("What", "Sessions", "Share"),
        tuple(
            (one.what, f"{one.sessions_count} of {one.of_count}", f"{one.share_percent:.0f} %")
            for one in found.mistakes[:_MISTAKES_SHOWN]
        ),
        numbers=frozenset({1, 2}),
        wide=0,
    )


def spreads_scene(title: str, rows: Sequence[tuple[str, Spread, Sequence[float]]]) -> Scene:
    """Return each row's spread over 0 to 100 percent, with single values as dots where given."""
    height, wide = _TOP + _ROW * len(rows) + 34.0, _WIDTH - _LEFT - _RIGHT

    def x_of(percent: float) -> float:
        return _LEFT + wide * percent / 100.0

    items: list[Item] = [Box(0, 0, _WIDTH, height, PAPER)]
    for tick in range(0, 101, 20):
        items.append(Lines([line(x_of(tick), _TOP - 6, x_of(tick), height - 26)], HAIR, 0.7))
        items.append(Text(x_of(tick), height - 10, f"{tick}", 12, GREY, anchor="middle"))
    for place, (name, one, values) in enumerate(rows):
        y = _TOP + _ROW * place + 8.0
        words = name if len(name) <= 44 else name[:43] + "…"
        items += [
            Text(_LEFT - 12, y + 4, words, 12.5, INK, anchor="end"),
            Lines([line(x_of(one.least_percent), y, x_of(one.greatest_percent), y)], GREY, 1.0),
            Box(
                x_of(one.low_percent), y - 6, max(x_of(one.high_percent) - x_of(one.low_percent), 1.0), 12.0, HAIR, 2.0
            ),
            *(Fill([ring(x_of(value), y, 2.6)], GREY) for value in values),
            Lines([line(x_of(one.median_percent), y - 7, x_of(one.median_percent), y + 7)], CATHODE, 2.6),
            Text(x_of(100.0) + 12, y + 4, f"{one.median_percent:.0f}  (n = {one.count})", 12, INK),
        ]
    said = "; ".join(f"{name}: median {one.median_percent:.0f} of {one.count}" for name, one, _ in rows)
    return Scene(_WIDTH, height, title, f"{said}.", tuple(items))
