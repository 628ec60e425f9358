"""A Centra product and field maps for the rules of content, written as short as a test wants to read them."""

from typing import Any

from builders import BOOK

from integration.centra.content import Amount, Display, Image, Named, Price, Product, Size, Variant
from integration.domain.articles import Article
from integration.rulebook.fields import AttributeMap, FieldMap

LONDON = "Europe/London"
FERNHILL = BOOK.retailers["fernhill"]
EAN = "5060412000017"
LINK = "https://cdn.example.com/{}.jpg"


def image(number: int) -> Image:
    """An image with a link made of its id."""
    return Image(id=number, url=LINK.format(number))


def pounds(value: str) -> Amount:
    """An amount in the currency of all profiles."""
    return Amount.model_validate({"value": value, "currency": {"code": "GBP"}})


def jumper(
    product: dict[str, Any] | None = None,
    variant: dict[str, Any] | None = None,
    size: dict[str, Any] | None = None,
    display: dict[str, Any] | None = None,
    *,
    on_sale: bool = True,
) -> Article:
    """A navy jumper in M that every shipped map accepts, with changes to its parts."""
    the_size = Size(**{"id": 3, "sku": "JMP-NVY-M", "ean": EAN, "label": "M", "number": "20"} | (size or {}))
    prices = (Price(id=70, pricelist_id=7, amount=pounds("79.00")),)
    the_variant = Variant(**{
        "id": 2, "name": "Navy", "number": "NVY", "attributes": {"colour.text": "Navy"}, "sizes": (the_size,),
        "images": (image(21), image(22), image(23)), "prices": prices, "unit_cost": pounds("31.60"),
    } | (variant or {}))  # fmt: skip
    the_display = Display(**{
        "id": 4, "name": "Lambswool Jumper", "store_id": 1, "market_ids": (3,), "variant_ids": (2,),
        "description": "<p>Soft &amp; warm.</p><ul><li>Ribbed cuffs</li></ul>",
        "canonical_category": Named(id=5, name="Knitwear"),
    } | (display or {}))  # fmt: skip
    the_product = Product(**{
        "id": 1, "name": "Jumper", "number": "HF1", "brand": Named(id=6, name="Harrow & Fen"), "weight": "0.450",
        "weight_unit": "KILOGRAMS", "country_of_origin": "GB", "hs_code": "6110111000",
        "updated_at": "2026-03-02T23:30:00+00:00", "variants": (the_variant,), "displays": (the_display,),
        "attributes": {"material.text": "100% lambswool", "care.text": "Hand wash"},
    } | (product or {}))  # fmt: skip
    return Article(the_product, the_variant, the_size, the_display, on_sale)


def mapped(
    *sources: dict[str, Any], name: str = "title", do: tuple[dict[str, Any], ...] = (), **rule: Any
) -> AttributeMap:
    """How one attribute is filled; a text that nobody requires, unless `rule` says otherwise."""
    return AttributeMap.model_validate({
        "attribute": name, "sources": sources, "transforms": do, "rule": {"type": "text", "required": False} | rule,
    })  # fmt: skip


def fields(*common: AttributeMap, **changes: Any) -> FieldMap:
    """A map of these attributes; it has a list of colours, and nothing else."""
    return FieldMap.model_validate({
        "language": None, "lists": {"colours": {"Navy": "BLUE", "Moss": "GREEN"}}, "common": common,
        "categories": (), "withdrawal": None,
    } | changes)  # fmt: skip
