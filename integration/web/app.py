"""One web process, behind any reverse proxy: webhooks and health for machines, the console for people, an API."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI, Response
from limits.storage import RedisStorage, Storage
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from integration import settings as settings_module
from integration import telemetry, wiring
from integration.services import Services
from integration.settings import Settings
from integration.web import access, api, console, errors, hooks, metrics, oidc, render
from integration.web.console import login
from integration.web.headers import Guarded
from integration.web.limits import Tries
from integration.web.users import Users
from integration.web.wake import Waker
from integration.web.watchman import Watchman

STATIC = Path(__file__).parent / "static"


def create() -> ASGIApp:
    """The application of this process, from the environment."""
    settings = settings_module.load()
    telemetry.configure(settings.log_level, settings.log_format)
    telemetry.hide(*settings.secrets())
    telemetry.setup_sentry(settings.sentry_dsn, settings.sentry_environment)
    services = wiring.services()
    app = FastAPI(title="Centra and Virtualstock", docs_url=None, redoc_url=None, openapi_url=None)
    waker = Waker(services)
    Watchman(services).start()
    app.include_router(hooks.router(services, settings.centra_webhook_secret.get_secret_value(), waker.wake))
    _add_health(app, services)
    token = settings.metrics_token
    app.include_router(metrics.router(services, token.get_secret_value() if token else None))
    people, programs = settings.console_logins(), settings.console_programs()
    keys = [*settings.secrets(), *(each.hash for each in (*people, *programs))]
    doors = access.Access(Users(people, programs), keys, services.now)
    tries = Tries(lambda: _shared(settings))
    add_console(app, services, doors, tries, _provider(settings), flower=settings.flower_address)
    return Guarded(app)


def add_console(
    app: FastAPI, services: Services, doors: access.Access, tries: Tries, provider: oidc.Provider | None = None,
    **everywhere: Any,
) -> None:
    """Give `app` the console, the API and its way of failing. `everywhere`: see `render.setup`."""
    app.state.access = doors
    render.setup(app, services.now, services.centra_zone, **everywhere)
    errors.register(app, pages=True)
    app.mount("/static", StaticFiles(directory=STATIC), "static")
    app.mount(access.API, api.application(services, doors))
    app.include_router(login.router(services, tries, provider.given.name if provider else None))
    if provider:
        app.include_router(oidc.router(services, provider))
    for each in console.PAGES:
        app.include_router(each.router(services))


def _provider(settings: Settings) -> oidc.Provider | None:
    roles = settings.single_sign_on()
    if roles is None or not settings.oidc_issuer or not settings.oidc_client_id or not settings.oidc_client_secret:
        return None
    return oidc.Provider(oidc.Given(
        issuer=settings.oidc_issuer, client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(), scopes=settings.oidc_scopes,
        name=settings.oidc_name, name_claim=settings.oidc_name_claim, role_claim=settings.oidc_role_claim,
        roles=roles, console=settings.console_url,
    ))  # fmt: skip


def _shared(settings: Settings) -> Storage:
    pool = wiring.redis_client(wiring.redis_url(settings)).connection_pool
    return RedisStorage("redis://", connection_pool=pool, wrap_exceptions=True)


def _add_health(app: FastAPI, services: Services) -> None:
    @app.get("/healthz", include_in_schema=False)
    def lives() -> dict[str, str]:
        return {"status": "lives"}

    @app.get("/readyz", include_in_schema=False)
    def ready(response: Response) -> dict[str, bool]:
        answers = {"database": _database(services), "redis": services.broker_answers()}
        if not all(answers.values()):
            response.status_code = 503
        return answers


def _database(services: Services) -> bool:
    try:
        with services.store.read() as db:
            return bool(db.scalar(sa.select(1)) == 1)
    except sa.exc.SQLAlchemyError:
        return False
