"""What to search for: objective with its weights, contacts, areas, pulse widths, limit profile, robustness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from scs_models.errors import InvalidValueError
from scs_sim.objective import DEFAULT_OBJECTIVE, FIGURES, LESS_IS_BETTER, WEIGHT_HIGH, builtin_objective
from scs_sim.objective_words import FIGURE_WORDS
from scs_sim.program import AREA_NAMES
from scs_ui.state.actions import stimulation
from scs_ui.state.looks.search import objective_choices, objective_title, unit_of
from scs_ui.state.looks.stimulation import profile_choices
from scs_ui.state.search import ACTIVE_COUNT, OWN, Searcher, SearchSpec, pulse_widths_of
from scs_ui.state.session import Session
from scs_ui.state.store import Store

_STEP = 0.05


class SearchSettings:
    """The settings, in an area that scrolls where the panel is small."""

    def __init__(self, store: Store, searcher: Searcher) -> None:
        self._store, self._searcher = store, searcher
        self._base, self._is_quiet = DEFAULT_OBJECTIVE, False
        self.widget = _Area()
        self.objective, self.profile = _choice("Objective"), _choice("Limit profile")
        self.active, self.areas = QSpinBox(), QSpinBox()
        self.pulse_widths = QLineEdit()
        self.robust = QCheckBox("Robust: other postures, leads moved by 3 mm")
        self.unfold, self.reset = QToolButton(), QPushButton("Reset weights")
        self.weights: dict[str, QDoubleSpinBox] = {}
        self._title, self._weights = QLabel(), QWidget()
        self._build()

    def show(self, session: Session) -> None:
        """Show what is searched for now."""
        spec = self._searcher.spec
        self._is_quiet = True
        own = self.objective.findData(OWN)
        if spec.objective.name == OWN and own < 0:
            self.objective.addItem(objective_title(OWN), OWN)
        elif spec.objective.name != OWN and own >= 0:
            self.objective.removeItem(own)
        self.objective.setCurrentIndex(self.objective.findData(spec.objective.name))
        self.profile.setCurrentIndex(self.profile.findData(session.profile))
        title = spec.objective.title
        self._title.setText(f"{title[:1].upper()}{title[1:]}: a sum of points, every weight a choice of yours")
        self.active.setValue(spec.max_active)
        self.areas.setValue(spec.areas_count)
        self.robust.setChecked(spec.robust)
        if not self.pulse_widths.hasFocus():
            self.pulse_widths.setText(", ".join(f"{width:g}" for width in spec.pulse_widths_us))
        for name, box in self.weights.items():
            box.setValue(spec.objective.weight(name))
        self.reset.setEnabled(spec.objective.name == OWN)
        self._is_quiet = False

    def _choose(self, name: str) -> None:
        if name != OWN:
            self._base = name
            self._change(lambda spec: replace(spec, objective=builtin_objective(name)))

    def _weigh(self, name: str, weight: float) -> None:
        self._change(lambda spec: spec.with_weight(name, round(weight, 3)))

    def _widths(self) -> None:
        try:
            widths = pulse_widths_of(self.pulse_widths.text())
        except InvalidValueError as error:
            text = str(error)
            self._store.say(f"{text[:1].upper()}{text[1:]}.", "warn")
            return
        self._change(lambda spec: replace(spec, pulse_widths_us=widths))

    def _change(self, change: Callable[[SearchSpec], SearchSpec]) -> None:
        if not self._is_quiet:
            self._searcher.set_spec(change)

    def _show_weights(self, shown: bool) -> None:
        self._weights.setVisible(shown)
        self.unfold.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.widget.updateGeometry()

    def _build(self) -> None:
        for name, text, title in objective_choices():
            self.objective.addItem(text, name)
            self.objective.setItemData(self.objective.count() - 1, title, Qt.ItemDataRole.ToolTipRole)
        for name, text in profile_choices():
            self.profile.addItem(text, name)
        self.objective.activated.connect(lambda index: self._choose(self.objective.itemData(index)))
        self.profile.activated.connect(lambda index: self._choose_profile(self.profile.itemData(index)))
        _count(self.active, ACTIVE_COUNT, "Active contacts of one area, at most")
        _count(self.areas, (1, len(AREA_NAMES)), "Areas of a suggestion, at most")
        self.active.valueChanged.connect(lambda count: self._change(lambda spec: replace(spec, max_active=count)))
        self.areas.valueChanged.connect(lambda count: self._change(lambda spec: replace(spec, areas_count=count)))
        self.robust.toggled.connect(lambda on: self._change(lambda spec: replace(spec, robust=on)))
        self.robust.setAccessibleName("Robust: judge other postures and leads moved by 3 mm too")
        self.robust.setToolTip("Judges other postures, and leads moved 3 mm up and down, too; takes longer")
        self.pulse_widths.setPlaceholderText("that of the program, then refined")
        self.pulse_widths.setAccessibleName("Pulse widths to search, µs")
        self.pulse_widths.setToolTip(
            "Pulse widths to search, µs, 30–1000: for example 210, 300. Empty: that of the program; the refinement may"
            " then choose others"
        )
        self.pulse_widths.setMinimumSize(QSize(90, 26))
        self.pulse_widths.editingFinished.connect(self._widths)
        self.unfold.setText("Weights")
        self.unfold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.unfold.setCheckable(True)
        self.unfold.setProperty("kind", "flat")
        self.unfold.setToolTip("Weights of the objective, points per unit")
        self.unfold.setMinimumHeight(26)
        self.unfold.toggled.connect(self._show_weights)
        self._title.setProperty("role", "muted")
        self._title.setWordWrap(True)
        inside = QWidget()
        inside.setProperty("surface", "panel")
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 2)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(5)
        counts = QHBoxLayout()
        counts.setSpacing(8)
        for part in (self.active, _label("Areas", self.areas), self.areas):
            counts.addWidget(part)
        counts.addStretch(1)
        grid.addWidget(_label("Objective", self.objective), 0, 0)
        grid.addWidget(self.objective, 0, 1)
        grid.addWidget(self.unfold, 0, 2)
        grid.addWidget(self._title, 1, 1, 1, 2)
        grid.addWidget(self._weights, 2, 0, 1, 3)
        grid.addWidget(_label("Limits", self.profile), 3, 0)
        grid.addWidget(self.profile, 3, 1, 1, 2)
        grid.addWidget(_label("Pulse widths (µs)", self.pulse_widths), 4, 0)
        grid.addWidget(self.pulse_widths, 4, 1, 1, 2)
        grid.addWidget(_label("Contacts at most", self.active), 5, 0)
        grid.addLayout(counts, 5, 1, 1, 2)
        grid.addWidget(self.robust, 6, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        self._build_weights()
        self._show_weights(False)
        self.widget.setWidget(inside)

    def _build_weights(self) -> None:
        grid = QGridLayout(self._weights)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for place, name in enumerate(FIGURES):
            words, unit = FIGURE_WORDS[name], unit_of(name)
            per = f"points per {unit}" if unit else "points each"
            less = name in LESS_IS_BETTER
            box = QDoubleSpinBox()
            box.setRange(-WEIGHT_HIGH if less else 0.0, 0.0 if less else WEIGHT_HIGH)
            box.setDecimals(2)
            box.setSingleStep(_STEP)
            box.setMinimumHeight(26)
            box.setKeyboardTracking(False)
            box.setAlignment(Qt.AlignmentFlag.AlignRight)
            box.setAccessibleName(f"Weight of {words.title}, {per}")
            side = "less is better: 0 or below" if less else "0 or above"
            box.setToolTip(f"Weight of {words.title}, {per}; {side}, step {_STEP:g}.\n{words.meaning}")
            box.valueChanged.connect(lambda weight, name=name: self._weigh(name, weight))
            self.weights[name] = box
            label = QLabel(f"{words.title[:1].upper()}{words.title[1:]}")
            label.setWordWrap(True)
            label.setToolTip(words.meaning)
            label.setBuddy(box)
            unit_label = QLabel(per)
            unit_label.setProperty("role", "muted")
            for column, part in enumerate((label, box, unit_label)):
                grid.addWidget(part, place, column)
        grid.setColumnStretch(0, 1)
        self.reset.setToolTip("Back to the weights of the objective that was chosen")
        self.reset.setMinimumHeight(26)
        self.reset.clicked.connect(lambda: self._choose(self._base))
        grid.addWidget(self.reset, len(FIGURES), 1, 1, 2)

    def _choose_profile(self, name: str) -> None:
        self._store.act(f"Limit profile {name or 'none'}", lambda session: stimulation.set_profile(session, name))


class _Area(QScrollArea):
    """Scrolls down only, and asks for no more height than its content has."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        """Return the size of the content."""
        inside = self.widget()
        if inside is None:
            return super().sizeHint()
        wide = self.viewport().width()
        high = inside.heightForWidth(wide) if inside.hasHeightForWidth() else inside.sizeHint().height()
        return QSize(inside.sizeHint().width(), high)

    def minimumSizeHint(self) -> QSize:
        """Return two rows."""
        return QSize(180, min(64, self.sizeHint().height()))


def _label(words: str, control: QWidget) -> QLabel:
    label = QLabel(words)
    label.setProperty("role", "muted")
    label.setBuddy(control)
    return label


def _choice(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setMinimumSize(QSize(70, 26))
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box


def _count(box: QSpinBox, span: tuple[int, int], name: str) -> None:
    box.setRange(*span)
    box.setMinimumSize(QSize(60, 26))
    box.setAccessibleName(name)
    box.setToolTip(f"{name}, {span[0]}–{span[1]}, step 1")
