"""The 3D check of the 2.5D solver in full: python docs/fem3d/run.py [--only check|discs]

Needs NGSolve (the extra `check`), about 3 GB and some minutes. Writes docs/data/fem3d.json and prints what it holds;
docs/conductor.md shows the figures, tests/models/test_fem3d.py runs a small part of the same.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import time
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import canal
import ngsolve as ng
import numpy as np
from alternating import change_mv_per_ma
from canal import Array, Contact, Discs

from scs_models.anatomy import column_half_width_mm, section_for, spine, vertebra_span_mm
from scs_models.conductor import CrossSection, potential_mv_per_ma
from scs_models.fibres.population import points_xy_mm

RESULT = Path(__file__).parent.parent / "data" / "fem3d.json"
LEVEL = "T9"
CLEARANCE_MM = 0.75
FRACTIONS = (0.0, 0.25, 0.5, 0.75, 1.0)
DEPTHS_MM = (0.03, 0.1, 0.3, 0.6, 0.9)
# Potentials every half millimetre to 50 mm; second differences of 1 mm where they are not negligible, to 15 mm.
STEP_MM, FAR_MM, NEAR_MM = 0.5, 50.0, 15.0
LEVELS = ((1.0, 2), (1.0, 3), (1.0, 4), (2.0, 3), (0.7, 3))
DISC_S_PER_M = 0.60  # RA20
# The disc fills the third of the ring of bone that faces the vertebral body, or, as an extreme, all of it.
DISC_CASES = (
    ("disc", "ventral third", np.pi / 3.0),
    ("body", "ventral third", np.pi / 3.0),
    ("disc", "whole ring", np.pi),
    ("body", "whole ring", np.pi),
)
DISC_REFINE = 0.6


def fibres() -> tuple[CrossSection, Contact, Array, Array]:
    """Return the section, the contact, the dorsal-column points (P, 2) and the heights (Z,), mm."""
    section = section_for(LEVEL)
    fraction, depth = (axis.ravel() for axis in np.meshgrid(FRACTIONS, DEPTHS_MM, indexing="ij"))
    points = points_xy_mm(section, fraction, depth, column_half_width_mm(LEVEL))
    heights = np.arange(round(FAR_MM / STEP_MM) + 1) * STEP_MM
    return section, Contact(section.epidural_xy_mm(0.0, CLEARANCE_MM)[1]), points, heights


def reference_mv_per_ma(section: CrossSection, contact: Contact, points: Array, heights: Array) -> Array:
    """Return the 2.5D potentials (P, Z)."""
    return potential_mv_per_ma(section, (0.0, contact.y_mm), contact.length_mm, points, heights, contact.radius_mm)


def differences(ours: Array, reference: Array) -> dict[str, float]:
    """Return how far two potentials (P, Z) on the heights of `fibres` lie apart, in per cent.

    Potentials: of the largest. Second differences: of the peak of the same fibre; `relative_median` of the value
    itself, where that is a tenth of the peak or more.
    """
    near = round(NEAR_MM / STEP_MM) + 1
    one_mm = round(1.0 / STEP_MM)
    own, other = (canal.second_difference_mv_per_ma(v, one_mm)[:, :near] for v in (ours, reference))
    peak = np.abs(other).max(axis=1, keepdims=True)
    share = np.abs(own - other) / peak
    large = np.abs(other) >= 0.1 * peak
    return {
        "potential_worst_percent": _round(100.0 * np.abs(ours - reference).max() / np.abs(reference).max()),
        "second_difference_median_percent": _round(100.0 * np.median(share)),
        "second_difference_worst_percent": _round(100.0 * share.max()),
        "second_difference_relative_median_percent": _round(
            100.0 * np.median(np.abs(own - other)[large] / np.abs(other)[large])
        ),
    }


def disc_spans_mm(at: str) -> tuple[tuple[float, float], ...]:
    """Return the heights (z >= 0) of the discs for a contact at mid-height of a `body` or of a `disc`."""
    low, high = vertebra_span_mm(LEVEL)
    pitch = high - low
    half = 0.5 * pitch * (1.0 - spine().body_share)
    first = 0.5 * pitch if at == "body" else 0.0
    centres = np.arange(first, canal.LENGTH_MM + half, pitch)
    return tuple((max(float(c) - half, 0.0), min(float(c) + half, canal.LENGTH_MM)) for c in centres)


def check() -> dict[str, Any]:
    """Return the differences between the two solvers by mesh and order, and what else could make one."""
    section, contact, points, heights = fibres()
    reference = reference_mv_per_ma(section, contact, points, heights)
    sigma, decay = canal.conductivities(section), canal.slowest_decay_per_mm(section)
    rows, solved = [], {}
    for size in dict.fromkeys(size for size, _ in LEVELS):
        mesh = canal.make_mesh(section, contact, size)
        for order in (order for each, order in LEVELS if each == size):
            start = time.process_time()
            solution = canal.solve(mesh, contact, sigma, points, heights, order, decay)
            row = {"size": size, "order": order, "tetrahedra": mesh.ne, "unknowns": solution.unknowns}
            row |= {"steps": solution.iterations, "processor_seconds": round(time.process_time() - start)}
            row |= differences(solution.potential_mv_per_ma, reference)
            rows.append(row)
            solved[size, order] = solution.potential_mv_per_ma
            print(row, flush=True)
        if size == 1.0:
            other = _variations(mesh, section, contact, points, heights, solved[1.0, 2])
    peak = np.abs(canal.second_difference_mv_per_ma(reference, round(1.0 / STEP_MM))).max(axis=1)
    return {
        "slowest_decay_per_mm": _round(decay),
        "largest_potential_mv_per_ma": _round(reference.max()),
        "peak_second_difference_mv_per_ma": [_round(peak.min()), _round(peak.max())],
        "levels": rows,
        "self_convergence_3_to_4": differences(solved[1.0, 3], solved[1.0, 4]),
        **other,
    }


def _variations(
    mesh: ng.Mesh, section: CrossSection, contact: Contact, points: Array, heights: Array, base: Array
) -> dict[str, Any]:
    """Return what the end of the mesh contributes, and what a small error of a conductivity would look like (order
    2, against order 2)."""
    sigma = canal.conductivities(section)

    def changed(table: Mapping[str, tuple[float, float]], decay: float) -> dict[str, float]:
        return differences(canal.solve(mesh, contact, table, points, heights, 2, decay).potential_mv_per_ma, base)

    decay = canal.slowest_decay_per_mm(section)
    across, along = sigma["white_matter"]
    dura = sigma["dura"][0]
    return {
        "end_decay_20_percent_less": changed(sigma, 0.8 * decay),
        "end_decay_20_percent_more": changed(sigma, 1.2 * decay),
        "dura_10_percent_more": changed(sigma | {"dura": (1.1 * dura, 1.1 * dura)}, decay),
        "white_matter_along_10_percent_more": changed(sigma | {"white_matter": (across, 1.1 * along)}, decay),
    }


def discs() -> list[dict[str, Any]]:
    """Return what bone and disc in turn change against bone alone, one case of them by tetrahedra as well."""
    section, contact, points, heights = fibres()
    heights = heights[heights <= NEAR_MM + 1.0]
    one_mm = round(1.0 / STEP_MM)
    reference = canal.second_difference_mv_per_ma(reference_mv_per_ma(section, contact, points, heights), one_mm)
    peak = np.abs(reference).max(axis=1)
    rows = []
    for at, where, half_angle in DISC_CASES:
        layout = Discs(disc_spans_mm(at), half_angle)
        found = change_mv_per_ma(section, contact, layout, DISC_S_PER_M, points, heights, DISC_REFINE)
        change = found.potential_mv_per_ma
        curved = canal.second_difference_mv_per_ma(change, one_mm)
        new_peak = np.abs(reference + curved).max(axis=1) / peak - 1.0
        row: dict[str, Any] = {
            "contact_at": at,
            "disc_in": where,
            "potential_change_mv_per_ma": [_round(change.min()), _round(change.max())],
            "peak_second_difference_change_percent": [_round(100.0 * new_peak.min()), _round(100.0 * new_peak.max())],
            "largest_second_difference_change_percent": _round(100.0 * (np.abs(curved).max(axis=1) / peak).max()),
            "steps": found.iterations,
            "unknowns": found.unknowns,
        }
        if not rows:
            mesh = canal.make_mesh(section, contact, 2.0, layout)
            decay = canal.slowest_decay_per_mm(section)
            bone, both = (
                canal.solve(
                    mesh, contact, canal.conductivities(section, sigma), points, heights, 3, decay
                ).potential_mv_per_ma
                for sigma in (None, DISC_S_PER_M)
            )
            tets = canal.second_difference_mv_per_ma(both - bone, one_mm)
            away = (np.abs(tets - curved).max(axis=1) / peak).max()
            row["tetrahedra_differ_by_mv_per_ma"] = _round(np.abs(both - bone - change).max())
            row["tetrahedra_differ_by_percent_of_peak"] = _round(100.0 * away)
        print(row, flush=True)
        rows.append(row)
    return rows


def _round(value: float) -> float:
    return float(f"{float(value):.3g}")


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=("check", "discs"), help="one part; the other stays as the file has it")
    only = parser.parse_args().only
    ng.SetNumThreads(2)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=RESULT.parent, capture_output=True, text=True, check=True
    )
    stamp = {
        "date": date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "versions": {name: version(name) for name in ("scs-sim", "ngsolve", "netgen-mesher", "numpy", "scipy")}
        | {"python": platform.python_version()},
    }
    for name, part in (("check", check), ("discs", discs)):
        if only in (None, name):
            result = stamp | {"result": part()}
            content = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
            content |= {"format": "scs-sim fem3d", "version": 1, name: result}
            RESULT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
