"""Report and card: well-formed, self-contained, escaped; numbers are the Result's; notes only where asked for."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from example_result import example_result, without_motor_threshold
from page_helpers import LOADS, Walk, words, xml_of

from scs_models.leads import LeadPlacement
from scs_sim import DISCLAIMER, __version__
from scs_sim.case import builtin_case, builtin_case_ids
from scs_sim.picture.scene import Fill, Lines, Text
from scs_sim.picture.svg import write_svg
from scs_sim.program import parse_area
from scs_sim.report import Matter, Noted, Tried, card_html, card_scene, report_html, report_of
from scs_sim.report.card import HEIGHT, WIDTH, fitted
from scs_sim.report.content import Facts, Figure, Table
from scs_sim.report.figures import leads_items, leads_scene

NASTY = """<script>alert("x")</script> & 'quotes' µ\x07"""
TRIED = (
    Tried("1.2-100 1.4+100", 2.0, 210.0, 50.0, 10.0, 55.4, 20.0),
    Tried("1.3-100 1.5+100", 3.25, 250.0, 40.0, 4.0, None, None, ("band of the left T10 root",), note="felt <warm>"),
)


def matter(case_id: str = "back-and-left-leg", **changes: object) -> Matter:
    case = builtin_case(case_id)
    one = Matter(case, example_result(case), "21 November 2026", "Left leg", (Noted(1.8, None, 4.1),), TRIED)
    return replace(one, **changes)


@pytest.fixture(params=["report", "card"])
def page(request: pytest.FixtureRequest) -> str:
    one = matter(program_name=NASTY, notes=(("Program", NASTY),))
    return report_html(report_of(one, notes=True)) if request.param == "report" else card_html(one, notes=True)


def test_pages_are_well_formed_and_load_nothing(page: str):
    walk = Walk()
    walk.feed(page)
    assert walk.open == []
    assert walk.links == []
    assert walk.tags["script"] == walk.tags["link"] == walk.tags["img"] == walk.tags["iframe"] == 0
    assert max(walk.ids.values()) == 1, "ids of several drawings on a page must differ"
    ElementTree.fromstring(xml_of(page))
    assert not LOADS.search(page)


def test_what_people_wrote_is_escaped(page: str):
    assert "<script>" not in page
    assert "\x07" not in words(page)
    assert 'alert("x")' in words(page)


def test_every_page_ends_with_the_disclaimer_version_and_date(page: str):
    said = words(page)
    assert DISCLAIMER in said
    assert f"scs-sim {__version__}" in said
    assert "21 November 2026" in said


def test_notes_stay_out_unless_asked_for():
    one = matter(notes=(("Program", "a private remark"),), case=replace(builtin_case("foot"), notes="another one"))
    for quiet in (report_html(report_of(one)), card_html(one)):
        assert "private" not in quiet
        assert "another one" not in quiet
        assert "warm" not in quiet
    assert "a private remark" in report_html(report_of(one, notes=True))
    assert "felt &lt;warm&gt;" in report_html(report_of(one, notes=True))
    assert "a private remark" in card_html(one, notes=True)


def test_numbers_are_those_of_the_result():
    one = matter()
    result, said = one.result, words(report_html(report_of(one)))
    at, found, safety = result.thresholds, result.coverage, result.safety
    for value in (at.pt_ma, at.comfort_ma, at.dt_ma, at.mt_ma, at.usage_range_ma, result.amplitude_ma):
        assert f"{value:.2f} mA" in said
    for value in (found.pain_covered_percent, found.unwanted_of_felt_percent, found.worst_region_percent):
        assert f"{value:.0f} %" in said
    assert f"{safety.charge_density_uc_per_cm2:.1f} µC/cm²" in said
    assert f"{safety.compliance_v:.1f} V" in said
    for effect in result.side_effects:
        assert effect.what in said
        assert f"{effect.from_ma:.2f} mA" in said
    for warning in (*result.warnings, *result.notes):
        assert warning in said
    rows = next(
        block for section in report_of(one).sections if section.title == "Coverage" for block in section.blocks
        if isinstance(block, Table)
    ).rows  # fmt: skip
    painful = {region.title: region for region in result.regions if region.pain_score}
    assert {row[0] for row in rows} == set(painful)
    for title, pain, felt, *_ in rows:
        assert pain == f"{painful[title].pain_score:g}/10"
        assert felt == f"{painful[title].felt_percent:.0f} %"


def test_facts_and_thresholds_stand_beside_their_own_names():
    one = matter()
    blocks = [block for section in report_of(one).sections for block in section.blocks]
    facts = {fact.label: fact.value for block in blocks if isinstance(block, Facts) for fact in block.items}
    at, found = one.result.thresholds, one.result.coverage
    assert facts == {
        "Pain covered": f"{found.pain_covered_percent:.0f} %",
        "Unwanted": f"{found.unwanted_of_felt_percent:.0f} %",
        "Left / right": f"{found.left_percent_of_felt:.0f} / {found.right_percent_of_felt:.0f} %",
        "Amplitude": f"{one.result.amplitude_ma:.2f} mA",
        "Usage range": f"{at.usage_range_ma:.2f} mA",
    }
    rows = next(block.rows for block in blocks if isinstance(block, Table) and block.columns[0] == "Threshold")
    assert {row[0].split()[0]: row[1] for row in rows} == {
        "Perception": f"{at.pt_ma:.2f} mA",
        "Comfort": f"{at.comfort_ma:.2f} mA",
        "Discomfort": f"{at.dt_ma:.2f} mA",
        "Motor": f"{at.mt_ma:.2f} mA",
    }


def test_noted_thresholds_stand_beside_predicted_ones():
    said = words(report_html(report_of(matter())))
    assert "1.80 mA" in said
    assert "not noted" in said
    assert "Noted by a person: PT 1.80, DT 4.10 mA" in words(card_html(matter()))
    assert "Noted" not in words(card_html(matter(noted=())))


def test_the_card_says_dials_thresholds_coverage_and_limits():
    one = matter()
    result, said = one.result, words(card_html(one))
    area = result.areas[0]
    for part in (f"{area.amplitude_ma:.2f}", f"{area.pulse_width_us:g}", f"{area.rate_hz:g}", area.waveform):
        assert part in said
    assert f"PT {result.thresholds.pt_ma:.2f}" in said
    assert f"DT {result.thresholds.dt_ma:.2f}" in said
    assert f"MT {result.thresholds.mt_ma:.2f}" in said
    assert f"{result.coverage.pain_covered_percent:.0f} %" in said
    assert "not for patient care" in said


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_nothing_of_a_card_leaves_the_page(case_id: str):
    case = builtin_case(case_id)
    program = replace(case.program, amplitude_ma=2.0, more_areas=(parse_area("1.1- 1.2+; 3 mA; 210 us; 30 Hz"),))
    for result in (example_result(case), without_motor_threshold(example_result(case, program))):
        for item in card_scene(matter(case=case, result=result, program_name="x" * 120)).items:
            if isinstance(item, (Fill, Lines)):
                points = np.concatenate(list(item.rings if isinstance(item, Fill) else item.paths))
                assert points.min() >= 0.0
                assert points[:, 0].max() <= WIDTH
                assert points[:, 1].max() <= HEIGHT
            elif isinstance(item, Text):
                wide = 0.5 * item.size * len(item.text)
                left = item.x - {"start": 0.0, "middle": wide / 2.0, "end": wide}[item.anchor]
                assert left >= 0.0, item.text
                assert left + wide <= WIDTH, item.text


def test_contacts_are_drawn_where_they_lie_with_signs_and_shares():
    case = builtin_case("back-and-left-leg")
    program = replace(case.program, contacts="1.3-60 1.4-40 1.6+70 2.2+30")
    drawn = leads_scene(matter(result=example_result(case, program)))
    texts = {item.text: item for item in drawn.items if isinstance(item, Text)}
    assert {"60 %", "40 %", "70 %", "30 %"} <= set(texts)
    heights = [texts[f"1.{contact}"].y for contact in range(1, 9)]
    assert heights == sorted(heights), "the tip is rostral: contact 1 at the top"
    assert texts["60 %"].y == pytest.approx(texts["1.3"].y, abs=1.0)
    assert texts["2.2"].x > texts["1.2"].x, "leads count from the patient's left, seen from behind"


@pytest.mark.parametrize("lead", ["paddle-5x4", "paddle-4x8-4mm", "paddle-565", "sixteen-4mm"])
def test_words_beside_contacts_do_not_overlap_on_a_card(lead: str):
    case = builtin_case("low-back")
    program = replace(case.program, contacts="1.1-50 1.2-50 1.6+60 1.9+40")
    case = replace(case, leads=(LeadPlacement(lead, "T8"),), program=program)
    drawn = leads_items(case, example_result(case).areas, 0.0, 0.0, 308.0, 456.0)
    texts = [item for item in drawn if isinstance(item, Text) and item.text != "lead 1"]
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}
    boxes = []
    for item in texts:
        wide = 0.56 * item.size * len(item.text)
        left = item.x - shift[item.anchor] * wide
        boxes.append((left, left + wide, item.y - 0.75 * item.size, item.y, item.text))
    for one, other in combinations(boxes, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart, (one[4], other[4])


def test_a_paresthesia_free_program_claims_no_coverage():
    case = builtin_case("back-and-left-leg")
    program = replace(case.program, rate_hz=10_000.0, pulse_width_us=30.0, waveform="biphasic", amplitude_ma=2.0)
    one = matter(result=example_result(case, program))
    assert "Not applicable" in words(report_html(report_of(one)))
    assert "Not applicable" in words(card_html(one))


def test_drawings_have_a_title_and_words():
    for section in report_of(matter()).sections:
        for block in section.blocks:
            if isinstance(block, Figure):
                root = ElementTree.fromstring(write_svg(block.scene, block.name))
                svg = "{http://www.w3.org/2000/svg}"
                assert root.find(f"{svg}title").text
                assert len(root.find(f"{svg}desc").text) > 20


def test_long_words_are_cut_with_an_ellipsis():
    assert fitted("short", 10.0, 100.0) == "short"
    cut = fitted("a very long name of a program", 10.0, 60.0)
    assert cut.endswith("…")
    assert len(cut) * 10.0 * 0.54 <= 60.0
