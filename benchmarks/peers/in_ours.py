"""The reference axon and the predictor, asked as a peer is; run as a program of its own.

    python in_ours.py WHAT INPUT OUTPUT

INPUT and OUTPUT are the JSON files of question.py. WHAT is one of WAYS: the reference axon as the product uses it
("axon"), with NEURON's steps ("axon-plain") or with very fine ones ("axon-fine"), one fibre at a time or all fields of
a fibre in one batch; the predictor alike; or the predictor as the simulator calls it on a whole case ("case-1",
"case-250": programs in a batch), which is timed only, because its fibres are the case's own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import scs_sim
from scs_models import recruitment
from scs_models.fibres import mrg, predictor
from scs_models.fibres.geometry import COMPARTMENTS_PER_INTERNODE
from scs_models.values import FloatArray

WAYS = ("axon-single", "axon-batch", "axon-plain", "axon-fine", "predictor-single", "predictor-batch", "case-1",
        "case-250")  # fmt: skip
CASE, SEED = "back-and-left-leg", 3
LEAST_S = 0.05
FINE_STEP_US = 0.625
FINE_TOLERANCE = 2e-4


@contextmanager
def counted_runs() -> Iterator[list[int]]:
    """Count the runs of the reference axon meanwhile, one for each fibre and amplitude tried: a list of numbers."""
    plain, counts = mrg.fires, []

    def counting(shape: Any, drive: Any, amplitude_ma: FloatArray, *rest: Any) -> Any:
        counts.append(amplitude_ma.size)
        return plain(shape, drive, amplitude_ma, *rest)

    mrg.fires = counting
    try:
        yield counts
    finally:
        mrg.fires = plain


def timed(work: Callable[[], FloatArray]) -> tuple[FloatArray, float]:
    """Return what `work` returns and its CPU time (s), the mean over as many calls as LEAST_S needs after a first."""
    work()
    calls, begun = 0, time.process_time()
    while calls == 0 or time.process_time() - begun < LEAST_S:
        found = work()
        calls += 1
    return found, (time.process_time() - begun) / calls


def axon_ma(
    way: str, row: dict[str, Any], pulse: dict[str, Any], fields: FloatArray, ask: dict[str, Any]
) -> FloatArray:
    """Return the reference axon's thresholds (fields,) mA."""
    nodes = fields[:, ::COMPARTMENTS_PER_INTERNODE]
    schemes: dict[str, dict[str, Any]] = {
        "axon-plain": {"time_step_us": ask["step_us"]},
        "axon-fine": {"production_step_us": FINE_STEP_US},
    }
    return mrg.threshold_ma(
        nodes,
        row["diameter_um"],
        pulse["pulse_width_us"],
        pulse["waveform"],
        geometry=row["geometry"],
        compartment_potentials_mv_per_ma=fields,
        tolerance=FINE_TOLERANCE if way == "axon-fine" else ask["tolerance"],
        guess_ma=predictor.threshold_ma(nodes, row["diameter_um"], pulse["pulse_width_us"], pulse["waveform"]),
        **schemes.get(way, {}),
    )


def predicted_ma(row: dict[str, Any], pulse: dict[str, Any], fields: FloatArray) -> FloatArray:
    """Return the predictor's thresholds (fields,) mA."""
    nodes = fields[:, ::COMPARTMENTS_PER_INTERNODE]
    return predictor.threshold_ma(nodes, row["diameter_um"], pulse["pulse_width_us"], pulse["waveform"])


def group(way: str, row: dict[str, Any], pulse: dict[str, Any], ask: dict[str, Any]) -> dict[str, Any]:
    """Return the answer for one pulse of one fibre: thresholds of the judged fields, CPU time and runs of each."""
    judged = len(row["names"])
    fields = np.array(row["fields_mv_per_ma"])
    if way in ("axon-single", "axon-fine", "predictor-single"):
        fields = fields[:judged]
    if way.startswith("predictor"):
        pieces = [fields] if way == "predictor-batch" else list(fields[:, None])
        parts = [timed(lambda piece=piece: predicted_ma(row, pulse, piece)) for piece in pieces]
        found, used, runs = np.concatenate([part[0] for part in parts]), sum(part[1] for part in parts), 0
    else:
        pieces = list(fields[:, None]) if way == "axon-single" else [fields]
        with counted_runs() as counts:
            begun = time.process_time()
            found = np.concatenate([axon_ma(way, row, pulse, piece, ask) for piece in pieces])
            used, runs = time.process_time() - begun, sum(counts)
    return {"threshold_ma": found[:judged].tolist(), "cpu_s": used / len(fields), "runs": runs / len(fields)}


def whole_case(programs_count: int, ask: dict[str, Any]) -> dict[str, Any]:
    """Return times only: each pulse over all fibres of a built-in case, for one program or for a batch folded once."""
    from scs_sim.case import builtin_case
    from scs_sim.setting import prepare

    case, begun = builtin_case(CASE), time.process_time()
    setting = prepare(case)
    setup_s = time.process_time() - begun
    weights = setting.weights(case.program)[None]
    if programs_count > 1:
        rng = np.random.default_rng(SEED)
        places = rng.random((programs_count, weights.shape[1])).argsort(axis=1)[:, :3]
        weights = np.zeros((programs_count, weights.shape[1]))
        np.put_along_axis(weights, places, np.array([[0.5, -1.0, 0.5]]), axis=1)
    fibres = sum(block.potential_mv_per_ma.shape[2] for phases in setting.field.column_blocks for block in phases)
    fibres += sum(block.potential_mv_per_ma.shape[2] for block in setting.field.root_blocks)
    groups = []
    for pulse in ask["fibres"][0]["pulses"]:
        shape = (pulse["pulse_width_us"], pulse["waveform"])
        if programs_count == 1:
            used = timed(lambda shape=shape: recruitment.thresholds(setting.field, weights, *shape).root_ma)[1]
        else:
            begun = time.process_time()
            folded = recruitment.fold(setting.field, *shape)
            recruitment.thresholds_of_batch(folded, weights)
            used = time.process_time() - begun
        groups.append({"threshold_ma": [], "cpu_s": used / (fibres * programs_count), "runs": 0})
    return {"setup_s": setup_s, "groups": groups * len(ask["fibres"])}


def main() -> None:
    """Answer the input file in one way."""
    way, source, target = sys.argv[1:]
    ask = json.loads(Path(source).read_text(encoding="utf-8"))
    if way.startswith("case-"):
        found = whole_case(int(way.removeprefix("case-")), ask)
    else:
        warm = {**ask["fibres"][0], "pulses": ask["fibres"][0]["pulses"][:1]}
        begun = time.process_time()
        axon_ma(way, warm, warm["pulses"][0], np.array(warm["fields_mv_per_ma"][:1]), ask)
        found = {
            "setup_s": time.process_time() - begun,
            "groups": [group(way, row, pulse, ask) for row in ask["fibres"] for pulse in row["pulses"]],
        }
    Path(target).write_text(json.dumps(found | {"version": f"scs-sim {scs_sim.__version__}"}), encoding="utf-8")


if __name__ == "__main__":
    main()
