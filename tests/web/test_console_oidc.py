"""The identity provider says who somebody is and what they may do; what is forged, old or not for us opens nothing."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from json import dumps
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from browser import Browser, site
from joserfc import jwt
from joserfc.jwk import RSAKey

from integration.people import Role
from integration.web import oidc
from tests.world import World

ISSUER = "https://id.test"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
GIVEN = oidc.Given(
    issuer=ISSUER, client_id="cvsync", client_secret="a secret of ours", scopes="openid profile email",
    name="Example ID", name_claim="email", role_claim="realm.roles", console=None,
    roles={"ops": Role.OPERATOR, "leads": Role.ADMIN, "all": Role.VIEWER},
)  # fmt: skip


class Identity:
    """An identity provider that says what a test wants."""

    def __init__(self, wire: responses.RequestsMock) -> None:
        self.wire = wire
        self.key = KEY
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.claims: dict[str, Any] = {"email": "eve@shop.test", "realm": {"roles": ["all", "ops"]}}
        self.described = {
            "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys", "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
        }  # fmt: skip
        wire.get(f"{ISSUER}/.well-known/openid-configuration", json=self.described)
        wire.get(f"{ISSUER}/keys", json={"keys": [KEY.as_dict(private=False)]})

    def answers(self, asked: dict[str, str], now: float) -> None:
        """It gives out a token for what a browser was sent with."""
        claims = {
            "iss": ISSUER, "aud": "cvsync", "sub": "123", "iat": int(now), "exp": int(now) + 300,
            "nonce": asked["nonce"], **self.claims,
        }  # fmt: skip
        token = jwt.encode(self.header, {name: value for name, value in claims.items() if value is not None}, self.key)
        self.wire.post(f"{ISSUER}/token", json={"access_token": "a", "token_type": "Bearer", "id_token": token})


@pytest.fixture
def identity() -> Iterator[Identity]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Identity(wire)


@pytest.fixture
def browser(world: World) -> Browser:
    return Browser(site(world, provider=oidc.Provider(GIVEN)))


def leave(browser: Browser, path: str = "/login/provider?next=/activity") -> dict[str, str]:
    """Go to the provider; what it was asked."""
    away = browser.get(path)
    assert away.status_code == 303, away.text
    address = urlsplit(away.headers["Location"])
    assert (address.netloc, address.path) == ("id.test", "/authorize")
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def come_back(browser: Browser, identity: Identity, **changed: str) -> Any:
    """The whole way, with a code; `changed` replaces what the browser brings."""
    asked = leave(browser)
    identity.answers(asked, time.time())
    brought = {"code": "the-code", "state": asked["state"], **changed}
    return browser._send("GET", "/login/provider/back", params=brought)


def test_whoever_the_provider_vouches_for_is_in_with_the_largest_of_their_roles(
    browser: Browser, identity: Identity
) -> None:
    entered = come_back(browser, identity)
    assert (entered.status_code, entered.headers["Location"]) == (303, "/activity")
    shown = browser.get("/activity").text
    assert "eve@shop.test" in shown
    assert "(operator)" in shown
    assert "logged in" in shown


def test_the_provider_is_asked_with_a_state_a_nonce_and_a_challenge(browser: Browser, identity: Identity) -> None:
    first, second = leave(browser), leave(browser)
    assert first["redirect_uri"] == "http://console.test/login/provider/back"
    assert first["response_type"] == "code"
    assert first["code_challenge_method"] == "S256"
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))
    assert "client_secret" not in first


@pytest.mark.parametrize("claims", [
    {"iss": "https://other.test"}, {"aud": "another"}, {"aud": "another", "azp": "cvsync"}, {"nonce": "another"},
    {"nonce": None}, {"exp": 1000}, {"exp": None}, {"sub": None}, {"aud": None}, {"iss": None},
])  # fmt: skip
def test_a_token_that_is_not_for_us_or_not_of_now_lets_nobody_in(
    browser: Browser, identity: Identity, claims: dict[str, Any]
) -> None:
    identity.claims |= claims
    assert come_back(browser, identity).status_code == 401
    assert browser.get("/").status_code == 303


def test_a_token_with_the_seal_of_another_key_lets_nobody_in(browser: Browser, identity: Identity) -> None:
    identity.key = OTHER_KEY
    assert come_back(browser, identity).status_code == 401


def test_an_unsigned_token_lets_nobody_in_even_where_the_provider_offers_it(
    browser: Browser, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsigned(header: Any, claims: Any, key: Any) -> str:
        parts = (urlsafe_b64encode(dumps(each).encode()).rstrip(b"=").decode() for each in ({"alg": "none"}, claims))
        return ".".join(parts) + "."

    monkeypatch.setattr(jwt, "encode", unsigned)
    assert come_back(browser, identity).status_code == 401


@pytest.mark.parametrize("changed", [{"state": "another"}, {"state": ""}, {"code": ""}])
def test_an_answer_to_a_question_that_this_browser_did_not_ask_lets_nobody_in(
    browser: Browser, identity: Identity, changed: dict[str, str]
) -> None:
    assert come_back(browser, identity, **changed).status_code == 401
    assert browser.get("/").status_code == 303


def test_an_answer_without_a_question_lets_nobody_in(browser: Browser, identity: Identity) -> None:
    assert browser.get("/login/provider/back?code=c&state=s").status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(599, 303), (600, 401)])
def test_an_answer_lets_somebody_in_for_ten_minutes(
    browser: Browser, identity: Identity, world: World, seconds: int, status: int
) -> None:
    asked = leave(browser)
    identity.answers(asked, time.time())
    world.wait(seconds)
    assert browser.get(f"/login/provider/back?code=c&state={asked['state']}").status_code == status


@pytest.mark.parametrize("held", [[], ["others"], None, "others", {"ops": True}, [["ops"]], 7])
def test_whoever_has_no_role_of_ours_is_told_so_and_stays_out(
    browser: Browser, identity: Identity, held: Any
) -> None:
    identity.claims["realm"] = {"roles": held}
    answer = come_back(browser, identity)
    assert answer.status_code == 403
    assert "gives you no role here" in answer.text


def test_a_claim_whose_name_holds_dots_is_found_as_it_is() -> None:
    assert oidc._claim({"https://x.test/roles": "ops"}, "https://x.test/roles") == "ops"
    assert oidc._claim({"a": {"b": "ops"}}, "a.b") == "ops"
    assert oidc._claim({"a": "text"}, "a.b") is None


def test_nobody_is_sent_to_another_site_by_way_of_the_provider(browser: Browser, identity: Identity) -> None:
    asked = leave(browser, "/login/provider?next=//evil.test")
    identity.answers(asked, time.time())
    answer = browser._send("GET", "/login/provider/back", params={"code": "c", "state": asked["state"]})
    assert answer.headers["Location"] == "/"


def test_a_provider_that_is_away_or_another_leaves_the_login_with_a_password(
    browser: Browser, identity: Identity
) -> None:
    identity.described["issuer"] = "https://other.test"
    identity.wire.replace("GET", f"{ISSUER}/.well-known/openid-configuration", json=identity.described)
    other = browser.get("/login/provider")
    identity.wire.replace("GET", f"{ISSUER}/.well-known/openid-configuration", status=503)
    away = browser.get("/login/provider")
    assert (other.status_code, away.status_code) == (502, 502)
    assert 'type="password"' in away.text
    identity.described["issuer"] = ISSUER
    identity.wire.replace("GET", f"{ISSUER}/.well-known/openid-configuration", json=identity.described)
    assert come_back(browser, identity).status_code == 303


def test_the_login_offers_the_provider_only_where_there_is_one(browser: Browser, world: World) -> None:
    assert "Log in with Example ID" in browser.get("/login").text
    assert "Log in with" not in Browser(site(world)).get("/login").text
