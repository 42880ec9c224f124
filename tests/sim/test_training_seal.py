"""Sealed cases: what goes in comes out with the passphrase alone, nothing can be read or changed without it."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_helpers import Runner
from training_helpers import training_case, written

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError
from scs_sim.people import draw_patient
from scs_sim.training import seal
from scs_sim.training.case import builtin_training_case, training_case_ids
from scs_sim.training.clinic import PatientSide
from scs_sim.training.draw import GREATEST_SESSION_SEED, draw
from scs_sim.training.seal import SealedCase, draw_seed, sealed, unsealed

PASSPHRASE = "zehn kleine Jägerlein"
QUICK = 2**14


@pytest.fixture(autouse=True)
def library() -> None:
    """Leave these tests out where the extra is missing; fail where CI says that it must be there."""
    if find_spec("cryptography") is None:
        message = "sealed cases left out: install them with: python -m pip install -e '.[exam]'"
        (pytest.fail if os.environ.get("SCS_SIM_REQUIRE_EXAM") == "1" else pytest.skip)(message)


def one(**more: Any) -> SealedCase:
    """Return a sealed case whose key is made quickly."""
    return sealed(training_case(), 5, PASSPHRASE, work=QUICK, **more)


def test_what_was_sealed_comes_out_and_the_same_patient_with_it() -> None:
    seed = draw_seed()
    case = training_case()
    found = sealed(case, seed, PASSPHRASE, work=QUICK)
    content = unsealed(files.decode(SealedCase, json.loads(files.json_text(found)), where="x"), PASSPHRASE, "x")
    assert (content.case, int(content.seed)) == (case, seed)
    assert PatientSide(content.case, int(content.seed)).hidden == PatientSide(case, seed).hidden


def test_nothing_of_the_case_stands_in_the_file_but_what_was_to_be_shown() -> None:
    case = training_case()
    for shown in ((), ("title",), ("title", "goals")):
        text = files.json_text(sealed(case, 4_217_731, PASSPHRASE, shown, QUICK))
        assert (case.title in text) == ("title" in shown)
        assert (case.goals[0] in text) == ("goals" in shown)
        for word in (case.id, case.complaint, case.referral, "4217731", "hiding", "cord_offset", "0.73159", PASSPHRASE):
            assert word not in text


def test_the_length_does_not_tell_which_case_it_is() -> None:
    lengths = {
        len(sealed(builtin_training_case(name), seed, PASSPHRASE, work=QUICK).content)
        for name in training_case_ids()
        for seed in (0, GREATEST_SESSION_SEED)
    }
    assert len(lengths) == 1


def test_two_sealings_of_one_case_share_nothing() -> None:
    first, second = one(), one()
    for name in ("exam", "nonce", "content"):
        assert getattr(first, name) != getattr(second, name)
    assert first.key.salt != second.key.salt
    left, right = (np.frombuffer(base64.b64decode(item.content), np.uint8) for item in (first, second))
    assert abs(float((left == right).mean()) - 1.0 / 256.0) < 0.004  # no byte of the one tells of the other


@pytest.mark.parametrize("passphrase", ["zehn kleine Jagerlein", "zehn kleine Jägerlein ", "", "x" * 5000])
def test_another_passphrase_opens_nothing(passphrase: str) -> None:
    with pytest.raises(InvalidFileError, match=r"^here: cannot be opened: the passphrase is another one, or"):
        unsealed(one(), passphrase, "here")


def test_a_passphrase_is_the_same_however_its_accents_were_typed() -> None:
    assert unsealed(one(), "zehn kleine Ja\u0308gerlein", "x").seed == "5"


def changed(text: str) -> str:
    """Return base64 text with one letter in the middle changed."""
    middle = len(text) // 2
    return text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]


def test_whatever_is_changed_is_noticed() -> None:
    found = one(shown=("title", "goals"))
    shown = found.shown
    for other in (
        dataclasses.replace(found, exam="0" * 16),
        dataclasses.replace(found, nonce=changed(found.nonce)),
        dataclasses.replace(found, content=changed(found.content)),
        dataclasses.replace(found, content=found.content[:-4]),
        dataclasses.replace(found, content=found.content[:400]),
        dataclasses.replace(found, content=""),
        dataclasses.replace(found, shown=dataclasses.replace(shown, title="An easy one")),
        dataclasses.replace(found, shown=dataclasses.replace(shown, goals=())),
        dataclasses.replace(found, key=dataclasses.replace(found.key, salt=changed(found.key.salt))),
        dataclasses.replace(found, key=dataclasses.replace(found.key, work=2 * QUICK)),
    ):
        with pytest.raises(InvalidFileError, match="the passphrase is another one, or the file has been changed"):
            unsealed(other, PASSPHRASE, "x")
    assert unsealed(found, PASSPHRASE, "x").seed == "5"


def test_content_sealed_with_another_version_is_not_taken_for_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = one()
    monkeypatch.setattr(SealedCase, "VERSION", 2)  # what an attacker's header would say
    with pytest.raises(InvalidFileError, match="has been changed"):
        unsealed(found, PASSPHRASE, "x")


def test_strange_files_are_said_in_words() -> None:
    document = json.loads(files.json_text(one()))
    for change, words in (
        ({"version": 2}, "newer scs-sim"),
        ({"format": "scs-sim case"}, "format is"),
        ({"exam": "../../etc"}, "exam is"),
        ({"nonce": "AAAA"}, "nonce has 3 bytes"),
        ({"content": "not base64!"}, "content is not readable"),
        ({"cipher": "rot13"}, "cipher is"),
        ({"key": {**document["key"], "work": 2**30}}, "work is 1073741824"),
        ({"key": {**document["key"], "work": 2}}, "work is 2"),
        ({"key": {**document["key"], "kind": "md5"}}, "kind is"),
        ({"more": 1}, "not a known key"),
    ):
        with pytest.raises(InvalidFileError, match=words):
            files.decode(SealedCase, {**document, **change}, where="x")


def test_the_sealing_is_that_of_the_standards_not_of_our_own_making() -> None:
    """The key by the standard library's scrypt and the cipher by its name open what seal.py sealed."""
    import hashlib

    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    document = json.loads(files.json_text(one()))
    salt = base64.b64decode(document["key"]["salt"])
    key = hashlib.scrypt(PASSPHRASE.encode(), salt=salt, n=document["key"]["work"], r=8, p=1, maxmem=2**26, dklen=32)
    header = json.dumps({**document, "content": ""}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    text = ChaCha20Poly1305(key).decrypt(
        base64.b64decode(document["nonce"]), base64.b64decode(document["content"]), header.encode()
    )
    assert json.loads(text)["seed"] == "5"


def test_short_passphrases_and_bad_seeds_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="at least 10"):
        sealed(training_case(), 1, "short")
    with pytest.raises(InvalidValueError, match="seed is"):
        sealed(training_case(), GREATEST_SESSION_SEED + 1, PASSPHRASE, work=QUICK)
    for seed in (-1, 10**400):
        with pytest.raises(InvalidValueError, match="seed is"):
            sealed(training_case(), seed, PASSPHRASE, work=QUICK)


def test_seeds_of_exams_cannot_be_tried_one_after_another() -> None:
    seeds = [draw_seed() for _ in range(200)]
    assert len(set(seeds)) == 200
    assert np.mean([seed.bit_length() > 120 for seed in seeds]) > 0.9
    case = training_case(hiding=dataclasses.replace(training_case().hiding, gain=(0.7, 1.4)))
    low = 2**40 + 1  # not cut down to the bits that people's seeds have
    assert draw(case, low).patient.gain != draw(case, low % 2**32).patient.gain


def test_people_and_patients_of_training_share_no_chance() -> None:
    """What new-patient draws with a seed tells nothing of training's patient with it: no equal draw, no correlation."""
    hiding = dataclasses.replace(
        training_case().hiding, cord_offset_mm=(-1.0, 1.0), gain=(0.7, 1.4), dorsal_csf_factor=(0.8, 1.2)
    )
    case = training_case(hiding=hiding)
    count = 400
    ranks = []
    for draw_one in (draw_patient, lambda seed: draw(case, seed).patient):
        rows = [draw_one(seed) for seed in range(count)]
        values = np.array([[row.cord_offset_mm, row.gain, row.dorsal_csf_factor] for row in rows])
        ranks.append(values.argsort(axis=0).argsort(axis=0) / (count - 1.0))
    people, patients = ranks
    # A shared stream would give equal uniform draws, hence the same ranks.
    for shift in (0, 1, 2):
        left, right = people[shift:], patients[: count - shift]
        found = np.corrcoef(left.T, right.T)[:3, 3:]
        assert np.abs(found).max() < 5.0 / np.sqrt(count)
    assert (np.abs(people[:, :, None] - patients[:, None, :]) < 1e-9).mean() < 0.01


def test_the_command_line(run: Runner, tmp_path: Path) -> None:
    case, secret, target = written(training_case(), tmp_path), tmp_path / "secret", tmp_path / "prüfung 1.sealed"
    secret.write_text(PASSPHRASE + "\r\nand a second line\n", encoding="utf-8")
    words = ("train", "seal", case, "-o", str(target), "--passphrase-file", str(secret))
    done = run(*words, "--show", "title", "--json")
    assert done.code == 0, done.err
    assert done.document["shown"]["title"] == "A leg"
    found = files.read_value(SealedCase, target)
    assert int(unsealed(found, PASSPHRASE, "x").seed).bit_length() > 64
    assert run(*words).code == 2  # it exists
    assert run(*words, "--force", "--seed", "7").err.count("whoever guesses it") == 1
    assert unsealed(files.read_value(SealedCase, target), PASSPHRASE, "x").seed == "7"
    other = tmp_path / "other"
    other.write_text("another passphrase\n")
    wrong = run("train", "invigilate", str(target), "--trainee", "kim", "--passphrase-file", str(other))
    assert (wrong.code, wrong.err.count("\n")) == (3, 1)
    assert "passphrase is another one" in wrong.err
    text = target.read_text(encoding="utf-8")
    target.write_text(text[: len(text) // 2], encoding="utf-8")
    torn = run("train", "invigilate", str(target), "--trainee", "kim", "--passphrase-file", str(secret))
    assert (torn.code, torn.err.count("\n")) == (3, 1)
    missing = run("train", "seal", case, "-o", str(tmp_path / "b.sealed"), "--passphrase-file", str(tmp_path / "no"))
    assert missing.code == 3
    assert run("train", "seal", case, "-o", str(tmp_path / "b.sealed")).code == 2  # no terminal
    assert run("train", "seal", case, "-o", str(tmp_path / "b.json"), "--passphrase-file", str(secret)).code == 2


def test_without_the_library_one_sentence_says_how_to_get_it(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography.exceptions", None)
    secret = tmp_path / "secret"
    secret.write_text(PASSPHRASE, encoding="utf-8")
    case = written(training_case(), tmp_path)
    done = run("train", "seal", case, "-o", str(tmp_path / "b.sealed"), "--passphrase-file", str(secret))
    assert done.code == 6
    assert seal.EXTRA in done.err
