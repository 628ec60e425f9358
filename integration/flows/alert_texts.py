"""A message says what happened, what it blocks, who owns it, until when, and where the button is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration.domain.alerts import Level
from integration.rulebook.documents import TeamEntry

Cause = Mapping[str, Any]
LISTED = 15
"""Causes that one message spells out; the console has them all."""
_BEGINS = {Level.OPENED: "", Level.NEAR: "Nobody has taken it yet: ", Level.LATE: "Overdue: "}


def title(cause: Cause, level: Level) -> str:
    """One line, for a phone that shows no more."""
    return f"{_BEGINS[level]}{cause['severity']}: {cause['kind']} ({_blocks(cause)})"


def body(cause: Cause, team: TeamEntry) -> str:
    """The whole message."""
    taken = f", dealt with by {cause['assigned_to']}" if cause["assigned_to"] else ""
    return "\n".join([
        cause["sentence"],
        "",
        f"It blocks: {_blocks(cause)}.",
        f"Owner: {team.name}{taken}. Until: {until(cause['due_at'], team)}.",
        f"cvsync exceptions show {cause['id']}",
    ])  # fmt: skip


def many_title(causes: Sequence[Cause], team: TeamEntry) -> str:
    """The one line of a message about several causes."""
    return f"{len(causes)} exceptions for {team.name}, {_by_severity([cause['severity'] for cause in causes])}"


def many_body(causes: Sequence[Cause], team: TeamEntry) -> str:
    """One message for all that is to be told at a time: nobody reads a hundred."""
    lines = [_line(cause, team) for cause in causes[:LISTED]]
    more = len(causes) - len(lines)
    return "\n".join([*lines, *([f"… and {more} more."] if more else []), "cvsync exceptions list"])


def digest_title(counts: Mapping[str, int], team: TeamEntry) -> str:
    """The one line of the summary of a morning."""
    return f"{team.name}: {_count(sum(counts.values()), 'open exception')} this morning"


def digest_body(counts: Mapping[str, int], urgent: Sequence[Cause], closed: int, team: TeamEntry, now: datetime) -> str:
    """What waits for the team, the most urgent first. An empty one is sent too: it shows that somebody would tell."""
    overdue = [cause for cause in urgent if cause["due_at"] <= now]
    parts = [f"{counts[severity]} × {severity}" for severity in counts]
    first = f"Open: {', '.join(parts)}." if parts else "Nothing waits for you."
    late = [f"Overdue among the most urgent: {len(overdue)}."] if overdue else []
    lines = [_line(cause, team) for cause in urgent]
    more = sum(counts.values()) - len(lines)
    rest = [f"… and {more} more: cvsync exceptions list"] if more > 0 else []
    return "\n".join([first, *late, f"Closed since yesterday: {closed}.", *([""] if lines else []), *lines, *rest])


def until(moment: datetime, team: TeamEntry) -> str:
    """A moment on the clock of those who read it."""
    return f"{moment.astimezone(ZoneInfo(team.timezone)):%d %B %Y, %H:%M} ({team.timezone})"


def _line(cause: Cause, team: TeamEntry) -> str:
    return f"- {cause['severity']}, until {until(cause['due_at'], team)}: {cause['sentence']}"


def _by_severity(severities: Sequence[str]) -> str:
    return ", ".join(f"{severities.count(each)} × {each}" for each in dict.fromkeys(severities))


def _blocks(cause: Cause) -> str:
    """What waits behind a cause: work, and what was weighed of it."""
    impact = cause["impact"] or {}
    parts = [_count(cause["held"], "piece of work", "pieces of work")] if cause["held"] else []
    named = {"orders": "order", "units": "unit", "skus": "SKU"}
    parts += [_count(impact[what], one) for what, one in named.items() if impact.get(what)]
    parts += [f"{amount} {currency}" for currency, amount in sorted((impact.get("money") or {}).items())]
    return ", ".join(parts) or "no work so far"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
