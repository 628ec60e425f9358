"""How the Virtualstock twin behaves where the real one is undocumented or has moods can be switched by a test."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class TwinSettings:
    """How this Virtualstock behaves where the real one is undocumented or has moods."""

    error_form: str = "text"
    """How a refusal of an order action travels: ``text``, ``json_string`` or ``detail``."""
    window: str = "fixed"
    """``fixed`` calendar minutes or a ``sliding`` minute."""
    requests_per_minute: dict[str, int] = field(default_factory=dict)
    """By retailer code; overrides the retailer's own figure."""
    lie_about_count: bool = False
    duplicate_listing: bool = False
    allow_dispatch_before_ack: bool = False
    access_seconds: float = 300
    refresh_seconds: float = 4 * 3600
    link_host: str = "https://www.the-edge.io"
    quantity_shrinks: bool = False
    """A cancelled unit is no longer counted in the `quantity` that v4 shows."""
    cancel_ack_without_request: bool = False
    v3_available: bool = True
    v3_tells_cancel_quantity: bool = True
    withdrawn_returns: str = "gone"
    """A return that was taken back is ``gone`` from the list, or ``kept`` in it with a status nobody documents."""
    supplier_tax_code_missing: bool = False
    void_existing_invoice_on_create: bool = False
    invoice_number_first: bool = False
    """A repeated invoice is refused for its number, and not for its order."""
    invoice_unexpected_error: bool = False
    media_url: str = ""
    """Where the shop's images lie, without a trailing slash; the links of all listings move with it."""
    may_create: list[str] = field(default_factory=lambda: ["calder"])
    """Codes of the retailers that let their suppliers create products."""
    publish_after_create: float = 0.0
    """Seconds for which a product that was just created is locked."""
    data_error_form: str = "nested"
    """How the refusal of attributes travels: ``nested`` under data, ``flat``, in a ``text`` or a ``detail``."""
    reformat: str = "none"
    """How attributes are rewritten when they are taken: ``none``, ``trim``, or numbers with ``two_places``."""
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By retailer code, fields of `sandbox.seed.Retailer` that are to differ from the seed."""

    def change(self, changes: dict[str, Any]) -> None:
        """Sets the named switches.

        :raises KeyError: a name is unknown.
        :raises ValueError: a word is not one of the choices.
        """
        choices = {"error_form": ("text", "json_string", "detail"), "window": ("fixed", "sliding"),
                   "withdrawn_returns": ("gone", "kept"), "data_error_form": ("nested", "flat", "text", "detail"),
                   "reformat": ("none", "trim", "two_places")}
        for name, value in changes.items():
            if name not in self.__dataclass_fields__:
                raise KeyError(name)
            if name in choices and value not in choices[name]:
                raise ValueError(f"{name} is one of {', '.join(choices[name])}")
            setattr(self, name, value)
