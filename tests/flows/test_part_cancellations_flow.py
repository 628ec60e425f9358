"""Where a retailer cancels some units of a line, those go and the rest of the line goes on."""

from ordering import (
    FH,
    clock,
    finish,
    lines,
    part,
    place,
    retry,
    settle,
    states,
    wish,
)

from integration import steps
from integration.lifecycle import LineState
from tests.world import World, line


def test_some_units_of_a_line_are_cancelled_as_the_older_api_tells(fernhill: World) -> None:
    part(fernhill)
    fernhill.settle()

    assert fernhill.centra.said("cancel_lines") == [(1200, {12000: 1})]
    [line] = lines(fernhill, FH)
    assert (line.state, line.cancelled, line.open) == (LineState.ACKNOWLEDGED, 1, 2)
    assert fernhill.causes() == []


def test_a_second_part_is_asked_for_anew(fernhill: World) -> None:
    part(fernhill)
    fernhill.settle()

    part(fernhill, units=2)
    fernhill.settle()

    assert fernhill.centra.said("cancel_lines") == [(1200, {12000: 1})]
    assert fernhill.centra.said("cancel_order") == ["hash1200"]
    assert states(fernhill, FH) == [LineState.CANCELLED]


def test_a_retailer_of_whole_lines_is_not_asked_how_many(taken: World) -> None:
    wish(taken)
    taken.settle()

    assert taken.northgate.said("order_v3") == []


def test_units_that_nobody_tells_wait_for_a_person(fernhill: World) -> None:
    fernhill.retailers["fernhill"].tells_units = False
    part(fernhill)

    assert settle(fernhill, FH).state == "held"

    assert fernhill.causes() == [("cancel-unclear", f"{FH}/1")]
    assert fernhill.centra.said("cancel_lines") + fernhill.centra.said("cancel_order") == []


def test_units_that_a_person_cancelled_in_centra_are_those_that_were_asked_for(fernhill: World) -> None:
    fernhill.retailers["fernhill"].tells_units = False
    part(fernhill)
    settle(fernhill, FH)

    fernhill.centra.cancels(1200, {12000: 1})
    retry(fernhill, "cancel-unclear")
    fernhill.settle()

    assert fernhill.causes() == []
    assert lines(fernhill, FH)[0].cancelled == 1
    assert fernhill.retailers["fernhill"].status(7001) == "ORDER_ACK"


def test_a_part_that_is_cancelled_before_the_order_is_placed_leaves_the_rest(shop: World) -> None:
    shop.orders("fernhill", 7001, "FH-1", line("1", "TEE-M", 3, "30.00"))
    shop.do(steps.ORDERS_POLL, "fernhill")
    part(shop)

    finish(shop)

    [made] = shop.centra.made.values()
    assert [(each.quantity, each.cancelled_quantity) for each in made.lines] == [(2, 1)]
    [ours] = lines(shop, FH)
    assert (ours.state, ours.cancelled, ours.open) == (LineState.ACKNOWLEDGED, 1, 2)
    assert shop.retailers["fernhill"].status(7001) == "ORDER_ACK"


def test_an_order_acknowledged_before_the_rest_of_it_is_acknowledged_after_its_cancellation(shop: World) -> None:
    """The wish came before the acknowledgement: what is left must still be acknowledged."""
    shop.orders("fernhill", 7001, "FH-1", line("1", "TEE-M", 3, "30.00"))
    shop.do(steps.ORDERS_POLL, "fernhill")
    place(shop, FH)
    part(shop)

    finish(shop)

    assert shop.retailers["fernhill"].status(7001) == "ORDER_ACK"
    assert clock(shop, "acknowledge", FH).met_at is not None
