"""Direct solution of the grid's symmetric systems by nested dissection over angular sectors, in dense blocks.

Element interiors are eliminated first, then the arcs inside each sector, then radial grid lines pairwise in a
binary tree; what remains is one line and the centre. All steps are batched dense products, so that one
factorisation takes tens of milliseconds; it is an exact LDL^T factorisation in the order of the tree, not an iteration.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.conductor.mesh import Mesh
from scs_models.values import FloatArray, IntArray

_CHUNK = 8
_INNER = np.array([5, 6, 9, 10])
_OUTER = np.array([0, 1, 2, 3, 4, 7, 8, 11, 12, 13, 14, 15])


@dataclass(frozen=True, slots=True, eq=False)
class _Merge:
    """One level of the tree: lines `middle` are eliminated between lines `left` and `right`."""

    left: IntArray
    middle: IntArray
    right: IntArray
    inverse: FloatArray
    coupling: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """The factorised system of one wavenumber; `solve` applies it to any number of right-hand sides."""

    mesh: Mesh
    elements: FloatArray
    inner_inverse: FloatArray
    inner_coupling: FloatArray
    arc_inverse: FloatArray
    arc_coupling: FloatArray
    merges: tuple[_Merge, ...]
    last_inverse: FloatArray

    def solve(self, load: FloatArray, outer_value: FloatArray | None = None) -> FloatArray:
        """Return the nodal solution (rows, columns, S) for the nodal load (rows, columns, S).

        The load of row 0 stands in column 0. outer_value: (columns, S) potential of the outer row, default 0.
        """
        mesh = self.mesh
        rows, _, count = load.shape
        b = load.copy()
        solution = np.zeros_like(b)
        if outer_value is not None:
            solution[-1] = outer_value
            last = self.elements[-1]
            known = _gather(mesh, solution, mesh.layers - 1)
            _scatter(mesh, b, mesh.layers - 1, -(last @ known))
            solution[-1] = 0.0
        # element interiors
        inner = _inner_view(mesh, b)
        pushed = np.matmul(np.swapaxes(self.inner_coupling, -1, -2), inner)
        outer = np.zeros((mesh.layers, mesh.sectors, 16, count))
        outer[:, :, _OUTER] = -pushed
        for layer in range(mesh.layers):
            _scatter(mesh, b, layer, outer[layer])
        centre = b[0].sum(axis=0)
        line = b[1:-1, ::3].transpose(1, 0, 2).copy()
        arc = _arc_view(b)
        # arcs within each sector
        size = rows - 2
        share = np.matmul(np.swapaxes(self.arc_coupling, 1, 2), arc)
        line -= share[:, :size]
        line -= np.roll(share[:, size : 2 * size], 1, axis=0)
        centre = centre - share[:, 2 * size].sum(axis=0)
        for merge in self.merges:
            share = np.matmul(np.swapaxes(merge.coupling, 1, 2), line[merge.middle])
            line[merge.left] -= share[:, :size]
            line[merge.right] -= share[:, size : 2 * size]
            centre = centre - share[:, 2 * size].sum(axis=0)
        final = self.last_inverse @ np.concatenate([line[0], centre[None]])
        line[0], centre = final[:-1], final[-1]
        for merge in reversed(self.merges):
            middle = np.matmul(merge.inverse, line[merge.middle])
            middle -= np.matmul(merge.coupling, _ends(line, merge.left, merge.right, centre))
            line[merge.middle] = middle
        sector = np.arange(mesh.sectors)
        arc = np.matmul(self.arc_inverse, arc)
        arc -= np.matmul(self.arc_coupling, _ends(line, sector, np.mod(sector + 1, mesh.sectors), centre))
        solution[0] = centre
        solution[1:-1, ::3] = line.transpose(1, 0, 2)
        _set_arcs(solution, arc)
        edge = np.stack([_gather(mesh, solution, layer)[:, _OUTER] for layer in range(mesh.layers)])
        inner = np.matmul(self.inner_inverse, inner) - np.matmul(self.inner_coupling, edge)
        _set_inner(mesh, solution, inner)
        if outer_value is not None:
            solution[-1] = outer_value
        return solution


def factorise(mesh: Mesh, elements: FloatArray) -> Factor:
    """Factorise the assembled `elements` (layers, sectors, 16, 16) with zero potential on the outer row."""
    inner_inverse = _inverse(elements[:, :, _INNER[:, None], _INNER[None, :]])
    inner_coupling = np.matmul(inner_inverse, elements[:, :, _INNER[:, None], _OUTER[None, :]])
    schur = elements[:, :, _OUTER[:, None], _OUTER[None, :]] - np.matmul(
        np.swapaxes(elements[:, :, _INNER[:, None], _OUTER[None, :]], -1, -2), inner_coupling
    )
    size, arcs = mesh.rows - 2, 2 * (mesh.layers - 1)
    border = 2 * size + 1
    arc_inverse = np.empty((mesh.sectors, arcs, arcs))
    arc_coupling = np.empty((mesh.sectors, arcs, border))
    merges: list[_Merge] = []
    roots: list[FloatArray] = []
    # a few sectors at a time, so that the blocks stay in the processor's cache
    for low in range(0, mesh.sectors, _CHUNK):
        chunk = np.arange(low, min(low + _CHUNK, mesh.sectors))
        whole = _sector_matrices(mesh, schur[:, chunk])
        coupled = whole[:, border:, :border]
        arc_inverse[chunk] = _inverse(whole[:, border:, border:])
        arc_coupling[chunk] = np.matmul(arc_inverse[chunk], coupled)
        blocks = whole[:, :border, :border]
        blocks -= np.matmul(np.swapaxes(coupled, 1, 2), arc_coupling[chunk])
        root, done = _merge_all(blocks, chunk, np.mod(chunk + 1, mesh.sectors))
        roots.append(root)
        merges += done
    start = np.arange(0, mesh.sectors, _CHUNK)
    one, done = _merge_all(np.stack(roots), start, np.append(start[1:], 0))
    merges += done
    final = np.zeros((size + 1, size + 1))
    final[:size, :size] = one[:size, :size] + one[size:-1, size:-1] + one[:size, size:-1] + one[size:-1, :size]
    final[:size, size] = one[:size, -1] + one[size:-1, -1]
    final[size, :size] = final[:size, size]
    final[size, size] = one[-1, -1]
    return Factor(
        mesh, elements, inner_inverse, inner_coupling, arc_inverse, arc_coupling, tuple(merges), _inverse(final)
    )


def _sector_matrices(mesh: Mesh, schur: FloatArray) -> FloatArray:
    """Return the assembled matrices (chunk, n, n) of sectors from their condensed elements (layers, chunk, 12, 12)."""
    width = 2 * (mesh.rows - 2) + 1 + 2 * (mesh.layers - 1)
    whole = np.zeros((schur.shape[1], width, width))
    for layer in range(mesh.layers):
        place = _sector_places(mesh, layer)
        block = schur[layer]
        if layer == 0:
            fold = np.zeros((len(place), 9))
            fold[np.arange(4), 0] = 1.0
            fold[np.arange(4, 12), np.arange(1, 9)] = 1.0
            block = fold.T @ block @ fold
            place = np.append(place[0], place[4:])
        kept = np.flatnonzero(place >= 0)
        target = place[kept]
        whole[:, target[:, None], target[None, :]] += block[:, kept[:, None], kept[None, :]]
    return whole


def _merge_all(blocks: FloatArray, start: IntArray, stop: IntArray) -> tuple[FloatArray, list[_Merge]]:
    """Merge neighbouring blocks (n, 2 size + 1, 2 size + 1) between lines `start` and `stop` pairwise until one is
    left.
    """
    border = blocks.shape[1]
    size = (border - 1) // 2
    low, high, tip = slice(0, size), slice(size, 2 * size), slice(2 * size, border)
    merges: list[_Merge] = []
    while len(start) > 1:
        pairs = len(start) // 2
        first, second = blocks[0 : 2 * pairs : 2], blocks[1 : 2 * pairs : 2]
        coupling = np.concatenate(
            [first[:, high, low], second[:, low, high], first[:, high, tip] + second[:, low, tip]], axis=2
        )
        inverse = _inverse(first[:, high, high] + second[:, low, low])
        pushed = np.matmul(inverse, coupling)
        merged = np.matmul(np.swapaxes(coupling, 1, 2), pushed)
        np.negative(merged, out=merged)
        merged[:, low, low] += first[:, low, low]
        merged[:, low, tip] += first[:, low, tip]
        merged[:, tip, low] += first[:, tip, low]
        merged[:, high, high] += second[:, high, high]
        merged[:, high, tip] += second[:, high, tip]
        merged[:, tip, high] += second[:, tip, high]
        merged[:, tip, tip] += first[:, tip, tip] + second[:, tip, tip]
        even, odd = slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)
        merges.append(_Merge(start[even], start[odd], stop[odd], inverse, pushed))
        blocks = np.concatenate([merged, blocks[2 * pairs :]])
        start = np.append(start[even], start[2 * pairs :])
        stop = np.append(stop[odd], stop[2 * pairs :])
    return blocks[0], merges


def _inverse(matrices: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def product(mesh: Mesh, elements: FloatArray, nodal: FloatArray) -> FloatArray:
    """Return the assembled `elements` times a nodal array (rows, columns, S); row 0 of the result stands in column
    0.
    """
    out = np.zeros_like(nodal)
    for layer in range(mesh.layers):
        _scatter(mesh, out, layer, elements[layer] @ _gather(mesh, nodal, layer))
    out[0, 0] = out[0].sum(axis=0)
    out[0, 1:] = 0.0
    return out


def _sector_places(mesh: Mesh, layer: int) -> IntArray:
    """Return where the 12 outer nodes of an element stand in its sector's unknowns: left line, right line, centre,
    arcs.
    """
    size = mesh.rows - 2
    border = 2 * size + 1
    places = []
    for local in _OUTER:
        radial, angular = divmod(int(local), 4)
        row = 3 * layer + radial
        if row == 0:
            places.append(2 * size)
        elif row == mesh.rows - 1:
            places.append(-1)
        elif angular == 0:
            places.append(row - 1)
        elif angular == 3:
            places.append(size + row - 1)
        else:
            places.append(border + 2 * (row // 3 - 1) + angular - 1)
    return np.array(places)


def _ends(line: FloatArray, left: IntArray, right: IntArray, centre: FloatArray) -> FloatArray:
    tip = np.broadcast_to(centre, (len(left), 1, len(centre)))
    return np.concatenate([line[left], line[right], tip], axis=1)


def _gather(mesh: Mesh, nodal: FloatArray, layer: int) -> FloatArray:
    """Return (sectors, 16, S) element values of one layer."""
    band = nodal[3 * layer : 3 * layer + 4]
    wrapped = np.concatenate([band, band[:, :1]], axis=1)
    parts = [wrapped[:, b : b + 3 * mesh.sectors : 3] for b in range(4)]
    return np.stack(parts, axis=1).transpose(2, 0, 1, 3).reshape(mesh.sectors, 16, -1)


def _scatter(mesh: Mesh, nodal: FloatArray, layer: int, values: FloatArray) -> None:
    """Add (sectors, 16, S) element values of one layer to the nodal array."""
    block = values.reshape(mesh.sectors, 4, 4, -1).transpose(1, 0, 2, 3)
    band = nodal[3 * layer : 3 * layer + 4]
    for b in range(3):
        band[:, b::3] += block[:, :, b]
    band[:, ::3] += np.roll(block[:, :, 3], 1, axis=1)


def _inner_view(mesh: Mesh, nodal: FloatArray) -> FloatArray:
    """Return (layers, sectors, 4, S) values of the element interiors."""
    block = nodal[:-1].reshape(mesh.layers, 3, mesh.sectors, 3, -1)[:, 1:, :, 1:]
    return block.transpose(0, 2, 1, 3, 4).reshape(mesh.layers, mesh.sectors, 4, -1)


def _set_inner(mesh: Mesh, nodal: FloatArray, values: FloatArray) -> None:
    block = nodal[:-1].reshape(mesh.layers, 3, mesh.sectors, 3, -1)
    block[:, 1:, :, 1:] = values.reshape(mesh.layers, mesh.sectors, 2, 2, -1).transpose(0, 2, 1, 3, 4)


def _arc_view(nodal: FloatArray) -> FloatArray:
    """Return (sectors, 2 (layers - 1), S) values on the arcs between layers, ends left out."""
    arcs = nodal[3:-1:3]
    sectors = nodal.shape[1] // 3
    return arcs.reshape(len(arcs), sectors, 3, -1)[:, :, 1:].transpose(1, 0, 2, 3).reshape(sectors, 2 * len(arcs), -1)


def _set_arcs(nodal: FloatArray, values: FloatArray) -> None:
    sectors, doubled, count = values.shape
    block = values.reshape(sectors, doubled // 2, 2, count).transpose(1, 0, 2, 3)
    for b in (1, 2):
        nodal[3:-1:3, b::3] = block[:, :, b - 1]
