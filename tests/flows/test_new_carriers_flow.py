"""A carrier that turns up in Centra is told of once, before a dispatch waits for it, and over when it has a row."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from integration import steps
from integration.centra.schema import Order, Shipment
from integration.flows import exceptions, mappings, new_carriers
from integration.people import Door, Person, Role
from integration.storage import causes
from tests.flows.mapping import ADA, PIGEON, publish_files, take_over, text_of
from tests.world import CAUSE, World

NEW = ("carrier-new", "pigeon post/")


def sees(
    world: World, *carriers: tuple[str | None, str | None], ours: Sequence[int] = (), shipped: bool = False
) -> None:
    shown = [
        Shipment(id=number, carrier=carrier, service=service, order_number=1200, is_shipped=shipped)
        for number, (carrier, service) in enumerate(carriers, start=1)
    ]
    with world.store.write() as db:
        new_carriers.notice(world.services, db, shown, ours=ours)


def shop_order(world: World, number: int, **shipment: object) -> None:
    """An order of the merchant's own shop has a shipment that has not left."""
    world.centra.made[number] = Order(id=f"hash{number}", number=number, status="CONFIRMED", lines=())
    world.centra.shipped[90] = Shipment(id=90, order_number=number, **shipment)


def test_a_shipment_that_is_only_prepared_in_the_own_shop_warns(shop: World) -> None:
    shop_order(shop, 77, carrier="Pigeon Post", is_shipped=False)
    shop.centra.tells("Order", 77)
    shop.do(steps.INTAKE_POLL, steps.CENTRA)
    shop.run(steps.INTAKE_ABSORB, steps.CENTRA)
    assert shop.causes() == [NEW]
    with shop.store.read() as db:
        facts = causes.facts_of(db, *NEW)
    assert facts == {
        "carrier": "Pigeon Post", "service": "(no service)", "retailer": ", ".join(
            profile.name for profile in shop.rules.retailers.values()
        ),
    }  # fmt: skip


def test_the_sweep_warns_of_a_shipment_of_ours_that_has_not_left(taken: World) -> None:
    taken.centra.ships(1200, {12000: 2}, carrier="Pigeon Post", is_shipped=False)
    taken.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    assert taken.causes() == [NEW]


def test_one_of_ours_that_has_left_is_told_of_by_its_dispatch_alone(taken: World) -> None:
    taken.centra.ships(1200, {12000: 2}, carrier="Pigeon Post")
    taken.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    taken.settle()
    assert [kind for kind, _ in taken.causes()] == ["unmapped-carrier"]


def test_spelling_does_not_make_a_carrier_new(world: World) -> None:
    sees(world, (" PIGEON  Post", " "), ("Pigeon Post", None), ("royal mail", "Tracked 48"), (None, None), ("  ", "x"))
    assert world.causes() == [NEW]


def test_only_retailers_that_lack_a_row_and_hear_of_dispatches_are_named(world: World) -> None:
    rows = [{"retailer": "calder", "carrier": "Pigeon Post", "service": None, "slug": "dpd"}]
    document = world.rules.to_document()
    document["carriers"] += rows
    document["retailers"]["northgate"]["switches"]["dispatches"] = False
    world.rules = type(world.rules).from_document(document)
    sees(world, ("Pigeon Post", None))
    with world.store.read() as db:
        assert causes.facts_of(db, *NEW)["retailer"] == world.rules.retailers["fernhill"].name


def test_a_row_for_every_retailer_closes_it_and_one_for_some_does_not(world: World) -> None:
    publish_files(world)
    sees(world, ("Pigeon Post", None))
    text = text_of(world, "carriers")
    some = text + PIGEON.replace("null, carrier", "calder, carrier")
    mappings.publish_document(world.services, "carriers", some, base_version=1, person=ADA, reason="Calder")
    assert world.causes() == [NEW]
    mappings.publish_document(world.services, "carriers", text + PIGEON, base_version=2, person=ADA, reason="all")
    assert world.causes() == []


def test_it_warns_again_when_its_row_was_taken_out_again(world: World) -> None:
    publish_files(world)
    sees(world, ("Pigeon Post", None))
    text = text_of(world, "carriers")
    mappings.publish_document(world.services, "carriers", text + PIGEON, base_version=1, person=ADA, reason="in")
    mappings.roll_back(world.services, 1, person=Person("bob", Role.ADMIN, Door.CLI), reason="out")
    take_over(world)
    sees(world, ("Pigeon Post", None))
    assert world.causes() == [NEW]


def test_what_a_person_has_closed_is_not_new_any_more(world: World) -> None:
    sees(world, ("Pigeon Post", None))
    with world.store.read() as db:
        number = db.scalar(sa.select(CAUSE.c.id))
    exceptions.resolve(world.services, number, ADA, "own shop only")
    assert world.causes() == []
    sees(world, ("Pigeon Post", None))
    assert world.causes() == []


def test_garbage_for_a_service_does_not_flood_the_list(world: World) -> None:
    pairs = [("Pigeon Post", f"TRACK{number:05}{'x' * 300}") for number in range(new_carriers.MOST_OPEN + 50)]
    sees(world, *pairs[:150])
    sees(world, *pairs[150:])
    assert len(world.causes()) == new_carriers.MOST_OPEN


@pytest.mark.parametrize("shipped", [True, False])
def test_a_carrier_that_has_a_row_costs_no_look_at_the_causes(world: World, shipped: bool) -> None:
    sees(world, ("Royal Mail", None), ("DPD", "Next Day"), shipped=shipped)
    assert world.causes() == []
