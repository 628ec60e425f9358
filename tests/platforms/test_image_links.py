"""An image link is believed only when an image answers, and no link leads us into the house or far away."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from integration.images import LARGEST, MOST_REDIRECTS, UNSURE, ImageLinks, Verdict

Answer = Callable[[BaseHTTPRequestHandler], None]


class Host:
    """A web server that answers each path as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str, str | None]] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                host.asked.append((self.command, self.path, self.headers.get("Authorization")))
                host.answers[self.path](self)

            # The names are those that http.server looks for.
            do_HEAD = do_GET = _serve  # noqa: N815

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def answering(status: int = 200, **headers: str) -> Answer:
    """An answer of this status and these headers; underscores in names stand for hyphens."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": "0", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return answer


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.close()


def look(host: Host, path: str = "/a.jpg") -> Verdict:
    return ImageLinks(host.url).look(host.url + path)


def test_an_image_is_fine_and_is_only_asked_for_its_head(host: Host) -> None:
    host.answers["/a.jpg"] = answering(Content_Type="image/jpeg; charset=binary", Content_Length="4000")

    assert look(host) == Verdict()
    assert host.asked == [("HEAD", "/a.jpg", None)]


@pytest.mark.parametrize(("answer", "wrong"), [
    (answering(404), "it answers 404"),
    (answering(403), "it answers 403"),
    (answering(204), "it answers 204"),
    (answering(Content_Type="text/html; charset=utf-8"), "it is text/html and not an image"),
    (answering(), "it is of no known type and not an image"),
    (answering(Content_Type="image/png", Content_Length=str(LARGEST + 1)), "it has 20 MB, more than 20"),
    (answering(302, Location="http://[broken"), "it is no link"),
])  # fmt: skip
def test_what_is_no_image_is_told_in_words(host: Host, answer: Answer, wrong: str) -> None:
    host.answers["/a.jpg"] = answer

    assert look(host) == Verdict(wrong)


def hanging_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


@pytest.mark.parametrize("answer", [answering(500), answering(503), answering(429), answering(408), hanging_up])
def test_whatever_may_pass_is_said_in_one_sentence_and_looked_at_again_soon(host: Host, answer: Answer) -> None:
    host.answers["/a.jpg"] = answer

    assert look(host) == UNSURE == Verdict("its host cannot be reached or is in trouble", lasting=False)


@pytest.mark.parametrize("status", [405, 501])
def test_a_host_that_knows_no_head_is_asked_for_the_image(host: Host, status: int) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        answering(200 if handler.command == "GET" else status, Content_Type="image/png")(handler)

    host.answers["/a.jpg"] = answer

    assert look(host) == Verdict()
    assert [each[0] for each in host.asked] == ["HEAD", "GET"]


def test_a_few_redirects_are_followed(host: Host) -> None:
    for step in range(MOST_REDIRECTS):
        host.answers[f"/{step}"] = answering(302, Location=f"/{step + 1}")
    host.answers[f"/{MOST_REDIRECTS}"] = answering(Content_Type="image/webp")

    assert look(host, "/0") == Verdict()


def test_a_redirect_in_a_circle_ends(host: Host) -> None:
    host.answers["/a.jpg"] = answering(301, Location="/a.jpg")

    assert look(host) == Verdict(f"it leads on more than {MOST_REDIRECTS} times")
    assert len(host.asked) == MOST_REDIRECTS + 1


@pytest.mark.parametrize("url", [
    "http://127.0.0.2/a.jpg", "http://10.0.0.1/a.jpg", "http://169.254.169.254/latest/meta-data", "http://[::1]/a.jpg",
    "http://0.0.0.0/a.jpg", "http://localhost/a.jpg", "http://192.168.1.1:8080/a.jpg",
])  # fmt: skip
def test_no_link_leads_into_the_house(host: Host, url: str) -> None:
    host.answers["/a.jpg"] = answering(302, Location=url)

    for verdict in (ImageLinks(host.url).look(url), look(host)):
        assert verdict.wrong is not None
        assert "is not on the public internet" in verdict.wrong


@pytest.mark.parametrize("url", [
    "ftp://example.com/a.jpg", "javascript:alert(1)", "file:///etc/passwd", "//example.com/a.jpg", "a.jpg", "",
    "https://user:secret@example.com/a.jpg",
])  # fmt: skip
def test_only_plain_web_links_are_asked_for(host: Host, url: str) -> None:
    assert ImageLinks(host.url).look(url) == Verdict("it is not a plain http or https link")


def test_a_link_that_cannot_be_read_is_no_link(host: Host) -> None:
    assert ImageLinks(host.url).look("http://[broken/a.jpg") == Verdict("it is no link")
    assert ImageLinks(host.url).look("http://example.com:port/a.jpg") == Verdict("it is no link")


def test_a_host_that_nobody_knows_may_be_known_later(host: Host) -> None:
    assert ImageLinks(host.url).look("https://images.invalid/a.jpg") == UNSURE


def test_a_host_that_keeps_us_waiting_is_looked_at_again_soon(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration.images.TIMEOUT", (5.0, 0.2))
    given_up = threading.Event()
    host.answers["/a.jpg"] = lambda _: given_up.wait(30) and None

    verdict = look(host)
    given_up.set()

    assert verdict == UNSURE


def test_the_image_itself_is_never_read(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration.images.TIMEOUT", (5.0, 0.2))
    done = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "HEAD":
            return answering(405)(handler)
        answering(Content_Type="image/png", Content_Length="4000")(handler)
        done.wait(30)
        return None

    host.answers["/a.jpg"] = answer

    verdict = look(host)
    done.set()

    assert verdict == Verdict()
