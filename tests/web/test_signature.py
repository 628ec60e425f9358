"""Only a body that Centra signed just now passes, byte by byte as it was received."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.web.signature import REPLAY_WINDOW, verify

SECRET, AT = "test123", 12345678
BODY = b"payload=%7B%22x%22%3A%22test%22%7D"
V1 = "0b9cd84f5d583e5e1aadfb9f160aa8080b51d5b85ff85808d6b75bdac356c549"
HEADER = f"t={AT},v1={V1}"


def test_the_published_example_passes() -> None:
    assert verify(HEADER, BODY, SECRET, AT) is None


def test_blanks_and_line_breaks_between_the_parts_are_no_matter() -> None:
    assert verify(f" t={AT},\n v1={V1} ", BODY, SECRET, AT) is None


def test_parts_we_do_not_know_are_ignored() -> None:
    assert verify(f"v2=abc,{HEADER},v0", BODY, SECRET, AT) is None


@pytest.mark.parametrize(
    "header",
    [None, "", "nonsense", f"v1={V1}", f"t={AT}", f"t={AT},v1=", f"t=,v1={V1}", f"t=-5,v1={V1}", f"t=1e9,v1={V1}",
     f"t=١٢٣,v1={V1}", f"t={'9' * 400},v1={V1}"],
)  # fmt: skip
def test_a_missing_or_unreadable_signature_is_refused(header: str | None) -> None:
    assert verify(header, BODY, SECRET, AT) is not None


@pytest.mark.parametrize("v1", ["0" * 64, V1[:-1], V1 + "0", V1.upper(), "ÿ" * 64, "\ud800"])
def test_a_signature_that_does_not_fit_is_refused(v1: str) -> None:
    assert verify(f"t={AT},v1={v1}", BODY, SECRET, AT) is not None


def test_the_same_content_encoded_differently_is_refused() -> None:
    assert verify(HEADER, BODY.replace(b"%7B", b"{"), SECRET, AT) is not None


def test_another_secret_is_refused() -> None:
    assert verify(HEADER, BODY, SECRET + "4", AT) is not None


def test_a_changed_time_is_refused() -> None:
    assert verify(f"t={AT + 1},v1={V1}", BODY, SECRET, AT) is not None


@pytest.mark.parametrize("late", [-REPLAY_WINDOW, 0, REPLAY_WINDOW])
def test_clocks_may_differ_by_the_window(late: int) -> None:
    assert verify(HEADER, BODY, SECRET, AT + late) is None


@pytest.mark.parametrize("late", [-REPLAY_WINDOW - 1, REPLAY_WINDOW + 1])
def test_a_stale_signature_and_one_of_the_future_are_refused(late: int) -> None:
    assert verify(HEADER, BODY, SECRET, AT + late) is not None


@given(st.text(), st.binary())
def test_whatever_is_sent_is_answered_and_not_believed(header: str, body: bytes) -> None:
    assert verify(header, body, SECRET, AT) is not None
