"""How predictor.toml was made: `python -m scs_models.fibres.fit [--plan NAME] [--resume DIR]`.

Reference thresholds are computed in resumable chunks (`samples`), then the kernels of each waveform are fitted, one
diameter after the other. The plan "first" writes a whole table of the first three waveforms; the other plans put their
waveforms into the built-in one and keep the rest to the letter. Seeded: the same command gives the same table.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from scs_models.errors import InvalidValueError
from scs_models.fibres.fields import BORDER
from scs_models.fibres.kernels import DEGREE, neighbours, second_difference, smear, width_basis
from scs_models.fibres.samples import Plan, Samples, compute, read_samples
from scs_models.fibres.waveforms import BURST, burst, named_waveform
from scs_models.tables import read_table
from scs_models.values import FloatArray

FIRST = Plan(
    diameters_um=(5.7, 6.5, 7.5, 8.7, 10.0, 11.3, 12.8, 14.0, 15.0, 16.0),
    pulse_widths_us=(30.0, 45.0, 65.0, 95.0, 140.0, 210.0, 330.0, 560.0, 1000.0),
    batches=("mixed",) * 6 + ("border",) * 2 + ("wide",) + ("canal",) * 2,
    fields=48,
    seed=20250701,
    families=("monophasic", "biphasic", "recharge"),
)
LONG = replace(
    FIRST,
    pulse_widths_us=(30.0, 60.0, 120.0, 210.0, 350.0, 600.0, 1000.0),
    batches=("mixed", "canal", "canal"),
    fields=40,
    families=("recharge-10", "passive"),
)
"""Fewer fields: a threshold of a pulse that takes 10 ms costs several times as much."""
PLANS = {
    "first": FIRST,
    "gap": replace(FIRST, families=("biphasic-gap",)),
    "long": LONG,
    "burst": replace(LONG, families=(BURST,), pulse_widths_us=(burst().pulse_width_us,)),
    "quick": Plan((10.0, 12.8), (30.0, 95.0, 210.0, 450.0, 1000.0), ("mixed", "border"), 24, 7, FIRST.families),
}
WHOLE_TABLES = ("first", "quick")
POLARITIES = {
    "monophasic": (1.0, 1.0),
    "biphasic": (1.0, 1.0, -1.0, -1.0),
    "recharge": (1.0, 1.0, -1.0),
    "biphasic-gap": (1.0, 1.0, -1.0, -1.0),
    "recharge-10": (1.0, 1.0, -1.0),
    "passive": (1.0, 1.0),
    BURST: (1.0, 1.0, -1.0, -1.0),
}
"""Kernels of each waveform: 1 acts on the first phase, -1 on the reversed one.

The weak return of "passive" fires nothing first: a kernel of its own did not fit better, and not like a return.
"""
SOFT = 0.02
FLOOR = 1e-6
HOLD = 1.0
"""How firmly a diameter's constants are held to its neighbours', so that they may be interpolated."""
SWEEPS = 3
KIND_WEIGHT = {BORDER: 0.35}
"""Weight of a kind of field, 1 if not named: a step is harsher than a real root's."""
START_DIAMETER_UM = 11.3
LONGEST_FIRST = ("biphasic", "biphasic-gap", "recharge", "recharge-10", "passive", BURST, "monophasic")


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """One diameter and waveform: second differences `x` (fields, nodes) and log thresholds (pulse widths, fields)."""

    x: FloatArray
    near: FloatArray
    log_threshold: FloatArray
    basis: FloatArray
    polarity: tuple[float, ...]
    weight: FloatArray

    def residuals(self, flat: FloatArray) -> FloatArray:
        """Return predicted minus true log threshold times the field's weight, (widths * fields,)."""
        return self._evaluate(flat, False)[0]

    def jacobian(self, flat: FloatArray) -> FloatArray:
        """Return the derivative of `residuals`, (widths * fields, parameters)."""
        return self._evaluate(flat, True)[1]

    def _evaluate(self, flat: FloatArray, slopes: bool) -> tuple[FloatArray, FloatArray]:
        kernels = len(self.polarity)
        table = flat.reshape(kernels, 4, DEGREE + 1)
        widths, fields = self.log_threshold.shape
        rows = np.arange(fields)
        apart = np.abs(np.arange(self.x.shape[1])[:, None] - np.arange(self.x.shape[1]))
        residual = np.empty((widths, fields))
        jacobian = np.zeros((widths, fields, kernels, 4, DEGREE + 1) if slopes else (0, 0, 0, 0, 0))
        for width, basis in enumerate(self.basis):
            logs, parts = np.empty((kernels, fields)), np.empty((kernels, fields, 4))
            for kernel, sign in enumerate(self.polarity):
                q0, logit, q2, q3 = table[kernel] @ basis
                with np.errstate(over="ignore"):  # a trial step may go where rho is 0
                    rho = 1.0 / (1.0 + np.exp(-logit))
                force = sign * (smear(self.x, rho) + q2 * self.x + q3 * self.near)
                node = np.argmax(force, axis=1)
                peak = np.maximum(force[rows, node], FLOOR)
                logs[kernel] = q0 - np.log(peak)
                if slopes:
                    spread = apart[node] * rho ** np.maximum(apart[node] - 1, 0)
                    parts[kernel, :, 0] = 1.0
                    parts[kernel, :, 1] = -sign * (spread * self.x).sum(axis=1) * rho * (1.0 - rho) / peak
                    parts[kernel, :, 2] = -sign * self.x[rows, node] / peak
                    parts[kernel, :, 3] = -sign * self.near[rows, node] / peak
            best = np.argmin(logs, axis=0)
            residual[width] = logs[best, rows] - self.log_threshold[width]
            if slopes:
                jacobian[width, rows, best] = parts[best, rows][:, :, None] * basis
        lost = ~np.isfinite(residual)
        residual[lost] = 0.0
        residual *= self.weight
        if slopes:
            jacobian[lost] = 0.0
            jacobian *= self.weight[:, None, None, None]
        return residual.ravel(), jacobian.reshape(widths * fields, -1) if slopes else jacobian


def _solve(
    problem: _Problem, start: FloatArray, prior: FloatArray | None = None, rounds: int = 60
) -> tuple[FloatArray, float]:
    """Return parameters (kernels, 4, 5) near `start`, held loosely to `prior`, and the robust cost there."""
    hold = np.eye(start.size) * HOLD
    if prior is None:
        residuals, jacobian = problem.residuals, problem.jacobian
    else:
        wanted = prior.ravel()

        def residuals(flat: FloatArray) -> FloatArray:
            return np.concatenate((problem.residuals(flat), HOLD * (flat - wanted)))

        def jacobian(flat: FloatArray) -> FloatArray:
            return np.concatenate((problem.jacobian(flat), hold))

    found = least_squares(
        residuals,
        start.ravel(),
        jac=jacobian,
        loss="soft_l1",
        f_scale=SOFT,
        x_scale="jac",
        max_nfev=rounds,
    )
    return np.asarray(found.x.reshape(start.shape)), float(found.cost)


def _constant(q0: FloatArray, logit: float, q2: float, q3: float) -> FloatArray:
    result = np.zeros((4, DEGREE + 1))
    result[0], result[1:, 0] = q0, (logit, q2, q3)
    return result


def _first_guesses(samples: Samples, family: str, base: FloatArray | None) -> list[FloatArray]:
    """Return starting tables of one waveform; `base` is the monophasic result, None while that is looked for.

    Strength-duration by Weiss' law as a polynomial, shapes from a short list.
    """
    widths = np.array(samples.pulse_widths_us)
    basis = np.array([width_basis(width) for width in widths])
    weiss = np.linalg.lstsq(basis, np.log(6.0 * (1.0 + 250.0 / widths)), rcond=None)[0]
    if base is None:
        narrow = _solve(_problem(samples, family, (1.0,)), _constant(weiss, 0.5, -0.3, -0.3)[None])[0][0]
        return [
            np.array([narrow, narrow + _constant(np.eye(DEGREE + 1)[0] * gain, logit, q2, 0.0)])
            for logit, gain, q2 in ((0.7, 0.3, 0.8), (0.3, 0.1, 0.3), (0.5, 0.4, 1.2), (-0.4, -0.1, -0.1))
        ]
    if POLARITIES[family].count(-1.0) == 1:
        returning = [-min(level for level, _ in named_waveform(family).levels(width)) for width in widths]
        late_logs = np.linalg.lstsq(basis, np.log(6.0 * 1.4 / np.array(returning)), rcond=None)[0]
        late = _constant(late_logs, 0.9, -0.3, -0.3)
        return [np.concatenate((base, [late + _constant(np.zeros(5), 0.0, shift, 0.0)])) for shift in (0.0, 0.3)]
    longer = base.copy()
    longer[:, 0, 0] += 0.1
    return [np.concatenate((first, second)) for first in (base, longer) for second in (base, longer)]


def _problem(samples: Samples, family: str, polarity: tuple[float, ...]) -> _Problem:
    x = second_difference(samples.nodes_mv_per_ma)
    with np.errstate(divide="ignore"):
        logs = np.log(samples.threshold_ma[samples.families.index(family)])
    basis = np.array([width_basis(width) for width in samples.pulse_widths_us])
    weight = np.array([KIND_WEIGHT.get(kind, 1.0) for kind in samples.kind])
    return _Problem(x, neighbours(x), np.asarray(logs), basis, polarity, weight)


def fit_first(samples: Samples, family: str, base: FloatArray | None) -> FloatArray:
    """Return the kernels (kernels, 4, 5) of one waveform at the diameter where the fit begins."""
    problem = _problem(samples, family, POLARITIES[family])
    guesses = [base] if -1.0 not in POLARITIES[family] and base is not None else _first_guesses(samples, family, base)
    solved = (_solve(problem, guess) for guess in guesses)
    return min(solved, key=lambda result: result[1])[0]


def fit_waveform(samples: tuple[Samples, ...], family: str, base: FloatArray | None) -> FloatArray:
    """Return the table (diameters, kernels, 4, 5) of one waveform.

    Outwards from a middle diameter each begins at its neighbour's; then every one is fitted again, held loosely to
    the straight line in ln D between its neighbours, because that is how it will be read.
    """
    middle, count = _middle(samples), len(samples)
    problems = [_problem(row, family, POLARITIES[family]) for row in samples]
    tables = {middle: fit_first(samples[middle], family, base)}
    for index in [*range(middle - 1, -1, -1), *range(middle + 1, count)]:
        near = tables[index + 1 if index < middle else index - 1]
        tables[index] = _solve(problems[index], near, near)[0]
    place = np.log([row.diameter_um for row in samples])
    for _ in range(SWEEPS):
        for index in range(count):
            low, high = max(index - 1, 0), min(index + 1, count - 1)
            if low == index or high == index:
                prior = tables[high if low == index else low]
            else:
                share = (place[index] - place[low]) / (place[high] - place[low])
                prior = (1.0 - share) * tables[low] + share * tables[high]
            tables[index] = _solve(problems[index], tables[index], prior)[0]
    return np.array([tables[index] for index in range(count)])


def fit_all(samples: tuple[Samples, ...], processes: int) -> dict[str, FloatArray]:
    """Return per waveform of `samples` the table (diameters, kernels, 4, 5).

    Where the monophasic pulse is not among them, its kernels of the built-in table are the start.
    """
    middle, wanted = samples[_middle(samples)], samples[0].families
    base = fit_first(middle, "monophasic", None) if "monophasic" in wanted else _built_in_monophasic(middle.diameter_um)
    with ProcessPoolExecutor(max(processes, 1), mp_context=get_context("spawn")) as pool:
        order = [name for name in LONGEST_FIRST if name in wanted]
        jobs = {name: pool.submit(fit_waveform, samples, name, base) for name in order}
        tables = {name: jobs[name].result() for name in wanted}
    return tables if len(middle.pulse_widths_us) > 1 else {name: _at_one_width(tables[name], middle) for name in wanted}


def _at_one_width(table: FloatArray, samples: Samples) -> FloatArray:
    """Return `table` (..., 5) with the value at the only pulse width as its constant term, and no other."""
    result = np.zeros_like(table)
    result[..., 0] = table @ width_basis(samples.pulse_widths_us[0])
    return result


def _built_in_monophasic(diameter_um: float) -> FloatArray:
    rows = read_table("predictor")
    known = list(rows["made"]["diameter_um"])
    return np.array(rows["waveforms"]["monophasic"]["kernels"][known.index(diameter_um)], dtype=np.float64)


def _middle(samples: tuple[Samples, ...]) -> int:
    return int(np.argmin([abs(row.diameter_um - START_DIAMETER_UM) for row in samples]))


def errors_percent(samples: Samples, family: str, table: FloatArray) -> FloatArray:
    """Return 100 (predicted / true - 1), (pulse widths, fields), of one diameter's kernels (kernels, 4, 5)."""
    problem = _problem(samples, family, POLARITIES[family])
    residual = problem.residuals(table.ravel()).reshape(problem.log_threshold.shape)
    return np.asarray(100.0 * np.expm1(residual / problem.weight))


def table_text(samples: tuple[Samples, ...], plan: Plan, tables: dict[str, FloatArray]) -> str:
    """Return predictor.toml: ranges, how it was made, in-sample errors, and the kernels of each waveform."""
    lines = [
        "# The fast predictor's constants. Written by `python -m scs_models.fibres.fit`; do not edit.",
        "# Per diameter: rows q0, logit rho, q2, q3; columns powers 0-4 of ln PW scaled to -1..1 over the range.",
        "",
        "[made]",
        'source = "DESIGN"',
        'status = "derived"',
        'note = "fitted to the reference axon (MRG02, MUSSELMAN21 geometry) by scs_models.fibres.fit"',
        *_made_lines(samples, plan),
        f"diameter_um = {[row.diameter_um for row in samples]!r}",
        f"pulse_width_us = {list(samples[0].pulse_widths_us)!r}",
        "pulse_width_low_us = 30.0",
        "pulse_width_high_us = 1000.0",
        "",
    ]
    return "\n".join(lines) + "".join("\n" + waveform_text(samples, name, tables[name], ()) for name in tables)


def _made_lines(samples: tuple[Samples, ...], plan: Plan) -> tuple[str, ...]:
    return (
        f"seed = {plan.seed}",
        f'product_version = "{_version()}"',
        f"fields_per_diameter = {min(len(row.kind) for row in samples)}",
        f"reference_thresholds = {sum(row.threshold_ma.size for row in samples)}",
    )


def waveform_text(samples: tuple[Samples, ...], name: str, table: FloatArray, made: tuple[str, ...]) -> str:
    """Return the part of predictor.toml of one waveform, with the lines `made` where it was fitted by itself."""
    inside = np.concatenate(
        [np.abs(errors_percent(row, name, part)).ravel() for row, part in zip(samples, table, strict=True)]
    )
    lines = [
        f"[waveforms.{name}]",
        'source = "DESIGN"',
        'status = "derived"',
        f'note = "in sample: median {np.median(inside):.2f} %, 95 % within {np.percentile(inside, 95.0):.2f} %"',
        *made,
        *([] if len(samples[0].pulse_widths_us) > 1 else [f"pulse_width_us = {samples[0].pulse_widths_us[0]}"]),
        f"polarity = {list(POLARITIES[name])!r}",
        "kernels = [",
    ]
    for row, kernels in zip(samples, table, strict=True):
        lines.append(f"    [  # {row.diameter_um:g} um")
        for kernel in kernels:
            rows = ", ".join("[" + ", ".join(f"{value:.7g}" for value in line) + "]" for line in kernel)
            lines.append(f"        [{rows}],")
        lines.append("    ],")
    return "\n".join([*lines, "]", ""])


def merged_text(text: str, parts: dict[str, str]) -> str:
    """Return predictor.toml's `text` with the part of each waveform in `parts` put in or exchanged, the rest kept."""
    head, *known = text.split("\n[waveforms.")
    blocks = {block.partition("]")[0]: f"[waveforms.{block.rstrip()}\n" for block in known} | parts
    return "\n".join((head, *blocks.values()))


def _merged_table(samples: tuple[Samples, ...], plan: Plan, tables: dict[str, FloatArray]) -> str:
    made = read_table("predictor")["made"]
    if list(made["diameter_um"]) != [row.diameter_um for row in samples]:
        raise InvalidValueError("the built-in table has other diameters; only a full run can be merged into it")
    parts = {name: waveform_text(samples, name, tables[name], _made_lines(samples, plan)) for name in tables}
    built_in = files("scs_models").joinpath("data", "predictor.toml").read_text(encoding="utf-8")
    return merged_text(built_in, parts)


def _version() -> str:
    try:
        return version("scs-sim")
    except PackageNotFoundError:
        return "0.1.0"


def main(arguments: list[str] | None = None) -> int:
    """Run the fit; the plan "quick" takes about two minutes. It writes beside its samples, never into the package."""
    parser = argparse.ArgumentParser(prog="python -m scs_models.fibres.fit", description=__doc__)
    parser.add_argument("--plan", choices=list(PLANS), default="first", help="what is computed and fitted")
    parser.add_argument("--resume", type=Path, metavar="DIR", help="folder of the samples (default: a new one)")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where to write the table (default: DIR/predictor.toml)"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--no-compute", action="store_true", help="fit the samples that are there")
    options = parser.parse_args(arguments)
    plan = PLANS[options.plan]
    folder = options.resume or Path(tempfile.mkdtemp(prefix="scs-fit-"))
    out = options.out or folder / "predictor.toml"
    started = time.monotonic()
    if not options.no_compute:
        compute(folder, plan, options.processes)
    samples = read_samples(folder, plan)
    tables = fit_all(samples, options.processes)
    temporary = out.with_name(out.name + ".tmp")
    text = (table_text if options.plan in WHOLE_TABLES else _merged_table)(samples, plan, tables)
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(out)
    sys.stderr.write(f"{out} written after {time.monotonic() - started:.0f} s\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
