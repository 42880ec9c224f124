"""--config and SCS_SIM_CONFIG: a user's own defaults of options, and what is wrong in such a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_helpers import Runner

pytestmark = pytest.mark.usefixtures("made_up")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text("[defaults.evaluate]\npulse-width-us = 450\nrate-hz = 90.0\n", encoding="utf-8")
    return path


def pulse(run: Runner, *words: str) -> tuple[float, float]:
    asked: list[tuple[float, float]] = []
    from scs_sim.simulate import Request

    answer = Request.__call__

    def spy(self: Request, progress: object = None) -> object:
        assert self.program is not None
        asked.append((self.program.pulse_width_us, self.program.rate_hz))
        return answer(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Request, "__call__", spy)
        done = run(*words)
    assert done.code == 0, done.err
    return asked[0]


def test_defaults_hold_wherever_the_option_stands_and_the_command_line_wins(
    run: Runner, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(config)
    own = pulse(run, "evaluate", "foot")
    assert own not in ((450.0, 90.0), (200.0, 90.0))
    assert pulse(run, "--config", file, "evaluate", "foot") == (450.0, 90.0)
    assert pulse(run, "evaluate", "foot", "--config", file) == (450.0, 90.0)
    assert pulse(run, "evaluate", "foot", "--pulse-width-us", "200", "--config", file) == (200.0, 90.0)
    monkeypatch.setenv("SCS_SIM_CONFIG", file)
    assert pulse(run, "evaluate", "foot") == (450.0, 90.0)
    other = config.with_name("other.toml")
    other.write_text("[defaults.evaluate]\nrate-hz = 20\n", encoding="utf-8")
    assert pulse(run, "evaluate", "foot", "--config", str(other)) == (own[0], 20.0)


def test_lists_and_flags_and_commands_of_groups(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        '[defaults.cache.grid]\nlevel = ["T9"]\nconductivities = "all"\n[defaults.new-case]\nforce = true\n', "utf-8"
    )
    sections = run("cache", "grid", "--json", "--config", str(path)).document["sections"]
    assert {row["level"] for row in sections} == {"T9"}
    assert len({row["conductivities"] for row in sections}) > 1
    (tmp_path / "b.toml").write_text("mine", encoding="utf-8")
    assert run("--config", str(path), "new-case", "b.toml").code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[defaults.evalute]\n", "defaults.evalute: there is no command 'evalute'; known: evaluate, "),
        ("[defaults.evaluate]\npulse-width = 3\n", "defaults.evaluate.pulse-width: there is no option --pulse-width"),
        ("[defaults.evaluate]\npulse_width_us = 3\n", "there is no option --pulse_width_us"),
        ("[defaults.evaluate]\ncases = 3\n", "there is no option --cases"),
        ("[defaults.evaluate]\njson = true\n", "there is no option --json to set here"),
        ('[defaults.evaluate]\npulse-width-us = "wide"\n', "defaults.evaluate.pulse-width-us: 'wide' is not a valid"),
        ("[defaults.evaluate]\nfail-under = 300\n", "defaults.evaluate.fail-under: 300 is not a percentage"),
        ('[defaults.evaluate]\nopen = "1.3"\n', "defaults.evaluate.open is '1.3'; it must be a list"),
        ("[defaults.evaluate]\nposture = [1]\n", "it must be one value"),
        ('[defaults.ui]\ntheme = "blue"\n', "defaults.ui.theme: 'blue' is not one of"),
        ('[defaults.ui]\ndemo = "yes"\n', "defaults.ui.demo is 'yes'; it must be true or false"),
        ("[defaults]\nevaluate = 3\n", "defaults.evaluate is 3; it must be a table of options"),
        ("[default.evaluate]\n", "default"),
        ("[defaults.evaluate\n", "not valid TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_exit_code_three(
    run: Runner, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    done = run("cases", "--config", "bad.toml")
    assert (done.code, done.out) == (3, "")
    assert "bad.toml: " in done.err
    assert words in done.err


def test_a_missing_file_is_an_error_but_never_of_the_help(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("cases", "--config", "none.toml")
    assert done.code == 3
    assert "none.toml: cannot be read" in done.err
    monkeypatch.setenv("SCS_SIM_CONFIG", "none.toml")
    assert run("cases").code == 3
    for words in (("--help",), ("cases", "--help"), ("--version",)):
        assert run(*words).code == 0


def test_every_problem_of_a_file_is_told_at_once(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[defaults.a]\n[defaults.evaluate]\nb = 1\nrate-hz = 'c'\n", encoding="utf-8")
    assert len(re.findall("^.*bad.toml: ", run("cases", "--config", "bad.toml").err, re.M)) == 3


def test_the_example_of_the_page_is_right(run: Runner, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    (tmp_path / "a.toml").write_text(example, encoding="utf-8")
    assert run("cases", "--config", "a.toml").code == 0
