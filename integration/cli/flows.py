"""Each flow can be paused and resumed at each retailer from a terminal, and how we look to a retailer be read there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from integration.cli.output import ATTENTION, Json, ago, document, say, table, wrong_use
from integration.cli.session import me, open_services
from integration.domain.scorecard import LABELS, Score, Verdict
from integration.flows import pauses, scorecard
from integration.flows.exceptions import NotPossible
from integration.people import Person
from integration.services import Services

app = typer.Typer(no_args_is_help=True, help="What runs for whom, and how it does.")
Flow = Annotated[str, typer.Argument(help=f"One of {', '.join(pauses.FLOWS)}.")]
Retailer = Annotated[str | None, typer.Option(help="Only at this retailer.")]
Everywhere = Annotated[bool, typer.Option("--all", help="At all retailers.")]
Reason = Annotated[str, typer.Option(help="Why; whoever finds it switched reads it.")]
By = Annotated[str | None, typer.Option("--by", help="Your name; without it the one you are logged in with.")]
Act = Callable[[Services, str, str | None, Person, str], int | None]


@app.command("list")
def list_all(
    paused: Annotated[bool, typer.Option("--paused", help="Only what somebody paused.")] = False, as_json: Json = False
) -> None:
    """Show every flow at every retailer: whether it runs, only writes down, is off by its profile, or is paused."""
    with open_services() as services:
        found = [each for each in pauses.switches(services) if each["pause"] or not paused]
        now = services.now()
    if as_json:
        document(found)
        return
    table(("flow", "retailer", "state", "by", "why", "waiting", "oldest"), [
        (each["flow"], each["retailer"] or "all", each["state"], *_paused(each["pause"], now)) for each in found
    ])  # fmt: skip


@app.command()
def pause(
    flow: Flow, reason: Reason, retailer: Retailer = None, everywhere: Everywhere = False, by: By = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Stop a flow. What is asked for meanwhile stays asked for; deadlines run on."""
    _switch(pauses.pause, flow, retailer, everywhere, by, reason)
    if as_json:
        document({"flow": flow, "retailer": retailer, "state": "paused"})
    else:
        say(f"{flow} is paused {f'at {retailer}' if retailer else 'at all retailers'}")


@app.command()
def resume(
    flow: Flow, reason: Reason, retailer: Retailer = None, everywhere: Everywhere = False, by: By = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Let a flow go on, and catch up on what it missed."""
    due = _switch(pauses.resume, flow, retailer, everywhere, by, reason)
    if as_json:
        document({"flow": flow, "retailer": retailer, "due": due})
    else:
        say(f"{flow} goes on; {due} pieces of work are due again, at the pace of their lanes")


@app.command("scorecard")
def show_scorecard(
    retailer: Annotated[str | None, typer.Option(help="Only this retailer.")] = None, as_json: Json = False
) -> None:
    """Hold us against what each retailer measures, over the last 30 days. Ends with status 1 where one is missed."""
    with open_services() as services:
        known = services.rules().retailers
        if retailer is not None and retailer not in known:
            wrong_use(f"There is no retailer {retailer}; there are {', '.join(known)}.")
        cards = [scorecard.card(services, code) for code in known if retailer in (None, code)]
    if as_json:
        document([_plain(card) for card in cards])
    else:
        for card in cards:
            table(("measure", "share", "counted", "wanted", "stands", "may still fail"),
                  [_row(score) for score in card.scores], title=card.retailer)  # fmt: skip
    if any(score.verdict is Verdict.MISSED for card in cards for score in card.scores):
        raise typer.Exit(ATTENTION)


def _switch(act: Act, flow: str, retailer: str | None, everywhere: bool, by: str | None, reason: str) -> int | None:
    if everywhere == (retailer is not None):
        wrong_use("Say where: --retailer, or else --all.")
    with open_services() as services:
        try:
            return act(services, flow, retailer, me(by), reason)
        except NotPossible as refused:
            typer.echo(refused.reason, err=True)
            raise typer.Exit(ATTENTION) from None


def _paused(pause: dict[str, Any] | None, now: datetime) -> tuple[object, ...]:
    if pause is None:
        return (None,) * 4
    oldest = pause["oldest"] and ago((now - pause["oldest"]).total_seconds())
    return pause["by"], pause["reason"], pause["waiting"], oldest


def _row(score: Score) -> tuple[object, ...]:
    wanted = f"{'at most' if score.at_most else 'at least'} {score.wanted} %"
    share = None if score.percent is None else f"{score.percent} %"
    spare = None if score.verdict is Verdict.NO_DATA else score.spare
    return LABELS[score.measure], share, f"{score.count.some} of {score.count.all}", wanted, score.verdict, spare


def _plain(card: scorecard.Card) -> dict[str, Any]:
    return {
        "retailer": card.retailer, "since": card.since,
        "scores": [
            {"measure": score.measure, "some": score.count.some, "all": score.count.all, "percent": score.percent,
             "wanted": score.wanted, "verdict": score.verdict, "spare": score.spare}
            for score in card.scores
        ],
        "acknowledged_within_seconds": {"half": _seconds(card.typical), "95 of 100": _seconds(card.slowest)},
    }  # fmt: skip


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
