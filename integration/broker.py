"""A message is a hint that work is due; sending one never fails and never waits long.

Celery carries *now* and nothing else. What is due later stands in the database, so any message may be lost.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import kombu.exceptions
import redis.exceptions
import structlog
from celery import Celery
from kombu import Queue

from integration.lanes import Lane
from integration.steps import STEPS
from integration.storage.work import Handed

CONTROL = "control"
"""The queue of sweeps and ticks: short, harmless to lose, taken by more than one kind of worker."""

log = structlog.get_logger(__name__)


def configuration(url: str) -> dict[str, Any]:
    """The Celery settings that senders and workers share."""
    url, primary = split_sentinel(url)
    return {
        "broker_url": url,
        # A queue per lane, so that the pool of workers for what is urgent can be scaled by itself.
        "task_queues": [Queue(name) for name in (CONTROL, *(lane.value for lane in Lane))],
        "task_default_queue": CONTROL,
        "task_create_missing_queues": False,
        "task_routes": {
            "sweep.*": {"queue": CONTROL},
            "timetable.*": {"queue": CONTROL},
            **{step.name: {"queue": step.lane.value} for step in STEPS.values()},
        },
        # Redelivery of what no worker acknowledged. Nothing waits in the broker, so it need not be the default hour.
        "broker_transport_options": {
            "visibility_timeout": 300,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            # Finds a half-open connection before the next message is waited for on it in vain.
            "health_check_interval": 25,
            **({"master_name": primary} if primary else {}),
        },
        # A hint is worth one short try: the sweep finds what could not be sent.
        "task_publish_retry": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        # Results are in the database; a result backend would only leak a subscription per task.
        "task_ignore_result": True,
        "task_send_sent_event": True,
    }


def split_sentinel(url: str) -> tuple[str, str | None]:
    """A Sentinel address without its ``?master_name=``, and that name; any other address as it is.

    Celery wants the name of the primary among its transport options, Redis settings write it in the address.
    """
    if not url.startswith("sentinel://"):
        return url, None
    address, _, query = url.partition("?")
    return address, dict(parse_qsl(query)).get("master_name", "mymaster")


class Sender:
    """Sends hints for work that was handed out."""

    def __init__(self, url: str) -> None:
        self._app = Celery("cvsync-sender", set_as_current=False)
        self._app.conf.update(configuration(url))

    def send(self, handed: Iterable[Handed]) -> None:
        """Send messages. One that cannot be sent is not missed: the item stays due and is handed out again."""
        for item in handed:
            try:
                self._app.send_task(item.step, kwargs={"subject": item.subject}, queue=item.lane.value)
            except (kombu.exceptions.OperationalError, redis.exceptions.RedisError, OSError) as error:
                log.warning("broker away", error=type(error).__name__)
                return
