"""The right column of the training window: what the patient coloured, questions, the conversation."""

from __future__ import annotations

import html
from functools import partial

from PySide6.QtWidgets import QTextBrowser

from scs_sim.training.actions import QUESTIONS
from scs_ui.state.looks.training import QUESTION_TITLES, Line, coloured, conversation
from scs_ui.state.training import TrainingRoom
from scs_ui.theme import Theme
from scs_ui.widgets.body_canvas import BodyCanvas
from scs_ui.widgets.training_parts import DoButton, caption, column, muted, row


class PatientPanel:
    """The patient: body map, questions, words."""

    def __init__(self, room: TrainingRoom, theme: Theme) -> None:
        self._room, self._theme = room, theme
        self._lines: tuple[Line, ...] = ()
        self.widget, layout = column()
        self.body = BodyCanvas(theme)
        self.body.setAccessibleName("Body map: where the patient coloured paresthesia, strength 0 to 10")
        self.coloured = muted()
        self.questions = {
            about: DoButton(room, QUESTION_TITLES[about], "ask", partial(dict, about=about),
                            f"Ask: {QUESTION_TITLES[about]}")
            for about in QUESTIONS
        }  # fmt: skip
        self.colour = DoButton(room, "Let colour", "colour")
        self.talk = QTextBrowser()
        self.talk.setAccessibleName("Conversation, with simulated time")
        layout.addWidget(caption("The patient"))
        layout.addWidget(self.body, 3)
        layout.addWidget(self.coloured)
        asked = [*self.questions.values(), self.colour]
        layout.addLayout(row(*asked[:2]))
        layout.addLayout(row(*asked[2:]))
        layout.addWidget(self.talk, 2)

    def show(self) -> None:
        """Show what was coloured and said last."""
        room, now = self._room, self._room.situation
        if now is None:
            return
        look = coloured(now, room.shown)
        self.body.show_look(look.body)
        self.body.setAccessibleDescription(look.words)
        self.coloured.setText(look.caption)
        self.coloured.setToolTip(look.words)
        for button in (*self.questions.values(), self.colour):
            button.refresh()
        lines = conversation(now.opening.complaint, room.shown)
        if lines != self._lines:
            self._lines = lines
            self._tell()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.body.set_theme(theme)
        self._tell()

    def _tell(self) -> None:
        self.talk.setHtml("".join(self._paragraph(line) for line in self._lines))
        bar = self.talk.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _paragraph(self, line: Line) -> str:
        theme, text = self._theme, html.escape(line.text)
        if line.kind == "said":
            return (
                f'<p style="margin: 2px 0 6px 14px;"><span style="color: {theme.accent};">Patient: </span>“{text}”</p>'
            )
        if line.kind == "seen":
            return f'<p style="margin: 1px 0 2px 14px;">{text}</p>'
        return f'<p style="margin: 7px 0 1px 0; color: {theme.muted};">{line.clock} &nbsp;<b>{text}</b></p>'
