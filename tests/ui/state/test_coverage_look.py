"""The coverage panel's looks: figures against counted pixels, verdicts, comparison, population, sources."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models.errors import InvalidValueError
from scs_models.percept.body_map import load_body_map
from scs_models.tables import read_table
from scs_sim.case import builtin_case
from scs_sim.patient import PainMap
from scs_sim.population import FIGURES, Band, PopulationResult
from scs_ui.state.actions import pain
from scs_ui.state.live import Live
from scs_ui.state.looks.coverage import NONE, ORIGINS, coverage_look, origin_lines
from scs_ui.state.looks.sources import source_rows
from scs_ui.state.pain_paint import grid_of, score_image
from scs_ui.state.population import population_request
from scs_ui.state.session import session_of
from scs_ui.state.store import Store

BODY = load_body_map()


@pytest.fixture(scope="module")
def live() -> Live:
    made = Live()
    request = made.wanted(session_of(builtin_case("back-and-left-leg")))
    assert request is not None
    made.accept(request, request(lambda fraction, what: None))
    return made


def moment_of(live: Live, session):
    store = Store(session)
    store.show_frame(live.frame(session))
    return store.moment()


def at(session, amplitude_ma: float):
    return session.with_draft(replace(session.draft, amplitude_ma=amplitude_ma))


def figure(look, name: str):
    return next(item for item in look.figures if item.id == name)


def number(text: str) -> float:
    return float(text.split()[0])


def session_with(pain_map: PainMap | None = None):
    session = session_of(builtin_case("back-and-left-leg"))
    return session if pain_map is None else pain.set_pain(session, pain_map)


def test_pain_covered_agrees_with_counting_painted_pixels(live):
    """Painted pixels, each weighed with the share of its region that is felt: by area and by score."""
    pytest.importorskip("contourpy", reason="of the extra `ui`")
    session = at(session_with(), 2.4)
    for view, points, wide, score in (
        ("back", [(700.0, 480.0), (790.0, 520.0)], 40.0, 3.0),
        ("front", [(330.0, 620.0), (330.0, 900.0)], 25.0, 9.0),
        ("back", [(700.0, 600.0), (715.0, 850.0)], 16.0, 0.0),
        ("sole", [(575.0, 850.0), (575.0, 930.0)], 20.0, 5.0),
    ):
        session = pain.paint_stroke(session, view, points, wide, score)
    moment = moment_of(live, session)
    felt = np.array([0.0, *(region.felt_percent for region in moment.frame.result.regions)])
    scores = [score_image(session.case.pain, view) for view in ("front", "back", "sole")]
    shares = [felt[grid_of(view).labels] for view in ("front", "back", "sole")]
    area = sum(np.count_nonzero(image) for image in scores)
    covered = sum(share[image > 0].sum() for image, share in zip(scores, shares, strict=True))
    load = sum(image.sum() for image in scores)
    weighed = sum((image * share).sum() for image, share in zip(scores, shares, strict=True))
    shown = figure(coverage_look(moment), "covered")
    assert 5.0 < covered / area < 95.0
    assert number(shown.value) == pytest.approx(covered / area, abs=1.2)
    assert number(shown.details[0]) == pytest.approx(weighed / load, abs=1.2)


def test_the_verdict_turns_at_the_pass_line(live):
    line = read_table("limits", "scs_sim")["coverage"]["pass_line"]["pain_covered_percent"]
    session, seen = session_with(), set()
    for amplitude in np.arange(1.4, 4.0, 0.1):
        moment = moment_of(live, at(session, float(amplitude)))
        shown = figure(coverage_look(moment), "covered")
        assert (shown.verdict, shown.tone) == (
            ("passes", "good") if moment.frame.result.coverage.pain_covered_percent >= line else ("too little", "warn")
        )
        assert shown.bar.mark == pytest.approx(line / 100.0)
        seen.add(shown.verdict)
    assert seen == {"passes", "too little"}


def test_the_worst_region_is_the_painful_one_with_the_least(live):
    moment = moment_of(live, at(session_with(), 2.4))
    painful = [region for region in moment.frame.result.regions if region.pain_score > 0]
    worst = min(painful, key=lambda region: region.felt_percent)
    shown = figure(coverage_look(moment), "worst")
    assert shown.details == (worst.title,)
    assert number(shown.value) == pytest.approx(worst.felt_percent, abs=0.5)


def test_no_figures_where_coverage_does_not_apply(live):
    session = session_with()
    fast = session.with_draft(replace(session.draft, rate_hz=10_000.0, pulse_width_us=30.0, waveform="biphasic"))
    look = coverage_look(moment_of(live, fast))
    assert look.notice.startswith("Coverage not applicable: at 10000 Hz")
    assert {item.value for item in look.figures} == {NONE}
    assert not look.can_ask
    with pytest.raises(InvalidValueError, match="paresthesia-free"):
        population_request(fast)
    alone = session.with_draft(replace(session.draft, shares=session.draft.shares[:1]))
    assert "cathode and an anode" in coverage_look(moment_of(live, alone)).notice
    with pytest.raises(InvalidValueError, match="incomplete"):
        population_request(alone)


def test_an_infection_forbids_whatever_is_covered(live):
    session = at(session_with(), 3.2)
    ill = replace(session, case=replace(session.case, patient=replace(session.case.patient, infection=True)))
    assert figure(coverage_look(moment_of(live, session)), "covered").verdict == "passes"
    look = coverage_look(moment_of(live, ill))
    assert (look.notice[:9], look.tone) == ("Forbidden", "error")
    assert (figure(look, "covered").verdict, figure(look, "covered").tone) == ("forbidden", "error")


def test_silence_covers_nothing_and_says_so(live):
    look = coverage_look(moment_of(live, replace(at(session_with(), 3.0), on=False)))
    assert figure(look, "covered").value == "0 %"
    assert figure(look, "unwanted").value == NONE
    assert look.notice == "Stimulation is off."


def test_b_stands_beside_a_with_its_difference(live):
    session = at(session_with(), 3.0)
    other = session.program.with_area(0, replace(session.draft, amplitude_ma=1.9))
    both = replace(session, programs=(session.program, other), compared=1)
    shown = figure(coverage_look(moment_of(live, both)), "covered")
    alone = figure(coverage_look(moment_of(live, at(session_with(), 1.9))), "covered")
    assert shown.lines[0].startswith(f"B {alone.value} (")
    told = float(shown.lines[0].split("(")[1].rstrip(")").replace("−", "-"))
    assert told == pytest.approx(number(alone.value) - number(shown.value), abs=1.0)
    assert figure(coverage_look(moment_of(live, session)), "covered").lines == ()


def test_side_effects_tell_what_is_felt_now(live):
    moment = moment_of(live, at(session_with(), 3.0))
    effects = coverage_look(moment).effects
    assert len(effects) == len(moment.frame.result.side_effects)
    assert {effect.is_now for effect in effects} == {True, False}
    for effect in effects:
        assert effect.is_now == (float(effect.start.split()[0]) <= 3.0)


def test_the_low_back_is_told_between_perception_and_discomfort(live):
    moment = moment_of(live, at(session_with(), 2.4))
    thresholds = moment.frame.result.thresholds
    first = min(r.first_felt_ma for r in moment.frame.result.regions if r.id.endswith("_low_back"))
    shown = figure(coverage_look(moment), "low_back")
    assert float(shown.value) == pytest.approx(
        (first - thresholds.pt_ma) / (thresholds.dt_ma - thresholds.pt_ma), abs=0.01
    )
    assert shown.tone == ("good" if first < thresholds.dt_ma else "warn")


def test_every_figure_says_where_it_comes_from():
    known = {row.key for row in source_rows()} | set(read_table("references"))
    for name, origin in ORIGINS.items():
        assert set(origin.keys) <= known, name
        assert len(origin_lines(origin)) == len(origin.keys)
        assert origin.words.endswith(".")


def population_of(values: dict[str, tuple[float, float, float]], **changes) -> PopulationResult:
    """Return an answer with given bands, as if 40 patients had been asked."""
    answer = PopulationResult(
        case_id="x", case_title="x", contacts="1.3- 1.4+", posture="supine", forbidden="", count=40, agreeing=40,
        seed=0, known=(), measured_pt_ma=None, amplitude_from="comfort",
        bands=tuple(Band(name, *values.get(name, (1.0, 2.0, 3.0)), 40) for name in FIGURES), regions=(),
        pass_line_percent=80.0, passes_percent=35.0, kernels_built=0, patients=(), values=np.zeros((40, len(FIGURES))),
    )  # fmt: skip
    return replace(answer, **changes)


def test_the_population_stands_below_the_bars_and_is_told(live):
    session = at(session_with(), 2.4)
    store = Store(session)
    store.show_frame(live.frame(session))
    store.show_population(population_of({"pain_covered_percent": (12.0, 55.0, 96.0), "pt_ma": (1.0, 1.9, 3.25)}))
    look = coverage_look(store.moment())
    shown = figure(look, "covered")
    assert shown.bar.band == (0.12, 0.55, 0.96)
    assert shown.lines[-1] == "patients 12 – 55 – 96 %"
    assert look.population.startswith("40 patients, at each one's comfort: 35 % of them pass 80 %")
    assert "PT 1.0 – 3.2" in look.population
    store.show_population(population_of({}, agreeing=31, amplitude_from="given"))
    assert coverage_look(store.moment()).population.startswith("31 of 40 patients agree, at this amplitude")
    store.replace(at(session, 2.5))
    assert coverage_look(store.moment()).population == ""


@pytest.mark.slow
def test_the_populations_bars_are_its_percentiles(live):
    session = at(session_with(), 2.4)
    store = Store(session)
    store.show_frame(live.frame(session))
    answer = replace(population_request(session), count=6)(workers=1)
    store.show_population(answer)
    shown = figure(coverage_look(store.moment()), "covered")
    assert shown.bar.band == pytest.approx(np.percentile(answer.values[:, 0], (5, 50, 95)) / 100.0)
