"""What a retailer refuses of new listings is one thing to mend, and what the shadow holds is what would be sent."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa

from integration import steps
from integration.flows import creations, preview_products
from integration.flows.work import Outcome
from integration.lanes import Lane
from integration.problems import Refused
from integration.storage import shadows
from integration.storage.shadows import Shaded
from integration.storage.store import table_of
from integration.storage.tables import Cause, Hold, WorkItem
from integration.virtualstock.schema import Product
from tests.cli.selling import lists, priced, read_completely, reads, tee
from tests.world import World

CAUSE, HOLD, ITEM = table_of(Cause), table_of(Hold), table_of(WorkItem)
SKUS = ("TEE-L", "TEE-S")


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """Calder, which lets us create, lists the first of three T-shirts."""
    world = World(tmp_path)
    reads(world, tee(), *wares())
    lists(world, "calder", 901)
    read_completely(world, "calder")
    yield world
    world.store.close()


def wares(amount: str = "36.00", **changes: Any) -> list[Any]:
    """What Calder lacks."""
    eans = ("5012345678917", "5012345678924")
    return [priced(tee(32 + n, 12 + n, sku, ean=eans[n], **changes), amount) for n, sku in enumerate(SKUS)]


class Calder:
    """Takes what it is sent, or says no; remembers the attributes."""

    def __init__(self, refusal: Refused | None = None) -> None:
        self.refusal = refusal
        self.sent: list[dict[str, str]] = []

    def products_named(self, part_number: str, *, lane: Lane) -> list[Product]:
        return []

    def create_product(
        self, part_number: str, category_id: int, client_id: int, supplier_id: int, attributes: Mapping[str, str], *,
        lane: Lane,
    ) -> Product:
        self.sent.append(dict(attributes))
        if self.refusal:
            raise self.refusal
        return Product.model_validate({"url": f"https://v/api/v4/products/{950 + len(self.sent)}/", "data": attributes})


def create(shop: World, *skus: str, refusal: Refused | None = None) -> list[Outcome]:
    shop.retailers["calder"] = cast(Any, Calder(refusal))
    return [shop.do(steps.PRODUCTS_CREATE, f"calder/{sku}") for sku in skus]


def sent(shop: World) -> list[dict[str, str]]:
    """The attributes of each creation that was sent by the last `create`."""
    return cast(Calder, shop.retailers["calder"]).sent


def held(shop: World) -> dict[str, list[str]]:
    """The subjects behind each open cause, by its key."""
    found: dict[str, list[str]] = {}
    with shop.store.read() as db:
        for row in db.execute(
            sa.select(CAUSE.c.key, ITEM.c.subject).join(HOLD, HOLD.c.cause_id == CAUSE.c.id)
            .join(ITEM, ITEM.c.id == HOLD.c.work_item_id).where(CAUSE.c.closed_at.is_(None)).order_by(ITEM.c.id)
        ):  # fmt: skip
            found.setdefault(row.key, []).append(row.subject)
    return found


def shaded(shop: World) -> list[Shaded]:
    with shop.store.read() as db:
        return shadows.page(db, creations.SHADOWED, "calder", 0, 100)


def shown(shop: World, sku: str) -> dict[str, str]:
    """The attributes that a dry run shows for a new listing."""
    rows = preview_products.rows(shop.services, sku=sku, retailer="calder")
    return {row.attribute: row.new for row in rows if row.attribute != preview_products.CREATION}


def test_articles_refused_for_one_attribute_wait_behind_one_cause(shop: World) -> None:
    no = Refused("Virtualstock answered 400", status=400, fields={"fabric": "is too long", "care": "is not known"})

    assert [each.state for each in create(shop, *SKUS, refusal=no)] == ["held", "held"]

    assert shop.causes() == [("create-refused", "calder/fabric"), ("create-refused", "calder/care")]
    assert held(shop) == {key: ["calder/TEE-L", "calder/TEE-S"] for key in ("calder/fabric", "calder/care")}
    with shop.store.read() as db:
        sentence = db.scalar(sa.select(CAUSE.c.sentence).where(CAUSE.c.key == "calder/fabric"))
    assert "for example of TEE-S: fabric: is too long" in str(sentence)


def test_an_article_refused_as_a_whole_has_a_cause_of_its_own(shop: World) -> None:
    create(shop, *SKUS, refusal=Refused("Virtualstock answered 400: no such supplier", status=400))

    assert held(shop) == {f"calder/{sku}": [f"calder/{sku}"] for sku in SKUS}


def test_a_cause_ends_with_the_last_article_behind_it(shop: World) -> None:
    create(shop, *SKUS, refusal=Refused("no", status=400, fields={"fabric": "is too long"}))
    with shop.store.write() as db:
        db.execute(sa.update(ITEM).values(held=False))

    create(shop, "TEE-L")
    assert held(shop) == {"calder/fabric": ["calder/TEE-S"]}
    create(shop, "TEE-S")

    assert shop.causes() == []


@pytest.mark.parametrize("prices", [True, "shadow", False])
def test_the_shadow_holds_just_what_is_sent_once_it_is_switched_on(shop: World, prices: bool | str) -> None:
    shop.change("calder", switches={"products": "shadow", "prices": prices})
    assert create(shop, "TEE-L")[0].state == "done"
    (written,) = shaded(shop)
    assert (sent(shop), written.sku) == ([], "TEE-L")
    assert shown(shop, "TEE-L") == written.body

    shop.change("calder", switches={"products": True, "prices": bool(prices)})
    create(shop, "TEE-L")

    assert sent(shop) == [written.body]
    assert written.body.get("price") == ("36.00" if prices else None)
    assert written.body["product_name"] == "Tee Navy"


def test_prices_that_stay_in_shadow_are_left_out_of_what_is_made(shop: World) -> None:
    shop.change("calder", switches={"prices": "shadow"})
    expected = shown(shop, "TEE-L")
    create(shop, "TEE-L")

    assert sent(shop) == [expected]
    assert "price" not in expected


def test_the_shadow_of_an_article_is_written_again_only_when_it_differs(shop: World) -> None:
    shop.change("calder", switches={"products": "shadow"})
    for _ in range(3):
        create(shop, *SKUS)
    assert [each.sku for each in shaded(shop)] == list(SKUS)

    reads(shop, *wares("30.00"))
    create(shop, *SKUS)
    shop.change("calder", switches={"prices": False})
    create(shop, *SKUS)
    create(shop, *SKUS)
    newest = [(each.sku, each.body.get("price")) for each in shaded(shop)[2:]]
    assert newest == [("TEE-L", "30.00"), ("TEE-S", "30.00"), ("TEE-L", None), ("TEE-S", None)]

    shop.change("calder", switches={"prices": "shadow"})
    reads(shop, *wares("36.00"))
    create(shop, "TEE-L")
    assert shaded(shop)[-1].body == shaded(shop)[0].body, "back again is written too"
