"""(c) A retailer's order is soon in Centra and acknowledged; (d) its dispatch follows its shipment."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import trace
from benchmarks.figures import Row, Section, at_most, percentile
from benchmarks.plan import Plan
from benchmarks.stage import CONTENDERS, Stage, Watch
from sandbox.seed import Seed, build_seed
from tests.story.system import RETAILERS

SHOP = 120
POLL = 30
"""Seconds between two polls for new orders: `orders.poll` of the timetable, and the naive variant's beat."""
LOOK = 0.25
"""Seconds between two looks at Centra: the resolution of "in Centra"."""
PATIENCE = 120.0
GOAL_ORDERS, GOAL_DISPATCHES = POLL + 2.0, 5.0

Moments = dict[str, float]


@dataclass
class Flow:
    """When each order, by reference, got how far."""

    listed: Moments = field(default_factory=dict)
    confirmed: Moments = field(default_factory=dict)
    acknowledged: Moments = field(default_factory=dict)
    shipped: Moments = field(default_factory=dict)
    dispatched: Moments = field(default_factory=dict)
    in_centra: int = 0
    """Orders that Centra has in the end; more than were listed means that some are there twice."""

    def complete(self, orders: int) -> bool:
        return len(self.dispatched) == orders


def run(plan: Plan, folder: Path) -> list[Section]:
    """Both contenders, one after the other; both sections come from the same orders."""
    wanted = _orders(build_seed(SHOP), plan.orders)
    flows: dict[str, Flow] = {}
    for contender in CONTENDERS:
        stage = contender(folder / f"c-{contender.name}", skus=SHOP)
        try:
            stage.start()
            flows[contender.name] = _measure(stage, wanted, plan.seconds)
        finally:
            stage.stop()
    return _sections(plan, flows["product"], flows["naive"])


def _orders(shop: Seed, count: int) -> list[dict[str, Any]]:
    """Orders of the three retailers in turn, of one unit of what is plentiful."""
    chance = random.Random(1)
    plenty = {size.sku for variant, size in trace.sellable(shop) if trace.publishable(shop, variant, size) >= count}
    of = {code: [each.sku for each in shop.listings if each.retailer == code and each.sku in plenty]
          for code in RETAILERS}  # fmt: skip
    codes = [RETAILERS[number % len(RETAILERS)] for number in range(count)]
    return [{"retailer": code, "lines": [{"sku": chance.choice(of[code]), "quantity": 1}]} for code in codes]


def _measure(stage: Stage, wanted: list[dict[str, Any]], seconds: float) -> Flow:
    """Lists each order when it is due, ships each that is acknowledged, and notes what is seen."""
    flow, calls = Flow(), Watch(stage.virtualstock)
    waiting = [(number * seconds / len(wanted), order) for number, order in reversed(list(enumerate(wanted)))]
    began = time.monotonic()
    while time.monotonic() - began < seconds + PATIENCE and not flow.complete(len(wanted)):
        while waiting and waiting[-1][0] <= time.monotonic() - began:
            reference = stage.virtualstock.post("orders", **waiting.pop()[1])["reference"]
            flow.listed[reference] = time.time()
        for entry in calls.read():
            if entry["changed"] and entry["operation"] in ("acknowledge", "dispatch"):
                moments = flow.acknowledged if entry["operation"] == "acknowledge" else flow.dispatched
                moments.setdefault(entry["subject"], entry["at"])
        _look(stage, flow)
        time.sleep(LOOK)
    return flow


def _look(stage: Stage, flow: Flow) -> None:
    """Notes which orders are confirmed in Centra, and ships those that are acknowledged too."""
    orders = stage.centra.get("state")["orders"]
    flow.in_centra = len(orders)
    for number, order in orders.items():
        # The product names an order <retailer>/<reference> by external id, the naive variant by its payment.
        reference = (order["external_id"] or order["reference"]).rpartition("/")[2]
        if order["status"] == "CONFIRMED" and reference in flow.listed:
            flow.confirmed.setdefault(reference, time.time())
            if reference in flow.acknowledged and reference not in flow.shipped:
                flow.shipped[reference] = time.time()
                stage.centra.post("ship", order=int(number))


def _spans(first: Moments, last: Moments) -> list[float]:
    return [last[reference] - at for reference, at in first.items() if reference in last]


def _sections(plan: Plan, ours: Flow, naive: Flow) -> list[Section]:
    def pair(first: str, last: str, percent: float) -> tuple[float | None, float | None]:
        p, n = (percentile(_spans(getattr(flow, first), getattr(flow, last)), percent) for flow in (ours, naive))
        return p, n

    whole = pair("listed", "acknowledged", 95)
    left = pair("shipped", "dispatched", 95)
    count = len(ours.listed)
    placing = (
        Row("listed → confirmed in Centra, p50", *pair("listed", "confirmed", 50), "s"),
        Row("p95", *pair("listed", "confirmed", 95), "s"),
        Row("listed → acknowledged, p50", *pair("listed", "acknowledged", 50), "s"),
        Row("p95", *whole, "s", goal=f"≤ {GOAL_ORDERS:.0f} s", met=at_most(whole[0], GOAL_ORDERS)),
        Row("orders acknowledged", len(ours.acknowledged), len(naive.acknowledged), goal=f"{count}",
            met=len(ours.acknowledged) == count),
        Row("orders in Centra", ours.in_centra, naive.in_centra, goal=f"{count}", met=ours.in_centra == count),
    )  # fmt: skip
    dispatching = (
        Row("shipped → dispatch accepted, p50", *pair("shipped", "dispatched", 50), "s"),
        Row("p95", *left, "s", goal=f"≤ {GOAL_DISPATCHES:.0f} s", met=at_most(left[0], GOAL_DISPATCHES)),
        Row("dispatches accepted", len(ours.dispatched), len(naive.dispatched), goal=f"{count}",
            met=len(ours.dispatched) == count),
    )  # fmt: skip
    note = (
        f"{count} orders of three retailers, evenly over {plan.seconds:.0f} s. Virtualstock has no webhook for "
        f"suppliers: both contenders ask every {POLL} s, which is most of these times."
    )
    shipping = "The same orders, each shipped as soon as it was acknowledged: after a poll several leave at once."
    return [
        Section("c", "Orders", placing, (note,)),
        Section("d", "Dispatches", dispatching, (shipping,)),
    ]
