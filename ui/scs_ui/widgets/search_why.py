"""Why a program: sentences, and below them how it does when the patient moves or a lead does."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from scs_ui.state.looks.search import VariantLook, WhyLook
from scs_ui.theme import Theme

_BAR_PX = 5.0


class WhyView:
    """Title, sentences and bars in an area that scrolls."""

    def __init__(self, theme: Theme) -> None:
        self._look = WhyLook("", (), ())
        self.widget = QScrollArea()
        self._title, self._heading = QLabel(), QLabel("When something moves: pain covered")
        self._sentences: list[QLabel] = []
        self.bars = VariantBars(theme)
        inside = QWidget()
        inside.setProperty("surface", "panel")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(4, 2, 8, 4)
        self._column.setSpacing(6)
        self._title.setProperty("role", "big")
        self._title.setWordWrap(True)
        self._heading.setProperty("role", "muted")
        self._heading.setWordWrap(True)
        for part in (self._title, self._heading, self.bars):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self.widget.setWidget(inside)
        self.widget.setWidgetResizable(True)
        self.widget.setFrameShape(QFrame.Shape.NoFrame)
        self.widget.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.widget.setMinimumSize(150, 70)
        self.widget.setToolTip("Why this program; arrows scroll")
        self._show()

    def show(self, look: WhyLook) -> None:
        """Show the reasons for another program."""
        if look != self._look:
            self._look = look
            self._show()
            self.widget.verticalScrollBar().setValue(0)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.bars.set_theme(theme)

    def _show(self) -> None:
        look = self._look
        self._title.setText(look.title)
        while len(self._sentences) < len(look.sentences):
            label = QLabel()
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._column.insertWidget(1 + len(self._sentences), label)
            self._sentences.append(label)
        for place, label in enumerate(self._sentences):
            label.setVisible(place < len(look.sentences))
            label.setText(look.sentences[place] if place < len(look.sentences) else "")
        self._heading.setVisible(bool(look.variants))
        self.bars.setVisible(bool(look.variants))
        self.bars.set_variants(look.variants)
        self.widget.setAccessibleName(" ".join((look.title, *look.sentences)) or "Why this program")


class VariantBars(QWidget):
    """A line for each posture and migration: name, bar, percent and amplitude."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._variants: tuple[VariantLook, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_variants(self, variants: tuple[VariantLook, ...]) -> None:
        """Show other variants."""
        self._variants = variants
        self.setAccessibleName("; ".join(f"{variant.name}: {variant.text}" for variant in variants))
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of all lines."""
        return QSize(140, round(len(self._variants) * self._line_px()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines: words above, the bar below them."""
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        middle = Qt.AlignmentFlag.AlignVCenter
        for place, variant in enumerate(self._variants):
            words = QRectF(0.0, place * self._line_px(), self.width(), metrics.height())
            painter.setPen(theme.color("text"))
            painter.drawText(words, Qt.AlignmentFlag.AlignRight | middle, variant.text)
            room = words.width() - metrics.horizontalAdvance(variant.text) - 8.0
            painter.setPen(theme.color("muted"))
            name = metrics.elidedText(variant.name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | middle, name)
            groove = QRectF(0.0, words.bottom() + 1.0, self.width(), _BAR_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            for share, token in ((1.0, "line"), (variant.share, "accent")):
                if share > 0.0:
                    painter.setBrush(theme.color(token))
                    painter.drawRoundedRect(groove.adjusted(0, 0, -(1.0 - share) * groove.width(), 0), 2.5, 2.5)
        painter.end()

    def _line_px(self) -> float:
        return QFontMetricsF(self.font()).height() + _BAR_PX + 7.0
