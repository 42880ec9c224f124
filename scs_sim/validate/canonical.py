"""The canonical model of the protocols: one lead on the midline, a plain bipole, and what may be varied about it.

Unless a protocol says otherwise: vertebral level T9, default conductivities, contacts of 3 x 1.3 mm at 8 mm
pitch, 210 us, recharge, 40 Hz (so that no rate factor acts), supine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scs_models import anatomy
from scs_models.leads import Lead, LeadPlacement
from scs_sim.answers import Answers
from scs_sim.case import Case
from scs_sim.patient import PainMap, Patient
from scs_sim.people import DRAWN, draw_patients
from scs_sim.program import Program, Waveform
from scs_sim.result import Result
from scs_sim.setting import Setting, prepare
from scs_sim.simulate import Request, evaluate, simulate

QUAD = Lead("canonical-quad", "4 contacts, 8 mm pitch", (4,), 3.0, (5.0,), diameter_mm=1.3)
MONOPOLE, BIPOLE, TRIPOLE = "1.2- case+", "1.2- 1.3+", "1.1+ 1.2- 1.3+"
CANONICAL_WIDTH_US, CANONICAL_RATE_HZ = 210.0, 40.0
GEOMETRY = {"dorsal_csf_factor", "cord_offset_mm", "segment_shift"}
PAIN = PainMap({"left_low_back": 5.0, "right_low_back": 5.0})


def canonical(
    conductivities: str,
    *,
    level: str = "T9",
    dorsal_csf_mm: float | None = None,
    x_mm: Sequence[float] = (0.0,),
    rostral_mm: Sequence[float] = (0.0,),
    posture: str = "supine",
    patient: Patient | None = None,
    contacts: str = BIPOLE,
) -> Case:
    """Return the canonical case: a lead per x_mm (mm, right +), each centred rostral_mm above the middle of `level`.

    contacts: of the case's own program; kernels are built for these contacts only.

    dorsal_csf_mm is that at `level`, supine; other levels in proportion. patient: instead of the canonical one, with
    the conductivities of this call.
    """
    own = Patient() if patient is None else patient
    if dorsal_csf_mm is not None:
        own = replace(own, dorsal_csf_factor=dorsal_csf_mm / anatomy.dorsal_csf_mm(level))
    centre = QUAD.span_mm / 2.0
    return Case(
        id="canonical",
        title="Canonical",
        leads=tuple(
            LeadPlacement(QUAD.id, level, tip_offset_mm=centre + above, x_mm=across)
            for across, above in zip(x_mm, rostral_mm, strict=True)
        ),
        pain=PAIN,
        program=pulse(contacts),
        patient=replace(own, conductivities=conductivities),
        posture=posture,
        own_leads=(QUAD,),
    )


def pulse(
    contacts: str,
    width_us: float = CANONICAL_WIDTH_US,
    *,
    rate_hz: float = CANONICAL_RATE_HZ,
    waveform: Waveform = "recharge",
) -> Program:
    """Return a program of the canonical pulse."""
    return Program(contacts, width_us, rate_hz, waveform)


def prepared(case: Case, programs: Sequence[Program]) -> Setting:
    """Return the setting of the contacts that some programs use; their kernels are on disk already."""
    return prepare(case, contacts={share.name for program in programs for share in program.shares}, workers=1)


def answers(case: Case, programs: Sequence[Program]) -> Answers:
    """Return the Answers for `programs` on `case`."""
    return evaluate(prepared(case, programs), case, programs)


def result(case: Case) -> Result:
    """Return the Result of a case's own program, at comfort or at the program's amplitude."""
    return simulate(prepared(case, [case.program]), Request(case))


def drawn_geometries(count: int, seed: int) -> tuple[Patient, ...]:
    """Return `count` patients of a seed who differ in geometry only: dorsal CSF, cord offset, segment shift."""
    return draw_patients(count, seed, known=set(DRAWN) - GEOMETRY)
