"""The 2.5D solver against 3D tetrahedra (NGSolve), in small; docs/fem3d/run.py is the whole of it.

The tests that need NGSolve are left out with one line where it is missing; SCS_SIM_REQUIRE_NGSOLVE=1 (set by .ci/run)
makes that a failure.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from scs_models.anatomy import section_for
from scs_models.conductor import potential_mv_per_ma

DOCS = Path(__file__).parents[2] / "docs"
RESULT = json.loads((DOCS / "data" / "fem3d.json").read_text(encoding="utf-8"))
REQUIRED = os.environ.get("SCS_SIM_REQUIRE_NGSOLVE") == "1"

# what the check must reach with elements of order 3 or more, per cent
BARS = {
    "potential_worst_percent": 0.2,
    "second_difference_median_percent": 2.0,
    "second_difference_worst_percent": 5.0,
}


@pytest.fixture(scope="module")
def run() -> Iterator[ModuleType]:
    """The script of the full run as a module; its neighbours `canal` and `alternating` are found as it finds them."""
    if find_spec("ngsolve") is None:
        message = "3D check left out: NGSolve is missing; install it with: python -m pip install -e '.[check]'"
        (pytest.fail if REQUIRED else pytest.skip)(message)
    sys.path.insert(0, str(DOCS / "fem3d"))
    names = ("run", "canal", "alternating")
    others = {name: sys.modules.pop(name) for name in names if name in sys.modules}  # peers have a `run` too
    yield importlib.import_module("run")
    sys.path.remove(str(DOCS / "fem3d"))
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(others)


@pytest.mark.slow
def test_tetrahedra_agree_and_come_closer_with_the_order(run: ModuleType) -> None:
    section, contact, points, heights = run.fibres()
    points, heights = points[::4], heights[heights <= 20.0]
    reference = run.reference_mv_per_ma(section, contact, points, heights)
    mesh = run.canal.make_mesh(section, contact)
    sigma, decay = run.canal.conductivities(section), run.canal.slowest_decay_per_mm(section)
    rows = [
        run.differences(
            run.canal.solve(mesh, contact, sigma, points, heights, order, decay).potential_mv_per_ma, reference
        )
        for order in (2, 3)
    ]
    for name, bar in BARS.items():
        assert rows[1][name] <= bar, name
        assert rows[1][name] < 0.7 * rows[0][name], name


@pytest.mark.slow
def test_a_ring_that_is_disc_everywhere_is_the_section_with_that_conductivity(run: ModuleType) -> None:
    """The 3D conjugate gradients must find what the 2.5D solver gives for the other section, end to end."""
    section, contact, points, heights = run.fibres()
    points, heights = points[::6], heights[heights <= 16.0]
    everywhere = run.Discs(((0.0, run.canal.LENGTH_MM),), np.pi)
    change = run.change_mv_per_ma(section, contact, everywhere, 0.6, points, heights, refine=0.5)
    before, after = (
        potential_mv_per_ma(each, (0.0, contact.y_mm), contact.length_mm, points, heights)
        for each in (section, section_for("T9", tissues={"bone": 0.6}))
    )
    scale = np.abs(after - before).max()
    assert np.abs(change.potential_mv_per_ma - (after - before)).max() < 0.01 * scale
    own, other = (run.canal.second_difference_mv_per_ma(v, 2) for v in (change.potential_mv_per_ma, after - before))
    assert np.abs(own - other).max() < 0.01 * np.abs(run.canal.second_difference_mv_per_ma(before, 2)).max()


def test_the_recorded_run_meets_the_bars_and_shrinks() -> None:
    levels = RESULT["check"]["result"]["levels"]
    for row in levels:
        if row["order"] >= 3:
            assert all(row[name] <= bar for name, bar in BARS.items()), row
    by_order = sorted((row for row in levels if row["size"] == 1.0), key=lambda row: row["order"])
    assert [row["order"] for row in by_order] == [2, 3, 4]
    for name in BARS:
        assert by_order[0][name] > by_order[1][name] > by_order[2][name], name


def test_the_tables_of_the_page_come_from_the_recorded_run() -> None:
    page = (DOCS / "conductor.md").read_text(encoding="utf-8")
    for row in RESULT["check"]["result"]["levels"]:
        cells = (row["size"], row["order"], *(row[name] for name in BARS))
        pattern = r"\| {} \| {} \| [\d ]+ \| [\d ]+ \| {} % \| {} % \| {} % \|".format(*map(_plain, cells))
        assert re.search(pattern, page), pattern
    for row in RESULT["discs"]["result"]:
        low, high = row["peak_second_difference_change_percent"]
        pattern = rf"\| {row['contact_at']} \| {row['disc_in']} \| {_plain(low)} to {_plain(high)} % \|"
        assert re.search(pattern, page), pattern


def _plain(value: float) -> str:
    return re.escape(f"{value:g}")
