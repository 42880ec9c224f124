"""The shapes of vertebrae, ribs and sacrum seen from behind, as painter paths in mm: x to the right, z rostral.

Heights are the model's own (scs_models.anatomy). Widths and outlines are a drawing after ordinary proportions of adult
spines: nothing is computed from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QTransform

from scs_models.anatomy import body_span_mm, spine, vertebra_names, vertebra_span_mm

Point = tuple[float, float]

# Half width of the body, middle and half axes of the pedicle, tip of the transverse process (x, above mid-height), mm;
# and how far below mid-height the spinous process ends, in heights of the vertebra.
_PROPORTIONS: dict[str, tuple[float, float, float, float, float, float, float]] = {
    "C2": (10.0, 10.5, 2.6, 3.6, 21.0, -1.0, 0.55), "C3": (9.5, 10.5, 2.4, 3.2, 21.5, -0.5, 0.55),
    "C5": (10.0, 11.0, 2.4, 3.2, 22.5, -0.5, 0.62), "C7": (12.5, 12.0, 3.0, 3.8, 29.0, 1.5, 0.95),
    "T1": (14.0, 12.2, 3.6, 4.6, 33.0, 2.5, 0.95), "T2": (13.6, 11.0, 3.0, 4.8, 31.0, 3.0, 1.00),
    "T4": (13.2, 9.8, 2.3, 4.9, 28.5, 3.4, 1.12), "T6": (13.8, 9.9, 2.4, 5.2, 28.0, 3.6, 1.22),
    "T8": (15.0, 10.6, 2.7, 5.6, 28.5, 3.8, 1.20), "T9": (15.8, 11.0, 2.9, 5.9, 28.0, 3.6, 1.10),
    "T10": (16.8, 11.8, 3.2, 6.4, 26.0, 3.2, 0.95), "T11": (17.9, 12.8, 3.7, 7.0, 22.5, 2.6, 0.76),
    "T12": (19.2, 13.9, 4.0, 7.3, 20.5, 1.6, 0.64), "L1": (20.6, 14.6, 3.8, 7.2, 35.0, 0.5, 0.56),
    "L2": (21.6, 15.2, 4.0, 7.0, 40.0, 1.0, 0.55), "L3": (22.6, 16.2, 4.6, 6.8, 45.0, 1.8, 0.55),
    "L4": (24.0, 17.8, 5.4, 6.6, 42.0, 3.6, 0.53), "L5": (25.6, 20.4, 6.6, 6.2, 42.0, 4.6, 0.46),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vertebra:
    """One vertebra's measures for the drawing, mm; z values are heights in the model's frame."""

    name: str
    low_mm: float
    high_mm: float
    body_low_mm: float
    body_high_mm: float
    half_width_mm: float
    pedicle_x_mm: float
    pedicle_half_x_mm: float
    pedicle_half_z_mm: float
    process_x_mm: float
    process_rise_mm: float
    spinous_heights: float

    @property
    def mid_mm(self) -> float:
        """Return the height of its middle."""
        return (self.low_mm + self.high_mm) / 2.0

    @property
    def height_mm(self) -> float:
        """Return the height of its body."""
        return self.body_high_mm - self.body_low_mm

    @property
    def pedicle_z_mm(self) -> float:
        """Return the height of the middle of its pedicles."""
        share = 0.10 if self.is_cervical else 0.20
        return self.mid_mm + share * self.height_mm

    @property
    def is_cervical(self) -> bool:
        """Return whether it is a vertebra of the neck."""
        return self.name[0] == "C"

    @property
    def is_thoracic(self) -> bool:
        """Return whether it bears ribs."""
        return self.name[0] == "T"


def vertebrae() -> tuple[Vertebra, ...]:
    """Return the vertebrae C2 to L5 from rostral to caudal."""
    names = vertebra_names()
    known = [names.index(name) for name in _PROPORTIONS]
    table = np.array(list(_PROPORTIONS.values()))
    found = []
    for index, name in enumerate(names):
        values = [float(np.interp(index, known, column)) for column in table.T]
        found.append(Vertebra(name, *vertebra_span_mm(name), *body_span_mm(name), *values))
    return tuple(found)


def smooth(points: Sequence[Point], *, closed: bool = True) -> QPainterPath:
    """Return a path through `points` without corners (Catmull-Rom with chord-length tangents)."""
    count = len(points)
    at = np.array(points, dtype=np.float64)
    path = QPainterPath(QPointF(*points[0]))
    for i in range(count if closed else count - 1):
        before = at[(i - 1) % count] if closed or i else at[0]
        after = at[(i + 2) % count] if closed or i + 2 < count else at[-1]
        start, end = at[i], at[(i + 1) % count]
        chords = [max(float(np.hypot(*step)), 1e-6) for step in (start - before, end - start, after - end)]
        leave = (end - before) * chords[1] / (chords[0] + chords[1])
        arrive = (after - start) * chords[1] / (chords[1] + chords[2])
        path.cubicTo(QPointF(*(start + leave / 3.0)), QPointF(*(end - arrive / 3.0)), QPointF(*end))
    if closed:
        path.closeSubpath()
    return path


def mirrored(path: QPainterPath) -> QPainterPath:
    """Return `path` on the other side of the midline."""
    return QTransform.fromScale(-1.0, 1.0).map(path)


def symmetric(right: Sequence[Point]) -> QPainterPath:
    """Return the closed smooth outline whose right half runs through `right` from top to bottom."""
    return smooth([*right, *((-x, z) for x, z in reversed(right) if x > 0.0)])


def body(v: Vertebra) -> QPainterPath:
    """Return the outline of the vertebral body: flared rims and a waist."""
    w, top, low, mid = v.half_width_mm, v.body_high_mm, v.body_low_mm, v.mid_mm
    flare = 0.6 if v.is_cervical else 1.0
    if v.is_cervical:
        return symmetric(
            [(0.0, top - 1.2), (w * 0.6, top - 0.9), (w * 0.92, top + 2.0), (w * 1.02, top + 0.4), (w * 0.93, mid),
             (w * 1.0, low + 1.2), (w * 0.8, low - 0.5), (0.0, low - 0.9)]
        )  # fmt: skip
    return symmetric(
        [(0.0, top - 0.7), (w * 0.55, top - 0.35), (w * 0.93, top + 0.1 * flare), (w * 1.045, top - 1.3),
         (w * 0.985, top - 4.2), (w * 0.90, mid), (w * 0.995, low + 4.4), (w * 1.065, low + 1.5),
         (w * 0.95, low - 0.1), (w * 0.55, low + 0.35), (0.0, low + 0.75)]
    )  # fmt: skip


def end_plates(v: Vertebra) -> list[QPainterPath]:
    """Return the rims of the end plates, seen a little from above: two thin lenses at each end."""
    w = v.half_width_mm * 0.97
    depth = 1.1 if v.is_cervical else 1.7
    found = []
    for edge, way in ((v.body_high_mm, -1.0), (v.body_low_mm, 1.0)):
        for bend in (0.15, 1.0):
            found.append(
                smooth(
                    [(-w, edge + way * 0.9), (-w * 0.55, edge + way * (0.5 + bend * depth)),
                     (0.0, edge + way * (0.7 + bend * depth * 1.25)), (w * 0.55, edge + way * (0.5 + bend * depth)),
                     (w, edge + way * 0.9)],
                    closed=False,
                )
            )  # fmt: skip
    return found


def pedicle(v: Vertebra) -> QPainterPath:
    """Return the outline of the right pedicle, seen end on."""
    path = QPainterPath()
    rx, rz = v.pedicle_half_x_mm, v.pedicle_half_z_mm
    path.addEllipse(QRectF(-rx, -rz, 2.0 * rx, 2.0 * rz))
    lean = QTransform().translate(v.pedicle_x_mm, v.pedicle_z_mm).rotate(-9.0)
    return lean.map(path)


def lamina(v: Vertebra) -> QPainterPath:
    """Return the outline of both laminae with the articular processes: a butterfly behind the canal."""
    x, z, rz, mid, h = v.pedicle_x_mm, v.pedicle_z_mm, v.pedicle_half_z_mm, v.mid_mm, v.height_mm
    low = v.low_mm
    if v.is_cervical:
        return symmetric(
            [(0.0, mid + 0.30 * h), (x * 0.7, mid + 0.38 * h), (x * 1.25, v.high_mm + 0.5), (x * 1.75, v.high_mm - 1.0),
             (x * 1.80, mid), (x * 1.72, low + 0.5), (x * 1.2, low - 1.0), (x * 0.7, mid - 0.30 * h),
             (0.0, mid - 0.42 * h)]
        )  # fmt: skip
    if v.is_thoracic:
        return symmetric(
            [(0.0, mid + 0.14 * h), (x * 0.42, mid + 0.24 * h), (x * 0.72, z + rz * 0.75), (x * 0.95, v.high_mm + 1.6),
             (x * 1.22, v.high_mm + 0.2), (x * 1.28, z), (x * 1.20, mid - 0.22 * h), (x * 0.98, low - 0.6),
             (x * 0.62, low - 1.4), (x * 0.40, mid - 0.46 * h), (0.0, mid - 0.40 * h)]
        )  # fmt: skip
    return symmetric(
        [(0.0, mid + 0.02 * h), (x * 0.36, mid + 0.06 * h), (x * 0.66, z - rz * 0.2), (x * 0.86, v.high_mm + 2.0),
         (x * 1.16, v.high_mm + 3.4), (x * 1.34, v.high_mm - 1.5), (x * 1.16, z - rz * 0.9), (x * 0.96, mid - 0.26 * h),
         (x * 1.05, low + 1.0), (x * 0.94, low - 5.2), (x * 0.66, low - 4.6), (x * 0.48, mid - 0.40 * h),
         (x * 0.30, mid - 0.30 * h), (0.0, mid - 0.34 * h)]
    )  # fmt: skip


def lamina_stumps(v: Vertebra) -> list[QPainterPath]:
    """Return what a laminectomy leaves of the right lamina: the outer edge with its joint, ragged inwards."""
    cut = QPainterPath()
    x, top, low = v.pedicle_x_mm, v.high_mm + 8.0, v.low_mm - 12.0
    edge = [(x * (0.80 + 0.10 * (i % 2) * (1 if i % 3 else -0.6)), top + (low - top) * i / 9.0) for i in range(10)]
    cut.addPath(smooth([*edge, (x * 4.0, low), (x * 4.0, top)]))
    return [lamina(v).intersected(cut)]


def spinous(v: Vertebra) -> QPainterPath:
    """Return the outline of the spinous process: a drop that hangs over the next vertebra, forked in the neck."""
    mid, pitch = v.mid_mm, v.high_mm - v.low_mm
    tip = mid - v.spinous_heights * pitch
    if v.is_cervical and v.name != "C7":
        return symmetric(
            [(0.0, mid - 0.02 * pitch), (1.3, mid - 0.12 * pitch), (1.9, tip + 4.4), (4.3, tip + 0.9), (4.2, tip - 0.6),
             (2.9, tip - 0.5), (0.0, tip + 2.4)]
        )  # fmt: skip
    if v.is_thoracic or v.is_cervical:
        wide = 2.5 if pitch < 26 else 3.1
        top = mid - 0.06 * pitch
        return symmetric(
            [(0.0, top), (1.25, top - 2.0), (1.5, top + (tip - top) * 0.45), (wide, tip + 4.4),
             (wide * 1.05, tip + 2.2), (wide * 0.62, tip + 0.2), (0.0, tip - 0.4)]
        )  # fmt: skip
    top = mid + 0.05 * pitch
    return symmetric(
        [(0.0, top), (1.7, top - 2.0), (2.3, (top + tip) / 2.0 + 1.5), (3.6, tip + 5.0), (3.9, tip + 2.4),
         (2.5, tip + 0.2), (0.0, tip - 0.3)]
    )  # fmt: skip


def transverse(v: Vertebra) -> QPainterPath:
    """Return the outline of the right transverse process."""
    x0, tip_x, z0 = v.pedicle_x_mm + v.pedicle_half_x_mm * 0.2, v.process_x_mm, v.pedicle_z_mm
    tip_z = v.mid_mm + v.process_rise_mm + (0.12 * v.height_mm if v.is_thoracic else 0.0)
    if v.is_cervical:
        return smooth(
            [(x0, z0 + 2.6), (tip_x * 0.8, tip_z + 2.4), (tip_x, tip_z + 1.4), (tip_x, tip_z - 1.8),
             (tip_x * 0.8, tip_z - 2.6), (x0, z0 - 3.2)]
        )  # fmt: skip
    if v.is_thoracic:
        knob = 3.7 if v.name not in ("T11", "T12") else 2.9
        neck = (x0 + tip_x) / 2.0
        return smooth(
            [(x0, z0 + 3.4), (neck, (z0 + tip_z) / 2.0 + 3.0), (tip_x - knob * 0.9, tip_z + knob),
             (tip_x, tip_z + knob * 0.55), (tip_x + 0.3, tip_z - knob * 0.5), (tip_x - knob * 0.8, tip_z - knob),
             (neck, (z0 + tip_z) / 2.0 - 3.0),
             (x0, z0 - 4.6)]
        )  # fmt: skip
    z_root = z0 - 1.5
    return smooth(
        [(x0, z_root + 4.2), (x0 + (tip_x - x0) * 0.45, (z_root + tip_z) / 2.0 + 3.6), (tip_x - 2.4, tip_z + 3.2),
         (tip_x, tip_z + 1.0), (tip_x - 1.6, tip_z - 2.6), (x0 + (tip_x - x0) * 0.45, (z_root + tip_z) / 2.0 - 3.4),
         (x0, z_root - 5.2)]
    )  # fmt: skip


def rib(v: Vertebra, reach_mm: float) -> QPainterPath:
    """Return the middle line of the right rib from its head at the upper disc to `reach_mm` from the midline."""
    number = int(v.name[1:])
    x0 = v.half_width_mm * 0.96
    head = v.high_mm - 1.4 if number < 11 else v.body_high_mm - 4.0
    if number == 12:
        points = [(x0, head), (x0 + 8.0, head - 1.5), (x0 + 22.0, head - 11.0), (x0 + 40.0, head - 30.0)]
        return smooth(points, closed=False)
    drop = 0.16 + 0.024 * number
    turn = v.process_x_mm + 4.0
    top = v.mid_mm + v.process_rise_mm + 0.12 * v.height_mm + (2.2 if number < 11 else 3.6)
    line = [(x0, head), (x0 + 0.45 * (turn - x0), (head + top) / 2.0 + 0.5), (turn, top)]
    for far in np.linspace(turn + 10.0, reach_mm, 5):
        along = far - turn
        line.append((float(far), top - drop * along - 0.0065 * along**2))
    return smooth(line, closed=False)


def rib_width_mm(v: Vertebra) -> float:
    """Return how broad the rib of a vertebra is drawn, mm."""
    return {1: 7.5, 11: 7.0, 12: 5.2}.get(int(v.name[1:]), 8.4)


def sacrum() -> QPainterPath:
    """Return the outline of the sacrum below L5."""
    top = float(spine().border_z_mm[-1])
    return symmetric(
        [(0.0, top - 1.0), (18.0, top - 0.6), (26.0, top + 1.2), (40.0, top + 3.0), (55.0, top - 8.0),
         (57.0, top - 26.0), (47.0, top - 46.0), (38.0, top - 62.0), (24.0, top - 88.0), (9.0, top - 104.0),
         (0.0, top - 106.0)]
    )  # fmt: skip


def sacral_lines() -> list[QPainterPath]:
    """Return what stands out on the sacrum: the end plate, the median crest, the edges of the joints with L5."""
    top = float(spine().border_z_mm[-1])
    plate = smooth([(-24.0, top - 1.4), (-10.0, top - 3.4), (10.0, top - 3.4), (24.0, top - 1.4)], closed=False)
    crest = symmetric([(0.0, top - 9.0), (1.8, top - 14.0), (2.4, top - 24.0), (1.9, top - 36.0), (0.0, top - 41.0)])
    wing = smooth([(26.0, top + 1.0), (31.0, top - 7.0), (33.0, top - 17.0), (30.0, top - 25.0)], closed=False)
    return [plate, crest, wing, mirrored(wing)]


def sacral_foramina() -> list[QPainterPath]:
    """Return the outlines of the right sacral foramina that are still seen."""
    top = float(spine().border_z_mm[-1])
    found = []
    for index in range(2):
        path = QPainterPath()
        path.addEllipse(QRectF(15.0 - 1.2 * index, top - 27.0 - 18.0 * index, 8.0 - index, 5.6 - 0.5 * index))
        found.append(path)
    return found


def screw_head(v: Vertebra) -> QPainterPath:
    """Return the outline of the right pedicle screw's head."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(v.pedicle_x_mm - 3.4, v.pedicle_z_mm - 3.8, 6.8, 7.6), 2.4, 2.4)
    return path


def screw_shaft(v: Vertebra) -> QPainterPath:
    """Return the middle line of the right pedicle screw's shaft, which points inwards and is seen nearly end on."""
    path = QPainterPath(QPointF(v.pedicle_x_mm, v.pedicle_z_mm))
    path.lineTo(QPointF(v.pedicle_x_mm * 0.34, v.pedicle_z_mm - 0.6))
    return path


def rod(upper: Vertebra, lower: Vertebra) -> QPainterPath:
    """Return the middle line of the right rod between the screws of two vertebrae."""
    path = QPainterPath(QPointF(upper.pedicle_x_mm, upper.pedicle_z_mm + 7.0))
    path.lineTo(QPointF(lower.pedicle_x_mm, lower.pedicle_z_mm - 7.0))
    return path
