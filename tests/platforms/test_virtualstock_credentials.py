"""Tokens, passwords and the quota, as requests carry them."""

import pytest
import responses
from recording_gate import RecordingGate
from redis import Redis
from responses.matchers import header_matcher
from virtualstock_stub import CARRIERS, CUSTOMERS, ORDERS, PASSWORD, TOKEN, Client, Stub, body, envelope, requests_to

from integration.lanes import Lane
from integration.problems import Refused, Throttled, TryAgain
from integration.virtualstock.actions import CancelItem
from integration.virtualstock.tokens import TokenStore

EXPIRED = {"detail": "Given token not valid for any token type", "code": "token_not_valid"}
CANCEL = CancelItem(part_number="P", line_ref="1", quantity=2)


def test_a_request_carries_the_access_token_and_no_cookie(stub: Stub, client: Client) -> None:
    stub.get(CARRIERS, json=[], headers={"Set-Cookie": "sessionid=abc; Path=/"})
    client.carriers(lane=Lane.ORDERS)
    client.carriers(lane=Lane.ORDERS)
    seen = requests_to(stub, "/restapi/v4/order-tracking-carriers/")
    assert [each.headers["Authorization"] for each in seen] == ["Bearer a1", "Bearer a1"]
    assert not any("Cookie" in each.headers for each in seen)
    assert body(requests_to(stub, "/restapi/v4/token")[0]) == {"username": "northgate", "password": PASSWORD}


def test_an_expired_token_is_renewed_once_and_the_call_repeated_once(stub: Stub, client: Client) -> None:
    address = f"{ORDERS}259313/cancel_acknowledge/"
    stub.post(address, status=401, json=EXPIRED, match=[header_matcher({"Authorization": "Bearer a1"})])
    stub.post(address, json={}, match=[header_matcher({"Authorization": "Bearer a2"})])
    client.cancel_acknowledge(259313, [CANCEL], lane=Lane.ORDERS)
    assert [body(each) for each in requests_to(stub, "/restapi/v4/token/refresh")] == [{"refresh": "r1"}]


def test_a_fresh_token_that_is_refused_too_ends_the_matter(stub: Stub, client: Client) -> None:
    stub.get(CARRIERS, status=401, json=EXPIRED)
    with pytest.raises(Refused) as caught:
        client.carriers(lane=Lane.ORDERS)
    assert (caught.value.status, caught.value.code) == (401, "token_not_valid")
    assert len(requests_to(stub, "/restapi/v4/order-tracking-carriers/")) == 2


@pytest.mark.parametrize("status", [401, 405])
def test_a_refused_log_in_is_a_refusal_that_keeps_the_password_secret(stub: Stub, client: Client, status: int) -> None:
    stub.replace(responses.POST, TOKEN, status=status, json={"detail": "No active account found"})
    with pytest.raises(Refused) as caught:
        client.carriers(lane=Lane.ORDERS)
    assert caught.value.status == status
    assert PASSWORD not in repr(caught.value) + str(caught.value) + repr(client)
    assert requests_to(stub, "/restapi/v4/order-tracking-carriers/") == []


def test_without_a_token_endpoint_basic_serves(stub: Stub, client: Client) -> None:
    stub.replace(responses.POST, TOKEN, status=404, body="<html>")
    stub.get(CARRIERS, json=[])
    client.carriers(lane=Lane.ORDERS)
    client.carriers(lane=Lane.ORDERS)
    seen = requests_to(stub, "/restapi/v4/order-tracking-carriers/")
    assert seen[1].headers["Authorization"] == "Basic bm9ydGhnYXRlOm5vcnRoZ2F0ZS1zZWNyZXQ="
    assert len(requests_to(stub, "/restapi/v4/token")) == 1


def test_a_wrong_password_under_basic_is_not_tried_twice(stub: Stub, client: Client) -> None:
    stub.replace(responses.POST, TOKEN, status=404, body="")
    stub.get(CARRIERS, status=401, json={"detail": "Invalid username/password."})
    with pytest.raises(Refused):
        client.carriers(lane=Lane.ORDERS)
    assert len(requests_to(stub, "/restapi/v4/order-tracking-carriers/")) == 1


@pytest.mark.parametrize("odd", [{"access_token": "x", "refresh_token": "y"}, {"access": ""}, {"access": 5}, []])
def test_a_log_in_without_an_access_token_is_tried_again(stub: Stub, client: Client, odd: object) -> None:
    stub.replace(responses.POST, TOKEN, json=odd)
    with pytest.raises(TryAgain):
        client.carriers(lane=Lane.ORDERS)


def test_a_token_of_one_host_is_never_shown_to_another(
    stub: Stub, client: Client, redis_client: Redis, gate: RecordingGate
) -> None:
    stub.get(CARRIERS, json=[])
    stub.post("https://sandbox.test/restapi/v4/token", json={"access": "b1", "refresh": "s1"})
    stub.get("https://sandbox.test/restapi/v4/order-tracking-carriers/", json=[])
    client.carriers(lane=Lane.ORDERS)
    other = Client("https://sandbox.test", "northgate", PASSWORD, gate, TokenStore(redis_client))
    other.carriers(lane=Lane.ORDERS)
    assert stub.calls[-1].request.headers["Authorization"] == "Bearer b1"


def test_every_request_passes_the_gate_and_tokens_take_the_first_lane(
    stub: Stub, client: Client, gate: RecordingGate
) -> None:
    stub.get(CARRIERS, json=[])
    client.carriers(lane=Lane.RECONCILIATION)
    assert [lane for lane, _ in gate.taken] == [Lane.ORDERS, Lane.RECONCILIATION]


def test_a_throttle_holds_everybody_off_for_as_long_as_they_say(
    stub: Stub, client: Client, gate: RecordingGate
) -> None:
    stub.post(f"{ORDERS}259313/cancel_acknowledge/", status=429, content_type="text/plain",
              body="Request was throttled. Request was throttled. Expected available in 37.0 seconds.")
    with pytest.raises(Throttled) as caught:
        client.cancel_acknowledge(259313, [CANCEL], lane=Lane.ORDERS)
    assert caught.value.wait == 37.0
    assert 37.0 in gate.told


def test_ping_proves_the_password_and_not_just_a_token_that_still_lives(stub: Stub, client: Client) -> None:
    stub.get(CUSTOMERS, json=envelope([]))
    client.ping(lane=Lane.ORDERS)
    stub.replace(responses.POST, TOKEN, status=401, json={"detail": "No active account found"})
    with pytest.raises(Refused):
        client.ping(lane=Lane.ORDERS)
