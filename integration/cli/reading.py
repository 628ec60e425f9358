"""Whoever asks how things stand, or what became of one SKU, is told from the database alone."""

from typing import Annotated, Any

import typer

from integration.cli.output import ATTENTION, Json, ago, clock, document, say, table
from integration.cli.product_rows import shortened
from integration.cli.session import open_services
from integration.flows import report


def status(as_json: Json = False) -> None:
    """Show each flow, the deadlines, the quotas and what waits for a person."""
    with open_services() as services:
        found, now = report.status(services), services.now()
    if as_json:
        document(found)
        return
    table(
        ("flow", "open", "held", "oldest open", "last success", "paused"),
        [
            (name, flow["open"], flow["held"], ago(flow["oldest_open_seconds"]),
             flow["last_success_at"] and f"{ago((now - flow['last_success_at']).total_seconds())} ago",
             _paused(flow))
            for name, flow in found["flows"].items()
        ],
    )  # fmt: skip
    table(
        ("quota", "used", "limit", "window s", "throttled"),
        [(name, each["used"], each["limit"], each["window_seconds"], each["throttled"])
         for name, each in found["quotas"].items()],
    )  # fmt: skip
    late = "; ".join(
        f"{name} {each['near']} near, {each['missed']} missed" for name, each in found["deadlines"].items()
    )
    say(f"deadlines: {late or 'none runs'}")
    owners = ", ".join(f"{owner} {count}" for owner, count in found["exceptions"]["by_owner"].items())
    say(f"exceptions open: {found['exceptions']['open']}{f' ({owners})' if owners else ''}")
    if oldest := found["oldest_agreed"]:
        say(f"oldest agreed quantity: {oldest['sku']} at {oldest['retailer']}, {clock(oldest['agreed_at'])}")


def sku(name: Annotated[str, typer.Argument(metavar="SKU")], as_json: Json = False) -> None:
    """Show what each retailer was told of one SKU, what is pending and why."""
    with open_services() as services:
        found = report.sku(services, name)
    if found is None:
        _unknown(f"Nothing is known of SKU {name}.", as_json)
    elif as_json:
        document(found)
    else:
        table(
            ("retailer", "agreed", "agreed at", "wanted", "pending since", "held by or last error"),
            [
                (code, each["agreed"], clock(each["agreed_at"]), each["wanted"], clock(each["pending_since"]),
                 " ".join(each["held_by"]) or each["last_error"])
                for code, each in found["retailers"].items()
            ],
        )  # fmt: skip
        for code, each in found["retailers"].items():
            _contents(code, each)
        _tell(found["timeline"])


def _paused(flow: dict[str, Any]) -> str:
    if flow["paused"]:
        return "yes"
    some = f"at {', '.join(flow['paused_for'])}" if flow["paused_for"] else ""
    shadow = f"shadow at {', '.join(flow['shadow'])}" if flow["shadow"] else ""
    return "; ".join(filter(None, (some, shadow))) or "no"


def _contents(code: str, found: dict[str, Any]) -> None:
    """What a retailer shows of the SKU beside its stock, and where its prices came from."""
    data, sources = found["products"], {}
    for price in reversed(found["prices"]):
        sources[price["attribute"]] = f"{price['source']}, {clock(price['at'])}"
    if data["accepted"] is None:
        say(f"{code}: nothing is known of its product data yet")
        return
    table(
        ("attribute", "accepted", "wanted", "price from"),
        [(name, shortened(data["accepted"].get(name, "")), (name in data["wanted"] and shortened(data["wanted"][name]))
          or None, sources.get(name)) for name in sorted({*data["accepted"], *data["wanted"]})],
        title=f"{code}{': not offered by Centra' if data['withdrawn'] else ''}",
    )  # fmt: skip
    if data["pending_since"]:
        why = " ".join(data["held_by"]) or data["last_error"] or "no trouble so far"
        say(f"  asked for since {clock(data['pending_since'])}: {why}")


def _tell(timeline: list[dict[str, Any]]) -> None:
    for line in timeline:
        facts = ", ".join(f"{key} {value}" for key, value in line.items() if key not in ("at", "what"))
        say(f"{clock(line['at'])}  {line['what']}  {facts}")


def _unknown(sentence: str, as_json: bool) -> None:
    if as_json:
        document(None)
    typer.echo(sentence, err=True)
    raise typer.Exit(ATTENTION)
