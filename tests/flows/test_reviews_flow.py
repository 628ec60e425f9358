"""A review judges each listing once, after all price changes were counted, and keeps its links in use."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from integration import policy, steps
from integration.centra.content import Product
from integration.flows import preview_products, reviews
from integration.storage import images, products
from tests.cli.selling import LINK, lists, priced, pushes, read_completely, reads, tee
from tests.world import World

EANS = ("5012345678900", "5012345678917", "5012345678924", "5012345678931", "5012345678948", "5012345678955")
SKUS = [f"TEE-{number}" for number in range(5)]
MASS = "5 of 5 live listings change price within 60 minutes"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Calder lists five T-shirts; four price changes are a mass, and a page of a review has two listings."""
    monkeypatch.setattr(reviews, "AT_ONCE", 2)
    monkeypatch.setattr(preview_products, "AT_ONCE", 2)
    world = World(tmp_path)
    world.change("calder", guardrails={"least_listings": 4})
    reads(world, *wares())
    for number, sku in enumerate(SKUS):
        lists(world, "calder", 901 + number, (11 + number, sku), part_number=sku)
    yield world
    world.store.close()


def wares(change: Callable[[Product], Product] = lambda each: each) -> list[Product]:
    return [change(tee(31 + number, 11 + number, sku, ean=EANS[number])) for number, sku in enumerate(SKUS)]


def shown(shop: World) -> dict[str, set[str]]:
    """The SKUs by what a dry run says of their prices."""
    found: dict[str, set[str]] = {}
    for row in preview_products.rows(shop.services, retailer="calder"):
        if row.attribute == "price":
            found.setdefault(row.state, set()).add(row.sku)
    return found


def sentences(shop: World) -> set[str]:
    return {row.sentence for row in preview_products.rows(shop.services, retailer="calder") if row.state == "stopped"}


def review(shop: World) -> list[str]:
    """Have all judged; the subjects that are to be pushed as soon as one is."""
    shop.ask(steps.PRODUCTS_REVIEW, "calder")
    for _ in range(20):
        if not shop.asked(steps.PRODUCTS_REVIEW):
            break
        shop.run(steps.PRODUCTS_REVIEW, "calder")
        shop.wait(0.1)
    else:
        raise AssertionError("the review does not end")
    return shop.asked(steps.PRODUCTS_PUSH)


def sent_meanwhile(shop: World) -> list[dict[str, str]]:
    """Have all judged by a review that workers overtake: what is asked for is pushed before it goes on."""
    shop.ask(steps.PRODUCTS_REVIEW, "calder")
    sent: list[dict[str, str]] = []
    for _ in range(20):
        shop.run(steps.PRODUCTS_REVIEW, "calder")
        sent += pushes(shop, "calder", *(each.partition("/")[2] for each in shop.asked(steps.PRODUCTS_PUSH)))
    return sent


def test_a_mass_that_nobody_has_counted_is_shown_as_stopped_and_none_of_it_is_sent(shop: World) -> None:
    reads(shop, *wares(lambda each: priced(each, "35.00")))
    assert shown(shop) == {"stopped": set(SKUS)}
    (sentence,) = sentences(shop)
    assert MASS in sentence
    assert "5 listings wait, for example TEE-0 price 36.00 → 35.00" in sentence

    assert sent_meanwhile(shop) == []
    assert shop.causes() == [("price-guard", "calder")]
    (sentence,) = sentences(shop)
    assert "4 of 5 live listings" in sentence, "from now on it is the exception, with the numbers of when it tripped"


def test_one_absurd_price_is_shown_to_stop_all_and_none_of_them_is_sent(shop: World) -> None:
    reads(shop, *[priced(each, "3.00" if each.id == 35 else "35.00") for each in wares()[3:]])
    assert shown(shop) == {"stopped": {"TEE-3", "TEE-4"}}
    (sentence,) = sentences(shop)
    assert "TEE-4 falls from 36.00 to 3.00" in sentence

    assert review(shop) == ["calder/TEE-3", "calder/TEE-4"]
    assert pushes(shop, "calder", "TEE-3", "TEE-4") == []
    assert shop.causes() == [("price-guard", "calder")]


def test_price_changes_that_are_no_mass_are_shown_as_sent_and_are(shop: World) -> None:
    shop.change("calder", guardrails={"least_listings": 6})
    reads(shop, *wares(lambda each: priced(each, "35.00")))
    assert shown(shop) == {"send": set(SKUS)}

    review(shop)
    assert pushes(shop, "calder", *SKUS) == [{"price": "35.00", "rrp": "35.00"}] * 5


def test_a_change_is_judged_beside_those_of_the_last_hour(shop: World) -> None:
    reads(shop, *[priced(each, "35.00") for each in wares()[:3]])
    assert len(pushes(shop, "calder", *SKUS[:3])) == 3
    shop.wait(59 * 60)
    reads(shop, *[priced(each, "35.00") for each in wares()[3:]])
    assert shown(shop) == {"stopped": {"TEE-3", "TEE-4"}}

    shop.wait(2 * 60)
    assert shown(shop) == {"send": {"TEE-3", "TEE-4"}}
    assert len(pushes(shop, "calder", *SKUS[3:])) == 2


def test_a_price_that_is_held_for_another_reason_stops_nobody(shop: World) -> None:
    wrong = tee(33, 13, "TEE-2", ean=EANS[2], description="")
    reads(shop, *[priced(each, "35.00") for each in wares()[:2]], priced(wrong, "3.00"))

    assert shown(shop) == {"send": {"TEE-0", "TEE-1"}, "waits": {"TEE-2"}}
    review(shop)
    assert len(pushes(shop, "calder", *SKUS)) == 2
    assert {kind for kind, _ in shop.causes()} == {"content-invalid"}


def test_where_no_price_is_sent_nothing_is_counted_and_each_page_is_judged_once(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.change("calder", switches={"prices": "shadow"})
    reads(shop, *wares(lambda each: priced(each, "3.00")))
    runs = []
    monkeypatch.setattr(reviews.products, "ask_moves", lambda *_: runs.append(1))
    shop.ask(steps.PRODUCTS_REVIEW, "calder")
    for page in (1, 2, 3):
        assert shop.run(steps.PRODUCTS_REVIEW, "calder").state == "done"
        assert len(runs) == page

    assert shop.asked(steps.PRODUCTS_REVIEW) == []
    assert shop.causes() == []


def test_a_review_that_follows_another_counts_again(shop: World) -> None:
    assert review(shop) == []
    reads(shop, *wares(lambda each: priced(each, "35.00")))

    assert sent_meanwhile(shop) == []
    assert shop.causes() == [("price-guard", "calder")]


def due(shop: World) -> list[str]:
    """The links that are still looked at."""
    with shop.store.read() as db:
        return images.due(db, shop.at, 100)


def later(shop: World, number: int, wrong: str | None) -> None:
    """A link was looked at long after its last use, and is due again."""
    with shop.store.write() as db:
        images.record(db, LINK.format(number), wrong, shop.at, shop.at)
        db.execute(sa.update(images.LINK).where(images.LINK.c.url == LINK.format(number))
                   .values(used_until=shop.at - policy.IMAGE_USED))  # fmt: skip


def test_a_review_keeps_in_use_what_listings_show_or_wait_for(shop: World) -> None:
    for number, wrong in ((31, None), (32, "it answers 404"), (33, None), (34, None), (35, None), (99, None)):
        later(shop, number, wrong)
    with shop.store.write() as db:
        products.record(db, [tee(33, 13, "TEE-2", ean=EANS[2], market_ids=())], products.begin_read(db), shop.at, {})
    assert due(shop) == []

    review(shop)

    assert due(shop) == [LINK.format(number) for number in (31, 32, 34, 35)]
    for number in (31, 34):
        later(shop, number, None)
    shop.change("calder", products={"images": "unchecked"})
    review(shop)
    assert due(shop) == [LINK.format(number) for number in (32, 35)]


def test_an_article_that_a_retailer_lacks_keeps_its_links_in_use(shop: World) -> None:
    reads(shop, tee(41, 21, "NEW", ean=EANS[5]))
    read_completely(shop, "calder")
    for number in (31, 41):
        later(shop, number, None)
    with shop.store.write() as db:
        reviews.products.creations.ask(shop.services, db, [tee(41, 21, "NEW", ean=EANS[5]), *wares()])

    assert LINK.format(41) in due(shop)
    assert LINK.format(31) not in due(shop)
