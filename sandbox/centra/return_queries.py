"""Reading returns: their query, and the fields that are computed."""

from decimal import Decimal
from typing import Any

from sandbox.centra import filters
from sandbox.centra.filters import between, equal, has, keep, one_of, ordered, paged
from sandbox.centra.model import Money
from sandbox.centra.resolvers import Info, Registry, call_of
from sandbox.centra.sales import Return

registry = Registry()

_RETURNS: dict[str, filters.Rule] = {
    "id": one_of("id"), "createdAt": between("created_at"), "customerId": one_of("order.customer.id"),
    "orderId": one_of("order.id"), "storeId": one_of("order.store.id"), "storeType": equal("order.store.type"),
    "status": one_of("status"), "search": has("shipment.number"),
}


@registry.field("Query.returns")
def returns(
    _root: Any, info: Info, where: dict[str, Any] | None = None, sort: list[str] | None = None,
    limit: int | None = None, page: int | None = None,
) -> list[Return]:
    """Returns of the whole instance."""
    call, condition = call_of(info), dict(where or {})
    external = condition.pop("externalId", None)
    if external is not None:
        mapped = [call.world.conversions.internal(call.integration, "Return", text) for text in external]
        condition["id"] = [number for number in mapped if number in (condition.get("id") or mapped)]
    return paged(ordered(keep(call.world.returns.values(), condition, _RETURNS), sort, {}), limit, page)


@registry.field("DirectToConsumerReturn.externalId")
def return_external_id(source: Return, info: Info) -> str | None:
    """The caller's own id of the return."""
    return call_of(info).world.conversions.external(call_of(info).integration, "Return", source.id)


@registry.field("DirectToConsumerReturn.store")
def return_store(source: Return, _info: Info) -> Any:
    """The shop the goods were sold in."""
    return source.order.store


@registry.field("DirectToConsumerReturn.customer")
def return_customer(source: Return, _info: Info) -> Any:
    """Who bought the goods."""
    return source.order.customer


@registry.field("DirectToConsumerReturn.grandTotal")
def return_total(source: Return, _info: Info) -> Money:
    """The goods in it."""
    return Money(source.value, source.order.currency)


@registry.field("DirectToConsumerReturn.totals")
def return_totals(source: Return, _info: Info) -> Any:
    """Its costs, which are nothing here."""
    nothing = Money(Decimal(0), source.order.currency)
    return _Totals(nothing)


class _Totals:
    def __init__(self, nothing: Money) -> None:
        self.shipping = self.handling = self.return_cost = self.discounts = nothing
