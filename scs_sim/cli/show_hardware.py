"""Areas and contacts of a result as tables for the terminal."""

from __future__ import annotations

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scs_sim.result import ContactState, Result


def areas(result: Result) -> tuple[RenderableType, ...]:
    """Return the table of areas, where a program has several: each by itself."""
    if len(result.areas) < 2:
        return ()
    table = _table("area", "contacts", "pulse")
    for name in ("mA", "delivered", "PT", "DT", "covers"):
        table.add_column(name, justify="right")
    for area in result.areas:
        covers = "" if area.pain_covered_percent is None else f"{area.pain_covered_percent:.0f} %"
        table.add_row(
            area.name,
            area.contacts,
            f"{area.pulse_width_us:g} us {area.rate_hz:g} Hz {area.waveform}",
            f"{area.amplitude_ma:.2f}",
            f"{area.delivered_ma:.2f}",
            _ma(area.pt_ma),
            _ma(area.dt_ma),
            covers,
        )
    words = Text("Above, the whole program in mA of area A, all areas raised together.", style="dim")
    return (Text(), Text("Areas, each alone", style="bold"), Padding(table, (0, 0, 0, 2)), words)


def contacts(result: Result, *, always: bool) -> tuple[RenderableType, ...]:
    """Return the table of contacts: those that are used or flagged, if any is flagged; all of them for `always`."""
    told = [contact for contact in result.contact_states if always or contact.flag or any(contact.share_percent)]
    if not (always or any(contact.flag or _changed(result, contact) for contact in told)):
        return ()
    table = _table("contact")
    for name in ("asked", "delivered mA", "ohm to the case"):
        table.add_column(name, justify="right")
    table.add_column("")
    for contact in told:
        table.add_row(
            contact.name,
            " / ".join(f"{share:+.0f} %" if share else "-" for share in contact.share_percent),
            " / ".join(f"{current:+.2f}" if current else "-" for current in contact.current_ma),
            "none" if contact.impedance_ohm is None else f"{contact.impedance_ohm:.0f}",
            Text(contact.flag, style="bold yellow"),
        )
    return (Text(), Text("Contacts", style="bold"), Padding(table, (0, 0, 0, 2)))


def _changed(result: Result, contact: ContactState) -> bool:
    asked = [area.amplitude_ma * share / 100.0 for area, share in zip(result.areas, contact.share_percent, strict=True)]
    return any(abs(one - other) > 5e-3 for one, other in zip(asked, contact.current_ma, strict=True))


def _table(*names: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in names:
        table.add_column(name)
    return table


def _ma(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"
