"""Workers share one token; one renews it ahead of time while the others keep working."""

import threading
from collections.abc import Callable

import pytest
from redis import Redis

from integration.problems import Refused, Throttled, TryAgain
from integration.virtualstock.tokens import ACCESS_LIFETIME, AHEAD, REFRESH_LIFETIME, Issuer, Tokens, TokenStore

OWNER = "northgate"
ACCESS_KEY = f"virtualstock:{OWNER}:access"
REFRESH_KEY = f"virtualstock:{OWNER}:refresh"


class Endpoint:
    """A token endpoint that counts: access tokens are a1, a2, … and every log-in gives a new refresh token."""

    def __init__(self) -> None:
        self.log_ins = 0
        self.renewals: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.refuse_refresh = False
        self.issuer = Issuer(log_in=self._log_in, renew=self._renew)

    @property
    def calls(self) -> int:
        return self.log_ins + len(self.renewals)

    def _log_in(self) -> Tokens:
        self.before()
        self.log_ins += 1
        return Tokens(access=f"a{self.calls}", refresh=f"r{self.log_ins}")

    def _renew(self, refresh: str) -> Tokens:
        self.before()
        self.renewals.append(refresh)
        if self.refuse_refresh:
            raise Refused("Token is invalid or expired", status=401)
        return Tokens(access=f"a{self.calls}")


@pytest.fixture
def store(redis_client: Redis) -> TokenStore:
    return TokenStore(redis_client, patience=0.3)


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


def nearly_expired(redis: Redis) -> None:
    assert redis.expire(ACCESS_KEY, AHEAD - 1)


def test_one_log_in_serves_every_request(store: TokenStore, endpoint: Endpoint) -> None:
    assert [store.access(OWNER, endpoint.issuer) for _ in range(3)] == ["a1", "a1", "a1"]
    assert endpoint.calls == 1


def test_tokens_end_before_the_platform_ends_them(redis_client: Redis, store: TokenStore, endpoint: Endpoint) -> None:
    store.access(OWNER, endpoint.issuer)
    assert redis_client.ttl(ACCESS_KEY) <= ACCESS_LIFETIME < 300
    assert redis_client.ttl(REFRESH_KEY) <= REFRESH_LIFETIME < 4 * 3600


def test_a_token_is_renewed_a_minute_ahead(redis_client: Redis, store: TokenStore, endpoint: Endpoint) -> None:
    store.access(OWNER, endpoint.issuer)
    nearly_expired(redis_client)
    assert store.access(OWNER, endpoint.issuer) == "a2"
    assert (endpoint.log_ins, endpoint.renewals) == (1, ["r1"])


def test_without_a_refresh_token_somebody_logs_in_again(
    redis_client: Redis, store: TokenStore, endpoint: Endpoint
) -> None:
    store.access(OWNER, endpoint.issuer)
    nearly_expired(redis_client)
    redis_client.delete(REFRESH_KEY)
    assert store.access(OWNER, endpoint.issuer) == "a2"
    assert endpoint.log_ins == 2


def test_a_refused_refresh_token_is_forgotten_and_a_log_in_follows(
    redis_client: Redis, store: TokenStore, endpoint: Endpoint
) -> None:
    store.access(OWNER, endpoint.issuer)
    nearly_expired(redis_client)
    endpoint.refuse_refresh = True
    assert store.access(OWNER, endpoint.issuer) == "a3"
    assert redis_client.get(REFRESH_KEY) == b"r2"


def test_others_keep_using_the_old_token_while_one_renews(
    redis_client: Redis, store: TokenStore, endpoint: Endpoint
) -> None:
    store.access(OWNER, endpoint.issuer)
    nearly_expired(redis_client)
    seen: list[str | None] = []
    endpoint.before = lambda: seen.append(TokenStore(redis_client).access(OWNER, endpoint.issuer))
    assert store.access(OWNER, endpoint.issuer) == "a2"
    assert seen == ["a1"]
    assert endpoint.calls == 2


def test_many_workers_without_a_token_log_in_once(redis_client: Redis, endpoint: Endpoint) -> None:
    start, got = threading.Barrier(8), []

    def work() -> None:
        start.wait()
        got.append(TokenStore(redis_client).access(OWNER, endpoint.issuer))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["a1"] * 8
    assert endpoint.calls == 1


def test_who_finds_another_logging_in_for_long_is_throttled(
    redis_client: Redis, store: TokenStore, endpoint: Endpoint
) -> None:
    assert redis_client.lock(f"virtualstock:{OWNER}:lock", timeout=30).acquire(blocking=False)
    with pytest.raises(Throttled):
        store.access(OWNER, endpoint.issuer)
    assert endpoint.calls == 0


def test_a_failed_renewal_leaves_the_old_token_in_use(
    redis_client: Redis, store: TokenStore, endpoint: Endpoint
) -> None:
    store.access(OWNER, endpoint.issuer)
    nearly_expired(redis_client)

    def away() -> None:
        raise TryAgain("away")

    endpoint.before = away
    assert store.access(OWNER, endpoint.issuer) == "a1"


def test_without_an_old_token_a_failed_log_in_is_told(
    redis_client: Redis, store: TokenStore, endpoint: Endpoint
) -> None:
    def away() -> None:
        raise TryAgain("away")

    endpoint.before = away
    with pytest.raises(TryAgain, match="away"):
        store.access(OWNER, endpoint.issuer)
    assert redis_client.exists(f"virtualstock:{OWNER}:lock") == 0


def test_a_spoilt_token_is_replaced_once_for_all(store: TokenStore, endpoint: Endpoint) -> None:
    store.access(OWNER, endpoint.issuer)
    assert store.access(OWNER, endpoint.issuer, spoilt="a1") == "a2"
    assert store.access(OWNER, endpoint.issuer, spoilt="a1") == "a2"
    assert endpoint.calls == 2


def test_a_platform_without_tokens_is_not_asked_again_and_again(store: TokenStore) -> None:
    asked: list[int] = []

    def log_in() -> Tokens:
        asked.append(1)
        return Tokens(access=None)

    issuer = Issuer(log_in=log_in, renew=lambda refresh: Tokens(access=None))
    assert [store.access(OWNER, issuer) for _ in range(3)] == [None, None, None]
    assert len(asked) == 1


def test_credentials_do_not_share_tokens(store: TokenStore, endpoint: Endpoint) -> None:
    assert store.access("northgate", endpoint.issuer) != store.access("calder", endpoint.issuer)


def test_a_client_that_decodes_answers_works_too(redis_url: str, redis_client: Redis, endpoint: Endpoint) -> None:
    decoding = Redis.from_url(redis_url, decode_responses=True)
    store = TokenStore(decoding)
    assert [store.access(OWNER, endpoint.issuer) for _ in range(2)] == ["a1", "a1"]
    decoding.close()


def test_without_redis_nothing_is_sent(endpoint: Endpoint) -> None:
    with pytest.raises(Throttled):
        TokenStore(Redis(port=1)).access(OWNER, endpoint.issuer)
    assert endpoint.calls == 0


def test_tokens_show_in_no_repr() -> None:
    assert "secret" not in repr(Tokens(access="secret-a", refresh="secret-r"))
