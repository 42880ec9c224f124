"""The left column of the training window: documents to read, goals, what is concluded and repaired."""

from __future__ import annotations

import html
from functools import partial

from PySide6.QtWidgets import QPushButton, QTextBrowser

from scs_sim.training.actions import REPAIRS
from scs_sim.training.case import CAUSES, DOCUMENTS
from scs_ui.state.looks.body import BodyLook
from scs_ui.state.looks.training import (
    CAUSE_TITLES,
    DOCUMENT_TITLES,
    REPAIR_TITLES,
    document_lines,
    read_pain,
    titled,
)
from scs_ui.state.training import TrainingRoom
from scs_ui.theme import Theme
from scs_ui.widgets.body_canvas import BodyCanvas
from scs_ui.widgets.training_parts import DoButton, caption, choice, column, muted, refill, row, show_reason


class PapersPanel:
    """Documents by click; the first click of each is the action `read`, later ones show it again."""

    def __init__(self, room: TrainingRoom, theme: Theme) -> None:
        self._room, self._open, self._shown = room, "", ("", -1)
        self.widget, layout = column()
        self.title = muted()
        self.buttons = {item: DoButton(room, DOCUMENT_TITLES[item], "read", partial(dict, item=item),
                                       f"Read: {DOCUMENT_TITLES[item]}") for item in DOCUMENTS}  # fmt: skip
        for item, button in self.buttons.items():
            button.clicked.disconnect()
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, item=item: self.read(item))
        self.goals = QPushButton("Goals")
        self.goals.setCheckable(True)
        self.goals.setMinimumHeight(26)
        self.goals.setToolTip("What is to be learned, and what the patient said first")
        self.goals.clicked.connect(lambda _checked=False: self.read(""))
        self.text = QTextBrowser()
        self.text.setAccessibleName("The document that is open")
        self.pain = BodyCanvas(theme)
        self.pain.setAccessibleName("Pain map, as the patient drew it, scores 0 to 10")
        self.pain_words = muted()
        self.cause = choice("Cause of the complaint", {name: titled(name, CAUSE_TITLES) for name in CAUSES})
        self.conclude = DoButton(room, "Conclude", "conclude", lambda: {"cause": self.cause.currentData()})
        self.repair_what = choice("What to repair", {name: titled(name, REPAIR_TITLES) for name in REPAIRS})
        self.repair_lead = choice("Lead to repair")
        self.repair = DoButton(
            room,
            "Repair",
            "repair",
            lambda: {"what": self.repair_what.currentData(), "lead": self.repair_lead.currentData() or 1},
        )
        layout.addWidget(caption("Documents"))
        names = tuple(self.buttons.values())
        layout.addLayout(row(self.goals, *names[:2]))
        layout.addLayout(row(*names[2:]))
        layout.addWidget(self.text, 3)
        layout.addWidget(self.pain, 3)
        layout.addWidget(self.pain_words)
        layout.addWidget(caption("Complaint at this visit"))
        layout.addLayout(row(self.cause, self.conclude))
        layout.addLayout(row(self.repair_what, self.repair_lead, self.repair))
        self.cause.currentIndexChanged.connect(lambda _index: self.conclude.refresh())
        self.set_theme(theme)

    def read(self, item: str) -> None:
        """Open a document; it is read, as an action, the first time."""
        now = self._room.situation
        self._open = item
        if item and now is not None and item not in now.documents and not self._room.why_not("read", item=item):
            self._room.act("read", item=item)
        self.show()

    def show(self) -> None:
        """Show what is open."""
        now, events = self._room.situation, self._room.shown
        if now is None:
            return
        serial = events[-1].serial if events else 0
        if serial != self._shown[1]:
            self._open = self._newest(self._open)
        for item, button in self.buttons.items():
            is_read = item in now.documents
            title = DOCUMENT_TITLES[item]
            button.setText(f"✓ {title}" if is_read else title)
            button.setChecked(item == self._open)
            show_reason(button, "" if is_read else self._room.why_not("read", item=item), f"{title}: opens it")
        self.goals.setChecked(not self._open)
        self._show_page(serial)
        refill(self.repair_lead, {str(lead.number): f"lead {lead.number}" for lead in now.leads})
        self.conclude.refresh()
        self.repair.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.pain.set_theme(theme)
        self._shown = ("", -1)
        self.show()

    def _newest(self, before: str) -> str:
        """Return what is open after the events shown: what was read with the last one, in a replay what was last."""
        read = [event for event in self._room.shown if event.action.name == "read"]
        if self._room.is_replay:
            return read[-1].action.text("item") if read else ""
        is_new = bool(read) and read[-1] is self._room.shown[-1]
        return read[-1].action.text("item") if is_new else before

    def _show_page(self, serial: int) -> None:
        if (self._open, serial) == self._shown:
            return
        self._shown = (self._open, serial)
        now, events = self._room.situation, self._room.shown
        pain = read_pain(events) if self._open == "pain-map" else None
        self.pain.setVisible(pain is not None)
        self.pain_words.setVisible(pain is not None)
        self.text.setVisible(pain is None)
        if pain is not None:
            self.pain.show_look(BodyLook(pain=pain))
            worst = max(pain.scores.values(), default=0.0)
            self.pain_words.setText(f"Pain as the patient drew it; the worst is {worst:g} of 10.")
            return
        lines = document_lines(events, self._open)
        if not lines and now is not None:
            goals = "".join(f"<li>{html.escape(goal)}</li>" for goal in now.opening.goals)
            self.text.setHtml(
                f"<p>“{html.escape(now.opening.complaint)}”</p><p><b>To learn</b></p><ul>{goals}</ul>"
                + ("" if now.documents else "<p>Open the referral first.</p>")
            )
            return
        self.text.setHtml(
            "".join(
                f"<p><b>{html.escape(head[:1].upper() + head[1:])}</b><br>{html.escape(text)}</p>"
                if head
                else f"<p>{html.escape(text)}</p>"
                for head, text in lines
            )
        )
