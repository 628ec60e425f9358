"""A twin is served over HTTP with its faults applied and every call written down.

A twin says what it does with the `Twin` protocol; this module owns sockets, JSON, ``/_control`` and the journal.
"""

import base64
import contextlib
import json
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from sandbox.faults import Faults, Rule
from sandbox.journal import Journal

HTML_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>"


@dataclass
class Request:
    """One call as it came in. `note` is what the twin tells the journal about it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    note: "Note" = field(default_factory=lambda: Note())
    memory: dict[str, Any] = field(default_factory=dict)
    """Room for the twin, say for a GraphQL document parsed in `Twin.operation` and needed in `Twin.answer`."""

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Query parameters; of a repeated one the last counts."""
        return {name: values[-1] for name, values in parse_qs(self.query, keep_blank_values=True).items()}

    @cached_property
    def caller(self) -> str | None:
        """The user name that the call comes with, believed unseen: whether it may come in is for the twin to say."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() == "basic":
                return base64.b64decode(value, validate=True).decode().partition(":")[0]
            if scheme.lower() == "bearer":
                return _user_of(value)
            body = self.json()
            return body.get("username") or _user_of(body["refresh"])
        except (ValueError, LookupError, AttributeError, TypeError):
            return None

    def json(self) -> Any:
        """The body as JSON, decimals exact.

        :raises ValueError: it is not JSON.
        """
        return json.loads(self.body, parse_float=Decimal)


def _user_of(token: str) -> str | None:
    """Whose token it is, as its payload says.

    :raises ValueError: it is no JSON Web Token.
    :raises LookupError: it has no payload.
    """
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    user: str | None = claims.get("user_id")
    return user


@dataclass
class Note:
    """What the journal keeps of a call besides its address."""

    changed: bool = False
    subject: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass
class Response:
    """One answer. Header names are lower case."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def json_response(value: object, status: int = 200, **headers: str) -> Response:
    """An answer in JSON; underscores in header names become hyphens."""
    body = json.dumps(value, default=_plain, separators=(",", ":")).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(status, body, {"content-type": "application/json", **named})


def text_response(text: str, status: int = 200) -> Response:
    """An answer in plain text."""
    return Response(status, text.encode(), {"content-type": "text/plain; charset=utf-8"})


class Twin(Protocol):
    """What an imitated platform does. All methods are called from many threads at once."""

    @property
    def name(self) -> str:
        """For messages."""

    def operation(self, request: Request) -> str | None:
        """What the call asks for in one word, for faults and the journal; never fails."""

    def answer(self, request: Request) -> Response:
        """Carries the call out."""

    def control(self, request: Request) -> Response | None:
        """Carries out a call under ``/_control``; None when the twin knows no such verb."""

    def throttled(self, request: Request, seconds: float) -> Response:
        """The platform's own form of 429."""


class Server:
    """One twin on one loopback port, in threads of its own."""

    def __init__(self, twin: Twin, port: int = 0) -> None:
        self.twin = twin
        self.faults = Faults()
        self.journal = Journal()
        self._http = _HTTPServer(("127.0.0.1", port), _Handler)
        self._http.owner = self
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name=f"sandbox-{twin.name}", daemon=True
        )

    @property
    def url(self) -> str:
        """Base URL without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Server":
        """Begins to answer; returns itself."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Closes the port and every connection, so that nobody is answered any more."""
        self._http.shutdown()
        self._http.server_close()
        self._http.hang_up()
        self._thread.join(timeout=5)

    def handle(self, request: Request) -> Response | None:
        """The answer to a call; None closes the connection without one."""
        if request.path.startswith("/_control/"):
            return self._control(request)
        operation = self.twin.operation(request)
        struck = self.faults.take(operation, request.path, request.caller)
        response = self._answer(request, struck)
        self.journal.write(
            method=request.method, path=request.path, query=request.query, operation=operation,
            status=response.status if response else 0,
            changed=request.note.changed, subject=request.note.subject, detail=request.note.detail,
        )
        return response

    def _answer(self, request: Request, struck: list[Rule]) -> Response | None:
        for rule in struck:
            if rule.do == "latency":
                time.sleep(rule.number(1))
        for rule in struck:
            if rule.do == "drop_before":
                return None
            if (early := self._instead(request, rule)) is not None:
                return early
        response = self.twin.answer(request)
        for rule in struck:
            if rule.do == "late":
                time.sleep(rule.number(1))
            if rule.do == "drop_after":
                return None
            if rule.do == "status_after":
                return _failure(rule, 502)
            if rule.do == "truncate":
                response.body = response.body[: len(response.body) // 2]
        return response

    def _instead(self, request: Request, rule: Rule) -> Response | None:
        if rule.do == "status":
            return _failure(rule, 500)
        if rule.do == "throttle":
            return self.twin.throttled(request, rule.number(10))
        if rule.do == "html":
            return Response(200, HTML_PAGE, {"content-type": "text/html; charset=utf-8"})
        if rule.do == "down":
            return Response(503, b"<html><body>503 Service Temporarily Unavailable</body></html>",
                            {"content-type": "text/html"})
        return None

    def _control(self, request: Request) -> Response:
        verb = (request.method, request.path.removeprefix("/_control/").strip("/"))
        try:
            if verb == ("GET", "journal"):
                return json_response(self.journal.since(int(request.parameters.get("since", 0))))
            if verb == ("GET", "counts"):
                return json_response(self.journal.counts())
            if verb == ("PUT", "faults"):
                self.faults.replace(request.json())
                return json_response({})
            if verb == ("DELETE", "faults"):
                self.faults.clear()
                return json_response({})
            if verb == ("DELETE", "journal"):
                self.journal.clear()
                return json_response({})
            response = self.twin.control(request)
        except (ValueError, KeyError, TypeError, LookupError) as error:
            return json_response({"error": f"{type(error).__name__}: {error}"}, 400)
        return response or json_response({"error": "no such verb"}, 404)


def _failure(rule: Rule, default: int) -> Response:
    body = rule.body if rule.body is not None else "<h1>Server Error</h1>"
    kind = "application/json" if body[:1] in ("{", "[", '"') else "text/html; charset=utf-8"
    return Response(int(rule.number(default)), body.encode(), {"content-type": kind})


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    owner: Server

    def __init__(self, address: tuple[str, int], handler: type["_Handler"]) -> None:
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def hang_up(self) -> None:
        """Ends all connections; a kept-alive one would else be served for ever."""
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remembers the connection."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forgets the connection."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is everyday life here, not worth a traceback; anything else is."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _HTTPServer

    def _serve(self) -> None:
        address = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        request = Request(
            self.command, address.path, address.query,
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
        )
        response = self.server.owner.handle(request)
        if response is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815 - http.server looks for these names

    def log_message(self, format: str, *args: object) -> None:
        """The journal keeps the record."""
