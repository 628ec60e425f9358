"""A stored event starts work at once when the broker is there, and costs nothing when it is not."""

import threading

import structlog

from integration.flows import work
from integration.services import Services

log = structlog.get_logger(__name__)


class Waker:
    """Hands out due work from one background thread; calls that come while it is at it are one more round."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asked = threading.Event()
        threading.Thread(target=self._work, name="waker", daemon=True).start()

    def wake(self) -> None:
        """Ask for a round; returns at once."""
        self._asked.set()

    def _work(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                self._services.send(work.hand_out(self._services))
            except Exception:
                # Whatever it is, the sweep will hand the work out; the thread must live for the next event.
                log.exception("hand-out failed")
