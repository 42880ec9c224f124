"""A session on one vertebral level whose engine and pictures answer at once, for the tests of the field panel."""

from __future__ import annotations

from dataclasses import replace

from scs_models.leads import LeadPlacement
from scs_sim.case import builtin_case
from scs_sim.program import Program
from scs_ui.state.field_pictures import FieldPictures, PictureRequest
from scs_ui.state.live import Live
from scs_ui.state.session import Session, session_of
from scs_ui.state.store import Store


def quad_session() -> Session:
    """Return a session with a midline quad lead whose middle contacts lie behind T9."""
    usual = builtin_case("back-and-left-leg")
    lead = LeadPlacement("quad-7mm", "T9", tip_offset_mm=12.0)
    patient = replace(usual.patient, dorsal_csf_factor=1.0)
    program = Program("1.2- 1.3+", amplitude_ma=3.0)
    return session_of(replace(usual, leads=(lead,), program=program, patient=patient, scars=(), migrations=()))


class FieldDesk:
    """Store, live engine and pictures; `act` changes the session and has the engine answer.

    The store's questions are answered at once, but for pictures of contacts that are not in use: one section is enough
    for these tests, and a section takes seconds to build.
    """

    def __init__(self) -> None:
        self.live, self.store, self.pictures = Live(), Store(quad_session()), FieldPictures()
        self.asked: list[PictureRequest] = []
        self.store.asker = self._answer
        self.tick()

    def act(self, action) -> None:
        """Change the session."""
        self.store.act("test", action)
        self.tick()

    def tick(self) -> None:
        """Have the engine answer."""
        while (request := self.live.wanted(self.store.session)) is not None:
            self.live.accept(request, request(lambda fraction, what: None))
        self.store.show_frame(self.live.frame(self.store.session))

    def load(self) -> None:
        """Load the pictures of the contacts in use."""
        from scs_ui.state.looks.field import needed

        request = self.pictures.request(self.store.session.case, needed(self.store.frame))
        self.pictures.accept(request(lambda fraction, what: None))

    def _answer(self, channel, question, then, **_) -> None:
        self.asked.append(question)
        if question.contacts is not None:
            then(question(lambda fraction, what: None))
