"""The kernel store: what was built is found again, whole; damage, interruption and full disks cost time only."""

from __future__ import annotations

import importlib
import itertools
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from scs_models.errors import InvalidFileError, InvalidValueError, MissingPieceError, ScsError
from scs_sim import store as store_module
from scs_sim.kernel_file import write_kernel
from scs_sim.processes import default_workers
from scs_sim.store import KernelStore

HERE = Path(__file__).parent
BIG = 10**9


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(HERE))
    return importlib.import_module("kernel_jobs")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.txt"
    path.touch()
    return path


def lines(log: Path, word: str) -> list[str]:
    return [line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith(word)]


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.suffix != ".npy"]


def start(folder: Path, log: Path, seconds: float, workers: int, keys: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(HERE / "kernel_jobs.py"), str(folder), str(log), str(seconds), str(workers), keys]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), *filter(None, sys.path)])}
    return subprocess.Popen(command, env=environment)


def wait_for(log: Path, word: str, count: int) -> None:
    for _ in range(1200):
        if len(lines(log, word)) >= count:
            return
        time.sleep(0.05)
    raise AssertionError(f"{word} was not written {count} times: {log.read_text(encoding='utf-8')}")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"


def test_built_once_then_mapped_read_only(tmp_path: Path, jobs: ModuleType, log: Path) -> None:
    wanted = [jobs.Job(key, str(log)) for key in ("a1", "b2", "a1")]
    for _ in range(2):
        maps = KernelStore(tmp_path / "cache", BIG).load(wanted, workers=1)
        for array, job in zip(maps, wanted, strict=True):
            np.testing.assert_array_equal(array, jobs.value_of(job.key))
            assert isinstance(array, np.memmap)
            assert array.dtype == np.float32
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1.0
    assert len(lines(log, "start")) == 2
    assert leftovers(tmp_path / "cache") == []


def test_parallel_workers_give_the_same_in_order_with_one_blas_thread(
    tmp_path: Path, jobs: ModuleType, log: Path
) -> None:
    keys = ["1", "22", "303", "4"]
    said: list[tuple[float, str]] = []
    folder = tmp_path / "blank and \N{GREEK SMALL LETTER MU}m"
    maps = KernelStore(folder, BIG).load(
        [jobs.Job(key, str(log), 0.3) for key in keys], workers=2, progress=lambda done, what: said.append((done, what))
    )
    for key, array in zip(keys, maps, strict=True):
        np.testing.assert_array_equal(array, jobs.value_of(key))
    notes = lines(log, "end")
    assert len(notes) == 4
    assert {note.split()[3] for note in notes} == {"1"}
    assert str(os.getpid()) not in {note.split()[2] for note in notes}
    fractions = [done for done, _ in said]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert said[-1] == (1.0, "4 of 4 kernels built")
    assert len(fractions) > 6
    changes = sum(before != after for (_, before), (_, after) in itertools.pairwise(said))
    assert changes == 4


def test_a_single_kernel_too_is_built_with_one_blas_thread(tmp_path: Path, jobs: ModuleType, log: Path) -> None:
    KernelStore(tmp_path, BIG).load([jobs.Job("a", str(log))])
    (note,) = lines(log, "end")
    assert note.split()[3] == "1"


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "foreign", "trailer"])
def test_damaged_kernel_is_removed_and_built_again(
    tmp_path: Path, jobs: ModuleType, log: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = jobs.Job("abc", str(log))
    KernelStore(tmp_path / "c", BIG).load([job])
    path = tmp_path / "c" / "abc.npy"
    data = path.read_bytes()
    position = len(data) // 2
    path.write_bytes(
        {
            "flip": data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :],
            "cut": data[:-1],
            "empty": b"",
            "foreign": b"not a kernel at all, but long enough to hold a trailer",
            "trailer": data[:-10] + b"0" * 10,
        }[damage]
    )
    with caplog.at_level(logging.WARNING):
        array = KernelStore(tmp_path / "c", BIG).load([job])[0]
    np.testing.assert_array_equal(array, jobs.value_of("abc"))
    assert len(lines(log, "start")) == 2
    assert "damaged" in caplog.text


def test_every_flipped_byte_and_every_cut_is_noticed(tmp_path: Path, jobs: ModuleType, log: Path) -> None:
    KernelStore(tmp_path, BIG).load([jobs.Job("abc", str(log))])
    path = tmp_path / "abc.npy"
    data = path.read_bytes()
    title = data.index(b"test abc")
    positions = list({*range(0, len(data), 37), *range(128), *range(len(data) - 90, len(data))})
    for position in positions:
        if title <= position < title + len(b"test abc"):
            continue  # the title is for people and is not part of the checksum
        path.write_bytes(data[:position] + bytes([data[position] ^ 255]) + data[position + 1 :])
        assert store_module.read_kernel(path) is None, f"byte {position} of {len(data)}"
        path.write_bytes(data[:position])
        assert store_module.read_kernel(path) is None, f"cut at {position}"


def test_directory_that_cannot_be_used_means_memory_and_one_warning(
    tmp_path: Path, jobs: ModuleType, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    store = KernelStore(tmp_path / "file" / "cache", BIG)
    for _ in range(2):
        maps = store.load([jobs.Job(key, str(log)) for key in ("a", "b")], workers=2)
        np.testing.assert_array_equal(maps[1], jobs.value_of("b"))
        assert not maps[0].flags.writeable
    assert len(lines(log, "start")) == 2
    assert caplog.text.count("kept in memory") == 1
    assert store.entries() == []
    assert store.clear() == 0


def test_kernel_that_cannot_be_written_is_kept_in_memory(
    tmp_path: Path, jobs: ModuleType, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "c" / "a.npy" / "in the way").mkdir(parents=True)
    array = KernelStore(tmp_path / "c", BIG).load([jobs.Job("a", str(log))])[0]
    np.testing.assert_array_equal(array, jobs.value_of("a"))
    assert "kept in memory" in caplog.text
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["a.npy"]


def test_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scs_sim.kernel_file.os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_kernel(tmp_path / "a.npy", np.zeros((2, 3), np.float32), "title", "token")
    assert list(tmp_path.iterdir()) == []


def test_least_recently_used_goes_first(tmp_path: Path, jobs: ModuleType, log: Path) -> None:
    def job(key: str) -> object:
        return jobs.Job(key, str(log))

    one = KernelStore(tmp_path, BIG)
    one.load([job("a")])
    size = one.entries()[0].size_bytes
    store = KernelStore(tmp_path, int(3.5 * size))
    store.load([job("b"), job("c")])
    for age, key in enumerate("cba"):
        os.utime(tmp_path / f"{key}.npy", (time.time() - 100 - age, time.time() - 100 - age))
    store.load([job("a")])
    store.load([job("d")])
    assert {entry.key for entry in store.entries()} == {"a", "c", "d"}
    assert store.entries()[0].key == "d"
    KernelStore(tmp_path, 0).load([job("e"), job("f")])
    assert {entry.key for entry in store.entries()} == {"e", "f"}


def test_entries_say_what_is_there_and_clear_removes_it(tmp_path: Path, jobs: ModuleType, log: Path) -> None:
    store = KernelStore(tmp_path / "c", BIG)
    assert store.entries() == []
    array = store.load([jobs.Job("a", str(log))])[0]
    (entry,) = store.entries()
    assert (entry.key, entry.title, entry.shape) == ("a", "test a", (4, 5, 60))
    assert store.has("a")
    assert store.clear() == entry.size_bytes
    assert store.entries() == []
    assert not store.has("a")
    np.testing.assert_array_equal(array, jobs.value_of("a"))


def test_exception_of_a_job_reaches_the_caller_and_the_others_stay(tmp_path: Path, jobs: ModuleType, log: Path) -> None:
    store = KernelStore(tmp_path / "c", BIG)
    wanted = [jobs.Job("a", str(log)), jobs.Job("b", str(log), 0.5, "raises")]
    for workers in (1, 2):
        with pytest.raises((InvalidFileError, ScsError), match=r"a\.toml: is wrong"):
            store.load(wanted, workers=workers)
    assert [entry.key for entry in store.entries()] == ["a"]
    assert leftovers(tmp_path / "c") == []


def test_worker_that_dies_is_an_error_in_words(tmp_path: Path, jobs: ModuleType, log: Path) -> None:
    with pytest.raises(ScsError, match=r"exit code 7.*SCS_SIM_WORKERS=1"):
        KernelStore(tmp_path / "c", BIG).load(
            [jobs.Job("a", str(log), 0.0, "dies"), jobs.Job("b", str(log), 0.0, "dies")], workers=2
        )


def test_key_that_is_no_hash_is_refused(tmp_path: Path, jobs: ModuleType, log: Path) -> None:
    for key in ("", "../../etc", "XYZ"):
        with pytest.raises(InvalidValueError, match="hexadecimal"):
            KernelStore(tmp_path, BIG).load([jobs.Job(key, str(log))])


def test_two_processes_build_a_kernel_once(tmp_path: Path, log: Path) -> None:
    both = [start(tmp_path / "c", log, 2.0, workers, "a,b") for workers in (1, 2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert len(lines(log, "start")) == 2
    assert leftovers(tmp_path / "c") == []


def test_script_without_main_guard_and_script_from_standard_input_can_load(tmp_path: Path, log: Path) -> None:
    code = (
        "import sys, kernel_jobs, scs_sim.store as s\n"
        "jobs = [kernel_jobs.Job(k, sys.argv[1]) for k in ('a', 'b')]\n"
        "print(len(s.load(jobs, workers=2)), 'loaded')\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code, encoding="utf-8")
    for name, command in (("one", [str(script)]), ("two", ["-"])):
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(HERE), *filter(None, sys.path)]),
            "SCS_SIM_CACHE_DIR": str(tmp_path / name),
        }
        done = subprocess.run(
            [sys.executable, *command, str(log)],
            input=code if command == ["-"] else None,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "2 loaded\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="looks at processes the POSIX way")
@pytest.mark.parametrize("how", ["kill", "interrupt"])
def test_ended_during_build_the_store_stays_usable_and_no_process_stays(
    tmp_path: Path, jobs: ModuleType, log: Path, how: str
) -> None:
    process = start(tmp_path / "c", log, 1.0, 2, "1,2,3,4,5,6")
    wait_for(log, "start", 3)
    process.send_signal(signal.SIGKILL if how == "kill" else signal.SIGINT)
    assert process.wait(60) == (-signal.SIGKILL if how == "kill" else 130)
    workers = {int(line.split()[2]) for line in lines(log, "start")}
    for _ in range(200):
        if not any(is_running(pid) for pid in workers):
            break
        time.sleep(0.05)
    assert not any(is_running(pid) for pid in workers)
    if how == "interrupt":
        assert not [name for name in leftovers(tmp_path / "c") if name.endswith(".tmp")]
    finished = {line.split()[1] for line in lines(log, "end")}
    assert finished
    before = len(lines(log, "start"))
    maps = KernelStore(tmp_path / "c", BIG).load([jobs.Job(key, str(log)) for key in "123456"], workers=1)
    for key, array in zip("123456", maps, strict=True):
        np.testing.assert_array_equal(array, jobs.value_of(key))
    assert len(lines(log, "start")) - before <= 6 - len(finished) + 1


def test_environment_chooses_directory_limit_and_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCS_SIM_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("SCS_SIM_CACHE_LIMIT_GB", "0.5")
    monkeypatch.setenv("SCS_SIM_WORKERS", "3")
    assert store_module.default_store().directory == tmp_path
    assert store_module.default_store().limit_bytes == 500_000_000
    assert default_workers() == 3
    for name, call in (
        ("SCS_SIM_CACHE_LIMIT_GB", store_module.default_store),
        ("SCS_SIM_WORKERS", default_workers),
    ):
        for bad in ("many", "-1", "nan", "\N{SUPERSCRIPT TWO}"):
            monkeypatch.setenv(name, bad)
            with pytest.raises(MissingPieceError, match=name):
                call()
    monkeypatch.delenv("SCS_SIM_CACHE_DIR")
    monkeypatch.setenv("SCS_SIM_CACHE_LIMIT_GB", "")
    assert store_module.default_store().limit_bytes == 4 * 10**9
    assert "scs-sim" in str(store_module.default_store().directory)
