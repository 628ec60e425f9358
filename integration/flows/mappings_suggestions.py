"""Whoever has to map a carrier or a delivery service is offered what it may mean, with the row to write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integration import kinds
from integration.domain.suggestions import Suggestion, closest
from integration.flows.new_carriers import pair_of
from integration.problems import Failure
from integration.rulebook import Rulebook
from integration.rulebook.book import text_of
from integration.services import Services
from integration.storage import answerable
from integration.storage.answerable import OpenCause

MOST = 100
_CARRIERS = (kinds.UNMAPPED_CARRIER.code, kinds.CARRIER_NEW.code)
_SERVICES = (kinds.UNMAPPED_DELIVERY_SERVICE.code,)

Known = Mapping[str, Sequence[str]]
"""What could be chosen, each with every name that it goes by."""


@dataclass(frozen=True)
class Offer:
    """What one open cause may be answered with.

    `document` is the mapping document to change, `rows` the YAML of one row or entry for each suggestion. `retailer`
    None: a row for every retailer. `unchecked`: the live carrier list could not be asked.
    """

    cause_id: int
    kind: str
    retailer: str | None
    wanted: str
    document: str
    suggestions: Sequence[Suggestion]
    rows: Sequence[str]
    unchecked: bool = False


def suggestions(services: Services) -> list[Offer]:
    """An offer for each open cause that waits for a carrier or a delivery service, oldest first."""
    with services.store.read() as db:
        found = answerable.open_causes(db, (*_CARRIERS, *_SERVICES), MOST)
    if not found:
        return []
    rules = services.rules()
    live = {code: _live(services, code) for code in rules.retailers}
    return [
        _carrier(rules, live, number, cause) if cause.kind in _CARRIERS else _service(rules, number, cause)
        for number, cause in found.items()
    ]


def _carrier(rules: Rulebook, live: Mapping[str, Known | None], number: int, cause: OpenCause) -> Offer:
    code = cause.key.partition("/")[0] if cause.kind == kinds.UNMAPPED_CARRIER.code else None
    profile = rules.retailers.get(code) if code is not None else None
    lists = [found for each, found in live.items() if found is not None and code in (each, None)]
    known = {slug: names for found in lists for slug, names in found.items()}
    if profile is not None and profile.dispatch.carriers is not None:
        known = {slug: names for slug, names in known.items() if slug in profile.dispatch.carriers}
    carrier, service = pair_of(cause.facts)
    # The service may hold the true name, as where a warehouse books one carrier as a service of another.
    found = closest([carrier, service or "", f"{carrier} {service or ''}"], known)
    rows = [_text([{"retailer": code, "carrier": carrier, "service": service, "slug": each.value}]) for each in found]
    wanted = f"{carrier} / {service}" if service else carrier
    return Offer(number, cause.kind, code, wanted, "carriers", found, rows, unchecked=not lists)


def _service(rules: Rulebook, number: int, cause: OpenCause) -> Offer:
    code, service = cause.key.partition("/")[0], cause.facts.get("service", "")
    known: dict[str, list[str]] = {}
    for profile in rules.retailers.values():
        for name, option in profile.centra.shipping.services.items():
            known.setdefault(option, [option]).append(name)
    found = closest([service], known)
    rows = [_text({service: each.value}).removeprefix("{").removesuffix("}") for each in found]
    return Offer(number, cause.kind, code, service, f"retailers/{code}", found, rows)


def _live(services: Services, code: str) -> Known | None:
    try:
        return {slug: [slug, each.name or ""] for slug, each in services.carriers(code).items()}
    except Failure:
        return None


def _text(content: object) -> str:
    return text_of(content).strip()
