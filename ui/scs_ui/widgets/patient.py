"""The patient panel: anatomy, sensitivity, surgery and injuries, edited live; every change can be undone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scs_models import anatomy
from scs_models.percept.dermatomes import DERMATOMES
from scs_sim.patient import Side
from scs_ui.icons import icon
from scs_ui.state.actions import patient as actions
from scs_ui.state.actions import stimulation
from scs_ui.state.looks.patient import (
    CONDUCTIVITY_SOURCE,
    CSF_SOURCE,
    FLAGS,
    LEVEL_LISTS,
    NUMBERS,
    POSTURE_SOURCE,
    ROOT_SOURCE,
    PatientLook,
    conductivity_words,
    levels_words,
    patient_look,
)
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.patient_rows import ChoiceRow, LevelsRow, NumberRow, RowList, small_button

_SIDES: tuple[Side, ...] = ("left", "right")


class PatientPanel:
    """Edits the patient of the case. `on_source(key)` is called for "where does this come from?"."""

    title = "Patient"
    help = (
        "How this patient differs from the usual one. Every change acts at once and can be undone.\n"
        "Anatomy: dorsal CSF is the fluid between lead and cord, the strongest influence on thresholds; the cord may"
        " lie beside the middle of the vertebrae, and higher or lower.\n"
        "Sensitivity: the gain multiplies every threshold. Mark the perception threshold that was measured (Ctrl+1) and"
        " calibrate to it.\n"
        "Surgery and injuries: scar in place of laminae, hardware, roots that lost fibres, arachnoiditis, infection.\n"
        "Measured CSF: what an MRI showed at single levels, or what a stenosis left.\n"
        "The arrow puts a value back to usual, the question mark shows where its range comes from."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._theme = store, theme
        self.on_source: Callable[[str], object] = lambda key: None
        self._look: PatientLook | None = None
        self.widget = QScrollArea()
        self.widget.setWidgetResizable(True)
        self.widget.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.widget.setFrameShape(QFrame.Shape.NoFrame)
        self.widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        self._summary.setWordWrap(True)
        self.numbers = {spec.name: self._number_row(spec.name) for spec in NUMBERS}
        self.posture = ChoiceRow(
            "Posture", [(name.capitalize(), name) for name in anatomy.postures()],
            "Ctrl+U goes to the next. The cord moves in its sac: standing needs more current than lying.",
            lambda name: store.act("Posture", lambda s: stimulation.set_posture(s, name)),
            lambda: self.on_source(POSTURE_SOURCE),
        )  # fmt: skip
        self.conductivities = ChoiceRow(
            "Conductivity", [(conductivity_words(name), name) for name in anatomy.conductivity_sets()],
            "Of dura and epidural fat: what published models span. New kernels are built on first use.",
            lambda name: store.act("Conductivities", lambda s: actions.set_conductivities(s, name)),
            lambda: self.on_source(CONDUCTIVITY_SOURCE),
        )  # fmt: skip
        self.flags = {name: self._flag(name, title, tip) for name, title, _, tip in FLAGS}
        self.levels = {name: self._levels_row(name, title, tip) for name, title, _, tip in LEVEL_LISTS}
        self.root_segment, self.root_side = self._combo("Segment of the root", DERMATOMES), QComboBox()
        self.root_side.setAccessibleName("Side of the root")
        self.root_side.addItems(list(_SIDES))
        self.root_segment.setCurrentText("L5")
        self.add_root = small_button("add", "Add an injured root", self._add_root)
        self.roots = RowList(_line(self.root_segment, self.root_side, self.add_root))
        self.csf_level = self._combo("Level of the measured CSF", anatomy.section_levels())
        self.csf_level.setCurrentText("T9")
        self.add_csf = small_button("add", "Add a measured level", self._add_csf)
        self.csf = RowList(_line(self.csf_level, self.add_csf))
        self.calibrate = QPushButton("Calibrate to the marked PT")
        self.calibrate.setToolTip("Sets the gain so that the model's PT is the one marked with Ctrl+1")
        self.calibrate.clicked.connect(self._calibrate)
        self.usual = QPushButton("Usual patient")
        self.usual.setToolTip("Puts everything about the patient back to usual; undo brings it back")
        self.usual.clicked.connect(lambda: store.act("Usual patient", actions.set_usual))
        self._lay_out()
        self.set_theme(theme)

    def show(self, moment: Moment) -> None:
        """Show what changed of the patient."""
        look = patient_look(moment.session)
        if look == self._look:
            return
        self._look = look
        self._summary.setText(look.summary)
        for name, value in look.numbers:
            row = self.numbers[name]
            row.show(value, look.is_usual(row.spec))
        self.posture.show(look.posture)
        self.conductivities.show(look.conductivities)
        for flag, on in look.flags:
            with QSignalBlocker(self.flags[flag]):
                self.flags[flag].setChecked(on)
        for levels, chosen in look.levels:
            self.levels[levels].show(chosen, levels_words(chosen))
        roots = {f"{root.segment} {root.side}": root for root in look.roots}
        self.roots.fit(tuple(roots), self._root_row)
        for root_name, root in roots.items():
            _show(self.roots.boxes[root_name], root.left_percent)
        rows = {row.level: row for row in look.csf}
        self.csf.fit(tuple(rows), self._csf_row)
        for level, csf in rows.items():
            _show(self.csf.boxes[level], csf.value_mm)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        for button in self.widget.findChildren(QToolButton):
            image = button.property("image")
            if image:
                button.setIcon(icon(str(image), theme, "muted"))

    def _number_row(self, name: actions.Number) -> NumberRow:
        spec = next(item for item in NUMBERS if item.name == name)
        store = self._store
        return NumberRow(
            spec,
            lambda value: store.act(spec.title, lambda s: actions.set_number(s, name, value), merge=f"patient {name}"),
            store.end_merge,
            lambda: store.act(f"Usual {spec.title.lower()}", lambda s: actions.set_usual(s, name)),
            lambda: self.on_source(spec.source),
        )

    def _flag(self, name: actions.Flag, title: str, tip: str) -> QCheckBox:
        box = QCheckBox(title)
        box.setAccessibleName(title)
        box.setToolTip(f"{title}\n{tip}")
        box.toggled.connect(lambda on: self._store.act(title, lambda s: actions.set_flag(s, name, on)))
        return box

    def _levels_row(self, name: actions.LevelList, title: str, tip: str) -> LevelsRow:
        def toggle(level: str, on: bool) -> None:
            self._store.act(f"{title} {level}", lambda s: actions.set_level(s, name, level, on))

        return LevelsRow(title, tip, anatomy.vertebra_names(), toggle)

    def _combo(self, name: str, items: tuple[str, ...]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.addItems(list(items))
        return box

    def _root_row(self, name: str) -> tuple[QDoubleSpinBox, QToolButton]:
        segment, side_word = name.split(" ")
        side: Side = "left" if side_word == "left" else "right"
        words = f"Injured {side} {segment} root, fibres left"

        def change(percent: float) -> None:
            self._store.act(words, lambda s: actions.set_root(s, segment, side, percent / 100.0), merge=name)

        box = _box(0.0, 100.0, 5.0, 0, " %", f"{words}, %", change)
        remove = self._remover(
            f"Heal the {side} {segment} root",
            lambda: self._store.act("Heal a root", lambda s: actions.heal_root(s, segment, side)),
        )
        return box, remove

    def _csf_row(self, level: str) -> tuple[QDoubleSpinBox, QToolButton]:
        low, high = actions.level_csf_range_mm(level)
        words = f"Dorsal CSF at {level}"

        def change(value_mm: float) -> None:
            self._store.act(words, lambda s: actions.set_level_csf(s, level, value_mm), merge=f"csf {level}")

        box = _box(low, high, 0.1, 2, " mm", f"{words}, mm, usually {anatomy.dorsal_csf_mm(level):g}", change)
        remove = self._remover(
            f"Usual CSF at {level}",
            lambda: self._store.act(f"Usual CSF at {level}", lambda s: actions.forget_level_csf(s, level)),
        )
        return box, remove

    def _remover(self, name: str, action: Callable[[], object]) -> QToolButton:
        button = small_button("close", name, action)
        button.setIcon(icon("close", self._theme, "muted"))
        return button

    def _add_root(self) -> None:
        segment, side = self.root_segment.currentText(), _SIDES[self.root_side.currentIndex()]
        self._store.act(f"Injured {side} {segment} root", lambda s: actions.set_root(s, segment, side))

    def _add_csf(self) -> None:
        level = self.csf_level.currentText()
        self._store.act(f"Dorsal CSF at {level}", lambda s: actions.set_level_csf(s, level))

    def _calibrate(self) -> None:
        frame = self._store.frame

        def action(session: Session) -> Session:
            if frame is None or frame.stale:
                return session
            return stimulation.calibrate(session, stimulation.gain_for_noted_pt(session, frame.setting))

        self._store.act("Calibrate to the marked PT", action)

    def _lay_out(self) -> None:
        page = QWidget()
        page.setProperty("surface", "panel")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self._summary)
        for title, source, widgets in (
            ("Anatomy", "", [self.numbers[name].widget for name in ("dorsal_csf_factor", "cord_offset_mm",
                                                                    "segment_shift")]
             + [self.posture.widget, self.conductivities.widget]),
            ("Sensitivity", "", [self.numbers["gain"].widget, self.calibrate, self.numbers["felt_fibres"].widget]),
            ("Surgery and injuries", "", [*(row.widget for row in self.levels.values()), *self.flags.values()]),
            ("Injured roots: fibres left", ROOT_SOURCE, [self.roots.widget]),
            ("Measured dorsal CSF", CSF_SOURCE, [self.csf.widget]),
        ):  # fmt: skip
            layout.addLayout(self._heading(title, source))
            for widget in widgets:
                layout.addWidget(widget)
        layout.addSpacing(6)
        layout.addWidget(self.usual)
        layout.addStretch(1)
        self.widget.setWidget(page)

    def _heading(self, title: str, source: str) -> QHBoxLayout:
        label = QLabel(title)
        label.setProperty("role", "title")
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        row.addWidget(label, 1)
        if source:
            row.addWidget(small_button("help", f"{title}: where does this come from?", lambda: self.on_source(source)))
        return row


def _line(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for widget in widgets[:-1]:
        row.addWidget(widget, 1)
    row.addWidget(widgets[-1])
    return holder


def _box(
    low: float, high: float, step: float, decimals: int, suffix: str, name: str, change: Callable[[float], object]
) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(decimals)
    box.setSingleStep(step)
    box.setSuffix(suffix)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setKeyboardTracking(False)
    box.setAccessibleName(name)
    box.setToolTip(f"{name}, {low:g} to {high:g}, step {step:g}")
    box.valueChanged.connect(change)
    return box


def _show(box: QDoubleSpinBox, value: float) -> None:
    """Show a value without setting it."""
    if box.value() != value:
        with QSignalBlocker(box):
            box.setValue(value)
