"""Check a training case file before anybody plays it: every problem at once, each with where, what is allowed, a hint.

An error keeps the case from being played, or makes no sense of it; a warning is for the instructor to weigh. Form is
checked here, sense in check_sense.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, Literal

from scs_models import files
from scs_models.errors import InvalidFileError
from scs_sim.training.case import TrainingCase, builtin_training_case, training_case_ids

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (error) or doubtful (warning) at `path`: its value, what is allowed, what to do."""

    level: Level
    path: str
    message: str
    value: str = ""
    allowed: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found in one file, errors first; case_id is "" where not even that could be read."""

    FORMAT: ClassVar[str] = "scs-sim training case check"
    VERSION: ClassVar[int] = 1

    where: str
    case_id: str
    findings: tuple[Finding, ...]

    @property
    def errors_count(self) -> int:
        """Return how many findings are errors."""
        return sum(finding.level == "error" for finding in self.findings)

    @property
    def warnings_count(self) -> int:
        """Return how many findings are warnings."""
        return len(self.findings) - self.errors_count


_HINTS: tuple[tuple[str, str], ...] = (
    ("pain.scores", "scs-sim schema --regions lists the regions"),
    ("kit.lead_types", "scs-sim leads lists the leads; percutaneous ones can be placed through a needle"),
    ("hiding.scars", "from_level is the upper end, to_level the same level or one below it"),
    ("hiding", "write a number, or [low, high] to have it drawn for each session"),
    ("known", "what is drawn stands in [hiding]; [known] is what imaging and history show"),
    ("visits", "the first visit is on the table; days rise from visit to visit; each name stands once"),
    ("unsuitable", "evidence names the documents in which the trainee can find the reason"),
    ("history", "kind is one of a closed list; what fits none is other"),
    ("id", "the file's own short name, of letters, digits, - and _"),
)
_DRAWN = re.compile(r"^(?P<path>.+?)\.(?:float|tuple\[float, float\])(?:\[\d\])? is (?P<value>.*); it must be ")
_PLACED = re.compile(r"^(?P<path>[a-z_]+(?:[.\[][\w\[\].]*)?)[:.]? is (?P<value>.*?); (?P<allowed>.*)$", re.DOTALL)
_NOBODY = re.compile(r"^(?:(?P<path>\S+): )?there is no (?P<what>[^']+) '(?P<value>.*?)'; (?P<allowed>.*)$", re.DOTALL)
_KEY_OF = {
    "tip level": "tip_levels",
    "entry level": "entry_levels",
    "percutaneous lead type": "lead_types",
    "pain.scores: region": "pain.scores",
}
_UNKNOWN = re.compile(r"^(?P<path>\S+) is not a known key; known: (?P<known>.*)$")
_START = re.compile(r"^(?P<path>[a-z_]+(?:[.\[][\w\[\].]*)?)")
_TABLES = ("hiding", "known", "manner", "kit")
"""Tables whose keys all have defaults, so that each key can be judged without the others."""


def check_file(path: str | os.PathLike[str]) -> CheckReport:
    """Return what is wrong with the training case file at `path` ("-": standard input), or a built-in case by its id.

    Raises InvalidFileError where there is no document to check: the file cannot be read, or is no TOML or JSON.
    """
    text = os.fspath(path)
    if text in training_case_ids():
        return check_document(text, files.encode(builtin_training_case(text)))
    return check_document(*files.read_document(path))


def check_document(where: str, document: Mapping[str, Any]) -> CheckReport:
    """Return every problem of a document of a training case, errors first."""
    from scs_sim.training.check_sense import findings_of

    case_id = document.get("id", "")
    problems = _form_problems(document)
    if problems:
        found = list(dict.fromkeys(_finding(problem) for problem in problems))
        sound = _sound_parts(document)
        unread = frozenset({*document, *_template()} - set(sound))
        if "format" in sound and "version" in sound:
            found += findings_of(_with_template(sound, document), unread - {"unsuitable"} | unread & set(document))
    else:
        case = files.decode(TrainingCase, document, where=where)
        found = list(findings_of(case))
        if case.id in training_case_ids() and case != builtin_training_case(case.id):
            found.append(
                Finding("error", "id", f"id is {case.id!r}, a built-in training case", case.id, "an id of its own")
            )
    found.sort(key=lambda finding: finding.level != "error")
    return CheckReport(where, case_id if isinstance(case_id, str) else "", tuple(found))


def _form_problems(document: Mapping[str, Any]) -> list[str]:
    """Return the problems of form, as read from the whole and, where that fails early, from each part on its own."""
    problems = _problems_of(document)
    if not problems or document.get("format") != TrainingCase.FORMAT or document.get("version") != TrainingCase.VERSION:
        return problems
    for part in _parts(document):
        problems += _problems_of(part)
    merged = (_DRAWN.sub(r"\g<path> is \g<value>; it must be a number or [low, high]\0", text) for text in problems)
    return list(dict.fromkeys(text.split("\0")[0] for text in merged))


def _parts(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield sound cases with one part of `document` each: a key of the top, of a table, or one score."""
    known = {*_template(), "history", "known", "hiding", "manner", "kit", "visits", "unsuitable"}
    for key, value in document.items():
        if key not in known:
            continue
        yield _template() | {key: value}
        if key in _TABLES and isinstance(value, dict):
            for name, item in value.items():
                yield _template() | {key: {name: item}}
    pain = document.get("pain")
    scores = pain.get("scores") if isinstance(pain, dict) else None
    for region, score in scores.items() if isinstance(scores, dict) else ():
        yield _template() | {"pain": {"scores": {"left_calf_lateral": 5, region: score}}}


def _template() -> dict[str, Any]:
    """Return a sound case with as little in it as can be, for judging parts of another one."""
    return {
        "format": TrainingCase.FORMAT,
        "version": TrainingCase.VERSION,
        "id": "part",
        "title": "part",
        "grade": 1,
        "goals": ["part"],
        "referral": "part",
        "complaint": "part",
        "imaging": "part",
        "pain": {"scores": {"left_calf_lateral": 5}},
        "kit": {"leads_count_high": 4},
        "debrief": {"path": "part"},
        "unsuitable": {"reason": "infection", "evidence": ["referral"], "explanation": "part"},
    }


def _problems_of(document: Mapping[str, Any]) -> list[str]:
    try:
        files.decode(TrainingCase, document, where="")
    except InvalidFileError as error:
        return list(error.problems)
    return []


def _sound_parts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the top keys of `document` that can be read on their own, and together."""
    sound: dict[str, Any] = {}
    for key, value in document.items():
        if not _problems_of(_template() | sound | {key: value}):
            sound[key] = value
    return sound


def _with_template(sound: Mapping[str, Any], document: Mapping[str, Any]) -> TrainingCase:
    """Return a case of the sound parts, and of the template's where a part is not sound."""
    whole = _template() | dict(sound)
    without = {key: value for key, value in whole.items() if key != "unsuitable"}
    suitable = "unsuitable" not in document and not _problems_of(without)
    return files.decode(TrainingCase, without if suitable else whole, where="")


def _finding(problem: str) -> Finding:
    """Return a problem in one line, as the decoder says it, as a finding with its parts and a hint."""
    unknown = _UNKNOWN.match(problem)
    if unknown:
        near = get_close_matches(unknown["path"].rpartition(".")[2], unknown["known"].split(", "), n=1)
        hint = f"did you mean {near[0]}?" if near else ""
        return Finding("error", unknown["path"], f"{unknown['path']} is not a known key", "", unknown["known"], hint)
    nobody = _NOBODY.match(problem)
    if nobody:
        key = _KEY_OF.get(nobody["what"], nobody["what"] if nobody["what"].isidentifier() else "")
        path = ".".join(part for part in (nobody["path"], key) if part)
        message = f"there is no {nobody['what'].rpartition(': ')[2]} {nobody['value']!r}"
        return Finding("error", path, message, nobody["value"], nobody["allowed"], _hint(path))
    placed = _PLACED.match(problem)
    if placed:
        path = placed["path"]
        return Finding("error", path, problem, placed["value"], placed["allowed"], _hint(path))
    start = _START.match(problem)
    path = start["path"].rstrip(".:") if start else ""
    return Finding("error", path, problem, hint=_hint(path))


def _hint(path: str) -> str:
    return next((hint for start, hint in _HINTS if path.startswith(start)), "")
