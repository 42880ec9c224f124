"""TrainingDraft: the program that a trainee is putting together; it may lack a cathode or an anode."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scs_sim.limits import program_ranges
from scs_sim.program import Program, Waveform, format_contacts
from scs_sim.training.situation import Situation
from scs_ui.state.contacts import Shares, cycled, with_percent

_RANGES = program_ranges()


@dataclass(frozen=True, slots=True)
class TrainingDraft:
    """Contacts with whole percents and the pulse; leads are numbered as placed."""

    shares: Shares = ()
    pulse_width_us: float = _RANGES.default_pulse_width_us
    rate_hz: float = _RANGES.default_rate_hz
    waveform: Waveform = "recharge"

    @property
    def contacts(self) -> str:
        """Return the contacts in the field's notation, "" for none."""
        return format_contacts(self.shares)

    @property
    def parameters(self) -> dict[str, object]:
        """Return what the action `program` takes."""
        return {
            "contacts": self.contacts,
            "pulse_width_us": self.pulse_width_us,
            "rate_hz": self.rate_hz,
            "waveform": self.waveform,
        }

    def is_set(self, now: Situation) -> bool:
        """Return whether this is what the generator gives now."""
        one = now.program
        return one is not None and (sorted(one.shares), one.pulse_width_us, one.rate_hz, one.waveform) == (
            sorted(self.shares), self.pulse_width_us, self.rate_hz, self.waveform,
        )  # fmt: skip


def draft_of(program: Program) -> TrainingDraft:
    """Return the draft of a program that is set."""
    return TrainingDraft(tuple(sorted(program.shares)), program.pulse_width_us, program.rate_hz, program.waveform)


def cycle(draft: TrainingDraft, name: str, *, backwards: bool = False) -> TrainingDraft:
    """Return the draft after a contact went off -> cathode -> anode -> off, or the other way round."""
    return replace(draft, shares=cycled(draft.shares, (), name, backwards=backwards))


def set_percent(draft: TrainingDraft, name: str, percent: int) -> TrainingDraft:
    """Return the draft with a contact at `percent` of its sign; the others share the rest."""
    return replace(draft, shares=with_percent(draft.shares, (), name, percent))


def followed(draft: TrainingDraft, now: Situation, deed: str) -> TrainingDraft:
    """Return the draft after a deed: a program that was set or loaded takes its place; a lead that is gone leaves."""
    if deed in ("program", "load") and now.program is not None:
        return draft_of(now.program)
    there = {lead.number for lead in now.leads} | {0}
    if all(share.lead in there for share in draft.shares):
        return draft
    return replace(draft, shares=())
