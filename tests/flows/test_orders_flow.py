"""An order is in Centra exactly once, whichever answers get lost on the way there."""

import pytest
from ordering import PO, acknowledge, confirm, lines, place, stored

from integration import policy, steps
from integration.flows import mappings_afresh
from integration.lanes import Lane
from integration.lifecycle import OrderState
from integration.problems import LookFirst, Refused, TryAgain
from integration.rulebook import Rulebook
from integration.storage import causes
from tests.world import World, line


def test_a_polled_order_is_stored_and_asked_to_be_placed(ordered: World) -> None:
    assert stored(ordered).virtualstock_id == 5001
    assert ordered.asked(steps.ORDERS_PLACE) == [PO]
    assert ordered.northgate.said("orders") == [("ORDER", 13)]


def test_polling_again_neither_stores_nor_loses_anything(ordered: World) -> None:
    ordered.do(steps.ORDERS_POLL, "northgate")

    assert ordered.asked(steps.ORDERS_PLACE) == [PO]
    ordered.settle()
    assert len(ordered.centra.made) == 1


def test_an_order_that_names_another_retailer_is_left_alone(shop: World) -> None:
    raw = shop.orders("northgate", 5001, "PO-1", line("1", "71000001"))
    raw["retailer"] = "https://v/restapi/v4/customers/14/"

    shop.do(steps.ORDERS_POLL, "northgate")

    assert shop.asked(steps.ORDERS_PLACE) == []


def test_an_order_without_reference_is_reported_and_the_others_are_stored(shop: World) -> None:
    shop.orders("northgate", 5001, "", line("1", "71000001"))
    shop.orders("northgate", 5002, "PO-2", line("1", "71000001"))

    shop.do(steps.ORDERS_POLL, "northgate")

    assert shop.asked(steps.ORDERS_PLACE) == ["northgate/PO-2"]
    assert shop.causes() == [("unreadable-order", "northgate/number 5001")]


def test_one_order_nobody_can_read_does_not_stop_the_polling_of_others(shop: World) -> None:
    shop.orders("northgate", 5001, "", line("1", "71000001"))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.orders("northgate", 5002, "PO-2", line("1", "71000001"))

    shop.do(steps.ORDERS_POLL, "northgate")

    assert shop.asked(steps.ORDERS_PLACE) == ["northgate/PO-2"]


def test_a_switched_off_retailer_is_not_polled(shop: World) -> None:
    shop.change("northgate", switches={"orders": False})

    shop.do(steps.ORDERS_POLL, "northgate")

    assert shop.northgate.calls == []


def test_an_order_is_created_completed_confirmed_and_marked_in_centra(ordered: World) -> None:
    assert place(ordered).state == "done"
    assert ordered.asked(steps.ORDERS_CONFIRM) == [PO]
    assert confirm(ordered).state == "done"

    (made,) = ordered.centra.made.values()
    assert (made.status, made.external_id) == ("CONFIRMED", PO)
    assert [(each.sku, each.quantity) for each in made.lines] == [("TEE-M", 2)]
    assert stored(ordered).centra_number == made.number
    assert ordered.asked(steps.ORDERS_ACKNOWLEDGE) == [PO]
    assert ordered.asked(steps.STOCK_READ) == [steps.CENTRA], "what was sold must be read again"


def test_an_order_that_is_placed_is_not_placed_again(ordered: World) -> None:
    place(ordered)

    assert ordered.do(steps.ORDERS_PLACE, PO).state == "done"

    assert len(ordered.centra.said("create_order")) == 1


def test_a_lost_answer_to_the_creation_leaves_exactly_one_order(ordered: World) -> None:
    ordered.centra.lose_answer("create_order", LookFirst("lost"))
    assert place(ordered).state == "again"
    ordered.wait(60)

    assert place(ordered).state == "done"

    assert len(ordered.centra.made) == 1
    assert len(ordered.centra.said("create_order")) == 1
    assert stored(ordered).state == OrderState.PLACED


def test_a_creation_that_never_arrived_is_repeated_only_after_a_grace(ordered: World) -> None:
    ordered.centra.fail("create_order", LookFirst("lost before it arrived"))
    place(ordered)
    ordered.wait(10)

    assert place(ordered).state == "again"
    assert len(ordered.centra.said("create_order")) == 1

    ordered.wait(policy.LOOK_GRACE.total_seconds())
    assert place(ordered).state == "done"
    assert len(ordered.centra.made) == 1


def test_an_order_that_shows_up_late_is_found_and_not_made_twice(ordered: World) -> None:
    ordered.centra.lose_answer("create_order", LookFirst("lost"))
    place(ordered)
    late = ordered.centra.made.pop(1200)
    ordered.wait(10)
    assert place(ordered).state == "again"
    ordered.centra.made[1200] = late
    ordered.wait(60)

    assert place(ordered).state == "done"

    assert list(ordered.centra.made) == [1200]


def test_the_order_of_another_reference_that_begins_alike_is_not_taken_for_ours(shop: World) -> None:
    shop.orders("northgate", 5002, "PO-10", line("1", "71000001"))
    shop.do(steps.ORDERS_POLL, "northgate")
    place(shop, "northgate/PO-10")
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001"))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.centra.fail("create_order", LookFirst("lost before it arrived"))
    place(shop)
    shop.wait(60)

    assert place(shop).state == "done"

    assert stored(shop).centra_number != stored(shop, "northgate/PO-10").centra_number


def test_a_lost_answer_to_the_completion_completes_nothing_twice(ordered: World) -> None:
    ordered.centra.lose_answer("complete_order", LookFirst("lost"))
    assert place(ordered).state == "again"
    assert stored(ordered).centra_number == 1200
    ordered.wait(60)

    assert place(ordered).state == "done"

    assert len(ordered.centra.said("complete_order")) == 1
    assert ordered.centra.made[1200].status == "PENDING"


@pytest.mark.parametrize("call", ["create_order", "complete_order"])
def test_wherever_placing_fails_the_next_try_ends_with_one_order(ordered: World, call: str) -> None:
    ordered.centra.fail(call, TryAgain("down"))
    assert place(ordered).state == "again"
    ordered.wait(600)

    assert place(ordered).state == "done"

    assert [made.status for made in ordered.centra.made.values()] == ["PENDING"]


@pytest.mark.parametrize("call", ["orders", "adopt_order"])
def test_wherever_confirming_fails_the_next_try_ends_with_one_confirmed_order(ordered: World, call: str) -> None:
    place(ordered)
    ordered.centra.fail(call, TryAgain("down"))
    assert confirm(ordered).state == "again"
    ordered.wait(600)

    assert confirm(ordered).state == "done"

    assert [(made.status, made.external_id) for made in ordered.centra.made.values()] == [("CONFIRMED", PO)]


def test_an_order_that_centra_confirms_by_itself_is_only_marked(ordered: World) -> None:
    place(ordered)
    ordered.centra.confirm_order(1200, lane=Lane.ORDERS)

    assert confirm(ordered).state == "done"

    assert ordered.centra.said("adopt_order") == []
    assert ordered.centra.made[1200].external_id == PO


def test_a_refused_confirmation_waits_for_a_person_and_the_retailer_is_told_all_the_same(ordered: World) -> None:
    place(ordered)
    ordered.centra.fail("adopt_order", Refused("the order is locked"))

    assert confirm(ordered).state == "held"

    assert ordered.causes() == [("order-unconfirmed", PO)]
    assert ordered.asked(steps.ORDERS_ACKNOWLEDGE) == [PO]


def test_too_little_stock_waits_for_a_person_and_leaves_no_order(ordered: World) -> None:
    ordered.centra.fail("create_order", Refused("not enough", status=200, code="-2"))

    assert place(ordered).state == "held"

    assert ordered.causes() == [("order-out-of-stock", PO)]
    assert stored(ordered).placing_since is None


def test_any_other_refusal_of_centra_waits_for_a_person_and_can_be_retried(ordered: World) -> None:
    ordered.centra.fail("create_order", Refused("no such market", code="-3"))
    assert place(ordered).state == "held"
    assert ordered.causes() == [("order-refused", PO)]

    with ordered.store.write() as db:
        causes.close(db, ordered.at, "a person", kinds=["order-refused"])

    assert place(ordered).state == "done"


def test_two_workers_on_one_order_make_one_order(ordered: World) -> None:
    def another_worker() -> None:
        assert place(ordered).state == "idle"

    ordered.centra.meanwhile("create_order", another_worker)

    place(ordered)

    assert len(ordered.centra.made) == 1


def test_a_worker_that_outlived_its_claim_leaves_at_worst_a_reservation(ordered: World) -> None:
    def another_worker() -> None:
        ordered.wait(policy.LEASE.total_seconds() + 1)
        assert place(ordered).state == "done"

    ordered.centra.meanwhile("create_order", another_worker)
    place(ordered)

    assert [made.status for made in ordered.centra.made.values()] == ["PENDING", "INCOMPLETE"]
    assert ordered.centra.said("complete_order") == [1200]
    assert stored(ordered).centra_number == 1200
    assert acknowledge(ordered).state == "done"


def test_several_orders_for_one_wait_for_a_person(ordered: World) -> None:
    ordered.centra.complete_order = lambda number, draft, *, lane: (number, number + 1)  # type: ignore[method-assign]

    assert place(ordered).state == "held"

    assert ordered.causes() == [("order-split", PO)]


def test_an_order_nobody_can_map_is_held_with_all_its_problems(shop: World) -> None:
    shop.orders(
        "northgate", 5001, "PO-1", line("1", "79999999"), line("2", "78888888"), delivery_service_code="drone"
    )
    shop.do(steps.ORDERS_POLL, "northgate")

    assert place(shop).state == "held"

    assert sorted(shop.causes()) == [
        ("unmapped-delivery-service", "northgate/drone"),
        ("unmapped-sku", "northgate/78888888"),
        ("unmapped-sku", "northgate/79999999"),
    ]
    assert shop.centra.calls == []


@pytest.fixture
def unmapped(shop: World) -> World:
    """An order is held because nobody knows its article."""
    shop.orders("northgate", 5001, "PO-1", line("1", "79999999"))
    shop.do(steps.ORDERS_POLL, "northgate")
    assert place(shop).state == "held"
    assert shop.causes() == [("unmapped-sku", "northgate/79999999")]
    return shop


def test_a_held_order_goes_on_when_its_listing_gets_the_right_key(unmapped: World) -> None:
    unmapped.lists("northgate", 904, "79999999", "CAP")

    unmapped.do(steps.CATALOGUE_LISTINGS, "northgate")

    assert unmapped.causes() == []
    assert place(unmapped).state == "done"
    assert [each.sku for each in unmapped.centra.made[1200].lines] == ["CAP"]


def test_a_held_order_goes_on_when_its_part_number_is_mapped_and_published(unmapped: World) -> None:
    row = {"retailer": "northgate", "part_number": "79999999", "sku": "CAP"}
    unmapped.rules = Rulebook.from_document(unmapped.rules.to_document() | {"products": [row]})

    with unmapped.store.write() as db:
        causes.close(db, unmapped.at, "publish", kinds=mappings_afresh.ANSWERED)

    assert place(unmapped).state == "done"
    assert unmapped.causes() == []


def test_an_order_that_a_publication_does_not_help_is_held_again(unmapped: World) -> None:
    with unmapped.store.write() as db:
        causes.close(db, unmapped.at, "publish", kinds=mappings_afresh.ANSWERED)

    assert place(unmapped).state == "held"

    assert unmapped.causes() == [("unmapped-sku", "northgate/79999999")]


def test_a_held_order_that_its_retailer_corrects_is_judged_afresh(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001"), currency_code="EUR")
    shop.do(steps.ORDERS_POLL, "northgate")
    assert place(shop).state == "held"
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001"), currency_code="GBP")

    shop.do(steps.ORDERS_POLL, "northgate")

    assert place(shop).state == "done"
    assert shop.causes() == []


def test_two_lines_of_one_article_stay_two_lines(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001", 1), line("2", "71000001", 3, "30.00"))
    shop.do(steps.ORDERS_POLL, "northgate")

    place(shop)
    confirm(shop)

    found = lines(shop)
    assert [(each.line_reference, each.quantity) for each in found] == [("1", 1), ("2", 3)]
    assert [each.centra_line_id for each in found] == [12000, 12001]


def test_line_references_with_blanks_are_told_apart_too(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("PO 1", "71000001", 1), line("PO 2", "71000001", 3, "30.00"))
    shop.do(steps.ORDERS_POLL, "northgate")

    place(shop)
    confirm(shop)

    assert [each.centra_line_id for each in lines(shop)] == [12000, 12001]
