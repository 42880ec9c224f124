"""The question for a population: what the program would do in many patients who agree with what is known."""

from __future__ import annotations

from scs_models.errors import InvalidValueError
from scs_sim.population import PopulationRequest
from scs_ui.state.session import Session

PATIENTS_COUNT = 100


def population_request(session: Session) -> PopulationRequest:
    """Return the question about the chosen program; raise InvalidValueError where it is incomplete or not felt."""
    program = session.program.program()
    if program is None:
        raise InvalidValueError("the program is incomplete; a population needs a cathode and an anode")
    return PopulationRequest(session.case, program, PATIENTS_COUNT)
