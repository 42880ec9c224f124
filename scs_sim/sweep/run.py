"""Run a sweep: what is missing is computed, chunk by chunk, and every finished chunk is on disk before the next counts.

Whatever ends a run (Ctrl+C, a kill, a lost power supply), the finished chunks stay and --resume goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scs_models.errors import OutputError
from scs_sim import store
from scs_sim.contact_plan import contact_plans
from scs_sim.processes import default_workers, run_all
from scs_sim.sweep.chunk import Values
from scs_sim.sweep.design import Sweep
from scs_sim.sweep.outcome import Outcome
from scs_sim.sweep.outputs import Output, aside
from scs_sim.sweep.parts import Parts

Progress = Callable[[float, str], None]
# How many lines of progress a log gets at most.
_LINES_COUNT = 40


@dataclass(frozen=True, slots=True)
class Run:
    """How a sweep is run: its outputs, and where the work is done.

    resume goes on with what an earlier run of the same plan left; fresh puts aside what is there; scheduler is the
    address of a Dask cluster, "" for processes of this machine; workers: how many processes (default: one per
    processor), 1 for this process itself.
    """

    outputs: tuple[Output, ...]
    resume: bool = False
    fresh: bool = False
    scheduler: str = ""
    workers: int | None = None

    @property
    def parts(self) -> Parts:
        """Return where the finished chunks are kept: beside the first output."""
        return Parts(self.outputs[0].path)

    def __call__(self, sweep: Sweep, progress: Progress | None = None) -> Outcome:
        """Run the sweep to the end and return what was done.

        `progress(fraction, what)` tells of kernels, then of chunks. Raises OutputError where something is in the way,
        MissingPieceError for a missing library or an unreachable cluster, InvalidValueError where a contact does not
        lie behind the modelled part of the spine.
        """
        for output in self.outputs:
            output.require_possible()
        parts = self.parts
        with parts.held():
            old = self._clear_the_way(sweep, parts)
            missing = [output for output in self.outputs if not output.is_whole]
            if not missing:
                return Outcome(sweep.axes.evaluations_count, sweep.chunks_count, sweep.chunks_count, 0, (), ())
            finished = parts.finished(sweep)
            left = [index for index in range(sweep.chunks_count) if index not in finished]
            if not parts.exists:
                parts.begin(sweep)
            try:
                kernels = self._compute(sweep, parts, left, progress)
            finally:
                if left and not parts.has_any:  # nothing to go on with
                    parts.remove()
            for output in missing:
                if progress is not None:
                    progress(1.0, f"writing {output.path.name}")
                output.write(sweep, parts)
            parts.remove()
        return Outcome(
            evaluations_count=sweep.axes.evaluations_count,
            chunks_count=sweep.chunks_count,
            resumed_count=len(finished),
            kernels_count=kernels,
            written=tuple(str(output.path) for output in missing),
            put_aside=tuple(map(str, old)),
        )

    def _clear_the_way(self, sweep: Sweep, parts: Parts) -> list[Path]:
        """Put aside what is there (--fresh), or see that it belongs to this sweep (--resume); return what was moved."""
        there = [output for output in self.outputs if output.exists]
        if self.fresh:
            old = [path for output in there for path in output.put_aside()]
            if parts.exists:
                parts.document()
                old.append(aside(parts.folder))
            return old
        if self.resume:
            for output in there:
                _require_same(sweep, output.facts(), output.path)
            if parts.exists:
                _require_same(sweep, parts.document(), parts.folder)
            elif (whole := [output for output in there if output.is_whole]) and len(whole) < len(self.outputs):
                gone = next(output for output in self.outputs if not output.is_whole)
                raise OutputError(
                    f"{gone.path}: the chunks of the finished {whole[0].path} are gone; give {gone.path.name} a sweep"
                    " of its own"
                )
            return []
        if there:
            raise OutputError(f"{there[0].path}: is there already; --fresh puts it aside and starts anew")
        if parts.exists:
            raise OutputError(
                f"{parts.folder}: an unfinished sweep is there; --resume goes on with it, --fresh starts anew"
            )
        return []

    def _compute(self, sweep: Sweep, parts: Parts, left: Sequence[int], progress: Progress | None) -> int:
        """Compute the chunks `left` and return how many kernels were built here."""
        if not left:
            return 0
        total = sweep.chunks_count
        done = total - len(left)
        tasks = sweep.chunks(left)

        def on_done(place: int, values: Values) -> None:
            nonlocal done
            parts.keep(left[place], values)
            done += 1
            say()

        def say() -> None:
            if progress is not None:
                shown = done - done % max(1, total // _LINES_COUNT) if done < total else total
                progress(done / total, f"{shown} of {total} chunks")

        if self.scheduler:
            from scs_sim.sweep.cluster import run_on_cluster

            say()
            run_on_cluster(self.scheduler, tasks, on_done)
            return 0
        workers = default_workers() if self.workers is None else self.workers
        built = _build_kernels(sweep, left, progress, workers)
        say()
        if workers == 1:
            for place, task in enumerate(tasks):
                on_done(place, task(_say_nothing))
        else:
            run_all(tasks, workers=workers, on_progress=_say_nothing, on_done=on_done)
        return built


_OTHER = "; --fresh puts it aside, or choose another name"


def _require_same(sweep: Sweep, found: dict[str, Any], where: Path) -> None:
    """Raise OutputError where what is there is no sweep, or another one, and say in what it differs."""
    if found.get("fingerprint") == sweep.fingerprint:
        return
    if not found:
        raise OutputError(f"{where}: is there already and was not written by a sweep; choose another name")
    own = sweep.document
    names = {"product_version": "version of scs-sim", "tables_sha256": "tables of numbers"}
    differing = [title for key, title in names.items() if found.get(key) != own[key]]
    plan = found.get("plan")
    old = plan if isinstance(plan, dict) else {}
    differing += [key for key in sorted(old.keys() | own["plan"].keys()) if old.get(key) != own["plan"].get(key)]
    if found.get("cases") != own["cases"] and "cases" not in differing:
        differing.append("contents of the cases")
    raise OutputError(f"{where}: holds another sweep, which differs in: {', '.join(differing)}{_OTHER}")


def _build_kernels(sweep: Sweep, left: Sequence[int], progress: Progress | None, workers: int) -> int:
    """Build the kernels that the chunks `left` miss and return how many those were."""
    cases = (sweep.case_at(*place) for place in dict.fromkeys(sweep.place_of(index)[:3] for index in left))
    specs = {spec.key: spec for case in cases for plan in contact_plans(case) for spec in plan.specs()}
    missing = [spec for key, spec in specs.items() if not store.default_store().has(key)]
    if missing:
        store.load(missing, workers=workers, progress=progress)
    return len(missing)


def _say_nothing(_place: int, _value: float) -> None:
    pass
