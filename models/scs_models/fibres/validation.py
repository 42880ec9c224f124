"""How good the fast predictor is: judged on fields that took no part in the fit, written to a file, shown as tables.

`python -m scs_models.fibres.validation judge FILE --set NAME` computes (about ten minutes); `... table FILE` prints the
tables of docs/predictor.md from what that run wrote, and `... table FILE --into DOC` puts them between the marks of a
document.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from scs_models.fibres import mrg, predictor
from scs_models.fibres.canal_fields import COLUMN_POINTS, SOURCES_X_MM, CanalTable, canal_table
from scs_models.fibres.fields import ends_matter
from scs_models.fibres.geometry import COMPARTMENTS_PER_INTERNODE, compartment_positions_mm, fibre, odd_node_count
from scs_models.fibres.slab import SlabTable, column_path, random_program, random_slab, root_path, slab_table
from scs_models.fibres.waveforms import BURST, burst, pulse_shape, waveform_names
from scs_models.values import FloatArray

FORMAT, FORMAT_VERSION = "scs-sim predictor validation", 1
BANDS_UM = ((5.7, 7.5), (7.5, 10.0), (10.0, 12.8), (12.8, 16.0))
CABLE_MM = 90.0
SLAB_REACH_MM = 13.5
NAME_COLUMNS = ("waveform", "kind", "program")
NUMBER_COLUMNS = ("diameter_um", "pulse_width_us", "true_ma", "predicted_ma")
TARGET_MEDIAN, TARGET_P95 = 2.0, 5.0


@dataclass(frozen=True, slots=True)
class JudgeSet:
    """A judging set: seed, waveforms, canal sections, and the name of the marks around its tables in the docs.

    A section is level, dorsal CSF (mm; None is canonical) and height above the dura (mm).
    """

    seed: int
    waveforms: tuple[str, ...]
    canals: tuple[tuple[str, float | None, float], ...]
    marks: str

    @property
    def begin(self) -> str:
        """Return the mark before the tables."""
        return f"<!-- {self.marks}: begin -->"

    @property
    def end(self) -> str:
        """Return the mark after the tables."""
        return f"<!-- {self.marks}: end -->"


SETS = {
    "first-three": JudgeSet(
        902_117,
        ("monophasic", "biphasic", "recharge"),
        (("T7", None, 0.65), ("T10", 4.8, 0.8), ("T12", None, 0.7)),
        "tables",
    ),
    "first-look": JudgeSet(
        411_803,
        ("biphasic-gap", "recharge-10", "passive"),
        (("T6", None, 0.75), ("T8", 3.4, 0.9), ("T12", 3.9, 0.8)),
        "first look",
    ),
    "other-pulses": JudgeSet(
        730_259,
        ("biphasic-gap", "recharge-10", "passive", BURST),
        (("T5", None, 0.7), ("T8", 4.6, 0.8), ("T12", 3.2, 0.75)),
        "other pulses",
    ),
}


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """How much is judged: diameters, pulse widths of each, fields of each kind, random layer stacks, canal sections."""

    diameters: int = 16
    widths: int = 1
    fields: int = 32
    slabs: int = 6
    canals: int = 3
    processes: int = 2


@dataclass(frozen=True, slots=True, eq=False)
class JudgeBatch:
    """Fields of one diameter: compartments (fields, compartments) mV per mA, what kind, and which program."""

    diameter_um: float
    compartments_mv_per_ma: FloatArray
    kind: tuple[str, ...]
    program: tuple[str, ...]


def slab_batch(diameter_um: float, tables: tuple[SlabTable, ...], fields: int, seed: tuple[int, ...]) -> JudgeBatch:
    """Return random programs over random flat layers along dorsal column fibres and roots of one diameter (um)."""
    rng = np.random.default_rng(seed)

    def draw(along: FloatArray, is_root: bool) -> tuple[FloatArray, str] | None:
        table = tables[int(rng.integers(len(tables)))]
        path = root_path(along, table.slab.csf_mm, rng) if is_root else column_path(along, rng)
        contacts, shares, program = random_program(rng)
        if is_root:
            contacts = contacts + np.array([rng.uniform(0.0, 3.0) * np.sign(path[-1, 0]), 0.0])
        if np.abs(path[:, 0]).max() + np.abs(contacts[:, 0]).max() > SLAB_REACH_MM:
            return None
        row = np.zeros(along.size)
        for place, share in zip(contacts, shares, strict=True):
            row += share * table.potential(path, float(place[0]), float(place[1]))
        return row, program

    return _drawn(diameter_um, fields, rng, draw, "layers")


def canal_batch(diameter_um: float, tables: tuple[CanalTable, ...], fields: int, seed: tuple[int, ...]) -> JudgeBatch:
    """Return random programs over sections of the canal along dorsal column fibres and roots of one diameter (um)."""
    rng = np.random.default_rng(seed)
    places = np.array(SOURCES_X_MM)

    def draw(along: FloatArray, is_root: bool) -> tuple[FloatArray, str] | None:
        table = tables[int(rng.integers(len(tables)))]
        contacts, shares, program = random_program(rng)
        run, point = table.random_run(rng), int(rng.integers(COLUMN_POINTS))
        if is_root:
            along = along + max(0.0, float(run.arc_mm[0] + rng.uniform(0.1, 2.0) - along[0]))
        row = np.zeros(along.size)
        for place, share in zip(contacts, shares, strict=True):
            source = int(np.argmin(np.abs(places - place[0] - (rng.uniform(0.0, 2.0) if is_root else 0.0))))
            if is_root:
                row += share * table.root(run, along, source, float(place[1]))
            else:
                row += share * table.column(point, along, source, float(place[1]))
        return row, program

    return _drawn(diameter_um, fields, rng, draw, "canal")


def _drawn(
    diameter_um: float,
    fields: int,
    rng: np.random.Generator,
    draw: Callable[[FloatArray, bool], tuple[FloatArray, str] | None],
    where: str,
) -> JudgeBatch:
    """Return fields from `draw`, columns and roots in turn, without those that would fire a cut end."""
    nodes = odd_node_count(diameter_um, CABLE_MM)
    shape = fibre(diameter_um)
    along = compartment_positions_mm(shape, nodes)
    rows: list[FloatArray] = []
    kinds: list[str] = []
    programs: list[str] = []
    while len(rows) < fields:
        is_root = len(rows) % 2 == 1
        shifted = along - 0.5 * along[-1] + rng.uniform(0.0, shape.internode_um * 1e-3)
        if is_root:
            shifted = shifted + rng.uniform(-8.0, 12.0)
        drawn = draw(shifted, is_root)
        if drawn is not None and not ends_matter(drawn[0][::COMPARTMENTS_PER_INTERNODE]):
            rows.append(drawn[0])
            kinds.append(f"{where}, {'root' if is_root else 'dorsal column'}")
            programs.append(drawn[1])
    return JudgeBatch(diameter_um, np.array(rows), tuple(kinds), tuple(programs))


def judge_batch(batch: JudgeBatch, pulse_width_us: float, waveforms: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return one record per field and waveform: what it was, the true and the predicted threshold (mA).

    The burst is judged at its own pulse width.
    """
    outside = batch.compartments_mv_per_ma
    nodes = outside[:, ::COMPARTMENTS_PER_INTERNODE]
    records = []
    for family in waveforms:
        width_us = burst().pulse_width_us if family == BURST else pulse_width_us
        guess = predictor.threshold_ma(nodes, batch.diameter_um, width_us, family)
        usable = np.where(np.isfinite(guess), guess, 1e3)
        true = mrg.threshold_ma(
            nodes,
            batch.diameter_um,
            width_us,
            pulse_shape(family),
            compartment_potentials_mv_per_ma=outside,
            guess_ma=usable,
            tolerance=1e-3,
        )
        records += [
            {
                "waveform": family,
                "diameter_um": batch.diameter_um,
                "pulse_width_us": width_us,
                "kind": kind,
                "program": program,
                "true_ma": float(reference),
                "predicted_ma": float(fast),
            }
            for kind, program, reference, fast in zip(batch.kind, batch.program, true, guess, strict=True)
        ]
    return records


def judge(chosen: JudgeSet, options: JudgeOptions, say: Callable[[str], object]) -> list[dict[str, Any]]:
    """Return the records of random diameters at random pulse widths; half the fields over layers, half in canals."""
    rng = np.random.default_rng(chosen.seed)
    layers = tuple(slab_table(random_slab(rng)) for _ in range(options.slabs))
    canals = tuple(canal_table(level, csf, above, rng) for level, csf, above in chosen.canals[: options.canals])
    say("fields ready\n")
    records: list[dict[str, Any]] = []
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        jobs = [
            pool.submit(judge_diameter, chosen, options, layers, canals, index) for index in range(options.diameters)
        ]
        for index, job in enumerate(jobs, start=1):
            records += job.result()
            say(f"{index} of {options.diameters} diameters\n")
    return records


def judge_diameter(
    chosen: JudgeSet,
    options: JudgeOptions,
    layers: tuple[SlabTable, ...],
    canals: tuple[CanalTable, ...],
    index: int,
) -> list[dict[str, Any]]:
    """Return the records of one diameter, random within its share of the range (even in ln D)."""
    rng = np.random.default_rng((chosen.seed, index))
    limits = predictor.predictor_range()
    low, high = np.log(limits.diameter_low_um), np.log(limits.diameter_high_um)
    diameter = float(np.exp(low + (index + rng.random()) / options.diameters * (high - low)))
    batches = [slab_batch(diameter, layers, options.fields, (chosen.seed, index, 0))]
    if canals:
        batches.append(canal_batch(diameter, canals, options.fields, (chosen.seed, index, 1)))
    records: list[dict[str, Any]] = []
    for batch in batches:
        for _ in range(options.widths):
            width = float(np.exp(rng.uniform(np.log(limits.pulse_width_low_us), np.log(limits.pulse_width_high_us))))
            records += judge_batch(batch, width, chosen.waveforms)
    return records


def packed(records: list[dict[str, Any]], seed: int) -> dict[str, Any]:
    """Return the content of a validation file: records as columns, names as places in their lists."""
    content: dict[str, Any] = {"format": FORMAT, "version": FORMAT_VERSION, "seed": seed, "fit": predictor.fit_record()}
    for column in NAME_COLUMNS:
        names = sorted({row[column] for row in records})
        content[f"{column}_names"] = names
        content[column] = [names.index(row[column]) for row in records]
    for column in NUMBER_COLUMNS:
        content[column] = [float(f"{row[column]:.5g}") for row in records]
    return content


def unpacked(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the records of a validation file's content; the inverse of `packed`, numbers to five digits."""
    rows = range(len(content[NUMBER_COLUMNS[0]]))
    return [
        {column: content[f"{column}_names"][content[column][row]] for column in NAME_COLUMNS}
        | {column: content[column][row] for column in NUMBER_COLUMNS}
        for row in rows
    ]


def judged_waveforms(records: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the waveforms of `records` in the order of fibres.toml, the burst last."""
    return tuple(name for name in (*waveform_names(), BURST) if any(row["waveform"] == name for row in records))


def error_percent(records: list[dict[str, Any]]) -> FloatArray:
    """Return 100 |predicted / true - 1| of records with a true threshold."""
    true = np.array([row["true_ma"] for row in records])
    fast = np.array([row["predicted_ma"] for row in records])
    return np.asarray(100.0 * np.abs(fast / true - 1.0)[np.isfinite(true)])


def tables_text(content: dict[str, Any], brief: bool = False) -> str:
    """Return the Markdown tables of docs/predictor.md from a validation file's content; `brief` leaves parts out.

    Brief tables have neither the bands of diameter nor the programs.
    """
    records = unpacked(content)
    lines = [
        f"Held-out set: {len(records)} fibre, field and pulse combinations, seed {content['seed']}, "
        f"predictor of seed {content['fit']['seed']} ({content['fit']['reference_thresholds']} reference thresholds).",
        "",
        f"Target: median at most {TARGET_MEDIAN:g} %, 95th percentile at most {TARGET_P95:g} %.",
        "",
        "| waveform | fibres | diameter um | n | median % | 95 % | largest % | target |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    kinds = sorted({row["kind"] for row in records})
    families, bands = judged_waveforms(records), () if brief else BANDS_UM
    for family in families:
        mine = [row for row in records if row["waveform"] == family]
        lines.append(_row(family, "all", "all", mine))
        for low, high in bands:
            band = [row for row in mine if low <= row["diameter_um"] < high]
            lines.append(_row(family, "all", f"{low:g}-{high:g}", band))
        for kind in kinds:
            chosen = [row for row in mine if row["kind"] == kind]
            lines.append(_row(family, kind, "all", chosen))
            for low, high in bands:
                band = [row for row in chosen if low <= row["diameter_um"] < high]
                lines.append(_row(family, kind, f"{low:g}-{high:g}", band))
    if brief:
        return "\n".join(lines) + "\n"
    lines += [
        "",
        "| program | waveform | n | median % | 95 % | largest % |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for program in sorted({row["program"] for row in records}):
        for family in families:
            chosen = [row for row in records if row["program"] == program and row["waveform"] == family]
            error = error_percent(chosen)
            lines.append(
                f"| {program} | {family} | {error.size} | {np.median(error):.2f} | "
                f"{np.percentile(error, 95.0):.2f} | {error.max():.1f} |"
            )
    return "\n".join(lines) + "\n"


def _row(family: str, kind: str, band: str, records: list[dict[str, Any]]) -> str:
    error = error_percent(records)
    if not error.size:
        return f"| {family} | {kind} | {band} | 0 | | | | |"
    median, high = float(np.median(error)), float(np.percentile(error, 95.0))
    verdict = "met" if median <= TARGET_MEDIAN and high <= TARGET_P95 else "missed"
    return f"| {family} | {kind} | {band} | {error.size} | {median:.2f} | {high:.2f} | {error.max():.1f} | {verdict} |"


def main(arguments: list[str] | None = None) -> int:
    """Judge the predictor, or print the tables of a file that a judging run wrote."""
    parser = argparse.ArgumentParser(prog="python -m scs_models.fibres.validation", description=__doc__)
    parser.add_argument("action", choices=["judge", "table"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--into", type=Path, metavar="DOC")
    parser.add_argument("--brief", action="store_true", help="tables without bands of diameter and programs")
    parser.add_argument("--set", choices=list(SETS), default="first-three")
    for name, value in asdict(JudgeOptions()).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args(arguments)
    chosen = SETS[options.set]
    if options.action == "judge":
        size = JudgeOptions(**{name: getattr(options, name) for name in asdict(JudgeOptions())})
        content = packed(judge(chosen, size, sys.stderr.write), chosen.seed)
        temporary = options.file.with_name(f"{options.file.name}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps(content), encoding="utf-8")
        temporary.replace(options.file)
    text = tables_text(json.loads(options.file.read_text(encoding="utf-8")), options.brief)
    if options.into is None:
        sys.stdout.write(text)
    else:
        head, _, rest = options.into.read_text(encoding="utf-8").partition(chosen.begin)
        tail = rest.partition(chosen.end)[2]
        options.into.write_text(f"{head}{chosen.begin}\n{text}{chosen.end}{tail}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
