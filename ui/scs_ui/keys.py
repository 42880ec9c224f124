"""Actions of the window made from the table of scs_ui.state.keys: keys, where they act, tooltips, icons, menus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QMenuBar,
    QWidget,
)
from shiboken6 import isValid

from scs_ui.icons import icon
from scs_ui.state.keys import DEEDS, Deed, Place, deed, shown_keys
from scs_ui.theme import Theme

Handler = Callable[[], object]

_Key = Qt.Key
_MOVES = frozenset(
    (_Key.Key_Up, _Key.Key_Down, _Key.Key_Left, _Key.Key_Right, _Key.Key_PageUp, _Key.Key_PageDown, _Key.Key_Home,
     _Key.Key_End)
)  # fmt: skip
_PRESSES = frozenset((_Key.Key_Space, _Key.Key_Return, _Key.Key_Enter))
_LEAVES = frozenset((_Key.Key_Tab, _Key.Key_Backtab))


class Actions:
    """All actions by id; the window keeps one of these."""

    def __init__(self, actions: Mapping[str, QAction], guard: QObject) -> None:
        self._actions, self._guard = dict(actions), guard

    def __getitem__(self, deed_id: str) -> QAction:
        return self._actions[deed_id]

    def __contains__(self, deed_id: object) -> bool:
        return deed_id in self._actions

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the ids of the table that nobody handles."""
        return tuple(item.id for item in DEEDS if not item.native and item.id not in self._actions)

    def set_theme(self, theme: Theme) -> None:
        """Give every action that has an icon the icon in the theme's colours."""
        for deed_id, action in self._actions.items():
            name = deed(deed_id).icon
            if name:
                action.setIcon(icon(name, theme))

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Put the menus of the table into the menu bar; return them by path ("File", "Stimulation/Steer")."""
        menus: dict[str, QMenu] = {}
        letters: dict[str, set[str]] = {}
        groups: dict[str, int] = {}

        def menu_at(path: str, group: int) -> QMenu:
            if path in menus:
                return menus[path]
            above, _, name = path.rpartition("/")
            if above:
                parent = menu_at(above, group)
                divide(above, group)
                menus[path] = parent.addMenu(_with_letter(name, letters[above]))
            else:
                menus[path] = bar.addMenu(_with_letter(name, letters.setdefault("", set())))
            letters[path] = set()
            return menus[path]

        def divide(path: str, group: int) -> None:
            if groups.setdefault(path, group) != group:
                menus[path].addSeparator()
                groups[path] = group

        for item in DEEDS:
            if item.menu and item.id in self._actions:
                menu = menu_at(item.menu, item.group)
                divide(item.menu, item.group)
                action = self._actions[item.id]
                action.setText(_with_letter(item.text, letters[item.menu]))
                menu.addAction(action)
        return menus


def build(
    window: QWidget, handlers: Mapping[str, Handler], panels: Mapping[Place, Sequence[QWidget]] | None = None
) -> Actions:
    """Make an action for every deed of the table that has a handler.

    panels: the widgets in which the keys of a place act, while they or something in them has the focus; a place
    without any is reached by the menu alone. Raises UnknownNameError for a handler that is not in the table.
    """
    for deed_id in handlers:
        deed(deed_id)
    actions: dict[str, QAction] = {}
    for item in DEEDS:
        if item.id not in handlers or item.native:
            continue
        action = _action(item, window)
        handler = handlers[item.id]
        action.triggered.connect(lambda checked=False, handler=handler: handler())
        if item.place == "anywhere":
            window.addAction(action)
        else:
            for widget in (panels or {}).get(item.place, ()):
                widget.addAction(action)
        actions[item.id] = action
    return Actions(actions, _Guard(window))


def tooltip(deed_id: str, detail: str = "") -> str:
    """Return the tooltip of a control for a deed: name, what it does, key; `detail`: value, unit, range, step."""
    item = deed(deed_id)
    keys = shown_keys(item)
    head = f"{item.label} ({keys})" if keys else item.label
    return "\n".join(part for part in (head, item.help, detail) if part)


def _action(item: Deed, window: QWidget) -> QAction:
    action = QAction(item.text, window)
    action.setObjectName(item.id)
    action.setShortcuts([QKeySequence(key) for key in item.keys])
    window_wide = item.place == "anywhere"
    context = Qt.ShortcutContext
    action.setShortcutContext(context.WindowShortcut if window_wide else context.WidgetWithChildrenShortcut)
    action.setToolTip(tooltip(item.id))
    action.setStatusTip(item.help)
    action.setCheckable(item.checkable)
    return action


class _Guard(QObject):
    """Leaves the keys that the control in focus needs for itself to it, whatever its panel uses them for.

    Text fields see to that themselves; but a number box would keep Undo to its digits, and the session's is meant.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._watched: QWidget | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = new if new is not None and new.window() is self._window.window() else None
        if self._watched is not None:
            self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Decide who gets a key before shortcuts are looked up."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if isinstance(watched, QAbstractSpinBox) or (
            isinstance(watched, QLineEdit) and isinstance(watched.parent(), QAbstractSpinBox)
        ):
            if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):
                event.ignore()
                return True
        elif event.key() in _own_keys(watched) and _is_plain(event):
            event.accept()
            return True
        return False


def _own_keys(control: QObject) -> frozenset[Qt.Key]:
    if isinstance(control, QAbstractButton):
        return _PRESSES | _MOVES | _LEAVES
    if isinstance(control, QAbstractSlider):
        return _MOVES | _LEAVES
    if isinstance(control, QComboBox):
        return _PRESSES | _MOVES | _LEAVES
    if isinstance(control, QLineEdit):
        return _MOVES | _PRESSES | _LEAVES
    return frozenset()


def _is_plain(event: QKeyEvent) -> bool:
    return not event.modifiers() & (
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    )


def _with_letter(text: str, used: set[str]) -> str:
    """Return a menu text with an underlined letter that is not `used` yet, where one is left."""
    for place, letter in enumerate(text):
        if letter.isalpha() and letter.lower() not in used:
            used.add(letter.lower())
            return f"{text[:place]}&{text[place:]}"
    return text
