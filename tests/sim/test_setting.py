"""What the setting's shortcuts cost, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models.errors import InvalidValueError
from scs_models.leads import LeadPlacement
from scs_sim import setting as setting_module
from scs_sim.case import builtin_case
from scs_sim.program import Program
from scs_sim.setting import prepare
from scs_sim.simulate import evaluate


def test_twice_the_margin_of_nodes_changes_no_threshold_visibly(monkeypatch):
    case = builtin_case("buttock-and-thigh")
    programs = [
        Program(c, w, 40.0) for c in ("1.1- 1.3+", "1.8- case+", "1.14+50 1.15- 1.16+50") for w in (60.0, 450.0)
    ]
    found = []
    for margin in (setting_module.MARGIN_MM, 2.0 * setting_module.MARGIN_MM):
        monkeypatch.setattr(setting_module, "MARGIN_MM", margin)
        found.append(evaluate(prepare(case), case, programs).person)
    for name in ("perception_ma", "discomfort_ma"):
        np.testing.assert_allclose(getattr(found[0], name), getattr(found[1], name), rtol=2e-3)


def test_weights_sum_to_one_per_sign_and_leave_the_generator_out(prepared):
    setting = prepared("back-and-left-leg")
    bipole = setting.weights(Program("1.3-60 1.4-40 2.6+"))
    assert bipole[bipole < 0].sum() == pytest.approx(-1.0)
    assert bipole[bipole > 0].sum() == pytest.approx(1.0)
    monopole = setting.weights(Program("1.3- case+"))
    assert (monopole.sum(), np.count_nonzero(monopole)) == (-1.0, 1)


def test_cathode_height_is_the_mean_weighed_by_current(prepared):
    setting = prepared("back-and-left-leg")
    weights = setting.weights(Program("1.3-75 1.4-25 1.6+"))[None]
    z = setting.contact_z_mm
    assert setting.cathode_height_mm(weights)[0] == pytest.approx(0.75 * z[2] + 0.25 * z[3])


def test_a_contact_beyond_the_modelled_spine_is_refused_by_name():
    case = builtin_case("foot")
    low = replace(case, leads=(LeadPlacement("octet-7mm", "L3", -10.0),))
    with pytest.raises(InvalidValueError, match=r"contact 1\.1 lies at .* mm from T9; contacts must lie at C2 to L2"):
        prepare(low)


def test_a_contact_beside_the_canal_is_refused_by_name():
    case = builtin_case("foot")
    aside = replace(case, leads=(LeadPlacement("octet-4mm", "T10", 0.0, x_mm=7.5),))
    with pytest.raises(InvalidValueError, match=r"contact 1\.1 lies 7\.5 mm from the cord's midline"):
        prepare(aside)
