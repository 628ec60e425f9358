"""Somebody who knows no command clears exceptions by pages alone, and cannot do by accident more than they meant."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from browser import Browser, site
from fastapi import FastAPI
from trouble import opens

from integration import kinds, steps
from integration.flows import activity, exceptions
from integration.people import Role
from tests.world import World, line

REASON = "the listing is back"


@pytest.fixture
def olga(app: FastAPI) -> Browser:
    """An operator."""
    return Browser(app, Role.OPERATOR)


def cause(world: World, number: int) -> dict[str, Any]:
    found = exceptions.one(world.services, number)
    assert found is not None
    return found


def listed(text: str) -> list[int]:
    """The numbers of the exceptions that a list shows, in its order."""
    return [int(number) for number in re.findall(r'<a href="/exceptions/(\d+)">', text)]


def done_by_people(world: World) -> list[tuple[str, str, str, str]]:
    rows = activity.read(world.services, activity.Wanted(about="cause"))
    return [(row["by"], row["door"], row["verb"], row["reason"]) for row in rows]


def due(world: World, subject: str = "calder/TEE-M") -> bool:
    """Whether a piece of stock work is no longer held."""
    return not world.item(steps.STOCK_PUSH, subject).held


def test_the_list_begins_with_what_is_due_first(world: World, olga: Browser) -> None:
    later = opens(world, kinds.WAITS_FOR_STOCK, "fernhill/FH-1", subjects=[], reference="FH-1")
    urgent = opens(world)
    shown = olga.get("/exceptions").text
    assert listed(shown) == [urgent, later]
    assert "Calder refused the stock of TEE-M: no such product" in shown
    assert "catalogue · 1 piece of work waiting" in shown
    assert "overdue" not in shown.partition("<tbody>")[2]
    world.wait(3601)
    assert "overdue" in olga.get("/exceptions").text.partition("<tbody>")[2]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("kind=stock-refused", "stock"), ("owner=operations", "order"), ("retailer=fernhill", "order"),
        ("text=fh-1", "order"), ("severity=act+now", "stock"), ("overdue=true", ""), ("state=muted", ""),
        ("assigned_to=vera", "stock"), ("kind=no-such-kind", ""), ("text=%25", ""), ("text='+OR+1%3D1+--", ""),
        ("state=all&overdue=false&kind=&owner=&text=", "stock order"),
    ],
)  # fmt: skip
def test_each_filter_finds_what_it_means(world: World, olga: Browser, wanted: str, found: str) -> None:
    numbers = {
        "stock": opens(world),
        "order": opens(world, kinds.WAITS_FOR_STOCK, "fernhill/FH-1", subjects=[], reference="FH-1"),
    }
    olga.post("/exceptions/assign", ids=numbers["stock"], to="vera")
    assert listed(olga.get(f"/exceptions?{wanted}").text) == [numbers[name] for name in found.split()]


def test_what_was_searched_for_is_shown_as_text(olga: Browser) -> None:
    shown = olga.get("/exceptions?text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in shown
    assert "&#34;&gt;&lt;script&gt;alert(1)" in shown


@pytest.mark.parametrize(
    "query",
    [
        "state=broken",
        "after=1",
        "after=99999999999999999-99999999999",
        "after=1-2147483648",
        "text=%00",
        f"text={'x' * 201}",
    ],
)
def test_an_address_that_cannot_be_read_is_told_so_and_breaks_nothing(olga: Browser, query: str) -> None:
    assert olga.get(f"/exceptions?{query}").status_code == 422


def test_page_by_page_each_exception_is_shown_once(world: World, olga: Browser) -> None:
    made = [opens(world, key=f"calder/{number}", subjects=[]) for number in range(120)]
    pages, address = list[list[int]](), "/exceptions?kind=stock-refused"
    for _ in range(3):
        text = olga.get(address).text
        pages.append(listed(text))
        following = re.search(r'href="([^"]+)" rel="next"', text)
        address = unescape(following.group(1)) if following else ""
    assert address == ""
    assert pages == [made[:50], made[50:100], made[100:]]


def test_closed_ones_are_listed_last_closed_first_and_cannot_be_ticked(world: World, olga: Browser) -> None:
    first, second = (
        opens(world, kinds.UNREADABLE_EVENT, "a", subjects=[]),
        opens(world, kinds.UNREADABLE_EVENT, "b", subjects=[]),
    )
    for number in (first, second):
        world.wait(60)
        olga.post(f"/exceptions/{number}/resolve", reason="seen")
    shown = olga.get("/exceptions?state=closed").text
    assert listed(shown) == [second, first]
    assert 'name="ids"' not in shown


def test_only_the_numbers_reload_by_themselves_so_that_no_tick_is_lost(world: World, olga: Browser) -> None:
    opens(world)
    shown = olga.get("/exceptions").text
    (reloaded,) = re.findall(r'<div id="(\w+)"[^>]*hx-trigger="every 10s" hx-select="#(\w+)"', shown)
    assert reloaded == ("numbers", "numbers")
    part = shown.partition('<div id="numbers"')[2].partition("</div>")[0]
    assert "1</strong> open" in part
    assert "checkbox" not in part


def test_one_page_has_the_facts_the_raw_answer_the_story_and_the_runbook(world: World, olga: Browser) -> None:
    number = opens(world)
    shown = unescape(olga.get(f"/exceptions/{number}").text)
    assert "<h1>A retailer refused a quantity</h1>" in shown
    assert "Check the listing in the portal, then retry." in shown
    assert "<code>409: they said no</code>" in shown
    assert '<a href="/skus/TEE-M">calder/TEE-M</a>' in shown
    assert "<dt>why</dt><dd>no such product</dd>" in shown
    assert "<strong>opened</strong>" in shown
    assert "How you know it worked</h3>" in shown
    assert "1 piece of work" in shown


def test_an_order_that_waits_is_one_step_away(world: World, olga: Browser) -> None:
    world.orders("northgate", 5001, "PO 1/A", line("1", "71000001"))
    world.do(steps.ORDERS_POLL, "northgate")
    world.settle()
    assert [kind for kind, _ in world.causes()] == ["unmapped-sku"]
    (address,) = re.findall(r'<a href="(/orders/[^"]+)">northgate/PO 1/A</a>', olga.get("/exceptions/1").text)
    shown = olga.get(address)
    assert (shown.status_code, "PO 1/A" in shown.text) == (200, True)


def test_what_comes_from_outside_is_shown_as_text(world: World, olga: Browser) -> None:
    bad = "<img src=x onerror=alert(1)>"
    number = opens(world, key=f"calder/{bad}", subjects=[f"calder/{bad}"], why=bad, sku=bad)
    olga.post(f"/exceptions/{number}/comment", text=bad)
    for path in ("/exceptions", f"/exceptions/{number}", f"/exceptions/preview?scope=ticked&ids={number}"):
        shown = olga.get(path).text
        assert "&lt;img src=x" in shown
        assert "<img" not in shown


@pytest.mark.parametrize("number", ["99", "2147483648", "99999999999999999999", "x"])
def test_an_exception_that_is_not_there_is_a_page_that_says_so(olga: Browser, number: str) -> None:
    assert olga.get(f"/exceptions/{number}").status_code == 404
    assert olga.post(f"/exceptions/{number}/comment", text="hello").status_code == 404


def test_a_viewer_sees_everything_and_no_button(world: World, app: FastAPI) -> None:
    number = opens(world, kinds.DISPATCH_UNKNOWN, "calder/PO-1", steps.DISPATCHES_ANNOUNCE, ["calder/41"])
    vera = Browser(app, Role.VIEWER)
    for path in ("/exceptions", f"/exceptions/{number}"):
        shown = vera.get(path).text
        assert "409: they said no" in shown or str(number) in shown
        assert 'action="/exceptions/' not in shown.replace('action="/exceptions/preview"', "")
        assert 'name="scope"' not in shown
    assert vera.get(f"/exceptions/preview?scope=ticked&ids={number}").status_code == 403


FORMS: list[tuple[str, dict[str, object]]] = [
    ("/exceptions/acknowledge", {"ids": 1}), ("/exceptions/assign", {"ids": 1, "to": "vera"}),
    ("/exceptions/mute", {"ids": 1, "until": "hour", "reason": REASON}),
    ("/exceptions/retry", {"ids": 1, "scope": "ticked", "reason": REASON}),
    ("/exceptions/1/comment", {"text": "hello"}), ("/exceptions/1/resolve", {"reason": REASON}),
    ("/exceptions/1/release", {"scope": "all", "reason": REASON}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "fields"), FORMS)
def test_nothing_is_done_for_a_viewer_for_a_form_of_another_site_or_without_what_it_needs(
    world: World, app: FastAPI, olga: Browser, path: str, fields: dict[str, object]
) -> None:
    assert opens(world) == 1
    before = cause(world, 1)
    assert Browser(app, Role.VIEWER).post(path, **fields).status_code == 403
    assert olga.post(path, sealed=False, **fields).status_code == 403
    assert olga.post(path).status_code == 422
    assert (cause(world, 1), done_by_people(world)) == (before, [])


@pytest.mark.parametrize(("path", "fields"), FORMS[:5])
def test_every_act_is_on_record_and_leads_to_a_page_that_can_be_loaded_again(
    world: World, olga: Browser, path: str, fields: dict[str, object]
) -> None:
    opens(world)
    answer = olga.post(path, **fields)
    shown = olga.follow(answer)
    assert (shown.status_code, 'role="status"' in shown.text) == (200, True)
    ((who, door, _, why),) = done_by_people(world)
    assert (who, door, why) == ("olga", "console", fields.get("reason", fields.get("text", "")))


def test_whoever_acted_on_the_page_of_one_comes_back_to_it(world: World, olga: Browser) -> None:
    number = opens(world)
    answer = olga.post("/exceptions/acknowledge", ids=number, back=number)
    assert answer.headers["Location"] == f"/exceptions/{number}?said=acknowledged"
    assert "<dt>Seen by</dt><dd>olga" in olga.follow(answer).text


def test_an_address_cannot_put_its_own_words_on_the_page(olga: Browser) -> None:
    shown = olga.get("/exceptions?said=Call+this+number&items=0800").text
    assert "Call this number" not in shown
    assert 'role="status"' not in shown
    assert "Call" not in olga.get("/exceptions?said=retried&items=Call").text


def test_somebody_takes_an_exception_and_gives_it_back(world: World, olga: Browser) -> None:
    number = opens(world)
    assert "I deal with it" in olga.get(f"/exceptions/{number}").text
    olga.post("/exceptions/assign", ids=number, to="olga", back=number)
    assert cause(world, number)["assigned_to"] == "olga"
    assert "I deal with it" not in olga.get(f"/exceptions/{number}").text
    assert listed(olga.get("/exceptions?assigned_to=olga").text) == [number]
    olga.post("/exceptions/assign", ids=number, to="", back=number)
    assert cause(world, number)["assigned_to"] is None


@pytest.mark.parametrize(
    ("until", "date", "moment"),
    [
        ("hour", "", datetime(2026, 3, 2, 13, 0, tzinfo=UTC)),
        # The page shows Stockholm, an hour ahead of UTC in March and two after the clocks changed on the 29th.
        ("tomorrow", "", datetime(2026, 3, 3, 7, 0, tzinfo=UTC)),
        ("date", "2026-04-01T09:30", datetime(2026, 4, 1, 7, 30, tzinfo=UTC)),
    ],
)
def test_muting_lasts_until_the_moment_on_the_clock_of_the_page(
    world: World, olga: Browser, until: str, date: str, moment: datetime
) -> None:
    number = opens(world)
    olga.post("/exceptions/mute", ids=number, until=until, date=date, reason=REASON)
    assert cause(world, number)["muted_until"] == moment
    assert listed(olga.get("/exceptions").text) == []
    assert listed(olga.get("/exceptions?state=muted").text) == [number]
    olga.post("/exceptions/mute", ids=number, until="off", reason=REASON)
    assert listed(olga.get("/exceptions").text) == [number]


def test_tomorrow_is_the_day_after_that_on_the_page_also_late_in_the_evening(world: World, olga: Browser) -> None:
    number = opens(world)
    world.at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    olga = Browser(site(world), Role.OPERATOR)
    olga.post("/exceptions/mute", ids=number, until="tomorrow", reason=REASON)
    assert cause(world, number)["muted_until"] == datetime(2026, 3, 4, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("date", ["", "soon", "2026-02-30T08:00", "9999-12-31T23:59", "2100-01-02T00:00"])
def test_a_moment_that_is_none_mutes_nothing(world: World, olga: Browser, date: str) -> None:
    number = opens(world)
    answer = olga.post("/exceptions/mute", ids=number, back=number, until="date", date=date, reason=REASON)
    assert answer.status_code == 422
    assert cause(world, number)["muted_until"] is None


def test_what_cannot_be_is_told_on_the_page_that_it_was_asked_on(world: World, olga: Browser) -> None:
    number = opens(world)
    answer = olga.post(
        "/exceptions/mute", ids=number, back=number, until="date", date="2026-03-01T08:00", reason=REASON
    )
    assert answer.status_code == 409
    assert re.search(r'role="alert">That moment is over already', answer.text)
    assert "<h1>A retailer refused a quantity</h1>" in answer.text


def test_a_preview_tells_what_a_retry_would_do_and_does_nothing(world: World, olga: Browser) -> None:
    numbers = [opens(world, key=f"calder/{sku}", subjects=[f"calder/{sku}"]) for sku in ("A", "B", "C")]
    shown = " ".join(olga.get(f"/exceptions/preview?scope=ticked&ids={numbers[0]}&ids={numbers[1]}").text.split())
    assert "2 pieces of work behind 2 exceptions would be tried again" in shown
    assert '<td>Virtualstock, calder</td><td class="number">2</td>' in shown
    assert (due(world, "calder/A"), done_by_people(world)) == (False, [])


def test_those_that_are_ticked_are_retried_and_no_other(world: World, olga: Browser) -> None:
    numbers = [opens(world, key=f"calder/{sku}", subjects=[f"calder/{sku}"]) for sku in ("A", "B", "C")]
    answer = olga.post("/exceptions/retry", scope="ticked", ids=numbers[:2], page_ids=numbers, reason=REASON)
    assert "2 waiting pieces of work are tried again" in olga.follow(answer).text
    assert [due(world, f"calder/{sku}") for sku in "ABC"] == [True, True, False]


def test_all_that_the_filter_finds_is_retried_and_no_other(world: World, olga: Browser) -> None:
    opens(world, key="calder/A", subjects=["calder/A"], why="locked")
    opens(world, key="calder/B", subjects=["calder/B"], why="ended")
    shown = olga.get("/exceptions/preview?text=locked&scope=filter&page_ids=2&ids=2").text
    assert '<input type="hidden" name="text" value="locked">' in shown
    olga.follow(olga.post("/exceptions/retry", scope="filter", text="locked", reason=REASON))
    assert [due(world, f"calder/{sku}") for sku in "AB"] == [True, False]


def test_the_page_means_all_that_it_shows(world: World, olga: Browser) -> None:
    numbers = [opens(world, key=f"calder/{sku}", subjects=[f"calder/{sku}"]) for sku in ("A", "B")]
    shown = olga.get("/exceptions?text=calder").text
    assert [int(each) for each in re.findall(r'name="page_ids" value="(\d+)"', shown)] == numbers
    shown = olga.get(f"/exceptions/preview?scope=page&page_ids={numbers[0]}&page_ids={numbers[1]}&ids=9").text
    assert [int(each) for each in re.findall(r'name="ids" value="(\d+)"', shown)][:2] == numbers


@pytest.mark.parametrize("fields", [{"scope": "ticked"}, {"scope": "page"}, {"scope": "ticked", "text": "TEE"}])
def test_nothing_ticked_never_means_everything(world: World, olga: Browser, fields: dict[str, str]) -> None:
    number = opens(world)
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    assert "Nothing is ticked" in olga.get(f"/exceptions/preview?{query}").text
    assert olga.post("/exceptions/retry", reason=REASON, **fields).status_code == 422
    assert olga.post("/exceptions/retry", reason=REASON).status_code == 422
    assert (due(world), cause(world, number)["closed_at"]) == (False, None)


def test_many_are_acknowledged_at_once(world: World, olga: Browser) -> None:
    numbers = [opens(world, key=f"calder/{sku}", subjects=[]) for sku in ("A", "B")]
    olga.follow(olga.post("/exceptions/acknowledge", ids=numbers))
    assert [cause(world, number)["acknowledged_by"] for number in numbers] == ["olga", "olga"]


def test_where_nothing_waits_a_retry_says_so(world: World, olga: Browser) -> None:
    number = opens(world, subjects=[])
    assert "Retry what waits" not in olga.get(f"/exceptions/{number}").text
    answer = olga.post("/exceptions/retry", scope="ticked", ids=number, back=number, reason=REASON)
    assert (answer.status_code, "Nothing waits behind it" in answer.text) == (409, True)
    assert "Nothing waits behind it" in olga.get(f"/exceptions/preview?scope=ticked&ids={number}").text


def test_a_persons_word_settles_only_what_no_look_can_see(world: World, olga: Browser) -> None:
    seen, unseen = opens(world), opens(world, kinds.UNREADABLE_EVENT, "centra", subjects=[])
    assert "It is settled already" not in olga.get(f"/exceptions/{seen}").text
    refused = olga.post(f"/exceptions/{seen}/resolve", reason=REASON)
    assert (refused.status_code, "only a fresh look closes this kind" in refused.text) == (409, True)
    assert "It is settled already" in olga.get(f"/exceptions/{unseen}").text
    settled = olga.follow(olga.post(f"/exceptions/{unseen}/resolve", reason=REASON)).text
    assert "<dt>Closed</dt>" in settled
    assert "What you can do" not in settled
    assert world.causes() == [("stock-refused", "calder/TEE-M")]


def test_a_comment_can_be_added_when_all_is_over(world: World, olga: Browser) -> None:
    number = opens(world, kinds.UNREADABLE_EVENT, "centra", subjects=[])
    olga.post(f"/exceptions/{number}/resolve", reason=REASON)
    world.at += timedelta(minutes=5)
    assert "so that is why" in olga.follow(olga.post(f"/exceptions/{number}/comment", text="so that is why")).text
