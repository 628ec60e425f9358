"""The GraphQL side of the Centra twin lets in, refuses, limits and answers as the documentation says."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
import requests
from centra_merchant import Centra

LIMITS = "{ rateLimits { type intervalSeconds quota usedQuota remainingQuota } }"


@pytest.fixture
def centra() -> Iterator[Centra]:
    """A fresh twin."""
    platform = Centra()
    yield platform
    platform.close()


def test_a_bearer_token_and_a_cookie_open_the_api_and_a_wrong_one_is_403(centra: Centra) -> None:
    assert centra.post("{ stores { id } }").json()["data"] == {"stores": [{"id": 1}]}
    url, body = f"{centra.server.url}/graphql", {"query": "{ stores { id } }"}
    assert requests.post(url, json=body, cookies={"graphql-access": "sandbox-centra-token"}, timeout=5).ok
    assert centra.post("{ stores { id } }", token="wrong").status_code == 403
    centra.control("PUT", "settings", {"tokens": {"sandbox-centra-token": {"integration_name": "a", "expired": True}}})
    assert centra.post("{ stores { id } }").status_code == 403


@pytest.mark.parametrize("body", ["not json", '["a"]', "{}", '{"query": "{ stores"}', '{"query": "{ nothing }"}'])
def test_a_request_that_is_not_graphql_is_400(centra: Centra, body: str) -> None:
    headers = {"authorization": "Bearer sandbox-centra-token"}
    assert requests.post(f"{centra.server.url}/graphql", body, headers=headers, timeout=5).status_code == 400


def test_a_missing_permission_costs_complexity_and_gives_no_data(centra: Centra) -> None:
    centra.control("PUT", "settings", {"tokens": {"t": {"integration_name": "a", "permissions": ["Store:read"]}}})
    assert centra.post("{ stores { id } }", token="t").ok
    answer = centra.post("{ orders { number } }", token="t").json()
    assert "data" not in answer
    assert answer["errors"][0]["message"] == "You need Order:read permission to access orders."
    assert answer["errors"][0]["extensions"] == {"category": "authorization"}
    assert answer["extensions"]["complexity"] > 10
    assert answer["extensions"]["permissionsUsed"] == ["Order:read"]


def test_a_single_value_stands_for_a_list_and_pages_are_at_most_200(centra: Centra) -> None:
    first = centra.seed.products[0]
    assert centra.ask("query($id: [Int!]) { products(where: {id: $id}) { id } }", id=first.id)["products"] == [
        {"id": first.id}
    ]
    assert len(centra.ask("{ productSizes(limit: 3, page: 2) { id } }")["productSizes"]) == 3
    assert len(centra.ask("{ productSizes { id } }")["productSizes"]) == 20
    for wrong in ("limit: 201", "limit: 0", "page: 0"):
        assert "limit must be" in centra.post("{ productSizes(%s) { id } }" % wrong).text  # noqa: UP031


def test_sizes_are_found_by_sku_ean_and_change_time_and_their_sku_is_the_glued_parts(centra: Centra) -> None:
    _, _, size = next(iter(centra.seed.sizes()))
    query = """query($where: ProductSizeFilter) { productSizes(where: $where, limit: 200) {
        id SKU EAN sizeNumber productVariant { id variantNumber stockOffset product { productNumber } } } }"""
    for where in ({"SKU": {"equals": size.sku}}, {"EAN": {"equals": size.ean}}, {"id": [size.id]}):
        (found,) = centra.ask(query, where=where)["productSizes"]
        variant = found["productVariant"]
        assert variant["product"]["productNumber"] + variant["variantNumber"] + found["sizeNumber"] == size.sku
    start = datetime.now(UTC).isoformat()
    assert centra.ask(query, where={"updatedAt": {"from": start}})["productSizes"] == []
    centra.control("POST", "edit", {"sku": size.sku, "active": False})
    assert [row["SKU"] for row in centra.ask(query, where={"updatedAt": {"from": start}})["productSizes"]] == [size.sku]
    assert "Exactly one" in centra.post(query, {"where": {"SKU": {"equals": "a", "contains": "a"}}}).text


def test_times_carry_an_offset_and_follow_the_asked_format(centra: Centra) -> None:
    centra.control("PUT", "settings", {"timezone": "Asia/Tokyo"})
    product = centra.ask('{ products(limit: 1) { updatedAt plain: updatedAt(format: "Y-m-d H:i:s") } }')["products"][0]
    assert product["updatedAt"].endswith("+09:00")
    assert product["plain"] == product["updatedAt"][:19].replace("T", " ")


def test_warehouses_lead_to_the_markets_they_serve(centra: Centra) -> None:
    warehouses = centra.ask("{ warehouses { id threshold allocationRules { markets { id } } } }")["warehouses"]
    assert [house["threshold"] for house in warehouses] == [None, 2]
    assert {"id": 3} in warehouses[0]["allocationRules"][0]["markets"]


def test_display_items_lead_to_their_variants(centra: Centra) -> None:
    query = "{ displays(where: {marketId: 3}) { displayItems { id productVariant { id } } } }"
    displays = centra.ask(query)["displays"]
    variant = centra.seed.products[0].variants[0]
    assert {"id": variant.display_item_id, "productVariant": {"id": variant.id}} in displays[0]["displayItems"]


def test_the_six_limits_say_what_is_left_and_what_others_use(centra: Centra) -> None:
    centra.control("PUT", "settings", {"plan": "growth", "other_use": {"REQUEST_COUNT": 40}})
    limits = {(row["type"], row["intervalSeconds"]): row for row in centra.ask(LIMITS)["rateLimits"]}
    assert len(limits) == 6
    row = limits["REQUEST_COUNT", "TEN_SECONDS"]
    assert (row["quota"], row["usedQuota"]) == (60, 41)
    assert all(row["quota"] == row["usedQuota"] + row["remainingQuota"] for row in limits.values())
    assert limits["MUTATION_COUNT", "ONE_HOUR"]["usedQuota"] == 0


def test_a_throttled_call_is_429_with_the_moment_to_come_back_in_the_chosen_form(centra: Centra) -> None:
    centra.control("PUT", "settings", {"plan": "growth", "other_use": {"REQUEST_COUNT": 60}})
    answer = centra.post("{ stores { id } }")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) - time.time() < 15
    assert centra.control("GET", "counts")["throttled"] == 1

    centra.control("PUT", "settings", {"retry_after": "http-date"})
    moment = parsedate_to_datetime(centra.post("{ stores { id } }").headers["retry-after"])
    assert moment > datetime.now(UTC)
    centra.control("PUT", "settings", {"retry_after": "iso"})
    assert datetime.fromisoformat(centra.post("{ stores { id } }").headers["retry-after"]) > datetime.now(UTC)
    centra.control("PUT", "settings", {"retry_after": "seconds"})
    assert 0 < int(centra.post("{ stores { id } }").headers["retry-after"]) < 15

    centra.control("PUT", "settings", {"other_use": {}})
    time.sleep(0.4)
    assert centra.post("{ stores { id } }").ok


def test_a_page_of_free_stock_is_cheap_and_other_quantities_are_dear(centra: Centra) -> None:
    def complexity(field: str) -> int:
        query = "query($n: Int) { productSizes(limit: $n) { stock { %s } } }" % field  # noqa: UP031
        return int(centra.post(query, {"n": 100}).json()["extensions"]["complexity"])

    assert complexity("freeToAllocateQuantity") < complexity("physicalQuantity") / 2
    assert centra.post(LIMITS).json()["extensions"]["complexity"] == 10


def test_the_schema_can_be_introspected_and_creates_no_orders(centra: Centra) -> None:
    fields = centra.ask("{ __schema { mutationType { fields { name } } } }")["__schema"]["mutationType"]["fields"]
    names = {field["name"] for field in fields}
    assert "confirmOrder" in names
    assert not any("create" in name and "Order" in name for name in names)


def test_an_identifier_of_ours_replaces_whatever_it_collides_with(centra: Centra) -> None:
    def name(number: int, external: str) -> None:
        answer = centra.ask(
            """mutation($n: Int64!, $e: String!) {
            setIdConversions(input: {objectType: Order, internalId: $n, externalId: $e}) { userErrors { message } }
            }""",
            n=number, e=external,
        )
        assert answer["setIdConversions"]["userErrors"] == []

    for number, external in ((1, "a"), (2, "b"), (2, "a")):
        name(number, external)
    rows = centra.ask("{ idConversions(where: {objectType: Order}) { internalId externalId } }")["idConversions"]
    assert rows == [{"internalId": 2, "externalId": "a"}]
    centra.control("DELETE", "journal")
    name(2, "a")
    assert centra.control("GET", "counts")["unchanged"] == 1
    remarks = centra.ask("""mutation { unsetIdConversions(input: {objectType: Order, idConversion: {externalId: "a"}})
        { userErrors { message } userWarnings { message } } }""")["unsetIdConversions"]
    assert remarks == {"userErrors": [], "userWarnings": []}
    assert centra.ask("{ idConversions { internalId } }")["idConversions"] == []


def test_faults_strike_by_root_field(centra: Centra) -> None:
    centra.control("PUT", "faults", [{"match": {"operation": "stores"}, "do": "html", "times": 1}])
    assert centra.post("{ markets { id } }").ok
    assert centra.post("{ stores { id } }").text.startswith("<")
    centra.control("PUT", "faults", [{"match": {"operation": "stores"}, "do": "throttle", "value": 3}])
    answer = centra.post("{ markets { id } shops: stores { id } }")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) - time.time() < 5
