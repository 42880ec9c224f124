"""A program over many patients: what a band must do whatever the model says, and that it comes from the patients."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_sim.case import Case, builtin_case
from scs_sim.cli.catalogue import schema_of
from scs_sim.people import DRAWN, draw_patients
from scs_sim.population import FIGURES, PopulationRequest, PopulationResult
from scs_sim.population_document import population_document
from scs_sim.simulate import Request

# One conductivity set and one thickness keep the kernels few; both are drawn in the slow test.
KNOWN = ("conductivities", "dorsal_csf_factor")


@pytest.fixture(scope="module")
def case() -> Case:
    """Return a case whose sections stand on the grid."""
    case = builtin_case("back-and-left-leg")
    return replace(case, patient=replace(case.patient, dorsal_csf_factor=1.0))


@pytest.fixture(scope="module")
def found(case: Case) -> PopulationResult:
    return PopulationRequest(case, case.program, 12, seed=3, known=KNOWN)(workers=2)


def test_each_row_is_the_patient_evaluated_alone(case: Case, found: PopulationResult) -> None:
    patients = draw_patients(12, 3, case.patient, KNOWN)
    assert found.patients == patients
    for index in (0, 7):
        alone = Request(replace(case, patient=patients[index]))()
        row = dict(zip(FIGURES, found.values[index], strict=True))
        # Beyond 20 mm from the contacts in use nothing counts here; alone all contacts span the nodes.
        assert row["pt_ma"] == pytest.approx(alone.thresholds.pt_ma, rel=2e-3)
        assert row["dt_ma"] == pytest.approx(alone.thresholds.dt_ma, rel=2e-3)
        assert row["pain_covered_percent"] == pytest.approx(alone.coverage.pain_covered_percent, abs=0.5)


def test_bands_are_percentiles_of_the_rows(found: PopulationResult) -> None:
    for index, name in enumerate(FIGURES):
        values = np.sort(found.values[:, index])
        band = found.band(name)
        assert values[0] <= band.low <= band.middle <= band.high <= values[-1]
        assert band.middle == pytest.approx((values[5] + values[6]) / 2.0)
    assert found.passes_percent == pytest.approx(100.0 * np.mean(found.values[:, 0] >= found.pass_line_percent))
    assert found.amplitude_from == "comfort"


def test_the_result_does_not_depend_on_the_number_of_processes(case: Case, found: PopulationResult) -> None:
    again = PopulationRequest(case, case.program, 12, seed=3, known=KNOWN)(workers=1)
    np.testing.assert_array_equal(again.values, found.values)
    assert again.kernels_built == 0


def test_when_everything_is_known_there_is_no_band(case: Case) -> None:
    result = PopulationRequest(case, case.program, 3, known=DRAWN)(workers=1)
    assert all(math.isclose(band.low, band.high, rel_tol=1e-12) for band in result.bands)


def test_a_measured_threshold_is_every_patient_s_threshold(case: Case) -> None:
    result = PopulationRequest(case, case.program, 6, seed=3, known=KNOWN, measured_pt_ma=3.0)(workers=1)
    np.testing.assert_allclose(result.values[:, FIGURES.index("pt_ma")], 3.0, rtol=1e-9)
    assert result.band("pain_covered_percent").patients == 6


def test_patients_who_cannot_have_the_measured_threshold_do_not_count(case: Case) -> None:
    """A gain lies between 0.2 and 5: a threshold far above everybody's leaves nobody, one at the edge some."""
    usual = PopulationRequest(case, case.program, 6, seed=3, known=(*KNOWN, "gain"))(workers=1)
    edge = 5.0 * float(np.median(usual.values[:, FIGURES.index("pt_ma")]))
    found = PopulationRequest(case, case.program, 6, seed=3, known=KNOWN, measured_pt_ma=edge)(workers=1)
    assert found.agreeing == np.count_nonzero(5.0 * usual.values[:, FIGURES.index("pt_ma")] >= edge) == 3
    assert found.band("pt_ma").patients == 3
    with pytest.raises(InvalidValueError, match="none of 6 patients"):
        PopulationRequest(case, case.program, 6, seed=3, known=KNOWN, measured_pt_ma=25.0)(workers=1)


def test_infection_forbids_over_a_population_too(case: Case) -> None:
    sick = replace(case, patient=replace(case.patient, infection=True))
    found = PopulationRequest(sick, case.program, 2, seed=3, known=KNOWN)(workers=1)
    assert "infection" in found.forbidden
    assert found.passes_percent == 0.0


def test_one_amplitude_for_all_when_it_is_given(case: Case) -> None:
    result = PopulationRequest(case, case.program, 4, known=KNOWN, amplitude_ma=2.5)(workers=1)
    assert result.amplitude_from == "given"
    np.testing.assert_array_equal(result.values[:, FIGURES.index("amplitude_ma")], 2.5)


def test_document_follows_its_schema_and_is_plain_json(found: PopulationResult) -> None:
    document = json.loads(json.dumps(population_document(found), allow_nan=False))
    jsonschema.validate(document, schema_of("population"))
    assert len(document["people"]) == 12
    assert set(document["people"][0]["figures"]) == set(FIGURES)


def test_bad_questions_are_refused(case: Case) -> None:
    with pytest.raises(InvalidValueError, match="count"):
        PopulationRequest(case, case.program, 1)
    with pytest.raises(InvalidValueError, match="paresthesia-free"):
        PopulationRequest(case, replace(case.program, rate_hz=10_000.0, pulse_width_us=30.0, waveform="biphasic"), 5)
    with pytest.raises(UnknownNameError, match="known"):
        PopulationRequest(case, case.program, 5, known=("height",))(workers=1)
