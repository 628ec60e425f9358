"""Nobody sees a page or calls the API who is not known, may not do it, or was sent by another site."""

from typing import Annotated

import pytest
from browser import HASH, NAMES, PASSWORD, Browser, Program, site
from fastapi import Depends, FastAPI

from integration.logins import Login
from integration.people import Person, Role
from integration.web import access
from integration.web.users import Users
from tests.world import World

ELSEWHERE = [
    "https://evil.test/", "//evil.test/", "/\\evil.test", "\\\\evil.test", "javascript:alert(1)", "evil.test",
    "https:evil.test", "/\t/evil.test", "/\n//evil.test", "///evil.test", "http:///evil.test", "/" + "x" * 1500,
]  # fmt: skip


def add_button(app: FastAPI, role: Role) -> None:
    """A page with a button that only `role` may press."""

    @app.post("/button")
    def press(person: Annotated[Person, Depends(access.needs(role))]) -> str:
        return f"pressed by {person.name}"


def test_a_page_leads_whoever_is_not_logged_in_to_the_login_and_back(app: FastAPI) -> None:
    browser = Browser(app)
    away = browser.get("/activity?by=ada")
    assert (away.status_code, away.headers["Location"]) == (303, "/login?next=%2Factivity%3Fby%3Dada")
    browser.follow(away)
    entered = browser.post("/login", name="vera", password=PASSWORD, next="/activity?by=ada")
    assert entered.headers["Location"] == "/activity?by=ada"
    assert "vera" in browser.follow(entered).text


def test_a_part_that_refreshes_itself_takes_the_whole_page_to_the_login(app: FastAPI) -> None:
    answer = Browser(app).get("/", **{"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_to_another_site_after_the_login(app: FastAPI, target: str) -> None:
    browser = Browser(app)
    browser.get("/login")
    assert browser.post("/login", name="vera", password=PASSWORD, next=target).headers["Location"] == "/"
    answer = browser._send("GET", "/login", params={"next": target})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(("needed", "may"), [
    (Role.VIEWER, {Role.VIEWER, Role.OPERATOR, Role.ADMIN}), (Role.OPERATOR, {Role.OPERATOR, Role.ADMIN}),
    (Role.ADMIN, {Role.ADMIN}),
])  # fmt: skip
def test_a_role_may_do_what_it_covers_and_no_more(app: FastAPI, needed: Role, may: set[Role]) -> None:
    add_button(app, needed)
    answers = {role: Browser(app, role).post("/button") for role in Role}
    assert {role for role, answer in answers.items() if answer.status_code == 200} == may
    assert {answer.status_code for role, answer in answers.items() if role not in may} <= {403}
    assert all(f"needs the role {needed}" in answers[role].text for role in set(Role) - may)


def test_a_form_without_the_seal_of_its_session_changes_nothing(app: FastAPI) -> None:
    add_button(app, Role.VIEWER)
    vera, olga = Browser(app, Role.VIEWER), Browser(app, Role.OPERATOR)
    assert vera.post("/button").status_code == 200
    assert vera.post("/button", sealed=False).status_code == 403
    assert vera.post("/button", sealed=False, _csrf=olga.seal).status_code == 403
    assert vera.post("/button", sealed=False, _csrf="").status_code == 403
    assert vera.post("/button", sealed=False, _csrf="ü").status_code == 403
    by_header = vera._send("POST", "/button", headers={"X-CSRF-Token": vera.seal})
    assert by_header.text == '"pressed by vera"'
    assert vera._send("POST", "/button", headers={"X-CSRF-Token": olga.seal}).status_code == 403


def test_the_forms_of_the_login_and_the_way_out_need_a_seal_too(app: FastAPI) -> None:
    browser = Browser(app)
    browser.get("/login")
    assert browser.post("/login", sealed=False, name="vera", password=PASSWORD).status_code == 403
    vera = Browser(app, Role.VIEWER)
    assert vera.post("/logout", sealed=False).status_code == 403
    assert vera.get("/").status_code == 200


def test_the_seal_of_before_the_login_is_worth_nothing_after_it(app: FastAPI) -> None:
    browser = Browser(app)
    browser.get("/login")
    before, planted = browser.seal, browser.client.cookies[access.COOKIE]
    browser.post("/login", name="vera", password=PASSWORD)
    browser.get("/")
    assert browser.seal != before
    thief = Browser(app)
    thief.client.cookies.set(access.COOKIE, planted)
    assert thief.get("/").status_code == 303


def test_a_session_ends_after_twelve_hours(app: FastAPI, world: World) -> None:
    browser = Browser(app, Role.VIEWER)
    world.wait(12 * 3600 - 1)
    assert browser.get("/").status_code == 200
    world.wait(1)
    assert browser.get("/").status_code == 303


def test_a_session_ends_when_its_person_logs_out(app: FastAPI) -> None:
    browser = Browser(app, Role.VIEWER)
    assert browser.post("/logout").headers["Location"] == "/login"
    assert browser.get("/").status_code == 303


def test_a_changed_password_or_secret_ends_every_session(app: FastAPI, world: World) -> None:
    browser = Browser(app, Role.VIEWER)
    cookie = browser.client.cookies[access.COOKIE]
    app.state.access = access.Access(app.state.access.users, ["another secret"], world.services.now)
    browser.client.cookies.set(access.COOKIE, cookie)
    assert browser.get("/").status_code == 303


def test_a_role_that_the_settings_take_away_is_gone_at_the_next_request(app: FastAPI) -> None:
    add_button(app, Role.ADMIN)
    ada = Browser(app, Role.ADMIN)
    app.state.access.users = Users([Login("ada", Role.VIEWER, HASH)])
    assert ada.post("/button").status_code == 403
    app.state.access.users = Users([])
    assert ada.get("/").status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "a.b", "WyJhIl0.x", "null", "%00", "x" * 3000])
def test_a_cookie_that_is_not_ours_is_nobody(app: FastAPI, cookie: str) -> None:
    browser = Browser(app)
    answer = browser.get("/", Cookie=f"{access.COOKIE}={cookie}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2F")


def test_a_cookie_with_our_seal_and_a_content_of_another_form_is_nobody(app: FastAPI) -> None:
    for content in ([], ["n"], {"name": "ada"}, "ada", ["n", "ada", "king", 9999999999], 7):
        sealed = app.state.access._seal.dumps(content)
        assert Browser(app).get("/", Cookie=f"{access.COOKIE}={sealed}").status_code == 303


def test_the_cookie_is_kept_from_scripts_from_other_sites_and_behind_https_from_plain_http(world: World) -> None:
    browser = Browser(site(world))
    plain = browser.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert "Secure" not in plain
    assert "Secure" in Browser(site(world), base="https://console.test").get("/login").headers["Set-Cookie"]


def test_the_api_wants_a_token_that_the_settings_know(app: FastAPI) -> None:
    assert Program(app, Role.OPERATOR).call("GET", "/me").json() == {"name": "olga-program", "role": "operator"}
    for token in (None, "", "wrong", PASSWORD, "x" * 3000):
        refused = Program(app, None, token=token).call("GET", "/me")
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert refused.json() == {"detail": "A token of CONSOLE_TOKENS is needed."}


def test_the_session_of_a_page_opens_no_door_of_the_api(app: FastAPI) -> None:
    browser = Browser(app, Role.ADMIN)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_token_opens_no_page(app: FastAPI) -> None:
    answer = Browser(app).get("/", Authorization="Bearer token-of-a-admin")
    assert answer.status_code == 303


def test_names_of_the_settings_are_all_that_can_log_in(app: FastAPI) -> None:
    assert {app.state.access.users.role(name) for name in NAMES.values()} == set(Role)
    assert app.state.access.users.role("") is None
