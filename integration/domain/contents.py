"""What a listing should show is judged as a whole: its attributes, its prices, and every reason why one cannot be sent.

An attribute in trouble is never in the values, so that nothing invalid leaves whatever the profile says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from integration import kinds
from integration.domain.articles import Article
from integration.domain.attributes import Value, value_of
from integration.domain.pricing import PriceNow, price_now
from integration.domain.validation import Trouble, example, wrong_with
from integration.problems import Problem
from integration.rulebook import Retailer
from integration.rulebook.fields import AttributeMap, FieldMap, FromField, FromMedia


@dataclass(frozen=True)
class Wanted:
    """What a retailer should show of an article.

    :param values: attributes of the field map by name; "" = Centra has nothing for it.
    :param prices: price attributes by name.
    :param problems: what keeps attributes out of both.
    :param warnings: what was lost on the way, in words for a person.
    :param links: image links by attribute.
    :param eans: attributes that identify the article by its EAN.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    prices: Mapping[str, PriceNow] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    eans: frozenset[str] = frozenset()


def wanted(
    article: Article | None,
    profile: Retailer,
    fields: FieldMap | None,
    category: int | None,
    now: datetime,
    *,
    broken_links: Mapping[str, str],
) -> Wanted:
    """What a listing should show now; an article that is not sold is only withdrawn.

    :param article: None = Centra has it no longer.
    :param fields: None = no product data for this retailer, only prices.
    :param category: the retailer's category of the listing.
    :param broken_links: image links with what is wrong with them.
    """
    on_sale = article is not None and article.on_sale
    values = dict(_withdrawal(fields, on_sale=on_sale))
    if article is None or not on_sale:
        return Wanted(values)
    problems: list[Problem] = []
    mapped: tuple[AttributeMap, ...] = ()
    if fields is not None:
        mapped = fields.attributes_of(category)
        for each in mapped:
            found = _judged(article, each, fields, profile.timezone)
            if isinstance(found, Trouble):
                problems.append(_invalid(article, profile, each.attribute, found))
            elif each.rule.type == "link" and found.text in broken_links:
                problems.append(_broken(article, profile, found.text, broken_links[found.text]))
            else:
                values[each.attribute] = found
    prices, unpriced = _prices(article, profile, now)
    warnings = tuple(f"{name} {value.warning}" for name, value in values.items() if value.warning)
    links = {name: values[name].text for name in _images(mapped) if name in values and values[name].text}
    return Wanted(values, prices, (*problems, *unpriced), warnings, links, frozenset(_eans(mapped)))


def difference(wanted: Mapping[str, str], accepted: Mapping[str, str]) -> dict[str, str]:
    """The attributes to send. Nothing and an empty text are the same, and so are the kinds of line ends."""
    return {name: text for name, text in wanted.items() if _plain(text) != _plain(accepted.get(name, ""))}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _withdrawal(fields: FieldMap | None, *, on_sale: bool) -> Iterator[tuple[str, Value]]:
    if fields is not None and (rule := fields.withdrawal) is not None:
        yield rule.attribute, Value(rule.on_sale if on_sale else rule.withdrawn, "on sale or not")


def _judged(article: Article, mapped: AttributeMap, fields: FieldMap, zone: str) -> Value | Trouble:
    value = value_of(article, mapped, fields, zone)
    if isinstance(value, Trouble):
        return value
    value = value or Value("", "nothing in Centra")
    if wrong := wrong_with(value.text, mapped.rule):
        return Trouble(wrong.rule, f"{wrong.why}{example(value.text)}")
    return value


def _invalid(article: Article, profile: Retailer, attribute: str, trouble: Trouble) -> Problem:
    # One cause for all products that break the same rule: 212 products are one thing to mend, not 212.
    facts = {"retailer": profile.name, "attribute": attribute, "why": trouble.why, "sku": article.size.sku or "no SKU"}
    return Problem(kinds.CONTENT_INVALID, f"{profile.code}/{attribute}/{trouble.rule}", facts)


def _broken(article: Article, profile: Retailer, url: str, why: str) -> Problem:
    # One cause for all sizes and retailers that need the image: it is replaced once.
    facts = {"url": url, "why": why, "retailer": profile.name, "sku": article.size.sku or "no SKU"}
    return Problem(kinds.IMAGE_BROKEN, url, facts)


def _prices(article: Article, profile: Retailer, now: datetime) -> tuple[dict[str, PriceNow], list[Problem]]:
    prices: dict[str, PriceNow] = {}
    problems: list[Problem] = []
    if not profile.prices.enabled or profile.switches.prices is False:
        return prices, problems
    for each in profile.prices.fields:
        found = price_now(article, each, profile, now)
        if isinstance(found, PriceNow):
            prices[each.attribute] = found
            continue
        facts = {"retailer": profile.name, "attribute": each.attribute, "why": found.why,
                 "sku": article.size.sku or "no SKU"}  # fmt: skip
        problems.append(Problem(kinds.PRICE_INVALID, f"{profile.code}/{each.attribute}/{found.rule}", facts))
    return prices, problems


def _images(mapped: tuple[AttributeMap, ...]) -> Iterator[str]:
    for each in mapped:
        if any(isinstance(source, FromMedia) for source in each.sources):
            yield each.attribute


def _eans(mapped: tuple[AttributeMap, ...]) -> Iterator[str]:
    for each in mapped:
        if any(isinstance(source, FromField) and source.field == "ean" for source in each.sources):
            yield each.attribute
