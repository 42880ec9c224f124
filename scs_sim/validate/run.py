"""Run protocols: kernels first, then rows in parallel processes; every finished row is kept on disk at once.

A stored row is named by the hash of all it depends on: protocol, version, tables and the code that computes. A run that
is stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files as package_files
from importlib.resources.abc import Traversable
from pathlib import Path

import scs_sim
from scs_models import anatomy, files
from scs_models.canal import KernelSpec
from scs_models.errors import InvalidFileError, OutputError, ScsError
from scs_sim import store
from scs_sim.case import Case
from scs_sim.contact_plan import contact_plans
from scs_sim.document import tables_sha256
from scs_sim.processes import Report, default_workers, run_all
from scs_sim.validate.calibration import load_calibration
from scs_sim.validate.protocol import Loaded, Protocol
from scs_sim.validate.rows import KernelsBuilt, Row, ValidationDocument, counts_of, in_order, row_of

Progress = Callable[[float, str], None]

DEFAULT_SET = "default"
# What only shows results, or asks for them, cannot change a row.
_WITHOUT_EFFECT = (
    "scs_sim/bench",
    "scs_sim/cli",
    "scs_sim/objective.py",
    "scs_sim/objective_words.py",
    "scs_sim/picture",
    "scs_sim/report",
    "scs_sim/search",
    "scs_sim/sweep",
    "scs_sim/training",
    "scs_sim/validate/report.py",
)


@dataclass(frozen=True, slots=True)
class RowTask:
    """The task of one worker: compute the row of one protocol."""

    protocol: Protocol

    def __call__(self, report: Report, /) -> Row:
        """Return the row; what the model refuses or cannot compute becomes a row that says so."""
        protocol = self.protocol
        if not protocol.is_comparable:
            return row_of(protocol, None)
        sets = sets_of(protocol)
        try:
            measure = protocol.bound_measure()
            figures = measure(DEFAULT_SET)
            spread = []
            for index, name in enumerate(sets[1:], start=1):
                report(index, len(sets))
                spread.append((name, float(measure(name)[protocol.spread_figure])))
            return row_of(protocol, figures, spread)
        except (ScsError, ArithmeticError, LookupError, ValueError) as error:
            return row_of(protocol, None, error=f"{type(error).__name__}: {error}")


def sets_of(protocol: Protocol) -> tuple[str, ...]:
    """Return the conductivity sets that a protocol is computed with, the default first."""
    if not protocol.spread_figure:
        return (DEFAULT_SET,)
    return (DEFAULT_SET, *(name for name in anatomy.conductivity_sets() if name != DEFAULT_SET))


def run(
    chosen: Sequence[Loaded],
    *,
    workers: int | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    on_row: Callable[[Row], None] | None = None,
) -> ValidationDocument:
    """Return the report on protocols; rows that are stored are taken from there unless `fresh`.

    Kernels that are missing are built first. `progress(fraction, what)` is called while it works, `on_row` with every
    row computed now. Interrupted, it leaves finished kernels and rows in place.
    """
    count = default_workers() if workers is None else workers
    keep = RowStore.default()
    rows = {} if fresh else {item.protocol.id: row for item in chosen if (row := keep.read(item)) is not None}
    missing = [item for item in chosen if item.protocol.id not in rows]
    missing.sort(key=lambda item: item.protocol.kind != "verification")  # the long ones first
    say = progress or (lambda _fraction, _what: None)
    kernels, on_disk = build_kernels([item.protocol for item in missing], count, say)
    done = 0

    def on_done(index: int, row: Row) -> None:
        nonlocal done
        done += 1
        rows[row.id] = row
        if not row.error:
            keep.write(missing[index], row)
        if on_row is not None:
            on_row(row)
        say(done / len(missing), f"{done} of {len(missing)} rows")

    tasks = [RowTask(item.protocol) for item in missing]
    if on_disk:
        run_all(tasks, workers=max(1, count), on_progress=lambda _index, _fraction: None, on_done=on_done)
    else:  # kernels are held in this process: others would have to build them, and may not start processes
        for index, task in enumerate(tasks):
            on_done(index, task(lambda _done, _total: None))
    ordered = in_order([rows[item.protocol.id] for item in chosen])
    return ValidationDocument(
        product_version=scs_sim.__version__,
        tables_sha256=tables_sha256(),
        code_sha256=code_sha256(),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        counts=counts_of(ordered),
        kernels=kernels,
        calibration=load_calibration(),
        rows=ordered,
    )


def build_kernels(protocols: Sequence[Protocol], workers: int, progress: Progress) -> tuple[KernelsBuilt, bool]:
    """Build and store every kernel that the protocols need; return how many, and whether all are on disk now."""
    jobs: dict[str, KernelSpec] = {}
    for protocol in protocols:
        if protocol.is_comparable:
            for name in sets_of(protocol):
                for case in protocol.bound_measure().cases(name):
                    jobs |= {spec.key: spec for spec in kernel_specs(case)}
    default = store.default_store()
    missing = [spec for key, spec in jobs.items() if not default.has(key)]
    started = time.monotonic()
    if missing:
        default.load(missing, workers=workers, progress=progress)
    built = KernelsBuilt(len(jobs), len(missing), round(time.monotonic() - started, 1))
    return built, set(jobs) <= {entry.key for entry in default.entries()}


def kernel_specs(case: Case) -> list[KernelSpec]:
    """Return what the kernels of the contacts of a case's own program are built from."""
    active = {share.name for share in case.program.shares}
    return [spec for plan in contact_plans(case) if plan.name in active for spec in plan.specs()]


@dataclass(frozen=True, slots=True)
class RowStore:
    """Finished rows in a directory, one JSON file each; only the newest of a protocol is kept."""

    directory: Path

    @classmethod
    def default(cls) -> RowStore:
        """Return the store beside the kernels."""
        return cls(store.default_store().directory / "validation")

    def read(self, item: Loaded) -> Row | None:
        """Return the stored row of a protocol as it stands, None where there is none or it is damaged."""
        path = self._path(item)
        if not path.exists():
            return None
        try:
            return files.read_value(Row, path)
        except InvalidFileError:
            return None

    def write(self, item: Loaded, row: Row) -> None:
        """Keep a row, and forget older ones of its protocol; a directory that cannot be written costs time only."""
        path = self._path(item)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            files.write_text(path, files.json_text(row))
            for old in self.directory.glob(f"{item.protocol.id}.*.json"):
                if old != path:
                    old.unlink(missing_ok=True)
        except (OSError, OutputError):
            return

    def _path(self, item: Loaded) -> Path:
        return self.directory / f"{item.protocol.id}.{row_key(item)}.json"


def row_key(item: Loaded) -> str:
    """Return the hash of everything that a row depends on."""
    parts = (scs_sim.__version__, tables_sha256(), code_sha256(), item.text)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


@cache
def code_sha256() -> str:
    """Return the hash of the code that computes rows, names and contents, line ends made equal."""
    digest = hashlib.sha256()
    for package in ("scs_models", "scs_sim"):
        for name, entry in _modules(package, package_files(package)):
            digest.update(f"{name}\n".encode())
            digest.update(entry.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _modules(path: str, folder: Traversable) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        name = f"{path}/{entry.name}"
        if name in _WITHOUT_EFFECT:
            continue
        if entry.is_dir():
            found += _modules(name, entry)
        elif entry.name.endswith(".py"):
            found.append((name, entry))
    return found
