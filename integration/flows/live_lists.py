"""What the mappings point at on a platform is held against what the platform lists at this moment."""

from collections.abc import Collection

from integration.lanes import Lane
from integration.problems import Failure
from integration.rulebook import Rulebook, RulebookError
from integration.rulebook.book import mistake
from integration.rulebook.finding import Finding
from integration.services import Services


def findings(services: Services, rules: Rulebook, only: Collection[str] | None = None) -> tuple[list[Finding], bool]:
    """Every target that no live list has, and whether a list could not be asked, so that it is taken on trust.

    :param only: names of the documents that matter, such as ``retailers/calder``; None: all of them.
    """
    found: list[Finding] = []
    unchecked = False
    for check in (_slugs, _categories):
        try:
            found += check(services, rules, only)
        except (Failure, RulebookError):
            # An older release may have published what this one cannot read: that must not keep the cure out.
            unchecked = True
    return found, unchecked


def unknown_slugs(services: Services, rules: Rulebook) -> list[str]:
    """A sentence for each mapped slug that no live carrier list has which its retailer sees.

    :raises Failure: a live list could not be read.
    """
    return [mistake(place, words, {}).sentence for place, words in _slugs(services, rules, None)]


def unknown_categories(services: Services, rules: Rulebook) -> list[str]:
    """A sentence for each category of a field map or profile that its retailer does not have, or has no more.

    :raises Failure: a live list could not be read.
    """
    return [mistake(place, words, {}).sentence for place, words in _categories(services, rules, None)]


def _slugs(services: Services, rules: Rulebook, only: Collection[str] | None) -> list[Finding]:
    if only is not None and "carriers" not in only:
        return []
    known = {code: set(services.carriers(code)) for code in services.rules().retailers}
    everywhere = set().union(*known.values())
    return [
        (("carriers", index, "slug"), f"{row.slug} is not on the live carrier list"
         + (f" of {row.retailer}" if row.retailer else ""))
        for index, row in enumerate(rules.carriers)
        if row.slug not in (known.get(row.retailer, everywhere) if row.retailer else everywhere)
    ]  # fmt: skip


def _categories(services: Services, rules: Rulebook, only: Collection[str] | None) -> list[Finding]:
    found: list[Finding] = []
    for code, profile in rules.retailers.items():
        fields, named = rules.fields_of(code), {f"retailers/{code}", f"fields/{profile.products.fields}"}
        if not profile.products.enabled or fields is None or (only is not None and named.isdisjoint(only)):
            continue
        live = {number for number, _ in services.virtualstock(profile.credential).categories(lane=Lane.CATALOGUE)}
        if profile.products.category is not None and profile.products.category not in live:
            found.append((("retailers", code, "products", "category"), f"{profile.products.category} {_UNKNOWN}"))
        found += [
            (("fields", str(profile.products.fields), "categories", index, "category"),
             f"{each.category} {_UNKNOWN} ({profile.name})")
            for index, each in enumerate(fields.categories) if each.category not in live
        ]  # fmt: skip
    return found


_UNKNOWN = "is not among the categories that Virtualstock shows for this retailer; look it up there and correct it"
