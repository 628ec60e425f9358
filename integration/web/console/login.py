"""The way in and the way out: the same words for an unknown name and a wrong password, and never to another site."""

from functools import partial
from typing import Annotated

import structlog
from fastapi import APIRouter, BackgroundTasks, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from integration.flows import activity
from integration.people import Door, Person
from integration.services import Services
from integration.web import access
from integration.web.limits import Tries
from integration.web.render import page

WRONG = "Name or password is wrong."
TOO_MANY = "Too many tries. Wait five minutes."

Typed = Annotated[str, Form(max_length=2000)]
Next = Annotated[str, Form(alias="next", max_length=2000)]

log = structlog.get_logger(__name__)


def login_form(
    request: Request, status: int = 200, *, provider: str | None, wrong: str = "", name: str = "", back: str = "/"
) -> Response:
    """The page of the login. `wrong`: why the last try failed; `back`: where to go once somebody is in."""
    return page(
        request, "login.html", None, status, wrong=wrong, name=name, next=access.own_path(back), provider=provider,
        users=bool(access.of(request).users),
    )  # fmt: skip


def router(services: Services, tries: Tries, provider: str | None) -> APIRouter:
    """`provider` is what the button of the identity provider says, or None."""
    routes = APIRouter(include_in_schema=False)

    form = partial(login_form, provider=provider)

    @routes.get("/login")
    def show(request: Request, next: str = "/") -> Response:
        if access.of(request).person(request) is not None:
            return RedirectResponse(access.own_path(next), 303)
        return form(request, back=next)

    @routes.post("/login", dependencies=[Depends(access.ours)])
    def enter(
        request: Request, background: BackgroundTasks, name: Typed = "", password: Typed = "", back: Next = "/"
    ) -> Response:
        doors, address = access.of(request), request.client.host if request.client else ""
        if not tries.allowed(name, address):
            log.warning("too many tries to log in", address=address)
            return form(request, 429, wrong=TOO_MANY, name=name, back=back)
        person = doors.users.by_password(name, password)
        if person is None:
            log.warning("login refused", address=address)
            known = doors.users.role(name)
            if known is not None:
                # After the answer has left: it must not take longer for a name that somebody has.
                background.add_task(activity.came, services, Person(name, known, Door.CONSOLE), "was refused")
            return form(request, 401, wrong=WRONG, name=name, back=back)
        tries.forget(name, address)
        activity.came(services, person, "logged in")
        response = RedirectResponse(access.own_path(back), 303)
        doors.enter(request, response, person)
        return response

    @routes.post("/logout", dependencies=[Depends(access.ours)])
    def leave(request: Request) -> Response:
        person = access.of(request).person(request)
        if person is not None:
            activity.came(services, person, "logged out")
        response = RedirectResponse("/login", 303)
        access.of(request).leave(request, response)
        return response

    return routes
