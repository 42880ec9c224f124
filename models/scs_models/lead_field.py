"""The lead field: potential (mV per mA) of every contact at every node of Ranvier, dorsal columns and roots.

Each contact's potential comes from the section of its own vertebral level; where two levels meet, the kernels blend.
Dorsal-column fibres run along z at a lateral fraction taken at the height of the contact; root fibres run on curves
(path fraction u, height z). Node potentials are linear in the contact currents, so a program is a weighted sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates, spline_filter1d

from scs_models.canal import (
    SOURCE_COUNT,
    SOURCE_STEP_MM,
    SiteLayout,
    at_lateral_position,
    fraction_operator,
    grid_index,
    site_layout,
    source_grid_mm,
    z_operator,
)
from scs_models.conductor.kernels import lateral_weights
from scs_models.errors import InvalidValueError
from scs_models.fibres.geometry import internode_length_mm
from scs_models.fibres.population import DorsalColumns
from scs_models.fibres.roots import RootFibres
from scs_models.values import BoolArray, Float32Array, FloatArray, read_only

NODE_PHASES = (0.0, 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class ContactSite:
    """One contact: place in the cord's frame (mm), its length (mm), and the (weight, kernel) pairs of its levels."""

    x_mm: float
    z_mm: float
    length_mm: float
    kernels: tuple[tuple[float, Float32Array], ...]


@dataclass(frozen=True, slots=True, eq=False)
class NodeBlock:
    """Fibres of one diameter whose nodes lie side by side: potential (contacts, nodes, fibres) float32, mV per mA.

    z_mm is the height of the nodes, (nodes,) for columns and (nodes, fibres) for roots; `branch` marks the nodes of a
    root fibre whose excitation is a dorsal-column percept, `real` those that may be the first to fire.
    """

    diameter_um: float
    z_mm: FloatArray
    potential_mv_per_ma: Float32Array
    fibres: slice
    branch: BoolArray | None = None
    real: BoolArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LeadField:
    """The lead field of some contacts: one block per diameter and node phase of the columns, one per root diameter.

    column_blocks is indexed [diameter][phase]; the fibre axis of a column block is (lines, depths) flattened.
    transfer_mv_per_ma is the mean potential of contact i (row) per mA of contact j (column): impedances. Column nodes
    reach margin_mm beyond the outermost contacts.
    """

    column_blocks: tuple[tuple[NodeBlock, ...], ...]
    root_blocks: tuple[NodeBlock, ...]
    transfer_mv_per_ma: FloatArray
    contact_z_mm: FloatArray
    margin_mm: float = np.inf

    @property
    def contact_count(self) -> int:
        """Return the number of contacts."""
        return len(self.contact_z_mm)


def build(
    contacts: Sequence[ContactSite],
    columns: DorsalColumns,
    roots: RootFibres,
    *,
    diameter_um: Sequence[float],
    margin_mm: float,
) -> LeadField:
    """Return the lead field of `contacts` on the dorsal-column lines (at `diameter_um`) and the root fibres.

    Column nodes reach `margin_mm` beyond the outermost contacts. Arrays as LeadField says, mV per mA of +1 mA sources.
    """
    fields = [_contact_kernel(contact) for contact in contacts]
    layout = site_layout(fields[0].shape[0])
    heights = np.array([contact.z_mm for contact in contacts])
    low, high = heights.min() - margin_mm, heights.max() + margin_mm
    on_lines = [_on_lines(field, layout, columns, z) for field, z in zip(fields, heights, strict=True)]
    column_blocks = tuple(
        tuple(_column_block(on_lines, heights, diameter, phase, low, high) for phase in NODE_PHASES)
        for diameter in diameter_um
    )
    paths = [_path_coefficients(field, layout) for field in fields]
    root_blocks = tuple(_root_block(paths, heights, roots, index) for index in range(len(roots.groups)))
    return LeadField(column_blocks, root_blocks, _transfer(contacts, fields, layout), read_only(heights), margin_mm)


def require_reachable(name: str, x_mm: float) -> None:
    """Raise InvalidValueError where contact `name`, at `x_mm` in the cord's frame, lies beyond the kernels."""
    limit = (SOURCE_COUNT - 1) * SOURCE_STEP_MM
    if abs(x_mm) > limit:
        raise InvalidValueError(
            f"contact {name} lies {x_mm:g} mm from the cord's midline; it must lie between {-limit:g} and {limit:g} mm"
        )


def _contact_kernel(contact: ContactSite) -> Float32Array:
    parts = [np.float32(weight) * at_lateral_position(kernel, contact.x_mm) for weight, kernel in contact.kernels]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _on_lines(field: Float32Array, layout: SiteLayout, columns: DorsalColumns, z_mm: float) -> Float32Array:
    """Return the spline coefficients in z of a contact's potential on every line and depth, (Z, lines * depths)."""
    fraction, _ = columns.lateral_fraction(z_mm)
    signed = np.where(columns.side == 1, 1.0, -1.0) * np.minimum(fraction, 1.0)
    operator = fraction_operator(signed).astype(np.float32)
    grid = field[layout.columns].reshape(operator.shape[1], -1)
    lines = operator @ grid
    return np.ascontiguousarray(lines.reshape(-1, field.shape[-1]).T)


def _column_block(
    on_lines: Sequence[Float32Array], heights: FloatArray, diameter: float, phase: float, low: float, high: float
) -> NodeBlock:
    step = internode_length_mm(diameter)
    first = np.ceil(low / step - phase)
    z_mm = (np.arange(first, np.floor(high / step - phase) + 1.0) + phase) * step
    potential = np.empty((len(on_lines), len(z_mm), on_lines[0].shape[1]), dtype=np.float32)
    for index, (lines, height) in enumerate(zip(on_lines, heights, strict=True)):
        potential[index] = z_operator(z_mm - height) @ lines
    return NodeBlock(float(diameter), read_only(z_mm), read_only(potential), slice(0, on_lines[0].shape[1]))


def _path_coefficients(field: Float32Array, layout: SiteLayout) -> Float32Array:
    """Return (4 paths, U, Z) spline coefficients in u and z: dorsal right, dorsal left, ventral right, ventral left."""
    slices = (layout.dorsal_right, layout.dorsal_left, layout.ventral_right, layout.ventral_left)
    paths = np.stack([field[part] for part in slices])
    return np.asarray(spline_filter1d(paths, order=3, axis=1, mode="mirror", output=np.float32))


def _root_block(paths: Sequence[Float32Array], heights: FloatArray, roots: RootFibres, index: int) -> NodeBlock:
    group = roots.groups[index]
    count = paths[0].shape[1]
    u = np.asarray(group.u_fraction, dtype=np.float64) * (count - 1)
    which = np.broadcast_to(group.path_index[None, :], u.shape)
    potential = np.empty((len(paths), *u.shape), dtype=np.float32)
    for contact, (path, height) in enumerate(zip(paths, heights, strict=True)):
        z = grid_index(group.z_mm - height)
        flat = path.reshape(-1, path.shape[-1])
        for number in range(4):
            chosen = which == number
            if chosen.any():
                block = flat[number * count : (number + 1) * count]
                potential[contact][chosen] = map_coordinates(
                    block, np.stack([u[chosen], z[chosen]]), order=3, mode="mirror", prefilter=False, output=np.float32
                )
    return NodeBlock(
        group.diameter_um,
        group.z_mm,
        read_only(potential),
        slice(group.first, group.first + u.shape[1]),
        group.branch,
        group.counts,
    )


def _transfer(contacts: Sequence[ContactSite], fields: Sequence[Float32Array], layout: SiteLayout) -> FloatArray:
    """Return the mean potential over contact i per mA of contact j, from the tracks, averaged over i's length."""
    nodes, node_weights = np.polynomial.legendre.leggauss(8)
    heights = np.array([contact.z_mm for contact in contacts])
    lengths = np.array([contact.length_mm for contact in contacts])
    across = lateral_weights(source_grid_mm(), np.array([contact.x_mm for contact in contacts]))
    transfer = np.empty((len(contacts), len(contacts)))
    for column, (source, field) in enumerate(zip(contacts, fields, strict=True)):
        z = (heights - source.z_mm)[:, None] + nodes * lengths[:, None] / 2.0
        along = (z_operator(z.ravel()) @ field[layout.track].astype(np.float64).T).reshape(*z.shape, -1)
        transfer[:, column] = np.einsum("inx,ix,n->i", along, across, node_weights) / 2.0
    return read_only((transfer + transfer.T) / 2.0)
