"""People hear of a deadline before it is missed, once per mark, and not at all once it is met."""

from datetime import timedelta

import pytest
from ordering import PO, clock, finish, place, stored, story

from integration import steps
from integration.flows import deadlines
from tests.world import CAUSE, NOON, World

ORDERED = NOON - timedelta(hours=1)
DAY = timedelta(hours=24)


def remind(world: World, share: float, name: str = "acknowledge") -> None:
    """So much of the time of a clock is over, and somebody looks."""
    row = clock(world, name)
    world.at = row.started_at + (row.due_at - row.started_at) * share
    deadlines.remind(world.services)


def told(world: World) -> list[str]:
    return [what for what in story(world) if what.startswith("deadline")]


def test_each_mark_is_told_once_and_the_last_ones_to_a_person(ordered: World) -> None:
    assert clock(ordered, "acknowledge").due_at == ORDERED + DAY
    heard = []
    for share in (0.2, 0.26, 0.3, 0.51, 0.76, 0.9, 1.01, 1.5):
        remind(ordered, share)
        about = [code for code, key in ordered.causes() if key == f"{PO}/acknowledge"]
        mine = [what for what in told(ordered) if "acknowledge" in what]
        heard.append((len(mine), about))

    assert heard == [
        (0, []), (1, []), (1, []), (2, []), (3, ["deadline-near"]), (3, ["deadline-near"]), (4, ["deadline-missed"]),
        (4, ["deadline-missed"]),
    ]  # fmt: skip


def test_marks_that_passed_while_nobody_looked_are_told_as_one(ordered: World) -> None:
    remind(ordered, 0.8)

    assert [what for what in told(ordered) if "acknowledge" in what] == [
        "deadline to acknowledge: 75 % of the time are over"
    ]


def test_a_deadline_that_is_met_is_told_to_nobody(ordered: World) -> None:
    finish(ordered)

    remind(ordered, 2.0)

    assert clock(ordered, "acknowledge").met_at is not None
    assert [what for what in told(ordered) if "acknowledge" in what] == []


@pytest.mark.parametrize("share", [0.8, 1.2])
def test_a_person_who_was_asked_need_not_act_once_it_has_happened(ordered: World, share: float) -> None:
    remind(ordered, share)
    assert f"{PO}/acknowledge" in [key for _, key in ordered.causes()]

    finish(ordered)

    assert f"{PO}/acknowledge" not in [key for _, key in ordered.causes()]


def test_the_person_has_until_the_deadline_itself(ordered: World) -> None:
    remind(ordered, 0.8)

    with ordered.store.read() as db:
        due = [row.due_at for row in db.execute(CAUSE.select()) if row.key == f"{PO}/acknowledge"]
    assert due == [clock(ordered, "acknowledge").due_at]


def test_a_dispatch_that_is_postponed_has_new_marks_and_what_was_asked_is_over(ordered: World) -> None:
    remind(ordered, 1.1, "dispatch")
    assert ("deadline-missed", f"{PO}/dispatch") in ordered.causes()

    with ordered.store.write() as db:
        day = (ordered.at + timedelta(days=14)).date()
        deadlines.postpone_dispatch(ordered.services, db, stored(ordered), day)

    row = clock(ordered, "dispatch")
    assert (row.passed, row.missed_at, row.due_at.date()) == (0, None, day)
    assert [key for _, key in ordered.causes() if key.endswith("/dispatch")] == []
    remind(ordered, 0.97, "dispatch")
    assert ("deadline-near", f"{PO}/dispatch") in ordered.causes()


def test_the_clock_of_the_dispatch_goes_on_after_the_acknowledgement(ordered: World) -> None:
    finish(ordered)

    remind(ordered, 0.8, "dispatch")

    assert ordered.causes() == [("deadline-near", f"{PO}/dispatch")]


def test_an_order_that_a_person_must_see_to_has_its_clock_all_the_same(ordered: World) -> None:
    ordered.change("northgate", centra={"shipping": ordered.rules.retailers["northgate"].centra.shipping.model_copy(
        update={"services": {}, "none": None})})  # fmt: skip
    assert place(ordered).state == "held"

    remind(ordered, 1.2)

    assert ("deadline-missed", f"{PO}/acknowledge") in ordered.causes()
    assert steps.ORDERS_PLACE.name in [row.step for row in ordered.items()]
