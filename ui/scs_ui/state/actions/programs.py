"""Actions on programs and their areas: add, choose, copy, order, compare, notes; and settings noted as tested."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scs_models.errors import InvalidValueError
from scs_sim.contact_plan import contact_plans
from scs_sim.program import AREA_NAMES, format_contacts
from scs_ui.state.draft import NAME_MAX, NOTES_MAX, AreaDraft, ProgramDraft
from scs_ui.state.session import PROGRAMS_MAX, TESTED_MAX, Session, Tested

if TYPE_CHECKING:
    from scs_ui.state.live import Frame


def add_area(session: Session) -> Session:
    """Return the session with one more area, empty, at 0 mA and at the pulse of the edited one, which is then edited.

    Raises InvalidValueError where the program has four.
    """
    areas = session.program.areas
    if len(areas) >= len(AREA_NAMES):
        raise InvalidValueError(f"the program has {len(areas)} areas; there is no room for another")
    draft = session.draft
    pulse = AreaDraft(
        amplitude_ma=0.0, pulse_width_us=draft.pulse_width_us, rate_hz=draft.rate_hz, waveform=draft.waveform
    )
    grown = session.with_program(replace(session.program, areas=(*areas, pulse)))
    return replace(grown, area=len(areas))


def remove_area(session: Session, index: int) -> Session:
    """Return the session without area `index`; raise InvalidValueError for the last one left."""
    areas = session.program.areas
    _require_area(session, index)
    if len(areas) == 1:
        raise InvalidValueError("a program has one area or more; this is the last one")
    kept = areas[:index] + areas[index + 1 :]
    following = session.area - (1 if session.area > index else 0)
    smaller = replace(session, area=0).with_program(replace(session.program, areas=kept))
    return replace(smaller, area=min(following, len(kept) - 1))


def toggle_area(session: Session, index: int) -> Session:
    """Return the session with area `index` switched on or off; raise InvalidValueError where it cannot run along."""
    _require_area(session, index)
    area = session.program.areas[index]
    return session.with_program(session.program.with_area(index, replace(area, on=not area.on)))


def choose_area(session: Session, index: int) -> Session:
    """Return the session with area `index` edited."""
    _require_area(session, index)
    return replace(session, area=index)


def new_program(session: Session) -> Session:
    """Return the session with an empty program after the chosen one, and that chosen."""
    return _inserted(session, ProgramDraft())


def duplicate(session: Session, index: int | None = None) -> Session:
    """Return the session with a copy of program `index` (default: the chosen one) after it, and the copy chosen."""
    at = session.chosen if index is None else index
    _require_program(session, at)
    original = session.programs[at]
    return _inserted(replace(session, chosen=at, area=0), replace(original, name=_copy_name(session, at)))


def save_as_program(session: Session) -> Session:
    """Return the session with a copy of the chosen program at the end of the list; the chosen one stays in hand."""
    _require_room(session)
    copy = replace(session.program, name=_copy_name(session, session.chosen))
    return replace(session, programs=(*session.programs, copy))


def rename(session: Session, index: int, name: str) -> Session:
    """Return the session with program `index` under another name; raise InvalidValueError for too long a one."""
    _require_program(session, index)
    words = " ".join(name.split())
    if len(words) > NAME_MAX:
        raise InvalidValueError(f"the name has {len(words)} letters; it may have {NAME_MAX}")
    return session.with_program(replace(session.programs[index], name=words), index)


def rename_area(session: Session, index: int, name: str) -> Session:
    """Return the session with area `index` under another name."""
    _require_area(session, index)
    area = replace(session.program.areas[index], name=" ".join(name.split()))
    return session.with_program(session.program.with_area(index, area))


def delete(session: Session, index: int) -> Session:
    """Return the session without program `index`; raise InvalidValueError for the last one left."""
    _require_program(session, index)
    if len(session.programs) == 1:
        raise InvalidValueError("a session has one program or more; this is the last one")
    kept = session.programs[:index] + session.programs[index + 1 :]

    def moved(place: int) -> int:
        return min(place - (1 if place > index else 0), len(kept) - 1)

    chosen = moved(session.chosen)
    compared = None if session.compared in (None, index) else moved(session.compared or 0)
    area = session.area if session.chosen != index else 0
    return replace(session, programs=kept, chosen=chosen, area=area, compared=None if compared == chosen else compared)


def reorder(session: Session, index: int, to: int) -> Session:
    """Return the session with program `index` moved to place `to`; the same programs stay chosen and compared."""
    _require_program(session, index)
    to = min(max(to, 0), len(session.programs) - 1)
    order = list(range(len(session.programs)))
    order.insert(to, order.pop(index))
    compared = None if session.compared is None else order.index(session.compared)
    return replace(
        session,
        programs=tuple(session.programs[place] for place in order),
        chosen=order.index(session.chosen),
        compared=compared,
    )


def choose(session: Session, index: int) -> Session:
    """Return the session with program `index` in hand; the comparison ends where it was the other one."""
    _require_program(session, index)
    if index == session.chosen:
        return session
    compared = None if session.compared == index else session.compared
    area = min(session.area, len(session.programs[index].areas) - 1)
    return replace(session, chosen=index, area=area, compared=compared)


def next_program(session: Session, steps: int = 1) -> Session:
    """Return the session with the next program in hand; after the last comes the first."""
    return choose(session, (session.chosen + steps) % len(session.programs))


def compare(session: Session, index: int | None) -> Session:
    """Return the session with program `index` beside the chosen one, None to end the comparison."""
    if index is None:
        return replace(session, compared=None)
    _require_program(session, index)
    if index == session.chosen:
        raise InvalidValueError("a program cannot be compared with itself; choose another one beside it")
    return replace(session, compared=index)


def swap_compared(session: Session) -> Session:
    """Return the session with the compared program in hand and the chosen one beside it.

    Where none is compared, the next program of the list is taken. Raises InvalidValueError where there is only one.
    """
    if len(session.programs) == 1:
        raise InvalidValueError("there is one program only; duplicate it or add another to compare")
    other = session.compared if session.compared is not None else (session.chosen + 1) % len(session.programs)
    area = min(session.area, len(session.programs[other].areas) - 1)
    return replace(session, chosen=other, area=area, compared=session.chosen)


def set_notes(session: Session, notes: str, index: int | None = None) -> Session:
    """Return the session with the notes of a program; raise InvalidValueError where they are too long."""
    if len(notes) > NOTES_MAX:
        raise InvalidValueError(f"the notes have {len(notes)} letters; they may have {NOTES_MAX}")
    at = session.chosen if index is None else index
    return session.with_program(replace(session.programs[at], notes=notes), at)


def tested_now(session: Session, frame: Frame | None) -> Tested:
    """Return what is dialled now as a tested setting, with what the model says of it.

    Height and side are those of the current-weighted middle of the edited area's cathodes. Raises InvalidValueError
    where the area is incomplete, its cathode is the generator alone, or the answer is not of this placement.
    """
    area = session.draft
    if frame is None or frame.stale or frame.result is None or frame.solo is None or frame.session != session:
        raise InvalidValueError("there is no answer for this setting yet; complete the area, or wait for the model")
    cathodes = [share for share in area.shares if share.sign < 0 and share.lead]
    if not cathodes:
        raise InvalidValueError("no cathode lies on a lead; there is no place to note the setting at")
    places = {plan.name: plan.place for plan in contact_plans(session.case)}
    percents = np.array([share.percent for share in cathodes], dtype=np.float64)
    middle = percents / percents.sum()
    result, coverage = frame.result, frame.result.coverage
    return Tested(
        program=session.program.name or f"Program {session.chosen + 1}",
        contacts=format_contacts(area.shares),
        amplitude_ma=round(frame.solo.amplitude_ma, 3),
        pulse_width_us=area.pulse_width_us,
        rate_hz=area.rate_hz,
        height_mm=round(float(middle @ [places[share.name].z_mm for share in cathodes]), 2),
        x_mm=round(float(middle @ [places[share.name].x_mm for share in cathodes]), 2),
        covered_percent=coverage.pain_covered_percent,
        unwanted_percent=coverage.unwanted_of_felt_percent,
        side_effects=tuple(
            f"{effect.what} {effect.where}".strip() for effect in result.side_effects if effect.at_evaluated_amplitude
        ),
        posture=session.case.posture,
    )


def add_tested(session: Session, tested: Tested) -> Session:
    """Return the session with one more tested setting; raise InvalidValueError where the list is full."""
    if len(session.tested) >= TESTED_MAX:
        raise InvalidValueError(f"{TESTED_MAX} tested settings are noted, and there is no room for more")
    return replace(session, tested=(*session.tested, tested))


def clear_tested(session: Session) -> Session:
    """Return the session without tested settings."""
    return replace(session, tested=())


def _inserted(session: Session, program: ProgramDraft) -> Session:
    """Return the session with `program` after the chosen one, and it chosen."""
    _require_room(session)
    at = session.chosen + 1
    programs = (*session.programs[:at], program, *session.programs[at:])
    compared = session.compared
    if compared is not None and compared >= at:
        compared += 1
    return replace(session, programs=programs, chosen=at, area=0, compared=compared)


def _copy_name(session: Session, index: int) -> str:
    name = session.programs[index].name or f"Program {index + 1}"
    return name if len(name) > NAME_MAX - 7 else f"{name}, copy"


def _require_room(session: Session) -> None:
    if len(session.programs) >= PROGRAMS_MAX:
        raise InvalidValueError(f"there are {len(session.programs)} programs and no room for another; delete one first")


def _require_program(session: Session, index: int) -> None:
    if not 0 <= index < len(session.programs):
        raise InvalidValueError(f"there is no program {index + 1}; there are {len(session.programs)}")


def _require_area(session: Session, index: int) -> None:
    if not 0 <= index < len(session.program.areas):
        raise InvalidValueError(
            f"the program has no area {AREA_NAMES[index] if 0 <= index < len(AREA_NAMES) else index};"
            f" it has {', '.join(AREA_NAMES[: len(session.program.areas)])}"
        )
