"""Each team is told of each of its causes once for each opening and level, however much waits behind it.

`send` first writes down what is to be told, then brings out what is due. A row that is written is the promise; a
channel that does not take it, or a worker that dies over it, only makes it late.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from integration import kinds, policy
from integration.domain.alerts import Level, Opening, level, takes, told_at
from integration.flows import alert_texts, digest
from integration.kinds import Severity, Team
from integration.notify import NotSent
from integration.problems import Problem
from integration.rulebook import Rulebook
from integration.rulebook.documents import TeamEntry
from integration.services import Services
from integration.storage import alerts, causes
from integration.storage.alerts import NO_CAUSE, Levels, Made, StoredAlert, Wanted

log = structlog.get_logger(__name__)

Row = Mapping[Any, Any]
"""A row of cause, or the columns of one."""


def send(services: Services) -> None:
    """Write down what teams are to be told by now, and tell what is due."""
    plan(services)
    with services.store.read() as db:
        waiting = alerts.due(db, services.now(), policy.ALERTS_AT_ONCE)
    by_recipient: dict[str, list[StoredAlert]] = defaultdict(list)
    for row in waiting:
        by_recipient[row.recipient].append(row)
    for rows in by_recipient.values():
        _tell(services, rows)


def plan(services: Services) -> None:
    """Write down who is to be told of what."""
    now, rules = services.now(), services.rules()
    recipients = {f"{owner}/{each.name}" for owner, team in rules.teams.items() for each in team.channels}
    with services.store.read() as db:
        made = alerts.made(db, now - digest.LONGEST)
        rows = alerts.openings(db, now - policy.HOLD_BACK)
        failing = {row["key"] for row in rows if row["kind"] == kinds.ALERT_FAILED.code}
    wanted = [each for row in rows for each in _wanted(rules, row, made, now)]
    wanted += digest.wanted(rules, made, now)
    # Most rounds find nothing new, and take no lock from those who work.
    if wanted or failing - recipients:
        with services.store.write() as db:
            alerts.want(db, wanted, now)
            for gone in failing - recipients:
                causes.close_one(db, now, "the channel is gone", kinds.ALERT_FAILED.code, gone)


def _wanted(rules: Rulebook, row: Row, made: Made, now: datetime) -> Iterator[Wanted]:
    reached, team = level(_opening(row), now), rules.teams[Team(row["owner"])]
    if reached is None:
        return
    severity = Severity(row["severity"])
    at = told_at(team, severity, now)
    for channel in team.channels:
        recipient = f"{row['owner']}/{channel.name}"
        about_itself = row["kind"] == kinds.ALERT_FAILED.code and row["key"] == recipient
        known = made.get((row["id"], row["times"], recipient), {})
        if takes(channel, severity) and not about_itself and _is_news(reached, at, known):
            yield Wanted(row["id"], row["times"], reached, recipient, at)


def _is_news(reached: Level, at: datetime, known: Levels) -> bool:
    """Whether this is to be written down: it is not yet, or may go out earlier than was thought.

    A due time that moved back must not bring a milder message after a stronger one.
    """
    if any(Level(each).outranks(reached) for each in known):
        return False
    due_at = known.get(reached)
    return reached not in known or (due_at is not None and at < due_at)


def _opening(row: Row) -> Opening:
    taken = row["acknowledged_at"] is not None or row["assigned_to"] is not None
    return Opening(Severity(row["severity"]), row["opened_at"], row["due_at"], taken, row["muted_until"])


def _tell(services: Services, rows: Sequence[StoredAlert]) -> None:
    """Tell one channel of a team what is due for it."""
    now, team = services.now(), _team(services.rules(), rows[0])
    with services.store.write() as db:
        mine = alerts.claim(db, [row.id for row in rows], now, now + policy.ALERT_LEASE)
        rows = [row for row in rows if row.id in mine]
        about = alerts.causes_of(db, [row.cause_id for row in rows])
        moot = [row for row in rows if team is None or not _still_true(row, about, team, now)]
        alerts.drop(db, [row.id for row in moot])
    if team is None:
        return
    for group in _messages([row for row in rows if row not in moot]):
        if not _out(services, group, about, team):
            return


def _team(rules: Rulebook, row: StoredAlert) -> TeamEntry | None:
    """The team, if it still has the channel."""
    team = rules.teams[Team(row.team)]
    return team if any(channel.name == row.channel for channel in team.channels) else None


def _still_true(row: StoredAlert, about: Mapping[int, Row], team: TeamEntry, now: datetime) -> bool:
    """Whether it is still what should be told: a night may lie between the promise and the team's morning."""
    if row.cause_id == NO_CAUSE:
        return row.level == digest.day(team, now)
    cause = about.get(row.cause_id)
    return cause is not None and cause["times"] == row.times and level(_opening(cause), now) == row.level


def _messages(rows: Sequence[StoredAlert]) -> list[list[StoredAlert]]:
    """The rows of each message: a digest is one of its own, and so is each cause unless there are many."""
    digests = [[row] for row in rows if row.cause_id == NO_CAUSE]
    mine = [row for row in rows if row.cause_id != NO_CAUSE]
    return digests + ([mine] if len(mine) > policy.BUNDLE_ABOVE else [[row] for row in mine])


def _out(services: Services, rows: Sequence[StoredAlert], about: Mapping[int, Row], team: TeamEntry) -> bool:
    """Send one message and write down how it ended. False: the channel did not take it, and is left alone for now."""
    first, ids = rows[0], [row.id for row in rows]
    title, text = _text(services, rows, about, team)
    page = f"/exceptions/{first.cause_id}" if len(rows) == 1 and first.cause_id != NO_CAUSE else "/exceptions"
    try:
        services.notify.send(first.channel, title, text, page)
    except NotSent as failure:
        _failed(services, rows, failure.reason, team)
        return False
    now = services.now()
    with services.store.write() as db:
        alerts.sent(db, ids, now)
        causes.close_one(db, now, "a message went through", kinds.ALERT_FAILED.code, first.recipient)
    return True


def _text(
    services: Services, rows: Sequence[StoredAlert], about: Mapping[int, Row], team: TeamEntry
) -> tuple[str, str]:
    if rows[0].cause_id == NO_CAUSE:
        return digest.text(services, Team(rows[0].team), team)
    if len(rows) == 1:
        cause = about[rows[0].cause_id]
        return alert_texts.title(cause, Level(rows[0].level)), alert_texts.body(cause, team)
    mine = sorted((about[row.cause_id] for row in rows), key=lambda cause: cause["due_at"])
    return alert_texts.many_title(mine, team), alert_texts.many_body(mine, team)


def _failed(services: Services, rows: Sequence[StoredAlert], why: str, team: TeamEntry) -> None:
    now, first = services.now(), rows[0]
    due_at = policy.ALERTS.next_try(tries=first.tries + 1, since=now, now=now, roll=services.roll())
    due_at = due_at or now + policy.ALERTS.longest
    log.warning("alert not sent", team=first.team, channel=first.channel, why=why)
    with services.store.write() as db:
        alerts.failed(db, [row.id for row in rows], due_at, why)
        alerts.wait(db, first.recipient, due_at)
        facts = {"team": team.name, "channel": first.channel, "why": why}
        causes.open_for(db, [Problem(kinds.ALERT_FAILED, first.recipient, facts)], now, item_id=None)
