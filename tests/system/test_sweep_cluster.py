"""A sweep on a real Dask cluster, a scheduler and workers as processes of their own, one of which is killed on the way.

Left out with one line where the extra [sweep] is missing; SCS_SIM_REQUIRE_SWEEP=1 (set by .ci/run) makes that a
failure.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sweep_helpers import finished_chunks, running, until

REQUIRED = os.environ.get("SCS_SIM_REQUIRE_SWEEP") == "1"
PLAN = """\
format = "scs-sim sweep"
version = 1
cases = ["foot"]
patients_count = 32
known = ["dorsal_csf_factor", "cord_offset_mm", "conductivities", "segment_shift"]  # all on the same kernels
seed = 4
configurations = ["own", "1.3- 1.4+", "1.2+ 1.3-60 1.4-40", "1.1- case+"]
pulse_widths_us = ["100:450:50"]
rates_hz = [20, 60, 130, 300]
amplitudes_ma = ["comfort", "0.9 DT", "1:9:0.333"]
"""
EVALUATIONS = 32 * 4 * 8 * 4 * 27
KILLED_AFTER, CHUNKS = 5, 32


@pytest.fixture(autouse=True)
def _extra() -> None:
    if find_spec("distributed") is None or find_spec("xarray") is None:
        message = "sweeps on a cluster left out: install them with: python -m pip install -e '.[sweep]'"
        (pytest.fail if REQUIRED else pytest.skip)(message)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler without workers."""
    import json

    facts = tmp_path / "scheduler.json"
    words = (
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--no-show",
    )
    with running(*words, "--scheduler-file", str(facts), log=tmp_path / "scheduler.log"):
        until(facts.exists, "the scheduler did not start")
        until(lambda: facts.read_text().rstrip().endswith("}"), "the scheduler did not say where it is")
        yield str(json.loads(facts.read_text())["address"])


def worker_words(scheduler: str, name: str) -> tuple[str, ...]:
    """What starts a worker whose process is the worker itself: no nanny that would replace a killed one."""
    return (
        "-m", "distributed.cli.dask_worker", scheduler, "--no-nanny", "--nthreads", "1", "--name", name,
        "--host", "127.0.0.1", "--no-dashboard",
    )  # fmt: skip


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_data_set_as_one_process(scheduler, tmp_path):
    import xarray
    from distributed import Client

    plan, unfinished = tmp_path / "plan.toml", tmp_path / "many.zarr.unfinished"
    plan.write_text(PLAN, encoding="utf-8")
    sweep = ("-m", "scs_sim", "sweep", str(plan), "-o")
    with ExitStack() as stack:
        workers = [
            stack.enter_context(running(*worker_words(scheduler, name), log=tmp_path / f"{name}.log"))
            for name in ("one", "two", "victim")
        ]
        client = stack.enter_context(Client(scheduler, set_as_default=False))
        client.wait_for_workers(3, timeout=60)
        many = stack.enter_context(
            running(*sweep, str(tmp_path / "many.zarr"), "--scheduler", scheduler, log=tmp_path / "many.log")
        )
        until(
            lambda: finished_chunks(unfinished) >= KILLED_AFTER and bool(busy(client, "victim")),
            "the cluster does not get on",
        )
        workers[2].kill()
        assert workers[2].wait() != 0
        done_before = finished_chunks(unfinished)
        until(
            lambda: finished_chunks(unfinished) > done_before or many.poll() is not None, "nothing came after the kill"
        )
        assert many.wait(300) == 0, (tmp_path / "many.log").read_text()
        assert len(client.scheduler_info()["workers"]) == 2
    assert KILLED_AFTER <= done_before < CHUNKS - 3  # the kill came in the middle
    with running(*sweep, str(tmp_path / "one.zarr"), "--workers", "1", log=tmp_path / "one.log") as one:
        assert one.wait(300) == 0, (tmp_path / "one.log").read_text()
    found, expected = (xarray.open_zarr(tmp_path / name).load() for name in ("many.zarr", "one.zarr"))
    assert found.pain_covered_percent.size == EVALUATIONS >= 100_000
    assert found.identical(expected)
    for name, array in expected.data_vars.items():
        assert array.values.tobytes() == found[name].values.tobytes(), name
    covered = found.pain_covered_percent.values
    assert np.isfinite(covered).all()
    assert len(np.unique(covered)) > 1000  # it is not a data set of nothing


def busy(client, name: str) -> tuple[str, ...]:
    """Return the tasks that the scheduler has given to one worker."""
    names = {facts["name"]: address for address, facts in client.scheduler_info()["workers"].items()}
    return tuple(client.processing().get(names.get(name, ""), ()))


@pytest.mark.slow
def test_a_cluster_without_workers_or_with_another_scs_sim_is_an_error(scheduler, tmp_path, monkeypatch):
    from scs_models.errors import MissingPieceError
    from scs_sim.sweep import cluster
    from scs_sim.sweep.design import sweep_of
    from scs_sim.sweep.outputs import Output
    from scs_sim.sweep.plan import SweepPlan
    from scs_sim.sweep.run import Run

    run = Run((Output("csv", tmp_path / "a.csv"),), scheduler=scheduler)
    small = sweep_of(SweepPlan(cases=("foot",)))
    monkeypatch.setattr(cluster, "REACH_WITHIN_S", 2.0)
    with pytest.raises(MissingPieceError, match="has no worker"):
        run(small)
    monkeypatch.setattr(cluster, "REACH_WITHIN_S", 30.0)
    words = worker_words(scheduler, "old")[2:]
    old = f"import sys, scs_sim; scs_sim.__version__ = '0.0.1'; sys.argv = ['dask-worker', *{words!r}];"
    old += " from distributed.cli.dask_worker import main; main()"
    refused = pytest.raises(MissingPieceError, match=r"has scs-sim 0\.0\.1, here it is")
    with running("-c", old, log=tmp_path / "old.log"), refused:
        run(small)
    assert not (tmp_path / "a.csv.unfinished").exists()
