"""Returns of Northgate's order PO-1 and what a worker does with them, in a word each; `gone` is in conftest."""

from typing import Any

import sqlalchemy as sa

from integration import steps
from integration.domain.returns import ReturnState
from integration.flows import intake
from integration.flows.work import Outcome
from integration.storage import journal, returns
from integration.storage.returns import StoredReturn
from tests.world import CAUSE, World

PO = "northgate/PO-1"
WANTED = {"part_number": "71000001", "line_ref": "1", "quantity": 1}


def poll(world: World, retailer: str = "northgate") -> str:
    """Read the list of returns."""
    return world.do(steps.RETURNS_POLL, retailer).state


def acknowledge(world: World, name: str = "r-1") -> Outcome:
    """Let a worker acknowledge one."""
    return world.run(steps.RETURNS_ACKNOWLEDGE, f"northgate/{name}")


def told(world: World) -> list[Any]:
    """What the retailer was told, call by call."""
    return world.northgate.said("return_acknowledge")


def row(world: World, name: str = "r-1") -> StoredReturn:
    """A return as it is on record."""
    with world.store.read() as db:
        return returns.get(db, name)


def state(world: World, name: str = "r-1") -> ReturnState:
    """How far it has come."""
    return row(world, name).state


def story(world: World) -> list[str]:
    """What the timeline of the order says of returns."""
    with world.store.read() as db:
        return [each["what"] for each in journal.story(db, "order", PO) if "return" in each["what"]]


def cause(world: World, kind: str) -> Any:
    """The one open cause of a kind."""
    with world.store.read() as db:
        return db.execute(sa.select(CAUSE).where(CAUSE.c.kind == kind, CAUSE.c.closed_at.is_(None))).one()


def kinds_open(world: World) -> list[str]:
    """The kinds of the open causes."""
    return [kind for kind, _ in world.causes()]


def centra_tells(world: World, number: int = 61) -> None:
    """A webhook about a return comes in and is absorbed."""
    world.wait(60)
    event = {"type": "return", "action": "update", "id": number, "date": f"{world.at:%Y-%m-%d %H:%M:%S}"}
    assert intake.store_webhook(world.services, {"events": [event]}) == 1
    assert world.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "done"
