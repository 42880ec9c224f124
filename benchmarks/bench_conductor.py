"""Seconds of the volume conductor: one wavenumber, the public function, the kernels of a new cross-section.

Run: python -m pytest benchmarks/bench_conductor.py --benchmark-only
"""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from scs_models.conductor import CrossSection, kernels, potential_mv_per_ma
from scs_models.conductor.kernels import KERNEL_RESOLUTION
from scs_models.conductor.mesh import make_mesh
from scs_models.conductor.solve import solve_k
from scs_models.conductor.sources import make_system


@pytest.fixture(scope="module")
def section() -> CrossSection:
    """The T9 stack of design section 7a."""
    return CrossSection.from_dimensions(
        cord_half_width_mm=4.15,
        cord_half_depth_mm=3.0,
        sac_half_width_mm=7.0,
        dorsal_csf_mm=4.1,
        ventral_csf_mm=2.0,
        dura_mm=0.3,
        fat_dorsal_mm=2.0,
        fat_ventral_mm=0.6,
        fat_lateral_mm=2.0,
        bone_lateral_mm=6.0,
        bone_dorsal_mm=6.0,
        bone_ventral_mm=20.0,
        outer_radius_mm=60.0,
        tissues={
            "white_matter": (0.083, 0.6),
            "grey_matter": 0.23,
            "csf": 1.7,
            "dura": 0.03,
            "fat": 0.04,
            "bone": 0.04,
            "bulk": 0.25,
        },
    )


def _points(count: int) -> np.ndarray:
    """Points 0.03 to 0.9 mm below the dorsal surface of the cord."""
    x, depth = np.meshgrid(np.linspace(-2.8, 2.8, count // 8), np.linspace(0.03, 0.9, 8))
    return np.stack([x.ravel(), (3.0 * np.sqrt(1.0 - (x / 4.15) ** 2) - depth).ravel()], axis=-1)


def _sources(section: CrossSection, count: int) -> np.ndarray:
    return np.array([section.epidural_xy_mm(float(x), 0.75) for x in np.linspace(0.0, 5.0, count)])


def test_one_wavenumber(benchmark: BenchmarkFixture, section: CrossSection) -> None:
    source = _sources(section, 17)
    system = make_system(make_mesh(section, KERNEL_RESOLUTION, source), source, 0.65)
    benchmark(solve_k, system, 0.3)


def test_public_function(benchmark: BenchmarkFixture, section: CrossSection) -> None:
    source = section.epidural_xy_mm(0.0, 0.75)
    args = (section, source, 3.0, _points(80), np.arange(-60.0, 61.0))
    benchmark.pedantic(potential_mv_per_ma, args, rounds=3)


@pytest.mark.parametrize("positions", [17, 33])
def test_kernels_of_a_section(benchmark: BenchmarkFixture, section: CrossSection, positions: int) -> None:
    arguments = {
        "source_xy_mm": _sources(section, positions),
        "contact_length_mm": 3.0,
        "contact_radius_mm": 0.65,
        "points_xy_mm": _points(600),
        "z_mm": kernels.z_grid_mm(),
    }
    built = benchmark.pedantic(kernels.build, (section,), arguments, rounds=3)
    benchmark.extra_info["megabytes"] = round(built.nbytes / 1e6, 1)
