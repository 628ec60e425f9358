"""One web process, behind any reverse proxy: webhooks in, health out."""

import sqlalchemy as sa
from fastapi import FastAPI, Response

from integration import settings as settings_module
from integration import telemetry, wiring
from integration.services import Services
from integration.web import hooks
from integration.web.wake import Waker


def create() -> FastAPI:
    """The application of this process, from the environment."""
    settings = settings_module.load()
    telemetry.configure(settings.log_level, settings.log_format)
    telemetry.hide(*settings.secrets())
    telemetry.setup_sentry(settings.sentry_dsn, settings.sentry_environment)
    services = wiring.services()
    app = FastAPI(title="Centra and Virtualstock", docs_url=None, redoc_url=None, openapi_url=None)
    waker = Waker(services)
    app.include_router(hooks.router(services, settings.centra_webhook_secret.get_secret_value(), waker.wake))
    _add_health(app, services)
    return app


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
