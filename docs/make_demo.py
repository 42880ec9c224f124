"""Plays the demonstration without a display and writes it as docs/pictures/demo.gif: python docs/make_demo.py

One frame per second of the demonstration; the window is the one that `scs-sim ui --demo` opens.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

PATH = Path(__file__).parent / "pictures" / "demo.gif"
SIZE_PX, WIDTH_PX = (1440, 860), 840
STEP_S, FRAME_EVERY, SHOWN_MS, LAST_MS = 0.5, 2, 280, 3000


def main() -> int:
    """Play, grab and write."""
    from scs_ui.offscreen import use_offscreen

    with tempfile.TemporaryDirectory() as folder:
        use_offscreen(Path(folder), SIZE_PX, 1.0)
        frames = played()
    first, *others = frames
    times = [SHOWN_MS] * (len(frames) - 1) + [LAST_MS]
    first.save(PATH, save_all=True, append_images=others, duration=times, loop=0, optimize=True)
    print(f"{PATH.name}: {len(frames)} frames, {PATH.stat().st_size // 1000} kB")
    return 0


def played() -> list[Image.Image]:
    """Return the frames of the demonstration."""
    from PySide6.QtCore import QBuffer
    from PySide6.QtWidgets import QApplication

    from scs_ui.app import Desk, application
    from scs_ui.demo import Demo
    from scs_ui.start import Start

    app = application()
    desk = Desk(app, Start(theme="dark", layout="programming", recover=False))
    desk.open()
    desk.menus.tour.hide()
    desk.window.resize(*SIZE_PX)
    desk.window.arrange()
    demo = Demo(desk.window, lambda what: desk.papers.show_report(), lambda: None, STEP_S)
    demo.start()
    frames: list[Image.Image] = []
    steps = 0
    while not demo.over:
        before = demo.at_s
        demo.tick()
        wait(120)
        steps += demo.at_s > before
        if demo.at_s > before and steps % FRAME_EVERY == 0:
            top = QApplication.activeModalWidget() or desk.window
            picture = desk.window.grab()
            if top is not desk.window:
                paste(picture, top, desk.window)
            buffer = QBuffer()
            buffer.open(QBuffer.OpenModeFlag.WriteOnly)
            picture.save(buffer, "PNG")
            image = Image.open(io.BytesIO(bytes(buffer.data().data()))).convert("RGB")
            height = round(image.height * WIDTH_PX / image.width)
            image = image.resize((WIDTH_PX, height), Image.Resampling.LANCZOS)
            frames.append(image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE))
    desk.window.close()
    return frames


def wait(ms: int) -> None:
    """Let the window work for a while, worker threads included."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def paste(picture: object, top: object, window: object) -> None:
    """Paint a dialog on the window's picture where it stands on the screen."""
    from PySide6.QtGui import QPainter, QPixmap
    from PySide6.QtWidgets import QWidget

    assert isinstance(picture, QPixmap)
    assert isinstance(top, QWidget)
    assert isinstance(window, QWidget)
    painter = QPainter(picture)
    painter.drawPixmap(window.mapFromGlobal(top.mapToGlobal(top.rect().topLeft())), top.grab())
    painter.end()


if __name__ == "__main__":
    sys.exit(main())
