"""What the system does: one file per flow, one task per step; `celery -A tasks` finds the app here."""

from tasks import (
    backorders,
    cancellations,
    catalogue,
    dispatches,
    images,
    intake,
    invoices,
    orders,
    products,
    returns,
    stock,
    sweep,
    timetable,
)
from tasks.app import app

__all__ = [
    "app",
    "backorders",
    "cancellations",
    "catalogue",
    "dispatches",
    "images",
    "intake",
    "invoices",
    "orders",
    "products",
    "returns",
    "stock",
    "sweep",
    "timetable",
]
