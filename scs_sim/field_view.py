"""Pictures of the field: potential, field strength and activating function across the canal or along the lead.

All but the field strength are linear in the currents: what a contact does to a picture is found once and kept, a
program is a weighted sum. Pictures are per mA of the program; rows run from ventral to dorsal.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from scs_models.canal_picture import Outline, planes, slope_matrices, value_matrix
from scs_models.errors import InvalidValueError
from scs_models.values import Float32Array, FloatArray, read_only
from scs_sim.field_setting import FieldSetting, PicturedContact

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FieldKind = Literal["potential", "field", "activating"]
FieldPlane = Literal["cross", "sagittal"]
UNITS: Mapping[FieldKind, str] = {"potential": "mV", "field": "V/m", "activating": "mV"}

CROSS_PIXELS = (176, 264)
ALONG_PIXELS = (110, 240)
AROUND_MM = 1.5
ENDS_MM = 10.0
_SLOPE_MM = 0.1


@dataclass(frozen=True, slots=True)
class Frame:
    """What a picture spans, mm: horizontally x from left to right, or heights from rostral to caudal; vertically y."""

    left_mm: float
    right_mm: float
    bottom_mm: float
    top_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """One plane through the canal: across it at a height, or along it at a lateral place; `at_mm` says where.

    Contacts without pictures cannot be in it. What each contact does is kept in it.
    """

    setting: FieldSetting
    plane: FieldPlane
    at_mm: float
    frame: Frame
    _parts: dict[tuple[str, FieldKind, float], tuple[Float32Array, ...]] = dataclasses.field(
        default_factory=dict, repr=False
    )

    def image(self, weights: Mapping[str, float], kind: FieldKind, node_mm: float) -> Float32Array:
        """Return the picture (rows, columns) per mA of the program with currents `weights` (contact -> -1 to 1).

        potential: mV; field: its strength, V/m; activating: second difference of the potential along the cord over
        nodes `node_mm` apart, mV, positive where a fibre is depolarised. Raises InvalidValueError for a contact that
        has no pictures.
        """
        total: list[Float32Array] = []
        for contact in self.setting.contacts:
            weight = weights.get(contact.name, 0.0)
            if weight == 0.0:
                continue
            parts = self._of(contact, kind, node_mm)
            if not total:
                total = [np.multiply(part, np.float32(weight)) for part in parts]
            else:
                for own, part in zip(total, parts, strict=True):
                    own += part * np.float32(weight)
        if not total:
            return np.zeros(self._shape, dtype=np.float32)
        return total[0] if len(total) == 1 else np.sqrt(total[0] ** 2 + total[1] ** 2 + total[2] ** 2)

    @property
    def _shape(self) -> tuple[int, int]:
        return CROSS_PIXELS if self.plane == "cross" else ALONG_PIXELS

    def _of(self, contact: PicturedContact, kind: FieldKind, node_mm: float) -> tuple[Float32Array, ...]:
        """Return what 1 mA of a contact does, (rows, columns) each: the potential, or the field's three parts."""
        key = (contact.name, kind, node_mm if kind == "activating" else 0.0)
        if key not in self._parts:
            if not contact.pictures:
                raise InvalidValueError(f"contact {contact.name} has no pictures yet; prepare it first")
            found = (
                self._across(contact, kind, node_mm) if self.plane == "cross" else self._along(contact, kind, node_mm)
            )
            self._parts[key] = tuple(read_only(part) for part in found)
        return self._parts[key]

    def _across(self, contact: PicturedContact, kind: FieldKind, node_mm: float) -> list[Float32Array]:
        height = np.array([self.at_mm])
        outline = self.setting.outline(self.at_mm, paddle=contact.is_flat)
        found = _terms(_heights(contact, height, kind, node_mm), _cross_places(outline, self.frame), kind)
        return [part[0].reshape(self._shape) for part in found]

    def _along(self, contact: PicturedContact, kind: FieldKind, node_mm: float) -> list[Float32Array]:
        rows, columns = ALONG_PIXELS
        frame = self.frame
        heights = _middles(frame.left_mm, frame.right_mm, columns)
        levels = _heights(contact, heights, kind, node_mm)
        images = [np.empty((columns, rows), dtype=np.float32) for _ in range(3 if kind == "field" else 1)]
        outlines = self.setting.outlines(heights, paddle=contact.is_flat)
        for outline in dict.fromkeys(outlines):
            here = [index for index, own in enumerate(outlines) if own is outline]
            places = _line_places(outline, self.at_mm, frame.bottom_mm, frame.top_mm)
            for image, part in zip(images, _terms([level[here] for level in levels], places, kind), strict=True):
                image[here] = part
        return [np.ascontiguousarray(image.T) for image in images]


def cross_section(setting: FieldSetting, z_mm: float) -> Slice:
    """Return the plane across the canal at a height; raise InvalidValueError beyond the setting's heights."""
    if not setting.low_mm - 1e-9 <= z_mm <= setting.high_mm + 1e-9:
        raise InvalidValueError(
            f"z_mm is {z_mm:g} mm; it must lie between {setting.low_mm:g} and {setting.high_mm:g} mm"
        )
    left, right, bottom, top = _canal_mm([setting.outline(z_mm, paddle=setting.paddle is not None)])
    rows, columns = CROSS_PIXELS
    half = _up_mm(max((top - bottom) / 2.0, max(right, -left) * rows / columns) + AROUND_MM)
    middle, wide = round(top + bottom) / 2.0, half * columns / rows
    return Slice(setting, "cross", float(z_mm), Frame(-wide, wide, middle - half, middle + half))


def sagittal(setting: FieldSetting, x_mm: float) -> Slice:
    """Return the plane along the canal at a lateral place, as high as the leads and ENDS_MM more at either end."""
    heights = [contact.z_mm for contact in setting.contacts]
    high, low = max(heights) + ENDS_MM, min(heights) - ENDS_MM
    _, _, bottom, top = _canal_mm(setting.outlines(np.linspace(low, high, 5), paddle=setting.paddle is not None))
    return Slice(
        setting, "sagittal", float(x_mm), Frame(high, low, -_up_mm(AROUND_MM - bottom), _up_mm(AROUND_MM + top))
    )


def _up_mm(length_mm: float) -> float:
    """Return a length rounded up to half a mm, so that frames do not change with every small step."""
    return math.ceil(2.0 * length_mm) / 2.0


def _canal_mm(outlines: Sequence[Outline]) -> tuple[float, float, float, float]:
    """Return how far the canal reaches left, right, ventrally and dorsally in some outlines."""
    x, y = np.concatenate([outline.curve_xy_mm("canal") for outline in dict.fromkeys(outlines)]).T
    return float(x.min()), float(x.max()), float(y.min()), float(y.max())


def _middles(first_mm: float, last_mm: float, count: int) -> FloatArray:
    """Return the middles of `count` pixels between two edges."""
    return np.asarray(first_mm + (np.arange(count) + 0.5) * (last_mm - first_mm) / count, dtype=np.float64)


def _heights(contact: PicturedContact, z_mm: FloatArray, kind: FieldKind, node_mm: float) -> list[Float32Array]:
    """Return potentials on the grid (n, points) at the heights that a kind of picture is made of."""
    steps = {"potential": (0.0,), "field": (0.0, _SLOPE_MM, -_SLOPE_MM), "activating": (0.0, node_mm, -node_mm)}[kind]
    away = z_mm - contact.z_mm
    every = np.concatenate([away + step for step in steps])
    return np.split(planes(contact.pictures, contact.lateral_mm, contact.width_mm, every), len(steps))


def _terms(levels: list[Float32Array], places: _Places, kind: FieldKind) -> list[Float32Array]:
    """Return what a picture is made of, (n, places) each, from potentials on the grid (n, points)."""
    middle = levels[0]
    if kind == "potential":
        return [(places.value @ middle.T).T]
    if kind == "activating":
        return [(places.value @ (levels[1] + levels[2] - 2.0 * middle).T).T]
    along = (levels[1] - levels[2]) / np.float32(2.0 * _SLOPE_MM)
    slope_x, slope_y = places.slopes
    return [(slope_x @ middle.T).T, (slope_y @ middle.T).T, (places.value @ along.T).T]


class _Places:
    """Places of a picture in one outline, with their interpolations, which are made when first asked for."""

    def __init__(self, outline: Outline, xy_mm: FloatArray) -> None:
        self._outline, self._xy_mm = outline, xy_mm

    @cached_property
    def value(self) -> csr_array:
        return value_matrix(self._outline, self._xy_mm)

    @cached_property
    def slopes(self) -> tuple[csr_array, csr_array]:
        return slope_matrices(self._outline, self._xy_mm)


@lru_cache(maxsize=4)
def _cross_places(outline: Outline, frame: Frame) -> _Places:
    rows, columns = CROSS_PIXELS
    x, y = _middles(frame.left_mm, frame.right_mm, columns), _middles(frame.bottom_mm, frame.top_mm, rows)
    return _Places(outline, np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))


@lru_cache(maxsize=32)
def _line_places(outline: Outline, x_mm: float, bottom_mm: float, top_mm: float) -> _Places:
    y = _middles(bottom_mm, top_mm, ALONG_PIXELS[0])
    return _Places(outline, np.stack([np.full_like(y, x_mm), y], axis=-1))
