"""Each team is told of each of its causes once, in its hours, and never loses a message."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alerting import held_back, mend, pass_time, told, trouble, unsent, write

from integration import kinds, policy, steps
from integration.flows import alerts, upkeep
from integration.notify import NotSent
from integration.storage import alerts as rows
from integration.storage import causes
from tests.world import World

NIGHT = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)  # a Monday; nobody works until Tuesday morning
FIRST = "act now: unmapped-sku (no work so far)"
LESS = kinds.CONTENT_INVALID  # of the same team, to be done today


@pytest.fixture(autouse=True)
def without_digests(world: World) -> None:
    """The world begins at noon, when each team is to have its digest of the day."""
    for name, team in world.rules.teams.items():
        channels = tuple(channel.model_copy(update={"digest": False}) for channel in team.channels)
        teams = {**world.rules.teams, name: team.model_copy(update={"channels": channels})}
        world.rules = world.rules.model_copy(update={"teams": teams})


def test_a_cause_is_told_once_to_the_channel_of_its_team(world: World) -> None:
    trouble(world)
    pass_time(world, 40 * 60)

    assert [entry[:2] for entry in world.notify.told] == [("catalogue", FIRST)]


def test_ten_thousand_items_of_one_cause_are_one_message(world: World) -> None:
    trouble(world)
    world.ask(steps.ORDERS_PLACE, *(f"northgate/PO-{number}" for number in range(10_000)))
    held = [{"work_item_id": row.id, "cause_id": 1} for row in world.items()]
    with world.store.write() as db:
        db.execute(sa.insert(causes.HOLD), held)
    pass_time(world, 30 * 60, step=30)

    assert told(world) == ["act now: unmapped-sku (10,000 pieces of work)"]


def test_the_message_says_what_happened_who_owns_it_until_when_and_where_to_look(world: World) -> None:
    trouble(world)
    write(world, impact={"orders": 3, "units": 1, "skus": 2, "deadline": None, "money": {"GBP": "240.00"}})
    held_back(world)

    ((_, title, body, page),) = world.notify.told
    assert title == "act now: unmapped-sku (3 orders, 1 unit, 2 SKUs, 240.00 GBP)"
    assert "Northgate & Co ordered 71000001, which matches no Centra SKU." in body
    assert "It blocks: 3 orders, 1 unit, 2 SKUs, 240.00 GBP." in body
    assert "Owner: Catalogue. Until: 02 March 2026, 13:00 (Europe/London)." in body
    assert "cvsync exceptions show 1" in body
    assert page == "/exceptions/1"


def test_what_heals_while_it_is_held_back_is_never_told(world: World) -> None:
    trouble(world)
    pass_time(world, policy.HOLD_BACK.total_seconds() - 1)
    mend(world)
    pass_time(world, 600)

    assert told(world) == []
    assert unsent(world) == []


def test_what_comes_back_after_it_was_mended_is_told_again(world: World) -> None:
    trouble(world)
    held_back(world)
    mend(world)
    world.wait(60)
    trouble(world)
    held_back(world)

    assert told(world) == [FIRST, FIRST]


def test_what_is_seen_again_while_it_is_open_is_not_told_again(world: World) -> None:
    for _ in range(20):
        trouble(world)
        pass_time(world, 60)

    assert told(world) == [FIRST]


def test_what_nobody_takes_is_told_again_before_it_is_late_and_once_more_when_it_is(world: World) -> None:
    trouble(world)
    pass_time(world, 3 * 3600)

    assert told(world) == [FIRST, f"Nobody has taken it yet: {FIRST}", f"Overdue: {FIRST}"]


@pytest.mark.parametrize("taken", [{"acknowledged_at": NIGHT, "acknowledged_by": "ada"}, {"assigned_to": "ada"}])
def test_what_somebody_has_taken_is_told_only_when_it_is_late(world: World, taken: dict[str, Any]) -> None:
    trouble(world)
    write(world, **taken)
    pass_time(world, 59 * 60)
    assert told(world) == []

    pass_time(world, 120)

    assert told(world) == [f"Overdue: {FIRST}"]


def test_a_muted_cause_is_not_told_until_then(world: World) -> None:
    trouble(world)
    write(world, muted_until=world.at + timedelta(hours=2))
    pass_time(world, 2 * 3600 - 30)
    assert told(world) == []

    pass_time(world, 60)

    assert told(world) == [f"Overdue: {FIRST}"]


def test_at_night_only_what_must_be_acted_on_now_is_told(world: World) -> None:
    world.at = NIGHT
    trouble(world, "urgent")
    trouble(world, "can wait", LESS)
    pass_time(world, 10 * 60)
    assert told(world) == [FIRST]

    world.at = NIGHT.replace(hour=8, minute=59) + timedelta(days=1)
    write(world, "urgent", acknowledged_at=world.at, due_at=world.at + timedelta(days=1))
    write(world, "can wait", due_at=world.at + timedelta(days=2))
    pass_time(world, 45)
    assert told(world) == []
    pass_time(world, 30)
    assert told(world) == ["today: content-invalid (no work so far)"]


def test_a_night_in_which_a_cause_became_late_ends_with_one_message(world: World) -> None:
    world.at = NIGHT
    trouble(world, "can wait", LESS)
    while world.at < NIGHT + timedelta(hours=12):
        pass_time(world, 600, step=300)

    assert told(world) == ["Overdue: today: content-invalid (no work so far)"]


def test_what_was_taken_or_mended_in_the_night_is_not_told_in_the_morning(world: World) -> None:
    world.at = NIGHT
    for key in ("mended", "taken", "muted"):
        trouble(world, key, LESS, due_at=NIGHT + timedelta(days=3))
    pass_time(world, 120)
    assert len(unsent(world)) == 3

    mend(world, "mended", LESS)
    write(world, "taken", acknowledged_at=NIGHT)
    write(world, "muted", muted_until=NIGHT + timedelta(days=9))
    world.at = NIGHT + timedelta(hours=11)
    pass_time(world, 60)

    assert told(world) == []
    assert unsent(world) == []


def test_what_becomes_urgent_in_the_night_does_not_wait_for_the_morning(world: World) -> None:
    world.at = NIGHT
    trouble(world, "can wait", LESS, due_at=NIGHT + timedelta(days=3))
    pass_time(world, 120)
    assert told(world) == []

    write(world, "can wait", severity=kinds.Severity.NOW.value)
    pass_time(world, 30)

    assert told(world) == ["act now: content-invalid (no work so far)"]


def test_a_due_time_that_moves_back_brings_no_milder_message_after_a_stronger(world: World) -> None:
    trouble(world)
    write(world, due_at=world.at)
    held_back(world)
    assert told(world) == [f"Overdue: {FIRST}"]

    write(world, due_at=world.at + timedelta(days=1))
    pass_time(world, 20 * 3600, step=300)

    assert told(world) == []


def test_many_causes_at_a_time_are_one_message(world: World) -> None:
    for number in range(40):
        trouble(world, f"number {number}")
    held_back(world)

    ((channel, title, body, page),) = world.notify.told
    assert (channel, page) == ("catalogue", "/exceptions")
    assert title == "40 exceptions for Catalogue, 40 × act now"
    assert body.count("\n- ") + body.startswith("- ") == 15
    assert "… and 25 more." in body


def test_a_few_at_a_time_are_told_one_by_one(world: World) -> None:
    for number in range(policy.BUNDLE_ABOVE):
        trouble(world, f"number {number}")
    held_back(world)

    assert told(world) == [FIRST] * policy.BUNDLE_ABOVE


def test_each_channel_takes_what_is_severe_enough_for_it(world: World) -> None:
    trouble(world, "now", kinds.DEFECT)
    trouble(world, "soon", kinds.UNREADABLE_EVENT)
    held_back(world)

    sent = [entry[:2] for entry in world.notify.told]
    assert sorted(sent) == [
        ("engineering", "act now: defect (no work so far)"),
        ("engineering", "today: unreadable-event (no work so far)"),
        ("on-call", "act now: defect (no work so far)"),
    ]


def test_a_channel_that_fails_is_one_cause_and_the_message_goes_out_once_it_works(world: World) -> None:
    world.notify.broken = {"catalogue"}
    trouble(world)
    pass_time(world, 5 * 60)
    assert ("alert-failed", "catalogue/catalogue") in world.causes()
    assert told(world, "catalogue") == []

    world.notify.broken = set()
    pass_time(world, 10 * 60)

    assert told(world, "catalogue") == [FIRST]
    assert world.causes() == [("unmapped-sku", "one")]


def test_whoever_mends_channels_is_told_by_another_that_one_fails(world: World) -> None:
    world.notify.broken = {"catalogue"}
    trouble(world)
    pass_time(world, 5 * 60)

    assert told(world, "on-call") == ["act now: alert-failed (no work so far)"]


def test_a_broken_channel_does_not_tell_itself_that_it_is_broken(world: World) -> None:
    world.notify.broken = {"engineering", "on-call"}
    trouble(world, "bug", kinds.DEFECT)
    pass_time(world, 5 * 60)

    waiting = {(row.cause_id, row.recipient) for row in unsent(world) if row.cause_id > 1}
    about = {key for kind, key in world.causes() if kind == "alert-failed"}
    assert about == {"engineering/engineering", "engineering/on-call"}
    assert len(waiting) == 2, "each is told of the other only"


def test_a_broken_channel_is_tried_at_growing_distances_and_never_given_up(world: World) -> None:
    world.notify.broken = {"catalogue"}
    trouble(world, due_at=world.at + timedelta(days=90))
    pass_time(world, 3600)
    (row,) = [each for each in unsent(world) if each.cause_id == 1]

    assert 8 < row.tries < 40, "at most ten minutes apart, and not every fifteen seconds"
    assert row.last_error == "the service is away"


def test_one_broken_channel_keeps_no_other_waiting(world: World) -> None:
    world.notify.broken = {"catalogue"}
    trouble(world)
    trouble(world, "two", kinds.ORDER_REFUSED)
    held_back(world)

    assert told(world, "operations") == ["act now: order-refused (no work so far)"]


def test_a_channel_that_is_gone_from_the_mappings_leaves_no_message_and_no_cause(world: World) -> None:
    world.notify.broken = {"catalogue"}
    trouble(world)
    pass_time(world, 120)
    teams = {name: team.model_copy(update={"channels": ()}) for name, team in world.rules.teams.items()}
    world.rules = world.rules.model_copy(update={"teams": teams})
    pass_time(world, 20 * 60)

    assert unsent(world) == []
    assert world.causes() == [("unmapped-sku", "one")]


def test_a_worker_that_dies_while_it_sends_only_makes_the_message_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble(world)
    world.wait(policy.HOLD_BACK.total_seconds())

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(world.notify, "send", die)
    with pytest.raises(KeyboardInterrupt):
        alerts.send(world.services)
    monkeypatch.undo()
    alerts.send(world.services)
    assert told(world, "catalogue") == [], "the other may still be at it"
    pass_time(world, policy.ALERT_LEASE.total_seconds())

    assert told(world, "catalogue") == [FIRST]


def test_two_workers_at_a_time_send_one_message(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    trouble(world)
    world.wait(policy.HOLD_BACK.total_seconds())
    both = threading.Barrier(2)
    due = rows.due

    def together(*args: Any) -> Any:
        found = due(*args)
        both.wait(10)
        return found

    monkeypatch.setattr(rows, "due", together)
    threads = [threading.Thread(target=alerts.send, args=(world.services,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told(world, "catalogue") == [FIRST]


def test_a_failing_sender_says_its_reason_and_no_secret(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise NotSent("ALERT_CATALOGUE_URL is not set")

    monkeypatch.setattr(world.notify, "send", refuse)
    trouble(world)
    held_back(world)

    with world.store.read() as db:
        facts = causes.facts_of(db, "alert-failed", "catalogue/catalogue")
    assert facts == {"team": "Catalogue", "channel": "catalogue", "why": "ALERT_CATALOGUE_URL is not set"}


def test_what_was_told_of_an_open_cause_is_kept_however_old(world: World) -> None:
    trouble(world, "old")
    trouble(world, "mended", kinds.ORDER_REFUSED)
    write(world, "old", due_at=world.at + timedelta(days=900))
    held_back(world)
    mend(world, "mended", kinds.ORDER_REFUSED)
    told(world)
    world.wait((policy.ALERTS_KEPT + policy.HOUR).total_seconds())
    upkeep.forget(world.services)
    pass_time(world, 60)

    assert told(world) == []
    with world.store.read() as db:
        assert [key[0] for key in rows.made(db, world.at)] == [1]
