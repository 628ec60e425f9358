"""The arithmetic behind the benchmarks of the catalogue is checked without running them."""

from collections import Counter

import pytest
from stdnum import ean

from benchmarks import catalogue_edits, catalogue_load
from benchmarks.memory import Usage
from benchmarks.plan import Plan
from sandbox.seed import build_seed

SHOP = build_seed(400)


def used(*sizes: float) -> Usage:
    return Usage([(float(at), size) for at, size in enumerate(sizes)])


def test_a_process_that_warms_up_and_stays_has_not_grown() -> None:
    assert used(50, 120, 150, 150, 151, 150, 149, 151).growth() == 1
    assert used(50, 120, 150, 150).peak == 150


def test_a_process_that_keeps_what_it_reads_has_grown() -> None:
    assert used(100, 110, 120, 130, 140, 150, 160, 170).growth() == 40


def test_too_few_samples_tell_nothing_of_growth() -> None:
    assert used(100, 200, 300).growth() == 0
    assert used().peak == 0


def test_edits_are_even_in_time_and_no_ean_is_given_twice_or_taken() -> None:
    edits = catalogue_edits.make(SHOP, products=10, count=100, seconds=20)
    taken = {size.ean for _, _, size in SHOP.sizes()}
    given = [edit.ean for edit in edits]
    assert [edit.due for edit in edits] == pytest.approx([n / 5 for n in range(100)])
    assert len(set(given)) == 100
    assert not taken & set(given)
    assert all(ean.is_valid(each) for each in given)


@pytest.mark.parametrize("scale", [0.02, 0.1, 1.0])
def test_edits_come_faster_than_one_integration_can_make_them_and_no_faster_than_people_might(scale: float) -> None:
    plan = Plan(scale)
    rate = plan.edits / plan.edit_seconds
    assert 8 <= rate / catalogue_edits.MUTATIONS <= 9
    assert plan.naive_edit_patience == max(120, 900 * scale)


def test_one_article_of_each_product_is_edited_and_all_retailers_list_it() -> None:
    skus = {edit.sku for edit in catalogue_edits.make(SHOP, products=15, count=600, seconds=20)}
    of_product = Counter(product.id for product, _, size in SHOP.sizes() if size.sku in skus)
    assert len(skus) == len(of_product) == 15
    for retailer in catalogue_edits.RETAILERS:
        assert skus <= {each.sku for each in SHOP.listings if each.retailer == retailer}


def test_the_last_ean_of_an_article_is_the_wanted_one() -> None:
    edits = [catalogue_edits.Edit(0, "A", "1"), catalogue_edits.Edit(1, "B", "2"), catalogue_edits.Edit(2, "A", "3")]
    assert catalogue_edits.finals(edits) == {"A": "3", "B": "2"}


def test_the_least_possible_reading_fills_every_page() -> None:
    products, sizes = len(SHOP.products), sum(1 for _ in SHOP.sizes())
    listings = Counter(each.retailer for each in SHOP.listings)
    least = catalogue_load.least(SHOP, drifted=7)
    assert (products, sizes) == (23, 408)
    assert least.centra == 1 + 3 + 1
    assert least.listings == sum(-(-count // 200) for count in listings.values())
    assert least.pushes == 7
