"""What we tell Centra to create, complete and exact: no amount is rounded and nothing is left to Centra's defaults."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

_CENT = Decimal("0.01")


def _whole_pennies(amount: Decimal) -> Decimal:
    """Nothing is rounded behind the caller's back."""
    exact = amount.quantize(_CENT)
    if exact != amount:
        raise ValueError("not an amount in whole pennies")
    return exact


Money = Annotated[Decimal, Field(ge=0, lt=10**12), AfterValidator(_whole_pennies)]


class Draft(BaseModel):
    """Base of everything sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DraftAddress(Draft):
    """Where an order goes. Texts keep out of every repr, log and error."""

    email: str = Field(min_length=3, max_length=254, repr=False)
    first_name: str = Field(max_length=255, repr=False)
    last_name: str = Field(max_length=255, repr=False)
    address: str = Field(min_length=1, max_length=255, repr=False)
    co_address: str = Field(default="", max_length=255, repr=False)
    city: str = Field(max_length=255, repr=False)
    zip_code: str = Field(default="", max_length=32, repr=False)
    state: str = Field(default="", max_length=255, repr=False)
    country: str = Field(pattern="^[A-Z]{2}$")
    phone: str = Field(default="", max_length=64, repr=False)

    @classmethod
    def longest(cls, field: str) -> int:
        """How many characters a text field holds. Centra documents no limits; these are ours."""
        rules = cls.model_fields[field].metadata
        return next(int(rule.max_length) for rule in rules if hasattr(rule, "max_length"))

    def to_json(self) -> dict[str, object]:
        """The `address` object of "Centra docs: Order API, create order"."""
        document: dict[str, object] = {
            "email": self.email, "firstName": self.first_name, "lastName": self.last_name,
            "address": self.address, "coaddress": self.co_address, "city": self.city,
            "zipcode": self.zip_code, "state": self.state, "country": self.country, "cell": self.phone,
        }
        return {key: value for key, value in document.items() if value != "" or key in {"firstName", "lastName"}}


class DraftLine(Draft):
    """One line to order; prices are per unit, as the retailer's customer pays them."""

    sku: str = Field(min_length=1)
    quantity: int = Field(ge=1)
    unit_price: Money
    original_price: Money | None = None
    comment: str = ""

    def to_json(self) -> dict[str, object]:
        """One entry of `products` of "Centra docs: Order API, create order"."""
        document: dict[str, object] = {"sku": self.sku, "qty": self.quantity, "unitPrice": self.unit_price}
        if self.original_price is not None:
            document["originalPrice"] = self.original_price
        if self.comment:
            document["comment"] = self.comment
        return document


class OrderDraft(Draft):
    """An order to create. The retailer has been paid, so `total` is recorded as authorised and captured.

    :param zone: the instance's time zone, in which the Order API reads a date without an offset.
    :param reference: recorded as the transaction of the payment.
    """

    address: DraftAddress
    lines: tuple[DraftLine, ...] = Field(min_length=1)
    market_id: int
    pricelist_id: int
    shipping: str = Field(min_length=1)
    shipping_value: Money = Decimal("0.00")
    ordered_at: AwareDatetime
    zone: str
    internal_comment: str
    comment: str = ""
    payment_id: int
    payment_method: str = "marketplace"
    reference: str = Field(min_length=1)
    total: Money
    force_create: bool = False
    extra_attributes: Mapping[str, str] = Field(default_factory=dict)

    def to_json(self, *, create_only: bool) -> dict[str, object]:
        """The body of "Centra docs: Order API, create order"; nothing is left to Centra's defaults."""
        document: dict[str, object] = {
            "address": self.address.to_json(),
            "products": [line.to_json() for line in self.lines],
            "marketId": self.market_id,
            "pricelistId": self.pricelist_id,
            "shippingList": self.shipping,
            "shippingValue": self.shipping_value,
            "orderDate": self._local_order_date(),
            "internalComment": self.internal_comment,
            "customerRegister": False,
            "applyVouchers": False,
            "sendEmail": False,
            "adjustStock": True,
            "forceCreate": self.force_create,
            "createOnly": create_only,
        }
        # A payment recorded in both steps would stand in the history twice.
        if not create_only:
            document["payment"] = self._payment()
        if self.comment:
            document["comment"] = self.comment
        if self.extra_attributes:
            document["extraAttributes"] = dict(self.extra_attributes)
        return document

    def to_completion_json(self) -> dict[str, object]:
        """The body of "Centra docs: Order API, complete order" for an order made with `create_only`."""
        return {"payment": self._payment(), "orderDate": self._local_order_date()}

    def _local_order_date(self) -> str:
        return self.ordered_at.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M:%S")

    def _payment(self) -> dict[str, object]:
        done = {"status": 1, "amount": self.total, "transaction": self.reference, "method": self.payment_method}
        return {"id": self.payment_id, "auth": done, "capture": done}
