"""Files and published mappings that say different things do not stay so unnoticed."""

from datetime import timedelta

from integration import kinds
from integration.flows.mappings_history import drift
from integration.problems import Problem
from integration.services import Services
from integration.storage import causes, published

PATIENCE = timedelta(days=1)
"""So long after a publication nobody is told: who published in the console has until then to export."""
KEY = "mappings"
MOST_TOLD = 5


def watch(services: Services) -> None:
    """Tell of a difference that has lasted, and close what was told as soon as there is none."""
    found = drift(services, services.mappings_dir) if services.mappings_dir.is_dir() else []
    now = services.now()
    with services.store.write() as db:
        if not found:
            causes.close_one(db, now, "files and published mappings say the same", kinds.MAPPING_DRIFT.code, KEY)
            return
        newest = next(iter(published.versions(db, before=None, limit=1)))
        if now - newest.published_at < PATIENCE:
            return
        more = [f"and {len(found) - MOST_TOLD} more"] if len(found) > MOST_TOLD else []
        facts = {"what": "; ".join([*found[:MOST_TOLD], *more])}
        causes.open_for(db, [Problem(kinds.MAPPING_DRIFT, KEY, facts)], now, item_id=None)
