"""The merchant's staff touch up the catalogue now and then, and what they write stays within every retailer's rules."""

import json
import random
from collections.abc import Iterator

import pytest
from centra_merchant import Centra as Shop

from sandbox.life import Life
from sandbox.seed import Seed
from sandbox.virtualstock.models import installed


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A Centra that answers."""
    platform = Shop()
    yield platform
    platform.close()


def test_edits_of_every_kind_are_taken_by_centra(shop: Shop, small_seed: Seed) -> None:
    life = Life(shop.server.url, "http://127.0.0.1:9", small_seed, speed=0)
    for _ in range(24):
        life.catalogue_edit()
    assert life.done == 24


def test_edits_change_titles_prices_pictures_and_care_within_bounds(
    monkeypatch: pytest.MonkeyPatch, small_seed: Seed,
) -> None:
    life = Life("http://centra", "http://virtualstock", small_seed, speed=0)
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(life, "_send", lambda url, body: sent.append(json.loads(json.dumps(body))))
    monkeypatch.setattr(life, "_random", random.Random(3))
    for _ in range(200):
        life.catalogue_edit()
    assert {name for body in sent for name in body} == {"sku", "title", "price", "image", "attribute"}
    prices = {size.sku: size.price for _, _, size in small_seed.sizes()}
    title = installed()["calder"].common["product_name"].longest
    for body in sent:
        if "price" in body:
            share = float(str(body["price"])) / float(prices[str(body["sku"])])
            assert 0.89 < share < 1.06
        if "title" in body:
            assert title is not None
            assert len(f"{body['title']} Burgundy") <= title
