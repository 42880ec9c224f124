"""Where labels go along a line so that they do not overlap. Pure arithmetic on pixels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def spread(wanted_px: Sequence[float], sizes_px: Sequence[float], low_px: float, high_px: float) -> list[float]:
    """Return the middles of labels as near to `wanted_px` as can be, in its order: none overlaps, all in low to high.

    sizes_px: how much of the line each takes, with its gap. Least squares: neighbours that collide form a block about
    their common middle. Where there is no room for all, they overlap evenly.
    """
    count = len(wanted_px)
    if not count:
        return []
    order = sorted(range(count), key=lambda i: wanted_px[i])
    steps = [0.0]
    for before, after in pairwise(order):
        steps.append(steps[-1] + (sizes_px[before] + sizes_px[after]) / 2.0)
    first_px = low_px + sizes_px[order[0]] / 2.0
    room_px = max(high_px - sizes_px[order[-1]] / 2.0 - first_px, 0.0)
    if steps[-1] > room_px:
        steps = [step * room_px / steps[-1] for step in steps]
    blocks: list[tuple[float, int]] = []  # sum of wanted places less own steps, how many labels
    for step, index in zip(steps, order, strict=True):
        total, size = wanted_px[index] - step, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / size:
            more, others = blocks.pop()
            total, size = total + more, size + others
        blocks.append((total, size))
    last_px = first_px + room_px - steps[-1]
    bases = [min(max(total / size, first_px), last_px) for total, size in blocks for _ in range(size)]
    places = [0.0] * count
    for base, step, index in zip(bases, steps, order, strict=True):
        places[index] = base + step
    return places
