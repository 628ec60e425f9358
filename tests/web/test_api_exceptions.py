"""A program clears exceptions under /api/v1 by the same flows and with the same rights as people in the console."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from browser import Program
from fastapi import FastAPI
from trouble import opens

from integration import kinds, steps
from integration.flows import activity, exceptions
from integration.people import Role
from integration.services import Services
from integration.web.console import exceptions as console
from tests.world import World

REASON = "the listing is back"
PATH = "/exceptions"


@pytest.fixture
def program(app: FastAPI) -> Program:
    """One with the token of an operator."""
    return Program(app, Role.OPERATOR)


def post(program: Program, path: str, **body: Any) -> httpx.Response:
    return program.call("POST", PATH + path, json=body)


def found(program: Program, query: str = "") -> list[int]:
    answer = program.call("GET", PATH + query)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["exceptions"]]


def one(program: Program, number: int) -> dict[str, Any]:
    answer = program.call("GET", f"{PATH}/{number}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("/acknowledge", {"ids": [1]}), ("/assign", {"ids": [1], "to": "vera"}),
    ("/mute", {"ids": [1], "until": "2026-03-03T08:00:00Z", "reason": REASON}),
    ("/retry", {"ids": [1], "reason": REASON}), ("/1/comment", {"text": REASON}),
    ("/preview", {"ids": [1]}), ("/1/resolve", {"reason": REASON}), ("/1/release", {"skus": None, "reason": REASON}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_nothing_is_done_without_the_right_token_or_what_the_call_needs(
    world: World, app: FastAPI, program: Program, path: str, body: dict[str, Any]
) -> None:
    assert opens(world) == 1
    before = exceptions.one(world.services, 1)
    assert post(Program(app, None), path, **body).status_code == 401
    assert post(Program(app, None, token="guessed"), path, **body).status_code == 401
    assert post(Program(app, Role.VIEWER), path, **body).status_code == 403
    assert post(program, path).status_code == 422
    assert exceptions.one(world.services, 1) == before


@pytest.mark.parametrize(("path", "body"), CALLS[:5])
def test_every_act_is_on_record_with_the_name_of_the_program(
    world: World, program: Program, path: str, body: dict[str, Any]
) -> None:
    opens(world)
    answer = post(program, path, **body)
    assert (answer.status_code, answer.json()["causes"]) == (200, 1), answer.text
    (row,) = activity.read(world.services, activity.Wanted(about="cause"))
    assert (row["by"], row["door"], row["subject"]) == ("olga-program", "api", "1")


def test_every_button_of_the_console_has_a_call(world: World, program: Program) -> None:
    described = program.call("GET", "/openapi.json").json()["paths"]
    calls = {path.replace("{cause_id}", "") for path, verbs in described.items() if "post" in verbs}
    buttons = {
        route.path.replace("{cause_id:int}", "")
        for route in console.router(world.services).routes
        if "POST" in route.methods
    }
    assert len(buttons) == 7
    assert buttons - calls == set()


def test_whoever_may_look_reads_the_list_the_numbers_and_each_of_them(world: World, app: FastAPI) -> None:
    number = opens(world)
    vera = Program(app, Role.VIEWER)
    assert found(vera) == [number]
    assert vera.call("GET", f"{PATH}/counts").json() == {
        "open": 1, "muted": 0, "overdue": 0, "by_owner": {"catalogue": 1}, "by_kind": {"stock-refused": 1},
        "by_severity": {"act now": 1},
    }  # fmt: skip
    shown = one(vera, number)
    assert (shown["kind"], shown["held"], shown["facts"]["why"]) == ("stock-refused", 1, "no such product")
    assert shown["due_at"] == "2026-03-02T13:00:00Z"
    assert (shown["work"][0]["subject"], shown["work"][0]["last_error"]) == ("calder/TEE-M", "409: they said no")
    assert [line["what"] for line in shown["timeline"]] == ["opened"]
    for path in ("", "/counts", f"/{number}"):
        assert Program(app, None).call("GET", PATH + path).status_code == 401


def test_what_has_been_weighed_tells_what_it_blocks(world: World, program: Program) -> None:
    number = opens(world)
    assert one(program, number)["impact"] is None
    with world.store.write() as db:
        exceptions.causes.change(db, [number], {"impact": {
            "items": 1, "orders": 2, "units": 3, "skus": 0, "money": {"GBP": "12.50"},
            "deadline": "2026-03-02T18:00:00+00:00", "until": "2026-03-02T18:00:00+00:00",
        }})  # fmt: skip
    assert one(program, number)["impact"] == {
        "items": 1, "orders": 2, "units": 3, "skus": 0, "money": {"GBP": "12.50"}, "deadline": "2026-03-02T18:00:00Z",
    }  # fmt: skip


def test_page_by_page_each_exception_is_answered_once(world: World, program: Program) -> None:
    made = [opens(world, key=f"calder/{number}", subjects=[]) for number in range(7)]
    seen, after = list[int](), ""
    for _ in range(3):
        answer = program.call("GET", f"{PATH}?limit=3&after={after}").json()
        seen += [each["id"] for each in answer["exceptions"]]
        after = answer["next"]
    assert after is None
    assert seen == made


def test_a_filter_finds_what_it_means(world: World, program: Program) -> None:
    stock = opens(world)
    order = opens(world, kinds.WAITS_FOR_STOCK, "fernhill/FH-1", subjects=[], reference="FH-1")
    assert found(program, "?retailer=fernhill") == [order]
    assert found(program, "?kind=stock-refused&severity=act%20now") == [stock]
    assert found(program, "?text=' OR 1=1 --") == []
    assert found(program, "?state=all") == [stock, order]


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=201", "?after=1", "?after=1-2147483648", "?state=broken", "?text=%00", "?overdue=x"]
)
def test_a_list_that_cannot_be_meant_is_refused(program: Program, query: str) -> None:
    assert program.call("GET", PATH + query).status_code == 422


def test_a_preview_tells_what_a_retry_would_do_and_does_nothing(world: World, program: Program) -> None:
    opens(world)
    foreseen = post(program, "/preview", filter={"kind": "stock-refused"}).json()
    assert (foreseen["causes"], foreseen["items"], foreseen["by_step"]) == (1, 1, {"stock.push": 1})
    assert foreseen["by_gate"] == {"virtualstock:calder": 1}
    assert world.item(steps.STOCK_PUSH, "calder/TEE-M").held


def test_a_retry_by_filter_or_by_number_reaches_those_and_no_other(world: World, program: Program) -> None:
    numbers = [opens(world, key=f"calder/{sku}", subjects=[f"calder/{sku}"], why=sku) for sku in ("AA", "BB", "CC")]
    assert post(program, "/retry", ids=[numbers[0]], reason=REASON).json()["items"] == 1
    assert post(program, "/retry", filter={"text": ": BB"}, reason=REASON).json()["items"] == 1
    held = [world.item(steps.STOCK_PUSH, f"calder/{sku}").held for sku in ("AA", "BB", "CC")]
    assert held == [False, False, True]


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": None}, {"ids": [1], "filter": {}}, {"ids": [0]}, {"ids": [2**31]},
             {"filter": {"state": "broken"}}, {"filter": {"text": "a\0b"}}],
)  # fmt: skip
def test_nothing_named_never_means_everything(world: World, program: Program, body: dict[str, Any]) -> None:
    opens(world)
    assert post(program, "/retry", reason=REASON, **body).status_code == 422
    assert world.item(steps.STOCK_PUSH, "calder/TEE-M").held


@pytest.mark.parametrize("reason", ["", "  ", "a\0b", "x" * 2001, None])
def test_a_reason_must_be_one(world: World, program: Program, reason: str | None) -> None:
    opens(world)
    assert post(program, "/retry", ids=[1], reason=reason).status_code == 422
    assert post(program, "/1/comment", text=reason).status_code == 422


def test_muting_ends_at_the_moment_named_and_can_be_ended(world: World, program: Program) -> None:
    number = opens(world)
    post(program, "/mute", ids=[number], until="2026-03-03T08:00:00+01:00", reason=REASON)
    muted = exceptions.one(world.services, number)
    assert muted is not None
    assert muted["muted_until"] == datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    post(program, "/mute", ids=[number], until=None, reason=REASON)
    assert one(program, number)["muted_until"] is None


@pytest.mark.parametrize("until", ["2026-03-03T08:00:00", "9999-12-31T23:59:59-14:00", "tomorrow", 10**20])
def test_a_moment_that_is_none_is_refused(world: World, program: Program, until: object) -> None:
    opens(world)
    assert post(program, "/mute", ids=[1], until=until, reason=REASON).status_code == 422


def test_what_cannot_be_is_a_409_with_its_reason(world: World, program: Program) -> None:
    number = opens(world)
    for path, body in {
        "/mute": {"ids": [number], "until": "2026-03-01T08:00:00Z"}, f"/{number}/resolve": {},
        f"/{number}/release": {"skus": None},
    }.items():  # fmt: skip
        answer = post(program, path, reason=REASON, **body)
        assert (answer.status_code, len(answer.json()["detail"]) > 20) == (409, True)


@pytest.mark.parametrize(("path", "body"), [CALLS[4], *CALLS[6:]])
def test_an_exception_that_is_not_there_is_a_404(program: Program, path: str, body: dict[str, Any]) -> None:
    assert post(program, path, **body).status_code == 404
    assert program.call("GET", f"{PATH}/1").status_code == 404


def test_a_persons_word_settles_what_no_look_can_see(world: World, program: Program) -> None:
    number = opens(world, kinds.UNREADABLE_EVENT, "centra", subjects=[])
    assert one(program, number)["by_hand"]
    assert "closed" in post(program, f"/{number}/resolve", reason=REASON).json()["follows"]
    assert world.causes() == []


def test_release_hands_on_exactly_the_skus_that_are_named(
    world: World, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, list[str], str]] = []

    def release(_: Services, number: int, skus: Any, person: Any, reason: str) -> int:
        asked.append((number, list(skus), f"{person.name}: {reason}"))
        return 2

    monkeypatch.setattr(exceptions, "release", release)
    number = opens(world)
    assert post(program, f"/{number}/release", skus=["TEE-M"], reason=REASON).json()["items"] == 2
    assert post(program, f"/{number}/release", skus=None, reason=REASON).status_code == 200
    for wrong in ({}, {"skus": []}, {"skus": [" "]}):
        assert post(program, f"/{number}/release", reason=REASON, **wrong).status_code == 422
    said = f"olga-program: {REASON}"
    assert asked == [(number, ["TEE-M"], said), (number, [], said)]
