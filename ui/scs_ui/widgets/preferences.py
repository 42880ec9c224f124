"""The preferences window: every change is seen at once, Cancel puts everything back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from scs_ui.state.preferences import (
    LAYOUT_NAMES,
    TEXT_PERCENT,
    TEXT_STEP_PERCENT,
    THEME_CHOICES,
    Preferences,
    ThemeChoice,
)

_THEME_WORDS = {"system": "As the desktop", "dark": "Dark", "light": "Light"}
_FLAGS = (
    ("recover", "Offer unsaved work after a crash", "At the start, work that was not saved is offered back"),
    ("count_from_zero", "Count contacts from 0", "Shows the first contact as 0, as some vendors do; files stay as is"),
    ("reduce_motion", "Reduce motion", "Nothing slides or fades; ramps still take their time"),
)


class PreferencesWindow:
    """Edits preferences with a live preview.

    preview: called with each choice at once; keep: called once where the user agrees. Cancel and Esc preview the old.
    """

    def __init__(
        self,
        preferences: Preferences,
        preview: Callable[[Preferences], None],
        keep: Callable[[Preferences], None],
        parent: QWidget | None = None,
    ) -> None:
        self._before = self._now = preferences
        self._preview, self._keep = preview, keep
        self._filling = False
        self.widget = QDialog(parent)
        self.widget.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, parent is not None)
        self.widget.setWindowTitle("Preferences")
        self.theme, self.layout = QComboBox(), QComboBox()
        for name in THEME_CHOICES:
            self.theme.addItem(_THEME_WORDS[name], name)
        for layout_name in LAYOUT_NAMES:
            self.layout.addItem(layout_name.capitalize(), layout_name)
        self.text_slider, self.text = QSlider(Qt.Orientation.Horizontal), QSpinBox()
        for control in (self.text_slider, self.text):
            control.setRange(*TEXT_PERCENT)
            control.setSingleStep(TEXT_STEP_PERCENT)
        self.text_slider.setPageStep(2 * TEXT_STEP_PERCENT)
        self.text.setSuffix(" %")
        self.flags = {name: QCheckBox(words) for name, words, _ in _FLAGS}
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        self._name_controls()
        self._lay_out()
        self._fill(preferences)
        self._connect()

    def open(self) -> None:
        """Show the window."""
        self.widget.open()
        self.theme.setFocus()

    @property
    def preferences(self) -> Preferences:
        """Return the choices as they stand in the window."""
        return self._now

    def _name_controls(self) -> None:
        low, high = TEXT_PERCENT
        sizes = f"Text size, %, {low} to {high}, step {TEXT_STEP_PERCENT} (Ctrl++, Ctrl+−)"
        for control, name, tip in (
            (self.theme, "Theme", "Theme: light, dark, or as the desktop (Ctrl+Shift+T)"),
            (self.text_slider, "Text size, percent", sizes),
            (self.text, "Text size, percent", sizes),
            (self.layout, "Layout at the start", "Layout that the window opens with (F7, F8, F9)"),
            *((self.flags[name], words, tip) for name, words, tip in _FLAGS),
        ):
            control.setAccessibleName(name)
            control.setToolTip(tip)

    def _lay_out(self) -> None:
        size = QHBoxLayout()
        size.addWidget(self.text_slider, 1)
        size.addWidget(self.text)
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, field in (("&Theme", self.theme), ("Text &size", size), ("&Layout", self.layout)):
            label = QLabel(words)
            label.setBuddy(self.text_slider if isinstance(field, QHBoxLayout) else field)
            form.addRow(label, field)
        for place, (name, _, tip) in enumerate(_FLAGS):
            hint = QLabel(tip)
            hint.setProperty("role", "muted")
            hint.setWordWrap(True)
            block = QVBoxLayout()
            block.setSpacing(1)
            block.addWidget(self.flags[name])
            block.addWidget(hint)
            form.addRow("" if place else "Behaviour", block)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(24, 22, 24, 18)
        layout.setSpacing(18)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self.widget.setMinimumWidth(self.widget.fontMetrics().averageCharWidth() * 74)

    def _connect(self) -> None:
        self.text_slider.valueChanged.connect(self.text.setValue)
        self.text.valueChanged.connect(self._changed)
        for box in (self.theme, self.layout):
            box.currentIndexChanged.connect(self._changed)
        for flag in self.flags.values():
            flag.toggled.connect(self._changed)
        self.buttons.accepted.connect(self.widget.accept)
        self.buttons.rejected.connect(self.widget.reject)
        self.widget.accepted.connect(lambda: self._keep(self._now))
        self.widget.rejected.connect(lambda: self._preview(self._before))
        restore = self.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        restore.clicked.connect(self._restore)

    def _restore(self) -> None:
        self._fill(replace(Preferences(), seen_tour=self._now.seen_tour))
        self._changed()

    def _fill(self, preferences: Preferences) -> None:
        self._filling = True
        self.theme.setCurrentIndex(THEME_CHOICES.index(preferences.theme))
        self.layout.setCurrentIndex(LAYOUT_NAMES.index(preferences.layout))
        self.text.setValue(preferences.text_percent)
        self.text_slider.setValue(preferences.text_percent)
        for name, flag in self.flags.items():
            flag.setChecked(bool(getattr(preferences, name)))
        self._filling = False

    def _changed(self) -> None:
        if self._filling:
            return
        if self.text_slider.value() != self.text.value():
            self.text_slider.setValue(self.text.value())
        theme: ThemeChoice = THEME_CHOICES[self.theme.currentIndex()]
        now = replace(
            self._now,
            theme=theme,
            text_percent=self.text.value(),
            layout=LAYOUT_NAMES[self.layout.currentIndex()],
            **{name: flag.isChecked() for name, flag in self.flags.items()},
        )
        if now != self._now:
            self._now = now
            self._preview(now)
