"""FieldPanel: the field of the edited area across the canal or along the lead, with tissues, leads and fibres.

The image is per mA: an amplitude changes the numbers of the scale and which fibres are filled. Pictures are asked for
when the panel is first seen; without them it says what is under way and the rest of the window goes on.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scs_models.errors import ScsError
from scs_sim.field_setting import FieldSetting
from scs_sim.field_view import FieldKind, FieldPlane
from scs_ui.icons import icon
from scs_ui.state.field_pictures import FieldPictures, PictureRequest
from scs_ui.state.looks.field import (
    FieldLook,
    amplitude_ma,
    field_key,
    field_look,
    needed,
    single_pulse_ma,
    stepped_mm,
    words_at,
)
from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.field_colors import FieldScaleBar
from scs_ui.widgets.field_scene import FieldScene
from scs_ui.widgets.plot_labels import Readout

REST_MS = 1500
"""How long the user must pause before pictures for contacts that are not in use are built too."""
STEP_MM, COARSE_MM = 1.0, 5.0
MARGIN_PX = 8

_KINDS: tuple[tuple[FieldKind, str, str, int], ...] = (
    ("potential", "V", "Potential, mV", Qt.Key.Key_V),
    ("field", "E", "Field strength, V/m", Qt.Key.Key_E),
    ("activating", "AF", "Activating function: second difference of the potential from node to node, mV", Qt.Key.Key_A),
)
_PLANES: tuple[tuple[FieldPlane, str], ...] = (
    ("cross", "Cross-section: the plane across the canal; S changes"),
    ("sagittal", "Sagittal: the plane along the lead, seen from the right; S changes"),
)
_PLANE_WORDS = (("Cross-section", "Sagittal"), ("Cross", "Sagittal"), ("Cross", "Sag."))
"""What the planes are called, where there is room, less room, little room."""
_STEPS = {Qt.Key.Key_Up: (1, False), Qt.Key.Key_Down: (-1, False),
          Qt.Key.Key_PageUp: (1, True), Qt.Key.Key_PageDown: (-1, True)}  # fmt: skip
_ZOOMS = {Qt.Key.Key_Plus: 0.8, Qt.Key.Key_Equal: 0.8, Qt.Key.Key_Minus: 1.25}


class _Ears(QObject):
    """Hands key presses and the leaving pointer of the picture to the panel, and the panel's own size."""

    def __init__(self, panel: FieldPanel) -> None:
        super().__init__()
        self._panel = panel

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return whether the panel took the event."""
        if watched is self._panel.widget:
            if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
                self._panel.fit_words()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._panel.press(event)
        elif event.type() == QEvent.Type.Leave:
            self._panel.hover(None)
        return False


class FieldPanel:
    """The panel; see `help`."""

    is_plot = True
    title = "Field"
    help = (
        "The field of the edited area alone, seen from above at its strongest cathode: potential (V), field strength "
        "(E) or activating function (AF, positive where fibres are depolarised). Colours are on one scale for all "
        "programs and levels, linear near zero and logarithmic further out; lines stand at 1, 2, 5, 10 … per mA.\n"
        "Dots are the largest fibres (12.8 µm) of the dorsal columns, squares dorsal and triangles ventral roots; the "
        "filled ones fire at the present amplitude. Which fibres fire is predicted paresthesia, not relief.\n"
        "▲ ▼ or ↑ ↓ move the level by 1 mm (PgUp, PgDn: 5 mm), Home goes back to the cathode, V, E and A choose the "
        "picture, S the side view. The wheel zooms, F or a double-click fits, the pointer reads values."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._theme = store, theme
        self._pictures = FieldPictures()
        self._asked: PictureRequest | None = None
        self._key: object = None
        self._mirror = False
        self._look: FieldLook | None = None
        self._amplitude_ma = 0.0
        self._pointer: tuple[float, float, float] | None = None
        self.rebuilds = 0
        self.widget = QWidget()
        self._ears = _Ears(self)
        self._scene, self._scale, self._readout = FieldScene(theme), FieldScaleBar(theme), Readout(lines=1)
        self._message = QLabel()
        self._kinds: dict[FieldKind, QToolButton] = {}
        self._planes: dict[FieldPlane, QToolButton] = {}
        self._build()

    def show(self, moment: Moment) -> None:
        """Draw what changed: the picture where contacts, pulse, level or kind did, else fibres and numbers."""
        self._ask(moment)
        frame, view = moment.frame, moment.view
        key = (field_key(moment, self._setting(moment)), view.mirror)
        if key != self._key:
            self._key, self._mirror = key, view.mirror
            self._rebuild(field_look(moment, self._pictures), moment)
        self._amplitude_ma = amplitude_ma(frame)
        self._scale.set_amplitude(self._amplitude_ma)
        self._scene.fire(single_pulse_ma(frame))
        self._say()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._show_icons()
        self._scene.set_theme(theme, self._mirror)
        self._scale.set_map(theme, self._look.scale.kind if self._look else "potential")

    def press(self, event: QKeyEvent) -> bool:
        """Take a key on the picture; return whether it was one of its own."""
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return False
        key = Qt.Key(event.key())
        for kind, _, _, own in _KINDS:
            if key == own:
                self._store.look(field_kind=kind)
                return True
        if key == Qt.Key.Key_S:
            self._store.look(field_plane="cross" if self._store.view.field_plane == "sagittal" else "sagittal")
        elif key in _STEPS:
            direction, coarse = _STEPS[key]
            self.step(direction, coarse=coarse or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_Home:
            self._store.look(field_z_mm=None)
        elif key in _ZOOMS:
            self._scene.zoom(_ZOOMS[key])
        elif key == Qt.Key.Key_F:
            self._scene.fit()
        else:
            return False
        return True

    def step(self, direction: int, *, coarse: bool = False) -> None:
        """Move the cross-section one step up (1) or down (-1)."""
        look = self._look
        if look is None or look.image is None or look.plane != "cross":
            return
        setting = self._pictures.setting(self._store.session.case)
        step = COARSE_MM if coarse or self._store.view.coarse else STEP_MM
        self._store.look(field_z_mm=stepped_mm(setting, look.at_mm, direction * step))

    def fit_words(self) -> None:
        """Write the planes out as far as there is room."""
        for words in _PLANE_WORDS:
            for (plane, _), word in zip(_PLANES, words, strict=True):
                self._planes[plane].setText(word)
            self._top.invalidate()
            if self._top.sizeHint().width() + 2 * MARGIN_PX <= self.widget.width():
                return

    def hover(self, at: QPointF | None) -> None:
        """Read the picture at a point of its scene, None: nowhere."""
        self._pointer = None if at is None else self._scene.place(at)
        self._say()

    def _setting(self, moment: Moment) -> FieldSetting | None:
        if moment.frame is None:  # nothing to draw yet, and the first placement takes its time
            return None
        try:
            return self._pictures.setting(moment.session.case)
        except ScsError:
            return None

    def _ask(self, moment: Moment) -> None:
        """Ask for pictures that are missing, once each: of the contacts in use, of the others when the user rests."""
        frame = moment.frame
        if frame is None or frame.stale or frame.solo_answers is None or self._setting(moment) is None:
            return
        request = self._pictures.request(moment.session.case, needed(frame))
        if request is None or request == self._asked:
            return
        self._asked = request
        in_use = request.contacts is not None
        self._store.ask(
            "field",
            request,
            self._pictures.accept,
            delay_ms=0 if in_use else REST_MS,
            label="Computing the field's picture" if in_use else "",
        )

    def _again(self) -> None:
        """Ask once more for pictures that somebody cancelled."""
        self._asked = None
        self._ask(self._store.moment())

    def _rebuild(self, look: FieldLook, moment: Moment) -> None:
        self.rebuilds += 1
        self._look, self._pointer = look, None
        self._kinds[moment.view.field_kind].setChecked(True)
        self._planes[look.plane].setChecked(True)
        self._stack.setCurrentIndex(0 if look.image is not None else 1)
        self._message.setText(look.message)
        waiting = moment.frame is not None and moment.frame.solo_answers is not None
        self._compute.setVisible(waiting and look.image is None)
        for button in self._level_buttons:
            button.setVisible(look.plane == "cross")
            button.setEnabled(look.image is not None)
        self._scale.set_map(self._theme, look.scale.kind)
        self._scene.plot.setAccessibleName(f"{look.scale.title}, {look.scale.unit}, {look.title}")
        self._scene.show(look, moment.view.mirror)

    def _say(self) -> None:
        look = self._look
        if look is None or look.image is None:
            self._readout.set_text("")
        elif self._pointer is None:
            self._readout.set_text("Filled fibres fire: predicted paresthesia, not relief")
        else:
            x, y, place = self._pointer
            self._readout.set_text(words_at(look, x, y, look.scale.value(place), self._amplitude_ma))

    def _moved(self, at: QPointF) -> None:
        self.hover(at)

    def _clicked(self, event: Any) -> None:
        if event.double() and event.button() == Qt.MouseButton.LeftButton:
            self._scene.fit()

    def _build(self) -> None:
        plot = self._scene.plot
        plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        plot.setToolTip("Field: V, E, A kind; ↑ ↓ level, mm, step 1 (PgUp PgDn 5), Home cathode; S side; F fits")
        plot.setMinimumSize(150, 110)
        plot.installEventFilter(self._ears)
        plot.viewport().installEventFilter(self._ears)
        plot.scene().sigMouseMoved.connect(self._moved)
        plot.scene().sigMouseClicked.connect(self._clicked)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._message.setProperty("role", "muted")
        self._compute = QPushButton("Compute the field's picture")
        self._compute.setAccessibleName("Compute the field's picture")
        self._compute.setToolTip("Builds the pictures that are missing, some 8 s for each vertebral level, once")
        self._compute.clicked.connect(self._again)

        drawn, empty = QWidget(), QWidget()
        row = QHBoxLayout(drawn)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(plot, 1)
        row.addWidget(self._scale)
        column = QVBoxLayout(empty)
        column.addStretch(1)
        column.addWidget(self._message)
        column.addWidget(self._compute, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        self._stack = QStackedLayout()
        self._stack.addWidget(drawn)
        self._stack.addWidget(empty)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(MARGIN_PX, 6, MARGIN_PX, 6)
        layout.setSpacing(4)
        self._top = self._top_row()
        layout.addLayout(self._top)
        layout.addLayout(self._stack, 1)
        layout.addWidget(self._readout)
        self.widget.setProperty("surface", "panel")
        self.widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.widget.installEventFilter(self._ears)

    def _top_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(3)
        self._groups = [QButtonGroup(self.widget), QButtonGroup(self.widget)]
        for kind, text, tip, key in _KINDS:
            button = _button(text, f"{tip}. Key {chr(key)}", checkable=True)
            button.clicked.connect(lambda _checked, kind=kind: self._store.look(field_kind=kind))
            self._groups[0].addButton(button)
            self._kinds[kind] = button
            row.addWidget(button)
        row.addSpacing(6)
        for plane, tip in _PLANES:
            button = _button("", tip, checkable=True)
            button.clicked.connect(lambda _checked, plane=plane: self._store.look(field_plane=plane))
            self._groups[1].addButton(button)
            self._planes[plane] = button
            row.addWidget(button)
        row.addStretch(1)
        self._level_buttons = (
            _button("", "Level, mm, one step up: 1 mm, coarse 5. Key ↑", name="Level one step up, mm"),
            _button("", "Level, mm, one step down: 1 mm, coarse 5. Key ↓", name="Level one step down, mm"),
            _button("", "Level of the strongest cathode. Key Home", name="Level of the cathode"),
        )
        up, down, home = self._level_buttons
        up.clicked.connect(lambda: self.step(1))
        down.clicked.connect(lambda: self.step(-1))
        home.clicked.connect(lambda: self._store.look(field_z_mm=None))
        for button in (up, down):
            button.setAutoRepeat(True)
        for button in self._level_buttons:
            row.addWidget(button)
        self._show_icons()
        return row

    def _show_icons(self) -> None:
        for button, name in zip(self._level_buttons, ("arrow_up", "arrow_down", "cathode"), strict=True):
            button.setIcon(icon(name, self._theme))


def _button(text: str, tip: str, *, name: str = "", checkable: bool = False) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(name or tip)
    button.setCheckable(checkable)
    button.setMinimumSize(26, 24)
    button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    return button
