"""What is read once and remembered is read by one thread, and by none that wants something else."""

import threading
from collections.abc import Iterator

import pytest

from integration.wiring import remembered
from tests.racing import race


def test_a_slow_reading_holds_up_nobody_who_asks_for_something_else() -> None:
    northgate_is_asked, fernhill_has_answered = threading.Event(), threading.Event()

    def read(key: str) -> str:
        if key == "northgate":
            northgate_is_asked.set()
            assert fernhill_has_answered.wait(10), "fernhill had to wait for northgate"
        return f"the carriers of {key}"

    carriers = remembered(60, read)

    def fernhill() -> str:
        assert northgate_is_asked.wait(10)
        found = carriers("fernhill")
        fernhill_has_answered.set()
        return found

    assert race(lambda: carriers("northgate"), fernhill) == ["the carriers of northgate", "the carriers of fernhill"]


def test_threads_that_ask_for_the_same_at_once_share_one_reading() -> None:
    readings: list[str] = []

    def read(key: str) -> str:
        readings.append(key)
        return key

    carriers = remembered(60, read)
    race(*[lambda: carriers("northgate")] * 8)

    assert readings == ["northgate"]


def test_a_reading_that_failed_is_tried_again_by_the_next_who_asks() -> None:
    answers: Iterator[str | Exception] = iter([ConnectionError("away"), "the carriers"])

    def read(_key: str) -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    carriers = remembered(60, read)

    with pytest.raises(ConnectionError):
        carriers("northgate")
    assert carriers("northgate") == "the carriers"
