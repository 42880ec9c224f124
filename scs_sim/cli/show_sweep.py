"""A sweep as a page for the terminal: its axes, what was written, and how to open it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from scs_sim import DISCLAIMER
from scs_sim.sweep.design import Sweep
from scs_sim.sweep.outcome import Outcome

_TOLD = 6


def sweep_page(sweep: Sweep, outcome: Outcome | None) -> tuple[RenderableType, ...]:
    """Return the whole page; outcome None: nothing was run."""
    return (
        _axes(sweep),
        Text(),
        Text(_sizes(sweep, outcome)),
        *(Text(line) for line in _paths(outcome)),
        Text(),
        Text(DISCLAIMER, style="italic dim"),
    )


def _axes(sweep: Sweep) -> Table:
    axes = sweep.axes
    drawn = f"drawn with seed {sweep.plan.seed}" if sweep.plan.patients_count else "the case's own"
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("axis", style="cyan", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("values")
    table.add_row("case", str(len(axes.cases)), _some(axes.cases))
    table.add_row("patient", str(axes.patients_count), drawn)
    table.add_row("posture", str(len(axes.postures)), _some(axes.postures))
    table.add_row("configuration", str(len(axes.configurations)), _some(axes.configurations))
    table.add_row("waveform", str(len(axes.waveforms)), _some(axes.waveforms))
    table.add_row("pulse width, us", str(len(axes.pulse_widths_us)), _some([f"{us:g}" for us in axes.pulse_widths_us]))
    table.add_row("rate, Hz", str(len(axes.rates_hz)), _some([f"{hz:g}" for hz in axes.rates_hz]))
    table.add_row("amplitude", str(len(axes.amplitudes)), _some([point.label for point in axes.amplitudes]))
    return table


def _some(values: Sequence[str]) -> str:
    if len(values) <= _TOLD:
        return ", ".join(values)
    return f"{', '.join(values[: _TOLD - 2])}, ..., {values[-1]}"


def _sizes(sweep: Sweep, outcome: Outcome | None) -> str:
    sizes = f"{sweep.axes.evaluations_count:,} evaluations in {_counted(sweep.chunks_count, 'chunk')}"
    if outcome is None:
        return f"{sizes}; nothing was run."
    resumed = f"; {outcome.resumed_count} of them were finished before" if outcome.resumed_count else ""
    built = f"; {_counted(outcome.kernels_count, 'kernel')} built" if outcome.kernels_count else ""
    return f"{sizes}{resumed}{built}."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _paths(outcome: Outcome | None) -> Sequence[str]:
    if outcome is None:
        return ()
    if not outcome.written:
        return ("Everything was there already; nothing to do.",)
    return (
        *(f"kept: {path}" for path in outcome.put_aside),
        *(f"written: {path}" for path in outcome.written),
    )
