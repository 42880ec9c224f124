"""Thresholds of the MRG double cable beside a point source, computed by NEURON; run as a program of its own.

    python in_neuron.py FOLDER < points.json > thresholds.json

FOLDER holds the compiled mrg_node.mod. A point is {"diameter_um", "nodes", "distance_mm", "sigma_s_per_m",
"phases": [[level, steps of 5 us], ...], "start_ma"}; the answer is a list of thresholds in mA. Nothing of the simulator
is imported: geometry, membranes and field are typed from the published numbers a second time.
"""

from __future__ import annotations

import json
import math
import sys

import neuron
from neuron import h

STEP_MS = 0.005
TAIL_MS = 4.0
SETTLING_MS = 500.0
TOLERANCE = 1e-3
FIRES_ABOVE_MV = -30.0
REST_MV = -80.0
RESISTIVITY_OHM_CM = 70.0
# fibre diameter: node to node, FLUT length, diameter of FLUT and STIN, diameter of node and MYSA (um), lamellae
PUBLISHED = {
    5.7: (500.0, 35.0, 3.4, 1.9, 80),
    8.7: (1000.0, 40.0, 5.8, 2.8, 110),
    12.8: (1350.0, 54.0, 9.2, 4.2, 135),
}


class Fibre:
    """A straight fibre whose middle node lies nearest to the source; the first and the last node are passive."""

    def __init__(self, diameter_um: float, nodes: int) -> None:
        pitch, flut, axon, node, self.lamellae = PUBLISHED[diameter_um]
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
        self.from_source_um = [middle - centre for middle in self.middles_um]
        watched = (self.nodes[round(0.1 * (nodes - 1))], self.nodes[round(0.9 * (nodes - 1))])
        self.counters = [h.APCount(section(0.5)) for section in watched]
        for counter in self.counters:
            counter.thresh = FIRES_ABOVE_MV

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


def threshold_ma(point: dict) -> float:
    """Return the amplitude (mA) at which a point's fibre first fires, climbing from `start_ma`."""
    fibre = Fibre(point["diameter_um"], point["nodes"])
    across_um = 1e3 * point["distance_mm"]
    field_mv_per_ma = [
        -1e6 / (4.0 * math.pi * point["sigma_s_per_m"] * math.hypot(across_um, along_um))
        for along_um in fibre.from_source_um
    ]
    h.celsius, h.secondorder = 37.0, 0
    _settle(fibre)
    rest = h.SaveState()
    rest.save()

    def fires(amplitude_ma: float) -> bool:
        rest.restore()
        for counter in fibre.counters:
            counter.n = 0
        h.t, h.dt = 0.0, STEP_MS
        h.fcurrent()
        for level, steps in [*point["phases"], [0.0, round(TAIL_MS / STEP_MS)]]:
            for section, unit_mv in zip(fibre.sections, field_mv_per_ma, strict=True):
                section(0.5).e_extracellular = level * amplitude_ma * unit_mv
            for _ in range(int(steps)):
                h.fadvance()
                if any(counter.n > 0 for counter in fibre.counters):
                    return True
        return False

    low = point["start_ma"]
    while fires(low):
        low *= 0.5
    # Upwards from below: a long pulse close by, several times too strong, holds its own spikes back.
    high = 1.3 * low
    while not fires(high):
        low, high = high, 1.3 * high
    while high > low * (1.0 + TOLERANCE):
        trial = math.sqrt(low * high)
        low, high = (low, trial) if fires(trial) else (trial, high)
    return math.sqrt(low * high)


def _settle(fibre: Fibre) -> None:
    for section in fibre.sections:
        section(0.5).e_extracellular = 0.0
    h.finitialize(REST_MV)
    h.dt = 1.0
    for _ in range(round(SETTLING_MS / h.dt)):
        h.fadvance()


def main() -> None:
    """Load the mechanism, answer every point of standard input."""
    neuron.load_mechanisms(sys.argv[1])
    json.dump([threshold_ma(point) for point in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
