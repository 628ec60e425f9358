"""One edit of the catalogue is one save: what it touches is told once, to the event queues and to the storefront.

Which events a change raises follows Centra docs: Integration API, handling events; where they say nothing, the object
that holds the changed value is UPDATED.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.centra import clock
from sandbox.centra.catalogue import COUNTRIES, Catalogue
from sandbox.centra.content import LANGUAGES, AttributeType, Category
from sandbox.centra.content_queries import ELEMENTS, price_id
from sandbox.centra.model import Display, Product, ProductSize, Variant
from sandbox.centra.world import World
from sandbox.seed import PRICELIST_ID

LEVELS = {"product": "Product", "variant": "ProductVariant", "display": "Display"}
Holder = Product | Variant | Display
Part = Product | Variant | Display | ProductSize


@dataclass
class Target:
    """What an edit is about: the named thing, what it belongs to, and what belongs to it."""

    level: str
    product: Product
    displays: list[Display]
    variants: list[Variant]
    sizes: list[ProductSize]

    def holders(self, level: str) -> list[Any]:
        """The objects of a level.

        :raises KeyError: there is no such level.
        """
        table: dict[str, list[Any]] = {
            "product": [self.product], "variant": self.variants, "display": self.displays, "size": self.sizes,
        }
        return table[level]

    def told_of(self, level: str) -> list[Holder]:
        """The objects of a level that has attributes, texts or images.

        :raises ValueError: sizes have none.
        :raises KeyError: there is no such level.
        """
        if level == "size":
            raise ValueError("a size has no attributes, translations or images")
        return self.holders(level)


def find(catalogue: Catalogue, body: Mapping[str, Any]) -> Target:
    """The thing that the body names by `sku`, `variant`, `display` or `product`.

    :raises KeyError: it names none, or one that does not exist.
    """
    if "sku" in body:
        size = catalogue.by_sku[body["sku"]]
        variant = size.product_variant
        return Target("size", variant.product, variant.product.displays, [variant], [size])
    if "variant" in body:
        variant = catalogue.variants[int(body["variant"])]
        return Target("variant", variant.product, variant.product.displays, [variant], variant.product_sizes)
    if "display" in body:
        display = catalogue.displays[int(body["display"])]
        shown = [item.product_variant for item in display.display_items]
        return Target("display", display.product, [display], shown, _sizes(shown))
    product = catalogue.products[int(body["product"])]
    return Target("product", product, product.displays, product.variants, _sizes(product.variants))


def _sizes(variants: Iterable[Variant]) -> list[ProductSize]:
    return [size for variant in variants for size in variant.product_sizes]


@dataclass
class Edit:
    """One save of a person at work in the catalogue. The caller holds the twin's lock."""

    world: World
    target: Target
    _told: dict[tuple[str, str, int], None] = field(default_factory=dict)

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Makes the changes and tells of them.

        :raises KeyError: something named does not exist.
        :raises ValueError: a change is unknown or malformed; none is made when a name is unknown, and those before a
            malformed one stay and are told of.
        """
        unknown = changes.keys() - CHANGES.keys()
        if unknown:
            raise ValueError(f"no change {sorted(unknown)}; there are {', '.join(sorted(CHANGES))}")
        items = [variant.display_item_id for variant in self.target.variants]
        try:
            for name, value in changes.items():
                CHANGES[name](self, value)
        finally:
            for object_type, change, reference in self._told:
                self.world.changed(object_type, change, reference)
            for item in items if self._told else ():
                self.world.webhooks.notify_display_item(item)

    def tell(self, object_type: str, change: str, reference: int) -> None:
        """An event, once for the whole edit."""
        self._told[object_type, change, reference] = None

    def _touch(self, *parts: Part) -> None:
        for part in parts:
            part.updated_at = clock.now()
            self.tell(part.typename, "UPDATED", part.id)

    def _set(self, level: str, name: str, value: Any) -> None:
        for holder in self.target.holders(level):
            setattr(holder, name, value)
            self._touch(holder)

    def _active(self, value: bool) -> None:
        """Switches the named thing itself."""
        if self.target.level == "size":
            self._set("size", "is_active", bool(value))
        else:
            self._set(self.target.level, "status", "ACTIVE" if value else "INACTIVE")

    def _ean(self, value: str) -> None:
        (size,) = self.target.sizes
        self.world.catalogue.barcode(size, str(value or ""))
        self._touch(size)

    def _price(self, value: Any, table: str = "prices") -> None:
        """An amount for the shop's own list, or amounts by list; null takes the price away."""
        for key, amount in (value if isinstance(value, dict) else {PRICELIST_ID: value}).items():
            pricelist = self.world.catalogue.pricelists[int(key)]
            for variant in self.target.variants:
                prices: dict[int, Decimal] = getattr(variant, table)
                if amount is None:
                    prices.pop(pricelist.id, None)
                else:
                    prices[pricelist.id] = as_number(amount)
                self.tell("Price", "UPDATED", price_id(variant, pricelist.id))

    def _category(self, value: Any) -> None:
        """A name, an id, a list of them, or null for none; a new name is a new category."""
        wanted = value if isinstance(value, list) else [] if value is None else [value]
        self._set("display", "categories", [self._category_named(each) for each in wanted])

    def _category_named(self, wanted: int | str) -> Category:
        table = self.world.catalogue.categories
        found = next((each for each in table.values() if wanted in (each.id, each.name)), None)
        if found is None:
            found = Category(max(table) + 1, str(wanted))
            table[found.id] = found
            self.tell("Category", "CREATED", found.id)
        return found

    def _markets(self, value: list[int]) -> None:
        self._set("display", "markets", tuple(self.world.catalogue.markets[int(number)] for number in value))

    def _remove_market(self, value: int) -> None:
        for display in self.target.displays:
            display.markets = tuple(market for market in display.markets if market.id != int(value))
            self._touch(display)

    def _origin(self, value: str) -> None:
        country = next((country for country in COUNTRIES if country.code == value), None)
        if country is None:
            raise ValueError(f"no country {value!r}")
        self._set("product", "country_of_origin", country)

    def _attribute(self, value: Mapping[str, Any]) -> None:
        """``{name: "variant.colour.text", value, kind?}``; without a value it is taken away."""
        level, name, key = str(value["name"]).split(".")
        holders, types = self.target.told_of(level), self.world.catalogue.attribute_types
        kind = types.get((LEVELS[level], name)) or AttributeType(LEVELS[level], name, name.title(), {})
        element = str(value.get("kind") or kind.elements.get(key, "INPUT"))
        if element not in ELEMENTS:
            raise ValueError(f"no kind {element!r} of element; there are {', '.join(ELEMENTS)}")
        types[LEVELS[level], name], kind.elements[key] = kind, element
        self._put(holders, lambda holder: holder.content.attributes, f"{name}.{key}", value)

    def _translation(self, value: Mapping[str, Any]) -> None:
        """``{language: "sv-SE", field: "name", value, level?}``; level is ``display`` unless another is named."""
        language = value["language"]
        if language not in [f"{each.language_code}-{each.country_code}" for each in LANGUAGES[1:]]:
            raise ValueError(f"no language {language!r} to translate into")
        self._put(
            self.target.told_of(value.get("level", "display")),
            lambda holder: holder.content.translations.setdefault(language, {}), value["field"], value,
        )

    def _put(
        self, holders: Iterable[Holder], table: Callable[[Holder], dict[str, str]], name: str, given: Mapping[str, Any],
    ) -> None:
        for holder in holders:
            if given["value"] is None:
                table(holder).pop(name, None)
            else:
                table(holder)[name] = str(given["value"])
            self._touch(holder)

    def _image(self, value: Mapping[str, Any]) -> None:
        """``{add: 1 | remove: place | replace: place | order: [places], level?}``; places count from 1."""
        for holder in self.target.told_of(value.get("level", "variant")):
            before = list(holder.content.media)
            holder.content.media[:] = self._images(before, value)
            self._tell_images(before, holder.content.media)

    def _images(self, before: list[int], value: Mapping[str, Any]) -> list[int]:
        if "order" in value:
            return [_in_place(before, place) for place in value["order"]]
        if "add" in value:
            return before + [self._new_image() for _ in range(int(value["add"]))]
        gone = _in_place(before, value["remove"] if "remove" in value else value["replace"])
        return [number for number in before if number != gone] if "remove" in value else [
            self._new_image() if number == gone else number for number in before
        ]

    def _new_image(self) -> int:
        number = self.world.next_id("image")
        self.world.catalogue.images.add(number)
        return number

    def _tell_images(self, before: list[int], after: list[int]) -> None:
        for number in before:
            if number not in after:
                self.world.catalogue.images.discard(number)
                self.tell("ProductMedia", "DELETED", number)
        for place, number in enumerate(after):
            if number not in before:
                self.tell("ProductMedia", "CREATED", number)
            elif before[place:place + 1] != [number]:
                self.tell("ProductMedia", "UPDATED", number)
        parts: list[Part] = [self.target.product, *self.target.variants, *self.target.displays]
        for part in parts:
            self.tell(part.typename, "DEPENDENT_DATA_CHANGED", part.id)

    def _delete(self, value: bool) -> None:
        """The product goes with all that belongs to it; only the product is told of."""
        if value:
            self.world.catalogue.remove(self.target.product)
            self.tell("Product", "DELETED", self.target.product.id)


def _field(level: str, name: str, read: Callable[[Any], Any] = str) -> Callable[[Edit, Any], None]:
    return lambda edit, value: edit._set(level, name, None if value is None else read(value))


def _name(level: str) -> Callable[[Edit, Any], None]:
    def change(edit: Edit, value: Any) -> None:
        if value is None:
            raise ValueError(f"a {level} always has a name")
        edit._set(level, "name", str(value))

    return change


def _in_place(images: list[int], place: Any) -> int:
    if not 1 <= int(place) <= len(images):
        raise ValueError(f"no image in place {place}; there are {len(images)}")
    return images[int(place) - 1]


def as_number(value: Any) -> Decimal:
    """What somebody typed, as an exact number.

    :raises ValueError: it is none.
    """
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if not read.is_finite():
        raise ValueError(f"{value!r} is no number")
    return read


CHANGES: dict[str, Callable[[Edit, Any], None]] = {
    "active": Edit._active, "ean": Edit._ean, "upc": _field("size", "upc"), "size_label": _field("size", "description"),
    "variant_name": _name("variant"), "stock_offset": _field("variant", "stock_offset", int),
    "unit_cost": _field("variant", "unit_cost", as_number), "price": Edit._price,
    "recommended": lambda edit, value: edit._price(value, "recommended"),
    "product_name": _name("product"), "weight": _field("product", "weight_kg", as_number),
    "hs_code": _field("product", "harmonized_commodity_code"), "origin": Edit._origin,
    "title": _name("display"), "description": _field("display", "description"),
    "short_description": _field("display", "short_description"), "meta_title": _field("display", "meta_title"),
    "meta_description": _field("display", "meta_description"), "category": Edit._category, "markets": Edit._markets,
    "remove_market": Edit._remove_market, "attribute": Edit._attribute, "translation": Edit._translation,
    "image": Edit._image, "delete": Edit._delete,
}
"""What can be changed, by the key in the body of an edit."""
