"""Cases, patients and programs as commented TOML files, for people to edit; reading one gives the same value back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from scs_models import files
from scs_models.anatomy import conductivity_sets, postures, scar_thickness_mm, scar_tissues
from scs_models.leads import LeadPlacement
from scs_models.values import require_between
from scs_sim.case import Case
from scs_sim.lead_state import FAULT_KINDS
from scs_sim.limits import program_ranges
from scs_sim.patient import Patient
from scs_sim.program import WAVEFORMS, Area, Program


def case_toml(case: Case) -> str:
    """Return the text of a .toml file that reads back as `case`, with a comment at everything that can be changed."""
    return "\n".join(_lines(case)) + "\n"


def _lines(case: Case) -> Iterator[str]:
    yield "# A case for scs-sim: patient, leads, pain and program. Check it with: scs-sim evaluate THIS-FILE"
    yield "# There is no field for a name, a birth date or a record number, on purpose: keep them out of the texts too."
    yield f"format = {_text(Case.FORMAT)}"
    yield f"version = {Case.VERSION}"
    yield ""
    yield f"id = {_text(case.id)}  # letters, digits, - and _"
    yield f"title = {_text(case.title)}"
    yield f"story = {_text(case.story)}  # what a referral letter would say"
    yield f"notes = {_text(case.notes)}  # your own; left out of exports"
    yield f"posture = {_text(case.posture)}  # {', '.join(postures())}"
    yield ""
    yield "[patient]  # differences from the usual anatomy"
    yield from _patient(case.patient)
    yield ""
    yield "# Leads, from the patient's left to right. lead: scs-sim leads. tip_level: the vertebra at the tip;"
    yield "# tip_offset_mm: how far the upper edge of contact 1 lies above the middle of that vertebra; x_mm: to the"
    yield "# patient's right of the vertebral midline; tilt_mm: how much further right the last contact lies; bow_mm:"
    yield "# how far right the middle lies of the straight line between the ends."
    for placement in case.leads:
        yield from _lead(placement)
        yield ""
    yield from _state(case)
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
    yield ""
    yield "[program]"
    yield "# LEAD.CONTACT SIGN [PERCENT]: - cathode, + anode; percents sum to 100 per sign, or are left out; case+ is"
    yield "# the generator. Further areas, whose pulses take turns with these: [[program.more_areas]], the same keys"
    yield from _areas(case.program, "program.more_areas")


def program_toml(program: Program, *comments: str) -> str:
    """Return the text of a .toml file that reads back as `program`, below `comments` of one line each."""
    head = (
        *(f"# {' '.join(comment.split())}" for comment in comments),
        f"format = {_text(Program.FORMAT)}",
        f"version = {Program.VERSION}",
    )
    return "\n".join((*head, *_areas(program, "more_areas"))) + "\n"


def _areas(program: Program, more: str) -> Iterator[str]:
    yield from _area(program)
    for area in program.more_areas:
        yield ""
        yield f"[[{more}]]"
        yield from _area(area)


def _area(area: Area) -> Iterator[str]:
    ranges = program_ranges()
    yield f"contacts = {_text(area.contacts)}"
    yield f"pulse_width_us = {_number(area.pulse_width_us)}  # {_range(ranges.pulse_width_us)}"
    free = f"or {_range(ranges.paresthesia_free_rate_hz)} (paresthesia-free)"
    yield f"rate_hz = {_number(area.rate_hz)}  # {_range(ranges.rate_hz)}, {free}"
    yield f"waveform = {_text(area.waveform)}  # {', '.join(WAVEFORMS)}"
    amplitude = "# amplitude_ma = 4.0" if area.amplitude_ma is None else f"amplitude_ma = {_number(area.amplitude_ma)}"
    yield f"{amplitude}  # {_range(ranges.amplitude_ma)}; left out: evaluated at comfort"
    yield f"name = {_text(area.name)}"


def patient_toml(patient: Patient) -> str:
    """Return the text of a .toml file that reads back as `patient`."""
    head = (
        "# A patient for scs-sim: scs-sim evaluate CASE --patient THIS-FILE",
        "# There is no field for a name, a birth date or a record number, on purpose.",
        f"format = {_text(Patient.FORMAT)}",
        f"version = {Patient.VERSION}",
    )
    return "\n".join((*head, *_patient(patient))) + "\n"


def _patient(patient: Patient) -> Iterator[str]:
    yield f"dorsal_csf_factor = {_number(patient.dorsal_csf_factor)}  # times the dorsal CSF thickness of every level"
    levels = [{"level": row.level, "dorsal_csf_mm": row.dorsal_csf_mm} for row in patient.levels_csf]
    yield f'levels_csf = {_rows(levels)}  # measured, or left by a stenosis: {{ level = "T9", dorsal_csf_mm = 3.1 }}'
    yield f"cord_offset_mm = {_number(patient.cord_offset_mm)}  # where the cord lies, to the patient's right"
    yield f"segment_shift = {_number(patient.segment_shift)}  # added to the cord segment under each vertebra, -1 to 1"
    yield f"gain = {_number(patient.gain)}  # times every threshold: sets the perception threshold to a measured one"
    yield f"conductivities = {_text(patient.conductivities)}  # {', '.join(conductivity_sets())}"
    roots = [
        {"segment": root.segment, "side": root.side, "fibres_left": root.fibres_left} for root in patient.injured_roots
    ]
    yield f'injured_roots = {_rows(roots)}  # for example {{ segment = "L5", side = "left", fibres_left = 0.5 }}'
    bands = [{"dermatome": row.dermatome, "factor": row.factor} for row in patient.band_weights]
    yield f'band_weights = {_rows(bands)}  # width over the usual one: {{ dermatome = "L5", factor = 1.2 }}'
    yield f"felt_fibres = {_number(patient.felt_fibres)}  # how many fibres of a dermatome are felt"
    yield f"arachnoiditis = {_flag(patient.arachnoiditis)}  # thin dorsal CSF, erratic roots (drawn with seed)"
    yield f"laminectomy_levels = {_texts(patient.laminectomy_levels)}  # vertebrae whose lamina is missing"
    yield f"hardware_levels = {_texts(patient.hardware_levels)}  # vertebrae with metal: restricts, is not in the field"
    yield f"infection = {_flag(patient.infection)}  # forbids stimulation"
    yield f"seed = {patient.seed}"


def _lead(placement: LeadPlacement) -> Iterator[str]:
    yield "[[leads]]"
    yield f"lead = {_text(placement.lead)}"
    yield f"tip_level = {_text(placement.tip_level)}"
    for name in ("tip_offset_mm", "x_mm", "tilt_mm", "bow_mm"):
        yield f"{name} = {_number(getattr(placement, name))}"


def _state(case: Case) -> Iterator[str]:
    """Return what became of the leads, and the case's own lead types."""
    for scar in case.scars:
        yield from ("", "[[scars]]  # epidural scar under contacts: lifts them, adds impedance")
        yield f"contacts = {_text(scar.contacts)}"
        yield f"thickness_mm = {_number(scar.thickness_mm)}  # {_range(scar_thickness_mm())}"
        yield f"tissue = {_text(scar.tissue)}  # {' or '.join(scar_tissues())}"
    for moved in case.migrations:
        yield from ("", "[[migrations]]  # how a lead moved since it was placed", f"lead = {moved.lead}")
        for name in ("rostral_mm", "right_mm", "rotation_deg"):
            yield f"{name} = {_number(getattr(moved, name))}"
    for fault in case.contact_faults:
        yield from ("", "[[contact_faults]]", f"contact = {_text(fault.contact)}")
        yield f"kind = {_text(fault.kind)}  # {', '.join(FAULT_KINDS)}"
        if fault.partner:
            yield f"partner = {_text(fault.partner)}"
        if fault.ohm:
            yield f"ohm = {_number(fault.ohm)}"
    for lead in case.own_leads:
        yield from ("", "[[own_leads]]  # a lead type of the case's own")
        values = files.encode(lead)
        yield from (
            f"{name} = {toml_value(value)}" for name, value in values.items() if name not in ("format", "version")
        )


def _text(value: str) -> str:
    lines = [json.dumps(line, ensure_ascii=False).replace("\x7f", "\\u007f") for line in value.split("\n")]
    if len(lines) == 1:
        return lines[0]
    return '"""\n' + "\n".join(line[1:-1] for line in lines) + '"""'


def toml_value(value: object) -> str:
    """Return any plain value (text, number, truth, list, mapping) as TOML on one line."""
    if isinstance(value, bool):
        return _flag(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{name} = {toml_value(item)}' for name, item in value.items())} }}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _rows(rows: Sequence[Mapping[str, object]]) -> str:
    return toml_value(list(rows))


def _texts(values: Sequence[str]) -> str:
    return toml_value(list(values))


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _number(value: float) -> str:
    require_between("a number of the case", value, float("-inf"), float("inf"))
    return repr(float(value))


def _range(pair: tuple[float, float]) -> str:
    return f"{pair[0]:g} to {pair[1]:g}"
