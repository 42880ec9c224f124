"""The other commands: catalogue, files, cache, completion; help, streams and start-up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from cli_helpers import Runner
from kernel_jobs import Job

import scs_sim
from scs_models import files
from scs_models.leads import catalogue
from scs_models.percept.body_map import load_body_map
from scs_models.tables import all_records, read_table
from scs_sim.case import Case, builtin_case_ids, load_case
from scs_sim.cli import cli
from scs_sim.cli.catalogue import SCHEMA_KINDS, schema_of
from scs_sim.limits import program_ranges
from scs_sim.store import KernelStore

COMMANDS = (
    "evaluate", "cases", "leads", "sources", "new-case", "schema", "validate", "cache", "completion", "ui", "render",
    "doctor",
)  # fmt: skip
SLOW_TO_IMPORT = ("numpy", "scipy", "pydantic", "rich", "PySide6", "PIL", "jinja2", "platformdirs")


def python(code: str, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        env=os.environ | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_and_version_start_without_the_heavy_libraries(arguments: list[str]) -> None:
    code = (
        "import sys; from scs_sim.cli import main; code = main(sys.argv[1:]);"
        f"print(sorted(set(sys.modules) & set({SLOW_TO_IMPORT!r}))); sys.exit(code)"
    )
    done = python(code, *arguments)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "[]"


def test_version(run: Runner) -> None:
    assert run("--version").out == f"scs-sim {scs_sim.__version__}\n"


@pytest.mark.parametrize("arguments", [(), *((name,) for name in COMMANDS), ("cache", "list"), ("cache", "build")])
def test_help_shows_examples_before_usage_and_options(run: Runner, arguments: tuple[str, ...]) -> None:
    for flag in ("-h", "--help"):
        text = run(*arguments, flag).out
        if arguments != ("cache", "list"):
            assert 0 < text.index("Examples:") < text.index("Usage: scs-sim")
        assert text.index("Usage: scs-sim") < text.index("Options:")
        assert max(map(len, text.splitlines())) <= 100


def test_every_command_takes_the_global_options_and_json() -> None:
    def leaves(group: click.Group) -> list[click.Command]:
        context, found = click.Context(group), []
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            found += leaves(command) if isinstance(command, click.Group) else [command]
        return found

    assert {"ui", "render", "doctor"} <= {command.name for command in leaves(cli)}
    for command in leaves(cli):
        options = {name for parameter in command.params for name in parameter.opts}
        assert {"--json", "--verbose", "--quiet", "--color", "--log-file", "--seed", "--config"} <= options, (
            command.name
        )


def test_ranges_in_the_help_are_those_of_the_limits(run: Runner) -> None:
    text = " ".join(run("evaluate", "--help").out.split())
    ranges = program_ranges()
    for (low, high), unit in (
        (ranges.amplitude_ma, "mA"),
        (ranges.pulse_width_us, "us"),
        (ranges.rate_hz, "Hz"),
        (ranges.paresthesia_free_rate_hz, "Hz"),
    ):
        assert f"{low:g} to {high:g} {unit}" in text


def test_cases(run: Runner) -> None:
    document = run("cases", "--json").document
    assert set(document) == {"cases"}
    assert [row["id"] for row in document["cases"]] == list(builtin_case_ids())
    assert all(row["title"] and row["story"] and "notes" not in row for row in document["cases"])
    listed = run("cases").out
    assert all(name in listed for name in builtin_case_ids())
    told = run("cases", "foot")
    assert "the sole most of all" in " ".join(told.out.split())
    assert [row["id"] for row in run("cases", "foot", "--json").document["cases"]] == ["foot"]
    assert run("cases", "hand").code == 2


def test_leads(run: Runner) -> None:
    rows = run("leads", "--json").document["leads"]
    assert {row["id"] for row in rows} == set(catalogue())
    assert all({"title", "contact_count", "span_mm", "sources", "confidence", "verified"} <= row.keys() for row in rows)
    assert all(name in run("leads").out for name in catalogue())
    told = run("leads", "paddle-565").out
    assert "RIGOARD12" in told
    assert "46.5 mm" in told
    assert run("leads", "nonet").code == 2


def test_a_lead_file_of_one_s_own_is_checked(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    lines = ['format = "scs-sim lead"', "version = 1", 'id = "mine"', 'title = "mine"', "column_contacts = [3]"]
    path.write_text("\n".join([*lines, "contact_length_mm = 2.5", "gap_mm = [3.5]", "diameter_mm = 1.2"]))
    row = run("leads", str(path), "--json").document["leads"][0]
    assert [contact["z_mm"] for contact in row["contacts"]] == [-1.25, -7.25, -13.25]
    assert "mine" in run("leads", str(path)).out
    path.write_text("\n".join([*lines, "contact_length_mm = 2.5", "gap_mm = [-3.5]", "diameter_mm = 1.2"]))
    assert run("leads", str(path)).code == 3


def test_sources_lists_every_record_and_counts_the_assumed(run: Runner) -> None:
    records = all_records(("scs_models", "scs_sim"))
    document = run("sources", "--json").document
    assert len(document["sources"]) == len(records) == document["counts"]["records"]
    assumed = sum(record.status == "assumed" for record in records)
    assert document["counts"]["assumed"] == assumed
    assert (
        {row["source"] for row in document["sources"]} <= document["references"].keys() <= set(read_table("references"))
    )
    assert f"{assumed} assumed" in run("sources").out
    only = run("sources", "--json", "--table", "limits", "--status", "assumed").document["sources"]
    assert only
    assert {(row["table"], row["status"]) for row in only} == {("limits", "assumed")}
    assert run("sources", "--table", "nothing").code == 2
    assert run("sources", "--status", "guessed").code == 2


def test_schemas_are_shipped_as_generated(run: Runner) -> None:
    document = run("schema", "--json").document
    folder = Path(scs_sim.__file__).parent / "data" / "schemas"
    assert set(document) == set(SCHEMA_KINDS) == {path.name.split(".")[0] for path in folder.iterdir()}
    for kind in SCHEMA_KINDS:
        assert run("schema", kind).document == document[kind] == schema_of(kind)
        shipped = json.loads((folder / f"{kind}.schema.json").read_text(encoding="utf-8"))
        assert shipped == document[kind], f"write it anew: scs-sim schema {kind} > {folder.name}/{kind}.schema.json"
    assert run("schema").out.splitlines() == [f"scs-sim schema {kind}" for kind in SCHEMA_KINDS]
    assert run("schema", "cuff").code == 2


def test_schema_regions_are_those_of_the_body_map(run: Runner) -> None:
    rows = run("schema", "--regions", "--json").document["regions"]
    assert [row["id"] for row in rows] == list(load_body_map().region_ids)
    assert "left_low_back" in run("schema", "--regions").out


def test_new_case_from_a_builtin_case_reads_back_equal_but_for_its_id(run: Runner, tmp_path: Path) -> None:
    for name in ("my case.toml", "my-case.json"):
        done = run("new-case", name, "--from", "foot")
        assert (done.code, done.out) == (0, "")
        assert "scs-sim evaluate" in done.err
        case = load_case(tmp_path / name)
        assert case.id == "my-case"
        assert (case.leads, case.pain, case.program) == (
            load_case("foot").leads, load_case("foot").pain, load_case("foot").program,
        )  # fmt: skip
    text = (tmp_path / "my case.toml").read_text(encoding="utf-8")
    assert text.count("#") > 15
    assert tomllib.loads(text)["title"] == load_case("foot").title


def test_new_case_with_own_leads_pain_and_contacts(run: Runner) -> None:
    done = run(
        "new-case", "-", "--title", "Two leads", "--lead", "octet-4mm@T9+5.5,-1.5", "--lead", "quad-7mm@t10,1",
        "--pain", "left_low_back=7", "--pain", "right_low_back=3.5", "--contacts", "1.3- 2.4+",
    )  # fmt: skip
    case = files.decode(Case, files.parse(done.out, ".toml", "x"), where="x")
    assert case.title == "Two leads"
    first, second = case.leads
    assert (first.lead, first.tip_level, first.tip_offset_mm, first.x_mm) == ("octet-4mm", "T9", 5.5, -1.5)
    assert (second.lead, second.tip_level, second.tip_offset_mm, second.x_mm) == ("quad-7mm", "T10", 0.0, 1.0)
    assert dict(case.pain.scores) == {"left_low_back": 7.0, "right_low_back": 3.5}
    assert case.program.contacts == "1.3- 2.4+"


def test_new_case_writes_over_nothing_unless_told(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("mine", encoding="utf-8")
    done = run("new-case", "a.toml")
    assert done.code == 2
    assert "--force" in done.err
    assert (tmp_path / "a.toml").read_text(encoding="utf-8") == "mine"
    document = run("new-case", "a.toml", "--force", "--json").document
    assert document["path"] == "a.toml"
    assert document["case"]["id"] == "a"
    assert load_case(tmp_path / "a.toml").id == "a"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("new-case",), 2),
        (("new-case", "a.txt"), 2),
        (("new-case", "a.toml", "--from", "nobody"), 2),
        (("new-case", "a.toml", "--from", "nobody.toml"), 3),
        (("new-case", "a.toml", "--lead", "octet"), 2),
        (("new-case", "a.toml", "--lead", "octet-9cm@T8"), 2),
        (("new-case", "a.toml", "--lead", "octet-7mm@T14"), 2),
        (("new-case", "a.toml", "--lead", "octet-7mm@T8+1.2.3"), 2),
        (("new-case", "a.toml", "--contacts", "1.1-"), 2),
        (("new-case", "a.toml", "--pain", "left_low_back"), 2),
        (("new-case", "a.toml", "--pain", "left_tail=3"), 2),
        (("new-case", "a.toml", "--pain", "left_low_back=11"), 2),
        (("new-case", "missing/a.toml"), 1),
    ],
)
def test_new_case_with_wrong_arguments_writes_nothing(
    run: Runner, tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = run(*arguments)
    assert done.code == code
    assert done.err
    assert not list(tmp_path.glob("*.toml"))


def test_cache_list_and_clear(run: Runner, tmp_path: Path) -> None:
    assert run("cache", "list", "--json").document["kernels"] == []
    KernelStore(tmp_path / "cache", 10**9).load([Job("ab", str(tmp_path / "log"))])
    document = run("cache", "list", "--json").document
    (row,) = document["kernels"]
    assert (row["key"], row["title"], row["shape"]) == ("ab", "test ab", [4, 5, 60])
    assert document["size_bytes"] == row["size_bytes"]
    assert document["directory"] == str(tmp_path / "cache")
    assert "test ab" in run("cache", "list").out
    assert run("cache", "clear", "--json").document == {"freed_bytes": row["size_bytes"], "left": 0, "removed": 1}
    assert "0 kernels" in run("cache", "list").out
    assert run("cache", "clear").code == 0


def test_cache_build_prepares_cases(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[str] = []
    monkeypatch.setattr("scs_sim.setting.prepare", lambda case, *, progress: prepared.append(case.id))
    assert run("cache", "build", "foot", "--json").document == {"built": 0, "cases": ["foot"]}
    assert run("cache", "build").code == 0
    assert prepared == ["foot", *builtin_case_ids()]
    assert run("cache", "build", "nobody").code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(run: Runner, shell: str) -> None:
    assert "_SCS_SIM_COMPLETE" in run("completion", shell).out
    assert run("completion", shell, "--json").document["shell"] == shell


def test_completion_offers_the_builtin_cases() -> None:
    done = python(
        "from scs_sim.cli import main; main()",
        _SCS_SIM_COMPLETE="bash_complete", COMP_WORDS="scs-sim evaluate b", COMP_CWORD="2",
    )  # fmt: skip
    assert {line.split(",")[-1] for line in done.stdout.split()} == {
        "back-and-left-leg", "bilateral-legs", "buttock-and-thigh",
    }  # fmt: skip


def test_reader_that_goes_away_is_no_error() -> None:
    code = "import sys; from scs_sim.cli import main; sys.exit(main(['sources']))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 0
