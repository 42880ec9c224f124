"""The second column of the training window: the X-ray film, and what is done with needle and leads."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton

from scs_ui.icons import icon
from scs_ui.state.looks.training_xray import film_look, nearest_place
from scs_ui.state.training import TrainingRoom
from scs_ui.theme import Theme
from scs_ui.widgets.training_film import FilmCanvas
from scs_ui.widgets.training_parts import (
    DoButton,
    caption,
    choice,
    column,
    muted,
    number,
    refill,
    row,
    show_reason,
)

WAYS = {"up": (1, 0), "down": (-1, 0), "left": (0, -1), "right": (0, 1)}
STEPS_MM = ("0.5", "1", "2", "5", "10")


class LeadsPanel:
    """Film, X-ray buttons, placing, driving, removing and anchoring."""

    def __init__(self, room: TrainingRoom, theme: Theme) -> None:
        self._room = room
        self._aim: tuple[float, float] | None = None
        self.widget, layout = column()
        self.film = FilmCanvas(theme)
        self.words = muted()
        self.ap = DoButton(room, "X-ray from behind", "xray", lambda: {"view": "ap"})
        self.lateral = DoButton(room, "From the side", "xray", lambda: {"view": "lateral"}, "X-ray from the side")
        self.lead_type = choice("Lead type of the kit")
        self.level = choice("Vertebra for the tip")
        self.entry = choice("Vertebra below which the needle enters")
        self.offset = number("Tip above (+) or below (−) its middle", -30.0, 30.0, 1.0, "mm")
        self.aside = number("Aim right (+) or left (−) of the anatomical midline", -8.0, 8.0, 0.5, "mm")
        self.place = DoButton(room, "Place", "place-lead", self._placing)
        self.lead = choice("Lead to drive or remove")
        self.step = choice("Step of driving, mm", {step: f"{step} mm" for step in STEPS_MM})
        self.step.setCurrentIndex(2)
        self.arrows = {way: QToolButton() for way in WAYS}
        for way, button in self.arrows.items():
            button.setAccessibleName(f"Drive the lead {way} by the step, mm")
            button.setMinimumSize(28, 26)
            button.clicked.connect(lambda _checked=False, way=way: self.drive(*WAYS[way]))
        self.remove = DoButton(room, "Remove", "remove-lead", lambda: {"lead": self._number})
        self.anchor = DoButton(room, "Anchor", "anchor")
        layout.addLayout(row(self.ap, self.lateral))
        layout.addWidget(self.film, 1)
        layout.addWidget(self.words)
        layout.addWidget(caption("New lead"))
        layout.addLayout(row(self.lead_type, self.level, self.entry))
        layout.addLayout(row(self.offset, self.aside, self.place))
        layout.addWidget(caption("Lead in place"))
        layout.addLayout(row(self.lead, self.step, *self.arrows.values(), stretch=True))
        layout.addLayout(row(self.remove, self.anchor))
        for box in (self.lead_type, self.level, self.entry, self.lead, self.step):
            box.currentIndexChanged.connect(lambda _index: self.show())
        for spin in (self.offset, self.aside):
            spin.valueChanged.connect(lambda _value: self.show())
        self.film.driven.connect(self.drive)
        self.film.aimed.connect(self.aim)
        self.set_theme(theme)

    @property
    def _number(self) -> int:
        return int(self.lead.currentData() or 1)

    def drive(self, up: int, right: int) -> None:
        """Drive the chosen lead by a step."""
        self._room.act("drive-lead", **self._driving(up, right))

    def aim(self, x_mm: float, z_mm: float) -> None:
        """Take a place on the film as the aim of the next lead."""
        found = nearest_place(film_look(self._room.situation), z_mm, self._levels())
        if found is None:
            return
        for box, value in ((self.offset, found[1]), (self.aside, x_mm)):
            box.setValue(round(2.0 * value) / 2.0)
        self.level.setCurrentIndex(self.level.findData(found[0]))

    def show(self) -> None:
        """Show film and what is possible."""
        now = self._room.situation
        if now is None:
            return
        kit = now.opening.kit
        refill(self.lead_type, {name: name for name in kit.lead_types})
        refill(self.level, {name: f"tip at {name}" for name in kit.tip_levels})
        refill(self.entry, {"usual": "usual entry"} | {name: f"entry at {name}" for name in kit.entry_levels})
        refill(self.lead, {str(lead.number): f"lead {lead.number}" for lead in now.leads})
        look = film_look(now)
        self.words.setText(look.words)
        for button in (self.ap, self.lateral, self.place, self.remove, self.anchor):
            button.refresh()
        self._aim = self._aim_place()
        self.film.show_look(look, self._number, self._aim)
        for way, arrow in self.arrows.items():
            reason = self._room.why_not("drive-lead", **self._driving(*WAYS[way]))
            show_reason(arrow, reason, f"Drives the lead {way} by the step. In the film: arrow key")

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.film.set_theme(theme)
        for way, button in self.arrows.items():
            button.setIcon(icon(f"arrow_{way}", theme))

    def _levels(self) -> tuple[str, ...]:
        now = self._room.situation
        return () if now is None else now.opening.kit.tip_levels

    def _placing(self) -> dict[str, object]:
        return {
            "lead_type": self.lead_type.currentData() or "",
            "tip_level": self.level.currentData() or "",
            "entry_level": self.entry.currentData() or "usual",
            "tip_offset_mm": self.offset.value(),
            "x_mm": self.aside.value(),
        }

    def _driving(self, up: int, right: int) -> dict[str, object]:
        step_mm = float(self.step.currentData())
        return {"lead": self._number, "rostral_mm": up * step_mm, "right_mm": right * step_mm}

    def _aim_place(self) -> tuple[float, float] | None:
        """Return where the next tip is aimed, None where none can be placed."""
        now = self._room.situation
        look = film_look(now)
        bone = next((one for one in look.bones if one.name == self.level.currentData()), None)
        if bone is None or self._room.why_not("place-lead", **self._placing()):
            return None
        return self.aside.value(), bone.mid_z_mm + self.offset.value()
