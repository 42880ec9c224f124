"""The case that "Start from scratch" begins with: usual anatomy, one lead, low back pain, nothing dialled yet."""

from __future__ import annotations

from scs_models.leads import LeadPlacement
from scs_sim.case import Case
from scs_sim.patient import PainMap
from scs_sim.program import Program

SCRATCH_ID = "new-case"


def scratch_case() -> Case:
    """Return the case; a case needs some pain and some program, and both are there to be changed."""
    return Case(
        id=SCRATCH_ID,
        title="New case",
        leads=(LeadPlacement("octet-4mm", "T9", 8.0, 0.0),),
        pain=PainMap({"left_low_back": 5.0, "right_low_back": 5.0}),
        program=Program("1.3- 1.5+", amplitude_ma=0.0),
        story="Usual anatomy, one lead in the middle. Paint the pain, move the lead, edit the patient.",
    )
