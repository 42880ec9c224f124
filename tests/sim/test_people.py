"""People: drawn as the table says, the same for the same seed, and what is known of them is kept."""

from __future__ import annotations

import numpy as np
import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.tables import read_table
from scs_sim.patient import BandWeight, InjuredRoot, LevelCsf, Patient
from scs_sim.people import DRAWN, draw_patient, draw_patients, known_fields

COUNT = 3000
PEOPLE = draw_patients(COUNT, 5)
RULES = read_table("populations")["people"]


def error_of_a_share(share: float) -> float:
    """Return four standard errors of a share among COUNT people."""
    return 4.0 * float(np.sqrt(share * (1.0 - share) / COUNT))


def test_two_in_five_have_a_cord_off_the_midline_as_in_the_mr_images() -> None:
    """HO94: up to 1.5-2.0 mm in about 40 % of images."""
    offset = np.array([one.cord_offset_mm for one in PEOPLE])
    far = np.abs(offset) > 0.5
    assert np.mean(far) == pytest.approx(0.4, abs=error_of_a_share(0.4))
    assert np.abs(offset).max() <= 2.0
    assert np.mean(offset[far] > 0.0) == pytest.approx(0.5, abs=2.0 * error_of_a_share(0.5))


def test_dorsal_csf_spreads_as_in_the_mr_images() -> None:
    factor = np.array([one.dorsal_csf_factor for one in PEOPLE])
    assert factor.mean() == pytest.approx(1.0, abs=0.03)
    # A normal law cut at -2 and +2.4 sd has 0.93 of its sd.
    assert factor.std() == pytest.approx(0.93 * 0.25, rel=0.06)
    assert factor.min() >= RULES["dorsal_csf_factor"]["low_factor"]


def test_other_draws_follow_their_rows() -> None:
    shift = np.array([one.segment_shift for one in PEOPLE])
    assert set(np.unique(shift * 4.0)) <= set(range(-4, 5))
    assert shift.std() == pytest.approx(1.0 / np.sqrt(6.0), rel=0.08)  # triangular on [-1, 1]
    sets = [one.conductivities for one in PEOPLE]
    for name, share in zip(RULES["conductivities"]["names"], RULES["conductivities"]["shares"], strict=True):
        assert sets.count(name) / COUNT == pytest.approx(share, abs=error_of_a_share(share))
    gain = np.log([one.gain for one in PEOPLE])
    assert gain.std() == pytest.approx(0.35, rel=0.06)
    felt = np.array([one.felt_fibres for one in PEOPLE])
    assert np.median(felt) == pytest.approx(3.0, rel=0.06)
    width = np.log([[row.factor for row in one.band_weights] for one in PEOPLE[:300]])
    assert width.std() == pytest.approx(0.2, rel=0.06)
    assert abs(np.corrcoef(width[:, 0], width[:, 1])[0, 1]) < 0.25


def test_draws_are_independent_of_each_other() -> None:
    columns = np.array(
        [(p.dorsal_csf_factor, p.cord_offset_mm, p.segment_shift, p.felt_fibres, p.gain) for p in PEOPLE]
    )
    correlation = np.corrcoef(columns.T) - np.eye(5)
    assert np.abs(correlation).max() < 4.0 / np.sqrt(COUNT)


def test_a_seed_gives_the_same_people_whatever_their_number() -> None:
    assert draw_patients(4, 7) == draw_patients(9, 7)[:4]
    assert draw_patients(4, 7) != draw_patients(4, 8)
    assert draw_patient(7) == draw_patient(7) != draw_patient(8)
    assert len({one.seed for one in PEOPLE}) > COUNT - 5


def test_what_is_known_is_kept_and_changes_no_other_draw() -> None:
    base = Patient(
        dorsal_csf_factor=0.8,
        levels_csf=(LevelCsf("T9", 3.0),),
        injured_roots=(InjuredRoot("L5", "left", 0.5),),
        arachnoiditis=True,
    )
    assert known_fields(base) == ("dorsal_csf_factor",)
    free, held = draw_patient(3), draw_patient(3, base)
    assert held.dorsal_csf_factor == 0.8
    assert (held.levels_csf, held.injured_roots, held.arachnoiditis) == (base.levels_csf, base.injured_roots, True)
    for name in set(DRAWN) - {"dorsal_csf_factor"}:
        assert getattr(held, name) == getattr(free, name)
    nothing = draw_patient(3, base, known=())
    assert nothing.dorsal_csf_factor == free.dorsal_csf_factor
    everything = draw_patient(3, base, known=DRAWN)
    assert all(getattr(everything, name) == getattr(base, name) for name in DRAWN)


def test_bad_questions_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="known"):
        draw_patient(1, known=("height",))
    for seed in (-1, 2**32):
        with pytest.raises(InvalidValueError, match="seed"):
            draw_patient(seed)
    with pytest.raises(InvalidValueError, match="count"):
        draw_patients(0, 1)


def test_new_fields_of_a_patient_are_checked() -> None:
    with pytest.raises(InvalidValueError, match="dorsal_csf_mm at T9"):
        LevelCsf("T9", 9.0)
    with pytest.raises(UnknownNameError, match="level"):
        LevelCsf("L5", 3.0)
    with pytest.raises(InvalidValueError, match="T9 stands twice"):
        Patient(levels_csf=(LevelCsf("T9", 3.0), LevelCsf("T9", 4.0)))
    with pytest.raises(InvalidValueError, match="L5 stands twice"):
        Patient(band_weights=(BandWeight("L5", 1.1), BandWeight("L5", 1.2)))
    with pytest.raises(UnknownNameError, match="laminectomy_levels"):
        Patient(laminectomy_levels=("T13",))
    with pytest.raises(UnknownNameError, match="conductivities"):
        Patient(conductivities="gold")
    with pytest.raises(InvalidValueError, match="felt_fibres"):
        Patient(felt_fibres=0.0)
