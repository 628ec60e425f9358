"""A database that was migrated is the database the models describe, and migrating again changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from integration.lifecycle import LineState
from integration.storage import Store, contents, guards, images, listings, order_lines, orders, schema, tables
from tests.racing import race


@pytest.fixture
def empty(database_url: str) -> Iterator[Store]:
    """A store on an empty database."""
    made = Store(database_url)
    yield made
    made.close()


def test_a_migrated_database_differs_in_nothing_from_the_models(empty: Store) -> None:
    schema.upgrade(empty)

    with empty.read() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_partial_indexes_are_partial_in_the_database_too(empty: Store) -> None:
    schema.upgrade(empty)

    with empty.read() as db:
        for table in SQLModel.metadata.sorted_tables:
            made = {each["name"]: each for each in sa.inspect(db).get_indexes(table.name)}
            for index in table.indexes:
                wanted = index.dialect_options[db.dialect.name]["where"] is not None
                stored = any(key.endswith("_where") for key in made[index.name].get("dialect_options", {}))
                assert stored == wanted, index.name


def test_an_empty_database_has_no_revision_and_a_migrated_one_the_newest(empty: Store) -> None:
    assert schema.current(empty) is None
    assert schema.newest() is not None

    assert schema.upgrade(empty) == schema.newest()

    assert schema.current(empty) == schema.newest()


def test_migrating_again_keeps_what_is_stored(empty: Store) -> None:
    schema.upgrade(empty)
    with empty.write() as db:
        db.execute(sa.insert(tables.Sequence.__table__).values(name="page", value=5))  # type: ignore[attr-defined]

    schema.upgrade(empty)

    with empty.read() as db:
        assert db.scalar(sa.text("SELECT value FROM sequence")) == 5


OLD_ORDER = """
INSERT INTO marketplace_order
    (id, retailer, reference, virtualstock_id, raw, received_at, state, placed_at, acknowledged_at, centra_number)
VALUES (:id, 'northgate', :reference, 5001, '{}', '2026-03-02 09:00', :state, :placed, :acknowledged, :number)
"""
OLD_LINE = """
INSERT INTO order_line (order_id, line_reference, part_number, sku, quantity, dispatched, centra_line_id)
VALUES (:id, :line, '7', 'TEE-M', :quantity, :dispatched, 81)
"""
THEN = "2026-03-02 10:00"


def migrate(store: Store, revision: str) -> None:
    with store.write() as db:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes["connection"] = db
        command.upgrade(config, revision)


def test_orders_of_the_first_release_are_taken_over_with_the_states_they_imply(empty: Store) -> None:
    migrate(empty, "0001")
    with empty.write() as db:
        for number, (state, placed, acknowledged) in enumerate([
            ("received", None, None), ("placed", THEN, None), ("acknowledged", THEN, THEN), ("dispatched", THEN, THEN),
        ], 1):
            order = {"id": number, "reference": f"PO-{number}", "state": state, "placed": placed}
            number_there = 1200 + number if placed else None
            db.execute(sa.text(OLD_ORDER), order | {"acknowledged": acknowledged, "number": number_there})
            sent = {"dispatched": (2, 3), "acknowledged": (2, 1)}.get(state, (0, 0))
            for line, (quantity, dispatched) in zip("AB", ((2, sent[0]), (3, sent[1])), strict=True):
                if placed:
                    values = {"id": number, "line": line, "quantity": quantity, "dispatched": dispatched}
                    db.execute(sa.text(OLD_LINE), values)

    schema.upgrade(empty)

    with empty.write() as db:
        if db.dialect.name == "sqlite":
            assert db.scalar(sa.text("PRAGMA foreign_keys")) == 1, "references are checked again"
        found = {
            number: [(line.state, line.dispatched, line.cancelled) for line in order_lines.lines(db, number)]
            for number in range(1, 5)
        }
        for number in range(1, 5):
            before = orders.by_id(db, number)
            orders.settle(db, number)
            assert orders.by_id(db, number) == before, "the state of the order follows from its lines"
    assert found == {
        1: [],
        2: [(LineState.RECEIVED, 0, 0), (LineState.RECEIVED, 0, 0)],
        3: [(LineState.DISPATCHED, 2, 0), (LineState.ACKNOWLEDGED, 1, 0)],
        4: [(LineState.DISPATCHED, 2, 0), (LineState.DISPATCHED, 3, 0)],
    }


OLD_SIZE = """
INSERT INTO size (id, sku, read_seq, stale_asked, stale_answered, gone) VALUES (11, 'TEE-M', 1, 0, 0, false)
"""
OLD_LISTING = """
INSERT INTO listing (retailer, product_id, part_number, sku, size_id, agreed, agreed_seq, seen_at, gone)
VALUES ('northgate', 900, '7', 'TEE-M', 11, 4, 1, '2026-03-02 09:00', false)
"""


def test_listings_of_the_second_release_keep_their_stock_and_have_no_contents_until_they_are_read(
    empty: Store,
) -> None:
    migrate(empty, "0002")
    with empty.write() as db:
        db.execute(sa.text(OLD_SIZE))
        db.execute(sa.text(OLD_LISTING))

    schema.upgrade(empty)

    with empty.read() as db:
        assert [(each.agreed, each.withdrawn) for each in listings.of_sku(db, "northgate", "TEE-M")] == [(4, False)]
        assert contents.of_sku(db, "northgate", "TEE-M") == []


def test_processes_that_start_at_once_migrate_once(empty: Store, database_url: str) -> None:
    def start() -> str:
        own = Store(database_url)
        try:
            return schema.upgrade(own)
        finally:
            own.close()

    assert set(race(start, start, start)) == {schema.newest()}


def test_every_moment_in_the_database_knows_its_time_zone() -> None:
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.DateTime) or column.name.endswith(("_at", "_since", "_until")):
                assert type(column.type).__name__ == "UTCDateTime", column


OLD_LINK = "INSERT INTO image_link (url, wrong, checked_at, check_at) VALUES (:url, NULL, :checked, '2026-03-09 09:00')"
OLD_MOVE = "INSERT INTO guarded_move (guard, retailer, \"window\", sku) VALUES ('prices', 'northgate', 492000, 'TEE-M')"


def test_image_links_of_the_third_release_stay_known_and_count_as_used_when_they_were_looked_at(empty: Store) -> None:
    migrate(empty, "0003")
    with empty.write() as db:
        for url, checked in (("looked-at", "2026-03-02 09:00"), ("waiting", None)):
            db.execute(sa.text(OLD_LINK), {"url": url, "checked": checked})
        db.execute(sa.text(OLD_MOVE))

    schema.upgrade(empty)

    with empty.write() as db:
        assert images.known(db, ["looked-at", "waiting"]) == {"looked-at": None}
        assert guards.foresee(db, "prices", "northgate", [], datetime(1970, 1, 1, tzinfo=UTC), 1) == 0
        images.forget(db, datetime(2026, 3, 3, tzinfo=UTC))
        assert images.known(db, ["looked-at"]) == {}
        assert images.due(db, datetime(2026, 4, 1, tzinfo=UTC), 9) == ["waiting"]
