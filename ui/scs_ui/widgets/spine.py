"""SpinePanel: leads and contacts on the spine from behind, to click, drag and steer; the contact table is its twin."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from scs_sim.case import Case
from scs_ui.icons import icon
from scs_ui.keys import tooltip
from scs_ui.state.looks.contacts import contact_rows, described
from scs_ui.state.looks.spine import spine_key, spine_look
from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.controls import ElidedLabel
from scs_ui.widgets.spine_canvas import SpineCanvas
from scs_ui.widgets.spine_menu import spine_menu


class SpinePanel:
    """The spine view. Repaints when leads, contacts or the view change; an amplitude changes only the line below."""

    title = "Spine, from behind"
    help = (
        "The spine seen from behind: the patient's left is on the left, L and R are printed; the dashed line is the"
        " middle of the cord. Click a contact: off, cathode (−), anode (+). Right click for everything else. Drag a"
        " share up or down to change it; the unlocked others of its sign take the rest. Drag a lead to move it, its"
        " handle below the last contact (or Alt and drag) to turn it: everything follows. A dashed outline shows where"
        " the lead was when the numbers on screen were computed. Ctrl and arrows steer the pattern in tenths of a"
        " contact and keep the amplitude. Wheel zooms, dragging the empty spine pans, double click fits."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self.widget = QWidget()
        self.canvas = SpineCanvas(store, theme)
        self.canvas.on_hover = self._say
        self.canvas.on_menu = self._open_menu
        self.canvas.tip = self._described
        self._store, self._theme = store, theme
        self._moment: Moment | None = None
        self._answered: Case | None = None
        self._key: tuple[object, ...] = ()
        self._hovered, self._said = "", ""
        self._menu: QMenu | None = None
        self._line = ElidedLabel()
        self._line.setProperty("role", "hint")
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._line.setAccessibleName("Contact: sign, share, current, impedance")
        self._buttons = self._make_buttons()
        self._lay_out()

    def show(self, moment: Moment) -> None:
        """Show the session; nothing is painted where leads, contacts and view are as before."""
        self._moment = moment
        frame = moment.frame
        if frame is not None and not frame.stale:
            self._answered = frame.session.case
        answered = self._answered if frame is not None and frame.stale else None
        key = spine_key(moment, answered)
        if key != self._key:
            self._key = key
            self.canvas.set_look(spine_look(moment, answered))
        self._say(self._hovered)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.canvas.set_theme(theme)
        for name, button in self._buttons.items():
            button.setIcon(icon(name, theme))

    def fit(self) -> None:
        """Zoom to the leads."""
        self.canvas.fit()

    def _say(self, hovered: str) -> None:
        """Write the line below: the contact under the mouse, else the selected one."""
        self._hovered = hovered
        if self._moment is None:
            return
        text = self._described(hovered or self._moment.view.selected)
        if text != self._said:
            self._said = text
            self._line.setText(text)

    def _described(self, name: str) -> str:
        if self._moment is None:
            return ""
        return described(contact_rows(self._moment, (name,))[0])

    def _open_menu(self, contact: str, lead: int, where: QPoint) -> None:
        self._menu = spine_menu(self._store, self.widget, contact, lead)
        self._menu.popup(where)

    def _make_buttons(self) -> dict[str, QToolButton]:
        found = {}
        for name, text, tip, action in (
            ("zoom_out", "Zoom out", "Zoom out: shows more of the spine (wheel)", lambda: self.canvas.zoom(-1.0)),
            ("zoom_in", "Zoom in", "Zoom in: contacts larger (wheel)", lambda: self.canvas.zoom(1.0)),
            ("fit", "Fit the leads", tooltip("view.fit"), self.canvas.fit),
        ):
            button = QToolButton()
            button.setIcon(icon(name, self._theme))
            button.setIconSize(QSize(18, 18))
            button.setFixedSize(QSize(30, 30))
            button.setAccessibleName(text)
            button.setToolTip(tip)
            button.clicked.connect(action)
            found[name] = button
        return found

    def _lay_out(self) -> None:
        """Put the line below the canvas, and the buttons in its lower right corner."""
        over = QHBoxLayout(self.canvas)
        over.setContentsMargins(0, 0, 10, 10)
        over.setSpacing(4)
        over.addStretch(1)
        for button in self._buttons.values():
            over.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        self._line.setContentsMargins(10, 6, 10, 6)
        column.addWidget(self._line)
