"""Of each SKU it is known when its retailer last surely showed the truth, and one SKU is looked at on their side."""

from collections import defaultdict
from datetime import datetime, timedelta

from integration import kinds, policy, steps
from integration.domain.freshness import ago
from integration.flows import looks, stock
from integration.flows.catalogue import shown
from integration.lanes import Lane
from integration.problems import Failure, Problem
from integration.rulebook import Retailer
from integration.services import Services
from integration.steps import retailer_of
from integration.storage import freshness, pauses
from integration.storage.freshness import Stale
from integration.timetable import timetable

MOST = 5_000
"""Waiting quantities that are looked at; above that the numbers in the sentence are too small, and nothing else."""
CANARY = "/canary"
"""Ends the keys of causes that a canary found."""


def is_canary(key: str) -> bool:
    """Whether a stale SKU is one that a canary found."""
    return key.endswith(CANARY)


def ages(services: Services) -> None:
    """SKUs that no sweep has read, or whose quantity nobody has sent, for too long; one cause for each retailer."""
    now, rules = services.now(), services.rules()
    found = []
    for code, parts in _stale(services).items():
        if code in rules.retailers and rules.retailers[code].switches.stock:
            found.append(_problem(code, rules.retailers[code], parts, now))
    looks.settle(services, kinds.STALE_SKU, found, owns=lambda key: not is_canary(key))


def canaries(services: Services) -> None:
    """What each retailer's products show of its canary SKU, against what it has accepted."""
    rules, found = services.rules(), []
    unknown: set[str] = set()
    for code, profile in rules.retailers.items():
        try:
            wrong = _wrong(services, profile)
        except Failure:
            # Who cannot be asked has told nothing: what was found before stays, and other looks tell of the platform.
            unknown.add(f"{code}{CANARY}")
            continue
        if wrong is not None and profile.canary is not None:
            facts = {"retailer": profile.name, "sku": profile.canary.sku, "why": wrong}
            found.append(Problem(kinds.STALE_SKU, f"{code}{CANARY}", facts))
    looks.settle(services, kinds.STALE_SKU, found, owns=lambda key: is_canary(key) and key not in unknown)


def _stale(services: Services) -> dict[str, list[tuple[str, Stale]]]:
    """What is wrong and with which SKUs, by retailer."""
    now = services.now()
    swept = timedelta(seconds=timetable()[steps.STOCK_SWEEP.name]) * policy.SWEEPS_UNTIL_STALE
    with services.store.read() as db:
        explained, stopped = looks.explained_gates(db), pauses.current(db)
        starved = freshness.open_keys(db, [kinds.QUOTA_STARVED.code])
        unread = freshness.unread(db, now - swept)
        unsent = freshness.unsent(db, steps.STOCK_PUSH.name, now - policy.PUSH_STALE, MOST)
    if steps.CENTRA in explained or any(pause.covers("stock", pauses.EVERYBODY) for pause in stopped):
        unread = []
    found: dict[str, list[tuple[str, Stale]]] = defaultdict(list)
    for each in unread:
        found[each.retailer].append(("their stock in Centra was last read {} ago", each))
    waiting: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for subject, gate, lane, since in unsent:
        if gate not in explained and f"{gate}/{lane}" not in starved:
            waiting[retailer_of(subject)].append((subject.partition("/")[2], since))
    for code, rows in waiting.items():
        sample = tuple(sku for sku, _ in rows[: freshness.SAMPLE])
        found[code].append(("a new quantity has waited for {} to be sent", Stale(code, len(rows), rows[0][1], sample)))
    return found


def _problem(code: str, profile: Retailer, parts: list[tuple[str, Stale]], now: datetime) -> Problem:
    count = max(each.count for _, each in parts)
    sample = ", ".join(parts[0][1].sample)
    skus = sample if count == 1 else f"{count:,} SKUs such as {sample}"
    why = ", and ".join(words.format(ago(each.oldest, now)) for words, each in parts)
    return Problem(kinds.STALE_SKU, code, {"retailer": profile.name, "sku": skus, "why": why})


def _wrong(services: Services, profile: Retailer) -> str | None:
    """What is wrong with what the retailer shows of its canary; None: nothing, or it cannot be told now.

    :raises Failure: the retailer could not be asked.
    """
    if profile.canary is None or not profile.switches.stock or profile.switches.stock == "shadow":
        return None
    sku = profile.canary.sku
    with services.store.read() as db:
        row = freshness.listed(db, profile.code, sku)
    if row is None:
        return "no listing of it is known, so it proves nothing; correct canary in the profile"
    now = services.now()
    if row.agreed is None or row.agreed_at is None or now - row.agreed_at < policy.CANARY_SETTLES:
        return None
    if any(move.needed for move in stock.plan(services, f"{profile.code}/{sku}")):
        return None
    products = services.client_of(profile.code).products_named(row.part_number, lane=Lane.RECONCILIATION)
    seen = next((shown(profile, each) for each in products if each.id == row.product_id), None)
    with services.store.read() as db:
        if freshness.listed(db, profile.code, sku) != row:
            # Accepted anew while we asked: the answer may be of before or after it.
            return None
    if seen is None:
        return "its product there shows no stock, so it proves nothing; correct canary or stock.field in the profile"
    return None if seen == row.agreed else f"it shows {seen}, and accepted {row.agreed} {ago(row.agreed_at, now)} ago"
