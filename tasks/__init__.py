"""What the system does: one file per flow, one task per step; `celery -A tasks` finds the app here."""

from tasks import catalogue, dispatches, intake, orders, stock, sweep, timetable
from tasks.app import app

__all__ = ["app", "catalogue", "dispatches", "intake", "orders", "stock", "sweep", "timetable"]
