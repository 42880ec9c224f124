"""An exam as it is held: the instructor's side in its own process, trainees on the line, and whoever else knocks."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "sim"))
from training_helpers import NO_WAIT
from training_path import PATH, noisy_case, undisturbed

from scs_models import files
from scs_models.errors import InUseError, InvalidFileError, InvalidValueError, ScsError
from scs_sim.training.exam_client import LostConnectionError, ask
from scs_sim.training.exam_room import ExamRoom, exam_record
from scs_sim.training.exam_wire import REQUEST_BYTES, VERSION, address_of, is_loopback
from scs_sim.training.record import recorded, recorded_sessions
from scs_sim.training.seal import ExamContent, SealedCase, sealed, unsealed
from scs_sim.training.session import Session, patient_of, resume, start_exam

pytestmark = pytest.mark.slow
PASSPHRASE = "a passphrase of the tests"
SEED = 0x3F1C_66A0_9D2B_4E55
TRAINEES = ("amy", "bo", "cy", "dee", "eve", "fay", "gus")


@dataclass
class Exam:
    """A running exam: its process, where it is, the tokens, and the sealed file."""

    process: subprocess.Popen[str]
    address: str
    tokens: dict[str, str]
    file: Path
    name: str
    environment: dict[str, str]

    def sit(self, trainee: str, folder: Path) -> Session:
        """Return the session of a trainee whose record is in `folder`."""
        return start_exam(self.address, self.tokens[trainee], folder=folder)


def scs_sim(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Return what the command line does in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "scs_sim", *words],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def invigilate(file: Path, folder: Path, *words: str) -> Exam:
    """Begin to hold the exam in `file`; the instructor's state is in `folder`."""
    environment = os.environ | {"SCS_SIM_STATE_DIR": str(folder), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "scs_sim", "train", "invigilate", str(file), "--json", *words]
    process = subprocess.Popen(
        [*command, "--passphrase-file", str(file.with_name("secret")), "--log-file", str(folder / "log.txt")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
    )
    assert process.stdout is not None
    lines = ""
    while not lines.endswith("}\n") or lines.count("{") > lines.count("}"):
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        lines += line
    document = json.loads(lines)
    return Exam(process, document["address"], document["tokens"], file, document["exam"], dict(environment))


def stop(exam: Exam) -> None:
    """Kill the instructor's side."""
    exam.process.kill()
    exam.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exam]:
    """Give an exam of noisy_case that is held throughout this module."""
    if find_spec("cryptography") is None:
        message = "exams left out: install them with: python -m pip install -e '.[exam]'"
        (pytest.fail if os.environ.get("SCS_SIM_REQUIRE_EXAM") == "1" else pytest.skip)(message)
    folder = tmp_path_factory.mktemp("prüfung hier")
    file = folder / "exam.sealed"
    files.write_text(file, files.json_text(sealed(noisy_case(), SEED, PASSPHRASE, work=2**14)))
    (folder / "secret").write_text(PASSPHRASE, encoding="utf-8")
    held = invigilate(file, folder, *(word for name in TRAINEES for word in ("--trainee", name)))
    yield held
    stop(held)


@pytest.fixture(scope="module")
def eve(exam: Exam, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a trainee who sits and has read the referral."""
    folder = tmp_path_factory.mktemp("eve")
    exam.sit("eve", folder).act("read", {"item": "referral"})
    return folder


def content_of(exam: Exam) -> ExamContent:
    return unsealed(files.read_value(SealedCase, exam.file), PASSPHRASE, "exam")


def played(session: Session, path: tuple[tuple[str, dict[str, Any]], ...] = PATH) -> list[Any]:
    return [files.encode(session.act(name, parameters).outcome) for name, parameters in path]


def test_several_trainees_at_once_meet_the_patient_that_was_sealed(exam: Exam, tmp_path: Path) -> None:
    names = ("amy", "bo", "cy")
    with ThreadPoolExecutor(len(names)) as pool:
        sessions = [exam.sit(name, tmp_path / name) for name in names]
        found = list(pool.map(played, sessions))
    assert found == [undisturbed(noisy_case(), SEED)] * len(names)  # no record, no line, no other process
    for name, session in zip(names, sessions, strict=True):
        copy = recorded(session.id, "trainee", tmp_path / name)
        kept, side = exam_record(exam.name, content_of(exam), name, _records(exam))
        assert [files.encode(event.outcome) for event in kept.events] == found[0]
        assert [files.encode(event.outcome) for event in copy.events] == found[0]
        assert side.situation.finished
        assert side.hidden.patient.cord_offset_mm == 0.73159  # what the instructor's debrief tells
        with pytest.raises(InvalidValueError, match="finished"):
            session.act("read", {"item": "referral"})


def test_the_instructor_opens_the_debrief_and_nobody_else(exam: Exam, tmp_path: Path) -> None:
    session = exam.sit("gus", tmp_path / "training")
    session.act("read", {"item": "referral"})
    words = ("train", "report", "gus", "--sealed", str(exam.file), "--passphrase-file")
    early = scs_sim(exam.environment, *words, str(exam.file.with_name("secret")))
    assert (early.returncode, early.stdout) == (2, "")
    assert "goes on" in early.stderr
    session.act("decline", {"reason": "infection"})
    (tmp_path / "other").write_text("another passphrase", encoding="utf-8")
    assert scs_sim(exam.environment, *words, str(tmp_path / "other")).returncode == 3
    trainee = exam.environment | {"SCS_SIM_STATE_DIR": str(tmp_path)}
    own = scs_sim(trainee, "train", "report", session.id)
    assert (own.returncode, own.stdout) == (2, "")
    assert "the instructor's side answers and opens it" in own.stderr
    done = scs_sim(exam.environment, *words, str(exam.file.with_name("secret")), "--json")
    assert done.returncode == 0, done.stderr
    assert "0.73159" in done.stdout  # the cord's offset


def test_the_trainees_side_holds_nothing_but_what_was_said(exam: Exam, tmp_path: Path) -> None:
    session = exam.sit("dee", tmp_path)
    played(session, PATH[:12])
    assert session.head.seed is None
    with pytest.raises(InvalidValueError, match="an exam's; the instructor's side"):
        patient_of(recorded(session.id, "trainee", tmp_path))
    names = sorted(path.name.split("-")[0] for path in tmp_path.iterdir())
    assert set(names) <= {"exam", "trainee.journal", "trainee.journal_wal", "trainee.journal_shm"}
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir()).decode("utf-8", "replace")
    for secret in (
        str(SEED),
        hex(SEED)[2:],
        "0.73159",
        "1.13579",
        "3.46813",
        "0.53717",
        "0.41357",
        "hiding",
        "cord_offset",
    ):
        assert secret not in held
    assert exam.tokens["dee"] not in held  # used up; what it was is of no use either
    kept = b"".join(path.read_bytes() for path in _records(exam).iterdir()).decode("utf-8", "replace")
    (own,) = tmp_path.glob("exam-*.json")
    for secret in (json.loads(own.read_text())["key"], exam.tokens["dee"], str(SEED), PASSPHRASE, "cord_offset"):
        assert secret not in kept
    if os.name == "posix":
        assert own.stat().st_mode & 0o077 == 0


def test_a_token_is_used_up_by_whoever_comes_first(exam: Exam, eve: Path, tmp_path: Path) -> None:
    first, again = exam.sit("eve", eve), exam.sit("eve", eve)  # the same place, as after a crash
    assert (again.id, again.events) == (first.id, first.events)
    assert len(recorded_sessions("trainee", eve)) == 1
    with pytest.raises(InvalidValueError, match="used by somebody else"):
        exam.sit("eve", tmp_path / "mallory")
    for token in ("x", exam.tokens["eve"][:-1], exam.tokens["eve"] + "=", "ü" * 43):
        with pytest.raises(InvalidValueError, match="is not one of the exam"):
            start_exam(exam.address, token, folder=tmp_path / "mallory")


def request(exam: Exam, folder: Path, **more: Any) -> dict[str, Any]:
    """Return what is answered to a request with the key of the seat in `folder`."""
    (own,) = folder.glob("exam-*.json")
    return ask(exam.address, {"key": json.loads(own.read_text())["key"], **more})


def test_an_answer_that_was_lost_is_heard_again_and_given_once(exam: Exam, tmp_path: Path) -> None:
    session = exam.sit("fay", tmp_path)
    played(session, PATH[:6])
    ramp = {"do": "act", "serial": 7, "action": "amplitude", "parameters": {"to_ma": 3.0}}
    first = request(exam, tmp_path, **ramp)  # the trainee's side died before it had put this on record
    assert len(recorded(session.id, "trainee", tmp_path).events) == 6
    assert request(exam, tmp_path, **ramp) == first
    assert session.act("amplitude", {"to_ma": 3.0}).outcome.data == first["event"]["data"]
    with pytest.raises(InUseError, match="has been done in another window"):
        request(exam, tmp_path, **{**ramp, "parameters": {"to_ma": 2.0}})
    with pytest.raises(InUseError, match="cannot follow"):
        request(exam, tmp_path, **{**ramp, "serial": 9})
    request(exam, tmp_path, do="act", serial=8, action="ask", parameters={"about": "where"})
    caught_up = resume(session.id, folder=tmp_path)
    assert [event.serial for event in caught_up.events] == list(range(1, 9))
    assert caught_up.situation == resume(session.id, folder=tmp_path).situation
    played(caught_up, PATH[8:])
    kept, _ = exam_record(exam.name, content_of(exam), "fay", _records(exam))
    assert [files.encode(event.outcome) for event in kept.events] == undisturbed(noisy_case(), SEED)


def knock(exam: Exam, data: bytes, close: bool = False) -> bytes:
    """Return what is answered to bytes."""
    with socket.create_connection(address_of(exam.address), 10.0) as line:
        line.settimeout(30.0)
        try:
            line.sendall(data)
            if close:
                return b""
            with line.makefile("rb") as stream:
                return stream.read()
        except ConnectionError:
            return b""


def test_whatever_knocks_the_exam_goes_on(exam: Exam, eve: Path) -> None:
    token = {"version": VERSION, "do": "sit", "token": "x", "key": "y"}
    for data in (
        b"\n", b"GET / HTTP/1.1\r\n\r\n", b"\x00\xff\xfe\n", b"[]\n", b"{}\n", b"null\n", b"1e999\n", b'"a"\n',
        b"[" * 60_000 + b"\n", b'{"version": 1' + b"0" * 5000 + b"}\n", b'{"version": 1, "version": 1}\n',
        json.dumps(token).encode() + b"\n",
        json.dumps({**token, "do": "act"}).encode() + b"\n",
        json.dumps({**token, "do": "rm"}).encode() + b"\n",
        json.dumps({**token, "key": "k" * 300}).encode() + b"\n",
        json.dumps({**token, "key": ["k"]}).encode() + b"\n",
        json.dumps({**token, "token": "\ud800" * 40, "key": "\ud800" * 40}).encode() + b"\n",
        b"x" * (REQUEST_BYTES + 10) + b"\n",
        b"x" * (3 * REQUEST_BYTES),
    ):  # fmt: skip
        answer = knock(exam, data)
        if answer:
            said = json.loads(answer)
            assert set(said) == {"error", "kind"}
            assert said["kind"] == "value"
            assert len(said["error"]) < 300
    for data in (b"", b'{"version"', json.dumps(token).encode() + b"\n"):
        knock(exam, data, close=True)
    session = exam.sit("eve", eve)
    for bad in (
        {"serial": -1}, {"serial": 0}, {"serial": True}, {"serial": 10**400}, {"serial": "1"}, {"serial": None},
        {"action": 3}, {"action": "fly"}, {"parameters": []}, {"parameters": {"item": None}},
        {"parameters": {"item": {"a": [1]}}}, {"parameters": {"item": "x" * 50_000}},
    ):  # fmt: skip
        asked = {"do": "act", "serial": len(session.events) + 1, "action": "read", "parameters": {"item": "history"}}
        with pytest.raises((InvalidValueError, InUseError)):
            request(exam, eve, **{**asked, **bad})
    for after in (-1, 10**6, "x", None):
        with pytest.raises(InvalidValueError):
            request(exam, eve, do="events", after=after)
    lines = [socket.create_connection(address_of(exam.address), 10.0) for _ in range(120)]  # that say nothing
    try:
        assert session.act("read", {"item": "history"}).outcome.done
    finally:
        for line in lines:
            line.close()
    assert exam.process.poll() is None
    log = (exam.file.parent / "log.txt").read_text(encoding="utf-8")
    assert "Traceback" not in log
    for secret in ("0.73159", str(SEED), "cord_offset", PASSPHRASE):
        assert secret not in log


@pytest.fixture
def own_exam(exam: Exam, tmp_path: Path) -> Iterator[list[Exam]]:
    """Give a list for exams of one test alone; what is in it is stopped."""
    (tmp_path / "secret").write_text(PASSPHRASE, encoding="utf-8")
    files.write_text(tmp_path / "a b.sealed", exam.file.read_text(encoding="utf-8"))
    running: list[Exam] = []
    yield running
    for one in running:
        stop(one)


def test_the_line_breaks_and_nothing_is_lost(own_exam: list[Exam], tmp_path: Path) -> None:
    """The instructor's side is killed in the middle; by the command line alone, as trainees use it."""
    held = invigilate(tmp_path / "a b.sealed", tmp_path, "--trainee", "kim")
    own_exam.append(held)
    trainee = os.environ | {"SCS_SIM_STATE_DIR": str(tmp_path / "kim's")}
    begun = scs_sim(trainee, "train", "start", "--exam", held.address, "--token", held.tokens["kim"], "--json")
    session = json.loads(begun.stdout)["session"]
    assert json.loads(begun.stdout)["mode"] == "exam"
    act = ("train", "act", session, "place-lead", "lead_type=quad-7mm", "tip_level=T10", "x_mm=-1")
    assert scs_sim(trainee, *act).returncode == 0
    words = ("train", "invigilate", str(held.file), "--passphrase-file", str(tmp_path / "secret"))
    second = scs_sim(held.environment, *words)
    assert (second.returncode, second.stderr.count("\n")) == (1, 1)  # the same exam cannot be held twice
    assert "in use" in second.stderr

    stop(held)
    lost = scs_sim(trainee, "train", "act", session, "xray")
    assert (lost.returncode, lost.stdout, lost.stderr.count("\n")) == (1, "", 1)
    assert "nothing is lost" in lost.stderr
    assert json.loads(scs_sim(trainee, "train", "status", session, "--json").stdout)["serial"] == 1

    again = invigilate(tmp_path / "a b.sealed", tmp_path)
    own_exam[:] = [again]
    assert (again.address, again.tokens) == (held.address, {})
    done = scs_sim(trainee, "train", "act", session, "xray", "--json")
    assert done.returncode == 0, done.stderr
    expected = undisturbed(noisy_case(), SEED, (PATH[2], ("xray", {})))
    assert json.loads(done.stdout)["event"]["data"] == expected[-1]["data"]
    shown = scs_sim(trainee, "train", "resume", session)
    assert "quad-7mm" in shown.stdout
    report = scs_sim(trainee, "train", "replay", session, "--json")
    assert len(json.loads(report.stdout)["events"]) == 2


def test_only_this_machine_unless_asked_for(exam: Exam, tmp_path: Path) -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost"):
        assert is_loopback(host)
    for host in ("0.0.0.0", "::", "192.168.1.2", "example.org"):
        assert not is_loopback(host)
    words = ("train", "invigilate", str(exam.file), "--listen", "0.0.0.0:0", "--trainee", "kim")
    done = scs_sim(exam.environment, *words, "--passphrase-file", str(exam.file.with_name("secret")))
    assert (done.returncode, done.stdout) == (2, "")
    assert "not encrypted" in done.stderr
    assert exam.address.startswith("127.0.0.1:")


def test_a_start_without_a_token_asks_on_a_terminal_alone(exam: Exam) -> None:
    done = scs_sim(exam.environment, "train", "start", "--exam", exam.address)
    assert (done.returncode, done.stdout) == (2, "")
    assert "give --token TOKEN" in done.stderr
    for words in (("--exam", exam.address, "foot"), ("--token", "x", "foot"), ()):
        assert scs_sim(exam.environment, "train", "start", *words).returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that interrupts one process alone")
def test_an_interrupted_exam_says_that_it_can_go_on(own_exam: list[Exam], tmp_path: Path) -> None:
    held = invigilate(tmp_path / "a b.sealed", tmp_path, "--trainee", "kim")
    own_exam.append(held)
    held.process.send_signal(signal.SIGINT)
    _, errors = held.process.communicate(timeout=60)
    assert held.process.returncode == 130
    assert "its record kept" in errors
    assert "Traceback" not in errors


def test_addresses_and_silent_lines_are_said_in_words(tmp_path: Path) -> None:
    for address in ("", "here", "127.0.0.1:", ":80", "127.0.0.1:x", "127.0.0.1:99999"):
        with pytest.raises(InvalidValueError, match="HOST:PORT"):
            start_exam(address, "token", folder=tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        with pytest.raises(LostConnectionError, match="cannot be reached"):
            start_exam(f"127.0.0.1:{taken.getsockname()[1]}", "token", folder=tmp_path)
    with pytest.raises(LostConnectionError, match="cannot be reached"):
        start_exam("no.such.host.invalid:80", "token", folder=tmp_path)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"{}\n", b'{"opening": 3}\n', b'{"wait": 1}']
)
def test_something_else_at_the_address_is_said_in_words(answer: bytes, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

        def other() -> None:
            line, _ = server.accept()
            with line:
                line.recv(REQUEST_BYTES)
                line.sendall(answer)

        pending = pool.submit(other)
        with pytest.raises((ScsError, InvalidFileError)):
            start_exam(f"127.0.0.1:{server.getsockname()[1]}", "token", folder=tmp_path)
        pending.result(timeout=30)
    assert recorded_sessions("trainee", tmp_path) == ()


def test_a_seat_whose_key_is_gone_is_said_in_words(exam: Exam, eve: Path) -> None:
    session = exam.sit("eve", eve)
    (own,) = eve.glob("exam-*.json")
    text = own.read_text(encoding="utf-8")
    own.unlink()
    with pytest.raises(InvalidFileError, match="only the instructor can give the seat back"):
        resume(session.id, folder=eve)
    own.write_text(text, encoding="utf-8")


def test_two_rooms_of_one_exam_keep_each_other_out(exam: Exam, tmp_path: Path) -> None:
    with pytest.raises(InUseError):
        ExamRoom(exam.name, content_of(exam), _records(exam), NO_WAIT)
    room = ExamRoom("f" * 16, content_of(exam), tmp_path / "room", NO_WAIT)
    for names in (("Kim", "kim"), ("../kim",), ("",)):
        with pytest.raises(InvalidValueError):
            room.tokens(names)
    if os.name == "posix":
        assert (tmp_path / "room").stat().st_mode & 0o077 == 0
    first = room.tokens(("kim",))
    with pytest.raises(InvalidValueError, match="there is 'kim' already"):
        room.tokens(("KIM",))
    second = room.tokens(())
    assert set(first) == set(second) == {"kim"}
    with pytest.raises(InvalidValueError):
        room.sit(first["kim"], "k" * 43)  # a new token ends the old one
    room.sit(second["kim"], "k" * 43)
    assert room.tokens(("kim",)) == {}
    room.close()
    again = ExamRoom("f" * 16, content_of(exam), tmp_path / "room", NO_WAIT)
    assert again.seated() == ("kim",)
    assert again.seat("k" * 43).trainee == "kim"
    again.close()


def _records(exam: Exam) -> Path:
    return Path(exam.environment["SCS_SIM_STATE_DIR"]) / "exams" / exam.name
