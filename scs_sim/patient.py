"""Patient and PainMap: who is stimulated. Anatomy as differences from the canonical patient, what surgery changed, and
where it hurts.

There is no field for a name, a birth date or a record number, on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from scs_models import anatomy
from scs_models.canal_grid import csf_values_mm
from scs_models.errors import InvalidValueError
from scs_models.values import require_between, require_one_of

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class InjuredRoot:
    """A damaged root: the share of its large fibres that is left, in the dorsal column and in the root."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    segment: str
    side: Side
    fibres_left: float

    def __post_init__(self) -> None:
        from scs_models.percept.dermatomes import DERMATOMES

        if self.segment not in DERMATOMES:
            raise InvalidValueError(f"segment is {self.segment!r}; it must be one of {', '.join(DERMATOMES)}")
        if self.side not in ("left", "right"):
            raise InvalidValueError(f"side is {self.side!r}; it must be left or right")
        require_between("fibres_left", self.fibres_left, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class LevelCsf:
    """The supine dorsal CSF thickness (mm) of one vertebral level: measured in an MRI, or what a stenosis left."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    level: str
    dorsal_csf_mm: float

    def __post_init__(self) -> None:
        require_one_of("level", self.level, anatomy.section_levels())
        values = csf_values_mm(self.level)
        require_between(f"dorsal_csf_mm at {self.level}", self.dorsal_csf_mm, values[0], values[-1], "mm")


@dataclass(frozen=True, slots=True)
class BandWeight:
    """How wide a dermatome's band in the dorsal columns is in this patient, over the canonical width."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    dermatome: str
    factor: float

    def __post_init__(self) -> None:
        require_one_of("dermatome", self.dermatome, anatomy.dermatome_names())
        require_between("factor", self.factor, 0.25, 4.0)


@dataclass(frozen=True, slots=True)
class Patient:
    """How this patient differs from the canonical one: anatomy, what surgery changed, how much is felt.

    dorsal_csf_factor multiplies every level's dorsal CSF thickness, levels_csf says it level by level (MRI, stenosis)
    and counts before the factor; cord_offset_mm is where the cord's midline lies from the vertebral midline, positive
    to the patient's right; segment_shift (segments) is added to the cord segment under each vertebra; gain multiplies
    every threshold; conductivities names a set of tissues.toml; band_weights widen or narrow dermatomes' bands;
    felt_fibres is how many fibres of a dermatome are felt. arachnoiditis thins the dorsal CSF and makes root thresholds
    erratic (drawn with `seed`); at laminectomy_levels scar stands where the lamina was. hardware_levels and infection
    are no physics: they restrict and forbid.
    """

    FORMAT: ClassVar[str] = "scs-sim patient"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    dorsal_csf_factor: float = 1.0
    cord_offset_mm: float = 0.0
    segment_shift: float = 0.0
    gain: float = 1.0
    conductivities: str = "default"
    injured_roots: tuple[InjuredRoot, ...] = ()
    levels_csf: tuple[LevelCsf, ...] = ()
    band_weights: tuple[BandWeight, ...] = ()
    felt_fibres: float = 3.0
    arachnoiditis: bool = False
    laminectomy_levels: tuple[str, ...] = ()
    hardware_levels: tuple[str, ...] = ()
    infection: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        require_between("dorsal_csf_factor", self.dorsal_csf_factor, 0.4, 1.8)
        require_between("cord_offset_mm", self.cord_offset_mm, -2.5, 2.5, "mm")
        require_between("segment_shift", self.segment_shift, -1.0, 1.0, "segments")
        require_between("gain", self.gain, 0.2, 5.0)
        places = [(root.segment, root.side) for root in self.injured_roots]
        for place in places:
            if places.count(place) > 1:
                raise InvalidValueError(f"injured_roots is wrong; the {place[1]} {place[0]} root stands twice")
        require_one_of("conductivities", self.conductivities, anatomy.conductivity_sets())
        require_between("felt_fibres", self.felt_fibres, 1.0, 30.0)
        for name, given in (("laminectomy_levels", self.laminectomy_levels), ("hardware_levels", self.hardware_levels)):
            for level in given:
                require_one_of(name, level, anatomy.vertebra_names())
        for name, once in (
            ("levels_csf", [row.level for row in self.levels_csf]),
            ("band_weights", [row.dermatome for row in self.band_weights]),
        ):
            if len(set(once)) < len(once):
                raise InvalidValueError(f"{name} is wrong; {max(once, key=once.count)} stands twice")
        if not 0 <= self.seed < 2**32:
            raise InvalidValueError(f"seed is {self.seed}; it must be a whole number from 0 to 4294967295")


@dataclass(frozen=True, slots=True)
class PainPolygon:
    """A freely drawn painful patch: a closed polygon on one view of the body map, with its pain score 0-10."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    view: str
    score: float
    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        require_between("score", self.score, 0.0, 10.0)
        if len(self.points) < 3:
            raise InvalidValueError(f"points is a list of {len(self.points)}; a polygon needs 3 points or more")


@dataclass(frozen=True, slots=True)
class PainMap:
    """Where it hurts and how much: body-map region -> score 0-10, plus free polygons. Regions not named do not hurt."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    scores: Mapping[str, float] = field(default_factory=dict)
    polygons: tuple[PainPolygon, ...] = ()

    def __post_init__(self) -> None:
        for region, score in self.scores.items():
            require_between(f"scores.{region}", score, 0.0, 10.0)
        object.__setattr__(self, "scores", MappingProxyType(dict(self.scores)))

    def __reduce__(self) -> tuple[type[PainMap], tuple[dict[str, float], tuple[PainPolygon, ...]]]:
        """Travel to another process as a plain dict: a mapping proxy cannot."""
        return PainMap, (dict(self.scores), self.polygons)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing hurts."""
        return not any(self.scores.values()) and not any(polygon.score for polygon in self.polygons)
