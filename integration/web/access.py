"""A page or a call of the API runs only for somebody who is known and may do it, and a form only if it is ours."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from fastapi import HTTPException, Request, Response
from itsdangerous import BadData, URLSafeSerializer

from integration.people import Door, Person, Role
from integration.web.users import Users

API = "/api/v1"
LASTS = timedelta(hours=12)
COOKIE = "cvsync_session"
CSRF_FIELD, CSRF_HEADER = "_csrf", "X-CSRF-Token"
SAFE = ("GET", "HEAD", "OPTIONS")
LONGEST_NEXT = 1000


@dataclass(frozen=True)
class Session:
    """What the cookie says: who, until when (Unix seconds), and the number that its forms carry a seal of.

    `name` is empty until somebody has logged in; `role` is set where an identity provider gave it, else the settings
    say it anew at each request.
    """

    number: str
    name: str = ""
    role: Role | None = None
    until: int = 0


class Access:
    """Sessions, seals and rights of one process; lives in ``app.state.access``."""

    def __init__(self, users: Users, keys: Iterable[str], now: Callable[[], datetime]) -> None:
        """`keys` are all secrets of the settings: whoever changes one of them, a password too, ends every session."""
        self.users = users
        self.now = now
        material = b"\0".join(key.encode() for key in sorted(keys))
        self._key = hashlib.sha256(b"console session\0" + material).digest()
        self._seal = URLSafeSerializer(self._key, salt="session", signer_kwargs={"digest_method": hashlib.sha256})

    def session(self, request: Request) -> Session:
        """The session of a request: the one in its cookie, or a new one of nobody."""
        known: Session | None = getattr(request.state, "session", None)
        if known is None:
            known = self._read(request.cookies.get(COOKIE, "")) or Session(secrets.token_urlsafe(16))
            request.state.session = known
        return known

    def person(self, request: Request) -> Person | None:
        """Who is logged in, or None."""
        session = self.session(request)
        if not session.name or session.until <= self.now().timestamp():
            return None
        role = session.role or self.users.role(session.name)
        return Person(session.name, role, Door.CONSOLE) if role else None

    def enter(self, request: Request, response: Response, person: Person, *, by_provider: bool = False) -> None:
        """Log somebody in, under a new number, so that a cookie planted before is worth nothing."""
        until = int((self.now() + LASTS).timestamp())
        session = Session(secrets.token_urlsafe(16), person.name, person.role if by_provider else None, until)
        self.write(request, response, session)

    def write(self, request: Request, response: Response, session: Session) -> None:
        """Give the browser its session."""
        value = self._seal.dumps([session.number, session.name, session.role, session.until])
        request.state.session = session
        response.set_cookie(
            COOKIE, value if isinstance(value, str) else value.decode(), max_age=int(LASTS.total_seconds()),
            httponly=True, samesite="lax", secure=request.url.scheme == "https",
        )  # fmt: skip

    def leave(self, request: Request, response: Response) -> None:
        """Log out."""
        response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=request.url.scheme == "https")

    def csrf(self, request: Request) -> str:
        """What a form of this session must carry."""
        return hmac.new(self._key, b"csrf\0" + self.session(request).number.encode(), hashlib.sha256).hexdigest()

    async def must_be_ours(self, request: Request) -> None:
        """
        :raises HTTPException: 403: a request that changes something was not sent by a page of this session.
        """
        if request.method in SAFE:
            return
        given = request.headers.get(CSRF_HEADER)
        if given is None:
            # No form of ours has files; those that somebody sends along are gone at once.
            async with request.form() as form:
                given = str(form.get(CSRF_FIELD, ""))
        if not same(given, self.csrf(request)):
            raise HTTPException(403, "This form is too old or not from here. Go back, reload the page and try again.")

    def sealer(self, salt: str) -> URLSafeSerializer:
        """A seal for something else that a browser keeps for us."""
        return URLSafeSerializer(self._key, salt=salt, signer_kwargs={"digest_method": hashlib.sha256})

    def _read(self, value: str) -> Session | None:
        if not value:
            return None
        try:
            number, name, role, until = self._seal.loads(value)
            return Session(number, name, None if role is None else Role(role), until)
        except (BadData, ValueError, TypeError):
            return None


def of(request: Request) -> Access:
    """The access of the application that serves this request."""
    access: Access = request.app.state.access
    return access


def needs(role: Role) -> Callable[[Request], Awaitable[Person]]:
    """A dependency of a route: gives the person who asks, if they may do what `role` may.

    A page without a login leads to it and back; a call of the API without a token that we know is a 401; too small a
    role is a 403, and so is a form that is not from a page of this session.
    """

    async def allowed(request: Request) -> Person:
        if request.url.path.startswith(API + "/"):
            person = _by_token(request)
        else:
            found = of(request).person(request)
            if found is None:
                raise _to_login(request)
            await of(request).must_be_ours(request)
            person = found
        if not person.role.covers(role):
            raise HTTPException(403, f"This needs the role {role}; {person.name} has the role {person.role}.")
        return person

    return allowed


async def ours(request: Request) -> None:
    """A dependency for the forms of those who are not in yet.

    :raises HTTPException: 403: the form was not sent by a page of this session.
    """
    await of(request).must_be_ours(request)


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def own_path(wanted: str) -> str:
    """`wanted` where it is a path of this console, else the first page: nobody is sent to another site from here."""
    plain = wanted.isprintable() and "\\" not in wanted and len(wanted) <= LONGEST_NEXT
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else "/"


def _by_token(request: Request) -> Person:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    person = of(request).users.by_token(token.strip()) if scheme.lower() == "bearer" else None
    if person is None:
        raise HTTPException(401, "A token of CONSOLE_TOKENS is needed.", {"WWW-Authenticate": "Bearer"})
    return person


def _to_login(request: Request) -> HTTPException:
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = "/login?next=" + quote(back if request.method in SAFE else "/", safe="")
    if request.headers.get("HX-Request"):
        # htmx follows a redirect by itself and would put the login into the part of the page that it refreshes.
        return HTTPException(401, "The session is over.", {"HX-Redirect": "/login"})
    return HTTPException(303, "Log in first.", {"Location": address})
