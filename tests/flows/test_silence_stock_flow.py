"""A SKU of which nobody knows whether its retailer shows the truth is told, and the canary is looked at over there."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from integration import kinds, policy, steps
from integration.flows import silence_stock
from integration.lanes import Lane
from integration.problems import Problem, TryAgain
from integration.rulebook.retailer import Canary
from integration.storage import causes, pauses
from integration.storage.listings import LISTING
from integration.storage.sizes import SIZE
from integration.timetable import timetable
from tests.world import World

READ_WITHIN = policy.SWEEPS_UNTIL_STALE * timedelta(seconds=timetable()["stock.sweep"])
STALE, SICK = [("stale-sku", "northgate")], [("stale-sku", "northgate/canary")]


def ages(world: World) -> list[tuple[str, str]]:
    silence_stock.ages(world.services)
    return world.causes()


def canaries(world: World) -> list[tuple[str, str]]:
    silence_stock.canaries(world.services)
    return world.causes()


def sentence(world: World, key: str) -> str:
    with world.store.read() as db:
        return Problem(kinds.STALE_SKU, key, causes.facts_of(db, "stale-sku", key)).sentence


def read(world: World, *skus: str) -> None:
    """Their stock was just read."""
    with world.store.write() as db:
        db.execute(sa.update(SIZE).where(SIZE.c.sku.in_(skus)).values(read_at=world.at))


@pytest.fixture
def watched(shop: World) -> World:
    """Northgate permits a canary, the T-shirt, and shows the 8 that it has accepted."""
    profile = shop.rules.retailers["northgate"].model_copy(update={"canary": Canary(sku="TEE-M")})
    retailers = {**shop.rules.retailers, "northgate": profile}
    shop.rules = shop.rules.model_copy(update={"retailers": retailers})
    with shop.store.write() as db:
        db.execute(sa.update(LISTING).values(agreed_at=shop.at))
    shop.wait(policy.CANARY_SETTLES.total_seconds())
    return shop


def shows(world: World, units: object) -> None:
    """Northgate's products show another stock of the T-shirt."""
    field = world.rules.retailers["northgate"].stock.field
    for product in world.northgate.listed:
        if product.part_number == "71000001":
            product.data[field] = units


def test_skus_that_two_sweeps_did_not_read_are_one_cause_for_each_retailer(shop: World) -> None:
    shop.wait(READ_WITHIN.total_seconds())
    assert ages(shop) == []
    shop.wait(1)

    assert ages(shop) == STALE
    assert sentence(shop, "northgate").startswith(
        "Nobody knows whether Northgate & Co shows the true stock of 2 SKUs such as TEE-M, CAP: "
        "their stock in Centra was last read 60 minutes ago."
    )  # fmt: skip


def test_a_reading_of_all_of_them_closes_it(shop: World) -> None:
    shop.wait(READ_WITHIN.total_seconds() + 1)
    ages(shop)
    read(shop, "TEE-M")
    assert ages(shop) == STALE
    assert "the true stock of CAP: their" in sentence(shop, "northgate")
    read(shop, "CAP")

    assert ages(shop) == []


def test_sizes_that_centra_has_no_more_and_listings_that_are_gone_are_not_stale(shop: World) -> None:
    shop.wait(READ_WITHIN.total_seconds() + 1)
    with shop.store.write() as db:
        db.execute(sa.update(SIZE).where(SIZE.c.sku == "TEE-M").values(gone=True))
        db.execute(sa.update(LISTING).where(LISTING.c.sku == "CAP").values(gone=True))

    assert ages(shop) == []


def test_a_quantity_that_waits_too_long_to_be_sent_makes_its_sku_stale(shop: World) -> None:
    shop.ask(steps.STOCK_PUSH, "northgate/CAP")
    shop.wait(policy.PUSH_STALE.total_seconds())
    assert ages(shop) == []
    shop.wait(1)

    assert ages(shop) == STALE
    assert "the true stock of CAP: a new quantity has waited for 30 minutes to be sent" in sentence(shop, "northgate")


def test_a_first_publication_may_wait(shop: World) -> None:
    with shop.store.write() as db:
        shop.services.promise(db, steps.STOCK_PUSH, ["northgate/CAP"], lane=Lane.CATALOGUE)
    shop.wait(policy.PUSH_STALE.total_seconds() + 1)

    assert ages(shop) == []


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (kinds.PLATFORM_DOWN, "virtualstock:northgate"),
        (kinds.CREDENTIAL_REFUSED, "virtualstock:northgate"),
        (kinds.QUOTA_STARVED, "virtualstock:northgate/stock"),
    ],
)
def test_what_people_know_explains_a_quantity_that_waits(shop: World, kind: kinds.Kind, key: str) -> None:
    shop.ask(steps.STOCK_PUSH, "northgate/CAP")
    with shop.store.write() as db:
        causes.open_for(db, [Problem(kind, key, {})], shop.at, item_id=None)
    shop.wait(policy.PUSH_STALE.total_seconds() + 1)

    assert ages(shop) == [(kind.code, key)]


def test_a_pause_and_a_switch_explain_it_too(shop: World) -> None:
    shop.wait(READ_WITHIN.total_seconds() + 1)
    with shop.store.write() as db:
        pauses.add(db, "stock", "", "ada", "stocktaking", shop.at)
    assert ages(shop) == []

    with shop.store.write() as db:
        pauses.remove(db, "stock", "")
    shop.change("northgate", switches={"stock": False})
    assert ages(shop) == []


def test_a_canary_that_shows_what_was_accepted_sings(watched: World) -> None:
    assert canaries(watched) == []
    assert watched.northgate.said("products_named") == ["71000001"]
    assert watched.northgate.lanes[-1] is Lane.RECONCILIATION


def test_a_canary_that_shows_something_else_is_told_and_closed_when_it_agrees(watched: World) -> None:
    shows(watched, 3)
    assert canaries(watched) == SICK
    assert "Northgate & Co shows the true stock of TEE-M: it shows 3, and accepted 8 5 minutes ago" in sentence(
        watched, "northgate/canary"
    )
    assert ages(watched) == SICK, "the look at ages leaves it alone"
    shows(watched, "8")

    assert canaries(watched) == []


def test_a_quantity_that_is_on_its_way_or_fresh_says_nothing_of_the_canary(watched: World) -> None:
    shows(watched, 3)
    watched.centra.has(11, "TEE-M", 5, ean="5000000000011")
    watched.ask(steps.STOCK_SWEEP, steps.CENTRA)
    watched.run(steps.STOCK_SWEEP, steps.CENTRA)
    assert canaries(watched) == []
    watched.settle()
    shows(watched, 3)
    assert canaries(watched) == []
    watched.wait(policy.CANARY_SETTLES.total_seconds())

    assert canaries(watched) == SICK


def test_a_quantity_that_is_accepted_while_we_ask_is_no_difference(watched: World) -> None:
    shows(watched, 3)

    def accepted_anew() -> None:
        with watched.store.write() as db:
            db.execute(sa.update(LISTING).where(LISTING.c.sku == "TEE-M").values(agreed=3))

    watched.northgate.meanwhile("products_named", accepted_anew)

    assert canaries(watched) == []


@pytest.mark.parametrize("shown", [None, "many", -1, 2.5])
def test_a_canary_whose_stock_cannot_be_read_proves_nothing_and_says_so(watched: World, shown: object) -> None:
    shows(watched, shown)
    assert canaries(watched) == SICK
    assert "shows no stock, so it proves nothing" in sentence(watched, "northgate/canary")


def test_a_canary_that_is_not_listed_says_so(watched: World) -> None:
    with watched.store.write() as db:
        db.execute(sa.update(LISTING).values(gone=True))

    assert canaries(watched) == SICK
    assert "no listing of it is known" in sentence(watched, "northgate/canary")


def test_a_retailer_that_cannot_be_asked_neither_opens_nor_closes_anything(watched: World) -> None:
    watched.northgate.fail("products_named", TryAgain("away"))
    assert canaries(watched) == []
    shows(watched, 3)
    canaries(watched)
    watched.northgate.fail("products_named", TryAgain("away"))

    assert canaries(watched) == SICK


def test_where_no_canary_is_permitted_nobody_is_asked(shop: World) -> None:
    canaries(shop)

    assert all(not platform.said("products_named") for platform in shop.retailers.values())
