"""`cvsync doctor` says of each thing the system stands on whether it holds, and what to do where it does not."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

import redis
import requests
import sqlalchemy.exc
import typer
from rich.console import Console

from integration import wiring
from integration.cli.output import ATTENTION, Json, ago, document, table
from integration.cli.session import load
from integration.flows import report
from integration.flows.live_lists import unknown_categories, unknown_slugs
from integration.lanes import Lane
from integration.notify import variable
from integration.problems import Failure, Refused, Throttled
from integration.rulebook import Calendar, Rulebook, RulebookError
from integration.services import Services
from integration.settings import Settings
from integration.storage import Store, schema

LARGEST_SKEW = 60.0
"""Seconds. Half of the window in which a webhook's signature is good would be lost beyond a few minutes."""
QUIET = 180.0
"""Seconds without finished work or a tick after which somebody should look; the slowest of both comes each minute."""
LONGEST_WAIT = 8.0
"""Seconds that the doctor waits for a place in a quota, per question."""
DAYS_AHEAD = 400
"""In which a calendar's next day off is looked for; every country has one a year."""


@dataclass(frozen=True)
class Line:
    """One finding; `cure` is empty where nothing needs to be done."""

    name: str
    ok: bool
    detail: str
    cure: str = ""


def doctor(as_json: Json = False) -> None:
    """Check settings, database, Redis, both platforms, mappings, clocks and workers."""
    settings = load()
    with Console(stderr=True).status("asking everybody …"):
        lines = list(examine(settings))
    healthy = all(line.ok for line in lines)
    if as_json:
        document({"ok": healthy, "checks": [asdict(line) for line in lines]})
    else:
        table(
            ("check", "", "finding", "what to do"),
            [(line.name, "ok" if line.ok else "NO", line.detail, line.cure) for line in lines],
        )
    if not healthy:
        raise typer.Exit(ATTENTION)


def examine(settings: Settings) -> Iterator[Line]:
    """Every finding, in the order in which one thing stands on another."""
    yield Line("settings", True, "the sandbox: both platforms are the twins" if settings.sandbox else "live")
    database = _database(settings)
    yield database
    broker = _broker(settings)
    yield broker
    yield from _mappings(settings)
    yield from _clocks(settings)
    if not (database.ok and broker.ok):
        yield Line("the rest", False, "not asked, it needs database and Redis", "mend the lines above first")
        return
    try:
        services = wiring.build(settings)
    except RulebookError as problem:
        yield Line("published mappings", False, problem.problems[0], "correct the file and publish")
        return
    try:
        yield from _platforms(services)
        yield from _workers(services)
    finally:
        services.store.close()


def _database(settings: Settings) -> Line:
    store = Store(settings.database_url)
    try:
        at, newest = schema.current(store), schema.newest()
    except sqlalchemy.exc.SQLAlchemyError as problem:
        return Line("database", False, f"no answer ({type(problem).__name__})", "see DATABASE_URL and the server")
    finally:
        store.close()
    if at != newest:
        return Line("database", False, f"schema {at or 'empty'}, needed {newest}", "run `cvsync db upgrade`")
    return Line("database", True, f"{store.engine.dialect.name}, schema {at}")


def _broker(settings: Settings) -> Line:
    try:
        client = wiring.redis_client(wiring.redis_url(settings))
    except wiring.NotRunning as problem:
        return Line("Redis", False, "none", str(problem))
    try:
        client.ping()
    except redis.RedisError as problem:
        return Line("Redis", False, f"no answer ({type(problem).__name__})", "see REDIS_URL, or run `cvsync up`")
    try:
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy")
    except redis.RedisError:
        return Line("Redis", True, "answers; its maxmemory-policy cannot be read here")
    finally:
        client.close()
    if policy != "noeviction":
        return Line("Redis", False, f"maxmemory-policy is {policy}", "set it to noeviction, or messages vanish")
    return Line("Redis", True, "answers, maxmemory-policy noeviction")


def _mappings(settings: Settings) -> Iterator[Line]:
    try:
        rules = Rulebook.load(settings.mappings_dir)
    except RulebookError as problem:
        more = len(problem.problems) - 1
        yield Line("mappings", False, problem.problems[0] + (f" (and {more} more)" if more else ""),
                   "see `cvsync mappings check`")  # fmt: skip
        return
    yield Line("mappings", True, f"{len(rules.retailers)} retailers, {len(rules.carriers)} carrier rows")
    today = datetime.now(UTC).date()
    next_off = [f"{code}: {_next_off(calendar, today)}" for code, calendar in rules.calendars.items()]
    yield Line("calendars", True, "; ".join(next_off))
    yield _logins(settings, rules)
    yield _channels(settings, rules)


def _next_off(calendar: Calendar, today: date) -> str:
    """So that a person sees at a glance whether a bank holiday is known."""
    days = (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD))
    return next((f"next day off {day}, {name}" for day in days if (name := calendar.day_off(day))), "no day off ahead")


def _logins(settings: Settings, rules: Rulebook) -> Line:
    missing = {code: settings.missing_login(each.credential) for code, each in rules.retailers.items()}
    found = [f"{code} needs {' and '.join(names)}" for code, names in missing.items() if names]
    if found:
        return Line("logins", False, "; ".join(found), "set them where the others are, then restart the workers")
    return Line("logins", True, "every profile has one")


def _channels(settings: Settings, rules: Rulebook) -> Line:
    """Whoever is told of nothing sees no exception until a customer complains."""
    named, set_up = {each.name for team in rules.teams.values() for each in team.channels}, settings.alert_urls()
    missing = sorted(named - set_up.keys())
    cure = f"set {', '.join(map(variable, missing))}, then restart the workers"
    if not named & set_up.keys():
        nobody = "no channel of any team has an address: nobody is told of exceptions"
        return Line("alerts", settings.sandbox, nobody, "" if settings.sandbox else cure)
    if missing:
        return Line("alerts", False, f"no address for {', '.join(missing)}", cure)
    return Line("alerts", True, "every channel of every team has an address")


def _clocks(settings: Settings) -> Iterator[Line]:
    for name, url in (("Centra", settings.centra_graphql_url), ("Virtualstock", settings.virtualstock_url)):
        skew = _skew(url)
        if skew is None:
            yield Line(f"clock, {name}", True, "it did not tell its time")
        elif abs(skew) > LARGEST_SKEW:
            yield Line(f"clock, {name}", False, f"{skew:+.0f} s from ours", "set this machine's clock by NTP")
        else:
            yield Line(f"clock, {name}", True, f"{skew:+.0f} s from ours")


def _skew(url: str) -> float | None:
    """Seconds by which the platform's clock is ahead; the answer itself does not matter, only its Date header."""
    try:
        answer = requests.get(url, timeout=5, allow_redirects=False)
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        return None
    return (theirs - datetime.now(UTC)).total_seconds()


def _platforms(services: Services) -> Iterator[Line]:
    lane = Lane.ORDERS
    token, key = "see CENTRA_GRAPHQL_URL and CENTRA_TOKEN", "see CENTRA_ORDER_API_URL and CENTRA_ORDER_API_KEY"
    graphql = _asked("Centra, GraphQL", lambda: services.centra.rate_limits(lane=lane), token)
    yield graphql
    if graphql.ok:
        yield from _permissions(services)
    yield _asked("Centra, Order API", lambda: services.centra.ping_order_api(lane=lane), key)
    profiles = services.rules().retailers.values()
    for credential in sorted({profile.credential for profile in profiles}):
        name, cure = f"Virtualstock, {credential}", "see VIRTUALSTOCK_URL, _USERNAME and _PASSWORD"
        client = services.virtualstock(credential)
        yield _asked(name, lambda client=client: client.ping(lane=lane), cure)  # type: ignore[misc]
    yield _on_live_list("carriers", unknown_slugs, services, "carriers.yaml", "every mapped slug is on the live list")
    yield _on_live_list("categories", unknown_categories, services, "fields/", "every mapped category is there")


def _on_live_list(
    name: str, unknown: Callable[[Services, Rulebook], list[str]], services: Services, where: str, fine: str
) -> Line:
    wrong: list[str] = []
    try:
        _patiently(lambda: wrong.extend(unknown(services, services.rules())))
    except Failure as failure:
        return Line(name, False, failure.reason, "mend the lines above first")
    cure = f"choose one of the live list in mappings/{where} and publish" if wrong else ""
    return Line(name, not wrong, "; ".join(wrong) or fine, cure)


def _permissions(services: Services) -> Iterator[Line]:
    """What the token may be denied without stopping anything, so that nobody would notice."""
    profiles, lane = services.rules().retailers.values(), Lane.ORDERS
    late = any(profile.backorder.out_of_stock != "hold" for profile in profiles)
    yield _shown(
        "Centra, allocations", lambda: services.centra.ping_allocations(lane=lane), "Allocation:read", needed=late,
        loss="lines without stock are not noticed, so no retailer hears new dates for an order that is in Centra",
    )  # fmt: skip
    back = any(profile.returns.enabled for profile in profiles)
    yield _shown(
        "Centra, returns", lambda: services.centra.ping_returns(lane=lane), "Return:read", needed=back,
        loss="nobody is told that returned goods are back",
    )  # fmt: skip
    listed = any(profile.products.enabled or profile.prices.enabled for profile in profiles)
    yield _shown(
        "Centra, products", lambda: services.centra.ping_content(lane=lane),
        "what docs/operations.md lists for products", needed=listed,
        loss="no change of a product, a price or an image reaches a retailer",
    )  # fmt: skip


def _patiently(ask: Callable[[], object]) -> None:
    """Ask, and wait a moment where only our own quota stands in the way: on an empty Redis it has to fill first."""
    until = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            ask()
            return
        except Throttled as failure:
            if failure.wait > until - time.monotonic():
                raise
            time.sleep(failure.wait)


def _shown(name: str, ask: Callable[[], object], permission: str, *, needed: bool, loss: str) -> Line:
    try:
        _patiently(ask)
    except Refused as failure:
        if not needed:
            return Line(name, True, f"not shown ({failure.reason}), and no profile needs them")
        return Line(name, False, f"not shown ({failure.reason}): {loss}", f"grant the token {permission}")
    except Failure as failure:
        return Line(name, False, failure.reason, "ask again; nothing was found out about this permission")
    return Line(name, True, "shown")


def _asked(name: str, ask: Callable[[], object], cure: str) -> Line:
    try:
        _patiently(ask)
    except Throttled as failure:
        return Line(name, False, failure.reason, "nothing was asked: run the doctor again after that")
    except Failure as failure:
        return Line(name, False, failure.reason, cure)
    return Line(name, True, "answers and lets us in")


def _workers(services: Services) -> Iterator[Line]:
    """Judged by what they did: a process that lives but does nothing is as bad as none."""
    ages = {"workers": report.last_work(services), "beat": report.last_tick(services)}
    cures = {"workers": "start the workers, or see their logs", "beat": "start beat, or see its log"}
    means = {"workers": "finished work", "beat": "asked for work; a second beat would change nothing"}
    for name, at in ages.items():
        age = None if at is None else (services.now() - at).total_seconds()
        ok = age is not None and age < QUIET
        when = "never" if age is None else f"{ago(age)} ago"
        yield Line(name, ok, f"{means[name]}: {when}", "" if ok else cures[name])
