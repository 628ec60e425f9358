"""A twin can be told to misbehave: rules say which calls fail, how, how often and with what likelihood.

A rule as JSON::

    {"match": {"operation": "dispatch", "path": "^/restapi/", "caller": "calder"},
     "do": "latency", "value": 0.5, "times": 3, "probability": 1}

``caller`` is the user name the call comes with, by password or by token; Virtualstock knows a retailer by it.

=============  ====================================================  ===========================
``do``         what happens                                          ``value``
=============  ====================================================  ===========================
latency        the request is looked at later                        seconds (1)
late           it is carried out at once, its answer comes later     seconds (1)
status         an HTTP status; ``body`` is its text; nothing done    status code (500)
status_after   the same, after the request was carried out           status code (502)
drop_before    the connection closes, nothing was done               -
drop_after     the request is carried out, then the connection closes  -
html           200 with an HTML page, nothing was done               -
truncate       the answer breaks off in the middle of its body       -
throttle       429 in the platform's form, nothing was done          seconds to wait (10)
down           503 without a usable body, nothing was done           -
=============  ====================================================  ===========================

Other words (``lose``, ``duplicate``, ``reorder``, ``delay`` for webhooks) belong to whoever calls `Faults.take`.
"""

import random
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass
class Rule:
    """One way to misbehave, and for which calls; `times` counts down, None lasts for ever."""

    do: str
    operation: str | None = None
    path: re.Pattern[str] | None = None
    caller: str | None = None
    value: Any = None
    body: str | None = None
    times: int | None = None
    probability: float = 1.0

    @classmethod
    def parse(cls, data: dict[str, Any]) -> "Rule":
        """A rule from its JSON form.

        :raises KeyError: ``do`` is missing.
        :raises re.error: ``match.path`` is not a regular expression.
        """
        match = data.get("match") or {}
        path = match.get("path")
        return cls(
            do=data["do"],
            operation=match.get("operation"),
            path=re.compile(path) if path else None,
            caller=match.get("caller"),
            value=data.get("value"),
            body=data.get("body"),
            times=data.get("times"),
            probability=float(data.get("probability", 1)),
        )

    def matches(self, operation: str | None, path: str, caller: str | None = None) -> bool:
        """True when the rule is about this call. A GraphQL call has several root fields, joined by commas."""
        if self.operation is not None and self.operation not in (operation or "").split(","):
            return False
        if self.caller is not None and self.caller != caller:
            return False
        return self.path is None or self.path.search(path) is not None

    def number(self, default: float) -> float:
        """The rule's value as a number."""
        return default if self.value is None else float(self.value)


class Faults:
    """The rules of one twin, safe to change while calls are being served."""

    def __init__(self, seed: int = 0) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._random = random.Random(seed)

    def replace(self, rules: Sequence[dict[str, Any]]) -> None:
        """Replaces all rules by these."""
        parsed = [Rule.parse(rule) for rule in rules]
        with self._lock:
            self._rules = parsed

    def clear(self) -> None:
        """The twin behaves again."""
        with self._lock:
            self._rules = []

    def take(self, operation: str | None, path: str = "", caller: str | None = None) -> list[Rule]:
        """The rules that strike this call, each counted as used once."""
        if not self._rules:
            return []
        with self._lock:
            struck = []
            for rule in self._rules:
                if rule.times == 0 or not rule.matches(operation, path, caller):
                    continue
                if rule.probability < 1 and self._random.random() >= rule.probability:
                    continue
                if rule.times is not None:
                    rule.times -= 1
                struck.append(rule)
            return struck
