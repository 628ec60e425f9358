"""Before anybody publishes, what is counted is what would happen, and no platform is asked for it."""

from typing import Any

import pytest

from integration import kinds, steps
from integration.flows import mappings_afresh, mappings_effect
from integration.flows.mappings_effect import Effect, answers
from integration.rulebook import Rulebook
from integration.storage.answerable import OpenCause
from tests.cli.selling import lists, priced, reads, tee
from tests.world import World, book, line

ALL = [None, "calder", "fernhill", "northgate"]


def changed(rules: Rulebook, retailer: str, **parts: dict[str, Any]) -> Rulebook:
    """The rulebook in which parts of one profile differ."""
    document = rules.to_document()
    for name, values in parts.items():
        document["retailers"][retailer][name] |= values
    return Rulebook.from_document(document)


def with_rows(rules: Rulebook, **documents: Any) -> Rulebook:
    return Rulebook.from_document(rules.to_document() | documents)


def effect(world: World, after: Rulebook) -> Effect:
    return mappings_effect.effect(world.services, world.rules, after)


def test_a_buffer_changes_the_quantities_that_are_sent_and_those_only(shop: World) -> None:
    # 8 T-shirts and 3 caps are free and shown.
    rows = [{"retailer": "northgate", "sku": None, "sku_prefix": "TEE-", "buffer": 2}]
    found = effect(shop, with_rows(shop.rules, stock={"buffers": rows}))
    assert (found.stock, found.sentences) == (1, ["changes 1 stock quantity"])
    assert effect(shop, changed(shop.rules, "northgate", stock={"buffer": 1})).stock == 2
    assert effect(shop, changed(shop.rules, "northgate", stock={"floor": 4})).stock == 1, "the cap falls to nothing"
    assert effect(shop, changed(shop.rules, "northgate", stock={"ceiling": 100})).stock == 0
    assert effect(shop, changed(shop.rules, "calder", stock={"buffer": 1})).stock == 0, "Calder lists neither"
    assert shop.northgate.calls == shop.centra.calls == []


def test_what_the_effect_counts_for_stock_is_what_is_sent_after_publishing(shop: World) -> None:
    after = changed(shop.rules, "northgate", stock={"buffer": 1})
    counted = effect(shop, after).stock
    shop.rules = after
    shop.ask(steps.STOCK_PUSH, "northgate/TEE-M", "northgate/CAP")
    shop.settle()
    assert counted == len(shop.northgate.said("set_stock")) == 2


def test_a_flow_that_is_switched_off_sends_nothing_and_that_is_said(shop: World) -> None:
    found = effect(shop, changed(shop.rules, "northgate", stock={"buffer": 1}, switches={"stock": False}))
    name = shop.rules.retailers["northgate"].name
    assert (found.stock, list(found.notes)) == (0, [f"stock of {name}: off, on before"])


def test_a_price_rule_changes_prices_and_a_field_map_changes_product_data(world: World) -> None:
    code = next(code for code, profile in world.rules.retailers.items() if profile.prices.enabled)
    reads(world, priced(tee(), "36.00"))
    lists(world, code, 901)
    assert effect(world, world.rules).sentences == ["changes nothing that is held or shown at the moment"]

    document = world.rules.to_document()
    for field in document["retailers"][code]["prices"]["fields"]:
        field["places"] = 0 if field["places"] else 1
    found = effect(world, Rulebook.from_document(document))
    assert found.prices >= 1
    assert found.contents == 0

    document = world.rules.to_document()
    first = document["fields"][world.rules.retailers[code].products.fields]["common"][0]
    first["transforms"] = [*first["transforms"], {"do": "case", "to": "upper"}]
    found = effect(world, Rulebook.from_document(document))
    assert (found.prices, found.contents) == (0, 1)
    assert found.sentences == ["changes the product data of 1 listing"]
    assert all(platform.calls == [] for platform in world.retailers.values())


def test_only_so_many_listings_are_looked_at_and_that_is_said(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mappings_effect, "MOST_OFFERS", 1)
    found = effect(shop, changed(shop.rules, "northgate", stock={"buffer": 1}))
    assert (found.stock, found.at_least) == (1, True)
    assert found.sentences == ["changes at least 1 stock quantity"]


def test_an_order_behind_two_causes_is_released_only_when_both_are_answered(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71009999"), delivery_service_code="rocket")
    shop.do(steps.ORDERS_POLL, "northgate")
    assert shop.run(steps.ORDERS_PLACE, "northgate/PO-1").state == "held"
    assert len(shop.causes()) == 2
    sku = with_rows(shop.rules, products=[{"retailer": "northgate", "part_number": "71009999", "sku": "TEE-M"}])
    document = sku.to_document()
    document["retailers"]["northgate"]["centra"]["shipping"]["services"]["Rocket"] = "express"
    assert effect(shop, sku).releases == {}
    assert effect(shop, Rulebook.from_document(document)).releases == {"orders": 1}


def test_where_what_is_in_force_cannot_be_read_only_held_work_is_counted(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71009999"))
    shop.do(steps.ORDERS_POLL, "northgate")
    shop.run(steps.ORDERS_PLACE, "northgate/PO-1")
    rows = [{"retailer": "northgate", "part_number": "71009999", "sku": "TEE-M"}]
    found = mappings_effect.effect(shop.services, None, with_rows(shop.rules, products=rows))
    assert found.sentences[0] == "releases 1 order"
    assert "cannot be read by this release" in found.sentences[1]


def test_a_retailer_that_comes_or_goes_is_named(world: World) -> None:
    document = world.rules.to_document()
    gone = document["retailers"].pop("calder")["name"]
    document["carriers"] = [row for row in document["carriers"] if row["retailer"] != "calder"]
    less = Rulebook.from_document(document)
    assert list(effect(world, less).notes) == [f"{gone} is no retailer any more: nothing is read from it or sent to it"]
    back = mappings_effect.effect(world.services, less, world.rules)
    assert list(back.notes) == [f"{gone} is a retailer from now on"]


def carrier_rows(*rows: tuple[str | None, str, str | None, str]) -> Rulebook:
    names = ("retailer", "carrier", "service", "slug")
    return with_rows(book(), carriers=[dict(zip(names, row, strict=True)) for row in rows])


def cause(kind: kinds.Kind, key: str, **facts: str) -> OpenCause:
    return OpenCause(kind.code, key, facts)


@pytest.mark.parametrize(("rules", "answered"), [
    (carrier_rows((None, "Pigeon Post", None, "dpd")), True),
    (carrier_rows(("calder", "Pigeon Post", "48", "dpd")), False),
    (carrier_rows(("northgate", "pigeon  post", "48", "dpd")), True),
    (carrier_rows((None, "Pigeon Post", "24", "dpd")), False),
])  # fmt: skip
def test_a_carrier_is_answered_by_a_row_that_serves_it(rules: Rulebook, answered: bool) -> None:
    asked = cause(kinds.UNMAPPED_CARRIER, "northgate/pigeon post/48", carrier="Pigeon Post", service="48")
    assert answers(rules, asked) is answered


@pytest.mark.parametrize(("row", "allowed", "why", "answered"), [
    ((None, "DPD", None, "dpd"), ["dpd-uk"], "the retailer's profile does not allow it", False),
    ((None, "DPD", None, "dpd"), ["dpd"], "the retailer's profile does not allow it", True),
    ((None, "DPD", None, "dpd"), ["dpd"], "it is not in the live carrier list", False),
    ((None, "DPD", None, "dpd-uk"), None, "it is not in the live carrier list", True),
])  # fmt: skip
def test_a_slug_that_is_not_allowed_is_answered_when_nothing_leads_to_it_or_it_is_allowed(
    row: tuple[str | None, str, str | None, str], allowed: list[str] | None, why: str, answered: bool
) -> None:
    rules = changed(carrier_rows(row), "northgate", dispatch={"carriers": allowed})
    assert answers(rules, cause(kinds.CARRIER_NOT_ALLOWED, "northgate/dpd", slug="dpd", why=why)) is answered


def test_orders_without_a_service_are_answered_by_the_option_for_none() -> None:
    asked = cause(kinds.UNMAPPED_DELIVERY_SERVICE, "northgate/(none)", service="(none)")
    none = {"shipping": {"services": {"standard": "standard"}, "none": None}}
    assert answers(book(), asked)
    assert not answers(changed(book(), "northgate", centra=none), asked)


def test_a_cause_of_a_retailer_that_is_gone_is_not_answered() -> None:
    assert not answers(book(), cause(kinds.UNMAPPED_SKU, "nobody/1"))


def test_every_kind_that_rules_alone_answer_is_released_by_a_publication() -> None:
    assert set(mappings_effect._ANSWERABLE) <= set(mappings_afresh.ANSWERED)
