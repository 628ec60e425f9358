"""Every verb of the console's exceptions works from a terminal, and says plainly what it did or why it did not."""

import getpass
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import Result

from integration import kinds, steps
from integration.cli.exception_options import moment
from integration.flows import work
from integration.problems import Problem
from integration.storage import activity, causes
from tests.world import World

Command = Callable[..., Result]
CARRIER = Problem(kinds.UNMAPPED_CARRIER, "northgate/ups", {"carrier": "UPS", "retailer": "Northgate"})
SKU = Problem(kinds.UNMAPPED_SKU, "calder/7", {"retailer": "Calder", "item": "[bold]7"})
SOON = timedelta(hours=2)


@pytest.fixture
def desk(shop: World) -> World:
    """Two orders wait for a carrier (exception 1), one for a SKU (exception 2)."""
    for subject, problem in (("northgate/PO-7", CARRIER), ("northgate/PO-8", CARRIER), ("calder/PO-9", SKU)):
        shop.ask(steps.ORDERS_CONFIRM, subject)
        found = [problem]
        work.run(shop.services, steps.ORDERS_CONFIRM, subject, lambda *_, found=found: found)
    return shop


def answer(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def listed(cvsync: Command, *words: str) -> list[int]:
    return [each["id"] for each in answer(cvsync("exceptions", "list", "--json", *words))]


def row(world: World, number: int) -> Any:
    with world.store.read() as db:
        return db.execute(sa.select(causes.CAUSE).where(causes.CAUSE.c.id == number)).one()


def waits(world: World) -> list[str]:
    return [each.subject for each in world.items() if each.held]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), [1, 2]), (("--kind", "unmapped-sku"), [2]), (("--owner", "warehouse"), [1]),
        (("--retailer", "northgate"), [1]), (("--text", "ups"), [1]), (("--assigned", "bob"), []),
        (("--severity", "act now"), [1, 2]), (("--severity", "today"), []), (("--muted",), []), (("--closed",), []),
        (("--all",), [1, 2]), (("--limit", "1"), [1]), (("--overdue", "--owner", "finance"), []),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_what_is_known(
    desk: World, cvsync: Command, words: tuple[str, ...], found: list[int]
) -> None:
    assert listed(cvsync, *words) == found


def test_a_list_that_is_cut_says_how_much_is_left(desk: World, cvsync: Command) -> None:
    assert "1 more" in cvsync("exceptions", "list", "--limit", "1").stdout
    assert "more" not in cvsync("exceptions", "list").stdout.replace("More", "")


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--kind", "nonsense"), ("list", "--muted", "--closed"), ("retry",), ("mute", "1", "--reason", "x"),
        ("mute", "1", "--until", "2h", "--off"), ("mute", "1", "--until", "soon", "--reason", "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_wrong_use(desk: World, cvsync: Command, words: tuple[str, ...]) -> None:
    assert cvsync("exceptions", *words).exit_code == 2
    assert len(waits(desk)) == 3


@pytest.mark.parametrize(
    "words",
    [
        ("show", "99"), ("acknowledge", "99"), ("assign", "99", "--to", "bob"), ("comment", "99", "hello"),
        ("retry", "99"), ("retry", "1", "99"), ("resolve", "1", "--reason", "never mind"),
        ("mute", "1", "--until", "2000-01-01", "--reason", "x"), ("mute", "1", "--until", "2h"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_status_1(desk: World, cvsync: Command, words: tuple[str, ...]) -> None:
    result = cvsync("exceptions", *words)

    assert result.exit_code == 1
    assert result.stderr.strip()
    assert len(waits(desk)) == 3


def test_a_dry_run_shows_what_a_retry_would_do_and_does_nothing(desk: World, cvsync: Command) -> None:
    found = answer(cvsync("exceptions", "retry", "--kind", "unmapped-carrier", "--dry-run", "--json"))

    assert found == {
        "exceptions": 1, "would_release": 2, "by_step": {"orders.confirm": 2}, "by_quota": {"centra": 2},
        "minutes": 0.0,
    }  # fmt: skip
    assert "2 held pieces of work behind 1 exceptions" in cvsync("exceptions", "retry", "1", "--dry-run").stdout
    assert len(waits(desk)) == 3


def test_a_retry_by_filter_leaves_the_others_alone(desk: World, cvsync: Command) -> None:
    words = ("retry", "--retailer", "northgate", "--reason", "mapped", "--by", "Ada King", "--json")

    assert answer(cvsync("exceptions", *words)) == {"exceptions": 1, "released": 2}

    assert waits(desk) == ["calder/PO-9"]
    assert listed(cvsync) == [1, 2]
    with desk.store.read() as db:
        (act,) = activity.page(db, before=None, limit=9)
    assert (act["by"], act["door"], act["reason"]) == ("Ada King", "cli", "mapped")


def test_a_retry_of_all_takes_everything_that_is_not_muted(desk: World, cvsync: Command) -> None:
    cvsync("exceptions", "mute", "2", "--until", "2d", "--reason", "known")

    assert answer(cvsync("exceptions", "retry", "--all", "--json"))["released"] == 2

    assert waits(desk) == ["calder/PO-9"]
    assert answer(cvsync("exceptions", "retry", "2", "--json"))["released"] == 1


def test_who_has_seen_it_and_who_deals_with_it_is_written_down(desk: World, cvsync: Command) -> None:
    assert answer(cvsync("exceptions", "acknowledge", "1", "2", "--json")) == {"exceptions": 2}
    assert "1 exception assigned" in cvsync("exceptions", "assign", "1", "--to", "bob", "--by", "Ada").stdout
    assert cvsync("exceptions", "comment", "1", "asked UPS [/bold]", "--by", "Ada").exit_code == 0

    assert (row(desk, 1).acknowledged_by, row(desk, 1).assigned_to) == (getpass.getuser(), "bob")
    assert listed(cvsync, "--assigned", "bob") == [1]
    shown = cvsync("exceptions", "show", "1").stdout
    for said in ("bob deals with it", "2 pieces of work wait", "commented", "asked UPS [/bold]"):
        assert said in shown


def test_a_muted_exception_comes_back_when_it_is_unmuted(desk: World, cvsync: Command) -> None:
    assert cvsync("exceptions", "mute", "1", "--until", "2h", "--reason", "known").exit_code == 0
    assert (listed(cvsync), listed(cvsync, "--muted")) == ([2], [1])

    assert cvsync("exceptions", "mute", "1", "--off").exit_code == 0

    assert listed(cvsync) == [1, 2]


@pytest.mark.parametrize(
    ("text", "later"), [("90m", timedelta(minutes=90)), ("4h", timedelta(hours=4)), (" 2d ", timedelta(days=2))]
)
def test_a_span_counts_from_now(text: str, later: timedelta) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)

    assert moment(text, now) == now + later


def test_a_moment_is_one_on_the_readers_own_clock() -> None:
    naive = datetime(2026, 3, 2, 8, 30)

    assert moment("2026-03-02 08:30", datetime.now(UTC)) == naive.astimezone()
    assert moment("2026-03-02T08:30+02:00", datetime.now(UTC)) == datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
