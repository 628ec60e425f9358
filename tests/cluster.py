"""A PostgreSQL server of one's own is there as long as it is needed, wherever its programs are installed."""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psycopg
from sqlalchemy.engine import URL

READY_WITHIN = 30.0
"""Seconds."""
NOTHING_SYNCED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")


def administer(server: URL, statement: str) -> None:
    """Run one statement that no transaction may hold, on the database that `server` names."""
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement.encode())


class Programs(NamedTuple):
    """Where the programs of one PostgreSQL version are."""

    folder: Path

    def path(self, name: str) -> str:
        """Of one of them."""
        return str(self.folder / name)


def programs() -> Programs | None:
    """A folder that holds both programs; the newest version wins where several are installed."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    installed = [Path(found) for found in glob.glob("/usr/lib/postgresql/*/bin")]
    folders += sorted(installed, key=lambda path: float(path.parent.name), reverse=True)
    return next((Programs(folder) for folder in folders if (folder / "postgres").exists()), None)


class Cluster:
    """A throw-away PostgreSQL cluster: trust on loopback.

    :param settings: as ``name=value``, over those of PostgreSQL itself.
    """

    def __init__(self, programs: Programs, settings: Sequence[str] = NOTHING_SYNCED) -> None:
        self._programs, self._settings = programs, settings
        self._folder = Path(tempfile.mkdtemp(prefix="cvsync-postgres-"))
        self._user = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> URL:
        """Make it and start it. Returns the address of its first database."""
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data = self._folder / "data"
        subprocess.run(
            [self._programs.path("initdb"), "-D", str(data), "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, user=self._user, cwd=self._folder,
        )
        port = _free_port()
        arguments = [word for setting in self._settings for word in ("-c", setting)]
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._programs.path("postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port),
                 "-k", str(self._folder), *arguments],
                stdout=log, stderr=log, user=self._user, cwd=self._folder, start_new_session=True,
            )
        url = URL.create("postgresql+psycopg", "test", host="127.0.0.1", port=port, database="postgres")
        self._wait_until_ready(url)
        return url

    def _wait_until_ready(self, url: URL) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                administer(url, "SELECT 1")
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise TimeoutError((self._folder / "server.log").read_text(errors="replace")[-500:])

    def stop(self) -> None:
        """End it and remove all of it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root, so root lends the cluster to somebody who is not."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
