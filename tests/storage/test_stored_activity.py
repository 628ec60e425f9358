"""What people did is read back as it was written down, newest first, by page and by what it was about."""

from typing import Any

import pytest
from work_asks import NOW, SECOND

from integration.people import Door, Person, Role
from integration.storage import Store, activity

ADA = Person("ada", Role.ADMIN, Door.CONSOLE)
BOB = Person("bob", Role.OPERATOR, Door.API)


@pytest.fixture
def told(store: Store) -> Store:
    """Ada retried cause 7, Bob published mappings 3, Ada commented on cause 7."""
    with store.write() as db:
        activity.record(db, ADA, "retried", "cause", "7", NOW, "mended", items=3)
        activity.record(db, BOB, "published", "mappings", "3", NOW + SECOND)
        activity.record(db, ADA, "commented", "cause", "7", NOW + 2 * SECOND, "<b>ask</b> Leeds")
    return store


def verbs(store: Store, **asked: Any) -> list[str]:
    with store.read() as db:
        return [row["verb"] for row in activity.page(db, **{"before": None, "limit": 50} | asked)]


def test_everything_that_was_said_is_kept(told: Store) -> None:
    with told.read() as db:
        *_, first = activity.page(db, before=None, limit=50)

    del first["id"]
    assert first == {
        "at": NOW, "by": "ada", "door": "console", "verb": "retried", "about": "cause", "subject": "7",
        "reason": "mended", "facts": {"items": 3},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["commented", "published", "retried"]), ({"by": "bob"}, ["published"]), ({"by": "eve"}, []),
        ({"about": "cause"}, ["commented", "retried"]), ({"about": "cause", "subject": "8"}, []),
        ({"about": "mappings", "subject": "3"}, ["published"]), ({"limit": 1}, ["commented"]),
    ],
)  # fmt: skip
def test_the_newest_of_what_was_asked_for_comes_first(told: Store, asked: dict[str, Any], expected: list[str]) -> None:
    assert verbs(told, **asked) == expected


def test_the_next_page_goes_on_where_the_last_ended(told: Store) -> None:
    with told.read() as db:
        (newest,) = activity.page(db, before=None, limit=1)

    assert verbs(told, before=newest["id"]) == ["published", "retried"]
