"""A listing's attributes are told in one call, and a refusal says which of them were wrong, however it is wrapped."""

import json
from typing import Any

import pytest
import responses
from virtualstock_stub import BASE, Client, Stub

from integration.lanes import Lane
from integration.problems import LookFirst, Refused, TryAgain

PRODUCTS = f"{BASE}/api/v4/products/"
CATEGORIES = f"{BASE}/api/v4/categories/"
LANE = Lane.CATALOGUE
LISTING = {
    "url": f"{PRODUCTS}5/?format=json", "part_number": "P5", "client": f"{BASE}/api/v4/clients/637/",
    "category": f"{CATEGORIES}5544/", "supplier": f"{BASE}/api/v4/suppliers/48/", "data": {"colour": "BLUE"},
}  # fmt: skip


def sent(stub: Stub) -> Any:
    """The body of the newest request."""
    return json.loads(stub.calls[-1].request.body)


def test_only_the_given_attributes_are_sent_and_the_whole_listing_comes_back(stub: Stub, client: Client) -> None:
    stub.patch(f"{PRODUCTS}5/", json=LISTING)

    answer = client.patch_product(5, {"colour": "BLUE", "image_2": ""}, lane=LANE)

    assert sent(stub) == {"data": {"colour": "BLUE", "image_2": ""}}
    assert (answer.id, answer.category_id, answer.data) == (5, 5544, {"colour": "BLUE"})


@pytest.mark.parametrize("body", [
    {"data": {"colour": ["Value 'TEAL' is not valid for 'colour'."]}},
    {"colour": ["Value 'TEAL' is not valid for 'colour'."]},
    {"colour": "Value 'TEAL' is not valid for 'colour'.", "code": "INVALID"},
])  # fmt: skip
def test_a_refusal_names_the_attribute_however_it_is_wrapped(stub: Stub, client: Client, body: Any) -> None:
    stub.patch(f"{PRODUCTS}5/", status=400, json=body)

    with pytest.raises(Refused) as refusal:
        client.patch_product(5, {"colour": "TEAL"}, lane=LANE)

    assert refusal.value.fields == {"colour": "Value 'TEAL' is not valid for 'colour'."}
    assert "colour" in refusal.value.reason


@pytest.mark.parametrize("answer", [
    {"body": "colour: Value 'TEAL' is not valid."}, {"json": {"detail": "colour: Value 'TEAL' is not valid."}},
    {"json": ["colour: Value 'TEAL' is not valid."]},
])  # fmt: skip
def test_a_refusal_in_one_sentence_names_no_attribute(stub: Stub, client: Client, answer: Any) -> None:
    stub.patch(f"{PRODUCTS}5/", status=400, **answer)

    with pytest.raises(Refused) as refusal:
        client.patch_product(5, {"colour": "TEAL"}, lane=LANE)

    assert refusal.value.fields == {}
    assert "colour: Value 'TEAL' is not valid" in refusal.value.reason


def test_a_huge_refusal_stays_short(stub: Stub, client: Client) -> None:
    stub.patch(f"{PRODUCTS}5/", status=400, json={"data": {"colour": ["x" * 100_000]}})

    with pytest.raises(Refused) as refusal:
        client.patch_product(5, {"colour": "TEAL"}, lane=LANE)

    assert len(refusal.value.reason) < 1000
    assert len(refusal.value.fields["colour"]) < 1000


def test_a_product_that_is_being_published_is_left_alone_for_minutes(stub: Stub, client: Client) -> None:
    stub.patch(f"{PRODUCTS}5/", status=409, json={"detail": "Can't update a product which is in a publishing status."})

    with pytest.raises(TryAgain) as failure:
        client.patch_product(5, {"colour": "BLUE"}, lane=LANE)

    assert failure.value.wait is not None
    assert failure.value.wait >= 60


def test_a_product_they_do_not_know_is_told_by_its_status(stub: Stub, client: Client) -> None:
    stub.patch(f"{PRODUCTS}5/", status=404, json={"detail": "Not found."})

    with pytest.raises(Refused) as refusal:
        client.patch_product(5, {"colour": "BLUE"}, lane=LANE)

    assert (refusal.value.status, refusal.value.code) == (404, "PRODUCT_NOT_FOUND")


@pytest.mark.parametrize("status", [500, 502, 504])
def test_after_a_lost_answer_one_looks_first(stub: Stub, client: Client, status: int) -> None:
    stub.patch(f"{PRODUCTS}5/", status=status)
    stub.post(PRODUCTS, status=status)

    with pytest.raises(LookFirst):
        client.patch_product(5, {"colour": "BLUE"}, lane=LANE)
    with pytest.raises(LookFirst):
        client.create_product("P6", 5544, 637, 48, {}, lane=LANE)


def test_a_new_product_is_tied_to_category_retailer_and_supplier_at_our_address(stub: Stub, client: Client) -> None:
    stub.post(PRODUCTS, status=201, json=LISTING)

    made = client.create_product("P5", 5544, 637, 48, {"colour": "BLUE"}, lane=LANE)

    assert sent(stub) == {
        "part_number": "P5", "category": f"{BASE}/api/v4/categories/5544/", "client": f"{BASE}/api/v4/clients/637/",
        "supplier": f"{BASE}/api/v4/suppliers/48/", "data": {"colour": "BLUE"},
    }  # fmt: skip
    assert made.id == 5


def test_a_retailer_that_lets_nobody_create_says_so_by_its_status(stub: Stub, client: Client) -> None:
    stub.post(PRODUCTS, status=403, json={"detail": "You do not have permission to perform this action."})

    with pytest.raises(Refused) as refusal:
        client.create_product("P5", 5544, 637, 48, {}, lane=LANE)

    assert refusal.value.status == 403


def test_only_exactly_the_part_number_is_found(stub: Stub, client: Client) -> None:
    rows = [LISTING, {**LISTING, "url": f"{PRODUCTS}6/", "part_number": "P55"}]
    stub.get(PRODUCTS, json={"count": 2, "next": None, "results": rows})

    found = client.products_named("P5", lane=LANE)

    assert [product.id for product in found] == [5]
    assert "part_number=P5" in str(stub.calls[-1].request.url)


def test_categories_are_read_to_the_end_and_those_without_a_link_left_out(stub: Stub, client: Client) -> None:
    first = {"url": f"{CATEGORIES}5544/?format=json", "name": "Clothing"}
    second = {"url": f"{CATEGORIES}5546/", "name": None}
    page = {"format": "json", "limit": "200"}
    stub.get(
        CATEGORIES, match=[responses.matchers.query_param_matcher(page)],
        json={"count": 3, "next": f"{CATEGORIES}?limit=200&offset=2", "results": [first, {"name": "?"}]},
    )  # fmt: skip
    stub.get(
        CATEGORIES, match=[responses.matchers.query_param_matcher({**page, "offset": "2"})],
        json={"count": 3, "next": None, "results": [second]},
    )  # fmt: skip

    assert client.categories(lane=LANE) == [(5544, "Clothing"), (5546, "")]
