"""Guessing a password is slow: tries are counted by name and by address, for all processes while Redis answers."""

from collections.abc import Callable

import structlog
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter

BY_NAME = RateLimitItemPerMinute(10, 5, namespace="login-name")
BY_ADDRESS = RateLimitItemPerMinute(30, 5, namespace="login-address")

log = structlog.get_logger(__name__)


class Tries:
    """Counts the tries to log in."""

    def __init__(self, shared: Callable[[], Storage] | None) -> None:
        """`shared` opens the memory that all processes have; None: this process counts alone."""
        self._alone = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(shared()) if shared else None

    def allowed(self, name: str, address: str) -> bool:
        """Count one more try, right or wrong; False where there were too many."""
        fits = [self._hit(BY_NAME, name.casefold()), self._hit(BY_ADDRESS, address)]
        return all(fits)

    def forget(self, name: str, address: str) -> None:
        """The password was right: those who mistype, or log in often, are not locked out."""
        for limit, key in ((BY_NAME, name.casefold()), (BY_ADDRESS, address)):
            self._alone.clear(limit, key)
            if self._shared:
                try:
                    self._shared.clear(limit, key)
                except StorageError:
                    log.warning("tries to log in are counted in this process alone: Redis does not answer")

    def _hit(self, limit: RateLimitItemPerMinute, key: str) -> bool:
        if self._shared:
            try:
                return self._shared.hit(limit, key)
            except StorageError:
                log.warning("tries to log in are counted in this process alone: Redis does not answer")
        return self._alone.hit(limit, key)
