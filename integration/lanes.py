"""Bulk never delays what is above it: five lanes, each with its own queue and its own floor in every quota."""

from enum import StrEnum


class Lane(StrEnum):
    """What a call or a piece of work is for, most important first."""

    ORDERS = "orders"
    URGENT = "stock-urgent"
    STOCK = "stock"
    CATALOGUE = "catalogue"
    RECONCILIATION = "reconciliation"


RESERVE: dict[Lane, float] = {
    Lane.ORDERS: 0.0,
    Lane.URGENT: 0.15,
    Lane.STOCK: 0.35,
    Lane.CATALOGUE: 0.55,
    Lane.RECONCILIATION: 0.7,
}
"""Share of every bucket that a lane must leave untouched for the lanes above it."""

LONG_WINDOW_SHARE = 0.25
"""Part of that reserve which buckets of more than a minute keep. An hour's bucket takes an hour to fill: keeping 70 %
of it free would stop reconciliation for good wherever a merchant is busy."""
