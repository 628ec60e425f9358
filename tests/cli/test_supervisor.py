"""Processes start together, say how they ended, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.supervisor import Program, Supervisor, programs

WITHIN = 10.0
PYTHON = sys.executable


def eventually(check: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.02)
    return False


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def program(name: str, code: str) -> Program:
    script = f"{PYTHON} -uc '{code}'"
    return Program(name, script, dict(os.environ))


def says(supervisor: Supervisor, name: str, word: str) -> bool:
    return eventually(lambda: word in supervisor.last_lines(name))


LIVES = 'import time; print("up"); time.sleep(60)'
STUBBORN = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print("up"); time.sleep(60)'
LAST_WORD = """
import signal, sys, time
def leave(*_):
    open(sys.argv[1], "a").write(sys.argv[2])
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("up")
time.sleep(60)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    return Supervisor(tmp_path / "log")


def test_a_procfile_is_counted_out_and_every_process_gets_our_environment(tmp_path: Path) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text("web: serve\nworker: work $HONCHO_PROCESS_NAME\n")
    found = programs(procfile, {"worker": 2}, {"PORT": "8000"})
    assert [(each.name, each.line) for each in found] == [
        ("web.1", "serve"), ("worker.1", "work $HONCHO_PROCESS_NAME"), ("worker.2", "work $HONCHO_PROCESS_NAME"),
    ]  # fmt: skip
    assert found[2].env == {"PORT": "8000", "HONCHO_PROCESS_NAME": "worker.2"}


def test_a_process_that_the_procfile_does_not_have_is_named(tmp_path: Path) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text("web: serve\n")
    with pytest.raises(ValueError, match="wroker"):
        programs(procfile, {"wroker": 2}, {})


def test_an_environment_is_not_in_a_repr() -> None:
    assert "hunter2" not in repr(Program("web.1", "serve", {"PASSWORD": "hunter2"}))


def test_a_program_that_ended_is_reported_with_its_last_words(supervisor: Supervisor) -> None:
    supervisor.start(program("web.1", 'print("no such file"); raise SystemExit(3)'))
    assert eventually(lambda: bool(supervisor.ended()))
    assert [(each.name, each.status) for each in supervisor.ended()] == [("web.1", 3)]
    assert supervisor.last_lines("web.1") == ["no such file"]
    supervisor.stop([])


def test_programs_stop_in_the_order_that_was_asked_for(supervisor: Supervisor, tmp_path: Path) -> None:
    script, book = tmp_path / "last_word.py", tmp_path / "book"
    script.write_text(LAST_WORD)
    for name in ("twins", "worker.1", "beat.1"):
        line = f"{PYTHON} -u {script} {book} {name[0]}"
        supervisor.start(Program(name, line, dict(os.environ)))
        assert says(supervisor, name, "up")
    supervisor.stop(["beat", "worker"])
    assert book.read_text() == "bwt"


def test_a_program_that_will_not_stop_is_killed(supervisor: Supervisor) -> None:
    supervisor.start(program("web.1", STUBBORN))
    assert says(supervisor, "web.1", "up")
    supervisor.stop(["web"], patience=0.2)
    assert supervisor.ended() == []


def test_children_of_a_program_do_not_outlive_it(supervisor: Supervisor) -> None:
    child = f"import subprocess; print(subprocess.Popen([\"{PYTHON}\", \"-c\", \"import time; time.sleep(60)\"]).pid)"
    supervisor.start(program("web.1", f"{child}; {LIVES}"))
    assert says(supervisor, "web.1", "up")
    pid = int(supervisor.last_lines("web.1")[0])
    assert runs(pid)
    supervisor.stop(["web"])
    assert eventually(lambda: not runs(pid))


OWNER = """
import os, signal, sys, threading
from pathlib import Path
from integration.supervisor import Program, Supervisor
stop = threading.Event()
signal.signal(signal.SIGINT, lambda *_: stop.set())
supervisor = Supervisor(Path(sys.argv[1]))
for name in ("web.1", "worker.1"):
    supervisor.start(Program(name, "python -uc 'import os, time; print(os.getpid()); time.sleep(60)'", os.environ))
print("started", flush=True)
stop.wait()
supervisor.stop(["web", "worker"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends the children of a killed supervisor")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_the_supervisor_is_interrupted_or_killed(number: signal.Signals, tmp_path: Path) -> None:
    bin_folder = str(Path(PYTHON).parent)
    environment = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    with subprocess.Popen(
        [PYTHON, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "started\n"
        logs = [tmp_path / "web.1.log", tmp_path / "worker.1.log"]
        assert eventually(lambda: all(log.read_text().strip() for log in logs))
        pids = [int(log.read_text()) for log in logs]
        assert all(map(runs, pids))
        owner.send_signal(number)
        status = owner.wait(WITHIN)
    assert status == (0 if number == signal.SIGINT else -signal.SIGKILL)
    assert eventually(lambda: not any(map(runs, pids)))
