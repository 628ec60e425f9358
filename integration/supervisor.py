"""Several programs run as one: started together, watched, and stopped in order with nothing left behind.

honcho reads the Procfile and counts out the processes. Its manager is not used: it stops everything at once and kills
after five seconds, which is too soon for a worker that is writing down the outcome of a call.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from honcho.environ import expand_processes, parse_procfile

from integration.lifeline import die_with_parent

KILLED_AFTER = 30.0
"""Seconds a program may take to stop. A call to a platform is over within 20."""


@dataclass(frozen=True)
class Program:
    """One process to run: `line` is a shell line of the Procfile, `env` its whole environment (never shown)."""

    name: str
    line: str
    env: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Program({self.name}: {self.line})"


@dataclass(frozen=True)
class Ended:
    """A program that ended although nobody stopped it; `status` is negative after a signal."""

    name: str
    status: int


def programs(procfile: Path, counts: Mapping[str, int], env: Mapping[str, str]) -> list[Program]:
    """The programs of a Procfile in its order, `counts` of each kind (default 1), named ``web.1``, ``web.2``.

    :raises ValueError: `counts` names a process that the Procfile does not have.
    """
    lines = parse_procfile(procfile.read_text()).processes
    unknown = sorted(set(counts) - set(lines))
    if unknown:
        raise ValueError(f"there is no process {', '.join(unknown)}; there are {', '.join(lines)}")
    # honcho would count $PORT up per process; ours is the web's, and the workers read the same settings.
    expanded = expand_processes(lines, concurrency=dict(counts))
    return [Program(each.name, each.cmd, {**env, **each.env}) for each in expanded]


class Supervisor:
    """Runs programs as children; the output of each goes to ``<folder>/<name>.log``.

    Start them from the main thread: on Linux they are killed when the thread that started them ends.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, program: Program) -> None:
        """Start one program in a session of its own, so that Ctrl-C in the terminal reaches only us."""
        with self._log(program.name).open("wb") as log:
            self._running[program.name] = subprocess.Popen(
                # exec: a signal must reach the program and not a shell in front of it.
                ["/bin/sh", "-c", f"exec {program.line}"],
                env=dict(program.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # SIGKILL: the broker goes at the same moment, and a worker would wait for it to say goodbye. What was
                # being done is in the database.
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def ended(self) -> list[Ended]:
        """The programs that have ended by themselves."""
        statuses = {name: process.poll() for name, process in self._running.items()}
        return [Ended(name, status) for name, status in statuses.items() if status is not None]

    def last_lines(self, name: str, count: int = 15) -> list[str]:
        """The end of what a program said."""
        return self._log(name).read_text(errors="replace").splitlines()[-count:]

    def stop(self, kinds: Iterable[str], patience: float = KILLED_AFTER) -> None:
        """Stop the programs of each kind (``web`` is ``web.1``, ``web.2``) in turn, then all that are left.

        Each gets SIGTERM and `patience` seconds; whatever is then left of it or of its children is killed.
        """
        for kind in kinds:
            self._stop([name for name in self._running if name.partition(".")[0] == kind], patience)
        self._stop(list(self._running), patience)

    def _stop(self, names: list[str], patience: float) -> None:
        for name in names:
            if self._running[name].poll() is None:
                self._running[name].terminate()
        deadline = time.monotonic() + patience
        for name in names:
            process = self._running[name]
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            _kill_session(process)
            process.wait()
            del self._running[name]

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"


def _kill_session(process: "subprocess.Popen[bytes]") -> None:
    """Whatever is left of a program and its children; it leads a process group that bears its pid."""
    # Nothing is left, which macOS reports as a lack of permission.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
