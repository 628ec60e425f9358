"""A list ends where its ``next`` ends, whatever ``count`` says, and a list that never ends is left in time.

Virtualstock API docs: pagination. Of a ``next`` link only ``offset`` and ``limit`` are taken; its host is theirs to
name and ours to ignore.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog

from integration.problems import TryAgain

MOST_PAGES = 1000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Page:
    """Rows of one request; `following` is the (offset, limit) of the next one, None on the last page."""

    rows: list[dict[str, Any]]
    following: tuple[int, int] | None


Fetch = Callable[[int, int], Any]
"""(offset, limit) → the JSON of that page."""


def page_of(data: Any, offset: int, limit: int) -> Page:
    """Read an envelope or a bare array that was asked for by `offset` and `limit`.

    :raises TryAgain: it is neither, so it must not be taken for an empty list.
    """
    if isinstance(data, list):
        return Page(_objects(data), None)
    if not isinstance(data, dict) or not isinstance(data.get("results"), list):
        raise TryAgain("Virtualstock answered a list request without a list")
    rows = _objects(data["results"])
    return Page(rows, _following(data.get("next"), offset + len(rows), limit))


def pages(fetch: Fetch, *, limit: int, offset: int = 0) -> Iterator[Page]:
    """Every page from `offset` on; stops at a page that repeats, leads backwards or is number 1,001.

    :raises TryAgain: a page is no list; also whatever `fetch` raises.
    """
    seen: list[dict[str, Any]] | None = None
    for _ in range(MOST_PAGES):
        page = page_of(fetch(offset, limit), offset, limit)
        if page.rows and page.rows == seen:
            _log.warning("virtualstock_list_repeats_itself", offset=offset)
            return
        yield page
        if page.following is None:
            return
        if page.following[0] <= offset:
            _log.warning("virtualstock_list_leads_backwards", offset=offset, following=page.following[0])
            return
        seen = page.rows
        offset, limit = page.following
    _log.warning("virtualstock_list_has_no_end", pages=MOST_PAGES)


def _objects(rows: list[Any]) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)]


def _following(link: Any, offset: int, limit: int) -> tuple[int, int] | None:
    if not isinstance(link, str) or not link:
        return None
    try:
        query = parse_qs(urlsplit(link).query)
    except ValueError:
        query = {}
    return _number(query, "offset", offset), _number(query, "limit", limit) or limit


def _number(query: dict[str, list[str]], name: str, default: int) -> int:
    text = query.get(name, [""])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
