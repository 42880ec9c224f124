"""The look of the field panel: its scale, what it needs, which fibres fire, words, without Qt."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from field_desk import FieldDesk

from scs_models import recruitment
from scs_models.leads import LeadPlacement
from scs_ui.state.actions import contacts
from scs_ui.state.actions.stimulation import set_amplitude, set_on
from scs_ui.state.looks.field import (
    DIAMETER_UM,
    amplitude_ma,
    field_key,
    field_look,
    level_words,
    needed,
    single_pulse_ma,
    stepped_mm,
    tissue_at,
    words_at,
)
from scs_ui.state.looks.field_scale import SCALES, short_number


@pytest.fixture
def desk() -> FieldDesk:
    made = FieldDesk()
    made.load()
    return made


@pytest.mark.parametrize("kind", ["potential", "field", "activating"])
def test_the_scale_rises_and_goes_back(kind):
    scale = SCALES[kind]
    values = np.geomspace(0.01, scale.limit, 60)
    places = scale.place(values)
    assert (np.diff(places) > 0.0).all()
    assert float(scale.place(scale.limit)) == pytest.approx(1.0)
    assert float(scale.place(5.0 * scale.limit)) == 1.0
    np.testing.assert_allclose(scale.place(-values), -places)
    for value in (0.3, 7.0, 0.9 * scale.limit):
        assert scale.value(float(scale.place(value))) == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("amplitude", [0.0, 0.4, 3.0, 25.0])
def test_numbers_beside_the_scale_are_round_and_stand_where_the_value_is(amplitude):
    scale = SCALES["potential"]
    ticks = scale.ticks(amplitude)
    assert 5 <= len(ticks) <= 9
    assert [place for place, _ in ticks] == sorted(place for place, _ in ticks)
    for place, text in ticks:
        value = float(text.replace("\N{MINUS SIGN}", "-"))
        assert scale.value(place) * (amplitude or 1.0) == pytest.approx(value, rel=1e-3, abs=1e-9)
    assert not any(text.startswith("\N{MINUS SIGN}") for _, text in SCALES["field"].ticks(amplitude))


def test_contours_stand_at_one_two_five():
    found = SCALES["activating"].contours()
    assert found[len(found) // 2 :][:5] == pytest.approx((1.0, 2.0, 5.0, 10.0, 20.0))
    assert found == tuple(-value for value in found[::-1])


def test_what_is_missing_is_said(desk):
    desk.act(contacts.clear)
    look = field_look(desk.store.moment(), desk.pictures)
    assert look.image is None
    assert "cathode" in look.message
    assert needed(desk.store.frame) == ()
    fresh = FieldDesk()
    assert "picture" in field_look(fresh.store.moment(), fresh.pictures).message
    assert "leads" in field_look(replace(fresh.store.moment(), frame=None), fresh.pictures).message


def test_pictures_are_asked_for_once_and_serve_another_place(desk):
    case = desk.store.session.case
    assert needed(desk.store.frame) == ("1.2", "1.3")
    rest = desk.pictures.request(case, needed(desk.store.frame))
    assert rest is not None
    assert rest.contacts is None  # those in use are there
    moved = replace(case, leads=(LeadPlacement("quad-7mm", "T9", tip_offset_mm=11.0, x_mm=1.3),))
    again = desk.pictures.request(moved, ("1.2", "1.3"))
    assert again is None or again.contacts is None
    other = replace(case, leads=(LeadPlacement("quad-7mm", "T11", tip_offset_mm=12.0),))
    assert desk.pictures.request(other, ("1.2", "1.3")).contacts == ("1.2", "1.3")


def test_the_picture_is_that_of_the_cathode_and_its_sign_is_right(desk):
    look = field_look(desk.store.moment(), desk.pictures)
    (lead,) = look.leads
    assert (lead.name, lead.sign, lead.percent) == ("1.2", -1, 100)
    rows, columns = look.image.shape
    row = int((lead.y_mm + 1.0 - look.bottom_mm) / (look.top_mm - look.bottom_mm) * rows)
    assert look.image[row, columns // 2] < -0.8
    desk.store.look(field_z_mm=-3.5)
    anode = field_look(desk.store.moment(), desk.pictures)
    assert anode.leads[0].sign == 1
    assert anode.image[row, columns // 2] > 0.8
    desk.store.look(field_plane="sagittal", field_z_mm=None)
    side = field_look(desk.store.moment(), desk.pictures)
    assert [one.sign for one in side.leads] == [0, -1, 1, 0]
    assert [name for name, _ in side.vertebrae] == ["T9"]


def test_an_amplitude_changes_neither_key_nor_image(desk):
    before = desk.store.moment()
    desk.act(lambda session: set_amplitude(session, 5.0))
    after = desk.store.moment()
    setting = desk.pictures.setting(after.session.case)
    assert field_key(before, setting) == field_key(after, setting)
    assert amplitude_ma(after.frame) == pytest.approx(5.0)
    desk.act(lambda session: contacts.cycle(session, "1.3"))
    assert field_key(desk.store.moment(), setting) != field_key(after, setting)
    desk.act(lambda session: set_on(session, False))
    assert amplitude_ma(desk.store.frame) == 0.0


def test_the_fibres_that_fire_are_those_of_the_model(desk):
    frame = desk.store.frame
    setting, answers = frame.setting, frame.solo_answers
    weights = setting.weights(answers.areas.areas[0])[None]
    found = recruitment.thresholds(setting.field, weights, 300.0, "recharge")
    own = setting.columns.diameter_um.tolist().index(DIAMETER_UM) - setting.column_diameters.start
    exact = found.column_ma[0, :, own].reshape(-1, len(setting.columns.depth_mm))
    look = field_look(desk.store.moment(), desk.pictures)
    columns = next(fibres for fibres in look.fibres if fibres.kind == "column")
    assert len(columns.xy_mm) == len(columns.threshold_ma)
    shallow = columns.threshold_ma.reshape(-1, len(setting.columns.depth_mm))[:, 0]
    assert columns.threshold_ma.min() == pytest.approx(exact.min(), rel=1e-5)
    assert np.median(shallow) < np.median(columns.threshold_ma)
    for amplitude in (0.0, 2.0, 5.0, 12.0):
        count = int(columns.recruited(amplitude).sum())
        entered = np.isin(exact.ravel().round(6), columns.threshold_ma.round(6))
        assert count == int((exact.ravel()[entered] <= amplitude).sum())
    fired = [int(columns.recruited(value).sum()) for value in (0.0, single_pulse_ma(frame), 25.0)]
    assert fired[0] == 0
    assert fired[0] < fired[1] < fired[2]


def test_dots_that_would_touch_are_left_out(desk):
    look = field_look(desk.store.moment(), desk.pictures)
    for fibres in look.fibres:
        few, many = fibres.drawn((0.5, 0.5)).sum(), fibres.drawn((0.01, 0.01)).sum()
        assert 0 < few < len(fibres.xy_mm) + 1
        assert few <= many


def test_words_name_level_tissue_and_value(desk):
    assert level_words(0.0) == "T9, middle"
    assert level_words(3.5) == "T9, 3.5 mm above its middle"
    assert "T10" in level_words(-20.0)
    look = field_look(desk.store.moment(), desk.pictures)
    assert tissue_at(look, 0.0, 0.0) == "grey"
    assert tissue_at(look, 0.0, look.leads[0].y_mm) == "contact"
    assert tissue_at(look, 0.0, 5.0) == "CSF"
    assert tissue_at(look, 9.0, 0.0) == "fat"
    assert words_at(look, 2.0, 5.0, -12.34, 2.0) == "CSF · −24.7 mV · 2.0 mm right · y 5.0 mm"
    assert words_at(look, 0.0, 5.0, 3.0, 0.0) == "CSF · 3.0 mV per mA · midline · y 5.0 mm"
    assert short_number(-0.001) == "0.00"


def test_levels_step_on_whole_mm_and_stop_where_sections_end(desk):
    setting = desk.pictures.setting(desk.store.session.case)
    assert stepped_mm(setting, 3.5, 1.0) in (4.0, 5.0)
    assert stepped_mm(setting, 4.0, -1.0) == 3.0
    assert stepped_mm(setting, setting.high_mm, 5.0) == setting.high_mm
