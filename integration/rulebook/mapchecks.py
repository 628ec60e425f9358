"""A field map makes sense as a whole: what it names exists, and no attribute could only ever be refused."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from integration.rulebook.base import folded
from integration.rulebook.fields import (
    AttributeMap,
    DateText,
    FieldMap,
    FromAttribute,
    FromConstant,
    FromField,
    FromMedia,
    Length,
    Transform,
    Truncate,
    ValueList,
    Weight,
)
from integration.rulebook.finding import Finding, said_twice
from integration.rulebook.reader import Location

if TYPE_CHECKING:
    from integration.rulebook.book import Rulebook

RESERVED = {
    "supplier_free_stock": "is stock, which travels by itself",
    "free_stock": "is stock, which travels by itself",
    "part_number": "is the name of the product at the retailer, which stays as it is",
}
"""Attributes of a product that no map and no price field may fill, and why."""


def field_maps(book: "Rulebook") -> Iterator[Finding]:
    """Everything in which a field map contradicts itself, whoever uses it."""
    for name, fields in book.fields.items():
        here = ("fields", name)
        yield from _categories(here, fields)
        yield from _withdrawal(here, fields)
        yield from _mapped_once(here, fields)
        for place, mapped in placed(here, fields):
            yield from _attribute(place, mapped, fields)


def placed(here: Location, fields: FieldMap) -> Iterator[tuple[Location, AttributeMap]]:
    """Every mapped attribute of all categories with its place."""
    for index, mapped in enumerate(fields.common):
        yield (*here, "common", index), mapped
    for number, category in enumerate(fields.categories):
        for index, mapped in enumerate(category.attributes):
            yield (*here, "categories", number, "attributes", index), mapped


def _categories(here: Location, fields: FieldMap) -> Iterator[Finding]:
    yield from said_twice((*here, "categories"), (each.category for each in fields.categories))
    created: dict[str, int] = {}
    for number, category in enumerate(fields.categories):
        for index, name in enumerate(category.centra_categories):
            first = created.setdefault(folded(name), category.category)
            if first != category.category:
                yield (
                    (*here, "categories", number, "centra_categories", index),
                    f"products of {name} are created in {first} already; keep one",
                )


def _withdrawal(here: Location, fields: FieldMap) -> Iterator[Finding]:
    if (rule := fields.withdrawal) is None:
        return
    if rule.attribute in RESERVED:
        yield (*here, "withdrawal", "attribute"), f"{rule.attribute} {RESERVED[rule.attribute]}"
    if rule.on_sale == rule.withdrawn:
        yield (*here, "withdrawal", "withdrawn"), f"must differ from on_sale, which is {rule.on_sale} too"


def _mapped_once(here: Location, fields: FieldMap) -> Iterator[Finding]:
    common: set[str] = set()
    seen: dict[Location, set[str]] = {}
    for place, mapped in placed(here, fields):
        own = seen.setdefault(place[:-1], common if place[-2] == "common" else set())
        if mapped.attribute in own:
            yield (*place, "attribute"), f"{mapped.attribute} is mapped a second time; keep one"
        elif mapped.attribute in common:
            yield (*place, "attribute"), f"{mapped.attribute} is mapped in common, for every category; keep one"
        own.add(mapped.attribute)


def _attribute(here: Location, mapped: AttributeMap, fields: FieldMap) -> Iterator[Finding]:
    name, rule = mapped.attribute, mapped.rule
    if name in RESERVED:
        yield (*here, "attribute"), f"{name} {RESERVED[name]}; take it out of the map"
    if fields.withdrawal is not None and name == fields.withdrawal.attribute:
        yield (*here, "attribute"), f"{name} is filled by withdrawal; take it out here or there"
    for index, source in enumerate(mapped.sources):
        if isinstance(source, FromMedia) and rule.type != "link":
            yield (*here, "sources", index), f"an image is a link, but the rule of {name} says type: {rule.type}"
        if isinstance(source, FromConstant) and not mapped.transforms:
            yield from _choice((*here, "sources", index, "constant"), source.constant, mapped)
    for index, transform in enumerate(mapped.transforms):
        yield from _transform((*here, "transforms", index), transform, mapped)
        if isinstance(transform, ValueList):
            yield from _list(here, index, transform.name, mapped, fields)


def _choice(here: Location, word: str, mapped: AttributeMap) -> Iterator[Finding]:
    if mapped.rule.choices is not None and word not in mapped.rule.choices:
        yield here, f"{word} is not among the choices of {mapped.attribute}: {', '.join(mapped.rule.choices)}"


def _transform(here: Location, transform: Transform, mapped: AttributeMap) -> Iterator[Finding]:
    match transform:
        case Truncate(at=at) if mapped.rule.longest is not None and at > mapped.rule.longest:
            yield (*here, "at"), f"{at} is above longest, {mapped.rule.longest}, so a cut text would still be too long"
        case Weight() if not _takes(mapped, "weight"):
            yield here, "weight needs one source: field: weight, or an attribute that holds kilograms"
        case Length() if not _takes(mapped, None):
            yield here, "length needs one source, an attribute that holds a number"
        case DateText() if not _takes(mapped, "updated_at"):
            yield here, "date needs one source: field: updated_at, or an attribute that holds a date"


def _takes(mapped: AttributeMap, field: str | None) -> bool:
    if len(mapped.sources) > 1:
        return False
    source = mapped.sources[0]
    return isinstance(source, FromAttribute) or (isinstance(source, FromField) and source.field == field)


def _list(here: Location, index: int, name: str, mapped: AttributeMap, fields: FieldMap) -> Iterator[Finding]:
    if (words := fields.lists.get(name)) is None:
        known = ", ".join(fields.lists) or "none"
        yield (*here, "transforms", index, "name"), f"there is no list {name}; the lists of this map are: {known}"
    elif index == len(mapped.transforms) - 1:  # what follows could still make one of the choices of it
        for word, theirs in words.items():
            yield from _choice((*here[:2], "lists", name, word), theirs, mapped)
