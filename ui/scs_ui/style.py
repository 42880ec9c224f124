"""The window's style sheet, made of tokens: hairlines, quiet surfaces, a visible focus, targets of 24 px or more."""

from __future__ import annotations

from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QMainWindow, QStyleFactory

from scs_ui.icons import svg_file
from scs_ui.theme import Theme

_SHEET = Template("""
* { outline: none; }
QMainWindow, QDialog { background: $window; }
QMainWindow::separator { background: $window; width: 7px; height: 7px; }
QMainWindow::separator:hover { background: $accent; }
QDockWidget { color: $muted; titlebar-close-icon: none; titlebar-normal-icon: none; }
QWidget[surface="panel"] { background: $panel; }
QWidget[surface="title"] { background: $panel; border-bottom: 1px solid $line; }
QLabel[role="title"] { color: $muted; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="big"] { color: $text; font-weight: 600; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="chip"] { color: $warn; border: 1px solid $line; border-radius: 9px; padding: 1px 10px;
  background: $panel; }
QLabel[role="caption"] { background: $raised; color: $text; border: 1px solid $line; border-radius: 8px;
  padding: 9px 20px; }
QMenuBar { background: $window; color: $text; padding: 2px 4px; }
QMenuBar::item { padding: 4px 10px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $raised; color: $text; border: 1px solid $line; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 22px; border-radius: 4px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 5px 7px; }
QStatusBar { background: $window; color: $muted; border-top: 1px solid $line; padding: 0 8px; }
QStatusBar::item { border: none; }
QTabBar { background: $window; }
QTabBar::tab { background: transparent; color: $muted; padding: 5px 12px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; }
QPushButton, QToolButton { background: $raised; color: $text; border: 1px solid $line; border-radius: 5px;
  padding: 4px 10px; min-height: 16px; }
QToolButton { padding: 3px 6px; min-height: 18px; min-width: 16px; }
QPushButton:hover, QToolButton:hover { border-color: $muted; }
QPushButton:pressed, QToolButton:pressed { background: $sunken; }
QPushButton:focus, QToolButton:focus { border: 1px solid $accent; }
QPushButton:checked, QToolButton:checked { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $faint; background: $panel; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[kind="primary"]:disabled { background: $panel; color: $faint; border-color: $line; }
QToolButton[kind="flat"] { background: transparent; border: 1px solid transparent; color: $muted; }
QToolButton[kind="flat"]:hover { color: $text; background: $raised; }
QToolButton[kind="flat"]:focus { border: 1px solid $accent; }
QToolButton::menu-indicator { width: 0; image: none; }
QLineEdit, QPlainTextEdit, QTextEdit, QTextBrowser, QAbstractSpinBox, QComboBox { background: $sunken; color: $text;
  border: 1px solid $line; border-radius: 5px; padding: 3px 6px; selection-background-color: $accent;
  selection-color: $on_accent; }
QAbstractSpinBox, QComboBox { min-height: 18px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
  border: 1px solid $accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $faint; background: $panel; }
QComboBox QAbstractItemView { background: $raised; color: $text; border: 1px solid $line;
  selection-background-color: $accent; selection-color: $on_accent; }
QCheckBox, QRadioButton { color: $text; spacing: 6px; min-height: 22px; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $faint;
  background: $sunken; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QRadioButton::indicator:checked { background: $accent; border: 4px solid $sunken; width: 8px; height: 8px; }
QCheckBox::indicator:disabled { border-color: $line; background: $panel; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url("$chevron_down"); width: 12px; height: 12px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; width: 18px; }
QAbstractSpinBox::up-arrow { image: url("$chevron_up"); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url("$chevron_down"); width: 10px; height: 10px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $raised; border-radius: 4px; }
QGroupBox { border: 1px solid $line; border-radius: 6px; margin-top: 10px; padding-top: 6px; color: $muted; }
QGroupBox::title { subcontrol-origin: margin; left: 10px; padding: 0 4px; }
QAbstractItemView { background: $sunken; color: $text; border: 1px solid $line; border-radius: 5px;
  alternate-background-color: $panel; gridline-color: $line; }
QAbstractItemView:focus { border: 1px solid $accent; }
QAbstractItemView::item:selected { background: $accent; color: $on_accent; }
QHeaderView { background: $panel; }
QHeaderView::section { background: $panel; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 4px 6px; font-weight: 600; }
QTableCornerButton::section { background: $panel; border: none; }
QScrollBar:vertical { background: transparent; width: 11px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 11px; margin: 0; }
QScrollBar::handle { background: $line; border-radius: 4px; min-height: 26px; min-width: 26px; margin: 2px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none; width: 0;
  height: 0; }
QScrollArea { border: none; background: transparent; }
QProgressBar { background: $sunken; border: 1px solid $line; border-radius: 5px; text-align: center; color: $text; }
QProgressBar::chunk { background: $accent; border-radius: 4px; }
QSplitter::handle { background: $window; }
QFrame[surface="banner"] { background: $raised; border: 1px solid $line; border-radius: 6px; }
""")

_TOKENS = (
    "window", "panel", "raised", "sunken", "line", "text", "muted", "faint", "accent", "on_accent", "warn", "danger",
)  # fmt: skip


def sheet(theme: Theme) -> str:
    """Return the style sheet of a theme."""
    images = {
        "check": svg_file("check", theme.on_accent),
        "chevron_down": svg_file("chevron_down", theme.muted),
        "chevron_up": svg_file("chevron_up", theme.muted),
    }
    return _SHEET.substitute({token: getattr(theme, token) for token in _TOKENS} | images)


def apply(app: QApplication, theme: Theme, base: QFont, text_percent: int = 100) -> None:
    """Give the application the Fusion style, the theme's palette and sheet, and texts of `text_percent` of `base`."""
    fusion = QStyleFactory.create("Fusion")
    if fusion is not None and app.style().objectName() != "fusion":
        app.setStyle(fusion)
    font = QFont(base)
    font.setPointSizeF(base.pointSizeF() * text_percent / 100.0)
    app.setFont(font)
    app.setPalette(theme.palette())
    app.setStyleSheet(sheet(theme))


def set_motion(window: QMainWindow, reduced: bool) -> None:
    """Let menus, tooltips and docks slide and fade, or have them appear at once."""
    effect = Qt.UIEffect
    for one in (effect.UI_AnimateMenu, effect.UI_FadeMenu, effect.UI_AnimateCombo, effect.UI_AnimateTooltip,
                effect.UI_FadeTooltip):  # fmt: skip
        QApplication.setEffectEnabled(one, not reduced)
    window.setAnimated(not reduced)
