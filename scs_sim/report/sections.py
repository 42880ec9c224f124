"""From a Matter to a Report: which sections there are and what they say. Every number is the Result's own, rounded."""

from __future__ import annotations

from collections.abc import Iterator

import scs_sim
from scs_models.anatomy import vertebra_at
from scs_sim import DISCLAIMER
from scs_sim.document import status_counts, tables_sha256
from scs_sim.picture.of_result import result_scene
from scs_sim.program import AREA_NAMES
from scs_sim.report import figures
from scs_sim.report.content import (
    Block,
    Bullets,
    Fact,
    Facts,
    Figure,
    Matter,
    Noted,
    Paragraph,
    Report,
    Section,
    Table,
)
from scs_sim.result import Result, Safety

_FELT_FROM_PERCENT = 5.0
_OTHERS_SHOWN = 12
_NOTE_SHOWN = 400
_FROM = {
    "given": "as dialled", "program": "as dialled", "comfort": "at comfort", "greatest": "the most there is",
}  # fmt: skip
_THRESHOLDS = (
    ("Perception PT", "pt_ma"), ("Comfort", "comfort_ma"), ("Discomfort DT", "dt_ma"), ("Motor MT", "mt_ma"),
)  # fmt: skip


def report_of(matter: Matter, *, notes: bool = False) -> Report:
    """Return the report; `notes`: with what people wrote (free text may identify a person)."""
    result = matter.result
    name = matter.program_name or "Program"
    sections = [
        Section("At a glance", (*_forbidden(result), _glance(result), _body(matter))),
        Section("Program", tuple(_program(matter))),
        Section("Thresholds", tuple(_thresholds(matter))),
        Section("Coverage", tuple(_coverage(result))),
        Section("Side effects and warnings", tuple(_side_effects(result))),
        Section("Contacts", (_contacts(result),)),
        Section("Safety and limits", tuple(_safety(result))),
    ]
    if matter.tried:
        sections.append(Section("Tested settings", tuple(_tried(matter, notes))))
    if notes and any(text.strip() for _, text in matter.notes):
        blocks = [Paragraph(f"{head}: {text.strip()}") for head, text in matter.notes if text.strip()]
        sections.append(Section("Notes", tuple(blocks)))
    sections.append(Section("Where the numbers come from", tuple(_sources(result))))
    return Report(
        title=f"{name}: {result.case_title}",
        subtitle=f"Case {result.case_id}, {result.posture}; {matter.date}; scs-sim {scs_sim.__version__}",
        sections=tuple(sections),
        footer=DISCLAIMER,
    )


def ma(value: float | None, none: str = "not reached") -> str:
    """Return an amplitude in words."""
    return none if value is None else f"{value:.2f} mA"


def percent(value: float | None) -> str:
    """Return a percentage in words."""
    return "not applicable" if value is None else f"{value:.0f} %"


def noted_of(matter: Matter, row: int) -> Noted:
    """Return what was noted for one area."""
    return matter.noted[row] if row < len(matter.noted) else Noted()


def limit_rows(found: Safety) -> tuple[tuple[str, str, str, str], ...]:
    """Return the safety figures: what, value, limit, "ok" or "above"."""

    def verdict(value: float, limit: float) -> str:
        return "above" if value > limit else "ok"

    density, density_limit = found.charge_density_uc_per_cm2, found.charge_density_limit_uc_per_cm2
    rows = [
        ("Charge per phase", f"{found.charge_per_phase_uc:.2f} µC", "", ""),
        (
            f"Charge density, contact {found.worst_contact}",
            f"{density:.1f} µC/cm²",
            f"{density_limit:g} µC/cm²",
            verdict(density, density_limit),
        ),
    ]
    if found.shannon_k is not None:
        k, k_limit = found.shannon_k, found.shannon_k_limit
        rows.append(("Shannon k", f"{k:.2f}", f"{k_limit:g}", verdict(k, k_limit)))
    volts, most = found.compliance_v, found.compliance_limit_v
    rows.append(("Voltage asked for", f"{volts:.1f} V", f"{most:g} V", verdict(volts, most)))
    rows.append(("Load", f"{found.load_ohm:.0f} Ω", "", ""))
    rows.append(("Average current", f"{found.average_current_ua:.0f} µA", "", ""))
    return tuple(rows)


def _forbidden(result: Result) -> Iterator[Block]:
    if result.forbidden:
        yield Paragraph(f"Forbidden: {result.forbidden}. What follows is the model's answer for teaching.", "warn")


def _glance(result: Result) -> Facts:
    found, at = result.coverage, result.thresholds
    worst = "" if found.worst_region_title is None else f"least: {found.worst_region_title}"
    balance = ("not applicable", "")
    if found.left_percent_of_felt is not None and found.right_percent_of_felt is not None:
        balance = (f"{found.left_percent_of_felt:.0f} / {found.right_percent_of_felt:.0f} %", "of what is felt")
    return Facts(
        (
            Fact("Pain covered", percent(found.pain_covered_percent), worst),
            Fact("Unwanted", percent(found.unwanted_of_felt_percent), "of what is felt"),
            Fact("Left / right", *balance),
            Fact("Amplitude", ma(result.amplitude_ma), _FROM.get(result.amplitude_from, result.amplitude_from)),
            Fact("Usage range", ma(at.usage_range_ma, "none"), _ratio(at.usage_ratio)),
        )
    )


def _ratio(value: float | None) -> str:
    return "" if value is None else f"DT/PT {value:.2f}"


def _body(matter: Matter) -> Figure:
    return Figure(
        "body",
        result_scene(matter.case, matter.result),
        "Where paresthesia is predicted (shading), roots besides (orange hatch), pain as reported (dashed, magenta).",
    )


def _program(matter: Matter) -> Iterator[Block]:
    result = matter.result
    rows = tuple(
        (
            area.name,
            area.contacts,
            f"{area.amplitude_ma:.2f} mA",
            f"{area.pulse_width_us:g} µs",
            f"{area.rate_hz:g} Hz",
            area.waveform,
            f"{area.delivered_ma:.2f} mA",
            percent(area.pain_covered_percent),
        )
        for area in result.areas
    )
    yield Table(
        ("Area", "Contacts", "Amplitude", "Pulse width", "Rate", "Waveform", "Delivered", "Covers alone"),
        rows,
        numbers=frozenset({2, 3, 4, 6, 7}),
        wide=1,
    )
    yield Figure("leads", figures.leads_scene(matter), "Leads from behind, patient's left on the left.", 0.42)
    if matter.case.story:
        yield Paragraph(" ".join(matter.case.story.split()), "muted")


def _thresholds(matter: Matter) -> Iterator[Block]:
    result, found = matter.result, matter.result.thresholds
    noted = noted_of(matter, 0)
    if found.pt_ma is None:
        yield Paragraph("This program is not felt anywhere at any amplitude.")
        return
    if noted.is_empty:
        yield Table(
            ("Threshold", "Predicted"),
            tuple((title, ma(getattr(found, name))) for title, name in _THRESHOLDS),
            numbers=frozenset({1}),
        )
    else:
        yield Table(
            ("Threshold", "Predicted", "Noted by a person"),
            tuple((t, ma(getattr(found, n)), ma(getattr(noted, n), "not noted")) for t, n in _THRESHOLDS),
            numbers=frozenset({1, 2}),
        )
    kinds = {"DC": "by the dorsal columns", "DR": "by a dorsal root"}
    yield Paragraph(
        f"First felt: {found.pt_where}, {kinds.get(found.pt_origin, found.pt_origin)}. Discomfort: {found.dt_where}"
        f" ({found.dt_rule}). Motor: {found.mt_where if found.mt_ma is not None else 'not reached'}."
    )
    if len(result.areas) > 1:
        yield Paragraph("Amplitudes are those of area A, all areas raised together. Each area alone:", "muted")
        yield Table(
            ("Area", "PT", "Comfort", "DT", "MT", "First felt"),
            tuple((a.name, ma(a.pt_ma), ma(a.comfort_ma), ma(a.dt_ma), ma(a.mt_ma), a.pt_where) for a in result.areas),
            numbers=frozenset({1, 2, 3, 4}),
            wide=5,
        )
        several = [
            (AREA_NAMES[row], *(ma(getattr(item, n), "–") for _, n in _THRESHOLDS))
            for row, item in enumerate(matter.noted)
            if row and not item.is_empty
        ]
        if several:
            yield Table(("Noted", "PT", "Comfort", "DT", "MT"), tuple(several), numbers=frozenset({1, 2, 3, 4}))
    yield Figure(
        "curves",
        figures.curves_scene(matter),
        "Intensity of paresthesia over the amplitude; solid: dorsal columns, dashed: the dorsal root felt first.",
        0.8,
    )


def _coverage(result: Result) -> Iterator[Block]:
    found = result.coverage
    if not found.applicable:
        yield Paragraph("Not applicable: a paresthesia-free program.")
        return
    verdict = "at or above" if found.passes else "below"
    yield Paragraph(
        f"{percent(found.pain_covered_percent)} of the painful area, {percent(found.pain_covered_by_score_percent)}"
        f" weighed by pain score: {verdict} the pass line of {found.pass_line_percent:g} %."
        f" Unwanted: {percent(found.unwanted_of_felt_percent)} of what is felt,"
        f" {percent(found.unwanted_of_painful_percent)} of the painful area."
        f" By roots alone: {percent(found.dr_share_percent)} of what is felt."
    )
    hurts = sorted((r for r in result.regions if r.pain_score > 0.0), key=lambda r: (-r.pain_score, r.id))
    yield Table(
        ("Painful region", "Pain", "Felt", "by columns", "by roots", "Felt from"),
        tuple(
            (
                region.title,
                f"{region.pain_score:g}/10",
                percent(region.felt_percent),
                percent(region.felt_dc_percent),
                percent(region.felt_dr_percent),
                ma(region.first_felt_ma, "never"),
            )
            for region in hurts
        ),
        numbers=frozenset({1, 2, 3, 4, 5}),
    )
    others = sorted(
        (r for r in result.regions if not r.pain_score and r.felt_percent >= _FELT_FROM_PERCENT),
        key=lambda r: (-r.felt_percent, r.id),
    )
    if others:
        names = ", ".join(f"{r.title} {r.felt_percent:.0f} %" for r in others[:_OTHERS_SHOWN])
        more = f" and {len(others) - _OTHERS_SHOWN} more" if len(others) > _OTHERS_SHOWN else ""
        yield Paragraph(f"Also felt in: {names}{more}.", "muted")
    if found.low_back_first_felt_ma is not None and found.low_back_scaled_amplitude is not None:
        yield Paragraph(
            f"The low back is first felt at {ma(found.low_back_first_felt_ma)},"
            f" {100 * found.low_back_scaled_amplitude:.0f} % of the way from PT to DT."
        )


def _side_effects(result: Result) -> Iterator[Block]:
    if result.side_effects:
        yield Table(
            ("Side effect", "Where", "From", "At this amplitude"),
            tuple(
                (effect.what, effect.where, ma(effect.from_ma), "yes" if effect.at_evaluated_amplitude else "no")
                for effect in result.side_effects
            ),
            numbers=frozenset({2}),
            wide=1,
        )
    else:
        yield Paragraph("None within the amplitudes looked at.")
    if result.warnings:
        yield Bullets(result.warnings, "warn")
    if result.notes:
        yield Bullets(result.notes, "muted")


def _contacts(result: Result) -> Block:
    def shares(values: tuple[float, ...]) -> str:
        shown = [f"{abs(v):.0f} %{' −' if v < 0 else ' +'}" if v else "off" for v in values]
        return ", ".join(shown) if len(shown) > 1 else shown[0]

    return Table(
        ("Contact", "Share", "Current", "Impedance", "Charge density", "Remark"),
        tuple(
            (
                state.name,
                shares(state.share_percent),
                ", ".join(f"{value:.2f}".replace("-", "−") if value else "0" for value in state.current_ma) + " mA",
                "no current" if state.impedance_ohm is None else f"{state.impedance_ohm:.0f} Ω",
                f"{state.charge_density_uc_per_cm2:.1f} µC/cm²".replace("-", "−"),
                state.flag,
            )
            for state in result.contact_states
        ),
        numbers=frozenset({1, 2, 3, 4}),
    )


def _safety(result: Result) -> Iterator[Block]:
    yield Table(
        ("At the evaluated amplitude", "Value", "Limit", "Verdict"), limit_rows(result.safety), frozenset({1, 2})
    )
    if result.profile:
        found = tuple(f"{str(item)[:1].upper()}{str(item)[1:]}." for item in result.findings)
        yield Paragraph(f"Limit profile {result.profile}: " + ("" if found else "everything can be dialled."))
        if found:
            yield Bullets(found, "warn")
    lasts = [
        f"a {item.cell} cell lasts {item.longevity_years:.1f} years"
        if item.longevity_years is not None
        else f"a {item.cell} one {item.recharge_interval_days:.0f} days between charges"
        for item in sorted(result.battery, key=lambda item: item.longevity_years is None)
    ]
    if lasts:
        yield Paragraph(f"Battery, roughly and around the clock: {'; '.join(lasts)}.", "muted")


def _tried(matter: Matter, notes: bool) -> Iterator[Block]:
    yield Figure(
        "tried",
        figures.tried_scene(matter),
        "Height of the cathodes over the amplitude; the darker, the more pain covered; a diamond: side effects.",
        0.7,
    )
    with_notes = notes and any(item.note for item in matter.tried)
    columns = ("Contacts", "Amplitude", "Pulse width", "Rate", "At", "Covered", "Unwanted", "Side effects")
    yield Table(
        (*columns, "Note") if with_notes else columns,
        tuple(
            (
                item.contacts,
                ma(item.amplitude_ma),
                f"{item.pulse_width_us:g} µs",
                f"{item.rate_hz:g} Hz",
                vertebra_at(item.height_mm),
                percent(item.covered_percent),
                percent(item.unwanted_percent),
                ", ".join(item.side_effects) or "none",
                *((item.note[:_NOTE_SHOWN],) if with_notes else ()),
            )
            for item in matter.tried
        ),
        numbers=frozenset({1, 2, 3, 5, 6}),
        wide=7,
    )


def _sources(result: Result) -> Iterator[Block]:
    counts = status_counts()
    yield Paragraph(
        f"scs-sim {scs_sim.__version__}, tables {tables_sha256()[:12]}. Of the {counts['records']} numbers of its"
        f" tables {counts['published']} are published, {counts['derived']} derived and {counts['assumed']} assumed;"
        " each names its source (scs-sim sources lists them, docs/model.md explains). The effect of the rate is a"
        f" {result.perception_layer} layer, fitted to people. A percept of {result.felt_fibres:g} fibres counts as felt"
        + (f"; the patient's gain is {result.gain:.2f}." if result.gain != 1.0 else ".")
    )
    yield Paragraph(
        "The model predicts where paresthesia is felt. It does not predict pain relief, and says nothing of a person"
        " whom nobody has measured.",
        "muted",
    )
