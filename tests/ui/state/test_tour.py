"""The tour's steps and where its card goes."""

from __future__ import annotations

import pytest

from scs_ui.state.tour import STEPS, Tour, back, card_place, ended, forward


def test_five_steps_from_the_leads_to_saving():
    assert [step.panel for step in STEPS] == ["spine", "stimulation", "body", "coverage", ""]
    assert "save" in STEPS[-1].text.lower()
    assert "not pain relief" in " ".join(step.text for step in STEPS)


def test_it_goes_on_and_back_and_ends():
    tour = Tour()
    assert back(tour) == tour
    for _ in range(4):
        tour = forward(tour)
    assert tour.is_last
    assert tour.progress == "5 of 5"
    assert forward(tour).over
    assert back(tour).place == 3
    assert ended(Tour(place=1)).over


@pytest.mark.parametrize(
    "hole",
    [(10, 40, 300, 700), (300, 40, 600, 700), (0, 700, 1600, 230), (1200, 60, 390, 400), (0, 0, 1600, 950), None],
)
@pytest.mark.parametrize("card", [(360, 240), (640, 420)])
def test_the_card_is_whole_inside_the_window(hole, card):
    x, y = card_place((1600, 950), hole, card)
    assert 0 <= x <= 1600 - card[0]
    assert 0 <= y <= 950 - card[1]


def test_the_card_leaves_the_hole_free_where_there_is_room():
    for hole in ((10, 40, 300, 700), (1200, 60, 390, 400), (0, 700, 1600, 230)):
        x, y = card_place((1600, 950), hole, (360, 240))
        apart = x >= hole[0] + hole[2] or x + 360 <= hole[0] or y >= hole[1] + hole[3] or y + 240 <= hole[1]
        assert apart, hole
