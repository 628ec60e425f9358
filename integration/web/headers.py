"""No answer can be framed, sniffed, cached or made to run a script that is not ours, and no request is huge."""

from functools import partial

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes. A mapping document may have a megabyte, which a form writes with up to three characters for each."""
LONGEST_PATH = 2000
"""Characters. None of ours has nearly as many; a number of thousands of digits is one that Python refuses to read."""
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HTTPS_ONLY = "max-age=31536000"


class Guarded:
    """An ASGI application with these headers on each answer, and a limit to each body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope["path"]) > LONGEST_PATH:
            answer = PlainTextResponse("That address is too long.", 414)
            await answer(scope, receive, partial(_guarded, scope, send))
            return
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                raise HTTPException(413, "That is too large: 4 MB is the limit.")
            return message

        await self._app(scope, limited, partial(_guarded, scope, send))


async def _guarded(scope: Scope, send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        _complete(MutableHeaders(scope=message), scope)
    await send(message)


def _complete(headers: MutableHeaders, scope: Scope) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
    # Scripts and styles are the same for everybody; a page is for one person, and for now.
    headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
