"""The forms that other tools read: pytest-benchmark's JSON, and github-action-benchmark's `customSmallerIsBetter`."""

from __future__ import annotations

import dataclasses
import statistics
from datetime import UTC, datetime
from typing import Any

from scs_sim.bench.compare import budget_s
from scs_sim.bench.document import BenchDocument, BenchRow

# The version of pytest-benchmark whose form this is; its own `compare` reads it (tests/sim/test_bench_forms.py).
PYTEST_BENCHMARK_VERSION = "5.1.0"
_MB = 1e6


def pytest_benchmark_form(run: BenchDocument) -> dict[str, Any]:
    """Return `run` as pytest-benchmark writes it; memory, clock and share of sgemm stand in `extra_info`."""
    machine = dataclasses.asdict(run.machine)
    return {
        "machine_info": {
            "node": "",
            "processor": run.machine.processor,
            "machine": run.machine.system.rpartition(" ")[2],
            "system": run.machine.system.partition(" ")[0],
            "python_implementation": "CPython",
            "python_version": run.machine.python,
            "cpu": {"brand_raw": run.machine.processor, "count": run.machine.processors_count},
            **machine,
            "product_version": run.product_version,
        },
        "commit_info": {"id": run.commit.rstrip("+"), "dirty": run.commit.endswith("+"), "project": "scs-sim"},
        "benchmarks": [_entry(row, run) for row in run.rows],
        "datetime": datetime.strptime(run.date, "%Y-%m-%d").replace(tzinfo=UTC).isoformat(),
        "version": PYTEST_BENCHMARK_VERSION,
    }


def github_form(run: BenchDocument) -> list[dict[str, Any]]:
    """Return `run` as github-action-benchmark reads it (tool customSmallerIsBetter): best times in ms, memory in MB."""
    where = f"scs-sim {run.product_version}, {run.machine.processor}, {run.machine.threads_words}"
    found: list[dict[str, Any]] = []
    for row in run.rows:
        spread = 1e3 * (statistics.median(row.times_s) - row.best_s)
        time = {"name": row.key, "unit": "ms", "value": _digits(1e3 * row.best_s), "range": f"+{_digits(spread)}"}
        found.append(time | {"extra": f"{row.clock} time, best of {len(row.times_s)}; {where}"})
        for words, size in (("allocated", row.allocated_bytes), ("process", row.process_bytes)):
            if size is not None:
                name = f"{row.key}, memory, {words}"
                found.append({"name": name, "unit": "MB", "value": _digits(size / _MB), "extra": where})
    return found


def _entry(row: BenchRow, run: BenchDocument) -> dict[str, Any]:
    return {
        "group": row.scenario,
        "name": row.key,
        "fullname": row.key,
        "params": None,
        "param": None,
        "extra_info": {
            "clock": row.clock,
            "quick": run.quick,
            "programs": row.programs_count,
            "sgemm_share": row.sgemm_share,
            "allocated_mb": None if row.allocated_bytes is None else row.allocated_bytes / _MB,
            "process_mb": None if row.process_bytes is None else row.process_bytes / _MB,
            "budget_s": budget_s(row.key),
            "wall_s": list(row.wall_s),
            "cpu_s": list(row.cpu_s),
        },
        "options": {
            "disable_gc": False,
            "timer": "process_time" if row.clock == "cpu" else "perf_counter",
            "min_rounds": 1,
            "max_time": 0.5,
            "min_time": 0.0,
            "warmup": True,
        },
        "stats": _stats(row.times_s),
    }


def _stats(times_s: tuple[float, ...]) -> dict[str, Any]:
    """Return the statistics that pytest-benchmark keeps of some times."""
    data = sorted(times_s)
    mean, many = statistics.fmean(data), len(data) > 1
    q1, _, q3 = statistics.quantiles(data, n=4, method="inclusive") if many else (data[0],) * 3
    iqr, stddev = q3 - q1, statistics.stdev(data) if many else 0.0
    low, high = q1 - 1.5 * iqr, q3 + 1.5 * iqr
    within = [value for value in data if low <= value <= high] or data
    far, aside = len(data) - len(within), sum(abs(value - mean) > stddev for value in data)
    return {
        "min": data[0],
        "max": data[-1],
        "mean": mean,
        "stddev": stddev,
        "rounds": len(data),
        "median": statistics.median(data),
        "iqr": iqr,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": far,
        "stddev_outliers": aside,
        "outliers": f"{aside};{far}",
        "ld15iqr": within[0],
        "hd15iqr": within[-1],
        "ops": 1.0 / mean if mean > 0.0 else 0.0,
        "total": sum(data),
        "iterations": 1,
        "data": list(times_s),
    }


def _digits(value: float) -> float:
    return float(f"{value:.4g}")
