"""A shipment that changes in Centra is judged afresh before its retailer was told of it, and a person's after."""

from collections.abc import Callable

import pytest
from dispatching import CALDER, NORTHGATE, announce, announce_again, bring, facts, northgates, record, told
from ordering import lines as stored_lines
from ordering import states

from integration import steps
from integration.flows import shipments
from integration.lanes import Lane
from integration.lifecycle import LineState
from integration.storage import causes
from tests.world import World, line

CHANGED = [("shipment-changed", f"{NORTHGATE}/41")]


def by_event(world: World) -> None:
    """Centra tells of the shipment."""
    world.centra.tells("Shipment", 41)
    world.wait(1)
    world.do(steps.INTAKE_POLL, steps.CENTRA)
    world.do(steps.INTAKE_ABSORB, steps.CENTRA)


def by_order_event(world: World) -> None:
    """Centra tells of its order only."""
    world.centra.tells("Order", 1200)
    world.wait(1)
    world.do(steps.INTAKE_POLL, steps.CENTRA)
    world.do(steps.INTAKE_ABSORB, steps.CENTRA)


def by_sweep(world: World) -> None:
    """Every event was missed."""
    world.do(steps.DISPATCHES_SWEEP, steps.CENTRA)


@pytest.fixture(params=[by_event, by_order_event, by_sweep])
def notice(request: pytest.FixtureRequest) -> Callable[[World], None]:
    """Each way in which a change is noticed."""
    found: Callable[[World], None] = request.param
    return found


@pytest.fixture
def lines(shop: World) -> dict[str, int]:
    """Northgate's order of three T-shirts and a cap is in Centra as order 1200: its Centra lines."""
    return northgates(shop)


@pytest.fixture
def sent(shop: World, lines: dict[str, int]) -> dict[str, int]:
    """Shipment 41 with all T-shirts has been told."""
    shop.centra.ships(1200, {lines["1"]: 3})
    assert announce(shop).state == "done"
    shop.wait(60)
    return lines


def sentence(world: World) -> str:
    """What the one open cause says."""
    with world.store.read() as db:
        (found,) = db.execute(causes.CAUSE.select().where(causes.CAUSE.c.closed_at.is_(None)))
    return str(found.sentence)


def test_what_stays_as_it_was_told_is_no_news(
    shop: World, sent: dict[str, int], notice: Callable[[World], None]
) -> None:
    shop.centra.ships(1200, {sent["1"]: 3}, updated_at=shop.at, packages=2)

    notice(shop)

    assert shop.causes() == []
    assert shop.asked(steps.DISPATCHES_ANNOUNCE) == []


def test_a_changed_tracking_number_is_a_persons(
    shop: World, sent: dict[str, int], notice: Callable[[World], None]
) -> None:
    shop.centra.ships(1200, {sent["1"]: 2}, tracking_number="OTHER")

    notice(shop)

    assert shop.causes() == CHANGED
    assert "was changed: quantities, tracking number in Centra" in sentence(shop)
    assert facts(shop, "shipment changed after it was announced")["how"] == "changed: quantities, tracking number"
    assert len(told(shop)) == 1


def test_a_deleted_shipment_is_a_persons(
    shop: World, sent: dict[str, int], notice: Callable[[World], None]
) -> None:
    del shop.centra.shipped[41]

    notice(shop)

    assert shop.causes() == CHANGED
    assert "was deleted in Centra" in sentence(shop)
    assert states(shop)[0] is LineState.DISPATCHED, "the retailer still believes it"


def test_a_shipment_that_is_not_shipped_any_more_is_a_persons(
    shop: World, sent: dict[str, int], notice: Callable[[World], None]
) -> None:
    shop.centra.ships(1200, {sent["1"]: 3}, is_shipped=False)

    notice(shop)

    assert shop.causes() == CHANGED
    assert "no longer shipped" in sentence(shop)


def test_a_change_that_is_taken_back_closes_the_exception(
    shop: World, sent: dict[str, int], notice: Callable[[World], None]
) -> None:
    before = shop.centra.shipped.pop(41)
    notice(shop)
    shop.centra.shipped[41] = before

    notice(shop)

    assert shop.causes() == []


def test_what_a_person_settled_is_reported_again_only_when_it_changes_again(
    shop: World, sent: dict[str, int], notice: Callable[[World], None]
) -> None:
    shop.centra.ships(1200, {sent["1"]: 3}, tracking_number="OTHER")
    notice(shop)
    shipments.settle_by_hand(shop.services, f"{NORTHGATE}/41", "ops: told them")
    shop.wait(1)

    notice(shop)
    assert shop.causes() == []

    shop.centra.ships(1200, {sent["1"]: 3}, tracking_number="THIRD")
    shop.wait(1)
    notice(shop)
    assert shop.causes() == CHANGED


def test_one_that_was_made_anew_is_not_told_twice(shop: World, sent: dict[str, int]) -> None:
    before = shop.centra.shipped.pop(41)
    by_event(shop)
    shop.centra.shipped[51] = before.model_copy(update={"id": 51, "number": "1200-51"})

    assert announce(shop, 51).state == "done"

    assert len(told(shop)) == 1
    assert shop.causes() == []
    assert stored_lines(shop)[0].dispatched == 3
    shop.centra.shipped[52] = before.model_copy(update={"id": 52, "number": "1200-52"})
    assert announce(shop, 52).state == "held", "it stands in for one only"


def test_one_that_was_made_anew_before_the_deletion_was_noticed_is_judged_afresh(
    shop: World, sent: dict[str, int]
) -> None:
    before = shop.centra.shipped.pop(41)
    shop.centra.shipped[51] = before.model_copy(update={"id": 51, "number": "1200-51"})
    assert announce(shop, 51).state == "held"

    by_sweep(shop)

    assert announce_again(shop, 51).state == "done"
    assert shop.causes() == []
    assert len(told(shop)) == 1


def test_what_was_told_together_is_watched_one_by_one(shop: World) -> None:
    shop.orders("calder", 6001, "PO-2", line("1", "TEE-M", 3, "36.00"))
    (whole,) = bring(shop, CALDER).values()
    shop.centra.ships(1200, {whole: 2}, shipment=41)
    announce(shop, 41, "calder")
    shop.centra.ships(1200, {whole: 1}, shipment=42)
    announce(shop, 42, "calder")

    del shop.centra.shipped[41]
    by_event(shop)

    assert ("shipment-changed", f"{CALDER}/41") in shop.causes()
    assert ("shipment-changed", f"{CALDER}/42") not in shop.causes()


def test_a_held_shipment_that_is_mended_is_judged_afresh(
    shop: World, lines: dict[str, int], notice: Callable[[World], None]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 3}, tracking_number=None)
    notice(shop)
    assert announce_again(shop).state == "held"
    shop.centra.ships(1200, {lines["1"]: 3})
    shop.wait(30)

    notice(shop)

    assert announce_again(shop).state == "done"
    assert shop.causes() == []


def test_a_held_shipment_that_did_not_change_stays_held(
    shop: World, lines: dict[str, int], notice: Callable[[World], None]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 3}, tracking_number=None)
    notice(shop)
    announce_again(shop)

    notice(shop)

    assert announce_again(shop).state == "idle"


@pytest.mark.parametrize("undone", ["deleted", "not shipped"])
def test_a_held_shipment_that_goes_away_is_dropped(
    shop: World, lines: dict[str, int], notice: Callable[[World], None], undone: str
) -> None:
    shop.centra.ships(1200, {lines["1"]: 3}, carrier="Pigeon Post")
    notice(shop)
    assert announce_again(shop).state == "held"
    if undone == "deleted":
        del shop.centra.shipped[41]
    else:
        shop.centra.ships(1200, {lines["1"]: 3}, is_shipped=False)

    notice(shop)

    assert announce_again(shop).state == "done"
    assert shop.causes() == []
    assert record(shop) is None


def test_a_change_while_the_call_is_out_is_reported_once_it_is_known_to_be_told(
    shop: World, lines: dict[str, int]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})

    def change() -> None:
        shop.centra.ships(1200, {lines["1"]: 3}, tracking_number="OTHER")
        by_event(shop)
        assert shop.causes() == []

    shop.northgate.meanwhile("dispatch", change)

    announce(shop)

    assert shop.causes() == CHANGED


def test_a_shipment_younger_than_the_reading_of_its_order_is_not_taken_for_deleted(
    shop: World, lines: dict[str, int]
) -> None:
    stale = shop.centra.orders(numbers=[1200], lane=Lane.ORDERS)
    shop.centra.ships(1200, {lines["1"]: 3})
    announce(shop)

    missing = shipments.not_shown(shop.services, stale)
    found = shop.centra.shipments(sorted(missing), lane=Lane.ORDERS)
    with shop.store.write() as db:
        shipments.ask_announcements(shop.services, db, found, named=missing)

    assert missing == {41}
    assert shop.causes() == []


def test_known_shipments_of_an_order_are_not_read_by_id(shop: World, sent: dict[str, int]) -> None:
    before = len(shop.centra.said("shipments"))
    by_sweep(shop)
    assert len(shop.centra.said("shipments")) == before

    del shop.centra.shipped[41]
    by_sweep(shop)
    by_sweep(shop)

    assert shop.centra.said("shipments")[before:] == [[41]], "what is known to be gone is not asked for again"
