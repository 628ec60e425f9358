"""Prices follow Centra's pricelists and campaigns to the tick, and a price nobody can stand for never leaves."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integration.storage import contents
from tests.life.product_stage import ProductStage

LONDON, STOCKHOLM = ZoneInfo("Europe/London"), ZoneInfo("Europe/Stockholm")
SKU, VARIANT = "HF1001-OAT-S", 2001
"""Listed by all three retailers, at 79.00 with tax."""
TICK = timedelta(seconds=15)


def prices(stage: ProductStage) -> dict[str, dict[str, tuple[str | None, str]]]:
    """What was told since the last look, by retailer: the same of every listing of the variant, and of nothing else."""
    told: dict[str, dict[str, dict[str, tuple[str | None, str]]]] = {}
    for retailer, sku, changes in stage.calls():
        assert sku not in told.setdefault(retailer, {}), "a listing was called twice"
        told[retailer][sku] = changes
    for retailer, changes in told.items():
        assert sorted(changes) == stage.on_sale(retailer, VARIANT)
        assert all(each == changes[SKU] for each in changes.values())
    return {retailer: changes[SKU] for retailer, changes in told.items()}


def test_a_price_reaches_each_listing_in_one_call_on_the_retailers_own_basis(stage: ProductStage) -> None:
    stage.edit(sku=SKU, price="69.90")
    stage.settle()

    assert prices(stage) == {
        "calder": {"price": ("79.00", "69.90"), "rrp": ("79.00", "69.90")},
        "fernhill": {"price": ("65.83", "58.25")},
    }
    with stage.store.read() as db:
        sent = contents.sent_prices(db, "calder", SKU, 10)
    assert {(row.attribute, str(row.amount), row.currency, row.source) for row in sent} == {
        ("price", "69.90", "GBP", "pricelist 7"), ("rrp", "69.90", "GBP", "pricelist 7"),
    }  # fmt: skip


def test_a_cost_follows_the_variant(stage: ProductStage) -> None:
    stage.edit(sku=SKU, unit_cost="30.10")
    stage.settle()

    assert prices(stage) == {"calder": {"cost_price": ("31.60", "30.10")}}


@pytest.mark.parametrize(("amount", "said"), [
    ("0", "not above zero"), ("-5", "not above zero"), ("1000000", "above any real price"),
    ("0.001", "rounds to nothing"), (None, "has no price of the variant"),
])  # fmt: skip
def test_a_price_that_cannot_be_stood_for_keeps_the_old_one_and_serves_everyone_else(
    stage: ProductStage, amount: str | None, said: str
) -> None:
    stage.edit(sku=SKU, price=amount)
    stage.edit(product=1003, price="58")
    stage.settle()

    assert list(stage.open_causes()) == ["price-invalid"]
    assert {sku[:6] for _, sku, _ in stage.calls()} == {"HF1003"}
    assert stage.shown("calder", SKU)["price"] == "79.00"
    sentences = stage.sentences("price-invalid")
    assert all(said in each for each in sentences), sentences

    stage.edit(sku=SKU, price="70")
    stage.settle()

    assert stage.open_causes() == {}
    assert prices(stage) == {
        "calder": {"price": ("79.00", "70.00"), "rrp": ("79.00", "70.00")}, "fernhill": {"price": ("65.83", "58.33")},
    }  # fmt: skip


def test_a_pricelist_in_another_currency_is_never_sent(stage: ProductStage) -> None:
    stage.centra.post("pricelist", id=7, currency="EUR")
    stage.edit(sku=SKU, title="Same price, other money")
    stage.settle()

    assert list(stage.open_causes()) == ["price-invalid"]
    assert "EUR and not in GBP" in stage.sentences("price-invalid")[0]
    calls = stage.calls()
    assert {retailer for retailer, _, _ in calls} == {"northgate", "fernhill"}, "calder holds the product whole"
    assert all(list(changes) in (["productTitle"], ["name"]) for _, _, changes in calls)

    stage.centra.post("pricelist", id=7, currency="GBP")
    stage.reread(1001)

    assert stage.open_causes() == {}
    assert {(call[0], *call[2]) for call in stage.calls()} == {("calder", "product_name")}


@pytest.mark.parametrize(("start", "stop"), [
    (datetime(2027, 3, 27, tzinfo=LONDON), datetime(2027, 3, 29, tzinfo=LONDON)),  # the clocks go forward between
    (datetime(2027, 10, 30, tzinfo=LONDON), datetime(2027, 11, 1, tzinfo=LONDON)),  # and back
    (datetime(2027, 6, 1, tzinfo=LONDON), datetime(2027, 6, 2, tzinfo=STOCKHOLM)),
])  # fmt: skip
def test_a_campaign_starts_and_stops_to_the_tick_without_any_event(
    stage: ProductStage, start: datetime, stop: datetime
) -> None:
    stage.until(start - timedelta(days=3))
    stage.settle(1)
    row = {"sku": SKU, "percent": 20, "start": start.isoformat(), "stop": stop.isoformat()}
    stage.centra.post("campaign", name="Sale", variants=[row])
    stage.reread(1001)
    assert stage.calls() == [], "nothing is told before it starts"
    stage.lose_events()

    stage.until(start - TICK)
    stage.turn()
    assert stage.calls() == []
    stage.until(start)
    stage.turn()
    assert prices(stage) == {
        "calder": {"price": ("79.00", "63.20")}, "fernhill": {"price": ("65.83", "52.67")},
    }  # fmt: skip
    stage.until(stop - TICK)
    stage.turn()
    assert stage.calls() == []
    stage.until(stop)
    stage.turn()
    assert prices(stage) == {
        "calder": {"price": ("63.20", "79.00")}, "fernhill": {"price": ("52.67", "65.83")},
    }  # fmt: skip
    with stage.store.read() as db:
        sources = [row.source for row in contents.sent_prices(db, "calder", SKU, 2)]
    assert sources[0] == "pricelist 7"
    assert sources[1].startswith("pricelist 7, campaign")
    assert sources[1].endswith("20 % off")


@pytest.mark.parametrize(("day", "next_day", "hours"), [
    ("2027-03-27", "2027-03-28", 24), ("2027-03-28", "2027-03-29", 23),  # the clocks go forward on the 28th
    ("2027-10-31", "2027-11-01", 25), ("2027-11-01", "2027-11-02", 24),  # and back on the 31st
])  # fmt: skip
def test_a_campaign_that_is_set_without_an_offset_goes_by_the_clock_of_the_shop(
    stage: ProductStage, day: str, next_day: str, hours: int
) -> None:
    stage.centra.put("settings", {"timezone": "Europe/Stockholm"})
    start, stop = (datetime.fromisoformat(each).replace(tzinfo=STOCKHOLM) for each in (day, next_day))
    assert (stop.astimezone(UTC) - start.astimezone(UTC)) == timedelta(hours=hours)
    assert start.astimezone(LONDON).hour == 23, "midnight is an hour later in London"
    row = {"sku": SKU, "percent": 20, "start": f"{day} 00:00:00", "stop": f"{next_day} 00:00:00"}
    stage.centra.post("campaign", name="One day", variants=[row])
    stage.reread(1001)
    assert stage.calls() == []
    stage.lose_events()

    for moment, old, new in ((start, "79.00", "63.20"), (stop, "63.20", "79.00")):
        stage.until(moment - TICK)
        stage.turn()
        assert stage.calls() == []
        stage.until(moment)
        stage.turn()
        assert prices(stage)["calder"] == {"price": (old, new)}


def test_of_campaigns_that_overlap_the_lowest_price_counts(stage: ProductStage) -> None:
    now = stage.now()
    for percent, hours in ((10, 6), (30, 2)):
        row = {"sku": SKU, "percent": percent, "start": now.isoformat(), "stop": stage.later(hours * 3600)}
        stage.centra.post("campaign", variants=[row])
    stage.centra.post("campaign", variants=[{"sku": SKU, "fixed": "78.00", "start": now.isoformat()}])
    stage.reread(1001)
    assert prices(stage)["calder"] == {"price": ("79.00", "55.30")}

    for hours, amounts in ((2, ("55.30", "71.10")), (6, ("71.10", "78.00"))):
        stage.until(now + timedelta(hours=hours, seconds=1))
        stage.turn()
        assert prices(stage)["calder"] == {"price": amounts}


def test_a_campaign_that_is_no_reduction_is_told(stage: ProductStage) -> None:
    stage.centra.post("campaign", variants=[{"sku": SKU, "percent": 100, "start": stage.now().isoformat()}])
    stage.reread(1001)

    assert list(stage.open_causes()) == ["price-invalid"]
    assert "that is no reduction" in stage.sentences("price-invalid")[0]
    assert stage.calls() == []
