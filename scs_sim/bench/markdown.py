"""The table of a run for a page of the documents."""

from __future__ import annotations

from scs_sim.bench.compare import budget_s
from scs_sim.bench.document import BenchDocument, BenchRow


def head_lines(run: BenchDocument) -> tuple[str, ...]:
    """Return when and on what the run was made, and what its columns mean."""
    machine = run.machine
    commit = f" ({run.commit})" if run.commit else ""
    return (
        f"scs-sim {run.product_version}{commit}, {run.date}{', quick' if run.quick else ''}; {machine.processor},"
        f" {machine.processors_count} processors, {machine.system}; Python {machine.python}, NumPy {machine.numpy},"
        f" SciPy {machine.scipy}, {machine.blas}, {machine.threads_words},"
        f" sgemm {machine.sgemm_flop_per_s / 1e9:.0f} GFLOP/s.",
        "CPU times where nothing else is said, the best of all calls. Allocated: the most that Python and NumPy held"
        " beyond what was there before; process: the largest process's resident memory so far, libraries and mapped"
        " kernels included.",
    )


def markdown_table(run: BenchDocument) -> str:
    """Return the figures as Markdown, a row per stage, with the lines of `head_lines`."""
    lines = [
        *(f"{line}\n" for line in head_lines(run)),
        "| scenario | stage | clock | ms | ms per program | of sgemm | allocated, MB | process, MB | budget |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    lines += [f"| {' | '.join(_cells(row, run.quick))} |" for row in run.rows]
    lines += [f"| {trouble.scenario} | {trouble.kind}: {trouble.why} | | | | | | | |" for trouble in run.troubles]
    return "\n".join(lines) + "\n"


def _cells(row: BenchRow, quick: bool) -> list[str]:
    budget = budget_s(row.key)
    judged = "" if budget is None else f"{1e3 * budget:g} ms"
    if budget is not None and not quick:
        judged += ": met" if row.best_s <= budget else ": missed"
    sizes = ["" if size is None else f"{size / 1e6:.1f}" for size in (row.allocated_bytes, row.process_bytes)]
    return [
        row.scenario,
        row.stage,
        row.clock,
        f"{1e3 * row.best_s:.3g}" if row.best_s < 1.0 else f"{1e3 * row.best_s:.0f}",
        f"{1e3 * row.best_s / row.programs_count:.3g}" if row.programs_count > 1 else "",
        "" if row.sgemm_share is None else f"{100.0 * row.sgemm_share:.0f} %",
        *sizes,
        judged,
    ]
