"""A carrier that turns up in Centra is told of before the first dispatch with it has to wait for a mapping.

Every shipment that is read counts, also one of the merchant's own shop, but for one of ours that has left: its
dispatch is judged at once, and says the same of its own carrier.
"""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from integration import kinds
from integration.centra.schema import Shipment
from integration.problems import Problem
from integration.rulebook import Retailer, Rulebook
from integration.rulebook.base import folded
from integration.services import Services
from integration.storage import causes, seen_carriers

MOST_OPEN = 200
"""A warehouse that writes tracking numbers where the service belongs must not flood the list."""
LONGEST = 100

Pair = tuple[str, str | None]
"""What Centra calls a carrier and its service."""


def notice(
    services: Services, db: sa.Connection, shipments: Iterable[Shipment], *, ours: Container[int | None]
) -> None:
    """Open a cause for each carrier among these shipments that some retailer has no row for.

    :param ours: the numbers of the Centra orders that are ours.

    What a person has closed stays closed: the carrier is not new any more, and a dispatch with it names it anyway.
    """
    rules = services.rules()
    ahead = [each for each in shipments if not (each.is_shipped and each.order_number in ours)]
    pairs = {_pair(each) for each in ahead if (each.carrier or "").strip()}
    unserved = {key_of(pair): (pair, lacking) for pair in pairs if (lacking := without_row(rules, *pair))}
    if not unserved:
        return
    known = seen_carriers.states(db, kinds.CARRIER_NEW.code, unserved)
    room = MOST_OPEN - seen_carriers.open_count(db, kinds.CARRIER_NEW.code)
    fresh = [key for key in sorted(unserved) if key not in known or (known[key] or "").startswith(BY_MAPPINGS)]
    problems = [_problem(*unserved[key]) for key in fresh[: max(0, room)]]
    causes.open_for(db, problems, services.now(), item_id=None)


def settle(db: sa.Connection, rules: Rulebook, now: datetime, version: int, author: str) -> int:
    """Close the causes of carriers that every retailer has a row for now. Returns how many."""
    served = {
        key for key, facts in seen_carriers.open_facts(db, kinds.CARRIER_NEW.code).items()
        if not without_row(rules, *pair_of(facts))
    }  # fmt: skip
    by = f"{BY_MAPPINGS} {version} by {author}"
    for key in sorted(served):
        causes.close_one(db, now, by, kinds.CARRIER_NEW.code, key)
    return len(served)


def settle_by_hand(services: Services, key: str, by: str) -> None:
    """A person knows that no retailer's order goes with this carrier; it is not told of as new again."""
    with services.store.write() as db:
        causes.close_one(db, services.now(), f"of no concern, says {by}", kinds.CARRIER_NEW.code, key)


def without_row(rules: Rulebook, carrier: str, service: str | None) -> list[Retailer]:
    """The retailers that hear of dispatches and have no row for this carrier and service."""
    return [
        profile for code, profile in rules.retailers.items()
        if profile.switches.dispatches and rules.carrier_slug(code, carrier, service) is None
    ]  # fmt: skip


def key_of(pair: Pair) -> str:
    """The key of the cause of a carrier and its service: however somebody spells it."""
    carrier, service = pair
    return f"{folded(carrier)}/{folded(service or '')}"


def pair_of(facts: Mapping[str, str]) -> Pair:
    """What the facts of a cause say of carrier and service."""
    service = facts.get("service", NO_SERVICE)
    return facts.get("carrier", ""), None if service == NO_SERVICE else service


BY_MAPPINGS = "mappings version"
NO_SERVICE = "(no service)"


def _pair(shipment: Shipment) -> Pair:
    carrier, service = (shipment.carrier or "").strip(), (shipment.service or "").strip()
    return carrier[:LONGEST], service[:LONGEST] or None


def _problem(pair: Pair, lacking: list[Retailer]) -> Problem:
    carrier, service = pair
    names = ", ".join(profile.name for profile in lacking)
    facts = {"carrier": carrier, "service": service or NO_SERVICE, "retailer": names}
    return Problem(kinds.CARRIER_NEW, key_of(pair), facts)
