"""The likeliest meaning of an unmapped name comes first, and a poor likeness is no suggestion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.suggestions import LEAST, MOST, Suggestion, closest

LIVE = {
    "dpd": ["dpd", "DPD"], "dpd-uk": ["dpd-uk", "DPD UK"], "dx": ["dx", "DX"], "fedex": ["fedex", "FedEx"],
    "parcelforce": ["parcelforce", "Parcelforce Worldwide"], "royal-mail": ["royal-mail", "Royal Mail"],
    "ups": ["ups", "UPS"], "yodel": ["yodel", ""],
}  # fmt: skip


@pytest.mark.parametrize(("name", "best"), [
    ("ROYAL  mail", "royal-mail"), ("RoyalMail", "royal-mail"), ("Royal Mial", "royal-mail"), ("DPD", "dpd"),
    ("D.P.D. UK", "dpd-uk"), ("DPD UK Next Day", "dpd-uk"), ("Fed Ex", "fedex"), ("Parcel Force", "parcelforce"),
    ("Yodel Direct", "yodel"),
])  # fmt: skip
def test_another_spelling_finds_its_carrier_first(name: str, best: str) -> None:
    assert closest([name], LIVE)[0].value == best


def test_the_same_name_in_other_signs_is_certain() -> None:
    assert closest(["royal_MAIL"], LIVE)[0] == Suggestion("royal-mail", 100)


def test_any_of_several_names_may_tell() -> None:
    assert closest(["Courier", "Parcelforce 48"], LIVE)[0].value == "parcelforce"


@pytest.mark.parametrize("names", [["DX"], ["Pigeon Post"], [""], ["***"], []])
def test_what_resembles_nothing_else_is_not_guessed(names: list[str]) -> None:
    assert [each.value for each in closest(names, LIVE) if each.value != "dx"] == []


def test_equally_good_ones_stand_in_the_order_of_their_values() -> None:
    assert [each.value for each in closest(["a b"], {"y": ["a b"], "x": ["A-B"], "z": ["b"]})] == ["x", "y", "z"]


def test_no_more_than_a_handful_is_offered() -> None:
    assert len(closest(["dpd"], {f"dpd-{number}": ["DPD"] for number in range(20)})) == MOST


NAMES = st.lists(st.text(max_size=30), max_size=3)


@given(NAMES, st.dictionaries(st.text(max_size=10), NAMES))
def test_any_names_are_ranked_without_fail(names: list[str], candidates: dict[str, list[str]]) -> None:
    found = closest(names, candidates)
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert all(LEAST <= score <= 100 for score in scores)
    assert {each.value for each in found} <= candidates.keys()
