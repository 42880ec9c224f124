"""Golden pictures: a few panels in both themes at 1x and 2x, with a font of our own, compared pixel by pixel.

They notice accidents; whether a picture is good was judged by looking at it. `python tests/ui/test_golden.py` draws
them anew, to be looked at before they are committed.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

HERE = Path(__file__).parent
FOLDER = HERE / "golden"
# name: panel, size before scaling, theme, scale
GOLDEN: dict[str, tuple[str, str, str, str]] = {
    "body-dark-1x": ("body", "620x680", "dark", "1"),
    "body-light-2x": ("body", "420x480", "light", "2"),
    "spine-dark-2x": ("spine", "300x420", "dark", "2"),
    "spine-light-1x": ("spine", "340x640", "light", "1"),
    "recruitment-dark-1x": ("recruitment", "460x360", "dark", "1"),
    "field-light-1x": ("field", "460x400", "light", "1"),
    "field-dark-2x": ("field", "320x300", "dark", "2"),
}
# Rasterisers differ in the last bit of antialiased edges between processors.
GREY_STEPS, SHARE_OF_PIXELS = 6, 0.002


def draw(name: str, path: Path) -> None:
    """Draw one picture in a process of its own: scale and fonts are read when Qt starts."""
    panel, size, theme, scale = GOLDEN[name]
    command = [sys.executable, "-m", "scs_sim", "render", "back-and-left-leg", "--panel", panel, "--size", size]
    command += ["--theme", theme, "--scale", scale, "-o", str(path)]
    environment = os.environ | {"FONTCONFIG_FILE": str(HERE / "fonts" / "fonts.conf")}
    subprocess.run(command, check=True, env=environment, capture_output=True, timeout=300)


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"), dtype=np.int16)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="fonts are drawn by fontconfig and FreeType on Linux alone")
@pytest.mark.parametrize("name", GOLDEN)
def test_a_panel_looks_as_it_did_when_somebody_looked_at_it(name: str, tmp_path: Path):
    path = tmp_path / f"{name}.png"
    draw(name, path)
    now, then = pixels(path.read_bytes()), pixels((FOLDER / f"{name}.png").read_bytes())
    assert now.shape == then.shape
    differs = np.abs(now - then).max(axis=-1) > GREY_STEPS
    assert differs.mean() < SHARE_OF_PIXELS, f"{differs.mean():.2%} of the pixels differ; look at {path}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for golden in sys.argv[1:] or GOLDEN:
        draw(golden, FOLDER / f"{golden}.png")
        print(golden)
