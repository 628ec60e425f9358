"""What a merchant or Centra's staff can set differently, and what Centra's docs leave open, is one set of options.

``PUT /_control/settings`` changes them while the twin runs.
"""

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.seed import CENTRA_TOKEN, ORDER_API_KEY

PLANS = {
    "growth": (60, 5_000, 250_000, 30_000_000, 20, 1_800),
    "enhanced": (150, 20_000, 900_000, 90_000_000, 50, 4_500),
    "high_volume": (450, 40_000, 1_800_000, 180_000_000, 150, 7_000),
    "enterprise": (1_500, 85_000, 4_000_000, 400_000_000, 500, 25_000),
}
"""Requests, complexity and mutations per 10 s and per hour (Centra docs: Integration API, rate limits)."""


@dataclass
class Token:
    """An Integration API token. No `permissions` means all; `expired` tokens answer 403."""

    integration_name: str
    permissions: frozenset[str] | None = None
    expired: bool = False

    def allows(self, permission: str) -> bool:
        """True when the token holds the permission."""
        return self.permissions is None or permission in self.permissions


@dataclass
class Options:
    """The state of every switch; the defaults are a merchant on the Growth plan with all features on."""

    timezone: str = "Europe/London"
    plan: str = "growth"
    other_use: dict[str, int] = field(default_factory=dict)
    """Units of each rate limit type that other integrations of the merchant keep in use, e.g. REQUEST_COUNT: 40."""
    retry_after: str = "unix"
    """Form of Retry-After: unix, seconds, http-date or iso. Centra says only that it is a moment."""
    order_api_key: str = field(default=ORDER_API_KEY, repr=False)
    denied_endpoints: list[str] = field(default_factory=list)
    """Order API operations that are not ticked in the plugin, e.g. ``order.create``."""
    order_api_markets: list[int] | None = None
    """Markets the plugin may touch; None is all."""
    autoconfirm: bool = False
    direct_to_shipment: bool = False
    capture_pays: bool = False
    """A capture recorded through the Order API makes later shipments paid. Nobody documents whether it does."""
    auto_allocate: bool = True
    """Units that become free go at once to the orders that wait for them, the oldest first."""
    split_orders: bool = False
    """An order of several lines becomes two orders."""
    incomplete_in_graphql: bool = True
    automatic_voucher_percent: int = 10
    """What `applyVouchers` takes off."""
    events_enabled: bool = True
    """Centra's staff switch the events system on per instance."""
    muted_events: list[str] = field(default_factory=list)
    """Object types or ``Type.CHANGE`` pairs that raise no event, e.g. ``StockChange``, ``Order.UPDATED``."""
    base_url: str = ""
    """Where the instance can be reached, as links to images begin; without a trailing slash."""
    webhook_url: str | None = None
    webhook_secret: str = field(default="", repr=False)
    webhook_integration: bool = True
    webhook_storefront: bool = True
    webhook_batch: int = 100
    webhook_timeout: float = 5.0
    webhook_retries: int = 0
    webhook_gather: float = 0.05
    """Seconds the sender waits for more before it posts."""
    webhook_ids_as_strings: bool = False
    tokens: dict[str, Token] = field(default_factory=lambda: {CENTRA_TOKEN: Token("marketplaces")}, repr=False)

    @property
    def zone(self) -> ZoneInfo:
        """The instance's time zone."""
        return ZoneInfo(self.timezone)

    def change(self, values: dict[str, Any]) -> None:
        """Sets the named options.

        :raises ValueError: an option or one of its values is unknown.
        """
        known = {option.name for option in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"no option {name!r}; there are {', '.join(sorted(known))}")
            if name == "plan" and value not in PLANS:
                raise ValueError(f"no plan {value!r}; there are {', '.join(PLANS)}")
            if name == "retry_after" and value not in ("unix", "seconds", "http-date", "iso"):
                raise ValueError(f"no form {value!r} of Retry-After")
            if name == "timezone":
                ZoneInfo(value)
            number = float(value) if isinstance(value, Decimal) else value
            setattr(self, name, _tokens(value) if name == "tokens" else number)


def _tokens(value: dict[str, dict[str, Any]]) -> dict[str, Token]:
    return {
        text: Token(
            token["integration_name"],
            frozenset(token["permissions"]) if token.get("permissions") is not None else None,
            bool(token.get("expired", False)),
        )
        for text, token in value.items()
    }
