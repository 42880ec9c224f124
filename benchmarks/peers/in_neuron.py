"""Thresholds of the MRG double cable, computed by NEURON; run as a program of its own.

    python in_neuron.py MECHANISMS INPUT OUTPUT

MECHANISMS is the folder of the compiled mrg_node.mod. INPUT and OUTPUT are the JSON files of question.py; a fibre has
either its fields, or a point source that the field is computed from here. Nothing of the simulator is imported:
geometry, membranes and field are typed from the published numbers a second time.
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

import neuron
from neuron import h

SETTLING_MS = 500.0
FIRES_ABOVE_MV = -30.0
REST_MV = -80.0
RESISTIVITY_OHM_CM = 70.0
QUIET_EVERY = 40
# fibre diameter: node to node, FLUT length, diameter of FLUT and STIN, diameter of node and MYSA (um), lamellae
DISCRETE = {
    5.7: (500.0, 35.0, 3.4, 1.9, 80),
    8.7: (1000.0, 40.0, 5.8, 2.8, 110),
    12.8: (1350.0, 54.0, 9.2, 4.2, 135),
}


def interpolated(diameter_um: float) -> tuple[float, float, float, float, float]:
    """Return the row of a fibre above 5.6 um by the polynomials of Musselman et al. (2021), columns as in DISCRETE."""
    d = diameter_um
    return (
        -8.215 * d**2 + 272.4 * d - 780.2,
        -0.1652 * d**2 + 6.354 * d - 0.2862,
        0.02361 * d**2 + 0.3673 * d + 0.7122,
        0.01093 * d**2 + 0.1008 * d + 1.099,
        -0.4749 * d**2 + 16.85 * d - 0.7648,
    )


class Fibre:
    """A fibre whose first and last node are passive; `from_middle_um` is where its compartments lie."""

    def __init__(self, diameter_um: float, nodes: int, geometry: str) -> None:
        shape = DISCRETE[diameter_um] if geometry == "discrete" else interpolated(diameter_um)
        pitch, flut, axon, node, self.lamellae = shape
        self.diameter_um = diameter_um
        stin = (pitch - 1.0 - 2.0 * 3.0 - 2.0 * flut) / 6.0
        internode = [
            (3.0, node, 0.002, 1e-3),
            (flut, axon, 0.004, 1e-4),
            *[(stin, axon, 0.004, 1e-4)] * 6,
            (flut, axon, 0.004, 1e-4),
            (3.0, node, 0.002, 1e-3),
        ]
        self.sections, self.nodes, self.middles_um = [], [], []
        end_um = 0.0
        for number in range(nodes):
            self.nodes.append(self._add(1.0, node, 0.002))
            self.middles_um.append(end_um + 0.5)
            end_um += 1.0
            inner = 0 < number < nodes - 1
            self._bare(self.nodes[-1], active=inner)
            for length, core, gap, leak in internode if number < nodes - 1 else ():
                self._wrapped(self._add(length, core, gap), core, leak)
                self.middles_um.append(end_um + 0.5 * length)
                end_um += length
        centre = self.middles_um[(nodes // 2) * 11]
        self.from_middle_um = [middle - centre for middle in self.middles_um]
        watched = (self.nodes[round(0.1 * (nodes - 1))], self.nodes[round(0.9 * (nodes - 1))])
        # Not APCount: it keeps the time of its last spike, and is blind until then in the next run.
        self.watched = [section(0.5)._ref_v for section in watched]

    def _add(self, length_um: float, core_um: float, gap_um: float):
        section = h.Section()
        section.nseg = 1
        section.L, section.diam, section.Ra = length_um, core_um, RESISTIVITY_OHM_CM
        section.insert("extracellular")
        sleeve_um2 = math.pi * ((0.5 * core_um + gap_um) ** 2 - (0.5 * core_um) ** 2)
        section(0.5).xraxial[0] = 1e-6 * RESISTIVITY_OHM_CM / (sleeve_um2 * 1e-8)
        if self.sections:
            section.connect(self.sections[-1](1))
        self.sections.append(section)
        return section

    def _bare(self, section, *, active: bool) -> None:
        section(0.5).xg[0], section(0.5).xc[0] = 1e10, 0.0
        if active:
            section.cm = 2.0
            section.insert("mrg_node")
        else:
            section.cm = 1.0
            section.insert("pas")
            section.g_pas, section.e_pas = 1e-4, REST_MV

    def _wrapped(self, section, core_um: float, leak: float) -> None:
        section.cm = 2.0
        section.insert("pas")
        section.g_pas, section.e_pas = leak, REST_MV
        # The myelin has the fibre's circumference, NEURON's areas have the core's.
        wider = self.diameter_um / core_um
        section(0.5).xg[0] = 1e-3 / (2.0 * self.lamellae) * wider
        section(0.5).xc[0] = 0.1 / (2.0 * self.lamellae) * wider


class Trials:
    """Runs of one fibre from rest under one pulse; `runs` counts them."""

    def __init__(self, fibre: Fibre, phases: list, question: dict) -> None:
        step_us = question["step_us"]
        self.fibre, self.step_ms, self.runs = fibre, 1e-3 * step_us, 0
        self.phases = [(level, round(length / step_us)) for level, length in phases]
        self.tail_steps, self.quiet_mv = round(question["tail_us"] / step_us), question.get("quiet_mv")
        self.rest = settled(fibre)

    def fires(self, field_mv_per_ma: list[float], amplitude_ma: float) -> bool:
        """Return whether the fibre fires at an amplitude (mA) of a field (mV per mA at its compartments)."""
        self.runs += 1
        self.rest.restore()
        h.t, h.dt = 0.0, self.step_ms
        h.fcurrent()
        for level, steps in self.phases:
            for section, unit_mv in zip(self.fibre.sections, field_mv_per_ma, strict=True):
                section(0.5).e_extracellular = level * amplitude_ma * unit_mv
            if self.fires_within(steps):
                return True
        for section in self.fibre.sections:
            section(0.5).e_extracellular = 0.0
        if self.quiet_mv is None:
            return self.fires_within(self.tail_steps)
        for begun in range(0, self.tail_steps, QUIET_EVERY):
            if self.fires_within(min(QUIET_EVERY, self.tail_steps - begun)):
                return True
            if all(section(0.5).v < self.quiet_mv for section in self.fibre.nodes[1:-1]):
                return False
        return False

    def fires_within(self, steps: int) -> bool:
        """Return whether the fibre fires within the next `steps`; it is left there if it does."""
        first, last = self.fibre.watched
        for _ in range(steps):
            h.fadvance()
            if first[0] > FIRES_ABOVE_MV or last[0] > FIRES_ABOVE_MV:
                return True
        return False

    def threshold_ma(self, field_mv_per_ma: list[float], start_ma: float, climb: float, tolerance: float) -> float:
        """Return the amplitude (mA) at which the fibre first fires, climbing by the factor `climb` from `start_ma`."""
        low = start_ma
        while self.fires(field_mv_per_ma, low):
            low /= climb
        # Upwards from below: a long pulse close by, several times too strong, holds its own spikes back.
        high = climb * low
        while not self.fires(field_mv_per_ma, high):
            low, high = high, climb * high
        while high > low * (1.0 + tolerance):
            trial = math.sqrt(low * high)
            low, high = (low, trial) if self.fires(field_mv_per_ma, trial) else (trial, high)
        return math.sqrt(low * high)


def settled(fibre: Fibre):
    """Return the resting state of a fibre."""
    h.celsius, h.secondorder = 37.0, 0
    for section in fibre.sections:
        section(0.5).e_extracellular = 0.0
    h.finitialize(REST_MV)
    h.dt = 1.0
    for _ in range(round(SETTLING_MS / h.dt)):
        h.fadvance()
    rest = h.SaveState()
    rest.save()
    return rest


def point_source_mv_per_ma(fibre: Fibre, distance_mm: float, sigma_s_per_m: float) -> list[float]:
    """Return the field of a cathode beside the middle node of a straight fibre."""
    return [
        -1e6 / (4.0 * math.pi * sigma_s_per_m * math.hypot(1e3 * distance_mm, along)) for along in fibre.from_middle_um
    ]


def group(row: dict, pulse: dict, starts: list[float], question: dict) -> tuple[dict, float]:
    """Return the answer for one pulse of one fibre, and the CPU time (s) before it was ready.

    The fibre is gone when this returns: NEURON restores a state only where no section has come or gone since.
    """
    begun = time.process_time()
    fibre = Fibre(row["diameter_um"], row["nodes"], row["geometry"])
    fields = row.get("fields_mv_per_ma") or [point_source_mv_per_ma(fibre, **row["point_source"])]
    trials = Trials(fibre, pulse["phases"], question)
    ready = time.process_time()
    found = [
        trials.threshold_ma(field, start, question["climb"], question["tolerance"])
        for field, start in zip(fields, starts, strict=False)  # fields beyond the starts are for batches
    ]
    used = time.process_time() - ready
    told = {"threshold_ma": found, "cpu_s": used / len(found), "runs": trials.runs / len(found)}
    return told, ready - begun


def answer(question: dict) -> dict:
    """Return the answer to an input file's content: a group for each pulse of each fibre."""
    told = [
        group(row, pulse, starts, question)
        for row in question["fibres"]
        for pulse, starts in zip(row["pulses"], row["start_ma"], strict=True)
    ]
    return {
        "version": f"NEURON {neuron.__version__}",
        "setup_s": sum(setup_s for _, setup_s in told),
        "groups": [row for row, _ in told],
    }


def main() -> None:
    """Load the mechanism, answer the input file."""
    mechanisms, source, target = sys.argv[1:]
    neuron.load_mechanisms(mechanisms)
    found = answer(json.loads(Path(source).read_text(encoding="utf-8")))
    Path(target).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
