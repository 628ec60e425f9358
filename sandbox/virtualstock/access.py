"""Only a known credential gets in, by token or by password, and only as often as its quota allows."""

import base64
import binascii
import hashlib
import hmac
import json
import math
import uuid
from collections import deque
from typing import Any

from sandbox.http import Request, Response, json_response
from sandbox.seed import Retailer
from sandbox.virtualstock.state import Memory

_SIGNING_KEY = b"virtualstock-twin"
_WINDOW = 60.0
NOT_VALID = {
    "detail": "Given token not valid for any token type",
    "code": "token_not_valid",
    "messages": [
        {"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}
    ],
}


class Denied(Exception):
    """The call ends here with `response`."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def unauthorized(body: dict[str, Any]) -> Denied:
    """A 401 in the framework's form."""
    return Denied(json_response(body, 401, www_authenticate='Basic realm="api"'))


class Access:
    """Log-in, tokens and quotas of all credentials."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._by_username = {retailer.username: retailer for retailer in memory.retailers.values()}
        self._calls: dict[str, deque[float]] = {code: deque() for code in memory.retailers}

    def caller(self, request: Request) -> Retailer:
        """Whose credential the call carries.

        :raises Denied: none, a wrong or an expired one (401), or a session cookie on a write (403).
        """
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            claims = self._claims(value, "access")
            if claims is None:
                raise unauthorized(NOT_VALID)
            retailer = self._by_username[claims["user_id"]]
        elif scheme.lower() == "basic":
            retailer = self._basic(value)
        else:
            raise unauthorized({"detail": "Authentication credentials were not provided."})
        if request.method not in ("GET", "HEAD", "OPTIONS") and "sessionid=" in request.headers.get("cookie", ""):
            raise Denied(json_response({"detail": "CSRF Failed: CSRF token missing."}, 403))
        return retailer

    def log_in(self, body: Any) -> Response:
        """An access and a refresh token for a user name and password."""
        missing = {name: ["This field is required."] for name in ("username", "password") if name not in body}
        if missing:
            return json_response(missing, 400)
        retailer = self._by_username.get(str(body["username"]))
        if retailer is None or retailer.password != body["password"]:
            raise unauthorized({"detail": "No active account found with the given credentials"})
        self.count(retailer)
        return json_response({"refresh": self._token(retailer, "refresh"), "access": self._token(retailer, "access")})

    def refresh(self, body: Any) -> Response:
        """A new access token for a refresh token."""
        if "refresh" not in body:
            return json_response({"refresh": ["This field is required."]}, 400)
        claims = self._claims(str(body["refresh"]), "refresh")
        if claims is None:
            raise unauthorized({"detail": "Token is invalid or expired", "code": "token_not_valid"})
        retailer = self._by_username[claims["user_id"]]
        self.count(retailer)
        return json_response({"access": self._token(retailer, "access")})

    def count(self, retailer: Retailer) -> None:
        """Takes one request from the credential's minute.

        :raises Denied: nothing is left (429).
        """
        limit = self._memory.settings.requests_per_minute.get(retailer.code, retailer.requests_per_minute)
        now = self._memory.clock()
        calls = self._calls[retailer.code]
        fixed = self._memory.settings.window == "fixed"
        opened = now - now % _WINDOW if fixed else now - _WINDOW
        while calls and calls[0] < opened:
            calls.popleft()
        if len(calls) >= limit:
            free_at = opened + _WINDOW if fixed or not calls else calls[0] + _WINDOW
            raise Denied(throttled(free_at - now))
        calls.append(now)

    def _basic(self, value: str) -> Retailer:
        try:
            username, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise unauthorized({"detail": "Invalid basic header. Credentials not correctly base64 encoded."}) from None
        retailer = self._by_username.get(username)
        if retailer is None or retailer.password != password:
            raise unauthorized({"detail": "Invalid username/password."})
        return retailer

    def _token(self, retailer: Retailer, kind: str) -> str:
        settings = self._memory.settings
        issued = self._memory.clock()
        life = settings.access_seconds if kind == "access" else settings.refresh_seconds
        claims = {"token_type": kind, "exp": issued + life, "iat": issued, "jti": uuid.uuid4().hex,
                  "user_id": retailer.username}
        signed = f"{_encode({'typ': 'JWT', 'alg': 'HS256'})}.{_encode(claims)}"
        return f"{signed}.{_signature(signed)}"

    def _claims(self, token: str, kind: str) -> dict[str, Any] | None:
        signed, _, signature = token.rpartition(".")
        if not signed or not hmac.compare_digest(_signature(signed).encode(), signature.encode()):
            return None
        payload = signed.partition(".")[2]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        if claims["token_type"] != kind or claims["exp"] <= self._memory.clock():
            return None
        return claims


def throttled(seconds: float) -> Response:
    """The platform's 429: its sentence, and the header its framework adds."""
    wait = max(1, math.ceil(seconds))
    sentence = f"Request was throttled. Request was throttled. Expected available in {wait}.0 seconds."
    return json_response({"detail": sentence}, 429, retry_after=str(wait))


def _encode(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _signature(text: str) -> str:
    digest = hmac.new(_SIGNING_KEY, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
