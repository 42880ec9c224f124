"""The room as a player has it: `scs-sim train start` once, then `scs-sim train act SESSION --stream` as a process.

Nothing of scs-sim is imported: a player knows what a trainee can read, see and hear.
"""

from __future__ import annotations

import json
import subprocess
import sys
from types import TracebackType
from typing import Any

SCS_SIM = (sys.executable, "-m", "scs_sim")
Data = dict[str, Any]


def asked(*words: str) -> Data:
    """Return the JSON document that one call of scs-sim answers with."""
    done = subprocess.run([*SCS_SIM, *words, "--json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"scs-sim {' '.join(words)}: {done.stderr.strip()}")
    answer: Data = json.loads(done.stdout)
    return answer


class Room:
    """One session, open: `do` an action, read `kit`, `visits` and `complaint`; use it in a `with` block."""

    def __init__(self, case: str, seed: int, profile: str) -> None:
        opening = asked("train", "start", case, "--seed", str(seed), "--profile", profile)
        self.session: str = opening["session"]
        self.kit: Data = opening["kit"]
        self.visits: list[Data] = opening["visits"]
        self.complaint: str = opening["complaint"]
        self.visit = 0
        self.posture: str = self.visits[0]["postures"][0]
        self.actions, self.refused, self.finished = 0, 0, False
        self._process = subprocess.Popen(
            [*SCS_SIM, "train", "act", self.session, "--stream", "--profile", profile],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, action: str, **parameters: Any) -> Data | None:
        """Do one action and return its event, None where it cannot be done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"action": action, "parameters": parameters}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.session}: the room answers no more")
        answer: Data = json.loads(line)
        if "error" in answer:
            self.refused += 1
            return None
        event: Data = answer["event"]
        self.actions += 1
        self.visit += action == "next-visit"
        if action in ("posture", "next-visit"):
            self.posture = event["data"]["to" if action == "posture" else "posture"]
        self.finished |= action in ("finish", "decline")
        return event

    @property
    def has_more_visits(self) -> bool:
        """Return whether the patient comes back after this visit."""
        return self.visit + 1 < len(self.visits)

    @property
    def postures(self) -> list[str]:
        """Return the postures that can be taken at this visit, the present one first when it begins."""
        return list(self.visits[self.visit]["postures"])

    def __enter__(self) -> Room:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def dialled(value_ma: float) -> float:
    """Return an amplitude on the tenths that every programmer has."""
    return round(max(value_ma, 0.0), 1)
