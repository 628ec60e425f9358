"""A measure stands where its counts put it, to the last order."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from integration.domain.scorecard import AT_MOST, LABELS, Count, Measure, Verdict, scores
from integration.rulebook.retailer import Thresholds


def test_every_measure_has_a_threshold_and_a_label() -> None:
    assert {each.value for each in Measure} == set(Thresholds.model_fields)
    assert set(LABELS) == set(Measure)


@pytest.mark.parametrize(("measure", "count", "verdict", "spare"), [
    (Measure.DISPATCHED, Count(98, 100), Verdict.MET, 0),
    (Measure.DISPATCHED, Count(97, 100), Verdict.MISSED, 0),
    (Measure.DISPATCHED, Count(1000, 1000), Verdict.MET, 20),
    (Measure.DISPATCHED, Count(979_999, 1_000_000), Verdict.MISSED, 0),
    (Measure.CANCELLED, Count(1, 100), Verdict.MET, 0),
    (Measure.CANCELLED, Count(2, 100), Verdict.MISSED, 0),
    (Measure.CANCELLED, Count(0, 1000), Verdict.MET, 10),
    (Measure.CANCELLED, Count(0, 0), Verdict.NO_DATA, 0),
])  # fmt: skip
def test_a_threshold_is_met_up_to_its_last_case(measure: Measure, count: Count, verdict: Verdict, spare: int) -> None:
    (score,) = scores({measure: count}, Thresholds())

    assert (score.verdict, score.spare) == (verdict, spare)
    assert score.at_most == (measure in AT_MOST)


@pytest.mark.parametrize(("measure", "count", "shown"), [
    (Measure.DISPATCHED, Count(2, 3), "66.66"),
    (Measure.DISPATCHED, Count(979_999, 1_000_000), "97.99"),
    (Measure.CANCELLED, Count(10_001, 1_000_000), "1.01"),
])  # fmt: skip
def test_a_share_is_never_shown_better_than_it_is(measure: Measure, count: Count, shown: str) -> None:
    assert scores({measure: count}, Thresholds())[0].percent == Decimal(shown)


def test_a_retailers_own_threshold_counts_with_its_fractions() -> None:
    counts = {Measure.CANCELLED: Count(5, 1000)}

    assert scores(counts, Thresholds(cancelled_by_us="0.5"))[0].verdict is Verdict.MET
    assert scores(counts, Thresholds(cancelled_by_us="0.4"))[0].verdict is Verdict.MISSED


@pytest.mark.parametrize("value", ["101", "-1", "100.01", "many"])
def test_a_threshold_that_no_share_can_have_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        Thresholds(valid_tracking=value)
