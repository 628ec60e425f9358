"""A clock or workers that are dead are noticed by a process that needs neither: the web process looks as well.

Whoever asks first in a window makes the look, so any number of web processes beside a living beat change nothing.
"""

import threading

import structlog

from integration.flows import upkeep
from integration.services import Services
from integration.timetable import timetable

JOBS = ("silence.watch", "alerts.send")
FIRST_AFTER, EVERY = 60.0, 15.0
"""Seconds. At a start beat and workers get some time before anybody looks at them."""

log = structlog.get_logger(__name__)


class Watchman:
    """Makes the looks in a background thread of its own, for as long as the process lives."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(target=self._work, name="watchman", daemon=True).start()

    def stop(self) -> None:
        """Make no further looks."""
        self._stopped.set()

    def look(self) -> None:
        """Do what nobody has done in this window. Never fails: the next round may find the database again."""
        for job in JOBS:
            try:
                upkeep.tick(self._services, job, timetable()[job])
            except Exception:
                log.exception("a look of the web process failed", job=job)

    def _work(self) -> None:
        wait = FIRST_AFTER
        while not self._stopped.wait(wait):
            self.look()
            wait = EVERY
