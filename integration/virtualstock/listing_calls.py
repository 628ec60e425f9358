"""What a supplier may ask or tell of listings: read them, set their stock and their attributes, create one.

Virtualstock API docs: Products.
"""

from collections.abc import Iterator, Mapping, Sequence

import structlog

from integration.lanes import Lane
from integration.problems import Refused
from integration.virtualstock.connection import Connection, Row, window
from integration.virtualstock.errors import VIRTUALSTOCK_DATA, VIRTUALSTOCK_STOCK
from integration.virtualstock.paging import page_of, pages
from integration.virtualstock.schema import Category, Product

PRODUCTS_PER_PAGE = 200
CATEGORIES_PER_PAGE = 200
_PRODUCTS = "/api/v4/products/"
_CATEGORIES = "/api/v4/categories/"
_log = structlog.get_logger(__name__)


class ListingCalls(Connection):
    """Products, categories and stock of one credential."""

    def products_page(
        self, offset: int, *, lane: Lane, limit: int = PRODUCTS_PER_PAGE
    ) -> tuple[list[Product], int | None]:
        """Listings from `offset` on, and the offset of the next page (None: that was the last).

        A credential may see several retailers; `Product.client_id` tells them apart.
        Virtualstock API docs: Products, list products.
        """
        data = self._get(_PRODUCTS, window(offset, limit), lane).data
        page = page_of(data, offset, limit)
        following = page.following[0] if page.following else None
        return _products(page.rows), following if following is not None and following > offset else None

    def products(self, *, lane: Lane, offset: int = 0) -> Iterator[Product]:
        """Every listing from `offset` on, fetched page by page as it is consumed. See `products_page`."""
        for page in pages(self._fetch(_PRODUCTS, {}, lane), limit=PRODUCTS_PER_PAGE, offset=offset):
            yield from _products(page.rows)

    def set_stock(self, product_id: int, quantity: int, *, lane: Lane) -> None:
        """Make `quantity` units the sellable stock of a listing.

        Virtualstock API docs: Products, update stock. The field is always ``supplier_free_stock`` here; the platform
        maps it to the retailer's own. What was sent cannot be relied on to be readable afterwards.

        :raises TryAgain: also while the product is being published (409), with a `wait` of a few minutes.
        :raises LookFirst: the answer was lost.
        :raises Refused: ``code`` is ``PRODUCT_NOT_FOUND`` when there is no such listing.
        """
        if quantity < 0:
            raise Refused("A stock below zero was not sent to Virtualstock")
        self._request(
            "PATCH", f"{_PRODUCTS}{product_id:d}/stock", lane, platform=VIRTUALSTOCK_STOCK, safe=False,
            body={"supplier_free_stock": quantity},
        )

    def patch_product(self, product_id: int, attributes: Mapping[str, str], *, lane: Lane) -> Product:
        """Set these attributes of a listing and leave all others. Returns the whole listing as it is now.

        Virtualstock API docs: Products, update a product. The platform leaves out, without a word, what the retailer's
        model does not know; so the answer says what was taken.

        :raises TryAgain: also while the product is being published (409), with a `wait` of a few minutes.
        :raises LookFirst: the answer was lost.
        :raises Refused: ``fields`` says which attributes they refused and why, where they told.
        """
        answer = self._request(
            "PATCH", f"{_PRODUCTS}{product_id:d}/", lane, platform=VIRTUALSTOCK_DATA, safe=False,
            params={"format": "json"}, body={"data": dict(attributes)},
        )
        return Product.parse(answer.data)

    def create_product(
        self, part_number: str, category_id: int, client_id: int, supplier_id: int, attributes: Mapping[str, str], *,
        lane: Lane,
    ) -> Product:
        """List a new product at a retailer. Virtualstock API docs: Products, create a product.

        :param client_id: the retailer, by its id in the products family.
        :raises LookFirst: the answer was lost; ask `products_named` before repeating.
        :raises Refused: ``status`` 403 where the retailer lets no supplier create; ``fields`` as in `patch_product`.
        """
        body = {
            "part_number": part_number,
            "category": f"{self._base_url}{_CATEGORIES}{category_id:d}/",
            "client": f"{self._base_url}/api/v4/clients/{client_id:d}/",
            "supplier": f"{self._base_url}/api/v4/suppliers/{supplier_id:d}/",
            "data": dict(attributes),
        }
        answer = self._request(
            "POST", _PRODUCTS, lane, platform=VIRTUALSTOCK_DATA, safe=False, params={"format": "json"}, body=body
        )
        return Product.parse(answer.data)

    def products_named(self, part_number: str, *, lane: Lane) -> list[Product]:
        """The listings with exactly this part number at all retailers of the credential; the look after `LookFirst`.

        Virtualstock API docs: Products, list products, filter ``part_number``.
        """
        data = self._get(_PRODUCTS, {"part_number": part_number, "limit": PRODUCTS_PER_PAGE}, lane).data
        found = _products(page_of(data, 0, PRODUCTS_PER_PAGE).rows)
        return [product for product in found if product.part_number == part_number]

    def categories(self, *, lane: Lane) -> list[tuple[int, str]]:
        """The categories that products of this credential may have, as (id, name).

        Virtualstock API docs: Products, list categories.
        """
        found = [Category.parse(row) for row in self._rows(_CATEGORIES, {}, CATEGORIES_PER_PAGE, lane)]
        return [(each.id, each.name or "") for each in found if each.id is not None]


def _products(rows: Sequence[Row]) -> list[Product]:
    products = [Product.parse(row) for row in rows]
    usable = [product for product in products if product.id is not None]
    if len(usable) < len(products):
        _log.warning("virtualstock_products_without_id", count=len(products) - len(usable))
    return usable
