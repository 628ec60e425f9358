"""An operation of the Integration API comes back as its data, or as a failure; HTTP 200 alone proves nothing."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests
import structlog
from pydantic import ValidationError

from integration.centra.queries import Operation
from integration.centra.retry_after import seconds_to_wait
from integration.centra.schema import Read
from integration.http import Answer, Gate, Platform, call, excerpt, refused
from integration.lanes import Lane
from integration.problems import LookFirst, Refused, TryAgain

log = structlog.get_logger(__name__)
Row = TypeVar("Row", bound=Read)
Id = TypeVar("Id", int, str)

NAME = "Centra"
NO_PERMISSION = "authorization"
"""`Refused.code` of a token that is invalid, expired or lacks a permission."""
_UNKNOWN_OUTCOME = frozenset({"internal", None})
_REMARKS_KEPT = 1_000
LESSER_FOR = 3600.0
"""Seconds after which a refused query is tried in full again, so that granting a permission needs no restart."""


class GraphQL:
    """The Integration API behind one token. Centra docs: Integration API, authorization and schema."""

    def __init__(
        self,
        session: requests.Session,
        url: str,
        token: str,
        gate: Gate,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._gate = gate
        self._platform = Platform(NAME, wait=wait_of, refusal=_refusal)
        self._costs: dict[tuple[str, object], float] = {}
        self._remarks: set[str] = set()
        self._clock = clock
        self._lesser_until: dict[str, float] = {}

    def run(self, operation: Operation, variables: Mapping[str, object], *, lane: Lane) -> Any:
        """What stands under the operation's root field.

        Centra docs: Integration API, handling errors.

        :raises TryAgain: a query came to nothing. :raises LookFirst: a mutation may have been carried out.
        :raises Refused: no permission (`code` is `NO_PERMISSION`), an invalid document, or `userErrors`.
        """
        lesser = operation.lesser
        if lesser is None:
            return self._ask(operation, variables, lane)
        if self._clock() < self._lesser_until.get(operation.root, 0):
            return self._ask(lesser, variables, lane)
        try:
            return self._ask(operation, variables, lane)
        except Refused as refusal:
            # How Centra points at the field it denies is not documented, so trying is the only proof.
            found = self._ask(lesser, variables, lane)
            log.warning("centra shows us less than we ask for", operation=operation.root, why=refusal.reason)
        self._lesser_until[operation.root] = self._clock() + LESSER_FOR
        return found

    def _ask(self, operation: Operation, variables: Mapping[str, object], lane: Lane) -> Any:
        # Centra keeps its formula to itself; all that is known is that a longer page costs more.
        kind = (operation.text, variables.get("limit"))
        reserved = self._costs.get(kind, operation.complexity)
        charges = {"requests": 1.0, "complexity": reserved}
        if operation.mutation:
            charges["mutations"] = 1.0
        answer = call(
            self._session, self._gate, lane, "POST", self._url,
            platform=self._platform, safe=not operation.mutation, charges=charges, headers=self._headers,
            body={"query": operation.text, "variables": variables},
        )
        document = answer.data if isinstance(answer.data, dict) else {}
        extensions = document.get("extensions")
        if isinstance(extensions, dict):
            self._settle(kind, reserved, extensions.get("complexity"))
            for key in ("deprecatedFieldsUsed", "deprecatedPermissionsUsed"):
                self._remark(key, operation, extensions.get(key))
        doubt = LookFirst if operation.mutation else TryAgain
        if errors := document.get("errors"):
            raise _failure(errors, doubt)
        data = document.get("data")
        found = {root: data.get(root) if isinstance(data, dict) else None for root in operation.roots}
        for root, payload in found.items():
            if payload is None:
                raise doubt(f"{NAME} answered without {root}")
            if operation.mutation:
                self._check_payload(operation, root, payload)
        return found[operation.root]

    def _settle(self, kind: tuple[str, object], reserved: float, complexity: object) -> None:
        if isinstance(complexity, int | Decimal):
            self._costs[kind] = cost = float(complexity)
            self._gate.settle({"complexity": cost - reserved})

    def _check_payload(self, operation: Operation, root: str, payload: object) -> None:
        if not isinstance(payload, dict):
            raise LookFirst(f"{NAME} did not say whether {root} worked")
        self._remark("userWarnings", operation, _messages(payload.get("userWarnings")))
        if errors := _messages(payload.get("userErrors")):
            raise Refused(f"{NAME} refused {root}: {'; '.join(errors)}")

    def _remark(self, kind: str, operation: Operation, texts: object) -> None:
        """Log each distinct remark once, or a sweep would repeat it a thousand times."""
        for text in texts if isinstance(texts, list) else ():
            remark = f"{kind}: {excerpt(str(text))}"
            if remark not in self._remarks and len(self._remarks) < _REMARKS_KEPT:
                self._remarks.add(remark)
                log.warning("centra remarks", kind=kind, operation=operation.root, text=excerpt(str(text)))


def rows(model: type[Row], raw: object) -> list[Row]:
    """`raw` as a list of `model`.

    :raises Refused: a field that we cannot do without is missing or of another type; names it, never its value.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise Refused(f"{NAME} answered something else than a list of {model.__name__}")
    try:
        return [model.model_validate(row) for row in raw]
    except ValidationError as error:
        fields = sorted({".".join(str(part) for part in each["loc"]) for each in error.errors()})
        raise Refused(f"A {model.__name__} of {NAME} cannot be read: {', '.join(fields)}") from None


def chunks(ids: Sequence[Id], size: int) -> Iterator[list[Id]]:
    """`ids` in lists of at most `size`, in order."""
    for start in range(0, len(ids), size):
        yield list(ids[start:start + size])


def wait_of(answer: Answer) -> float:
    """Seconds that a 429 asks for; counted from the answer's own Date, so that skewed clocks do no harm."""
    try:
        now = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        now = datetime.now(UTC)
    return seconds_to_wait(answer.headers.get("Retry-After"), now if now.tzinfo else now.replace(tzinfo=UTC))


def _refusal(answer: Answer) -> Refused:
    code = NO_PERMISSION if answer.status in {401, 403} else None
    errors = answer.data.get("errors") if isinstance(answer.data, dict) else None
    if not errors:
        return refused(NAME, answer, code=code)
    return Refused(f"{NAME} answered {answer.status}: {'; '.join(_messages(errors))}", status=answer.status, code=code)


def _failure(errors: object, doubt: type[TryAgain | LookFirst]) -> TryAgain | LookFirst | Refused:
    entries = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    categories = [_category(entry) for entry in entries]
    reason = f"{NAME}: {'; '.join(_messages(errors)) or 'errors without words'}"
    if NO_PERMISSION in categories:
        return Refused(reason, code=NO_PERMISSION)
    if not categories or _UNKNOWN_OUTCOME.intersection(categories):
        return doubt(reason)
    return Refused(reason, code=categories[0])


def _category(error: Mapping[str, object]) -> str | None:
    extensions = error.get("extensions")
    category = extensions.get("category") if isinstance(extensions, dict) else None
    return category if isinstance(category, str) else None


def _messages(entries: object) -> list[str]:
    """The sentences of `errors`, `userErrors` or `userWarnings`, with the path where there is one."""
    sentences = []
    for entry in entries if isinstance(entries, list) else ():
        message = entry.get("message") if isinstance(entry, dict) else entry
        path = entry.get("path") if isinstance(entry, dict) else None
        where = f" (at {'.'.join(str(step) for step in path)})" if isinstance(path, list) and path else ""
        sentences.append(excerpt(str(message)) + where)
    return sentences
