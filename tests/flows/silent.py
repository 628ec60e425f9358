"""A system in which all is well, so that one thing at a time can fall silent."""

from collections.abc import Collection

import sqlalchemy as sa

from integration.flows import silence
from integration.steps import CENTRA, STEPS, Spends
from integration.storage.journal import TICK
from integration.storage.work import ITEM
from tests.world import World


def polls(world: World) -> list[tuple[str, str]]:
    """Every (step, subject) that the clock asks for."""
    return [
        (name, subject) for name in silence.polled()
        for subject in ([CENTRA] if STEPS[name].spends is Spends.CENTRA else world.rules.retailers)
    ]  # fmt: skip


def work_is_done(world: World, *, but: Collection[tuple[str, str]] = (), clock: bool = True) -> None:
    """The clock asks for all that it asks for, and the workers do it, except some (step, subject)."""
    done = [pair for pair in polls(world) if pair not in but]
    world.ask(STEPS["stock.read"], CENTRA)
    for name in {name for name, _ in polls(world)}:
        world.ask(STEPS[name], *(subject for step, subject in polls(world) if step == name))
    with world.store.write() as db:
        db.execute(
            sa.update(ITEM).where(sa.tuple_(ITEM.c.step, ITEM.c.subject).in_(done))
            .values(answered=ITEM.c.asked, done_at=world.at, opened_at=world.at)
        )  # fmt: skip
        if clock:
            at = {"window": int(world.at.timestamp()), "at": world.at}
            db.execute(sa.insert(TICK).values(job="orders.poll", **at).prefix_with("OR REPLACE"))


def live(world: World, minutes: float, *, but: Collection[tuple[str, str]] = (), clock: bool = True) -> None:
    """So much time passes in which work is done, and the looks of each minute are made."""
    for _ in range(round(minutes)):
        world.wait(60)
        work_is_done(world, but=but, clock=clock)
        silence.watch(world.services)
