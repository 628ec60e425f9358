"""A twin can misbehave towards one retailer's credential and serve all others as ever."""

from base64 import b64encode
from collections.abc import Iterator

import pytest

from sandbox.faults import Faults
from sandbox.http import Request, Server
from sandbox.seed import build_seed
from sandbox.virtualstock.twin import VirtualstockTwin

CUSTOMERS = "/restapi/v4/customers/"
PASSWORD = b'{"username": "northgate", "password": "northgate-secret"}'


def log_in(server: Server) -> dict[str, str]:
    """Northgate's tokens."""
    answer = server.handle(Request("POST", "/restapi/v4/token", "", {"content-type": "application/json"}, PASSWORD))
    assert answer is not None
    tokens: dict[str, str] = Request("", "", "", {}, answer.body).json()
    return tokens


def read(authorization: str) -> Request:
    return Request("GET", CUSTOMERS, "format=json", {"authorization": authorization}, b"")


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(VirtualstockTwin(build_seed())).start()
    yield running
    running.stop()


def test_a_caller_is_known_by_password_by_token_and_when_logging_in(server: Server) -> None:
    tokens = log_in(server)
    basic = "Basic " + b64encode(b"northgate:wrong").decode()
    renewal = Request("POST", "/restapi/v4/token/refresh", "", {}, f'{{"refresh": "{tokens["refresh"]}"}}'.encode())

    calls = [read(basic), read(f"Bearer {tokens['access']}"), Request("POST", "/", "", {}, PASSWORD), renewal]

    assert [call.caller for call in calls] == ["northgate"] * 4


@pytest.mark.parametrize("request_", [
    read("Bearer sandbox-centra-token"), read("Bearer a.b.c"), read("Basic !"), read("Basic /w=="), read(""),
    Request("POST", "/", "", {}, b"[1]"), Request("POST", "/", "", {}, b'{"refresh": 2}'),
    Request("POST", "/", "", {}, b'{"refresh": "x"}'), Request("POST", "/", "", {}, b"\xff"),
])
def test_a_call_that_says_nobody_has_no_caller(request_: Request) -> None:
    assert request_.caller is None


def test_a_fault_of_one_caller_strikes_no_other_and_nobody_unknown() -> None:
    faults = Faults()
    faults.replace([{"match": {"caller": "calder"}, "do": "status", "value": 401}])

    struck = [bool(faults.take("orders", "/", caller)) for caller in ("calder", "northgate", None)]

    assert struck == [True, False, False]


def test_a_served_call_meets_the_fault_of_its_caller(server: Server) -> None:
    access = f"Bearer {log_in(server)['access']}"
    server.faults.replace([{"match": {"caller": "northgate"}, "do": "status", "value": 401}])
    refused = server.handle(read(access))
    server.faults.replace([{"match": {"caller": "calder"}, "do": "status", "value": 401}])
    served = server.handle(read(access))

    assert refused is not None
    assert served is not None
    assert (refused.status, served.status) == (401, 200)
