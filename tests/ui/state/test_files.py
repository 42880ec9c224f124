"""Files of the window: what is written is read back, what was there before is kept, what is wrong is said in words."""

from __future__ import annotations

import json
import os
import random
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from scs_models import files as base
from scs_models.errors import InvalidFileError, OutputError, ScsError
from scs_sim.case import builtin_case, builtin_case_ids
from scs_sim.case_file import case_toml, patient_toml
from scs_sim.patient import Patient
from scs_sim.program import Program
from scs_ui.state import files
from scs_ui.state.files import opened, read_session, write_session
from scs_ui.state.session import PROGRAMS_MAX, Session, session_of

sys.path.insert(0, str(Path(__file__).parent))
from random_steps import random_steps


@pytest.fixture
def session() -> Session:
    return session_of(builtin_case("back-and-left-leg"))


@pytest.mark.parametrize("seed", range(4))
def test_a_session_of_a_random_user_is_read_back(tmp_path: Path, session: Session, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        for step in random_steps(session, chance):
            try:
                session = step.action(session)
            except ScsError:
                continue
    path = tmp_path / "visit \N{GREEK SMALL LETTER MU}.scsx"
    write_session(path, session)
    assert read_session(path) == session
    found = opened(path, session_of(builtin_case("foot")))
    assert (found.kind, found.session, found.path, found.is_new) == ("session", session, str(path), True)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["format"], document["version"]) == ("scs-sim session", 1)
    jsonschema.validate(document, base.json_schema(Session))


def test_the_version_before_is_kept_beside_it(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "visit.scsx"
    write_session(path, session)
    assert os.listdir(tmp_path) == ["visit.scsx"]
    write_session(path, session)
    assert os.listdir(tmp_path) == ["visit.scsx"]  # nothing changed
    other = replace(session, on=False)
    write_session(path, other)
    assert read_session(path) == other
    (tmp_path / "visit.scsx.bak").rename(tmp_path / "before.scsx")
    assert read_session(tmp_path / "before.scsx") == session


def test_a_failed_save_leaves_everything_as_it_was(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "visit.scsx"
    write_session(path, session)
    before = {item: (tmp_path / item).read_bytes() for item in os.listdir(tmp_path)}

    def fails(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OutputError, match="No space left on device"):
        write_session(path, replace(session, on=False))
    assert {item: (tmp_path / item).read_bytes() for item in os.listdir(tmp_path)} == before
    monkeypatch.undo()
    for bad in (tmp_path, tmp_path / "missing" / "visit.scsx"):
        with pytest.raises(OutputError, match="cannot be written"):
            write_session(bad, session)


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_cases_begin_a_new_session(tmp_path: Path, session: Session, case_id: str) -> None:
    case = builtin_case(case_id)
    written = {"case.toml": case_toml(case), "case.json": base.json_text(case)}
    for name, text in written.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        found = opened(tmp_path / name, session)
        assert (found.kind, found.is_new, found.path) == ("case", True, "")
        assert found.session == session_of(case)


def test_a_program_is_added_and_chosen(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "guarded cathode.json"
    program = Program("1.3-60 1.4-40 1.6+100", 210.0, 60.0)
    path.write_text(base.json_text(program), encoding="utf-8")
    found = opened(path, session)
    assert (found.kind, found.is_new) == ("program", False)
    assert found.session.programs[:-1] == session.programs
    assert found.session.program.program() == replace(program, name="guarded cathode")
    assert found.session.case is session.case
    full = replace(session, programs=session.programs * PROGRAMS_MAX)
    with pytest.raises(InvalidFileError, match="programs is a list of 33"):
        opened(path, full)
    path.write_text(base.json_text(replace(program, contacts="3.1- 3.2+")), encoding="utf-8")
    with pytest.raises(InvalidFileError, match=r"guarded cathode.json: .*3\.1"):
        opened(path, session)


def test_a_patient_takes_the_place_of_the_present_one(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "patient.toml"
    path.write_text(patient_toml(Patient(dorsal_csf_factor=1.3)), encoding="utf-8")
    found = opened(path, session)
    assert (found.kind, found.is_new) == ("patient", False)
    assert found.session.case == replace(session.case, patient=Patient(dorsal_csf_factor=1.3))


def _set(document: dict, path: list, value: object) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["chosen"], 9, "chosen is 9; it must lie between 0 and 0"),
        (["colour"], "red", "colour is not a known key; known: case, programs"),
        (["programs", 0, "areas", 0, "amplitude_ma"], 40, "programs[0].areas[0].amplitude_ma is 40 mA; it must lie"),
        (["programs", 0, "areas", 0, "shares", 0, "percent"], "half", 'percent is "half"; it must be a whole number'),
        (["case", "leads", 0, "lead"], "octopus", "octopus"),
        (["version"], 2, "version is 2, written by a newer scs-sim; this one reads versions up to 1"),
        (["version"], "1", "version is '1'; it must be a whole number"),
        (["format"], "photo", "format is 'photo'; it must be one of 'scs-sim session', 'scs-sim case'"),
        (["profile"], "acme", "profile is 'acme'; it must be one of"),
    ],
)
def test_what_is_wrong_in_a_session_is_named(
    tmp_path: Path, session: Session, path: list, value: object, said: str
) -> None:
    file = tmp_path / "visit.scsx"
    document = base.encode(session)
    _set(document, path, value)
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InvalidFileError) as caught:
        opened(file, session)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(file))


def test_a_damaged_session_names_the_version_before(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "visit.scsx"
    write_session(path, session)
    write_session(path, replace(session, on=False))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InvalidFileError, match=r"not valid JSON[^\0]*visit\.scsx\.bak"):
        opened(path, session)


@pytest.mark.parametrize("name", ["holiday.jpg", "notes.txt", "visit", "visit.scsx.bak", "x.journal"])
def test_other_endings_are_refused_with_the_list(tmp_path: Path, session: Session, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InvalidFileError, match=r"must end in \.toml, \.json, \.scsx, \.sealed, \.png"):
        opened(tmp_path / name, session)


@pytest.mark.parametrize("ending", [".scsx", ".toml", ".json", ".png"])
def test_missing_files_folders_and_garbage(tmp_path: Path, session: Session, ending: str) -> None:
    missing, folder, garbage = (tmp_path / f"{name}{ending}" for name in ("missing", "folder", "garbage"))
    folder.mkdir()
    garbage.write_bytes(bytes(range(256)) * 20)
    for path in (missing, folder, garbage):
        with pytest.raises(InvalidFileError, match=path.name):
            opened(path, session)


def test_older_sessions_are_migrated(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "visit.scsx"
    document = base.encode(session)
    document["switched_on"] = document.pop("on")
    path.write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(Session, "VERSION", 2)
    monkeypatch.setitem(
        files.MIGRATIONS, 1, lambda old: {("on" if key == "switched_on" else key): item for key, item in old.items()}
    )
    assert read_session(path) == session
    assert opened(path, session).session == session
