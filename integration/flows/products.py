"""Products: Centra is the master, and each listing shows what Centra says, by one call for all that changed.

An event only says that a product must be read again. `read` fetches it with everything below it and asks for a
`products.push` of each listing that differs from what its retailer accepted, that is invalid, or that left the range.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from integration import kinds, steps
from integration.centra import content
from integration.domain import pricing
from integration.flows import creations, price_guard, quiet, sweeps
from integration.flows.product_moves import Move, moves, used_links
from integration.flows.sweeps import Sweep
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.problems import Throttled
from integration.services import Services
from integration.storage import causes, contents, images, journal, products, work

READ_AT_ONCE = 25
TURNED_AT_ONCE = 25
SWEEP = Sweep("products")
UNSEEN_AT_ONCE = 10_000


def read(services: Services, _subject: str) -> Findings:
    """Read up to one page of stale products, and ask for the pushes that follow.

    :raises Throttled: those that are to be read are still being edited.
    """
    began = services.now()
    with services.store.write() as db:
        asked = products.stale(db, READ_AT_ONCE, began)
        seq = products.begin_read(db)
        rested = None if asked else products.readable_at(db, began)
    if rested is not None:
        raise Throttled("The products to be read are still being edited.", wait=(rested - began).total_seconds())
    if not asked:
        return None
    found = services.centra.products(sorted(asked), lane=Lane.CATALOGUE)
    _take(services, found, seq, began)
    with services.store.write() as db:
        # Nothing of these changes any more, except that a product which did not come back is gone.
        gone = products.record(db, found, seq, began, _turns(found, began), asked)
        ask_pushes(services, db, gone)
        ask_read(services, db)
    return None


def ask_read(services: Services, db: sa.Connection) -> None:
    """Ask for the reading of what is stale, once the first of it has rested."""
    now = services.now()
    due = products.readable_at(db, now)
    if due is not None:
        lane = steps.PRODUCTS_READ.lane
        work.promise(db, [work.Promise(steps.PRODUCTS_READ.name, steps.CENTRA, steps.CENTRA, lane, due)], now)


def sweep(services: Services, _subject: str) -> Findings:
    """Read one page of all products; find what every event missed. Resumes where the last run stopped."""
    page, seq = sweeps.next_page(services, SWEEP)
    began = services.now()
    found = services.centra.products_page(page, READ_AT_ONCE, lane=Lane.RECONCILIATION)
    _take(services, found, seq, began)
    with services.store.write() as db:
        creations.ask(services, db, found)
        if sweeps.took(services, db, SWEEP, len(found), full=len(found) == READ_AT_ONCE):
            ask_unseen(services, db)
    return None


def ask_sweep(services: Services, db: sa.Connection) -> None:
    """Something changed of which nobody can tell which products it concerns: read all of them."""
    sweeps.ask(services, db, SWEEP)


def turn(services: Services) -> None:
    """Ask for the listings of products of which a campaign starts or ends now: Centra raises no event for that."""
    now = services.now()
    with services.store.read() as db:
        due = products.turning(db, now)
    chunks = [due[start : start + TURNED_AT_ONCE] for start in range(0, len(due), TURNED_AT_ONCE)]
    if len(chunks) > 1:
        # All are counted before the first is sent: a guardrail that trips half way has let half of a mistake through.
        for chunk in chunks:
            with services.store.write() as db:
                price_guard.watch(services, db, moves(db, services.rules(), contents.of_products(db, chunk), now))
    for chunk in chunks:
        # Read and settled in one transaction: a reading that comes in between sets a turn of its own.
        with services.store.write() as db:
            turned = products.due_to_turn(db, chunk, now)
            for product in turned:
                products.set_turn(db, product.id, pricing.next_turn(product, now))
            ask_pushes(services, db, [product.id for product in turned])


def ask_pushes(services: Services, db: sa.Connection, product_ids: Collection[int]) -> None:
    """Promise a push for each listing of these products that has something to say."""
    if product_ids:
        ask_moves(services, db, moves(db, services.rules(), contents.of_products(db, product_ids), services.now()))


def ask_for_links(services: Services, db: sa.Connection, urls: Collection[str]) -> None:
    """Image links turned out good, or broken in another way: judge afresh what waits for them."""
    causes.close(db, services.now(), "the image link was looked at", kinds=[kinds.IMAGE_BROKEN.code],
                 matches=set(urls).__contains__)  # fmt: skip


def _take(services: Services, found: Sequence[content.Product], seq: int, began: datetime) -> None:
    """Store product by product: working out a page of wishes would keep every other writer waiting."""
    turns = _turns(found, began)
    for product in found:
        with services.store.write() as db:
            ask_pushes(services, db, products.record(db, [product], seq, began, turns))


def _turns(found: Iterable[content.Product], now: datetime) -> Mapping[int, datetime | None]:
    return {product.id: pricing.next_turn(product, now) for product in found}


def ask_moves(services: Services, db: sa.Connection, judged: Sequence[Move]) -> None:
    """Promise what these moves need, and tell guardrails and stock first."""
    now = services.now()
    price_guard.watch(services, db, judged)
    images.use(db, used_links(judged), now)
    asked: list[work.Promise] = []
    subjects: list[str] = []
    for move in judged:
        subject = f"{move.listed.retailer}/{move.listed.sku}"
        subjects.append(subject)
        if move.turned:
            _turn_stock(services, db, move, subject)
        if move.needed:
            due = now if move.prices or not move.real else quiet.due(db, move.profile, now)
            gate = services.gate_of(steps.PRODUCTS_PUSH, subject)
            asked.append(work.Promise(steps.PRODUCTS_PUSH.name, subject, gate, Lane.CATALOGUE, due))
    # What was held is judged afresh, also where nothing is to be sent any more: that is how its cause closes.
    work.release_subjects(db, steps.PRODUCTS_PUSH.name, subjects, now)
    work.promise(db, asked, now)


def _turn_stock(services: Services, db: sa.Connection, move: Move, subject: str) -> None:
    """Off sale is stock 0 before anything else is said; on sale again, stock has its say."""
    contents.set_withdrawn(db, move.listed.listing_id, not move.on_sale)
    services.promise(db, steps.STOCK_PUSH, [subject], lane=Lane.URGENT)


def ask_unseen(services: Services, db: sa.Connection) -> int:
    """Read by id what the last sweep did not show: only that answer says that a product is gone."""
    began = journal.watermark(db, SWEEP.began)
    count, ids = products.unseen(db, began, UNSEEN_AT_ONCE)
    if ids:
        products.mark_stale(db, ids, began)
        ask_read(services, db)
    return count
