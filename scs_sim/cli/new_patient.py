"""`scs-sim new-patient`: a patient drawn from the distributions of people, or a commented file to begin with."""

from __future__ import annotations

import click

from scs_sim.cli.framework import ScsCommand, complete_case, settings
from scs_sim.cli.new_file import require_suffix, write_new


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
    from scs_sim.case import load_case
    from scs_sim.case_file import patient_toml
    from scs_sim.people import draw_patient

    require_suffix(file)
    seed = settings().seed
    patient = draw_patient(seed, None if start is None else load_case(start).patient)
    then = f", drawn with seed {seed}; then: scs-sim evaluate CASE --patient {file}"
    write_new(file, "patient", patient, patient_toml(patient), force=force, then=then, seed=seed)
