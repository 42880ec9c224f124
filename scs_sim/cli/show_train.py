"""How a session of training is shown in the terminal: the situation, an event, a table of cases or sessions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scs_sim.cli.framework import write_rich

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from scs_sim.training.case import TrainingCase
    from scs_sim.training.events import TrainingEvent
    from scs_sim.training.record import SessionHead
    from scs_sim.training.situation import Situation


def show_cases(cases: Iterable[TrainingCase]) -> None:
    """Write one line per training case, easy ones first."""
    table = _table("case", "grade", "")
    for case in sorted(cases, key=lambda case: (case.grade, case.id)):
        table.add_row(case.id, "*" * case.grade, case.title)
    write_rich(table)


def show_sessions(rows: Iterable[tuple[SessionHead, Situation]]) -> None:
    """Write one line per session of a profile."""
    table = _table("session", "visit", "actions", "simulated", "")
    for head, now in rows:
        state = f"declined: {now.declined}" if now.declined else "finished" if now.finished else "open"
        table.add_row(head.id, now.open_visit.name, str(now.serial), clock(now.clock_s), state)
    write_rich(table)


def show_opening(head: SessionHead, now: Situation) -> None:
    """Write how a session begins: who comes, what is to be learned, what lies ready."""
    from rich.text import Text

    opening = now.opening
    goals = [Text(f"  - {goal}") for goal in opening.goals]
    write_rich(
        Text(f"{head.id}: {opening.title}", style="bold"),
        Text(),
        Text(f'"{opening.complaint}"', style="italic"),
        Text(),
        Text("To learn:"),
        *goals,
        Text(),
        *_labelled(
            ("leads", f"{', '.join(opening.kit.lead_types)}; {opening.kit.leads_count_high} at most"),
            ("tip", f"at {', '.join(opening.kit.tip_levels)}"),
            ("entry", f"below {', '.join(opening.kit.entry_levels)}"),
            ("generator", opening.kit.profile),
            ("visits", ", ".join(f"{visit.name} (day {visit.days:g})" for visit in opening.visits)),
        ),
        Text(),
        Text(f"Read the referral first: scs-sim train act {head.id} read item=referral"),
        Text("What can be done at all: scs-sim train actions"),
    )


def show_situation(head: SessionHead, now: Situation) -> None:
    """Write where a session stands."""
    from rich.text import Text

    state = f"declined: {now.declined}" if now.declined else "finished" if now.finished else "open"
    visit = now.open_visit
    pulse = "none is set"
    if now.program is not None:
        one = now.program
        pulse = f"{one.contacts}   {one.pulse_width_us:g} us   {one.rate_hz:g} Hz   {now.amplitude_ma:g} mA"
    leads = [
        f"{lead.number}: {lead.lead_type}, tip {'seen' if lead.seen else 'aimed'} at {lead.tip_level}"
        f" {lead.tip_offset_mm:+.1f} mm, {abs(lead.x_mm):.1f} mm {'left' if lead.x_mm < 0.0 else 'right'} of midline"
        for lead in now.leads
    ]
    fixed = "anchored" if now.anchored else "not anchored"
    notes = ", ".join(f"{note.threshold} {note.value_ma:g} mA ({note.contacts}, {note.posture})" for note in now.notes)
    write_rich(
        Text(f"{head.id}: {now.opening.title}", style="bold"),
        *_labelled(
            ("state", f"{state}, {now.serial} actions, {clock(now.clock_s)} simulated"),
            ("visit", f"{visit.name}, day {visit.days:g}, {visit.place}; {now.posture}"),
            ("read", ", ".join(now.documents) or "nothing yet"),
            *(("lead", text) for text in leads or ["none in place"]),
            ("fixed", f"{fixed}; impedances {'measured' if now.measured else 'not measured since'}"),
            ("program", pulse),
            ("saved", ", ".join(now.saved) or "none"),
            ("limit", "none set" if now.limit_ma is None else f"{now.limit_ma:g} mA"),
            ("noted", notes or "nothing"),
            ("said", f'"{now.said}"' if now.said else "nothing"),
        ),
    )


def show_event(event: TrainingEvent, now: Situation) -> None:
    """Write one event: what was done, what is seen, what the patient says."""
    write_rich(*event_lines(event, now))


def event_lines(event: TrainingEvent, now: Situation) -> list[Text]:
    """Return one event as lines; `now` is the situation after it."""
    from rich.text import Text

    from scs_sim.training.actions import action_kinds

    given = " ".join(f"{name}={value}" for name, value in event.action.parameters.items())
    title = action_kinds()[event.action.name].title
    mark = "" if event.outcome.done else "  (stopped)"
    lines = [Text(f"{event.serial:>3}  {clock(now.clock_s):>8}  {title}{mark}  {given}", style="bold")]
    if event.outcome.report:
        lines.append(Text(f"     {event.outcome.report}"))
    if event.outcome.said:
        lines.append(Text(f'     "{event.outcome.said}"', style="italic"))
    return lines


def show_actions() -> None:
    """Write the closed list of actions with their parameters."""
    from rich.text import Text

    from scs_sim.training.actions import action_kinds

    table = _table("action", "parameters", "")
    for kind in action_kinds().values():
        given = "\n".join(
            f"{item.name}: {item.kind_in_words}" + ("" if item.default is None else f" [{item.default}]")
            for item in kind.parameters
        )
        table.add_row(Text(kind.name, style="bold"), given, kind.help)
    write_rich(table)


def clock(seconds: float) -> str:
    """Return simulated time as h:mm:ss."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _labelled(*rows: tuple[str, str]) -> list[Text]:
    from rich.text import Text

    return [Text(f"  {name:<10} {value}") for name, value in rows]


def _table(*headers: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    return table
