"""A Sentinel address in REDIS_URL reaches the primary, for our own use and for Celery's messages."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from integration import embedded, wiring
from integration.broker import Sender, split_sentinel
from integration.lanes import Lane
from integration.storage.work import Handed
from tests.story.system import System, free_port


@pytest.fixture
def sentinel_url(redis_url: str, tmp_path: Path) -> Iterator[str]:
    primary = Redis.from_url(redis_url).connection_pool.connection_kwargs
    port = free_port()
    (tmp_path / "sentinel.conf").write_text(
        f"port {port}\nbind 127.0.0.1\ndir {tmp_path}\n"
        f"sentinel monitor house 127.0.0.1 {primary['port']} 1\nsentinel auth-pass house {primary['password']}\n"
    )
    with subprocess.Popen(
        [embedded._program(), str(tmp_path / "sentinel.conf"), "--sentinel"], stdout=subprocess.DEVNULL
    ) as process:
        with Redis(port=port) as watcher:
            System.until(lambda: _answers(watcher), 10, "the sentinel answers")
        yield f"sentinel://:{primary['password']}@127.0.0.1:{port}/0?master_name=house"
        process.terminate()


def test_a_sentinel_address_reaches_the_primary(sentinel_url: str, redis_client: "Redis") -> None:
    through = wiring.redis_client(sentinel_url)

    through.set("left-by", "sentinel")

    assert redis_client.get("left-by") == b"sentinel"
    through.close()


def test_messages_reach_the_primary_too(sentinel_url: str, redis_client: "Redis") -> None:
    Sender(sentinel_url).send([Handed("stock.push", "calder/TEE-M", Lane.STOCK)])

    assert redis_client.llen("stock") == 1


@pytest.mark.parametrize(
    ("url", "address", "primary"),
    [
        ("redis://:pw@host:6379/0", "redis://:pw@host:6379/0", None),
        ("sentinel://a:1;sentinel://b:2/0?master_name=house", "sentinel://a:1;sentinel://b:2/0", "house"),
        ("sentinel://a:1/0", "sentinel://a:1/0", "mymaster"),
    ],
)
def test_the_name_of_the_primary_is_taken_from_the_address(url: str, address: str, primary: str | None) -> None:
    assert split_sentinel(url) == (address, primary)


def _answers(server: "Redis") -> bool:
    try:
        return bool(server.ping())
    except RedisError:
        return False
