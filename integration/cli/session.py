"""A command gets the services of this machine's settings, or ends with one line on what is missing."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy.exc

from integration import settings as settings_module
from integration import telemetry, wiring
from integration.cli.output import wrong_use
from integration.people import Door, Person, Role
from integration.rulebook import RulebookError
from integration.services import Services
from integration.settings import Settings
from integration.storage import Store

NO_SCHEMA = "The database has no schema or is away: run `cvsync db upgrade`, and see `cvsync doctor`."


def load() -> Settings:
    """The settings; logs go to standard error from here on."""
    settings = settings_module.load()
    telemetry.configure("WARNING" if settings.log_level == "INFO" else settings.log_level, settings.log_format)
    return settings


@contextmanager
def open_services() -> Iterator[Services]:
    """The services for one command."""
    settings = load()
    try:
        services = wiring.build(settings)
    except wiring.NotRunning as problem:
        wrong_use(str(problem))
    except sqlalchemy.exc.DBAPIError:
        wrong_use(NO_SCHEMA)
    try:
        yield services
    except RulebookError as problem:
        wrong_use(f"The mappings cannot be used:\n{problem}")
    except sqlalchemy.exc.DBAPIError:
        wrong_use(NO_SCHEMA)
    finally:
        services.store.close()


@contextmanager
def open_store() -> Iterator[Store]:
    """The database alone, for commands that need nothing else."""
    store = Store(load().database_url)
    try:
        yield store
    finally:
        store.close()


def me(name: str | None = None) -> Person:
    """Who acts: whoever may run commands on this machine may do everything. `name` None: this machine's user."""
    return Person((name or "").strip() or getpass.getuser(), Role.ADMIN, Door.CLI)
