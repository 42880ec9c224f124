"""What a run was measured on: kind of machine, versions, BLAS threads, and the rate of sgemm in the same run.

Nothing that names the machine or its owner.
"""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from scs_sim.bench.measure import sgemm_flop_per_s


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and what ran on it; blas_threads_count is how many threads a matrix product may take."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    processor: str
    processors_count: int
    system: str
    python: str
    numpy: str
    scipy: str
    blas: str
    blas_threads_count: int
    sgemm_flop_per_s: float

    @property
    def threads_words(self) -> str:
        """Return the number of BLAS threads in words."""
        return "1 BLAS thread" if self.blas_threads_count == 1 else f"{self.blas_threads_count} BLAS threads"


def this_machine() -> Machine:
    """Return this machine, timing sgemm."""
    from importlib.metadata import version

    from threadpoolctl import threadpool_info

    rate = sgemm_flop_per_s()
    pools = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    own = next((pool for pool in pools if "numpy" in str(pool.get("filepath", ""))), pools[0] if pools else {})
    return Machine(
        processor=_processor(),
        processors_count=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        numpy=version("numpy"),
        scipy=version("scipy"),
        blas=f"{own.get('internal_api', 'unknown')} {own.get('version', '')}".strip(),
        blas_threads_count=int(own.get("num_threads", 0)),
        sgemm_flop_per_s=rate,
    )


def _processor() -> str:
    """Return the processor's trade name where the system tells it, else its family."""
    if sys.platform == "linux":
        try:
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown"
