"""Scenarios in which the machine works for a while: new sections, batches of programs, many patients, a cold start.

Everything of the product is imported inside the functions: scenarios also run on the code of other commits.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from scs_models.errors import ScsError
from scs_sim.bench.at_the_dials import CASE, PULSE
from scs_sim.bench.scenario import Stage, Work

if TYPE_CHECKING:
    from scs_models.lead_field import LeadField
    from scs_models.recruitment import FoldedField
    from scs_models.values import FloatArray
    from scs_sim.program import Program

SEARCH_ACTIVE = 3
PATIENTS, QUICK_PATIENTS = 200, 20
BATCH, QUICK_BATCH = 250, 100
# In a smoke run what would need kernels of other sections is taken as known; else all is drawn that a user's run draws.
QUICK_KNOWN = ("conductivities", "dorsal_csf_factor")
NEW_LEVEL = "T5"
# The design's nominal size, of invented fields.
NOMINAL_CONTACTS, NOMINAL_NODES, NOMINAL_FIBRES = 16, 60, 2000
NOMINAL_DIAMETERS_UM = (8.7, 10.0, 11.5, 12.8)
NOMINAL_PROGRAMS, NOMINAL_AT_ONCE = 10_000, 500
NOMINAL_PULSE = (210.0, "monophasic")


def build_section(_work: Work) -> Iterator[Stage]:
    """Yield one wavenumber of a new cross-section's kernel, and the whole kernel: all its lateral positions."""
    from scs_models import anatomy
    from scs_models.canal_grid import GridSection
    from scs_models.conductor.kernels import KERNEL_RESOLUTION
    from scs_models.conductor.mesh import make_mesh
    from scs_models.conductor.solve import solve_k
    from scs_models.conductor.sources import make_system
    from scs_models.leads import contact_places
    from scs_sim.case import builtin_case
    from scs_sim.contact_plan import kernel_spec

    place = contact_places(builtin_case(CASE).leads[0])[0]
    spec = kernel_spec(GridSection(NEW_LEVEL, anatomy.dorsal_csf_mm(NEW_LEVEL)), place)
    section, track = spec.section_with_lead(), spec.track_xy_mm()[spec.source_count - 1 :]
    yield Stage("mesh", lambda: make_mesh(section, KERNEL_RESOLUTION, track))
    system = make_system(make_mesh(section, KERNEL_RESOLUTION, track), track, spec.contact_radius_mm)
    yield Stage("one wavenumber", lambda: solve_k(system, 0.3))
    yield Stage("whole kernel", spec)


def evaluate_batch(work: Work) -> Iterator[Stage]:
    """Yield the stages of many programs with one pulse: predictor folded in, thresholds, thresholds to coverage."""
    from scs_models import recruitment
    from scs_sim.case import builtin_case
    from scs_sim.setting import prepare
    from scs_sim.simulate import evaluate

    case = builtin_case(CASE)
    setting, many = prepare(case), _programs(QUICK_BATCH if work.quick else BATCH)
    yield Stage("predictor folded in", lambda: recruitment.fold(setting.field, *PULSE))
    folded = setting.folded(*PULSE)
    weights, flops = np.stack([setting.weights(program) for program in many]), _flops(folded, len(many))
    yield Stage("thresholds", lambda: recruitment.thresholds_of_batch(folded, weights), flops, len(many))
    yield Stage("thresholds to coverage", lambda: evaluate(setting, case, many), flops, len(many))


def nominal_size(work: Work) -> Iterator[Stage]:
    """Yield thresholds at the design's nominal size: 2 000 fibres x 60 nodes x 16 contacts, invented fields."""
    from scs_models import recruitment

    field, count = _nominal_field(), NOMINAL_AT_ONCE if work.quick else NOMINAL_PROGRAMS
    one = np.zeros((1, NOMINAL_CONTACTS))
    one[0, [6, 7, 8]] = 0.5, -1.0, 0.5
    yield Stage("thresholds of one program", lambda: recruitment.thresholds(field, one, *NOMINAL_PULSE))
    folded = recruitment.fold(field, *NOMINAL_PULSE)
    many = np.random.default_rng(6).normal(size=(count, NOMINAL_CONTACTS))
    many /= np.abs(many).sum(axis=1)[:, None] / 2.0

    def in_parts() -> None:
        for start in range(0, count, NOMINAL_AT_ONCE):
            recruitment.thresholds_of_batch(folded, many[start : start + NOMINAL_AT_ONCE])

    yield Stage("thresholds of a batch", in_parts, _flops(folded, count), count)


def population_200(work: Work) -> Iterator[Stage]:
    """Yield one program over drawn patients in all processes, kernels on disk."""
    from scs_sim.case import builtin_case
    from scs_sim.population import PopulationRequest

    case = builtin_case(CASE)
    count, known = (QUICK_PATIENTS, QUICK_KNOWN) if work.quick else (PATIENTS, None)
    yield Stage("all patients", PopulationRequest(case, case.program, count, seed=1, known=known))


def search_pair(_work: Work) -> Iterator[Stage]:
    """Yield the search over a pair of leads: until something is suggested, and to the end with three contacts."""
    from scs_sim.case import builtin_case
    from scs_sim.search.request import SearchRequest

    case = builtin_case(CASE)
    yield Stage("first suggestion", lambda: next(SearchRequest(case).steps()))  # dropped, it cancels
    yield Stage("whole search", SearchRequest(case, max_active=SEARCH_ACTIVE))


def import_time(work: Work) -> Iterator[Stage]:
    """Yield new interpreters: with nothing, with the command line, with the engine."""
    yield Stage("Python alone", _python(work, "-c", "pass"))
    yield Stage("command line", _python(work, "-c", "import scs_sim.cli"))
    yield Stage("engine", _python(work, "-c", "import scs_sim.simulate"))


def evaluate_cold(work: Work) -> Iterator[Stage]:
    """Yield the command line from nothing: its help, and a case evaluated with kernels on disk."""
    yield Stage("scs-sim --help", _python(work, "-m", "scs_sim", "--help"))
    yield Stage("scs-sim evaluate", _python(work, "-m", "scs_sim", "--quiet", "evaluate", CASE, "--json"))


def _python(work: Work, *words: str) -> Callable[[], None]:
    def start() -> None:  # in an empty folder: -m looks for packages in the working directory first
        done = subprocess.run([sys.executable, *words], cwd=work.folder, capture_output=True, check=False)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise ScsError(f"python {' '.join(words)}: exit code {done.returncode}: {said[-1] if said else ''}")

    return start


def _programs(count: int) -> list[Program]:
    """Return `count` programs of three contacts on either lead, one pulse."""
    from scs_sim.program import Program

    rng, found = np.random.default_rng(3), []
    for _ in range(count):
        lead, start, share = rng.integers(1, 3), rng.integers(1, 7), rng.integers(10, 90)
        text = f"{lead}.{start}-{share} {lead}.{start + 1}+100 {lead}.{start + 2}-{100 - share}"
        found.append(Program(text, pulse_width_us=PULSE[0], waveform="recharge"))
    return found


def _flops(folded: FoldedField, programs_count: int) -> float:
    """Return the operations that `programs_count` programs on a folded field cannot do without."""
    blocks = [block for phases in folded.columns for block in phases] + list(folded.roots)
    arrays = [array for block in blocks for array in (block.drive_per_ma, block.branch_per_ma) if array is not None]
    return 2.0 * sum(array.size for array in arrays) * programs_count


def _nominal_field() -> LeadField:
    """Return fibres of four diameters under contacts in a row, each a smooth peak along the nodes."""
    from scs_models.lead_field import LeadField, NodeBlock

    rng = np.random.default_rng(5)
    places: FloatArray = np.linspace(15.0, 45.0, NOMINAL_CONTACTS)
    away = np.arange(NOMINAL_NODES)[None, :, None] - places[:, None, None]
    nodes_mm = np.arange(NOMINAL_NODES, dtype=np.float64)
    blocks = []
    for diameter_um in NOMINAL_DIAMETERS_UM:
        depth = rng.uniform(3.0, 8.0, NOMINAL_FIBRES // len(NOMINAL_DIAMETERS_UM))
        potential = (300.0 / np.hypot(away, depth)).astype(np.float32)
        blocks.append((NodeBlock(diameter_um, nodes_mm, potential, slice(0, len(depth))),))
    still = np.zeros((NOMINAL_CONTACTS, NOMINAL_NODES, 1), np.float32)
    root = NodeBlock(12.8, np.zeros((NOMINAL_NODES, 1)), still, slice(0, 1))
    return LeadField(tuple(blocks), (root,), np.zeros((NOMINAL_CONTACTS, NOMINAL_CONTACTS)), places)
