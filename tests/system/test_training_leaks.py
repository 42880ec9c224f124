"""Every way a trainee may try to see what is hidden in practice, one test each; docs/threat-model.md lists them.

Hidden numbers are looked for at 4 significant digits and more wherever anything is written. A coarser number stands by
chance somewhere in every long text: there it is judged over many patients whether the same field always tells it.
"""

from __future__ import annotations

import json
import math
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "sim"))
from training_helpers import NO_WAIT, do, training_case, written
from training_path import PATH, noisy_case

from scs_models.leads import LeadPlacement
from scs_sim.case import Case
from scs_sim.contact_plan import contact_plans
from scs_sim.program import Program
from scs_sim.training import body
from scs_sim.training.body import TrueBody
from scs_sim.training.case import TrainingCase, builtin_training_case, training_case_ids
from scs_sim.training.clinic import PatientSide
from scs_sim.training.draw import draw
from scs_sim.training.hiding import HiddenCsf, HiddenRoot, HiddenScar, Hiding
from scs_sim.training.record import recorded
from scs_sim.training.session import TIMED, resume, start
from scs_sim.training.truth import TrueLead, Truth

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
HIDING = Hiding(
    dorsal_csf_factor=1.0,  # one factor, so that the test needs the kernels of one canal
    cord_offset_mm=(-0.9, 0.9),
    segment_shift=(-1.0, 1.0),
    gain=(0.7, 1.4),
    felt_fibres=(2.0, 4.0),
    injured_roots=(HiddenRoot("S1", "right", (0.2, 0.8)),),
    scars=(HiddenScar("T11", "T11", "both", 0.41357),),
)
SEEDS = (1, 2)


@dataclass(frozen=True)
class Seen:
    """Everything a session left for a trainee to see: text by where it was found, and the session itself."""

    texts: dict[str, str]
    session: str
    folder: Path


def leaky_case() -> TrainingCase:
    """Return a case that hides a draw of almost everything."""
    import dataclasses

    return dataclasses.replace(noisy_case(), hiding=HIDING)


def random_lines(seed: int, count: int) -> list[dict[str, Any]]:
    """Return what a random clicker sends: good, bad and impossible actions."""
    chance = random.Random(seed)
    lines: list[dict[str, Any]] = [{"action": name, "parameters": given} for name, given in PATH[2:6]]
    for _ in range(count):
        name, given = chance.choice(PATH[:-1])
        given = dict(given)
        if "to_ma" in given:
            given["to_ma"] = round(chance.uniform(0.0, 12.0), 1)
        if chance.random() < 0.2:
            given["x_mm" if chance.random() < 0.5 else "gain"] = chance.choice((99.0, "x", None, 3))
        lines.append({"action": name, "parameters": given})
    return lines


def shown(box: Path, seed: int, lines: list[dict[str, Any]]) -> Seen:
    """Return what is to be seen of a session played in a process of its own, with nothing around it but `box`."""
    names = ("HOME", "TMPDIR", "SCS_SIM_STATE_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    environment = os.environ | {name: str(box / name) for name in names}
    for name in names:
        (box / name).mkdir(parents=True)
    case = written(leaky_case(), box.parent)
    texts: dict[str, str] = {}

    def run(*words: str, given: str = "", codes: tuple[int, ...] = (0,)) -> str:
        process = subprocess.Popen(
            [sys.executable, "-m", "scs_sim", "train", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
            cwd=box,
        )
        for what in ("cmdline", "environ"):
            path = Path("/proc") / str(process.pid) / what
            if words[0] == "act" and path.is_file():
                texts[f"{what} of {words[0]}"] = path.read_bytes().replace(b"\0", b"\n").decode()
        out, err = process.communicate(given, timeout=300)
        assert process.returncode in codes, err
        assert "Traceback" not in err
        texts[f"output of {' '.join(words)}"], texts[f"errors of {' '.join(words)}"] = out, err
        return out

    session = json.loads(run("start", case, "--seed", str(seed), "--json"))["session"]
    stream = "".join(json.dumps(line) + "\n" for line in lines)
    run("act", session, "--stream", "-vv", "--log-file", "log.txt", given=stream)
    if lines[-1]["action"] != "finish":
        run("report", session, "--json", codes=(2,))
    run("replay", session, "-vv")
    run("status", session, "--json")
    for path in box.rglob("*"):
        if path.is_file():
            texts[f"file {path.relative_to(box)}"] = path.read_bytes().decode("utf-8", "replace")
    return Seen(texts, session, box / "SCS_SIM_STATE_DIR" / "training")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Seen]:
    """Return sessions by seed: scripted ones and, from 100 on, those of a random clicker."""
    folder = tmp_path_factory.mktemp("leaks")
    script = [{"action": name, "parameters": given} for name, given in PATH[:-1]]
    found = {seed: shown(folder / str(seed), seed, script) for seed in SEEDS}
    return found | {seed: shown(folder / str(seed), seed, random_lines(seed, 25)) for seed in (101,)}


def hidden_numbers(seen: Seen, seed: int) -> dict[str, float]:
    """Return what was hidden of a session at every moment: patient, leads, complications, true thresholds."""
    events = recorded(seen.session, "trainee", seen.folder).events
    side = PatientSide(leaky_case(), seed)
    patient = side.hidden.patient
    found: dict[str, float] = {
        "cord offset": patient.cord_offset_mm,
        "gain": patient.gain,
        "felt fibres": patient.felt_fibres,
        "fibres left": patient.injured_roots[0].fibres_left,
        "scar": side.hidden.scars[0].thickness_mm,
        "seed of the roots": float(patient.seed),
    }
    for number, complication in enumerate(side.hidden.complications):
        found[f"pick {number}"] = complication.pick
        found[f"way {number}"] = complication.rostral_mm
    for event in events:
        side.follow(event)
        for lead in side.truth.leads:
            place = f"lead {lead.number} after {event.serial}"
            found |= {f"{place}, z": lead.tip_z_mm, f"{place}, tilt": lead.tilt_mm}
            if lead.x_mm != round(lead.x_mm, 1):
                found[f"{place}, x"] = lead.x_mm
        now = side.situation
        if event.action.name in ("amplitude", "posture") and now.program is not None and side.truth.leads:
            percept = side.percept(now.posture, now.program)
            found |= {f"PT {event.serial}": percept.pt_ma, f"DT {event.serial}": percept.dt_ma}
            found[f"MT {event.serial}"] = percept.twitch_ma
    return {name: value for name, value in found.items() if math.isfinite(value) and abs(value) > 1e-3}


def significant_digits(number: float) -> int:
    """Return how many digits a number was written with, zeros at its ends not counted."""
    return len(f"{abs(number):.10f}".replace(".", "").strip("0"))


@pytest.mark.slow
def test_no_hidden_number_stands_anywhere(played: dict[int, Seen]) -> None:
    """Output, --json, -vv, --log-file, journal, state, temporary and home folder, arguments and environment."""
    for seed, seen in played.items():
        kinds = " ".join(seen.texts)
        assert all(word in kinds for word in ("log.txt", "trainee.journal", "output of act", "errors of act"))
        hidden = hidden_numbers(seen, seed)
        assert len(hidden) > 15
        for where, text in seen.texts.items():
            written_numbers = {float(match[0]) for match in NUMBER.finditer(text) if len(match[0]) < 40}
            many_digits = [number for number in written_numbers if significant_digits(number) >= 4]
            leaks = [
                (where, name, value, number)
                for name, value in hidden.items()
                for number in many_digits
                if abs(abs(number) - abs(value)) <= 5e-5 * abs(value)
            ]
            assert leaks == []
            for word in ("cord_offset", "dorsal_csf", "felt_fibres", "fibres_left", "thickness_mm", "hiding"):
                assert word not in text, where


@pytest.mark.slow
def test_the_search_would_find_a_leak(played: dict[int, Seen]) -> None:
    """What is on the record on purpose, the seed of a practice session, is found in the same texts."""
    seen = played[101]
    assert '"seed":101' in seen.texts[f"file SCS_SIM_STATE_DIR{os.sep}training{os.sep}trainee.journal"]
    assert not any('"seed"' in text for where, text in seen.texts.items() if where.startswith("output"))


@pytest.mark.slow
def test_nothing_is_left_in_temporary_or_home_folders(played: dict[int, Seen]) -> None:
    for seen in played.values():
        files = [where for where in seen.texts if where.startswith("file ")]
        assert all("SCS_SIM_STATE_DIR" in where or "log.txt" in where for where in files)
        assert all(".journal" in where or "log.txt" in where for where in files)


@pytest.mark.slow
def test_the_debrief_is_refused_before_the_end_without_a_word_of_it(played: dict[int, Seen]) -> None:
    for seen in played.values():
        (name,) = (where for where in seen.texts if where.startswith("output of report"))
        assert seen.texts[name] == ""
        assert "goes on" in seen.texts[name.replace("output", "errors")]


def fields(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number of a document with the path to it; items of lists by their place."""
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        yield path, float(value)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from fields(item, f"{path}.{key}")


BEFORE_ASKING: tuple[tuple[str, dict[str, Any]], ...] = (
    ("read", {"item": "imaging"}),
    ("place-lead", {"lead_type": "quad-7mm", "tip_level": "T10", "x_mm": -1.0}),
    ("xray", {"view": "ap"}),
    ("xray", {"view": "lateral"}),
    ("drive-lead", {"lead": 1, "right_mm": 12.0}),
    ("drive-lead", {"lead": 1, "right_mm": 12.0}),
    ("xray", {"view": "ap"}),
    ("drive-lead", {"lead": 1, "right_mm": -12.0}),
    ("drive-lead", {"lead": 1, "right_mm": -12.0}),
    ("xray", {"view": "ap"}),
    ("anchor", {}),
)


def test_no_field_goes_with_a_hidden_number_before_the_patient_is_asked() -> None:
    """Images and reports of 300 patients: no number in them is correlated with anything drawn.

    Among them where a lead stops that is driven against the wall of the canal.
    """
    case = training_case(hiding=HIDING)
    rows: list[dict[str, float]] = []
    drawn: list[tuple[float, ...]] = []
    for seed in range(300):
        side = PatientSide(case, seed)
        document = [dict(do(side, name, **given).outcome.data) for name, given in BEFORE_ASKING]
        rows.append(dict(fields(document)))
        one = side.hidden.patient
        left = one.injured_roots[0].fibres_left
        drawn.append((one.cord_offset_mm, one.gain, one.felt_fibres, one.segment_shift, left))
    names = sorted(set.intersection(*(set(row) for row in rows)))
    seen = np.array([[row[name] for name in names] for row in rows])
    varies = seen.std(axis=0) > 1e-9
    names, seen = [name for name, keep in zip(names, varies, strict=True) if keep], seen[:, varies]
    assert any("tip_x_mm" in name for name in names)
    found = np.corrcoef(seen.T, np.array(drawn).T)[: len(names), len(names) :]
    worst = np.unravel_index(np.abs(found).argmax(), found.shape)
    limit = 5.0 / math.sqrt(len(rows))  # five standard errors; about 150 pairs are looked at
    assert abs(found[worst]) < limit, (names[worst[0]], worst[1], found[worst])


def test_every_answer_that_needs_the_model_is_timed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """How long the model took is hidden by whole units of time for every action that runs it."""
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(tmp_path))
    session = start(written(noisy_case(), tmp_path), seed=4, clock=NO_WAIT)
    asked: list[str] = []
    now = [""]
    for name in ("percept", "impedances"):
        real = getattr(TrueBody, name)

        def watched(self: TrueBody, *given: Any, _real: Any = real) -> Any:
            asked.append(now[0])
            return _real(self, *given)

        monkeypatch.setattr(TrueBody, name, watched)
    path = list(PATH)
    path.insert(7, ("program", {"contacts": "1.2- 1.3+", "pulse_width_us": 250.0}))  # under current
    for name, given in path:
        now[0] = name
        session.act(name, given)
    assert {"program", "amplitude", "ask", "colour", "impedance", "posture", "next-visit"} <= set(asked)
    assert set(asked) <= TIMED


def test_following_and_refusing_need_no_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is refused is refused by what is seen alone, and resuming tells nothing by its time."""
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(tmp_path))
    session = start(written(noisy_case(), tmp_path), seed=4, clock=NO_WAIT)
    for name, given in PATH[:-1]:
        session.act(name, given)

    def never(*_: Any) -> Any:
        raise AssertionError("the model was asked")

    monkeypatch.setattr(TrueBody, "percept", never)
    monkeypatch.setattr(TrueBody, "impedances", never)
    again = resume(session.id, clock=NO_WAIT)
    for name, given in (
        ("place-lead", PATH[2][1]),
        ("posture", {"to": "prone"}),
        ("next-visit", {}),
        ("load", {"name": "x"}),
    ):
        with pytest.raises(ValueError, match=r".+"):
            again.act(name, given)


@pytest.mark.parametrize("name", ["built-in", "everything"])
def test_the_kernels_in_the_cache_tell_nothing_of_who_was_drawn(name: str) -> None:
    """`scs-sim cache list` shows kernels and when they were used: those of anybody of the case are loaded at once."""
    cases = [builtin_training_case(one) for one in training_case_ids()]
    if name == "everything":
        hiding = Hiding(
            dorsal_csf_factor=(0.85, 1.15),
            levels_csf=(HiddenCsf("T10", (1.5, 3.5)),),
            scars=(HiddenScar("T9", "T11", "both", (0.3, 1.0)),),
        )
        cases = [training_case(hiding=hiding)]
    for case in cases:
        posture = case.visits[0].postures[0]
        lead = LeadPlacement(case.kit.lead_types[0], case.kit.tip_levels[0], 1.7, -0.4)
        everything = set()
        for seed in range(4):
            hidden = draw(case, seed)
            true = Case(
                case.id, case.title, (lead,), case.pain, Program("1.1- 1.2+"), hidden.patient, posture,
                body._scars(hidden, [TrueLead(1, lead.lead, *placed(lead))]),
            )  # fmt: skip
            anybody = body._needs_of_anybody(case.hiding, true)
            everything.add(frozenset(anybody))
            own = {
                (section, plan.place.length_mm, plan.place.radius_mm)
                for plan in contact_plans(true)
                for _, section in (*plan.sections, *plan.supine)
            }
            assert own <= set(anybody), (case.id, seed)
        assert len(everything) == 1, case.id  # the same whoever was drawn


def placed(lead: LeadPlacement) -> tuple[float, float, float]:
    """Return tip height, side and tilt of a lead as Truth has it."""
    from scs_models import anatomy

    return anatomy.vertebra_mid_z_mm(lead.tip_level) + lead.tip_offset_mm, lead.x_mm, 0.0


def test_truth_has_no_way_into_what_is_written() -> None:
    """No class of what is recorded has a field of a class that hides something."""
    import dataclasses

    from scs_sim.training.draw import Hidden
    from scs_sim.training.events import Outcome, TrainingEvent
    from scs_sim.training.situation import Opening, Situation

    secret = {Hidden.__name__, Truth.__name__, TrueLead.__name__, "Hiding", "TrainingCase", "Percept"}
    for kind in (Outcome, TrainingEvent, Opening, Situation):
        for field in dataclasses.fields(kind):
            assert not secret & set(re.findall(r"\w+", str(field.type))), field
