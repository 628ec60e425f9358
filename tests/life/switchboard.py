"""Every channel of every team leads to one real web address, where a story reads what came in and when."""

import json
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from pydantic import SecretStr

from integration.notify import Channels


class Message(NamedTuple):
    """What a channel was told, and when on the clock of the story."""

    at: datetime
    channel: str
    title: str
    body: str


class Switchboard(ThreadingHTTPServer):
    """Takes messages for any channel, except for those in `away`. `now` tells the time of the story."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[Message] = []
        self.away: set[str] = set()
        self.refused = 0
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def again(self, now: Callable[[], datetime]) -> "Switchboard":
        """For the next story, which has a clock of its own: nothing was told yet and nobody is away."""
        self.taken, self.away, self.refused, self.now = [], set(), 0, now
        return self

    def channels(self, names: Iterable[str]) -> Channels:
        """The real sender, with an address here for each of these channels."""
        urls = {name: SecretStr(f"json://127.0.0.1:{self.server_port}/{name}") for name in names}
        return Channels(urls, "https://console.example.com")

    def stop(self) -> None:
        """Close it."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        board = self.server
        assert isinstance(board, Switchboard)
        channel = self.path.strip("/")
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if channel in board.away:
            board.refused += 1
            self.send_response(503)
        else:
            board.taken.append(Message(board.now(), channel, said["title"], said["message"]))
            self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""
