"""A case as a commented TOML file, for people to edit; reading it gives the same case back."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scs_models.leads import LeadPlacement
from scs_models.values import require_between
from scs_sim.case import Case
from scs_sim.limits import program_ranges
from scs_sim.patient import Patient


def case_toml(case: Case) -> str:
    """Return the text of a .toml file that reads back as `case`, with a comment at everything that can be changed."""
    return "\n".join(_lines(case)) + "\n"


def _lines(case: Case) -> Iterator[str]:
    ranges = program_ranges()
    yield "# A case for scs-sim: patient, leads, pain and program. Check it with: scs-sim evaluate THIS-FILE"
    yield "# There is no field for a name, a birth date or a record number, on purpose: keep them out of the texts too."
    yield f"format = {_text(Case.FORMAT)}"
    yield f"version = {Case.VERSION}"
    yield ""
    yield f"id = {_text(case.id)}  # letters, digits, - and _"
    yield f"title = {_text(case.title)}"
    yield f"story = {_text(case.story)}  # what a referral letter would say"
    yield f"notes = {_text(case.notes)}  # your own; left out of exports"
    yield ""
    yield from _patient(case.patient)
    yield ""
    yield "# Leads, from the patient's left to right. lead: scs-sim leads. tip_level: the vertebra at the tip;"
    yield "# tip_offset_mm: how far the upper edge of contact 1 lies above the middle of that vertebra; x_mm: to the"
    yield "# patient's right of the vertebral midline; tilt_mm: how much further right the last contact lies."
    for placement in case.leads:
        yield from _lead(placement)
        yield ""
    yield "# Where it hurts, 0 to 10. Regions: scs-sim schema --regions"
    yield "[pain.scores]"
    for region, score in case.pain.scores.items():
        yield f"{_text(region)} = {_number(score)}"
    for polygon in case.pain.polygons:
        yield ""
        yield "[[pain.polygons]]  # a drawn patch, in units of the body map"
        yield f"view = {_text(polygon.view)}"
        yield f"score = {_number(polygon.score)}"
        yield f"points = [{', '.join(f'[{_number(x)}, {_number(y)}]' for x, y in polygon.points)}]"
    program = case.program
    yield ""
    yield "[program]"
    yield "# LEAD.CONTACT SIGN [PERCENT]: - cathode, + anode; percents sum to 100 per sign, or are left out; case+ is"
    yield "# the generator"
    yield f"contacts = {_text(program.contacts)}"
    yield f"pulse_width_us = {_number(program.pulse_width_us)}  # {_range(ranges.pulse_width_us)}"
    free = f"or {_range(ranges.paresthesia_free_rate_hz)} (paresthesia-free)"
    yield f"rate_hz = {_number(program.rate_hz)}  # {_range(ranges.rate_hz)}, {free}"
    yield f"waveform = {_text(program.waveform)}  # recharge, biphasic or monophasic"
    amplitude = (
        "# amplitude_ma = 4.0" if program.amplitude_ma is None else f"amplitude_ma = {_number(program.amplitude_ma)}"
    )
    yield f"{amplitude}  # {_range(ranges.amplitude_ma)}; left out: evaluated at comfort"
    yield f"name = {_text(program.name)}"


def _patient(patient: Patient) -> Iterator[str]:
    yield "[patient]  # differences from the usual anatomy"
    yield f"dorsal_csf_factor = {_number(patient.dorsal_csf_factor)}  # times the dorsal CSF thickness of every level"
    yield f"cord_offset_mm = {_number(patient.cord_offset_mm)}  # where the cord lies, to the patient's right"
    yield f"segment_shift = {_number(patient.segment_shift)}  # added to the cord segment under each vertebra, -1 to 1"
    yield f"gain = {_number(patient.gain)}  # times every threshold: sets the perception threshold to a measured one"
    yield f"conductivities = {_text(patient.conductivities)}"
    roots = ", ".join(
        f"{{ segment = {_text(root.segment)}, side = {_text(root.side)}, fibres_left = {_number(root.fibres_left)} }}"
        for root in patient.injured_roots
    )
    yield f'injured_roots = [{roots}]  # for example {{ segment = "L5", side = "left", fibres_left = 0.5 }}'


def _lead(placement: LeadPlacement) -> Iterator[str]:
    yield "[[leads]]"
    yield f"lead = {_text(placement.lead)}"
    yield f"tip_level = {_text(placement.tip_level)}"
    for name in ("tip_offset_mm", "x_mm", "tilt_mm"):
        yield f"{name} = {_number(getattr(placement, name))}"


def _text(value: str) -> str:
    lines = [json.dumps(line, ensure_ascii=False).replace("\x7f", "\\u007f") for line in value.split("\n")]
    if len(lines) == 1:
        return lines[0]
    return '"""\n' + "\n".join(line[1:-1] for line in lines) + '"""'


def _number(value: float) -> str:
    require_between("a number of the case", value, float("-inf"), float("inf"))
    return repr(float(value))


def _range(pair: tuple[float, float]) -> str:
    return f"{pair[0]:g} to {pair[1]:g}"
