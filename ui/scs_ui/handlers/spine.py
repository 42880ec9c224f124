"""Contacts, steering and leads: for the menus, and for the keys of the spine view and the contact table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from scs_ui.keys import Handler
from scs_ui.state.actions import contacts, leads
from scs_ui.state.looks.spine import Way, neighbour
from scs_ui.state.session import Session
from scs_ui.state.steering import Move
from scs_ui.state.store import Store

STEP_MM, COARSE_STEP_MM = 0.5, 2.0
"""How far a key moves a lead."""


def handlers(store: Store) -> dict[str, Handler]:
    """Return the handlers; they are about the selected contact and its lead."""
    found: dict[str, Handler] = {
        "spine.rostral": lambda: select(store, "up"),
        "spine.caudal": lambda: select(store, "down"),
        "spine.left": lambda: select(store, "left"),
        "spine.right": lambda: select(store, "right"),
        "contact.cycle": lambda: _act(store, "Contact", lambda s, name: contacts.cycle(s, name)),
        "contact.cycle_back": lambda: _act(store, "Contact", lambda s, name: contacts.cycle(s, name, backwards=True)),
        "contact.cathode": lambda: _act(store, "Cathode", lambda s, name: contacts.set_sign(s, name, -1)),
        "contact.anode": lambda: _act(store, "Anode", lambda s, name: contacts.set_sign(s, name, 1)),
        "contact.off": lambda: _act(store, "Off", lambda s, name: contacts.set_sign(s, name, 0)),
        "contact.lock": lambda: _act(store, "Lock", lambda s, name: contacts.toggle_lock(s, name)),
        "contact.equalise": lambda: store.act("Equalise", contacts.equalise),
        "lead.up": lambda: move_lead(store, 1, 0),
        "lead.down": lambda: move_lead(store, -1, 0),
        "lead.left": lambda: move_lead(store, 0, -1),
        "lead.right": lambda: move_lead(store, 0, 1),
        "lead.turn_left": lambda: _turn_lead(store, -1),
        "lead.turn_right": lambda: _turn_lead(store, 1),
    }
    for deed, by in (("up", contacts.BIG_PERCENT), ("up_fine", contacts.SMALL_PERCENT)):
        down = deed.replace("up", "down")
        for share, percent in ((deed, by), (down, -by)):
            found[f"contact.share_{share}"] = partial(_act, store, "Share", partial(_share, percent))
    moves: tuple[tuple[str, Move, Literal[-1, 1], str], ...] = (
        ("up", "up", 1, "Steer up"),
        ("down", "up", -1, "Steer down"),
        ("right", "right", 1, "Steer right"),
        ("left", "right", -1, "Steer left"),
        ("wider", "spread", 1, "Focus wider"),
        ("narrower", "spread", -1, "Focus narrower"),
        ("anode_farther", "anodes", 1, "Anodes farther"),
        ("anode_nearer", "anodes", -1, "Anodes nearer"),
    )
    for deed, move, steps, text in moves:
        found[f"steer.{deed}"] = partial(store.act, text, partial(_steer, move, steps))
    return found


def select(store: Store, way: Way) -> None:
    """Select the contact beside the selected one, as it is on the screen."""
    view = store.view
    store.look(selected=neighbour(store.session, view.selected, way, mirrored=view.mirror))


def move_lead(store: Store, up: int, right: int) -> None:
    """Move the lead of the selected contact one step, up and to the patient's right."""
    number, step = lead_of(store), COARSE_STEP_MM if store.view.coarse else STEP_MM
    store.act(f"Move lead {number}", lambda s: leads.move(s, number, up * step, right * step), merge=f"lead{number}")


def lead_of(store: Store) -> int:
    """Return the number of the selected contact's lead."""
    name = store.view.selected
    return int(name.split(".")[0]) if "." in name else 1


def _turn_lead(store: Store, right: int) -> None:
    number, step = lead_of(store), COARSE_STEP_MM if store.view.coarse else STEP_MM
    store.act(f"Turn lead {number}", lambda s: leads.turn_by(s, number, right * step), merge=f"turn{number}")


def _share(percent: int, session: Session, name: str) -> Session:
    return contacts.change_percent(session, name, percent)


def _steer(move: Move, steps: int, session: Session) -> Session:
    return contacts.steer(session, move, steps)


def _act(store: Store, text: str, action: Callable[[Session, str], Session]) -> None:
    name = store.view.selected
    store.act(f"{text} {name}", lambda session: action(session, name))
