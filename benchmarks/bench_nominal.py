"""The design's nominal size, invented fields: 2 000 fibres x 60 nodes x 16 contacts. Budgets: 1 ms; 40 % of sgemm."""

from __future__ import annotations

import numpy as np
import pytest

from scs_models import recruitment
from scs_models.lead_field import LeadField, NodeBlock

CONTACTS, NODES, FIBRES = 16, 60, 2000
DIAMETERS = (8.7, 10.0, 11.5, 12.8)
PULSE = (210.0, "monophasic")


@pytest.fixture(scope="module")
def field():
    """Return 2 000 fibres of four diameters under 16 contacts in a row, each a smooth peak along the nodes."""
    rng = np.random.default_rng(5)
    places = np.linspace(15.0, 45.0, CONTACTS)
    blocks = []
    for diameter in DIAMETERS:
        depth = rng.uniform(3.0, 8.0, FIBRES // len(DIAMETERS))
        away = np.arange(NODES)[None, :, None] - places[:, None, None]
        potential = (300.0 / np.hypot(away, depth)).astype(np.float32)
        blocks.append((NodeBlock(diameter, np.arange(NODES, dtype=float), potential, slice(0, len(depth))),))
    still = NodeBlock(12.8, np.zeros((NODES, 1)), np.zeros((CONTACTS, NODES, 1), np.float32), slice(0, 1))
    return LeadField(tuple(blocks), (still,), np.zeros((CONTACTS, CONTACTS)), places)


def programs(count):
    rng = np.random.default_rng(6)
    weights = rng.normal(size=(count, CONTACTS))
    return weights / np.abs(weights).sum(axis=1)[:, None] * 2.0


def test_nominal_thresholds_of_one_program(benchmark, field, against_sgemm):
    weights = np.zeros((1, CONTACTS))
    weights[0, [6, 7, 8]] = 0.5, -1.0, 0.5
    benchmark.group = "0 nominal size"
    benchmark(recruitment.thresholds, field, weights, *PULSE)
    against_sgemm(flops=0.0, programs=1, n_fibres=FIBRES, n_nodes=NODES)
    del benchmark.extra_info["fraction_of_sgemm"]


@pytest.mark.parametrize("size", ["100", "large"])
def test_nominal_thresholds_of_a_batch(benchmark, field, against_sgemm, large_batch, size):
    count = large_batch if size == "large" else int(size)
    folded, weights = recruitment.fold(field, *PULSE), programs(count)
    floats = sum(block.drive_per_ma.size for (block,) in folded.columns)

    def in_parts():
        for start in range(0, count, 500):
            recruitment.thresholds_of_batch(folded, weights[start : start + 500])

    benchmark.group = "0 nominal size"
    benchmark.pedantic(in_parts, rounds=2, warmup_rounds=1)
    against_sgemm(flops=2.0 * floats * count, programs=count, n_fibres=FIBRES, n_nodes=NODES)
