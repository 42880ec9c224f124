"""The wheel, built and installed into an environment of its own in a folder with blanks and non-ASCII letters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def run(*command: str | os.PathLike[str], cwd: Path, code: int = 0) -> str:
    hidden = {"PYTHONPATH", "VIRTUAL_ENV"}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [os.fspath(part) for part in command],
        cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout if code == 0 else done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("Rückenmark und Programm λ")


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """Build the wheel with an environment of pip's own for the build, as a user's pip would."""
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(folder: Path, wheel: Path) -> Path:
    """Install the wheel, without the checkout; its libraries are those of the running environment, by a .pth file."""
    place = folder / "eine Umgebung"
    venv.create(place, with_pip=True, symlinks=os.name != "nt")
    scripts = place / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    # The last in sys.path, and its own .pth files are not read: the editable checkout stays out of sight.
    (Path(site) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return scripts


def test_the_wheel_is_pure_python_with_every_data_file_and_nothing_else(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for source, package in (
        (ROOT / "scs_sim", "scs_sim"),
        (ROOT / "models" / "scs_models", "scs_models"),
        (ROOT / "ui" / "scs_ui", "scs_ui"),
    ):
        for file in source.rglob("*"):
            inside = f"{package}/{file.relative_to(source).as_posix()}"
            if file.is_file() and file.suffix not in (".pyc", ".npy") and "__pycache__" not in inside:
                assert inside in names, inside
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"scs_sim", "scs_models", "scs_ui"}
    assert not [name for name in names if name.endswith((".npy", ".npz", ".so", ".pyd", ".pyc")) or "/tests/" in name]
    assert sum(item.file_size for item in zipfile.ZipFile(wheel).infolist()) < 20e6
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_what_runs_is_the_installed_package(installed, folder):
    found = run(installed / "python", "-c", "import scs_sim, scs_models; print(scs_sim.__file__)", cwd=folder)
    assert "eine Umgebung" in found


def test_the_installed_command_tells_its_version_and_its_cases(installed, folder):
    import scs_sim

    assert scs_sim.__version__ in run(installed / "scs-sim", "--version", cwd=folder)
    cases = json.loads(run(installed / "scs-sim", "cases", "--json", cwd=folder))["cases"]
    assert {"id", "title"} <= set(cases[0])
    assert len(cases) >= 6


@pytest.fixture(scope="module")
def without_extra(folder: Path, installed: Path) -> Iterator[Path]:
    """Hide the desktop app's libraries from the installed environment, as if the extra `ui` had not been asked for."""
    site = run(installed / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    hide = Path(site) / "a_no_extra.pth"
    names = ("PySide6", "shiboken6", "pyqtgraph", "contourpy")
    hide.write_text(f"import sys; sys.modules.update(dict.fromkeys({names!r}))\n", encoding="utf-8")
    yield installed
    hide.unlink()


def test_without_the_extra_the_commands_stand_in_the_help_and_end_with_one_sentence(without_extra, folder):
    text = run(without_extra / "scs-sim", "--help", cwd=folder)
    assert all(f"\n  {name} " in text for name in ("ui", "render", "doctor"))
    for words in (("scs-sim", "ui"), ("scs-sim", "render", "foot", "-o", "a.png"), ("scs-sim-ui",)):
        said = run(without_extra / words[0], *words[1:], cwd=folder, code=6)
        assert said.count("\n") == 1
        assert 'pip install "scs-sim[ui]"' in said


def test_without_the_extra_the_doctor_works_and_names_it(without_extra, folder):
    document = json.loads(run(without_extra / "scs-sim", "doctor", "--json", cwd=folder, code=6))
    (line,) = [item for item in document["findings"] if item["name"] == "desktop app"]
    assert 'pip install "scs-sim[ui]"' in line["cure"]
