"""The ten commonest exceptions are found, understood and resolved through pages alone, and what waited goes on."""

from typing import Any

from playwright.sync_api import expect

from sandbox.seed import WAREHOUSES
from tests.browser.conftest import Seat
from tests.browser.deeds import edit_mapping, fold, is_closed, open_exception, publish, retry
from tests.browser.shop import Shop

SKU = "HF1001-OAT-S"
"""Listed by all three retailers, at 79.00 with tax."""


def test_an_unmapped_carrier_is_answered_by_a_suggestion_and_its_dispatch_leaves(shop: Shop, seat: Seat) -> None:
    order = shop.buys("northgate")
    shop.calm()
    shop.centra.post("ship", order=order.centra_order()["number"], carrier="Yodell", service="Xpect 48", tracking="Y1")
    shop.calm()
    assert order.at_retailer()["dispatches"] == []
    page = seat()
    exception = open_exception(page, "No Virtualstock carrier for Yodell / Xpect 48 at Northgate")
    page.get_by_role("link", name="Choose what it means").click()
    page.get_by_role("link", name="yodel", exact=True).click()
    page.get_by_role("button", name="See what it would do").click()
    expect(page.locator("#effect")).to_contain_text("1 dispatch")
    publish(page, "Yodell is how the warehouse spells Yodel")
    expect(page.get_by_role("status")).to_contain_text("1 held piece of work is due again")
    shop.calm()

    (told,) = order.at_retailer()["dispatches"]
    assert (told["carrier"], told["tracking_number"]) == ("yodel", "Y1")
    is_closed(page, exception)
    page.goto(f"/orders/{order.subject}")
    expect(page.get_by_role("table", name="Shipments")).not_to_contain_text("not yet")


def test_an_unmapped_sku_is_mapped_and_its_order_goes_into_centra(shop: Shop, seat: Seat) -> None:
    order = shop.orders("calder", {"part_number": "CAL-OLD-9", "quantity": 1}, skus=[SKU])
    shop.calm()
    assert order.in_centra() == []
    page = seat()
    exception = open_exception(page, "Calder ordered CAL-OLD-9")
    edit_mapping(page, "products", "[]", f"- {{retailer: calder, part_number: CAL-OLD-9, sku: {SKU}}}")
    expect(page.locator("#effect")).to_contain_text("1 order")
    publish(page, "the old number of the oat one")
    shop.calm()

    assert [line["sku"] for line in order.centra_order()["lines"]] == [SKU]
    is_closed(page, exception)


def test_an_unmapped_delivery_service_is_mapped_and_its_order_is_placed(shop: Shop, seat: Seat) -> None:
    order = shop.buys("calder", delivery_service_code="sameday")
    shop.calm()
    page = seat()
    exception = open_exception(page, "Calder orders delivery service sameday")
    edit_mapping(page, "retailers/calder", "express: express", "express: express, sameday: express")
    publish(page, "same day goes with the express courier")
    shop.calm()

    assert order.at_retailer()["status"] == "ORDER_ACK"
    is_closed(page, exception)


def test_an_order_that_centra_refused_is_retried_after_centra_is_mended(shop: Shop, seat: Seat) -> None:
    shop.centra.put("settings", {"order_api_markets": [1]})
    order = shop.buys("calder")
    shop.calm()
    shop.centra.put("settings", {"order_api_markets": None})
    shop.calm()
    assert order.in_centra() == [], "nobody has said that it is mended"
    page = seat()
    exception = open_exception(page, f"Centra refused order {order.reference}")
    retry(page, "the plugin may use the market again")
    shop.calm()

    assert len(order.in_centra()) == 1
    is_closed(page, exception)


def test_stock_that_was_refused_is_retried_and_shown(shop: Shop, seat: Seat) -> None:
    sku = shop.sells_stock("calder")[0]
    shop.virtualstock.faults(
        {"match": {"operation": "stock", "caller": "calder"}, "do": "status", "value": 422, "body": "bad"}
    )
    count(shop, {sku: 3})
    shop.settle()
    shop.virtualstock.no_faults()
    page = seat()
    exception = open_exception(page, f"Calder refused the stock of {sku}")
    retry(page, "they have repaired the listing")
    shop.settle()

    assert shop.virtualstock.get("stock", retailer="calder")[sku] == 3
    is_closed(page, exception)
    page.goto(f"/skus/{sku}")
    expect(page.get_by_role("row", name="Calder")).to_contain_text("3")


def test_some_prices_behind_a_guardrail_are_released_and_the_rest_stay(shop: Shop, seat: Seat) -> None:
    shop.change("fernhill", switches={"prices": False})
    shop.edit(sku=SKU, price="5")
    shop.settle()
    page = seat()
    exception = open_exception(page, "All prices for Calder are stopped")
    part = fold(page, "Release what the guardrail stopped")
    part.get_by_label(SKU).check()
    part.get_by_label("Why they are right").fill("the last of its kind")
    part.get_by_role("button", name="Release these SKUs").click()
    expect(page.get_by_role("status")).to_have_text("Articles that go on: 1.")
    shop.settle()

    told = {(retailer, sku): changes["price"][1] for retailer, sku, changes in shop.calls()}
    assert told == {("calder", SKU): "5.00"}
    page.goto(exception)
    expect(page.locator("#state")).not_to_contain_text("Closed")
    expect(page.locator("#timeline")).to_contain_text("the last of its kind")


def test_a_fall_to_zero_behind_a_guardrail_is_released_whole(shop: Shop, seat: Seat) -> None:
    skus = shop.sells_stock("calder", least_listings=5)
    count(shop, dict.fromkeys(skus, 0))
    shop.settle()
    assert {shop.virtualstock.get("stock", retailer="calder")[sku] for sku in skus} != {0}
    page = seat()
    exception = open_exception(page, "Stock that falls to zero is stopped for Calder")
    part = fold(page, "Release what the guardrail stopped")
    part.get_by_label("Why they are right").fill("the warehouse burnt down")
    part.get_by_role("button", name="Release all").click()
    shop.settle()

    shown = shop.virtualstock.get("stock", retailer="calder")
    assert {shown[sku] for sku in skus} == {0}
    is_closed(page, exception)


def test_a_dispatch_nobody_can_look_up_is_resolved_by_whoever_looked(shop: Shop, seat: Seat) -> None:
    shop.virtualstock.put("settings", {"v3_available": False})
    order = shop.buys("fernhill", quantity=3)
    shop.calm()
    shop.virtualstock.faults({"match": {"operation": "dispatch"}, "do": "drop_after", "times": 1})
    (line,) = order.centra_order()["lines"]
    shop.centra.post("ship", order=order.centra_order()["number"], lines={line["id"]: 1}, tracking="P1")
    shop.calm()
    page = seat()
    exception = open_exception(page, f"The answer to the dispatch of part of {order.reference}")
    part = fold(page, "It is settled already")
    part.get_by_label("What you saw or did in the portal").fill("the portal shows one unit with P1")
    part.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("status")).to_have_text("It is settled.")
    shop.calm()

    assert [each["quantity"] for each in order.at_retailer()["dispatches"]] == [1], "it was not said twice"
    is_closed(page, exception)
    page.goto(f"/orders/{order.subject}")
    expect(page.get_by_role("table", name="Shipments")).not_to_contain_text("unclear")


def test_invalid_content_closes_by_itself_after_centra_is_corrected(shop: Shop, seat: Seat) -> None:
    shop.edit(sku=SKU, attribute={"name": "variant.colour.text", "value": "Teal"})
    shop.settle()
    page = seat()
    exception = open_exception(page, "The attribute colour of Northgate")
    expect(page.get_by_text("Teal").first).to_be_visible()
    shop.edit(sku=SKU, attribute={"name": "variant.colour.text", "value": "Oatmeal"})
    shop.settle()

    is_closed(page, exception)


def test_a_refused_credential_is_shown_and_closes_when_it_is_accepted(shop: Shop, seat: Seat) -> None:
    shop.virtualstock.faults({"match": {"caller": "calder"}, "do": "status", "value": 401})
    order = shop.buys("calder")
    shop.round()
    page = seat()
    exception = open_exception(page, "Virtualstock refuses our credential calder")
    expect(page.locator("#state")).to_contain_text("engineering")
    shop.virtualstock.no_faults()
    shop.calm()

    is_closed(page, exception)
    assert order.at_retailer()["status"] == "ORDER_ACK"


def count(shop: Shop, quantities: dict[str, int]) -> None:
    """Physical stock is counted: these quantities in the first warehouse, nothing in the others."""
    houses = [house.id for house in WAREHOUSES]
    changes: list[dict[str, Any]] = [
        {"sku": sku, "warehouse": house, "quantity": quantity if house == houses[0] else 0}
        for sku, quantity in quantities.items() for house in houses
    ]  # fmt: skip
    shop.centra.post("stock", changes=changes)
