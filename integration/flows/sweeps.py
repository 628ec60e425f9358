"""A reading of everything goes page by page and survives a kill, and a far shorter one than the last proves nothing."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from integration import kinds
from integration.domain.guardrails import is_short
from integration.problems import Problem
from integration.services import Services
from integration.storage import causes, journal


@dataclass(frozen=True)
class Sweep:
    """One kind of complete reading; its marks are named after it."""

    name: str

    @property
    def finished(self) -> str:
        """The counter of finished sweeps; 0 means that everything has never been read."""
        return f"{self.name}-sweeps"

    @property
    def began(self) -> str:
        """The watermark that holds the number of the first reading of the newest sweep."""
        return f"{self.name}-sweep-began"


def next_page(db: sa.Connection, sweep: Sweep, seq: int) -> int:
    """The page to read now, from 1; a first page begins a new sweep with the reading `seq`."""
    page = journal.watermark(db, f"{sweep.name}-sweep-page") + 1
    if page == 1:
        journal.move_watermark(db, sweep.began, seq)
        journal.move_watermark(db, f"{sweep.name}-sweep-rows", 0)
    return page


def took(
    services: Services, db: sa.Connection, sweep: Sweep, rows: int, *, full: bool
) -> Literal["more", "whole", "short"]:
    """Write down that a page of `rows` was taken; `full`: another may follow."""
    page, count, last = (f"{sweep.name}-sweep-{part}" for part in ("page", "rows", "last-rows"))
    total = journal.watermark(db, count) + rows
    journal.move_watermark(db, count, total)
    if full:
        journal.move_watermark(db, page, journal.watermark(db, page) + 1)
        return "more"
    journal.move_watermark(db, page, 0)
    journal.draw(db, sweep.finished)
    before = journal.watermark(db, last)
    percent = max((each.guardrails.least_rows_percent for each in services.rules().retailers.values()), default=0)
    if is_short(total, before, percent):
        facts = {"what": sweep.name, "now": str(total), "before": str(before), "percent": str(percent)}
        causes.open_for(db, [Problem(kinds.SHORT_READ_GUARD, sweep.name, facts)], services.now(), item_id=None)
        return "short"
    believe(db, sweep)
    causes.close_one(db, services.now(), "a reading was whole again", kinds.SHORT_READ_GUARD.code, sweep.name)
    return "whole"


def ask_again(db: sa.Connection, sweep: Sweep) -> None:
    """Something changed that only a whole reading finds: what a sweep under way has read already may be too old."""
    if journal.watermark(db, f"{sweep.name}-sweep-page"):
        journal.move_watermark(db, f"{sweep.name}-sweep-again", 1)


def is_asked_again(db: sa.Connection, sweep: Sweep) -> bool:
    """Whether another sweep must follow the one that has just ended; asking takes it as answered."""
    mark = f"{sweep.name}-sweep-again"
    if not journal.watermark(db, mark):
        return False
    journal.move_watermark(db, mark, 0)
    return True


def believe(db: sa.Connection, sweep: Sweep) -> None:
    """Take the newest sweep for the measure of the next."""
    journal.move_watermark(db, f"{sweep.name}-sweep-last-rows", journal.watermark(db, f"{sweep.name}-sweep-rows"))
