"""`cvsync up` is the whole system while it runs, and nothing once it has ended; `cvsync sandbox` is the twins alone."""

import contextlib
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import OperationalError

from integration import settings as settings_module
from integration import telemetry, wiring
from integration.cli import whole
from integration.cli.news import News
from integration.cli.output import ATTENTION, DONE, say, table, wrong_use
from integration.cli.plan import CannotStart, Plan, plan
from integration.flows import upkeep
from integration.rulebook import RulebookError
from integration.services import Services
from integration.supervisor import Supervisor

LOOK_EVERY = 0.5


def up(
    target: Annotated[str | None, typer.Option(help="sandbox or live; by default what the settings say.")] = None,
    procs: Annotated[str | None, typer.Option(help="How many of each process, as in worker-orders=2.")] = None,
) -> None:
    """Run the whole system here until Ctrl-C; without live settings against the twins."""
    began = time.monotonic()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    settings = settings_module.load()
    telemetry.configure("WARNING", settings.log_format)
    if target not in (None, "sandbox", "live"):
        wrong_use("--target is sandbox or live.")
    try:
        made = plan(settings, target, procs)
        with whole.broker(settings) as ready:
            whole.migrate(ready, sandbox=made.sandbox)
            running = replace(made, settings=ready)
            status = _run(running, wiring.build(ready), Supervisor(settings.var_dir / "log"), stop, began)
    except (CannotStart, RulebookError) as problem:
        wrong_use(str(problem))
    except OperationalError:
        wrong_use("The database does not answer: see DATABASE_URL.")
    raise typer.Exit(status)


def sandbox() -> None:
    """Run the two twins alone."""
    os.execv(sys.executable, [sys.executable, "-m", "sandbox"])  # noqa: S606 - our own interpreter, fixed arguments


def _run(made: Plan, services: Services, supervisor: Supervisor, stop: threading.Event, began: float) -> int:
    console = Console(highlight=False)
    try:
        with console.status("starting …"):
            whole.prepare(services)
            news = News(services.store, services.now())
            checks = whole.answers(services, made)
            if made.sandbox:
                whole.start_twins(supervisor, made, stop.is_set)
            # A new Redis knows nothing of Centra's hourly quota and lets hardly anything through until it is told.
            upkeep.limits(services)
            whole.start_processes(supervisor, made)
            whole.wait_for(checks, supervisor, stop.is_set)
        if not stop.is_set():
            _welcome(made, time.monotonic() - began)
        while not stop.wait(LOOK_EVERY):
            whole.must_all_run(supervisor)
            # A database that is away for a moment is the workers' trouble; the next look tells what was missed.
            with contextlib.suppress(OperationalError):
                for line in news.lines():
                    say(line)
        return DONE
    except CannotStart as problem:
        say(str(problem))
        return ATTENTION
    finally:
        with console.status("stopping …"):
            supervisor.stop(whole.STOP_ORDER)
        services.store.close()
        say("stopped; nothing is left running")


def _welcome(made: Plan, seconds: float) -> None:
    table(("ready", f"after {seconds:.1f} s"), list(made.addresses.items()))
    if made.settings.flower_basic_auth is None and "flower" in made.addresses:
        user, _, password = made.flower_login.partition(":")
        say(f"Flower's login for this run: {user} / {password}")
    if made.console_login and "web" in made.addresses:
        user, _, password = made.console_login.partition(":")
        say(f"The console's login for this run: {user} / {password} at {made.addresses['web']}/")
    say(f"What each process says is in {made.settings.var_dir / 'log'}. Ctrl-C stops everything.")
