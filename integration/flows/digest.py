"""Each morning, when it opens, a team reads once what waits for it, also on the two days on which the clocks change."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from integration.domain.alerts import digest_day
from integration.flows import alert_texts
from integration.kinds import Team
from integration.rulebook import Rulebook
from integration.rulebook.documents import TeamEntry
from integration.services import Services
from integration.storage import alerts
from integration.storage.alerts import NO_CAUSE, Made, Wanted

BACK = timedelta(days=1)
"""How far back a digest counts what was closed."""

LONGEST = timedelta(days=2)
"""No working day of a team begins longer ago."""

day = digest_day


def wanted(rules: Rulebook, made: Made, now: datetime) -> Iterator[Wanted]:
    """The digests that should be out by now and are on no record.

    One that was missed in the morning, because the system was off, is sent later that day.
    """
    for name, team in rules.teams.items():
        today = day(team, now)
        for recipient in [f"{name}/{channel.name}" for channel in team.channels if channel.digest]:
            if today is not None and today not in made.get((NO_CAUSE, 0, recipient), {}):
                yield Wanted(NO_CAUSE, 0, today, recipient, now)


def text(services: Services, owner: Team, team: TeamEntry) -> tuple[str, str]:
    """Title and body of a team's digest."""
    now = services.now()
    with services.store.read() as db:
        counts, urgent, closed = alerts.summary(db, owner, now - BACK, alert_texts.LISTED)
    rows = [row._mapping for row in urgent]
    return alert_texts.digest_title(counts, team), alert_texts.digest_body(counts, rows, closed, team, now)
