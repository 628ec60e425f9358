"""Why a move, or a part of it, does not leave now is judged in one place: for the push, and for whoever looks before.

Nothing here writes. What a push adds is what it must write down: the count of a guardrail, and what was asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from integration import kinds
from integration.flows import quiet
from integration.flows.product_moves import Move
from integration.policy import PUSH_WAITS
from integration.problems import Problem
from integration.storage import images, sizes


@dataclass(frozen=True)
class Wait:
    """What comes before a move, in words for a person, and in how many seconds to look again.

    `stock`: the quantity 0 must be accepted first. `links`: image links that nobody has looked at yet.
    """

    why: str
    seconds: float
    stock: bool = False
    links: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Judgement:
    """What becomes of a move now: `sent` leaves, or waits for `wait`; `stopped` keeps its prices back.

    `held`: it waits as a whole until its `problems` are mended.
    """

    problems: tuple[Problem, ...]
    held: bool
    sent: Mapping[str, str]
    stopped: Problem | None
    wait: Wait | None


def judge(db: sa.Connection, move: Move, now: datetime, stopped: Problem | None) -> Judgement:
    """What a push of this move would do at `now`.

    :param stopped: what keeps its prices back.
    """
    wrong = tuple(problems(db, move))
    if is_held(move, wrong):
        return Judgement(wrong, True, {}, None, None)
    sent = allowed(move, wrong, stopped)
    return Judgement(wrong, False, sent, stopped, wait(db, move, sent, now) if sent else None)


def problems(db: sa.Connection, move: Move) -> list[Problem]:
    """What is wrong with the data of a move."""
    return [*move.wanted.problems, *_shared_ean(db, move)]


def is_held(move: Move, wrong: tuple[Problem, ...] | list[Problem]) -> bool:
    """Whether nothing of a move leaves before these problems are mended."""
    return bool(wrong) and move.profile.products.when_invalid == "hold"


def allowed(move: Move, wrong: Iterable[Problem], stopped: Problem | None) -> dict[str, str]:
    """What of a move may be sent beside what is wrong with it and what a guardrail stops."""
    kept = {name for each in wrong if each.kind is kinds.DUPLICATE_EAN for name in move.wanted.eans}
    return {name: text for name, text in (move.contents if stopped else move.real).items() if name not in kept}


def wait(db: sa.Connection, move: Move, sent: Mapping[str, str], now: datetime) -> Wait | None:
    """What must come before `sent`, None: it may leave."""
    listed = move.listed
    if not move.on_sale and listed.stock != 0 and move.profile.switches.stock is True:
        return Wait("stock 0 goes first", PUSH_WAITS.total_seconds(), stock=True)
    if not sent.keys() & move.wanted.prices.keys() and move.profile.products.quiet is not None:
        due = quiet.due(db, move.profile, now)
        if due > now:
            return Wait("waits for the retailer's quiet window", (due - now).total_seconds())
    if links := _unchecked_links(db, move, sent):
        return Wait("its image links are being checked", PUSH_WAITS.total_seconds(), links=frozenset(links))
    return None


def _unchecked_links(db: sa.Connection, move: Move, sent: Mapping[str, str]) -> set[str]:
    if move.profile.products.images != "checked":
        return set()
    return unchecked(db, {text for name, text in sent.items() if text and name in move.wanted.links})


def unchecked(db: sa.Connection, links: set[str]) -> set[str]:
    """Those of the links that nobody has looked at."""
    return links - set(images.known(db, links)) if links else set()


def _shared_ean(db: sa.Connection, move: Move) -> list[Problem]:
    """One EAN on two sizes would make two articles of ours one of theirs; it is asked only where an EAN is sent."""
    if move.article is None or not move.wanted.eans & move.real.keys():
        return []
    ean = move.article.size.ean
    if not ean:
        return []
    found = sorted(sku for _, sku in sizes.matching(db, "ean", ean))
    if len(found) < 2:
        return []
    return [Problem(kinds.DUPLICATE_EAN, ean, {"ean": ean, "skus": ", ".join(found)})]
