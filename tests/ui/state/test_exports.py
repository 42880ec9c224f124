"""What leaves the window as text: numbers of the Result, no notes unless asked for, no file replaced unasked."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from scs_models.errors import InvalidValueError, OutputError
from scs_sim import DISCLAIMER
from scs_sim.case import builtin_case
from scs_sim.program import parse_contacts
from scs_ui.state import exports
from scs_ui.state import session as sessions
from scs_ui.state.draft import AreaDraft, Marks
from scs_ui.state.live import Frame, Live
from scs_ui.state.session import Session, session_of

LIVE = Live()


def answered(session: Session) -> Frame:
    while (request := LIVE.wanted(session)) is not None:
        LIVE.accept(request, request(lambda fraction, what: None))
    frame = LIVE.frame(session)
    assert frame is not None
    return frame


@pytest.fixture(scope="module")
def session() -> Session:
    begin = session_of(builtin_case("foot"))
    draft = replace(begin.draft, amplitude_ma=1.5, marks=Marks(pt_ma=1.2))
    off = AreaDraft(parse_contacts("1.6-100 1.7+100"), amplitude_ma=2.0, on=False)
    noted = sessions.Tested("=SUM(A1)", "1.3-100 1.4+100", 1.5, 210.0, 50.0, 0.0, 0.0, None, 12.5, note="warm foot")
    program = replace(begin.program, areas=(draft, off), name="Sole", notes="a private remark")
    return replace(begin, programs=(program,), tested=(noted,), case=replace(begin.case, notes="seen on Monday"))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_settings_as_text_say_dials_predictions_and_the_disclaimer(session: Session):
    frame = answered(session)
    text = exports.settings_text(session, frame)
    first, area, other, *rest = text.splitlines()
    assert first.startswith("Sole (")
    assert "1.50 mA" in area
    assert "noted: PT 1.2 mA" in area
    assert "(not running)" in other
    assert f"PT {frame.result.thresholds.pt_ma:.2f}" in rest[0]
    assert f"{frame.result.coverage.pain_covered_percent:.0f} %" in rest[1]
    assert DISCLAIMER in text
    assert "private" not in text
    assert "private" in exports.settings_text(session, frame, notes=True)


def test_an_old_answer_is_not_given_out(session: Session):
    frame = answered(session)
    moved = session.with_draft(replace(session.draft, amplitude_ma=1.0))
    assert "Predicted thresholds" not in exports.settings_text(moved, frame)
    with pytest.raises(InvalidValueError, match="no answer"):
        exports.matter_of(moved, frame, "today")
    with pytest.raises(InvalidValueError, match="no answer"):
        exports.matter_of(session, None, "today")


def test_while_stimulation_is_off_dials_are_told_and_no_report_is_made(session: Session):
    both = replace(session.program, areas=tuple(replace(a, on=True) for a in session.program.areas))
    off = replace(session.with_program(both), on=False)
    text = exports.settings_text(off, answered(off))
    assert "Stimulation is off." in text
    assert "1.50 mA" in text
    with pytest.raises(InvalidValueError, match="stimulation is off"):
        exports.matter_of(off, answered(off), "today")


def test_the_matter_of_a_report_holds_result_marks_and_tested_settings(session: Session):
    frame = answered(session)
    matter = exports.matter_of(session, frame, "21 November 2026")
    assert matter.result is frame.result
    assert matter.program_name == "Sole"
    assert [noted.pt_ma for noted in matter.noted] == [1.2]
    assert matter.tried[0].contacts == "1.3-100 1.4+100"
    assert dict(matter.notes) == {"Program": "a private remark", "Case": "seen on Monday"}


def test_curves_are_those_of_the_result(session: Session):
    result = answered(session).result
    rows = rows_of(exports.curves_csv(result))
    assert len(rows) == len(result.recruitment.amplitude_ma)
    at = result.recruitment.sided_dermatomes.index("left L5")
    for row, amplitude, dc, dr in zip(
        rows, result.recruitment.amplitude_ma, result.recruitment.dc_fibres, result.recruitment.dr_fibres, strict=True
    ):
        assert float(row["amplitude_ma"]) == pytest.approx(amplitude, rel=1e-5)
        assert float(row["dc_left_L5_fibres"]) == pytest.approx(dc[at], rel=1e-5)
        assert float(row["dr_left_L5_fibres"]) == pytest.approx(dr[at], rel=1e-5)
    assert len(rows[0]) == 2 + 2 * 56


def test_regions_and_contacts_are_those_of_the_result(session: Session):
    result = answered(session).result
    for row, region in zip(rows_of(exports.regions_csv(result)), result.regions, strict=True):
        assert row["id"] == region.id
        assert float(row["felt_percent"]) == pytest.approx(region.felt_percent)
        assert (row["first_felt_ma"] == "") == (region.first_felt_ma is None)
    for row, state in zip(rows_of(exports.contacts_csv(result)), result.contact_states, strict=True):
        assert row["contact"] == state.name
        assert float(row["area_a_share_percent"]) == pytest.approx(state.share_percent[0])
        assert float(row["impedance_ohm"]) == pytest.approx(state.impedance_ohm)


def test_tested_settings_are_safe_for_spreadsheets_and_without_notes(session: Session):
    (row,) = rows_of(exports.settings_csv(session))
    assert row["program"] == "'=SUM(A1)"
    assert row["pain_covered_percent"] == ""
    assert float(row["unwanted_percent"]) == 12.5
    assert "note" not in row
    assert rows_of(exports.settings_csv(session, notes=True))[0]["note"] == "warm foot"


def test_files_are_written_whole_and_none_is_replaced_unasked(tmp_path: Path):
    path = tmp_path / "Kurven µ 1.csv"
    exports.write_file(str(path), "a\n", replace=False)
    with pytest.raises(OutputError, match="there is a file of this name"):
        exports.write_file(str(path), "b\n", replace=False)
    assert path.read_text(encoding="utf-8") == "a\n"
    exports.write_file(str(path), b"b\n", replace=True)
    assert path.read_bytes() == b"b\n"
    with pytest.raises(OutputError, match="cannot be written"):
        exports.write_file(str(tmp_path / "nowhere" / "x.csv"), "a", replace=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.name], "no temporary file stays"
