"""What the help window says: first steps, words, a page per panel, all keys; and which of it a search finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scs_ui.state.keys import DEEDS, PLACES, Place, shown_keys


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One line of a list of keys."""

    keys: str
    mouse: str
    what: str
    help: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One page: title, paragraphs, and keys where it lists some; a glossary's paragraphs begin "term: "."""

    title: str
    paragraphs: tuple[str, ...]
    rows: tuple[KeyRow, ...] = ()
    is_glossary: bool = False

    def has(self, words: Iterable[str]) -> bool:
        """Return whether every word (lower case) occurs in the page."""
        rows = (text for row in self.rows for text in (row.keys, row.mouse, row.what, row.help))
        text = " ".join((self.title, *self.paragraphs, *rows)).lower()
        return all(word in text for word in words)


FIRST_STEPS = Topic(
    "First steps",
    (
        "Open a built-in case with Ctrl+N. It brings a patient, leads in place, painful regions and a first program.",
        "Check impedances (I in the spine) before anything else, as in the clinic.",
        "Raise the amplitude with Ctrl+] or the slider until it stands between PT and DT on the ruler: the green range."
        " Watch where paresthesia spreads on the body map.",
        "Steer with Ctrl and the arrows in the spine: the pattern moves in tenths of the contact spacing and the"
        " amplitude stays. A direct change of a contact takes the amplitude to 0 first, as programmers do.",
        "The coverage panel says how much of the pain is covered, which region least, and what is felt besides.",
        "Note a setting with Ctrl+T: it gets a dot on the map of tested settings. Save with Ctrl+S.",
    ),
)

WORDS = Topic(
    "Words",
    (
        "PT, perception threshold: the amplitude at which stimulation is first felt anywhere.",
        "Comfort: the amplitude that people settle on, between PT and DT.",
        "DT, discomfort threshold: where it becomes too much, usually because dorsal roots take part.",
        "MT, motor threshold: where muscles twitch.",
        "Usage range: from PT to DT. The wider, the less a program depends on posture.",
        "Dorsal column (DC): fibres in the cord; their paresthesia spreads and is comfortable. Dorsal root (DR): fibres"
        " outside the cord; they are felt as narrow bands that soon turn unpleasant. The body map hatches them.",
        "Dermatome: the strip of skin that one spinal nerve serves.",
        "dCSF: the thickness of the fluid between the lead and the cord. The thicker, the more current is needed.",
        "Coverage: how much of the painful area is felt as paresthesia. Pass line 80 %.",
        "Unwanted paresthesia: what is felt where nothing hurts.",
        "Left and right: always the patient's.",
    ),
    is_glossary=True,
)

LIMITS = Topic(
    "What this is not",
    (
        "It is for training and research, not for patient care.",
        "It predicts paresthesia, not relief: a program that covers the pain may not ease it.",
        "Its numbers are those of a model. Help > Sources of numbers lists each with where it comes from and how many"
        " are assumed.",
        "Paresthesia-free modes (10 kHz, sub-perception) have no coverage: the app says so instead of giving a number.",
    ),
)


def topics(panels: Iterable[tuple[str, str]]) -> tuple[Topic, ...]:
    """Return all pages; panels: (title, help) of each panel in the order to list them."""
    pages = [Topic(title, tuple(line for line in text.split("\n") if line.strip())) for title, text in panels]
    return (FIRST_STEPS, WORDS, *pages, *(_keys(place) for place in PLACES), LIMITS)


def found_topics(pages: tuple[Topic, ...], text: str) -> tuple[Topic, ...]:
    """Return the pages in which every word of `text` occurs, those with it in their title first."""
    words = text.lower().split()
    found = [page for page in pages if page.has(words)]
    return tuple(sorted(found, key=lambda page: not (words and all(word in page.title.lower() for word in words))))


def keys_title(place_title: str) -> str:
    """Return the title of the page that lists the keys of a place."""
    return f"Keys: {place_title[:1].lower()}{place_title[1:]}"


def _keys(place: Place) -> Topic:
    rows = tuple(
        KeyRow(shown_keys(item, every=True), item.mouse, item.label, item.help)
        for item in DEEDS
        if item.place == place and (item.keys or item.mouse)
    )
    return Topic(keys_title(PLACES[place]), (), rows)
