"""The decoder: every problem with its key, value and range; any bytes at all are a value or an InvalidFileError."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import jsonschema
import pytest

from scs_models import files
from scs_models.errors import InvalidFileError, OutputError
from scs_sim.case import Case, builtin_case, builtin_case_ids
from scs_sim.case_file import case_toml
from scs_sim.cli.catalogue import SCHEMA_KINDS, schema_of
from scs_sim.program import Program

FUZZED = 2000
WORDS = [
    b"=", b"[", b"]", b"{", b"}", b'"', b"'", b"\n", b"null", b"nan", b"inf", b"-", b"1e999", b"9" * 400, b"\xff",
    b"\x00", b"\\u0000", b"\\ud800", b"true", b"1979-05-27", b"[[", b"[" * 3000, b"...", b"\xef\xbb\xbf", b",", b".",
    b'"""', b"{}", b"[]", b'"x"', b"-0.0", b"1_000", b"0x10", b"\xe2\x88\x92", b"format", b"version = 2", b"\r\n",
]  # fmt: skip


def seeds(kind: type[object]) -> list[tuple[str, bytes]]:
    values = [builtin_case(name) for name in builtin_case_ids()] if kind is Case else [Program("1.1-60 1.2-40 1.3+")]
    texts = [(".json", files.json_text(value)) for value in values]
    if kind is Case:
        texts += [(".toml", case_toml(builtin_case(name))) for name in builtin_case_ids()]
    else:
        texts.append((".toml", 'format = "scs-sim program"\nversion = 1\ncontacts = "1.1- 1.2+"\nrate_hz = 40\n'))
    return [(suffix, text.encode()) for suffix, text in texts]


def mutated(data: bytes, draw: random.Random) -> bytes:
    for _ in range(draw.randint(1, 6)):
        at, length = draw.randrange(len(data) + 1), draw.choice([0, 1, 1, 2, 8, 40])
        choice = draw.random()
        if choice < 0.5:
            data = data[:at] + draw.choice(WORDS) + data[at + length :]
        elif choice < 0.7:
            data = data[:at] + bytes(draw.randrange(256) for _ in range(length)) + data[at + length :]
        elif choice < 0.9:
            other = draw.randrange(len(data) + 1)
            data = data[:at] + data[other : other + 30] + data[at:]
        else:
            data = data[:at] + data[at + length :]
    return data


@pytest.mark.parametrize("kind", [Case, Program])
def test_fuzzed_files_are_values_or_errors_in_words(kind: type[object], tmp_path: Path) -> None:
    draw, originals, refused = random.Random(20261120), seeds(kind), 0
    for _ in range(FUZZED):
        suffix, data = draw.choice(originals)
        path = tmp_path / f"fuzz{suffix}"
        path.write_bytes(mutated(data, draw))
        try:
            value = files.read_value(kind, path)
        except InvalidFileError as error:
            problem = error
        else:
            assert files.decode(kind, json.loads(files.json_text(value)), where="again") == value
            continue
        refused += 1
        assert problem.problems
        assert all(line.strip() for line in problem.problems)
        assert str(path) in str(problem)
    assert FUZZED / 4 < refused < FUZZED


def test_every_problem_is_reported_at_once() -> None:
    document = json.loads(files.json_text(builtin_case("foot")))
    document["patient"]["gain"] = 50
    document["leads"][0]["x_mm"] = "left"
    document["extra"] = 1
    document["program"]["waveform"] = "square"
    with pytest.raises(InvalidFileError) as caught:
        files.decode(Case, document, where="a.json")
    text = str(caught.value)
    for words in ("a.json: patient.gain is 50", "leads[0].x_mm", "extra is not a known key", "program.waveform"):
        assert words in text, text
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({}, "format is None"),
        ({"format": "scs-sim program"}, "version is None"),
        ({"format": "scs-sim program", "version": 0}, "whole number"),
        ({"format": "scs-sim program", "version": True}, "whole number"),
        ({"format": "scs-sim program", "version": "1"}, "whole number"),
        ({"format": "scs-sim program", "version": 2}, "newer scs-sim"),
    ],
)
def test_header_is_checked_first(header: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidFileError, match=words):
        files.decode(Program, header | {"contacts": "nonsense"}, where="p.json")


def test_old_versions_are_migrated_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Program, "VERSION", 3)
    steps = {
        1: lambda body: {"electrodes": body["electrodes"], "rate_hz": body["frequency"]},
        2: lambda body: {"contacts": body["electrodes"], "rate_hz": body["rate_hz"]},
    }
    old = {"format": "scs-sim program", "version": 1, "electrodes": "1.1- 1.2+", "frequency": 40.0}
    assert files.decode(Program, old, where="old", migrations=steps) == Program("1.1- 1.2+", rate_hz=40.0)


def test_nested_values_carry_no_header() -> None:
    document = files.encode(builtin_case("foot"))
    assert document["format"] == "scs-sim case"
    assert "format" not in document["program"]


def test_writing_replaces_whole_files_and_leaves_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "blank and \N{GREEK SMALL LETTER MU}.json"
    files.write_text(path, "first\n")
    files.write_text(path, "second\n")
    assert path.read_bytes() == b"second\n"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        files.write_text(path, "third\n")
    assert path.read_bytes() == b"second\n"
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    with pytest.raises(OutputError, match="cannot be written"):
        files.write_text(tmp_path / "missing" / "a.json", "x")


def test_files_that_are_not_text_or_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InvalidFileError, match=r"not UTF-8 text \(byte 0\)"):
        files.read_value(Program, tmp_path / "a.toml")
    with pytest.raises(InvalidFileError, match=r"must end in \.toml or \.json"):
        files.read_value(Program, tmp_path / "a.txt")
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 2)
    with pytest.raises(InvalidFileError, match="larger than"):
        files.read_value(Program, tmp_path / "a.toml")


@pytest.mark.parametrize("kind", SCHEMA_KINDS)
def test_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))


def test_schema_accepts_what_is_written_and_refuses_unknown_keys() -> None:
    for name in builtin_case_ids():
        document = files.encode(builtin_case(name))
        jsonschema.validate(document, schema_of("case"))
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document | {"extra": 1}, schema_of("case"))
        jsonschema.validate({"format": "scs-sim program", "version": 1} | document["program"], schema_of("program"))
