"""A signed webhook is stored before it is answered, with nothing but the database alive; all else is turned away."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from asgi import Answer, post
from fastapi import FastAPI

from integration import policy, steps
from integration.broker import Sender
from integration.flows import work
from integration.storage import inbox
from integration.storage.work import Handed
from integration.web import hooks
from integration.web.wake import Waker
from tests.world import World

SECRET = "of this test only"
ORDER = {"events": [{"type": "order", "action": "update", "date": "2026-03-02 12:00:00.000001", "id": 1200}]}


class Web:
    """The door for webhooks of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.woken = 0
        self.app = FastAPI()
        self.app.include_router(hooks.router(world.services, SECRET, self._wake))

    def send(self, body: bytes, *, late: int = 0, secret: str = SECRET) -> Answer:
        """Deliver a body that was signed `late` seconds ago."""
        stamp = str(int(self.world.at.timestamp()) - late)
        v1 = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return self.deliver(body, f"t={stamp},v1={v1}")

    def deliver(self, body: bytes, signature: str | None) -> Answer:
        """Deliver a body, in two halves, with this signature or none."""
        headers = {} if signature is None else {"X-Centra-Signature": signature}
        half = len(body) // 2
        return post(self.app, "/webhooks/centra", [body[:half], body[half:]], headers)

    def stored(self) -> int:
        """Letters in the inbox."""
        with self.world.store.read() as db:
            return len(inbox.waiting(db, 1000))

    def _wake(self) -> None:
        self.woken += 1


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A fresh one."""
    world = World(tmp_path)
    yield Web(world)
    world.store.close()


def form(payload: object) -> bytes:
    """A body as Centra writes it."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def test_a_signed_webhook_is_stored_asked_for_and_answered_without_a_body(web: Web) -> None:
    assert web.send(form(ORDER)) == Answer(204, b"")

    assert web.stored() == 1
    assert web.world.asked(steps.INTAKE_ABSORB) == [steps.CENTRA]
    assert web.woken == 1


def test_a_webhook_delivered_again_is_answered_alike_and_stored_once(web: Web) -> None:
    web.send(form(ORDER))

    assert web.send(form(ORDER)).status == 204
    assert web.stored() == 1


def test_a_storefront_webhook_is_stored_id_by_id(web: Web) -> None:
    assert web.send(form({"DisplayItems": [70, 71], "Categories": ["3"]})).status == 204

    assert web.stored() == 3


@pytest.mark.parametrize("signature", [None, "", "t=1,v1=abc", "ÿ"])
def test_an_unsigned_webhook_is_turned_away(web: Web, signature: str | None) -> None:
    assert web.deliver(form(ORDER), signature).status == 401

    assert web.stored() == 0
    assert web.woken == 0


def test_a_webhook_signed_with_another_secret_is_turned_away(web: Web) -> None:
    assert web.send(form(ORDER), secret="guessed").status == 401
    assert web.stored() == 0


@pytest.mark.parametrize("late", [3600, -3600])
def test_a_stale_webhook_and_one_of_the_future_are_turned_away(web: Web, late: int) -> None:
    assert web.send(form(ORDER), late=late).status == 401
    assert web.stored() == 0


def test_an_oversized_webhook_is_turned_away_unread(web: Web) -> None:
    assert web.send(b"payload=" + b"x" * hooks.LARGEST_BODY).status == 413
    assert web.stored() == 0


@pytest.mark.parametrize(
    "body",
    [
        b"", b"payload", b"%%%", b"other=1", b"payload=", b"payload=not+json", b"\xff\xfe", b"payload=%FF",
        form([1, 2]), form(5), form(None), form("text"), b"&".join([b"payload=%7B%7D"] * 20),
        b"payload=" + b"[" * 100_000, b"payload=" + b'{"a":' * 100_000,
    ],
)  # fmt: skip
def test_what_holds_no_json_object_is_refused_and_breaks_nothing(web: Web, body: bytes) -> None:
    assert web.send(body).status == 400

    assert web.stored() == 0
    assert web.send(form(ORDER)).status == 204


@pytest.mark.parametrize("payload", [{}, {"x": "test"}, {"events": []}, {"events": None}, {"events": [None, 5, "x"]}])
def test_an_object_of_no_known_form_is_kept_and_its_absorption_survives_it(web: Web, payload: object) -> None:
    assert web.send(form(payload)).status == 204

    assert web.world.run(steps.INTAKE_ABSORB, steps.CENTRA).state == "done"
    assert web.stored() == 0


def test_a_refusal_says_why_and_nothing_of_the_body(web: Web) -> None:
    answer = web.send(b"payload=customer%40example.com")

    assert json.loads(answer.body).keys() == {"detail"}
    assert b"example.com" not in answer.body


def test_a_webhook_is_answered_while_redis_is_dead_and_its_work_stays_due(tmp_path: Path) -> None:
    world = World(tmp_path)
    sender, tried = Sender("redis://127.0.0.1:1/0"), threading.Event()

    def send(handed: Iterable[Handed]) -> None:
        sender.send(handed)
        tried.set()

    services = replace(world.services, send=send)
    web = Web(world)
    web.app = FastAPI()
    web.app.include_router(hooks.router(services, SECRET, Waker(services).wake))

    assert web.send(form(ORDER)).status == 204

    assert web.stored() == 1
    assert tried.wait(30)
    world.wait(policy.HANDED.total_seconds())
    assert [item.step for item in work.hand_out(world.services)] == ["intake.absorb"]
    world.store.close()
