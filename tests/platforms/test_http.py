"""Transport is proved on a real socket: what was sent, what was lost, and what each failure is called."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from recording_gate import RecordingGate

from integration import http
from integration.http import Answer, Platform, call, excerpt, open_session, to_json
from integration.lanes import Lane
from integration.problems import LookFirst, Refused, Throttled, TryAgain

SECRET = "sesame-4711"
PLATFORM = Platform("Somewhere", wait=lambda answer: float(answer.headers["Retry-After"]))


class Server(ThreadingHTTPServer):
    daemon_threads = True
    behave: Callable[["Handler"], None]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections: set[Any] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/thing"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def answer(self, status: int, body: bytes = b"{}", length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        self.server.connections.add(self.client_address)
        self.server.behave(self)

    do_GET = do_POST = do_PATCH = _any  # noqa: N815 - the names http.server calls

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def gate() -> RecordingGate:
    return RecordingGate()


@pytest.fixture
def ask(server: Server, gate: RecordingGate) -> Iterator[Callable[..., Answer]]:
    with open_session(server.url) as session:
        def ask(method: str = "POST", url: str = server.url, **options: Any) -> Answer:
            merged: dict[str, Any] = {"platform": PLATFORM, "safe": method == "GET", "timeout": (1, 0.3)} | options
            return call(session, gate, Lane.STOCK, method, url, headers={"Authorization": SECRET}, **merged)

        yield ask


def hang_up(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def short(handler: Handler) -> None:
    handler.answer(200, b'{"a": 1}', length=100)
    handler.close_connection = True


def mute(_: Handler) -> None:
    threading.Event().wait(0.6)


LOSSES = {
    "the connection drops": hang_up,
    "no answer in time": mute,
    "the body is cut short": short,
    "half of the JSON": lambda handler: handler.answer(200, b'{"status": "ok", "ord'),
    "a page of HTML": lambda handler: handler.answer(200, b"<html>maintenance</html>", Content_Type="text/html"),
    "HTML that claims to be JSON": lambda handler: handler.answer(200, b"<html>", Content_Type="application/json"),
    "499": lambda handler: handler.answer(499),
    "500": lambda handler: handler.answer(500, b"oops"),
    "503": lambda handler: handler.answer(503, b"<html>busy</html>"),
    "408": lambda handler: handler.answer(408),
    "not gzip": lambda handler: handler.answer(200, b"{}", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_lost_answer_means_try_again_only_where_nothing_could_change(
    loss: str, server: Server, gate: RecordingGate, ask: Callable[..., Answer],
) -> None:
    server.behave = LOSSES[loss]
    with pytest.raises(TryAgain):
        ask("GET")
    with pytest.raises(LookFirst):
        ask("POST", body={"order": 1})
    assert gate.told == ["failed", "failed"]
    assert len(server.requests) == 2, "nothing is repeated behind the caller's back"


def test_a_refused_connection_is_never_in_doubt(gate: RecordingGate, ask: Callable[..., Answer]) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(TryAgain) as caught:
            ask(url=f"http://127.0.0.1:{held.getsockname()[1]}/")
    assert not isinstance(caught.value, Throttled)
    assert gate.told == ["failed"]


def test_an_unknown_host_is_never_in_doubt(ask: Callable[..., Answer]) -> None:
    with pytest.raises(TryAgain):
        ask(url="http://nowhere.invalid/")


def test_an_answer_larger_than_we_read_is_dropped(
    server: Server, ask: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "LARGEST_ANSWER", 1000)
    server.behave = lambda handler: handler.answer(200, b'"' + b"x" * 1000 + b'"')
    with pytest.raises(TryAgain, match="larger"):
        ask("GET")
    with pytest.raises(LookFirst):
        ask("POST")


def test_an_answer_that_only_trickles_is_dropped(
    server: Server, ask: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch,
) -> None:
    def trickle(handler: Handler) -> None:
        handler.answer(200, b"", length=200)
        try:
            for _ in range(200):
                handler.wfile.write(b" ")
                threading.Event().wait(0.02)
        except OSError:
            pass

    monkeypatch.setattr(http, "LONGEST_ANSWER", 0.1)
    server.behave = trickle
    with pytest.raises(TryAgain, match="end"):
        ask("GET")


def test_nothing_is_sent_while_the_gate_is_closed(server: Server) -> None:
    with open_session(server.url) as session, pytest.raises(Throttled) as caught:
        call(session, RecordingGate(closed_for=7), Lane.STOCK, "GET", server.url, platform=PLATFORM, safe=True)
    assert caught.value.wait == 7
    assert server.requests == []


def test_every_request_is_charged_to_its_lane(
    server: Server, gate: RecordingGate, ask: Callable[..., Answer],
) -> None:
    server.behave = lambda handler: handler.answer(200)
    ask("GET", charges={"requests": 1, "complexity": 50})
    ask("GET")
    assert gate.taken == [(Lane.STOCK, {"requests": 1, "complexity": 50}), (Lane.STOCK, {"requests": 1})]
    assert gate.told == ["succeeded", "succeeded"]


def test_a_429_holds_everybody_off(server: Server, gate: RecordingGate, ask: Callable[..., Answer]) -> None:
    server.behave = lambda handler: handler.answer(429, b"slow down", Retry_After="12")
    with pytest.raises(Throttled) as caught:
        ask("POST")
    assert caught.value.wait == 12
    assert gate.told == [12.0]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 409, 422])
def test_a_clear_no_is_refused_and_shows_that_the_platform_is_there(
    status: int, server: Server, gate: RecordingGate, ask: Callable[..., Answer],
) -> None:
    server.behave = lambda handler: handler.answer(status, b'{"detail": "no"}', Location="/elsewhere")
    with pytest.raises(Refused) as caught:
        ask("POST")
    assert caught.value.status == status
    assert gate.told == ["succeeded"]
    assert [path for _, path, _, _ in server.requests] == ["/thing"], "a redirect is not followed"


def test_a_platform_may_say_what_its_no_means(server: Server, ask: Callable[..., Answer]) -> None:
    def locked(answer: Answer) -> TryAgain:
        return TryAgain(answer.data["detail"], wait=180)

    server.behave = lambda handler: handler.answer(409, b'{"detail": "locked"}')
    with pytest.raises(TryAgain, match="locked"):
        ask("PATCH", platform=Platform("Somewhere", wait=lambda _: 1, refusal=locked))


def test_a_refusal_quotes_no_personal_data(server: Server, ask: Callable[..., Answer]) -> None:
    said = "bad: ada@example.com, +44 7700 900123, (0161) 496 0000, SW1A 1AA, item 123408568 " + "x" * 9000
    server.behave = lambda handler: handler.answer(400, said.encode())
    with pytest.raises(Refused) as caught:
        ask("POST")
    for private in ("ada", "example.com", "900123", "496", "SW1A"):
        assert private not in str(caught.value)
    assert "123408568" in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_excerpt_never_ends_in_half_an_address() -> None:
    assert "ada" not in excerpt("x" * 295 + " ada@example.com")
    assert excerpt("<!doctype html><p>ada") == "a page of HTML"
    assert excerpt("  ") == "nothing"
    assert "abc123" not in excerpt("rejected: Bearer abc123")


def test_secrets_stay_out_of_failures(server: Server, ask: Callable[..., Answer]) -> None:
    server.behave = hang_up
    with pytest.raises(LookFirst) as lost:
        ask("POST")
    with pytest.raises(Refused) as unbuilt, open_session(server.url) as session:
        call(session, RecordingGate(), Lane.STOCK, "GET", server.url,
             platform=PLATFORM, safe=True, headers={"Authorization": f"{SECRET}\n"})
    for error in (lost.value, unbuilt.value):
        assert SECRET not in repr(error) + str(error) + repr(error.__cause__)


def test_money_arrives_and_leaves_with_its_own_digits(server: Server, ask: Callable[..., Answer]) -> None:
    server.behave = lambda handler: handler.answer(200, b'{"value": 19.90}')
    answer = ask("POST", body={"price": Decimal("0.10"), "rows": [Decimal("1E+2"), None, True, "\u00e9\""], "n": 3})
    assert answer.data == {"value": Decimal("19.90")}
    assert str(answer.data["value"]) == "19.90"
    sent = server.requests[0][3]
    assert b'"price":0.10' in sent
    assert json.loads(sent) == {"price": 0.1, "rows": [100, None, True, "é\""], "n": 3}
    with pytest.raises(ValueError, match="NaN"):
        to_json({"price": Decimal("NaN")})


def test_an_empty_or_plain_success_is_a_success(server: Server, ask: Callable[..., Answer]) -> None:
    server.behave = lambda handler: handler.answer(204, b"")
    assert ask("PATCH").data is None
    server.behave = lambda handler: handler.answer(200, b"Accepted", Content_Type="text/plain; charset=utf-8")
    assert ask("PATCH").text == "Accepted"


def test_cookies_are_neither_kept_nor_sent(server: Server, ask: Callable[..., Answer]) -> None:
    server.behave = lambda handler: handler.answer(200, Set_Cookie="sessionid=abc; Path=/")
    ask("GET")
    ask("GET")
    assert "Cookie" not in server.requests[1][2]


def test_we_say_who_we_are_and_reuse_the_connection(server: Server, ask: Callable[..., Answer]) -> None:
    server.behave = lambda handler: handler.answer(200)
    ask("GET")
    ask("GET", params={"page": 2})
    assert server.requests[0][2]["User-Agent"].startswith("cvsync/")
    assert server.requests[1][1] == "/thing?page=2"
    assert len(server.connections) == 1


def test_a_netrc_file_never_replaces_our_credential(
    server: Server, gate: RecordingGate, monkeypatch: pytest.MonkeyPatch, tmp_path: Any,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.behave = lambda handler: handler.answer(200)
    with open_session(server.url) as session:
        session.trust_env = True
        call(session, gate, Lane.STOCK, "GET", server.url,
             platform=PLATFORM, safe=True, headers={"Authorization": SECRET})
    assert server.requests[0][2]["Authorization"] == SECRET


def test_the_environments_proxy_is_used_outside_only() -> None:
    assert open_session("https://example.centra.com/graphql").trust_env
    assert not open_session("http://127.0.0.1:8801/graphql").trust_env
