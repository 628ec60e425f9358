"""What a shop tells its customers of a thing: attributes, translations, images and categories, in Centra's terms.

Centra docs: Integration API, GraphQL reference (Attribute, LanguageTranslation, ProductMedia, Category, SizeChart).
"""

from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.seed import IMAGES, image_url

STANDARD = "standard"
"""The one size of images that the instance is set up with."""
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300" + "10" * 64 + "ffc0000b080001000101011100"
    "ffc40014000100000000000000000000000000000009ffc40014100100000000000000000000000000000000ffda0008010100003f0054bfffd9"
)
"""The smallest picture: one grey dot."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language the shop's texts can be in."""

    id: int
    name: str
    code: str
    language_code: str
    country_code: str
    is_active: bool = True


LANGUAGES = (
    Language(1, "English", "en", "en", "GB"), Language(2, "Swedish", "sv", "sv", "SE"),
    Language(3, "German", "de", "de", "DE"),
)
"""The first is the shop's own; into the others it may translate."""


@dataclass(frozen=True, slots=True)
class AttributeType:
    """What an attribute of one kind of object is: `elements` maps the key of each part to its kind."""

    object_type: str
    name: str
    description: str
    elements: dict[str, str]
    is_mapped: bool = False


@dataclass(slots=True, eq=False)
class Content:
    """What is told of one product, variant or display.

    `attributes` maps ``type.element`` to its value, `translations` a language's ``sv-SE`` to fields and texts, `media`
    holds ids of the images assigned to the object itself, in order.
    """

    attributes: dict[str, str] = field(default_factory=dict)
    translations: dict[str, dict[str, str]] = field(default_factory=dict)
    media: list[int] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Category:
    """A shelf of the shop."""

    typename: ClassVar[str] = "Category"
    id: int
    name: str
    meta_description: str | None = None
    child_categories: tuple[()] = ()
    is_top: bool = True

    @property
    def uri(self) -> str:
        """Its address in the shop."""
        return self.name.lower().replace(" ", "-")


@dataclass(slots=True, eq=False)
class Named:
    """A brand or collection."""

    id: int
    name: str
    status: str = "ACTIVE"

    @property
    def uri(self) -> str:
        """Its address in the shop."""
        return self.name.lower().replace(" & ", "-").replace(" ", "-")


@dataclass(slots=True, eq=False)
class SizeChart:
    """A row of sizes that variants come in."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Media:
    """An image by its id; `base` is the instance's URL."""

    id: int
    base: str

    @property
    def meta_data_json(self) -> str:
        """What people noted about it: nothing."""
        return "{}"

    def source(self, size_name: str) -> "MediaSource | None":
        """The image in a size; None when the instance has no such size."""
        return MediaSource(image_url(self.base, self.id)) if size_name == STANDARD else None


@dataclass(frozen=True, slots=True)
class MediaSize:
    """How an image was cut down."""

    name: str = STANDARD
    quality: int = 85
    max_width: int = 1200
    max_height: int = 1600


@dataclass(frozen=True, slots=True)
class MediaSource:
    """Where an image of one size lies."""

    url: str
    type: str = "IMAGE"
    mime_type: str = "image/jpeg"
    media_size: MediaSize = MediaSize()


def image_of(path: str) -> int | None:
    """The id in the path of an image; None when the path is no image's."""
    head, _, name = path.rpartition("/")
    number, _, rest = name.partition("_")
    return int(number) if head == IMAGES and rest == f"{STANDARD}.jpg" and number.isdecimal() else None
