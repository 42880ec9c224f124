"""The lead field from given kernels: impedances from kernels of their own, flat contacts, leads of both kinds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models import canal, lead_field
from scs_models.errors import InvalidValueError
from scs_models.fibres.population import dorsal_columns
from scs_models.fibres.roots import root_fibres
from scs_models.lead_field import ContactSite, LeadField


def smooth_kernel(seed: int, source_count: int = canal.SOURCE_COUNT) -> np.ndarray:
    """Return an invented kernel that falls with z and from site to site as it likes, the same for every source."""
    points = len(canal.LATERAL_FRACTIONS) * len(dorsal_columns().depth_mm) + 4 * canal.PATH_POINTS
    strength = np.random.default_rng(seed).uniform(50.0, 150.0, points + 2 * source_count - 1)
    kernel = strength[:, None] / (1.0 + (canal.grid_z_mm() / 5.0) ** 2)
    return np.broadcast_to(kernel, (source_count, *kernel.shape)).astype(np.float32)


def field(*sites: ContactSite) -> LeadField:
    return lead_field.build(sites, dorsal_columns(), root_fibres(-20.0, 20.0), diameter_um=[12.8], margin_mm=10.0)


def same_potential(one: LeadField, other: LeadField) -> bool:
    blocks = [([block for row in f.column_blocks for block in row] + list(f.root_blocks)) for f in (one, other)]
    return all(np.array_equal(a.potential_mv_per_ma, b.potential_mv_per_ma) for a, b in zip(*blocks, strict=True))


def test_impedances_come_from_kernels_of_their_own_and_fibres_do_not() -> None:
    here, other = smooth_kernel(1), smooth_kernel(2)
    plain = [ContactSite(x, z, 3.0, ((1.0, here),)) for x, z in ((-1.0, 3.5), (-1.0, -3.5))]
    swapped = [replace(site, kernels=((1.0, other),)) for site in plain]
    mixed = [replace(site, impedance_kernels=((1.0, other),)) for site in plain]
    assert same_potential(field(*plain), field(*mixed))
    assert not same_potential(field(*plain), field(*swapped))
    np.testing.assert_allclose(field(*mixed).transfer_mv_per_ma, field(*swapped).transfer_mv_per_ma, rtol=1e-6)


def test_weights_of_one_kernel_add_up() -> None:
    kernel = smooth_kernel(3)
    whole, parts = ((1.0, kernel),), ((0.4, kernel), (-0.1, kernel), (0.7, kernel))
    one, other = (field(ContactSite(0.3, 1.0, 3.0, pairs)) for pairs in (whole, parts))
    np.testing.assert_allclose(other.transfer_mv_per_ma, one.transfer_mv_per_ma, rtol=1e-5)
    np.testing.assert_allclose(
        other.root_blocks[0].potential_mv_per_ma, one.root_blocks[0].potential_mv_per_ma, rtol=1e-4, atol=1e-4
    )


def test_a_paddle_and_a_round_lead_share_one_canal() -> None:
    round_lead = ContactSite(-1.0, 0.0, 3.0, ((1.0, smooth_kernel(4)),))
    flat = ContactSite(6.5, 5.0, 4.0, ((1.0, smooth_kernel(5, canal.PADDLE_SOURCE_COUNT)),), width_mm=1.5)
    found = field(round_lead, flat)
    transfer = found.transfer_mv_per_ma
    assert np.isfinite(transfer).all()
    np.testing.assert_array_equal(transfer, transfer.T)
    assert same_potential(field(round_lead, flat), field(round_lead, replace(flat, impedance_kernels=flat.kernels)))


def test_what_lies_beyond_the_kernels_is_refused_by_name() -> None:
    lead_field.require_reachable("1.2", 6.0)
    lead_field.require_reachable("1.2", 7.25, width_mm=1.5)
    for x_mm, width_mm, limit in ((6.1, 0.0, "6"), (7.3, 1.5, "7.25")):
        with pytest.raises(InvalidValueError, match=rf"contact 1\.2 .* between -{limit} and {limit} mm"):
            lead_field.require_reachable("1.2", x_mm, width_mm)
