"""A result as a page for the terminal: title, threshold ruler, coverage, side effects, safety, warnings."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from scs_sim import DISCLAIMER
from scs_sim.cli.framework import can_draw, console_for, settings
from scs_sim.cli.show_hardware import areas, contacts
from scs_sim.result import RegionCoverage, Result, Safety

_FROM = {"given": "as given", "program": "the program's own", "comfort": "at comfort", "greatest": "the most there is"}
_BAR_CELLS = 20
_TOLD_FROM_MA = 0.005
_RATE_TOLD_BELOW = 0.9
_UNWANTED_SHOWN = 8
_UNWANTED_FROM_PERCENT = 5.0


def page(result: Result, why: Sequence[str] = ()) -> tuple[RenderableType, ...]:
    """Return the whole page of a result; `why`: the lines of an explanation."""
    return (
        *_title(result),
        *_forbidden(result),
        *_thresholds(result),
        *areas(result),
        *_coverage(result),
        *_side_effects(result),
        *_safety(result),
        *contacts(result, always=settings().verbosity > 0),
        *_listed("Warnings", result.warnings, "yellow"),
        *_profile(result),
        *_listed("Notes", result.notes),
        *_why(why),
        Text(),
        Text(DISCLAIMER, style="italic dim"),
    )


def _heading(text: str) -> Text:
    return Text(text, style="bold")


def _bullet(line: str, style: str = "") -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_row("  -", Text(line, style=style))
    return table


def _title(result: Result) -> tuple[RenderableType, ...]:
    rule = Rule(Text(f"{result.case_title} ", style="bold"), align="left", characters=_glyph("─", "-"), style="dim")
    origin = _FROM.get(result.amplitude_from, result.amplitude_from)
    if len(result.areas) > 1 and result.amplitude_from == "comfort":
        origin = "comfort of area A alone"
    amplitude = f"{result.amplitude_ma:.2f} mA ({origin})"
    if abs(result.delivered_ma - result.amplitude_ma) > _TOLD_FROM_MA:
        amplitude += f", {result.delivered_ma:.2f} mA delivered"
    parts = (
        result.contacts,
        amplitude,
        f"{result.pulse_width_us:g} us",
        f"{result.rate_hz:g} Hz",
        result.waveform,
    )
    who = f"{result.case_id}, {result.posture}" + ("" if result.gain == 1.0 else f", gain {result.gain:.2f}")
    return (rule, Text(who, style="dim"), Text("   ".join(parts), style="cyan"))


def _forbidden(result: Result) -> tuple[RenderableType, ...]:
    if not result.forbidden:
        return ()
    words = Text(f"Forbidden: {result.forbidden}.", style="bold red")
    return (Text(), words, Text("What follows is the model's answer for teaching.", style="dim"))


def _thresholds(result: Result) -> tuple[RenderableType, ...]:
    found = result.thresholds
    if found.pt_ma is None or found.dt_ma is None or found.comfort_ma is None:
        return (Text(), _heading("Thresholds"), Text("Nothing is felt at any amplitude."))
    values = [("perception PT", found.pt_ma), ("comfort", found.comfort_ma), ("discomfort DT", found.dt_ma)]
    line = Text("  ".join(f"{name} {value:.2f} mA" for name, value in values))
    line.append("  motor MT " + ("not reached" if found.mt_ma is None else f"{found.mt_ma:.2f} mA"))
    kinds = {"DC": "by the dorsal columns", "DR": "by a dorsal root"}
    words = Text(
        f"Usage range {found.dt_ma - found.pt_ma:.2f} mA, DT/PT {found.dt_ma / found.pt_ma:.2f}."
        f" First felt: {found.pt_where}, {kinds.get(found.pt_origin, found.pt_origin)}."
        f" DT: {found.dt_where} ({found.dt_rule})."
    )
    rate = Text(
        f"At {result.rate_hz:g} Hz perception takes {result.rate_factor:.2f} of a slow pulse's amplitude:"
        f" a {result.perception_layer} layer, fitted to people, not a property of the fibres.",
        style="dim",
    )
    told = (words, rate) if result.rate_factor < _RATE_TOLD_BELOW else (words,)
    return (Text(), _heading("Thresholds"), line, *told, Text(), ruler(result, console_for(sys.stdout).width))


def ruler(result: Result, width: int) -> Text:
    """Return the thresholds on one axis from 0 mA, `width` cells wide, labels in as many rows as they need."""
    found = result.thresholds
    perception, discomfort = found.pt_ma or 0.0, found.dt_ma or 0.0
    top = 1.15 * max(result.reached_ma, discomfort, min(found.mt_ma or 0.0, 2.5 * discomfort))
    marks = [("PT", perception), ("comfort", found.comfort_ma or 0.0), ("DT", discomfort)]
    if found.mt_ma is not None and found.mt_ma <= top:
        marks.append(("MT", found.mt_ma))
    cells = max(width - 10, 30)

    def cell(value: float) -> int:
        return min(cells - 1, round(value / top * (cells - 1)))

    axis = [_glyph("─", "-")] * cells
    for position in range(cell(perception), cell(discomfort) + 1):
        axis[position] = _glyph("━", "=")
    for _, value in marks:
        axis[cell(value)] = _glyph("┼", "+")
    rows: list[list[str]] = []
    for label, value in marks:
        _put(rows, label, cell(value), cells)
    pointer = [" "] * cells
    pointer[cell(result.reached_ma)] = _glyph("▲", "^")
    below: list[list[str]] = [pointer]
    _put(below, f"{result.reached_ma:.2f} mA", cell(result.reached_ma), cells)
    lines = ["".join(row).rstrip() for row in reversed(rows)]
    lines += ["".join(axis) + f" {top:.1f} mA"]
    lines += ["".join(row).rstrip() for row in below]
    return Text("\n".join("0 " + line if line.startswith(_glyph("─", "-")) else "  " + line for line in lines))


def _put(rows: list[list[str]], label: str, position: int, cells: int) -> None:
    start = max(0, min(position - len(label) // 2, cells - len(label)))
    for row in rows:
        if all(cell == " " for cell in row[max(0, start - 1) : start + len(label) + 1]):
            break
    else:
        row = [" "] * cells
        rows.append(row)
    row[start : start + len(label)] = label


def _coverage(result: Result) -> tuple[RenderableType, ...]:
    found = result.coverage
    if (
        not found.applicable
        or found.pain_covered_percent is None
        or found.pain_covered_by_score_percent is None
        or found.worst_region_percent is None
    ):
        return (Text(), _heading("Coverage"), Text("Not applicable: a paresthesia-free program."))
    verdict = "at or above" if found.passes else "below"
    summary = Text()
    summary.append(f"{found.pain_covered_percent:.0f} %", style="bold green" if found.passes else "bold yellow")
    summary.append(
        f" of the painful area, {found.pain_covered_by_score_percent:.0f} % weighed by pain score:"
        f" {verdict} the pass line of {found.pass_line_percent:g} %."
    )
    worst = Text("Worst region: ")
    worst.append(f"{found.worst_region_title}, {found.worst_region_percent:.0f} %", style="bold")
    worst.append(f" ({found.worst_region}).")
    painful = [region for region in result.regions if region.pain_score > 0.0 and region.painful_percent > 0.0]
    return (
        Text(),
        _heading("Coverage of the pain"),
        summary,
        worst,
        _region_table(painful, found.worst_region),
        *_unwanted(result),
    )


def _region_table(regions: Sequence[RegionCoverage], worst: str | None) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    wide = console_for(sys.stdout).width >= 90
    table.add_column("region", ratio=1, overflow="fold")
    table.add_column("pain", justify="right")
    table.add_column("felt", justify="right")
    table.add_column("")
    table.add_column("columns", justify="right")
    table.add_column("roots", justify="right")
    if wide:
        table.add_column("felt from", justify="right")
    for region in sorted(regions, key=lambda item: (-item.pain_score, item.id)):
        cells: list[RenderableType] = [
            Text(region.title, style="bold" if region.id == worst else ""),
            f"{region.pain_score:g}/10",
            f"{region.felt_percent:.0f} %",
            Text(bar(region.felt_percent, _BAR_CELLS if wide else _BAR_CELLS // 2), style="cyan"),
            f"{region.felt_dc_percent:.0f} %",
            f"{region.felt_dr_percent:.0f} %",
        ]
        if wide:
            cells.append("never" if region.first_felt_ma is None else f"{region.first_felt_ma:.2f} mA")
        table.add_row(*cells)
    return Padding(table, (1, 0, 0, 2))


def bar(percent: float, cells: int) -> str:
    """Return a bar of `cells` characters of which `percent` are filled."""
    filled = round(max(0.0, min(percent, 100.0)) / 100.0 * cells)
    return _glyph("█", "#") * filled + _glyph("░", ".") * (cells - filled)


def _unwanted(result: Result) -> tuple[RenderableType, ...]:
    found = result.coverage
    if (
        found.unwanted_of_felt_percent is None
        or found.unwanted_of_painful_percent is None
        or found.left_percent_of_felt is None
        or found.right_percent_of_felt is None
        or found.dr_share_percent is None
    ):
        return (Text(), Text("Nothing is felt anywhere at this amplitude."))
    lines = [
        Text(
            f"Unwanted: {found.unwanted_of_felt_percent:.0f} % of what is felt lies outside the pain"
            f" ({found.unwanted_of_painful_percent:.0f} % of the painful area)."
        ),
        Text(
            f"Balance: left {found.left_percent_of_felt:.0f} %, right {found.right_percent_of_felt:.0f} %"
            f" of what is felt. Roots alone: {found.dr_share_percent:.0f} %."
        ),
    ]
    others = [r for r in result.regions if not r.pain_score and r.felt_percent >= _UNWANTED_FROM_PERCENT]
    if others:
        others.sort(key=lambda region: (-region.felt_percent, region.id))
        names = ", ".join(f"{region.title} {region.felt_percent:.0f} %" for region in others[:_UNWANTED_SHOWN])
        more = f" and {len(others) - _UNWANTED_SHOWN} more" if len(others) > _UNWANTED_SHOWN else ""
        lines.append(Text(f"Also felt in: {names}{more}.", style="dim"))
    if found.low_back_first_felt_ma is not None and found.low_back_scaled_amplitude is not None:
        lines.append(
            Text(
                f"The low back is first felt at {found.low_back_first_felt_ma:.2f} mA,"
                f" {100 * found.low_back_scaled_amplitude:.0f} % of the way from PT to DT."
            )
        )
    return (Text(), *lines)


def _side_effects(result: Result) -> tuple[RenderableType, ...]:
    if not result.side_effects:
        return ()
    lines = [
        _bullet(
            f"{effect.what} ({effect.where}) from {effect.from_ma:.2f} mA"
            + (": at this amplitude" if effect.at_evaluated_amplitude else ""),
            "yellow" if effect.at_evaluated_amplitude else "",
        )
        for effect in result.side_effects
    ]
    return (Text(), _heading("Side effects"), *lines)


def _safety(result: Result) -> tuple[RenderableType, ...]:
    return (
        Text(),
        _heading(f"Safety at {result.reached_ma:.2f} mA"),
        Padding(_safety_table(result.safety), (0, 0, 0, 2)),
        Padding(Text(_battery(result)), (0, 0, 0, 2)),
    )


def _battery(result: Result) -> str:
    lasts = [
        f"a {found.cell} cell lasts {found.longevity_years:.1f} years"
        if found.longevity_years is not None
        else f"a {found.cell} one {found.recharge_interval_days:.0f} days between charges"
        for found in sorted(result.battery, key=lambda found: found.longevity_years is None)
    ]
    return f"battery, roughly and around the clock: {'; '.join(lasts)}"


def _safety_table(found: Safety) -> Table:
    k = "none" if found.shannon_k is None else f"{found.shannon_k:.2f}"
    rows = (
        ("charge per phase", f"{found.charge_per_phase_uc:.2f} uC", ""),
        (
            f"charge density at contact {found.worst_contact}",
            f"{found.charge_density_uc_per_cm2:.1f} uC/cm2",
            _against(found.charge_density_uc_per_cm2, found.charge_density_limit_uc_per_cm2),
        ),
        ("Shannon k", k, "" if found.shannon_k is None else _against(found.shannon_k, found.shannon_k_limit)),
        ("load", f"{found.load_ohm:.0f} ohm", ""),
        ("voltage asked for", f"{found.compliance_v:.1f} V", _against(found.compliance_v, found.compliance_limit_v)),
        ("average current", f"{found.average_current_ua:.0f} uA", ""),
    )
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for name, value, limit in rows:
        table.add_row(name, value, Text(limit, style="bold red" if limit.startswith("above") else "dim"))
    return table


def _against(value: float, limit: float) -> str:
    return f"above the limit of {limit:g}" if value > limit else f"limit {limit:g}"


def _profile(result: Result) -> tuple[RenderableType, ...]:
    if not result.profile:
        return ()
    found = [f"{str(finding)[:1].upper()}{str(finding)[1:]}." for finding in result.findings]
    return _listed(f"Limit profile {result.profile}", found or ["Everything can be dialled."])


def _listed(title: str, lines: Sequence[str], style: str = "") -> tuple[RenderableType, ...]:
    if not lines:
        return ()
    return (Text(), _heading(title), Group(*(_bullet(line, style) for line in lines)))


def _why(lines: Sequence[str]) -> tuple[RenderableType, ...]:
    if not lines:
        return ()
    return (Text(), _heading("Why"), Text(lines[0]), *(_bullet(line) for line in lines[1:]))


def _glyph(pretty: str, plain: str) -> str:
    return pretty if can_draw(sys.stdout) else plain
