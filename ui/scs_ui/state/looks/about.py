"""What the About window says: what the app is not for, its version, whose work is in it and under which licence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import scs_sim

NOTICE = (
    "For training and research only. Not for patient care.",
    "It predicts where paresthesia would be felt, not whether pain is relieved. Its numbers are those of a model: many"
    " are assumed, none replaces a measurement, a device's manual or a clinician's judgement.",
    "Do not type names, birth dates or record numbers: there is no field for them, on purpose.",
)

_LIBRARIES = (
    (
        "PySide6-Essentials",
        "Qt for Python",
        "LGPL-3.0",
        "the window; its files can be replaced by your own build of Qt",
    ),
    ("shiboken6", "Shiboken", "LGPL-3.0", "joins Python and Qt"),
    ("pyqtgraph", "pyqtgraph", "MIT", "plots and images"),
    ("contourpy", "ContourPy", "BSD-3-Clause", "contour lines"),
    ("numpy", "NumPy", "BSD-3-Clause", "arrays"),
    ("scipy", "SciPy", "BSD-3-Clause", "solvers"),
    ("pydantic", "pydantic", "MIT", "reads and checks files"),
    ("pillow", "Pillow", "MIT-CMU", "pictures"),
    ("jinja2", "Jinja", "BSD-3-Clause", "reports"),
    ("click", "Click", "BSD-3-Clause", "command line"),
    ("rich", "Rich", "MIT", "command line"),
    ("platformdirs", "platformdirs", "MIT", "folders"),
)


@dataclass(frozen=True, slots=True)
class Library:
    """Somebody else's work that the app stands on."""

    name: str
    version: str
    licence: str
    use: str


@dataclass(frozen=True, slots=True)
class AboutLook:
    """The words of the window."""

    title: str
    summary: str
    notice: tuple[str, ...]
    licence: str
    libraries: tuple[Library, ...]


@cache
def about_look() -> AboutLook:
    """Return the words of the About window."""
    return AboutLook(
        title=f"scs-sim {scs_sim.__version__}",
        summary="An open simulator for programming spinal cord stimulation.",
        notice=NOTICE,
        licence="scs-sim is free software under the MIT licence: use it, change it, pass it on, without any warranty.",
        libraries=tuple(Library(name, _version(package), licence, use) for package, name, licence, use in _LIBRARIES),
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
