"""What Centra shipped is announced once, with its own carrier, tracking and day, or waits with its reason at once."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.story.system import System
from tests.story.test_order_story import poll, publish

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]


def placed_order(system: System, retailer: str, quantity: int = 1) -> tuple[str, int]:
    """A new order that is acknowledged and that the warehouse may ship: its reference and its Centra number."""
    reference = system.order(retailer, {"sku": system.sellable(retailer, 1)[0], "quantity": quantity})
    poll(system, retailer)
    system.until(lambda: system.at_retailer(reference)["status"] == "ORDER_ACK", 40, "it is acknowledged")
    subject = f"{retailer}/{reference}"
    system.until(lambda: system.in_centra(subject)[0]["status"] == "CONFIRMED", 40, "the warehouse may ship it")
    return reference, system.in_centra(subject)[0]["number"]


def dispatched(system: System, reference: str, seconds: float = 20) -> dict[str, object]:
    system.until(lambda: system.at_retailer(reference)["status"] == "DISPATCH", seconds, "the dispatch is accepted")
    (dispatch,) = system.at_retailer(reference)["dispatches"]
    return dispatch


def test_a_shipment_is_announced_with_carrier_tracking_and_true_day(system: System) -> None:
    reference, number = placed_order(system, "northgate")

    system.centra.post("ship", order=number, carrier="DPD", service="Next Day", tracking="15501234")

    dispatch = dispatched(system, reference)
    assert (dispatch["carrier"], dispatch["tracking_number"]) == ("dpd", "15501234")
    assert dispatch["supplier_dispatch_date"] == datetime.now(ZoneInfo("Europe/London")).date().isoformat()


def test_a_lost_webhook_delays_a_dispatch_only_until_the_event_list_is_read(system: System) -> None:
    reference, number = placed_order(system, "fernhill")
    system.centra.faults({"match": {"operation": "webhook"}, "do": "lose"})

    system.centra.post("ship", order=number, carrier="DPD", service="Next Day", tracking="15501235")

    dispatched(system, reference, 90)


def test_parts_of_an_order_are_announced_as_they_leave(system: System) -> None:
    reference, number = placed_order(system, "fernhill", quantity=3)
    (line,) = system.in_centra(f"fernhill/{reference}")[0]["lines"]

    for units, tracking in ((1, "PART-1"), (2, "PART-2")):
        part = {line["id"]: units}
        system.centra.post("ship", order=number, carrier="DPD", service="", tracking=tracking, lines=part)
        system.until(
            lambda seen=tracking: seen in [d["tracking_number"] for d in system.at_retailer(reference)["dispatches"]],
            20, "the part is announced",
        )  # fmt: skip

    assert [d["quantity"] for d in system.at_retailer(reference)["dispatches"]] == [1, 2]
    assert system.at_retailer(reference)["status"] == "DISPATCH"


def test_a_retailer_of_full_lines_hears_of_a_line_only_when_all_of_it_left(system: System) -> None:
    reference, number = placed_order(system, "calder", quantity=3)
    (line,) = system.in_centra(f"calder/{reference}")[0]["lines"]

    system.centra.post("ship", order=number, carrier="DPD", service="", tracking="FIRST", lines={line["id"]: 1})
    system.until(lambda: _open(system, "dispatch-incomplete", reference), 20, "the part waits")
    assert system.at_retailer(reference)["dispatches"] == []
    system.centra.post("ship", order=number, carrier="DPD", service="", tracking="LAST", lines={line["id"]: 2})

    dispatch = dispatched(system, reference)
    assert (dispatch["quantity"], dispatch["tracking_number"]) == (3, "LAST")


def test_an_unmapped_carrier_holds_the_dispatch_and_a_published_mapping_releases_it(
    system: System, tmp_path: Path
) -> None:
    reference, number = placed_order(system, "northgate")
    system.centra.post("ship", order=number, carrier="Penguin Post", service="Slow", tracking="PP-1")
    system.until(lambda: _open(system, "unmapped-carrier", "Penguin Post"), 30, "the cause is open")
    assert system.at_retailer(reference)["dispatches"] == []

    row = {"retailer": None, "carrier": "Penguin Post", "service": None, "slug": "royal-mail"}
    publish(system, tmp_path, "carriers.yaml", row)

    dispatch = dispatched(system, reference, 60)
    assert (dispatch["carrier"], dispatch["tracking_number"]) == ("royal-mail", "PP-1")
    # The retailer knows before the work that told it is written down, and only that closes the cause.
    system.until(lambda: not _open(system, "unmapped-carrier", "Penguin Post"), 10, "the cause is closed")


def test_a_shipment_without_tracking_waits_with_its_reason(system: System) -> None:
    reference, number = placed_order(system, "northgate")

    system.centra.post("ship", order=number, carrier="DPD", service="Next Day", missing=["tracking"])

    system.until(lambda: _open(system, "tracking-missing", reference), 30, "the cause is open")
    assert system.at_retailer(reference)["dispatches"] == []


def test_a_lost_answer_of_a_dispatch_is_looked_at_and_not_repeated(system: System) -> None:
    reference, number = placed_order(system, "northgate")
    system.virtualstock.faults({"match": {"operation": "dispatch"}, "do": "drop_after", "times": 1})

    system.centra.post("ship", order=number, carrier="DPD", service="Next Day", tracking="ONCE")

    dispatched(system, reference)
    system.until(lambda: system.idle(), 60, "everything is done")
    assert len(system.at_retailer(reference)["dispatches"]) == 1
    assert system.held_by("dispatches.announce", f"northgate/{_shipment(system, reference)}") == []


def test_an_order_dispatched_in_the_portal_counts_as_done_after_a_look(system: System) -> None:
    reference, number = placed_order(system, "northgate")
    mark = system.virtualstock.mark()
    # Refused with a bare sentence, while the platform itself has it as dispatched.
    system.virtualstock.faults({"match": {"operation": "dispatch"}, "do": "status_after", "value": 400, "times": 1,
                                "body": "Validation error: Not allowed to change state"})  # fmt: skip

    system.centra.post("ship", order=number, carrier="DPD", service="Next Day", tracking="PORTAL")

    system.until(lambda: system.virtualstock.calls(mark, "dispatch"), 20, "it was sent")
    system.until(lambda: system.idle(), 30, "everything is done")
    assert not _open(system, "dispatch-refused", reference)
    assert system.held_by("dispatches.announce", f"northgate/{_shipment(system, reference)}") == []


def test_a_refused_dispatch_is_held_at_once_with_what_they_said(system: System) -> None:
    reference, number = placed_order(system, "northgate")
    system.virtualstock.faults({"match": {"operation": "dispatch"}, "do": "status", "value": 400, "times": 1,
                                "body": "Validation error: the parcel is too heavy"})  # fmt: skip

    system.centra.post("ship", order=number, carrier="DPD", service="Next Day", tracking="HEAVY")

    system.until(lambda: _open(system, "dispatch-refused", "the parcel is too heavy"), 20, "the cause is open")
    (cause,) = [cause for cause in system.causes("dispatch-refused") if "too heavy" in cause.sentence]
    system.cli("exceptions", "retry", str(cause.id))
    assert dispatched(system, reference)["tracking_number"] == "HEAVY"


def _open(system: System, kind: str, word: str) -> bool:
    return any(word in cause.sentence for cause in system.causes(kind))


def _shipment(system: System, reference: str) -> int:
    (shipment,) = system.in_centra(f"northgate/{reference}")[0]["shipments"]
    return int(shipment["id"])
