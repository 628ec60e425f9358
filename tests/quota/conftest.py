"""A gate's minutes pass in a test without waiting for them."""

from collections.abc import Callable

import pytest
import redis

from integration.quota import Bucket, Gate

MOMENTS = ("at", "hold_until", "probe_at")
"""The fields of a gate that hold a moment, by the end of their name."""


@pytest.fixture
def pass_time(redis_client: "redis.Redis") -> Callable[[float], None]:
    """Moves every stored moment of every gate into the past: as seen from the gate, so many seconds went by."""
    script = redis_client.register_script("""
        for _, key in ipairs(redis.call('KEYS', 'quota:*')) do
          for _, field in ipairs(redis.call('HKEYS', key)) do
            for ending in string.gmatch(ARGV[2], '%S+') do
              if field == ending or string.sub(field, -#ending - 1) == ':' .. ending then
                local moment = tonumber(redis.call('HGET', key, field))
                redis.call('HSET', key, field, string.format('%.17g', moment - tonumber(ARGV[1])))
              end
            end
          end
        end""")

    def pass_time(seconds: float) -> None:
        script(keys=[], args=[seconds, " ".join(MOMENTS)])

    return pass_time


@pytest.fixture
def gate_of(redis_client: "redis.Redis", pass_time: Callable[[float], None]) -> Callable[..., Gate]:
    """Makes a gate that never waits by itself; its buckets are full unless told otherwise."""

    def gate_of(*buckets: Bucket, full: bool = True, name: str = "platform", patience: float = 0.0) -> Gate:
        gate = Gate(redis_client, name, buckets, patience=patience)
        if full:
            gate.settle(dict.fromkeys((bucket.charge for bucket in buckets), 1e-9))
            pass_time(1_000_000)
        return gate

    return gate_of
