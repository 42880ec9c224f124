"""The coarse lattice: what its operators reproduce exactly, and how near it comes to the thresholds of every fibre."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from scs_models import recruitment
from scs_models.coarse import coarse_columns, spread, thinned
from scs_models.fibres.population import dorsal_columns

DIAMETER_UM = np.array([8.7, 10.0, 10.7, 11.5, 12.2, 12.8])


@pytest.fixture(scope="module")
def columns():
    return dorsal_columns()


def kept_values(columns, coarse, law):
    """Return `law` (line place, depth, ln diameter) at the kept fibres, and at all of them, both for one program."""
    place = columns.xi + 100.0 * columns.side

    def at(line, depth, diameter):
        return law(
            place[line][:, None, None], columns.depth_mm[depth][:, None], np.log(DIAMETER_UM[diameter])[None, None]
        )

    every = at(*(np.arange(n) for n in (len(place), len(columns.depth_mm), len(DIAMETER_UM))))
    return at(coarse.line, coarse.depth, coarse.diameter)[None], every.reshape(1, -1)


def test_a_law_linear_across_and_quadratic_in_depth_and_log_diameter_is_met_exactly(columns):
    coarse = coarse_columns(columns, DIAMETER_UM, line_step=3, depth_count=3, diameter_count=3)

    def law(place, depth, diameter):
        return (0.3 + 0.02 * place) * (1.0 + 2.0 * depth - depth**2) * (3.0 - diameter + 0.2 * diameter**2)

    kept, every = kept_values(columns, coarse, law)
    np.testing.assert_allclose(spread(coarse, kept.astype(np.float32)), every, rtol=2e-5)


def test_a_bent_law_is_not_met_by_three_depths_but_by_all(columns):
    """The operators are interpolation, nothing cleverer: a law of third degree shows it."""

    def law(place, depth, diameter):
        return 1.0 + depth**3 + 0.0 * place + 0.0 * diameter

    for count, exact in ((3, False), (len(columns.depth_mm), True)):
        coarse = coarse_columns(columns, DIAMETER_UM, line_step=1, depth_count=count, diameter_count=2)
        kept, every = kept_values(columns, coarse, law)
        assert np.allclose(spread(coarse, kept.astype(np.float32)), every, rtol=1e-5) is exact


def test_lines_of_the_two_sides_are_never_mixed(columns):
    coarse = coarse_columns(columns, DIAMETER_UM, line_step=5, depth_count=1, diameter_count=1)
    one_side = (columns.side[coarse.line] == 1).astype(np.float32)[None, :, None, None]
    by_line = spread(coarse, one_side).reshape(len(columns.side), -1)
    np.testing.assert_array_equal(by_line, np.broadcast_to((columns.side == 1)[:, None], by_line.shape))


@pytest.mark.parametrize("case_id", ["back-and-left-leg", "low-back", "bilateral-legs"])
def test_thresholds_read_off_the_lattice_are_near_those_of_every_fibre(prepared, case_id):
    """Programs are drawn anew here; the lattice was chosen on others. Judged: fibres up to four times the lowest."""
    setting = prepared(case_id)
    rng = np.random.default_rng(20261121)
    contacts = len(setting.contact_names)
    weights = np.zeros((40, contacts))
    for row in weights:
        chosen = rng.choice(contacts, rng.integers(2, 6), replace=False)
        row[chosen] = rng.uniform(0.2, 1.0, len(chosen))
        row[chosen[1:]] *= 1.0 / row[chosen[1:]].sum()
        row[chosen[0]] = -1.0
    pulse = (200.0, "biphasic")
    diameter_um = setting.columns.diameter_um[setting.column_diameters]
    coarse = coarse_columns(setting.columns, diameter_um, line_step=3, depth_count=3, diameter_count=3)
    field = dataclasses.replace(setting.field, root_blocks=setting.field.root_blocks[:1])
    found = recruitment.thresholds_of_batch(recruitment.fold(thinned(field, coarse), *pulse), weights).column_ma
    exact = recruitment.thresholds_of_batch(recruitment.fold(field, *pulse), weights).column_ma.reshape(
        len(weights), -1
    )
    kept = np.log(found).reshape(len(weights), len(coarse.line), len(coarse.depth), len(coarse.diameter))
    ratio = np.exp(spread(coarse, kept.astype(np.float32))) / exact
    near = exact < 4.0 * exact.min(axis=1, keepdims=True)
    error = np.abs(ratio[near] - 1.0)
    assert np.sqrt((error**2).mean()) < 0.01
    assert np.quantile(error, 0.99) < 0.05
