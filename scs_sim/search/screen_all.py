"""Screening of all configurations, chunk by chunk, in this process and in others beside it.

Processes, not threads: numpy's many small calls would hand Python's lock to and fro (docs/performance.md). This process
begins at once, the others join when they are up; which of them took a chunk changes no bit of it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.tables import read_table
from scs_models.values import FloatArray, IntArray
from scs_sim.case import Case
from scs_sim.objective import Objective
from scs_sim.processes import Crew, Report
from scs_sim.program import Area
from scs_sim.search.screen import BestOf, Screen, make_screen
from scs_sim.setting import Setting, prepare


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Programs that are done: their rows in the weights given, what came out, and how many of all are done by now."""

    rows: IntArray
    best: BestOf
    done_count: int
    all_count: int


def screen_all(
    screen: Screen, weights: FloatArray, objective: Objective, *, workers: int = 1, alone_up_to: int | None = None
) -> Generator[Chunk, None, None]:
    """Yield the programs `weights` (programs, contacts) at their best amplitudes, chunk by chunk as they are done.

    A chunk shares its cathodes; those with fewest cathodes come first. Order and figures are the same whatever the
    number of workers, this process among them; up to `alone_up_to` programs it works alone (None: as screen.toml says).
    Closing the iterator stops the work; until then BLAS keeps to one thread per product. Raises InvalidValueError for
    less than one worker.
    """
    if workers < 1:
        raise InvalidValueError(f"workers is {workers}; it must be 1 or more")
    from threadpoolctl import threadpool_limits

    rules = read_table("screen", "scs_sim")
    least = int(rules["crew"]["alone_up_to_count"]) if alone_up_to is None else alone_up_to
    chunks = _chunks(weights, int(rules["chunk"]["programs_count"]))
    done = 0
    with threadpool_limits(1, user_api="blas"), Crew(workers - 1 if len(weights) > least else 0) as crew:
        found = _found(crew, screen, weights, objective, chunks, int(rules["crew"]["chunks_at_once_count"]))
        for rows, best in zip(chunks, found, strict=True):
            done += len(rows)
            yield Chunk(rows, best, done, len(weights))


def _found(
    crew: Crew, screen: Screen, weights: FloatArray, objective: Objective, chunks: list[IntArray], at_once: int
) -> Generator[BestOf, None, None]:
    """Yield what comes of each chunk, in their order, whoever took it: this process from the front, others the rest."""
    told: dict[int, BestOf] = {}
    front, back = 0, len(chunks)  # nobody took those between yet
    for following in range(len(chunks)):
        while following not in told:
            while crew.idle and front + 1 < back:
                start = max(back - at_once, front + 1)
                some = [weights[rows] for rows in chunks[start:back]]
                crew.give(start, _Part(_Question.of(screen), objective, some))
                back = start
            if front < back:
                told[front] = screen.best(weights[chunks[front]], objective)
                front += 1
            for news in crew.news(0.0 if following in told else None):
                if news.is_done:
                    told |= dict(enumerate(news.answer, news.index))
        yield told.pop(following)


@dataclass(frozen=True, slots=True)
class _Question:
    """What another process needs to make the same screen."""

    case: Case
    contacts: tuple[str, ...]
    pulse: Area
    profile: str
    full: bool

    @classmethod
    def of(cls, screen: Screen) -> _Question:
        profile = "" if screen.profile is None else screen.profile.name
        return cls(screen.case, screen.setting.contact_names, screen.pulse, profile, screen.full)


_KEPT_SETTING: list[tuple[Case, tuple[str, ...], Setting]] = []
_KEPT_SCREEN: list[tuple[_Question, Screen]] = []


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Some chunks, for another process: what comes of each."""

    question: _Question
    objective: Objective
    weights: list[FloatArray]

    def __call__(self, report: Report, /) -> list[BestOf]:
        screen = _kept_screen(self.question)
        return [screen.best(weights, self.objective) for weights in self.weights]


def _kept_screen(question: _Question) -> Screen:
    """Return the screen of a question; the last one, and the last setting, are kept for the next chunks."""
    if not _KEPT_SCREEN or _KEPT_SCREEN[0][0] != question:
        case, contacts = question.case, question.contacts
        if not _KEPT_SETTING or _KEPT_SETTING[0][:2] != (case, contacts):
            _KEPT_SETTING[:] = [(case, contacts, prepare(case, contacts=contacts))]
        setting = _KEPT_SETTING[0][2]
        made = make_screen(setting, case, question.pulse, question.profile, full=question.full)
        _KEPT_SCREEN[:] = [(question, made)]
    return _KEPT_SCREEN[0][1]


def _chunks(weights: FloatArray, at_once: int) -> list[IntArray]:
    """Return the rows of programs with the same cathodes, `at_once` at most together, fewest cathodes first."""
    cathodes = np.minimum(weights, 0.0)
    _, first, group = np.unique(cathodes, axis=0, return_index=True, return_inverse=True)
    few = np.count_nonzero(cathodes[first], axis=1)
    by_group = np.split(np.argsort(group.ravel(), kind="stable"), np.cumsum(np.bincount(group.ravel()))[:-1])
    order = np.lexsort((first, few))
    return [
        by_group[index][start : start + at_once]
        for index in order.tolist()
        for start in range(0, len(by_group[index]), at_once)
    ]
