#!/usr/bin/env bash
# Makes lock.txt anew: the versions pip resolves today for the extras of .ci/run, with the tested PySide6.
# Run it with the oldest supported Python (3.11) in an environment whose pip is 23 or newer: docs/lock.sh > lock.txt
set -euo pipefail
cd "$(dirname "$0")/.."
report=$(mktemp)
trap 'rm -f "$report"' EXIT
python -m pip install --quiet --dry-run --ignore-installed --report "$report" \
    "PySide6-Essentials==6.11.3" -e ".[ui,test,ui-test,sweep,exam,dev,check]" >&2
python - "$report" <<'PY'
import json, re, sys

with open(sys.argv[1], encoding="utf-8") as file:
    items = [item["metadata"] for item in json.load(file)["install"]]
print("# Tested versions, Python 3.11; made by docs/lock.sh. Used as constraints: pip install -c lock.txt -e '.[ui,test,ui-test,sweep,exam,dev,check]'")
names = {re.sub(r"[-_.]+", "-", item["name"]).lower(): item["version"] for item in items}
names.pop("scs-sim", None)
for name, version in sorted(names.items()):
    print(f"{name}=={version}")
PY
