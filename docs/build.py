"""Makes what commands make in README and docs: python docs/build.py [--check]

Blocks between `<!-- begin NAME -->` and `<!-- end NAME -->` of a page, and the pictures in docs/pictures. With --check
nothing is written: everything is made again and compared, text word by word, numbers to 2 % or one unit of their last
digit, pictures pixel by pixel; the exit code is 1 where something differs. The validation table is computed anew, which
takes some minutes; the predictor's table comes from the file its validation run wrote.
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

HERE = Path(__file__).parent
ROOT = HERE.parent
CASE = "back-and-left-leg"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")


def scs_sim(*words: str) -> str:
    """Return what the command line prints, 100 columns wide, without colour."""
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-m", "scs_sim", "--quiet", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    if done.returncode:
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


def validation(fresh: bool) -> list[dict[str, object]]:
    """Return the rows of the validation, computed anew or as last written."""
    path = HERE / "data" / "validation.json"
    if fresh:
        sys.path.insert(0, str(HERE))
        import validate

        return validate.rows()
    return json.loads(path.read_text(encoding="utf-8"))["rows"]


def verdict(row: dict[str, object]) -> str:
    """Return "pass", "miss", "expected miss" or "-"."""
    if row["passed"] is None:
        return "-"
    if row["passed"]:
        return "pass"
    return "expected miss" if row["kind"] == "expected miss" else "miss"


def validation_table(rows: list[dict[str, object]]) -> str:
    """Return all rows as a Markdown table, misses first."""
    order = {"miss": 0, "expected miss": 1, "pass": 2, "-": 3}
    lines = ["| target | published | ours | | kind | source, note |", "| --- | --- | --- | --- | --- | --- |"]
    for row in sorted(rows, key=lambda row: order[verdict(row)]):
        note = f"{row['source']}. {row['note']}" if row["note"] else row["source"]
        cells = (row["target"], row["published"], row["ours"], verdict(row), row["kind"], note)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def accuracy_table(rows: list[dict[str, object]]) -> str:
    """Return the README's short table: the numerics, then the count of published targets, then the misses."""
    judged = [row for row in rows if row["passed"] is not None]
    passed = [row for row in judged if row["passed"]]
    missed = [row for row in judged if not row["passed"]]
    lines = ["| what | published or required | ours |", "| --- | --- | --- |"]
    numerics = [row for row in rows if row["kind"] == "verification"]
    lines += [f"| {row['target']} | {row['published']} | {row['ours']} |" for row in numerics]
    lines.append(f"| targets met, of those with a pass line | {len(judged)} | {len(passed)} |")
    lines += [f"| missed: {row['target']} | {row['published']} | {row['ours']} |" for row in missed]
    return "\n".join(lines)


def assumed_counts() -> str:
    """Return the last line of `scs-sim sources`."""
    return scs_sim("sources").strip().splitlines()[-1].split("Citations")[0].strip()


def pictures() -> dict[str, bytes]:
    """Return the pictures by file name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        scs_sim("evaluate", CASE, "--png", str(path))
        return {f"{CASE}.png": path.read_bytes()}


def blocks(rows: list[dict[str, object]]) -> dict[str, dict[str, str]]:
    """Return page -> block -> text."""

    def fenced(text: str) -> str:
        return f"```text\n{text.rstrip()}\n```"

    return {
        "README.md": {
            "evaluate": fenced(scs_sim("evaluate", CASE)),
            "python-output": fenced(snippet_output()),
            "accuracy": accuracy_table(rows),
        },
        "docs/validation.md": {"rows": validation_table(rows)},
        "docs/model.md": {"counts": assumed_counts()},
    }


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
    parser.add_argument("--reuse", action="store_true", help="take the validation rows from docs/data/validation.json")
    arguments = parser.parse_args()
    wrong = []
    rows = validation(fresh=not arguments.reuse)
    if not arguments.check:
        document = {"format": "scs-sim validation", "version": 1, "rows": rows}
        (HERE / "data" / "validation.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    made = blocks(rows)
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
    command_line = [sys.executable, str(HERE / "make_cli.py"), *(["--check"] if arguments.check else [])]
    if subprocess.run(command_line, check=False).returncode:
        wrong.append("docs/cli.md: is not what docs/make_cli.py makes")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(wrong)} differences" if arguments.check else "done")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
