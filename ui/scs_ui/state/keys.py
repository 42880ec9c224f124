"""One table of everything a user can do by key or mouse: what it is called, its keys, where they act, what it does.

Menus, tooltips, the shortcuts window and docs/shortcuts.md are made from it. Keys are portable: Ctrl is Cmd on macOS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from scs_models.errors import UnknownNameError

Place = Literal[
    "anywhere", "spine", "sliders", "body", "curves", "field", "tested", "search", "training", "replay", "drop"
]

PLACES: dict[Place, str] = {
    "anywhere": "Anywhere",
    "spine": "Spine and contact table",
    "sliders": "Sliders and number boxes",
    "body": "Body map",
    "curves": "Recruitment curves",
    "field": "Field picture",
    "tested": "Map of tested settings",
    "search": "Search panel",
    "training": "Training mode",
    "replay": "Training mode, replay",
    "drop": "Files dropped on the window",
}
"""Where keys act, with the words for it. Keys of a panel act only while that panel has the focus."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing a user can do.

    keys: portable key sequences, the first is the one shown; menu: "File" or "Stimulation/Steer", "" for none; group: a
    change of it in a menu draws a line; help: one sentence; mouse: the same by mouse, "" for none; native: the widget
    itself obeys these keys, no action is made; checkable: it is on or off.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    place: Place
    menu: str
    group: int
    help: str
    icon: str = ""
    mouse: str = ""
    native: bool = False
    checkable: bool = False

    @property
    def label(self) -> str:
        """Return the text without dots, as sentences and tables use it."""
        return self.text.removesuffix("…")


def _anywhere(
    menu: str, group: int, deed: str, text: str, keys: str, help_text: str, icon: str = "", *, checkable: bool = False
) -> Deed:
    return Deed(deed, text, tuple(keys.split()), "anywhere", menu, group, help_text, icon, checkable=checkable)


def _panel(
    place: Place, deed: str, text: str, keys: str, help_text: str, *, menu: str = "", icon: str = "",
    mouse: str = "", native: bool = False, group: int = 0,
) -> Deed:  # fmt: skip
    return Deed(deed, text, tuple(keys.split()), place, menu, group, help_text, icon, mouse, native)


_FILE = (
    _anywhere("File", 0, "file.new", "New session…", "Ctrl+N", "Begins with a built-in case, a file or a recent one.",
              "add"),
    _anywhere("File", 0, "file.open", "Open…", "Ctrl+O", "Opens a session or a case file.", "open"),
    _anywhere("File", 1, "file.save", "Save", "Ctrl+S", "Writes the session to its file.", "save"),
    _anywhere("File", 1, "file.save_as", "Save as…", "Ctrl+Shift+S", "Writes the session to another file."),
    _anywhere("File", 2, "file.export", "Export…", "Ctrl+E", "Writes a panel as PNG, SVG or PDF, or curves as CSV.",
              "export"),
    _anywhere("File", 2, "file.report", "Report…", "Ctrl+P", "Writes a report to print, as HTML or PDF.", "report"),
    _anywhere("File", 2, "file.card", "Program card…", "Ctrl+Shift+P",
              "Writes the program on one page: contacts, dose, thresholds, coverage, limits.", "card"),
    _anywhere("File", 2, "file.pain_sheet", "Pain drawing…", "Ctrl+Alt+P",
              "Writes a sheet to paint pain on in any paint program; dropped on the window, it is read."),
    _anywhere("File", 3, "file.quit", "Quit", "Ctrl+Q", "Closes the window; unsaved work is asked about."),
)  # fmt: skip

_EDIT = (
    _anywhere("Edit", 0, "edit.undo", "Undo", "Ctrl+Z", "Takes the last step back; a whole drag is one step.", "undo"),
    _anywhere("Edit", 0, "edit.redo", "Redo", "Ctrl+Shift+Z Ctrl+Y", "Does again what was taken back.", "redo"),
    _anywhere("Edit", 1, "edit.copy_image", "Copy picture of the panel", "Ctrl+C",
              "Copies the panel that has the focus as a picture.", "copy"),
    _anywhere("Edit", 1, "edit.copy_settings", "Copy settings as text", "Ctrl+Alt+C",
              "Copies contacts, dose and thresholds of the program as text."),
    _anywhere("Edit", 2, "edit.patient", "Patient…", "Ctrl+I",
              "Edits anatomy, surgery and sensitivity of the patient, live."),
    _anywhere("Edit", 3, "edit.preferences", "Preferences…", "Ctrl+,", "Theme, text size, recovery, numbering."),
)  # fmt: skip

_VIEW = (
    _anywhere("View", 0, "view.next_pane", "Next pane", "F6", "Moves the focus to the next panel."),
    _anywhere("View", 0, "view.previous_pane", "Previous pane", "Shift+F6", "Moves the focus to the panel before."),
    _anywhere("View", 1, "view.theme", "Light or dark", "Ctrl+Shift+T", "Switches between light and dark.", "theme"),
    _anywhere("View", 1, "view.larger", "Larger text", "Ctrl++ Ctrl+=", "Makes all text larger, up to 200 %."),
    _anywhere("View", 1, "view.smaller", "Smaller text", "Ctrl+-", "Makes all text smaller, down to 80 %."),
    _anywhere("View", 1, "view.normal_size", "Normal text", "Ctrl+Shift+0", "Sets the text size back to 100 %."),
    _anywhere("View", 2, "view.mirror", "Mirror left and right", "Ctrl+M",
              "Swaps the sides of spine and body map; L and R stay printed.", "mirror", checkable=True),
    _anywhere("View", 2, "view.fit", "Fit the leads", "Ctrl+Shift+F", "Zooms the spine to the leads.", "fit"),
    _anywhere("View", 2, "view.search", "Search", "Ctrl+F", "Opens the search for programs."),
    _anywhere("View", 2, "view.coarse", "Coarse steps", "Ctrl+G", "Makes the steps of keys and arrows bigger.",
              checkable=True),
    _anywhere("View/Layout", 3, "view.layout_programming", "Programming", "F7", "The layout for programming."),
    _anywhere("View/Layout", 3, "view.layout_teaching", "Teaching", "F8", "The layout for teaching: big pictures."),
    _anywhere("View/Layout", 3, "view.layout_analysis", "Analysis", "F9", "The layout for analysis: field and curves."),
    _anywhere("View/Layout", 4, "view.reset_layout", "Reset layout", "Ctrl+0", "Puts every panel back in its place."),
    _anywhere("View", 4, "view.full_screen", "Full screen", "F11", "Fills the screen, or leaves it again.",
              checkable=True),
)  # fmt: skip

_STIMULATION = (
    _anywhere("Stimulation", 0, "stim.stop", "Stop", "Esc",
              "Stops all stimulation at once: every amplitude to 0. Closes popups first.", "stop"),
    _anywhere("Stimulation", 0, "stim.toggle", "Stimulation on or off", "Ctrl+Space",
              "Switches stimulation off and on; amplitudes stay on the dial.", "play", checkable=True),
    _anywhere("Stimulation/Amplitude", 1, "stim.up", "Amplitude up", "Ctrl+] Ctrl+PgUp", "Raises it by 0.1 mA."),
    _anywhere("Stimulation/Amplitude", 1, "stim.down", "Amplitude down", "Ctrl+[ Ctrl+PgDown", "Lowers it by 0.1 mA."),
    _anywhere("Stimulation/Amplitude", 1, "stim.up_coarse", "Amplitude up, coarse",
              "Ctrl+Shift+] Ctrl+} Ctrl+Shift+PgUp", "Raises it by 0.5 mA."),
    _anywhere("Stimulation/Amplitude", 1, "stim.down_coarse", "Amplitude down, coarse",
              "Ctrl+Shift+[ Ctrl+{ Ctrl+Shift+PgDown", "Lowers it by 0.5 mA."),
    *(
        _anywhere("Stimulation/Ramp to", 1, f"stim.ramp_{mark}", f"Ramp to {words}", f"Alt+{number}",
                  f"Ramps the amplitude to the {meaning}.")
        for number, mark, words, meaning in (
            (1, "pt", "PT", "perception threshold of the model"),
            (2, "comfort", "comfort", "comfortable amplitude of the model"),
            (3, "dt", "DT", "discomfort threshold of the model"),
            (4, "mt", "MT", "motor threshold of the model"),
        )
    ),
    *(
        _anywhere("Stimulation/Mark", 1, f"stim.mark_{mark}", f"Mark {words} here", f"Ctrl+{number}",
                  f"Notes the amplitude on the dial as {meaning} of this area.")
        for number, mark, words, meaning in (
            (1, "pt", "PT", "perception threshold"),
            (2, "comfort", "comfort", "comfortable amplitude"),
            (3, "dt", "DT", "discomfort threshold"),
            (4, "mt", "MT", "motor threshold"),
        )
    ),
    _anywhere("Stimulation", 2, "stim.note", "Note this setting", "Ctrl+T",
              "Puts a dot for this setting on the map of tested settings."),
    _anywhere("Stimulation", 2, "stim.posture", "Next posture", "Ctrl+U",
              "Goes through the postures: the cord moves, thresholds follow."),
    _anywhere("Stimulation", 2, "stim.keep_amplitude", "Keep amplitude when contacts change", "",
              "Leaves the amplitude where it is when a contact is changed directly; otherwise it drops to 0.",
              checkable=True),
    _anywhere("Stimulation/Program", 3, "program.duplicate", "Duplicate program", "Ctrl+D",
              "Copies the program; the copy is edited.", "copy"),
    _anywhere("Stimulation/Program", 3, "program.add", "New program", "Ctrl+Shift+N", "Adds an empty program.", "add"),
    _anywhere("Stimulation/Program", 3, "program.rename", "Rename program…", "Ctrl+Shift+R", "Gives it another name."),
    _anywhere("Stimulation/Program", 3, "program.delete", "Delete program", "Ctrl+Shift+Del",
              "Removes the program; undo brings it back.", "trash"),
    _anywhere("Stimulation/Program", 4, "program.next", "Next program", "Ctrl+Tab", "Edits the next program."),
    _anywhere("Stimulation/Program", 4, "program.previous", "Previous program", "Ctrl+Shift+Tab",
              "Edits the program before."),
    _anywhere("Stimulation/Program", 4, "program.compare", "Compare A/B", "F4",
              "Swaps between the edited program and the one it is compared with.", "compare"),
    *(
        _anywhere("Stimulation/Area", 3, f"area.{name.lower()}", f"Area {name}", f"Ctrl+Shift+{name}",
                  f"Edits area {name}, adding it where it does not exist yet.")
        for name in "ABCD"
    ),
)  # fmt: skip

_SPINE = (
    _panel("spine", "spine.rostral", "Contact above", "Up", "Selects the next contact towards the head."),
    _panel("spine", "spine.caudal", "Contact below", "Down", "Selects the next contact towards the feet."),
    _panel("spine", "spine.left", "Lead to the left", "Left", "Selects the contact beside it, left on the screen."),
    _panel("spine", "spine.right", "Lead to the right", "Right", "Selects the contact beside it, right on the screen."),
    _panel("spine", "contact.cycle", "Off, cathode, anode", "Space Return Enter",
           "Takes the contact from off to cathode (−), anode (+) and off again.", menu="Stimulation/Contact",
           mouse="click; right click for a menu"),
    _panel("spine", "contact.cycle_back", "Anode, cathode, off", "Shift+Space", "The same backwards.",
           menu="Stimulation/Contact"),
    _panel("spine", "contact.cathode", "Cathode", "-", "Makes the contact a cathode (−).", menu="Stimulation/Contact"),
    _panel("spine", "contact.anode", "Anode", "+ =", "Makes the contact an anode (+).", menu="Stimulation/Contact"),
    _panel("spine", "contact.off", "Off", "0 Del", "Switches the contact off.", menu="Stimulation/Contact"),
    _panel("spine", "contact.share_up", "Share +10 %", "PgUp", "Raises its share by 10 %; the unlocked others give.",
           menu="Stimulation/Contact", group=1, mouse="wheel, or drag up and down, on the percent"),
    _panel("spine", "contact.share_down", "Share −10 %", "PgDown", "Lowers its share by 10 %; the others take it.",
           menu="Stimulation/Contact", group=1),
    _panel("spine", "contact.share_up_fine", "Share +1 %", "Alt+Up", "Raises its share by 1 %.",
           menu="Stimulation/Contact", group=1),
    _panel("spine", "contact.share_down_fine", "Share −1 %", "Alt+Down", "Lowers its share by 1 %.",
           menu="Stimulation/Contact", group=1),
    _panel("spine", "contact.lock", "Lock share", "L", "Keeps its share while the others change.",
           menu="Stimulation/Contact", icon="lock", group=2),
    _panel("spine", "contact.equalise", "Equalise", "E", "Gives all unlocked contacts of its sign the same share.",
           menu="Stimulation/Contact", icon="equalise", group=2),
    _panel("spine", "steer.up", "Steer up", "Ctrl+Up", "Moves the pattern 10 % of the contact spacing up; the"
           " amplitude stays.", menu="Stimulation/Steer", icon="arrow_up"),
    _panel("spine", "steer.down", "Steer down", "Ctrl+Down", "Moves the pattern 10 % of the spacing down.",
           menu="Stimulation/Steer", icon="arrow_down"),
    _panel("spine", "steer.left", "Steer left", "Ctrl+Left", "Moves the pattern 10 % towards the patient's left.",
           menu="Stimulation/Steer", icon="arrow_left"),
    _panel("spine", "steer.right", "Steer right", "Ctrl+Right", "Moves the pattern 10 % towards the patient's right.",
           menu="Stimulation/Steer", icon="arrow_right"),
    _panel("spine", "steer.narrower", "Focus narrower", "[ N", "Draws cathodes together.", menu="Stimulation/Steer",
           icon="focus_in", group=1),
    _panel("spine", "steer.wider", "Focus wider", "] W", "Spreads cathodes over more contacts.",
           menu="Stimulation/Steer", icon="focus_out", group=1),
    _panel("spine", "steer.anode_nearer", "Anodes nearer", "A", "Brings the anodes closer to the cathodes.",
           menu="Stimulation/Steer", icon="anode", group=1),
    _panel("spine", "steer.anode_farther", "Anodes farther", "Shift+A", "Takes the anodes away from the cathodes.",
           menu="Stimulation/Steer", group=1),
    _panel("spine", "lead.up", "Lead up", "Shift+Up", "Moves the lead of the contact towards the head.",
           mouse="drag the lead"),
    _panel("spine", "lead.down", "Lead down", "Shift+Down", "Moves the lead towards the feet."),
    _panel("spine", "lead.left", "Lead left", "Shift+Left", "Moves the lead towards the patient's left."),
    _panel("spine", "lead.right", "Lead right", "Shift+Right", "Moves the lead towards the patient's right."),
    _panel("spine", "lead.turn_left", "Turn lead left", "Shift+PgUp", "Turns its tip to the patient's left.",
           mouse="drag the lead's tail"),
    _panel("spine", "lead.turn_right", "Turn lead right", "Shift+PgDown", "Turns its tip to the patient's right."),
    _panel("spine", "stim.impedance", "Impedance check", "I", "Measures every contact and shows it beside the contact.",
           menu="Stimulation", icon="impedance", group=2),
    _panel("spine", "spine.zoom", "Zoom", "", "Zooms the spine.", mouse="wheel", native=True),
)  # fmt: skip

_SLIDERS = (
    _panel("sliders", "slider.fine", "One step", "Left Right Up Down", "Changes the value by one step.", native=True,
           mouse="drag the handle"),
    _panel("sliders", "slider.coarse", "Big step", "PgUp PgDown", "Changes the value by a big step.", native=True),
    _panel("sliders", "slider.ends", "Ends of the range", "Home End", "Goes to the least or the greatest value.",
           native=True),
    _panel("sliders", "slider.default", "Default", "Backspace", "Sets the value that programs begin with.", native=True,
           mouse="double-click"),
    _panel("sliders", "slider.lock", "Lock value", "L", "Locks the value, or unlocks it.", native=True, icon="lock"),
)  # fmt: skip

_BODY = (
    _panel("body", "pain.brush", "Brush", "B", "Paints pain with the brush.", icon="brush"),
    _panel("body", "pain.eraser", "Eraser", "X", "Rubs pain out.", icon="eraser"),
    _panel("body", "pain.region", "Whole region", "R", "Paints whole regions of the body map.", icon="region"),
    _panel("body", "pain.polygon", "Polygon", "G", "Draws a patch corner by corner.", icon="polygon"),
    _panel("body", "pain.smaller", "Smaller brush", "[ -", "Makes the brush smaller."),
    _panel("body", "pain.larger", "Larger brush", "] +", "Makes the brush larger."),
    _panel("body", "body.pain", "Show pain", "P", "Shows or hides the pain layer."),
    _panel("body", "body.overlay", "Show paresthesia", "O", "Shows or hides the predicted paresthesia."),
    _panel("body", "body.side", "Front or back", "Tab", "Goes from front to back and soles and then on; Shift+Tab the"
           " other way.", native=True),
    _panel("body", "body.ring", "Next region", "Up Down Left Right", "Moves the ring from region to region.",
           native=True),
    _panel("body", "body.use", "Use the tool", "Space Return Enter", "Uses the tool on the region with the ring.",
           native=True, mouse="press and drag"),
    _panel("body", "body.pointer", "Move the brush", "Shift+Up Shift+Down Shift+Left Shift+Right",
           "Moves the brush itself, for what is smaller than a region.", native=True),
    _panel("body", "body.dab", "Dab, set a corner", "Shift+Space", "Paints where the brush is; Enter closes a polygon.",
           native=True),
    _panel("body", "body.corner", "Corner back", "Backspace", "Takes the last corner of a polygon back.", native=True),
    _panel("body", "body.score", "Pain score", "1 2 3 4 5 6 7 8 9 0", "Sets the score to paint with; 0 is 10.",
           native=True),
    _panel("body", "body.hover", "What is here", "", "Tells region, dermatomes, pain, intensity and threshold.",
           native=True, mouse="hover over a region"),
)  # fmt: skip

_CURVES = (
    _panel("curves", "curves.cursor", "Amplitude cursor", "Left Right PgUp PgDown",
           "Sets the amplitude at the cursor.", native=True, mouse="click, or drag the cursor"),
    _panel("curves", "curves.zoom", "Zoom", "+ -", "Zooms the amplitude axis.", native=True, mouse="wheel"),
    _panel("curves", "curves.fit", "Fit", "F", "Shows the whole curves again.", native=True, mouse="double-click"),
)  # fmt: skip

_FIELD = (
    _panel("field", "field.kind", "Potential, field, activating function", "V E A", "Shows that quantity.",
           native=True),
    _panel("field", "field.plane", "Cross-section or along the lead", "S", "Switches the plane.", native=True),
    _panel("field", "field.level", "Level", "Up Down PgUp PgDown", "Moves the cross-section along the canal.",
           native=True),
    _panel("field", "field.home", "Level of the cathodes", "Home", "Goes back to the cathodes.", native=True),
    _panel("field", "field.zoom", "Zoom", "+ -", "Zooms the picture.", native=True, mouse="wheel"),
    _panel("field", "field.fit", "Fit", "F", "Shows the whole picture again.", native=True, mouse="double-click"),
)  # fmt: skip

_TESTED = (
    _panel("tested", "tested.next", "Next dot", "Left Right Up Down", "Goes from setting to setting.", native=True),
    _panel("tested", "tested.back", "Back to this setting", "Space Return Enter", "Dials the setting again.",
           native=True, mouse="click a dot"),
    _panel("tested", "tested.delete", "Delete from the list", "Del", "Takes a setting out; undo brings it back.",
           native=True),
)  # fmt: skip

_SEARCH = (
    _panel("search", "search.run", "Search or stop", "Ctrl+Return", "Begins a search for programs, or stops it."),
    _panel("search", "search.next", "Next program", "Up Down Left Right",
           "Goes from suggestion to suggestion in the list, from point to point in the plot.", native=True),
    _panel("search", "search.apply", "Apply", "Return Enter", "Dials the chosen program with its amplitude; undo takes"
           " it back.", native=True, mouse="click Apply on its card"),
)  # fmt: skip

_TRAINING = (
    _anywhere("Training", 0, "training.new", "New training…", "", "Begins a rehearsal with a virtual patient.", "add"),
    _anywhere("Training", 0, "training.resume", "Resume…", "", "Goes on with a training that is not finished."),
    _panel("training", "training.replay", "Replay…", "Ctrl+R", "Plays a finished training again.", menu="Training",
           group=1),
    _anywhere("Training", 1, "training.report", "Training report…", "",
              "Shows score and report of a finished training.", "report"),
    _panel("training", "training.answer", "Next visit, or finish", "Ctrl+Return",
           "Goes on to the next visit; after the last one it finishes the training.", menu="Training", group=2),
    _panel("training", "training.drive", "Drive the lead", "Up Down Left Right",
           "In the X-ray film: drives the chosen lead by the step.", native=True, mouse="click its arrow buttons"),
    _panel("replay", "replay.play", "Play or pause", "Space", "Plays the replay, or stops it.", icon="play"),
    _panel("replay", "replay.back", "Frame back", ",", "Goes one event back."),
    _panel("replay", "replay.forward", "Frame forward", ".", "Goes one event forward."),
)  # fmt: skip

_HELP = (
    _anywhere("Help", 0, "help.panel", "Help", "F1", "Explains the panel that has the focus.", "help"),
    _anywhere("Help", 0, "help.shortcuts", "Keyboard shortcuts", "Ctrl+/", "Lists all keys, with a search."),
    _anywhere("Help", 0, "help.tour", "Tour", "Shift+F1", "Shows the window in five steps.", "tour"),
    _anywhere("Help", 0, "help.demo", "Demonstration", "", "Plays a minute's demonstration; any key ends it.", "play"),
    _anywhere("Help", 1, "help.sources", "Sources of numbers…", "Ctrl+Shift+I",
              "Lists every number of the model with where it comes from.", "table"),
    _anywhere("Help", 1, "help.diagnostics", "Copy diagnostics", "",
              "Copies versions, display and folders, for a problem report."),
    _anywhere("Help", 1, "help.log", "Open log folder", "", "Opens the folder that holds the log."),
    _anywhere("Help", 2, "help.about", "About scs-sim", "", "Version, licences, what it is not for."),
)  # fmt: skip

_DROP = (
    _panel("drop", "drop.file", "Open what is dropped", "", "Opens a session or case file, takes a program, or a"
           " painted PNG as the pain map.", native=True, mouse="drop a file on the window"),
)  # fmt: skip

DEEDS: tuple[Deed, ...] = (
    *_FILE, *_EDIT, *_VIEW, *_STIMULATION, *_SPINE, *_SLIDERS, *_BODY, *_CURVES, *_FIELD, *_TESTED, *_SEARCH,
    *_TRAINING, *_HELP, *_DROP,
)  # fmt: skip

_BY_ID = {item.id: item for item in DEEDS}


def deed(deed_id: str) -> Deed:
    """Return the deed of that id; raise UnknownNameError for another."""
    if deed_id not in _BY_ID:
        raise UnknownNameError("action", deed_id, tuple(_BY_ID))
    return _BY_ID[deed_id]


def found(text: str) -> tuple[Deed, ...]:
    """Return the deeds in whose words or keys every word of `text` occurs, in table order; all for an empty text."""
    words = text.lower().split()
    return tuple(
        item
        for item in DEEDS
        if all(
            word in " ".join((item.label, item.help, PLACES[item.place], item.mouse, *item.keys)).lower()
            for word in words
        )
    )


_SIGNS = {"Up": "↑", "Down": "↓", "Left": "←", "Right": "→", "PgDown": "PgDn", "-": "−"}


def shown_keys(item: Deed, *, every: bool = False) -> str:
    """Return its keys for people: the first one, or all of them; "" where it has none."""
    keys = item.keys if every or item.native else item.keys[:1]
    return " or ".join(dict.fromkeys(_shown(key) for key in keys))


def _shown(key: str) -> str:
    *modifiers, last = _parts(key)
    return "+".join((*modifiers, _SIGNS.get(last, last)))


def _parts(key: str) -> list[str]:
    """Return a key sequence cut at its plus signs; a plus at the end is the key itself."""
    if key.endswith("+"):
        return [*(part for part in key[:-1].split("+") if part), "+"]
    return key.split("+")


def page() -> str:
    """Return docs/shortcuts.md."""
    lines = [
        "# Keyboard and mouse of the app",
        "",
        "Made from the table in `ui/scs_ui/state/keys.py` by `python docs/make_shortcuts.py`: edit the table.",
        "Ctrl is Cmd on macOS. Keys of a panel act only while the panel has the focus, so that typing numbers is safe;",
        "`F6` goes from panel to panel. `Ctrl+/` shows this list in the app.",
    ]
    for place, title in PLACES.items():
        lines += ["", f"## {title}", "", "| keys | mouse | what | |", "| --- | --- | --- | --- |"]
        lines += _rows(place)
    return "\n".join(lines) + "\n"


def _rows(place: Place) -> Iterator[str]:
    for item in DEEDS:
        if item.place == place:
            keys = " or ".join(f"`{_shown(key)}`" for key in item.keys)
            mouse = item.mouse or ("" if keys else f"menu {item.menu.replace('/', ' > ')}")
            yield f"| {keys} | {mouse} | {item.label} | {item.help} |"
