"""Rules: what cannot be done now, said before anything happens. Whatever is only unwise can be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.leads import lead as lead_type_of
from scs_models.values import require_one_of
from scs_sim.limit_profiles import findings, nearest_allowed, profile
from scs_sim.program import Program
from scs_sim.training.actions import Action
from scs_sim.training.situation import Situation, program_of


def require_possible(now: Situation, own: Action) -> None:
    """Raise InvalidValueError, with what is possible, where `own` cannot be done in the situation `now`."""
    if now.finished:
        raise InvalidValueError("the session is finished; its report can be read")
    check = _CHECKS.get(own.name)
    if check is not None:
        check(now, own)


def _on_table(now: Situation, own: Action) -> None:
    visit = now.open_visit
    if visit.place != "table":
        raise InvalidValueError(f"{own.name} is for the table; visit {visit.name!r} is in the clinic")


def _place(now: Situation, own: Action) -> None:
    _on_table(now, own)
    kit = now.opening.kit
    if len(now.leads) >= kit.leads_count_high:
        raise InvalidValueError(f"{len(now.leads)} leads lie in place; the kit has no more than {kit.leads_count_high}")
    require_one_of("lead_type in the kit", own.text("lead_type"), kit.lead_types)
    require_one_of("tip_level in the kit", own.text("tip_level"), kit.tip_levels)
    require_one_of("entry_level in the kit", own.text("entry_level"), ("usual", *kit.entry_levels))


def _drive(now: Situation, own: Action) -> None:
    _on_table(now, own)
    _known_lead(now, own)
    if own.number("rostral_mm") == 0.0 and own.number("right_mm") == 0.0:
        raise InvalidValueError("rostral_mm and right_mm are both 0; give one of them")


def _remove(now: Situation, own: Action) -> None:
    _on_table(now, own)
    _known_lead(now, own)


def _anchor(now: Situation, own: Action) -> None:
    _on_table(now, own)
    _some_lead(now, own)
    if now.anchored:
        raise InvalidValueError("the leads are anchored already, and have not been moved since")


def _known_lead(now: Situation, own: Action) -> None:
    _some_lead(now, own)
    number = int(own.number("lead"))
    if now.lead(number) is None:
        there = ", ".join(str(lead.number) for lead in now.leads)
        raise InvalidValueError(f"lead is {number}; in place are: {there}")


def _some_lead(now: Situation, own: Action) -> None:
    if not now.leads:
        raise InvalidValueError(f"{own.name} needs a lead; none is in place")


def _program(now: Situation, own: Action) -> None:
    _some_lead(now, own)
    chosen = program_of(own)
    for share in chosen.shares:
        lead = now.lead(share.lead)
        if share.lead == 0:
            continue
        if lead is None:
            there = ", ".join(str(lead.number) for lead in now.leads)
            raise InvalidValueError(
                f"contacts is {chosen.contacts!r}; there is no lead {share.lead}: in place: {there}"
            )
        count = lead_type_of(lead.lead_type).contact_count
        if share.contact > count:
            raise InvalidValueError(
                f"contacts is {chosen.contacts!r}; lead {share.lead} has no contact {share.contact}: it has {count}"
            )
    _within_profile(now, chosen)


def _within_profile(now: Situation, chosen: Program) -> None:
    found = findings(profile(now.opening.kit.profile), [chosen])
    if found:
        raise InvalidValueError(f"the generator does not take it: {found[0]}")


def _amplitude(now: Situation, own: Action) -> None:
    if now.program is None:
        raise InvalidValueError("amplitude needs a program; none is set")
    to_ma = own.number("to_ma")
    limits = profile(now.opening.kit.profile)
    top_ma = limits.amplitude_bands_ma[-1][1]
    if to_ma > top_ma:
        raise InvalidValueError(f"to_ma is {to_ma:g} mA; the generator gives 0 to {top_ma:g} mA")
    near_ma = nearest_allowed(limits.amplitude_bands_ma, to_ma)
    if to_ma > 0.0 and abs(near_ma - to_ma) > 1e-6:
        raise InvalidValueError(f"to_ma is {to_ma:g} mA; the nearest that can be dialled is {near_ma:g} mA")
    if to_ma > 0.0:
        _within_profile(now, replace(now.program, amplitude_ma=to_ma))


def _limit(now: Situation, own: Action) -> None:
    top_ma = profile(now.opening.kit.profile).amplitude_bands_ma[-1][1]
    if own.number("to_ma") > top_ma:
        raise InvalidValueError(f"to_ma is {own.number('to_ma'):g} mA; the generator gives 0 to {top_ma:g} mA")


def _note(now: Situation, own: Action) -> None:
    if now.program is None:
        raise InvalidValueError("note needs a program to note it of; none is set")


def _save(now: Situation, own: Action) -> None:
    if now.program is None or now.amplitude_ma <= 0.0:
        raise InvalidValueError("save needs a program with an amplitude above 0 mA")


def _load(now: Situation, own: Action) -> None:
    name = own.text("name")
    if name not in now.saved:
        raise UnknownNameError("saved program", name, tuple(now.saved) or ("none is saved",))


def _posture(now: Situation, own: Action) -> None:
    to, allowed = own.text("to"), now.open_visit.postures
    if to not in allowed:
        raise InvalidValueError(f"to is {to!r}; at this visit it must be one of {', '.join(allowed)}")
    if to == now.posture:
        raise InvalidValueError(f"to is {to!r}; the patient is {to} already")


def _conclude(now: Situation, own: Action) -> None:
    given = next((item for item in now.conclusions if item.visit == now.visit), None)
    if given is not None:
        raise InvalidValueError(f"you concluded {given.cause!r} at this visit; each visit has one conclusion")


def _next_visit(now: Situation, own: Action) -> None:
    if now.visit + 1 >= len(now.opening.visits):
        raise InvalidValueError("this is the last visit; finish ends the session")


_CHECKS: dict[str, Callable[[Situation, Action], None]] = {
    "place-lead": _place,
    "drive-lead": _drive,
    "remove-lead": _remove,
    "anchor": _anchor,
    "impedance": _some_lead,
    "repair": _known_lead,
    "program": _program,
    "amplitude": _amplitude,
    "note": _note,
    "save": _save,
    "load": _load,
    "limit": _limit,
    "posture": _posture,
    "conclude": _conclude,
    "next-visit": _next_visit,
}
