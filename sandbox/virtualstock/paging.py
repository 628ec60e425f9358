"""Lists come in pages, with links as Django REST framework's limit/offset style writes them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from sandbox.http import Request, Response, json_response

Row = TypeVar("Row")


def page(
    request: Request, rows: Sequence[Row], show: Callable[[Row], dict[str, Any]], *, default_limit: int,
    count: int | None = None, repeat: bool = False,
) -> Response:
    """One page of `rows` in the envelope.

    :param count: reported instead of the true number.
    :param repeat: the page's first row comes a second time at its end.
    """
    limit = _number(request.parameters.get("limit"), default_limit, least=1)
    offset = _number(request.parameters.get("offset"), 0, least=0)
    results = [show(row) for row in rows[offset: offset + limit]]
    if repeat and results:
        results.append(results[0])
    following = _link(request, limit, offset + limit) if offset + limit < len(rows) else None
    previous = _link(request, limit, offset - limit) if offset > 0 else None
    return json_response(
        {"count": len(rows) if count is None else count, "next": following, "previous": previous, "results": results}
    )


def base(request: Request) -> str:
    """Scheme and host as the caller wrote them."""
    return f"http://{request.headers.get('host', '127.0.0.1')}"


def echo_format(request: Request) -> str:
    """What links of the products, customers and suppliers families repeat of the request."""
    return "?format=json" if request.parameters.get("format") == "json" else ""


def _link(request: Request, limit: int, offset: int) -> str:
    query = dict(request.parameters) | {"limit": str(limit)}
    query.pop("offset", None)
    if offset > 0:
        query["offset"] = str(offset)
    return f"{base(request)}{request.path}?{urlencode(sorted(query.items()))}"


def _number(text: str | None, default: int, *, least: int) -> int:
    """The framework falls back to the default in silence."""
    try:
        number = int(text or "")
    except ValueError:
        return default
    return number if number >= least else default
