"""Paint a scene as PNG bytes with Pillow: everything is painted larger and reduced, text at its final size."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.values import FloatArray
from scs_sim.picture.scene import Box, Fill, Lines, Scene, Shade, Text, dashes

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

MIN_HEIGHT_PX, HEIGHT_PX, MAX_HEIGHT_PX = 200, 1300, 6000
_PLAIN = {"µ": "u", "μ": "u", "–": "-", "—": "-", "·": "|", "×": "x", "≥": ">=", "≤": "<=", "−": "-", "’": "'"}


def write_png(scene: Scene, height_px: int) -> bytes:
    """Return the scene as PNG bytes, `height_px` high; raise InvalidValueError outside 200 to 6000 pixels."""
    from PIL import Image, ImageDraw

    if not MIN_HEIGHT_PX <= height_px <= MAX_HEIGHT_PX:
        raise InvalidValueError(f"height_px is {height_px}; it must lie between {MIN_HEIGHT_PX} and {MAX_HEIGHT_PX}")
    times = 4 if height_px <= 700 else 3 if height_px <= 2000 else 2
    width_px = round(height_px * scene.width / scene.height)
    scale = times * height_px / scene.height
    image = Image.new("RGB", (width_px * times, height_px * times))
    draw = ImageDraw.Draw(image)
    for item in scene.items:
        if isinstance(item, Box):
            place = [item.x * scale, item.y * scale, (item.x + item.width) * scale, (item.y + item.height) * scale]
            draw.rounded_rectangle(place, item.radius * scale, fill=item.colour)
        elif isinstance(item, Fill):
            for ring in item.rings:
                draw.polygon(_flat(ring * scale), fill=item.colour)
        elif isinstance(item, Shade):
            _shade(image, item, scale, times)
        elif isinstance(item, Lines):
            _lines(image, draw, item, scale)
    small = image.reduce(times)
    words = ImageDraw.Draw(small)
    for item in scene.items:
        if isinstance(item, Text):
            _text(words, item, height_px / scene.height)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()


def _flat(points: FloatArray) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points]


def _shade(image: Image.Image, item: Shade, scale: float, times: int) -> None:
    """Darken the inside of the rings towards their edge: what a blurred mask has lost there."""
    from PIL import Image, ImageChops, ImageDraw, ImageFilter

    mask = Image.new("L", (image.width // times, image.height // times))
    draw = ImageDraw.Draw(mask)
    for ring in item.rings:
        draw.polygon(_flat(ring * (scale / times)), fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(item.blur * scale / times))
    lost = ImageChops.multiply(ImageChops.subtract(mask, soft), mask)
    strength = lost.point([min(round(150 * item.opacity), round(k * 1.5 * item.opacity)) for k in range(256)])
    image.paste(item.colour, mask=strength.resize(image.size, Image.Resampling.BILINEAR))


def _lines(image: Image.Image, draw: ImageDraw.ImageDraw, item: Lines, scale: float) -> None:
    from PIL import Image, ImageDraw

    if not item.paths:
        return
    points = np.concatenate([np.asarray(path) for path in item.paths]) * scale
    pad = item.width * scale + 3
    x0, y0 = np.floor(points.min(axis=0) - pad).astype(int)
    x1, y1 = np.ceil(points.max(axis=0) + pad).astype(int)
    layer = Image.new("L", (int(x1 - x0), int(y1 - y0)))
    pen = ImageDraw.Draw(layer)
    wide = max(1, round(item.width * scale))
    level = round(255 * item.opacity)
    for path in item.paths:
        whole = [np.vstack([path, path[:1]]) if item.closed else path]
        for piece in dashes(path, item.dash, item.closed) if item.dash else whole:
            at = _flat(piece * scale - (x0, y0))
            pen.line(at, fill=level, width=wide, joint="curve")
            if wide > 2:
                r = wide / 2 - 0.5
                for x, y in (at[0], at[-1]):
                    pen.ellipse([x - r, y - r, x + r, y + r], fill=level)
    image.paste(item.colour, (int(x0), int(y0)), layer)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(max(6.0, size))


def _text(draw: ImageDraw.ImageDraw, item: Text, scale: float) -> None:
    """Draw one line with the font that Pillow brings; signs it lacks are written plainly."""
    text = "".join(_PLAIN.get(c, c) if not c.isascii() else c for c in item.text)
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[item.anchor]
    weight = max(0.0, 0.018 * item.size * scale) if item.bold else 0.0
    draw.text(
        (item.x * scale, item.y * scale), text, item.colour, _font(item.size * scale), anchor, stroke_width=weight
    )
