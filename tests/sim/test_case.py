"""Case files: the built-in ones are sound; whatever is written reads back equal; nothing identifies a person."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_program import percents, programs

from scs_models import files
from scs_models.anatomy import postures
from scs_models.errors import InvalidFileError, InvalidValueError, UnknownNameError
from scs_models.leads import LeadPlacement, catalogue
from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import DERMATOMES
from scs_sim.case import Case, builtin_case, builtin_case_ids, load_case
from scs_sim.case_file import case_toml, patient_toml
from scs_sim.lead_state import ContactFault, Migration, Scar
from scs_sim.patient import BandWeight, InjuredRoot, LevelCsf, PainMap, PainPolygon, Patient
from scs_sim.program import Program

TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
SCORE = st.floats(0.0, 10.0)
COORDINATE = st.floats(-2000.0, 2000.0)
REGIONS = load_body_map().region_ids


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a valid case."""
    names = st.sampled_from(list(catalogue()))
    placed = st.builds(
        LeadPlacement,
        lead=names,
        tip_level=st.sampled_from(["T7", "T8", "T9", "T10", "T11"]),
        tip_offset_mm=st.floats(-10.0, 10.0),
        x_mm=st.floats(-4.0, 4.0),
        tilt_mm=st.floats(-2.0, 2.0),
    )
    leads = sorted(draw(st.lists(placed, min_size=1, max_size=4)), key=lambda item: item.x_mm)
    every = [
        f"{number}.{contact}"
        for number, item in enumerate(leads, start=1)
        for contact in range(1, catalogue()[item.lead].contact_count + 1)
    ]
    chosen = draw(st.lists(st.sampled_from(every), min_size=2, max_size=6, unique=True))
    shares = draw(percents(len(chosen) - 1))
    contacts = " ".join(f"{name}-{part}" for name, part in zip(chosen[1:], shares, strict=True)) + f" {chosen[0]}+100"
    roots = st.builds(InjuredRoot, st.sampled_from(DERMATOMES), st.sampled_from(["left", "right"]), st.floats(0.0, 1.0))
    polygon = st.builds(
        PainPolygon,
        st.sampled_from(["front", "back"]),
        st.floats(0.5, 10.0),
        st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=5).map(tuple),
    )
    scores = draw(st.dictionaries(st.sampled_from(REGIONS), SCORE, max_size=8))
    return Case(
        id=draw(st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)),
        title=draw(TEXT),
        leads=tuple(leads),
        pain=PainMap(
            {"left_low_back": 5.0} | scores | {"right_low_back": 1.0}, tuple(draw(st.lists(polygon, max_size=2)))
        ),
        program=draw(programs(st.just(contacts))),
        patient=Patient(
            dorsal_csf_factor=draw(st.floats(0.4, 1.8)),
            cord_offset_mm=draw(st.floats(-2.5, 2.5)),
            segment_shift=draw(st.floats(-1.0, 1.0)),
            gain=draw(st.floats(0.2, 5.0)),
            injured_roots=tuple(draw(st.lists(roots, max_size=3, unique_by=lambda root: (root.segment, root.side)))),
            levels_csf=tuple(draw(st.lists(LEVELS_CSF, max_size=2, unique_by=lambda row: row.level))),
            band_weights=tuple(draw(st.lists(BANDS, max_size=2, unique_by=lambda row: row.dermatome))),
            felt_fibres=draw(st.floats(1.0, 10.0)),
            arachnoiditis=draw(st.booleans()),
            laminectomy_levels=tuple(draw(st.lists(st.sampled_from(["T9", "L4"]), max_size=2, unique=True))),
            hardware_levels=tuple(draw(st.lists(st.sampled_from(["T10", "L5"]), max_size=2, unique=True))),
            infection=draw(st.booleans()),
            seed=draw(st.integers(0, 2**32 - 1)),
        ),
        posture=draw(st.sampled_from(postures())),
        scars=draw(st.sampled_from([(), (Scar(" ".join(every[:2]), 0.7, "severe"),)])),
        migrations=draw(st.sampled_from([(), (Migration(len(leads), -12.5, 1.0, 5.0),)])),
        contact_faults=draw(
            st.sampled_from(
                [
                    (),
                    (ContactFault(every[0], "open"), ContactFault(every[1], "high", ohm=900.0)),
                    (ContactFault(every[0], "short", every[1]),),
                ]
            )
        ),
        own_leads=draw(st.sampled_from([(), (dataclasses.replace(catalogue()["octet-7mm"], id="mine"),)])),
        story=draw(TEXT),
        notes=draw(TEXT),
    )


LEVELS_CSF = st.builds(LevelCsf, st.sampled_from(["C5", "T9", "L1"]), st.floats(1.2, 4.0))
BANDS = st.builds(BandWeight, st.sampled_from(["L5", "S4-5"]), st.floats(0.5, 2.0))


@settings(deadline=None)
@given(cases())
def test_patient_written_and_read_is_equal(case: Case) -> None:
    text = patient_toml(case.patient)
    assert files.decode(Patient, files.parse(text, ".toml", "test"), where="test") == case.patient


@settings(deadline=None)
@given(cases())
def test_case_written_and_read_is_equal_in_toml_and_json(case: Case) -> None:
    for suffix, text in ((".toml", case_toml(case)), (".json", files.json_text(case))):
        assert files.decode(Case, files.parse(text, suffix, "test"), where="test") == case


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_builtin_case_is_complete(case_id: str, tmp_path: Path) -> None:
    case = builtin_case(case_id)
    assert case.id == case_id
    assert len(case.story) > 200
    assert case.title
    assert case.notes == ""
    assert all(share.lead >= 1 for share in case.program.shares)
    for name in ("a.toml", "a.json"):
        path = tmp_path / name
        files.write_text(path, case_toml(case) if name.endswith("toml") else files.json_text(case))
        assert load_case(path) == case


def test_there_are_the_six_patterns_of_pain() -> None:
    found = {case_id: builtin_case(case_id) for case_id in builtin_case_ids()}
    assert len(found) == 6
    pain = {case_id: {r for r, score in case.pain.scores.items() if score} for case_id, case in found.items()}
    assert {r.split("_", 1)[0] for r in pain["low-back"]} == {"left", "right"}
    assert not any("leg" in r or "thigh" in r or "foot" in r for r in pain["low-back"])
    assert all(r.startswith("left_") for r in pain["back-and-left-leg"])
    assert {"left_low_back", "left_calf_lateral"} <= pain["back-and-left-leg"]
    assert {r.split("_", 1)[0] for r in pain["bilateral-legs"]} == {"left", "right"}
    assert all("buttock" in r or "thigh_posterior" in r for r in pain["buttock-and-thigh"])
    assert "left_sole_medial" in pain["foot"]
    (root,) = found["injured-l5-root"].patient.injured_roots
    assert (root.segment, root.side) == ("L5", "right")
    assert 0.3 <= root.fibres_left <= 0.8


def test_no_field_for_a_person() -> None:
    names = {field.name for kind in (Case, Patient, PainMap) for field in dataclasses.fields(kind)}
    assert not names & {"name", "birth_date", "date_of_birth", "birthday", "record_number", "mrn", "sex", "age"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "a b"}, "letters, digits"),
        ({"id": ""}, "letters, digits"),
        ({"id": "\N{LATIN SMALL LETTER E WITH ACUTE}"}, "letters, digits"),
        ({"leads": ()}, "1 to 4 leads"),
        ({"leads": (LeadPlacement("octet-7mm", "T8", x_mm=2.0), LeadPlacement("octet-7mm", "T8"))}, "patient's left"),
        ({"program": Program("1.8- 1.9+")}, "lead 1 has no contact 9: it has 8"),
        ({"leads": (LeadPlacement("nonsense", "T8"),)}, r"leads\[0\].lead is 'nonsense'; it must be one of quad-slim"),
        ({"pain": PainMap()}, "pain is empty"),
        ({"posture": "kneeling"}, "posture 'kneeling'"),
        ({"scars": (Scar("1.3 1.9"),)}, r"scars\[0\].contacts has 1\.9"),
        ({"migrations": (Migration(3),)}, "migrations has lead 3"),
        ({"contact_faults": (ContactFault("1.1", "short", "2.9"),)}, r"contact_faults\[0\].partner has 2\.9"),
        ({"own_leads": (catalogue()["octet-7mm"],)}, "own_leads has 'octet-7mm'"),
        ({"pain": PainMap({"left_low_back": 0.0})}, "pain is empty"),
        ({"pain": PainMap({"low_back_left": 3.0})}, "close to it: left_low_back"),
    ],
)
def test_case_that_cannot_be_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        dataclasses.replace(builtin_case("back-and-left-leg"), **change)


def test_unknown_case_lists_the_known_ones() -> None:
    for load in (load_case, builtin_case):
        with pytest.raises(
            UnknownNameError, match="there is no case 'nobody'; known: back-and-left-leg, bilateral-legs"
        ):
            load("nobody")
    with pytest.raises(InvalidFileError, match="cannot be read"):
        load_case("nobody.toml")
