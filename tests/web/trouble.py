"""Exceptions as flows would open them, for the pages and calls that show them."""

from collections.abc import Sequence

from integration import kinds, steps
from integration.kinds import Kind
from integration.problems import Problem
from integration.steps import Step
from integration.storage import causes, work
from tests.world import World


def opens(
    world: World, kind: Kind = kinds.STOCK_REFUSED, key: str = "calder/TEE-M", step: Step = steps.STOCK_PUSH,
    subjects: Sequence[str] = ("calder/TEE-M",), **facts: str,
) -> int:  # fmt: skip
    """Open a cause and let these pieces of work wait behind it; `subjects` may be empty. Returns the cause's id."""
    problem = Problem(kind, key, {"retailer": "Calder", "sku": "TEE-M", "why": "no such product", **facts})
    world.ask(step, *subjects)
    with world.store.write() as db:
        causes.open_for(db, [problem], world.at, item_id=None)
    for subject in subjects:
        with world.store.write() as db:
            claim = work.claim(db, step.name, subject, world.at)
            assert claim is not None
            assert work.hold(db, claim, "409: they said no")
            causes.open_for(db, [problem], world.at, item_id=claim.id)
    with world.store.read() as db:
        found = db.execute(causes.CAUSE.select().where(causes.CAUSE.c.kind == kind.code, causes.CAUSE.c.key == key))
        return int(found.one().id)
