"""Announcements of shipments."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from builders import BOOK, CALDER, CARRIERS, NORTHGATE, PlacedLine, changed, codes, line, problems, shipment
from hypothesis import given
from hypothesis import strategies as st

from integration.centra.schema import Shipment
from integration.domain.dispatches import Dispatch, Line, to_rehearse, to_virtualstock
from integration.problems import Problem
from integration.rulebook import Retailer

WHOLE_ORDERS = changed(CALDER, dispatch={"full_orders_only": True})


def announced(
    sent: Shipment, *lines: Line, retailer: Retailer = NORTHGATE, waiting: tuple[Shipment, ...] = ()
) -> Dispatch | list[Problem]:
    return to_virtualstock(sent, lines, retailer, BOOK, CARRIERS, reference="NG100", waiting=waiting)


def good(sent: Shipment, *lines: Line, retailer: Retailer = NORTHGATE, waiting: tuple[Shipment, ...] = ()) -> Dispatch:
    result = announced(sent, *lines, retailer=retailer, waiting=waiting)
    assert isinstance(result, Dispatch), [problem.sentence for problem in result]
    return result


def ids(dispatch: Dispatch) -> list[int]:
    return [each.id for each in dispatch.shipments]


def test_a_shipment_is_announced_with_slug_tracking_and_the_day_on_the_retailers_clock() -> None:
    dispatch = good(shipment({10: 2}), line())
    assert ids(dispatch) == [1]
    assert [each.to_json() for each in dispatch.items] == [
        {
            "part_number": "PN1",
            "line_ref": "1",
            "quantity": 2,
            "carrier": "royal-mail",
            "tracking_number": "TRACK1",
            "supplier_dispatch_date": "2026-07-03",  # half past midnight in London
            "supplier_delivery_date": "2026-07-08",
        }
    ]


def test_a_retailer_that_wants_no_delivery_date_gets_none() -> None:
    assert good(shipment({10: 2}), line(), retailer=CALDER).items[0].supplier_delivery_date is None


def test_part_of_an_order_is_announced_where_the_retailer_takes_parts() -> None:
    dispatch = good(shipment({10: 1, 30: 0}), line("1"), line("2"), line("3"))
    assert [(each.line_ref, each.quantity) for each in dispatch.items] == [("1", 1)]


def test_one_line_packed_twice_is_one_item() -> None:
    twice = shipment({}, lines=[{"id": n, "quantity": 1, "orderLine": {"id": 10}} for n in (1, 2)])
    assert [each.quantity for each in good(twice, line()).items] == [2]


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ({10: 3}, "3 units of line 1 left, 2 are open"),
        ({10: -1}, "line 1 has a negative quantity"),
        ({99: 1}, "it holds an article that is no line of the order"),
        ({}, "it holds nothing"),
    ],
)
def test_a_shipment_that_does_not_fit_the_order_is_not_announced(held: dict[int, int], why: str) -> None:
    [(code, sentence)] = problems(announced(shipment(held), line()))
    assert code == "dispatch-mismatch"
    assert why in sentence


def test_units_told_before_are_not_told_again() -> None:
    [(_, sentence)] = problems(announced(shipment({10: 2}), line(dispatched=1)))
    assert "2 units of line 1 left, 1 are open" in sentence


def test_a_row_without_an_order_line_fits_nothing() -> None:
    loose = shipment({}, lines=[{"id": 1, "quantity": 1}])
    assert codes(announced(loose, line())) == ["dispatch-mismatch"]


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"trackingNumber": " "}, "without a tracking number."),
        ({"carrierInformation": None, "trackingNumber": None}, "without a carrier and without a tracking number."),
        ({"shippedAt": None}, "without a dispatch date."),
        ({"shippedAt": "9999-12-31T23:59:00+00:00"}, "without a dispatch date."),
    ],
)
def test_what_left_without_tracking_waits_for_it(fields: dict[str, Any], missing: str) -> None:
    [(code, sentence)] = problems(announced(shipment({10: 2}, **fields), line()))
    assert code == "tracking-missing"
    assert missing in sentence


def test_an_unmapped_carrier_is_one_cause_for_every_shipment_with_it() -> None:
    pigeon: dict[str, Any] = {"carrierInformation": {"carrierName": "Pigeon", "serviceName": None}}
    result = [
        *_list(announced(shipment({10: 2}, **pigeon), line())),
        *_list(announced(shipment({10: 2}, 2, **pigeon), line())),
    ]
    assert codes(result) == ["unmapped-carrier", "unmapped-carrier"]
    assert {problem.key for problem in result} == {"northgate/pigeon/"}


def test_a_slug_must_be_in_the_live_list_and_among_the_retailers_own() -> None:
    absent = to_virtualstock(shipment({10: 2}), [line()], NORTHGATE, BOOK, {}, reference="NG100")
    [(code, sentence)] = problems(absent)
    assert code == "carrier-not-allowed"
    assert "it is not in the live carrier list" in sentence
    picky = changed(NORTHGATE, dispatch={"carriers": ("dpd",)})
    [(code, sentence)] = problems(announced(shipment({10: 2}), line(), retailer=picky))
    assert code == "carrier-not-allowed"
    assert "the retailer's profile does not allow it" in sentence


def test_all_problems_are_found_at_once() -> None:
    bad = shipment({10: 3}, trackingNumber=None, carrierInformation={"carrierName": "Pigeon"})
    assert codes(announced(bad, line())) == ["dispatch-mismatch", "tracking-missing", "unmapped-carrier"]


def test_a_number_too_long_for_the_platform_is_not_cut() -> None:
    [(code, sentence)] = problems(announced(shipment({10: 2}, number=None, trackingNumber="9" * 101), line()))
    assert code == "dispatch-mismatch"
    assert "tracking_number has 101 characters, 100 are allowed" in sentence


def test_part_of_a_line_waits_where_the_retailer_takes_full_lines() -> None:
    [(code, sentence)] = problems(announced(shipment({10: 1, 20: 2}), line("1"), line("2"), retailer=CALDER))
    assert code == "dispatch-incomplete"
    assert "1 of 2 units of line 1" in sentence


def test_the_rest_of_a_full_line_announces_what_waited_for_it() -> None:
    first, last = shipment({10: 1, 20: 2}, 1), shipment({10: 1}, 2)
    dispatch = good(last, line("1"), line("2"), retailer=CALDER, waiting=(first,))
    assert ids(dispatch) == [1, 2]
    assert [(each.line_ref, each.quantity, each.tracking_number) for each in dispatch.items] == [
        ("1", 2, "TRACK2"),
        ("2", 2, "TRACK1"),
    ]


def test_a_full_line_does_not_wait_for_another_line() -> None:
    dispatch = good(shipment({20: 2}, 2), line("1"), line("2"), retailer=CALDER, waiting=(shipment({10: 1}, 1),))
    assert ids(dispatch) == [2]
    assert [each.line_ref for each in dispatch.items] == ["2"]


def test_a_shipment_does_not_wait_for_itself() -> None:
    again = shipment({10: 2}, 1)
    assert good(again, line(), retailer=CALDER, waiting=(again,)).items[0].quantity == 2


def test_a_retailer_that_takes_parts_has_nothing_waiting() -> None:
    assert ids(good(shipment({10: 1}, 2), line(), waiting=(shipment({10: 1}, 1),))) == [2]


def test_what_left_last_gives_the_tracking_whatever_its_id() -> None:
    later = shipment({10: 1}, 1, shippedAt="2026-07-03T08:00:00+00:00")
    for sent, waiting in ((shipment({10: 1}, 2), later), (later, shipment({10: 1}, 2))):
        dispatch = good(sent, line(), retailer=CALDER, waiting=(waiting,))
        assert ids(dispatch) == [2, 1]
        assert [each.tracking_number for each in dispatch.items] == ["TRACK1"]


def test_an_order_waits_for_all_of_its_lines_where_the_retailer_takes_full_orders() -> None:
    [(code, sentence)] = problems(announced(shipment({10: 2}), line("1"), line("2"), retailer=WHOLE_ORDERS))
    assert code == "dispatch-incomplete"
    assert "takes full orders only" in sentence
    assert "0 of 2 units of line 2" in sentence


def test_the_last_shipment_of_an_order_announces_all_of_it_in_one_call() -> None:
    waiting = (shipment({10: 2}, 1), shipment({20: 1}, 2))
    dispatch = good(shipment({20: 1}, 3), line("1"), line("2"), retailer=WHOLE_ORDERS, waiting=waiting)
    assert ids(dispatch) == [1, 2, 3]
    assert [(each.line_ref, each.quantity, each.tracking_number) for each in dispatch.items] == [
        ("1", 2, "TRACK1"),
        ("2", 2, "TRACK3"),
    ]


def test_a_full_order_does_not_wait_for_what_is_cancelled_or_told() -> None:
    lines = (line("1"), line("2", cancelled=2), line("3", 3, dispatched=1, cancelled=2))
    assert [each.line_ref for each in good(shipment({10: 2}), *lines, retailer=WHOLE_ORDERS).items] == ["1"]


def test_units_that_are_cancelled_with_the_retailer_are_not_open() -> None:
    assert good(shipment({10: 1}), line(cancelled=1), retailer=CALDER).items[0].quantity == 1
    [(_, sentence)] = problems(announced(shipment({10: 2}), line(cancelled=1)))
    assert "2 units of line 1 left, 1 are open" in sentence


def test_a_rehearsal_tells_all_open_units_under_a_test_number() -> None:
    profile = changed(NORTHGATE, test_orders={"warehouse": False, "carrier": "dpd"})
    lines = [line("1"), line("2", 3, dispatched=1), line("3", cancelled=2)]
    now = datetime(2026, 7, 2, 23, 30, tzinfo=UTC)

    items = to_rehearse(lines, profile, BOOK, CARRIERS, reference="NG100", now=now)

    assert isinstance(items, tuple)
    assert [(each.line_ref, each.quantity) for each in items] == [("1", 2), ("2", 2)]
    assert {(each.carrier, each.tracking_number) for each in items} == {("dpd", "TEST-NG100")}
    assert {f"{each.supplier_dispatch_date}" for each in items} == {"2026-07-03"}  # half past midnight in London
    assert {f"{each.supplier_delivery_date}" for each in items} == {"2026-07-08"}


@pytest.mark.parametrize("carrier", ["pigeon", None])
def test_a_rehearsal_needs_a_carrier_of_the_live_list(carrier: str | None) -> None:
    profile = changed(NORTHGATE, test_orders={"warehouse": False, "carrier": carrier})
    now = datetime(2026, 7, 2, tzinfo=UTC)
    assert codes(to_rehearse([line()], profile, BOOK, CARRIERS, reference="NG100", now=now)) == ["carrier-not-allowed"]


def test_a_rehearsal_number_is_never_too_long() -> None:
    profile = changed(NORTHGATE, test_orders={"warehouse": False, "carrier": "dpd"})
    items = to_rehearse([line()], profile, BOOK, CARRIERS, reference="9" * 120, now=datetime(2026, 7, 2, tzinfo=UTC))
    assert isinstance(items, tuple)
    assert len(items[0].tracking_number) == 100


def test_a_problem_of_a_waiting_shipment_names_that_shipment() -> None:
    first = shipment({10: 1}, 1, trackingNumber=None)
    [(code, sentence)] = problems(announced(shipment({10: 1}, 2), line(), retailer=CALDER, waiting=(first,)))
    assert code == "tracking-missing"
    assert "Shipment 500-1" in sentence


def _list(result: Dispatch | list[Problem]) -> list[Problem]:
    assert isinstance(result, list)
    return result


@given(
    held=st.dictionaries(st.sampled_from([10, 20, 30]), st.integers(-3, 6), max_size=3),
    ordered=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5)), min_size=1, max_size=2),
    fields=st.fixed_dictionaries(
        {},
        optional={
            "trackingNumber": st.none() | st.text(max_size=120),
            "carrierInformation": st.none() | st.builds(lambda name: {"carrierName": name}, st.text(max_size=9)),
            "shippedAt": st.none() | st.datetimes().map(lambda moment: moment.isoformat() + "+00:00") | st.text(),
        },
    ),
    retailer=st.sampled_from([CALDER, NORTHGATE]),
)
def test_never_more_is_announced_than_is_open(
    held: dict[int, int], ordered: list[tuple[int, int]], fields: dict[str, Any], retailer: Retailer
) -> None:
    lines = [line(str(n + 1), quantity, dispatched) for n, (quantity, dispatched) in enumerate(ordered)]
    result = announced(shipment(held, **fields), *lines, retailer=retailer)
    if isinstance(result, Dispatch):
        open_units = {each.line_reference: each.open for each in lines}
        assert all(0 < each.quantity <= open_units[each.line_ref] for each in result.items)
        assert sum(each.quantity for each in result.items) == sum(held.values())
        assert all(isinstance(each.supplier_dispatch_date, date) for each in result.items)
    else:
        assert result


@st.composite
def partitions(draw: st.DrawFn) -> tuple[list[PlacedLine], list[Shipment]]:
    """An order, and shipments that hold each of its open units once, in any order of leaving."""
    count = draw(st.integers(1, 4))
    lines = [
        line(str(n), draw(st.integers(1, 5)), cancelled=draw(st.integers(0, 1))) for n in range(1, count + 1)
    ]
    held: dict[int, dict[int, int]] = {}
    for each in lines:
        for _ in range(each.open):
            units = held.setdefault(draw(st.integers(1, 4)), {})
            units[each.centra_line_id or 0] = units.get(each.centra_line_id or 0, 0) + 1
    numbers = draw(st.permutations(sorted(held)))
    moments = {number: draw(st.integers(1, 9)) for number in numbers}
    return lines, [
        shipment(held[number], number, shippedAt=f"2026-07-0{moments[number]}T12:00:00+00:00") for number in numbers
    ]


def _tell_all(lines: list[PlacedLine], sent: list[Shipment], retailer: Retailer) -> list[Dispatch]:
    """Announce shipments as they leave, as the flow does: what was not announced waits for the others."""
    told: list[Dispatch] = []
    waiting: list[Shipment] = []
    for each in sent:
        result = announced(each, *lines, retailer=retailer, waiting=tuple(waiting))
        waiting.append(each)
        if isinstance(result, Dispatch):
            told.append(result)
            waiting = [left for left in waiting if left.id not in ids(result)]
            units = {item.line_ref: item.quantity for item in result.items}
            lines = [
                replace(known, dispatched=known.dispatched + units.get(known.line_reference, 0)) for known in lines
            ]
            assert all(known.open >= 0 for known in lines)
    return told


@given(partition=partitions(), retailer=st.sampled_from([NORTHGATE, CALDER, WHOLE_ORDERS]))
def test_every_open_unit_is_announced_once_however_it_was_packed(
    partition: tuple[list[PlacedLine], list[Shipment]], retailer: Retailer
) -> None:
    lines, sent = partition
    told = _tell_all(lines, sent, retailer)

    units: Counter[str] = Counter()
    for dispatch in told:
        units.update({item.line_ref: item.quantity for item in dispatch.items})
    assert units == {each.line_reference: each.open for each in lines if each.open}
    assert sorted(each for dispatch in told for each in ids(dispatch)) == sorted(each.id for each in sent)
    if retailer.dispatch.full_orders_only:
        assert len(told) == min(1, len(sent))
    elif retailer.dispatch.full_lines_only:
        assert max(Counter(item.line_ref for dispatch in told for item in dispatch.items).values(), default=1) == 1


@given(partition=partitions(), more=partitions(), retailer=st.sampled_from([NORTHGATE, CALDER, WHOLE_ORDERS]))
def test_whatever_else_is_shipped_no_line_is_announced_above_what_was_ordered(
    partition: tuple[list[PlacedLine], list[Shipment]],
    more: tuple[list[PlacedLine], list[Shipment]],
    retailer: Retailer,
) -> None:
    lines, sent = partition
    units: Counter[str] = Counter()
    others = [each.model_copy(update={"id": each.id + 10}) for each in more[1]]
    for dispatch in _tell_all(lines, [*sent, *others], retailer):
        units.update({item.line_ref: item.quantity for item in dispatch.items})
    assert all(units[each.line_reference] <= each.open for each in lines)
