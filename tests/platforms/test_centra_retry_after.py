"""Whatever notation Centra chooses for Retry-After, we wait as long as it meant, and never for ever."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.centra.retry_after import DEFAULT, LONGEST, SHORTEST, seconds_to_wait

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
UNIX = int(NOW.timestamp())


@pytest.mark.parametrize(("header", "seconds"), [
    ("7", 7),
    ("2.5", 2.5),
    (" 30 ", 30),
    (str(UNIX + 42), 42),
    (f"{UNIX + 42}.5", 42.5),
    ("Tue, 24 Nov 2026 12:00:09 GMT", 9),
    ("2026-11-24T12:00:20Z", 20),
    ("2026-11-24T13:00:20+01:00", 20),
    ("2026-11-24 12:00:20", 20),
    ("2026-11-24T12:00:20.500000", 20.5),
    (None, DEFAULT),
    ("", DEFAULT),
    ("soon", DEFAULT),
    ("nan", DEFAULT),
    ("inf", DEFAULT),
    ("Thu, 99 Foo 2026", DEFAULT),
    ("0", SHORTEST),
    ("-5", SHORTEST),
    (str(UNIX - 60), SHORTEST),
    ("2026-11-24T11:59:00Z", SHORTEST),
    ("86400", LONGEST),
    (str(UNIX + 999_999), LONGEST),
    ("2030-01-01T00:00:00Z", LONGEST),
])
def test_every_form_of_retry_after_is_understood(header: str | None, seconds: float) -> None:
    assert seconds_to_wait(header, NOW) == pytest.approx(seconds, abs=0.01)


@given(st.text() | st.integers().map(str) | st.floats().map(str) | st.datetimes().map(str))
def test_no_header_breaks_the_wait_or_makes_it_endless(header: str) -> None:
    assert SHORTEST <= seconds_to_wait(header, NOW) <= LONGEST
