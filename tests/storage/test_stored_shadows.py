"""What would have been sent can be read call by call, and adds up to what the retailer would show now."""

from datetime import UTC, datetime

from integration.storage import Store, shadows

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def record(
    store: Store, body: dict[str, str], *, flow: str = "products", retailer: str = "northgate", listing: int = 5
) -> None:
    with store.write() as db:
        shadows.record(db, flow, retailer, "TEE-M", listing, body, NOW)


def last(store: Store, flow: str = "products", listing: int = 5) -> dict[str, str] | None:
    with store.read() as db:
        return shadows.last(db, flow, listing)


def test_the_newest_value_of_each_attribute_is_what_would_be_shown(store: Store) -> None:
    record(store, {"title": "Jumper", "colour": "BLUE"})
    record(store, {"title": "Pullover", "care": ""})

    assert last(store) == {"title": "Pullover", "colour": "BLUE", "care": ""}


def test_where_nothing_was_written_down_there_is_nothing(store: Store) -> None:
    record(store, {"title": "Jumper"})

    assert last(store, listing=6) is None
    assert last(store, flow="stock") is None


def test_the_newest_body_of_an_sku_is_found_whole_and_for_itself(store: Store) -> None:
    record(store, {"title": "Jumper", "care": "Cold"})
    record(store, {"title": "Pullover"})
    record(store, {"title": "Theirs"}, retailer="calder")
    record(store, {"quantity": "1"}, flow="stock")

    with store.read() as db:
        assert shadows.newest_of_sku(db, "products", "northgate", "TEE-M") == {"title": "Pullover"}
        assert shadows.newest_of_sku(db, "products", "northgate", "CAP") is None


def test_what_was_written_down_is_read_page_by_page_as_it_came(store: Store) -> None:
    for number in range(5):
        record(store, {"quantity": str(number)})

    seen: list[str] = []
    after = 0
    with store.read() as db:
        while page := shadows.page(db, None, None, after, 2):
            seen += [each.body["quantity"] for each in page]
            after = page[-1].id

    assert seen == list("01234")


def test_a_page_can_be_of_one_flow_and_one_retailer(store: Store) -> None:
    record(store, {"title": "A"})
    record(store, {"quantity": "1"}, flow="stock")
    record(store, {"title": "B"}, retailer="calder", listing=6)

    with store.read() as db:
        assert [each.body for each in shadows.page(db, "products", None, 0, 9)] == [{"title": "A"}, {"title": "B"}]
        assert [each.flow for each in shadows.page(db, None, "northgate", 0, 9)] == ["products", "stock"]
        (only,) = shadows.page(db, "products", "calder", 0, 9)

    assert (only.retailer, only.sku, only.listing_id, only.at) == ("calder", "TEE-M", 6, NOW)
