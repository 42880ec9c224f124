"""Reference: what is possible for the true patient, found by search; a trainee's coverage is judged against it.

good_places(case, seed): the best of a few places of the leads that are chosen with the truth.
own_places(case, side): the best program where the trainee's leads lie now.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scs_models import anatomy, files
from scs_models.errors import ScsError
from scs_models.percept.body_map import load_body_map
from scs_models.tables import read_table
from scs_sim import __version__
from scs_sim.answers import pain_field
from scs_sim.case import Case
from scs_sim.program import Program
from scs_sim.search.judge import Judge, Judged
from scs_sim.search.screen import make_screen
from scs_sim.search.space import space_of
from scs_sim.setting import Progress, Setting, prepare
from scs_sim.store import default_store
from scs_sim.training.body import true_case
from scs_sim.training.case import TrainingCase
from scs_sim.training.clinic import PatientSide
from scs_sim.training.draw import Hidden, draw
from scs_sim.training.rubric import ReferenceRules, reference_rules
from scs_sim.training.truth import TrueLead, Truth

POSTURE = "sitting"
FOLDER = "training-references"
_LOG = logging.getLogger(__name__)
_ANY = Program("1.1- 1.2+")


@dataclass(frozen=True, slots=True)
class Reference:
    """The best program found, for the true patient sitting: case (its program with amplitude), figures by name of
    objective.FIGURES, and felt: region id -> share 0-1 in which it is felt."""

    case: Case
    figures: dict[str, float]
    felt: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Tried:
    """A place of the leads: the case, its setting, and how many points the screen gives its configurations."""

    case: Case
    setting: Setting
    score: tuple[float, ...]

    @property
    def best(self) -> float:
        return max(self.score)


def good_places(case: TrainingCase, seed: int, progress: Progress | None = None) -> Reference | None:
    """Return what the search finds at good places for the patient of `seed`; None where nothing is ever felt.

    It takes some seconds and is kept beside the kernels, under a name that tells nothing.
    """
    path = _path(case, seed)
    kept = _read(path)
    if kept is not None:
        return kept
    hidden, rules = draw(case, seed), reference_rules()
    singles = [
        _tried(case, hidden, [(level, _aside_mm(case) * aside_mm)], rules, progress)
        for level in case.kit.tip_levels
        for aside_mm in rules.one_lead_aside_mm
    ]
    found = sorted(singles, key=lambda one: -one.best)
    if case.kit.leads_count_high > 1:
        levels = list(dict.fromkeys(one.case.leads[0].tip_level for one in found))[:2]
        pairs = [
            _tried(
                case,
                hidden,
                [(level, -rules.two_leads_aside_mm), (level, rules.two_leads_aside_mm)],
                rules,
                progress,
            )
            for level in levels
        ]
        found = sorted([*found, *pairs], key=lambda one: -one.best)
    answer = _judged(found[0], case.kit.profile, rules)
    if answer is not None:
        _keep(path, answer)
    return answer


def own_places(case: TrainingCase, side: PatientSide, progress: Progress | None = None) -> Reference | None:
    """Return what the search finds where the leads of `side` lie now; None without a lead or where nothing is felt."""
    if not side.truth.leads:
        return None
    rules = reference_rules()
    first = Program(f"{side.truth.leads[0].number}.1- {side.truth.leads[0].number}.2+")
    here = true_case(case, side.hidden, side.truth, POSTURE, first)
    return _judged(_screened(here, case.kit.profile, rules, progress), case.kit.profile, rules)


def _aside_mm(case: TrainingCase) -> float:
    """Return the side on which it hurts more: -1 left, 1 right."""
    pain = pain_field(case.pain)
    weight = float((pain.area * pain.painful * pain.hurts * pain.score) @ pain.side)
    return -1.0 if weight < 0.0 else 1.0


def _tried(
    case: TrainingCase,
    hidden: Hidden,
    places: list[tuple[str, float]],
    rules: ReferenceRules,
    progress: Progress | None,
) -> _Tried:
    """Return the leads at (level, mm right of the cord's midline), screened."""
    leads = tuple(
        TrueLead(
            number,
            case.kit.lead_types[0],
            anatomy.vertebra_mid_z_mm(level),
            hidden.patient.cord_offset_mm + aside_mm,
            0.0,
        )
        for number, (level, aside_mm) in enumerate(places, start=1)
    )
    return _screened(true_case(case, hidden, Truth(leads=leads), POSTURE, _ANY), case.kit.profile, rules, progress)


def _screened(case: Case, profile: str, rules: ReferenceRules, progress: Progress | None) -> _Tried:
    setting = prepare(case, progress=progress)
    space = space_of(case, rules.contacts_count)
    screen = make_screen(setting, case, case.program.areas[0], profile)
    score = screen.best(space.weights(), rules.objective).score
    return _Tried(case, setting, tuple(score.tolist()))


def _judged(tried: _Tried, profile: str, rules: ReferenceRules) -> Reference | None:
    """Return the best of the configurations that the screen likes best, judged exactly."""
    space = space_of(tried.case, rules.contacts_count)
    score = np.array(tried.score)
    order = [row for row in np.argsort(-score, kind="stable")[: rules.judged_count].tolist() if np.isfinite(score[row])]
    if not order:
        return None
    own = tried.case.program
    programs = [Program(space.contacts(row), own.pulse_width_us, own.rate_hz, own.waveform) for row in order]
    judge = Judge(tried.setting, tried.case, rules.objective, profile, space.geometry.x_mm)
    found: Iterator[Judged] = (one for one in judge.best(programs, [""] * len(programs), "exhaustive") if one)
    best = max(found, key=lambda one: one.score, default=None)
    if best is None:
        return None
    felt = dict(zip(load_body_map().region_ids, best.felt_share.tolist(), strict=True))
    return Reference(replace(tried.case, program=best.program), dict(best.figures), felt)


def _path(case: TrainingCase, seed: int) -> Path:
    rules = files.json_text(read_table("rubric", "scs_sim")["reference"])
    text = "\n".join((files.json_text(case), str(seed), rules, __version__))
    return default_store().directory / FOLDER / f"{hashlib.sha256(text.encode('utf-8')).hexdigest()}.json"


def _read(path: Path) -> Reference | None:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return Reference(files.decode(Case, rows["case"], where=str(path)), rows["figures"], rows["felt"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, ScsError) as error:
        _LOG.warning("%s cannot be used (%s); it is looked for again", path, error)
        return None


def _keep(path: Path, answer: Reference) -> None:
    rows = {"case": files.encode(answer.case), "figures": answer.figures, "felt": answer.felt}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_text(path, json.dumps(rows, sort_keys=True))
    except (OSError, ScsError) as error:
        _LOG.warning("%s cannot be written (%s)", path, error)
