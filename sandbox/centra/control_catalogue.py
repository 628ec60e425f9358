"""What the merchant's staff do with the catalogue can be done here: edit it, plan sales, lose an image."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.centra import clock
from sandbox.centra.campaigns import Campaign, CampaignVariant
from sandbox.centra.catalogue import CURRENCIES
from sandbox.centra.editing import Edit, as_number, find
from sandbox.centra.model import Variant
from sandbox.centra.world import World
from sandbox.seed import MARKETPLACES_MARKET_ID, PRICELIST_ID, STORE_ID

Body = dict[str, Any]
TARGETS = ("sku", "variant", "display", "product")
A_LONG_WHILE = timedelta(days=30)


class CatalogueDesk:
    """The verbs of the people who look after products. The caller holds the twin's lock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.verbs: dict[str, Callable[[Body], Any]] = {
            "edit": self._edit, "campaign": self._campaign, "break_image": self._break_image,
            "pricelist": self._pricelist, "rename": self._rename,
        }

    def _edit(self, body: Body) -> Any:
        """``{sku | variant | display | product, <change>: value, …}``; the changes are `editing.CHANGES`."""
        target = find(self._world.catalogue, body)
        Edit(self._world, target).apply({name: value for name, value in body.items() if name not in TARGETS})
        return {
            "product": target.product.id, "variant": target.variants[0].id,
            "displays": [display.id for display in target.displays],
            "images": [number for variant in target.variants for number in variant.content.media],
        }

    def _campaign(self, body: Body) -> Any:
        """``{id?, name?, markets?, pricelists?, variants?: [row]}``.

        A row is ``{variant | sku, percent | fixed, start?, stop?, status?}``.
        With an `id` it changes a sale; ``end: true`` stops it now and ``delete: true`` takes it away. Start and stop
        raise no event.
        """
        campaigns = self._world.catalogue.campaigns
        campaign = campaigns.by_id[int(body["id"])] if "id" in body else None
        change = "UPDATED" if campaign else "CREATED"
        campaign = campaign or self._new_campaign()
        touched = {row.product_variant for row in campaign.rows}
        self._change(campaign, body)
        touched |= {row.product_variant for row in campaign.rows}
        if body.get("delete"):
            campaigns.remove(campaign)
            change = "DELETED"
        self._world.changed("Campaign", change, campaign.id, campaign.store)
        for variant in sorted(touched, key=lambda variant: variant.id):
            self._world.webhooks.notify_display_item(variant.display_item_id)
        return {"campaign": campaign.id, "rows": [row.id for row in campaign.rows]}

    def _new_campaign(self) -> Campaign:
        catalogue = self._world.catalogue
        number = self._world.next_id("campaign")
        return Campaign(
            number, f"Sale {number}", catalogue.stores[STORE_ID], (catalogue.markets[MARKETPLACES_MARKET_ID],),
            (catalogue.pricelists[PRICELIST_ID],), clock.now(),
        )

    def _change(self, campaign: Campaign, body: Body) -> None:
        """All of it or, where something named does not exist, nothing."""
        catalogue = self._world.catalogue
        markets, pricelists = campaign.markets, campaign.pricelists
        if "markets" in body:
            markets = tuple(catalogue.markets[int(number)] for number in body["markets"])
        if "pricelists" in body:
            pricelists = tuple(catalogue.pricelists[int(number)] for number in body["pricelists"])
        if "variants" in body:
            catalogue.campaigns.replace_rows(campaign, [self._row(campaign, row) for row in body["variants"]])
        campaign.markets, campaign.pricelists, campaign.updated_at = markets, pricelists, clock.now()
        campaign.name = str(body.get("name", campaign.name))
        catalogue.campaigns.by_id[campaign.id] = campaign
        if body.get("end"):
            for row in campaign.rows:
                row.stop_at = min(row.stop_at, clock.now())

    def _row(self, campaign: Campaign, given: Mapping[str, Any]) -> CampaignVariant:
        if ("percent" in given) == ("fixed" in given):
            raise ValueError("a reduction is either percent or fixed")
        percent, fixed = (
            as_number(given[name]) if given.get(name) is not None else None for name in ("percent", "fixed")
        )
        return CampaignVariant(
            self._world.next_id("row"), campaign, self._variant(given), percent, fixed,
            self._moment(given.get("start"), clock.now()), self._moment(given.get("stop"), clock.now() + A_LONG_WHILE),
            str(given.get("status", "ACTIVE")),
        )

    def _variant(self, given: Mapping[str, Any]) -> Variant:
        catalogue = self._world.catalogue
        if "sku" in given:
            return catalogue.by_sku[given["sku"]].product_variant
        return catalogue.variants[given["variant"]]

    def _moment(self, given: str | None, otherwise: datetime) -> datetime:
        return otherwise if given is None else clock.parse(given, self._world.options.zone)

    def _break_image(self, body: Body) -> Any:
        """``{image, broken?}``: the link of an image leads nowhere, or leads there again; nobody is told."""
        catalogue, number = self._world.catalogue, int(body["image"])
        if number not in catalogue.images:
            raise KeyError(number)
        (catalogue.broken_images.add if body.get("broken", True) else catalogue.broken_images.discard)(number)
        return {"broken": sorted(catalogue.broken_images)}

    def _pricelist(self, body: Body) -> Any:
        """``{id, currency}``: the list is kept in another currency from now on."""
        pricelist = self._world.catalogue.pricelists[int(body["id"])]
        pricelist.currency = CURRENCIES[body["currency"]]
        self._world.changed("Pricelist", "UPDATED", pricelist.id, pricelist.store)
        return {}

    def _rename(self, body: Body) -> Any:
        """``{category | brand | collection: id, name}``: only the renamed thing is told of, not the products in it."""
        catalogue = self._world.catalogue
        tables: dict[str, tuple[str, Mapping[int, Any]]] = {
            "category": ("Category", catalogue.categories), "brand": ("Brand", catalogue.brands),
            "collection": ("Collection", catalogue.collections),
        }
        kind = next(kind for kind in tables if kind in body)
        object_type, table = tables[kind]
        table[int(body[kind])].name = str(body["name"])
        self._world.changed(object_type, "UPDATED", int(body[kind]))
        return {}
