"""What leaves the process as a log line or an error report holds no secret and no personal data.

One redaction serves both ways out. It knows names of keys, forms of text (e-mail addresses, tokens, addresses with a
password) and the very values handed to `hide`.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TextIO, cast

import sentry_sdk
import structlog
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint
from structlog.types import EventDict, Processor, WrappedLogger

if TYPE_CHECKING:
    from sentry_sdk._types import DataCollectionUserOptions

HIDDEN = "[hidden]"
DEEPEST = 12
"""Levels of nesting that are looked into; what lies deeper is hidden as a whole."""
SHORTEST_SECRET = 6
"""Characters; shorter values handed to `hide` would tear holes into ordinary words."""

_PERSONAL = (
    "(?:full|first|last|given|family|customer|contact|recipient|company)_?name|surname|e_?mail|phone(?:_?number)?"
    r"|telephone|mobile|address(?:_?line)?(?:_?\d)?|line_?\d|street|city|county|post_?code|postal_?code|zip(?:_?code)?"
)
_SECRET = (
    "authorization|token|jwt|password|passwd|pwd|secret|cookies?|api_?key|private_key|access_key|session_?id|signature"
    "|dsn|basic_auth"
)
_SENSITIVE_KEY = re.compile(rf"(?:.*_)?(?:{_PERSONAL}|{_SECRET})(?:_.*)?|name|key|auth")
_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s,;&}\])"']+)"""
_QUOTED = r"""(?:"[^"]*"|'[^']*')"""
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Bounded repetitions: a body of a megabyte without an "@" must not cost the square of its length.
    (re.compile(r"://[^\s/@]{1,256}@"), f"://{HIDDEN}@"),
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), HIDDEN),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"\b(bearer|basic)\s+(?!realm)[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(rf"""((?:{_SECRET})["']?\s*[:=]\s*){_VALUE}""", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(rf"""(["'](?:\w*_)?(?:{_PERSONAL}|name)["']\s*:\s*){_VALUE}""", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(rf"""(\b(?:\w*_)?(?:{_PERSONAL}|name)\s*=\s*){_QUOTED}""", re.IGNORECASE), rf"\1{HIDDEN}"),
)
_PLAIN = (bool, int, float, Decimal, datetime, date, timedelta, type(None))
_OF_THE_SDK = ("sdk", "modules", "debug_meta")
"""Parts of an error report that the SDK writes about itself; their "name" is the name of a package."""
_COLLECT_NOTHING: "DataCollectionUserOptions" = {
    "user_info": False,
    "cookies": {"mode": "off"},
    "http_headers": {"request": {"mode": "off"}},
    "http_bodies": [],
    "url_query_params": {"mode": "off"},
    "graphql": {"document": False, "variables": False},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
}
"""What the SDK may gather by itself; it replaces the older ``send_default_pii=False``, which warns since 2.75."""

_hidden_values: set[str] = set()


def hide(*secrets: str) -> None:
    """From now on these very values appear nowhere, in whatever form they are logged or reported."""
    _hidden_values.update(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)


def redact(value: object, depth: int = 0) -> Any:
    """A copy without secrets and personal data; an object of an unknown type becomes its redacted `repr`."""
    if isinstance(value, _PLAIN):
        return value
    if depth > DEEPEST:
        return HIDDEN
    if isinstance(value, str):
        return _redact_text(value)
    if isinstance(value, Mapping):
        return {
            redact(key): HIDDEN if _is_sensitive(key) and inner is not None else redact(inner, depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(inner, depth + 1) for inner in value]
    return _redact_text(repr(value))


def configure(level: str = "INFO", form: Literal["text", "json"] | None = None, stream: TextIO | None = None) -> None:
    """Sends all logs of this process, structlog's and the standard library's alike, to standard error.

    :param level: ``DEBUG`` to ``CRITICAL``.
    :param form: None means text on a terminal and JSON everywhere else.
    """
    stream = stream or sys.stderr
    as_text = form == "text" or (form is None and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(as_text, colors=stream.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Its debug lines repeat whole addresses with their queries for every call.
    logging.getLogger("urllib3").setLevel(logging.INFO)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.contextvars.merge_contextvars, _to_record],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def setup_sentry(dsn: str | None, environment: str, *, transport: type[Transport] | None = None) -> None:
    """Reports errors to Sentry, redacted and without local variables, bodies or user; no `dsn` means off."""
    if not dsn:
        return
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        transport=transport,
        data_collection=_COLLECT_NOTHING,
        max_request_body_size="never",
        before_send=_before_send,
        before_breadcrumb=_before_breadcrumb,
        # Our trace headers are no business of the platforms we call.
        trace_propagation_targets=[],
        # The timetable is judged by finished work; Sentry's cron monitors would need every worker's clock.
        integrations=[CeleryIntegration(monitor_beat_tasks=False)],
    )


def _formatter(as_text: bool, *, colors: bool) -> logging.Formatter:
    renderer: Processor = structlog.processors.JSONRenderer()
    if as_text:
        # The default formatter of exceptions prints local variables.
        renderer = structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_fields_of_record],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_entry,
            renderer,
        ],
    )


def _to_record(_: WrappedLogger, __: str, entry: EventDict) -> tuple[tuple[object], dict[str, Any]]:
    """A structlog call as a plain log record, so that Sentry's logging integration sees its text and its exception.

    The fields travel under one name: a field called like an attribute of a record must not raise.
    """
    exc_info = entry.pop("exc_info", None)
    text = entry.pop("event", "")
    return (text,), {"exc_info": exc_info, "extra": {"fields": dict(entry)}}


def _fields_of_record(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    record: logging.LogRecord = entry["_record"]
    fields: Mapping[str, object] = getattr(record, "fields", {})
    entry.update({key: value for key, value in fields.items() if key not in entry})
    entry["level"] = record.levelname.lower()
    entry["logger"] = record.name
    return entry


def _redact_entry(_: WrappedLogger, __: str, entry: EventDict) -> EventDict:
    return cast("MutableMapping[str, Any]", redact(entry))


def _before_send(event: Event, _: Hint) -> Event:
    parts = cast("dict[str, Any]", event)
    parts.pop("user", None)
    kept = {part: parts[part] for part in _OF_THE_SDK if part in parts}
    return cast("Event", {**redact(parts), **kept})


def _before_breadcrumb(crumb: dict[str, Any], _: Hint) -> dict[str, Any]:
    return cast("dict[str, Any]", redact(crumb))


def _is_sensitive(key: object) -> bool:
    words = _WORD_BOUNDARY.sub("_", str(key)).strip("_").lower()
    return _SENSITIVE_KEY.fullmatch(words) is not None


def _redact_text(text: str) -> str:
    for secret in _hidden_values:
        text = text.replace(secret, HIDDEN)
    for pattern, replacement in _FORMS:
        text = pattern.sub(replacement, text)
    return text
