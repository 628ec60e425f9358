"""Programs do under /api/v1 what people do in the console: by the same flows, with the same roles, with a token."""

from fastapi import Depends, FastAPI, Security
from fastapi.security import HTTPBearer

from integration.people import Person, Role
from integration.services import Services
from integration.web import access, api_exceptions, api_mappings, api_status, api_subjects, errors
from integration.web.api_models import FAILURES, Me
from integration.web.part import Part

PARTS: tuple[Part, ...] = (api_status, api_exceptions, api_mappings, api_subjects)
"""The modules of the API, each with ``router(services)``."""
TOKEN = Security(HTTPBearer(auto_error=False, description="a token of CONSOLE_TOKENS"))
"""Only describes the token in the OpenAPI document; `access.needs` is what asks for it."""


def application(services: Services, doors: access.Access) -> FastAPI:
    """The API, to be mounted at /api/v1; its description is at /api/v1/openapi.json."""
    app = FastAPI(
        title="Centra and Virtualstock", version="1", docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        dependencies=[TOKEN], responses=FAILURES,
    )  # fmt: skip
    app.state.access = doors
    errors.register(app, pages=False)

    @app.get("/me", summary="Whose token this is")
    def me(person: Person = Depends(access.needs(Role.VIEWER))) -> Me:  # noqa: B008 - a dependency of FastAPI
        return Me(name=person.name, role=person.role)

    for part in PARTS:
        app.include_router(part.router(services))
    return app
