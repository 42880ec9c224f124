"""Makes what commands make in README and docs: python docs/build.py [--check]

Blocks between `<!-- begin NAME -->` and `<!-- end NAME -->` of a page, and the pictures in docs/pictures. With --check
nothing is written: everything is made again and compared, text word by word, numbers to 2 % or one unit of their last
digit, pictures pixel by pixel; the exit code is 1 where something differs. The validation table is that of the report
in data/validation.json: writing computes it anew (`scs-sim validate`; rows that are stored are not computed
again), --check and --reuse take it as it is. The predictor's table comes from the file its validation run wrote.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from scs_models import files
from scs_sim.validate.protocol import load_protocols
from scs_sim.validate.report import counts_words, markdown_table
from scs_sim.validate.rows import ValidationDocument

HERE = Path(__file__).parent
ROOT = HERE.parent
REPORT = HERE / "data" / "validation.json"
NUMERICS = {"target 1", "target 2", "target 3"}  # reference axon, field solver, predictor
CASE = "back-and-left-leg"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")


def scs_sim(*words: str, allowed: tuple[int, ...] = (0,)) -> str:
    """Return what the command line prints, 100 columns wide, without colour; it must end with an `allowed` code."""
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-m", "scs_sim", "--quiet", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    if done.returncode not in allowed:
        raise SystemExit(f"scs-sim {' '.join(words)} failed ({done.returncode}):\n{done.stderr}")
    return done.stdout


def readme_snippet() -> str:
    """Return the Python of the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    match = re.search(r"```python\n(.*?)```", text, re.S)
    if match is None:
        raise SystemExit("README.md has no Python block")
    return match[1]


def snippet_output() -> str:
    """Return what the README's Python prints."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "snippet.py"
        body = "".join(f"    {line}\n" for line in readme_snippet().splitlines())
        script.write_text(f"if __name__ == '__main__':\n{body}", encoding="utf-8")
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the README's Python failed:\n{done.stderr}")
    return done.stdout


def validation(fresh: bool) -> ValidationDocument:
    """Return the report of `scs-sim validate`, run now and stored, or as last stored."""
    if fresh:
        REPORT.write_text(scs_sim("validate", "--json", allowed=(0, 4)), encoding="utf-8")
    report = files.read_value(ValidationDocument, REPORT)
    wanted = {item.protocol.id for item in load_protocols()}
    if {row.id for row in report.rows} != wanted or report.counts["failed"]:
        raise SystemExit(f"{REPORT.name} does not hold every row: run python docs/build.py")
    return report


def validation_head(report: ValidationDocument) -> str:
    """Return when and with what the report was made, and its counts."""
    version = f"scs-sim {report.product_version}, {report.date}, code {report.code_sha256[:12]}"
    return f"{version}, tables {report.tables_sha256[:12]}.\n\n{counts_words(report)}"


def calibration_list(report: ValidationDocument) -> str:
    """Return what was fitted, and what was changed after results had been looked at."""
    lines = ["| constant | value | target | when | note |", "| --- | --- | --- | --- | --- |"]
    titles = {target.id: f"{target.title} ({target.source})" for target in report.calibration.targets}
    lines += [
        f"| {item.name} | {item.value:g} | {titles[item.target]} | {item.when} | {item.note} |"
        for item in report.calibration.constants
    ]
    lines += ["", "Changed after results had been looked at:", ""]
    return "\n".join(
        [*lines, *(f"- {item.what}: {item.why} (concerns: {item.rows})" for item in report.calibration.changes)]
    )


def accuracy_table(report: ValidationDocument) -> str:
    """Return the README's short table: the numerics, the count of published targets, then the misses."""
    lines = ["| what | published or required | ours |", "| --- | --- | --- |"]
    numerics = [row for row in report.rows if set(row.serves) & NUMERICS and row.verdict == "pass"]
    lines += [f"| {row.title} | {row.published} | {row.ours} |" for row in numerics]
    judged = [row for row in report.rows if row.verdict != "not comparable"]
    passed = sum(row.verdict == "pass" for row in judged)
    lines.append(f"| targets and rules met, of those with a pass line | {len(judged)} | {passed} |")
    missed = [row for row in judged if row.verdict != "pass"]
    words = {"miss": "missed", "expected miss": "missed as expected"}
    lines += [f"| {words[row.verdict]}: {row.title} | {row.published} | {row.ours} |" for row in missed]
    return "\n".join(lines)


def assumed_counts() -> str:
    """Return the last line of `scs-sim sources`."""
    return scs_sim("sources").strip().splitlines()[-1].split("Citations")[0].strip()


def kill_table() -> str:
    """Return what the long runs of kills left in data/kill_*.json."""
    lines = ["| killed | kills | result | run |", "| --- | --- | --- | --- |"]
    journal, window, training = (
        json.loads((HERE / "data" / f"kill_{name}.json").read_text()) for name in ("journal", "window", "training")
    )
    acknowledged, lost = journal["events_acknowledged"], journal["acknowledged_events_lost"]
    results = {
        "writers of a journal": (journal, f"{acknowledged} events acknowledged, {lost} of them lost"),
        "windows, two at a time": (
            window,
            f"{window['actions']} actions; work offered back {window['offered_back']} times,"
            f" else safe in a file or untouched ({window['safe_in_a_file_or_untouched']})",
        ),
        "trainees, two at a time": (
            training,
            f"{training['actions_acknowledged']} actions acknowledged, {training['acknowledged_actions_lost']} of them"
            f" lost; {training['sessions_resumed']} sessions resumed, else none had begun"
            f" ({training['killed_before_the_session_began']})",
        ),
    }
    for name, (facts, result) in results.items():
        run = f"`{facts['command']}`, {facts['date']}, commit {facts['commit']}, seed {facts['seed']}"
        lines.append(f"| {name} | {facts['kills']} | {result} | {run} |")
    return "\n".join(lines)


def pictures() -> dict[str, bytes]:
    """Return the pictures by file name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        scs_sim("evaluate", CASE, "--png", str(path))
        return {f"{CASE}.png": path.read_bytes()}


def blocks(report: ValidationDocument) -> dict[str, dict[str, str]]:
    """Return page -> block -> text."""

    def fenced(text: str) -> str:
        return f"```text\n{text.rstrip()}\n```"

    return {
        "README.md": {
            "evaluate": fenced(scs_sim("evaluate", CASE)),
            "python-output": fenced(snippet_output()),
            "accuracy": accuracy_table(report),
        },
        "docs/validation.md": {
            "head": validation_head(report),
            "rows": markdown_table(report),
            "fitted": calibration_list(report),
        },
        "docs/model.md": {"counts": assumed_counts()},
        "docs/search.md": {"objectives": fenced(scs_sim("objectives"))},
        "docs/reliability.md": {"kills": kill_table(), "monkey": monkey_table()},
    }


def monkey_table() -> str:
    """Return the long run of random actions, from the file that it wrote."""
    run = json.loads((HERE / "data" / "monkey.json").read_text(encoding="utf-8"))
    memory = ", ".join(str(value) for value in run["private_mb_after_each_tenth"])
    return (
        "| actions | exceptions | private memory after each tenth, MB | run |\n| --- | --- | --- | --- |\n"
        f"| {run['actions']} | {run['exceptions']} | {memory} |"
        f" `pytest -m long tests/ui/test_monkey.py`, {run['date']}, seed {run['seed']}, {run['lasted_s']} s |"
    )


def replaced(page: str, name: str, text: str) -> str:
    """Return `page` with the block `name` holding `text`."""
    pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.S)
    if not pattern.search(page):
        raise SystemExit(f"there is no block {name!r}")
    return pattern.sub(lambda match: f"{match[1]}{text}\n{match[2]}", page)


def differs(old: str, new: str) -> bool:
    """Return whether two texts differ in words, or in a number by more than 2 % and one unit of its last digit."""
    if re.sub(r"\s+", " ", NUMBER.sub("#", old)) != re.sub(r"\s+", " ", NUMBER.sub("#", new)):
        return True
    for left, right in zip(NUMBER.findall(old), NUMBER.findall(new), strict=True):
        digits = left.split("e")[0].partition(".")[2]
        unit = 0.0 if "e" in left else 10.0 ** -len(digits)
        slack = 0.5 if "e-" in left else 0.02  # errors near rounding level may wander
        if abs(float(left) - float(right)) > 1.01 * unit + slack * abs(float(left)):
            return True
    return False


def pictures_differ(old: bytes, new: bytes) -> bool:
    """Return whether two pictures differ in size, or in more than 0.5 % of their pixels visibly."""
    import numpy as np
    from PIL import Image

    left, right = (np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int16) for data in (old, new))
    return left.shape != right.shape or float((np.abs(left - right).max(axis=2) > 24).mean()) > 0.005


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--reuse", action="store_true", help="take the report as last stored")
    arguments = parser.parse_args()
    wrong = []
    made = blocks(validation(fresh=not (arguments.reuse or arguments.check)))
    for name, parts in made.items():
        path = ROOT / name
        page = old = path.read_text(encoding="utf-8")
        for block, text in parts.items():
            new = replaced(page, block, text)
            if arguments.check and differs(page, new):
                wrong.append(f"{name}: block {block!r} is not what its command makes")
                print(f"--- {name} {block}, made now:\n{text}\n", file=sys.stderr)
            page = new
        if not arguments.check and page != old:
            path.write_text(page, encoding="utf-8")
            print(f"{name}: written")
    for name, data in pictures().items():
        path = HERE / "pictures" / name
        if arguments.check:
            if not path.exists() or pictures_differ(path.read_bytes(), data):
                wrong.append(f"docs/pictures/{name}: is not what its command makes")
        else:
            path.write_bytes(data)
            print(f"docs/pictures/{name}: written")
    how = ["--check"] if arguments.check else ["--reuse"] if arguments.reuse else []
    for page in ("cli", "search", "shortcuts"):
        command = [sys.executable, str(HERE / f"make_{page}.py"), *how]
        if subprocess.run(command, check=False).returncode:
            wrong.append(f"docs/{page}.md: is not what docs/make_{page}.py makes")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(wrong)} differences" if arguments.check else "done")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
