"""How urgent an exception is follows from what it blocks, and never falls below its kind."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.severity import WEIGHTS, Impact, due, severity
from integration.kinds import DUE_HOURS, Severity

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RANKS = list(Severity)
impacts = st.builds(
    Impact,
    items=st.integers(0, 10_000), orders=st.integers(0, 1_000), units=st.integers(0, 5_000), skus=st.integers(0, 5_000),
    money=st.dictionaries(st.sampled_from(["GBP", "EUR"]), st.decimals(0, 100_000, places=2)),
    deadline=st.none() | st.timedeltas(-48 * HOUR, 200 * HOUR).map(lambda away: NOW + away),
)  # fmt: skip
severities = st.sampled_from(Severity)


@given(severities, impacts)
def test_a_cause_is_never_less_urgent_than_its_kind(floor: Severity, impact: Impact) -> None:
    assert RANKS.index(severity(floor, impact, NOW)) <= RANKS.index(floor)


@given(severities, impacts, st.integers(1, 500))
def test_more_orders_never_make_a_cause_less_urgent(floor: Severity, impact: Impact, more: int) -> None:
    heavier = Impact(impact.items, impact.orders + more, impact.units, impact.skus, impact.money, impact.deadline)

    before, after = severity(floor, impact, NOW), severity(floor, heavier, NOW)

    assert RANKS.index(after) <= RANKS.index(before)


@pytest.mark.parametrize("floor", Severity)
def test_a_cause_that_blocks_nothing_is_as_urgent_as_its_kind(floor: Severity) -> None:
    assert severity(floor, Impact(), NOW) is floor


@pytest.mark.parametrize(
    ("impact", "found"),
    [
        (Impact(orders=4), Severity.SOON), (Impact(orders=5), Severity.TODAY), (Impact(orders=20), Severity.NOW),
        (Impact(units=24), Severity.SOON), (Impact(units=25), Severity.TODAY), (Impact(units=100), Severity.NOW),
        (Impact(skus=19), Severity.SOON), (Impact(skus=20), Severity.TODAY), (Impact(skus=500), Severity.NOW),
        (Impact(money={"GBP": Decimal("499.99")}), Severity.SOON),
        (Impact(money={"EUR": Decimal(3), "GBP": Decimal(500)}), Severity.TODAY),
        (Impact(money={"GBP": Decimal(2_000)}), Severity.NOW),
        (Impact(money={"EUR": Decimal(1_500), "GBP": Decimal(1_500)}), Severity.TODAY),
        (Impact(deadline=NOW + 25 * HOUR), Severity.SOON), (Impact(deadline=NOW + 24 * HOUR), Severity.TODAY),
        (Impact(deadline=NOW + 4 * HOUR), Severity.NOW), (Impact(deadline=NOW - HOUR), Severity.NOW),
        (Impact(items=10_000), Severity.SOON),
    ],
)  # fmt: skip
def test_each_weight_counts_from_exactly_its_mark(impact: Impact, found: Severity) -> None:
    assert severity(Severity.SOON, impact, NOW) is found


def test_a_heavier_weight_needs_more_of_everything_and_less_time() -> None:
    now, today = WEIGHTS[Severity.NOW], WEIGHTS[Severity.TODAY]

    assert list(WEIGHTS) == [Severity.NOW, Severity.TODAY]
    assert now.orders > today.orders
    assert now.units > today.units
    assert now.skus > today.skus
    assert now.money > today.money
    assert now.deadline_in < today.deadline_in


def test_a_cause_as_urgent_as_its_kind_keeps_the_time_it_was_opened_with() -> None:
    until = NOW + timedelta(days=9)

    assert due(until, NOW, Severity.TODAY, Severity.TODAY, None) == until


def test_a_cause_heavier_than_its_kind_is_due_as_its_severity_says() -> None:
    opened = NOW - 30 * HOUR

    ends = due(opened + 72 * HOUR, opened, Severity.SOON, Severity.TODAY, None)

    assert ends == opened + timedelta(hours=DUE_HOURS[Severity.TODAY])


def test_no_cause_is_due_after_a_deadline_of_what_waits_for_it() -> None:
    assert due(NOW + 8 * HOUR, NOW, Severity.TODAY, Severity.TODAY, NOW + 3 * HOUR) == NOW + 3 * HOUR
    assert due(NOW + HOUR, NOW, Severity.NOW, Severity.NOW, NOW + 3 * HOUR) == NOW + HOUR


def test_a_deadline_that_was_over_before_does_not_make_a_cause_overdue_at_once() -> None:
    assert due(NOW + HOUR, NOW, Severity.NOW, Severity.NOW, NOW - HOUR) == NOW + HOUR
