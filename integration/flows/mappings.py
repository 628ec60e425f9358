"""Mappings come into force as one checked version, and what waited for them goes on by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from integration import kinds
from integration.flows import reviews
from integration.lanes import Lane
from integration.problems import Failure
from integration.rulebook import Rulebook, RulebookError
from integration.services import Services
from integration.storage import causes, published

ANSWERED = tuple(
    kind.code
    for kind in (
        kinds.UNMAPPED_SKU, kinds.AMBIGUOUS_SKU, kinds.UNMAPPED_CARRIER, kinds.CARRIER_NOT_ALLOWED,
        kinds.UNMAPPED_DELIVERY_SERVICE, kinds.CURRENCY_MISMATCH, kinds.PRICE_MISSING, kinds.UNREADABLE_ORDER,
        kinds.INVOICE_INCOMPLETE, kinds.INVOICE_REFUSED, kinds.CONTENT_INVALID, kinds.PRICE_INVALID,
        kinds.CONTENT_REFUSED, kinds.ATTRIBUTE_IGNORED, kinds.CREATE_REFUSED,
    )
)  # fmt: skip
"""Kinds that a new version may have answered. Work that it has not is judged afresh and held again."""

SETTLED = timedelta(seconds=3)
"""After so long every process has seen a new version; each asks for it once a second."""


@dataclass(frozen=True)
class Publication:
    """What became of it: `version` None = not published, because of `problems`.

    `unchecked`: a live list could not be asked, so carriers' slugs and categories are taken on trust.
    """

    version: int | None = None
    released: int = 0
    problems: Sequence[str] = field(default=())
    unchecked: bool = False


def publish(services: Services, rules: Rulebook, *, author: str, reason: str) -> Publication:
    """Store `rules` as the next version and make due what was held for a mapping."""
    problems: list[str] = []
    unchecked = False
    for check in (unknown_slugs, unknown_categories):
        try:
            problems += check(services, rules)
        except (Failure, RulebookError):
            # An older release may have published what this one cannot read: that must not keep the cure out.
            unchecked = True
    if problems:
        return Publication(problems=problems)
    now = services.now()
    with services.store.write() as db:
        before = published.newest_version(db)
        version = published.publish(db, rules.to_document(), after=before, author=author, reason=reason, now=now)
        if version is None:
            return Publication(problems=["Somebody published at the same moment; look at theirs, then try again."])
        # Not due at once: until then a worker may still judge by the version before, and hold it again for good.
        released = causes.close(db, now + SETTLED, f"mappings version {version} by {author}", kinds=ANSWERED)
        reviews.ask(db, rules.retailers.values(), now + SETTLED, now)
    return Publication(version, released, unchecked=unchecked)


def unknown_slugs(services: Services, rules: Rulebook) -> list[str]:
    """A sentence for each mapped slug that no live carrier list has which its retailer sees.

    :raises Failure: a live list could not be read.
    """
    known = {code: set(services.carriers(code)) for code in services.rules().retailers}
    everywhere = set().union(*known.values())
    return [
        f"carriers.yaml, row {number}: {row.slug} is not on the live carrier list"
        + (f" of {row.retailer}" if row.retailer else "")
        for number, row in enumerate(rules.carriers, start=1)
        if row.slug not in (known.get(row.retailer, everywhere) if row.retailer else everywhere)
    ]


def unknown_categories(services: Services, rules: Rulebook) -> list[str]:
    """A sentence for each category of a field map or profile that its retailer does not have, or has no more.

    :raises Failure: a live list could not be read.
    """
    found = []
    for code, profile in rules.retailers.items():
        fields = rules.fields_of(code)
        if not profile.products.enabled or fields is None:
            continue
        live = {number for number, _ in services.virtualstock(profile.credential).categories(lane=Lane.CATALOGUE)}
        if profile.products.category is not None and profile.products.category not in live:
            found.append(f"retailers/{code}.yaml: products.category {profile.products.category} {_UNKNOWN}")
        found += [
            f"fields/{profile.products.fields}.yaml: category {each.category} {_UNKNOWN} ({profile.name})"
            for each in fields.categories if each.category not in live
        ]  # fmt: skip
    return found


_UNKNOWN = "is not among the categories that Virtualstock shows for this retailer; look it up there and correct it"
