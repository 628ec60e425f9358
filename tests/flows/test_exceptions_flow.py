"""What a person does about exceptions is done, written down with name and reason, or refused in plain words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from integration import kinds, policy, steps
from integration.flows import exceptions, work
from integration.flows.exceptions import Done, NotPossible
from integration.people import Door, Person, Role
from integration.problems import Problem, Throttled
from integration.rulebook import Rulebook
from integration.rulebook.documents import SkuRow
from integration.storage import activity, causes
from integration.storage.found import Filter
from tests.world import World, line

ADA = Person("ada", Role.OPERATOR, Door.CONSOLE)
STEP = steps.ORDERS_PLACE
TROUBLE = Problem(kinds.UNMAPPED_SKU, "northgate/7", {"retailer": "Northgate", "item": "7"})
OTHER = Problem(kinds.UNMAPPED_DELIVERY_SERVICE, "northgate/drone", {"retailer": "Northgate", "service": "drone"})
EVENT = Problem(kinds.UNREADABLE_EVENT, "centra", {"source": "centra", "why": "inbox rows 3"})
OPEN = Filter()


def hold(world: World, subject: str, *problems: Problem) -> None:
    """An order waits behind problems."""
    world.ask(STEP, subject)
    work.run(world.services, STEP, subject, lambda _services, _subject: problems)


def report(world: World, *problems: Problem) -> int:
    """Nothing waits behind them. Returns the id of the last one's cause."""
    with world.store.write() as db:
        causes.open_for(db, problems, world.at, item_id=None)
    return number(world, problems[-1])


def number(world: World, problem: Problem) -> int:
    with world.store.read() as db:
        found = db.scalar(sa.select(causes.CAUSE.c.id).where(
            causes.CAUSE.c.kind == problem.kind.code, causes.CAUSE.c.key == problem.key
        ))  # fmt: skip
    assert found is not None
    return int(found)


def shown(world: World, problem: Problem) -> dict[str, Any]:
    found = exceptions.one(world.services, number(world, problem))
    assert found is not None
    return found


def done_by(world: World) -> list[dict[str, Any]]:
    with world.store.read() as db:
        return activity.page(db, before=None, limit=50)


@pytest.fixture
def held(world: World) -> World:
    """Two orders wait for a SKU, one of them for a delivery service as well."""
    hold(world, "northgate/PO-1", TROUBLE)
    world.wait(60)
    hold(world, "northgate/PO-2", TROUBLE, OTHER)
    return world


def test_a_retry_lets_everything_be_judged_again_and_closes_nothing_by_itself(held: World) -> None:
    assert exceptions.retry(held.services, OPEN, ADA, "looked at it") == Done(causes=2, items=2)

    assert [row.held for row in held.items()] == [False, False]
    assert held.causes() == [(TROUBLE.kind.code, TROUBLE.key), (OTHER.kind.code, OTHER.key)]
    assert shown(held, TROUBLE)["under_way"] == 2
    assert [handed.subject for handed in held.sent] == ["northgate/PO-1", "northgate/PO-2"]


def test_a_cause_closes_when_the_last_of_its_work_was_judged_afresh(held: World) -> None:
    exceptions.retry(held.services, OPEN, ADA)
    work.run(held.services, STEP, "northgate/PO-1", lambda *_: None)
    assert (TROUBLE.kind.code, TROUBLE.key) in held.causes()

    work.run(held.services, STEP, "northgate/PO-2", lambda *_: [OTHER])

    assert held.causes() == [(OTHER.kind.code, OTHER.key)]
    assert [line["what"] for line in shown(held, TROUBLE)["timeline"]] == [
        "opened", "retried", "closed: a fresh look found it gone",
    ]  # fmt: skip


def test_a_retry_in_vain_is_no_new_opening(held: World) -> None:
    before = shown(held, TROUBLE)
    held.wait(7200)
    exceptions.retry(held.services, OPEN, ADA)

    work.run(held.services, STEP, "northgate/PO-1", lambda *_: [TROUBLE])

    after = shown(held, TROUBLE)
    assert [after[name] for name in ("times", "opened_at", "due_at")] == [
        before[name] for name in ("times", "opened_at", "due_at")
    ]
    assert after["under_way"] == 1


def test_one_exception_is_retried_alone(held: World) -> None:
    assert exceptions.retry(held.services, Filter(ids=(number(held, OTHER),)), ADA) == Done(1, 1)

    assert {row.subject: row.held for row in held.items()} == {"northgate/PO-1": True, "northgate/PO-2": False}


def test_work_that_is_being_tried_already_is_not_counted_again(held: World) -> None:
    exceptions.retry(held.services, Filter(ids=(number(held, OTHER),)), ADA)

    assert exceptions.preview(held.services, OPEN).items == 1
    assert exceptions.retry(held.services, OPEN, ADA) == Done(1, 1)


@pytest.mark.parametrize("wanted", [Filter(kind="unreadable-event"), Filter(retailer="calder"), Filter(ids=(999,))])
def test_where_nothing_waits_nothing_can_be_retried(held: World, wanted: Filter) -> None:
    report(held, EVENT)

    with pytest.raises(NotPossible, match="Nothing waits"):
        exceptions.retry(held.services, wanted, ADA)

    assert done_by(held) == []


def test_a_preview_foresees_what_a_retry_does_and_does_nothing(held: World) -> None:
    found = exceptions.preview(held.services, OPEN)

    assert (found.causes, found.items, found.minutes) == (2, 2, 0)
    assert found.by_step == {STEP.name: 2}
    assert found.by_gate == {"centra": 2}
    assert all(row.held for row in held.items())
    assert done_by(held) == []


def test_much_work_is_paced_by_its_quota_and_the_preview_says_how_long_it_takes(world: World) -> None:
    count = 5 * policy.RELEASE_HANDFUL
    for place in range(count):
        hold(world, f"northgate/PO-{place:03}", TROUBLE)
    quota = {"limit": 60, "window_seconds": 10, "buckets": {"requests/3600": {"capacity": 3600}}}
    world.quota.snapshot = lambda: quota  # type: ignore[method-assign]
    # Half of one request a second is the tightest that this quota allows.
    last = world.at + timedelta(seconds=4 * policy.RELEASE_HANDFUL / 0.5)

    assert exceptions.preview(world.services, OPEN).minutes == (last - world.at).total_seconds() / 60
    exceptions.retry(world.services, OPEN, ADA)

    due = [row.due_at for row in world.items()]
    assert (min(due), max(due)) == (world.at, last)
    assert due == sorted(due)


def test_a_retry_is_accepted_while_nobody_knows_the_quota(held: World) -> None:
    def away() -> dict[str, Any]:
        raise Throttled("Redis is away", wait=2)

    held.quota.snapshot = away  # type: ignore[method-assign]

    assert exceptions.retry(held.services, OPEN, ADA).items == 2


def test_many_exceptions_retried_at_once_are_one_activity_and_in_each_story(held: World) -> None:
    exceptions.retry(held.services, OPEN, ADA, "the catalogue is mended")

    (act,) = done_by(held)
    assert (act["by"], act["door"], act["verb"], act["about"]) == ("ada", "console", "retried", "cause")
    assert (act["subject"], act["reason"], act["facts"]) == ("2 exceptions", "the catalogue is mended", {"items": 2})
    for problem in (TROUBLE, OTHER):
        told = shown(held, problem)["timeline"][-1]
        assert (told["what"], told["by"], told["reason"]) == ("retried", "ada", "the catalogue is mended")


def test_an_exception_is_acknowledged_assigned_and_commented(held: World) -> None:
    mine = number(held, TROUBLE)
    exceptions.acknowledge(held.services, [mine], ADA)
    exceptions.assign(held.services, [mine], "bob", ADA, "he knows the catalogue")
    exceptions.comment(held.services, mine, ADA, "  <b>asked</b> Northgate\x00 ")

    found = shown(held, TROUBLE)
    assert (found["acknowledged_by"], found["acknowledged_at"], found["assigned_to"]) == ("ada", held.at, "bob")
    assert found["timeline"][-1]["reason"] == "<b>asked</b> Northgate"
    assert [(each["verb"], each["subject"], each["facts"]) for each in reversed(done_by(held))] == [
        ("acknowledged", str(mine), {}), ("assigned", str(mine), {"to": "bob"}), ("commented", str(mine), {}),
    ]  # fmt: skip


def test_nobody_in_particular_deals_with_it_any_more(held: World) -> None:
    mine = number(held, TROUBLE)
    exceptions.assign(held.services, [mine], "bob", ADA)

    exceptions.assign(held.services, [mine], None, ADA)

    assert shown(held, TROUBLE)["assigned_to"] is None


def test_a_muted_exception_is_out_of_the_list_until_its_moment_or_until_somebody_unmutes_it(held: World) -> None:
    mine = number(held, TROUBLE)
    exceptions.mute(held.services, [mine], held.at + timedelta(hours=1), ADA, "known")
    assert [row["key"] for row in exceptions.find(held.services, OPEN)] == [OTHER.key]
    assert exceptions.counts(held.services)["muted"] == 1

    exceptions.mute(held.services, [mine], None, ADA, "")

    assert exceptions.total(held.services, OPEN) == 2


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda services, mine: exceptions.acknowledge(services, [999], ADA), "open"),
        (lambda services, mine: exceptions.assign(services, [], "bob", ADA), "open"),
        (lambda services, mine: exceptions.assign(services, [mine], "x" * 101, ADA), "too long"),
        (lambda services, mine: exceptions.mute(services, [mine], services.now(), ADA, "known"), "over already"),
        (lambda services, mine: exceptions.mute(
            services, [mine], services.now() + timedelta(1), ADA, " \x00"), "Say why"),
        (lambda services, mine: exceptions.comment(services, mine, ADA, " "), "Write something"),
        (lambda services, mine: exceptions.comment(services, mine, ADA, "x" * 4001), "too long"),
        (lambda services, mine: exceptions.comment(services, 999, ADA, "hello"), "no exception 999"),
        (lambda services, mine: exceptions.resolve(services, 999, ADA, "done"), "no open exception 999"),
        (lambda services, mine: exceptions.resolve(services, mine, ADA, ""), "Say why"),
        (lambda services, mine: exceptions.resolve(services, mine, ADA, "never mind"), "only a fresh look"),
        (lambda services, mine: exceptions.release(services, mine, (), ADA, ""), "Say why"),
        (lambda services, mine: exceptions.release(services, mine, (), ADA, "fine"), "No guardrail"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_plain_words_and_changes_nothing(
    held: World, act: Callable[[Any, int], object], said: str
) -> None:
    mine = number(held, TROUBLE)
    before = shown(held, TROUBLE)

    with pytest.raises(NotPossible) as refused:
        act(held.services, mine)

    assert said in refused.value.reason
    assert shown(held, TROUBLE) == before
    assert done_by(held) == []


def test_a_closed_exception_takes_only_comments(held: World) -> None:
    mine = report(held, EVENT)
    exceptions.resolve(held.services, mine, ADA, "their format had changed")

    with pytest.raises(NotPossible):
        exceptions.acknowledge(held.services, [mine], ADA)
    exceptions.comment(held.services, mine, ADA, "for next time")

    assert shown(held, EVENT)["timeline"][-1]["what"] == "commented"


def test_what_no_look_of_ours_can_see_is_settled_by_a_named_person(world: World) -> None:
    mine = report(world, EVENT)
    assert shown(world, EVENT)["by_hand"]

    assert "opened again" in exceptions.resolve(world.services, mine, ADA, "their format had changed")

    found = shown(world, EVENT)
    assert found["closed_by"] == "settled by ada: their format had changed"
    assert not found["by_hand"]
    assert done_by(world)[0]["verb"] == "resolved"


def test_an_order_that_waits_cannot_be_talked_away_where_a_mere_report_can(world: World) -> None:
    waits = Problem(kinds.UNREADABLE_ORDER, "northgate/PO-1", {"reference": "PO-1"})
    hold(world, "northgate/PO-1", waits)
    assert not shown(world, waits)["by_hand"]

    with pytest.raises(NotPossible, match="only a fresh look"):
        exceptions.resolve(world.services, number(world, waits), ADA, "never mind")

    mere = Problem(kinds.UNREADABLE_ORDER, "northgate/number 7", {"reference": "number 7"})
    exceptions.resolve(world.services, report(world, mere), ADA, "dealt with in the portal")
    assert world.causes() == [(waits.kind.code, waits.key)]


def test_what_names_nothing_of_ours_cannot_be_settled(world: World) -> None:
    gone = Problem(kinds.DISPATCH_UNKNOWN, "northgate/PO-404/41", {"reference": "PO-404"})

    with pytest.raises(NotPossible, match="nothing that we have on record"):
        exceptions.resolve(world.services, report(world, gone), ADA, "it is there")

    assert world.causes() == [(gone.kind.code, gone.key)]


def test_one_exception_shows_what_waits_and_what_was_answered_last(held: World) -> None:
    found = shown(held, TROUBLE)

    assert (found["held"], found["under_way"], found["guardrail"], found["by_hand"]) == (2, 0, False, False)
    assert [(each["step"], each["subject"]) for each in found["work"]] == [
        (STEP.name, "northgate/PO-1"), (STEP.name, "northgate/PO-2"),
    ]  # fmt: skip
    assert TROUBLE.sentence in found["work"][1]["last_error"]
    assert exceptions.one(held.services, 999) is None


def test_a_mended_catalogue_and_a_retry_bring_the_held_order_into_centra(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000009", 1, "12.00"))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.settle()
    assert shop.causes() == [("unmapped-sku", "northgate/71000009")]
    row = SkuRow(retailer="northgate", part_number="71000009", sku="TEE-M")
    known = {name: getattr(shop.rules, name) for name in Rulebook.model_fields}
    shop.rules = Rulebook(**known | {"products": (*shop.rules.products, row)})

    exceptions.retry(shop.services, Filter(kind="unmapped-sku"), ADA, "mapped it")
    shop.settle()

    assert shop.causes() == []
    assert list(shop.centra.made) == [1200]
