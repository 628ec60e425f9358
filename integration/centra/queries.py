"""Every document that is sent to Centra's Integration API, with what it is expected to cost.

Stock is asked as `freeToAllocateQuantity` only, the one quantity that costs no complexity
(Centra docs: Integration API, optimising stock queries).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """One GraphQL document.

    :param root: the root field, under which the answer stands.
    :param also: further root fields of a mutation, whose problems count too.
    :param complexity: points to reserve until an answer has told the real cost.
    :param lesser: the same query without what a merchant may not let us see, asked where the full one is refused.
    """

    root: str
    text: str
    complexity: float
    mutation: bool = False
    also: tuple[str, ...] = ()
    lesser: "Operation | None" = None

    @property
    def roots(self) -> tuple[str, ...]:
        """All root fields, in order."""
        return (self.root, *self.also)


PROBLEMS = "userErrors { message path } userWarnings { message path }"

_SIZE = """
    id SKU EAN preorder isActive
    productVariant { id stockOffset }
    stock(limit: $warehouses) { freeToAllocateQuantity warehouse { id threshold } }
"""
_SHIPMENT = """
    id number isGoodToGo isPaid isShipped shippedAt updatedAt trackingNumber numberOfPackages
    carrierInformation { carrierName serviceName }
    order { number }
    lines { id quantity orderLine { id productSize { SKU } } }
"""
_RETURN = """
    id status createdAt order { number } shipment { id number }
    lines { id quantity shipmentLine { id orderLine { id } } }
"""


def _orders(more_of_lines: str = "") -> str:
    return f"""query orders($where: OrderFilter!, $limit: Int!, $page: Int!) {{
    orders(where: $where, sort: [number_ASC], limit: $limit, page: $page) {{
        id number status isOnHold createdAt updatedAt internalComment externalId
        grandTotal(includingTax: true) {{ value currency {{ code }} }}
        lines(includeFullyCancelled: true) {{
            id quantity cancelledQuantity returnedQuantity comment productSize {{ id SKU }} {more_of_lines}
        }}
        shipments {{ {_SHIPMENT} }}
    }} }}"""


def _returns(more: str = "") -> str:
    return (
        "query returns($where: ReturnFilter!, $limit: Int!, $page: Int!) {"
        f" returns(where: $where, sort: [id_ASC], limit: $limit, page: $page) {{ {_RETURN} {more} }} }}"
    )


RATE_LIMITS = Operation(
    "rateLimits", "query rateLimits { rateLimits { type intervalSeconds quota remainingQuota } }", 10,
)
EVENTS = Operation(
    "events",
    "query events($where: EventFilter!, $limit: Int!) { events(where: $where, limit: $limit)"
    " { id objectType changeType objectReference createdAt } }",
    500,
)
SIZES = Operation(
    "productSizes",
    "query sizes($where: ProductSizeFilter, $limit: Int!, $page: Int!, $warehouses: Int!) {"
    f" productSizes(where: $where, sort: [id_ASC], limit: $limit, page: $page) {{ {_SIZE} }} }}",
    20_000,
)
DISPLAYS = Operation(
    "displays",
    "query displays($limit: Int!, $page: Int!) {"
    " displays(sort: [id_ASC], limit: $limit, page: $page) { id displayItems { id productVariant { id } } } }",
    5_000,
)
STOCK_CHANGE_LINES = Operation(
    "stockChangeLines",
    "query stockChangeLines($where: StockChangeLineFilter!, $limit: Int!, $page: Int!) {"
    " stockChangeLines(where: $where, sort: [id_ASC], limit: $limit, page: $page)"
    " { id stockChange { id } productSize { id } } }",
    1_000,
)
WAREHOUSES = Operation(
    "warehouses",
    "query warehouses($limit: Int!) { warehouses(sort: [id_ASC], limit: $limit)"
    " { id threshold allocationRules { markets { id } } } }",
    5_000,
)
ORDERS_WITHOUT_ALLOCATIONS = Operation("orders", _orders(), 20_000)
# Allocations have a permission of their own, Allocation:read; lines do not.
ORDERS = Operation("orders", _orders("allocations { quantity }"), 25_000, lesser=ORDERS_WITHOUT_ALLOCATIONS)
SHIPMENTS = Operation(
    "shipments",
    "query shipments($where: ShipmentFilter!, $limit: Int!, $page: Int!) {"
    f" shipments(where: $where, sort: [id_ASC], limit: $limit, page: $page) {{ {_SHIPMENT} }} }}",
    10_000,
)
RETURNS_BY_STATUS = Operation("returns", _returns(), 5_000)
# The reference has `status` only, of a type that fits no return; `returnStatus` is what other clients read.
RETURNS = Operation("returns", _returns("returnStatus"), 5_000, lesser=RETURNS_BY_STATUS)
CONFIRM_EVENTS = Operation(
    "confirmEvents",
    f"mutation confirmEvents($input: EventsConfirmInput!) {{ confirmEvents(input: $input) {{ {PROBLEMS} }} }}",
    120, mutation=True,
)
LISTEN = Operation(
    "setEventListeners",
    "mutation listen($input: [EventListenerSetInput!]!) {"
    f" setEventListeners(input: $input) {{ eventListeners {{ objectType }} {PROBLEMS} }} }}",
    120, mutation=True,
)
CONFIRM_ORDER = Operation(
    "confirmOrder",
    f"mutation confirmOrder($input: OrderConfirmInput!) {{ confirmOrder(input: $input) {{ {PROBLEMS} }} }}",
    120, mutation=True,
)
SET_EXTERNAL_ID = Operation(
    "setIdConversions",
    "mutation setExternalId($input: [IdConversionSetInput!]!) {"
    f" setIdConversions(input: $input) {{ {PROBLEMS} }} }}",
    120, mutation=True,
)
# One request is one mutation of the quota, however many it holds (Centra docs: Integration API, rate limits).
ADOPT_ORDER = Operation(
    "setIdConversions",
    "mutation adoptOrder($ids: [IdConversionSetInput!]!, $order: OrderConfirmInput!) {"
    f" setIdConversions(input: $ids) {{ {PROBLEMS} }}"
    f" confirmOrder(input: $order) {{ {PROBLEMS} }} }}",
    240, mutation=True, also=("confirmOrder",),
)
CANCEL_LINES = Operation(
    "updateDirectToConsumerOrder",
    "mutation cancelLines($order: OrderInput!, $input: DirectToConsumerOrderUpdateInput!) {"
    f" updateDirectToConsumerOrder(order: $order, input: $input) {{ {PROBLEMS} }} }}",
    240, mutation=True,
)
CANCEL_ORDER = Operation(
    "cancelDirectToConsumerOrder",
    "mutation cancelOrder($id: String!, $input: DirectToConsumerOrderCancelInput!) {"
    f" cancelDirectToConsumerOrder(id: $id, input: $input) {{ {PROBLEMS} }} }}",
    240, mutation=True,
)
