"""Whichever command finds exceptions understands the same words for them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from integration import kinds
from integration.cli.output import wrong_use
from integration.kinds import Team
from integration.storage.found import Filter, State

CauseId = Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.")]
CauseIds = Annotated[list[int], typer.Argument(metavar="ID...", help="Their numbers in the list.")]
By = Annotated[str | None, typer.Option("--by", help="Your name; without it the one you are logged in with.")]
Kind = Annotated[str | None, typer.Option("--kind", help="Of this kind: unmapped-sku …")]
Owner = Annotated[Team | None, typer.Option("--owner", help="That this team owns.")]
Retailer = Annotated[str | None, typer.Option("--retailer", help="That concern this retailer.")]
Text = Annotated[str | None, typer.Option("--text", help="With this in the sentence or the key.")]
Assigned = Annotated[str | None, typer.Option("--assigned", help="That this person deals with.")]
Severity = Annotated[kinds.Severity | None, typer.Option("--severity", help="Of this urgency.")]
Overdue = Annotated[bool, typer.Option("--overdue", help="That should have been dealt with by now.")]
Muted = Annotated[bool, typer.Option("--muted", help="That somebody muted.")]
Everything = Annotated[bool, typer.Option("--all", help="Every open one that nobody muted.")]
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def wanted(
    ids: Sequence[int], kind: str | None = None, owner: Team | None = None, retailer: str | None = None,
    text: str | None = None, assigned: str | None = None, severity: kinds.Severity | None = None, *,
    overdue: bool = False, state: State = "open",
) -> Filter:  # fmt: skip
    """The filter that the options of a command mean."""
    if kind is not None and kind not in kinds.CATALOGUE:
        wrong_use(f"There is no kind {kind}; there are {', '.join(sorted(kinds.CATALOGUE))}.")
    return Filter(
        kind=kind, owner=owner and owner.value, retailer=retailer, assigned_to=assigned,
        severity=severity and severity.value, text=text or None, state=state, ids=tuple(ids), overdue=overdue,
    )  # fmt: skip


def moment(text: str, now: datetime) -> datetime:
    """``4h`` from now, or a moment on the reader's own clock."""
    if found := re.fullmatch(r"(\d{1,4})([mhd])", text.strip()):
        return now + int(found[1]) * UNITS[found[2]]
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        wrong_use(f"{text} is no moment: write 90m, 4h, 2d or 2026-03-02T08:00.")
