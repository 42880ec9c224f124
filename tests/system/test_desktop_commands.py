"""The desktop app's commands where it cannot run: no extra, a library or the display missing; never an abort.

None of these tests needs Qt: libraries are hidden by a loader that refuses them, displays are sockets of our own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scs_models.errors import MissingPieceError
from scs_sim.cli import extensions, main
from scs_ui import preflight
from scs_ui.doctor import Asked, checkup
from scs_ui.preflight import BASE, WAYLAND, XCB, Machine, SharedLibrary, refusal, require_pictures, require_window

EXTRA = ("PySide6", "shiboken6", "pyqtgraph", "contourpy")
FACTS = {
    "qt": "6.11.3", "binding": "6.11.3", "platform": "offscreen", "font": "Sans 9 pt", "font_families": 3,
    "screens": [{"width_px": 1920, "height_px": 1080, "scale": 2.0, "dots_per_inch": 96}],
}  # fmt: skip
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="libraries and displays are those of Linux")


def machine(hidden: str = "", **environ: str) -> Machine:
    """Return a Linux machine with everything but the library `hidden`."""

    def load(file: str) -> object:
        if file == hidden:
            raise OSError(f"{file}: cannot open shared object file: No such file or directory")
        return file

    return Machine(
        environ, "linux", load, lambda name: True, lambda package: "6.11.3", lambda name: name == "apt-get"
    )  # fmt: skip


def scs_sim(*words: str, hide: tuple[str, ...] = (), **environ: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.modules.update(dict.fromkeys({hide!r})); from scs_sim.cli import main; sys.exit(main())"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "DISPLAY", "WAYLAND"))}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        env=kept | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | environ,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_without_the_extra_the_window_ends_with_one_sentence() -> None:
    done = scs_sim("ui", hide=EXTRA)
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr.count("\n") == 1
    assert 'pip install "scs-sim[ui]"' in done.stderr
    text = scs_sim("--help", hide=EXTRA).stdout
    assert re.search(r"^  ui +\S", text, re.M)
    assert re.search(r"^  doctor +\S", text, re.M)


@pytest.mark.parametrize("module", EXTRA)
def test_each_missing_module_is_named_by_its_package(module: str) -> None:
    lacking = Machine({}, "linux", str, lambda name: name != module, lambda package: "6.11.3")
    with pytest.raises(MissingPieceError, match=re.escape(preflight.INSTALL)) as caught:
        require_window(lacking)
    assert preflight.MODULES[module] in str(caught.value)


@pytest.mark.parametrize("library", BASE, ids=lambda library: library.file)
def test_each_library_for_drawing_is_missed_with_the_line_that_cures_it(library: SharedLibrary) -> None:
    for check in (require_pictures, require_window):
        with pytest.raises(MissingPieceError) as caught:
            check(machine(library.file, QT_QPA_PLATFORM="offscreen"))
        assert library.file in str(caught.value)
        assert f"apt-get install {library.debian}" in str(caught.value)


@pytest.mark.parametrize(
    ("platform", "library"),
    [("xcb", item) for item in XCB] + [("wayland", item) for item in WAYLAND],
    ids=lambda item: getattr(item, "file", item),
)
def test_each_library_for_a_display_is_missed_with_the_line_that_cures_it(
    platform: str, library: SharedLibrary
) -> None:
    with pytest.raises(MissingPieceError) as caught:
        require_window(machine(library.file, QT_QPA_PLATFORM=platform, DISPLAY=":0", WAYLAND_DISPLAY="wayland-0"))
    assert library.file in str(caught.value)
    assert f"apt-get install {library.debian}" in str(caught.value)
    require_pictures(machine(library.file))


def test_all_missing_libraries_are_told_at_once_in_the_words_of_the_package_manager() -> None:
    def nothing(file: str) -> object:
        raise OSError(file)

    for manager, words in (("apt-get", "libegl1"), ("dnf", "libglvnd-egl"), ("", "(Debian's names)")):
        bare = Machine(
            {"DISPLAY": ":0"}, "linux", nothing, lambda name: True, lambda package: None,
            has_program=lambda name, manager=manager: name == manager,
        )  # fmt: skip
        problem = preflight.library_problem(bare, "xcb")
        assert problem is not None
        assert all(library.file in problem.what for library in (*BASE, *XCB))
        assert words in problem.cure


@linux
@pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf (binutils) is missing")
@pytest.mark.skipif(find_spec("PySide6") is None, reason="PySide6 is missing")
@pytest.mark.parametrize(
    ("listed", "files"),
    [
        (BASE, ["lib/libQt6Core.so.6", "lib/libQt6Gui.so.6", "lib/libQt6Widgets.so.6", "lib/libQt6DBus.so.6",
                "lib/libQt6Svg.so.6", "lib/libQt6PrintSupport.so.6", "plugins/platforms/libqoffscreen.so"]),
        ((*BASE, *XCB), ["lib/libQt6XcbQpa.so.6", "plugins/platforms/libqxcb.so"]),
        ((*BASE, *WAYLAND), ["lib/libQt6WaylandClient.so.6", "plugins/platforms/libqwayland.so"]),
    ],
    ids=["drawing", "xcb", "wayland"],
)  # fmt: skip
def test_the_lists_are_what_the_files_of_qt_say_they_need(listed: tuple[SharedLibrary, ...], files: list[str]) -> None:
    spec = find_spec("PySide6")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "Qt"
    ours = {path.name for path in (folder / "lib").iterdir()}
    runtime = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6"}
    for file in files:
        text = subprocess.run(["readelf", "-d", folder / file], capture_output=True, text=True, check=True).stdout
        needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", text)) - ours - runtime
        assert {name for name in needed if not name.startswith("ld-")} <= {library.file for library in listed}, file


def test_without_a_display_the_window_says_so_and_what_works_without() -> None:
    with pytest.raises(MissingPieceError, match="DISPLAY nor WAYLAND_DISPLAY") as caught:
        require_window(machine())
    assert "scs-sim render" in str(caught.value)
    for platform in ("offscreen:configfile=a.json", "minimal", "vnc:size=800x600"):
        assert require_window(machine(QT_QPA_PLATFORM=platform)) == ""
    require_pictures(machine())


def test_a_platform_that_qt_does_not_have_is_refused() -> None:
    with pytest.raises(MissingPieceError, match="QT_QPA_PLATFORM is 'windows'"):
        require_window(machine(QT_QPA_PLATFORM="windows"))


@linux
def test_a_display_that_nobody_serves_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingPieceError, match=r"':987' \(DISPLAY\) refuses"):
        require_window(machine(DISPLAY=":987"))
    with pytest.raises(MissingPieceError, match="the Wayland display 'wayland-9' cannot be reached"):
        require_window(machine(WAYLAND_DISPLAY="wayland-9", XDG_RUNTIME_DIR=str(tmp_path)))


@linux
def test_a_display_that_never_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "_ANSWER_WITHIN_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1] - 6000  # X over TCP: port 6000 and the number of the display
        with pytest.raises(MissingPieceError, match="does not answer"):
            require_window(machine(DISPLAY=f"127.0.0.1:{number}"))


@linux
def test_where_one_of_two_displays_is_usable_qt_is_told_to_take_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-7"))
        server.listen()
        both = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": ":987"}
        assert require_window(machine(**both)) == "wayland"
        both.pop("DISPLAY")
        assert require_window(machine(**both)) == ""


@pytest.mark.parametrize(("display", "words"), [({}, "no display"), ({"DISPLAY": ":987"}, "':987'")])
@linux
@pytest.mark.skipif(find_spec("PySide6") is None, reason="PySide6 is missing")
def test_the_command_itself_ends_with_six_and_never_aborts(display: dict[str, str], words: str) -> None:
    done = scs_sim("ui", "foot", **display)
    assert (done.returncode, done.stdout) == (6, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


@linux
@pytest.mark.skipif(find_spec("PySide6") is None, reason="PySide6 is missing")
@pytest.mark.parametrize(
    ("platform", "file"),
    [
        ("offscreen", "libglib-2.0.so.0"), ("offscreen", "libEGL.so.1"), ("offscreen", "libGL.so.1"),
        ("offscreen", "libxkbcommon.so.0"), ("offscreen", "libdbus-1.so.3"), ("offscreen", "libfontconfig.so.1"),
        ("xcb", "libxcb-cursor.so.0"), ("xcb", "libxcb-icccm.so.4"), ("xcb", "libxkbcommon-x11.so.0"),
        ("wayland", "libwayland-cursor.so.0"),
    ],
)  # fmt: skip
def test_a_library_that_the_system_s_own_loader_cannot_load_ends_with_six(
    tmp_path: Path, platform: str, file: str
) -> None:
    """An empty file of its name stands before the real one, as after a broken installation: nothing is pretended."""
    (tmp_path / file).touch()
    done = scs_sim("ui", QT_QPA_PLATFORM=platform, DISPLAY=":987", LD_LIBRARY_PATH=str(tmp_path))
    assert done.returncode == 6, done.stderr
    assert file in done.stderr
    assert done.stderr.count("\n") == 1


def test_refused_bindings_are_exactly_those_outside_the_pin() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = map(Requirement, project["optional-dependencies"]["ui"])
    pin = next(item for item in extra if item.name == "PySide6-Essentials")
    versions = ["5.15.2", "6.12.0", "6.12.1", "6.13.0", "7.0.0", "6.8", "6.10"]
    versions += [f"6.{minor}.{patch}" for minor in range(7, 12) for patch in range(5)]
    for version in versions:
        assert (refusal(version) == "") == (version in pin.specifier), version
    assert refusal("soon")
    refused = Machine({}, "linux", str, lambda name: True, lambda package: "6.12.0")
    with pytest.raises(MissingPieceError, match=r"PySide6 6\.12\.0 cannot be used"):
        require_window(refused)


def test_other_systems_bring_their_own_libraries_and_display() -> None:
    for system in ("win32", "darwin"):
        assert require_window(Machine({}, system, int, lambda name: True, lambda package: "6.11.3")) == ""


@pytest.mark.parametrize("library", [*BASE, *XCB], ids=lambda library: library.file)
def test_doctor_finds_each_hidden_library(library: SharedLibrary) -> None:
    found = checkup(machine(library.file, DISPLAY=":987"), lambda name: Asked(FACTS))
    assert not found.ok
    (line,) = [item for item in found.findings if library.file in item.found]
    assert f"apt-get install {library.debian}" in line.cure
    assert f"-> {line.cure}" in found.text()
    assert ("Qt" in {item.name for item in found.findings}) == (library in XCB)


def test_doctor_is_content_where_all_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCS_SIM_CACHE_DIR", "SCS_SIM_STATE_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    asked: list[str] = []

    def ask(name: str) -> Asked:
        asked.append(name)
        return Asked(FACTS)

    found = checkup(machine(QT_QPA_PLATFORM="offscreen", OMP_NUM_THREADS="3", QT_SCALE_FACTOR="1.5"), ask)
    assert found.ok, found.text()
    assert asked == ["offscreen"]
    text = found.text()
    for words in ("1920 x 1080, scale 2", "OMP_NUM_THREADS=3", "QT_SCALE_FACTOR=1.5", "0, 0 MB of at most 4 GB"):
        assert words in text
    assert not (tmp_path / "SCS_SIM_CACHE_DIR").exists()
    assert json.loads(json.dumps(found.document()))["ok"] is True


@pytest.mark.parametrize("environ", [{}, {"DISPLAY": ":987"}])
@linux
def test_doctor_without_a_display_asks_qt_where_it_needs_none(environ: dict[str, str]) -> None:
    asked: list[str] = []

    def ask(name: str) -> Asked:
        asked.append(name)
        return Asked(FACTS)

    found = {item.name: item for item in checkup(machine(**environ), ask).findings}
    assert asked == ["offscreen"]
    assert not found["display"].ok
    assert found["Qt"].ok


def test_doctor_tells_a_qt_that_dies_no_fonts_and_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(blocked))
    monkeypatch.setattr("scs_ui.doctor._existing", lambda folder: folder)
    here = machine(QT_QPA_PLATFORM="offscreen")
    monkeypatch.setattr("shutil.disk_usage", lambda folder: shutil._ntuple_diskusage(10, 9, 1))
    found = {item.name: item for item in checkup(here, lambda name: Asked(None, "exit code 134: aborted")).findings}
    assert "134" in found["Qt"].found
    assert not found["Qt"].ok
    assert "SCS_SIM_STATE_DIR" in found["state folder"].cure
    assert not found["free disk space"].ok
    found = {item.name: item for item in checkup(here, lambda name: Asked({**FACTS, "font_families": 0})).findings}
    assert "fonts-dejavu-core" in found["fonts"].cure


def test_doctor_names_no_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCS_SIM_STATE_DIR", raising=False)
    assert str(Path.home()) + os.sep not in checkup(machine(), lambda name: Asked(FACTS)).text()


def test_the_doctor_s_exit_code_and_document() -> None:
    done = scs_sim("doctor", "--json", hide=EXTRA)
    document = json.loads(done.stdout)
    assert done.returncode == 6
    assert document["ok"] is False
    assert all(set(item) == {"name", "found", "cure", "ok"} for item in document["findings"])
    assert {"Python", "system", "processors", "BLAS threads", "kernels", "cache folder", "free disk space"} <= {
        item["name"] for item in document["findings"]
    }


def test_a_command_of_another_package_that_cannot_be_loaded_spoils_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {
        "gone": EntryPoint("gone", "no_such_module:command", extensions.ENTRY_POINTS),
        "odd": EntryPoint("odd", "json:dumps", extensions.ENTRY_POINTS),
        "cases": EntryPoint("cases", "no_such_module:command", extensions.ENTRY_POINTS),
    }
    monkeypatch.setattr(extensions, "_found", lambda: points)
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert text.count("Cannot be loaded") == 2
    for name, why in (("gone", "no_such_module"), ("odd", "json:dumps is no click command")):
        assert main([name]) == 6
        assert why in capsys.readouterr().err
    assert main(["cases"]) == 0
    assert main(["nothing"]) == 2
