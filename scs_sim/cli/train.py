"""`scs-sim train`: rehearse a trial with a virtual patient, one action per call or many over standard input."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from scs_sim.cli.framework import KernelProgress, ScsGroup, say, seed_given, settings, write_json, write_out
from scs_sim.cli.train_check import check
from scs_sim.cli.train_exam import asked_for, invigilate, seal
from scs_sim.cli.train_export import export
from scs_sim.cli.train_profile import PROFILE
from scs_sim.cli.train_report import report

if TYPE_CHECKING:
    from scs_sim.training.session import Session


@click.group(
    cls=ScsGroup,
    short_help="Rehearse a trial with a virtual patient who answers.",
    examples=(
        ("scs-sim train list", "the cases, graded 1 (easy) to 5"),
        ("scs-sim train start sciatica-left-leg", "begin; everything that follows is put on record"),
        ("scs-sim train act sciatica-left-leg-1 read item=referral", "one action: read the referral letter"),
        ("scs-sim train act sciatica-left-leg-1 amplitude to_ma=4 --json", "the patient's answer for a program"),
        ("scs-sim train status", "the sessions so far; with a session: where it stands"),
    ),
)
def train() -> None:
    """Rehearse a trial of spinal cord stimulation with a virtual patient.

    The patient says what a patient can say; what is hidden stays hidden until the session is finished. It is about
    paresthesia, never pain relief, and no substitute for supervised practice.
    """


@train.command(
    "list",
    short_help="The cases.",
    examples=(
        ("scs-sim train list", "one line per case, easy ones first"),
        ("scs-sim train list --json", "with goals and kit, for a script"),
    ),
)
def list_() -> None:
    """List the built-in training cases."""
    from scs_models import files
    from scs_sim.cli.show_train import show_cases
    from scs_sim.training.case import builtin_training_case, training_case_ids
    from scs_sim.training.situation import opening_of

    cases = [builtin_training_case(name) for name in training_case_ids()]
    if settings().as_json:
        rows = [files.encode(opening_of(case)) for case in sorted(cases, key=lambda case: (case.grade, case.id))]
        write_json({"cases": [{key: row[key] for key in row if key not in ("format", "version")} for row in rows]})
    else:
        show_cases(cases)


@train.command(
    short_help="What can be done, with parameters.",
    examples=(
        ("scs-sim train actions", "the closed list of actions"),
        ("scs-sim train actions --json", "with a JSON Schema of each action's parameters"),
    ),
)
def actions() -> None:
    """List the actions of a session and their parameters; [value] is what counts where one is left out."""
    from scs_sim.cli.show_train import show_actions
    from scs_sim.training.actions import action_kinds, action_schema
    from scs_sim.training.document import actions_document

    if settings().as_json:
        schemas = {name: action_schema(name) for name in action_kinds()}
        write_json({"actions": actions_document(), "schemas": schemas})
    else:
        show_actions()


@train.command(
    short_help="Begin a session.",
    examples=(
        ("scs-sim train start sciatica-left-leg", "a patient nobody has met"),
        ("scs-sim train start sciatica-left-leg --seed 7", "the same patient for everybody"),
        ("scs-sim train start my-case.toml --profile kim", "an own case, into the record of another profile"),
        ("scs-sim train start --exam 127.0.0.1:4711", "an exam; the instructor's token is asked for"),
    ),
)
@click.argument("case", metavar="[CASE]", required=False)
@click.option("--exam", metavar="HOST:PORT", help="Sit down at an exam instead; the instructor says where it is.")
@click.option("--token", metavar="TOKEN", help="The instructor's token, used up by this; asked for where left out.")
@PROFILE
@click.pass_context
def start(ctx: click.Context, case: str | None, exam: str | None, token: str | None, profile: str) -> None:
    """Begin a session of CASE (a built-in id or a file), or an exam, and say who comes in."""
    from scs_sim.cli.show_train import show_opening
    from scs_sim.training.document import situation_document
    from scs_sim.training.session import start as begin
    from scs_sim.training.session import start_exam

    if (case is None) == (exam is None) or (token is not None and exam is None):
        raise click.UsageError("give either a CASE or --exam HOST:PORT with --token")
    seed = settings().seed if seed_given(ctx) else None
    if exam is None:
        session = begin(str(case), seed, profile)
    elif seed is not None:
        raise click.UsageError("--seed is the instructor's in an exam")
    else:
        session = start_exam(exam, token or asked_for("token", "--token TOKEN"), profile)
    if settings().as_json:
        write_json(situation_document(session.head, session.situation))
    else:
        show_opening(session.head, session.situation)


@train.command(
    short_help="Do one action, or many over standard input.",
    examples=(
        ("scs-sim train act foot-1 place-lead lead_type=octet-7mm tip_level=T10", "parameters as name=value"),
        ('scs-sim train act foot-1 program --parameters \'{"contacts": "1.3- 1.4+"}\'', "parameters as JSON"),
        ("scs-sim train act foot-1 --stream", 'JSON lines: {"action": "amplitude", "parameters": {"to_ma": 3}}'),
    ),
)
@click.argument("session", metavar="SESSION")
@click.argument("action", metavar="[ACTION]", required=False)
@click.argument("parameters", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--parameters", "document", metavar="JSON", help="Parameters as one JSON object; - reads standard input.")
@click.option("--stream", is_flag=True, help="JSON lines in, JSON lines out, until the input ends.")
@PROFILE
def act(
    session: str, action: str | None, parameters: tuple[str, ...], document: str | None, stream: bool, profile: str
) -> None:
    """Do ACTION in SESSION and show what comes of it; what can be done: scs-sim train actions

    A bad parameter, or an action that cannot be done now, changes nothing and ends with exit code 2. With --stream
    each line is answered by one line, {"event": ...} or {"error": ...}; {"status": true} asks for the situation.
    """
    from scs_sim.cli.show_train import show_event
    from scs_sim.training.events import event_document
    from scs_sim.training.session import resume as resumed

    if stream == (action is not None):
        raise click.UsageError("give either an action or --stream")
    found = resumed(session, profile)
    if stream:
        _stream(found)
        return
    given = _pairs(parameters) | (_parsed(sys.stdin.read() if document == "-" else document) if document else {})
    with KernelProgress("kernels are being built") as progress:
        event = found.act(str(action), given, progress)
    if settings().as_json:
        write_json({"session": found.id, "clock_s": found.situation.clock_s, "event": event_document(event)})
    else:
        show_event(event, found.situation)


@train.command(
    short_help="Where a session stands, or all sessions.",
    examples=(
        ("scs-sim train status", "the sessions of the profile"),
        ("scs-sim train status foot-1", "what is in place, set, noted and said"),
    ),
)
@click.argument("session", metavar="[SESSION]", required=False)
@PROFILE
def status(session: str | None, profile: str) -> None:
    """Say where SESSION stands; without one, list the sessions of the profile."""
    from scs_sim.cli.show_train import show_sessions, show_situation
    from scs_sim.training.document import situation_document
    from scs_sim.training.record import recorded
    from scs_sim.training.session import sessions
    from scs_sim.training.situation import fold

    if session is None:
        rows = sessions(profile)
        if settings().as_json:
            write_json({"sessions": [situation_document(head, now) for head, now in rows]})
        elif rows:
            show_sessions(rows)
        else:
            say(f"profile {profile} has no session yet; scs-sim train start CASE begins one")
        return
    found = recorded(session, profile)
    now = fold(found.head.opening, found.events)
    if settings().as_json:
        write_json(situation_document(found.head, now))
    else:
        show_situation(found.head, now)


@train.command(
    short_help="Go on with a session: what was said last, and where it stands.",
    examples=(
        ("scs-sim train resume", "the session that was worked on last"),
        ("scs-sim train resume foot-1", "another one"),
    ),
)
@click.argument("session", metavar="[SESSION]", required=False)
@click.option("--last", "count", type=click.IntRange(min=0), default=5, show_default=True, help="Events to repeat.")
@PROFILE
def resume(session: str | None, count: int, profile: str) -> None:
    """Take up SESSION (default: the last one worked on) after a break or a crash; nothing on record is lost."""
    from scs_models.errors import UnknownNameError
    from scs_sim.cli.show_train import show_situation
    from scs_sim.training.document import situation_document
    from scs_sim.training.events import event_document
    from scs_sim.training.record import recorded_sessions
    from scs_sim.training.session import resume as resumed

    rows = recorded_sessions(profile)
    if session is None:
        if not rows:
            raise UnknownNameError(f"session of {profile}", "", ("none has begun",))
        session = max(rows, key=lambda row: row.events[-1].time_s if row.events else row.head.started_s).head.id
    found = resumed(session, profile)
    if settings().as_json:
        last = [event_document(event) for event in found.events[len(found.events) - min(count, len(found.events)) :]]
        write_json({"situation": situation_document(found.head, found.situation), "last_events": last})
        return
    _tell(found, max(len(found.events) - count, 0))
    show_situation(found.head, found.situation)


@train.command(
    short_help="See a session again.",
    examples=(
        ("scs-sim train replay foot-1", "at once"),
        ("scs-sim train replay foot-1 --speed 60", "a simulated minute takes a second"),
    ),
)
@click.argument("session", metavar="SESSION")
@click.option(
    "--speed",
    type=click.FloatRange(min=0.0),
    default=0.0,
    metavar="TIMES",
    help="Times simulated time; 0 (default) waits for nothing.",
)
@PROFILE
def replay(session: str, speed: float, profile: str) -> None:
    """Show SESSION event by event, as it went."""
    from scs_sim.training.events import event_document
    from scs_sim.training.record import recorded

    found = recorded(session, profile)
    if settings().as_json:
        write_json({"session": session, "events": [event_document(event) for event in found.events]})
        return
    _replayed(found.head.opening, found.events, 0, speed)


@train.command(
    short_help="Build kernels beforehand.",
    examples=(
        ("scs-sim train prepare sciatica-left-leg", "before a session, so that no answer has to wait"),
        ("scs-sim train prepare", "for all built-in cases, before a course"),
    ),
)
@click.argument("cases", metavar="[CASE]...", nargs=-1)
def prepare(cases: tuple[str, ...]) -> None:
    """Build what sessions of the CASEs (default: all built-in ones) may need; it is kept for good."""
    from scs_sim.training.body import prepare_kernels
    from scs_sim.training.case import load_training_case, training_case_ids

    chosen = [load_training_case(name) for name in cases or training_case_ids()]
    with KernelProgress("kernels are being built") as progress:
        found = {case.id: prepare_kernels(case, progress) for case in chosen}
    if settings().as_json:
        write_json({"kernels": found})
    else:
        write_out("".join(f"{name}: {count} kernels are there\n" for name, count in found.items()))


def _tell(found: Session, first: int) -> None:
    _replayed(found.head.opening, found.events, first, 0.0)


def _replayed(opening: Any, events: Any, first: int, speed: float) -> None:
    import time

    from scs_sim.cli.show_train import show_event
    from scs_sim.training.situation import after, begin

    now = begin(opening)
    for place, event in enumerate(events):
        now = after(now, event)
        if place >= first:
            if speed:
                time.sleep(event.outcome.cost_s / speed)
            show_event(event, now)


def _stream(found: Session) -> None:
    """Answer every line of standard input with one line; a bad one is answered with what is wrong, and goes on."""
    from scs_models.errors import InUseError, InvalidValueError
    from scs_sim.training.document import situation_document
    from scs_sim.training.events import event_document

    for line in sys.stdin:
        if not line.strip():
            continue
        answer: dict[str, Any]
        try:
            asked = _parsed(line)
            if asked.get("status") is True:
                answer = {"situation": situation_document(found.head, found.situation)}
            else:
                event = found.act(*_asked(asked))
                answer = {"event": event_document(event), "clock_s": found.situation.clock_s}
        except (InvalidValueError, InUseError) as error:
            answer = {"error": str(error)}
        write_out(json.dumps(answer, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n")


def _asked(document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    from scs_models.errors import InvalidValueError

    name, parameters = document.get("action"), document.get("parameters", {})
    unknown = set(document) - {"action", "parameters"}
    if not isinstance(name, str) or not isinstance(parameters, dict) or unknown:
        raise InvalidValueError('the line must be {"action": NAME, "parameters": {...}} or {"status": true}')
    return name, parameters


def _parsed(text: str) -> dict[str, Any]:
    from scs_models.errors import InvalidFileError, InvalidValueError
    from scs_models.files import parse

    try:
        return parse(text, ".json", "parameters")
    except InvalidFileError as error:
        raise InvalidValueError(str(error)) from error


def _pairs(words: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name or name in found:
            raise click.UsageError(f"{word!r} is not NAME=VALUE" if name not in found else f"{name} is given twice")
        found[name] = value
    return found


for command in (check, report, export, seal, invigilate):
    train.add_command(command)
