"""The newest reading of a product is on record with its parts, whatever order the answers came in."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from integration.centra.content import Display, Image, Named, Product, Size, Variant
from integration.centra.schema import Size as SizeRead
from integration.storage import Store, journal, products, sizes
from integration.storage.products import PART, PRODUCT
from tests.racing import race

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOON = NOW + timedelta(hours=15)
JUMPER = 31
MANY = range(1, 300)


def product(name: str = "Jumper", number: int = JUMPER, *, sku: str = "JMP-M", **changes: Any) -> Product:
    """A product with one size, whose parts have ids made of its own."""
    variant = Variant(id=number + 1000, sizes=(Size(id=number + 2000, sku=sku),), images=(Image(id=number + 3000),))
    display = Display(id=number + 4000, store_id=1, categories=(Named(id=7, name="Knitwear"),))
    return Product(**{"id": number, "name": name, "variants": (variant,), "displays": (display,)} | changes)


def begin(store: Store) -> int:
    with store.write() as db:
        return products.begin_read(db)


def record(
    store: Store, seq: int, *found: Product, asked: dict[int, int] | None = None, turns: datetime | None = None
) -> set[int]:
    with store.write() as db:
        return products.record(db, found, seq, NOW, {each.id: turns for each in found}, asked)


def read(store: Store, *found: Product, asked: dict[int, int] | None = None) -> set[int]:
    """A reading that begins and ends now."""
    return record(store, begin(store), *found, asked=asked)


def lose(store: Store, number: int = JUMPER) -> set[int]:
    """Centra is asked for a product and does not return it."""
    mark(store, number)
    return read(store, asked=stale(store))


def known(store: Store, number: int = JUMPER) -> tuple[str | None, bool]:
    """The name on record, and whether the product is gone."""
    with store.read() as db:
        row = db.execute(select(PRODUCT).where(PRODUCT.c.id == number)).one()
    return (None if row.snapshot is None else Product.model_validate(row.snapshot).name), row.gone


def stale(store: Store) -> dict[int, int]:
    with store.read() as db:
        return products.stale(db, 1000, NOW + timedelta(days=1))


def mark(store: Store, *numbers: int) -> None:
    with store.write() as db:
        products.mark_stale(db, numbers, journal.watermark(db, journal.SIZE_READ))


def mark_parts(store: Store, kind: str, *ids: int, after: int = 10**9) -> set[int]:
    with store.write() as db:
        return products.mark_parts_stale(db, kind, ids, after)


def test_what_is_stored_is_what_was_read(store: Store) -> None:
    found = product(weight="0.40", attributes={"care.text": "Wash \x00 cold", "material.text": "Wolle – 100 %"})

    assert read(store, found) == {JUMPER}

    with store.read() as db:
        snapshot = db.scalar(select(PRODUCT.c.snapshot).where(PRODUCT.c.id == JUMPER))
    assert Product.model_validate(snapshot) == found


@pytest.mark.parametrize("answers", ["in order", "out of order"])
def test_the_reading_that_began_later_wins_whichever_answer_comes_first(store: Store, answers: str) -> None:
    old, new = begin(store), begin(store)
    readings = [(old, product("Old", variants=())), (new, product("New"))]

    for seq, found in readings if answers == "in order" else reversed(readings):
        record(store, seq, found)

    assert known(store) == ("New", False)
    assert mark_parts(store, "variant", JUMPER + 1000) == set(), "the parts are those of the newer reading too"


def test_an_overtaken_reading_changes_nothing_and_says_so(store: Store) -> None:
    old = begin(store)
    read(store, product("New"))

    assert record(store, old, product("Old")) == set()


def test_only_a_reading_that_differs_counts_as_a_change(store: Store) -> None:
    assert read(store, product()) == {JUMPER}
    assert read(store, product()) == set()
    assert read(store, product("Pullover"), product("Scarf", 32)) == {JUMPER, 32}


def test_attributes_in_another_order_are_no_change(store: Store) -> None:
    read(store, product(attributes={"care.text": "Cold", "material.text": "Wool"}))

    assert read(store, product(attributes={"material.text": "Wool", "care.text": "Cold"})) == set()


def test_a_reading_that_found_no_change_counts_as_seen(store: Store) -> None:
    read(store, product(), product("Scarf", 32))
    sweep = begin(store)
    record(store, sweep, product())

    with store.read() as db:
        assert products.unseen(db, sweep, 10) == (1, [32])


def test_a_product_is_read_until_what_was_asked_is_settled(store: Store) -> None:
    mark(store, JUMPER)
    asked = stale(store)
    seq = begin(store)
    mark(store, JUMPER)

    record(store, seq, product(), asked=asked)
    assert (asked, stale(store)) == ({JUMPER: 1}, {JUMPER: 2}), "asked again while the reading was out"

    record(store, begin(store), product(), asked=stale(store))
    assert stale(store) == {}


def test_a_product_that_centra_no_longer_returns_is_gone_once(store: Store) -> None:
    read(store, product())

    assert lose(store) == {JUMPER}
    assert (known(store), stale(store)) == (("Jumper", True), {})
    assert lose(store) == set()


def test_a_product_that_comes_back_as_it_was_is_changed(store: Store) -> None:
    read(store, product())
    lose(store)

    assert read(store, product()) == {JUMPER}
    assert known(store) == ("Jumper", False)


def test_an_older_reading_cannot_declare_a_product_gone(store: Store) -> None:
    old = begin(store)
    read(store, product())

    assert record(store, old, asked={JUMPER: 1}) == set()
    assert known(store) == ("Jumper", False)


def test_the_parts_of_a_gone_product_still_lead_to_it(store: Store) -> None:
    read(store, product())
    lose(store)

    assert mark_parts(store, "size", JUMPER + 2000) == set()
    assert stale(store).keys() == {JUMPER}


@pytest.mark.parametrize(
    ("kind", "part"), [("variant", 1031), ("size", 2031), ("image", 3031), ("display", 4031), ("category", 7)]
)
def test_a_part_marks_every_product_that_has_it_and_names_the_unknown(store: Store, kind: str, part: int) -> None:
    read(store, product(), product("Scarf", 32))

    assert mark_parts(store, kind, part, 999) == {999}
    assert stale(store) == ({JUMPER: 1, 32: 1} if kind == "category" else {JUMPER: 1})


def test_a_part_of_a_product_read_since_we_heard_of_the_change_is_not_read_again(store: Store) -> None:
    heard = begin(store)
    read(store, product())

    assert mark_parts(store, "variant", 1031, after=heard) == set()
    assert stale(store) == {}


def test_a_part_that_left_leads_nowhere_but_a_size_still_leads_to_the_product_it_left(store: Store) -> None:
    read(store, product())
    read(store, product(variants=()))

    assert mark_parts(store, "variant", 1031) == {1031}
    assert mark_parts(store, "size", 2031) == set()
    assert stale(store) == {JUMPER: 1}


def test_products_turn_when_their_time_has_come_the_oldest_first(store: Store) -> None:
    record(store, begin(store), product("Later", 32), turns=SOON)
    record(store, begin(store), product("Soonest"), turns=SOON - timedelta(minutes=1))
    record(store, begin(store), product("Never", 33))

    with store.read() as db:
        assert products.turning(db, SOON - timedelta(seconds=61)) == []
        assert products.turning(db, SOON) == [JUMPER, 32]
        assert [each.name for each in products.due_to_turn(db, [JUMPER], SOON)] == ["Soonest"]
        assert products.due_to_turn(db, [JUMPER], SOON - timedelta(seconds=61)) == []


def test_a_product_that_turned_turns_again_at_the_next_time_or_never(store: Store) -> None:
    record(store, begin(store), product(), product("Scarf", 32), turns=NOW)

    with store.write() as db:
        products.set_turn(db, JUMPER, SOON)
        products.set_turn(db, 32, None)

        assert products.turning(db, NOW) == []
        assert products.turning(db, SOON) == [JUMPER]


def test_a_reading_without_a_change_takes_no_turn_away_that_is_still_to_be_looked_at(store: Store) -> None:
    record(store, begin(store), product(), turns=NOW)

    record(store, begin(store), product(), turns=SOON)

    with store.read() as db:
        assert products.turning(db, NOW) == [JUMPER]


def test_a_changed_product_turns_when_its_new_campaigns_say(store: Store) -> None:
    record(store, begin(store), product(), turns=NOW)

    record(store, begin(store), product("Pullover"), turns=SOON)

    with store.read() as db:
        assert products.turning(db, NOW) == []


def with_size(store: Store, sku: str, *numbers: int) -> None:
    with store.write() as db:
        found = [SizeRead(id=number, sku=sku, is_active=True) for number in numbers]
        sizes.record(db, found, sizes.begin_read(db), NOW)


def test_a_product_is_found_by_an_sku_of_it_while_it_is_there(store: Store) -> None:
    with_size(store, "JMP-M", 2031)
    read(store, product())
    with store.read() as db:
        assert products.of_sku(db, "JMP-M") == product()
        assert products.of_sku(db, "jmp-m") is None

    lose(store)

    with store.read() as db:
        assert products.of_sku(db, "JMP-M") is None


def test_an_sku_that_moved_to_another_product_belongs_to_that_one(store: Store) -> None:
    with_size(store, "JMP-M", 2031)
    read(store, product())
    variant = Variant(id=1032, sizes=(Size(id=2031, sku="JMP-M"),))
    read(store, product(variants=()), product("Scarf", 32, variants=(variant,)))

    with store.read() as db:
        found = products.of_sku(db, "JMP-M")

    assert found is not None
    assert found.id == 32


def test_an_sku_of_two_products_is_not_guessed(store: Store) -> None:
    with_size(store, "JMP-M", 2031, 2032)
    read(store, product(), product("Scarf", 32))

    with store.read() as db:
        assert products.of_sku(db, "JMP-M") is None


def pages(store: Store, limit: int) -> list[list[str | None]]:
    """The names of all products, page by page."""
    found: list[list[str | None]] = []
    after = 0
    with store.read() as db:
        while page := products.page(db, after, limit):
            found.append([each.name for each in page])
            after = page[-1].id
    return found


def test_all_products_that_were_read_and_are_not_gone_come_page_by_page(store: Store) -> None:
    read(store, *[product(f"Product {number}", number) for number in range(31, 37)])
    lose(store, 32)
    mark(store, 99)

    assert pages(store, 2) == [["Product 31", "Product 33"], ["Product 34", "Product 35"], ["Product 36"]]
    assert pages(store, 5) == [[f"Product {number}" for number in (31, 33, 34, 35, 36)]]


def test_what_no_reading_of_a_sweep_brought_is_counted_whole_and_named_in_part(store: Store) -> None:
    read(store, *[product(number=number) for number in (31, 32, 33, 34)])
    sweep = begin(store)
    record(store, sweep, product(number=32))
    lose(store, 34)

    with store.read() as db:
        assert products.unseen(db, sweep, 1) == (2, [31])


def test_racing_answers_leave_the_newest_reading_and_each_change_is_told_to_somebody(store: Store) -> None:
    numbers = [begin(store) for _ in range(6)]

    told = race(*[lambda seq=seq: record(store, seq, product(str(seq))) for seq in numbers])

    assert known(store) == (str(max(numbers)), False)
    assert told[numbers.index(max(numbers))] == {JUMPER}


@pytest.mark.parametrize("before", [[], [product("Before")]], ids=["unknown before", "known before"])
def test_of_racing_equal_answers_exactly_one_is_told_of_the_change(store: Store, before: list[Product]) -> None:
    read(store, *before)
    numbers = [begin(store) for _ in range(6)]

    told = race(*[lambda seq=seq: record(store, seq, product()) for seq in numbers])

    assert sorted(told, key=len) == [set()] * 5 + [{JUMPER}]


def record_many(store: Store, numbers: Sequence[int]) -> None:
    read(store, *[product(str(begin(store)), number) for number in numbers], asked=dict.fromkeys(numbers, 1))


def mark_many(store: Store, numbers: Sequence[int]) -> None:
    mark(store, *numbers)


def mark_by_parts(store: Store, numbers: Sequence[int]) -> None:
    mark_parts(store, "category", 7)
    mark_parts(store, "variant", *[number + 1000 for number in numbers])


@pytest.mark.parametrize("write", [mark_many, mark_by_parts])
def test_readers_and_markers_of_the_same_products_both_succeed(
    store: Store, write: Callable[[Store, Sequence[int]], None]
) -> None:
    there, back = list(MANY)[:60], list(reversed(MANY))[-60:]
    record_many(store, there)

    for _ in range(2):
        race(lambda: record_many(store, there), lambda: write(store, back), lambda: record_many(store, back))

    with store.read() as db:
        assert len(products.page(db, 0, 1000)) == len({*there, *back})


def test_more_products_than_one_statement_takes_are_stored_and_marked(store: Store) -> None:
    numbers = range(1, 1002)

    assert len(read(store, *[product(number=number) for number in numbers])) == 1001
    assert mark_parts(store, "variant", *[number + 1000 for number in numbers]) == set()
    assert mark_parts(store, "category", 7) == set()

    assert set(stale(store).values()) == {2}
    with store.read() as db:
        assert db.scalar(select(func.count()).select_from(PART).where(PART.c.kind == "size")) == 1001
