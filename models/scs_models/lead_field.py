"""The lead field: potential (mV per mA) of every contact at every node of Ranvier, dorsal columns and roots.

Each contact's potential comes from the section of its own vertebral level; where two levels meet, the kernels blend.
Dorsal-column fibres run along z at a lateral fraction taken at the height of the contact; root fibres run on curves
(path fraction u, height z). Node potentials are linear in the contact currents, so a program is a weighted sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scs_models.canal import (
    PADDLE_SOURCE_COUNT,
    SOURCE_COUNT,
    SOURCE_STEP_MM,
    SiteLayout,
    blended,
    fraction_operator,
    grid_index,
    site_layout,
    source_weights,
    z_operator,
)
from scs_models.errors import InvalidValueError
from scs_models.fibres.geometry import internode_length_mm
from scs_models.fibres.population import DorsalColumns
from scs_models.fibres.roots import RootFibres
from scs_models.values import BoolArray, Float32Array, FloatArray, read_only

NODE_PHASES = (0.0, 0.5)
PAD = 2  # rows that keep the cubic spline of one path clear of the next


@dataclass(frozen=True, slots=True, eq=False)
class ContactSite:
    """One contact: place in the cord's frame (mm), length and width (0: cylindrical), and (weight, kernel) pairs.

    The weights sum to 1. impedance_kernels: pairs for the transfer matrix where they differ, as in another posture.
    """

    x_mm: float
    z_mm: float
    length_mm: float
    kernels: tuple[tuple[float, Float32Array], ...]
    width_mm: float = 0.0
    impedance_kernels: tuple[tuple[float, Float32Array], ...] | None = None


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
    fields = [blended(contact.kernels, contact.x_mm, contact.width_mm) for contact in contacts]
    layouts = [_layout(contact) for contact in contacts]
    heights = np.array([contact.z_mm for contact in contacts])
    on_lines = [_on_lines(field, layout, columns, z) for field, layout, z in zip(fields, layouts, heights, strict=True)]
    low, high = heights.min() - margin_mm, heights.max() + margin_mm
    paths = [_path_coefficients(field, layout) for field, layout in zip(fields, layouts, strict=True)]
    return LeadField(
        _column_blocks(on_lines, heights, diameter_um, low, high),
        _root_blocks(paths, heights, roots),
        _transfer(contacts, fields),
        read_only(heights),
        margin_mm,
    )


def reach_mm(width_mm: float = 0.0) -> float:
    """Return how far (mm) from the cord's midline the middle of a contact may lie; width_mm: of a paddle's contact."""
    count = PADDLE_SOURCE_COUNT if width_mm else SOURCE_COUNT
    return (count - 1) * SOURCE_STEP_MM - width_mm / 2.0


def require_reachable(name: str, x_mm: float, width_mm: float = 0.0) -> None:
    """Raise InvalidValueError where contact `name`, at `x_mm` in the cord's frame, lies beyond the kernels.

    width_mm: of a paddle's contact, whose kernels reach further.
    """
    limit = reach_mm(width_mm)
    if abs(x_mm) > limit:
        raise InvalidValueError(
            f"contact {name} lies {x_mm:g} mm from the cord's midline; it must lie between {-limit:g} and {limit:g} mm"
        )


def _layout(contact: ContactSite) -> SiteLayout:
    source_count, point_count, _ = contact.kernels[0][1].shape
    return site_layout(point_count, source_count)


def _on_lines(field: Float32Array, layout: SiteLayout, columns: DorsalColumns, z_mm: float) -> Float32Array:
    """Return the spline coefficients in z of a contact's potential on every line and depth, (Z, lines * depths)."""
    fraction, _ = columns.lateral_fraction(z_mm)
    signed = np.where(columns.side == 1, 1.0, -1.0) * np.minimum(fraction, 1.0)
    operator = fraction_operator(signed).astype(np.float32)
    grid = field[layout.columns].reshape(operator.shape[1], -1)
    lines = operator @ grid
    return np.ascontiguousarray(lines.reshape(-1, field.shape[-1]).T)


def _column_blocks(
    on_lines: Sequence[Float32Array], heights: FloatArray, diameter_um: Sequence[float], low: float, high: float
) -> tuple[tuple[NodeBlock, ...], ...]:
    nodes = [[_node_heights(diameter, phase, low, high) for phase in NODE_PHASES] for diameter in diameter_um]
    every = np.concatenate([z for phases in nodes for z in phases])
    fibres = on_lines[0].shape[1]
    potential = [[np.empty((len(on_lines), len(z), fibres), dtype=np.float32) for z in phases] for phases in nodes]
    for contact, (lines, height) in enumerate(zip(on_lines, heights, strict=True)):
        values, first = z_operator(every - height) @ lines, 0  # one operator for all diameters and phases
        for block in (block for phases in potential for block in phases):
            block[contact] = values[first : first + block.shape[1]]
            first += block.shape[1]
    return tuple(
        tuple(
            NodeBlock(float(diameter), read_only(z), read_only(block), slice(0, fibres))
            for z, block in zip(phases, blocks, strict=True)
        )
        for diameter, phases, blocks in zip(diameter_um, nodes, potential, strict=True)
    )


def _node_heights(diameter: float, phase: float, low: float, high: float) -> FloatArray:
    step = internode_length_mm(diameter)
    first = np.ceil(low / step - phase)
    return np.asarray((np.arange(first, np.floor(high / step - phase) + 1.0) + phase) * step, dtype=np.float64)


def _path_coefficients(field: Float32Array, layout: SiteLayout) -> Float32Array:
    """Return (4 * (U + 2 * PAD), Z) spline coefficients in u and z, each path mirrored at its ends by PAD rows.

    The paths are dorsal right, dorsal left, ventral right, ventral left.
    """
    from scipy.ndimage import spline_filter1d

    slices = (layout.dorsal_right, layout.dorsal_left, layout.ventral_right, layout.ventral_left)
    paths = spline_filter1d(np.stack([field[part] for part in slices]), 3, axis=1, mode="mirror", output=np.float32)
    padded = np.pad(paths, ((0, 0), (PAD, PAD), (0, 0)), mode="reflect")
    return padded.reshape(-1, field.shape[-1])


def _root_blocks(paths: Sequence[Float32Array], heights: FloatArray, roots: RootFibres) -> tuple[NodeBlock, ...]:
    from scipy.ndimage import map_coordinates

    length = len(paths[0]) // 4
    row = np.concatenate(
        [
            (group.u_fraction * (length - 2 * PAD - 1) + PAD + group.path_index[None, :] * length).ravel()
            for group in roots.groups
        ]
    )
    z_mm = np.concatenate([group.z_mm.ravel() for group in roots.groups])
    places = {float(height): np.stack([row, grid_index(z_mm - height)]) for height in np.unique(heights)}
    shapes = [group.u_fraction.shape for group in roots.groups]
    potential = [np.empty((len(paths), *shape), dtype=np.float32) for shape in shapes]
    for contact, (path, height) in enumerate(zip(paths, heights, strict=True)):
        values = map_coordinates(
            path, places[float(height)], order=3, mode="mirror", prefilter=False, output=np.float32
        )
        first = 0
        for block, shape in zip(potential, shapes, strict=True):
            block[contact] = values[first : first + shape[0] * shape[1]].reshape(shape)
            first += shape[0] * shape[1]
    return tuple(
        NodeBlock(
            group.diameter_um,
            group.z_mm,
            read_only(block),
            slice(group.first, group.first + block.shape[2]),
            group.branch,
            group.counts,
        )
        for group, block in zip(roots.groups, potential, strict=True)
    )


def _transfer(contacts: Sequence[ContactSite], fields: Sequence[Float32Array]) -> FloatArray:
    """Return the mean potential over contact i per mA of contact j, from the tracks, averaged over i's surface."""
    nodes, node_weights = np.polynomial.legendre.leggauss(8)
    heights = np.array([contact.z_mm for contact in contacts])
    lengths = np.array([contact.length_mm for contact in contacts])
    across = {
        count: np.array([source_weights(count, *_within(contact, count)) for contact in contacts])
        for count in {contact.kernels[0][1].shape[0] for contact in contacts}
    }
    transfer = np.empty((len(contacts), len(contacts)))
    for column, (source, field) in enumerate(zip(contacts, fields, strict=True)):
        sites = _layout(source).track
        track = (
            field[sites]
            if source.impedance_kernels is None
            else blended(source.impedance_kernels, source.x_mm, source.width_mm, sites)
        )
        z = (heights - source.z_mm)[:, None] + nodes * lengths[:, None] / 2.0
        along = (z_operator(z.ravel()) @ track.astype(np.float64).T).reshape(*z.shape, -1)
        transfer[:, column] = np.einsum("inx,ix,n->i", along, across[source.kernels[0][1].shape[0]], node_weights) / 2.0
    return read_only((transfer + transfer.T) / 2.0)


def _within(contact: ContactSite, source_count: int) -> tuple[float, float]:
    """Return a contact's lateral position (mm) pulled inside the track of a kernel, and its width (mm).

    A paddle's track is longer than a cylindrical lead's, and both may lie in one canal.
    """
    limit = (source_count - 1) * SOURCE_STEP_MM - contact.width_mm / 2.0
    return float(np.clip(contact.x_mm, -limit, limit)), contact.width_mm
