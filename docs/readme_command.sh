#!/usr/bin/env bash
# Runs one of the README's two commands, word for word: docs/readme_command.sh run|test
set -euo pipefail
cd "$(dirname "$0")/.."
command=$(python3 - "$1" <<'PY'
import re, sys
text = open("README.md", encoding="utf-8").read()
match = re.search(rf"<!-- command: {re.escape(sys.argv[1])} -->\s*```(?:sh|bash)\n(.*?)\n```", text, re.S)
if match is None:
    sys.exit(f"README.md has no command marked {sys.argv[1]!r}")
print(match[1])
PY
)
printf '$ %s\n' "$command"
bash -euo pipefail -c "$command"
