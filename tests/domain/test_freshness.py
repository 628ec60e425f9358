"""Silence is measured against a flow's own clock, and few orders against the same hours before."""

from datetime import UTC, datetime, timedelta

import pytest

from integration.domain.freshness import ago, is_silent, same_hours, unusually_few
from integration.policy import HOUR, MINUTE

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def test_a_flow_is_silent_only_after_its_own_clock_and_the_grace() -> None:
    every, grace = 30 * MINUTE, 2 * MINUTE

    assert not is_silent(NOW - 32 * MINUTE, NOW - 9 * HOUR, every, grace, NOW)
    assert is_silent(NOW - 32 * MINUTE - MINUTE / 60, NOW - 9 * HOUR, every, grace, NOW)


def test_a_flow_that_was_never_done_is_silent_since_it_was_asked_for() -> None:
    assert not is_silent(None, NOW - MINUTE, MINUTE, MINUTE, NOW)
    assert is_silent(None, NOW - 3 * MINUTE, MINUTE, MINUTE, NOW)


def test_the_same_hour_is_that_of_the_shoppers_clock_also_after_summer_time_began() -> None:
    hours = same_hours(NOW, "Europe/London")

    assert [end.hour for _, end in hours] == [12, 13, 13, 13, 13]
    assert all(end - start == HOUR for start, end in hours)
    assert hours[4][1] == datetime(2026, 3, 4, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counted", "before", "few"),
    [
        (0, [20, 22, 18, 21], True),
        (3, [20, 22, 18, 21], True),
        (9, [20, 22, 18, 21], False),
        (40, [20, 22, 18, 21], False),
        (0, [9, 9, 9, 9], False),
        (0, [10, 10, 10, 10], True),
        (0, [40, 40, 40], False),
        (0, [0, 0, 900, 900], True),
        (0, [0, 0, 0, 900], False),
    ],
    ids=[
        "nothing at all", "far too few", "a weak hour", "a strong one", "a small retailer", "just large enough",
        "three weeks are no past", "the median counts", "one great hour does not",
    ],
)  # fmt: skip
def test_an_hour_is_too_quiet_when_chance_does_not_explain_it(counted: int, before: list[int], few: bool) -> None:
    assert unusually_few(counted, before) is few


def test_very_large_numbers_of_orders_overflow_nothing() -> None:
    assert unusually_few(0, [1_000_000] * 4)
    assert not unusually_few(999_900, [1_000_000] * 4)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "0 minutes"),
        (MINUTE, "1 minute"),
        (119 * MINUTE, "119 minutes"),
        (2 * HOUR, "2 hours"),
        (47 * HOUR, "47 hours"),
        (48 * HOUR, "2 days"),
    ],
)
def test_a_length_of_time_is_told_in_words(length: timedelta, words: str) -> None:
    assert ago(NOW - length, NOW) == words
