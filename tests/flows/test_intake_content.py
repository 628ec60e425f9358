"""An event about any part of a product has that product read again, and nothing about orders or stock waits for it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from integration import policy, steps
from integration.centra.content import Display, Product, Size, Variant
from integration.centra.schema import Order, OrderLine
from integration.flows import intake
from integration.lanes import Lane
from integration.problems import Refused, Throttled, TryAgain
from integration.storage import inbox, products, sizes
from integration.storage.store import table_of
from integration.storage.tables.content import ProductPart
from tests.world import World

JUMPER = Product(
    id=31, name="Jumper",
    variants=(Variant(id=32, sizes=(Size(id=11, sku="JMP-M"),)),), displays=(Display(id=33, store_id=1),),
)  # fmt: skip


def tells(world: World, *events: tuple[str, int], action: str = "UPDATED") -> None:
    """Centra's event list names these, and we have stored that."""
    for kind, number in events:
        world.centra.tells(kind, number, action=action)
    assert world.do(steps.INTAKE_POLL, steps.CENTRA).state == "done"


def absorb(world: World) -> str:
    return world.run(steps.INTAKE_ABSORB, steps.CENTRA).state


def stale(world: World) -> set[int]:
    with world.store.read() as db:
        return set(products.stale(db, 100, world.at + timedelta(days=1)))


def waiting(world: World) -> int:
    with world.store.read() as db:
        return len(inbox.waiting(db, 1000))


def knows(world: World, kind: str, part: int, *product_ids: int) -> None:
    """An earlier reading showed that part in these products."""
    with world.store.write() as db:
        rows = [{"kind": kind, "part_id": part, "product_id": number} for number in product_ids]
        db.execute(sa.insert(table_of(ProductPart)), rows)


def asked(world: World) -> dict[str, bool]:
    """Which readings of products are asked for."""
    found = {"read": steps.PRODUCTS_READ, "sweep": steps.PRODUCTS_SWEEP}
    return {name: world.asked(step) == [steps.CENTRA] for name, step in found.items()}


def test_a_product_is_read_again_whether_we_know_it_or_not(world: World) -> None:
    tells(world, ("Product", 31))

    assert absorb(world) == "done"

    assert (stale(world), asked(world), waiting(world)) == ({31}, {"read": True, "sweep": False}, 0)


@pytest.mark.parametrize("action", ["CREATED", "UPDATED", "DELETED", "DEPENDENT_DATA_CHANGED", "SOMETHING_NEW"])
@pytest.mark.parametrize(
    ("event", "part"),
    [("ProductVariant", "variant"), ("ProductSize", "size"), ("Display", "display"), ("Price", "price"),
     ("ProductMedia", "image"), ("Category", "category"), ("Brand", "brand"), ("Collection", "collection")],
)  # fmt: skip
def test_a_part_that_we_know_marks_its_products_without_a_call(
    world: World, event: str, part: str, action: str
) -> None:
    knows(world, part, 7, 31, 35)
    knows(world, part, 8, 36)
    tells(world, (event, 7), action=action)
    world.centra.calls.clear()

    assert absorb(world) == "done"

    assert (stale(world), asked(world), waiting(world)) == ({31, 35}, {"read": True, "sweep": False}, 0)
    assert world.centra.calls == []


@pytest.mark.parametrize(
    ("event", "kind", "part"),
    [("ProductVariant", "variant", 32), ("ProductSize", "size", 11), ("Display", "display", 33)],
)
def test_the_product_of_an_unknown_part_is_asked_for_in_the_lane_of_content(
    world: World, event: str, kind: str, part: int
) -> None:
    world.centra.sells(JUMPER)
    tells(world, (event, part), (event, 99))

    assert absorb(world) == "done"

    assert world.centra.said("product_ids_of") == [(kind, [part, 99])]
    assert world.centra.lanes[-1] is Lane.CATALOGUE
    assert (stale(world), asked(world), waiting(world)) == ({31}, {"read": True, "sweep": False}, 0)


@pytest.mark.parametrize("event", ["Price", "Category", "Brand", "Collection"])
def test_an_unknown_part_that_cannot_be_asked_for_has_everything_read(world: World, event: str) -> None:
    tells(world, (event, 7))

    assert absorb(world) == "done"

    assert (stale(world), asked(world)) == (set(), {"read": False, "sweep": True})


def test_an_unknown_image_has_nothing_read_since_its_product_has_an_event_of_its_own(world: World) -> None:
    tells(world, ("ProductMedia", 7))

    assert absorb(world) == "done"

    assert (stale(world), asked(world), waiting(world)) == (set(), {"read": False, "sweep": False}, 0)


@pytest.mark.parametrize("event", ["Pricelist", "Campaign", "MappedAttribute", "SizeChart"])
def test_what_may_be_in_any_product_has_everything_read(world: World, event: str) -> None:
    tells(world, (event, 7))

    assert absorb(world) == "done"

    assert (asked(world), waiting(world)) == ({"read": False, "sweep": True}, 0)


def test_a_size_is_read_again_for_its_stock_as_well(world: World) -> None:
    knows(world, "size", 11, 31)
    tells(world, ("ProductSize", 11))

    assert absorb(world) == "done"

    with world.store.read() as db:
        assert set(sizes.stale(db, 10)) == {11}
    assert world.asked(steps.STOCK_READ) == [steps.CENTRA]
    assert stale(world) == {31}


def test_a_storefront_webhook_says_nothing_of_content(world: World) -> None:
    knows(world, "display", 70, 31)
    intake.store_webhook(world.services, {"DisplayItems": [70], "Categories": [3]})

    assert absorb(world) == "done"

    assert (stale(world), asked(world)) == (set(), {"read": False, "sweep": False})


def with_an_order(world: World) -> None:
    """An order of somebody took size 12; its event comes after one of an unknown variant, and a return's after both."""
    world.centra.sells(JUMPER)
    line = OrderLine(id=71, quantity=1, size_id=12, sku="TEE-M")
    world.centra.made[1300] = Order(id="hash", number=1300, status="CONFIRMED", lines=(line,))
    world.centra.takes_back(1300, {71: 1}, number=61)
    tells(world, ("ProductVariant", 32), ("Order", 1300), ("Return", 61))


def order_is_through(world: World) -> bool:
    with world.store.read() as db:
        return set(sizes.stale(db, 10)) == {12} and world.asked(steps.STOCK_READ) == [steps.CENTRA]


def test_orders_come_first_and_returns_are_not_forgotten(world: World) -> None:
    with_an_order(world)

    assert absorb(world) == "done"

    called = [name for name, _ in world.centra.calls]
    assert called.index("orders") < called.index("product_ids_of") < called.index("returns")
    assert (stale(world), waiting(world)) == ({31}, 0)


def test_while_the_quota_for_content_is_used_up_only_content_waits(world: World) -> None:
    with_an_order(world)
    world.centra.fail("product_ids_of", Throttled("no room", wait=30))

    assert absorb(world) == "again"

    assert order_is_through(world)
    assert world.centra.said("returns") == [[61]]
    assert (stale(world), waiting(world), asked(world)["sweep"]) == (set(), 1, False)
    world.ask(steps.INTAKE_ABSORB, steps.CENTRA)
    assert world.item(steps.INTAKE_ABSORB, steps.CENTRA).due_at == world.at, "the next letter need not wait for it"
    assert absorb(world) == "done"
    assert (stale(world), waiting(world)) == ({31}, 0)


def test_too_much_content_that_waits_is_left_to_the_sweep(world: World) -> None:
    many = intake.LETTERS // 2 + 1
    tells(world, *[("ProductVariant", 1000 + number) for number in range(many)])
    world.centra.fail("product_ids_of", Throttled("no room", wait=30))

    assert absorb(world) == "done"

    assert (waiting(world), asked(world)) == (0, {"read": False, "sweep": True})


@pytest.mark.parametrize(
    "failure", [TryAgain("down"), Refused("no", code="authorization"), Refused("A Part of Centra cannot be read: id")]
)
def test_what_centra_does_not_say_is_left_to_the_sweep_and_holds_nothing_up(world: World, failure: Any) -> None:
    with_an_order(world)
    world.centra.fail("product_ids_of", failure)

    assert absorb(world) == "done"

    assert order_is_through(world)
    assert (waiting(world), asked(world)["sweep"], world.causes()) == (0, True, [])


def test_content_waits_in_the_inbox_while_orders_cannot_be_read(world: World) -> None:
    with_an_order(world)
    world.centra.fail("orders", TryAgain("down"))

    assert absorb(world) == "again"

    assert (stale(world), waiting(world)) == (set(), 3)


def test_an_event_with_an_id_that_nobody_can_read_keeps_no_other_waiting(world: World) -> None:
    intake.store_webhook(world.services, {"events": [{"type": "product", "action": "x", "date": "", "id": "many"}]})
    tells(world, ("Product", 31))

    assert absorb(world) == "done"

    assert (stale(world), waiting(world), world.causes()) == ({31}, 0, [("unreadable-event", intake.WEBHOOK)])


def test_a_release_that_listens_to_more_asks_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.do(steps.INTAKE_POLL, steps.CENTRA)
    monkeypatch.setattr(intake, "LISTENING", intake.listening("Order", "Spaceship"))
    world.do(steps.INTAKE_POLL, steps.CENTRA)
    world.do(steps.INTAKE_POLL, steps.CENTRA)

    assert len(world.centra.said("listen")) == 2


def test_edits_are_gathered_and_a_price_is_read_at_once(world: World) -> None:
    knows(world, "price", 501, 31)
    tells(world, ("Product", 31), ("Display", 33))
    knows(world, "display", 33, 31)
    absorb(world)
    due = world.item(steps.PRODUCTS_READ, steps.CENTRA).due_at
    assert due == world.at + policy.CONTENT_QUIET

    tells(world, ("Price", 501))
    absorb(world)
    assert world.item(steps.PRODUCTS_READ, steps.CENTRA).due_at == world.at


def test_a_reading_that_finds_only_edits_under_way_asks_nothing_and_comes_back_when_they_have_rested(
    world: World,
) -> None:
    tells(world, ("Product", 31))
    absorb(world)
    asked_before = len(world.centra.calls)
    with world.store.write() as db:
        world.services.promise(db, steps.PRODUCTS_READ, [steps.CENTRA])
    outcome = world.run(steps.PRODUCTS_READ, steps.CENTRA)
    assert outcome.state == "again"
    assert "being edited" in outcome.reason
    assert world.at + policy.CONTENT_QUIET <= outcome.due_at <= world.at + policy.CONTENT_QUIET + policy.SECOND
    assert len(world.centra.calls) == asked_before
