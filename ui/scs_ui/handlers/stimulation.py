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
from scs_ui.state.ceiling import ceiling
from scs_ui.state.session import Session
from scs_ui.state.store import Store


def handlers(store: Store, ask_text: Callable[[str, str, str, Callable[[str], None]], None]) -> dict[str, Handler]:
    """Return the handlers; ask_text(title, label, text, then) asks the user for one line."""
    found: dict[str, Handler] = {
        "stim.stop": lambda: stop(store),
        "stim.toggle": lambda: store.act("Stimulation on or off", lambda s: stim.set_on(s, not s.on)),
        "stim.up": lambda: step(store, 1),
        "stim.down": lambda: step(store, -1),
        "stim.up_coarse": lambda: step(store, 1, coarse=True),
        "stim.down_coarse": lambda: step(store, -1, coarse=True),
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
        found[f"stim.ramp_{threshold}"] = partial(ramp, store, threshold)
        found[f"stim.mark_{threshold}"] = partial(mark, store, threshold)
    for index, name in enumerate(AREA_NAMES):
        found[f"area.{name.lower()}"] = partial(store.act, f"Area {name}", partial(_area, index))
    return found


def stop(store: Store) -> None:
    """Take every amplitude to 0 at once."""
    store.end_merge()
    if store.act("Stop", stim.stop_all):
        store.say("Stopped: every amplitude is at 0 mA", "good")


def step(store: Store, steps: int, *, coarse: bool = False) -> None:
    """Take the amplitude some steps up or down."""
    at_ma, limit = shown_amplitude_ma(store), ceiling(store.frame, store.session.profile)
    rough = coarse or store.view.coarse
    store.act("Amplitude", lambda s: stim.step_amplitude(s, at_ma, steps, coarse=rough, limit=limit), merge="keys")


def ramp(store: Store, threshold: stim.Threshold) -> None:
    """Set the amplitude to a threshold of the model."""
    answers = None if store.frame is None else store.frame.solo_answers
    value = stim.threshold_ma(answers, threshold)
    store.end_merge()
    store.act(f"Ramp to {stim.THRESHOLD_TITLES[threshold]}", lambda s: stim.ramp_to(s, threshold, value))


def mark(store: Store, threshold: stim.Threshold) -> None:
    """Note the amplitude on the dial as a threshold of the patient."""
    at_ma, title = shown_amplitude_ma(store), stim.THRESHOLD_TITLES[threshold]
    if store.act(f"Mark {title}", lambda s: stim.mark(s, threshold, at_ma)):
        store.say(f"Noted: {title} at {at_ma:.2f} mA", "good")


def note(store: Store) -> None:
    """Put the setting on the map of tested settings."""
    frame = store.frame
    if store.act("Note setting", lambda s: programs.add_tested(s, programs.tested_now(s, frame))):
        store.say("Noted on the map of tested settings", "good")


def shown_amplitude_ma(store: Store) -> float:
    """Return the amplitude (mA) on the dial: the area's own, or where comfort lies."""
    own = store.session.draft.amplitude_ma
    if own is not None:
        return own
    frame = store.frame
    return 0.0 if frame is None or frame.solo is None else frame.solo.areas[0].amplitude_ma


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
