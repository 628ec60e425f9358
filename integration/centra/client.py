"""All that this integration asks of Centra or does there, each with the lane it is done for."""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import requests

from integration.centra import catalogue_queries, content, queries
from integration.centra.catalogue import CONTENT_PAGE, Catalogue, PartKind
from integration.centra.drafts import OrderDraft
from integration.centra.graphql import GraphQL, chunks, rows
from integration.centra.order_api import OrderApi
from integration.centra.schema import (
    Created,
    Display,
    DisplayItem,
    Event,
    Order,
    RateLimit,
    Return,
    Shipment,
    Size,
    StockChangeLine,
    Warehouse,
)
from integration.http import Gate, open_session
from integration.lanes import Lane
from integration.problems import Refused

LARGEST_PAGE = 200
"""Centra's largest `limit` of a list. Centra docs: Integration API, GraphQL reference."""
ORDERS_PAGE = 25
"""Orders in a page: their nested lines and shipments multiply the complexity. A shorter page is the last."""
SHIPMENTS_PAGE = 100
"""Shipments in a page; a shorter page is the last."""
RETURNS_PAGE = 50
"""Returns in a page; a shorter page is the last."""
MOST_WAREHOUSES = 50
"""Asked for at once, of all warehouses and of the stock rows of a size. As many could mean more, so they are refused:
a quantity without one of its warehouses would be a lie."""
FEW_WAREHOUSES = 10
"""Stock rows of a size that are asked for until a size has as many: each one multiplies the complexity of a page, asked
for is paid for, and few merchants have more (Centra docs: Integration API, query complexity)."""

ORDER_EVENTS = ("StockChange", "Order", "Shipment", "Return", "Warehouse", "AllocationRule")
"""What moves a publishable quantity or an order; thresholds and markets hang on warehouses and allocation rules."""
CONTENT_EVENTS = (
    "ProductSize", "ProductVariant", "Display", "Product", "ProductMedia", "Price", "Pricelist", "Campaign",
    "Category", "Brand", "Collection", "MappedAttribute", "SizeChart",
)  # fmt: skip
"""What changes the rest that a retailer shows. It comes in bulk, so it is read by itself: an order never waits behind
it."""
LISTENED = ORDER_EVENTS + CONTENT_EVENTS
"""All of which we ask to be told. Centra docs: Integration API, GraphQL reference, EventObjectType."""

Few = TypeVar("Few", bound=Sized)

_BUCKETS = {"REQUEST_COUNT": "requests", "MUTATION_COUNT": "mutations", "QUERY_COMPLEXITY": "complexity"}
_SECONDS = {"TEN_SECONDS": "10", "ONE_HOUR": "3600"}
_NOTHING_BY_NUMBER: Mapping[str, object] = {"where": {"number": [0]}, "limit": 1, "page": 1}
_NOTHING_BY_ID: Mapping[str, object] = {"where": {"id": [0]}, "limit": 1, "page": 1}
"""These find nothing: what is denied is denied all the same."""
_RELEASE = {"releaseItemsBackToWarehouse": True}


class CentraClient:
    """Centra behind two keys: the Integration API (GraphQL) and the Order API.

    Every method raises only `TryAgain` (also `Throttled`), `LookFirst` (methods that change something)
    and `Refused`, and takes the lane whose share of the quota it may use.
    """

    def __init__(
        self,
        graphql_url: str,
        token: str,
        order_api_url: str,
        order_api_key: str,
        gate: Gate,
        order_api_gate: Gate | None = None,
        session: requests.Session | None = None,
    ) -> None:
        session = session or open_session(graphql_url)
        self._gate = gate
        self._graphql = GraphQL(session, graphql_url, token, gate)
        self._warehouses = FEW_WAREHOUSES
        self._catalogue = Catalogue(self._graphql)
        self._order_api = OrderApi(session, order_api_url, order_api_key, order_api_gate or gate)

    def events(self, kinds: Sequence[str], limit: int = LARGEST_PAGE, *, lane: Lane) -> list[Event]:
        """The oldest unconfirmed events about these object types; the same again until they are confirmed.

        Centra docs: Integration API, handling events, EventFilter.
        """
        variables = {"where": {"objectType": list(kinds)}, "limit": limit}
        return rows(Event, self._graphql.run(queries.EVENTS, variables, lane=lane))

    def confirm_events(self, ids: Sequence[int], *, lane: Lane) -> None:
        """Take events off the queue; an unconfirmed one blocks the head of its types for ever.

        Centra docs: Integration API, handling events.
        """
        for chunk in chunks(ids, LARGEST_PAGE):
            self._graphql.run(queries.CONFIRM_EVENTS, {"input": {"eventsIds": chunk}}, lane=lane)

    def listen(self, *, lane: Lane) -> None:
        """Subscribe our integration name to `LISTENED`; adds only, so it may be asked at every start.

        Centra docs: Integration API, handling events.
        """
        wanted = [{"objectType": each} for each in LISTENED]
        self._graphql.run(queries.LISTEN, {"input": wanted}, lane=lane)

    def sizes_page(self, page: int, limit: int = LARGEST_PAGE, *, lane: Lane) -> list[Size]:
        """Page `page` (from 1) of all sizes by id, also inactive ones; a page shorter than `limit` is the last.

        Centra docs: Integration API, optimising stock queries.
        """
        return self._sizes({"limit": limit, "page": page}, lane)

    def sizes(self, ids: Sequence[int], *, lane: Lane) -> list[Size]:
        """The sizes with these ids, 200 a request; ids that no longer exist are absent.

        Centra docs: Integration API, optimising stock queries.
        """
        found: list[Size] = []
        for chunk in chunks(ids, LARGEST_PAGE):
            found += self._sizes({"where": {"id": chunk}, "limit": len(chunk), "page": 1}, lane)
        return found

    def products_page(self, page: int, limit: int = CONTENT_PAGE, *, lane: Lane) -> list[content.Product]:
        """Page `page` (from 1) of all products by id with all that hangs below them, also inactive ones.

        A page shorter than `limit` is the last. Centra docs: Integration API, GraphQL reference, Product.
        """
        return self._catalogue.page(page, limit, lane)

    def products(self, ids: Sequence[int], *, lane: Lane) -> list[content.Product]:
        """The same for the products with these ids, 25 a request; ids that no longer exist are absent.

        Centra docs: Integration API, GraphQL reference, Product.
        """
        return self._catalogue.by_id(ids, lane)

    def product_ids_of(self, kind: PartKind, ids: Sequence[int], *, lane: Lane) -> dict[int, int]:
        """The product that each of these variants, displays or sizes belongs to, 200 a request; gone ones are absent.

        Centra docs: Integration API, GraphQL reference.
        """
        return self._catalogue.owners(kind, ids, lane)

    def display_items_page(self, page: int, limit: int = 100, *, lane: Lane) -> tuple[list[DisplayItem], bool]:
        """The display items of page `page` (from 1) of the displays, and whether there may be more pages.

        Centra docs: Integration API, GraphQL reference, Display.
        """
        displays = rows(Display, self._graphql.run(queries.DISPLAYS, {"limit": limit, "page": page}, lane=lane))
        return [item for display in displays for item in display.items], len(displays) == limit

    def stock_change_lines(self, since: datetime, page: int, *, lane: Lane) -> list[StockChangeLine]:
        """Page `page` (from 1, 200 a page) of the sizes touched by stock changes made at or after `since` (aware).

        Centra docs: Integration API, GraphQL reference, StockChangeLine.
        """
        variables = {"where": {"createdAt": {"from": _iso(since)}}, "limit": LARGEST_PAGE, "page": page}
        return rows(StockChangeLine, self._graphql.run(queries.STOCK_CHANGE_LINES, variables, lane=lane))

    def warehouses(self, *, lane: Lane) -> list[Warehouse]:
        """All warehouses with the markets they serve by any allocation rule.

        Centra docs: Integration API, GraphQL reference, Warehouse.
        """
        found = rows(Warehouse, self._graphql.run(queries.WAREHOUSES, {"limit": MOST_WAREHOUSES}, lane=lane))
        return _all_of(found, "Centra has")

    def orders(
        self,
        *,
        lane: Lane,
        numbers: Sequence[int] = (),
        external_ids: Sequence[str] = (),
        created_from: datetime | None = None,
        updated_from: datetime | None = None,
        market_id: int | None = None,
        page: int = 1,
    ) -> list[Order]:
        """All orders with these numbers or external ids; without any, page `page` (from 1) of all orders by number.

        `created_from`, `updated_from` (both aware) and `market_id` narrow either. A page holds `ORDERS_PAGE`; a shorter
        one is the last. An order updated while pages are read may be seen twice, but is not missed.
        Lines include fully cancelled ones; their `allocated` is None if the token may not read allocations.
        Centra docs: Integration API, working with orders.
        """
        where: dict[str, object] = {}
        if created_from:
            where["createdAt"] = {"from": _iso(created_from)}
        if updated_from:
            where["updatedAt"] = {"from": _iso(updated_from)}
        if market_id is not None:
            where["marketId"] = [market_id]
        named = [where | {"number": chunk} for chunk in chunks(numbers, ORDERS_PAGE)]
        named += [where | {"externalId": chunk} for chunk in chunks(external_ids, ORDERS_PAGE)]
        if not named:
            return self._orders(where, page, lane)
        return [order for each in named for order in self._orders(each, 1, lane)]

    def shipments(
        self, ids: Sequence[int] = (), *, lane: Lane, shipped_from: datetime | None = None, page: int = 1,
    ) -> list[Shipment]:
        """The shipments with these ids; or page `page` (from 1) of those shipped at or after `shipped_from` (aware).

        Centra docs: Integration API, working with shipments.
        """
        if shipped_from is not None:
            return self._shipments({"isShipped": True, "shippedAt": {"from": _iso(shipped_from)}}, page, lane)
        return [each for chunk in chunks(ids, SHIPMENTS_PAGE) for each in self._shipments({"id": chunk}, 1, lane)]

    def returns(
        self, ids: Sequence[int] = (), *, lane: Lane, created_from: datetime | None = None, page: int = 1,
    ) -> list[Return]:
        """The returns with these ids; or page `page` (from 1) of those created at or after `created_from` (aware).

        Nothing tells which returns were completed since a moment: read those that were not completed again by id.
        Centra docs: Integration API, returns.
        """
        if created_from is not None:
            return self._returns({"createdAt": {"from": _iso(created_from)}}, page, lane)
        return [each for chunk in chunks(ids, RETURNS_PAGE) for each in self._returns({"id": chunk}, 1, lane)]

    def confirm_order(self, number: int, *, lane: Lane) -> None:
        """Move a pending order to confirmed, so that the warehouse may ship it.

        Centra docs: Integration API, working with orders.
        """
        self._graphql.run(queries.CONFIRM_ORDER, {"input": {"order": {"number": number}}}, lane=lane)

    def set_external_id(self, number: int, external_id: str, *, lane: Lane) -> None:
        """Note our reference (at most 255 characters, unique) at an order; repeating it changes nothing.

        Centra docs: Integration API, ID conversion.
        """
        self._graphql.run(queries.SET_EXTERNAL_ID, {"input": [_conversion(number, external_id)]}, lane=lane)

    def adopt_order(self, number: int, external_id: str, *, lane: Lane) -> None:
        """Both of the above for a pending order, in one request."""
        variables = {"ids": [_conversion(number, external_id)], "order": {"order": {"number": number}}}
        self._graphql.run(queries.ADOPT_ORDER, variables, lane=lane)

    def cancel_lines(self, number: int, lines: Mapping[int, int], comment: str, *, lane: Lane) -> None:
        """Cancel units of an order's lines (order line id → units) that are in no shipment; the stock becomes free.

        Each call cancels so many units more. Centra docs: Integration API, working with orders.

        :raises Refused: some of them are in a shipment, cancelled or unknown; then none is cancelled.
        """
        cancels = [
            {"line": {"id": line}, "quantity": units, "stockActionPolicy": _RELEASE} for line, units in lines.items()
        ]
        changes = {"cancelLines": cancels, "cancellationComment": comment}
        self._graphql.run(queries.CANCEL_LINES, {"order": {"number": number}, "input": changes}, lane=lane)

    def cancel_order(self, order_id: str, comment: str, *, lane: Lane) -> None:
        """Cancel a whole order, named by its hash (`Order.id`); the stock becomes free and nobody gets an e-mail.

        No payment provider is asked to let go of anything. Centra docs: Integration API, working with orders.

        :raises Refused: something of it is in a shipment, or it is over.
        """
        how = {
            "emailOptions": {"sendEmail": False}, "stockAction": _RELEASE, "comment": comment,
            "cancelAuthorization": False,
        }
        self._graphql.run(queries.CANCEL_ORDER, {"id": order_id, "input": how}, lane=lane)

    def rate_limits(self, *, lane: Lane) -> list[RateLimit]:
        """Centra's own count of its buckets, which the gate takes over.

        Centra docs: Integration API, rate limits.
        """
        limits = rows(RateLimit, self._graphql.run(queries.RATE_LIMITS, {}, lane=lane))
        self._gate.learn({
            f"{_BUCKETS[each.type]}/{_SECONDS[each.interval]}": (float(each.quota), float(each.remaining))
            for each in limits if each.type in _BUCKETS and each.interval in _SECONDS
        })
        return limits

    def ping_allocations(self, *, lane: Lane) -> None:
        """Prove that our token may read what is allocated to order lines; `orders` goes on without where it may not.

        Centra docs: Integration API, authorization.

        :raises Refused: it may not, in Centra's words.
        """
        self._graphql.run(replace(queries.ORDERS, lesser=None, complexity=2_000), _NOTHING_BY_NUMBER, lane=lane)

    def ping_returns(self, *, lane: Lane) -> None:
        """Prove that our token may read returns. Centra docs: Integration API, authorization.

        :raises Refused: it may not, in Centra's words.
        """
        self._graphql.run(replace(queries.RETURNS_BY_STATUS, complexity=500), _NOTHING_BY_ID, lane=lane)

    def ping_content(self, *, lane: Lane) -> None:
        """Prove that our token may read all that a retailer shows of a product. Centra docs: Integration API.

        :raises Refused: it may not, in Centra's words.
        """
        self._graphql.run(replace(catalogue_queries.PRODUCTS, complexity=2_000), _NOTHING_BY_ID, lane=lane)

    def create_order(self, draft: OrderDraft, *, create_only: bool, lane: Lane) -> Created:
        """Create an order; see `OrderApi.create`. Centra docs: Order API, create order."""
        return self._order_api.create(draft, create_only=create_only, lane=lane)

    def complete_order(self, number: int, draft: OrderDraft, *, lane: Lane) -> tuple[int, ...]:
        """Finish an order made with `create_only`; see `OrderApi.complete`. Centra docs: Order API, complete order."""
        return self._order_api.complete(number, draft, lane=lane)

    def ping_order_api(self, *, lane: Lane) -> None:
        """Prove that the Order API takes our key. Centra docs: Order API, get orders."""
        self._order_api.ping(lane=lane)

    def _sizes(self, variables: dict[str, object], lane: Lane) -> list[Size]:
        asked = self._warehouses
        found = rows(Size, self._graphql.run(queries.SIZES, {**variables, "warehouses": asked}, lane=lane))
        if asked < MOST_WAREHOUSES and any(len(size.stock) >= asked for size in found):
            # As many could mean more. This merchant has many: we ask for all of them from now on.
            self._warehouses = MOST_WAREHOUSES
            return self._sizes(variables, lane)
        for size in found:
            _all_of(size.stock, f"Size {size.id} lies in")
        return found

    def _orders(self, where: dict[str, object], page: int, lane: Lane) -> list[Order]:
        variables = {"where": where, "limit": ORDERS_PAGE, "page": page}
        return rows(Order, self._graphql.run(queries.ORDERS, variables, lane=lane))

    def _shipments(self, where: dict[str, object], page: int, lane: Lane) -> list[Shipment]:
        variables = {"where": where, "limit": SHIPMENTS_PAGE, "page": page}
        return rows(Shipment, self._graphql.run(queries.SHIPMENTS, variables, lane=lane))

    def _returns(self, where: dict[str, object], page: int, lane: Lane) -> list[Return]:
        variables = {"where": where, "limit": RETURNS_PAGE, "page": page}
        return rows(Return, self._graphql.run(queries.RETURNS, variables, lane=lane))


def _all_of(warehouses: Few, where: str) -> Few:
    if len(warehouses) >= MOST_WAREHOUSES:
        raise Refused(f"{where} {MOST_WAREHOUSES} warehouses or more, and we read no further")
    return warehouses


def _iso(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone means another one in Centra")
    return moment.isoformat(timespec="seconds")


def _conversion(number: int, external_id: str) -> dict[str, object]:
    return {"objectType": "Order", "internalId": number, "externalId": external_id}
