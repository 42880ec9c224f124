"""A coarse lattice of dorsal-column fibres: thresholds found on it, read off for the whole population.

Log thresholds are smooth across the column, in depth and in the logarithm of the diameter, for any program: linear
between lines of one side, polynomial in depth and ln D. The operators are fixed; they do not depend on the program.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scs_models.fibres.population import DorsalColumns
from scs_models.lead_field import LeadField, NodeBlock
from scs_models.values import Float32Array, FloatArray, IntArray, read_only


@dataclass(frozen=True, slots=True, eq=False)
class CoarseColumns:
    """Which fibre lines, depths and diameters are looked at (indices), and the operators back to all of them.

    line_operator (lines, kept lines), class_operator (depths * diameters, kept depths * kept diameters); diameters are
    those of the lead field.
    """

    line: IntArray
    depth: IntArray
    diameter: IntArray
    depth_count: int
    line_operator: Float32Array
    class_operator: Float32Array


def coarse_columns(
    columns: DorsalColumns, diameter_um: FloatArray, *, line_step: int, depth_count: int, diameter_count: int
) -> CoarseColumns:
    """Return the lattice of every `line_step`-th line of each side and so many depths and diameters, ends included.

    diameter_um: of the lead field's column blocks. With a step of 1 and all depths and diameters the operators are 1.
    """
    line, line_operator = _lines(columns, line_step)
    depth, by_depth = _classes(columns.depth_mm, depth_count)
    diameter, by_diameter = _classes(np.log(diameter_um), diameter_count)
    return CoarseColumns(
        line=read_only(line),
        depth=read_only(depth),
        diameter=read_only(diameter),
        depth_count=len(columns.depth_mm),
        line_operator=read_only(line_operator.astype(np.float32)),
        class_operator=read_only(np.kron(by_depth, by_diameter).astype(np.float32)),
    )


def thinned(field: LeadField, coarse: CoarseColumns) -> LeadField:
    """Return `field` with the column fibres of the lattice alone; roots as they are."""
    kept = (coarse.line[:, None] * coarse.depth_count + coarse.depth).ravel()

    def thin(block: NodeBlock) -> NodeBlock:
        return replace(
            block,
            potential_mv_per_ma=read_only(np.ascontiguousarray(block.potential_mv_per_ma[..., kept])),
            fibres=slice(0, len(kept)),
        )

    blocks = tuple(tuple(thin(block) for block in field.column_blocks[index]) for index in coarse.diameter.tolist())
    return replace(field, column_blocks=blocks)


def spread(coarse: CoarseColumns, values: Float32Array) -> Float32Array:
    """Return values (programs, kept lines, kept depths, kept diameters) for all fibres, (programs, fibres).

    Fibres are (lines, depths, diameters) flattened.
    """
    programs, lines = values.shape[:2]
    by_class = values.reshape(programs * lines, -1) @ coarse.class_operator.T
    every: Float32Array = np.matmul(coarse.line_operator, by_class.reshape(programs, lines, -1)).reshape(programs, -1)
    return every


def _lines(columns: DorsalColumns, step: int) -> tuple[IntArray, FloatArray]:
    """Return the lines kept and the operator (lines, kept) that interpolates between them, side by side."""
    kept, rows = [], []
    for side in np.unique(columns.side).tolist():
        own = np.flatnonzero(columns.side == side)
        own = own[np.argsort(columns.xi[own], kind="stable")]
        chosen = np.unique(np.append(np.arange(0, len(own), step), len(own) - 1))
        kept.append(own[chosen])
        rows.append((own, _linear(columns.xi[own], columns.xi[own[chosen]])))
    operator = np.zeros((len(columns.side), sum(map(len, kept))))
    first = 0
    for own, part in rows:
        operator[own, first : first + part.shape[1]] = part
        first += part.shape[1]
    return np.concatenate(kept), operator


def _classes(place: FloatArray, count: int) -> tuple[IntArray, FloatArray]:
    chosen = np.unique(np.round(np.linspace(0, len(place) - 1, min(count, len(place)))).astype(np.int64))
    return chosen, _polynomial(place, place[chosen])


def _linear(at: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the operator (at, knots) of linear interpolation."""
    return np.array([np.interp(at, knots, unit) for unit in np.eye(len(knots))]).T


def _polynomial(at: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the operator (at, knots) of Lagrange's polynomial through all knots."""
    apart = knots[:, None] - knots[None, :] + np.eye(len(knots))
    ratio = (at[:, None, None] - knots[None, None, :]) / apart[None]
    own = np.eye(len(knots), dtype=np.bool_)
    return np.asarray(np.where(own, 1.0, ratio).prod(axis=2), dtype=np.float64)
