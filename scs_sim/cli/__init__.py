"""The command line: `scs-sim`. Data goes to standard output, everything else to standard error.

Every command module imports what it needs inside its functions, so that help and completion start at once.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import click

import scs_sim
from scs_sim.cli.bench import bench
from scs_sim.cli.cache import cache
from scs_sim.cli.catalogue import cases, leads, schema, sources
from scs_sim.cli.evaluate import evaluate
from scs_sim.cli.extensions import ExtensibleGroup
from scs_sim.cli.framework import (
    CONTEXT_SETTINGS,
    EXIT_ENVIRONMENT,
    EXIT_FAILED,
    EXIT_FILE,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    Settings,
    silence,
)
from scs_sim.cli.new_case import new_case
from scs_sim.cli.new_patient import new_patient
from scs_sim.cli.objectives import objectives
from scs_sim.cli.report import report
from scs_sim.cli.search import search
from scs_sim.cli.shell import completion
from scs_sim.cli.sweep import sweep
from scs_sim.cli.train import train
from scs_sim.cli.validate import validate

EPILOG = """\b
Exit codes: 0 well; 1 failed; 2 something wrong on the command line;
3 something wrong in a file or in standard input; 4 a check failed
(--fail-under, validate, bench); 5 a part of the result could not be computed;
6 something missing on this machine; 130 interrupted.

\b
Environment: SCS_SIM_CACHE_DIR (where kernels are kept),
SCS_SIM_CACHE_LIMIT_GB (4), SCS_SIM_WORKERS (processes that build kernels;
default: one per processor), SCS_SIM_STATE_DIR (journals of the app and of
training), SCS_SIM_CONFIG (defaults of options, as --config), NO_COLOR.

It predicts paresthesia, never pain relief. For training and research, not for patient care."""


@click.group(
    cls=ExtensibleGroup,
    context_settings=CONTEXT_SETTINGS,
    epilog=EPILOG,
    examples=(
        ("scs-sim cases", "list the built-in cases"),
        (
            "scs-sim evaluate back-and-left-leg",
            "where paresthesia is felt, how much of the pain it covers, what it costs",
        ),
        ('scs-sim evaluate foot --contacts "1.3- 1.5+" --amplitude-ma 3.2', "the same case with another program"),
        ("scs-sim search foot", "the best programs for a case, with reasons"),
        ("scs-sim evaluate my-case.toml --json", "one JSON document for a script or a pipeline"),
        ("scs-sim new-case my-case.toml --from low-back", "a file of your own to begin with"),
    ),
)
@click.version_option(scs_sim.__version__, "--version", message="scs-sim %(version)s")
def cli() -> None:
    """Simulate the programming of spinal cord stimulation: a case and a program in, paresthesia coverage out."""


for command in (
    evaluate,
    search,
    sweep,
    report,
    objectives,
    cases,
    leads,
    sources,
    new_case,
    new_patient,
    schema,
    validate,
    bench,
    train,
    cache,
    completion,
):
    cli.add_command(command)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; no user's error ends in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    own = Settings()
    try:
        code = _run(args, own)
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        return 0
    return code


def _run(args: Sequence[str] | None, own: Settings) -> int:
    try:
        code = cli.main(None if args is None else list(args), prog_name="scs-sim", standalone_mode=False, obj=own)
    except click.UsageError as error:
        error.show(sys.stderr)
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nscs-sim: interrupted; finished kernels are kept", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # the outermost handler
        return _explained(error, own)
    return code if isinstance(code, int) else 0


def _explained(error: Exception, own: Settings) -> int:
    from scs_models.errors import InvalidFileError, InvalidValueError, MissingPieceError, ScsError

    for kind, code in (
        (InvalidFileError, EXIT_FILE),
        (MissingPieceError, EXIT_ENVIRONMENT),
        (InvalidValueError, EXIT_USAGE),
    ):
        if isinstance(error, kind):
            click.echo(f"scs-sim: {error}", err=True)
            return code
    if isinstance(error, ScsError):
        click.echo(f"scs-sim: {error}", err=True)
        return EXIT_FAILED
    if own.verbosity:
        traceback.print_exception(error)
    click.echo(
        f"scs-sim: an error in scs-sim itself ({type(error).__name__}: {error}); please report it with the command"
        f" line{'' if own.verbosity else ' and what the same command prints with -v'}",
        err=True,
    )
    return EXIT_FAILED
