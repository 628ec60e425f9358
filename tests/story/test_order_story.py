"""A retailer's order is in Centra exactly once and acknowledged; what cannot be used waits with every reason named."""

import shutil
from pathlib import Path

import pytest
import yaml

from integration import steps
from tests.story.system import RETAILERS, ROOT, System

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]

POLL = 30
"""Seconds between two polls of the timetable; nothing here waits for less."""


def poll(system: System, retailer: str) -> None:
    system.ask(steps.ORDERS_POLL, retailer)


def test_an_order_of_every_retailer_is_placed_once_and_acknowledged(system: System) -> None:
    references = {}
    for retailer in RETAILERS:
        first, second = system.sellable(retailer, 2)
        references[retailer] = system.order(
            retailer, {"sku": first, "quantity": 1}, {"sku": second, "quantity": 2}
        )

    for retailer, reference in references.items():
        system.until(
            lambda ref=reference: system.at_retailer(ref)["status"] == "ORDER_ACK", POLL + 30, f"{retailer} is told"
        )
        subject = f"{retailer}/{reference}"
        # The retailer is told before the warehouse is: Centra's confirmation follows by itself.
        system.until(lambda own=subject: system.in_centra(own)[0]["status"] == "CONFIRMED", 20, "it is confirmed")
        (placed,) = system.in_centra(subject)
        assert placed["external_id"] == subject
        assert [line["quantity"] for line in placed["lines"]] == [1, 2]
        assert placed["emails_sent"] == 0
        assert placed["totals"]["voucher"] == "0.00"


def test_after_an_order_its_stock_is_due_at_every_other_retailer(system: System) -> None:
    sku = next(sku for sku in system.sellable("calder", 40) if system.shown("fernhill", sku))
    before, mark = system.shown("fernhill", sku), system.virtualstock.mark()
    assert before is not None
    # Centra says nothing of it: neither webhook nor event tells that the order took stock.
    system.centra.faults({"match": {"operation": "webhook"}, "do": "lose"})

    system.order("calder", {"sku": sku, "quantity": 3})
    poll(system, "calder")

    system.until(lambda: system.shown("fernhill", sku) == before - 3, 20, "the other retailer shows what is left")
    assert len([call for call in system.stock_calls(mark, sku) if call["detail"]["retailer"] == "fernhill"]) == 1


@pytest.mark.parametrize("operation", ["order.create", "order.complete"])
def test_a_lost_answer_of_centra_leaves_exactly_one_order(system: System, operation: str) -> None:
    unfinished = len(system.centra.get("state")["incomplete"])
    sku = system.sellable("calder", 1)[0]
    system.centra.faults({"match": {"operation": operation}, "do": "drop_after", "times": 1})

    reference = system.order("calder", {"sku": sku, "quantity": 1})
    poll(system, "calder")

    system.until(lambda: system.at_retailer(reference)["status"] == "ORDER_ACK", 90, "the retailer is told")
    (placed,) = system.in_centra(f"calder/{reference}")
    assert [payment["type"] for payment in placed["payments"]] == ["AUTH", "CAPTURE"]
    assert len(system.centra.get("state")["incomplete"]) == unfinished, "a reservation was left behind"


def test_an_order_that_is_listed_again_and_again_is_placed_once(system: System) -> None:
    system.virtualstock.put("settings", {"duplicate_listing": True})
    # As long as it is not acknowledged it is listed by every poll, twice.
    system.virtualstock.faults({"match": {"operation": "acknowledge"}, "do": "status", "value": 503, "times": 3})
    try:
        reference = system.order("calder", {"sku": system.sellable("calder", 1)[0], "quantity": 1})
        for _ in range(3):
            poll(system, "calder")
            system.until(lambda: system.open_work("orders.poll", "orders.place") == 0, 20, "the poll is done")
        system.until(lambda: system.at_retailer(reference)["status"] == "ORDER_ACK", 60, "the retailer is told")
    finally:
        system.virtualstock.put("settings", {"duplicate_listing": False})

    assert len(system.in_centra(f"calder/{reference}")) == 1
    assert len(system.at_retailer(reference)["acknowledgements"]) == 1


def test_a_worker_killed_while_it_creates_an_order_leaves_exactly_one(system: System) -> None:
    unfinished = len(system.centra.get("state")["incomplete"])
    system.centra.faults({"match": {"operation": "order.create"}, "do": "late", "value": 8, "times": 1})
    mark = system.centra.mark()
    reference = system.order("calder", {"sku": system.sellable("calder", 1)[0], "quantity": 1})
    poll(system, "calder")
    system.until(lambda: _placing(system, reference), 20, "the call is out")
    for name in ("worker1", "worker2"):
        system.kill(name)
    system.until(lambda: system.centra.calls(mark, "order.create"), 15, "Centra has carried it out")
    for name in ("worker1", "worker2"):
        system.start_worker(name)

    system.until(lambda: system.at_retailer(reference)["status"] == "ORDER_ACK", 150, "the retailer is told")
    assert len(system.in_centra(f"calder/{reference}")) == 1
    assert len(system.centra.get("state")["incomplete"]) == unfinished, "a reservation was left behind"


def test_an_unmapped_sku_holds_the_order_and_a_published_mapping_releases_it(system: System, tmp_path: Path) -> None:
    sku = system.sellable("calder", 1)[0]
    reference = system.order("calder", {"part_number": "NEW-ARTICLE-1", "quantity": 1})
    poll(system, "calder")
    system.until(lambda: _names(system, "unmapped-sku", "NEW-ARTICLE-1"), 20, "the cause is open")
    other = system.order("calder", {"sku": sku, "quantity": 1})
    poll(system, "calder")
    system.until(lambda: system.at_retailer(other)["status"] == "ORDER_ACK", 30, "the flow goes on for the others")
    assert system.in_centra(f"calder/{reference}") == []

    row = {"retailer": "calder", "part_number": "NEW-ARTICLE-1", "sku": sku}
    publish(system, tmp_path, "products.yaml", row)

    system.until(lambda: system.at_retailer(reference)["status"] == "ORDER_ACK", 60, "it went on by itself")
    assert len(system.in_centra(f"calder/{reference}")) == 1
    assert not _names(system, "unmapped-sku", "NEW-ARTICLE-1")


def test_an_order_with_several_faults_is_held_with_all_of_them_named(system: System) -> None:
    reference = system.order(
        "calder", {"part_number": "NOBODY-KNOWS-IT", "quantity": 1}, delivery_service_code="by-balloon"
    )
    poll(system, "calder")
    system.until(lambda: _names(system, "unmapped-sku", "NOBODY-KNOWS-IT"), 20, "the SKU is named")

    assert _names(system, "unmapped-delivery-service", "by-balloon")
    assert system.in_centra(f"calder/{reference}") == []


HOSTILE = {
    "null part number": ({"overrides": {"part_number": None}}, {}),
    "quantity 0": ({"overrides": {"quantity": 0}}, {}),
    "null prices": (
        {"overrides": dict.fromkeys(("unit_cost_price", "subtotal", "tax", "total", "tax_rate"))}, {}),
    "empty postcode": ({}, {"shipping_address": {"country": "GB", "line_1": "1 High Street", "city": "London",
                                                "postal_code": "", "full_name": "A Shopper"}}),
    "unknown country": ({}, {"shipping_address": {"country": "Atlantis", "line_1": "1 High Street", "city": "Deep",
                                                 "postal_code": "AT1 1AA", "full_name": "A Shopper"}}),
    "foreign currency": ({}, {"currency_code": "EUR"}),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_order_is_held_with_a_sentence_and_harms_no_other(system: System, what: str) -> None:
    line, overrides = HOSTILE[what]
    sku = system.sellable("calder", 1)[0]
    bad = system.order("calder", {"sku": sku, "quantity": 1, **line}, **overrides)
    good = system.order("calder", {"sku": sku, "quantity": 1})
    poll(system, "calder")

    system.until(lambda: system.at_retailer(good)["status"] == "ORDER_ACK", 30, "the good order is placed")
    story = system.until(lambda: _story(system, bad), 20, "the bad order is known")
    assert story["held_by"], f"{what}: {story}"
    assert system.in_centra(f"calder/{bad}") == []


def test_extra_fields_and_a_country_spelt_out_are_no_trouble(system: System) -> None:
    address = {"country": "United Kingdom", "line_1": "1 High Street", "city": "London", "postal_code": "SW1A 1AA",
               "full_name": "A Shopper", "planet": "Earth"}  # fmt: skip
    reference = system.order(
        "calder", {"sku": system.sellable("calder", 1)[0], "quantity": 1}, shipping_address=address, gift_wrap="gold"
    )
    poll(system, "calder")

    system.until(lambda: system.at_retailer(reference)["status"] == "ORDER_ACK", 30, "it is placed")


def publish(system: System, folder: Path, file: str, row: dict[str, object]) -> None:
    """Publish the shipped mappings with one row more."""
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings)
    rows = yaml.safe_load((mappings / file).read_text()) or []
    (mappings / file).write_text(yaml.safe_dump([*rows, row]))
    system.env["MAPPINGS_DIR"] = str(mappings)
    try:
        system.cli("mappings", "publish", "--author", "story", "--reason", "a row was missing")
    finally:
        system.env["MAPPINGS_DIR"] = str(ROOT / "mappings")


def _names(system: System, kind: str, word: str) -> bool:
    return any(word in cause.sentence for cause in system.causes(kind))


def _placing(system: System, reference: str) -> bool:
    return any(
        row.reference == reference and row.placing_since is not None for row in system.stored_orders()
    )


def _story(system: System, reference: str) -> dict[str, object] | None:
    found = [row for row in system.stored_orders() if row.reference == reference]
    if not found or system.open_work("orders.place"):
        return None
    return {"state": found[0].state, "held_by": system.held_by("orders.place", f"calder/{reference}")}
