"""What a retailer was told of a shipment, and what Centra shows of it later."""

from typing import Any

import pytest
from builders import line, shipment
from hypothesis import given
from hypothesis import strategies as st

from integration.centra.schema import Shipment
from integration.domain.shipments import differences, told_elsewhere, without
from integration.lifecycle import LineState

TOLD = shipment({10: 2, 20: 1})


@pytest.mark.parametrize(
    ("units", "fields", "how"),
    [
        ({10: 2, 20: 1}, {}, []),
        ({10: 2}, {}, ["lines"]),
        ({10: 1, 20: 1}, {}, ["quantities"]),
        ({10: 1, 30: 1}, {"trackingNumber": "OTHER"}, ["lines", "quantities", "tracking number"]),
        ({10: 2, 20: 1}, {"trackingNumber": None}, ["tracking number"]),
        ({10: 2, 20: 1}, {"carrierInformation": {"carrierName": "DPD", "serviceName": "Tracked 24"}}, ["carrier"]),
        ({10: 2, 20: 1}, {"carrierInformation": {"carrierName": "royal  MAIL", "serviceName": "tracked 24"}}, []),
        ({10: 2, 20: 1}, {"trackingNumber": " TRACK1 ", "numberOfPackages": 2, "updatedAt": "2026-07-09"}, []),
        ({10: 2, 20: 1}, {"isShipped": False}, ["no longer shipped"]),
    ],
)
def test_a_difference_is_one_only_if_the_retailer_was_told_otherwise(
    units: dict[int, int], fields: dict[str, Any], how: list[str]
) -> None:
    assert differences(TOLD, shipment(units, **fields)) == how


def test_the_same_units_in_other_rows_are_no_difference() -> None:
    rows = [{"id": n, "quantity": 1, "orderLine": {"id": each}} for n, each in enumerate((20, 10, 10))]
    assert differences(TOLD, shipment({}, lines=rows)) == []


def test_what_the_portal_dispatched_need_not_be_told() -> None:
    lines = [line("1", 2, 2, state=LineState.DISPATCHED), line("2", 1)]
    assert told_elsewhere(TOLD, lines, {}) == {"1": 2}
    assert [row.order_line_id for row in without(TOLD, lines, {"1": 2}).lines] == [20]


@pytest.mark.parametrize("announced", [{"1": 1}, {"1": 2}])
def test_what_we_told_ourselves_is_not_taken_for_the_portals(announced: dict[str, int]) -> None:
    assert told_elsewhere(TOLD, [line("1", 2, 2, state=LineState.DISPATCHED)], announced) == {}


def test_a_line_that_is_open_is_not_known_to_the_retailer() -> None:
    assert told_elsewhere(TOLD, [line("1", 4, 2)], {}) == {}


shipments = st.builds(
    lambda units, tracking: shipment(units, trackingNumber=tracking),
    st.dictionaries(st.sampled_from([10, 20, 30]), st.integers(0, 3)),
    st.none() | st.text(max_size=5),
)


@given(shipments, shipments)
def test_differing_is_mutual_and_nothing_differs_from_itself(one: Shipment, other: Shipment) -> None:
    assert differences(one, one) == []
    assert differences(one, other) == differences(other, one)
