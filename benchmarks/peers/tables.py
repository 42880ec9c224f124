"""From answers to tables: times relative to NEURON's, errors against the finest reference. Ratios only, no seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from peer import Answer, Group

from scs_models.values import FloatArray


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was asked, in which geometry, and the answer, or the reason why there is none."""

    title: str
    geometry: str
    answer: Answer | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What rows of one geometry are judged by: the finest thresholds (judged fields,), and NEURON's answer if any."""

    threshold_ma: FloatArray
    neuron: Answer | None


def best_of(answers: Sequence[Answer]) -> Answer:
    """Return one answer with the least CPU time of each group over rounds."""
    groups = tuple(
        Group(same[0].threshold_ma, min(group.cpu_s for group in same), same[0].runs)
        for same in zip(*(answer.groups for answer in answers), strict=True)
    )
    return Answer(answers[0].version, min(answer.setup_s for answer in answers), groups)


def thresholds(answer: Answer) -> FloatArray:
    """Return all thresholds of an answer (judged fields,) mA."""
    return np.array([value for group in answer.groups for value in group.threshold_ma])


def extrapolated(coarse: Answer, fine: Answer) -> FloatArray:
    """Return thresholds at a step of nothing, from a step and half of it: backward Euler is of first order."""
    return 2.0 * thresholds(fine) - thresholds(coarse)


def error_percent(found: FloatArray, true: FloatArray) -> FloatArray:
    """Return 100 (found / true - 1) (judged fields,)."""
    return np.asarray(100.0 * (found / true - 1.0))


def seconds(answer: Answer) -> float:
    """Return the CPU time of a threshold, the mean over groups, s."""
    return float(np.mean([group.cpu_s for group in answer.groups]))


def spread_cells(error: FloatArray) -> str:
    """Return the cells median, 95th percentile, largest of |error|."""
    size = np.abs(error)
    return f"{np.median(size):.2f} | {np.percentile(size, 95.0):.2f} | {size.max():.2f}"


def signed(percent: float) -> str:
    """Return a percentage with its sign, which 0.00 has not."""
    text = f"{percent:+.2f}"
    return text[1:] if float(text) == 0.0 else text


def rounded(value: float) -> str:
    """Return a ratio in two figures, thousands apart."""
    digits = f"{value:.2g}"
    return f"{float(digits):,.0f}".replace(",", " ") if value >= 10.0 else digits


def main_table(rows: Sequence[Row], yardsticks: dict[str, Yardstick]) -> str:
    """Return the table of all rows; a row without an answer stays empty and says why."""
    lines = [
        "| who | thresholds | runs for each | times as fast as NEURON | error, median % | 95 % | largest % |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        if row.answer is None:
            lines.append(f"| {row.title}: {cell(row.reason)} | | | | | | |")
            continue
        stick = yardsticks[row.geometry]
        found = thresholds(row.answer)
        runs = np.mean([group.runs for group in row.answer.groups])
        cells = [
            row.title,
            str(found.size or ""),
            f"{runs:.1f}" if runs else "",
            "" if stick.neuron is None else rounded(seconds(stick.neuron) / seconds(row.answer)),
            spread_cells(error_percent(found, stick.threshold_ma)) if found.size else " | | ",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(text: str) -> str:
    """Return text that fits a cell of a table."""
    return " ".join(text.replace("|", "/").split())[:160]


def steps_table(answers: dict[str, Answer], true: FloatArray) -> str:
    """Return how far answers lie from the finest reference, signed: medians and the widest on either side."""
    lines = ["| thresholds by | median % | lowest % | highest % |", "| --- | ---: | ---: | ---: |"]
    for title, answer in answers.items():
        error = error_percent(thresholds(answer), true)
        lines.append(f"| {title} | {signed(np.median(error))} | {signed(error.min())} | {signed(error.max())} |")
    return "\n".join(lines)


def parts_table(question: dict[str, Any], answers: dict[str, Answer], true: FloatArray) -> str:
    """Return the errors of some answers by field, by pulse and by diameter: median of the size, and the widest."""
    labels = [
        (name, f"{pulse['waveform']}, {pulse['pulse_width_us']:g} us", f"{row['diameter_um']:g} um")
        for row in question["fibres"]
        for pulse in row["pulses"]
        for name in row["names"]
    ]
    lines = [
        f"| part | n | {' | '.join(f'{title}: median % | widest %' for title in answers)} |",
        "| --- | ---: |" + " ---: | ---: |" * len(answers),
    ]
    for axis in range(3):
        for label in dict.fromkeys(row[axis] for row in labels):
            chosen = np.array([row[axis] == label for row in labels])
            cells = []
            for answer in answers.values():
                error = error_percent(thresholds(answer), true)[chosen]
                cells.append(f"{np.median(np.abs(error)):.2f} | {signed(error[np.abs(error).argmax()])}")
            lines.append(f"| {label} | {chosen.sum()} | {' | '.join(cells)} |")
    return "\n".join(lines)
