"""The menu of a contact or a lead: sign, share, faults to inject, lead type, more or fewer leads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from scs_models.leads import Lead, catalogue
from scs_sim.case import MAX_LEADS
from scs_sim.program import GENERATOR
from scs_ui.state.actions import contacts, faults, leads
from scs_ui.state.contacts import sign_of
from scs_ui.state.keys import deed, shown_keys
from scs_ui.state.looks.contacts import shown_name
from scs_ui.state.session import Session
from scs_ui.state.store import Action, Store


def spine_menu(store: Store, parent: QWidget, contact: str, lead: int) -> QMenu:
    """Return the menu of a contact ("" for none) and of a lead (0 for none)."""
    menu, case = QMenu(parent), store.session.case
    if contact in (*case.contact_names(), GENERATOR):
        _add_contact(menu, store, contact)
    if 1 <= lead <= len(case.leads):
        _add_lead(menu, store, lead)
    _add_leads(menu, store)
    return menu


def _add(
    menu: QMenu, store: Store, text: str, done: str, action: Action, *, checked: bool | None = None, like: str = ""
) -> None:
    """Add an entry that acts on the store; checked: whether a choice is the one made; like: whose key is shown."""
    entry = menu.addAction(f"{text}\t{shown_keys(deed(like))}" if like else text)
    if checked is not None:
        entry.setCheckable(True)
        entry.setChecked(checked)
    entry.triggered.connect(lambda: store.act(done, action))


def _head(menu: QMenu, text: str) -> None:
    """Add words that head the entries below them."""
    if menu.actions():
        menu.addSeparator()
    menu.addAction(text).setEnabled(False)


def _add_contact(menu: QMenu, store: Store, name: str) -> None:
    session = store.session
    sign, label = sign_of(session.draft.shares, name), shown_name(name, store.view.count_from_zero)
    _head(menu, label if name == GENERATOR else f"Contact {label}")
    for value, text, like in (
        (-1, "Cathode (\N{MINUS SIGN})", "contact.cathode"),
        (1, "Anode (+)", "contact.anode"),
        (0, "Off", "contact.off"),
    ):
        action = partial(_with_sign, name=name, sign=value)
        _add(menu, store, text, f"{text.split(' ')[0]} {label}", action, checked=sign == value, like=like)
    if sign:
        menu.addSeparator()
        is_locked = name in session.draft.locked
        _add(
            menu, store, "Lock share", f"Lock {label}", lambda s: contacts.toggle_lock(s, name), checked=is_locked,
            like="contact.lock",
        )  # fmt: skip
        _add(menu, store, "Equalise shares", "Equalise", contacts.equalise, like="contact.equalise")
    if name != GENERATOR:
        _add_faults(menu.addMenu("Fault"), store, name)


def _with_sign(session: Session, name: str, sign: int) -> Session:
    return contacts.set_sign(session, name, sign)


def _add_faults(menu: QMenu, store: Store, name: str) -> None:
    session, label = store.session, shown_name(name, store.view.count_from_zero)
    kinds = {fault.kind for fault in session.case.contact_faults if name in (fault.contact, fault.partner)}
    beside = faults.neighbour(session, name)
    entries: list[tuple[str, str, Action]] = [
        ("open", "Open circuit", lambda s: faults.inject_open(s, name)),
        ("high", f"High impedance (+{faults.USUAL_SERIES_OHM:g} Ω)", lambda s: faults.inject_high(s, name)),
    ]
    if beside:
        other = shown_name(beside, store.view.count_from_zero)
        entries.append(("short", f"Short to {other}", lambda s: faults.inject_short(s, name, beside)))
    for kind, text, action in entries:
        _add(menu, store, text, f"Fault at {label}", action, checked=kind in kinds)
    if kinds:
        menu.addSeparator()
        _add(menu, store, "No fault", f"No fault at {label}", lambda s: faults.clear(s, name))


def _add_lead(menu: QMenu, store: Store, number: int) -> None:
    case = store.session.case
    _head(menu, f"Lead {number}: {case.lead_type(number).title}")
    _add_types(
        menu.addMenu("Lead type"),
        store,
        case.leads[number - 1].lead,
        lambda lead: (f"Lead {number} is a {lead.title}", lambda s: leads.change_type(s, number, lead.id)),
    )
    if len(case.leads) > 1:
        text = f"Remove lead {number}"
        _add(menu, store, text, text, lambda s: leads.remove(s, number))


def _add_leads(menu: QMenu, store: Store) -> None:
    if len(store.session.case.leads) < MAX_LEADS:
        menu.addSeparator()
        _add_types(
            menu.addMenu("Add a lead"),
            store,
            "",
            lambda lead: (f"Add a {lead.title}", lambda s: leads.add(s, lead.id)),
        )


def _add_types(menu: QMenu, store: Store, chosen: str, doing: Callable[[Lead], tuple[str, Action]]) -> None:
    """Add every lead of the catalogue, percutaneous ones apart from paddles, and the case's own."""
    own = store.session.case.own_leads
    kinds = [
        ("Percutaneous", [lead for lead in catalogue().values() if lead.kind == "percutaneous"]),
        ("Paddle", [lead for lead in catalogue().values() if lead.kind == "paddle"]),
        ("Own", list(own)),
    ]
    for title, found in kinds:
        if not found:
            continue
        group = menu.addMenu(title)
        for lead in found:
            done, action = doing(lead)
            _add(group, store, lead.title, done, action, checked=lead.id == chosen if chosen else None)
