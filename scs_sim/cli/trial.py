"""What a command line changes of a case for one trial: the program, the patient, posture, contact faults, leads.

The options are the same wherever a case is evaluated or drawn, and reach the command as one value, `trial`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from scs_sim.cli.framework import blamed_on

if TYPE_CHECKING:
    from scs_sim.case import Case
    from scs_sim.lead_state import ContactFault, Migration
    from scs_sim.program import Program

WAVEFORM_CHOICES = ("recharge", "recharge-10", "biphasic", "biphasic-gap", "passive", "burst", "monophasic")

_OPTIONS = {
    "program_file": click.option(
        "--program", "program_file", metavar="FILE", help="Program from a .toml or .json file, or - for standard input."
    ),
    "contacts": click.option(
        "--contacts",
        metavar="TEXT",
        help='Contacts, "LEAD.CONTACT SIGN [PERCENT] ...": "1.3-60 1.4-40 1.6+100", "1.4- case+".',
    ),
    "amplitude_ma": click.option(
        "--amplitude-ma",
        type=float,
        metavar="MA",
        help="Amplitude, 0 to 25.5 mA; default: the program's own, else comfort.",
    ),
    "pulse_width_us": click.option("--pulse-width-us", type=float, metavar="US", help="Pulse width, 30 to 1000 us."),
    "rate_hz": click.option(
        "--rate-hz", type=float, metavar="HZ", help="Rate, 2 to 1200 Hz, or 5000 to 10000 Hz (paresthesia-free)."
    ),
    "waveform": click.option("--waveform", metavar="NAME", help=f"One of {', '.join(WAVEFORM_CHOICES)}."),
    "more_areas": click.option(
        "--area",
        "more_areas",
        multiple=True,
        metavar="TEXT",
        help='A further area, "2.3- 2.4+; 3 mA; 210 us; 80 Hz; biphasic": contacts, the rest optional. Up to 3 times.',
    ),
    "patient_file": click.option(
        "--patient", "patient_file", metavar="FILE", help="Another patient in the case, as new-patient writes."
    ),
    "posture": click.option(
        "--posture", metavar="NAME", help="supine, prone, sitting or standing; default: the case's own."
    ),
    "opens": click.option(
        "--open", "opens", multiple=True, metavar="CONTACT", help="An open contact, as 1.3; repeatable."
    ),
    "shorts": click.option(
        "--short",
        "shorts",
        multiple=True,
        metavar="CONTACT,CONTACT",
        help="Two shorted contacts, as 1.3,1.4; repeatable.",
    ),
    "moves": click.option(
        "--migrate",
        "moves",
        multiple=True,
        metavar="LEAD,MM,MM[,DEG]",
        help="A migrated lead: its number, mm rostral, mm to the patient's right, degrees turned; repeatable.",
    ),
}

measured_pt_option = click.option(
    "--measured-pt",
    "measured_pt_ma",
    type=float,
    metavar="MA",
    help="The patient's measured perception threshold for area A: sets the gain.",
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What was asked for; None or empty where the case's own stays."""

    program_file: str | None = None
    contacts: str | None = None
    amplitude_ma: float | None = None
    pulse_width_us: float | None = None
    rate_hz: float | None = None
    waveform: str | None = None
    more_areas: tuple[str, ...] = ()
    patient_file: str | None = None
    posture: str | None = None
    opens: tuple[str, ...] = ()
    shorts: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()

    def cases(self, names: Sequence[str]) -> list[tuple[Case, Program]]:
        """Return the cases of `names` as they are tried, each with the program that is tried, the amplitude apart.

        Raises click.UsageError, InvalidValueError and InvalidFileError.
        """
        from scs_sim.program import parse_area

        if [*names, self.program_file, self.patient_file].count("-") > 1:
            raise click.UsageError("standard input (-) can be read once only")
        changes: dict[str, Any] = {
            "contacts": self.contacts,
            "pulse_width_us": self.pulse_width_us,
            "rate_hz": self.rate_hz,
            "waveform": self.waveform,
            "more_areas": tuple(parse_area(text) for text in self.more_areas) or None,
        }
        given = {name: value for name, value in changes.items() if value is not None}
        return [
            (tried(case, self.posture, self.opens, self.shorts, self.moves), replace(program, **given))
            for case, program in _loaded(names, self.program_file, self.patient_file)
        ]


def trial_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command's function the options of a trial; it is called with `trial`."""
    return some_trial_options(*_OPTIONS)(command)


def some_trial_options(*names: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return what gives a command's function those options of a trial that fill the fields `names` of Trial."""

    def given(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def called(**words: Any) -> int:
            return command(trial=Trial(**{name: words.pop(name) for name in names}), **words)

        return functools.reduce(lambda made, name: _OPTIONS[name](made), reversed(names), called)

    return given


def _loaded(names: Sequence[str], program_file: str | None, patient_file: str | None) -> list[tuple[Case, Program]]:
    from scs_models import files
    from scs_sim.case import load_case, require_contacts_exist
    from scs_sim.patient import Patient
    from scs_sim.program import Program

    cases = [load_case(name) for name in names]
    if patient_file is not None:
        patient = files.read_value(Patient, patient_file)
        cases = [replace(case, patient=patient) for case in cases]
    if program_file is None:
        return [(case, case.program) for case in cases]
    program = files.read_value(Program, program_file)
    for case in cases:
        with blamed_on(program_file, f" (case {case.id})"):
            require_contacts_exist(program, case)
    return [(case, program) for case in cases]


def tried(case: Case, posture: str | None, opens: Sequence[str], shorts: Sequence[str], moves: Sequence[str]) -> Case:
    """Return `case` with another posture, and with these faults and migrations beside its own.

    A lead that is named again moves as named here. Raises click.UsageError for words that are no such thing.
    """
    from scs_sim.lead_state import ContactFault

    faults = [ContactFault(name, "open") for name in opens] + [_short(text) for text in shorts]
    migrations = [_migration(text) for text in moves]
    if posture is None and not faults and not migrations:
        return case
    moved = {migration.lead for migration in migrations}
    return replace(
        case,
        posture=case.posture if posture is None else posture,
        contact_faults=(*case.contact_faults, *faults),
        migrations=(*(own for own in case.migrations if own.lead not in moved), *migrations),
    )


def _short(text: str) -> ContactFault:
    from scs_sim.lead_state import ContactFault

    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2:
        raise click.UsageError(f"--short {text!r} is not two contacts; write for example --short 1.3,1.4")
    return ContactFault(parts[0], "short", partner=parts[1])


def _migration(text: str) -> Migration:
    from scs_sim.lead_state import Migration

    parts = text.split(",")
    try:
        lead, *rest = (int(parts[0]), *(float(part) for part in parts[1:]))
    except ValueError:
        rest = []
    if len(rest) not in (2, 3):
        raise click.UsageError(f"--migrate {text!r} is not LEAD,MM,MM[,DEG]; write for example --migrate 1,-6,0.5")
    return Migration(int(lead), *rest)
