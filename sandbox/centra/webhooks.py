"""The merchant's endpoints hear of changes by webhook: signed, in batches, at most a few times, and never for sure.

Centra docs: Centra Webhook plugin. Two plugins are installed: "Integration API" (orders and shipments) and "Storefront"
(ids of display items whose data or stock changed).
"""

import hashlib
import hmac
import http.client
import json
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.centra.clock import now, timestamp
from sandbox.centra.options import Options
from sandbox.faults import Faults


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of X-Centra-Signature: HMAC-SHA256 over ``<timestamp>.<raw body>``, in hex."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


@dataclass
class _Held:
    until: float
    body: bytes
    overtaken: bool
    """Goes out right after the next call."""


class WebhookSender:
    """Posts what gathered within a moment, from one thread of its own; `faults` can lose, repeat, swap and delay."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.faults = Faults()
        self.sent = self.failed = self.lost = 0
        self._events: list[dict[str, Any]] = []
        self._items: dict[int, None] = {}
        self._held: list[_Held] = []
        self._wake = threading.Condition()
        self._stopped = False
        self._connection: http.client.HTTPConnection | None = None
        self._thread = threading.Thread(target=self._run, name="sandbox-centra-webhooks", daemon=True)

    @property
    def handled(self) -> int:
        """Calls that were sent, given up, lost or held back so far."""
        return self.sent + self.failed + self.lost + len(self._held)

    def start(self) -> None:
        """Begins to post."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the call under way; what still waits is dropped, as the platform drops it."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=self.options.webhook_timeout + 1)

    def notify(self, kind: str, action: str, number: int) -> None:
        """Tells the Integration API endpoint about an order (by number) or a shipment (by id)."""
        if self.options.webhook_url and self.options.webhook_integration:
            date = now().astimezone(self.options.zone).strftime("%Y-%m-%d %H:%M:%S.%f")
            with self._wake:
                self._events.append({"type": kind, "action": action, "date": date, "id": number})
                self._wake.notify()

    def notify_display_item(self, item_id: int) -> None:
        """Tells the Storefront endpoint that a display item changed."""
        if self.options.webhook_url and self.options.webhook_storefront:
            with self._wake:
                self._items[item_id] = None
                self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._stopped or self._events or self._items or self._due()):
                    self._wake.wait(timeout=self._pause())
                if self._stopped:
                    self._disconnect()
                    return
            time.sleep(self.options.webhook_gather)
            for payload in self._gathered():
                self._dispatch(urlencode({"payload": json.dumps(payload, separators=(",", ":"))}).encode())
            self._release()

    def _due(self) -> bool:
        return any(held.until <= time.monotonic() for held in self._held)

    def _pause(self) -> float | None:
        return max(0.0, min(held.until for held in self._held) - time.monotonic()) if self._held else None

    def _release(self) -> None:
        moment = time.monotonic()
        ready = [held for held in self._held if held.until <= moment]
        self._held = [held for held in self._held if held.until > moment]
        for held in ready:
            self._post(held.body)

    def _gathered(self) -> list[dict[str, Any]]:
        with self._wake:
            events, self._events = self._events, []
            items, self._items = list(self._items), {}
        size = self.options.webhook_batch
        shown: list[Any] = [str(item) for item in items] if self.options.webhook_ids_as_strings else list(items)
        return [
            *({"events": events[start:start + size]} for start in range(0, len(events), size)),
            *({"DisplayItems": shown[start:start + size]} for start in range(0, len(shown), size)),
        ]

    def _dispatch(self, body: bytes) -> None:
        struck = {rule.do: rule for rule in self.faults.take("webhook")}
        if "lose" in struck:
            self.lost += 1
            return
        for word in ("delay", "reorder"):
            if word in struck:
                self._held.append(_Held(time.monotonic() + struck[word].number(1), body, word == "reorder"))
                return
        self._post(body)
        if "duplicate" in struck:
            self._post(body)
        for held in self._held:
            if held.overtaken:
                held.until = 0

    def _post(self, body: bytes) -> None:
        for attempt in range(self.options.webhook_retries + 1):
            if attempt:
                time.sleep(2.0 ** (attempt - 1))
            if self._post_once(body):
                self.sent += 1
                return
        self.failed += 1

    def _post_once(self, body: bytes) -> bool:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Centra-Signature": signature(self.options.webhook_secret, int(timestamp()), body),
        }
        address = urlsplit(self.options.webhook_url or "")
        fresh = self._connect(address.hostname or "", address.port or 80)
        try:
            assert self._connection is not None
            self._connection.request("POST", address.path or "/", body, headers)
            response = self._connection.getresponse()
            response.read()
            return 200 <= response.status < 300
        except (OSError, http.client.HTTPException) as error:
            self._disconnect()
            closed_while_idle = not fresh and not isinstance(error, TimeoutError)
            return closed_while_idle and self._post_once(body)

    def _connect(self, host: str, port: int) -> bool:
        if self._connection and (self._connection.host, self._connection.port) == (host, port):
            return False
        self._disconnect()
        self._connection = http.client.HTTPConnection(host, port, timeout=self.options.webhook_timeout)
        return True

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None
