"""A reading of everything goes page by page and survives a kill, and a far shorter one than the last proves nothing."""

from dataclasses import dataclass

import sqlalchemy as sa

from integration import kinds
from integration.domain.guardrails import is_short
from integration.problems import Problem
from integration.services import Services
from integration.steps import CENTRA, STEPS, Step
from integration.storage import causes, journal, readings


@dataclass(frozen=True)
class Sweep:
    """One kind of complete reading; its marks and its step are named after it."""

    name: str

    @property
    def finished(self) -> str:
        """The counter of finished sweeps; 0 means that everything has never been read."""
        return f"{self.name}-sweeps"

    @property
    def began(self) -> str:
        """The watermark that holds the number of the first reading of the newest sweep."""
        return f"{self.name}-sweep-began"

    @property
    def step(self) -> Step:
        """The step that reads one page."""
        return STEPS[f"{self.name}.sweep"]


def next_page(services: Services, sweep: Sweep) -> tuple[int, int]:
    """The page to read now, from 1, and the number of its reading; a first page begins a new sweep."""
    with services.store.write() as db:
        seq = readings.begin(db)
        page = journal.watermark(db, f"{sweep.name}-sweep-page") + 1
        if page == 1:
            journal.move_watermark(db, sweep.began, seq)
            journal.move_watermark(db, f"{sweep.name}-sweep-rows", 0)
    return page, seq


def took(services: Services, db: sa.Connection, sweep: Sweep, rows: int, *, full: bool) -> bool:
    """Write down that a page of `rows` was taken, and ask for the next; `full`: there may be one.

    Returns whether a whole sweep has ended, so that what it did not show may be gone.
    """
    total = journal.watermark(db, f"{sweep.name}-sweep-rows") + rows
    journal.move_watermark(db, f"{sweep.name}-sweep-rows", total)
    page = f"{sweep.name}-sweep-page"
    if full:
        journal.move_watermark(db, page, journal.watermark(db, page) + 1)
        services.promise(db, sweep.step, [CENTRA])
        return False
    journal.move_watermark(db, page, 0)
    journal.draw(db, sweep.finished)
    if _is_asked_again(db, sweep):
        services.promise(db, sweep.step, [CENTRA])
    return _is_whole(services, db, sweep, total)


def _is_whole(services: Services, db: sa.Connection, sweep: Sweep, total: int) -> bool:
    """Whether a sweep that has ended is to be believed; one that is not is an exception."""
    before = journal.watermark(db, f"{sweep.name}-sweep-last-rows")
    percent = max((each.guardrails.least_rows_percent for each in services.rules().retailers.values()), default=0)
    if is_short(total, before, percent):
        facts = {"what": sweep.name, "now": str(total), "before": str(before), "percent": str(percent)}
        causes.open_for(db, [Problem(kinds.SHORT_READ_GUARD, sweep.name, facts)], services.now(), item_id=None)
        return False
    believe(db, sweep)
    causes.close_one(db, services.now(), "a reading was whole again", kinds.SHORT_READ_GUARD.code, sweep.name)
    return True


def ask(services: Services, db: sa.Connection, sweep: Sweep) -> None:
    """Something changed that only a whole reading finds: what a sweep under way has read already may be too old."""
    if journal.watermark(db, f"{sweep.name}-sweep-page"):
        journal.move_watermark(db, _again(sweep), 1)
    services.promise(db, sweep.step, [CENTRA])


def believe(db: sa.Connection, sweep: Sweep) -> None:
    """Take the newest sweep for the measure of the next."""
    journal.move_watermark(db, f"{sweep.name}-sweep-last-rows", journal.watermark(db, f"{sweep.name}-sweep-rows"))


def _is_asked_again(db: sa.Connection, sweep: Sweep) -> bool:
    """Whether another sweep must follow the one that has just ended; asking takes it as answered."""
    if not journal.watermark(db, _again(sweep)):
        return False
    journal.move_watermark(db, _again(sweep), 0)
    return True


def _again(sweep: Sweep) -> str:
    return f"{sweep.name}-sweep-again"
