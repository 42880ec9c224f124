"""Writes docs/shortcuts.md from the app's table of keys: python docs/make_shortcuts.py [--check]."""

from __future__ import annotations

import sys
from pathlib import Path

from scs_ui.state.keys import page

PAGE = Path(__file__).parent / "shortcuts.md"

if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        if PAGE.read_text(encoding="utf-8") != page():
            sys.exit("docs/shortcuts.md is not what the table of keys says; run: python docs/make_shortcuts.py")
    else:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
