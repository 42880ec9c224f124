"""The Stimulation menu: stop, amplitude, marks, posture, programs, areas."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from scs_models.anatomy import postures
from scs_models.errors import InvalidValueError
from scs_sim.program import AREA_NAMES
from scs_ui.keys import Handler
from scs_ui.state.actions import programs
from scs_ui.state.actions import stimulation as stim
from scs_ui.state.dials import Dials
from scs_ui.state.session import Session
from scs_ui.state.store import Store


def handlers(store: Store, ask_text: Callable[[str, str, str, Callable[[str], None]], None]) -> dict[str, Handler]:
    """Return the handlers; ask_text(title, label, text, then) asks the user for one line."""
    dials = Dials(store)
    found: dict[str, Handler] = {
        "stim.stop": dials.stop,
        "stim.toggle": dials.toggle,
        "stim.up": lambda: dials.step_amplitude(1),
        "stim.down": lambda: dials.step_amplitude(-1),
        "stim.up_coarse": lambda: dials.step_amplitude(1, coarse=True),
        "stim.down_coarse": lambda: dials.step_amplitude(-1, coarse=True),
        "stim.note": lambda: note(store),
        "stim.posture": lambda: store.act("Posture", _next_posture),
        "stim.impedance": lambda: store.look(show_impedance=not store.view.show_impedance),
        "stim.keep_amplitude": lambda: store.act(
            "Keep the amplitude", lambda s: stim.set_keep_amplitude(s, not s.keep_amplitude)
        ),
        "program.duplicate": lambda: store.act("Duplicate program", programs.duplicate),
        "program.add": lambda: store.act("New program", programs.new_program),
        "program.delete": lambda: store.act("Delete program", lambda s: programs.delete(s, s.chosen)),
        "program.next": lambda: store.act("Next program", programs.next_program),
        "program.previous": lambda: store.act("Previous program", lambda s: programs.next_program(s, -1)),
        "program.compare": lambda: store.act("Compare A/B", programs.swap_compared),
        "program.rename": lambda: ask_text(
            "Rename program",
            "Name of the program (no names of people)",
            store.session.program.name,
            lambda text: _rename(store, text),
        ),
    }
    for threshold in stim.THRESHOLDS:
        found[f"stim.ramp_{threshold}"] = partial(dials.ramp, threshold)
        found[f"stim.mark_{threshold}"] = partial(dials.mark, threshold)
    for index, name in enumerate(AREA_NAMES):
        found[f"area.{name.lower()}"] = partial(store.act, f"Area {name}", partial(_area, index))
    return found


def note(store: Store) -> None:
    """Put the setting on the map of tested settings."""
    frame = store.frame
    if store.act("Note setting", lambda s: programs.add_tested(s, programs.tested_now(s, frame))):
        store.say("Noted on the map of tested settings", "good")


def _next_posture(session: Session) -> Session:
    every = postures()
    return stim.set_posture(session, every[(every.index(session.case.posture) + 1) % len(every)])


def _rename(store: Store, text: str) -> None:
    store.act("Rename program", lambda session: programs.rename(session, session.chosen, text))


def _area(index: int, session: Session) -> Session:
    if index < len(session.program.areas):
        return programs.choose_area(session, index)
    if index == len(session.program.areas):
        return programs.add_area(session)
    raise InvalidValueError(f"area {AREA_NAMES[index]} comes after area {AREA_NAMES[len(session.program.areas)]}")
