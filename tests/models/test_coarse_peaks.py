"""Greatest drives: nodes left out by proof change no bit, and the bounds of the proof hold for any mean of anodes."""

from __future__ import annotations

import numpy as np
import pytest

from scs_models.peaks import (
    LEAST_DRIVE,
    PROGRAMS_AT_ONCE,
    bound_of_all,
    corners_of,
    parts_of,
    peaks,
    peaks_of_sifted,
    sifted,
)

CONTACTS, ROWS, FIBRES = 9, 70, 11


def made_up_drive(seed):
    """Return a drive (rows, fibres, contacts): a bump with flanks of the other sign under each contact."""
    rng = np.random.default_rng(seed)
    z = np.linspace(-12.0, 12.0, ROWS)[:, None, None] + rng.normal(size=(1, FIBRES, 1)) * 0.3
    at = z - np.linspace(-7.0, 7.0, CONTACTS)
    width = rng.uniform(1.0, 2.5, (1, FIBRES, 1))
    return (-(1.0 - (at / width) ** 2) * np.exp(-((at / width) ** 2) / 2.0)).astype(np.float32)


def programs(seed, count, cathodes, total=1.0):
    """Return programs that share their cathodes, with one to four anodes that carry `total` or less."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((count, CONTACTS))
    rest = np.setdiff1d(np.arange(CONTACTS), cathodes)
    for row in weights:
        chosen = rng.choice(rest, rng.integers(1, 5), replace=False)
        row[chosen] = rng.dirichlet(np.ones(len(chosen))) * total * rng.choice([1.0, 0.6])
        row[cathodes] = -1.0 / len(cathodes)
    return weights


def currents_of(weights):
    currents = np.zeros((CONTACTS, PROGRAMS_AT_ONCE), dtype=np.float32)
    currents[:, : len(weights)] = weights.T
    return currents


def mix_of(corners, count):
    mix = np.zeros((PROGRAMS_AT_ONCE, corners.mix.shape[1]), dtype=np.float32)
    mix[:count] = corners.mix
    return mix


def part_of(seed):
    return parts_of(made_up_drive(seed), [np.arange(FIBRES)])[0]


@pytest.mark.parametrize("cathodes", [[4], [0], [1, 6], [3, 4]])
@pytest.mark.parametrize("total", [1.0, 0.4])
def test_nodes_left_out_change_no_bit_of_the_greatest_drive(cathodes, total):
    weights = programs(len(cathodes), PROGRAMS_AT_ONCE - 3, cathodes, total)
    corners, never = corners_of(weights), np.zeros(PROGRAMS_AT_ONCE, np.float32)
    left_out = 0
    for seed in range(6):
        part = part_of(seed)
        own = sifted(part, corners)
        found, products = peaks_of_sifted(own, currents_of(weights), mix_of(corners, len(weights)), never)
        np.testing.assert_array_equal(found, peaks(part.drive, currents_of(weights)))
        left_out += products == own.kept.size < part.drive.size
    assert left_out or cathodes == [3, 4]


def test_the_greatest_drive_is_that_of_a_loop_in_double_precision():
    weights = programs(5, 7, [2, 5])
    drive = made_up_drive(3)
    expected = np.array([[max(float(LEAST_DRIVE), max(float(drive[n, f].astype(float) @ w) for n in range(ROWS)))
                          for w in weights] for f in range(FIBRES)])  # fmt: skip
    np.testing.assert_allclose(peaks(drive, currents_of(weights))[:, :7], expected, rtol=1e-5)


@pytest.mark.parametrize("total", [1.0, 0.4])
def test_every_program_is_the_mean_of_corners_that_the_proof_takes_it_for(total):
    weights = programs(8, 30, [4], total)
    corners = corners_of(weights)
    np.testing.assert_allclose(corners.mix @ corners.weights, weights, atol=1e-6)
    np.testing.assert_allclose(corners.mix.sum(axis=1), 1.0, atol=1e-6)
    assert corners.mix.min() >= 0.0


def test_bounds_at_the_corners_hold_for_nodes_left_out_and_for_all():
    weights = programs(9, 40, [4])
    corners = corners_of(weights)
    for seed in range(6):
        part = part_of(seed)
        drive = np.einsum("nfc,pc->nfp", part.drive.astype(np.float64), weights)
        own = sifted(part, corners)
        kept = {row.tobytes() for row in own.kept}
        out = np.array([row.tobytes() not in kept for row in part.drive])
        assert out.any()
        assert (own.rest @ corners.mix.T >= drive[out].max(axis=0)).all()
        assert (bound_of_all(part, corners) @ corners.mix.T >= drive.max(axis=0)).all()


def test_a_proof_that_fails_has_all_nodes_looked_at():
    """Two nodes are strong with one anode each and cancel with both; the third, never the strongest, is left."""
    drive = np.zeros((3, 1, 3), dtype=np.float32)
    drive[:, 0, 1:] = [[1.0, -1.0], [-1.0, 1.0], [0.5, 0.5]]
    weights = np.array([[-1.0, 0.5, 0.5]])
    corners, part = corners_of(weights), parts_of(drive, [np.arange(1)])[0]
    own, currents = sifted(part, corners), np.zeros((3, PROGRAMS_AT_ONCE), dtype=np.float32)
    currents[:, 0] = weights[0]
    assert own.kept.shape[0] == 2
    found, products = peaks_of_sifted(own, currents, mix_of(corners, 1), np.zeros(PROGRAMS_AT_ONCE, np.float32))
    assert found[0, 0] == 0.5
    assert products == own.kept.size + part.drive.size
    enough = np.full(PROGRAMS_AT_ONCE, 0.6, dtype=np.float32)
    found, products = peaks_of_sifted(own, currents, mix_of(corners, 1), enough)
    assert found[0, 0] < 0.6
    assert products == own.kept.size
