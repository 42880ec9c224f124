"""`python -m scs_sim` is the command `scs-sim`."""

from __future__ import annotations

import sys

from scs_sim.cli import main

if __name__ == "__main__":
    sys.exit(main())
