"""The part of the fake Centra that is about products and what hangs below them; `tests.fakes` has the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from integration.centra.content import Product
from integration.lanes import Lane


@dataclass
class CatalogueInCentra:
    """Products as Centra shows them, by id. `_call` is that of `tests.fakes.Platform`, which it is mixed into."""

    range: dict[int, Product] = field(default_factory=dict)

    def sells(self, product: Product) -> None:
        """A product is made, or changed to this."""
        self.range[product.id] = product

    def products_page(self, page: int, limit: int = 25, *, lane: Lane) -> list[Product]:
        found = [self.range[number] for number in sorted(self.range)][(page - 1) * limit : page * limit]
        with self._call("products_page", lane, page):  # type: ignore[attr-defined]
            return found

    def products(self, ids: Sequence[int], *, lane: Lane) -> list[Product]:
        # What is answered is what was there when the question arrived, whatever happens on the way back.
        found = [self.range[number] for number in ids if number in self.range]
        with self._call("products", lane, list(ids)):  # type: ignore[attr-defined]
            return found

    def product_ids_of(self, kind: str, ids: Sequence[int], *, lane: Lane) -> dict[int, int]:
        with self._call("product_ids_of", lane, (kind, list(ids))):  # type: ignore[attr-defined]
            owners = {part: product.id for product in self.range.values() for part in _parts(product, kind)}
            return {part: owners[part] for part in ids if part in owners}


def _parts(product: Product, kind: str) -> list[int]:
    if kind == "display":
        return [each.id for each in product.displays]
    if kind == "variant":
        return [each.id for each in product.variants]
    return [size.id for each in product.variants for size in each.sizes]
