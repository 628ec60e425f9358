"""Each listing and each article on sale is in the report once, in the one state that holds, and nothing is guessed."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from integration import steps
from integration.flows import catalogue_report
from integration.flows.catalogue_report import Row, State
from tests.cli.selling import EAN, lists, read_completely, reads, tee
from tests.world import World


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """Four T-shirts; Calder lists the first."""
    world = World(tmp_path)
    reads(world, tee(), *(tee(31 + n, 11 + n, f"TEE-{n}", ean=f"EAN-{n}") for n in (1, 2, 3)))
    lists(world, "calder", 901)
    yield world
    world.store.close()


def report(shop: World, retailer: str = "calder") -> tuple[list[Row], Counter[State]]:
    counts: dict[str, Counter[State]] = {code: Counter() for code in shop.rules.retailers}
    return list(catalogue_report.report(shop.services, counts, retailer=retailer)), counts[retailer]


def of(rows: list[Row], state: State) -> list[tuple[str | None, str | None, tuple[str, ...]]]:
    return [(row.part_number, row.sku, row.candidates) for row in rows if row.state is state]


def test_a_listing_with_its_article_is_matched_and_shows_both_names(shop: World) -> None:
    rows, counts = report(shop)
    assert rows[0] == Row(State.MATCHED, "calder", "TEE-M", 901, "TEE-M", EAN)
    assert of(rows, State.ONLY_HERE) == [(None, f"TEE-{n}", ()) for n in (1, 2, 3)]
    assert counts == {State.MATCHED: 1, State.ONLY_HERE: 3}


def test_a_listing_that_could_be_two_articles_is_ambiguous_and_names_them(shop: World) -> None:
    reads(shop, tee(40, 20, "TEE-1", ean="other"))
    lists(shop, "calder", 902, None, part_number="TEE-1")
    lists(shop, "calder", 903, None, part_number="7100")
    rows, _ = report(shop)
    assert of(rows, State.AMBIGUOUS) == [("TEE-1", None, ("TEE-1", "TEE-1"))]
    assert of(rows, State.ONLY_THERE) == [("7100", None, ())]


def test_a_listing_whose_only_candidate_came_later_stands_alone_until_it_is_read_again(shop: World) -> None:
    lists(shop, "calder", 902, None, part_number="TEE-2")
    rows, _ = report(shop)
    assert of(rows, State.ONLY_THERE) == [("TEE-2", None, ("TEE-2",))]
    assert of(rows, State.AMBIGUOUS) == []


def test_a_key_among_the_attributes_of_a_listing_is_looked_at_too(shop: World) -> None:
    key = shop.rules.retailers["northgate"].sku_key.product.virtualstock
    assert key.startswith("data.")
    reads(shop, tee(40, 20, "TEE-1", ean="other"))
    lists(shop, "northgate", 904, None, part_number="7200", accepted={key.removeprefix("data."): "TEE-1"})
    rows, _ = report(shop, "northgate")
    assert of(rows, State.AMBIGUOUS) == [("7200", None, ("TEE-1", "TEE-1"))]


def test_what_a_retailer_has_removed_is_not_listed_there(shop: World) -> None:
    lists(shop, "calder", 902, (12, "TEE-1"), part_number="TEE-1", gone=True)
    rows, _ = report(shop)
    assert (None, "TEE-1", ()) in of(rows, State.ONLY_HERE)
    assert len(of(rows, State.MATCHED)) == 1


def test_an_article_that_is_not_on_sale_in_the_market_is_nobodys_gap(shop: World) -> None:
    reads(shop, tee(32, 12, "TEE-1", market_ids=(99,)))
    rows, _ = report(shop)
    assert [sku for _, sku, _ in of(rows, State.ONLY_HERE)] == ["TEE-2", "TEE-3"]


def test_pages_join_without_gap_or_repetition(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_report, "LISTINGS_AT_ONCE", 2)
    monkeypatch.setattr(catalogue_report, "PRODUCTS_AT_ONCE", 3)
    for number in range(5):
        lists(shop, "calder", 910 + number, None, part_number=f"71{number}")
    rows, counts = report(shop)
    assert [row.product_id for row in rows if row.product_id] == [901, *range(910, 915)]
    assert counts == {State.MATCHED: 1, State.ONLY_THERE: 5, State.ONLY_HERE: 3}


def test_how_far_the_reading_is_is_known(shop: World) -> None:
    read_completely(shop, "calder")
    assert catalogue_report.readings(shop.services, ["calder", "fernhill"]) == {
        "calder": {"offset": 0, "complete_readings": 1}, "fernhill": {"offset": 0, "complete_readings": 0},
    }  # fmt: skip


def test_the_report_asks_no_platform(shop: World) -> None:
    report(shop)
    assert shop.calder.calls == shop.centra.calls == []
    assert shop.asked(steps.CATALOGUE_LISTINGS) == []
