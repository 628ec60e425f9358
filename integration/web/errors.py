"""Whatever goes wrong becomes a plain page for people and a JSON sentence for programs; neither shows our insides."""

from collections.abc import Iterable, Sequence

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from integration.web import access
from integration.web.render import page

TITLES = {
    400: "That cannot be read", 401: "Log in first", 403: "Not allowed", 404: "Nothing here",
    405: "Not possible", 413: "Too large", 409: "Not possible now", 422: "That cannot be used", 429: "Too many tries",
    500: "Something broke", 503: "Not available",
}  # fmt: skip
NOTHING_HERE = "There is no such page, or what it was about is gone."
UNUSABLE = "What was sent holds a character or a number that no record can have."
AWAY = "The database does not answer. Try again in a moment; nothing is lost."
BROKE = "It has been written down, and is not your fault. Try again; tell engineering if it stays."

log = structlog.get_logger(__name__)


def register(app: FastAPI, *, pages: bool) -> None:
    """Answer every failure of `app` with a page, or with JSON where `pages` is false."""
    answer = _page if pages else _json

    @app.exception_handler(HTTPException)
    def failed(request: Request, problem: HTTPException) -> Response:
        if problem.status_code < 400:
            return Response(status_code=problem.status_code, headers=problem.headers)
        plain = problem.status_code == 404 and problem.detail == "Not Found"
        response = answer(request, problem.status_code, NOTHING_HERE if plain else str(problem.detail))
        response.headers.update(problem.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, problem: RequestValidationError) -> Response:
        if pages:
            return answer(request, 422, "; ".join(_one_line(each) for each in problem.errors()))
        # What was sent is not sent back: it may be what nobody should see again, or too large.
        return _unusable([(each["loc"], each["msg"], each["type"]) for each in problem.errors()])

    @app.exception_handler(DataError)
    def impossible(request: Request, problem: DataError) -> Response:  # noqa: ARG001 - as every handler has it
        return answer(request, 422, UNUSABLE) if pages else _unusable([((), UNUSABLE, "value_error")])

    @app.exception_handler(OperationalError)
    def away(request: Request, problem: OperationalError) -> Response:
        log.warning("the database does not answer", path=request.url.path, why=type(problem.orig).__name__)
        return answer(request, 503, AWAY)

    @app.exception_handler(Exception)
    def broke(request: Request, problem: Exception) -> Response:
        log.error("a page broke", path=request.url.path, exc_info=problem)
        return answer(request, 500, BROKE)


def _page(request: Request, status: int, text: str) -> Response:
    if request.url.path.startswith(f"{access.API}/"):
        # The API has no such address, so that it never came to answer itself: one with a line break in it, say.
        return _json(request, status, text)
    title = TITLES.get(status, "Not possible")
    try:
        return page(request, "error.html", access.of(request).person(request), status, title=title, text=text)
    except Exception:
        log.exception("the page about a failure broke too")
        return Response(f"{title}. {text}", status, media_type="text/plain")


def _json(_: Request, status: int, text: str) -> Response:
    return JSONResponse({"detail": text}, status)


def _unusable(errors: Iterable[tuple[Sequence[int | str], str, str]]) -> Response:
    """A 422 in the shape that the description of the API gives it; an error is where, what and of which type."""
    named = [{"loc": where, "msg": what, "type": kind} for where, what, kind in errors]
    return JSONResponse({"detail": jsonable_encoder(named)}, 422)


def _one_line(error: dict[str, object]) -> str:
    where = error["loc"]
    name = str(where[-1]) if isinstance(where, tuple | list) and where else "the form"
    return f"{name}: {error['msg']}"
