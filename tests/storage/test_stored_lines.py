"""A line changes its state through one door, which knows the table of moves and tells the timeline."""

from collections.abc import Callable

import pytest
from order_asks import NOW, SUBJECT, lines, move, order, row, with_lines

from integration.lifecycle import MOVES, LineState
from integration.storage import Store, journal, order_lines
from integration.storage.orders import StoredOrder
from tests.racing import race


def story(store: Store) -> list[tuple[str, str]]:
    with store.read() as db:
        return [(told["what"], told["cause"]) for told in journal.story(db, "order", SUBJECT)]


@pytest.mark.parametrize("here", list(LineState))
def test_a_line_makes_the_moves_of_the_table_and_no_other(store: Store, here: LineState) -> None:
    with_lines(store, *(row(str(number), 1, here) for number, _ in enumerate(LineState)))

    moved = {there for number, there in enumerate(LineState) if move(store, str(number), there)}

    assert moved == MOVES[here]


def test_a_move_is_on_the_timeline_with_its_cause_and_one_that_was_ignored_is_not(store: Store) -> None:
    with_lines(store, row("1", 2))

    move(store, "1", LineState.DISPATCHED, dispatched=2)
    move(store, "1", LineState.ACKNOWLEDGED)

    assert story(store) == [("line dispatched", "a test")]


def test_of_two_that_move_a_line_from_one_state_only_one_does(store: Store) -> None:
    known = with_lines(store, row("1", 2))
    (line,) = lines(store)

    def go(there: LineState) -> Callable[[], bool]:
        def act() -> bool:
            with store.write() as db:
                return order_lines.move(db, known, line, there, NOW, "a race")

        return act

    moved = race(go(LineState.ACKNOWLEDGED), go(LineState.BACKORDERED), go(LineState.CANCELLING))

    assert sum(moved) == 1
    assert len(story(store)) == 1


def test_a_line_remembers_where_it_was_when_the_retailer_asked_to_cancel(store: Store) -> None:
    with_lines(store, row("1", 3, LineState.BACKORDERED))
    move(store, "1", LineState.CANCELLING)
    with store.write() as db:
        order_lines.learn_wish(db, lines(store)[0].id, 1)
        order_lines.count_cancelled(db, order(store), {"1": 1}, NOW, "a test")

    (line,) = lines(store)
    assert (line.state, line.state_before) == (LineState.BACKORDERED, None)
    assert (line.cancelled, line.cancel_asked, line.open) == (1, None, 2)


def test_a_new_wish_to_cancel_is_of_unknown_size(store: Store) -> None:
    with_lines(store, row("1", 3, LineState.CANCELLING))
    with store.write() as db:
        order_lines.learn_wish(db, lines(store)[0].id, 1)
    move(store, "1", LineState.ACKNOWLEDGED)

    move(store, "1", LineState.CANCELLING)

    assert lines(store)[0].cancel_asked is None


def test_a_line_of_which_all_units_are_cancelled_is_cancelled(store: Store) -> None:
    with_lines(store, row("1", 3, LineState.CANCELLING))

    with store.write() as db:
        order_lines.count_cancelled(db, order(store), {"1": 3}, NOW, "a test")

    assert (lines(store)[0].state, lines(store)[0].open) == (LineState.CANCELLED, 0)


def test_a_line_of_which_some_left_and_the_rest_is_cancelled_is_dispatched(store: Store) -> None:
    known = with_lines(store, row("1", 3, LineState.ACKNOWLEDGED))
    with store.write() as db:
        order_lines.count_dispatched(db, known, {"1": 1}, NOW, "a test")
    assert lines(store)[0].state is LineState.ACKNOWLEDGED
    move(store, "1", LineState.CANCELLING)

    with store.write() as db:
        order_lines.count_cancelled(db, known, {"1": 2}, NOW, "a test")

    assert lines(store)[0].state is LineState.DISPATCHED


def test_units_of_a_line_that_nobody_asked_to_cancel_are_not_counted(store: Store) -> None:
    known = with_lines(store, row("1", 3, LineState.ACKNOWLEDGED))

    with store.write() as db:
        order_lines.count_cancelled(db, known, {"1": 3}, NOW, "a test")

    assert (lines(store)[0].state, lines(store)[0].cancelled) == (LineState.ACKNOWLEDGED, 0)


def test_nothing_is_counted_of_a_line_that_is_over(store: Store) -> None:
    known = with_lines(store, row("1", 3, LineState.CANCELLED))

    with store.write() as db:
        order_lines.count_dispatched(db, known, {"1": 3}, NOW, "a test")

    assert lines(store)[0].dispatched == 0


def test_lines_stored_again_stay_as_they_are(store: Store) -> None:
    known = with_lines(store, row("1", 3))
    move(store, "1", LineState.ACKNOWLEDGED)

    with store.write() as db:
        order_lines.store(db, known.id, [row("1", 9), row("2", 2)])

    found = [(line.line_reference, line.quantity, line.state) for line in lines(store)]
    assert found == [("1", 3, LineState.ACKNOWLEDGED), ("2", 2, LineState.RECEIVED)]


@pytest.fixture
def corrected(store: Store) -> StoredOrder:
    """Line 1 has fewer units, line 2 is gone, line 3 is new."""
    known = with_lines(store, row("1", 3), row("2", 2))
    move(store, "1", LineState.BACKORDERED)
    with store.write() as db:
        order_lines.correct(db, known.id, [row("1", 1), row("3", 5)])
    return known


def test_a_corrected_order_has_the_lines_it_has_now_in_the_states_they_had(
    store: Store, corrected: StoredOrder
) -> None:
    found = [(line.line_reference, line.quantity, line.state) for line in lines(store)]
    assert found == [("1", 1, LineState.BACKORDERED), ("3", 5, LineState.RECEIVED)]


def test_what_was_learned_of_lines_is_kept_by_line(store: Store) -> None:
    known = with_lines(store, row("1", 3), row("2", 2))

    with store.write() as db:
        order_lines.learn_skus(db, known.id, {"1": "TEE-M"})
        order_lines.learn_centra_lines(db, known.id, {"1": 81, "2": None})
        order_lines.learn_centra(db, lines(store)[1].id, cancelled=1, short=2)

    found = [(line.sku, line.centra_line_id, line.centra_cancelled, line.short) for line in lines(store)]
    assert found == [("TEE-M", 81, 0, 0), (None, None, 1, 2)]


def test_all_lines_are_short_by_all_their_units_until_centra_shows_more(store: Store) -> None:
    known = with_lines(store, row("1", 3), row("2", 2))

    with store.write() as db:
        order_lines.all_short(db, known.id)

    assert [line.short for line in lines(store)] == [3, 2]


def test_several_orders_get_their_lines_in_one_question(store: Store) -> None:
    known = with_lines(store, row("1", 3), row("2", 2))

    with store.read() as db:
        found = order_lines.of_orders(db, [known.id, 999])

    assert {number: [line.line_reference for line in rows] for number, rows in found.items()} == {known.id: ["1", "2"]}
