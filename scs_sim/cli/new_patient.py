"""`scs-sim new-patient`: a patient drawn from the distributions of people, or a commented file to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from scs_sim.cli.framework import ScsCommand, complete_case, say, settings, write_json, write_out


@click.command(
    "new-patient",
    cls=ScsCommand,
    short_help="A patient drawn from how people differ, by seed.",
    examples=(
        ("scs-sim new-patient one.toml --seed 7", "one patient; the same seed gives the same patient"),
        ("scs-sim new-patient one.toml --seed 7 --from foot", "keeps what that case knows of its patient"),
        ("scs-sim evaluate foot --patient one.toml", "the case with this patient in it"),
    ),
)
@click.argument("file", metavar="FILE")
@click.option(
    "--from",
    "start",
    metavar="CASE",
    shell_complete=complete_case,
    help="Keep what this case says of its patient: injuries, surgery, values that differ from usual.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
def new_patient(file: str, start: str | None, force: bool) -> None:
    """Write a patient file (.toml or .json) drawn with a seed; - writes to standard output.

    What is drawn, and from which distribution: scs-sim sources --table populations.
    """
    from scs_models import files
    from scs_sim.case import load_case
    from scs_sim.case_file import patient_toml
    from scs_sim.people import draw_patient

    suffix = ".toml" if file == "-" else Path(file).suffix.lower()
    if suffix not in (".toml", ".json"):
        raise click.UsageError(f"FILE is {file!r}; it must end in .toml or .json, or be -")
    seed = settings().seed
    patient = draw_patient(seed, None if start is None else load_case(start).patient)
    text = patient_toml(patient) if suffix == ".toml" else files.json_text(patient)
    if file == "-":
        write_json(files.encode(patient)) if settings().as_json else write_out(text)
        return
    if Path(file).exists() and not force:
        raise click.UsageError(f"{file} exists; --force writes over it")
    files.write_text(file, text)
    if settings().as_json:
        write_json({"path": file, "seed": seed, "patient": files.encode(patient)})
    else:
        say(f"{file} is written, drawn with seed {seed}; then: scs-sim evaluate CASE --patient {file}")
