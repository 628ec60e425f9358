"""A dispatch whose answer was lost is looked up, and is neither forgotten nor said twice."""

import pytest
from dispatching import NORTHGATE, announce, announce_again, northgates, record, told
from ordering import lines as stored_lines

from integration import steps
from integration.flows import dispatches
from integration.problems import LookFirst, Refused
from integration.storage import causes
from tests.world import World


@pytest.fixture
def lines(shop: World) -> dict[str, int]:
    """Northgate's order of three T-shirts and a cap is in Centra as order 1200: its Centra lines."""
    return northgates(shop)


@pytest.fixture
def no_v3(shop: World) -> None:
    """API v3, which alone tells of parts of a line, is not there."""
    shop.northgate.serves_v3 = False


def test_a_lost_answer_about_whole_lines_is_looked_up_and_not_repeated(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})
    shop.northgate.lose_answer("dispatch", LookFirst("lost"))
    assert announce(shop).state == "again"
    shop.wait(60)

    assert announce_again(shop).state == "done"

    assert len(told(shop)) == 1


def test_an_announcement_of_whole_lines_that_never_arrived_is_repeated(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 3})
    shop.northgate.fail("dispatch", LookFirst("lost before it arrived"))
    announce(shop)
    shop.wait(60)

    assert announce_again(shop).state == "done"

    assert shop.northgate.left == {(5001, "1"): 3}


@pytest.mark.usefixtures("no_v3")
def test_part_of_a_line_waits_for_a_person_where_nobody_can_tell(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 2})
    shop.northgate.lose_answer("dispatch", LookFirst("lost"))
    announce(shop)
    shop.wait(60)

    assert announce_again(shop).state == "held"

    assert shop.causes() == [("dispatch-unknown", f"{NORTHGATE}/41")]
    assert shop.northgate.left == {(5001, "1"): 2}, "nothing was told twice"


@pytest.mark.usefixtures("no_v3")
def test_the_person_who_looked_and_retries_lets_it_be_sent(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 2})
    shop.northgate.fail("dispatch", LookFirst("lost before it arrived"))
    announce(shop)
    shop.wait(60)
    announce_again(shop)

    with shop.store.write() as db:
        causes.close(db, shop.at, "a person", kinds=["dispatch-unknown"])

    assert announce_again(shop).state == "done"
    assert shop.northgate.left == {(5001, "1"): 2}


@pytest.mark.usefixtures("no_v3")
def test_the_person_who_found_it_in_the_portal_settles_it_without_another_call(
    shop: World, lines: dict[str, int]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 2})
    shop.northgate.lose_answer("dispatch", LookFirst("lost"))
    announce(shop)
    shop.wait(60)
    announce_again(shop)

    assert dispatches.settle_by_hand(shop.services, f"{NORTHGATE}/41", "ops: it is there")
    shop.wait(1)

    assert announce_again(shop).state == "done"
    assert shop.causes() == []
    assert shop.northgate.left == {(5001, "1"): 2}, "nothing was told twice"


def lose(shop: World, units: dict[int, int], shipment: int = 41, *, arrives: bool) -> None:
    """The answer to an announcement is lost, after it arrived or before."""
    shop.centra.ships(1200, units, shipment=shipment)
    if arrives:
        shop.northgate.lose_answer("dispatch", LookFirst("lost"))
    else:
        shop.northgate.fail("dispatch", LookFirst("lost before it arrived"))
    assert announce(shop, shipment).state == "again"


def test_part_of_a_line_is_found_by_its_tracking(shop: World, lines: dict[str, int]) -> None:
    lose(shop, {lines["1"]: 2}, arrives=True)
    shop.wait(10)

    assert announce_again(shop).state == "done"

    assert len(told(shop)) == 1
    assert [(each.dispatched, each.open) for each in stored_lines(shop)] == [(2, 1), (0, 1)]


@pytest.mark.parametrize("units", [2, 3])
def test_what_is_not_there_is_said_again_only_after_a_while(shop: World, lines: dict[str, int], units: int) -> None:
    lose(shop, {lines["1"]: units}, arrives=False)
    shop.wait(20)
    assert announce_again(shop).state == "again"
    assert len(told(shop)) == 1, "the platform may be at it still"
    shop.wait(40)

    assert announce_again(shop).state == "done"

    assert shop.northgate.left == {(5001, "1"): units}


def test_the_tracking_of_an_earlier_part_is_not_taken_for_that_of_a_later_one(
    shop: World, lines: dict[str, int]
) -> None:
    shop.centra.ships(1200, {lines["1"]: 1}, shipment=40)
    announce(shop, 40)
    lose(shop, {lines["1"]: 1}, arrives=False)
    shop.wait(60)

    assert announce_again(shop).state == "done"

    assert shop.northgate.left == {(5001, "1"): 2}


def test_two_parts_with_one_tracking_cannot_be_told_apart(shop: World, lines: dict[str, int]) -> None:
    shop.centra.ships(1200, {lines["1"]: 1}, shipment=40, tracking_number="TRACK41")
    announce(shop, 40)
    lose(shop, {lines["1"]: 1}, arrives=True)
    shop.wait(60)

    assert announce_again(shop).state == "held"

    assert shop.causes() == [("dispatch-unknown", f"{NORTHGATE}/41")]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_credential_that_may_not_use_v3_leaves_it_to_a_person(
    shop: World, lines: dict[str, int], status: int
) -> None:
    lose(shop, {lines["1"]: 2}, arrives=True)
    shop.wait(60)
    shop.northgate.fail("order_v3", Refused("not for you", status=status))

    assert announce_again(shop).state == "held"


def test_another_part_of_the_line_waits_until_the_first_is_known(shop: World, lines: dict[str, int]) -> None:
    lose(shop, {lines["1"]: 2}, arrives=True)
    shop.centra.ships(1200, {lines["1"]: 1}, shipment=42)

    assert announce(shop, 42).state == "again"
    assert len(told(shop)) == 1

    shop.wait(10)
    announce_again(shop, 41)
    shop.wait(60)
    assert announce_again(shop, 42).state == "done"
    assert shop.northgate.left == {(5001, "1"): 3}


@pytest.mark.usefixtures("no_v3")
def test_a_correction_in_centra_does_not_send_what_a_person_must_look_at(shop: World, lines: dict[str, int]) -> None:
    lose(shop, {lines["1"]: 2}, arrives=True)
    shop.wait(60)
    announce_again(shop)
    shop.centra.ships(1200, {lines["1"]: 2}, tracking_number="OTHER")

    shop.do(steps.DISPATCHES_SWEEP, steps.CENTRA)

    assert announce_again(shop).state == "idle"
    assert shop.northgate.left == {(5001, "1"): 2}
    dispatches.settle_by_hand(shop.services, f"{NORTHGATE}/41", "ops")
    assert shop.causes() == [("shipment-changed", f"{NORTHGATE}/41")]


def test_a_shipment_deleted_while_its_answer_is_lost_is_counted_and_reported(
    shop: World, lines: dict[str, int]
) -> None:
    lose(shop, {lines["1"]: 2}, arrives=True)
    del shop.centra.shipped[41]
    shop.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    assert shop.causes() == [], "it may not have been told"
    shop.wait(10)

    assert announce_again(shop).state == "done"

    assert stored_lines(shop)[0].dispatched == 2
    assert shop.causes() == [("shipment-changed", f"{NORTHGATE}/41")]


def test_a_shipment_deleted_before_its_announcement_arrived_is_dropped(shop: World, lines: dict[str, int]) -> None:
    lose(shop, {lines["1"]: 2}, arrives=False)
    del shop.centra.shipped[41]
    shop.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    shop.wait(60)

    assert announce_again(shop).state == "done"

    assert len(told(shop)) == 1
    assert record(shop) is None
    assert shop.causes() == []


def test_shipments_told_together_are_found_together(shop: World) -> None:
    shop.change("northgate", dispatch={"full_orders_only": True})
    lines = northgates(shop)
    shop.centra.ships(1200, {lines["1"]: 3}, shipment=40)
    assert announce(shop, 40).state == "held"
    lose(shop, {lines["2"]: 1}, arrives=True)
    shop.wait(10)

    assert announce_again(shop).state == "done"

    assert announce_again(shop, 40).state == "done"
    assert len(told(shop)) == 1
    assert [each.open for each in stored_lines(shop)] == [0, 0]
