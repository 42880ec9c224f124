"""Thresholds by OSS-DBS's pathway activation program; run as a program of its own, with OSS-DBS's Python.

    python in_ossdbs.py INPUT OUTPUT

INPUT and OUTPUT are the JSON files of question.py, of fibres in the discrete geometry. OSS-DBS is used as the program
it is: nothing of it is imported. One call tells of many axons whether they fire; the search calls it until every
bracket is narrow enough. The time of a call with nothing to run is taken off and given as the time before it is ready.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np

BUSY, DONE = 0, -2  # what OSS-DBS calls an axon to be run, and one that lies in CSF and is left out


@dataclass
class Search:
    """The bracket of one axon's threshold (mA), and the amplitude to try next."""

    fibre: int
    potential_mv_per_ma: np.ndarray
    trial: float
    climb: float
    tolerance: float
    low: float = 0.0
    high: float = float("inf")
    runs: int = field(default=0)

    @property
    def is_open(self) -> bool:
        """Return whether the bracket is still too wide."""
        return not self.high <= self.low * (1.0 + self.tolerance)

    def note(self, fired: bool) -> None:
        """Take in whether the axon fired at the amplitude tried."""
        self.runs += 1
        if fired:
            self.high = self.trial
        else:
            self.low = self.trial
        if self.low == 0.0:
            self.trial = self.high / self.climb
        elif self.high == float("inf"):
            self.trial = self.low * self.climb
        else:
            self.trial = float(np.sqrt(self.low * self.high))


def levels(phases: list, step_us: float, tail_us: float) -> np.ndarray:
    """Return the pulse's level at every step, the tail included."""
    return np.concatenate([np.full(round(length / step_us), level) for level, length in [*phases, (0.0, tail_us)]])


def call(folder: Path, fibres: list, searches: list[Search], pulse: np.ndarray, step_us: float) -> float:
    """Run OSS-DBS once on every open search and note what fired; returns the CPU time, s."""
    out = folder / "out"
    out.mkdir(exist_ok=True)
    rows = [[search for search in searches if search.fibre == index] for index in range(len(fibres))]
    pathways = {
        "Axon_Model_Type": "MRG2002",
        "connectome_name": "peers",
        "axon_diams": [row["diameter_um"] for row in fibres],
        "n_Ranvier": [row["nodes"] for row in fibres],
        "N_seeded_neurons": [len(row) for row in rows],
        "N_orig_neurons": [len(row) for row in rows],
    }
    settings = {"StimSets": {"Active": False}, "PathwayFile": str(folder / "pathways.json"), "OutputPath": str(out)}
    for name, content in (("pathways.json", pathways), ("settings.json", settings)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    with h5py.File(out / "oss_time_result_PAM.h5", "w") as file:
        file["TimeSteps[s]"] = np.arange(pulse.size) * step_us * 1e-6
        for index, row in enumerate(rows):
            group = file.create_group(f"fibre{index:02d}")
            group["Status"] = np.array([BUSY if search.is_open else DONE for search in row])
            for number, search in enumerate(row):
                axon = group.create_group(f"axon{number}")
                axon["Points[mm]"] = np.zeros((search.potential_mv_per_ma.size, 3))
                axon.attrs["inx"] = number
                if search.is_open:
                    axon["Potential[V]"] = np.outer(1e-3 * search.trial * search.potential_mv_per_ma, pulse)
    before = os.times()
    program = Path(sys.executable).with_name("run_pathway_activation")
    beside = os.pathsep.join((str(program.parent), os.environ.get("PATH", "")))
    subprocess.run(
        [str(program), str(folder / "settings.json"), "--loglevel", "30"],
        cwd=folder,
        env={**os.environ, "PATH": beside},
        stdout=sys.stderr,
        check=True,
    )
    after = os.times()
    for index, row in enumerate(rows):
        fired = fired_axons(out / f"Axon_state_fibre{index:02d}.csv")
        for number, search in enumerate(row):
            if search.is_open:
                search.note(fired[number])
    return after.children_user + after.children_system - before.children_user - before.children_system


def fired_axons(file: Path) -> dict[int, bool]:
    """Return whether each axon fired, from the table that OSS-DBS writes for the eye."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {int(float(row["idx"])): float(row["status"]) == 1.0 for row in rows}


def answer(question: dict) -> dict:
    """Return the answer to an input file's content."""
    fibres = question["fibres"]
    groups: dict[tuple[int, int], dict] = {}
    setup_s = 0.0
    for number, pulse in enumerate(fibres[0]["pulses"]):
        shape = levels(pulse["phases"], question["step_us"], question["tail_us"])
        searches = [
            Search(index, np.array(row["fields_mv_per_ma"][place]), start, question["climb"], question["tolerance"])
            for index, row in enumerate(fibres)
            for place, start in enumerate(row["start_ma"][number])
        ]
        used = calls = 0.0
        with tempfile.TemporaryDirectory() as name:
            while any(search.is_open for search in searches):
                used += call(Path(name), fibres, searches, shape, question["step_us"])
                calls += 1
            empty = call(Path(name), fibres, searches, shape, question["step_us"])
        setup_s += empty * calls
        # One call runs the axons of all fibres: its time is shared out by compartments.
        sizes = [search.runs * search.potential_mv_per_ma.size for search in searches]
        for index in range(len(fibres)):
            mine = [place for place, search in enumerate(searches) if search.fibre == index]
            share = sum(sizes[place] for place in mine) / sum(sizes)
            groups[index, number] = {
                "threshold_ma": [float(np.sqrt(searches[place].low * searches[place].high)) for place in mine],
                "cpu_s": (used - calls * empty) * share / len(mine),
                "runs": sum(searches[place].runs for place in mine) / len(mine),
            }
    return {
        "version": f"OSS-DBS {version('ossdbs')}, NEURON {version('neuron')}",
        "setup_s": setup_s,
        "groups": [groups[key] for key in sorted(groups)],
    }


def main() -> None:
    """Answer the input file."""
    source, target = map(Path, sys.argv[1:])
    target.write_text(json.dumps(answer(json.loads(source.read_text(encoding="utf-8")))), encoding="utf-8")


if __name__ == "__main__":
    main()
