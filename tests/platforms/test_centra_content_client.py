"""A product is read whole in one request, tolerantly, and what an answer cut off is asked for again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import responses
from recording_gate import RecordingGate

from integration.centra.catalogue_queries import CAMPAIGNS, MORE_CAMPAIGNS, PRODUCTS
from integration.centra.client import LISTENED, CentraClient
from integration.centra.content import Amount, Campaign, Image, Named, Price, Size
from integration.lanes import Lane
from integration.problems import Refused

URL = "https://example.centra.com/graphql"
LANE = Lane.CATALOGUE


@pytest.fixture
def client(gate: RecordingGate) -> CentraClient:
    return CentraClient(URL, "token", "https://example.centra.com/api/order-api", "key", gate)


@pytest.fixture
def centra() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as stub:
        yield stub


def answers(centra: responses.RequestsMock, text: str | None = None, **data: object) -> None:
    centra.post(URL, body=text or json.dumps({"data": data}), content_type="application/json")


def sent(centra: responses.RequestsMock, index: int = -1) -> Any:
    return json.loads(centra.calls[index].request.body or b"")


def money(value: object, code: str = "GBP") -> dict[str, object]:
    return {"value": value, "currency": {"code": code}}


def attribute(name: str, **element: object) -> dict[str, object]:
    return {"type": {"name": name}, "elements": [element]}


def campaign(number: int, **more: object) -> dict[str, object]:
    return {
        "id": number, "status": "ACTIVE", "discountPercent": 25, "fixedPrice": None,
        "startAt": "2026-03-02T00:00:00+01:00", "stopAt": "2026-03-09T00:00:00+01:00", "productVariant": {"id": 32},
    } | more  # fmt: skip


DISPLAY = {
    "id": 33, "name": "Lambswool jumper", "status": "ACTIVE", "description": "<p>Soft &amp; warm</p>",
    "shortDescription": "Soft", "metaTitle": "Jumper", "metaDescription": None,
    "store": {"id": 1}, "markets": [{"id": 3}, {"id": 4}], "productVariants": [{"id": 32}],
    "canonicalCategory": {"id": 5, "name": "Knitwear"}, "categories": [{"id": 5, "name": "Knitwear"}],
    "attributes": [], "media": [{"id": 91, "source": {"url": "https://cdn/91.jpg"}}, {"id": 92, "source": None}],
    "translations": [
        {"language": {"languageCode": "sv", "countryCode": "SE"},
         "fields": [{"field": "name", "value": "Lammullströja"}, {"field": "description", "value": None}]},
        {"language": {"languageCode": "de", "countryCode": None}, "fields": [{"field": "name", "value": "Pullover"}]},
    ],
    "campaignVariants": [campaign(61)],
}  # fmt: skip
VARIANT = {
    "id": 32, "name": "Navy", "status": "ACTIVE", "variantNumber": "NV", "unitCost": money(31.6),
    "sizeChart": {"name": "Letters"}, "translations": [], "media": [{"id": 91, "source": {"url": "https://cdn/91.jpg"}}],
    "attributes": [
        attribute("colour", key="text", value="Navy"),
        attribute("fit", key="choice", selectedValue="sl", selectedValueName="Slim"),
        attribute("swatch", key="image", url="https://cdn/navy.png"),
        attribute("empty", key="text", value=None),
        {"type": None, "elements": [{"key": "text", "value": "nobody's"}]},
    ],
    "prices": [
        {"id": 71, "pricelist": {"id": 7}, "price": money(79.9), "recommendedRetailPrice": None},
        {"id": 72, "pricelist": {"id": 8}, "price": None, "recommendedRetailPrice": money(89)},
    ],
    "productSizes": [{"id": 11, "SKU": "JMPNVM", "EAN": "5000000000012", "UPC": None, "description": "M",
                      "sizeNumber": "M", "isActive": True}],
}  # fmt: skip
PRODUCT = {
    "id": 31, "name": "Jumper", "status": "ACTIVE", "productNumber": "JMP", "harmonizedCommodityCode": "611011",
    "countryOfOrigin": {"code": "GB"}, "weight": {"value": 0.45, "unit": "KILOGRAMS"},
    "brand": {"id": 1, "name": "Harrow & Fen"}, "collection": {"id": 2, "name": "Core"},
    "updatedAt": "2026-03-02T10:00:00+01:00", "translations": None, "media": None,
    "attributes": [attribute("material", key="text", value="100 % lambswool")],
    "displays": [DISPLAY], "variants": [VARIANT], "somethingNew": {"deep": [1]},
}  # fmt: skip


def test_a_product_carries_what_all_its_retailers_need(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, products=[PRODUCT])

    (product,) = client.products([31], lane=LANE)

    assert (product.id, product.name, product.status, product.number) == (31, "Jumper", "ACTIVE", "JMP")
    assert (product.hs_code, product.country_of_origin) == ("611011", "GB")
    assert (product.weight, product.weight_unit) == (Decimal("0.45"), "KILOGRAMS")
    assert (product.brand, product.collection) == (Named(id=1, name="Harrow & Fen"), Named(id=2, name="Core"))
    assert product.updated_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (product.attributes, product.translations, product.images) == ({"material.text": "100 % lambswool"}, {}, ())


def test_a_variant_carries_its_attributes_prices_and_sizes(
    client: CentraClient, centra: responses.RequestsMock
) -> None:
    answers(centra, products=[PRODUCT])

    ((variant,),) = (each.variants for each in client.products([31], lane=LANE))

    assert variant.attributes == {"colour.text": "Navy", "fit.choice": "Slim", "swatch.image": "https://cdn/navy.png"}
    assert (variant.number, variant.size_chart) == ("NV", "Letters")
    assert variant.unit_cost == Amount(value=Decimal("31.6"), currency="GBP")
    assert variant.images == (Image(id=91, url="https://cdn/91.jpg"),)
    assert variant.prices == (
        Price(id=71, pricelist_id=7, amount=Amount(value=Decimal("79.9"), currency="GBP")),
        Price(id=72, pricelist_id=8, recommended=Amount(value=Decimal(89), currency="GBP")),
    )
    assert variant.sizes == (Size(id=11, sku="JMPNVM", ean="5000000000012", label="M", number="M", is_active=True),)


def test_a_display_carries_its_texts_places_and_campaigns(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, products=[PRODUCT])

    ((display,),) = (each.displays for each in client.products([31], lane=LANE))

    assert (display.name, display.description) == ("Lambswool jumper", "<p>Soft &amp; warm</p>")
    assert (display.short_description, display.meta_title, display.meta_description) == ("Soft", "Jumper", None)
    assert (display.store_id, display.market_ids, display.variant_ids) == (1, (3, 4), (32,))
    knitwear = Named(id=5, name="Knitwear")
    assert (display.canonical_category, display.categories) == (knitwear, (knitwear,))
    assert display.translations == {"sv-SE": {"name": "Lammullströja"}, "de": {"name": "Pullover"}}
    assert [image.url for image in display.images] == ["https://cdn/91.jpg", None]
    assert display.campaigns == (
        Campaign(id=61, variant_id=32, percent=Decimal(25), starts_at=datetime(2026, 3, 1, 23, tzinfo=UTC),
                 stops_at=datetime(2026, 3, 8, 23, tzinfo=UTC)),
    )  # fmt: skip


def test_an_amount_is_exactly_the_digits_that_centra_wrote(
    client: CentraClient, centra: responses.RequestsMock
) -> None:
    text = json.dumps({"data": {"products": [PRODUCT]}}).replace("79.9", "79.90000000000000001")
    answers(centra, text)

    ((variant,),) = (each.variants for each in client.products([31], lane=LANE))

    assert variant.prices[0].amount == Amount(value=Decimal("79.90000000000000001"), currency="GBP")


def test_a_fixed_price_without_end_and_a_date_of_zeros_are_read(
    client: CentraClient, centra: responses.RequestsMock
) -> None:
    fixed = campaign(62, discountPercent=None, fixedPrice=money(59), startAt="0000-00-00 00:00:00", stopAt=None)
    answers(centra, products=[PRODUCT | {"displays": [DISPLAY | {"campaignVariants": [fixed]}]}])

    ((display,),) = (each.displays for each in client.products([31], lane=LANE))

    assert display.campaigns == (Campaign(id=62, variant_id=32, fixed=Amount(value=Decimal(59), currency="GBP")),)


def test_a_product_of_which_little_is_filled_in_is_read(client: CentraClient, centra: responses.RequestsMock) -> None:
    absent = dict.fromkeys(PRODUCT) | {"id": 31}
    bare_display = dict.fromkeys(DISPLAY) | {"id": 33, "store": {"id": 1}}
    bare_variant = dict.fromkeys(VARIANT) | {"id": 32, "productSizes": [{"id": 11, "isActive": None}]}
    answers(centra, products=[absent, PRODUCT | {"displays": [bare_display], "variants": [bare_variant]}])

    empty, bare = client.products([31, 32], lane=LANE)

    assert (empty.name, empty.status, empty.displays, empty.variants, empty.weight) == ("", "", (), (), None)
    assert (bare.displays[0].market_ids, bare.displays[0].campaigns, bare.displays[0].attributes) == ((), (), {})
    assert (bare.variants[0].prices, bare.variants[0].sizes) == ((), (Size(id=11, is_active=False),))


def test_a_status_that_nobody_knows_stays_text(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, products=[PRODUCT | {"status": "HIBERNATING"}])
    assert client.products([31], lane=LANE)[0].status == "HIBERNATING"


def test_what_is_stored_of_a_product_is_read_back_the_same(
    client: CentraClient, centra: responses.RequestsMock
) -> None:
    answers(centra, products=[PRODUCT])
    (product,) = client.products([31], lane=LANE)
    assert type(product).model_validate_json(product.model_dump_json()) == product


def test_a_product_without_the_store_of_its_display_is_refused_by_name(
    client: CentraClient, centra: responses.RequestsMock
) -> None:
    answers(centra, products=[PRODUCT | {"displays": [DISPLAY | {"store": None}]}])
    with pytest.raises(Refused, match=r"Product of Centra cannot be read: displays\.0\.store\.id"):
        client.products([31], lane=LANE)


def test_products_are_asked_25_at_a_time_and_none_need_no_call(
    client: CentraClient, centra: responses.RequestsMock, gate: RecordingGate
) -> None:
    answers(centra, products=[])
    assert client.products([], lane=LANE) == []
    assert client.products(range(1, 52), lane=LANE) == []
    asked = [sent(centra, index)["variables"] for index in range(len(centra.calls))]
    assert [each["where"]["id"] for each in asked] == [list(range(1, 26)), list(range(26, 51)), [51]]
    assert [each["limit"] for each in asked] == [25, 25, 1]
    assert {lane for lane, _ in gate.taken} == {LANE}


def test_a_page_is_of_all_products_by_id_and_asks_for_no_stock(
    client: CentraClient, centra: responses.RequestsMock
) -> None:
    answers(centra, products=[])
    client.products_page(3, lane=LANE)
    assert sent(centra)["variables"] == {"limit": 25, "page": 3}
    assert "id_ASC" in sent(centra)["query"]
    assert "Quantity" not in sent(centra)["query"]


def full(first: int) -> dict[str, object]:
    return {"campaignVariants": [campaign(first + number) for number in range(CAMPAIGNS)]}


def test_displays_with_more_campaigns_than_came_along_are_asked_for_all_of_them(
    client: CentraClient, centra: responses.RequestsMock
) -> None:
    answers(centra, products=[
        PRODUCT | {"displays": [DISPLAY | full(0), DISPLAY | {"id": 34}]},
        PRODUCT | {"id": 35, "displays": [DISPLAY | {"id": 36} | full(1000)]},
    ])  # fmt: skip
    answers(centra, displays=[
        {"id": 33, "campaignVariants": [campaign(number) for number in range(200)]},
        {"id": 36, "campaignVariants": [campaign(1000 + number) for number in range(60)]},
    ])  # fmt: skip
    answers(centra, displays=[{"id": 33, "campaignVariants": [campaign(200)]}])

    first, second = client.products_page(1, lane=LANE)

    assert [each.id for each in first.displays[0].campaigns] == list(range(201))
    assert [each.id for each in first.displays[1].campaigns] == [61]
    assert len(second.displays[0].campaigns) == 60
    asked = [sent(centra, index)["variables"] for index in (1, 2)]
    assert [(each["ids"], each["page"]) for each in asked] == [([33, 36], 1), ([33], 2)]
    assert [sent(centra, index)["query"] for index in (0, 1)] == [PRODUCTS.text, MORE_CAMPAIGNS.text]


@pytest.mark.parametrize(
    ("kind", "root", "row"),
    [("variant", "productVariants", {"product": {"id": 31}}), ("display", "displays", {"product": {"id": 31}}),
     ("size", "productSizes", {"productVariant": {"product": {"id": 31}}})],
)  # fmt: skip
def test_a_part_tells_the_product_it_belongs_to(
    client: CentraClient, centra: responses.RequestsMock, kind: Any, root: str, row: dict[str, Any]
) -> None:
    answers(centra, **{root: [{"id": 5} | row, {"id": 6} | dict.fromkeys(row)]})
    assert client.product_ids_of(kind, [5, 6, 7], lane=LANE) == {5: 31}
    assert sent(centra)["variables"] == {"ids": [5, 6, 7], "limit": 3}


def test_parts_are_asked_200_at_a_time(client: CentraClient, centra: responses.RequestsMock) -> None:
    answers(centra, productVariants=[])
    client.product_ids_of("variant", range(201), lane=LANE)
    assert [len(sent(centra, index)["variables"]["ids"]) for index in range(2)] == [200, 1]


def test_each_question_remembers_what_it_cost_by_itself(
    client: CentraClient, centra: responses.RequestsMock, gate: RecordingGate
) -> None:
    def costs(root: str, complexity: int) -> None:
        answers(centra, json.dumps({"data": {root: []}, "extensions": {"complexity": complexity}}))

    costs("productSizes", 9_000)
    costs("productSizes", 30)
    costs("productSizes", 9_000)
    client.sizes([5], lane=LANE)
    client.product_ids_of("size", [5], lane=LANE)
    client.sizes([5], lane=LANE)
    assert gate.taken[2][1]["complexity"] == 9_000


def test_we_listen_to_whatever_changes_what_a_retailer_shows() -> None:
    assert {
        "Product", "ProductVariant", "ProductSize", "ProductMedia", "Display", "Price", "Pricelist", "Campaign",
        "Category", "Brand", "Collection", "MappedAttribute", "SizeChart",
    } <= set(LISTENED)  # fmt: skip
