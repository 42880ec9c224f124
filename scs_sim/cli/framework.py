"""What all commands share: global options, help with the examples first, streams, colour, progress, exit codes.

Nothing heavier than click is imported here at module level: `scs-sim --help` must start at once.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress as RichProgress

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_FILE = 3
EXIT_CHECK = 4
EXIT_PARTIAL = 5
EXIT_ENVIRONMENT = 6
EXIT_INTERRUPTED = 130

CONTEXT_SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
MAX_WIDTH = 110
_LOGGERS = ("scs_sim", "scs_models", "py.warnings")


@dataclass
class Settings:
    """The global options of one run, wherever on the command line they stood."""

    verbosity: int = 0
    quiet: bool = False
    color: str = "auto"
    seed: int = 0
    as_json: bool = False
    log_file: str | None = None
    config: str | None = None
    handlers: list[logging.Handler] = field(default_factory=list)

    def begin(self) -> None:
        """Send log records to standard error, and to the log file if one is named."""
        from scs_models.errors import OutputError

        self.end()
        level = logging.ERROR if self.quiet else max(logging.DEBUG, logging.WARNING - 10 * self.verbosity)
        screen = logging.StreamHandler(sys.stderr)
        screen.setLevel(level)
        screen.setFormatter(logging.Formatter("scs-sim: %(levelname)s: %(message)s"))
        self.handlers.append(screen)
        if self.log_file is not None:
            try:
                file = logging.FileHandler(self.log_file, encoding="utf-8")
            except OSError as error:
                raise OutputError(f"{self.log_file}: cannot be written: {error.strerror or error}") from error
            file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
            self.handlers.append(file)
        logging.captureWarnings(True)
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            logger.setLevel(logging.DEBUG)
            for handler in self.handlers:
                logger.addHandler(handler)

    def end(self) -> None:
        """Undo `begin`."""
        for handler in self.handlers:
            for name in _LOGGERS:
                logging.getLogger(name).removeHandler(handler)
            handler.close()
        if self.handlers:
            logging.captureWarnings(False)
        self.handlers.clear()


def settings() -> Settings:
    """Return the settings of the running command."""
    return click.get_current_context().find_root().ensure_object(Settings)


def seed_given(ctx: click.Context) -> bool:
    """Return whether --seed stands anywhere on the command line that `ctx` is part of."""
    chain: click.Context | None = ctx
    while chain is not None:
        if chain.get_parameter_source("seed") not in (None, click.core.ParameterSource.DEFAULT):
            return True
        chain = chain.parent
    return False


class ScsCommand(click.Command):
    """A command with the global options; `examples` are (command line, what it does) pairs that open its help."""

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings = CONTEXT_SETTINGS | dict(self.context_settings)
        self.examples = tuple(examples)
        self.params += [*_global_options(), _json_option()]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help: what it is, examples, usage, options."""
        _format_help(self, ctx, formatter, self.examples)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command between setting up and closing the log."""
        own = ctx.find_root().ensure_object(Settings)
        own.begin()
        try:
            return super().invoke(ctx)
        finally:
            own.end()


class ScsGroup(click.Group):
    """A group whose commands are ScsCommands, listed in the order they were added."""

    command_class = ScsCommand

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings = CONTEXT_SETTINGS | dict(self.context_settings)
        self.examples = tuple(examples)
        self.params += _global_options()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order they were added."""
        return list(self.commands)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help: what it is, examples, usage, options and commands."""
        _format_help(self, ctx, formatter, self.examples)


def _format_help(
    command: click.Command, ctx: click.Context, formatter: click.HelpFormatter, examples: Sequence[tuple[str, str]]
) -> None:
    command.format_help_text(ctx, formatter)
    if examples:
        with formatter.section("Examples"):
            for line, meaning in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
                formatter.write(f"{'':>{formatter.current_indent}}    {meaning}\n")
    formatter.write_paragraph()
    command.format_usage(ctx, formatter)
    command.format_options(ctx, formatter)
    command.format_epilog(ctx, formatter)


def _store(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None and value is not False:
            setattr(ctx.find_root().ensure_object(Settings), name, value)

    return callback


def _read_defaults(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    own = ctx.find_root().ensure_object(Settings)
    own.config = value or own.config
    path = own.config or os.environ.get("SCS_SIM_CONFIG", "")
    if path and not isinstance(ctx.command, click.Group):
        from scs_sim.cli.defaults import command_defaults

        ctx.default_map = command_defaults(ctx, path)


def _json_option() -> click.Option:
    return click.Option(
        ["--json"],
        is_flag=True,
        expose_value=False,
        callback=_store("as_json"),
        help="One JSON document on standard output, keys sorted.",
    )


def _global_options() -> list[click.Parameter]:
    return [
        click.Option(
            ["-v", "--verbose"],
            count=True,
            default=None,
            expose_value=False,
            callback=_store("verbosity"),
            help="Say more on standard error; -vv for everything.",
        ),
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_store("quiet"),
            help="No progress and no warnings on standard error.",
        ),
        click.Option(
            ["--color"],
            type=click.Choice(["auto", "always", "never"]),
            expose_value=False,
            callback=_store("color"),
            help="Colour; auto: on a terminal, unless NO_COLOR is set or TERM is dumb.",
        ),
        click.Option(
            ["--log-file"],
            metavar="FILE",
            expose_value=False,
            callback=_store("log_file"),
            help="Append the full log to FILE.",
        ),
        click.Option(
            ["--seed"],
            type=click.IntRange(min=0),
            expose_value=False,
            callback=_store("seed"),
            help="Seed of whatever is random; recorded in the result.",
        ),
        click.Option(
            ["--config"],
            metavar="FILE",
            is_eager=True,  # before the options whose defaults it sets
            expose_value=False,
            callback=_read_defaults,
            help="Defaults of options from a TOML file, [defaults.COMMAND]; else from SCS_SIM_CONFIG.",
        ),
    ]


def complete_case(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[Any]:
    """Return shell completions of a CASE argument: built-in ids, then files."""
    from click.shell_completion import CompletionItem

    folder = Path(__file__).parent.parent / "data" / "cases"
    ids = sorted(path.stem for path in folder.glob("*.toml"))
    items = [CompletionItem(name) for name in ids if name.startswith(incomplete)]
    return items or [CompletionItem(incomplete, type="file")]


@contextlib.contextmanager
def blamed_on(name: str, more: str = "") -> Iterator[None]:
    """Turn an InvalidValueError into an InvalidFileError where `name` is a file or "-", not a built-in case."""
    from scs_models.errors import InvalidFileError, InvalidValueError
    from scs_sim.case import builtin_case_ids

    try:
        yield
    except InvalidValueError as error:
        if name in builtin_case_ids():
            raise
        raise InvalidFileError("standard input" if name == "-" else name, [f"{error}{more}"]) from error


def write_out(text: str) -> None:
    """Write `text` to standard output; a reader that has gone away is not an error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)


def silence(stream: TextIO) -> None:
    """Point `stream` at nothing, so that the interpreter's last flush cannot fail either."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
    except (OSError, ValueError, io.UnsupportedOperation):
        return


def write_json(document: Any) -> None:
    """Write `document` to standard output as one JSON document, keys sorted."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=encoding != "utf8", allow_nan=False)
    write_out(text + "\n")


def say(text: str) -> None:
    """Write one line to standard error, unless --quiet."""
    if not settings().quiet:
        click.echo(text, err=True)


def write_rich(*items: RenderableType) -> None:
    """Write rich renderables to standard output: coloured on a terminal, plain in a pipe, as wide as there is room."""
    console = console_for(sys.stdout)
    for item in items:
        console.print(item)
    buffer = console.file
    assert isinstance(buffer, io.StringIO)
    write_out("".join(line.rstrip() + "\n" for line in buffer.getvalue().splitlines()))


def console_for(stream: TextIO) -> Console:
    """Return a console that collects what is to go to `stream`, with that stream's width and colours."""
    from rich.console import Console, detect_legacy_windows

    choice = settings().color
    on_terminal = stream.isatty() and os.environ.get("TERM") != "dumb" and not detect_legacy_windows()
    colored = choice == "always" or (choice == "auto" and on_terminal and not os.environ.get("NO_COLOR"))
    width = Console(file=stream).width
    return Console(
        file=io.StringIO(),
        force_terminal=colored,
        color_system="standard" if colored else None,
        no_color=not colored,
        width=min(width, MAX_WIDTH),
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )


def can_draw(stream: TextIO) -> bool:
    """Return whether `stream` can write the block and line characters of bars and rulers."""
    try:
        "█░─│▲".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class KernelProgress:
    """Progress of building kernels: a bar with the remaining time on a terminal, else a line per finished kernel."""

    def __init__(self, label: str) -> None:
        self._label, self._quiet = label, settings().quiet
        self._plain = settings().color == "never" or bool(os.environ.get("NO_COLOR"))
        self._bar: RichProgress | None = None
        self._last = ""

    def __enter__(self) -> KernelProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, fraction: float, what: str) -> None:
        """Show that `fraction` (0-1) is done; `what` says of what, and changes when a kernel is finished."""
        if self._quiet:
            return
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._draw(fraction, what)
        elif what != self._last:
            self._last = what
            click.echo(f"{self._label}: {what}", err=True)

    def _draw(self, fraction: float, what: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

        if self._bar is None:
            self._bar = Progress(
                TextColumn(self._label),
                BarColumn(),
                TaskProgressColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.description}"),
                console=Console(stderr=True, no_color=self._plain),
                transient=True,
            )
            self._bar.start()
            self._bar.add_task(what, total=1.0)
        self._bar.update(TaskID(0), completed=fraction, description=what)
