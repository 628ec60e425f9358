"""Whoever the company's identity provider vouches for comes in with the role that it says, if the settings name one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadData
from joserfc.errors import JoseError

from integration.flows import activity
from integration.people import Door, Person, Role
from integration.services import Services
from integration.web import access
from integration.web.console.login import login_form

PATH = "/login/provider"
COOKIE = "cvsync_login"
LASTS = timedelta(minutes=10)
SECONDS = 10
"""Longest wait for the provider."""
UNSIGNED = ("none", "HS256", "HS384", "HS512")
"""Signatures that anybody could make, or only somebody who has our secret; a provider signs with a key of its own."""
AWAY = "The identity provider does not answer as it should. Try again, or log in with a password."
REFUSED = "The identity provider did not confirm who you are. Try again."
NO_ROLE = "The identity provider knows you, but gives you no role here. Ask whoever runs it."

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Given:
    """The settings of the provider. `roles` are by what the claim named `role_claim` holds; `name` is for the button;
    `console` is where the browser reaches us, or None for where the request came to."""

    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    name: str
    name_claim: str
    role_claim: str
    roles: Mapping[str, Role]
    console: str | None


# Authlib gives its classes no types.
class _Client(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]
    client_cls = OAuth2Session


class Refused(Exception):
    """The provider's answer lets nobody in; the text says why, for the log."""


class NoRole(Exception):
    """The provider knows the person, and gives them no role of ours."""


class Provider:
    """The identity provider."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self._client = _Client(
            None, client_id=given.client_id, client_secret=given.client_secret,
            server_metadata_url=f"{given.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": given.scopes, "code_challenge_method": "S256", "default_timeout": SECONDS},
        )  # fmt: skip

    def ask(self, back: str) -> tuple[str, dict[str, str]]:
        """Where to send the browser, and what to remember until it is back."""
        self._metadata()
        asked = self._client.create_authorization_url(redirect_uri=back)
        kept = {name: asked[name] for name in ("state", "nonce", "code_verifier")}
        return str(asked["url"]), {**kept, "back": back}

    def person(self, code: str, kept: Mapping[str, str]) -> Person:
        """Who the provider says it is.

        :raises Refused: its word cannot be used; so do the other FAILURES.
        :raises NoRole: it names no role.
        """
        self._metadata()
        token = self._client.fetch_access_token(
            redirect_uri=kept["back"], code=code, code_verifier=kept["code_verifier"]
        )
        claims = self._client.parse_id_token(token, kept["nonce"], claims_options={
            "iss": {"essential": True, "values": [self._metadata()["issuer"]]},
            "aud": {"essential": True, "value": self.given.client_id},
        })  # fmt: skip
        if claims is None:
            raise Refused("there is no ID token")
        name = str(claims.get(self.given.name_claim) or claims["sub"])[:100]
        role = _role(_claim(claims, self.given.role_claim), self.given.roles)
        if role is None:
            raise NoRole
        return Person(name, role, Door.CONSOLE)

    def _metadata(self) -> Mapping[str, Any]:
        metadata: dict[str, Any] = self._client.load_server_metadata()
        if str(metadata.get("issuer", "")).rstrip("/") != self.given.issuer:
            # What is not the provider's own description must not be remembered as if it were.
            metadata.clear()
            raise Refused("the provider calls itself by another name than OIDC_ISSUER")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [each for each in offered if each not in UNSIGNED]
        return metadata


FAILURES = (AuthlibBaseError, JoseError, requests.RequestException, Refused, KeyError, ValueError, RuntimeError)
"""What a provider that is away, wrong or not ours makes of a login."""


def router(services: Services, provider: Provider) -> APIRouter:
    """The way to the provider and the way back."""
    routes = APIRouter(include_in_schema=False)

    def failed(request: Request, status: int, wrong: str) -> Response:
        response = login_form(request, status, wrong=wrong, provider=provider.given.name)
        response.delete_cookie(COOKIE, path=PATH)
        return response

    @routes.get(PATH)
    def leave(request: Request, next: str = "/") -> Response:
        base = provider.given.console or str(request.base_url).rstrip("/")
        try:
            address, kept = provider.ask(f"{base}{PATH}/back")
        except FAILURES as problem:
            log.warning("the identity provider cannot be used", why=_why(problem))
            return failed(request, 502, AWAY)
        doors = access.of(request)
        until = int((services.now() + LASTS).timestamp())
        sealed = doors.sealer("provider").dumps({**kept, "next": access.own_path(next), "until": until})
        response = RedirectResponse(address, 303)
        response.set_cookie(
            COOKIE, sealed if isinstance(sealed, str) else sealed.decode(), max_age=int(LASTS.total_seconds()),
            path=PATH, httponly=True, samesite="lax", secure=request.url.scheme == "https",
        )  # fmt: skip
        return response

    @routes.get(f"{PATH}/back")
    def enter(request: Request, code: str = "", state: str = "") -> Response:
        kept = _kept(request, services, state)
        if kept is None or not code:
            return failed(request, 401, REFUSED)
        try:
            person = provider.person(code, kept)
        except NoRole:
            return failed(request, 403, NO_ROLE)
        except FAILURES as problem:
            log.warning("a login by the identity provider failed", why=_why(problem))
            return failed(request, 401, REFUSED)
        activity.came(services, person, "logged in", by=provider.given.name)
        response = RedirectResponse(access.own_path(kept["next"]), 303)
        response.delete_cookie(COOKIE, path=PATH)
        access.of(request).enter(request, response, person, by_provider=True)
        return response

    return routes


def _kept(request: Request, services: Services, state: str) -> dict[str, str] | None:
    """What we remembered of the browser that comes back, if it is the one that we sent, and soon enough."""
    try:
        kept: dict[str, Any] = access.of(request).sealer("provider").loads(request.cookies.get(COOKIE, ""))
    except BadData:
        return None
    fits = access.same(kept["state"], state) and kept["until"] > services.now().timestamp()
    return kept if fits else None


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or where none has it, one inside others: ``realm_access.roles``."""
    found: Any = claims
    if name in claims:
        return claims[name]
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _role(held: Any, roles: Mapping[str, Role]) -> Role | None:
    """The largest role that any of the values stands for."""
    values = held if isinstance(held, list) else [held]
    found = [roles[value] for value in values if isinstance(value, str) and value in roles]
    return max(found, key=list(Role).index, default=None)


def _why(problem: Exception) -> str:
    """Its own words may hold a token or a code; its name and ours do not."""
    return str(problem) if isinstance(problem, Refused) else type(problem).__name__
