"""What can happen to an order, a line each, and what both sides must hold at the end.

The plot is in the words of `tests.life.actor`. The end says, per line, units dispatched (D) and cancelled (C) at the
retailer, then our state of the order, and besides: the status of its returns, accepted invoices, orders in Centra
(one, unless it says otherwise) and the kinds of exceptions that are left for a person.

Northgate wants a person to decide when stock is missing. Calder takes whole lines only and hears new dates at once.
Fernhill takes demand, may cancel some units of a line, and is invoiced.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One life."""

    name: str
    retailer: str
    plot: str
    units: str
    state: str
    returns: str = ""
    invoices: int = 0
    in_centra: int = 1
    causes: tuple[str, ...] = ()
    patience: bool = False
    """Only the passing of many minutes brings it to its end: for a stage whose clock can be moved."""

    @property
    def acts(self) -> list[str]:
        """Its acts in order."""
        return [act.strip() for act in self.plot.split(",")]

    @property
    def lines(self) -> int:
        """How many lines are ordered."""
        return sum(word.isdecimal() for word in self.acts[0].split())


N, C, F = "northgate", "calder", "fernhill"
STORIES = (
    # Parcels
    Story("all in one parcel", N, "order 2 1, wait, ship all, wait", "D2 D1", "dispatched"),
    Story("a parcel a line", N, "order 2 1, wait, ship 1:2, wait, ship 2:1, wait", "D2 D1", "dispatched"),
    Story("one line in two parcels", N, "order 3, wait, ship 1:1, wait, ship 1:2, wait", "D3", "dispatched"),
    Story("one line in two parcels, whole lines only", C, "order 3, wait, ship 1:1, wait, ship 1:2, wait", "D3",
          "dispatched"),
    Story("half a line, whole lines only", C, "order 3, wait, ship 1:1, wait", "D0", "acknowledged",
          causes=("dispatch-incomplete",)),
    Story("units of all lines in three parcels", N,
          "order 3 2, wait, ship 1:1 2:1, wait, ship 1:1, ship 2:1, wait, ship 1:1, wait", "D3 D2", "dispatched"),
    Story("two parcels in one breath", N, "order 2 2, wait, ship 1:2, ship 2:2, wait", "D2 D2", "dispatched"),
    Story("packed first, sent later", N, "order 2, wait, ship all packed, wait, send, wait", "D2", "dispatched"),
    Story("packed and never sent", N, "order 2, wait, ship all packed, wait", "D0", "acknowledged"),
    Story("packed, unpacked and sent in another parcel", N,
          "order 1, wait, ship all packed, wait, unship, wait, ship all, wait", "D1", "dispatched"),
    Story("tracking comes later", N, "order 1, wait, ship all untracked, wait, track GB100200, wait", "D1",
          "dispatched"),
    Story("tracking never comes", N, "order 1, wait, ship all untracked, wait", "D0", "acknowledged",
          causes=("tracking-missing",)),
    Story("tracking corrected after the retailer knew", N, "order 1, wait, ship all, wait, track GB300400, wait", "D1",
          "dispatched", causes=("shipment-changed",)),
    Story("shipment deleted after the retailer knew", N, "order 1, wait, ship all, wait, unship, wait", "D1",
          "dispatched", causes=("shipment-changed",)),
    Story("dispatched in the portal as well", N, "order 1, wait, portal dispatch, ship all, wait", "D1", "dispatched"),
    # Cancelled by the retailer
    Story("cancelled before it was seen", N, "order 2, cancel, wait", "C2", "cancelled", in_centra=0),
    Story("cancelled in Centra in time", N, "order 2, wait, cancel, wait", "C2", "cancelled"),
    Story("several lines, all cancelled", N, "order 2 1 1, wait, cancel, wait", "C2 C1 C1", "cancelled"),
    Story("one line cancelled, the other sent", N, "order 2 1, wait, cancel 2, wait, ship all, wait", "D2 C1",
          "dispatched"),
    Story("one line cancelled before the order was seen", N, "order 2 1, cancel 2, wait, ship all, wait", "D2 C1",
          "dispatched"),
    Story("lines cancelled one after the other", N, "order 1 1, wait, cancel 1, wait, cancel 2, wait", "C1 C1",
          "cancelled"),
    Story("sent before the wish to cancel was seen", N, "order 1, wait, cancel, ship all, wait", "D1", "dispatched"),
    Story("packed before the wish to cancel", N, "order 1, wait, ship all packed, cancel, wait, send, wait", "D1",
          "dispatched"),
    Story("packed, asked to cancel, unpacked", N, "order 2, wait, ship all packed, cancel, wait, unship, wait", "C2",
          "cancelled"),
    Story("too late to ask", N, "order 1, wait, ship all, wait, cancel!, wait", "D1", "dispatched"),
    Story("asked twice", N, "order 1, wait, cancel, cancel!, wait", "C1", "cancelled"),
    Story("more units than ordered are asked for", F, "order 2, wait, cancel! 1:5, wait, ship all, wait", "D2",
          "dispatched", invoices=1),
    Story("some units of a line cancelled", F, "order 3, wait, cancel 1:1, wait, ship all, wait", "D2C1", "dispatched",
          invoices=1),
    Story("some units cancelled, then the rest", F, "order 3, wait, cancel 1:1, wait, cancel 1, wait", "C3",
          "cancelled"),
    Story("some units cancelled before it was seen", F, "order 3, cancel 1:1, wait, ship all, wait", "D2C1",
          "dispatched", invoices=1),
    Story("the rest of a line cancelled", N, "order 3, wait, ship 1:1, wait, cancel 1, wait", "D1C2", "dispatched"),
    Story("more asked for than is unpacked", F, "order 3, wait, ship 1:2 packed, cancel 1:2, wait, send, wait", "D2C1",
          "dispatched", invoices=1),
    Story("one line sent, the other cancelled", N, "order 1 1, wait, ship 1:1, wait, cancel 2, wait", "D1 C1",
          "dispatched"),
    Story("answered in the portal", N, "order 2, wait, cancel, portal cancel_acknowledge, wait", "C2", "cancelled"),
    # Cancelled by staff
    Story("staff cancel, the retailer follows", N, "order 2, wait, staffcancel all, wait, cancel, wait", "C2",
          "cancelled"),
    Story("staff cancel a line, the retailer does not", N,
          "order 1 1, wait, staffcancel 2:1, wait, ship 1:1, wait", "D1 D0", "acknowledged",
          causes=("cancelled-in-centra",)),
    Story("staff cancel and take it back", N, "order 1, wait, staffcancel all, wait, restore, wait, ship all, wait",
          "D1", "dispatched"),
    Story("staff cancel a unit, the retailer too", F,
          "order 3, wait, staffcancel 1:1, wait, cancel 1:1, wait, ship all, wait", "D2C1", "dispatched", invoices=1),
    Story("staff and retailer cancel at once", N, "order 2, wait, staffcancel all, cancel, wait", "C2", "cancelled"),
    # No stock
    Story("no stock, a person decides, stock comes", N, "order 2 short, wait, stock 1:5, wait, ship all, wait", "D2",
          "dispatched"),
    Story("no stock, a person decides, none comes", N, "order 2 short, wait", "D0", "received", in_centra=0,
          causes=("order-out-of-stock",)),
    Story("no stock, cancelled", N, "order 2 short, wait, cancel, wait", "C2", "cancelled", in_centra=0),
    Story("postponed, stock comes", C, "order 2 short, wait, stock 1:5, wait, ship all, wait", "D2", "dispatched"),
    Story("postponed, none comes", C, "order 2 short, wait", "D0", "backordered", in_centra=0,
          causes=("order-waits-for-stock",)),
    Story("postponed, cancelled", C, "order 2 1 short, wait, cancel, wait", "C2 C1", "cancelled", in_centra=0),
    Story("taken as demand, stock comes", F, "order 2 short, wait, stock 1:5, wait, ship all, wait", "D2",
          "dispatched", invoices=1),
    Story("taken as demand, none comes", F, "order 2 short, wait", "D0", "backordered"),
    Story("taken as demand, cancelled", F, "order 2 short, wait, cancel, wait", "C2", "cancelled"),
    Story("one line taken as demand, the other sent", F,
          "order 2 1 short, wait, ship 2:1, wait, stock 1:5, wait, ship 1:2, wait", "D2 D1", "dispatched", invoices=1),
    # Returned
    Story("returned and approved", N,
          "order 1, wait, ship all, wait, return, wait, authorise, collect, back all, wait, approve, wait", "D1",
          "dispatched", returns="RMA_REC"),
    Story("returned and refused", N,
          "order 1, wait, ship all, wait, return, wait, authorise, collect, back all, wait, refuse, wait", "D1",
          "dispatched", returns="RMA_EXC"),
    Story("return declined", N, "order 1, wait, ship all, wait, return, wait, decline, wait", "D1", "dispatched",
          returns="RMA_REJ"),
    Story("some units wait to be authorised", N, "order 3, wait, ship all, wait, return 1:2, wait", "D3", "dispatched",
          returns="RMA_ACK", causes=("return-to-authorise",)),
    Story("goods back, nobody has decided", N,
          "order 1, wait, ship all, wait, return, wait, authorise, collect, wait, back all, wait", "D1", "dispatched",
          returns="RMA_COLLECTION_BOOKED", causes=("return-to-decide",)),
    Story("goods back before the retailer says so", N,
          "order 1, wait, ship all, wait, back all, wait, return, wait, authorise, collect, approve, wait", "D1",
          "dispatched", returns="RMA_REC"),
    Story("return of a line while the other is on its way", N,
          "order 1 1, wait, ship 1:1, wait, return 1:1, wait, ship 2:1, wait, authorise, collect, approve, wait",
          "D1 D1", "dispatched", returns="RMA_REC"),
    Story("more returned than was sent", N, "order 2, wait, ship all, wait, return! 1:3, wait", "D2", "dispatched"),
    # Test orders, and orders that come back
    Story("test order", N, "order 1 test, wait", "D1", "dispatched", in_centra=0),
    Story("test order of whole lines", C, "order 2 1 test, wait", "D2 D1", "dispatched", in_centra=0),
    Story("test order cancelled at once", N, "order 1 test, cancel, wait", "C1", "cancelled", in_centra=0),
    Story("new again after it was acknowledged", N, "order 1, wait, wait, relist, wait, ship all, wait", "D1",
          "dispatched", patience=True),
    Story("invoiced once, whatever comes after", F,
          "order 2 1, wait, ship all, wait, return 1:1, wait, authorise, collect, approve, wait", "D2 D1", "dispatched",
          returns="RMA_REC", invoices=1),
)  # fmt: skip
