"""What no look of ours can ever see to be settled, a person may say is settled, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integration import kinds
from integration.flows import dispatches, invoices, new_carriers, shipments
from integration.kinds import Kind
from integration.services import Services
from integration.storage import causes


@dataclass(frozen=True)
class ByHand:
    """How a kind is settled.

    :param settle: takes the cause's key, and who says why; False: there is nothing that it could settle.
    :param follows: what comes of it, for a person.
    :param while_held: also while work waits behind it.
    """

    settle: Callable[[Services, str, str], bool | None]
    follows: str
    while_held: bool = True


def _forget(kind: Kind) -> ByHand:
    """Nothing is behind it but what a person saw; if it happens again, it is opened again."""

    def settle(services: Services, key: str, by: str) -> None:
        with services.store.write() as db:
            causes.close_one(db, services.now(), f"settled by {by}", kind.code, key)

    return ByHand(settle, "closed; it is opened again if it is seen again", while_held=False)


KINDS: Mapping[str, ByHand] = {
    kinds.DISPATCH_UNKNOWN.code: ByHand(dispatches.settle_by_hand, "counted as dispatched; what waited for it goes on"),
    kinds.SHIPMENT_CHANGED.code: ByHand(
        shipments.settle_by_hand, "closed; it is reported again if the shipment changes again"
    ),
    kinds.INVOICE_INCOMPLETE.code: ByHand(invoices.settle_by_hand, "counted as invoiced by hand; nothing is sent"),
    kinds.INVOICE_REFUSED.code: ByHand(invoices.settle_by_hand, "counted as invoiced by hand; nothing is sent"),
    kinds.CARRIER_NEW.code: ByHand(
        new_carriers.settle_by_hand, "closed; a dispatch with this carrier would still wait and say so"
    ),
    kinds.UNREADABLE_EVENT.code: _forget(kinds.UNREADABLE_EVENT),
    kinds.UNREADABLE_ORDER.code: _forget(kinds.UNREADABLE_ORDER),
    kinds.ORDER_NEW_AGAIN.code: _forget(kinds.ORDER_NEW_AGAIN),
    kinds.RETURN_MISMATCH.code: _forget(kinds.RETURN_MISMATCH),
}
"""By kind; every other kind is closed by a fresh look alone."""


def way(kind: str, held: int) -> ByHand | None:
    """How a person may settle a cause of this kind behind which so much work waits; None: not at all."""
    found = KINDS.get(kind)
    return found if found and (found.while_held or held == 0) else None
