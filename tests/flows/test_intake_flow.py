"""What Centra says is kept before it is confirmed, and one letter nobody can read does not keep the others waiting."""

from datetime import UTC, datetime

import sqlalchemy as sa

from integration import steps
from integration.centra.schema import DisplayItem, Order, OrderLine, StockChangeLine
from integration.flows import intake
from integration.problems import TryAgain
from integration.storage import inbox, orders, sizes
from tests.world import World


def webhook(world: World, *events: object) -> int:
    return intake.store_webhook(world.services, {"events": list(events)})


def event(
    kind: str, number: object, action: str = "update", date: str = "2026-03-02 11:59:00.000001"
) -> dict[str, object]:
    return {"type": kind, "action": action, "date": date, "id": number}


def waiting(world: World) -> int:
    with world.store.read() as db:
        return len(inbox.waiting(db, 1000))


def stale(world: World) -> set[int]:
    with world.store.read() as db:
        return set(sizes.stale(db, 100))


def absorb(world: World) -> str:
    return world.run(steps.INTAKE_ABSORB, steps.CENTRA).state


def knows_variant(world: World) -> None:
    """Display item 70 is the variant of the T-shirt."""
    world.centra.has(11, "TEE-M", 8, variant_id=5)
    world.centra.displays = [DisplayItem(id=70, variant_id=5)]
    world.ask(steps.STOCK_SWEEP, steps.CENTRA)
    world.ask(steps.CATALOGUE_DISPLAYS, steps.CENTRA)
    world.settle()


def places(world: World, number: int = 1200) -> None:
    """One of our orders is in Centra."""
    line = OrderLine(id=71, quantity=1, size_id=11, sku="TEE-M")
    world.centra.made[number] = Order(id="hash", number=number, status="CONFIRMED", lines=(line,))
    with world.store.write() as db:
        orders.receive(db, "northgate", "PO-1", 5001, {}, world.at)
        stored = orders.by_subject(db, "northgate/PO-1")
        assert stored is not None
        orders.bind(db, stored.id, number)


def test_a_webhook_asks_for_its_absorption(world: World) -> None:
    assert webhook(world, event("order", 1200)) == 1

    assert world.asked(steps.INTAKE_ABSORB) == [steps.CENTRA]


def test_a_webhook_delivered_twice_is_kept_once(world: World) -> None:
    webhook(world, event("order", 1200))

    assert webhook(world, event("order", 1200)) == 0
    assert webhook(world, event("order", 1200, date="2026-03-02 12:00:00.000001")) == 1


def test_two_equal_storefront_webhooks_are_two_changes(world: World) -> None:
    knows_variant(world)
    intake.store_webhook(world.services, {"DisplayItems": [70]})
    absorb(world)
    world.settle()

    assert intake.store_webhook(world.services, {"DisplayItems": [70]}) == 1
    absorb(world)
    assert stale(world) == {11}


def test_a_storefront_webhook_marks_sizes_without_a_call_to_centra(world: World) -> None:
    knows_variant(world)
    world.centra.calls.clear()
    intake.store_webhook(world.services, {"DisplayItems": ["70"], "Categories": [3]})

    assert absorb(world) == "done"

    assert world.centra.calls == []
    assert stale(world) == {11}
    assert world.asked(steps.STOCK_READ) == [steps.CENTRA]


def test_an_unknown_storefront_id_asks_for_the_catalogue_to_be_learned(world: World) -> None:
    intake.store_webhook(world.services, {"DisplayItems": [999]})

    absorb(world)

    assert world.asked(steps.CATALOGUE_DISPLAYS) == [steps.CENTRA]
    assert world.asked(steps.STOCK_SWEEP) == [steps.CENTRA]


def test_an_order_marks_the_sizes_of_its_lines(world: World) -> None:
    places(world)
    webhook(world, event("order", 1200))

    absorb(world)

    assert stale(world) == {11}
    assert world.asked(steps.STOCK_READ) == [steps.CENTRA]


def test_a_shipment_of_our_order_is_asked_to_be_announced(world: World) -> None:
    places(world)
    world.centra.ships(1200, {71: 1}, shipment=41)
    webhook(world, event("shipment", 41, action="something new"))

    absorb(world)

    assert world.asked(steps.DISPATCHES_ANNOUNCE) == ["northgate/41"]


def test_an_order_event_finds_its_shipments_too(world: World) -> None:
    places(world)
    world.centra.ships(1200, {71: 1}, shipment=41)
    webhook(world, event("order", 1200))

    absorb(world)

    assert world.asked(steps.DISPATCHES_ANNOUNCE) == ["northgate/41"]


def test_shipments_of_other_peoples_orders_and_unshipped_ones_are_no_work(world: World) -> None:
    places(world)
    world.centra.ships(999, {1: 1}, shipment=42)
    world.centra.ships(1200, {71: 1}, shipment=43, is_shipped=False)
    webhook(world, event("shipment", 42), event("shipment", 43))

    assert absorb(world) == "done"

    assert world.asked(steps.DISPATCHES_ANNOUNCE) == []


def test_a_stock_change_is_looked_up_from_shortly_before_it(world: World) -> None:
    world.centra.moved = [StockChangeLine(id=1, stock_change_id=9, size_id=12)]
    webhook(world, event("stockChange", 9, date="2026-03-02T11:59:00+00:00"))

    absorb(world)

    ((since, _), _) = world.centra.said("stock_change_lines")
    assert since == datetime(2026, 3, 2, 11, 57, tzinfo=UTC)
    assert stale(world) == {12}


def test_a_date_without_a_zone_is_of_centras_zone(world: World) -> None:
    webhook(world, event("stockChange", 9, date="2026-03-02 12:59:00.000001"))

    assert absorb(world) == "done"

    ((since, _),) = world.centra.said("stock_change_lines")
    assert since.replace(microsecond=0) == datetime(2026, 3, 2, 11, 57, tzinfo=UTC)


def test_a_type_of_no_concern_is_absorbed_and_reported_to_nobody(world: World) -> None:
    webhook(world, event("newsletter", 1))

    assert absorb(world) == "done"

    assert waiting(world) == 0
    assert world.causes() == []


def test_unreadable_letters_are_one_cause_and_do_not_block_the_others(world: World) -> None:
    places(world)
    unreadable = ("no event", {"type": "order"}, event("order", "many"), None, event("order", 10**30))
    webhook(world, *unreadable, event("allocation_request", 2131231241249), event("order", 1200))
    intake.store_webhook(world.services, {"DisplayItems": ["x"]})

    assert absorb(world) == "done"

    assert sorted(world.causes()) == [("unreadable-event", intake.STOREFRONT), ("unreadable-event", intake.WEBHOOK)]
    assert waiting(world) == 0
    assert world.centra.said("orders") == [[1200]]
    assert stale(world) == {11}


def test_while_centra_is_down_letters_wait_but_storefront_letters_do_not(world: World) -> None:
    knows_variant(world)
    webhook(world, event("order", 1200))
    intake.store_webhook(world.services, {"DisplayItems": [70]})
    world.centra.fail("orders", TryAgain("down"))

    assert absorb(world) == "again"

    assert waiting(world) == 1
    assert stale(world) == {11}
    assert world.asked(steps.STOCK_READ) == [steps.CENTRA]
    world.wait(60)
    assert absorb(world) == "done"
    assert waiting(world) == 0


def test_more_letters_than_one_batch_are_absorbed_in_the_next(world: World) -> None:
    webhook(world, *[event("newsletter", number) for number in range(intake.LETTERS + 1)])
    absorb(world)
    assert waiting(world) == 1

    world.settle()

    assert waiting(world) == 0


def test_the_event_list_is_confirmed_as_far_as_it_is_stored(world: World) -> None:
    world.centra.tells("Order", 1200, 1201)

    assert world.do(steps.INTAKE_POLL, steps.CENTRA).state == "done"

    assert world.centra.said("confirm_events") == [[500, 501]]
    assert waiting(world) == 2
    assert world.asked(steps.INTAKE_ABSORB) == [steps.CENTRA]


def test_what_cannot_be_stored_is_not_confirmed(world: World) -> None:
    world.centra.tells("Order", 1200)

    def database_breaks() -> None:
        with world.store.engine.connect() as db:
            db.execute(sa.text("DROP TABLE inbox"))
            db.commit()

    world.centra.meanwhile("events", database_breaks)

    world.do(steps.INTAKE_POLL, steps.CENTRA)

    assert world.centra.said("confirm_events") == []
    assert len(world.centra.queue) == 1


def test_events_whose_confirmation_was_lost_are_kept_once(world: World) -> None:
    world.centra.tells("Order", 1200)
    world.centra.fail("confirm_events", TryAgain("down"))
    assert world.do(steps.INTAKE_POLL, steps.CENTRA).state == "again"
    world.wait(60)

    assert world.run(steps.INTAKE_POLL, steps.CENTRA).state == "done"

    assert waiting(world) == 1
    assert world.centra.queue == []


def test_a_long_event_list_is_read_to_its_end(world: World) -> None:
    world.centra.tells("Order", *range(intake.EVENTS_PAGE + 1))

    world.do(steps.INTAKE_POLL, steps.CENTRA)

    assert world.centra.queue == []
    assert waiting(world) == intake.EVENTS_PAGE + 1


def test_we_ask_centra_to_tell_us_at_the_start_and_once_a_day(world: World) -> None:
    world.do(steps.INTAKE_POLL, steps.CENTRA)
    world.do(steps.INTAKE_POLL, steps.CENTRA)
    assert len(world.centra.said("listen")) == 1

    world.at += intake.LISTEN_AGAIN
    world.do(steps.INTAKE_POLL, steps.CENTRA)

    assert len(world.centra.said("listen")) == 2


def test_text_that_no_database_takes_is_kept_and_reported(world: World) -> None:
    assert webhook(world, {"type": "order", "id": "\ud800", "action": "\x00", "date": ""}) == 1
    assert intake.store_webhook(world.services, {"\ud800": ["\x00"]}) == 1

    assert world.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "done"

    assert [kind for kind, _ in world.causes()] == ["unreadable-event"]
