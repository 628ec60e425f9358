"""A Virtualstock client that talks to a stub, with real shared tokens."""

from collections.abc import Iterator

import pytest
import responses
from recording_gate import RecordingGate
from redis import Redis
from virtualstock_stub import BASE, PASSWORD, TOKEN, Client, Stub

from integration.virtualstock.tokens import TokenStore


@pytest.fixture
def gate() -> RecordingGate:
    return RecordingGate()


@pytest.fixture
def stub() -> Iterator[Stub]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(TOKEN, json={"access": "a1", "refresh": "r1"})
        mock.post(f"{TOKEN}/refresh", json={"access": "a2"})
        yield mock


@pytest.fixture
def client(stub: Stub, redis_client: Redis, gate: RecordingGate) -> Client:
    return Client(f"{BASE}/", "northgate", PASSWORD, gate, TokenStore(redis_client))
