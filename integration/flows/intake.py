"""What Centra tells us of orders and stock, by webhook or event list, is stored once and becomes work, never a value.

Centra's webhook makes us fast and its event list makes us sure; the sweeps find what both missed. What it tells of
content is read apart, in `content_events`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from integration import kinds, steps
from integration.centra.client import LISTENED, ORDER_EVENTS
from integration.flows import returned_goods, shipments, watch
from integration.flows.work import Findings, credential_works
from integration.lanes import Lane
from integration.problems import Problem
from integration.services import Services
from integration.storage import causes, inbox, journal, sizes
from integration.storage.inbox import Letter

WEBHOOK, STOREFRONT, EVENTS = "centra webhook", "centra storefront webhook", "centra events"
LETTERS = 500
EVENTS_PAGE = 200
EVENTS_PAGES = 20
LISTEN_AGAIN = timedelta(days=1)
MARGIN = timedelta(minutes=2)
"""How far before an event its stock change may be dated; clocks differ."""

log = structlog.get_logger(__name__)


def listening(*types: str) -> str:
    """The watermark of when we asked to be told of these types; a release that listens to more asks at once."""
    return f"centra-listening-{sha256(' '.join(sorted(types)).encode()).hexdigest()[:12]}"


LISTENING = listening(*LISTENED)


@dataclass
class _Named:
    """What a batch of letters names."""

    display_items: set[int] = field(default_factory=set)
    orders: set[int] = field(default_factory=set)
    shipments: set[int] = field(default_factory=set)
    returns: set[int] = field(default_factory=set)
    stock_since: datetime | None = None
    unreadable: list[Letter] = field(default_factory=list)


def store_webhook(services: Services, payload: Mapping[str, Any]) -> int:
    """Keep a verified webhook. Returns how many events were new.

    Order and shipment events have an identity, so one that is delivered twice is kept once. Storefront events have
    none: two equal ones may be two changes, so the row there is opened again instead.
    """
    now = services.now()
    events = payload.get("events")
    with services.store.write() as db:
        if isinstance(events, list):
            new = inbox.put(db, WEBHOOK, ((_key(event), {"event": event}) for event in events), now)
        else:
            named = {name: ids for name, ids in payload.items() if isinstance(ids, list)}
            rows = [(_key(f"{name}/{number}"), {name: number}) for name, ids in named.items() for number in ids]
            new = inbox.put(db, STOREFRONT, rows or [(_key(dict(payload)), dict(payload))], now, reopen=True)
        services.promise(db, steps.INTAKE_ABSORB, [steps.CENTRA])
    return new


def poll(services: Services, subject: str) -> Findings:
    """Read what Centra's event list says of orders and stock to its end; confirm exactly what is stored."""
    _keep_listening(services)
    for _ in range(EVENTS_PAGES):
        events = services.centra.events(ORDER_EVENTS, EVENTS_PAGE, lane=Lane.ORDERS)
        rows = [
            (str(event.id), {"event": {"type": event.object_type, "action": event.change_type, "id": event.reference,
                                       "date": event.created_at and event.created_at.isoformat()}})
            for event in events
        ]  # fmt: skip
        if rows:
            with services.store.write() as db:
                inbox.put(db, EVENTS, rows, services.now())
                services.promise(db, steps.INTAKE_ABSORB, [steps.CENTRA])
            services.centra.confirm_events([event.id for event in events], lane=Lane.ORDERS)
        if len(events) < EVENTS_PAGE:
            break
    credential_works(services, steps.INTAKE_POLL, subject)
    return None


def absorb(services: Services, _subject: str) -> Findings:
    """Turn what waits in the inbox into work, in bulk."""
    with services.store.read() as db:
        letters = inbox.waiting(db, LETTERS)
    if not letters:
        return None
    named = _read_letters(letters, ZoneInfo(services.centra_zone))
    # First what needs no call: the wait for Centra below must not delay stock that we can place ourselves.
    local = [letter for letter in letters if letter.source == STOREFRONT and letter not in named.unreadable]
    _absorb_locally(services, named, local)
    returned = [letter for letter in letters if letter.source != STOREFRONT and _kind(letter) == "return"]
    elsewhere = {letter.id for letter in (*local, *returned)}
    rest = [letter for letter in letters if letter.id not in elsewhere]
    if rest:
        _absorb_by_asking(services, named, rest, after=_heard_after(letters))
    with services.store.write() as db:
        for source in {letter.source for letter in named.unreadable}:
            ids = ", ".join(str(letter.id) for letter in named.unreadable if letter.source == source)
            report_unreadable(services, db, source, f"inbox rows {ids[:200]}")
    # Last: a token may not see returns, and neither stock nor orders may wait for that.
    if returned:
        _absorb_returns(services, named, returned)
    with services.store.write() as db:
        if inbox.waiting(db, 1):
            services.promise(db, steps.INTAKE_ABSORB, [steps.CENTRA])
    return None


def id_of(value: Any) -> int:
    """An id that both Centra and the database can take; one event with another must not spoil the whole batch.

    :raises ValueError: it is none. :raises TypeError: it is not even like a number.
    """
    number = int(value)
    if not 0 < number < 2**31:
        raise ValueError("no id of Centra's")
    return number


def report_unreadable(services: Services, db: sa.Connection, source: str, why: str) -> None:
    """Events that nobody can read are taken off their queue, behind one cause per source."""
    problem = Problem(kinds.UNREADABLE_EVENT, source, {"source": source, "why": why})
    causes.open_for(db, [problem], services.now(), item_id=None)


def _absorb_locally(services: Services, named: _Named, letters: list[Letter]) -> None:
    if not letters:
        return
    with services.store.write() as db:
        unknown = sizes.mark_display_items_stale(db, named.display_items, _heard_after(letters))
        if unknown:
            # A new product: learn its sizes and its storefront ids.
            services.promise(db, steps.CATALOGUE_DISPLAYS, [steps.CENTRA])
            services.promise(db, steps.STOCK_SWEEP, [steps.CENTRA])
        services.promise(db, steps.STOCK_READ, [steps.CENTRA])
        inbox.absorbed(db, [letter.id for letter in letters], services.now())


def _absorb_by_asking(services: Services, named: _Named, letters: list[Letter], after: int) -> None:
    touched: set[int] = set()
    # Which articles an own-shop order took is about stock: it must not use up what our own orders need.
    found = services.centra.orders(numbers=sorted(named.orders), lane=Lane.URGENT) if named.orders else []
    for order in found:
        touched |= {line.size_id for line in order.lines if line.size_id is not None}
        named.shipments |= {shipment.id for shipment in order.shipments if shipment.is_shipped}
    named.shipments |= shipments.not_shown(services, found)
    if named.stock_since is not None:
        touched |= _sizes_moved_since(services, named.stock_since - MARGIN)
    sent = services.centra.shipments(sorted(named.shipments), lane=Lane.ORDERS) if named.shipments else []
    with services.store.write() as db:
        sizes.mark_stale(db, touched, after)
        if touched:
            services.promise(db, steps.STOCK_READ, [steps.CENTRA])
        watch.observe_all(services, db, found)
        shipments.ask_announcements(services, db, sent, named=named.shipments)
        inbox.absorbed(db, [letter.id for letter in letters], services.now())


def _absorb_returns(services: Services, named: _Named, letters: list[Letter]) -> None:
    ids = sorted(named.returns)
    found = services.centra.returns(ids, lane=Lane.ORDERS) if ids else []
    with services.store.write() as db:
        returned_goods.observe(services, db, ids, found)
        inbox.absorbed(db, [letter.id for letter in letters], services.now())


def _kind(letter: Letter) -> str:
    """The type of an event in lower case."""
    event = letter.body.get("event")
    return str(event.get("type")).casefold() if isinstance(event, Mapping) else ""


def _heard_after(letters: Sequence[Letter]) -> int:
    return max(letter.after_read for letter in letters)


def _sizes_moved_since(services: Services, since: datetime) -> set[int]:
    moved: set[int] = set()
    page = 1
    while lines := services.centra.stock_change_lines(since, page, lane=Lane.URGENT):
        moved |= {line.size_id for line in lines if line.size_id is not None}
        page += 1
    return moved


def _read_letters(letters: Iterable[Letter], zone: ZoneInfo) -> _Named:
    named = _Named()
    for letter in letters:
        try:
            _read(letter, named, zone)
        except (KeyError, TypeError, ValueError):
            named.unreadable.append(letter)
    return named


def _read(letter: Letter, named: _Named, zone: ZoneInfo) -> None:
    if letter.source == STOREFRONT:
        if "DisplayItems" in letter.body:
            named.display_items.add(id_of(letter.body["DisplayItems"]))
        return
    event = letter.body["event"]
    # Any action means "read it again": the list of actions is published nowhere, and new ones may come.
    kind = str(event["type"]).casefold()
    match kind:
        case "order":
            named.orders.add(id_of(event["id"]))
        case "shipment":
            named.shipments.add(id_of(event["id"]))
        case "return":
            named.returns.add(id_of(event["id"]))
        case "stockchange":
            since = datetime.fromisoformat(event["date"]) if event.get("date") else letter.received_at
            # Centra docs: Webhooks; their dates have no zone and are the instance's own time.
            since = since if since.tzinfo else since.replace(tzinfo=zone)
            named.stock_since = min(filter(None, (named.stock_since, since)))
        case _:
            log.info("event of no concern", kind=kind)


def _key(event: object) -> str:
    identity = ("type", "id", "action", "date")
    parts = [event.get(name, "") for name in identity] if isinstance(event, Mapping) else [event]
    text = "/".join(str(part)[:64] for part in parts)
    # NUL and lone surrogates are legal JSON, but no database takes them as text.
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _keep_listening(services: Services) -> None:
    now = services.now()
    with services.store.read() as db:
        since = journal.watermark(db, LISTENING)
    if now.timestamp() - since < LISTEN_AGAIN.total_seconds():
        return
    services.centra.listen(lane=Lane.ORDERS)
    with services.store.write() as db:
        journal.move_watermark(db, LISTENING, int(now.timestamp()))

