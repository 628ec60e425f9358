"""A product is asked for with all that is sold under it and every way it is shown, in one document.

It needs a token that may read `Product`, `Product.attributes`, `Product.countryOfOrigin`, `ProductVariant`,
`ProductVariant.attributes`, `ProductSize`, `ProductMedia`, `SizeChart`, `Brand`, `Collection`, `Display`,
`Display.attributes`, `Category`, `Campaign`, `Price`, `Pricelist`, `Market`, `Store` and `Translation`.
Nothing of it is left out where one is missing: a product without its campaigns or images would be a lie.

Stock is not asked here, since its quantities would multiply what a page costs.
Centra docs: Integration API, GraphQL reference (Product, ProductVariant, Display, Price, CampaignVariant).
"""

from integration.centra.queries import Operation

CAMPAIGNS = 50
"""Campaigns of a display that come with its product; 1 to 200 are allowed. Nested lists multiply what a request costs,
so the few displays with more are asked again."""

_MONEY = "{ value currency { code } }"
_ATTRIBUTES = """attributes { type { name } elements { key
    ... on AttributeStringElement { value } ... on AttributeChoiceElement { selectedValue selectedValueName }
    ... on AttributeFileElement { url } ... on AttributeImageElement { url } } }"""
_TRANSLATIONS = "translations { language { languageCode countryCode } fields { field value } }"
_MEDIA = 'media { id source(sizeName: "standard") { url } }'
_CAMPAIGN = f"id status discountPercent fixedPrice {_MONEY} startAt stopAt productVariant {{ id }}"

# Lists without a limit are not cut off there: "limit is optional" or "all elements are always returned".
_DISPLAY = f"""
    id name status description shortDescription metaTitle metaDescription
    store {{ id }} markets {{ id }} productVariants {{ id }}
    canonicalCategory {{ id name }} categories {{ id name }}
    {_ATTRIBUTES} {_TRANSLATIONS} {_MEDIA}
    campaignVariants(limit: {CAMPAIGNS}) {{ {_CAMPAIGN} }}
"""
_VARIANT = f"""
    id name status variantNumber unitCost {_MONEY} sizeChart {{ name }}
    {_ATTRIBUTES} {_TRANSLATIONS} {_MEDIA}
    prices {{ id pricelist {{ id }} price {_MONEY} recommendedRetailPrice {_MONEY} }}
    productSizes {{ id SKU EAN UPC description sizeNumber isActive }}
"""
_PRODUCT = f"""
    id name status productNumber harmonizedCommodityCode updatedAt
    countryOfOrigin {{ code }} weight {{ value unit }} brand {{ id name }} collection {{ id name }}
    {_ATTRIBUTES} {_TRANSLATIONS} {_MEDIA}
    displays {{ {_DISPLAY} }}
    variants {{ {_VARIANT} }}
"""

PRODUCTS = Operation(
    "products",
    "query products($where: ProductFilter, $limit: Int!, $page: Int!) {"
    f" products(where: $where, sort: [id_ASC], limit: $limit, page: $page) {{ {_PRODUCT} }} }}",
    40_000,
)
MORE_CAMPAIGNS = Operation(
    "displays",
    "query moreCampaigns($ids: [Int!]!, $limit: Int!, $page: Int!) {"
    " displays(where: { id: $ids }, sort: [id_ASC], limit: $limit) {"
    f" id campaignVariants(limit: 200, page: $page) {{ {_CAMPAIGN} }} }} }}",
    20_000,
)
VARIANT_PRODUCTS = Operation(
    "productVariants",
    "query variantProducts($ids: [Int!]!, $limit: Int!) {"
    " productVariants(where: { id: $ids }, sort: [id_ASC], limit: $limit) { id product { id } } }",
    1_000,
)
DISPLAY_PRODUCTS = Operation(
    "displays",
    "query displayProducts($ids: [Int!]!, $limit: Int!) {"
    " displays(where: { id: $ids }, sort: [id_ASC], limit: $limit) { id product { id } } }",
    1_000,
)
SIZE_PRODUCTS = Operation(
    "productSizes",
    "query sizeProducts($ids: [Int!]!, $limit: Int!) {"
    " productSizes(where: { id: $ids }, sort: [id_ASC], limit: $limit) { id productVariant { product { id } } } }",
    1_000,
)
