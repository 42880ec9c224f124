"""Two ways to the same thresholds: few programs (nodes near the contacts in use) and a batch (every node, folded)."""

from __future__ import annotations

import numpy as np
import pytest

from scs_models import recruitment
from scs_sim.program import Program

PULSES = [(210.0, "recharge"), (450.0, "biphasic"), (1000.0, "recharge"), (60.0, "monophasic")]
OVER_LOWEST = 10.0
"""Fibres up to this many times the lowest threshold of a program are judged: discomfort comes at twice perception."""


@pytest.fixture(scope="module")
def programs(prepared):
    """Return 48 programs on the 16 contacts of two leads, half of them at random: (programs, contacts)."""
    setting = prepared("back-and-left-leg")
    named = [
        setting.weights(Program(text))
        for text in (
            "1.3-60 1.4-40 1.6+100",
            "1.4+ 1.5-",
            "1.8+ 1.7-",
            "2.4- 1.4+",
            "1.5+50 1.3-100 1.7+50",
            "1.1- 1.2+",
        )
    ]
    single = -np.eye(len(setting.contact_names))
    rng = np.random.default_rng(7)
    drawn = np.zeros((26, len(setting.contact_names)))
    for row in drawn:
        chosen = rng.choice(len(row), rng.integers(2, 6), replace=False)
        row[chosen] = rng.normal(size=len(chosen))
        row[chosen[0]] = -abs(row[chosen[0]])
        row /= -row[row < 0.0].sum()
    return setting, np.concatenate([named, single, drawn])


@pytest.mark.parametrize("pulse", PULSES)
def test_nodes_left_out_for_few_programs_change_no_threshold(programs, pulse):
    setting, weights = programs
    few = recruitment.thresholds(setting.field, weights, *pulse)
    batch = recruitment.thresholds_of_batch(setting.folded(*pulse), weights)
    lowest = batch.column_ma.min(axis=(1, 2))
    for name in recruitment.THRESHOLD_NAMES:
        one, other = (getattr(found, name).reshape(len(weights), -1) for found in (few, batch))
        reached = np.minimum(one, other) < OVER_LOWEST * lowest[:, None]
        assert reached.any()
        assert np.abs(one[reached] / other[reached] - 1.0).max() < 2e-4, name


def test_anodes_alone_are_looked_at_on_every_node(programs):
    setting, weights = programs
    anodes = np.maximum(weights, 0.0)
    anodes = anodes[anodes.any(axis=1)]
    few = recruitment.thresholds(setting.field, anodes, 300.0, "recharge")
    batch = recruitment.thresholds_of_batch(setting.folded(300.0, "recharge"), anodes)
    np.testing.assert_allclose(few.column_ma, batch.column_ma, rtol=1e-3)
