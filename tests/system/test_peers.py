"""The comparison with peers (benchmarks/peers): a peer that is missing, fails or errs is shown as just that.

Quick tests ask small programs that play a peer. The slow one asks NEURON where it is, in the environment of the tests.
"""

from __future__ import annotations

import json
import math
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "peers"))
import peer
import question
import run
import tables
from peer import Answer, Group, NoAnswerError

REQUIRED = os.environ.get("SCS_SIM_REQUIRE_NEURON") == "1"
TRUE_MA = (1.0, 2.0, 4.0)
QUESTION = {"fibres": [{"names": ["a", "b", "c"], "pulses": [{"waveform": "monophasic", "pulse_width_us": 210.0}],
                        "diameter_um": 12.8}]}  # fmt: skip


def playing(folder: Path, body: str, name: str = "played") -> tuple[str, ...]:
    """Return the command of a program that runs `body` with the paths `source` and `target`."""
    program = folder / f"{name}.py"
    program.write_text(
        f"import json, sys\nfrom pathlib import Path\nsource, target = map(Path, sys.argv[-2:])\n{body}\n",
        encoding="utf-8",
    )
    return (sys.executable, str(program))


def saying(threshold_ma: object, cpu_s: float = 0.5) -> str:
    """Return the body of a program that answers with these thresholds."""
    group = {"threshold_ma": threshold_ma, "cpu_s": cpu_s, "runs": 10}
    return f"target.write_text({json.dumps(json.dumps({'version': 'played 1', 'setup_s': 0.1, 'groups': [group]}))})"


def answer(factor: float, cpu_s: float) -> Answer:
    """Return an answer whose thresholds are `factor` times the true ones."""
    return Answer("played 1", 0.1, (Group(tuple(factor * value for value in TRUE_MA), cpu_s, 10.0),))


def test_an_answer_is_read_as_it_was_said(tmp_path: Path) -> None:
    found = peer.ask(playing(tmp_path, saying([1.0, 2.0, 4.0], 0.25)), QUESTION, tmp_path)
    assert found == Answer("played 1", 0.1, (Group((1.0, 2.0, 4.0), 0.25, 10.0),))


def test_a_peer_is_given_the_question_and_one_thread(tmp_path: Path) -> None:
    body = (
        "import os\nassert json.loads(source.read_text())['fibres'][0]['diameter_um'] == 12.8\n"
        "assert os.environ['OPENBLAS_NUM_THREADS'] == os.environ['OMP_NUM_THREADS'] == '1'\n"
    )
    assert peer.ask(playing(tmp_path, body + saying([1.0, 2.0, 4.0])), QUESTION, tmp_path).setup_s == 0.1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("print('starting')\nraise ImportError('no engine here')", "ImportError: no engine here"),
        ("print('out of licences')\nsys.exit(3)", "out of licences"),
        ("sys.exit(3)", "exit code 3"),
        ("pass", "can't be read: FileNotFoundError"),
        ("target.write_text('ready')", "can't be read: JSONDecodeError"),
        ("target.write_text('{\"groups\": 3}')", "can't be read: TypeError"),
        (saying([1.0, 2.0]), "it gave 2 thresholds in 1 groups; asked were 3"),
        (saying([1.0, -2.0, 4.0]), "not above 0 mA"),
        (saying([1.0, math.nan, 4.0]), "not above 0 mA"),
        (saying([1.0, 2.0, 4.0], 0.0), "it gave no time"),
    ],
)
def test_what_is_no_answer_is_a_reason_in_one_line(tmp_path: Path, body: str, reason: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        peer.ask(playing(tmp_path, body), QUESTION, tmp_path)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_program_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(NoAnswerError, match="nowhere"):
        peer.ask((str(tmp_path / "nowhere"),), QUESTION, tmp_path)


def test_a_peer_that_cannot_be_installed_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer.venv, "create", lambda home, with_pip: home.mkdir())
    absent = peer.Peer("absent", "Absent", ("absent",), ("in_absent.py",))
    found = run.installed([absent], tmp_path)
    assert "python" in found["absent"]
    assert isinstance(found["absent"], str)


def test_without_a_compiler_the_reason_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoAnswerError, match=r"it needs NEURON, a C\+\+ compiler \(g\+\+\), make"):
        peer.compiled(tmp_path / "bin", tmp_path)


def test_a_peer_that_fails_is_not_asked_again_and_the_others_are(tmp_path: Path) -> None:
    note = "(source.parent.parent / 'turns').open('a').write('x')\n"
    rows = [
        run.Asked("broken", "Broken", playing(tmp_path, f"{note}raise OSError('lost')", "broken"), "interpolation"),
        run.Asked("whole", "Whole", playing(tmp_path, saying([1.0, 2.0, 4.0]), "whole"), "interpolation"),
    ]
    found = run.in_turns(rows, {"interpolation": QUESTION}, 2, tmp_path)
    assert found["broken"] == "OSError: lost"
    assert isinstance(found["whole"], Answer)
    assert (tmp_path / "turns").read_text() == "x"


def test_the_table_shows_ratios_errors_and_empty_rows() -> None:
    neuron = answer(1.0, 0.8)
    wrong = Answer("played 1", 0.1, (Group((1.01, 2.0, 3.0), 0.01, 10.0),))
    rows = [
        tables.Row("NEURON", "interpolation", neuron),
        tables.Row("wrong by up to a quarter", "interpolation", wrong),
        tables.Row("not here", "", None, "no module | named\nengine"),
    ]
    text = tables.main_table(rows, {"interpolation": tables.Yardstick(np.array(TRUE_MA), neuron)})
    first, second, third = text.splitlines()[2:]
    assert first == "| NEURON | 3 | 10.0 | 1 | 0.00 | 0.00 | 0.00 |"
    assert second == "| wrong by up to a quarter | 3 | 10.0 | 80 | 1.00 | 22.60 | 25.00 |"
    assert third == "| not here: no module / named engine | | | | | | |"


def test_without_neuron_no_ratio_of_times_is_made_up() -> None:
    rows = [tables.Row("ours", "interpolation", answer(1.1, 0.8))]
    text = tables.main_table(rows, {"interpolation": tables.Yardstick(np.array(TRUE_MA), None)})
    assert text.splitlines()[-1] == "| ours | 3 | 10.0 |  | 10.00 | 10.00 | 10.00 |"


def test_the_best_time_of_each_group_counts() -> None:
    assert tables.seconds(tables.best_of([answer(1.0, 0.8), answer(1.0, 0.5), answer(1.0, 0.9)])) == 0.5


def test_an_error_of_first_order_in_the_step_is_extrapolated_away() -> None:
    def stepped(step_us: float) -> Answer:
        return answer(1.0 + 0.004 * step_us, 1.0)

    assert tables.extrapolated(stepped(2.5), stepped(1.25)) == pytest.approx(TRUE_MA, rel=1e-12)


def test_errors_are_told_by_field_with_their_sign() -> None:
    off = Answer("played 1", 0.1, (Group((1.02, 2.0, 3.8), 0.1, 10.0),))
    lines = tables.parts_table(QUESTION, {"a peer": off}, np.array(TRUE_MA)).splitlines()[2:]
    assert lines[0] == "| a | 1 | 2.00 | +2.00 |"
    assert lines[2] == "| c | 1 | 5.00 | -5.00 |"
    assert lines[3] == "| monophasic, 210 us | 3 | 2.00 | -5.00 |"
    assert lines[4] == "| 12.8 um | 3 | 2.00 | -5.00 |"


def test_a_finer_question_starts_each_search_just_below_what_is_known() -> None:
    fibre = {"names": ["a"], "pulses": [{}, {}]}
    known = Answer("played 1", 0.1, tuple(Group((value,), 1.0, 10.0) for value in (1.0, 2.0, 3.0, 4.0)))
    finer = run.finer({"fibres": [fibre, fibre], "step_us": 5.0}, 1.25, known)
    starts = [value for row in finer["fibres"] for (value,) in row["start_ma"]]
    assert starts == pytest.approx([0.985, 1.97, 2.955, 3.94])
    assert finer["step_us"] == 1.25


def test_only_what_is_between_the_marks_of_the_page_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{run.BEGIN}\nold\n{run.END}\nafter\n", encoding="utf-8")
    run.put_into(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{run.BEGIN}\nnew\n{run.END}\nafter\n"
    page.write_text("no marks\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="lacks the marks"):
        run.put_into(page, "new")


def test_a_part_of_the_comparison_is_never_written(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--write", "--quick"], ["--write", "--only", "neuron"]):
        with pytest.raises(SystemExit) as caught:
            run.main(words)
        assert caught.value.code == 2
    assert "--write is for the whole comparison" in capsys.readouterr().err


def compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **commands: object) -> str:
    """Return the section where peers are asked by `commands` (or absent for a reason), and we are always right."""
    right = {"axon": [1.0, 2.0, 4.0], "predictor": [1.1, 2.0, 4.0], "case": []}
    monkeypatch.setattr(run, "question", lambda *rest: QUESTION)
    monkeypatch.setattr(run, "installed", lambda peers, folder: commands)
    monkeypatch.setattr(
        run, "ours", lambda way: playing(tmp_path, saying(right[way.partition("-")[0]], 0.01), f"our-{way}")
    )
    peers = [peer.Peer(name, f"Peer {name}", (), ()) for name in commands]
    return run.compare(peers, quick=True, folder=tmp_path, tissue=lambda: None)


def test_a_wrong_a_broken_and_an_absent_peer_stand_in_one_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = compared(
        tmp_path,
        monkeypatch,
        neuron=playing(tmp_path, saying([1.0, 2.0, 4.0], 0.4), "neuron"),
        wrong=playing(tmp_path, saying([1.0, 3.0, 4.0], 0.8), "wrong"),
        broken=playing(tmp_path, "raise ImportError('no engine here')", "broken"),
        absent="ERROR: no such package",
    )
    assert "| Peer neuron | 3 | 10.0 | 1 | 0.00 | 0.00 | 0.00 |" in text
    assert "| Peer wrong | 3 | 10.0 | 0.5 | 0.00 | 45.00 | 50.00 |" in text
    assert "| Peer broken: ImportError: no engine here | | | | | | |" in text
    assert "| Peer absent: ERROR: no such package | | | | | | |" in text
    assert "| our predictor, one fibre at a time | 3 | 10.0 | 40 | 0.00 | 9.00 | 10.00 |" in text
    assert "Errors are against NEURON at a step of nothing" in text


def test_where_neuron_is_absent_the_text_says_what_errors_are_against(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = compared(tmp_path, monkeypatch, neuron="it needs make")
    assert "| Peer neuron: it needs make | | | | | | |" in text
    assert "Errors are against our axon in very fine steps, because NEURON did not answer" in text


def test_where_our_own_code_fails_nothing_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "saying", lambda *rest: "raise ValueError('ours is broken')")
    with pytest.raises(SystemExit, match="our own code failed: axon-plain: ValueError: ours is broken"):
        compared(tmp_path, monkeypatch, neuron="it needs make")


@pytest.mark.slow
@pytest.mark.neuron
def test_neuron_and_ours_answer_the_same_question_alike(tmp_path: Path) -> None:
    """A column and a root in the canal's field, and a point source.

    The same again, fields in another order and with whole tails: no run leaves a trace, no quiet fibre fires later. And
    a point source that NEURON's program places by itself: both know the interpolated geometry, each on its own.
    """
    try:
        if find_spec("neuron") is None:
            raise NoAnswerError("it needs NEURON")
        mechanisms = peer.compiled(Path(sys.executable).parent, tmp_path)
    except NoAnswerError as error:
        (pytest.fail if REQUIRED else pytest.skip)(f"the comparison with NEURON: {error}")
    neuron = (sys.executable, str(peer.HERE / "in_neuron.py"), str(mechanisms))
    asked = question.question(question.QUICK, 5.0, 1e-3, question.canal())
    fibre = asked["fibres"][0]
    chosen = [fibre["names"].index(name) for name in ("deep column at the side, guarded cathode",
              "root, guarded cathode above it", "point source at 3 mm")]  # fmt: skip
    fibre["names"] = [fibre["names"][place] for place in chosen]
    fibre["fields_mv_per_ma"] = [fibre["fields_mv_per_ma"][place] for place in chosen]
    fibre["start_ma"] = [[row[place] for place in chosen] for row in fibre["start_ma"]]
    theirs = tables.thresholds(peer.ask(neuron, asked, tmp_path))
    plain = tables.thresholds(peer.ask(run.ours("axon-plain"), asked, tmp_path))
    product = tables.thresholds(peer.ask(run.ours("axon-single"), asked, tmp_path))
    predicted = tables.thresholds(peer.ask(run.ours("predictor-single"), asked, tmp_path))
    assert plain == pytest.approx(theirs, rel=3e-3)  # the same steps: twice the search's tolerance, and rounding
    assert product == pytest.approx(theirs, rel=0.025)  # NEURON's steps of 5 us cost it 0.5 to 2 %
    assert predicted == pytest.approx(theirs, rel=0.15)
    backwards = fibre | {
        "fields_mv_per_ma": fibre["fields_mv_per_ma"][::-1],
        "start_ma": [row[::-1] for row in fibre["start_ma"]],
    }
    whole_tails = {key: value for key, value in asked.items() if key != "quiet_mv"} | {"fibres": [backwards]}
    again = tables.thresholds(peer.ask(neuron, whole_tails, tmp_path))
    pulses = len(fibre["pulses"])
    assert again.reshape(pulses, -1)[:, ::-1].ravel() == pytest.approx(
        theirs, rel=1e-9
    )  # no run leaves a trace, no quiet fibre fires later
    alone = {key: value for key, value in fibre.items() if key != "fields_mv_per_ma"} | {
        "point_source": {"distance_mm": 3.0, "sigma_s_per_m": question.SIGMA_S_PER_M},
        "names": fibre["names"][-1:],
        "start_ma": [row[-1:] for row in fibre["start_ma"]],
    }
    placed = tables.thresholds(peer.ask(neuron, {**asked, "fibres": [alone]}, tmp_path))
    assert placed == pytest.approx(
        theirs.reshape(pulses, -1)[:, -1], rel=2e-3
    )  # both know the interpolated geometry, each by itself
