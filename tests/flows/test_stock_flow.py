"""Each real change of a quantity reaches each retailer by one call, whatever happens to the calls before it."""

import pytest

from integration import steps
from integration.lanes import Lane
from integration.problems import LookFirst, Refused, Throttled, TryAgain
from integration.storage import listings, sizes
from tests.world import World, heard

TEE = "northgate/TEE-M"


def sells(world: World, free: int) -> None:
    """Centra now has `free` T-shirts, says so, and we have read it."""
    world.centra.has(11, "TEE-M", free, ean="5000000000011")
    with world.store.write() as db:
        sizes.mark_stale(db, [11], heard(db))
        world.services.promise(db, steps.STOCK_READ, [steps.CENTRA])
    world.wait(1)
    assert world.run(steps.STOCK_READ, steps.CENTRA).state == "done"


def pushed(world: World) -> list[tuple[int, int]]:
    """Product and quantity of every stock call."""
    return world.northgate.said("set_stock")


def offer(world: World) -> listings.Offer:
    with world.store.read() as db:
        (found,) = listings.of_sku(db, "northgate", "TEE-M")
    return found


def test_a_changed_level_is_asked_to_be_pushed_and_an_equal_one_is_not(shop: World) -> None:
    shop.centra.has(12, "CAP", 3, ean="5000000000012")
    with shop.store.write() as db:
        sizes.mark_stale(db, [12], heard(db))

    sells(shop, 6)

    assert shop.asked(steps.STOCK_PUSH) == [TEE]


def test_a_change_is_one_call_with_the_newest_quantity(shop: World) -> None:
    sells(shop, 6)
    sells(shop, 5)

    assert shop.run(steps.STOCK_PUSH, TEE).state == "done"

    assert pushed(shop) == [(901, 5)]
    assert shop.items() == []
    assert shop.northgate.shown == {901: 5}


def test_a_level_that_changed_back_before_it_was_pushed_costs_no_call(shop: World) -> None:
    sells(shop, 6)
    sells(shop, 8)

    assert shop.run(steps.STOCK_PUSH, TEE).state == "done"

    assert pushed(shop) == []


def test_a_second_push_of_what_is_agreed_costs_no_call(shop: World) -> None:
    sells(shop, 6)
    shop.run(steps.STOCK_PUSH, TEE)

    assert shop.do(steps.STOCK_PUSH, TEE).state == "done"

    assert len(pushed(shop)) == 1


def test_after_a_lost_answer_the_newest_quantity_is_sent_again(shop: World) -> None:
    sells(shop, 6)
    shop.northgate.lose_answer("set_stock", LookFirst("the answer was lost"))
    assert shop.run(steps.STOCK_PUSH, TEE).state == "again"
    sells(shop, 4)
    shop.wait(60)

    assert shop.run(steps.STOCK_PUSH, TEE).state == "done"

    assert pushed(shop) == [(901, 6), (901, 4)]


def test_after_a_lost_answer_even_the_quantity_agreed_before_is_sent(shop: World) -> None:
    sells(shop, 6)
    shop.northgate.lose_answer("set_stock", LookFirst("the answer was lost"))
    shop.run(steps.STOCK_PUSH, TEE)
    sells(shop, 8)
    shop.wait(60)

    shop.run(steps.STOCK_PUSH, TEE)

    assert shop.northgate.shown == {901: 8}


class Killed(BaseException):
    """The process dies: nothing of ours runs any more."""


def test_a_worker_killed_during_its_call_is_made_up_for_even_if_the_level_changed_back(shop: World) -> None:
    def die() -> None:
        raise Killed

    sells(shop, 6)
    shop.northgate.meanwhile("set_stock", die)
    with pytest.raises(Killed):
        shop.run(steps.STOCK_PUSH, TEE)
    sells(shop, 8)
    shop.wait(60)

    assert shop.run(steps.STOCK_PUSH, TEE).state == "done"

    assert shop.northgate.shown == {901: 8}


def test_a_call_that_was_not_sent_is_tried_again_and_changes_nothing_known(shop: World) -> None:
    sells(shop, 6)
    shop.northgate.fail("set_stock", TryAgain("the platform is down"))

    assert shop.run(steps.STOCK_PUSH, TEE).state == "again"

    assert (offer(shop).agreed, offer(shop).unsettled) == (8, False)
    assert shop.item(steps.STOCK_PUSH, TEE).tries == 1


def test_an_older_reading_is_never_sent_after_a_newer_one_was_accepted(shop: World) -> None:
    shop.lists("northgate", 903, "71000003", "TEE-M", shown=8)
    shop.ask(steps.CATALOGUE_LISTINGS, "northgate")
    shop.settle()
    sells(shop, 6)

    def another_worker_sends_two() -> None:
        shop.wait(60)
        sells(shop, 2)
        assert shop.run(steps.STOCK_PUSH, TEE).state == "done"

    # It overtakes this worker between its calls for the two listings of the article.
    shop.northgate.meanwhile("set_stock", another_worker_sends_two)
    shop.run(steps.STOCK_PUSH, TEE)

    assert (903, 6) not in pushed(shop)
    assert shop.northgate.shown[903] == 2


def test_an_older_answer_of_centra_does_not_replace_a_newer_one(shop: World) -> None:
    shop.centra.has(11, "TEE-M", 6)
    with shop.store.write() as db:
        sizes.mark_stale(db, [11], heard(db))
    # While the answer with 6 is on its way, two are sold, and another worker reads that.
    shop.centra.meanwhile("sizes", lambda: sells_while_reading(shop, 4))

    shop.do(steps.STOCK_READ, steps.CENTRA)
    shop.wait(1)
    shop.run(steps.STOCK_PUSH, TEE)

    assert pushed(shop) == [(901, 4)]


def sells_while_reading(world: World, free: int) -> None:
    world.centra.has(11, "TEE-M", free)
    with world.store.write() as db:
        sizes.mark_stale(db, [11], heard(db))
        seq = sizes.begin_read(db)
        asked = sizes.stale(db, 10)
    found = [world.centra.stock[11]]
    with world.store.write() as db:
        sizes.record(db, found, seq, world.at, asked)


def test_two_workers_that_overlap_leave_the_listing_unsettled_and_asked_again(shop: World) -> None:
    sells(shop, 6)

    def another_worker() -> None:
        shop.wait(60)
        sells(shop, 4)
        assert shop.run(steps.STOCK_PUSH, TEE).state == "done"

    shop.northgate.meanwhile("set_stock", another_worker)

    shop.run(steps.STOCK_PUSH, TEE)

    # The fake took 4 first and 6 last, as a platform may.
    assert shop.northgate.shown == {901: 6}
    assert offer(shop).unsettled
    assert shop.asked(steps.STOCK_PUSH) == [TEE]
    shop.settle()
    assert shop.northgate.shown == {901: 4}
    assert (offer(shop).agreed, offer(shop).unsettled) == (4, False)


def test_a_product_that_is_being_published_is_postponed_and_not_counted_as_done(shop: World) -> None:
    sells(shop, 6)
    shop.northgate.fail("set_stock", TryAgain("the product is being published", wait=180))

    assert shop.run(steps.STOCK_PUSH, TEE).state == "again"

    assert offer(shop).agreed == 8
    shop.wait(179)
    assert shop.run(steps.STOCK_PUSH, TEE).state == "idle"
    shop.wait(1)
    assert shop.run(steps.STOCK_PUSH, TEE).state == "done"
    assert shop.northgate.shown == {901: 6}


def test_a_product_the_retailer_does_not_know_is_held_until_it_is_listed_again(shop: World) -> None:
    sells(shop, 6)
    shop.northgate.fail("set_stock", Refused("no such product", status=404, code="PRODUCT_NOT_FOUND"))

    assert shop.run(steps.STOCK_PUSH, TEE).state == "held"

    assert shop.causes() == [("listing-gone", TEE)]
    sells(shop, 5)
    assert shop.run(steps.STOCK_PUSH, TEE).state == "idle"


def test_a_refused_quantity_waits_for_a_person_and_what_was_known_stays(shop: World) -> None:
    sells(shop, 6)
    shop.northgate.fail("set_stock", Refused("not allowed", status=400))

    assert shop.run(steps.STOCK_PUSH, TEE).state == "held"

    assert shop.causes() == [("stock-refused", TEE)]
    assert (offer(shop).agreed, offer(shop).unsettled) == (8, False)


def test_a_size_that_centra_no_longer_has_is_sold_out_everywhere(shop: World) -> None:
    del shop.centra.stock[11]
    with shop.store.write() as db:
        sizes.mark_stale(db, [11], heard(db))

    shop.do(steps.STOCK_READ, steps.CENTRA)
    shop.settle()

    assert shop.northgate.shown == {901: 0}


def test_a_retailer_whose_stock_is_switched_off_gets_no_call(shop: World) -> None:
    shop.change("northgate", switches={"stock": False})

    sells(shop, 2)

    assert shop.asked(steps.STOCK_PUSH) == []
    shop.do(steps.STOCK_PUSH, TEE)
    assert pushed(shop) == []


def test_without_any_known_warehouse_nothing_is_called_sold_out(world: World) -> None:
    world.centra.has(11, "TEE-M", 8)
    with world.store.write() as db:
        sizes.mark_stale(db, [11], heard(db))
        listings.record(db, [{"retailer": "northgate", "product_id": 901, "part_number": "7", "sku": "TEE-M",
                              "size_id": 11, "seen_at": world.at}])  # fmt: skip

    world.do(steps.STOCK_READ, steps.CENTRA)

    assert world.asked(steps.STOCK_PUSH) == []


@pytest.mark.parametrize(
    ("free", "lane"), [(7, Lane.STOCK), (3, Lane.URGENT), (0, Lane.URGENT), (9, Lane.STOCK)]
)
def test_only_a_fall_to_the_last_units_overtakes(shop: World, free: int, lane: Lane) -> None:
    sells(shop, free)

    assert shop.item(steps.STOCK_PUSH, TEE).lane == lane
    shop.run(steps.STOCK_PUSH, TEE)
    assert shop.northgate.lanes == [lane]


def test_events_that_come_while_centra_is_read_are_read_after_a_rest(shop: World) -> None:
    with shop.store.write() as db:
        sizes.mark_stale(db, [11], heard(db))
    shop.ask(steps.STOCK_READ, steps.CENTRA)

    def news() -> None:
        with shop.store.write() as db:
            sizes.mark_stale(db, [12], heard(db))
            shop.services.promise(db, steps.STOCK_READ, [steps.CENTRA])

    shop.centra.meanwhile("sizes", news)
    shop.run(steps.STOCK_READ, steps.CENTRA)

    assert shop.run(steps.STOCK_READ, steps.CENTRA).state == "idle"
    shop.settle()
    assert shop.centra.said("sizes") == [[11], [12]]


def test_a_failed_read_leaves_its_sizes_stale(shop: World) -> None:
    with shop.store.write() as db:
        sizes.mark_stale(db, [11], heard(db))
    shop.centra.fail("sizes", Throttled("no room", wait=3))

    shop.do(steps.STOCK_READ, steps.CENTRA)

    with shop.store.read() as db:
        assert set(sizes.stale(db, 10)) == {11}


def test_a_sweep_reads_page_by_page_and_starts_anew_after_the_last(world: World) -> None:
    for number in range(1, 402):
        world.centra.has(number, f"SKU-{number}", 1)

    for _ in range(3):
        world.ask(steps.STOCK_SWEEP, steps.CENTRA)
        world.wait(1)
        world.run(steps.STOCK_SWEEP, steps.CENTRA)

    assert world.centra.said("sizes_page") == [1, 2, 3]
    assert world.asked(steps.STOCK_SWEEP) == []
    world.do(steps.STOCK_SWEEP, steps.CENTRA)
    assert world.centra.said("sizes_page")[-1] == 1
    assert world.centra.said("warehouses") == [None, None]


def test_an_interrupted_sweep_resumes_at_the_page_it_failed_on(world: World) -> None:
    for number in range(1, 402):
        world.centra.has(number, f"SKU-{number}", 1)
    world.do(steps.STOCK_SWEEP, steps.CENTRA)
    world.centra.fail("sizes_page", TryAgain("down"))
    world.wait(1)
    world.run(steps.STOCK_SWEEP, steps.CENTRA)
    world.wait(60)

    world.settle()

    assert world.centra.said("sizes_page") == [1, 2, 2, 3]


def test_a_sweep_finds_what_every_event_missed(shop: World) -> None:
    shop.centra.has(11, "TEE-M", 1)

    shop.do(steps.STOCK_SWEEP, steps.CENTRA)

    assert shop.asked(steps.STOCK_PUSH) == [TEE]
