"""Which Centra SKU a line of a retailer's order is, is decided here, by the profile's keys and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from integration.domain.orders import sku_keys
from integration.rulebook import Retailer, Rulebook
from integration.services import Services
from integration.storage import listings, sizes
from integration.storage.orders import StoredOrder
from integration.virtualstock.schema import Order, OrderItem


@dataclass(frozen=True)
class Skus:
    """What each line's article is in Centra: `found` by line reference, `ambiguous` with the SKUs it could be."""

    found: Mapping[str, str | None]
    ambiguous: Mapping[str, tuple[str, ...]]


def known_skus(services: Services, order: StoredOrder) -> dict[str, str]:
    """The SKU of each line of a stored order whose article is known, by line reference."""
    rules = services.rules()
    with services.store.read() as db:
        found = find_skus(db, rules, rules.retailers[order.retailer], Order.parse(order.raw)).found
    return {reference: sku for reference, sku in found.items() if sku is not None}


def find_skus(db: sa.Connection, rules: Rulebook, profile: Retailer, order: Order) -> Skus:
    """Match each line by the profile's keys in turn; the first key that matches anything decides."""
    found: dict[str, str | None] = {}
    ambiguous: dict[str, tuple[str, ...]] = {}
    for item in order.items:
        if item.line_reference is None:
            continue
        candidates = _candidates(db, rules, profile, item)
        found[item.line_reference] = candidates[0] if len(candidates) == 1 else None
        if len(candidates) > 1:
            ambiguous[item.line_reference] = tuple(candidates)
    return Skus(found, ambiguous)


def _candidates(db: sa.Connection, rules: Rulebook, profile: Retailer, item: OrderItem) -> list[str]:
    override = rules.sku_override(profile.code, item.part_number or "")
    if override is not None:
        return [override]
    for where, value in sku_keys(item, profile):
        if where == "listing":
            skus = sorted(listings.skus_by_part_number(db, profile.code, [value]).get(value, set()))
        else:
            skus = sorted(sku for _, sku in sizes.matching(db, where, value))
        if skus:
            return skus
    return []
