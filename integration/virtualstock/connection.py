"""Every request to Virtualstock has a good token, passes the gate of its credential, and goes to the address we know.

Virtualstock API docs: authentication; rate limits.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from integration.http import Answer, Gate, Platform, call, open_session
from integration.lanes import Lane
from integration.problems import Refused, TryAgain
from integration.virtualstock.errors import VIRTUALSTOCK
from integration.virtualstock.paging import Fetch, pages
from integration.virtualstock.tokens import Issuer, Tokens, TokenStore

_TOKEN = "/restapi/v4/token"
_TOKEN_REFRESH = "/restapi/v4/token/refresh"

Row = dict[str, Any]


class Connection:
    """Virtualstock behind one credential.

    :param base_url: such as ``https://api.virtualstock.com``; every address is built from it, never from an answer.
    :param gate: the shared quota of this credential.
    :param tokens: the shared access tokens of all credentials.
    """

    def __init__(
        self,
        base_url: str,
        username: str,
        password: str,
        gate: Gate,
        tokens: TokenStore,
        session: requests.Session | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._username = username
        self._password = password
        self._gate = gate
        self._tokens = tokens
        self._session = session or open_session(base_url)
        # Host and user together, so that a token of the sandbox is never shown to production.
        self._owner = hashlib.sha256(f"{username}@{self._base_url}".encode()).hexdigest()[:16]
        self._issuer = Issuer(log_in=self._log_in, renew=self._renew)

    def _rows(self, path: str, filters: Mapping[str, str | int], limit: int, lane: Lane) -> Iterator[Row]:
        for page in pages(self._fetch(path, filters, lane), limit=limit):
            yield from page.rows

    def _fetch(self, path: str, filters: Mapping[str, str | int], lane: Lane) -> Fetch:
        return lambda offset, limit: self._get(path, {**filters, **window(offset, limit)}, lane).data

    def _get(self, path: str, filters: Mapping[str, str | int], lane: Lane) -> Answer:
        return self._request("GET", path, lane, safe=True, params={"format": "json", **filters})

    def _request(
        self,
        method: str,
        path: str,
        lane: Lane,
        *,
        safe: bool,
        platform: Platform = VIRTUALSTOCK,
        params: Mapping[str, str | int] | None = None,
        body: object = None,
    ) -> Answer:
        def send(access: str | None) -> Answer:
            return call(
                self._session, self._gate, lane, method, self._base_url + path, platform=platform, safe=safe,
                headers={"Authorization": f"Bearer {access}" if access else self._basic()}, params=params, body=body,
            )

        access = self._tokens.access(self._owner, self._issuer)
        try:
            return send(access)
        except Refused as refusal:
            if refusal.status != 401 or access is None:
                raise
        # A 401 was not carried out, so even an action may be sent again, once, with a token of another making.
        return send(self._tokens.access(self._owner, self._issuer, spoilt=access))

    # Tokens. Everybody waits for them, so they take the first lane whatever the work is.

    def _log_in(self) -> Tokens:
        """Virtualstock API docs: authentication, obtain tokens. Without such an endpoint (404) Basic serves."""
        try:
            return self._token(_TOKEN, {"username": self._username, "password": self._password})
        except Refused as refusal:
            if refusal.status == 404:
                return Tokens(access=None)
            raise

    def _renew(self, refresh: str) -> Tokens:
        """Virtualstock API docs: authentication, refresh. No new refresh token comes with it."""
        return self._token(_TOKEN_REFRESH, {"refresh": refresh})

    def _token(self, path: str, body: Mapping[str, str]) -> Tokens:
        answer = call(
            self._session, self._gate, Lane.ORDERS, "POST", self._base_url + path,
            platform=VIRTUALSTOCK, safe=True, body=body,
        )
        given = answer.data if isinstance(answer.data, dict) else {}
        access, refresh = given.get("access"), given.get("refresh")
        if not isinstance(access, str) or not access:
            raise TryAgain("Virtualstock answered a log-in without a token")
        return Tokens(access=access, refresh=refresh if isinstance(refresh, str) else None)

    def _basic(self) -> str:
        return "Basic " + b64encode(f"{self._username}:{self._password}".encode()).decode()


def window(offset: int, limit: int) -> dict[str, str | int]:
    """The parameters of a page; none for the first offset, as the docs show it."""
    return {"limit": limit, "offset": offset} if offset else {"limit": limit}
