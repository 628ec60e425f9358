"""The Order API shows things in its own spelling: ids as text, flags as 0 and 1, empty text instead of null."""

from typing import Any
from zoneinfo import ZoneInfo

from sandbox.centra.clock import plain
from sandbox.centra.model import Pricelist, ProductSize, without_tax
from sandbox.centra.sales import Address, CarrierInformation, Order, OrderLine, Shipment

_NO_CARRIER = CarrierInformation("", "")


def order(source: Order, zone: ZoneInfo) -> dict[str, Any]:
    """A row of ``GET /orders``."""
    total = source.grand_total
    reference = source.payment_history[-1].external_reference if source.payment_history else None
    return {
        "orderId": str(source.number), "selectionId": source.id, "orderDate": plain(source.order_date, zone),
        "cancelDate": source.cancel_date or "", "estimatedDeliveryDate": source.delivery_date or "",
        "orderStore": source.store.name, "orderCurrency": source.currency.code, "customerId": str(source.customer.id),
        "accountId": "", **_address("delivery", source.shipping_address), **_address("billing", source.billing_address),
        "billingVAT": "", "poNumber": "", "shippingList": source.shipping_price_group.uri, "suspect": 0,
        "internalOrder": int(source.is_internal), "hold": int(source.is_on_hold),
        "waitingForPayment": int(source.is_waiting_for_payment), "shippingValue": source.shipping_value,
        "voucherValue": source.voucher_value, "grandTotalValue": total,
        "grandTotalTaxValue": total - without_tax(total),
        "taxAdded": 0, "taxDeducted": 0, "internalComment": source.internal_comment,
        "otherComment": source.other_comment, "marketId": source.market.id, "pricelistId": source.pricelist.id,
        "paymentReference": reference or "",
        "shipments": [_shipment_of_order(shipment, zone) for shipment in source.shipments],
        "products": [_line(line) for line in source.lines if line.quantity],
    }


def _address(prefix: str, source: Address) -> dict[str, str]:
    parts = {
        "Name": f"{source.first_name or ''} {source.last_name or ''}".strip(), "Company": "", "Email": source.email,
        "Cell": source.cell_phone_number, "Tele": source.phone_number, "Address": source.address1,
        "Coaddress": source.address2, "Zipcode": source.zip_code, "City": source.city,
        "State": source.state_or_province, "Country": source.country.code,
    }
    return {f"{prefix}{name}": value or "" for name, value in parts.items()}


def _shipment_of_order(source: Shipment, zone: ZoneInfo) -> dict[str, Any]:
    carrier = source.carrier_information or _NO_CARRIER
    return {
        "shipmentId": source.number, "shippedDate": plain(source.shipped_at, zone),
        "carrier": carrier.carrier_name or "", "service": carrier.service_name or "",
        "trackingId": source.tracking_number or "", "trackingUrl": "",
        "returnSlipTracking": source.return_tracking_number or "",
    }


def _line(source: OrderLine) -> dict[str, Any]:
    return {
        "lineId": str(source.id), **names(source.product_size), "qty": source.quantity,
        "originalPrice": source.original_price, "price": source.price, "comment": source.comment or "",
        "taxPercent": source.tax_percent, "priceDiscount": source.original_price - source.price,
        "totalPriceWithTax": source.price * source.quantity,
        "totalPriceWithoutTax": without_tax(source.price * source.quantity),
        "anyDiscount": source.price < source.original_price, "isBundle": False,
        "warehouses": [
            {"name": allocation.warehouse.name, "itemQty": allocation.quantity} for allocation in source.allocations
        ],
    }


def shipment(source: Shipment, zone: ZoneInfo) -> dict[str, Any]:
    """A row of ``GET /shipments``."""
    carrier = source.carrier_information or _NO_CARRIER
    return {
        "shipmentId": source.number, "orderId": str(source.order.number), "selectionId": source.order.id,
        "shipmentDate": plain(source.shipped_at, zone), "createdAt": plain(source.created_at, zone),
        "defaultCarrier": carrier.carrier_name or "", "deliveryService": carrier.service_name or "",
        "trackingNumber": source.tracking_number or "", "trackingUrl": "",
        "returnSlipTracking": source.return_tracking_number or "", "isGoodToGo": int(source.is_good_to_go),
        "isPaid": int(source.is_paid), "isShipped": int(source.is_shipped),
        **_address("delivery", source.order.shipping_address),
        "products": [
            {"lineId": str(line.order_line.id), **names(line.order_line.product_size), "qty": line.quantity}
            for line in source.lines
        ],
    }


def names(source: ProductSize) -> dict[str, Any]:
    """What a size is called, in every row about it."""
    variant = source.product_variant
    product_of = variant.product
    return {
        "sku": product_of.product_number, "variantSku": variant.variant_number, "sizeSku": source.size_number,
        "ean": source.ean, "upc": source.upc, "name": product_of.name, "variant": variant.name,
        "brand": product_of.brand.name, "size": source.description, "weight": product_of.weight_kg, "weightUnit": "kg",
        "countryOfOrigin": product_of.country_of_origin.code, "harmCode": product_of.harmonized_commodity_code,
    }


def product(source: ProductSize, pricelists: list[Pricelist]) -> dict[str, Any]:
    """A row of ``GET /products``; prices are text there."""
    variant = source.product_variant
    prices = [
        {"id": str(pricelist.id), "price": f"{variant.prices[pricelist.id]:.2f}", "pricelist": pricelist.name,
         "currency": pricelist.currency.code, "campaigns": []}
        for pricelist in pricelists if pricelist.id in variant.prices
    ]
    return {**names(source), **_keys(source), "active": int(source.sellable), "prices": prices}


def stock(source: ProductSize) -> dict[str, Any]:
    """A row of ``GET /stock``, summed over the warehouses."""
    physical = sum(level.physical_quantity for level in source.levels)
    allocated = sum(level.allocated_quantity for level in source.levels)
    return {
        **names(source), **_keys(source), "active": int(source.sellable), "physicalStock": physical,
        "allocatedStock": allocated, "availableStock": physical - allocated,
    }


def _keys(source: ProductSize) -> dict[str, Any]:
    variant = source.product_variant
    return {
        "productId": variant.product.id, "variantId": variant.id, "stockItemId": source.id,
        "product": variant.product.name,
    }
