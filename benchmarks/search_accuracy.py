"""How far the fast ranking is from the whole model: python benchmarks/search_accuracy.py [CASE ...]; prints a table.

At equal amplitude against `evaluate`, on programs drawn anew; and the order of all 65 480 programs against the same
screen on every fibre, which tests hold to be the model. Figures in docs/performance.md.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from bench_search import every_configuration
from scs_sim.case import builtin_case
from scs_sim.objective import builtin_objective
from scs_sim.processes import default_workers
from scs_sim.program import Program
from scs_sim.search.screen import best, make_screen
from scs_sim.search.screen_all import screen_all
from scs_sim.search.space import contacts_text
from scs_sim.setting import prepare
from scs_sim.simulate import evaluate

PULSE = Program("1.1- 1.2+", 300.0, 50.0)
DRAWN, SEED = 400, 2711


def at_equal_amplitude(case, setting, weights):
    """Print errors of thresholds and coverage at each program's best amplitude."""
    screen, objective = make_screen(setting, case, PULSE), builtin_objective()
    rows = np.random.default_rng(SEED).choice(len(weights), DRAWN, replace=False)
    found = best(screen.curves(weights[rows]), objective)
    usable = np.flatnonzero(np.isfinite(found.score))
    percent = np.round(100.0 * weights[rows]).astype(np.int64)
    programs = []
    for row in usable.tolist():
        for sign in (-1, 1):  # whole percents that sum to 100
            members = np.flatnonzero(sign * percent[row] > 0)
            percent[row, members[0]] += sign * (100 - int(np.abs(percent[row, members]).sum()))
        text = contacts_text(setting.contact_names, percent[row])
        programs.append(replace(PULSE, contacts=text, amplitude_ma=float(found.amplitude_ma[row])))
    answers = evaluate(setting, case, programs)
    person, figures = answers.person, answers.figures
    errors = {
        "perception threshold, %": 100.0 * np.abs(found.pt_ma[usable] / person.perception_ma - 1.0),
        "discomfort threshold, %": 100.0 * np.abs(found.dt_ma[usable] / person.discomfort_ma - 1.0),
        "pain covered by score, points": np.abs(
            found.figures["pain_covered_by_score_percent"][usable] - figures.by_score
        ),
        "worst region, points": np.abs(found.figures["worst_region_percent"][usable] - figures.worst),
        "unwanted of felt, points": np.abs(
            found.figures["unwanted_of_felt_percent"][usable] - figures.unwanted_of_felt
        ),
    }
    for name, error in errors.items():
        median, most = np.nanquantile(error, (0.5, 0.95))
        print(f"  {name:<32} median {median:.2f}, 95th percentile {most:.2f}, most {np.nanmax(error):.2f}")


def order(case, setting, weights):
    """Print how the order of all programs compares with that on every fibre."""
    scores = []
    for full in (False, True):
        screen, score = make_screen(setting, case, PULSE, full=full), np.empty(len(weights))
        for chunk in screen_all(screen, weights, builtin_objective(), workers=default_workers()):
            score[chunk.rows] = chunk.best.score
        scores.append(score)
    fast, exact = scores
    usable = np.isfinite(fast) & np.isfinite(exact)
    ranks = [np.argsort(np.argsort(-score[usable])) for score in scores]
    place = int(np.argsort(np.argsort(-fast, kind="stable"), kind="stable")[exact.argmax()]) + 1
    chosen = np.argsort(-fast, kind="stable")
    print(
        f"  rank correlation {np.corrcoef(ranks)[0, 1]:.5f}; {int((np.isfinite(fast) != np.isfinite(exact)).sum())} of"
    )
    print(f"  {len(weights)} usable by one only; the best of all is number {place} of the fast ranking")
    for count in (10, 100, 240):
        kept = np.intersect1d(chosen[:count], np.argsort(-exact, kind="stable")[:count])
        lost = exact.max() - exact[chosen[:count]].max()
        print(f"  first {count}: {len(kept)} are among the best {count}; the best of them is {lost:.3f} points short")


def main() -> None:
    """Print the table for the cases named, or for two."""
    for name in sys.argv[1:] or ["back-and-left-leg", "low-back"]:
        case = builtin_case(name)
        setting = prepare(case)
        weights = every_configuration(len(setting.contact_names))
        print(name)
        at_equal_amplitude(case, setting, weights)
        order(case, setting, weights)


if __name__ == "__main__":
    main()
