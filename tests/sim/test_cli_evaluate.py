"""`scs-sim evaluate`: options, exit codes, the JSON contract and the page, on made-up figures."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from cli_helpers import Runner

from scs_sim.case import builtin_case, builtin_case_ids
from scs_sim.cli.catalogue import schema_of
from scs_sim.lead_state import ContactFault, Migration
from scs_sim.program import Area

pytestmark = pytest.mark.usefixtures("made_up")

FOOTER = "Predicted paresthesia, not pain relief. For training and research, not for patient care."
PROGRAM = 'format = "scs-sim program"\nversion = 1\ncontacts = "1.2- 1.4+"\npulse_width_us = 210\n'


def stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


@pytest.mark.parametrize("case", builtin_case_ids())
def test_page_of_every_builtin_case_says_what_it_must(run: Runner, case: str) -> None:
    done = run("evaluate", case)
    assert done.code == 0
    for words in (
        " mA (", "us", "Hz", "perception PT 3.00 mA", "comfort 3.47 mA", "discomfort DT 4.00 mA",
        "motor MT 9.25 mA", "Worst region:", "pass line of 80 %", "Side effects", "muscle twitch", "Shannon k",
        "limit 30", "Warnings", "Balance: left 70 %",
    ):  # fmt: skip
        assert words in done.out, words
    assert done.out.rstrip().endswith(FOOTER)
    assert max(map(len, done.out.splitlines())) <= 100


@pytest.mark.parametrize("columns", ["40", "60", "80", "200"])
def test_page_is_as_wide_as_the_terminal_and_not_wider_than_readable(
    run: Runner, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = run("evaluate", "low-back")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= min(int(columns), 110)


def test_page_in_a_terminal_that_has_only_ascii(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="ascii"))
    assert run("evaluate", "foot").code == 0
    sys.stdout.flush()
    text = buffer.getvalue().decode("ascii")
    assert "####" in text
    assert "?" not in text


def test_json_of_one_case_has_the_stable_names_at_the_top(run: Runner) -> None:
    document = run("evaluate", "back-and-left-leg", "--json", "--seed", "7").document
    assert (document["format"], document["version"]) == ("scs-sim result", 1)
    assert document["seed"] == 7
    assert len(document["tables_sha256"]) == 64
    counts = document["assumed_values"]
    assert counts["records"] == counts["assumed"] + counts["derived"] + counts["published"]
    assert counts["assumed"] > 0
    assert {"pt_ma", "comfort_ma", "dt_ma", "mt_ma"} <= document["thresholds"].keys()
    assert document["coverage"]["pain_covered_percent"] > 0
    assert document["coverage"]["worst_region"] in {region["id"] for region in document["regions"]}
    assert "time" not in " ".join(document)
    assert document["explanation"] is None
    jsonschema.validate(document, schema_of("result"))


def test_json_of_several_cases_is_a_list_of_the_same_documents(run: Runner) -> None:
    document = run("evaluate", "foot", "low-back", "--json").document
    assert (document["format"], document["version"]) == ("scs-sim results", 1)
    assert [result["case"]["id"] for result in document["results"]] == ["foot", "low-back"]
    assert document["results"][0] == run("evaluate", "foot", "--json").document
    jsonschema.validate(document, schema_of("results"))


def test_two_runs_print_the_same_and_numbers_have_nine_digits(run: Runner) -> None:
    first, second = (run("evaluate", "foot", "--json").out for _ in range(2))
    assert first == second
    numbers: list[float] = []
    json.loads(first, parse_float=lambda text: numbers.append(float(text)))
    assert all(number == float(f"{number:.9g}") for number in numbers)


def test_page_and_document_say_where_the_amplitude_is_from(run: Runner) -> None:
    assert "3.47 mA (at comfort)" in run("evaluate", "foot").out
    assert "2.50 mA (as given)" in run("evaluate", "foot", "--amplitude-ma", "2.5").out
    assert run("evaluate", "foot", "--amplitude-ma", "2.5", "--json").document["amplitude_from"] == "given"


def test_options_change_the_program_and_the_rest_stays(run: Runner) -> None:
    document = run(
        "evaluate", "foot", "--json", "--contacts", "1.1- 1.3+", "--amplitude-ma", "2.5", "--pulse-width-us", "90",
        "--rate-hz", "100", "--waveform", "biphasic",
    ).document  # fmt: skip
    assert document["program"] == {
        "contacts": "1.1- 1.3+", "pulse_width_us": 90, "rate_hz": 100, "waveform": "biphasic",
    }  # fmt: skip
    assert document["amplitude_ma"] == 2.5
    kept = run("evaluate", "foot", "--json", "--rate-hz", "40").document["program"]
    assert kept["contacts"] == builtin_case("foot").program.contacts


def test_paresthesia_free_program_says_that_coverage_does_not_apply(run: Runner) -> None:
    arguments = ("evaluate", "foot", "--rate-hz", "10000", "--pulse-width-us", "30", "--waveform", "biphasic")
    document = run(*arguments, "--json").document
    assert document["coverage"]["applicable"] is False
    assert document["coverage"]["pain_covered_percent"] is None
    jsonschema.validate(document, schema_of("result"))
    assert "Not applicable: a paresthesia-free program" in run(*arguments).out
    assert "does not apply" in run(*arguments, "--explain", "left_low_back").out
    failed = run(*arguments, "--fail-under", "10")
    assert failed.code == 4
    assert "coverage does not apply" in failed.err


def test_areas_faults_posture_and_profile_reach_the_request(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    from scs_sim.simulate import Request

    seen: list[Request] = []
    answer = Request.__call__

    def spy(self: Request, progress: Callable[[float, str], None] | None = None) -> object:
        seen.append(self)
        return answer(self, progress)

    monkeypatch.setattr(Request, "__call__", spy)
    done = run(
        "evaluate", "foot", "--area", "1.6- 1.7+; 3 mA; 210 us; 80 Hz; biphasic", "--area", "1.1- case+", "--posture",
        "standing", "--open", "1.4", "--short", "1.1,1.2", "--migrate", "1,-6,0.5,3", "--measured-pt", "2.5",
        "--profile", "multi-source",
    )  # fmt: skip
    assert done.code == 0
    assert "Areas, each alone" in done.out
    (request,) = seen
    assert request.program is not None
    assert request.program.more_areas == (
        Area("1.6- 1.7+", 210.0, 80.0, "biphasic", 3.0), Area("1.1- case+"),
    )  # fmt: skip
    assert request.case.posture == "standing"
    assert request.case.contact_faults == (ContactFault("1.4", "open"), ContactFault("1.1", "short", "1.2"))
    assert request.case.migrations == (Migration(1, -6.0, 0.5, 3.0),)
    assert (request.measured_pt_ma, request.profile) == (2.5, "multi-source")


def test_another_patient_in_the_case(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('format = "scs-sim patient"\nversion = 1\ngain = 1.5\n', encoding="utf-8")
    assert run("evaluate", "foot", "--patient", "p.toml", "--json").document["gain"] == 1.5
    (tmp_path / "p.toml").write_text('format = "scs-sim patient"\nversion = 1\ngain = 9\n', encoding="utf-8")
    assert run("evaluate", "foot", "--patient", "p.toml").code == 3


def test_page_says_first_what_forbids_and_lists_contacts_when_asked(run: Runner, tmp_path: Path) -> None:
    case = run("new-case", "-", "--from", "foot", "--json").document
    case["patient"]["infection"] = True
    (tmp_path / "sick.json").write_text(json.dumps(case), encoding="utf-8")
    sick = run("evaluate", "sick.json").out
    assert sick.index("Forbidden: infection") < sick.index("Thresholds")
    assert "Contacts" not in sick
    failed = run("evaluate", "sick.json", "--fail-under", "0")
    assert failed.code == 4
    assert "forbidden: infection" in failed.err
    loud = run("evaluate", "foot", "-v").out
    assert "ohm to the case" in loud
    assert "A made-up note." in loud
    assert "between charges" in loud


def test_explanation_is_on_the_page_and_in_the_document(run: Runner) -> None:
    done = run("evaluate", "back-and-left-leg", "--explain", "left_low_back")
    assert "Left low back (it hurts, 6 of 10)" in done.out
    assert "What limits it" in done.out
    assert "dorsal rami" in done.out
    document = run("evaluate", "back-and-left-leg", "--explain", "left_low_back", "--json").document
    assert document["explanation"]["region"] == "left_low_back"
    jsonschema.validate(document, schema_of("result"))


def test_program_from_a_file_and_from_standard_input(
    run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my program \N{GREEK SMALL LETTER MU}.toml").write_text(PROGRAM, encoding="utf-8")
    path = "my program \N{GREEK SMALL LETTER MU}.toml"
    assert run("evaluate", "foot", "--program", path, "--json").document["program"]["pulse_width_us"] == 210
    stdin(monkeypatch, PROGRAM)
    assert run("evaluate", "foot", "--program", "-", "--json").document["program"]["contacts"] == "1.2- 1.4+"


def test_case_from_standard_input_as_toml_and_as_json(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (("new-case", "-", "--from", "foot"), ("new-case", "-", "--from", "foot", "--json")):
        stdin(monkeypatch, run(*arguments).out)
        assert run("evaluate", "-", "--json").document == run("evaluate", "foot", "--json").document


def test_fail_under_is_four_and_names_case_and_figure(run: Runner) -> None:
    covered = run("evaluate", "foot", "--json").document["coverage"]["pain_covered_percent"]
    assert run("evaluate", "foot", "--fail-under", str(covered - 0.1)).code == 0
    failed = run("evaluate", "foot", "--json", "--fail-under", str(covered + 0.1))
    assert failed.code == 4
    assert failed.document["case"]["id"] == "foot"
    assert "foot" in failed.err
    assert f"{covered:.1f} %" in failed.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("evaluate",), "CASE"),
        (("evaluate", "nobody"), "there is no case 'nobody'; known: back-and-left-leg"),
        (("evaluate", "foot", "--amplitude-ma", "40"), "amplitude_ma is 40 mA; it must lie between 0 and 25.5 mA"),
        (("evaluate", "foot", "--amplitude-ma", "-1"), "between 0 and 25.5 mA"),
        (("evaluate", "foot", "--amplitude-ma", "nan"), "between 0 and 25.5 mA"),
        (("evaluate", "foot", "--amplitude-ma", "many"), "not a valid float"),
        (("evaluate", "foot", "--pulse-width-us", "5"), "between 30 and 1000 us"),
        (("evaluate", "foot", "--rate-hz", "3000"), "between 5000 and 10000 Hz"),
        (("evaluate", "foot", "--rate-hz", "1200"), "lower the pulse width or the rate"),
        (("evaluate", "foot", "--waveform", "square"), "it must be one of monophasic, biphasic, recharge"),
        (("evaluate", "foot", "--contacts", "1.3-60 1.6+100"), "sum to 100"),
        (("evaluate", "foot", "--contacts", "2.3- 2.4+"), "there is no lead 2"),
        (("evaluate", "foot", "--contacts", "1.9- 1.4+"), "lead 1 has no contact 9"),
        (("evaluate", "foot", "--population", "9", "--svg", "a.svg"), "--svg is about one patient"),
        (("evaluate", "foot", "low-back", "--population", "9"), "--population takes one case at a time"),
        (("evaluate", "foot", "--known", "gain"), "it needs --population"),
        (("evaluate", "foot", "--population", "9", "--known", "mood"), "there is no known 'mood'"),
        (("evaluate", "foot", "--waveform", "burst"), "the pulses of a burst last 1000 us"),
        (("evaluate", "foot", "--area", "1.6- 1.7+; 3 V"), "'3 V' is not understood"),
        (("evaluate", "foot", "--area", "2.6- 2.7+"), "contacts is '2.6- 2.7+'; there is no lead 2"),
        (("evaluate", "foot", "--posture", "flying"), "there is no posture 'flying'; known: supine"),
        (("evaluate", "foot", "--open", "1"), "write LEAD.CONTACT"),
        (("evaluate", "foot", "--open", "1.9"), "contact_faults[0].contact has 1.9; the case has 1.1 to 1.8"),
        (("evaluate", "foot", "--short", "1.3"), "write for example --short 1.3,1.4"),
        (("evaluate", "foot", "--migrate", "1,up"), "write for example --migrate 1,-6,0.5"),
        (("evaluate", "foot", "--migrate", "1,99,0"), "rostral_mm is 99 mm"),
        (("evaluate", "foot", "--migrate", "2,1,0"), "lead 2"),
        (("evaluate", "foot", "--measured-pt", "0"), "measured_pt_ma is 0 mA"),
        (("evaluate", "foot", "--profile", "brand"), "there is no limit profile 'brand'; known: union"),
        (("evaluate", "foot", "--explain", "left_tail"), "there is no region 'left_tail'"),
        (("evaluate", "foot", "--fail-under", "101"), "between 0 and 100"),
        (("evaluate", "foot", "--fail-under", "nan"), "between 0 and 100"),
        (("evaluate", "foot", "--seed", "-1"), "--seed"),
        (("evaluate", "foot", "--color", "pink"), "--color"),
        (("evaluate", "-", "-"), "once only"),
        (("evaluate", "-", "--program", "-"), "once only"),
        (("evaluate", "foot", "low-back", "--svg", "a.svg"), "{case}"),
        (("evaluate", "foot", "--colour", "never"), "No such option"),
        (("evaluat", "foot"), "No such command"),
    ],
)
def test_wrong_command_line_is_two_and_says_what_is_allowed(
    run: Runner, arguments: tuple[str, ...], words: str
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert words in " ".join(done.err.split())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "this is no toml", "a.toml: not valid TOML"),
        ("a.json", '{"format": ', "a.json: not valid JSON"),
        ("a.json", "[]", "named keys"),
        (
            "a.toml",
            'format = "scs-sim program"\nversion = 1\n',
            "format is 'scs-sim program'; it must be 'scs-sim case'",
        ),
        ("a.toml", 'format = "scs-sim case"\nversion = 99\n', "written by a newer scs-sim"),
        ("a.toml", 'format = "scs-sim case"\nversion = 1\n', "leads is missing"),
    ],
)
def test_wrong_case_file_is_three_and_names_file_and_key(
    run: Runner, tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = run("evaluate", name)
    assert done.code == 3
    assert done.out == ""
    assert words in done.err


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("pulse_width_us", "2500", "program.pulse_width_us is 2500 us; it must lie between 30 and 1000 us"),
        ("x_mm", "-80", "leads[0].x_mm is -80 mm"),
        ("lead", '"octet"', "leads[0].lead is 'octet'; it must be one of quad-slim, quad-7mm"),
        ('"left_sole_medial"', "12", "pain.scores.left_sole_medial is 12; it must lie between 0 and 10"),
        ("contacts", '"1.16- 1.2+"', "lead 1 has no contact 16"),
        ("gain", '"much"', 'patient.gain is "much"; it must be a number'),
    ],
)
def test_wrong_value_in_a_case_file_is_three_with_key_value_and_range(
    run: Runner, tmp_path: Path, key: str, value: str, words: str
) -> None:
    text = run("new-case", "-", "--from", "foot").out
    changed, count = re.subn(rf"^{key} = \S+.*$", f"{key} = {value}", text, flags=re.M)
    assert count == 1
    (tmp_path / "a.toml").write_text(changed, encoding="utf-8")
    done = run("evaluate", "a.toml")
    assert done.code == 3
    assert words in done.err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("gain = ", "gains = ", "patient.gains is not a known key; known: dorsal_csf_factor"),
        (
            "left_sole_medial",
            "left_sole_medal",
            "left_sole_medal is not a region of the body map; close to it",
        ),
    ],
)
def test_wrong_key_in_a_case_file_is_three_with_the_known_ones(
    run: Runner, tmp_path: Path, old: str, new: str, words: str
) -> None:
    text = run("new-case", "-", "--from", "foot").out
    assert text.count(old) == 1
    (tmp_path / "a.toml").write_text(text.replace(old, new), encoding="utf-8")
    done = run("evaluate", "a.toml")
    assert done.code == 3
    assert words in done.err


def test_file_that_is_not_there_and_program_that_does_not_fit_are_three(run: Runner, tmp_path: Path) -> None:
    assert run("evaluate", "missing.toml").code == 3
    assert run("evaluate", "foot", "--program", "missing.toml").code == 3
    (tmp_path / "p.toml").write_text(PROGRAM.replace("1.4+", "2.4+"), encoding="utf-8")
    done = run("evaluate", "foot", "--program", "p.toml")
    assert done.code == 3
    assert "p.toml: contacts is '1.2- 2.4+'; there is no lead 2: the case has 1 (case foot)" in done.err


def test_case_file_that_the_model_cannot_take_is_three(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    from scs_models.errors import InvalidValueError
    from scs_sim.simulate import Request

    def refused(*_: object, **__: object) -> None:
        raise InvalidValueError("contact 1.8 lies below the modelled part of the spine")

    monkeypatch.setattr(Request, "__call__", refused)
    run("new-case", "a.toml")
    done = run("evaluate", "a.toml")
    assert done.code == 3
    assert "a.toml: contact 1.8 lies below" in done.err
    assert run("evaluate", "foot").code == 2


def test_pictures_are_written_per_case_and_a_bad_path_is_an_error(run: Runner, tmp_path: Path) -> None:
    assert run("evaluate", "foot", "low-back", "--svg", "{case} map.svg", "--png", "{case}.png").code == 0
    for name in ("foot", "low-back"):
        assert (tmp_path / f"{name} map.svg").read_text(encoding="utf-8").startswith("<")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    done = run("evaluate", "foot", "--svg", "missing/a.svg")
    assert done.code == 1
    assert "missing/a.svg: cannot be written" in done.err.replace(os.sep, "/")


def test_progress_without_a_terminal_is_one_line_per_step_on_standard_error(run: Runner) -> None:
    done = run("evaluate", "foot", "--json")
    assert done.err.splitlines() == ["foot: 0 of 1 kernels built; now T9", "foot: 1 of 1 kernels built"]
    assert run("evaluate", "foot", "--json", "--quiet").err == ""
    assert run("--quiet", "evaluate", "foot", "--json").err == ""


def test_colour_only_when_asked_for_or_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from scs_sim.cli import main

    def colored(*arguments: str) -> bool:
        capsys.readouterr()
        assert main(["evaluate", "foot", *arguments]) == 0
        return "\x1b[" in capsys.readouterr().out

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert not colored()
    assert colored("--color", "always")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert colored()
    assert not colored("--color", "never")
    assert not colored("--json")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colored()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not colored()


def test_error_of_the_program_itself_is_one_sentence(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    from scs_sim.simulate import Request

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(Request, "__call__", broken)
    done = run("evaluate", "foot")
    assert done.code == 1
    assert "ZeroDivisionError" in done.err
    assert "please report it" in done.err


def test_interrupted_is_130(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    from scs_sim.simulate import Request

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Request, "__call__", interrupted)
    done = run("evaluate", "foot")
    assert done.code == 130
    assert "interrupted" in done.err


def test_log_file_holds_the_log_and_a_bad_one_is_an_error(run: Runner, tmp_path: Path) -> None:
    assert run("evaluate", "foot", "--log-file", "run.log").code == 0
    assert (tmp_path / "run.log").exists()
    done = run("evaluate", "foot", "--log-file", str(tmp_path / "no" / "run.log"))
    assert done.code == 1
    assert "cannot be written" in done.err


def test_environment_that_is_wrong_is_six(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCS_SIM_CACHE_LIMIT_GB", "plenty")
    done = run("cache", "list")
    assert done.code == 6
    assert "SCS_SIM_CACHE_LIMIT_GB is 'plenty'" in done.err
