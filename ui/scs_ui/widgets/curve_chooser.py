"""CurveChooser: the button whose menu says which recruitment curves are drawn."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from scs_ui.state.looks.recruitment import curve_choices, curve_label, default_curves
from scs_ui.state.store import Store


class CurveChooser:
    """A button with a menu: the curves of the pain by themselves, or any by name; it is filled when it opens."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.button = QToolButton()
        self.button.setText("Curves")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setProperty("kind", "flat")
        self.button.setMinimumHeight(24)
        self.button.setToolTip("Which dermatomes and roots are drawn")
        self.button.setAccessibleName("Choose recruitment curves")
        self.menu = QMenu(self.button)
        self.button.setMenu(self.menu)
        self._groups: list[QMenu] = []
        self.menu.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Fill the menu with what can be chosen, what is drawn now checked."""
        self.menu.clear()
        for group in self._groups:
            group.deleteLater()
        self._groups = []
        own = self.menu.addAction("Painful dermatomes, first root, motor")
        own.setCheckable(True)
        own.setChecked(not self._store.view.curves)
        own.triggered.connect(lambda: self._store.look(curves=()))
        self.menu.addSeparator()
        shown = self.shown
        for title, names in curve_choices():
            menu = self.menu
            if len(names) > 1:
                menu = self.menu.addMenu(title)
                self._groups.append(menu)
            for name in names:
                action = QAction(curve_label(name), menu)
                action.setCheckable(True)
                action.setChecked(name in shown)
                action.triggered.connect(lambda checked, name=name: self.choose(name, checked))
                menu.addAction(action)

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the names of the curves that are drawn."""
        frame = self._store.frame
        if self._store.view.curves or frame is None or frame.solo_answers is None:
            return self._store.view.curves
        return default_curves(frame.solo_answers)

    def choose(self, name: str, wanted: bool) -> None:
        """Draw a curve, or draw it no more; without any, those of the pain come back."""
        kept = tuple(other for other in self.shown if other != name)
        self._store.look(curves=(*kept, name) if wanted else kept)
