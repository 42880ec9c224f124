"""A sweep that is killed at random moments, again and again, goes on each time and ends with the same data set."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sweep_helpers import finished_chunks, running, until

PLAN = """\
format = "scs-sim sweep"
version = 1
cases = ["foot"]
patients_count = 24
known = ["dorsal_csf_factor", "cord_offset_mm", "conductivities", "segment_shift"]
seed = 8
configurations = ["own", "1.3- 1.4+", "1.2- 1.4+", "1.1- case+"]
pulse_widths_us = [100, 250, 450]
rates_hz = [20, 60, 130, 300]
amplitudes_ma = ["comfort", "1:9:0.5"]
"""


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_table(tmp_path):
    plan, chance = tmp_path / "plan.toml", random.Random(3)
    plan.write_text(PLAN, encoding="utf-8")
    words = ("-m", "scs_sim", "sweep", str(plan), "--workers", "2", "--csv")
    cut, unfinished = tmp_path / "cut.csv", tmp_path / "cut.csv.unfinished"
    counts = [0]
    for number, after in enumerate((chance.randrange(1, 4), chance.randrange(2, 6))):
        wanted = counts[-1] + after
        resumed = ("--resume",) if number else ()
        with running(*words, str(cut), *resumed, log=tmp_path / f"{number}.log") as process:
            until(lambda most=wanted: finished_chunks(unfinished) >= most or cut.exists(), "no chunk was finished")
            time.sleep(chance.uniform(0.0, 0.1))
            process.kill()
        assert not cut.exists()
        counts.append(finished_chunks(unfinished))
    assert counts == sorted(set(counts))  # every run went on where the last one was killed
    assert counts[-1] < 24
    whole = tmp_path / "whole.csv"
    for target, more in ((cut, ("--resume",)), (whole, ())):
        with running(*words, str(target), *more, log=tmp_path / "last.log") as process:
            assert process.wait(300) == 0, (tmp_path / "last.log").read_text()
    assert cut.read_bytes() == whole.read_bytes()
    assert not unfinished.exists()
    table = np.genfromtxt(whole, delimiter=",", names=True, dtype=None, encoding="utf-8")
    assert len(table) == 24 * 4 * 3 * 4 * 18
