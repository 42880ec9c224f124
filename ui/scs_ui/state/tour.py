"""The first-run tour: five steps from the leads to the saved session, and which of them is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Step:
    """One card: the panel it points at (name of its dock), heading, two or three sentences, the key to remember."""

    panel: str
    title: str
    text: str
    keys: str


STEPS = (
    Step(
        "spine",
        "Leads and contacts",
        "The spine from behind, as in fluoroscopy: left is the patient's left. Click a contact to make it a cathode"
        " (−), again for an anode (+), again for off. Drag a lead to move it; everything follows at once.",
        "Arrows choose a contact, Space changes it.",
    ),
    Step(
        "stimulation",
        "Amplitude and its ruler",
        "The ruler shows where stimulation is first felt (PT), comfortable, uncomfortable (DT) and where muscles twitch"
        " (MT). The green stretch is the range to use. STOP is always there.",
        "Ctrl+] and Ctrl+[ change the amplitude; Esc stops.",
    ),
    Step(
        "body",
        "Pain and paresthesia",
        "Paint where it hurts with the brush. Colour shows where paresthesia is predicted, orange hatching what nerve"
        " roots add: bands that soon feel unpleasant. It is predicted paresthesia, not pain relief.",
        "B takes the brush, X the eraser.",
    ),
    Step(
        "coverage",
        "How well it fits",
        "How much of the pain is covered, which region least, what is felt where nothing hurts, left against right."
        " 80 % is the pass line that programmers aim at.",
        "Steering keeps the amplitude: Ctrl+arrows in the spine.",
    ),
    Step(
        "",
        "Keep your work",
        "Every step can be undone, and all is written to a journal as you go, so a crash loses nothing. Save the"
        " session to a file of your own, print a program card or a report from the File menu.",
        "Ctrl+S saves, Ctrl+Z undoes, F1 explains the panel in focus.",
    ),
)


@dataclass(frozen=True, slots=True)
class Tour:
    """Which step is shown; `over` once the user has left it, at the end or before."""

    place: int = 0
    over: bool = False

    @property
    def step(self) -> Step:
        """Return the step that is shown."""
        return STEPS[self.place]

    @property
    def is_last(self) -> bool:
        """Return whether there is no further step."""
        return self.place == len(STEPS) - 1

    @property
    def progress(self) -> str:
        """Return the place for people: "2 of 5"."""
        return f"{self.place + 1} of {len(STEPS)}"


def forward(tour: Tour) -> Tour:
    """Return the tour one step on; over after the last."""
    return replace(tour, over=True) if tour.is_last else replace(tour, place=tour.place + 1)


def back(tour: Tour) -> Tour:
    """Return the tour one step back; the first stays."""
    return replace(tour, place=max(tour.place - 1, 0))


def ended(tour: Tour) -> Tour:
    """Return the tour left where it is."""
    return replace(tour, over=True)


Rect = tuple[int, int, int, int]


def card_place(window: tuple[int, int], hole: Rect | None, card: tuple[int, int], gap: int = 18) -> tuple[int, int]:
    """Return where the card's corner goes: beside the hole where there is most room, whole inside the window.

    window and card: width and height; hole: x, y, width, height, None for the middle of the window. All px.
    """
    width, height = window
    wide, high = card
    if hole is None:
        return (width - wide) // 2, (height - high) // 2
    x, y, w, h = hole
    rooms = (
        (width - (x + w) - wide, (x + w + gap, y + (h - high) // 2)),
        (x - wide, (x - wide - gap, y + (h - high) // 2)),
        (y - high, (x + (w - wide) // 2, y - high - gap)),
        (height - (y + h) - high, (x + (w - wide) // 2, y + h + gap)),
    )
    room, (left, top) = max(rooms, key=lambda item: item[0])
    if room < 2 * gap:
        left, top = x + (w - wide) // 2, y + (h - high) // 2
    return min(max(left, gap), max(width - wide - gap, 0)), min(max(top, gap), max(height - high - gap, 0))
