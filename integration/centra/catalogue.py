"""A product comes whole or not at all: texts, images, prices and campaigns of one moment, none of them cut off."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AliasChoices, AliasPath, Field

from integration.centra import catalogue_queries as queries
from integration.centra.content import Campaign, Product
from integration.centra.graphql import GraphQL, chunks, rows
from integration.centra.queries import Operation
from integration.centra.schema import Read, Rows, maybe
from integration.lanes import Lane

CONTENT_PAGE = 25
"""Products in a page; all that hangs below them multiplies the complexity. A shorter page is the last."""
LARGEST_PAGE = 200

PartKind = Literal["variant", "display", "size"]
"""Parts whose product can be asked for by their id."""
_OWNERS: Mapping[PartKind, Operation] = {
    "variant": queries.VARIANT_PRODUCTS, "display": queries.DISPLAY_PRODUCTS, "size": queries.SIZE_PRODUCTS,
}  # fmt: skip


class _Part(Read):
    """Something that belongs to a product."""

    id: int
    product_id: int | None = Field(
        default=None,
        validation_alias=AliasChoices(AliasPath("product", "id"), AliasPath("productVariant", "product", "id")),
    )


class _Campaigns(Read):
    """A display as far as its campaigns go."""

    id: int
    campaigns: Annotated[tuple[Campaign, ...], Rows] = maybe("campaignVariants", default=())


class Catalogue:
    """The products of the Integration API. Raises what `CentraClient` raises."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    def page(self, page: int, limit: int, lane: Lane) -> list[Product]:
        """Page `page` (from 1) of all products by id, also inactive ones."""
        return self._products({"limit": limit, "page": page}, lane)

    def by_id(self, ids: Sequence[int], lane: Lane) -> list[Product]:
        """The products with these ids; those that no longer exist are absent."""
        found: list[Product] = []
        for chunk in chunks(ids, CONTENT_PAGE):
            found += self._products({"where": {"id": chunk}, "limit": len(chunk), "page": 1}, lane)
        return found

    def owners(self, kind: PartKind, ids: Sequence[int], lane: Lane) -> dict[int, int]:
        """The product of each variant, display or size; parts that no longer exist are absent."""
        found: list[_Part] = []
        for chunk in chunks(ids, LARGEST_PAGE):
            found += rows(_Part, self._graphql.run(_OWNERS[kind], {"ids": chunk, "limit": len(chunk)}, lane=lane))
        return {part.id: part.product_id for part in found if part.product_id is not None}

    def _products(self, variables: Mapping[str, object], lane: Lane) -> list[Product]:
        found = rows(Product, self._graphql.run(queries.PRODUCTS, variables, lane=lane))
        cut = [display.id for each in found for display in each.displays if len(display.campaigns) >= queries.CAMPAIGNS]
        whole = self._campaigns(cut, lane)
        return [_with_campaigns(each, whole) for each in found] if whole else found

    def _campaigns(self, display_ids: Sequence[int], lane: Lane) -> dict[int, tuple[Campaign, ...]]:
        """All campaigns of these displays."""
        found: dict[int, tuple[Campaign, ...]] = {}
        for chunk in chunks(display_ids, CONTENT_PAGE):
            open_ids, page = chunk, 1
            # From the first page again: the ones that came with the product were of another size.
            while open_ids:
                variables = {"ids": open_ids, "limit": len(open_ids), "page": page}
                read = rows(_Campaigns, self._graphql.run(queries.MORE_CAMPAIGNS, variables, lane=lane))
                for display in read:
                    found[display.id] = found.get(display.id, ()) + display.campaigns
                open_ids = [display.id for display in read if len(display.campaigns) >= LARGEST_PAGE]
                page += 1
        return found


def _with_campaigns(product: Product, whole: Mapping[int, tuple[Campaign, ...]]) -> Product:
    displays = tuple(
        each.model_copy(update={"campaigns": whole[each.id]}) if each.id in whole else each
        for each in product.displays
    )
    return product.model_copy(update={"displays": displays})
