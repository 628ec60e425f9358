"""A request to an ASGI application without a server, in chunks as a network would deliver it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


def post(app: FastAPI, path: str, body: bytes | Sequence[bytes], headers: Mapping[str, str]) -> Answer:
    """Send a POST and return its answer, after everything the application does behind it."""
    return asyncio.run(_request(app, "POST", path, [body] if isinstance(body, bytes) else list(body), headers))


async def _request(
    app: FastAPI, method: str, path: str, chunks: list[bytes], headers: Mapping[str, str]
) -> Answer:
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode(), "query_string": b"", "scheme": "http", "server": ("test", 80), "client": ("test", 1),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
    }  # fmt: skip
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Any] = []

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return Answer(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]))
