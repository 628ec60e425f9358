"""Who did what can be read newest first, and whoever comes in or goes out is on record like whoever changes something.
"""

from dataclasses import dataclass
from typing import Any

from integration.people import Person
from integration.services import Services
from integration.storage import activity

LOGIN = "login"


@dataclass(frozen=True)
class Wanted:
    """Which part of the record: about what (cause, mappings, flow, sku, order, login), which of them, by whom."""

    about: str | None = None
    subject: str | None = None
    by: str | None = None


def read(services: Services, wanted: Wanted, *, before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """What people did, newest first. `before` is the id of the last one seen."""
    with services.store.read() as db:
        return activity.page(
            db, before=before, limit=limit, about=wanted.about, subject=wanted.subject, by=wanted.by
        )


def came(services: Services, person: Person, verb: str, **facts: Any) -> None:
    """Write down that somebody logged in or out, or that their password was wrong."""
    with services.store.write() as db:
        activity.record(db, person, verb, LOGIN, person.name, services.now(), **facts)
