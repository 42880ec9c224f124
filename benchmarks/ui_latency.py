"""How long the desktop app takes, on the real engine: python benchmarks/ui_latency.py [--write]

Each part runs in a process of its own: the window at 1x and 2x, drawn in memory at 1600 x 950 with the Programming
layout, and a start from nothing. Times of a frame are CPU times of the main thread, from the change to the painted
frame, which a busy machine disturbs less; what other threads take part in is given in wall time too. --write puts the
table into docs/performance.md. Kernels must be there: the first run builds them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scs_ui.app import Desk

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
CASE = "back-and-left-leg"
SIZE_PX = (1600, 950)
STEPS = int(os.environ.get("SCS_SIM_BENCH_UI_STEPS", "120"))
BUILD_S = 15.0
_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing: median and 95th percentile over `count` repetitions; `budget` 0 where there is none."""

    what: str
    unit: str
    median: float
    p95: float
    count: int
    budget: float = 0.0

    @property
    def met(self) -> bool:
        """Return whether the 95th percentile is within the budget."""
        return not self.budget or self.p95 <= self.budget


def row(what: str, unit: str, values: list[float], budget: float = 0.0) -> Row:
    """Return the row of some measured values."""
    return Row(what, unit, float(np.median(values)), float(np.percentile(values, 95)), len(values), budget)


class Bench:
    """The window of one process, and ways to change it and wait for the frame."""

    def __init__(self, desk: Desk) -> None:
        from PySide6.QtCore import QTimer

        self.desk, self.window, self.store, self.app = desk, desk.window, desk.store, desk.app
        self._pulse = QTimer(interval=20)  # the event loop wakes now and then, whatever else happens

    @property
    def is_answered(self) -> bool:
        """Return whether the newest frame is about the session as it is."""
        frame = self.store.frame
        return frame is not None and not frame.stale and frame.session is self.store.session

    @property
    def is_at_rest(self) -> bool:
        """Return whether every contact is answered too and nothing runs."""
        frame = self.store.frame
        everything = len(self.store.session.case.contact_names())
        whole = self.is_answered and frame is not None and len(frame.setting.contact_names) == everything
        return whole and self.window.runner.is_idle

    def wait(self, condition: Callable[[], bool]) -> None:
        """Run the event loop until `condition()`, at rest where there is nothing to do."""
        from PySide6.QtCore import QEventLoop

        end = time.monotonic() + _WITHIN_S
        self._pulse.start()
        while not condition():
            if time.monotonic() > end:
                raise SystemExit("the window did not answer")
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self._pulse.stop()

    def frame_ms(self, change: Callable[[], object]) -> float:
        """Return the main thread's CPU time from `change` to the painted frame, ms."""
        frames = self.window.clock.frames
        start = time.thread_time()
        change()
        while self.window.clock.frames == frames:
            self.app.processEvents()
        self.app.processEvents()
        return 1e3 * (time.thread_time() - start)

    def answer_ms(self, change: Callable[[], object]) -> tuple[float, float]:
        """Return wall time and the main thread's CPU time from `change` to the frame that answers it, painted, ms."""
        cpu, wall = time.thread_time(), time.perf_counter()
        change()
        self.wait(lambda: self.is_answered)
        self.app.processEvents()
        found = 1e3 * (time.perf_counter() - wall), 1e3 * (time.thread_time() - cpu)
        self.wait(lambda: self.is_at_rest)
        return found


def open_bench(scale: float, folder: Path) -> Bench:
    """Open the window at `scale`, its settings in `folder`, and wait until it is at rest."""
    from scs_ui.offscreen import use_offscreen

    use_offscreen(folder, SIZE_PX, scale)
    from scs_sim.case import builtin_case
    from scs_ui.app import Desk, application
    from scs_ui.settings import Settings
    from scs_ui.start import Start
    from scs_ui.state.session import session_of

    settings = Settings()
    settings.save(replace(settings.preferences, seen_tour=True))
    desk = Desk(application(), Start(session_of(builtin_case(CASE)), theme="dark", layout="programming", recover=False))
    desk.open()
    desk.window.resize(*SIZE_PX)
    desk.window.arrange("programming")
    bench = Bench(desk)
    bench.wait(lambda: bench.is_at_rest)
    return bench


def window_rows(scale: float) -> Iterator[Row]:
    """Yield the latencies of the window at `scale`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        bench = open_bench(scale, Path(folder))
        for step in range(1, 6):
            bench.frame_ms(_louder(bench, 0.1 * step))
        press, at_1x = _dial(bench), 16.0 if scale == 1.0 else 0.0  # the budget is one at 1x
        yield row("amplitude: a step of its dial", "ms CPU", [bench.frame_ms(press) for _ in range(STEPS)], 16.0)
        steps = [_louder(bench, 1.0 + 0.02 * step) for step in range(STEPS)]
        yield row("amplitude: dragged", "ms CPU", [bench.frame_ms(step) for step in steps], 16.0)
        yield row("pulse width: a step", "ms CPU", [bench.frame_ms(step) for step in _pulses(bench, STEPS)], at_1x)
        yield row("contact switched off, -, +", "ms CPU", [bench.frame_ms(step) for step in _clicks(bench, STEPS // 2)])
        bench.wait(lambda: bench.is_at_rest)
        if scale == 1.0:
            moved = [bench.answer_ms(step) for step in _moves(bench, 20)]
            yield row("lead moved 1 mm, active contacts", "ms wall", [wall for wall, _ in moved], 100.0)
            yield row("lead moved 1 mm, main thread", "ms CPU", [cpu for _, cpu in moved])
            turned = [bench.answer_ms(step) for step in _postures(bench, 8)]
            yield row("another posture, active contacts", "ms wall", [wall for wall, _ in turned], 100.0)
            yield row("private memory, kernels not counted", "MB", [private_mb()], 600.0)
        bench.window.may_close = lambda: True
        bench.window.close()


def kernel_rows() -> Iterator[Row]:
    """Yield the longest stretches in which the window did not answer while kernels were built for BUILD_S seconds."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        bench = open_bench(1.0, Path(folder))
        from PySide6.QtCore import QTimer

        from scs_sim.case import builtin_case
        from scs_ui.state.session import session_of

        os.environ["SCS_SIM_CACHE_DIR"] = str(Path(folder) / "empty")
        wall_ms: list[float] = []
        busy_ms: list[float] = []
        last = [time.perf_counter(), time.thread_time()]

        def tick() -> None:
            now = [time.perf_counter(), time.thread_time()]
            wall_ms.append(1e3 * (now[0] - last[0]))
            busy_ms.append(1e3 * (now[1] - last[1]))
            last[:] = now

        timer = QTimer(interval=5)
        timer.timeout.connect(tick)
        bench.store.open(session_of(builtin_case("low-back")))
        frames = bench.window.clock.frames
        bench.wait(lambda: bench.window.clock.frames > frames + 1)  # the other case is on the screen
        last[:] = [time.perf_counter(), time.thread_time()]
        timer.start()
        end, was_built = time.monotonic() + BUILD_S, False
        while time.monotonic() < end and not bench.is_answered:  # an idle machine may be done earlier
            bench.app.processEvents()
            busy = bench.store.moment().busy
            was_built = was_built or (busy is not None and busy.fraction is not None)
            time.sleep(0.001)
        timer.stop()
        if not was_built:
            raise SystemExit("no kernel had to be built")
        bench.window.runner.cancel()
        bench.wait(lambda: bench.window.runner.is_idle)
        yield Row("kernels being built: longest time without an answer", "ms wall", max(wall_ms), max(wall_ms), 1, 50.0)
        yield Row("the same, main thread busy", "ms CPU", max(busy_ms), max(busy_ms), 1, 50.0)


def start_rows() -> Iterator[Row]:
    """Yield how long a start takes, each in a process of its own."""
    found = [json.loads(_self("--first-paint", str(time.time()))) for _ in range(5)]
    for key, what, unit, budget in (
        ("visible_s", "start to visible window", "s wall", 2.0),
        ("visible_cpu_s", "start to visible window, all threads", "s CPU", 2.0),
        ("answered_s", "start to first answer, kernels on disk", "s wall", 0.0),
    ):
        yield row(what, unit, [item[key] for item in found], budget)


def first_paint(started_s: float) -> dict[str, float]:
    """Return the seconds since `started_s` (epoch) at which the window was painted, and answered."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        from scs_ui.offscreen import use_offscreen

        use_offscreen(Path(folder), SIZE_PX, 1.0)
        from scs_sim.case import builtin_case
        from scs_ui.app import Desk, application
        from scs_ui.start import Start
        from scs_ui.state.session import session_of

        desk = Desk(application(), Start(session_of(builtin_case(CASE)), theme="dark", recover=False))
        desk.open()
        while desk.window.clock.frames == 0:
            desk.app.processEvents()
        desk.app.processEvents()
        found = {"visible_s": time.time() - started_s, "visible_cpu_s": time.process_time()}
        bench = Bench(desk)
        bench.wait(lambda: bench.is_answered)
        found["answered_s"] = time.time() - started_s
        desk.window.may_close = lambda: True
        desk.window.close()
        return found


def private_mb() -> float:
    """Return the private memory of this process (Linux) without mapped kernels, MB."""
    private, counted = 0, True
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            counted = not line.endswith((".npy", ".npy (deleted)"))
        elif counted and line.startswith(("Private_Clean:", "Private_Dirty:")):
            private += int(line.split()[1])
    return private / 1024


def _louder(bench: Bench, amplitude_ma: float) -> Callable[[], object]:
    from scs_ui.state.actions import stimulation

    return lambda: bench.store.act(
        "Amplitude", lambda session: stimulation.set_amplitude(session, amplitude_ma), merge="amplitude"
    )


def _dial(bench: Bench) -> Callable[[], object]:
    """Return an arrow key on the amplitude's dial, up and down in turn."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from scs_ui.widgets.stimulation import StimulationPanel

    panel = bench.window.panels["stimulation"]
    assert isinstance(panel, StimulationPanel)
    ruler, presses = panel.amplitude.ruler, 0

    def press() -> None:
        nonlocal presses
        presses += 1
        QTest.keyClick(ruler, Qt.Key.Key_Right if presses % 20 < 10 else Qt.Key.Key_Left)

    return press


def _pulses(bench: Bench, count: int) -> Iterator[Callable[[], object]]:
    from scs_ui.state.actions import stimulation

    for step in range(count):
        width_us = 210.0 + 10.0 * (step % 20)
        yield lambda width_us=width_us: bench.store.act(
            "Pulse width", lambda session: stimulation.set_pulse_width(session, width_us), merge="pulse"
        )


def _clicks(bench: Bench, count: int) -> Iterator[Callable[[], object]]:
    from scs_ui.state.actions import contacts

    bench.store.act("Keep", lambda session: replace(session, keep_amplitude=True))
    for step in range(count):
        name = f"1.{5 + (step // 3) % 4}"
        yield lambda name=name: bench.store.act("Contact", lambda session: contacts.cycle(session, name))


def _moves(bench: Bench, count: int) -> Iterator[Callable[[], object]]:
    from scs_ui.state.actions import leads

    for step in range(count):
        up_mm = -1.0 if step % 10 < 5 else 1.0
        yield lambda up_mm=up_mm: bench.store.act("Lead", lambda session: leads.move(session, 1, up_mm, 0.0))


def _postures(bench: Bench, count: int) -> Iterator[Callable[[], object]]:
    from scs_ui.state.actions import stimulation

    for step in range(count):
        name = ("standing", "sitting", "prone", "supine")[step % 4]
        yield lambda name=name: bench.store.act("Posture", lambda session: stimulation.set_posture(session, name))


def _self(*words: str) -> str:
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stderr}")
    return done.stdout.splitlines()[-1]


def measured(scales: tuple[float, ...] = (1.0, 2.0)) -> dict[str, list[Row]]:
    """Return the rows by part: "1x", "2x", "kernels", "start"."""
    found = {f"{scale:g}x": [Row(**item) for item in json.loads(_self("--scale", str(scale)))] for scale in scales}
    found["kernels"] = [Row(**item) for item in json.loads(_self("--kernels"))]
    return found | {"start": list(start_rows())}


def table(parts: dict[str, list[Row]]) -> str:
    """Return the table of the page."""
    lines = [
        "| what | | unit | median | 95th percentile | of | budget |",
        "| --- | --- | --- | ---: | ---: | ---: | --- |",
    ]
    for part, rows in parts.items():
        for item in rows:
            limit = f"{item.budget:g}: {'met' if item.met else 'missed'}" if item.budget else ""
            figures = f"{_short(item.median)} | {_short(item.p95)} | {item.count} | {limit}"
            lines.append(f"| {item.what} | {part if part.endswith('x') else ''} | {item.unit} | {figures} |")
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--scale", type=float, help="measure one window in this process, as JSON")
    parser.add_argument("--start", action="store_true", help="measure starts, as JSON")
    parser.add_argument("--kernels", action="store_true", help="measure while kernels are built, as JSON")
    parser.add_argument("--first-paint", type=float, help="start once in this process, as JSON", metavar="STARTED")
    arguments = parser.parse_args()
    if arguments.first_paint is not None:
        print(json.dumps(first_paint(arguments.first_paint)))
        return 0
    if arguments.scale is not None or arguments.start or arguments.kernels:
        if arguments.scale is not None:
            rows = window_rows(arguments.scale)
        else:
            rows = start_rows() if arguments.start else kernel_rows()
        print(json.dumps([asdict(item) for item in rows]))
        return 0
    text = table(measured())
    print(text)
    if arguments.write:
        from PySide6 import __version__ as qt

        head = f"Measured on {date.today().isoformat()}, Python {sys.version.split()[0]}, PySide6 {qt}:"
        page = PAGE.read_text(encoding="utf-8")
        block = f"<!-- begin ui-latency -->\n{head}\n\n{text}\n<!-- end ui-latency -->"
        page = re.sub("<!-- begin ui-latency -->.*<!-- end ui-latency -->", lambda _: block, page, flags=re.S)
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
