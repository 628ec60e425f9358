"""Whatever a person does about an exception is one function here, with a name and a reason, and is on record."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from integration import kinds, policy
from integration.domain.pacing import lasts, pace
from integration.flows import by_hand, looks, releases, work
from integration.lanes import Lane
from integration.people import Person
from integration.problems import Throttled
from integration.services import Services
from integration.storage import activity, causes, found, journal
from integration.storage.found import Filter

SAMPLE = 20
"""Pieces of held work that are shown of a cause."""
STORY = 200
"""Lines that are shown of its story, the newest."""
MOST_WORDS, MOST_NAME = 4000, 100
"""Characters of what a person may write at once, and of a name."""
HOURLY, HOUR = "requests/3600", 3600
"""Centra's tightest window: the bucket of the quota, and its length in seconds."""


class NotPossible(Exception):
    """What somebody asked for cannot be.

    :param reason: why, for a person.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Done:
    """What an act reached: so many causes, and so many pieces of work behind them that are due again."""

    causes: int
    items: int = 0


@dataclass(frozen=True)
class Preview:
    """What a retry would do: nothing was done. `minutes`: until the last piece of work comes due."""

    causes: int
    items: int
    by_step: dict[str, int]
    by_gate: dict[str, int]
    minutes: float


RELEASABLE = frozenset({*releases.GUARDS, kinds.SHORT_READ_GUARD.code})
"""Kinds of guardrails, which `release` lets go."""


def find(
    services: Services, wanted: Filter, after: tuple[datetime, int] | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The causes that a filter means, as all their columns and ``held``; see `storage.found.find`."""
    with services.store.read() as db:
        return found.find(db, _meant(services, wanted), now=services.now(), after=after, limit=limit)


def total(services: Services, wanted: Filter) -> int:
    """How many causes a filter means."""
    with services.store.read() as db:
        return found.count(db, _meant(services, wanted), now=services.now())


def counts(services: Services) -> dict[str, Any]:
    """The open causes: ``open``, ``muted``, ``overdue``, ``by_owner``, ``by_kind``, ``by_severity``."""
    with services.store.read() as db:
        return found.numbers(db, services.now())


def one(services: Services, cause_id: int) -> dict[str, Any] | None:
    """All columns of a cause, and ``held`` (how much waits), ``under_way`` (of these, being tried again), ``work``
    (a sample: step, subject, opened_at, due_at, last_error, held), ``timeline`` (at, what; oldest first), ``by_hand``
    (whether `resolve` may close it), ``guardrail`` (whether `release` may)."""
    with services.store.read() as db:
        row = causes.by_id(db, cause_id)
        if row is None:
            return None
        held = causes.behind(db, cause_id)
        return {
            **row, "held": held, "under_way": found.under_way(db, cause_id),
            "work": found.sample(db, cause_id, SAMPLE),
            "timeline": journal.story(db, "cause", str(cause_id), STORY),
            "by_hand": row["closed_at"] is None and by_hand.way(row["kind"], held) is not None,
            "guardrail": row["closed_at"] is None and row["kind"] in RELEASABLE,
        }  # fmt: skip


def acknowledge(services: Services, ids: Sequence[int], person: Person) -> Done:
    """Somebody has seen them: nobody need be told again, until one is overdue or opened again."""
    seen = {"acknowledged_by": person.name, "acknowledged_at": services.now()}
    return _change(services, ids, person, "acknowledged", "", seen)


def assign(services: Services, ids: Sequence[int], to: str | None, person: Person, reason: str = "") -> Done:
    """`to` deals with them; None or empty: nobody in particular any more."""
    name = _words(to or "", MOST_NAME) or None
    return _change(services, ids, person, "assigned", _words(reason), {"assigned_to": name}, to=name or "nobody")


def mute(services: Services, ids: Sequence[int], until: datetime | None, person: Person, reason: str) -> Done:
    """No alerts before `until`, also if they are opened again; None: alerts come again."""
    if until is None:
        return _change(services, ids, person, "unmuted", _words(reason), {"muted_until": None})
    if until <= services.now():
        raise NotPossible("That moment is over already: name a later one.")
    return _change(services, ids, person, "muted", _why(reason), {"muted_until": until}, until=until.isoformat())


def comment(services: Services, cause_id: int, person: Person, text: str) -> None:
    """Add a line to the story of a cause, open or closed."""
    said = _words(text)
    if not said:
        raise NotPossible("Write something first.")
    with services.store.write() as db:
        if causes.by_id(db, cause_id) is None:
            raise NotPossible(f"There is no exception {cause_id}.")
        _record(services, db, [cause_id], person, "commented", said)


def preview(services: Services, wanted: Filter) -> Preview:
    """What `retry` of the same filter would do."""
    with services.store.read() as db:
        counted = found.counted_behind(db, _meant(services, wanted), now=services.now())
    by_step, by_gate, travels = Counter[str](), Counter[str](), Counter[tuple[str, Lane]]()
    for row in counted.work:
        by_step[row.step] += row.items
        by_gate[row.gate] += row.items
        travels[row.gate, Lane(row.lane)] += row.items
    paces = _paces(services, travels)
    return Preview(
        causes=counted.causes, items=travels.total(), by_step=dict(sorted(by_step.items())),
        by_gate=dict(sorted(by_gate.items())),
        minutes=max((lasts(count, paces[travel]) for travel, count in travels.items()), default=0.0),
    )  # fmt: skip


def retry(services: Services, wanted: Filter, person: Person, reason: str = "") -> Done:
    """Try what waits behind these causes again, oldest first, at a pace that leaves room for new work.

    A cause closes only when all that waited behind it has been judged afresh and its trouble is gone.
    """
    said, now, wanted = _words(reason), services.now(), _meant(services, wanted)
    with services.store.read() as db:
        travels = found.travels(db, wanted, now=now)
    paces = _paces(services, travels)
    with services.store.write() as db:
        rows = found.behind(db, wanted, now=now)
        if not rows:
            raise NotPossible(
                "Nothing waits behind it that could be tried again: it closes when a look shows that its cause is gone."
            )
        items, ids = {row.id for row in rows}, sorted({row.cause_id for row in rows})
        causes.release(db, sorted(items), now, paces)
        _record(services, db, ids, person, "retried", said, items=len(items))
    services.send(work.hand_out(services))
    return Done(len(ids), len(items))


def resolve(services: Services, cause_id: int, person: Person, reason: str) -> str:
    """A person says that something is settled over there which no look of ours can see. Returns what follows."""
    why = _why(reason)
    with services.store.read() as db:
        row = causes.by_id(db, cause_id)
        held = causes.behind(db, cause_id)
    if row is None or row["closed_at"] is not None:
        raise NotPossible(f"There is no open exception {cause_id}.")
    way = by_hand.way(row["kind"], held)
    if way is None:
        raise NotPossible("Mend the cause and retry it: only a fresh look closes this kind.")
    if way.settle(services, row["key"], f"{person.name}: {why}") is False:
        raise NotPossible("It is about nothing that we have on record any more, so there is nothing to settle.")
    with services.store.write() as db:
        _record(services, db, [cause_id], person, "resolved", why)
    services.send(work.hand_out(services))
    return way.follows


def release(services: Services, cause_id: int, skus: Collection[str], person: Person, reason: str) -> int:
    """Let go what a guardrail stopped; `skus` empty = all. Returns how many articles go on."""
    why = _why(reason)
    with services.store.read() as db:
        travels = found.travels(db, Filter(ids=(cause_id,)), now=services.now())
    paces = _paces(services, travels)
    try:
        count = releases.release(services, cause_id, skus=skus, by=person.name, reason=why, pace=paces)
    except releases.NotReleasable as refused:
        raise NotPossible(refused.reason) from None
    with services.store.write() as db:
        _record(services, db, [cause_id], person, "released", why, items=count, skus=sorted(skus))
    services.send(work.hand_out(services))
    return count


def _change(
    services: Services,
    ids: Sequence[int],
    person: Person,
    verb: str,
    reason: str,
    values: Mapping[str, object],
    **facts: Any,
) -> Done:
    with services.store.write() as db:
        changed = causes.change(db, ids, values)
        if not changed:
            raise NotPossible("None of these exceptions is open.")
        _record(services, db, changed, person, verb, reason, **facts)
    return Done(len(changed))


def _record(
    services: Services, db: sa.Connection, ids: Sequence[int], person: Person, verb: str, reason: str, **facts: Any
) -> None:
    """One act is one activity, however many causes it was about; each of them has it in its story."""
    now = services.now()
    subject = str(ids[0]) if len(ids) == 1 else f"{len(ids)} exceptions"
    activity.record(db, person, verb, "cause", subject, now, reason, **facts)
    said = {"reason": reason} if reason else {}
    journal.tell_all(db, "cause", map(str, ids), verb, now, by=person.name, **said, **facts)


def _meant(services: Services, wanted: Filter) -> Filter:
    """Whoever names a retailer means its credential and its polls as well, and only the mappings know these."""
    return replace(wanted, also=looks.keys_about(services.rules(), wanted.retailer)) if wanted.retailer else wanted


def _paces(services: Services, travels: Collection[tuple[str, Lane]]) -> dict[tuple[str, Lane], float]:
    return {(gate, lane): _pace(services, gate, lane) for gate, lane in travels}


def _pace(services: Services, gate: str, lane: Lane) -> float:
    """By the tightest window of the quota; where nobody knows it, as slowly as suits the smallest."""
    try:
        known = services.quota(gate).snapshot()
    except (Throttled, KeyError):
        return policy.RELEASE_PACE
    hourly = known.get("buckets", {}).get(HOURLY, {}).get("capacity")
    windows = [(known.get("limit"), known.get("window_seconds")), (hourly, HOUR)]
    return min(
        (pace(most, seconds, lane) for most, seconds in windows if most and seconds), default=policy.RELEASE_PACE
    )


def _why(reason: str) -> str:
    said = _words(reason)
    if not said:
        raise NotPossible("Say why: it is kept with your name.")
    return said


def _words(text: str, most: int = MOST_WORDS) -> str:
    """What a person wrote, as a database takes it."""
    clean = text.replace("\x00", "").strip()
    if len(clean) > most:
        raise NotPossible(f"That is too long: at most {most:,} characters.")
    return clean
