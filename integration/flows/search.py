"""Orders and articles are found by any name that somebody may have for them, or leafed through, newest first."""

from typing import Any

from integration.lifecycle import OrderState
from integration.services import Services
from integration.storage import search as stored

PAGE = 50
"""Rows of a page."""


def orders(
    services: Services, text: str = "", *, retailer: str | None = None, state: str | None = None,
    before: int | None = None, limit: int = PAGE,
) -> list[dict[str, Any]]:  # fmt: skip
    """Orders named by `text`, see `storage.search.orders`; without one a page of all. Nothing personal is in it.

    :param retailer: only of this one; `state`: only in this one. An unknown one has no orders.
    :param before: the id of the last order seen, for the next page of all.
    """
    wanted = text.strip()
    with services.store.read() as db:
        if not wanted:
            return stored.orders_page(db, retailer=retailer, state=state, before=before, limit=limit)
        found = stored.orders(db, wanted, limit)
    return [row for row in found if retailer in (None, row["retailer"]) and state in (None, row["state"])]


def skus(
    services: Services, text: str = "", *, retailer: str | None = None, after: str = "", limit: int = PAGE
) -> list[dict[str, Any]]:
    """SKUs named by `text`, see `storage.search.skus`; without one a page of those after `after`."""
    wanted = text.strip()
    with services.store.read() as db:
        if not wanted:
            return stored.skus_page(db, retailer=retailer, after=after, limit=limit)
        found = stored.skus(db, wanted, limit)
    return [row for row in found if retailer is None or any(each["retailer"] == retailer for each in row["retailers"])]


def states() -> list[str]:
    """Every state that an order may be in."""
    return [state.value for state in OrderState]
