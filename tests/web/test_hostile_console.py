"""Whatever is sent to a page or a form, it is text, a refusal or nothing: no page breaks, and nobody is led astray."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, cast
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa
from browser import HASH, Browser, site
from fastapi import FastAPI
from shop import shop
from sqlmodel import SQLModel

from integration.logins import Login
from integration.people import Role
from integration.web import access, console, errors
from integration.web.console import login
from integration.web.limits import BY_NAME, Tries
from integration.web.users import Users
from tests.world import World

BROKE = errors.BROKE
REASON = {"reason": "so that it is tried"}
DRAFT = {"name": "carriers", "base": "1", "text": "[]"}
WANTED = {"kind": "", "owner": "", "retailer": "", "assigned_to": "", "severity": "", "text": "", "state": "open",
          "overdue": "true"}  # fmt: skip
FORMS: dict[str, dict[str, str]] = {
    "/exceptions/acknowledge": {"ids": "1", "back": "1"},
    "/exceptions/assign": {"ids": "1", "to": "olga", "back": "1", **REASON},
    "/exceptions/mute": {"ids": "1", "until": "date", "date": "2026-03-03T08:00", "back": "1", **REASON},
    "/exceptions/retry": {"scope": "ticked", "ids": "1", "page_ids": "1", "back": "1", **WANTED, **REASON},
    "/exceptions/1/comment": {"text": "seen"},
    "/exceptions/3/resolve": REASON,
    "/exceptions/2/release": {"scope": "some", "sku": "TEE-M", "more": "TEE-M", **REASON},
    "/orders/northgate/PO-1": {"flow": "orders", **REASON},
    "/skus/TEE-M": {"flow": "stock", **REASON},
    "/mappings/draft": DRAFT,
    "/mappings/preview": DRAFT,
    "/mappings/publish": {**DRAFT, **REASON},
    "/mappings/versions/1/roll-back": REASON,
    "/retailers/pause": {"flow": "stock", "retailer": "northgate", **REASON},
    "/retailers/resume": {"flow": "stock", "retailer": "northgate", **REASON},
    "/login": {"name": "vera", "password": "wrong", "next": "/"},
    "/logout": {},
}
"""Every form of the console, as its page would send it."""
PAGES: dict[str, list[str]] = {
    "/": [],
    "/exceptions": [*WANTED, "after", "said", "items"],
    "/exceptions/preview": ["scope", "ids", "page_ids", *WANTED],
    "/exceptions/1": ["said", "items"],
    "/orders": ["q", "retailer", "state", "before"],
    "/orders/northgate/PO-1": ["flow", "said", "pieces", "paused"],
    "/skus": ["q", "retailer", "after"],
    "/skus/TEE-M": ["flow", "said", "pieces", "paused"],
    "/mappings": [],
    "/mappings/edit": ["name", "cause", "slug"],
    "/mappings/history": ["before"],
    "/mappings/suggestions": [],
    "/mappings/versions/1": ["released"],
    "/retailers": ["said"],
    "/retailers/northgate": ["said"],
    "/activity": ["before", "about", "subject", "by"],
    "/manual": [],
    "/manual/unmapped-sku": [],
    "/login": ["next"],
}
"""Every page, and what its address may carry."""
NAMED = ["/orders/", "/skus/", "/exceptions/", "/mappings/versions/", "/retailers/", "/manual/", "/static/", "/",
         "/api/v1/", "/api/v1/exceptions/", "/api/v1/orders/northgate/", "/api/v1/skus/"]  # fmt: skip
"""What an address may begin with before a name that anybody can make up."""
MARKUP = "'\"><img src=x onerror=alert(1)>{{7*191919191}}; DROP TABLE cause; --%"
SPLIT = "//evil.test/\r\nSet-Cookie: hostile=1\r\n\r\n<img src=y>"
NUMBERS = ["", "-1", "0", "2147483648", "9" * 5000, "٣", "NaN", "1e9"]
TEXTS = [MARKUP, SPLIT, "../../../etc/passwd", "a\0b", "\u202e😀", b"\xff\xfe"]
LONG = "x" * 1_000_000


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = shop(tmp_path_factory.mktemp("stage"))
    yield made
    made.store.close()


@pytest.fixture
def app(stage: World) -> FastAPI:
    return site(stage)


@pytest.fixture
def ada(app: FastAPI) -> Browser:
    return Browser(app, Role.ADMIN)


def routes(method: str) -> list[re.Pattern[str]]:
    """The addresses of all pages or of all forms, as the console has them."""
    nothing: Any = cast(Any, None)
    parts = [*(each.router(nothing) for each in console.PAGES), login.router(nothing, Tries(None), None)]
    found: Any = chain.from_iterable(part.routes for part in parts)
    return [route.path_regex for route in found if method in route.methods]


def everything(world: World) -> dict[str, Any]:
    """All that is stored."""
    with world.store.read() as db:
        return {name: db.execute(sa.select(table)).all() for name, table in SQLModel.metadata.tables.items()}


def harmless(answer: httpx.Response) -> None:
    """It is no defect, shows no markup that was sent, and leads and sets nothing that was sent."""
    assert answer.status_code < 500, BROKE
    assert "<img" not in answer.text
    assert "1343434337" not in answer.text, "what was sent was run as a template"
    assert "hostile" not in {name.lower() for name in answer.headers} | set(answer.cookies)
    assert re.match(r"/(?![/\\])", answer.headers.get("Location", "/"))


@pytest.mark.parametrize(("method", "tried"), [("POST", list(FORMS)), ("GET", list(PAGES))])
def test_every_form_and_every_page_is_tried(method: str, tried: list[str]) -> None:
    untried = [each.pattern for each in routes(method) if not any(map(each.match, tried))]
    assert untried == []
    assert len(tried) >= len(routes(method)) > 10


def test_no_form_acts_without_the_seal_of_its_session(stage: World, ada: Browser) -> None:
    before = everything(stage)
    for path, fields in FORMS.items():
        for seal in ({}, {"_csrf": ""}, {"_csrf": "0" * 64}, {"_csrf": [ada.seal[:-1], "x"]}):
            assert ada.post(path, sealed=False, **seal, **fields).status_code == 403, path
    assert everything(stage) == before


def test_nobody_acts_whom_the_settings_know_no_more(stage: World, app: FastAPI, ada: Browser) -> None:
    app.state.access.users = Users([Login("olga", Role.ADMIN, HASH)])
    before = everything(stage)
    for path, fields in FORMS.items():
        if path not in ("/login", "/logout"):
            assert ada.post(path, **fields).headers["Location"] == "/login?next=%2F", path
    for path in PAGES:
        if path != "/login":
            assert ada.get(path).headers["Location"] == f"/login?next={quote(path, safe='')}", path
    assert everything(stage) == before


@pytest.mark.parametrize("path", FORMS)
def test_a_field_of_a_form_is_text_or_a_refusal_whatever_it_holds(stage: World, ada: Browser, path: str) -> None:
    for name in FORMS[path]:
        for value in (*NUMBERS, *TEXTS):
            harmless(ada.post(path, **{**FORMS[path], name: value}))
    harmless(ada.post(path, **dict.fromkeys(FORMS[path], LONG)))
    for shown in ("/", "/exceptions?state=all", "/exceptions/1", "/orders", "/skus/TEE-M", "/retailers", "/activity",
                  "/mappings/history"):  # fmt: skip
        answer = ada.get(shown)
        harmless(answer)
        assert "xxxxxxxxxx" not in answer.text, "a megabyte was kept"


@pytest.mark.parametrize("path", PAGES)
def test_an_address_breaks_no_page_whatever_it_carries(stage: World, ada: Browser, path: str) -> None:
    before = everything(stage)
    for name in PAGES[path]:
        for value in (*NUMBERS, *TEXTS, "x" * 20_000):
            harmless(ada._send("GET", f"{path}?{name}={quote(value)}"))
    harmless(ada._send("GET", path + "?" + "&".join(f"ids={n}&said=x&unknown={n}" for n in range(2_000))))
    assert everything(stage) == before


@pytest.mark.parametrize("begins", NAMED)
def test_a_name_that_somebody_made_up_is_a_page_that_is_not_there(ada: Browser, begins: str) -> None:
    for value in (*NUMBERS[1:], *TEXTS, "x" * 20_000, "%2e%2e%2fapp.py", "x/../../y", "a\nb"):
        name = value if isinstance(value, str) and value.startswith("%") else quote(value, safe="")
        for method in ("GET", "POST", "DELETE"):
            answer = ada._send(method, begins + name)
            harmless(answer)
            assert answer.status_code >= 400, value
            if begins.startswith("/api/") and answer.status_code != 414:
                assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(("kind", "body"), [
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(3_000))),
    ("application/x-www-form-urlencoded", b"%%%&&&==;\0"),
    ("multipart/form-data", b"garbage"),
    ("multipart/form-data; boundary=x", b"garbage"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="_csrf"; filename="a"\r\n\r\nz'
     b"\r\n--x--\r\n"),
    ("application/json", b'{"text": "x"}'), ("text/plain; charset=nonsense", b"\xff"), ("\xff", b""),
])  # fmt: skip
def test_a_body_that_is_no_form_of_ours_does_nothing(stage: World, ada: Browser, kind: str, body: bytes) -> None:
    before = everything(stage)
    for path in FORMS:
        answer = ada._send("POST", path, content=body, headers={"Content-Type": kind.encode("latin-1")})
        assert answer.status_code in (400, 403), path
    assert everything(stage) == before


def test_a_cookie_that_was_changed_anywhere_is_nobody(app: FastAPI, ada: Browser) -> None:
    cookie = ada.client.cookies[access.COOKIE]
    body, seal = cookie.rsplit(".", 1)
    others = app.state.access.sealer("another use").dumps(["n", "ada", "admin", 9_999_999_999])
    forged = [cookie[:at] + ("A" if cookie[at] != "A" else "B") + cookie[at + 1:] for at in range(0, len(body), 7)]
    forged += [body, f"{body}.", f".{seal}", f"{body}.{seal}.{seal}", f"{body}.{seal[::-1]}", others]
    for value in forged:
        answer = Browser(app).get("/", Cookie=f"{access.COOKIE}={value}")
        assert answer.headers.get("Location") == "/login?next=%2F", value
    assert Browser(app).get("/", Cookie=f"{access.COOKIE}={cookie}").status_code == 200


@pytest.mark.parametrize("spelled", ["ada", "ADA", "aDa"])
def test_whoever_guesses_is_stopped_however_the_name_is_spelled_and_the_address_is_claimed(
    app: FastAPI, spelled: str
) -> None:
    thief, answers = Browser(app), []
    thief.get("/login")
    for number in range(BY_NAME.amount + 5):
        form = {"_csrf": thief.seal, "name": spelled if number % 2 else "ada", "password": f"guess {number}"}
        claimed = {"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}", "X-Real-IP": "10.1.1.1"}
        answers.append(thief._send("POST", "/login", data=form, headers=claimed).status_code)
    assert answers == [401] * BY_NAME.amount + [429] * 5


@pytest.mark.parametrize("host", ["evil.test", "evil.test:80@console.test", "a\\b", ""])
def test_no_answer_leads_to_the_host_that_a_request_claims(app: FastAPI, ada: Browser, host: str) -> None:
    for browser, path in ((Browser(app), "/exceptions"), (ada, "/login?next=/activity"), (ada, "/orders/")):
        answer = browser.get(path, Host=host)
        assert "evil" not in answer.headers.get("Location", "") + answer.text, path
