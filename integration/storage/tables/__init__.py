"""Every table of the database, one file per subject; importing this package fills `SQLModel.metadata`."""

from integration.storage.tables.aftersales import CentraReturn, Deadline, Invoice, MarketplaceReturn
from integration.storage.tables.catalogue import DisplayItem, Listing, MarketWarehouse, Size
from integration.storage.tables.content import (
    Approval,
    GuardedMove,
    ImageLink,
    ListingContent,
    Product,
    ProductPart,
    SentPrice,
    Shadow,
    Stop,
)
from integration.storage.tables.events import Inbox, Sequence, Tick, Timeline
from integration.storage.tables.orders import Announcement, MarketplaceOrder, OrderLine
from integration.storage.tables.people import Activity, Alert, Pause
from integration.storage.tables.pulse import Pulse
from integration.storage.tables.rules import Published
from integration.storage.tables.work import Cause, Hold, WorkItem

__all__ = [
    "Activity",
    "Alert",
    "Announcement",
    "Approval",
    "Cause",
    "CentraReturn",
    "Deadline",
    "DisplayItem",
    "GuardedMove",
    "Hold",
    "ImageLink",
    "Inbox",
    "Invoice",
    "Listing",
    "ListingContent",
    "MarketWarehouse",
    "MarketplaceOrder",
    "MarketplaceReturn",
    "OrderLine",
    "Pause",
    "Product",
    "ProductPart",
    "Published",
    "Pulse",
    "SentPrice",
    "Sequence",
    "Shadow",
    "Size",
    "Stop",
    "Tick",
    "Timeline",
    "WorkItem",
]
