"""The option of `scs-sim train` that says whose record is meant."""

from __future__ import annotations

import click

PROFILE = click.option(
    "--profile",
    default="trainee",
    show_default=True,
    metavar="NAME",
    help="Whose record: one file per profile.",
)
