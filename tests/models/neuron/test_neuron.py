"""The reference axon against NEURON: the same double cable, written and solved by somebody else's program.

Left out with one line where NEURON or a C++ compiler is missing; SCS_SIM_REQUIRE_NEURON=1 (set by .ci/run) makes that
a failure. Both sides take backward Euler steps of 5 us, the whole tail of 4 ms and the same criterion of firing.
The program in NEURON is that of the comparison of times, benchmarks/peers/in_neuron.py.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from scs_models.fibres import geometry, mrg
from scs_models.fibres.stepper import TAIL_US
from scs_models.fibres.waveforms import Phase, Waveform, named_waveform

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks" / "peers"))
import peer

STEP_US = 5.0
SIGMA_S_PER_M = 0.3
LENGTH_MM = 62.0
REQUIRED = os.environ.get("SCS_SIM_REQUIRE_NEURON") == "1"
ANODIC = Waveform("monophasic, anode", (Phase(-1.0, 1.0, 0.0),))
TRAIN_PULSES, TRAIN_PERIOD_US = 5, 2000.0

pytestmark = [pytest.mark.slow, pytest.mark.neuron]

# fibre diameter um, distance mm, pulse width us, waveform
POINTS = [
    (5.7, 3.0, 210.0, named_waveform("monophasic")),
    (5.7, 5.0, 60.0, named_waveform("biphasic")),
    (8.7, 1.0, 1000.0, named_waveform("monophasic")),
    (8.7, 3.0, 60.0, named_waveform("monophasic")),
    (8.7, 4.0, 450.0, named_waveform("biphasic")),
    (12.8, 3.0, 30.0, named_waveform("monophasic")),
    (12.8, 4.0, 210.0, named_waveform("biphasic")),
    (12.8, 4.0, 200.0, ANODIC),
    (12.8, 5.0, 210.0, named_waveform("recharge")),
    (12.8, 5.0, 1000.0, named_waveform("monophasic")),
]


@pytest.fixture(scope="module")
def mechanisms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the compiled node membrane; skip, or fail where NEURON is required, without the means."""
    try:
        if find_spec("neuron") is None:
            raise peer.NoAnswerError("it needs NEURON (pip install neuron, or the extra `check`)")
        return peer.compiled(Path(sys.executable).parent, tmp_path_factory.mktemp("neuron"))
    except peer.NoAnswerError as error:
        return (pytest.fail if REQUIRED else pytest.skip)(f"the comparison with NEURON: {error}")


def in_neuron(
    folder: Path, diameter_um: float, distance_mm: float, pulse_width_us: float, waveform: Waveform, start_ma: float
) -> float:
    """Return NEURON's threshold (mA) of one fibre, computed in a process of its own; it computes the field itself."""
    question = {
        "step_us": STEP_US,
        "tail_us": TAIL_US,
        "tolerance": 1e-3,
        "climb": 1.3,
        "fibres": [
            {
                "diameter_um": diameter_um,
                "geometry": "discrete",
                "nodes": geometry.odd_node_count(diameter_um, LENGTH_MM, "discrete"),
                "point_source": {"distance_mm": distance_mm, "sigma_s_per_m": SIGMA_S_PER_M},
                "names": ["point source"],
                "pulses": [{"phases": waveform.levels(pulse_width_us)}],
                "start_ma": [[start_ma]],
            }
        ],
    }
    program = (sys.executable, str(peer.HERE / "in_neuron.py"), str(folder))
    return peer.ask(program, question, folder.parent).groups[0].threshold_ma[0]


def ours(diameter_um: float, distance_mm: float, pulse_width_us: float, waveform: Waveform) -> float:
    """Return our threshold (mA) of the same fibre in the same steps."""
    nodes = geometry.odd_node_count(diameter_um, LENGTH_MM, "discrete")
    along = geometry.compartment_positions_mm(geometry.fibre(diameter_um, "discrete"), nodes)
    along = along - along[(nodes // 2) * geometry.COMPARTMENTS_PER_INTERNODE]
    outside = -1000.0 / (4.0 * np.pi * SIGMA_S_PER_M * np.hypot(distance_mm, along))[None]
    found = mrg.threshold_ma(
        outside[:, :: geometry.COMPARTMENTS_PER_INTERNODE],
        diameter_um,
        pulse_width_us,
        waveform,
        geometry="discrete",
        compartment_potentials_mv_per_ma=outside,
        time_step_us=STEP_US,
    )
    return float(found[0])


@pytest.mark.parametrize(
    ("diameter_um", "distance_mm", "pulse_width_us", "waveform"),
    POINTS,
    ids=[f"{d:g} um, {r:g} mm, {w:g} us {wave.name}" for d, r, w, wave in POINTS],
)
def test_thresholds_are_within_1_percent_of_neuron(
    mechanisms: Path, diameter_um: float, distance_mm: float, pulse_width_us: float, waveform: Waveform
) -> None:
    mine = ours(diameter_um, distance_mm, pulse_width_us, waveform)
    theirs = in_neuron(mechanisms, diameter_um, distance_mm, pulse_width_us, waveform, 0.5 * mine)
    print(f"{diameter_um:g} um, {distance_mm:g} mm, {pulse_width_us:g} us {waveform.name}: {mine:.4g} mA here,"
          f" {theirs:.4g} mA in NEURON, {100.0 * (mine / theirs - 1.0):+.2f} %")  # fmt: skip
    assert mine == pytest.approx(theirs, rel=0.01)


def test_the_threshold_of_a_500_hz_train_is_within_1_percent_of_neuron(mechanisms: Path) -> None:
    """Biphasic, 300 us, gap 50 us: a pulse that finds the gates as the one before left them."""
    rest_us = TRAIN_PERIOD_US - 2.0 * 300.0 - 50.0
    pulse = (Phase(1.0, 1.0, 0.0), Phase(0.0, 0.0, 50.0), Phase(-1.0, 1.0, 0.0))
    train = Waveform("train", (*pulse, Phase(0.0, 0.0, rest_us)) * (TRAIN_PULSES - 1) + pulse)
    mine = ours(8.7, 4.0, 300.0, train)
    theirs = in_neuron(mechanisms, 8.7, 4.0, 300.0, train, 0.5 * mine)
    print(f"8.7 um, 4 mm, 500 Hz train: {mine:.4g} mA here, {theirs:.4g} mA in NEURON,"
          f" {100.0 * (mine / theirs - 1.0):+.2f} %")  # fmt: skip
    assert mine == pytest.approx(theirs, rel=0.01)
