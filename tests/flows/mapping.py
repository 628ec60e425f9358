"""A world in which mappings are published, and the words to publish more."""

from integration.flows import mappings
from integration.people import Door, Person, Role
from integration.storage import published
from tests.world import World

ADA = Person("ada", Role.OPERATOR, Door.CONSOLE)
BOB = Person("bob", Role.ADMIN, Door.API)
EVE = Person("eve", Role.ADMIN, Door.CLI)
LIVE = ("royal-mail", "dpd", "parcelforce")
PIGEON = "- {retailer: null, carrier: Pigeon Post, service: null, slug: dpd}\n"


def publish_files(world: World) -> None:
    """The files come into force as version 1, with the carriers that the live list has."""
    carriers = tuple(row for row in world.rules.carriers if row.slug in LIVE)
    world.rules = world.rules.model_copy(update={"carriers": carriers})
    made = mappings.publish(world.services, world.rules, person=ADA, reason="first")
    assert made.version == 1, made.problems
    take_over(world)


def take_over(world: World) -> None:
    """Every process has seen the newest version."""
    with world.store.read() as db:
        version = published.newest_version(db)
        assert version is not None
        world.rules = type(world.rules).from_document(published.document(db, version), version=version)


def text_of(world: World, name: str) -> str:
    """What a document says."""
    return mappings.documents(world.services).texts[name]


def versions(world: World) -> list[int]:
    """All versions, newest first."""
    with world.store.read() as db:
        return [each.version for each in published.versions(db, before=None, limit=100)]
