"""Reference thresholds for the predictor's fit: computed in chunks, each written whole to its own file.

A chunk is one diameter and one batch of fields at every pulse width and waveform. A run that is stopped goes on where
it was: finished files are never computed again.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.fibres.fields import training_fields
from scs_models.fibres.geometry import COMPARTMENTS_PER_INTERNODE
from scs_models.fibres.mrg import threshold_ma
from scs_models.fibres.waveforms import pulse_shape
from scs_models.values import FloatArray

SAMPLE_TOLERANCE = 3e-3
SAMPLE_STEP_US = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is computed: diameters (um), pulse widths (us), per batch a collection of `fields` fields, all from `seed`.

    A batch is one of `fields.COLLECTIONS`. The fields do not depend on `families`, the waveforms computed.
    """

    diameters_um: tuple[float, ...]
    pulse_widths_us: tuple[float, ...]
    batches: tuple[str, ...]
    fields: int
    seed: int
    families: tuple[str, ...]

    def chunks(self) -> tuple[tuple[float, int], ...]:
        """Return (diameter, batch) of every chunk, first batches first, so that an early stop leaves all diameters."""
        return tuple((diameter, batch) for batch in range(len(self.batches)) for diameter in self.diameters_um)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Reference thresholds of one diameter.

    `nodes_mv_per_ma` (fields, nodes); `threshold_ma` (families, pulse widths, fields); `kind` (fields,).
    """

    diameter_um: float
    families: tuple[str, ...]
    pulse_widths_us: tuple[float, ...]
    nodes_mv_per_ma: FloatArray
    threshold_ma: FloatArray
    kind: tuple[str, ...]


def reference_thresholds(
    compartments_mv_per_ma: FloatArray,
    diameter_um: float,
    pulse_widths_us: tuple[float, ...],
    families: tuple[str, ...],
) -> FloatArray:
    """Return (families, pulse widths, fields) mA for fields (fields, compartments), each search helped by the last."""
    nodes = compartments_mv_per_ma[:, ::COMPARTMENTS_PER_INTERNODE]
    result = np.empty((len(families), len(pulse_widths_us), nodes.shape[0]))
    order = np.argsort(-np.asarray(pulse_widths_us))
    guess: FloatArray | None = None
    for column in order:
        width = pulse_widths_us[column]
        for row, family in enumerate(families):
            result[row, column] = threshold_ma(
                nodes,
                diameter_um,
                width,
                pulse_shape(family),
                compartment_potentials_mv_per_ma=compartments_mv_per_ma,
                tolerance=SAMPLE_TOLERANCE,
                guess_ma=_usable(guess if row == 0 else result[0, column]),
                production_step_us=SAMPLE_STEP_US,
            )
        shorter = [other for other in pulse_widths_us if other < width]
        if shorter:
            guess = result[0, column] * (1.0 + 250.0 / max(shorter)) / (1.0 + 250.0 / width)
    return result


def _usable(guess: FloatArray | None) -> FloatArray | None:
    return guess if guess is not None and bool(np.all(np.isfinite(guess))) else None


def compute_chunk(folder: str, plan: Plan, diameter_um: float, batch: int) -> str:
    """Compute one chunk and write its file, unless it is there; returns the file's name."""
    path = chunk_path(Path(folder), diameter_um, batch)
    if not path.exists():
        seed = (plan.seed, round(diameter_um * 1000), batch)
        fields = training_fields(diameter_um, plan.fields, seed, plan.batches[batch])
        outside = fields.compartments_mv_per_ma
        thresholds = reference_thresholds(outside, diameter_um, plan.pulse_widths_us, plan.families)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with temporary.open("wb") as stream:
            np.savez(
                stream,
                nodes=outside[:, ::COMPARTMENTS_PER_INTERNODE],
                threshold=thresholds,
                widths=np.array(plan.pulse_widths_us),
                kind=np.array(fields.kind),
                families=np.array(plan.families),
            )
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    return path.name


def chunk_path(folder: Path, diameter_um: float, batch: int) -> Path:
    """Return where the chunk of a diameter and batch is kept."""
    return folder / f"d{round(diameter_um * 1000):05d}-b{batch:02d}.npz"


def compute(folder: Path, plan: Plan, processes: int) -> None:
    """Compute every missing chunk of `plan` in `folder` with `processes` spawned processes; progress on stderr."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [chunk for chunk in plan.chunks() if not chunk_path(folder, *chunk).exists()]
    started = time.monotonic()
    if processes <= 1:
        for done, (diameter, batch) in enumerate(missing, start=1):
            _say(compute_chunk(str(folder), plan, diameter, batch), done, len(missing), started)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(compute_chunk, str(folder), plan, diameter, batch) for diameter, batch in missing]
        for done, job in enumerate(as_completed(jobs), start=1):
            _say(job.result(), done, len(missing), started)


def _say(name: str, done: int, total: int, started: float) -> None:
    sys.stderr.write(f"{name}: {done} of {total} chunks, {time.monotonic() - started:.0f} s\n")
    sys.stderr.flush()


def _same_length(parts: list[FloatArray]) -> FloatArray:
    """Join fields of different numbers of nodes, carried on in a straight line: no second difference is added."""
    longest = max(part.shape[1] for part in parts)
    index = np.arange(1, longest + 1)
    grown = [
        np.hstack((part, part[:, -1:] + (part[:, -1:] - part[:, -2:-1]) * index[: longest - part.shape[1]]))
        for part in parts
    ]
    return np.concatenate(grown)


def read_samples(folder: Path, plan: Plan) -> tuple[Samples, ...]:
    """Return the finished chunks of `plan`, joined per diameter; diameters without any are left out.

    Raises InvalidValueError where a chunk is of other waveforms than the plan's.
    """
    result = []
    for diameter in plan.diameters_um:
        paths = [chunk_path(folder, diameter, batch) for batch in range(len(plan.batches))]
        loaded = []
        for path in paths:
            if path.exists():
                with np.load(path, allow_pickle=False) as stored:
                    loaded.append({name: stored[name] for name in ("nodes", "threshold", "widths", "kind", "families")})
                computed = tuple(str(name) for name in loaded[-1]["families"])
                if computed != plan.families:
                    raise InvalidValueError(
                        f"{path} holds {', '.join(computed)}; this run needs {', '.join(plan.families)}:"
                        " use another folder"
                    )
        if loaded:
            result.append(
                Samples(
                    diameter,
                    plan.families,
                    tuple(float(width) for width in loaded[0]["widths"]),
                    _same_length([chunk["nodes"] for chunk in loaded]),
                    np.concatenate([chunk["threshold"] for chunk in loaded], axis=2),
                    tuple(str(kind) for chunk in loaded for kind in chunk["kind"]),
                )
            )
    return tuple(result)
