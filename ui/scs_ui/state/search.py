"""The search of one window: what is asked for, how far it got, what it found, which program of it is looked at.

It lives as long as the window: undo does not touch it, files do not hold it. A process of its own does the work, so
that no Python of it holds up a frame of the window.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from scs_models.errors import InvalidValueError, ScsError
from scs_models.values import require_between
from scs_sim import processes
from scs_sim.case import Case
from scs_sim.limits import program_ranges
from scs_sim.objective import Objective, builtin_objective
from scs_sim.program import AREA_NAMES, Program
from scs_sim.search.request import ACTIVE_HIGH, SearchRequest
from scs_sim.search.result import Point, SearchResult
from scs_ui.state.session import Session
from scs_ui.state.store import Progress, Store

CHANNEL = "search"
ACTIVE_COUNT = (2, ACTIVE_HIGH)
PULSE_WIDTHS_MAX = 6
OWN = "own"
"""The name of an objective whose weights were edited."""

State = Literal["none", "running", "finished", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """How far a search is while it has found nothing new: stage in words, share done, programs looked at."""

    stage: str
    fraction: float
    screened: int = 0
    judged: int = 0


News = SearchResult | Step
"""What comes of a search: something new, or how far it is."""
OnNews = Callable[[News], None]
Worker = Callable[[SearchRequest, OnNews, Callable[[], None]], None]
"""Runs a request, hands on what comes of it, and asks ten times a second whether to go on: an exception says no."""
Post = Callable[[Callable[[], None]], None]
"""Has something done in the thread of the window."""


@dataclass(frozen=True, slots=True)
class SearchSpec:
    """What to search for: an objective, how many contacts may be active, pulse widths (us), areas, robustness.

    pulse_widths_us (): that of the program, and whatever the limit profile allows for the refinement; robust False
    leaves other postures and migrated leads out. Bad values raise InvalidValueError.
    """

    objective: Objective = field(default_factory=builtin_objective)
    max_active: int = 5
    pulse_widths_us: tuple[float, ...] = ()
    areas_count: int = 1
    robust: bool = True

    def __post_init__(self) -> None:
        require_between("active contacts", self.max_active, *ACTIVE_COUNT)
        require_between("areas", self.areas_count, 1, len(AREA_NAMES))
        if len(self.pulse_widths_us) > PULSE_WIDTHS_MAX:
            raise InvalidValueError(
                f"pulse widths are {len(self.pulse_widths_us)} numbers; {PULSE_WIDTHS_MAX} at most are searched at once"
            )
        for width_us in self.pulse_widths_us:
            require_between("pulse width", width_us, *program_ranges().pulse_width_us, "µs")

    @property
    def judged_by(self) -> Objective:
        """Return the objective of the search: without robustness where that is left out."""
        return self.objective if self.robust else replace(self.objective, robust_covered_percent=0.0)

    def with_weight(self, name: str, weight: float) -> SearchSpec:
        """Return the same with another weight; the objective is then the user's own.

        Raises InvalidValueError where the weight has the wrong sign, or nothing that is covered would count.
        """
        if weight == self.objective.weight(name):
            return self
        changed = replace(self.objective, name=OWN, title="own weights", **{name: weight})
        return replace(self, objective=changed)


def pulse_widths_of(text: str) -> tuple[float, ...]:
    """Return the pulse widths (us, ascending) that a text lists, "210, 300"; () for none.

    Raises InvalidValueError with the part that is no number.
    """
    found = set()
    for word in text.replace("µs", " ").replace("us", " ").replace(",", " ").replace(";", " ").split():
        try:
            found.add(float(word))
        except ValueError:
            raise InvalidValueError(f"pulse widths have {word!r}; write numbers of µs, for example 210, 300") from None
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One search: its state, what it was asked about, how far it is, its newest result, what went wrong (in words).

    began_s and ended_s are of the monotonic clock.
    """

    serial: int = 0
    state: State = "none"
    case: Case | None = None
    profile: str = ""
    spec: SearchSpec | None = None
    began_s: float = 0.0
    ended_s: float = 0.0
    step: Step = Step("starting", 0.0)
    result: SearchResult | None = None
    error: str = ""

    @property
    def elapsed_s(self) -> float:
        """Return for how long it has run, or ran."""
        return (time.monotonic() if self.state == "running" else self.ended_s) - self.began_s

    def changes(self, session: Session, spec: SearchSpec) -> tuple[str, ...]:
        """Return what is different now from what was searched, in words; () where nothing is."""
        case, now = self.case, session.case
        if case is None or self.spec is None:
            return ()
        placed = (case.leads, case.migrations, case.scars, case.own_leads)
        pairs = (
            ("the leads", placed != (now.leads, now.migrations, now.scars, now.own_leads)),
            ("the contacts' faults", case.contact_faults != now.contact_faults),
            ("the pain map", case.pain != now.pain),
            ("the patient", case.patient != now.patient),
            ("the posture", case.posture != now.posture),
            ("the limit profile", self.profile != session.profile),
            ("the weights", self.spec.judged_by != spec.judged_by),
            ("what to search", _space(self.spec) != _space(spec)),
        )
        return tuple(words for words, is_changed in pairs if is_changed)


class Searcher:
    """Starts, stops and keeps the window's search; `on_change` is called after each change, in the window's thread.

    post: how a worker's results come to that thread; worker: who runs requests.
    """

    def __init__(self, store: Store, post: Post | None = None, worker: Worker | None = None) -> None:
        self._store = store
        self._post: Post = post or (lambda function: function())
        self._worker: Worker = worker or in_a_process
        self.spec = SearchSpec()
        self.run = Run()
        self.on_change: Callable[[], None] = lambda: None
        self._chosen: Point | None = None

    @property
    def is_running(self) -> bool:
        """Return whether a search is under way."""
        return self.run.state == "running"

    @property
    def points(self) -> tuple[Point, ...]:
        """Return the programs that can be chosen: suggestions, best first, then the rest of the front."""
        return selectable(self.run.result)

    @property
    def chosen(self) -> int | None:
        """Return which of `points` is looked at: what the user chose, else the best; None where there is none."""
        points = self.points
        if self._chosen is None or self._chosen not in points:
            return 0 if points else None
        return points.index(self._chosen)

    def choose(self, index: int) -> None:
        """Look at one of `points`."""
        points = self.points
        if 0 <= index < len(points) and points[index] != self._chosen:
            self._chosen = points[index]
            self.on_change()

    def set_spec(self, change: Callable[[SearchSpec], SearchSpec]) -> bool:
        """Ask for something else from now on; what is wrong with it is said, and nothing changes."""
        try:
            self.spec = change(self.spec)
        except ScsError as error:
            text = str(error)
            self._store.say(f"{text[:1].upper()}{text[1:]}.", "warn")
        else:
            self.on_change()
            return True
        self.on_change()
        return False

    def start(self) -> None:
        """Begin a search for the session as it is, in place of one under way.

        Where that cannot be searched, the run says why, and what was found before stays.
        """
        self.stop()
        session, serial = self._store.session, self.run.serial + 1
        try:
            request = request_of(self.spec, session)
        except ScsError as error:
            self.run = replace(self.run, serial=serial, state="failed", error=str(error))
            self.on_change()
            return
        self._chosen = None
        self.run = Run(serial, "running", session.case, session.profile, self.spec, time.monotonic())
        self.on_change()
        self._store.ask(CHANNEL, self._question(serial, request), lambda answer: None, label="Searching for programs")

    def stop(self) -> None:
        """End the search under way; what it found stays."""
        if self.is_running:
            self._end(self.run.serial, "stopped")
            self._store.cancel(CHANNEL)

    def follow(self, session: Session) -> None:
        """Forget a search about another case."""
        if self.run.case is not None and self.run.case.id != session.case.id:
            self.stop()
            self._chosen, self.run = None, Run(self.run.serial + 1)

    def _question(self, serial: int, request: SearchRequest) -> Callable[[Progress], bool]:
        def ask(progress: Progress) -> bool:
            reached = (0.0, "Searching for programs")

            def take(news: News) -> None:
                nonlocal reached
                reached = (news.fraction, f"Search: {news.stage}")
                self._post(lambda: self._take(serial, news))

            try:
                self._worker(request, take, lambda: progress(*reached))
            except ScsError as error:
                words = str(error)
                self._post(lambda: self._end(serial, "failed", words))
                raise
            finally:
                self._post(lambda: self._end(serial, "stopped"))
            return True

        return ask

    def _take(self, serial: int, news: News) -> None:
        if serial != self.run.serial or not self.is_running:
            return
        if isinstance(news, Step):
            self.run = replace(self.run, step=news)
        else:
            self.run = replace(self.run, result=news, step=step_of(news))
        if isinstance(news, SearchResult) and news.finished:
            self._end(serial, "finished")
        else:
            self.on_change()

    def _end(self, serial: int, state: State, error: str = "") -> None:
        """End the search of that serial, unless it has ended."""
        if serial == self.run.serial and self.is_running:
            self.run = replace(self.run, state=state, ended_s=time.monotonic(), error=error)
            self.on_change()


def selectable(result: SearchResult | None) -> tuple[Point, ...]:
    """Return the points of a result that can be chosen, each once: suggestions, best first, then the rest."""
    if result is None:
        return ()
    suggested = tuple(suggestion.point for suggestion in result.suggestions)
    known = {_key(point) for point in suggested}
    return (*suggested, *(point for point in result.front if _key(point) not in known))


def program_at(result: SearchResult, index: int) -> Program | None:
    """Return the program of one of `selectable`, at its amplitude; None for a point of several areas.

    A point that is no suggestion gets the rate and waveform of the starting program.
    """
    if index < len(result.suggestions):
        return result.suggestions[index].program
    point, start = selectable(result)[index], result.start.program
    try:
        return Program(point.contacts, point.pulse_width_us, start.rate_hz, start.waveform, point.amplitude_ma)
    except InvalidValueError:
        return None


def request_of(spec: SearchSpec, session: Session) -> SearchRequest:
    """Return the request for the session as it is; the edited program is what gains are counted from.

    Where that program is incomplete, the one that the case began with takes its place. One processor is left to the
    window. Raises ScsError for what cannot be searched.
    """
    program = session.program.program() or session.case.program
    return SearchRequest(
        replace(session.case, program=program),
        objective=spec.judged_by,
        profile=session.profile,
        max_active=spec.max_active,
        pulse_widths_us=spec.pulse_widths_us,
        areas_count=spec.areas_count,
        threads=max(1, processes.default_workers() - 1),
    )


def in_a_process(request: SearchRequest, on_news: OnNews, on_wait: Callable[[], None]) -> None:
    """Run a search in a process of its own; what `on_wait` raises ends it at once."""
    processes.stream(SearchTask(request), on_item=on_news, on_wait=on_wait)


@dataclass(frozen=True, slots=True)
class SearchTask:
    """What that process does: it tells each result that has something new, and else how far it is.

    A result is large, and to take it in holds up the window for some 10 ms.
    """

    request: SearchRequest

    def __call__(self, tell: OnNews) -> None:
        """Run the search, with what is built for it first."""
        known: SearchResult | None = None
        for result in self.request.steps(lambda fraction, what: tell(Step(what, fraction))):
            if known is None or result.finished or _findings(result) != _findings(known):
                known = result
                tell(result)
            else:
                tell(step_of(result))


def step_of(result: SearchResult) -> Step:
    """Return how far a result is."""
    return Step(result.stage, result.fraction, result.screened, result.judged)


def _findings(result: SearchResult) -> tuple[object, ...]:
    found = [(one.point, one.variants, one.why, one.population is None) for one in result.suggestions]
    return found, result.front, result.start.point, result.notes


def _space(spec: SearchSpec) -> tuple[int, tuple[float, ...], int]:
    return spec.max_active, spec.pulse_widths_us, spec.areas_count


def _key(point: Point) -> tuple[str, float, float]:
    return point.contacts, point.pulse_width_us, round(point.amplitude_ma, 3)
