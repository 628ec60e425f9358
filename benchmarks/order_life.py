"""(f) How long each step takes in the life of 1,000 orders an hour on two credentials, and (g) how many calls."""

import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks import life_figures
from benchmarks.figures import Section
from benchmarks.life_course import TOLD, Course, Run
from benchmarks.life_plot import RETAILERS, Fate, Life, lives
from benchmarks.plan import Plan
from benchmarks.stage import CONTENDERS, Stage, Watch
from sandbox.seed import build_seed

SHOP = 120
PLENTY = 1_000
LOOK = 0.25
"""Seconds between two looks at Centra: the resolution of "in Centra"."""
PATIENCE = {"product": 400.0, "naive": 60.0}
"""Seconds after the last order. Returns are polled every 300 s; the naive variant has nothing that takes so long."""


def run(plan: Plan, folder: Path) -> list[Section]:
    """Both contenders, one after the other, with the same lives."""
    plot = lives(build_seed(SHOP), plan.life_orders, plan.life_seconds)
    runs: dict[str, Run] = {}
    for contender in CONTENDERS:
        stage = contender(folder / f"f-{contender.name}", skus=SHOP, retailers=RETAILERS)
        try:
            stage.start()
            _stock_up(stage, plot)
            runs[contender.name] = _Play(stage, plot).play(plan.life_seconds + PATIENCE[contender.name])
        finally:
            stage.stop()
    return life_figures.sections(plot, runs["product"], runs["naive"], plan.life_seconds)


def _stock_up(stage: Stage, plot: list[Life]) -> None:
    skus = sorted({sku for life in plot for sku, _ in life.units})
    stage.centra.post("stock", changes=[{"sku": sku, "quantity": PLENTY, "warehouse": 1} for sku in skus])
    time.sleep(2)
    stage.until(stage.idle, 300, "the new stock is published")


class _Play:
    """The retailers and the warehouse: they act on what the twins show, whoever keeps those in agreement."""

    def __init__(self, stage: Stage, plot: list[Life]) -> None:
        self.stage = stage
        self.waiting = list(reversed(plot))
        self.courses: dict[str, Course] = {}
        self.journals = {"Virtualstock": Watch(stage.virtualstock), "Centra": Watch(stage.centra)}

    def play(self, most: float) -> Run:
        """Until every order is told in full, or `most` seconds are over."""
        began = time.monotonic()
        while time.monotonic() - began < most and not self._over():
            while self.waiting and self.waiting[-1].due <= time.monotonic() - began:
                self._order(self.waiting.pop())
            self._listen()
            for course in self._look():
                self._go_on(course)
            time.sleep(LOOK)
        # What follows from the last step still comes in: an invoice, a reading.
        time.sleep(5)
        self._listen()
        self.journals["Centra"].read()
        return self._result(time.monotonic() - began)

    def _over(self) -> bool:
        return not self.waiting and all(course.complete for course in self.courses.values())

    def _order(self, life: Life) -> None:
        at = time.time()
        reference = self.stage.virtualstock.post("orders", **life.body)["reference"]
        self.courses[reference] = Course(life, reference, at)

    def _listen(self) -> None:
        for entry in self.journals["Virtualstock"].read():
            course = self.courses.get(entry["subject"] or "")
            if course is not None and entry["changed"] and entry["operation"] in TOLD:
                course.told[entry["operation"]].append(entry["at"])

    def _look(self) -> list[Course]:
        """The orders that Centra has confirmed."""
        found = []
        for number, order in self.stage.centra.get("state")["orders"].items():
            course = self.courses.get(_reference(order))
            if course is not None and order["status"] != "PENDING":
                course.in_centra = course.in_centra or time.time()
                course.number = course.number or int(number)
                found.append(course)
        return found

    def _go_on(self, course: Course) -> None:
        """What the retailer or the warehouse does next, if it is their turn."""
        if not course.told["acknowledge"]:
            return
        if course.life.fate is Fate.CANCELLED:
            if course.cancel_asked is None:
                course.cancel_asked = time.time()
                self.stage.virtualstock.post("cancel_request", order=course.reference)
        elif len(course.shipped) < course.life.parcels:
            if len(course.told["dispatch"]) == len(course.shipped):
                self._ship(course)
        elif course.life.fate is Fate.RETURNED and course.told["dispatch"]:
            self._return(course)

    def _ship(self, course: Course) -> None:
        lines = self.stage.centra.get("state")["orders"][str(course.number)]["lines"]
        each = 1 if course.life.fate is Fate.PARTS else None
        units = {line["id"]: each or line["quantity"] for line in lines}
        course.shipped.append(time.time())
        made = self.stage.centra.post("ship", order=course.number, lines=units)
        course.shipments.append(made["shipment"])

    def _return(self, course: Course) -> None:
        if course.return_asked is None:
            course.return_asked = time.time()
            self.stage.virtualstock.post("return_request", order=course.reference)
        elif course.told["return_acknowledge"] and not course.back:
            course.back = True
            self.stage.centra.post("return", shipment=course.shipments[-1], complete=True)

    def _result(self, seconds: float) -> Run:
        orders = self.stage.centra.get("state")["orders"].values()
        at_retailer = self.stage.virtualstock.get("state")["orders"]
        return Run(
            self.courses, {name: watch.entries for name, watch in self.journals.items()}, seconds,
            Counter(reference for order in orders if (reference := _reference(order)) in self.courses),
            {reference: [(line["quantity"], line["dispatched"], line["cancelled"])
                         for line in at_retailer[reference]["lines"]] for reference in self.courses},
        )  # fmt: skip


def _reference(order: dict[str, Any]) -> str:
    # The product names an order <retailer>/<reference> by external id, the naive variant by its payment.
    return str(order["external_id"] or order["reference"] or "").rpartition("/")[2]
