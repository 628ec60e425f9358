"""A message reaches the channel that a team named, or says in one sentence why it did not.

Apprise knows the senders: e-mail, Slack, Microsoft Teams, PagerDuty, any webhook, and a hundred more. A channel is a
name; the address behind it, which holds passwords, is the setting ``ALERT_<NAME>_URL``.
"""

from collections.abc import Mapping
from typing import Protocol

import apprise
import structlog
from pydantic import SecretStr

TITLE_LENGTH, BODY_LENGTH = 200, 4_000
"""Letters at most. A sentence quotes what a platform answered, and a channel may refuse a message for its size."""

log = structlog.get_logger(__name__)


class NotSent(Exception):
    """A channel did not take a message.

    :param reason: one sentence for a person, free of secrets.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Notify(Protocol):
    """Whatever brings a message to a channel."""

    def send(self, channel: str, title: str, body: str, page: str) -> None:
        """Send plain text.

        :param page: path of the page of the console that it is about.
        :raises NotSent: the channel did not take it, or nobody can tell whether it did.
        """


class Channels:
    """The channels that have an address.

    :param urls: Apprise URL by channel.
    :param console: where people reach the console; None: messages name no page.
    """

    def __init__(self, urls: Mapping[str, SecretStr], console: str | None = None) -> None:
        self._urls, self._console = urls, console

    def send(self, channel: str, title: str, body: str, page: str) -> None:
        """See `Notify.send`."""
        if channel not in self._urls:
            raise NotSent(f"{variable(channel)} is not set")
        sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="cvsync", app_desc="Centra and Virtualstock"))
        if not sender.add(self._urls[channel].get_secret_value()):
            raise NotSent(f"{variable(channel)} is no address that Apprise knows")
        link = f"\n{self._console}{page}" if self._console else ""
        whole = body[: BODY_LENGTH - len(link)] + link
        try:
            taken = sender.notify(
                title=_one_line(title)[:TITLE_LENGTH], body=whole, body_format=apprise.NotifyFormat.TEXT
            )
        except Exception as error:
            # A sender of a library must not end the round: other channels wait behind this one.
            raise NotSent(f"its sender failed ({type(error).__name__})") from error
        if not taken:
            raise NotSent(f"the service behind {variable(channel)} did not take it; the log of the worker says why")


class Printed:
    """No channel has an address: what would be sent is a line of the log."""

    def send(self, channel: str, title: str, body: str, page: str) -> None:
        """See `Notify.send`."""
        log.warning("alert", channel=channel, title=_one_line(title), body=body, page=page)


def variable(channel: str) -> str:
    """The setting that holds the address of a channel."""
    return f"ALERT_{channel.upper().replace('-', '_')}_URL"


def _one_line(text: str) -> str:
    # A title becomes a header of an e-mail.
    return " ".join(text.split())
