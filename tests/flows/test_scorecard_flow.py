"""What a retailer will say of us can be read beforehand, from what really happened to its orders and quantities."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from ordering import finish, stored, story, wish

from integration import steps
from integration.domain.scorecard import DAYS, Count, Measure, Verdict
from integration.flows import mirror, scorecard
from integration.flows.scorecard import Card
from integration.storage import announcements, journal
from integration.storage.listings import LISTING
from integration.storage.orders import ORDER
from tests.world import World, line

HOURS = 3600


def counts(world: World, retailer: str = "northgate") -> dict[Measure, Count]:
    return {each.measure: each.count for each in scorecard.card(world.services, retailer).scores}


def card(world: World, retailer: str = "northgate") -> Card:
    return scorecard.card(world.services, retailer)


def test_an_order_that_went_well_counts_for_us_everywhere(gone: World) -> None:
    found = counts(gone)

    assert found[Measure.ACKNOWLEDGED] == Count(1, 1)
    assert found[Measure.DISPATCHED] == Count(1, 1)
    assert found[Measure.CANCELLED] == Count(0, 2)
    assert found[Measure.TRACKED] == Count(1, 1)
    assert all(each.verdict is Verdict.MET for each in card(gone).scores if each.count.all)


def test_an_order_that_is_neither_answered_nor_late_is_not_counted_yet(ordered: World) -> None:
    assert counts(ordered)[Measure.ACKNOWLEDGED] == Count(0, 0)

    ordered.wait(30 * HOURS)
    found = card(ordered)

    assert found.scores[0].count == Count(0, 1)
    assert found.scores[0].verdict is Verdict.MISSED
    assert found.typical is None


def test_an_answer_that_came_too_late_counts_against_us_however_it_ended(ordered: World) -> None:
    ordered.wait(30 * HOURS)
    ordered.settle()

    assert ordered.northgate.status(5001) == "ORDER_ACK"
    assert counts(ordered)[Measure.ACKNOWLEDGED] == Count(0, 1)
    assert card(ordered).typical == card(ordered).slowest == timedelta(hours=31), "it was made an hour before it came"


def test_what_the_retailer_wanted_cancelled_is_no_fault_of_ours(taken: World) -> None:
    wish(taken, "1")
    finish(taken)

    assert "line cancelled" in story(taken)
    assert counts(taken)[Measure.CANCELLED] == Count(0, 1)
    assert counts(taken)[Measure.DISPATCHED] == Count(0, 0), "nothing was left to send"


def test_what_was_cancelled_over_there_without_a_wish_is(taken: World) -> None:
    taken.northgate.shows(5001, "CANCEL_ACK", "1")
    mirror.look(taken.services, stored(taken))
    finish(taken)

    assert "line cancelled" in story(taken)
    assert counts(taken)[Measure.CANCELLED] == Count(1, 1)


def test_a_tracking_number_that_was_corrected_after_it_was_told_is_not_valid(gone: World) -> None:
    with gone.store.write() as db:
        announcements.learn_difference(db, 41, {"tracking_number": "another"})
    assert counts(gone)[Measure.TRACKED] == Count(0, 1)

    with gone.store.write() as db:
        announcements.learn_difference(db, 41, None)
    assert counts(gone)[Measure.TRACKED] == Count(1, 1)


def test_a_test_order_and_another_retailers_order_count_for_nobody_else(gone: World) -> None:
    assert counts(gone, "calder")[Measure.ACKNOWLEDGED] == Count(0, 0)
    with gone.store.write() as db:
        db.execute(sa.update(ORDER).values(rehearsal=True))

    assert [each.all for each in counts(gone).values()][:4] == [0, 0, 0, 0]


def test_what_is_older_than_the_span_is_forgotten(gone: World) -> None:
    gone.wait(DAYS * 24 * HOURS)
    assert counts(gone)[Measure.ACKNOWLEDGED] == Count(0, 0)

    gone.orders("northgate", 5002, "PO-2", line("1", "71000001", 1))
    gone.do(steps.ORDERS_POLL, "northgate")
    gone.wait(30 * HOURS)

    assert counts(gone)[Measure.ACKNOWLEDGED] == Count(0, 1)


def test_each_whole_day_with_an_accepted_quantity_counts_and_today_is_not_over(shop: World) -> None:
    for free, hours in ((7, 24), (6, 48), (5, 0)):
        shop.centra.has(11, "TEE-M", free)
        shop.do(steps.STOCK_SWEEP, steps.CENTRA)
        shop.settle()
        shop.wait(hours * HOURS)

    found = card(shop)

    assert [had for _, had in found.days] == [True, True, False]
    assert found.scores[-1].count == Count(2, 3)
    assert [had for _, had in card(shop, "calder").days] == [False] * 3


def test_a_day_begins_at_midnight_on_the_retailers_clock(shop: World) -> None:
    # 00:30 in London on 10 June is still 9 June in UTC.
    def accepted(at: str) -> None:
        with shop.store.write() as db:
            moment = shop.at.fromisoformat(at)
            journal.tell(db, "sku", "TEE-M", "stock accepted", moment, retailer="northgate", quantity=1)
            db.execute(sa.update(LISTING).values(agreed_at=moment))

    accepted("2026-06-08T12:00:00+00:00")
    accepted("2026-06-09T23:30:00+00:00")
    shop.at = shop.at.fromisoformat("2026-06-11T12:00:00+00:00")

    assert [(f"{day:%d}", had) for day, had in card(shop).days[-3:]] == [("08", True), ("09", False), ("10", True)]


def test_a_retailer_that_takes_no_stock_from_us_is_not_told_of_days(shop: World) -> None:
    shop.wait(72 * HOURS)
    shop.change("northgate", switches={"stock": "shadow"})

    assert card(shop).scores[-1].verdict is Verdict.NO_DATA


def test_an_empty_database_has_nothing_to_say(world: World) -> None:
    assert {each.verdict for each in card(world).scores} == {Verdict.NO_DATA}
    with pytest.raises(KeyError):
        card(world, "nobody")
