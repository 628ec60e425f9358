"""A twin misbehaves as told, and its journal says what really happened."""

from typing import Any

import pytest
import requests
from virtualstock_supplier import Virtualstock

from sandbox.seed import build_seed, ean13


@pytest.fixture
def path(virtualstock: Virtualstock) -> str:
    return f"/api/v4/products/{virtualstock.listings('fernhill')[0].id}/stock"


def send(virtualstock: Virtualstock, path: str) -> requests.Response:
    return virtualstock.call("PATCH", path, {"supplier_free_stock": 4})


def fault(virtualstock: Virtualstock, do: str, **more: Any) -> None:
    virtualstock.control("PUT", "faults", [{"match": {"operation": "stock"}, "do": do, **more}])


def stored(virtualstock: Virtualstock) -> bool:
    return 4 in virtualstock.control("GET", "stock?retailer=fernhill").values()


@pytest.mark.parametrize(("do", "applied"), [("drop_before", False), ("drop_after", True)])
def test_a_lost_answer_is_journalled_with_what_it_did(
    virtualstock: Virtualstock, path: str, do: str, applied: bool
) -> None:
    fault(virtualstock, do)
    with pytest.raises(requests.ConnectionError):
        send(virtualstock, path)
    assert stored(virtualstock) is applied
    entry = virtualstock.control("GET", "journal")["entries"][-1]
    assert (entry["changed"], entry["status"]) == (applied, 0)


@pytest.mark.parametrize(("do", "more", "status", "applied"), [
    ("status", {"value": 500}, 500, False),
    ("status_after", {"value": 502}, 502, True),
    ("throttle", {"value": 7}, 429, False),
    ("down", {}, 503, False),
    ("html", {}, 200, False),
])
def test_a_fault_answers_in_place_of_the_platform(
    virtualstock: Virtualstock, path: str, do: str, more: dict[str, Any], status: int, applied: bool
) -> None:
    fault(virtualstock, do, **more)
    assert send(virtualstock, path).status_code == status
    assert stored(virtualstock) is applied


def test_a_throttle_fault_has_the_platforms_form(virtualstock: Virtualstock, path: str) -> None:
    fault(virtualstock, "throttle", value=7)
    answer = send(virtualstock, path)
    assert answer.headers["retry-after"] == "7"
    assert "available in 7.0 seconds" in answer.json()["detail"]


def test_a_fault_strikes_as_often_as_it_says_and_only_what_it_names(virtualstock: Virtualstock, path: str) -> None:
    fault(virtualstock, "status", value=500, times=2)
    assert virtualstock.call("GET", "/restapi/v4/orders/").status_code == 200
    assert [send(virtualstock, path).status_code for _ in range(3)] == [500, 500, 200]


def test_a_fault_can_be_chosen_by_path_and_taken_back(virtualstock: Virtualstock, path: str) -> None:
    virtualstock.control("PUT", "faults", [{"match": {"path": "^/api/v4/"}, "do": "down"}])
    assert send(virtualstock, path).status_code == 503
    assert virtualstock.call("GET", "/restapi/v4/orders/").status_code == 200
    virtualstock.control("DELETE", "faults")
    assert send(virtualstock, path).status_code == 200


def test_a_truncated_answer_is_half_of_the_json(virtualstock: Virtualstock) -> None:
    virtualstock.control("PUT", "faults", [{"do": "truncate"}])
    with pytest.raises(ValueError):
        virtualstock.call("GET", "/restapi/v4/orders/").json()


def test_the_journal_is_read_on_from_where_one_stopped(virtualstock: Virtualstock, path: str) -> None:
    send(virtualstock, path)
    first = virtualstock.control("GET", "journal")
    send(virtualstock, path)
    second = virtualstock.control("GET", f"journal?since={first['next']}")
    assert [entry["n"] for entry in first["entries"] + second["entries"]] == [1, 2]
    virtualstock.control("DELETE", "journal")
    assert virtualstock.control("GET", f"journal?since={second['next']}")["entries"] == []
    assert virtualstock.control("GET", "counts")["total"] == 0
    send(virtualstock, path)
    assert [entry["n"] for entry in virtualstock.control("GET", f"journal?since={second['next']}")["entries"]] == [3]


def test_a_stopped_twin_answers_nobody_not_even_on_an_open_connection(virtualstock: Virtualstock, path: str) -> None:
    send(virtualstock, path)
    virtualstock.server.stop()
    with pytest.raises(requests.ConnectionError):
        send(virtualstock, path)


def test_a_wrong_control_call_is_explained(virtualstock: Virtualstock) -> None:
    url = f"{virtualstock.server.url}/_control/"
    for verb, body, status in (("orders", {"retailer": "nobody", "lines": [{}]}, 400), ("dance", {}, 404)):
        assert virtualstock.session.post(url + verb, json=body, timeout=5).status_code == status
    assert virtualstock.session.put(url + "settings", json={"window": "round"}, timeout=5).status_code == 400


def test_the_same_seed_is_the_same_shop_with_unique_keys_and_true_eans() -> None:
    seed = build_seed(500, 3)
    assert seed == build_seed(500, 3) != build_seed(500, 4)
    sizes = [size for _, _, size in seed.sizes()]
    assert len(sizes) >= 500
    assert len({size.sku for size in sizes}) == len({size.ean for size in sizes}) == len(sizes)
    assert ean13(1) == "5060412000017"
