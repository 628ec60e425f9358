"""What a shop says of its styles: category, fabric, care, weight and texts, the same for all products of a style.

Nothing here is drawn by chance, so that content can grow without moving an id or a quantity of the seed.
"""

from dataclasses import dataclass
from decimal import Decimal
from html import escape

CATEGORIES: dict[str, int] = {
    "Knitwear": 101, "Shirts": 102, "Trousers": 103, "Outerwear": 104, "Dresses": 105, "Tops": 106, "Footwear": 107,
    "Accessories": 108,
}
"""Names and ids of Centra's categories; each style is in one."""


@dataclass(frozen=True)
class Style:
    """What all products of a style have in common. `points` are the short lines under a description."""

    category: str
    material: str
    care: str
    weight_kg: Decimal
    hs_code: str
    swedish: str
    opening: str
    points: tuple[str, ...]


_COOL_WASH = "Machine wash at 30 degrees, dry flat"
_WARM_WASH = "Machine wash at 40 degrees, iron warm"
_WIPE = "Wipe clean with a damp cloth"
_DRY_CLEAN = "Dry clean only"

STYLES: dict[str, Style] = {
    "Crew Neck Jumper": Style(
        "Knitwear", "100% lambswool", _COOL_WASH, Decimal("0.450"), "6110111000", "tröja med rund hals",
        "A jumper for most of the year", ("Ribbed cuffs and hem", "Regular fit"),
    ),
    "Merino Cardigan": Style(
        "Knitwear", "100% merino wool", _COOL_WASH, Decimal("0.420"), "6110111000", "kofta i merinoull",
        "A light cardigan that goes under a coat", ("Five horn buttons", "Two patch pockets"),
    ),
    "Oxford Shirt": Style(
        "Shirts", "100% cotton", _WARM_WASH, Decimal("0.280"), "6205200000", "oxfordskjorta",
        "A shirt that softens with every wash", ("Button-down collar", "Box pleat at the back"),
    ),
    "Linen Shirt": Style(
        "Shirts", "100% linen", _WARM_WASH, Decimal("0.240"), "6205909000", "linneskjorta",
        "A shirt for warm days", ("Garment washed", "Mother-of-pearl buttons"),
    ),
    "Slim Chino": Style(
        "Trousers", "98% cotton, 2% elastane", _WARM_WASH, Decimal("0.480"), "6203423500", "smala chinos",
        "Trousers with a little stretch", ("Slim leg", "Four pockets"),
    ),
    "Selvedge Jean": Style(
        "Trousers", "100% cotton", _COOL_WASH, Decimal("0.750"), "6203423100", "jeans med stadkant",
        "Heavy denim from a narrow loom", ("14 oz denim", "Button fly"),
    ),
    "Waxed Jacket": Style(
        "Outerwear", "100% waxed cotton", _WIPE, Decimal("1.300"), "6201402000", "vaxad jacka",
        "A jacket that keeps out wind & rain", ("Corduroy collar", "Can be waxed again"),
    ),
    "Quilted Gilet": Style(
        "Outerwear", "100% recycled polyester", _COOL_WASH, Decimal("0.520"), "6201402000", "quiltad väst",
        "A warm layer without sleeves", ("Two-way zip", "Packs into its own pocket"),
    ),
    "Wrap Dress": Style(
        "Dresses", "100% viscose", _COOL_WASH, Decimal("0.360"), "6204440000", "omlottklänning",
        "A dress that ties at the side", ("Midi length", "Three-quarter sleeves"),
    ),
    "Pleated Skirt": Style(
        "Dresses", "100% recycled polyester", _COOL_WASH, Decimal("0.330"), "6204530000", "plisserad kjol",
        "A skirt with pleats that stay", ("Elastic waist", "Lined"),
    ),
    "Pique Polo": Style(
        "Tops", "100% cotton", _WARM_WASH, Decimal("0.260"), "6105100000", "pikétröja",
        "A polo shirt in a fine piqué", ("Two buttons", "Side vents"),
    ),
    "Heavy Cotton Tee": Style(
        "Tops", "100% organic cotton", _WARM_WASH, Decimal("0.240"), "6109100010", "kraftig t-shirt",
        "A T-shirt of some substance", ("240 g jersey", "Taped shoulders"),
    ),
    "Wool Overcoat": Style(
        "Outerwear", "80% wool, 20% polyamide", _DRY_CLEAN, Decimal("1.650"), "6201200000", "överrock i ull",
        "A coat to wear for many winters", ("Half lined", "Notch lapels"),
    ),
    "Chelsea Boot": Style(
        "Footwear", "Leather upper, rubber sole", _WIPE, Decimal("1.400"), "6403919800", "chelseaboots",
        "A boot that can be resoled", ("Elastic sides", "Welted sole"),
    ),
    "Suede Loafer": Style(
        "Footwear", "Suede upper, leather sole", "Brush when dry", Decimal("0.950"), "6403599500", "loafers i mocka",
        "A loafer without lining", ("Hand-sewn apron", "Leather sole"),
    ),
    "Lambswool Scarf": Style(
        "Accessories", "100% lambswool", "Hand wash cool", Decimal("0.180"), "6117100000", "halsduk i lammull",
        "A scarf woven & brushed in Scotland", ("180 cm by 30 cm", "Fringed ends"),
    ),
    "Leather Belt": Style(
        "Accessories", "100% leather", _WIPE, Decimal("0.220"), "4203300000", "läderbälte",
        "A belt cut from one piece of leather", ("Solid brass buckle", "3.5 cm wide"),
    ),
    "Cord Trouser": Style(
        "Trousers", "100% cotton", _WARM_WASH, Decimal("0.560"), "6203421100", "manchesterbyxor",
        "Corduroy trousers with a straight leg", ("Fine cord", "Zip fly"),
    ),
}


def as_html(lines: tuple[str, ...]) -> str:
    """The first line as a paragraph, the others as a list, as a shop's editor stores a description."""
    points = "".join(f"<li>{escape(line)}</li>" for line in lines[1:])
    return f"<p>{escape(lines[0])}</p><ul>{points}</ul>"
