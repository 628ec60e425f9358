"""Guessing a password is slow and tells nothing, and the way in works without Redis."""

import time
from typing import Any

import pytest
from browser import PASSWORD, Browser, site
from fastapi import FastAPI
from limits.storage import RedisStorage
from redis import ConnectionPool, Redis

from integration import passwords
from integration.flows import activity
from integration.people import Role
from integration.web import app as application
from integration.web.console import login
from integration.web.limits import BY_ADDRESS, BY_NAME, Tries
from integration.web.users import Users
from tests.world import World

TRIES = BY_NAME.amount


def logins(world: World) -> list[tuple[str, str]]:
    """Who came, newest first."""
    rows = activity.read(world.services, activity.Wanted(about="login"))
    return [(row["by"], row["verb"]) for row in rows]


def try_it(browser: Browser, name: str, password: str = "wrong") -> tuple[int, str]:
    answer = browser.post("/login", name=name, password=password)
    found = [line for line in (login.WRONG, login.TOO_MANY) if line in answer.text]
    return answer.status_code, found[0] if found else ""


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(app: FastAPI) -> None:
    browser = Browser(app)
    browser.get("/login")
    known = browser.post("/login", name="vera", password="wrong")
    unknown = browser.post("/login", name="vero", password="wrong")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert known.text == unknown.text.replace("vero", "vera")
    assert login.WRONG in known.text


def test_a_password_is_checked_against_a_hash_also_where_nobody_has_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    real = passwords._HASHER.verify
    monkeypatch.setattr(passwords._HASHER, "verify", lambda given, of: checked.append(of) or real(given, of))
    assert Users([]).by_password("nobody", "x") is None
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")


def test_whoever_comes_goes_or_is_refused_is_on_record(app: FastAPI, world: World) -> None:
    browser = Browser(app, Role.VIEWER)
    browser.post("/logout")
    browser.get("/login")
    try_it(browser, "vera")
    try_it(browser, "vero")
    assert logins(world) == [("vera", "was refused"), ("vera", "logged out"), ("vera", "logged in")]


def test_too_many_tries_for_a_name_are_refused_from_every_address(app: FastAPI, world: World) -> None:
    browser = Browser(app)
    browser.get("/login")
    assert {try_it(browser, "Ada") for _ in range(TRIES)} == {(401, login.WRONG)}
    assert try_it(browser, "ada", PASSWORD) == (429, login.TOO_MANY)
    assert try_it(browser, "vera", PASSWORD) == (303, "")
    assert logins(world)[0] == ("vera", "logged in")


def test_too_many_tries_from_an_address_are_refused_for_every_name(app: FastAPI) -> None:
    browser = Browser(app)
    browser.get("/login")
    for number in range(BY_ADDRESS.amount):
        assert try_it(browser, f"name{number}") == (401, login.WRONG)
    assert try_it(browser, "ada", PASSWORD) == (429, login.TOO_MANY)


def test_whoever_logs_in_often_is_not_locked_out(app: FastAPI) -> None:
    for _ in range(2 * TRIES):
        Browser(app, Role.VIEWER)


def shared(client: "Redis") -> RedisStorage:
    return RedisStorage("redis://", connection_pool=client.connection_pool, wrap_exceptions=True)


def test_all_processes_count_together_while_redis_answers(redis_client: "Redis") -> None:
    here, there = (Tries(lambda: shared(redis_client)) for _ in range(2))
    assert all(each.allowed("ada", "1.2.3.4") for each in (here, there) * (TRIES // 2))
    assert not here.allowed("ada", "1.2.3.5")
    assert not there.allowed("ADA", "1.2.3.6")
    here.forget("ada", "1.2.3.4")
    assert there.allowed("ada", "1.2.3.4")


def test_without_redis_each_process_counts_alone_and_people_still_get_in(world: World) -> None:
    nobody = Redis(connection_pool=ConnectionPool(host="127.0.0.1", port=9, socket_connect_timeout=1))
    tries = Tries(lambda: shared(nobody))
    app = site(world, tries=tries)
    assert Browser(app, Role.VIEWER).get("/").status_code == 200
    browser = Browser(app)
    browser.get("/login")
    assert {try_it(browser, "ada") for _ in range(TRIES)} == {(401, login.WRONG)}
    assert try_it(browser, "ada", PASSWORD) == (429, login.TOO_MANY)


def test_the_password_of_the_settings_is_the_only_one(app: FastAPI) -> None:
    users = app.state.access.users
    assert users.by_password("vera", PASSWORD) is not None
    for wrong in ("", " ", PASSWORD + " ", PASSWORD.upper(), PASSWORD + "x" * 2000, "\0", "ü"):
        assert users.by_password("vera", wrong) is None


def test_a_hash_of_another_kind_lets_nobody_in() -> None:
    assert not passwords.fits("secret", "$2b$12$abcdefghijklmnopqrstuu")
    assert not passwords.fits("secret", "secret")


def test_a_password_of_a_megabyte_costs_no_more_than_another(app: FastAPI) -> None:
    browser = Browser(app)
    browser.get("/login")
    began = time.monotonic()
    assert browser.post("/login", name="vera", password="x" * 1_000_000).status_code == 422
    assert time.monotonic() - began < 2


def test_a_name_that_holds_markup_is_shown_as_text(app: FastAPI) -> None:
    browser = Browser(app)
    browser.get("/login")
    answer = browser.post("/login", name='"><script>alert(1)</script>', password="wrong")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_without_a_name_in_the_settings_the_login_says_how_to_make_one(app: FastAPI) -> None:
    app.state.access.users = Users([])
    assert "cvsync console hash" in Browser(app).get("/login").text


def test_the_web_process_builds_its_console_from_the_settings(
    monkeypatch: pytest.MonkeyPatch, world: World, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONSOLE_USERS", f"zoe/admin:{passwords.password_hash('a password of zoe')}")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setattr(application.wiring, "services", lambda: world.services)
    monkeypatch.setattr(application.telemetry, "configure", lambda *_: None)
    browser = Browser(application.create())
    browser.get("/login")
    assert browser.post("/login", name="zoe", password="a password of zoe").status_code == 303
    assert "Flower" in browser.get("/").text
