"""A retailer's price comes from one pricelist and the campaign of the moment, and a price nobody can stand for is none.

Campaigns start and end by the clock, for which Centra raises no event.
Centra docs: Integration API, GraphQL reference (Price, CampaignVariant).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from integration.centra import content
from integration.domain.articles import ACTIVE, Article
from integration.domain.validation import Trouble
from integration.rulebook import Retailer
from integration.rulebook.retailer import PriceField

MOST = Decimal(10) ** 6
"""A price of a million is a mistake of somebody."""
_ROUNDING = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}


@dataclass(frozen=True)
class PriceNow:
    """An amount as the retailer gets it, in `currency`; `source` says where it comes from, for a person."""

    amount: Decimal
    currency: str
    source: str


def price_now(article: Article, field: PriceField, profile: Retailer, now: datetime) -> PriceNow | Trouble:
    """The amount of one price attribute at `now`, or why there is none."""
    found = _cost(article) if field.amount == "cost" else _listed(article, field, profile, now)
    if isinstance(found, Trouble):
        return found
    amount, currency, source = found
    if currency != profile.currency:
        return Trouble("currency", f"would be {source}, which is in {currency} and not in {profile.currency}")
    if wrong := _absurd(amount):
        return Trouble("absurd", f"would be {source}, {wrong} ({amount})")
    # A cost has no tax.
    holds = "excluded" if field.amount == "cost" else profile.prices.tax
    taxed = _taxed(amount, holds, field.tax, Decimal(profile.prices.tax_percent))
    rounded = taxed.quantize(Decimal(1).scaleb(-field.places), _ROUNDING[profile.prices.rounding])
    if rounded <= 0:
        return Trouble("absurd", f"would be {source}, which rounds to nothing ({amount})")
    return PriceNow(rounded, currency, source)


def next_turn(product: content.Product, now: datetime) -> datetime | None:
    """The earliest start or end of a campaign after `now`, None where nothing more is planned."""
    moments = (
        moment
        for display in product.displays
        for campaign in display.campaigns
        if campaign.status == ACTIVE
        for moment in (campaign.starts_at, campaign.stops_at)
    )
    return min((moment for moment in moments if isinstance(moment, datetime) and moment > now), default=None)


Found = tuple[Decimal, str, str]


def _cost(article: Article) -> Found | Trouble:
    cost = article.variant.unit_cost
    if cost is None:
        return Trouble("missing", "is missing: the variant has no unit cost")
    return cost.value, cost.currency, "unit cost"


def _listed(article: Article, field: PriceField, profile: Retailer, now: datetime) -> Found | Trouble:
    number = field.pricelist or profile.centra.pricelist
    price = next((each for each in article.variant.prices if each.pricelist_id == number), None)
    source = f"pricelist {number}"
    if field.amount == "recommended":
        if price is None or price.recommended is None:
            return Trouble("missing", f"is missing: {source} has no recommended price of the variant")
        return price.recommended.value, price.recommended.currency, f"{source}, recommended"
    if price is None or price.amount is None:
        return Trouble("missing", f"is missing: {source} has no price of the variant")
    listed = (price.amount.value, price.amount.currency, source)
    if field.amount == "list":
        return listed
    return _reduced(article, listed, now)


def _reduced(article: Article, listed: Found, now: datetime) -> Found | Trouble:
    """The lowest of the campaigns that run; one that nobody can compute is told instead of left out."""
    amount, currency, source = listed
    if _absurd(amount):
        return listed  # a reduction would only hide the mistake
    best = listed
    for campaign in _running(article, now):
        name = f"{source}, campaign {campaign.id}"
        if _unreadable(campaign):
            return Trouble("campaign", f"would be {name}, whose start or end names no moment: it has no time zone")
        if campaign.fixed is not None:
            if campaign.fixed.currency != currency:
                return Trouble("currency", f"would be {name}, which is in {campaign.fixed.currency}")
            reduced = campaign.fixed.value
            name += ": fixed price"
        elif campaign.percent is not None and 0 < campaign.percent < 100:
            reduced = amount * (100 - campaign.percent) / 100
            name += f": {campaign.percent.normalize():f} % off"
        else:
            return Trouble("campaign", f"would be {name}, which takes {campaign.percent} % off: that is no reduction")
        if reduced < best[0]:
            best = (reduced, currency, name)
    return best


def _running(article: Article, now: datetime) -> Iterator[content.Campaign]:
    for campaign in article.display.campaigns if article.display else ():
        begun = not isinstance(campaign.starts_at, datetime) or campaign.starts_at <= now
        over = isinstance(campaign.stops_at, datetime) and campaign.stops_at <= now
        if campaign.variant_id == article.variant.id and campaign.status == ACTIVE and begun and not over:
            yield campaign


def _unreadable(campaign: content.Campaign) -> bool:
    return isinstance(campaign.starts_at, str) or isinstance(campaign.stops_at, str)


def _absurd(amount: Decimal) -> str | None:
    if not amount.is_finite():
        return "which is no number"
    if amount <= 0:
        return "which is not above zero"
    return "which is above any real price" if amount >= MOST else None


def _taxed(amount: Decimal, holds: str, wanted: str, percent: Decimal) -> Decimal:
    if holds == wanted:
        return amount
    share = 1 + percent / 100
    return amount * share if wanted == "included" else amount / share
