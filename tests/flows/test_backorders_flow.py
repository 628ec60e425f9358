"""Where Centra has no stock, the retailer hears new dates by its own rule, once; when stock comes, the order goes."""

import pytest
from ordering import acknowledge, clock, finish, lines, place, retry, states, stored, story, take, wish

from integration import steps
from integration.lifecycle import LineState, OrderState
from integration.problems import LookFirst, Refused, TryAgain
from tests.world import World, line

FH, CA = "fernhill/FH-1", "calder/CA-1"
MANY = line("1", "TEE-M", 9, "90.00")
"""One more than there is."""


def comes(world: World, units: int = 20) -> None:
    """Stock of the T-shirt comes in, and Centra tells us."""
    world.centra.has(11, "TEE-M", units, ean="5000000000011")
    world.do(steps.STOCK_SWEEP, steps.CENTRA)
    finish(world)


@pytest.fixture
def calder(shop: World) -> World:
    """Calder, whose orders wait outside of Centra, has ordered more T-shirts than there are."""
    row = {"retailer": "calder", "part_number": "TEE-M", "sku": "TEE-M"}
    shop.rules = type(shop.rules).from_document(shop.rules.to_document() | {"products": [row]})
    shop.orders("calder", 6001, "CA-1", MANY)
    shop.do(steps.ORDERS_POLL, "calder")
    assert place(shop, CA).state == "held"
    return shop


@pytest.fixture
def fernhill(shop: World) -> World:
    """Fernhill, whose orders go into Centra as demand, has ordered more T-shirts than there are."""
    shop.orders("fernhill", 7001, "FH-1", MANY)
    shop.do(steps.ORDERS_POLL, "fernhill")
    assert place(shop, FH).state == "done"
    return shop


# The rule "hold"


def test_where_a_person_decides_the_retailer_hears_nothing(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 9, "90.00"))
    shop.do(steps.ORDERS_POLL, "northgate")

    assert place(shop).state == "held"

    assert shop.causes() == [("order-out-of-stock", "northgate/PO-1")]
    assert shop.asked(steps.BACKORDERS_ANNOUNCE) == []
    comes(shop)
    assert place(shop).state == "idle", "it still waits for the person"


# The rule "backorder"


def test_an_order_without_stock_is_postponed_and_waits_outside_of_centra(calder: World) -> None:
    assert calder.asked(steps.BACKORDERS_ANNOUNCE) == [CA]
    finish(calder)

    assert calder.centra.made == {}
    [[body]] = calder.calder.said("backorder")
    assert (body["line_ref"], body["sub_status"]) == ("1", "Stock Due In")
    assert body["supplier_dispatch_date"] == "2026-03-09T00:00:00"
    assert (states(calder, CA), stored(calder, CA).state) == ([LineState.BACKORDERED], OrderState.BACKORDERED)
    assert calder.causes() == [("order-waits-for-stock", CA)]
    assert calder.calder.said("acknowledge") == []


def test_new_dates_are_an_answer_and_move_the_deadline_of_the_dispatch(calder: World) -> None:
    before = clock(calder, "dispatch", CA).due_at
    finish(calder)

    assert clock(calder, "acknowledge", CA).met_at is not None
    after = clock(calder, "dispatch", CA)
    assert after.due_at > before
    assert f"{after.due_at:%d %H:%M}" in ("09 23:59", "10 00:00"), "the end of the day that was promised"


def test_when_stock_comes_the_order_is_placed_and_the_retailer_hears_it(calder: World) -> None:
    finish(calder)

    comes(calder)

    assert [made.status for made in calder.centra.made.values()] == ["CONFIRMED"]
    assert calder.calder.status(6001) == "ORDER_ACK"
    assert states(calder, CA) == [LineState.ACKNOWLEDGED]
    assert calder.causes() == []


def test_too_little_stock_lets_it_wait_on(calder: World) -> None:
    finish(calder)

    comes(calder, units=8)

    assert len(calder.centra.said("create_order")) == 1
    assert calder.causes() == [("order-waits-for-stock", CA)]


def test_a_retailer_that_hears_of_stock_only_by_the_dispatch_is_not_told_before(calder: World) -> None:
    calder.change("calder", backorder={"when_stock_comes": "dispatch"})
    finish(calder)

    comes(calder)

    assert [made.status for made in calder.centra.made.values()] == ["CONFIRMED"]
    assert calder.calder.said("acknowledge") == []
    assert calder.calder.status(6001) == "BACKORDER"


def test_it_is_postponed_once_however_often_it_is_tried(calder: World) -> None:
    finish(calder)
    calder.do(steps.BACKORDERS_ANNOUNCE, CA)
    calder.do(steps.ORDERS_POLL, "calder")
    finish(calder)

    assert len(calder.calder.said("backorder")) == 1


def test_an_order_that_waits_and_is_cancelled_waits_no_more(calder: World) -> None:
    finish(calder)
    wish(calder, retailer="calder", number=6001)
    finish(calder)

    assert calder.calder.status(6001) == "CANCEL_ACK"
    assert calder.causes() == []
    comes(calder)
    assert calder.centra.made == {}


def test_a_switched_off_retailer_hears_of_no_new_dates(calder: World) -> None:
    calder.change("calder", switches={"acknowledgements": False})
    finish(calder)

    assert calder.calder.said("backorder") == []


# The rule "demand"


def test_an_order_without_stock_is_placed_as_demand_and_postponed(fernhill: World) -> None:
    finish(fernhill)

    assert [draft.force_create for draft in fernhill.centra.said("create_order")] == [False, True]
    assert fernhill.centra.made[1200].status == "CONFIRMED"
    platform = fernhill.retailers["fernhill"]
    assert (platform.status(7001), len(platform.said("backorder"))) == ("BACKORDER", 1)
    assert platform.said("acknowledge") == []
    assert lines(fernhill, FH)[0].short == 1
    assert fernhill.causes() == []


def test_only_the_lines_that_are_short_are_postponed_and_the_others_acknowledged(shop: World) -> None:
    take(shop, "fernhill", "FH-1", MANY, line("2", "CAP", 1))
    finish(shop)

    platform = shop.retailers["fernhill"]
    assert [platform.status(7001, each) for each in ("1", "2")] == ["BACKORDER", "ORDER_ACK"]
    assert clock(shop, "acknowledge", FH).met_at is not None


@pytest.mark.parametrize(("rule", "status"), [("acknowledge", "ORDER_ACK"), ("dispatch", "BACKORDER")])
def test_when_the_demand_is_allocated_the_retailer_hears_it_if_it_wants_to(
    fernhill: World, rule: str, status: str
) -> None:
    fernhill.change("fernhill", backorder={"when_stock_comes": rule})
    finish(fernhill)

    fernhill.centra.allocates(1200)
    fernhill.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    finish(fernhill)

    assert lines(fernhill, FH)[0].short == 0
    assert fernhill.retailers["fernhill"].status(7001) == status


def test_demand_that_is_allocated_before_the_retailer_heard_of_it_is_simply_acknowledged(fernhill: World) -> None:
    fernhill.centra.allocates(1200)
    finish(fernhill)

    assert fernhill.retailers["fernhill"].status(7001) == "ORDER_ACK"
    assert fernhill.retailers["fernhill"].said("backorder") == []


def test_stock_that_is_lost_after_the_acknowledgement_postpones_the_line(shop: World) -> None:
    take(shop, "fernhill", "FH-1")
    assert states(shop, FH) == [LineState.ACKNOWLEDGED]
    made = shop.centra.made[1200]
    shop.centra.made[1200] = made.model_copy(
        update={"lines": tuple(each.model_copy(update={"allocated": 1}) for each in made.lines)}
    )

    shop.do(steps.DISPATCHES_SWEEP, steps.CENTRA)
    finish(shop)

    assert shop.retailers["fernhill"].status(7001) == "BACKORDER"


def test_where_allocations_are_not_shown_the_order_is_acknowledged(fernhill: World) -> None:
    made = fernhill.centra.made[1200]
    fernhill.centra.made[1200] = made.model_copy(
        update={"lines": tuple(each.model_copy(update={"allocated": None}) for each in made.lines)}
    )
    finish(fernhill)

    assert fernhill.retailers["fernhill"].status(7001) == "ORDER_ACK"


# Lost answers and refusals


def test_a_lost_answer_is_looked_up_and_counts_as_an_answer(calder: World) -> None:
    before = clock(calder, "dispatch", CA).due_at
    calder.calder.lose_answer("backorder", LookFirst("lost"))
    finish(calder)

    assert len(calder.calder.said("backorder")) == 1
    assert states(calder, CA) == [LineState.BACKORDERED]
    assert stored(calder, CA).backordering_since is None
    assert clock(calder, "acknowledge", CA).met_at is not None
    assert clock(calder, "dispatch", CA).due_at > before
    assert "postponed" in story(calder, CA)


def test_new_dates_that_never_arrived_are_sent_again(calder: World) -> None:
    calder.calder.fail("backorder", LookFirst("lost before it arrived"))
    finish(calder)

    assert len(calder.calder.said("backorder")) == 2
    assert calder.calder.status(6001) == "BACKORDER"


def test_while_the_platform_is_down_it_is_tried_again_without_a_look(calder: World) -> None:
    calder.calder.fail("backorder", TryAgain("down"))
    finish(calder)

    assert calder.calder.said("order") == []
    assert calder.calder.status(6001) == "BACKORDER"


def test_a_refusal_waits_for_a_person_and_the_clock_goes_on(calder: World) -> None:
    calder.calder.fail("backorder", Refused("sub status unknown", status=400))
    finish(calder)

    assert sorted(calder.causes()) == [("backorder-refused", CA), ("order-waits-for-stock", CA)]
    assert clock(calder, "acknowledge", CA).met_at is None

    retry(calder, "backorder-refused")
    finish(calder)
    assert calder.calder.status(6001) == "BACKORDER"


def test_a_refusal_because_the_order_was_cancelled_meanwhile_needs_nobody(calder: World) -> None:
    calder.calder.wants_cancelled(6001)
    finish(calder)

    assert calder.causes() == []
    assert calder.calder.status(6001) == "CANCEL_ACK"


def test_lines_that_may_not_be_postponed_do_not_keep_the_others_from_it(shop: World) -> None:
    row = [{"retailer": "calder", "part_number": sku, "sku": sku} for sku in ("TEE-M", "CAP")]
    shop.rules = type(shop.rules).from_document(shop.rules.to_document() | {"products": row})
    shop.orders("calder", 6001, "CA-1", MANY, line("2", "CAP", 9, "90.00"))
    shop.do(steps.ORDERS_POLL, "calder")
    place(shop, CA)
    shop.calder.shows(6001, "DISPATCH", "2")

    finish(shop)

    assert [shop.calder.status(6001, each) for each in ("1", "2")] == ["BACKORDER", "DISPATCH"]
    assert [len(said) for said in shop.calder.said("backorder")] == [2, 1]


def test_an_order_that_is_acknowledged_in_the_portal_is_postponed_all_the_same(calder: World) -> None:
    calder.calder.shows(6001, "ORDER_ACK")
    calder.do(steps.ORDERS_POLL, "calder")
    finish(calder)

    assert calder.calder.status(6001) == "BACKORDER"
    comes(calder)
    assert calder.calder.status(6001) == "ORDER_ACK"


def test_an_acknowledgement_that_was_asked_for_too_early_says_nothing_of_lines_that_are_short(fernhill: World) -> None:
    assert acknowledge(fernhill, FH).state == "done"

    assert fernhill.retailers["fernhill"].said("acknowledge") == []
