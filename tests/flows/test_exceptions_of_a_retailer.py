"""Whoever looks at one retailer sees what stops it, also where that bears the name of a credential or a platform."""

import pytest

from integration import kinds, steps
from integration.flows import exceptions, silence_quotas, work
from integration.kinds import Kind
from integration.people import Door, Person, Role
from integration.problems import Problem, Refused
from integration.steps import CENTRA, ORDER_API
from integration.storage import causes
from integration.storage.found import Filter
from tests.world import World

ADA = Person("ada", Role.OPERATOR, Door.CLI)
FACTS = {
    "platform": "Virtualstock", "credential": "it", "why": "so it is", "lane": "stock", "flow": "orders.poll",
    "retailer": "Northgate & Co",
}  # fmt: skip


def opens(world: World, kind: Kind, key: str) -> None:
    with world.store.write() as db:
        causes.open_for(db, [Problem(kind, key, FACTS)], world.at, item_id=None)


def seen(world: World, retailer: str) -> list[str]:
    """What a filter by retailer finds; the list and the count tell the same."""
    wanted = Filter(retailer=retailer)
    rows = exceptions.find(world.services, wanted, None, 50)
    assert exceptions.total(world.services, wanted) == len(rows)
    return [row["kind"] for row in rows]


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (kinds.CREDENTIAL_REFUSED, "virtualstock:northgate"), (kinds.PLATFORM_DOWN, "virtualstock:northgate"),
        (kinds.QUOTA_STARVED, "virtualstock:northgate/stock"), (kinds.SILENT_FLOW, "orders.poll/northgate"),
    ],
)  # fmt: skip
def test_what_names_its_credential_or_its_poll_is_of_this_retailer_and_of_no_other(
    world: World, kind: Kind, key: str
) -> None:
    opens(world, kind, key)

    assert seen(world, "northgate") == [kind.code]
    for other in ("calder", "fernhill", "north", "northgate/stock"):
        assert seen(world, other) == []


@pytest.mark.parametrize("key", [CENTRA, ORDER_API])
def test_what_stops_centra_stops_every_retailer(world: World, key: str) -> None:
    opens(world, kinds.PLATFORM_DOWN, key)

    assert all(seen(world, code) == ["platform-down"] for code in world.rules.retailers)
    assert seen(world, "nobody") == []


def test_retailers_that_share_a_credential_both_see_that_it_is_refused(world: World) -> None:
    profile = world.rules.retailers["calder"].model_copy(update={"credential": "northgate"})
    profiles = {**world.rules.retailers, "calder": profile}
    world.rules = world.rules.model_copy(update={"retailers": profiles})
    opens(world, kinds.CREDENTIAL_REFUSED, "virtualstock:northgate")

    assert [code for code in world.rules.retailers if seen(world, code)] == ["calder", "northgate"]


def test_what_a_refused_poll_opens_is_found_by_its_retailer(world: World) -> None:
    def refuse(*_: object) -> None:
        raise Refused("401: Invalid credentials", status=401)

    world.ask(steps.ORDERS_POLL, "northgate")
    work.run(world.services, steps.ORDERS_POLL, "northgate", refuse)

    assert seen(world, "northgate") == ["credential-refused"]


def test_what_the_look_at_platforms_opens_is_found_by_its_retailer(world: World) -> None:
    world.quota.snapshot = lambda: {"open": True}  # type: ignore[method-assign]
    for _ in range(4):
        silence_quotas.platforms(world.services)
        world.wait(60)

    assert len(world.causes()) == len(world.rules.retailers) + 2
    assert seen(world, "northgate") == ["platform-down"] * 3, "its credential and both doors of Centra"


def test_a_filter_that_names_one_of_them_still_means_only_what_it_names(world: World) -> None:
    opens(world, kinds.CREDENTIAL_REFUSED, "virtualstock:northgate")
    opens(world, kinds.SILENT_FLOW, "orders.poll/northgate")
    wanted = Filter(retailer="northgate", kind="silent-flow")

    assert [row["kind"] for row in exceptions.find(world.services, wanted, None, 9)] == ["silent-flow"]
    assert exceptions.preview(world.services, wanted).items == 0
    with pytest.raises(exceptions.NotPossible, match="Nothing waits behind it"):
        exceptions.retry(world.services, wanted, ADA)
