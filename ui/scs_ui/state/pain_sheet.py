"""The pain drawing: a sheet with the body map and a ruler of colours that people paint on in any paint program.

The sheet is written as a PNG and read back as a pain map. What is read is checked: the picture must be this sheet (its
lines must lie where they were drawn), and what is painted must have the colours of the ruler, one per score from 1 to
10. Anything else is refused with a sentence, never guessed at.
"""

from __future__ import annotations

import os
import struct
import zlib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError, OutputError
from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import VIEWS
from scs_models.values import BoolArray, FloatArray
from scs_sim.patient import PainMap
from scs_sim.picture.looks import Colour, colour, mix
from scs_sim.picture.png import write_png
from scs_sim.picture.scene import Box, Fill, Item, Lines, Scene, Text
from scs_ui.state.pain_paint import Patch, grid_of, painted

SCORES = tuple(range(1, 11))
PX_PER_UNIT = 2.0
MARGIN, HEAD, FOOT = 40.0, 150.0, 40.0
_PAPER, _BODY, _LINE, _BORDER, _TEXT = (colour(c) for c in ("#ffffff", "#f7f7f6", "#868c93", "#cfd3d7", "#3b4148"))
_DEEP = colour("#c2005c")
# Share of the deep colour at score 0 (never painted) and its step per score.
_LEAST, _STEP = 0.15, 0.085
# Painted is what differs this much between its channels (0-255); of the ruler, what lies this near to its colours.
_CHROMA, _NEAR = 24.0, 36.0
_FOREIGN_MOST = 0.05
# Shares of the sheet's own lines and blank paper that must be found where they were drawn.
_LINES_LEAST, _BLANK_LEAST = 0.85, 0.9
_MOST_PIXELS = 60_000_000
_DAMAGE = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error)  # what Pillow raises for a bad PNG


def ruler_colour(score: float) -> Colour:
    """Return the colour that stands for a pain score from 1 to 10."""
    return mix(_PAPER, _DEEP, _LEAST + _STEP * score)


def pain_sheet(pain: PainMap | None = None) -> bytes:
    """Return the sheet as PNG bytes, 2 pixels per drawing unit; with `pain` painted on it, or blank."""
    body = load_body_map()
    shift = np.array([MARGIN, HEAD])
    width, height = body.width + 2 * MARGIN, HEAD + body.height + FOOT
    items: list[Item] = [Box(0, 0, width, height, _PAPER), *_ruler(width)]
    items.append(Fill([stroke.points + shift for stroke in body.outlines], _BODY))
    items += [Fill([ring + shift for ring in rings], ruler_colour(score)) for score, rings in _areas(pain or PainMap())]
    items.append(Lines([line + shift for line in body.borders], _BORDER, 0.8))
    items.append(Lines([stroke.points + shift for stroke in body.outlines], _LINE, 1.8, closed=True))
    for letter in body.letters:
        place = letter.x + shift[0], letter.y + shift[1]
        items.append(Text(*place, letter.text, 22, _TEXT, bold=True, anchor="middle"))
    for view, name in zip(VIEWS, ("FRONT", "BACK", "SOLES"), strict=True):
        x0, _, x1, y1 = body.frame(view)
        below = y1 + 20 if view == "sole" else body.height + 6
        items.append(Text((x0 + x1) / 2 + shift[0], below + shift[1], name, 13, _TEXT, anchor="middle"))
    return write_png(Scene(width, height, "Pain drawing", "", tuple(items)), round(height * PX_PER_UNIT))


def write_pain_sheet(path: str | os.PathLike[str], pain: PainMap | None = None) -> None:
    """Write the sheet to `path`; raise OutputError where that fails or the name does not end in .png."""
    if Path(path).suffix.lower() != ".png":
        raise OutputError(f"{path}: the file name must end in .png")
    files.write_bytes(path, pain_sheet(pain))


def read_pain_sheet(path: str | os.PathLike[str]) -> PainMap:
    """Return the pain painted on a sheet, at the scores of its ruler; any scale above 0.8 pixels per unit will do.

    Raises InvalidFileError: not a picture, not the sheet, colours that are not on the ruler, nothing painted.
    """
    where = str(path)
    image = _pixels(path, where)
    _require_sheet(image, where)
    scores = _scores(image, where)
    pain = PainMap()
    for view in VIEWS:
        grid = grid_of(view)
        part = scores[grid.y0 : grid.y0 + grid.labels.shape[0], grid.x0 : grid.x0 + grid.labels.shape[1]]
        for score in np.unique(part[part > 0]):
            try:
                pain = painted(pain, Patch(view, part == score), float(score))
            except InvalidValueError as error:
                raise InvalidFileError(where, [str(error)]) from error
    if pain.is_empty:
        raise InvalidFileError(where, ["no pain is painted on it; paint inside the body in the colours of the ruler"])
    return pain


def _ruler(width: float) -> list[Item]:
    items: list[Item] = [
        Text(MARGIN, 40, "Pain drawing", 26, _TEXT, bold=True),
        Text(MARGIN, 66, "Paint where it hurts, in the colours of the ruler, with a hard brush.", 15, _TEXT),
        Text(MARGIN, 88, "Save as PNG and drop it on the window of scs-sim. Write no names on it.", 15, _TEXT),
    ]
    step, high = 46.0, 34.0
    left = width - MARGIN - step * len(SCORES)
    for k, score in enumerate(SCORES):
        items.append(Box(left + k * step, 42, step - 4, high, ruler_colour(score)))
        items.append(Text(left + k * step + (step - 4) / 2, 96, str(score), 14, _TEXT, anchor="middle"))
    items.append(Text(left, 34, "pain score", 13, _TEXT))
    items.append(Text(width - MARGIN - 4, 34, "worst", 13, _TEXT, anchor="end"))
    return items


def _areas(pain: PainMap) -> list[tuple[float, list[FloatArray]]]:
    """Return (score, rings) in drawing units, the highest score last, on top."""
    found = [(score, [*load_body_map().region(name).polygons]) for name, score in pain.scores.items()]
    found += [(polygon.score, [np.asarray(polygon.points)]) for polygon in pain.polygons]
    return sorted((item for item in found if item[0] > 0.0), key=lambda item: item[0])


def _pixels(path: str | os.PathLike[str], where: str) -> NDArray[np.uint8]:
    """Return the picture on white, uint8 (rows, columns, 3), after checking its size and proportions."""
    from PIL import Image

    body = load_body_map()
    width, height = body.width + 2 * MARGIN, HEAD + body.height + FOOT
    try:
        if Path(path).stat().st_size > files.MAX_FILE_BYTES:
            raise InvalidFileError(where, [f"is larger than {files.MAX_FILE_BYTES // 1_000_000} MB"])
        with Image.open(path, formats=("PNG",)) as image:
            wide, high = image.size
            if wide * high > _MOST_PIXELS:
                raise InvalidFileError(where, [f"has {wide} x {high} pixels; at most {_MOST_PIXELS // 10**6} million"])
            if wide < 0.8 * width or abs(wide / high * height / width - 1.0) > 0.005:
                raise InvalidFileError(where, [f"has {wide} x {high} pixels; {_HOW}"])
            paper = Image.new("RGBA", image.size, (*_PAPER, 255))
            paper.alpha_composite(image.convert("RGBA"))
            return np.asarray(paper.convert("RGB"))
    except (*_DAMAGE, Image.DecompressionBombError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is no PNG picture, or damaged"
        raise InvalidFileError(where, [f"cannot be read: {reason}"]) from error


_HOW = "a pain drawing is made on the sheet that File > Pain drawing writes, not cropped, turned or stretched"


def _at(image: NDArray[np.uint8], points: FloatArray) -> FloatArray:
    """Return the pixels at points (N, 2) in sheet units, float64 (N, 3) in 0-255."""
    body = load_body_map()
    scale = np.array(image.shape[1::-1]) / (body.width + 2 * MARGIN, HEAD + body.height + FOOT)
    place = np.clip((points * scale).astype(int), 0, np.array(image.shape[1::-1]) - 1)
    return np.asarray(image[place[:, 1], place[:, 0]], dtype=np.float64)


def _chroma(pixels: FloatArray) -> FloatArray:
    return np.asarray(pixels.max(axis=-1) - pixels.min(axis=-1))


@cache
def _landmarks() -> tuple[FloatArray, FloatArray]:
    """Return points on the outlines of the body, and blank points of paper well outside it, in sheet units."""
    from scipy.ndimage import distance_transform_edt

    body, shift = load_body_map(), np.array([MARGIN, HEAD])
    lines = np.concatenate([_walk(stroke.points, 4.0) for stroke in body.outlines]) + shift
    away = distance_transform_edt(body.label_image(round(body.height)) == 0)
    for letter in body.letters:
        away[int(letter.y) - 40 : int(letter.y) + 25, int(letter.x) - 30 : int(letter.x) + 30] = 0.0
    rows, columns = np.nonzero(away[::9, ::9] > 30.0)
    return lines, 9.0 * np.stack([columns, rows], axis=1) + 0.5 + shift


def _walk(ring: FloatArray, apart: float) -> FloatArray:
    closed = np.concatenate([ring, ring[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    wanted = np.arange(0.0, along[-1], apart)
    return np.stack([np.interp(wanted, along, closed[:, k]) for k in (0, 1)], axis=1)


def _require_sheet(image: NDArray[np.uint8], where: str) -> None:
    lines, blank = _landmarks()
    around = [np.array([x, y]) for x in (-0.5, 0.0, 0.5) for y in (-0.5, 0.0, 0.5)]
    near = np.stack([_at(image, lines + step) for step in around])
    found = ((near.mean(axis=-1) < 190.0) | (_chroma(near) > _CHROMA)).any(axis=0)
    paper = _at(image, blank)
    clear = (paper.min(axis=-1) > 235.0) | (_chroma(paper) > _CHROMA)
    if found.mean() < _LINES_LEAST or clear.mean() < _BLANK_LEAST:
        raise InvalidFileError(where, [f"the body's outline is not where the sheet has it; {_HOW}"])


def _scores(image: NDArray[np.uint8], where: str) -> NDArray[np.uint8]:
    """Return the score painted on every unit of the drawing, 0 for none, uint8 (height, width of the body map)."""
    body = load_body_map()
    rows, columns = round(body.height), round(body.width)
    centres = np.stack(np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5), axis=-1).reshape(-1, 2)
    pixels = _at(image, centres + np.array([MARGIN, HEAD])).reshape(rows, columns, 3)
    labels = body.label_image(rows)
    paint = (_chroma(pixels) > _CHROMA) & (labels > 0)
    along = np.array(_DEEP, dtype=float) - _PAPER
    share = (pixels - _PAPER) @ along / (along @ along)
    aside = np.linalg.norm(pixels - _PAPER - share[..., None] * along, axis=-1)
    foreign = float(np.sum(paint & (aside > _NEAR)) / max(1, int(np.sum(paint))))
    if foreign > _FOREIGN_MOST:
        raise InvalidFileError(
            where, [f"{100 * foreign:.0f} % of what is painted has no colour of the ruler; pick the colours from it"]
        )
    score = np.clip(np.rint((share - _LEAST) / _STEP), 1, 10) * paint
    return _cleaned(score.astype(np.uint8), labels)


def _cleaned(score: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the scores with the edges of strokes decided and the sheet's own lines inside strokes filled.

    A mixed colour at an edge belongs to the stroke from half its score on, else to the paper. A line between regions
    takes the score of the stroke beside it in the same region.
    """
    from scipy.ndimage import binary_opening, distance_transform_edt

    core = np.zeros(score.shape, dtype=np.uint8)
    for level in np.unique(score[score > 0]):
        core[binary_opening(score == level, np.ones((3, 3), dtype=np.bool_))] = level
    if not core.any():
        return score
    away, (row, column) = distance_transform_edt(core == 0, return_indices=True)
    nearest, cleaned = core[row, column], score.copy()
    edge = (score > 0) & (core == 0) & (away <= 2.0)
    cleaned[edge] = np.where(2 * score[edge] >= nearest[edge], nearest[edge], 0)
    line = (cleaned == 0) & _on_lines(labels) & (away <= 2.5) & (labels[row, column] == labels)
    cleaned[line] = nearest[line]
    return cleaned


def _on_lines(labels: NDArray[np.uint8]) -> BoolArray:
    """Return the pixels of the body within one of a border between two labels."""
    from scipy.ndimage import maximum_filter, minimum_filter

    return np.asarray((labels > 0) & (maximum_filter(labels, 3) != minimum_filter(labels, 3)))
