"""An order has one row and one Centra number, and its state is that of its lines."""

import pytest
import sqlalchemy as sa
from order_asks import LATER, NOW, SUBJECT, bind, move, order, receive, row, with_lines
from sqlmodel import SQLModel

from integration.lifecycle import LineState, OrderState
from integration.storage import Store, order_lines, orders
from integration.storage.orders import Intention
from tests.racing import race


def test_an_order_received_twice_is_stored_once_as_it_first_came(store: Store) -> None:
    assert receive(store)
    assert not receive(store, raw={"second": True})

    assert order(store).raw == {"first": True}


def test_racing_polls_store_an_order_once(store: Store) -> None:
    assert sum(race(*[lambda: receive(store)] * 6)) == 1


def test_two_retailers_may_use_one_reference(store: Store) -> None:
    receive(store)

    assert receive(store, retailer="calder")
    with store.read() as db:
        assert {each.subject for each in orders.find(db, "PO-1")} == {SUBJECT, "calder/PO-1"}


def test_an_order_is_found_by_reference_subject_and_centra_number(store: Store) -> None:
    receive(store)
    bind(store, 1200)

    with store.read() as db:
        for name in ("PO-1", SUBJECT, "1200"):
            assert [each.subject for each in orders.find(db, name)] == [SUBJECT], name
        assert orders.find(db, "9" * 40) == []
        assert orders.by_id(db, order(store).id) == order(store)
        assert [each.subject for each in orders.by_centra_numbers(db, [1200, 1300])] == [SUBJECT]


def test_a_reference_with_a_slash_in_it_is_found_whole(store: Store) -> None:
    receive(store, reference="A/1")

    with store.read() as db:
        found = orders.by_subject(db, "northgate/A/1")
    assert found is not None
    assert found.reference == "A/1"


def test_of_racing_binds_one_number_counts_for_all(store: Store) -> None:
    receive(store)

    told = race(*[lambda number=number: bind(store, number) for number in range(1200, 1206)])

    assert set(told) == {order(store).centra_number}


def test_a_bound_order_keeps_its_number_and_its_content(store: Store) -> None:
    receive(store)
    bind(store, 1200)
    with store.write() as db:
        orders.replace_raw(db, order(store).id, {"corrected": True})
        orders.drop(db, order(store).id, Intention.PLACING)

    assert bind(store, 1300) == 1200
    assert order(store).raw == {"first": True}


def test_a_corrected_order_that_is_not_in_centra_replaces_the_old_one(store: Store) -> None:
    receive(store)

    with store.write() as db:
        orders.replace_raw(db, order(store).id, {"corrected": True})

    assert order(store).raw == {"corrected": True}


@pytest.mark.parametrize("intention", list(Intention))
def test_an_intention_stays_on_record_until_it_is_known_what_became_of_it(store: Store, intention: Intention) -> None:
    receive(store)
    with store.write() as db:
        orders.intend(db, order(store).id, intention, NOW)
    assert getattr(order(store), intention) == NOW
    assert order(store).state == (OrderState.PLACING if intention is Intention.PLACING else OrderState.RECEIVED)

    with store.write() as db:
        orders.drop(db, order(store).id, intention)

    assert getattr(order(store), intention) is None
    assert order(store).state is OrderState.RECEIVED


def test_the_moment_an_order_was_placed_is_that_of_the_first_time(store: Store) -> None:
    with_lines(store, row("1", 3))

    with store.write() as db:
        orders.placed(db, order(store).id, NOW)
        orders.placed(db, order(store).id, LATER)

    assert (order(store).state, order(store).placed_at) == (OrderState.PLACED, NOW)


def test_an_order_is_as_far_as_its_least_advanced_open_line(store: Store) -> None:
    with_lines(store, row("1", 3), row("2", 2))
    with store.write() as db:
        orders.placed(db, order(store).id, NOW)
    for reference, there, wanted in [
        ("1", LineState.ACKNOWLEDGED, OrderState.PLACED),
        ("2", LineState.BACKORDERED, OrderState.BACKORDERED),
        ("2", LineState.ACKNOWLEDGED, OrderState.ACKNOWLEDGED),
        ("2", LineState.CANCELLING, OrderState.CANCELLING),
        ("2", LineState.CANCELLED, OrderState.ACKNOWLEDGED),
        ("1", LineState.DISPATCHED, OrderState.DISPATCHED),
    ]:
        assert move(store, reference, there)
        assert order(store).state is wanted, (reference, there)


def test_an_order_of_which_nothing_left_is_cancelled(store: Store) -> None:
    with_lines(store, row("1", 3))

    move(store, "1", LineState.CANCELLED, cancelled=3)

    assert order(store).state is OrderState.CANCELLED


def test_an_order_came_back_only_from_a_listing_after_its_acknowledgement_to_the_next(store: Store) -> None:
    receive(store)
    states = [order(store).came_back]
    for act in (orders.acknowledged, orders.came_back_as_new):
        with store.write() as db:
            act(db, order(store).id, NOW if act is orders.acknowledged else LATER)
        states.append(order(store).came_back)
    with store.write() as db:
        orders.acknowledged(db, order(store).id, LATER)

    assert [*states, order(store).came_back] == [False, False, True, False]


def test_orders_in_flight_are_paged_by_their_centra_number(store: Store) -> None:
    for number in (1203, 1201, 1202, 1204):
        receive(store, reference=str(number))
        with store.write() as db:
            found = orders.by_subject(db, f"northgate/{number}")
            assert found is not None
            orders.bind(db, found.id, number)
            orders.placed(db, found.id, NOW)
            over = LineState.CANCELLED if number == 1204 else LineState.ACKNOWLEDGED
            order_lines.store(db, found.id, [row("1", 1, over)])

    with store.read() as db:
        assert orders.numbers_in_flight(db, 0, 2) == [1201, 1202]
        assert orders.numbers_in_flight(db, 1202, 2) == [1203]


def test_orders_that_are_not_in_centra_are_found_by_stock_that_suffices(store: Store) -> None:
    with_lines(store, row("1", 3, LineState.BACKORDERED))
    with store.write() as db:
        order_lines.learn_skus(db, order(store).id, {"1": "TEE-M"})

    with store.read() as db:
        assert orders.waiting_for_stock(db, {"TEE-M": 3, "CAP": 9}) == [SUBJECT]
        assert orders.waiting_for_stock(db, {"TEE-M": 2, "CAP": 9}) == []

    with store.write() as db:
        orders.placed(db, order(store).id, NOW)
        assert orders.waiting_for_stock(db, {"TEE-M": 3}) == []


def test_an_order_acknowledged_in_the_portal_still_waits_for_its_stock(store: Store) -> None:
    with_lines(store, row("1", 3, LineState.ACKNOWLEDGED))

    with store.write() as db:
        order_lines.learn_skus(db, order(store).id, {"1": "TEE-M"})
        assert orders.waiting_for_stock(db, {"TEE-M": 3}) == [SUBJECT]


def test_an_order_that_is_over_waits_for_no_stock(store: Store) -> None:
    with_lines(store, row("1", 3, LineState.CANCELLED))

    with store.write() as db:
        order_lines.learn_skus(db, order(store).id, {"1": "TEE-M"})
        assert orders.waiting_for_stock(db, {"TEE-M": 3}) == []


def test_a_locked_order_is_written_by_nobody_else(store: Store) -> None:
    with_lines(store, row("1", 3))

    def place() -> bool:
        with store.write() as db:
            held = orders.lock(db, order_id)
            if held.placing_since is not None:
                return False
            orders.intend(db, order_id, Intention.PLACING, NOW)
            return True

    order_id = order(store).id

    assert sum(race(*[place] * 4)) == 1


def test_an_error_of_the_database_tells_nothing_of_the_customer(store: Store) -> None:
    with store.write() as db:
        SQLModel.metadata.drop_all(db)

    with pytest.raises(sa.exc.SQLAlchemyError) as failed:
        receive(store, raw={"full_name": "Ada King"})

    assert "Ada King" not in f"{failed.value!r} {failed.value}"
