"""The long table of a sweep, one row per evaluation: CSV, and Parquet where pyarrow is there; streamed."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scs_models.errors import MissingPieceError
from scs_models.percept.body_map import load_body_map
from scs_sim.document import SIGNIFICANT_DIGITS
from scs_sim.sweep.describe import description
from scs_sim.sweep.design import Sweep
from scs_sim.sweep.figures import AXES, FELT, SETTING_AXES, WHOLE_NUMBERS, figures_of
from scs_sim.sweep.parts import Parts

TEXTS = ("case", "posture", "configuration", "contacts", "waveform", "amplitude", "worst_region")
METADATA_KEY = b"scs-sim sweep"


def columns_of(sweep: Sweep) -> tuple[str, ...]:
    """Return the names of the columns, in order."""
    names = [figure.name for figure in figures_of(False)]
    felt = [f"felt_{region}_percent" for region in load_body_map().region_ids] if sweep.plan.regions else []
    return (*AXES[:4], "contacts", *AXES[4:], *names, *felt)


def require_pyarrow() -> None:
    """Raise MissingPieceError where Parquet cannot be written."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise MissingPieceError("Parquet needs pyarrow: pip install pyarrow") from error


def write_csv(sweep: Sweep, parts: Parts, path: Path) -> None:
    """Write the table to `path` as CSV: UTF-8, a header, nine significant digits, nothing where a figure is nan."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns_of(sweep))
        for columns in _chunks(sweep, parts):
            writer.writerows(zip(*map(_texts, columns), strict=True))


def write_parquet(sweep: Sweep, parts: Parts, path: Path) -> None:
    """Write the table to `path` as Parquet; its metadata hold the description of the sweep as JSON."""
    import pyarrow as arrow
    from pyarrow import parquet

    coded = arrow.dictionary(arrow.int32(), arrow.string())
    kinds = {"patient": arrow.int32()} | dict.fromkeys(TEXTS, coded)
    names = columns_of(sweep)
    schema = arrow.schema([(name, kinds.get(name, arrow.float64())) for name in names]).with_metadata(
        {METADATA_KEY: json.dumps(description(sweep), sort_keys=True).encode()}
    )
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for columns in _chunks(sweep, parts):
            arrays = [
                arrow.array(column, type=schema.field(name).type, from_pandas=name not in TEXTS)
                for name, column in zip(names, columns, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


def _chunks(sweep: Sweep, parts: Parts) -> Iterator[list[Any]]:
    """Yield the columns of every chunk, in order; texts are lists, numbers arrays."""
    for index in range(sweep.chunks_count):
        yield _columns(sweep, index, parts.values(index))


def _columns(sweep: Sweep, index: int, values: dict[str, Any]) -> list[Any]:
    axes = sweep.axes
    case, patient, posture, chosen = sweep.place_of(index)
    shape = (chosen.stop - chosen.start, *axes.shape[SETTING_AXES + 1 :])
    place = [axis.ravel() for axis in np.indices(shape, dtype=np.int32)]
    count = len(place[0])

    def listed(labels: tuple[Any, ...], axis: int) -> list[Any]:
        return [labels[at] for at in place[axis].tolist()]

    columns: list[Any] = [
        [axes.cases[case]] * count, np.full(count, patient), [axes.postures[posture]] * count,
        listed(axes.configurations[chosen], 0), listed(axes.contacts[case][chosen], 0), listed(axes.waveforms, 1),
        np.array(axes.pulse_widths_us)[place[2]], np.array(axes.rates_hz)[place[3]],
        listed(tuple(point.label for point in axes.amplitudes), 4),
    ]  # fmt: skip
    regions = load_body_map().region_ids
    for figure in figures_of(False):
        array = values[figure.name]
        flat = np.broadcast_to(array.reshape(array.shape + (1,) * (len(shape) - array.ndim)), shape).ravel()
        if figure.name in WHOLE_NUMBERS:
            columns.append([regions[at] if at >= 0 else None for at in flat.tolist()])
        else:
            columns.append(flat)
    if sweep.plan.regions:
        columns += list(values[FELT.name].reshape(count, -1).T)
    return columns


def _texts(column: Any) -> list[str]:
    if isinstance(column, list):
        return [item or "" for item in column]
    distinct, place = np.unique(column, return_inverse=True)  # thresholds stand in many rows
    texts = ["" if math.isnan(value) else f"{value:.{SIGNIFICANT_DIGITS}g}" for value in distinct.tolist()]
    return [texts[at] for at in place.tolist()]
