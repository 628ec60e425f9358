"""Prices that are lower for a while start and stop by the clock alone: nothing is stored or told at that minute.

Centra docs: Integration API, GraphQL reference (CampaignVariant, CampaignVariantSetInput).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sandbox.centra.model import Market, Money, Pricelist, Store, Variant


@dataclass(slots=True, eq=False)
class Campaign:
    """A sale of a store in some markets and price lists."""

    id: int
    name: str
    store: Store
    markets: tuple[Market, ...]
    pricelists: tuple[Pricelist, ...]
    updated_at: datetime
    rows: "list[CampaignVariant]" = field(default_factory=list)


@dataclass(slots=True, eq=False)
class CampaignVariant:
    """One variant in a sale: `percent` off, or a `fixed` price, from `start_at` until before `stop_at`."""

    id: int
    campaign: Campaign
    product_variant: Variant
    percent: Decimal | None
    fixed: Decimal | None
    start_at: datetime
    stop_at: datetime
    status: str = "ACTIVE"
    show_sale: bool = True
    show_news: bool = False

    @property
    def type(self) -> str:
        """How the price is made."""
        return "DISCOUNT_PERCENT" if self.fixed is None else "FIXED_PRICE"

    @property
    def discount_percent(self) -> Decimal | None:
        """Set when it is a share."""
        return self.percent

    @property
    def fixed_price(self) -> Money | None:
        """Set when it is an amount; in the currency of the campaign's first price list."""
        return None if self.fixed is None else Money(self.fixed, self.campaign.pricelists[0].currency)


@dataclass
class Campaigns:
    """All sales by id, and their rows by variant."""

    by_id: dict[int, Campaign] = field(default_factory=dict)
    _by_variant: dict[int, list[CampaignVariant]] = field(default_factory=dict)

    def of(self, variants: Iterable[Variant]) -> list[CampaignVariant]:
        """The rows of these variants by id, past and future ones too."""
        rows = [row for variant in variants for row in self._by_variant.get(variant.id, ())]
        return sorted(rows, key=lambda row: row.id)

    def replace_rows(self, campaign: Campaign, rows: list[CampaignVariant]) -> None:
        """Gives the campaign these rows in place of those it had."""
        for row in campaign.rows:
            self._by_variant[row.product_variant.id].remove(row)
        campaign.rows = rows
        for row in rows:
            self._by_variant.setdefault(row.product_variant.id, []).append(row)

    def forget(self, variant: Variant) -> None:
        """The variant is gone; so are its rows."""
        for row in self._by_variant.pop(variant.id, []):
            row.campaign.rows.remove(row)

    def remove(self, campaign: Campaign) -> None:
        """The campaign is gone."""
        self.replace_rows(campaign, [])
        del self.by_id[campaign.id]
