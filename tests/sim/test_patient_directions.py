"""What surgery, posture and the cord's place do to a built-in case: the published direction is the judge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models import anatomy
from scs_sim.case import Case, builtin_case
from scs_sim.lead_state import Migration, Scar
from scs_sim.patient import InjuredRoot, LevelCsf, Patient
from scs_sim.result import Result
from scs_sim.setting import prepare
from scs_sim.simulate import Request, simulate


@pytest.fixture(scope="module")
def case() -> Case:
    """Return a built-in case with usual dorsal CSF, so that its sections stand on the grid."""
    case = builtin_case("back-and-left-leg")
    return replace(case, patient=replace(case.patient, dorsal_csf_factor=1.0))


def evaluated(case: Case) -> Result:
    """Return the result with the lead field of the contacts in use alone."""
    names = [share.name for share in case.program.shares]
    return simulate(prepare(case, contacts=names), Request(case))


@pytest.fixture(scope="module")
def supine(case: Case) -> Result:
    return evaluated(case)


def test_lying_supine_has_the_lowest_threshold(case: Case, supine: Result) -> None:
    """Cameron & Alo 1998: lowest lying in 20 of 23; HO94: prone dorsal CSF is thicker. Upright: 20-50 % (assumed)."""
    pt = {name: evaluated(replace(case, posture=name)).thresholds.pt_ma for name in ("sitting", "standing", "prone")}
    assert supine.thresholds.pt_ma < pt["sitting"] < pt["standing"] < pt["prone"]
    for name in ("sitting", "standing"):
        assert 1.2 <= pt[name] / supine.thresholds.pt_ma <= 1.5


def test_impedance_does_not_follow_posture(case: Case, supine: Result) -> None:
    """Abejon & Feler 2007, n = 70: not correlated with posture."""
    assert evaluated(replace(case, posture="standing")).safety.load_ohm == pytest.approx(supine.safety.load_ohm)


def test_scar_under_the_cathode_raises_threshold_and_impedance(case: Case, supine: Result) -> None:
    """clinical.md section 8: threshold +10 to +50 %, impedance +20 to +100 %; here one of two contacts is scarred."""
    cathode = next(share.name for share in case.program.shares if share.sign < 0)
    scarred = evaluated(replace(case, scars=(Scar(cathode, 0.5),)))
    assert 1.1 <= scarred.thresholds.pt_ma / supine.thresholds.pt_ma <= 1.5
    assert scarred.safety.load_ohm > supine.safety.load_ohm
    worse = evaluated(replace(case, scars=(Scar(cathode, 0.5, "severe"),)))
    assert worse.safety.load_ohm > scarred.safety.load_ohm
    assert worse.thresholds.pt_ma == pytest.approx(scarred.thresholds.pt_ma)


def test_shells_add_what_cylinders_do(case: Case) -> None:
    """Closed form: R = ln(r2 / r1) / (2 pi sigma L) for 3 mm of 1.3 mm lead; scar 0.5 mm of 0.1 S/m, pocket 0.3 mm."""
    cathode = next(share.name for share in case.program.shares if share.sign < 0)
    plain = prepare(case, contacts=[cathode]).shell_ohm[0]
    scarred = prepare(replace(case, scars=(Scar(cathode, 0.5),)), contacts=[cathode]).shell_ohm[0]
    scar = np.log((0.65 + 0.5) / 0.65) / (2.0 * np.pi * 0.1 * 3e-3)
    assert scarred - plain == pytest.approx(scar, rel=1e-12)
    assert 250.0 < scar < 350.0  # design: +300 ohm per contact
    pocket, fat = (np.log((0.65 + 0.3) / 0.65) / (2.0 * np.pi * sigma * 3e-3) for sigma in (0.11, 0.04))
    assert plain == pytest.approx(pocket - fat, rel=1e-12)


def test_a_lead_that_slid_down_reaches_lower_segments_sideways_one_side(case: Case, supine: Result) -> None:
    """He 1994: the threshold follows the dorsal CSF, which thins caudally; HW97: lateral is unilateral."""
    moved = evaluated(replace(case, migrations=(Migration(1, rostral_mm=-25.0),)))
    assert moved.thresholds.pt_ma < supine.thresholds.pt_ma
    aside = evaluated(replace(case, migrations=(Migration(1, right_mm=-3.0),)))
    left = aside.coverage.left_percent_of_felt
    assert left is not None
    assert left > 85.0
    lost = supine.coverage.pain_covered_percent
    assert lost is not None
    assert aside.coverage.pain_covered_percent != pytest.approx(lost, abs=1.0)


def test_stenosis_lowers_the_threshold_and_says_so(case: Case, supine: Result) -> None:
    """clinical.md section 8: small dorsal CSF, low threshold. T8 and T9 at a grid value, so that few kernels do."""
    thin = tuple(LevelCsf(level, 0.42 * anatomy.dorsal_csf_mm(level)) for level in ("T8", "T9"))
    found = evaluated(replace(case, patient=replace(case.patient, levels_csf=thin)))
    assert found.thresholds.pt_ma < 0.6 * supine.thresholds.pt_ma
    assert any("thin" in note for note in found.notes)


def test_an_injured_root_leaves_a_hole_in_its_dermatome(case: Case, supine: Result) -> None:
    """clinical.md section 8: fewer large fibres in one dermatome, threshold up there, discomfort lower or the same."""
    hurt = evaluated(replace(case, patient=replace(case.patient, injured_roots=(InjuredRoot("L5", "left", 0.3),))))

    def fibres(result: Result) -> float:
        return next(row.dc_fibres for row in result.dermatomes if row.id == "left_L5")

    first = {r.id: r.first_felt_ma for r in supine.dermatomes}["left_L5"]
    later = {r.id: r.first_felt_ma for r in hurt.dermatomes}["left_L5"]
    assert first is not None
    assert later is not None
    assert later > first
    assert fibres(hurt) < fibres(supine)
    assert hurt.thresholds.dt_ma <= supine.thresholds.dt_ma + 1e-9


@pytest.mark.slow
def test_a_missing_lamina_changes_the_field_a_little(case: Case, supine: Result) -> None:
    """Scar conducts better than bone, so current strays: the threshold rises, by less than dorsal CSF ever does."""
    open_behind = replace(case, patient=replace(case.patient, laminectomy_levels=("T8", "T9")))
    ratio = evaluated(open_behind).thresholds.pt_ma / supine.thresholds.pt_ma
    assert ratio != pytest.approx(1.0, abs=1e-6)
    assert 0.8 < ratio < 1.25


@pytest.mark.slow
def test_arachnoiditis_is_low_and_erratic(case: Case, supine: Result) -> None:
    """clinical.md section 8: low dorsal CSF, erratic thresholds: another seed is another patient, the same seed not."""
    sick = Patient(arachnoiditis=True, seed=1)
    first = evaluated(replace(case, patient=sick))
    assert first.thresholds.pt_ma < supine.thresholds.pt_ma
    other = evaluated(replace(case, patient=replace(sick, seed=2)))
    bands = [sorted((e.where, e.from_ma) for e in result.side_effects) for result in (first, other)]
    assert bands[0] != bands[1]
    assert evaluated(replace(case, patient=sick)).thresholds == first.thresholds
