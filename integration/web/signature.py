"""Only what Centra signed, and signed just now, gets in."""

import hashlib
import hmac

REPLAY_WINDOW = 300
"""Seconds a signature is good for, to either side of our clock. Centra names none; five minutes is customary."""


def verify(header: str | None, body: bytes, secret: str, now: float) -> str | None:
    """The reason why a request must be refused, or None.

    :param header: ``X-Centra-Signature``: ``t=<unix seconds>,v1=<hex>`` (Centra docs: Webhooks, signature).
    :param body: the bytes as received; re-encoding a parsed body would change them.
    """
    parts = dict(part.strip().partition("=")[::2] for part in (header or "").split(","))
    stamp, given = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 13 and given):
        return "the signature is missing or unreadable"
    wanted = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        return "the signature does not fit the body"
    if abs(now - int(stamp)) > REPLAY_WINDOW:
        return "the signature is too old or from the future"
    return None
