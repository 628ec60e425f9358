"""The client and the twin of Virtualstock agree about listings, over real HTTP: change, create, find, categories."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from recording_gate import RecordingGate
from redis import Redis

from integration.http import open_session
from integration.lanes import Lane
from integration.problems import LookFirst, Refused, TryAgain
from integration.virtualstock.client import VirtualstockClient
from integration.virtualstock.schema import Product
from integration.virtualstock.tokens import TokenStore
from sandbox.http import Server
from sandbox.seed import build_seed
from sandbox.virtualstock import VirtualstockTwin

LANE = Lane.CATALOGUE
CLOTHING, FOOTWEAR, ACCESSORIES = 5544, 5546, 5547
CALDER, SUPPLIER = 638, 2210
"""Ids of the products family."""
CAP = {
    "product_name": "Cap Navy", "description": "A cap.", "ean": "5060412000017", "colour": "Navy", "size": "M",
    "image": "https://shop.example/1.jpg", "price": "19.00",
}  # fmt: skip
"""All that calder asks of a new product."""


class Twin:
    """A running twin, what its staff do, and one client per retailer."""

    def __init__(self, redis: Redis) -> None:
        self.server = Server(VirtualstockTwin(build_seed(30))).start()
        self.session = open_session(self.server.url)
        self._tokens = TokenStore(redis)

    def client(self, retailer: str) -> VirtualstockClient:
        return VirtualstockClient(
            self.server.url, retailer, f"{retailer}-secret", RecordingGate(), self._tokens, session=self.session
        )

    def staff(self, method: str, verb: str, body: Any) -> None:
        answer = requests.request(method, f"{self.server.url}/_control/{verb}", json=body, timeout=10)
        assert answer.ok, answer.text

    def fault(self, operation: str, do: str) -> None:
        """The next call of this operation goes wrong."""
        self.staff("PUT", "faults", [{"match": {"operation": operation}, "do": do, "times": 1}])


@pytest.fixture
def twin(redis_client: Redis) -> Iterator[Twin]:
    made = Twin(redis_client)
    yield made
    made.session.close()
    made.server.stop()


@pytest.fixture
def calder(twin: Twin) -> VirtualstockClient:
    return twin.client("calder")


def first(client: VirtualstockClient) -> Product:
    return client.products_page(0, lane=LANE, limit=1)[0][0]


def number_of(product: Product) -> int:
    assert product.id is not None
    return product.id


def create(client: VirtualstockClient, **changes: str) -> Product:
    return client.create_product("CAP-M", ACCESSORIES, CALDER, SUPPLIER, CAP | changes, lane=LANE)


def test_a_change_touches_only_what_it_names_and_answers_with_the_whole_listing(calder: VirtualstockClient) -> None:
    before = first(calder)
    assert {before.data["care"], before.data["price"]} & {"", "21.5"} == set()

    answer = calder.patch_product(number_of(before), {"care": "", "price": "21.5"}, lane=LANE)

    assert answer.data == {**before.data, "care": "", "price": "21.5"}
    assert (answer.id, answer.category_id) == (before.id, before.category_id)
    assert first(calder).data == answer.data


def test_what_the_model_does_not_know_is_missing_from_the_answer(calder: VirtualstockClient) -> None:
    answer = calder.patch_product(number_of(first(calder)), {"mood": "warm", "colour": "Teal"}, lane=LANE)

    assert "mood" not in answer.data
    assert answer.data["colour"] == "Teal"


@pytest.mark.parametrize(("form", "named"), [("nested", True), ("flat", True), ("text", False), ("detail", False)])
def test_a_refusal_says_what_is_wrong_in_whichever_form(
    twin: Twin, calder: VirtualstockClient, form: str, named: bool
) -> None:
    twin.staff("PUT", "settings", {"data_error_form": form})
    before = first(calder)

    with pytest.raises(Refused) as refusal:
        calder.patch_product(number_of(before), {"price": "cheap", "colour": "", "care": "Cold"}, lane=LANE)

    said = {"price": "A valid number is required.", "colour": "This field may not be blank."}
    assert refusal.value.status == 400
    assert refusal.value.fields == (said if named else {})
    assert all(f"{name}: {sentence}" in refusal.value.reason for name, sentence in said.items())
    assert first(calder).data == before.data


def test_a_listing_that_is_being_published_is_left_alone_for_minutes(twin: Twin, calder: VirtualstockClient) -> None:
    number = number_of(first(calder))
    twin.staff("POST", "publish", {"products": [number]})

    with pytest.raises(TryAgain) as failure:
        calder.patch_product(number, {"colour": "Teal"}, lane=LANE)

    assert failure.value.wait is not None
    assert failure.value.wait >= 60


def test_a_listing_of_another_retailer_is_not_known(twin: Twin, calder: VirtualstockClient) -> None:
    other = number_of(first(twin.client("northgate")))

    with pytest.raises(Refused) as refusal:
        calder.patch_product(other, {"colour": "BLUE"}, lane=LANE)

    assert (refusal.value.status, refusal.value.code) == (404, "PRODUCT_NOT_FOUND")


def test_a_new_listing_is_found_by_its_number_and_can_be_changed(calder: VirtualstockClient) -> None:
    assert calder.products_named("CAP-M", lane=LANE) == []

    made = create(calder)

    assert (made.part_number, made.category_id, made.client_id) == ("CAP-M", ACCESSORIES, CALDER)
    assert made.data.items() >= CAP.items()
    assert calder.products_named("CAP-M", lane=LANE) == [made]
    assert calder.patch_product(number_of(made), {"size": "L"}, lane=LANE).data["size"] == "L"


def test_a_number_is_taken_once_and_the_refusal_says_so(calder: VirtualstockClient) -> None:
    create(calder)

    with pytest.raises(Refused) as refusal:
        create(calder)

    assert refusal.value.status == 400
    assert set(refusal.value.fields) == {"part_number"}


def test_a_new_listing_that_lacks_an_attribute_is_refused_by_its_name(calder: VirtualstockClient) -> None:
    with pytest.raises(Refused) as refusal:
        create(calder, colour="", ean="5060412000018")

    assert set(refusal.value.fields) == {"colour", "ean"}
    assert calder.products_named("CAP-M", lane=LANE) == []


def test_where_suppliers_may_not_create_the_status_says_so(twin: Twin) -> None:
    with pytest.raises(Refused) as refusal:
        twin.client("northgate").create_product("CAP-M", CLOTHING, 637, SUPPLIER, {}, lane=LANE)

    assert refusal.value.status == 403


@pytest.mark.parametrize("do", ["drop_after", "status_after", "truncate"])
def test_after_a_lost_answer_a_look_shows_the_listing_that_was_created(
    twin: Twin, calder: VirtualstockClient, do: str
) -> None:
    twin.fault("product_create", do)

    with pytest.raises(LookFirst):
        create(calder)

    assert [found.data["product_name"] for found in calder.products_named("CAP-M", lane=LANE)] == ["Cap Navy"]


@pytest.mark.parametrize(("do", "changed"), [("drop_before", False), ("drop_after", True)])
def test_after_a_lost_answer_nobody_claims_to_know_what_a_change_did(
    twin: Twin, calder: VirtualstockClient, do: str, changed: bool
) -> None:
    number = number_of(first(calder))
    twin.fault("product_patch", do)

    with pytest.raises(LookFirst):
        calder.patch_product(number, {"colour": "Teal"}, lane=LANE)

    assert (first(calder).data["colour"] == "Teal") is changed


def test_the_categories_of_a_retailer_come_with_their_names(twin: Twin, calder: VirtualstockClient) -> None:
    named = {CLOTHING: "Clothing", FOOTWEAR: "Footwear", ACCESSORIES: "Accessories"}
    assert calder.categories(lane=LANE) == list(named.items())
    assert [number for number, _ in twin.client("northgate").categories(lane=LANE)] == [CLOTHING]
