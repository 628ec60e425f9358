"""Whoever changes a mapping sees before publishing what it sets in motion: a comparison that asks no platform.

It counts held work, quantities, prices and product data from what is stored, and looks at a bounded number of each.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

import sqlalchemy as sa

from integration import kinds
from integration.domain.stock import publishable
from integration.flows.product_moves import Move, moves
from integration.rulebook import Retailer, Rulebook
from integration.services import Services
from integration.storage import answerable, contents, listings, sizes
from integration.storage.answerable import OpenCause
from integration.storage.listings import Offer

MOST_HELD, MOST_OFFERS, MOST_LISTINGS = 20_000, 5_000, 500
"""So much held work, and so many listings for stock and for product data, are looked at in all."""
OFFERS_PAGE, LISTINGS_PAGE = 500, 50
MOST_ROWS = 100
"""So many changed buffers are looked up by their SKUs; where more changed, all listings are looked at."""
NOUNS = {
    "orders": "orders", "dispatches": "dispatches", "products": "listings", "stock": "stock quantities",
    "invoices": "invoices", "catalogue": "readings of a catalogue",
}  # fmt: skip
_ANSWERABLE = (
    kinds.UNMAPPED_SKU.code, kinds.AMBIGUOUS_SKU.code, kinds.UNMAPPED_CARRIER.code, kinds.CARRIER_NOT_ALLOWED.code,
    kinds.UNMAPPED_DELIVERY_SERVICE.code,
)  # fmt: skip
"""Kinds of which a look at the rules alone tells whether they are answered."""


@dataclass(frozen=True)
class Effect:
    """What a rulebook would set in motion.

    `releases`: held pieces of work by what they are, such as ``{"dispatches": 14}``. `prices` counts single prices,
    `stock` and `contents` listings. `at_least`: there was more than is looked at. `notes`: what else changes.
    """

    releases: Mapping[str, int] = field(default_factory=dict)
    stock: int = 0
    prices: int = 0
    contents: int = 0
    at_least: bool = False
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """The same in words, most urgent first."""
        few = "at least " if self.at_least else ""
        said = [f"releases {_count(number, noun)}" for noun, number in self.releases.items() if number]
        changes = {"stock quantities": self.stock, "prices": self.prices}
        said += [f"changes {few}{_count(number, noun)}" for noun, number in changes.items() if number]
        if self.contents:
            said.append(f"changes the product data of {few}{_count(self.contents, 'listings')}")
        return [*said, *self.notes] or ["changes nothing that is held or shown at the moment"]


def effect(services: Services, before: Rulebook | None, after: Rulebook) -> Effect:
    """What follows if `after` is the law instead of `before`; None: this release cannot read what is in force."""
    with services.store.read() as db:
        released, more_held = _releases(db, after)
        if before is None:
            note = "what is in force cannot be read by this release, so stock, prices and product data are not compared"
            return Effect(released, at_least=more_held, notes=(note,))
        stock, more_offers = _stock(db, before, after)
        prices, listed, more_listings = _contents(services, db, before, after)
    more = more_held or more_offers or more_listings
    return Effect(released, stock, prices, listed, more, tuple(_notes(before, after)))


def answers(rules: Rulebook, cause: OpenCause) -> bool:
    """Whether a cause that waits for a mapping is answered by these rules, as far as rules alone tell."""
    code, _, rest = cause.key.partition("/")
    profile = rules.retailers.get(code)
    if profile is None:
        return False
    match cause.kind:
        case kinds.UNMAPPED_SKU.code | kinds.AMBIGUOUS_SKU.code:
            return rules.sku_override(code, rest) is not None
        case kinds.UNMAPPED_DELIVERY_SERVICE.code:
            service = cause.facts.get("service")
            return profile.centra.shipping.option(None if service == "(none)" else service) is not None
        case kinds.UNMAPPED_CARRIER.code:
            service = cause.facts.get("service")
            named = None if service == "(no service)" else service
            slug = rules.carrier_slug(code, cause.facts.get("carrier", ""), named)
            return slug is not None and _takes(profile, slug)
        case kinds.CARRIER_NOT_ALLOWED.code:
            allowed = "profile" in cause.facts.get("why", "") and _takes(profile, rest)
            return allowed or not _leads_to(rules, code, rest)
    return False


def _leads_to(rules: Rulebook, code: str, slug: str) -> bool:
    rows = (row for row in rules.carriers if row.retailer in (None, code))
    return any(rules.carrier_slug(code, row.carrier, row.service) == slug for row in rows)


def _takes(profile: Retailer, slug: str) -> bool:
    return profile.dispatch.carriers is None or slug in profile.dispatch.carriers


def _releases(db: sa.Connection, after: Rulebook) -> tuple[dict[str, int], bool]:
    known = answerable.open_causes(db, _ANSWERABLE, MOST_HELD)
    answered = {number for number, cause in known.items() if answers(after, cause)}
    if not answered:
        return {}, False
    rows = answerable.behind(db, _ANSWERABLE, MOST_HELD)
    found: Counter[str] = Counter()
    for _, group in groupby(rows, key=lambda row: row.item_id):
        mine = list(group)
        if all(row.cause_id in answered for row in mine):
            found[NOUNS.get(mine[0].step.partition(".")[0], "pieces of work")] += 1
    return dict(found.most_common()), len(rows) == MOST_HELD


def _stock(db: sa.Connection, before: Rulebook, after: Rulebook) -> tuple[int, bool]:
    count, left = 0, MOST_OFFERS
    for code in after.retailers:
        concerned = _concerned(before, after, code)
        if concerned == []:
            continue
        warehouses = {
            market: sizes.warehouses_of(db, market)
            for rules in (before, after) if (profile := rules.retailers.get(code))
            for market in (profile.centra.market,)
        }  # fmt: skip
        for offer in _offers(db, code, concerned, left):
            left -= 1
            now, then = (_quantity(rules, offer, warehouses) for rules in (before, after))
            count += then is not None and then != (offer.agreed if now is None else now)
    return count, left <= 0


def _concerned(before: Rulebook, after: Rulebook, code: str) -> list[str] | None:
    """The beginnings of the SKUs whose quantities may change at a retailer, None: of all."""
    if _stock_part(before, code) != _stock_part(after, code):
        return None
    changed = {*before.stock.buffers} ^ {*after.stock.buffers}
    found = sorted({row.sku or row.sku_prefix or "" for row in changed if row.retailer in (None, code)})
    return found if len(found) <= MOST_ROWS else None


def _stock_part(rules: Rulebook, code: str) -> object:
    profile = rules.retailers.get(code)
    return profile and (profile.stock, profile.centra.market, profile.switches.stock)


def _offers(db: sa.Connection, code: str, beginnings: list[str] | None, most: int) -> Iterator[Offer]:
    after = 0
    while most > 0 and (page := listings.of_retailer(db, code, after, min(OFFERS_PAGE, most), beginnings)):
        yield from page
        after, most = page[-1].listing_id, most - len(page)


def _quantity(rules: Rulebook, offer: Offer, warehouses: Mapping[int, frozenset[int]]) -> int | None:
    """What the retailer would be sent, None: nothing."""
    profile = rules.retailers.get(offer.retailer)
    if profile is None or profile.switches.stock is not True or offer.size is None:
        return None
    serving = warehouses[profile.centra.market]
    if not serving:
        return None
    if offer.size_gone or offer.withdrawn:
        return 0
    return publishable(offer.size, warehouses=serving, rule=rules.stock_rule(offer.retailer, offer.sku))


def _contents(services: Services, db: sa.Connection, before: Rulebook, after: Rulebook) -> tuple[int, int, bool]:
    """How many prices and how many listings' product data would be sent otherwise, and whether there is more."""
    now, prices, listed, left = services.now(), 0, 0, MOST_LISTINGS
    for code in after.retailers:
        if _content_part(before, code) == _content_part(after, code):
            continue
        number = 0
        while left > 0 and (page := contents.of_listings(db, code, number, min(LISTINGS_PAGE, left))):
            number, left = page[-1].listing_id, left - len(page)
            old = {move.listed.listing_id: move for move in moves(db, before, page, now)}
            for move in moves(db, after, page, now):
                changed = _otherwise(old.get(move.listed.listing_id), move)
                of_price = sum(name in move.wanted.prices for name in changed)
                prices += of_price
                listed += len(changed) > of_price
    return prices, listed, left <= 0


def _content_part(rules: Rulebook, code: str) -> object:
    profile = rules.retailers.get(code)
    return profile and (
        profile.products, profile.prices, profile.centra, profile.currency, profile.timezone,
        profile.switches.products, profile.switches.prices, rules.fields_of(code),
    )  # fmt: skip


def _otherwise(old: Move | None, new: Move) -> set[str]:
    """The attributes that would be sent now and not before, or with another text."""
    before = old.real if old else {}
    return {name for name, text in new.real.items() if before.get(name) != text}


def _notes(before: Rulebook, after: Rulebook) -> Iterator[str]:
    for code, profile in after.retailers.items():
        known = before.retailers.get(code)
        if known is None:
            yield f"{profile.name} is a retailer from now on"
            continue
        for name in type(profile.switches).model_fields:
            was, is_now = getattr(known.switches, name), getattr(profile.switches, name)
            if was != is_now:
                yield f"{name} of {profile.name}: {_MODES[is_now]}, {_MODES[was]} before"
    for code, known in before.retailers.items():
        if code not in after.retailers:
            yield f"{known.name} is no retailer any more: nothing is read from it or sent to it"


_MODES: Mapping[bool | str, str] = {True: "on", False: "off", "shadow": "only written down"}
_SINGULAR = {
    "orders": "order", "dispatches": "dispatch", "listings": "listing", "stock quantities": "stock quantity",
    "invoices": "invoice", "prices": "price", "readings of a catalogue": "reading of a catalogue",
    "pieces of work": "piece of work",
}  # fmt: skip


def _count(number: int, noun: str) -> str:
    return f"{number:,} {_SINGULAR[noun] if number == 1 else noun}"
