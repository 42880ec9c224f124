"""`scs-sim completion`: the script that teaches a shell to complete commands, options and built-in cases."""

from __future__ import annotations

import click

from scs_sim.cli.framework import ScsCommand, settings, write_json, write_out


@click.command(
    cls=ScsCommand,
    short_help="Completion for bash, zsh, fish.",
    examples=(
        ("scs-sim completion bash >> ~/.bashrc", "bash"),
        ("scs-sim completion zsh >> ~/.zshrc", "zsh"),
        ("scs-sim completion fish > ~/.config/fish/completions/scs-sim.fish", "fish"),
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    complete = kind(ctx.find_root().command, {}, "scs-sim", "_SCS_SIM_COMPLETE")
    script = complete.source_template % complete.source_vars()
    if settings().as_json:
        write_json({"shell": shell, "script": script})
    else:
        write_out(script)
