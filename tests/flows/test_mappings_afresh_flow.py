"""New mappings reach what waits and what is just being judged, and an exception stays one until its work has left."""

from typing import Any

import pytest
import sqlalchemy as sa

from integration import steps
from integration.flows import mappings, mappings_afresh
from integration.flows.mappings_afresh import LATE, SETTLED
from integration.rulebook import Rulebook
from tests.flows.mapping import ADA, PIGEON, publish_files, take_over, text_of
from tests.world import CAUSE, World

ANNOUNCE = (steps.DISPATCHES_ANNOUNCE, "northgate/41")


@pytest.fixture
def shipped(taken: World) -> World:
    """Version 1 is in force, and a shipment left by Pigeon Post."""
    publish_files(taken)
    taken.settle()
    taken.centra.ships(1200, {12000: 2}, carrier="Pigeon Post")
    return taken


def publish(world: World, text: str | None = None) -> None:
    version = mappings.documents(world.services).version
    text = text_of(world, "carriers") + PIGEON if text is None else text
    made = mappings.publish_document(world.services, "carriers", text, base_version=version, person=ADA, reason="row")
    assert made.version, made.problems


def cause(world: World) -> Any:
    with world.store.read() as db:
        return db.execute(sa.select(CAUSE).where(CAUSE.c.kind == "unmapped-carrier")).one()


def test_a_dispatch_that_was_being_judged_while_its_row_was_published_leaves_too(shipped: World) -> None:
    # The worker still has the rules of the second before when it looks the carrier up.
    shipped.centra.meanwhile("shipments", lambda: publish(shipped))
    assert shipped.do(*ANNOUNCE).state == "held"
    take_over(shipped)

    mappings_afresh.see_to_late_ones(shipped.services)
    assert shipped.item(*ANNOUNCE).held, "others that began before may still be under way"
    shipped.wait(LATE.total_seconds())
    mappings_afresh.see_to_late_ones(shipped.services)

    assert shipped.run(*ANNOUNCE).state == "done"
    assert [kind for kind, _ in shipped.causes()] == []


def test_what_was_held_by_the_new_mappings_is_not_judged_again_and_again(shipped: World) -> None:
    publish(shipped, text_of(shipped, "carriers") + PIGEON.replace("Pigeon", "Dove"))
    take_over(shipped)
    assert shipped.do(*ANNOUNCE).state == "held"
    shipped.wait(LATE.total_seconds())
    mappings_afresh.see_to_late_ones(shipped.services)
    assert not shipped.item(*ANNOUNCE).held
    assert shipped.run(*ANNOUNCE).state == "held"
    shipped.wait(LATE.total_seconds())
    mappings_afresh.see_to_late_ones(shipped.services)
    assert shipped.item(*ANNOUNCE).held


def test_an_exception_that_new_mappings_do_not_answer_stays_the_same_one(shipped: World) -> None:
    assert shipped.do(*ANNOUNCE).state == "held"
    with shipped.store.write() as db:
        db.execute(sa.update(CAUSE).values(acknowledged_by="ada", acknowledged_at=shipped.at))
    before = cause(shipped)
    shipped.wait(60)
    publish(shipped, text_of(shipped, "carriers") + PIGEON.replace("Pigeon", "Dove"))
    take_over(shipped)
    assert not shipped.item(*ANNOUNCE).held
    shipped.wait(SETTLED.total_seconds())
    assert shipped.run(*ANNOUNCE).state == "held"
    after = cause(shipped)
    assert (after.times, after.opened_at, after.acknowledged_by, after.closed_at) == (
        1, before.opened_at, "ada", None,
    )  # fmt: skip


def test_an_exception_closes_when_its_work_has_left_and_not_before(shipped: World) -> None:
    assert shipped.do(*ANNOUNCE).state == "held"
    publish(shipped)
    take_over(shipped)
    assert cause(shipped).closed_at is None
    shipped.wait(SETTLED.total_seconds())
    assert shipped.run(*ANNOUNCE).state == "done"
    assert cause(shipped).closed_at is not None


def test_two_publications_close_together_are_both_seen_to(shipped: World) -> None:
    def two() -> None:
        publish(shipped, text_of(shipped, "carriers") + PIGEON.replace("Pigeon", "Dove"))
        publish(shipped)

    shipped.centra.meanwhile("shipments", two)
    assert shipped.do(*ANNOUNCE).state == "held"
    take_over(shipped)
    assert isinstance(shipped.rules, Rulebook)
    shipped.wait(LATE.total_seconds())
    mappings_afresh.see_to_late_ones(shipped.services)
    assert shipped.run(*ANNOUNCE).state == "done"
