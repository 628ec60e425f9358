"""How large a run is: the full size unless it is scaled down, and always the same for both contenders."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The sizes of one run. Durations are in seconds."""

    scale: float = 1.0
    seconds: float = 120.0
    """How long changes come in (b) and orders in (c) and (d)."""

    @property
    def burst_events(self) -> int:
        return max(50, round(10_000 * self.scale))

    @property
    def burst_skus(self) -> int:
        return max(20, round(500 * self.scale))

    @property
    def burst_shop(self) -> int:
        """SKUs of the shop; some of them cannot be sold."""
        return round(self.burst_skus * 1.28)

    @property
    def burst_seconds(self) -> float:
        return max(5.0, 60 * self.scale)

    @property
    def burst_cap(self) -> float:
        """How long after the last event a contender may need."""
        return max(120.0, 480 * self.scale)

    @property
    def orders(self) -> int:
        return max(6, round(60 * self.scale))

    @property
    def intake_seconds(self) -> float:
        return max(3.0, 10 * self.scale)

    @property
    def life_orders(self) -> int:
        """1,000 an hour for as long as `life_seconds`."""
        return max(20, round(self.life_seconds * 1000 / 3600))

    @property
    def life_seconds(self) -> float:
        """How long orders of (f) and (g) come in."""
        return max(30.0, 360 * self.scale)

    @property
    def idle_seconds(self) -> float:
        """How long (h) watches a system that has nothing to do."""
        return max(60.0, 180 * self.scale)

    @property
    def open_orders(self) -> int:
        """Orders in flight in (i)."""
        return max(100, round(5_000 * self.scale))

    @property
    def closed_orders(self) -> int:
        """Orders of the past in (i)."""
        return max(1_000, round(200_000 * self.scale))

    @property
    def catalogue_sizes(self) -> int:
        """Sizes of the shop in (j)."""
        return max(500, round(50_000 * self.scale))

    @property
    def edited_products(self) -> int:
        """Products of which attributes change in (k)."""
        return max(20, round(1_000 * self.scale))

    @property
    def edits(self) -> int:
        """Changes of attributes in (k), within `edit_seconds`."""
        return 10 * self.edited_products

    @property
    def edit_seconds(self) -> float:
        return max(10.0, 600 * self.scale)

    @property
    def console_entries(self) -> int:
        """Lines of timelines in (m)."""
        return 10 * self.console_orders

    @property
    def console_orders(self) -> int:
        """Orders of the past and in flight in (m)."""
        return max(500, round(100_000 * self.scale))

    @property
    def console_skus(self) -> int:
        """SKUs in (m), each listed by three retailers."""
        return max(400, round(50_000 * self.scale))

    @property
    def console_held(self) -> int:
        """Exceptions that are open in (m), each with work behind it; a bulk release is of as many."""
        return max(300, round(5_000 * self.scale))

    @property
    def naive_edit_patience(self) -> float:
        """How long after the last edit of (k) the naive variant may need."""
        return max(120.0, 900 * self.scale)
