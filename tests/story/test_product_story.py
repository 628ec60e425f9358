"""A change of content reaches each listing, whatever is killed or wiped while it is being told."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from integration import steps
from integration.broker import Sender
from integration.lanes import RESERVE, Lane
from integration.quota import virtualstock_buckets
from integration.storage import work
from integration.storage.store import table_of
from integration.storage.tables import Listing, ListingContent, Product, WorkItem
from integration.storage.work import Handed
from tests.story.system import RETAILERS, System

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]

TAKEN_BACK, STAYS = "HF1001-OAT-S", "HF1001-MOS-M"
"""Each retailer lists both."""
PATCH = "product_patch"
LATE = 0.8
"""Seconds that an answer takes."""
ITEM, LISTING, CONTENT, PRODUCT = (table_of(each) for each in (WorkItem, Listing, ListingContent, Product))


def test_a_worker_killed_in_the_middle_of_a_product_call_leaves_no_wrong_listing(system: System) -> None:
    before = {sku: _shown(system, "calder", sku)["size"] for sku in (TAKEN_BACK, STAYS)}
    mark = system.virtualstock.mark()
    system.virtualstock.faults({"match": {"operation": PATCH, "caller": "calder"}, "do": "late", "value": 6})
    for sku in before:
        system.centra.post("edit", sku=sku, size_label="New")
    _read_events(system)
    _staff_have_finished(system)
    out = {f"calder/{sku}" for sku in before}
    system.until(lambda: system.busy() == out and _sending(system) == set(before), 20, "just these calls are out")
    system.until(lambda: {_shown(system, "calder", sku)["size"] for sku in before} == {"New"}, 5, "they were taken")
    for name in ("worker1", "worker2"):
        system.kill(name)
    system.virtualstock.no_faults()
    # Back to what our books still call accepted: only the mark of the call that was out tells.
    system.centra.post("edit", sku=TAKEN_BACK, size_label=before[TAKEN_BACK])
    _read_events(system)
    for name in ("worker1", "worker2"):
        system.start_worker(name)
    _staff_have_finished(system)
    system.until(lambda: _shown(system, "northgate", TAKEN_BACK)["size"] == before[TAKEN_BACK], 30, "it was read again")
    _let_claims_run_out(system)
    system.until(lambda: system.idle() and len(_patches(system, mark, "calder")) >= 4, 30, "everything is done")

    first, second = ("New", before[TAKEN_BACK]), (before[STAYS], "New")
    assert {retailer: _shown(system, retailer, TAKEN_BACK)["size"] for retailer in RETAILERS} == dict.fromkeys(
        RETAILERS, before[TAKEN_BACK]
    )
    assert {retailer: _shown(system, retailer, STAYS)["size"] for retailer in RETAILERS} == dict.fromkeys(
        RETAILERS, "New"
    )
    told = _told(_patches(system, mark, "calder"))
    # What the dead workers sent may not have arrived for all we knew, so each is told once more, and only once.
    assert told == {TAKEN_BACK: [first[::-1], first], STAYS: [second, None]}
    for retailer in ("northgate", "fernhill"):
        told = _told(_patches(system, mark, retailer))
        assert told == {TAKEN_BACK: [first[::-1], first], STAYS: [second]}, retailer


def test_a_wiped_redis_while_product_changes_wait_loses_none_and_keeps_the_quota(system: System) -> None:
    mark = system.virtualstock.mark()
    system.virtualstock.faults({"match": {"operation": PATCH}, "do": "late", "value": LATE})
    system.centra.post("edit", product=1003, title="Renamed")
    _read_events(system)
    _staff_have_finished(system)
    system.until(lambda: _patches(system, mark), 20, "the first are told")
    handed = _hand_out(system)
    system.redis().flushall()
    wiped = time.time()
    # Calder's come at once all the same, and meet a quota that nobody knows any more; those of the others are lost.
    again = [each for each in handed if each.subject.startswith("calder/")]
    assert 6 < len(again) < len(handed), "too few wait to prove much"
    Sender(system.server.url).send(again)
    system.until(system.idle, 60, "all is told")

    assert max(call["at"] for call in _patches(system, mark)) > wiped + 2 * LATE, "all of them had left before"
    for retailer in RETAILERS:
        listed = system.virtualstock.get("products", retailer=retailer)
        due = sorted(sku for sku in listed if sku.startswith("HF1003") and sku not in system.inactive)
        assert [sku for sku in due if "Renamed" not in str(list(listed[sku].values()))] == []
        assert sorted(call["detail"]["sku"] for call in _patches(system, mark, retailer)) == due, "each once"
        _assert_quota(retailer, [call["at"] - wiped for call in _patches(system, mark, retailer)])
    assert not [call for call in system.virtualstock.calls(mark) if call["status"] == 429]


def _assert_quota(retailer: str, moments: list[float]) -> None:
    """Nobody knows what the minute before had used: only what has flowed in since, less the floor, has been spent."""
    (bucket,) = virtualstock_buckets(System.profile(retailer)["requests_per_minute"])
    # The first of them were out when Redis was wiped: what they spent was there.
    after = [moment for moment in sorted(moments) if moment > 2 * LATE]
    for number, moment in enumerate(after, start=1):
        free = moment * bucket.refill - RESERVE[Lane.CATALOGUE] * bucket.capacity
        assert number <= free, f"{retailer}: call {number}, {moment:.1f} s after the wipe"


def _patches(system: System, since: int, retailer: str | None = None) -> list[dict[str, Any]]:
    """The calls since a mark that told a listing what it should show, of one retailer or of all."""
    calls = [call for call in system.virtualstock.calls(since, PATCH) if call["status"] == 200]
    return [call for call in calls if retailer in (None, call["detail"]["retailer"])]


def _told(calls: list[dict[str, Any]]) -> dict[str, list[tuple[str, str] | None]]:
    """By SKU, what each call did to the size: (before, after), or None where it showed that already."""
    told: dict[str, list[tuple[str, str] | None]] = {}
    for call in calls:
        size = call["detail"]["attributes"].get("size")
        told.setdefault(call["detail"]["sku"], []).append(size and (size["before"], size["after"]))
    return told


def _shown(system: System, retailer: str, sku: str) -> dict[str, Any]:
    found: dict[str, Any] = system.virtualstock.get("products", retailer=retailer)[sku]
    return found


def _of_product(system: System, retailer: str, number: str) -> list[str]:
    """The SKUs of a product that a retailer lists and that are on sale."""
    listed = system.virtualstock.get("products", retailer=retailer)
    return sorted(sku for sku in listed if sku.startswith(number) and sku not in system.inactive)


def _sending(system: System) -> set[str]:
    """SKUs that Calder is being told of."""
    rows = system.rows(
        sa.select(LISTING.c.sku).join(CONTENT, CONTENT.c.listing_id == LISTING.c.id)
        .where(LISTING.c.retailer == "calder", CONTENT.c.sending.is_not(None))
    )  # fmt: skip
    return {row.sku for row in rows}


def _read_events(system: System) -> None:
    """Only the event list tells of content; the timetable asks for it once a minute."""
    system.ask(steps.INTAKE_CONTENT, steps.CENTRA)


def _staff_have_finished(system: System) -> None:
    """What was edited need not rest any longer: to wait for a quiet minute would prove no more."""

    def rested() -> bool:
        resting = sa.and_(PRODUCT.c.stale_asked > PRODUCT.c.stale_answered, PRODUCT.c.rests_until.is_not(None))
        with system.store.write() as db:
            return bool(db.execute(sa.update(PRODUCT).where(resting).values(rests_until=None)).rowcount)

    system.until(rested, 30, "the edit was heard of")
    system.ask(steps.PRODUCTS_READ, steps.CENTRA)


def _let_claims_run_out(system: System) -> None:
    """What the dead had in hand is free at once: to wait for the end of the lease would prove no more."""
    with system.store.write() as db:
        db.execute(sa.update(ITEM).where(ITEM.c.claim.is_not(None)).values(claimed_until=datetime.now(UTC)))


def _hand_out(system: System) -> list[Handed]:
    """Send the messages of the changes that wait, as the web does when an event comes in; returns what was sent."""
    room = {(f"virtualstock:{retailer}", Lane.CATALOGUE): 100 for retailer in RETAILERS}
    with system.store.write() as db:
        handed = work.hand_out(db, datetime.now(UTC), room)
    Sender(system.server.url).send(handed)
    return handed
