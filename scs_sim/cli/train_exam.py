"""`scs-sim train seal` and `invigilate`: exams, where only the instructor's side knows what is hidden."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scs_sim.cli.framework import ScsCommand, say, seed_given, settings, write_json, write_out

if TYPE_CHECKING:
    from scs_sim.training.clinic import PatientSide
    from scs_sim.training.record import Recorded
    from scs_sim.training.seal import ExamContent, SealedCase

PASSPHRASE = click.option(
    "--passphrase-file",
    "passphrase_file",
    metavar="FILE",
    help="Read the passphrase from the first line of FILE, - for standard input, instead of asking on the terminal.",
)
_LONGEST = 1000


@click.command(
    cls=ScsCommand,
    short_help="Seal a case for an exam.",
    examples=(
        ("scs-sim train seal my-case.toml -o autumn.sealed", "asks for a passphrase, twice"),
        ("scs-sim train seal my-case.toml -o autumn.sealed --show title", "everybody may read the title"),
    ),
)
@click.argument("case", metavar="CASE")
@click.option("-o", "--out", "target", required=True, metavar="FILE", help="The sealed file, for example exam.sealed.")
@click.option("--show", type=click.Choice(("title", "goals")), multiple=True, help="Leave this in the clear.")
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@PASSPHRASE
@click.pass_context
def seal(
    ctx: click.Context, case: str, target: str, show: tuple[str, ...], force: bool, passphrase_file: str | None
) -> None:
    """Seal CASE (a built-in id or a file) and the seed of its patient with a passphrase; needs the extra [exam].

    Without --seed nobody can guess the patient. The passphrase cannot be got back: without it the exam is lost.
    """
    from scs_models import files
    from scs_sim.training.case import load_training_case
    from scs_sim.training.seal import SUFFIX, draw_seed, sealed

    if Path(target).suffix.lower() != SUFFIX:
        raise click.UsageError(f"--out is {target!r}; it must end in {SUFFIX}")
    if Path(target).exists() and not force:
        raise click.UsageError(f"{target} exists; --force writes over it")
    found, given = load_training_case(case), seed_given(ctx)
    made = sealed(found, settings().seed if given else draw_seed(), _passphrase(passphrase_file, twice=True), show)
    files.write_text(target, files.json_text(made))
    if settings().as_json:
        write_json({"path": target, "exam": made.exam, "shown": files.encode(made.shown)})
        return
    say(f"{target} is written; then: scs-sim train invigilate {target} --trainee NAME")
    if given:
        say("the seed was given: whoever guesses it can meet the same patient in practice")


@click.command(
    cls=ScsCommand,
    short_help="Hold an exam: answer for its patient.",
    examples=(
        ("scs-sim train invigilate autumn.sealed --trainee kim --trainee lee", "prints a token for each"),
        ("scs-sim train invigilate autumn.sealed", "goes on after a break; who sits keeps the seat"),
    ),
)
@click.argument("file", metavar="FILE")
@click.option("--trainee", "trainees", metavar="NAME", multiple=True, help="Who takes part; once for each.")
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Where to answer; default: 127.0.0.1 at a free port, and the same again after a break.",
)
@click.option(
    "--open-network", is_flag=True, help="Allow an address that other machines reach; what is said is not encrypted."
)
@PASSPHRASE
def invigilate(
    file: str, trainees: tuple[str, ...], listen: str | None, open_network: bool, passphrase_file: str | None
) -> None:
    """Hold the exam in the sealed FILE until interrupted (Ctrl-C): answer its trainees and keep the record that counts.

    Run it where trainees cannot read: in another user's account, or on another machine. What everybody did is on record
    at once; after a crash the same command goes on with it.
    """
    from scs_sim.training.exam_room import ExamRoom
    from scs_sim.training.exam_server import hold
    from scs_sim.training.exam_wire import address_of, is_loopback

    host, port = address_of(listen or "127.0.0.1:0")
    if not is_loopback(host) and not open_network:
        raise click.UsageError(
            f"{host} can be reached from other machines and what is said there is not encrypted;"
            " let trainees connect through ssh -L, or add --open-network"
        )
    found, content = opened(file, passphrase_file)
    room = ExamRoom(found.exam, content)
    with contextlib.closing(room):
        tokens = room.tokens(trainees)
        if not tokens and not room.seated():
            raise click.UsageError("nobody takes part; add --trainee NAME for each")

        def ready(at: int) -> None:
            room.use_port(at)
            _announce(room, host, at, tokens)

        try:
            hold(room, host, port or (room.port if listen is None else 0), ready)
        except KeyboardInterrupt:
            say("\nthe exam is interrupted and its record kept; the same command goes on with it")
            raise


def opened(file: str, passphrase_file: str | None) -> tuple[SealedCase, ExamContent]:
    """Return a sealed file and what is in it; asks for the passphrase. Raises InvalidFileError, MissingPieceError."""
    from scs_models import files
    from scs_sim.training.seal import SealedCase, unsealed

    found = files.read_value(SealedCase, file)
    return found, unsealed(found, _passphrase(passphrase_file, twice=False), file)


def examined(trainee: str, file: str, passphrase_file: str | None) -> tuple[Recorded, PatientSide]:
    """Return what a trainee of the exam in the sealed `file` did, and the patient as that left him; as `opened`.

    Raises UnknownNameError for somebody who took no part.
    """
    from scs_sim.training.exam_room import exam_record

    found, content = opened(file, passphrase_file)
    return exam_record(found.exam, content, trainee)


def asked_for(what: str, instead: str, twice: bool = False) -> str:
    """Return a secret asked for on the terminal, unseen; raise UsageError that names `instead` where there is none."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"there is no terminal to ask for the {what}; give {instead}")
    return str(click.prompt(what.capitalize(), hide_input=True, confirmation_prompt=twice, err=True))


def _announce(room: object, host: str, port: int, tokens: dict[str, str]) -> None:
    from scs_sim.training.exam_room import ExamRoom
    from scs_sim.training.exam_wire import address_text

    assert isinstance(room, ExamRoom)
    where = address_text(host, port)
    if settings().as_json:
        write_json({"exam": room.exam, "address": where, "tokens": tokens, "seated": room.seated()})
        return
    lines = [f"exam {room.exam} at {where}; records in {room.folder}"]
    lines += [f"{name}: scs-sim train start --exam {where} --token {token}" for name, token in sorted(tokens.items())]
    lines += [f"{name} sits; goes on with: scs-sim train resume" for name in room.seated()]
    write_out("\n".join(lines) + "\n")


def _passphrase(file: str | None, twice: bool) -> str:
    """Return the passphrase from a file's first line or the terminal, never from the command line."""
    from scs_models.errors import InvalidFileError

    if file is None:
        return asked_for("passphrase", "--passphrase-file FILE", twice)
    where = "standard input" if file == "-" else file
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if file == "-" else open(file, "rb") as stream:
            line = stream.readline(_LONGEST)
        return line.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise InvalidFileError(where, [f"cannot be read: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise InvalidFileError(where, ["is not UTF-8 text"]) from error
