"""An event about any part of a product has that product read again, and nothing about orders or stock waits for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from integration import policy, steps
from integration.centra.client import CONTENT_EVENTS, LISTENED, ORDER_EVENTS
from integration.centra.content import Display, Product, Size, Variant
from integration.centra.schema import Order, OrderLine
from integration.flows import content_events, intake
from integration.lanes import Lane
from integration.problems import LookFirst, Refused, Throttled, TryAgain
from integration.storage import inbox, products, sizes
from integration.storage.store import table_of
from integration.storage.tables.content import ProductPart
from tests.world import World

JUMPER = Product(
    id=31, name="Jumper",
    variants=(Variant(id=32, sizes=(Size(id=11, sku="JMP-M"),)),), displays=(Display(id=33, store_id=1),),
)  # fmt: skip


def tells(world: World, *events: tuple[str, int], action: str = "UPDATED") -> None:
    """Centra's event list names these."""
    for kind, number in events:
        world.centra.tells(kind, number, action=action)


def read(world: World) -> str:
    return world.do(steps.INTAKE_CONTENT, steps.CENTRA).state


def stale(world: World) -> set[int]:
    with world.store.read() as db:
        return set(products.stale(db, 100, world.at + timedelta(days=1)))


def waiting(world: World) -> int:
    """How many events are not confirmed."""
    return len(world.centra.queue)


def sizes_to_read(world: World) -> set[int]:
    with world.store.read() as db:
        return set(sizes.stale(db, 10))


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

    assert read(world) == "done"

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

    assert read(world) == "done"

    assert (stale(world), asked(world), waiting(world)) == ({31, 35}, {"read": True, "sweep": False}, 0)
    assert [name for name, _ in world.centra.calls] == ["events", "confirm_events"]


@pytest.mark.parametrize(
    ("event", "kind", "part"),
    [("ProductVariant", "variant", 32), ("ProductSize", "size", 11), ("Display", "display", 33)],
)
def test_the_product_of_an_unknown_part_is_asked_for_in_the_lane_of_content(
    world: World, event: str, kind: str, part: int
) -> None:
    world.centra.sells(JUMPER)
    tells(world, (event, part), (event, 99))

    assert read(world) == "done"

    assert world.centra.said("product_ids_of") == [(kind, [part, 99])]
    assert set(world.centra.lanes) == {Lane.CATALOGUE}
    assert (stale(world), asked(world), waiting(world)) == ({31}, {"read": True, "sweep": False}, 0)


@pytest.mark.parametrize("event", ["Price", "Category", "Brand", "Collection"])
def test_an_unknown_part_that_cannot_be_asked_for_has_everything_read(world: World, event: str) -> None:
    tells(world, (event, 7))

    assert read(world) == "done"

    assert (stale(world), asked(world)) == (set(), {"read": False, "sweep": True})


def test_an_unknown_image_has_nothing_read_since_its_product_has_an_event_of_its_own(world: World) -> None:
    tells(world, ("ProductMedia", 7))

    assert read(world) == "done"

    assert (stale(world), asked(world), waiting(world)) == (set(), {"read": False, "sweep": False}, 0)


@pytest.mark.parametrize("event", ["Pricelist", "Campaign", "MappedAttribute", "SizeChart"])
def test_what_may_be_in_any_product_has_everything_read(world: World, event: str) -> None:
    tells(world, (event, 7))

    assert read(world) == "done"

    assert (asked(world), waiting(world)) == ({"read": False, "sweep": True}, 0)


def test_a_size_is_read_again_for_its_stock_as_well(world: World) -> None:
    knows(world, "size", 11, 31)
    tells(world, ("ProductSize", 11))

    assert read(world) == "done"

    assert sizes_to_read(world) == {11}
    assert world.asked(steps.STOCK_READ) == [steps.CENTRA]
    assert stale(world) == {31}


def test_a_webhook_says_nothing_of_content(world: World) -> None:
    knows(world, "display", 70, 31)
    intake.store_webhook(world.services, {"DisplayItems": [70], "Categories": [3]})
    intake.store_webhook(world.services, {"events": [{"type": "product", "action": "x", "date": "", "id": 31}]})

    assert world.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "done"

    assert (stale(world), asked(world)) == (set(), {"read": False, "sweep": False})


def test_every_type_that_we_listen_to_is_read_by_exactly_one_of_both(world: World) -> None:
    assert not set(ORDER_EVENTS) & set(CONTENT_EVENTS)
    assert {*ORDER_EVENTS, *CONTENT_EVENTS} == set(LISTENED)
    assert len(ORDER_EVENTS) + len(CONTENT_EVENTS) == len(LISTENED)
    assert content_events.PARTS.keys() <= {kind.casefold() for kind in CONTENT_EVENTS}
    for kind in LISTENED:
        tells(world, (kind, 7))
    world.do(steps.INTAKE_POLL, steps.CENTRA)
    assert {event.object_type for event in world.centra.queue} == set(CONTENT_EVENTS)
    read(world)
    assert waiting(world) == 0


def test_thousands_of_edits_do_not_delay_an_order(world: World) -> None:
    world.do(steps.INTAKE_POLL, steps.CENTRA)
    tells(world, *[("ProductVariant", 1000 + number) for number in range(5000)], ("Order", 1300))
    line = OrderLine(id=71, quantity=1, size_id=12, sku="TEE-M")
    world.centra.made[1300] = Order(id="hash", number=1300, status="CONFIRMED", lines=(line,))
    world.centra.calls.clear()

    assert world.do(steps.INTAKE_POLL, steps.CENTRA).state == "done"
    assert [name for name, _ in world.centra.calls] == ["events", "confirm_events"]
    assert read(world) == "done"
    with world.store.read() as db:
        assert len(inbox.waiting(db, 10)) == 1, "content stands in no order's way"
    assert world.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "done"

    assert sizes_to_read(world) == {12}
    assert world.asked(steps.STOCK_READ) == [steps.CENTRA]


def test_a_long_list_is_read_some_pages_at_a_time_with_a_rest_in_between(world: World) -> None:
    pages = content_events.PAGES
    tells(world, *[("Product", 1 + number) for number in range(intake.EVENTS_PAGE * pages + 1)])

    assert read(world) == "done"

    assert (waiting(world), len(world.centra.said("events"))) == (1, pages)
    assert world.item(steps.INTAKE_CONTENT, steps.CENTRA).due_at == world.at + policy.CONTENT_GAP
    world.wait(policy.CONTENT_GAP.total_seconds())
    assert world.run(steps.INTAKE_CONTENT, steps.CENTRA).state == "done"
    assert (waiting(world), world.asked(steps.INTAKE_CONTENT)) == (0, [])


def test_an_empty_list_has_nothing_confirmed(world: World) -> None:
    assert read(world) == "done"

    assert [name for name, _ in world.centra.calls] == ["events"]
    assert world.asked(steps.INTAKE_CONTENT) == []


class Died(BaseException):
    """The worker was killed."""


def dies(world: World, call: str) -> None:
    """The worker is killed in the middle of the next such call."""

    def die() -> None:
        raise Died

    world.centra.meanwhile(call, die)
    world.ask(steps.INTAKE_CONTENT, steps.CENTRA)
    with pytest.raises(Died):
        world.run(steps.INTAKE_CONTENT, steps.CENTRA)


@pytest.mark.parametrize("call", ["product_ids_of", "confirm_events"])
def test_a_worker_killed_before_it_has_confirmed_loses_nothing(world: World, call: str) -> None:
    world.centra.sells(JUMPER)
    tells(world, ("Product", 35), ("ProductSize", 11), ("Pricelist", 7))

    dies(world, call)

    assert waiting(world) == 3
    assert {35} <= stale(world), "marked before it is confirmed"
    assert sizes_to_read(world) == {11}
    world.wait(policy.LEASE.total_seconds() + 1)
    assert world.run(steps.INTAKE_CONTENT, steps.CENTRA).state == "done"
    assert (stale(world), waiting(world), asked(world)) == ({31, 35}, 0, {"read": True, "sweep": True})


def test_a_page_that_was_marked_when_its_worker_died_in_the_confirmation_needs_no_second_look(world: World) -> None:
    world.centra.sells(JUMPER)
    tells(world, ("ProductVariant", 32), ("Pricelist", 7))

    dies(world, "confirm_events")

    assert (stale(world), asked(world), waiting(world)) == ({31}, {"read": True, "sweep": True}, 2)


def test_what_was_read_while_its_event_was_on_the_way_is_read_again(world: World) -> None:
    """A reading that began before the page came may be older than what the page tells of."""
    world.centra.sells(JUMPER)

    def reads() -> None:
        with world.store.write() as db:
            products.record(db, [JUMPER], products.begin_read(db), world.at, {})

    world.centra.meanwhile("events", reads)
    tells(world, ("Product", 31))

    assert read(world) == "done"

    assert stale(world) == {31}


def test_what_was_read_after_its_page_had_come_is_not_read_again(world: World) -> None:
    world.centra.sells(JUMPER)

    def reads() -> None:
        with world.store.write() as db:
            products.record(db, [JUMPER], products.begin_read(db), world.at, {})

    world.centra.meanwhile("product_ids_of", reads)
    tells(world, ("ProductVariant", 32))

    assert read(world) == "done"

    assert (stale(world), waiting(world)) == (set(), 0)


def test_while_the_quota_for_content_is_used_up_nothing_is_confirmed(world: World) -> None:
    world.centra.sells(JUMPER)
    tells(world, ("ProductVariant", 32), ("Product", 35), ("Pricelist", 7))
    world.centra.fail("product_ids_of", Throttled("no room", wait=30))

    assert read(world) == "again"

    assert (stale(world), waiting(world), world.centra.said("confirm_events")) == ({35}, 3, [])
    world.wait(31)
    assert world.run(steps.INTAKE_CONTENT, steps.CENTRA).state == "done"
    assert (stale(world), waiting(world), asked(world)) == ({31, 35}, 0, {"read": True, "sweep": True})


@pytest.mark.parametrize(
    "failure", [TryAgain("down"), Refused("no", code="authorization"), Refused("A Part of Centra cannot be read: id")]
)
def test_what_centra_does_not_say_is_left_to_the_sweep_and_holds_nothing_up(world: World, failure: Any) -> None:
    tells(world, ("ProductVariant", 32), ("Product", 35))
    world.centra.fail("product_ids_of", failure)

    assert read(world) == "done"

    assert (stale(world), waiting(world), asked(world)["sweep"], world.causes()) == ({35}, 0, True, [])


@pytest.mark.parametrize(
    "strike",
    [lambda world: world.centra.fail("confirm_events", TryAgain("down")),
     lambda world: world.centra.lose_answer("confirm_events", LookFirst("no answer"))],
)  # fmt: skip
def test_a_confirmation_that_failed_is_tried_again_and_marks_no_other_product(
    world: World, strike: Callable[[World], None]
) -> None:
    tells(world, ("Product", 31))
    strike(world)

    assert read(world) == "again"

    world.wait(60)
    assert world.run(steps.INTAKE_CONTENT, steps.CENTRA).state == "done"
    assert (stale(world), waiting(world)) == ({31}, 0)


def test_an_event_with_an_id_that_nobody_can_read_keeps_no_other_waiting(world: World) -> None:
    tells(world, ("Price", 10**12), ("Pricelist", 0), ("Product", 31))

    assert read(world) == "done"

    assert (stale(world), waiting(world), world.causes()) == ({31}, 0, [("unreadable-event", intake.EVENTS)])


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
    read(world)
    due = world.item(steps.PRODUCTS_READ, steps.CENTRA).due_at
    assert due == world.at + policy.CONTENT_QUIET

    tells(world, ("Price", 501))
    read(world)
    assert world.item(steps.PRODUCTS_READ, steps.CENTRA).due_at == world.at


def test_a_reading_that_finds_only_edits_under_way_asks_nothing_and_comes_back_when_they_have_rested(
    world: World,
) -> None:
    tells(world, ("Product", 31))
    read(world)
    asked_before = len(world.centra.calls)
    with world.store.write() as db:
        world.services.promise(db, steps.PRODUCTS_READ, [steps.CENTRA])
    outcome = world.run(steps.PRODUCTS_READ, steps.CENTRA)
    assert outcome.state == "again"
    assert "being edited" in outcome.reason
    assert world.at + policy.CONTENT_QUIET <= outcome.due_at <= world.at + policy.CONTENT_QUIET + policy.SECOND
    assert len(world.centra.calls) == asked_before
