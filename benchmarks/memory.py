"""What each process of a stage keeps in memory is looked at every half second while the benchmark runs."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.story.system import System

EVERY = 0.5
MEBIBYTE = 2**20
PAGE = 4096


@dataclass
class Usage:
    """Resident memory of one process by the seconds since the look-out began: (seconds, MiB)."""

    samples: list[tuple[float, float]] = field(default_factory=list)

    @property
    def peak(self) -> float:
        """MiB."""
        return max((size for _, size in self.samples), default=0.0)

    def growth(self) -> float:
        """MiB by which the median of the last quarter of the samples is above that of the quarter before the half.

        A process that warms up and then stays as it is has about 0; one that keeps what it reads grows.
        """
        sizes = [size for _, size in self.samples]
        quarter = len(sizes) // 4
        if not quarter:
            return 0.0
        return _median(sizes[-quarter:]) - _median(sizes[quarter : 2 * quarter])


class LookOut:
    """Samples the resident memory of some processes of a stage, also of those that are started in their place.

    Linux only: it reads ``/proc/<pid>/statm``.
    """

    def __init__(self, stage: System, names: tuple[str, ...]) -> None:
        self._stage, self._names = stage, names
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._used: dict[tuple[str, int], Usage] = {}

    def __enter__(self) -> "LookOut":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def processes(self) -> list[Usage]:
        """One for each process that was there, oldest first."""
        return list(self._used.values())

    def _run(self) -> None:
        began = time.monotonic()
        while not self._over.wait(EVERY):
            for name in self._names:
                process = self._stage.processes.get(name)
                size = resident(process.pid) if process is not None else None
                if process is not None and size is not None:
                    usage = self._used.setdefault((name, process.pid), Usage())
                    usage.samples.append((time.monotonic() - began, size))


def resident(pid: int) -> float | None:
    """MiB that a process has in memory; None: it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return None
    return pages * PAGE / MEBIBYTE


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
