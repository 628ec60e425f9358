"""Every kind of exception is a row here: code, owner, due time and the sentence a person reads.

A kind has no logic. Its runbook page is ``integration/manual/<code>.md``; a test proves that it exists.
"""

from dataclasses import dataclass
from enum import StrEnum


class Team(StrEnum):
    """Who owns a kind of exception. People and hours of a team are in ``mappings/teams.yaml``."""

    OPERATIONS = "operations"
    WAREHOUSE = "warehouse"
    CATALOGUE = "catalogue"
    ENGINEERING = "engineering"
    FINANCE = "finance"


class Severity(StrEnum):
    """How soon a person must act."""

    NOW = "act now"
    TODAY = "today"
    SOON = "this week"


DUE_HOURS = {Severity.NOW: 1, Severity.TODAY: 8, Severity.SOON: 72}
"""Hours from opening until a cause of that severity is overdue."""


@dataclass(frozen=True)
class Kind:
    """One row of the catalogue: `sentence` is a `str.format` template over the facts of a `Problem`."""

    code: str
    owner: Team
    severity: Severity
    sentence: str


UNMAPPED_SKU = Kind(
    "unmapped-sku", Team.CATALOGUE, Severity.NOW,
    "{retailer} ordered {item}, which matches no Centra SKU. The order waits. "
    "Give the listing the right key, or map the part number in the mapping products and publish.",
)
AMBIGUOUS_SKU = Kind(
    "ambiguous-sku", Team.CATALOGUE, Severity.NOW,
    "{item} of {retailer} matches more than one Centra SKU ({candidates}). Nothing is guessed. "
    "Map the part number in the mapping products and publish.",
)
UNMAPPED_CARRIER = Kind(
    "unmapped-carrier", Team.WAREHOUSE, Severity.NOW,
    "No Virtualstock carrier for {carrier} / {service} at {retailer}. Dispatches with it wait. "
    "Add the pair to the mapping carriers and publish.",
)
CARRIER_NOT_ALLOWED = Kind(
    "carrier-not-allowed", Team.WAREHOUSE, Severity.NOW,
    "Carrier slug {slug} is not accepted for {retailer}: {why}. Dispatches with it wait. "
    "Choose a slug from the live carrier list in the mapping carriers and publish.",
)
UNMAPPED_DELIVERY_SERVICE = Kind(
    "unmapped-delivery-service", Team.OPERATIONS, Severity.NOW,
    "{retailer} orders delivery service {service}, which no Centra shipping option is mapped to. "
    "Orders with it wait. Add it to the retailer's centra.shipping and publish.",
)
UNREADABLE_ORDER = Kind(
    "unreadable-order", Team.OPERATIONS, Severity.NOW,
    "Order {reference} of {retailer} cannot be used: {why}. The order waits. "
    "Have the retailer correct it, or finish it in the portal.",
)
CURRENCY_MISMATCH = Kind(
    "currency-mismatch", Team.OPERATIONS, Severity.NOW,
    "Order {reference} of {retailer} is in {currency}, the retailer's pricelist in {expected}. The order waits. "
    "Give the profile a pricelist in that currency, or have the retailer correct the order.",
)
PRICE_MISSING = Kind(
    "price-missing", Team.OPERATIONS, Severity.NOW,
    "Order {reference} of {retailer} has no usable price on line {line}: {why}. The order waits. "
    "Have the retailer correct the order; nothing is invented.",
)
ORDER_REFUSED = Kind(
    "order-refused", Team.OPERATIONS, Severity.NOW,
    "Centra refused order {reference} of {retailer}: {why}. The order is not in Centra. "
    "Correct the cause in Centra, then retry.",
)
ORDER_UNCONFIRMED = Kind(
    "order-unconfirmed", Team.OPERATIONS, Severity.NOW,
    "Order {reference} of {retailer} is in Centra, but Centra did not let us confirm it: {why}. The warehouse does not "
    "see it. Confirm it in Centra, then retry.",
)
ORDER_SPLIT = Kind(
    "order-split", Team.OPERATIONS, Severity.NOW,
    "Centra made several orders ({numbers}) of {reference} at {retailer}. Its dispatches wait. "
    "Merge or finish it by hand.",
)
OUT_OF_STOCK = Kind(
    "order-out-of-stock", Team.OPERATIONS, Severity.NOW,
    "Centra has not enough stock for order {reference} of {retailer}: {why}. The order waits. "
    "Bring in stock and retry, or cancel it in the portal.",
)
WAITS_FOR_STOCK = Kind(
    "order-waits-for-stock", Team.OPERATIONS, Severity.SOON,
    "Order {reference} of {retailer} waits for stock: {why}. The retailer was given new dates by its own rule. "
    "It goes into Centra by itself when stock comes; if none will come, ask the retailer to cancel.",
)
ACKNOWLEDGE_REFUSED = Kind(
    "acknowledge-refused", Team.OPERATIONS, Severity.NOW,
    "{retailer} refused the acknowledgement of {reference}: {why}. The order stays new over there. "
    "Correct the retailer's acknowledge settings and retry.",
)
DISPATCH_REFUSED = Kind(
    "dispatch-refused", Team.WAREHOUSE, Severity.NOW,
    "{retailer} refused the dispatch of {reference}, shipment {shipment}: {why}. The customer sees no tracking. "
    "Correct the cause and retry, or announce it in the portal.",
)
DISPATCH_INCOMPLETE = Kind(
    "dispatch-incomplete", Team.WAREHOUSE, Severity.TODAY,
    "{retailer} takes {wanted} only, and shipment {shipment} of {reference} holds part of one: {why}. "
    "It is announced when the rest has shipped.",
)
DISPATCH_MISMATCH = Kind(
    "dispatch-mismatch", Team.WAREHOUSE, Severity.NOW,
    "Shipment {shipment} of {reference} at {retailer} does not fit the order: {why}. It is not announced. "
    "Correct the shipment in Centra, or announce it in the portal.",
)
DISPATCH_UNKNOWN = Kind(
    "dispatch-unknown", Team.WAREHOUSE, Severity.NOW,
    "The answer to the dispatch of part of {reference} at {retailer}, shipment {shipment}, was lost, and the platform "
    "does not tell how many units it counted. Look at the order in the portal: retry if the units are missing there, "
    "else resolve.",
)
TRACKING_MISSING = Kind(
    "tracking-missing", Team.WAREHOUSE, Severity.NOW,
    "Shipment {shipment} of {reference} at {retailer} left without {missing}. It is not announced. "
    "Enter it in Centra.",
)
MONEY_MISMATCH = Kind(
    "money-mismatch", Team.FINANCE, Severity.NOW,
    "The amounts of order {reference} of {retailer} do not add up: {why}. The order waits. "
    "Have the retailer correct the order; nothing is invented.",
)
ORDER_NEW_AGAIN = Kind(
    "order-new-again", Team.OPERATIONS, Severity.TODAY,
    "{retailer} shows order {reference} as new again after we acknowledged it twice. The order itself goes on here. "
    "Ask the retailer or Virtualstock what they miss.",
)
ORDER_CHANGED = Kind(
    "order-changed", Team.OPERATIONS, Severity.NOW,
    "{retailer} changed order {reference} after it went into Centra: {how}. Centra has it as it first came. "
    "Change the order in Centra, or clear it up with the retailer; it closes by itself when the order is over.",
)
UNKNOWN_STATUS = Kind(
    "unknown-status", Team.ENGINEERING, Severity.TODAY,
    "{retailer} shows order {reference} in status {status}, which we do not know. Nothing was done about it. "
    "Look at the order in the portal, and teach the status to the integration.",
)
CANCEL_UNCLEAR = Kind(
    "cancel-unclear", Team.OPERATIONS, Severity.NOW,
    "{retailer} asks to cancel units of line {line} of {reference}, and does not tell how many of {quantity}. "
    "Nothing is cancelled and nothing was answered. Look at the request in the portal, cancel those units in Centra, "
    "then retry.",
)
CANCEL_BLOCKED = Kind(
    "cancel-blocked", Team.OPERATIONS, Severity.NOW,
    "Centra did not let us cancel units of {reference} of {retailer}: {why}. The retailer waits for an answer. "
    "Cancel them in Centra by hand, or ship them, then retry.",
)
CANCEL_REFUSED = Kind(
    "cancel-refused", Team.OPERATIONS, Severity.NOW,
    "{retailer} refused our confirmation that {reference} is cancelled: {why}. The units are cancelled in Centra. "
    "Confirm the cancellation in the portal, then retry.",
)
CANCELLED_IN_CENTRA = Kind(
    "cancelled-in-centra", Team.OPERATIONS, Severity.NOW,
    "{units} of {reference} were cancelled in Centra, and {retailer} still expects them. No call can tell them. "
    "Ask the retailer to cancel them in the portal; it closes by itself when they do.",
)
BACKORDER_REFUSED = Kind(
    "backorder-refused", Team.OPERATIONS, Severity.NOW,
    "{retailer} refused the new dates of {reference}: {why}. It expects the goods on the old ones. "
    "Correct the retailer's backorder settings and retry, or enter the dates in the portal.",
)
SHIPMENT_CHANGED = Kind(
    "shipment-changed", Team.WAREHOUSE, Severity.NOW,
    "Shipment {shipment} of {reference} was {how} in Centra after {retailer} had been told of it. "
    "No call can correct that. Correct it in the portal, then resolve.",
)
RETURN_UNKNOWN = Kind(
    "return-unknown", Team.OPERATIONS, Severity.TODAY,
    "{retailer} reports a return of {reference}, and we have no such order. It is not acknowledged. "
    "Deal with it in the portal.",
)
RETURN_MISMATCH = Kind(
    "return-mismatch", Team.OPERATIONS, Severity.TODAY,
    "The return of {reference} at {retailer} does not fit the order: {why}. It is not acknowledged. "
    "Clear it up with the retailer, then retry.",
)
RETURN_REFUSED = Kind(
    "return-refused", Team.OPERATIONS, Severity.TODAY,
    "{retailer} refused our acknowledgement of a return of {reference}: {why}. The return goes on without it. "
    "Acknowledge it in the portal, then retry.",
)
RETURN_TO_AUTHORISE = Kind(
    "return-to-authorise", Team.OPERATIONS, Severity.TODAY,
    "A customer of {retailer} wants to return {units} of {reference} ({reason}). "
    "Authorise or decline it in the portal until {until}; it closes by itself when that is done.",
)
RETURN_TO_DECIDE = Kind(
    "return-to-decide", Team.OPERATIONS, Severity.TODAY,
    "The return of {units} of {reference} of {retailer} is complete in Centra. "
    "Approve or reject it in the portal until {until}; it closes by itself when that is done.",
)
INVOICE_INCOMPLETE = Kind(
    "invoice-incomplete", Team.FINANCE, Severity.TODAY,
    "The invoice of {reference} for {retailer} cannot be made: {why}. Nothing was sent. "
    "Correct the cause, then retry, or invoice it in the portal.",
)
INVOICE_REFUSED = Kind(
    "invoice-refused", Team.FINANCE, Severity.TODAY,
    "{retailer} did not take the invoice of {reference}: {why}.",
)
DEADLINE_NEAR = Kind(
    "deadline-near", Team.OPERATIONS, Severity.NOW,
    "Order {reference} of {retailer} must be {what} by {until}, and three quarters of the time are over. "
    "{waiting}.",
)
DEADLINE_MISSED = Kind(
    "deadline-missed", Team.OPERATIONS, Severity.NOW,
    "Order {reference} of {retailer} had to be {what} by {until} and was not. {waiting}.",
)
STOCK_REFUSED = Kind(
    "stock-refused", Team.CATALOGUE, Severity.NOW,
    "{retailer} refused the stock of {sku}: {why}. The listing shows an old quantity. "
    "Check the listing in the portal, then retry.",
)
LISTING_GONE = Kind(
    "listing-gone", Team.CATALOGUE, Severity.TODAY,
    "{retailer} no longer knows the product of {sku}. Its stock cannot be kept true. "
    "Relist it, or end it in Centra.",
)
CONTENT_INVALID = Kind(
    "content-invalid", Team.CATALOGUE, Severity.TODAY,
    "The attribute {attribute} of {retailer} {why}, for example of {sku}. "
    "What the retailer shows of these products stays as it is. Correct Centra or the field map; it goes on by itself.",
)
PRICE_INVALID = Kind(
    "price-invalid", Team.CATALOGUE, Severity.NOW,
    "The price {attribute} of {retailer} {why}, for example of {sku}. "
    "No price is made up: the retailer keeps the old one. Correct Centra or the profile; it goes on by itself.",
)
CONTENT_REFUSED = Kind(
    "content-refused", Team.CATALOGUE, Severity.TODAY,
    "{retailer} refused product data, for example of {sku}: {why}. It shows the old data. "
    "Its data model has probably changed: correct Centra, or the field map and publish, then retry.",
)
ATTRIBUTE_IGNORED = Kind(
    "attribute-ignored", Team.CATALOGUE, Severity.SOON,
    "{retailer} takes no attribute {attribute}: it ignored what we sent. "
    "Its data model lacks the attribute, so shoppers never see it. Correct or remove it in the field map and publish.",
)
DUPLICATE_EAN = Kind(
    "duplicate-ean", Team.CATALOGUE, Severity.TODAY,
    "Several sizes in Centra have the EAN {ean}: {skus}. A retailer would take them for one article, so their product "
    "data waits. Give each size its own EAN in Centra; it goes on by itself.",
)
IMAGE_BROKEN = Kind(
    "image-broken", Team.CATALOGUE, Severity.TODAY,
    "Behind the image link {url} is no usable image: {why}. Listings that need it, such as {sku} of {retailer}, keep "
    "what they show. Replace the image in Centra; the link is looked at again by itself.",
)
CREATE_REFUSED = Kind(
    "create-refused", Team.CATALOGUE, Severity.TODAY,
    "New listings could not be created at {retailer}, for example of {sku}: {why}. What waits is not listed there. "
    "Correct Centra, the field map or the permission, then retry.",
)
PRICE_GUARD = Kind(
    "price-guard", Team.CATALOGUE, Severity.NOW,
    "All prices for {retailer} are stopped: {why}. {count} listings wait, for example {sample}. All else goes on. "
    "Look at the prices, then correct them in Centra or release what is right.",
)
ZERO_GUARD = Kind(
    "zero-guard", Team.OPERATIONS, Severity.NOW,
    "Stock that falls to zero is stopped for {retailer}: {why}. {count} listings wait, for example {sample}, and can "
    "oversell meanwhile. Look at Centra's stock now, then correct it or release what is right.",
)
SHORT_READ_GUARD = Kind(
    "short-read-guard", Team.ENGINEERING, Severity.NOW,
    "A complete reading of {what} from Centra brought {now} rows, the one before {before}; below {percent} % it "
    "proves nothing, so nothing is taken for gone. Look at Centra: the next whole reading closes this. "
    "If it is true, release it.",
)
CREDENTIAL_REFUSED = Kind(
    "credential-refused", Team.ENGINEERING, Severity.NOW,
    "{platform} refuses our credential {credential}: {why}. Everything that needs it waits. "
    "Renew it and restart the workers.",
)
SILENT_FLOW = Kind(
    "silent-flow", Team.ENGINEERING, Severity.NOW,
    "{flow} of {retailer} is silent: {why}. What it carries may be missing on the other side. "
    "Look at Today and at the paused flows; it closes by itself as soon as work is done again.",
)
STALE_SKU = Kind(
    "stale-sku", Team.OPERATIONS, Severity.TODAY,
    "Nobody knows whether {retailer} shows the true stock of {sku}: {why}. It can oversell or sell nothing. "
    "Look at what waits for the SKU; it closes by itself when the stock is known to agree.",
)
PLATFORM_DOWN = Kind(
    "platform-down", Team.ENGINEERING, Severity.NOW,
    "{platform} does not serve credential {credential}: {why}. Everything that needs it waits and goes on by itself. "
    "Ask the platform whether they know of it, and tell whoever waits.",
)
QUOTA_STARVED = Kind(
    "quota-starved", Team.ENGINEERING, Severity.TODAY,
    "The quota of {platform}, credential {credential}, does not suffice for the lane {lane}: {why}. "
    "Find out what spends it, or ask the platform for more.",
)
ORDER_STALLED = Kind(
    "order-stalled", Team.OPERATIONS, Severity.NOW,
    "Order {reference} of {retailer} has been {state} since {since}, which is too long. {waiting}. "
    "The page of the order says what it waits for; it closes by itself as soon as the order moves.",
)
CARRIER_NEW = Kind(
    "carrier-new", Team.WAREHOUSE, Severity.TODAY,
    "Centra knows the carrier {carrier} / {service}, and no row of the mapping carriers serves it for {retailer}. "
    "The first dispatch with it would wait. Add the pair and publish before anything ships with it.",
)
MAPPING_DRIFT = Kind(
    "mapping-drift", Team.OPERATIONS, Severity.SOON,
    "The files and the published mappings differ: {what}. The published ones count. "
    "Export them into the files, or publish the files.",
)
ALERT_FAILED = Kind(
    "alert-failed", Team.ENGINEERING, Severity.NOW,
    "Messages to {team} by {channel} do not get through: {why}. They are tried again, and until then nobody there is "
    "told of anything. Look at the address in the environment and at whoever delivers.",
)
UNREADABLE_EVENT = Kind(
    "unreadable-event", Team.ENGINEERING, Severity.TODAY,
    "An event from {source} could not be read: {why}. The next sweep covers what it meant.",
)
GAVE_UP = Kind(
    "gave-up", Team.OPERATIONS, Severity.NOW,
    "{step} of {subject} failed for {hours} hours, last with: {why}. It waits for a person. "
    "Mend the cause and retry.",
)
DEFECT = Kind(
    "defect", Team.ENGINEERING, Severity.NOW,
    "{step} of {subject} met an error of ours: {why}. It waits. Fix the defect, then retry.",
)

CATALOGUE: dict[str, Kind] = {kind.code: kind for kind in list(globals().values()) if isinstance(kind, Kind)}
"""Every kind by its code."""
