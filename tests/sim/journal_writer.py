"""A process that writes a journal until it is killed, for the tests of the journal: journal_writer.py FOLDER.

Prints the path, then the serial of every event once `append` has returned, one per line.
"""

from __future__ import annotations

import random
import sys
from typing import Any

from scs_sim.journal import Journal

SNAPSHOT_EVERY = 20


def event_of(serial: int) -> tuple[str, dict[str, Any]]:
    """Return the kind and the data of event `serial`: some bytes, some hundred kilobytes."""
    chance = random.Random(serial)
    kind = "snapshot" if serial % SNAPSHOT_EVERY == 1 else "change"
    size = chance.choice((0, 10, 1000, 100_000 if kind == "snapshot" else 5000))
    return kind, {"serial": serial, "text": f"{chance.getrandbits(32):08x}" * (size // 8)}


def write(folder: str) -> None:
    """Append events for ever; forget those before the last snapshot but one."""
    with Journal.create(folder, "test") as journal:
        print(journal.path, flush=True)
        while True:
            kind, data = event_of(journal.last_serial + 1)
            serial = journal.append(kind, data)
            print(serial, flush=True)
            if kind == "snapshot" and serial > SNAPSHOT_EVERY:
                journal.compact(keep_from=serial - SNAPSHOT_EVERY)


if __name__ == "__main__":
    write(sys.argv[1])
