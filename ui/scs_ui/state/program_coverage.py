"""Coverage of the programs that are not in hand: asked for in the background, remembered while leads and pain stay."""

from __future__ import annotations

from dataclasses import dataclass, field

from scs_sim.case import Case
from scs_sim.hardware import generator_of
from scs_sim.limits import paresthesia_applicable
from scs_sim.setting import Progress, Setting
from scs_sim.simulate import evaluate
from scs_ui.state.draft import ProgramDraft
from scs_ui.state.moment import Moment

Covered = dict[ProgramDraft, float | None]


@dataclass(frozen=True, slots=True, eq=False)
class CoverageQuestion:
    """The question how much of the pain some programs cover. A callable; None: nothing runs, or not applicable."""

    setting: Setting
    case: Case
    profile: str
    drafts: tuple[ProgramDraft, ...]

    def __call__(self, progress: Progress) -> Covered:
        """Return the painful area covered, in percent, by program."""
        found: Covered = dict.fromkeys(self.drafts)
        pairs = [(draft, program) for draft in self.drafts if (program := draft.program()) is not None]
        pairs = [pair for pair in pairs if all(paresthesia_applicable(area.rate_hz) for area in pair[1].areas)]
        if pairs:
            programs = [program for _, program in pairs]
            answers = evaluate(self.setting, self.case, programs, generator_of(self.profile))
            found |= {draft: float(percent) for (draft, _), percent in zip(pairs, answers.figures.by_area, strict=True)}
        return found


@dataclass(slots=True)
class Coverages:
    """What is known of the programs on one setting, pain and patient; forgotten when one of these changes."""

    known: Covered = field(default_factory=dict)
    _about: tuple[object, ...] = ()
    _asked: CoverageQuestion | None = None

    def question(self, moment: Moment) -> CoverageQuestion | None:
        """Return what is to be asked now; None where all is known, on its way, or cannot be answered yet."""
        frame, session = moment.frame, moment.session
        if frame is None or frame.stale:
            return None
        case = session.case
        about = (id(frame.setting), case.pain, case.contact_faults, case.patient, session.profile)
        if about != self._about:
            self.known, self._about, self._asked = {}, about, None
        names = set(frame.setting.contact_names)
        drafts = tuple(
            draft
            for index, draft in enumerate(session.programs)
            if index not in (session.chosen, session.compared)
            and draft not in self.known
            and all(share.name in names for area in draft.areas for share in area.shares if share.lead)
        )
        if not drafts or (self._asked is not None and drafts == self._asked.drafts):
            return None
        self._asked = CoverageQuestion(frame.setting, case, session.profile, drafts)
        return self._asked

    def take(self, question: CoverageQuestion, answer: Covered) -> bool:
        """Take the answer to the newest question; return whether it was that."""
        if question is not self._asked:
            return False
        self.known |= answer
        self._asked = None
        return True
