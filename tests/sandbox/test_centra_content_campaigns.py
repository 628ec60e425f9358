"""Sales in the Centra twin are planned, changed and ended by people who are heard, and run by a clock that is not."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from centra_merchant import Centra, endpoint, eventually, listen, payloads, waiting

from sandbox.centra import clock
from sandbox.seed import Variant

ROWS = """query($id: [Int!], $limit: Int, $page: Int) { displays(where: {id: $id}) {
    campaignVariants(limit: $limit, page: $page) {
    id status type discountPercent fixedPrice { value currency { code } } startAt stopAt showSale
    productVariant { id } } } }"""


@pytest.fixture
def centra() -> Iterator[Centra]:
    """A fresh twin whose catalogue somebody listens to."""
    platform = Centra()
    listen(platform, "Campaign", "Display", "ProductVariant", "Product", "Price", "Pricelist")
    yield platform
    platform.close()


@pytest.fixture
def variants(centra: Centra) -> tuple[Variant, ...]:
    """Those of the first product."""
    return centra.seed.products[0].variants


def plan(centra: Centra, *rows: dict[str, Any], **more: Any) -> Any:
    """People plan a sale."""
    return centra.control("POST", "campaign", {"variants": list(rows), **more})


def rows(centra: Centra, limit: int = 20, page: int = 1) -> list[Any]:
    """The sales that the display of the first product leads to."""
    display = centra.seed.products[0].display_id
    return centra.ask(ROWS, id=display, limit=limit, page=page)["displays"][0]["campaignVariants"]  # type: ignore[no-any-return]


def held(centra: Centra, variant: Variant) -> Any:
    """What the staff's screen shows of a variant's sales."""
    return centra.control("GET", f"content?sku={variant.sizes[0].sku}")["campaigns"]


def test_a_share_and_an_amount_are_told_apart(centra: Centra, variants: tuple[Variant, ...]) -> None:
    first, second = variants[:2]
    period = {"start": "2026-12-01T00:00:00Z", "stop": "2026-12-08T00:00:00Z"}
    answer = plan(
        centra, {"variant": first.id, "percent": 12.5, **period}, {"sku": second.sizes[0].sku, "fixed": "19.90"},
    )
    share, amount = rows(centra)
    assert [share["id"], amount["id"]] == answer["rows"]
    assert share == {
        "id": answer["rows"][0], "status": "ACTIVE", "type": "DISCOUNT_PERCENT", "discountPercent": 12.5,
        "fixedPrice": None, "startAt": "2026-12-01T00:00:00+00:00", "stopAt": "2026-12-08T00:00:00+00:00",
        "showSale": True, "productVariant": {"id": first.id},
    }
    assert (amount["type"], amount["discountPercent"], amount["productVariant"]) == (
        "FIXED_PRICE", None, {"id": second.id},
    )
    assert amount["fixedPrice"] == {"value": 19.9, "currency": {"code": "GBP"}}
    assert held(centra, first) == [{
        "id": share["id"], "campaign": answer["campaign"], "status": "ACTIVE", "percent": "12.5", "fixed": None,
        "start": "2026-12-01T00:00:00+00:00", "stop": "2026-12-08T00:00:00+00:00",
    }]


@pytest.mark.parametrize(("written", "shown"), [
    ("2026-07-01 00:00:00", "2026-07-01T00:00:00+01:00"), ("2026-12-01", "2026-12-01T00:00:00+00:00"),
    ("2026-07-01T00:00:00+00:00", "2026-07-01T01:00:00+01:00"),
])
def test_a_moment_without_a_zone_is_one_of_the_instance(
    centra: Centra, variants: tuple[Variant, ...], written: str, shown: str,
) -> None:
    plan(centra, {"variant": variants[0].id, "percent": 10, "start": written, "stop": "2027-01-01"})
    assert rows(centra)[0]["startAt"] == shown


def test_a_sale_without_a_period_runs_from_now_for_a_while(centra: Centra, variants: tuple[Variant, ...]) -> None:
    before = clock.now()
    plan(centra, {"variant": variants[0].id, "percent": 10})
    (row,) = held(centra, variants[0])
    start, stop = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["stop"])
    assert before <= start <= clock.now()
    assert stop - start > timedelta(days=7)


def test_planning_changing_and_taking_away_are_told_by_the_campaigns_id(
    centra: Centra, variants: tuple[Variant, ...],
) -> None:
    number = plan(centra, {"variant": variants[0].id, "percent": 10})["campaign"]
    old = rows(centra)[0]["id"]
    changed = plan(centra, {"variant": variants[0].id, "percent": 30}, {"variant": variants[1].id, "percent": 5},
                   id=number, name="Winter", markets=[1, 3], pricelists=[7, 8])
    assert changed["campaign"] == number
    assert [row["discountPercent"] for row in rows(centra)] == [30.0, 5.0]
    assert old not in changed["rows"]
    campaign = centra.twin.world.catalogue.campaigns.by_id[number]
    assert (campaign.name, len(campaign.markets), len(campaign.pricelists)) == ("Winter", 2, 2)
    centra.control("POST", "campaign", {"id": number, "delete": True})
    assert rows(centra) == []
    assert waiting(centra) == [("Campaign", change, number) for change in ("CREATED", "UPDATED", "DELETED")]
    assert centra.control("POST", "campaign", {"id": number, "end": True})[0] == 400


def test_ending_a_sale_stops_it_now_and_leaves_its_rows(centra: Centra, variants: tuple[Variant, ...]) -> None:
    number = plan(centra, {"variant": variants[0].id, "percent": 10})["campaign"]
    (before,) = held(centra, variants[0])
    centra.control("POST", "campaign", {"id": number, "end": True})
    (after,) = held(centra, variants[0])
    assert datetime.fromisoformat(after["stop"]) <= clock.now() < datetime.fromisoformat(before["stop"])
    assert after == before | {"stop": after["stop"]}
    assert waiting(centra)[1:] == [("Campaign", "UPDATED", number)]


def test_nothing_is_told_when_a_sale_starts_and_stops_by_the_clock(
    centra: Centra, variants: tuple[Variant, ...],
) -> None:
    start = clock.now() + timedelta(hours=1)
    plan(centra, {"variant": variants[0].id, "percent": 10, "start": start.isoformat(),
                  "stop": (start + timedelta(hours=1)).isoformat()})  # fmt: skip
    told, before = waiting(centra), rows(centra)
    assert len(told) == 1
    for _ in range(2):
        centra.control("POST", "clock", {"advance": 5000})
        assert waiting(centra) == told
        assert rows(centra) == before
    assert clock.now() > start + timedelta(hours=1)


def test_the_storefront_hears_of_what_is_in_the_sale_and_of_what_was(variants: tuple[Variant, ...]) -> None:
    with endpoint() as (url, received):
        centra = Centra(url)
        try:
            number = plan(centra, {"variant": variants[0].id, "percent": 10})["campaign"]
            eventually(lambda: len(received) > 0)
            plan(centra, {"variant": variants[1].id, "percent": 10}, id=number)
            eventually(lambda: len(received) > 1)
            first, second = (variant.display_item_id for variant in variants[:2])
            assert payloads(received) == [{"DisplayItems": [first]}, {"DisplayItems": [first, second]}]
        finally:
            centra.close()


def test_sales_are_read_page_by_page_at_most_200_at_a_time(centra: Centra, variants: tuple[Variant, ...]) -> None:
    made = plan(centra, *[{"variant": variants[0].id, "percent": 10}] * 203)["rows"]
    assert len(rows(centra)) == 20
    assert [row["id"] for page in (1, 2) for row in rows(centra, 200, page)] == made
    refused = centra.post(ROWS, {"id": centra.seed.products[0].display_id, "limit": 201, "page": 1})
    assert "limit must be" in refused.text


def test_a_row_can_be_switched_off(centra: Centra, variants: tuple[Variant, ...]) -> None:
    plan(centra, {"variant": variants[0].id, "percent": 10, "status": "INACTIVE"})
    assert [row["status"] for row in rows(centra)] == ["INACTIVE"]


def test_a_fixed_price_is_in_the_currency_of_its_price_list(centra: Centra, variants: tuple[Variant, ...]) -> None:
    plan(centra, {"variant": variants[0].id, "fixed": 9}, pricelists=[8])
    centra.control("POST", "pricelist", {"id": 8, "currency": "EUR"})
    assert rows(centra)[0]["fixedPrice"] == {"value": 9.0, "currency": {"code": "EUR"}}


def test_a_deleted_product_leaves_its_sales_and_the_others_stay(centra: Centra, variants: tuple[Variant, ...]) -> None:
    other = centra.seed.products[1].variants[0]
    number = plan(centra, {"variant": variants[0].id, "percent": 10}, {"variant": other.id, "percent": 20})["campaign"]
    centra.control("POST", "edit", {"product": centra.seed.products[0].id, "delete": True})
    assert [row.product_variant.id for row in centra.twin.world.catalogue.campaigns.by_id[number].rows] == [other.id]
    assert len(held(centra, other)) == 1


@pytest.mark.parametrize("row", [
    {"percent": 10, "fixed": 5}, {}, {"percent": "much"}, {"fixed": "Infinity"}, {"percent": 10, "start": "soon"},
    {"percent": 10, "variant": 1}, {"percent": 10, "sku": "none"},
])
def test_a_sale_that_makes_no_sense_is_not_planned(
    centra: Centra, variants: tuple[Variant, ...], row: dict[str, Any],
) -> None:
    known = plan(centra, {"variant": variants[0].id, "percent": 10}, name="Known")["campaign"]
    before, told = rows(centra), waiting(centra)
    for more in ({}, {"id": known, "name": "Changed", "markets": [1]}):
        assert plan(centra, {"variant": variants[0].id, **row}, **more)[0] == 400
    campaigns = centra.twin.world.catalogue.campaigns.by_id
    assert {number: campaign.name for number, campaign in campaigns.items()} == {known: "Known"}
    assert [market.id for market in campaigns[known].markets] == [3]
    assert (rows(centra), waiting(centra)) == (before, told)
