"""What the case chooser shows: a card per built-in case, recent files, and what a search leaves of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scs_models.percept.body_map import load_body_map
from scs_sim.case import Case, builtin_case, builtin_case_ids

EXCERPT_LETTERS = 230


@dataclass(frozen=True, slots=True)
class CaseCard:
    """One case: its id, title, how its story begins, what is implanted where, where it hurts most."""

    id: str
    title: str
    excerpt: str
    leads: str
    level: str
    pain: str

    @property
    def words(self) -> str:
        """Return all of it as one text, for search and screen readers."""
        return f"{self.title}. {self.leads}, {self.level}. {self.pain}. {self.excerpt}"


@dataclass(frozen=True, slots=True)
class RecentFile:
    """One file that was open before; `there` is False where it is gone."""

    path: str
    name: str
    folder: str
    there: bool


@cache
def case_cards() -> tuple[CaseCard, ...]:
    """Return a card per built-in case."""
    return tuple(card_of(builtin_case(case_id)) for case_id in builtin_case_ids())


def card_of(case: Case) -> CaseCard:
    """Return the card of a case."""
    return CaseCard(
        case.id, case.title, _excerpt(case.story), _leads(case), f"tip at {_levels(case)}", pain_words(case)
    )


def pain_words(case: Case) -> str:
    """Return where it hurts most and how much, in a few words."""
    body = load_body_map()
    scores = case.pain.scores
    top = max((*scores.values(), *(patch.score for patch in case.pain.polygons)))
    worst = [body.region(name).title for name, score in scores.items() if score == top]
    where = worst[0] if worst else "drawn patches"
    return f"Pain {top:g}/10: {where}" + (" and more" if len(worst) > 1 else "")


def found_cards(cards: Iterable[CaseCard], text: str) -> tuple[CaseCard, ...]:
    """Return the cards in which every word of `text` occurs."""
    words = text.lower().split()
    return tuple(card for card in cards if all(word in f"{card.id} {card.words}".lower() for word in words))


def recent_files(paths: Iterable[str]) -> tuple[RecentFile, ...]:
    """Return the recent files in their order; those that are gone stay, so that people see why."""
    return tuple(RecentFile(path, Path(path).name, _homely(Path(path).parent), Path(path).is_file()) for path in paths)


def _excerpt(story: str) -> str:
    text = " ".join(story.split())
    if len(text) <= EXCERPT_LETTERS:
        return text
    return text[:EXCERPT_LETTERS].rsplit(" ", 1)[0].rstrip(",.;:") + " …"


def _leads(case: Case) -> str:
    kinds = Counter(placement.lead for placement in case.leads)
    return ", ".join(f"{count} × {name}" if count > 1 else name for name, count in kinds.items())


def _levels(case: Case) -> str:
    return ", ".join(dict.fromkeys(placement.tip_level for placement in case.leads))


def _homely(folder: Path) -> str:
    try:
        return (Path("~") / folder.absolute().relative_to(Path.home())).as_posix()
    except (ValueError, RuntimeError):
        return str(folder)
