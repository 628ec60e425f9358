"""All workers on all machines share one access token per credential, and one of them renews it while the rest work on.

Virtualstock API docs: authentication, JSON Web Tokens. An access token lives 5 minutes, a refresh token 4 hours;
refreshing yields no new refresh token, so every 4 hours somebody logs in again. Time is kept by the expiry of the
Redis keys: workers' clocks need not agree. Tokens are secrets and are never logged.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import LockError, RedisError

from integration.problems import Refused, Throttled, TryAgain

ACCESS_LIFETIME = 285
"""Seconds an access token is kept: 5 minutes, less the longest wait for the answer that brought it."""
REFRESH_LIFETIME = 4 * 3600 - 60
AHEAD = 60
"""Seconds before the end of its keeping at which an access token is renewed; until then the old one serves."""
BASIC_LIFETIME = 3600
"""Seconds until a platform without token endpoint is asked for one again."""
_LOCK_LIFETIME = 30
_POLL = 0.05


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave. `access` is None where there is no such endpoint."""

    access: str | None = field(repr=False)
    refresh: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Issuer:
    """Where tokens come from.

    :param log_in: trades user name and password for tokens; raises `Refused` when they are wrong.
    :param renew: trades a refresh token for an access token; raises `Refused` when it has expired.
    """

    log_in: Callable[[], Tokens]
    renew: Callable[[str], Tokens]


@dataclass(frozen=True)
class _Held:
    access: str = field(repr=False)
    seconds_left: float


class TokenStore:
    """Tokens of all credentials in one Redis.

    :param patience: seconds to wait for another worker's log-in when there is no token at all.
    """

    def __init__(self, redis: Redis, *, patience: float = 5.0) -> None:
        self._redis = redis
        self._patience = patience

    def access(self, owner: str, issuer: Issuer, *, spoilt: str | None = None) -> str | None:
        """The access token to use now, or None where the platform has no tokens and wants Basic.

        :param owner: names the credential; part of the key, so no secret.
        :param spoilt: a token that was just refused; anything but that one is returned.
        :raises Throttled: Redis is away, or another worker is logging in and takes long.
        :raises Refused: user name and password are wrong.
        :raises TryAgain: the token endpoint did not answer.
        """
        try:
            return self._access(owner, issuer, spoilt) or None
        except RedisError as error:
            raise Throttled("The shared tokens of Virtualstock cannot be reached", wait=2) from error

    def _access(self, owner: str, issuer: Issuer, spoilt: str | None) -> str:
        deadline = time.monotonic() + self._patience
        while True:
            held = self._held(owner, spoilt)
            if held is not None and held.seconds_left > AHEAD:
                return held.access
            with self._turn(owner) as ours:
                if ours:
                    return self._renewed(owner, issuer, spoilt)
            if held is not None:
                return held.access
            if time.monotonic() >= deadline:
                raise Throttled("Another worker is logging in to Virtualstock", wait=1)
            time.sleep(_POLL)

    def _renewed(self, owner: str, issuer: Issuer, spoilt: str | None) -> str:
        # Whoever held the lock before us may have done the work.
        held = self._held(owner, spoilt)
        if held is not None and held.seconds_left > AHEAD:
            return held.access
        try:
            tokens = self._issue(owner, issuer)
        except TryAgain:
            if held is None:
                raise
            return held.access
        return self._keep(owner, tokens)

    def _issue(self, owner: str, issuer: Issuer) -> Tokens:
        refresh = _text(self._redis.get(_key(owner, "refresh")))
        if refresh:
            try:
                return issuer.renew(refresh)
            except Refused:
                self._redis.delete(_key(owner, "refresh"))
        return issuer.log_in()

    def _keep(self, owner: str, tokens: Tokens) -> str:
        # An empty text remembers that there is no token endpoint, so that it is not asked before every request.
        access = tokens.access or ""
        self._redis.set(_key(owner, "access"), access, ex=ACCESS_LIFETIME if access else BASIC_LIFETIME)
        if tokens.refresh:
            self._redis.set(_key(owner, "refresh"), tokens.refresh, ex=REFRESH_LIFETIME)
        return access

    def _held(self, owner: str, spoilt: str | None) -> _Held | None:
        key = _key(owner, "access")
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.get(key)
            pipe.pttl(key)
            access, milliseconds = pipe.execute()
        if access is None or _text(access) == spoilt:
            return None
        return _Held(_text(access), milliseconds / 1000)

    @contextmanager
    def _turn(self, owner: str) -> Iterator[bool]:
        lock = self._redis.lock(_key(owner, "lock"), timeout=_LOCK_LIFETIME, blocking=False)
        ours = lock.acquire()
        try:
            yield ours
        finally:
            if ours:
                # It ran out under a slow answer: then two have logged in, which does no harm.
                with suppress(LockError):
                    lock.release()


def _key(owner: str, what: str) -> str:
    return f"virtualstock:{owner}:{what}"


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")
