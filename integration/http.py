"""Every request to a platform passes its quota and ends as an answer or as a failure that says what to do next.

A client builds one `Platform` (how that side says "wait" and "no") and one `requests.Session` by
`open_session`, then makes every request through `call`.
"""

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any, NoReturn, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from integration.lanes import Lane
from integration.problems import Failure, LookFirst, Refused, Throttled, TryAgain

ONE_REQUEST: Mapping[str, float] = MappingProxyType({"requests": 1})
TIMEOUT = (5.0, 15.0)
"""Seconds to connect, and seconds of silence while an answer is read."""
LONGEST_ANSWER = 60.0
"""Seconds until an answer that keeps trickling in is given up."""
LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes, counted after decompression."""
POOL = 32
GAVE_UP_WAITING = frozenset({408, 499})
"""Statuses that are 4xx by number, but say nothing about whether the request was carried out."""


class Gate(Protocol):
    """The shared quota of one platform credential, as clients see it (made by `integration.quota`)."""

    def take(self, lane: Lane, charges: Mapping[str, float] = ONE_REQUEST) -> None:
        """Spend `charges` before a request.

        :raises Throttled: nothing was spent; its `wait` says when to come back.
        """

    def settle(self, charges: Mapping[str, float]) -> None:
        """Spend afterwards what an answer turned out to cost; negative gives back."""

    def learn(self, levels: Mapping[str, tuple[float, float]]) -> None:
        """Take over the platform's own count: bucket name → (quota, remaining)."""

    def hold_off(self, seconds: float) -> None:
        """The platform answered 429: nobody calls it for so long."""

    def succeeded(self) -> None:
        """The platform is there: close the breaker."""

    def failed(self) -> None:
        """The platform did not answer as it should: count towards opening the breaker."""


@dataclass(frozen=True)
class Answer:
    """One complete answer. `data` is the JSON (numbers with a point are `Decimal`), None if there was none."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    data: Any = field(repr=False)

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", errors="replace")


@dataclass(frozen=True)
class Platform:
    """How one platform speaks.

    :param name: in sentences for people.
    :param wait: seconds to hold off, read from a 429.
    :param refusal: the failure that an answer of 3xx or 4xx means; None for `refused`.
    """

    name: str
    wait: Callable[[Answer], float]
    refusal: "Callable[[Answer], Failure] | None" = None


def open_session(url: str) -> requests.Session:
    """A session for the platform at `url`: pooled, without retries, cookies or the user's ``.netrc``."""
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=POOL, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = f"cvsync/{_our_version()}"
    session.headers["Accept"] = "application/json"
    session.auth = _LeaveAsIs()
    # A company's proxy leads out of the house; the twins are inside it.
    session.trust_env = urlsplit(url).hostname not in {"127.0.0.1", "localhost", "::1"}
    return session


def call(
    session: requests.Session,
    gate: Gate,
    lane: Lane,
    method: str,
    url: str,
    *,
    platform: Platform,
    safe: bool,
    charges: Mapping[str, float] = ONE_REQUEST,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str | int] | None = None,
    body: object = None,
    auth: AuthBase | tuple[str, str] | None = None,
    timeout: tuple[float, float] = TIMEOUT,
) -> Answer:
    """Make one request and return its 2xx answer; `body` is sent as JSON.

    :param safe: the call changes nothing over there, so an unknown outcome does no harm.
    :raises Throttled: our quota, the breaker or their 429 said when to come back.
    :raises TryAgain: nothing was sent, or the call was safe and came to nothing.
    :raises LookFirst: not safe, and it may have been carried out.
    :raises Refused: they answered 3xx or 4xx (or what the platform's `refusal` makes of it).
    """
    gate.take(lane, charges)
    doubt: type[TryAgain | LookFirst] = TryAgain if safe else LookFirst
    sent = dict(headers or {})
    content = None
    if body is not None:
        content = to_json(body).encode()
        sent["Content-Type"] = "application/json"
    try:
        with session.request(
            method, url, headers=sent, params=params, data=content, auth=auth,
            timeout=timeout, allow_redirects=False, stream=True,
        ) as response:
            answer = _read(response)
    except (requests.ConnectionError, requests.Timeout, HTTPError, _Unfit) as error:
        gate.failed()
        if _was_never_sent(error):
            raise TryAgain(f"{platform.name} could not be reached ({type(error).__name__})") from error
        raise doubt(f"The answer of {platform.name} was lost: {_lost(error)}") from error
    except (requests.RequestException, ValueError) as error:
        # The text of these quotes the header or address it is about, so it is not kept.
        raise Refused(f"A request to {platform.name} could not be built ({type(error).__name__})") from None
    return _sort(answer, gate, platform, doubt)


def refused(platform: str, answer: Answer, *, code: str | None = None) -> Refused:
    """The refusal that `answer` is, with the start of what they said."""
    return Refused(f"{platform} answered {answer.status}: {excerpt(answer.text)}", status=answer.status, code=code)


def excerpt(text: str) -> str:
    """The first 300 characters of what a platform said, without personal data, secrets or markup."""
    text = text[:4000].strip()
    if not text:
        return "nothing"
    if text.startswith("<"):
        return "a page of HTML"
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return " ".join(text.split())[:300]


def to_json(document: object) -> str:
    """`document` as JSON; a `Decimal` leaves with exactly its own digits."""
    if isinstance(document, Decimal):
        if not document.is_finite():
            raise ValueError("JSON has no number for NaN or infinity")
        return format(document, "f")
    if isinstance(document, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key))}:{to_json(value)}" for key, value in document.items()) + "}"
    if isinstance(document, list | tuple):
        return "[" + ",".join(to_json(value) for value in document) + "]"
    return json.dumps(document, allow_nan=False)


_MASKS = (
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*"), "<e-mail>"),
    (re.compile(r"(?<![\w.])(\+|0|\()[\d\s().-]{7,}\d"), "<phone>"),
    (re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b"), "<postcode>"),
    (re.compile(r"\b(Bearer|Basic)\s+\S+", re.IGNORECASE), "<secret>"),
)


class _Unfit(Exception):
    """The answer is too large, too slow, or not what its status promises."""


class _LeaveAsIs(AuthBase):
    """Keeps `requests` from replacing our Authorization by one found in a ``.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _our_version() -> str:
    try:
        return version("cvsync")
    except PackageNotFoundError:
        return "dev"


def _read(response: requests.Response) -> Answer:
    body = bytearray()
    deadline = time.monotonic() + LONGEST_ANSWER
    # read1 returns after every packet, so that even one byte every few seconds cannot hold a worker for ever.
    while chunk := response.raw.read1(64 * 1024, decode_content=True):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise _Unfit("it is larger than we read")
        if time.monotonic() > deadline:
            raise _Unfit("it did not come to an end")
    content = bytes(body)
    good = 200 <= response.status_code < 300
    return Answer(response.status_code, response.headers, content, _decode(content, response.headers, must=good))


def _decode(content: bytes, headers: Mapping[str, str], *, must: bool) -> Any:
    try:
        return json.loads(content, parse_float=Decimal) if content.strip() else None
    except (ValueError, RecursionError):
        if must and not headers.get("Content-Type", "").startswith("text/plain"):
            raise _Unfit("it is not JSON, or only part of it") from None
        return None


def _sort(answer: Answer, gate: Gate, platform: Platform, doubt: type[TryAgain | LookFirst]) -> Answer:
    if answer.status == 429:
        seconds = platform.wait(answer)
        gate.hold_off(seconds)
        raise Throttled(f"{platform.name} asks us to wait {seconds:.0f} s", wait=seconds)
    if answer.status >= 500 or answer.status in GAVE_UP_WAITING:
        gate.failed()
        raise doubt(f"{platform.name} answered {answer.status}: {excerpt(answer.text)}")
    # A clear "no" is an answer too: the platform is there, so it counts against the breaker, not towards it.
    gate.succeeded()
    if answer.status >= 300:
        _refuse(answer, platform)
    return answer


def _refuse(answer: Answer, platform: Platform) -> NoReturn:
    raise platform.refusal(answer) if platform.refusal else refused(platform.name, answer)


def _was_never_sent(error: BaseException) -> bool:
    never = (NewConnectionError, ConnectTimeoutError, requests.ConnectTimeout, ssl.SSLCertVerificationError)
    return any(isinstance(each, never) for each in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and everything it was raised from or wraps (urllib3 hides the cause in `reason` or in `args`)."""
    seen: set[int] = set()
    open_ = [error]
    while open_:
        each = open_.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        wrapped = (each.__cause__, getattr(each, "reason", None), *each.args)
        open_ += [inner for inner in wrapped if isinstance(inner, BaseException)]


def _lost(error: BaseException) -> str:
    return str(error) if isinstance(error, _Unfit) else type(error).__name__
