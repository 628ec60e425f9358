"""Every refusal of Virtualstock, in whichever form it travels, becomes one sentence and at most one code.

Sentences are for people: they may change unannounced (Virtualstock API docs: breaking changes). Decisions rest on the
HTTP status, on `code` and on a look at the order; the one sentence that is read is how long a throttle lasts.
"""

import re
from collections.abc import Iterator
from typing import Any

from integration.http import Answer, Platform, excerpt
from integration.problems import Failure, Refused, TryAgain

NAME = "Virtualstock"
PRODUCT_NOT_FOUND = "PRODUCT_NOT_FOUND"
LOCK_WAIT = 180.0
"""Seconds to leave a product alone while it is being published; the docs say "every few minutes"."""
WHOLE_WINDOW = 60.0
"""Seconds to wait when a throttle does not say how long: the limit counts per minute."""
_LONGEST_WAIT = 3600.0
_AVAILABLE_IN = re.compile(r"available in\s+([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*second", re.IGNORECASE)
_SECONDS = re.compile(r"\s*[0-9]{1,9}(\.[0-9]{1,9})?\s*")
_LONE_CODE = re.compile(r"\s*([A-Z]+(?:_[A-Z]+)+)\s*")
_DEEPEST = 5
_NO_FIELDS = frozenset({"detail", "error", "code", "non_field_errors"})


def throttle_seconds(answer: Answer) -> float:
    """Seconds until the next request may be made: the longer of the sentence and ``Retry-After``, 1 s to 1 h.

    Virtualstock API docs: rate limits. The sentence comes as plain text or as JSON; the header may be missing.
    """
    found = [float(seconds) for seconds in _AVAILABLE_IN.findall(answer.text)]
    header = answer.headers.get("Retry-After", "")
    if _SECONDS.fullmatch(header):
        found.append(float(header))
    return min(max(1.0, *found), _LONGEST_WAIT) if found else WHOLE_WINDOW


def refusal(answer: Answer) -> Failure:
    """The refusal in `answer`: their sentence for people, their `code` where they sent one."""
    sentence = _sentence(answer.data) or answer.text
    return Refused(f"{NAME} answered {answer.status}: {excerpt(sentence)}", status=answer.status, code=_code(answer))


def stock_refusal(answer: Answer) -> Failure:
    """As `refusal`, with what the stock call adds: 409 is a lock that ends by itself, 404 an unknown product.

    A 404 that is no JSON says that the address is wrong, not that the product is gone, and gets no code.
    """
    failure = refusal(answer)
    if answer.status == 409:
        return TryAgain(failure.reason, wait=LOCK_WAIT)
    if answer.status == 404 and isinstance(answer.data, dict):
        return Refused(failure.reason, status=404, code=_code(answer) or PRODUCT_NOT_FOUND)
    return failure


def data_refusal(answer: Answer) -> Failure:
    """As `stock_refusal`, with the attributes that a 400 names, each with what they said of it.

    How such a body is wrapped is published nowhere: under ``data``, bare, or one sentence, which names no attribute.
    """
    failure = stock_refusal(answer)
    if not isinstance(failure, Refused) or answer.status != 400:
        return failure
    return Refused(failure.reason, status=400, code=failure.code, fields=_fields(answer.data))


VIRTUALSTOCK = Platform(NAME, wait=throttle_seconds, refusal=refusal)
VIRTUALSTOCK_STOCK = Platform(NAME, wait=throttle_seconds, refusal=stock_refusal)
VIRTUALSTOCK_DATA = Platform(NAME, wait=throttle_seconds, refusal=data_refusal)


def _fields(data: Any) -> dict[str, str]:
    if not isinstance(data, dict):
        return {}
    inner = data["data"] if isinstance(data.get("data"), dict) else data
    named = {name: "; ".join(_messages(value, "", 0)) for name, value in inner.items() if name not in _NO_FIELDS}
    return {excerpt(str(name)): excerpt(said) for name, said in named.items() if said}


def _code(answer: Answer) -> str | None:
    return next(_codes(answer.text if answer.data is None else answer.data, 0), None)


def _codes(data: Any, depth: int) -> Iterator[str]:
    """Codes in any form: beside a sentence under ``code``, however deep, or alone in the sentence's place.

    The docs list codes without the body that carries them; one that is overlooked is a case for a person.
    """
    if isinstance(data, str):
        if alone := _LONE_CODE.fullmatch(data):
            yield alone.group(1)
    elif depth < _DEEPEST and isinstance(data, dict | list):
        if isinstance(data, dict) and isinstance(data.get("code"), str) and data["code"]:
            yield data["code"]
        for value in data.values() if isinstance(data, dict) else data:
            yield from _codes(value, depth + 1)


def _sentence(data: Any) -> str:
    if isinstance(data, dict):
        for key in ("detail", "error"):
            if isinstance(data.get(key), str):
                return str(data[key])
    return "; ".join(_messages(data, "", 0))


def _messages(data: Any, path: str, depth: int) -> list[str]:
    """Nested field errors as ``items[1].carrier: This field is required.``"""
    if isinstance(data, str):
        return [f"{path}: {data}" if path else data]
    if depth == _DEEPEST:
        return []
    if isinstance(data, dict):
        return [each for key, value in data.items() for each in _messages(value, f"{path}.{key}".strip("."), depth + 1)]
    if isinstance(data, list):
        return [
            each
            for position, value in enumerate(data)
            for each in _messages(value, path if isinstance(value, str) else f"{path}[{position}]", depth + 1)
        ]
    return []
