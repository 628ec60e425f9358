"""Prices of listings: pricelists, campaigns, tax and rounding."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import CALDER, changed
from hypothesis import given
from hypothesis import strategies as st
from wares import jumper, pounds

from integration.centra.content import Amount, Campaign, Display, Price
from integration.domain.articles import Article
from integration.domain.pricing import PriceNow, next_turn, price_now
from integration.domain.validation import Trouble
from integration.rulebook import Retailer
from integration.rulebook.retailer import PriceField

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")


def euros(value: str) -> Amount:
    return Amount(value=Decimal(value), currency="EUR")


def attribute(amount: str = "selling", **changes: Any) -> PriceField:
    """A price attribute with tax and two places, from the profile's pricelist."""
    values = {"attribute": "price", "amount": amount, "pricelist": None, "tax": "included", "places": 2}
    return PriceField.model_validate(values | changes)


def campaign(number: int = 12, **changes: Any) -> Campaign:
    """25 % off the jumper's variant, without bounds."""
    return Campaign(**{"id": number, "variant_id": 2, "percent": Decimal(25)} | changes)


def priced(*prices: Price, campaigns: tuple[Campaign, ...] = (), **variant: Any) -> Article:
    """The jumper at 79.00 GBP in pricelist 7 unless `prices` say otherwise."""
    return jumper(variant=({"prices": prices} if prices else {}) | variant, display={"campaigns": campaigns})


def listed(amount: Amount | None, recommended: Amount | None = None, pricelist: int = 7) -> Price:
    return Price(id=70 + pricelist, pricelist_id=pricelist, amount=amount, recommended=recommended)


def told(
    of: Article, field: PriceField | None = None, profile: Retailer = CALDER, now: datetime = NOW
) -> tuple[str, str]:
    """Amount and source of a price, or code and words of why there is none."""
    found = price_now(of, field or attribute(), profile, now)
    if isinstance(found, Trouble):
        return found.rule, found.why
    assert found.currency == profile.currency
    return f"{found.amount:f}", found.source


def amounts(of: Article, *moments: datetime) -> list[str]:
    return [told(of, now=moment)[0] for moment in moments]


def test_the_selling_price_is_that_of_the_profiles_pricelist() -> None:
    assert told(priced()) == ("79.00", "pricelist 7")


def test_a_price_attribute_may_have_a_pricelist_of_its_own() -> None:
    ware = priced(listed(pounds("79.00")), listed(pounds("41.00"), pricelist=8))

    assert told(ware, attribute(pricelist=8)) == ("41.00", "pricelist 8")


@pytest.mark.parametrize("price", [listed(pounds("5.00"), pricelist=9), listed(None)], ids=["no row", "no amount"])
@pytest.mark.parametrize("amount", ["selling", "list"])
def test_a_price_that_the_pricelist_does_not_have_is_missing(amount: str, price: Price) -> None:
    assert told(priced(price), attribute(amount)) == (
        "missing", "is missing: pricelist 7 has no price of the variant",
    )  # fmt: skip


def test_the_recommended_price_stands_in_the_pricelist_beside_the_other() -> None:
    ware = priced(listed(None, pounds("99.00")), campaigns=(campaign(),))

    assert told(ware, attribute("recommended")) == ("99.00", "pricelist 7, recommended")
    code, why = told(priced(), attribute("recommended"))
    assert code == "missing"
    assert "recommended" in why


def test_the_cost_is_that_of_the_variant_and_never_has_tax() -> None:
    assert told(priced(), attribute("cost", tax="excluded")) == ("31.60", "unit cost")
    assert told(priced(), attribute("cost")) == ("37.92", "unit cost")
    assert told(priced(unit_cost=None), attribute("cost")) == ("missing", "is missing: the variant has no unit cost")


def test_tax_is_added_and_taken_out_at_the_profiles_rate_only_where_the_sides_differ() -> None:
    without = changed(CALDER, prices={"tax": "excluded"})

    assert told(priced(), attribute(tax="excluded"))[0] == "65.83"
    assert told(priced(), attribute(), without)[0] == "94.80"
    assert told(priced(), attribute(tax="excluded"), without)[0] == "79.00"
    assert told(priced(), attribute("cost", tax="excluded"), without)[0] == "31.60"


def test_halves_are_rounded_as_the_profile_says_to_the_places_of_the_attribute() -> None:
    ware = priced(listed(pounds("10.125")))
    even = changed(CALDER, prices={"rounding": "half-even"})

    assert told(ware)[0] == "10.13"
    assert told(ware, profile=even)[0] == "10.12"
    assert told(ware, attribute(places=0))[0] == "10"
    assert told(ware, attribute(places=4))[0] == "10.1250"


def test_a_price_is_rounded_once_at_the_end() -> None:
    # 25 % off is 37.455 with tax, 31.2125 without; rounded to 37.46 first, it would come to 31.22.
    assert told(priced(listed(pounds("49.94")), campaigns=(campaign(),)), attribute(tax="excluded"))[0] == "31.21"


@pytest.mark.parametrize(
    ("amount", "wrong"),
    [
        ("0", "not above zero"),
        ("0.00", "not above zero"),
        ("-79.00", "not above zero"),
        ("1000000", "above any real price"),
        ("1E+999999", "above any real price"),
    ],
)
@pytest.mark.parametrize("campaigns", [(), (campaign(),), (campaign(percent=None, fixed=pounds("10.00")),)])
def test_a_price_that_nobody_can_mean_is_none_with_or_without_a_campaign(
    amount: str, wrong: str, campaigns: tuple[Campaign, ...]
) -> None:
    code, why = told(priced(listed(pounds(amount)), campaigns=campaigns))

    assert code == "absurd"
    assert f"{wrong} ({Decimal(amount)})" in why


def test_a_price_just_below_a_million_is_one() -> None:
    assert told(priced(listed(pounds("999999.99"))))[0] == "999999.99"


def test_a_price_that_rounds_to_nothing_is_none() -> None:
    assert told(priced(listed(pounds("0.004")))) == ("absurd", "would be pricelist 7, which rounds to nothing (0.004)")


@pytest.mark.parametrize("amount", ["selling", "list", "recommended", "cost"])
def test_a_price_in_another_currency_is_none(amount: str) -> None:
    code, why = told(priced(listed(euros("79.00"), euros("99.00")), unit_cost=euros("31.60")), attribute(amount))

    assert code == "currency"
    assert why.endswith("which is in EUR and not in GBP")


def test_a_campaign_takes_its_percent_off_the_selling_price_only() -> None:
    ware = priced(listed(pounds("79.00"), pounds("99.00")), campaigns=(campaign(),))

    assert told(ware) == ("59.25", "pricelist 7, campaign 12: 25 % off")
    assert told(ware, attribute("list")) == ("79.00", "pricelist 7")
    assert told(ware, attribute("recommended"))[0] == "99.00"
    assert told(ware, attribute("cost", tax="excluded"))[0] == "31.60"


def test_a_campaign_may_have_a_fixed_price() -> None:
    ware = priced(campaigns=(campaign(percent=None, fixed=pounds("49.00")),))

    assert told(ware) == ("49.00", "pricelist 7, campaign 12: fixed price")


def test_of_several_campaigns_the_lowest_price_wins_whatever_their_order() -> None:
    several = (campaign(11, percent=Decimal(10)), campaign(12, percent=None, fixed=pounds("49.00")), campaign(13))

    assert {told(priced(campaigns=order)) for order in (several, several[::-1])} == {
        ("49.00", "pricelist 7, campaign 12: fixed price")
    }


def test_a_campaign_never_makes_an_article_dearer() -> None:
    assert told(priced(campaigns=(campaign(percent=None, fixed=pounds("89.00")),))) == ("79.00", "pricelist 7")


@pytest.mark.parametrize("percent", ["0", "-5", "100", "120", None])
def test_a_campaign_that_is_no_reduction_is_told_and_not_left_out(percent: str | None) -> None:
    odd = campaign(percent=percent and Decimal(percent))
    code, why = told(priced(campaigns=(campaign(11), odd)))

    assert code == "campaign"
    assert "campaign 12" in why


@pytest.mark.parametrize("bound", ["starts_at", "stops_at"])
def test_a_campaign_with_a_bound_that_names_no_moment_is_told_and_neither_runs_for_ever_nor_is_left_out(
    bound: str,
) -> None:
    odd = campaign(**{bound: "2027-03-28 00:00:00"})
    code, why = told(priced(campaigns=(campaign(11), odd)))
    assert code == "campaign"
    assert "campaign 12" in why
    assert "no time zone" in why
    assert next_turn(priced(campaigns=(odd,)).product, NOW) is None


def test_a_fixed_price_of_nothing_is_absurd() -> None:
    assert told(priced(campaigns=(campaign(percent=None, fixed=pounds("0.00")),)))[0] == "absurd"


def test_a_fixed_price_in_another_currency_is_none() -> None:
    assert told(priced(campaigns=(campaign(percent=None, fixed=euros("10.00")),))) == (
        "currency", "would be pricelist 7, campaign 12, which is in EUR",
    )  # fmt: skip


@pytest.mark.parametrize("change", [{"variant_id": 8}, {"status": "INACTIVE"}, {"status": ""}], ids=str)
def test_a_campaign_of_another_variant_or_that_is_not_active_changes_nothing(change: dict[str, Any]) -> None:
    assert told(priced(campaigns=(campaign(**change),))) == ("79.00", "pricelist 7")


def test_a_campaign_of_a_display_that_does_not_speak_for_the_article_changes_nothing() -> None:
    elsewhere = Display(id=44, store_id=2, variant_ids=(2,), campaigns=(campaign(),))
    ware = jumper()
    product = ware.product.model_copy(update={"displays": (*ware.product.displays, elsewhere)})

    assert told(Article(product, ware.variant, ware.size, ware.display, on_sale=True))[0] == "79.00"
    assert told(Article(product, ware.variant, ware.size, None, on_sale=False))[0] == "79.00"


def test_a_campaign_runs_from_its_first_moment_and_not_in_its_last() -> None:
    ware = priced(campaigns=(campaign(starts_at=NOW, stops_at=NOW + HOUR),))
    tick = timedelta(microseconds=1)

    assert amounts(ware, NOW - tick, NOW, NOW + HOUR - tick, NOW + HOUR) == ["79.00", "59.25", "59.25", "79.00"]


def test_a_campaign_without_a_start_or_an_end_has_no_bound_there() -> None:
    long_ago, far_away = NOW - 50_000 * HOUR, NOW + 50_000 * HOUR

    assert amounts(priced(campaigns=(campaign(stops_at=NOW),)), long_ago, NOW, far_away) == ["59.25", "79.00", "79.00"]
    assert amounts(priced(campaigns=(campaign(starts_at=NOW),)), long_ago, NOW, far_away) == ["79.00", "59.25", "59.25"]


@pytest.mark.parametrize(
    ("day", "hours"),
    [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 7, 1), 24)],
    ids=["spring", "autumn", "summer"],
)
def test_a_campaign_of_one_london_day_lasts_as_long_as_the_day_whatever_clock_it_is_written_on(
    day: tuple[int, int, int], hours: int
) -> None:
    midnight = datetime(*day, tzinfo=LONDON)
    starts = midnight.astimezone(ZoneInfo("Europe/Stockholm")).isoformat()
    stops = (midnight + timedelta(days=1)).astimezone(ZoneInfo("America/New_York")).isoformat()
    ware = priced(campaigns=(campaign(starts_at=starts, stops_at=stops),))
    first = midnight.astimezone(UTC)
    tick = timedelta(seconds=1)

    assert amounts(ware, first - tick, first, first + hours * HOUR - tick, first + hours * HOUR) == [
        "79.00", "59.25", "59.25", "79.00",
    ]  # fmt: skip
    assert next_turn(ware.product, first - tick) == first
    assert next_turn(ware.product, first) == first + hours * HOUR
    assert next_turn(ware.product, first + hours * HOUR) is None


def test_the_next_turn_is_the_earliest_start_or_end_on_any_display_of_an_active_campaign() -> None:
    first = Display(id=4, store_id=1, campaigns=(
        campaign(11, starts_at=NOW - HOUR, stops_at=NOW + 5 * HOUR),
        campaign(12, starts_at=NOW + HOUR, status="INACTIVE"),
    ))  # fmt: skip
    other = Display(id=5, store_id=2, campaigns=(campaign(13, variant_id=8, starts_at=NOW + 3 * HOUR),))
    product = jumper(product={"displays": (first, other)}).product

    assert next_turn(product, NOW) == NOW + 3 * HOUR
    assert next_turn(product, NOW + 3 * HOUR) == NOW + 5 * HOUR
    assert next_turn(product, NOW + 5 * HOUR) is None
    assert next_turn(jumper().product, NOW) is None


MONEY = st.builds(
    Amount,
    value=st.decimals(allow_nan=False, allow_infinity=False) | st.decimals("0.0001", "2000000", places=4),
    currency=st.sampled_from(["GBP", "GBP", "EUR"]),
)
MOMENTS = st.none() | st.integers(-3, 3).map(lambda hours: NOW + hours * HOUR)
CAMPAIGNS = st.builds(
    Campaign,
    id=st.integers(1, 99),
    status=st.sampled_from(["ACTIVE", "INACTIVE"]),
    variant_id=st.sampled_from([2, 8]),
    percent=st.none() | st.decimals(-10, 110, places=2),
    fixed=st.none() | MONEY,
    starts_at=MOMENTS,
    stops_at=MOMENTS,
)
ARTICLES = st.builds(
    lambda amount, recommended, cost, campaigns: priced(
        listed(amount, recommended), campaigns=campaigns, unit_cost=cost
    ),
    st.none() | MONEY, st.none() | MONEY, st.none() | MONEY, st.lists(CAMPAIGNS, max_size=3).map(tuple),
)  # fmt: skip
ATTRIBUTES = st.builds(
    attribute,
    st.sampled_from(["selling", "list", "recommended", "cost"]),
    tax=st.sampled_from(["included", "excluded"]),
    places=st.integers(0, 4),
)
PROFILES = st.builds(
    lambda tax, percent, rounding: changed(
        CALDER, prices={"tax": tax, "tax_percent": str(percent), "rounding": rounding}
    ),
    st.sampled_from(["included", "excluded"]), st.decimals(0, 100, places=2),
    st.sampled_from(["half-up", "half-even"]),
)  # fmt: skip


@given(of=ARTICLES, field=ATTRIBUTES, profile=PROFILES)
def test_a_price_is_above_zero_in_the_profiles_currency_with_the_attributes_places_or_there_is_none(
    of: Article, field: PriceField, profile: Retailer
) -> None:
    found = price_now(of, field, profile, NOW)

    if isinstance(found, PriceNow):
        assert found.amount > 0
        assert found.amount == found.amount.quantize(Decimal(1).scaleb(-field.places))
        assert found.currency == profile.currency
    else:
        assert found.rule in ("missing", "currency", "absurd", "campaign")


@given(campaigns=st.lists(CAMPAIGNS, max_size=4).map(tuple), hours=st.integers(-4, 4))
def test_no_price_changes_by_the_clock_between_two_turns(campaigns: tuple[Campaign, ...], hours: int) -> None:
    ware, now = priced(campaigns=campaigns), NOW + hours * HOUR
    turn = next_turn(ware.product, now)
    before = (turn or now + 100 * HOUR) - timedelta(microseconds=1)

    assert turn is None or turn > now
    assert told(ware, now=now) == told(ware, now=before)
