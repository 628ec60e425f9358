"""Every stock call a retailer received is judged by the history of what was true in Centra."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.trace import History

Entry = dict[str, Any]
OK, TOO_MANY = 200, 429


@dataclass
class Verdict:
    """How many calls did what."""

    calls: int = 0
    needed: int = 0
    """Carried a value that the retailer did not show yet and that was not older than the one it showed."""
    wasted: int = 0
    """Carried the value that the retailer showed already."""
    throttled: int = 0
    regressions: int = 0
    """Replaced a value by an older one."""
    other: int = 0
    """Refused for another reason, or about a SKU or a value that no event of the trace made true."""


def judge(entries: Iterable[Entry], history: History) -> Verdict:
    """Counts the stock calls of a journal, oldest first, by what they did."""
    verdict = Verdict()
    reached: dict[str, int] = {}
    for entry in entries:
        if entry["operation"] != "stock":
            continue
        verdict.calls += 1
        if entry["status"] == TOO_MANY:
            verdict.throttled += 1
        elif entry["status"] == OK and not entry["changed"]:
            verdict.wasted += 1
        elif (place := _place(entry, history)) is None:
            verdict.other += 1
        elif place < reached.get(sku := entry["detail"]["sku"], 0):
            verdict.regressions += 1
        else:
            verdict.needed += 1
            reached[sku] = place
    return verdict


def latencies(entries: Iterable[Entry], history: History) -> tuple[list[float], int]:
    """Seconds from each change to the first accepted call with its value or a newer one, and how many had none."""
    waiting = {sku: list(enumerate(moments))[1:] for sku, moments in history.moments.items()}
    found = []
    for entry in entries:
        place = _place(entry, history) if entry["operation"] == "stock" else None
        if place is None:
            continue
        ahead = waiting[entry["detail"]["sku"]]
        while ahead and ahead[0][0] <= place:
            found.append(entry["at"] - ahead.pop(0)[1][0])
    return found, sum(len(ahead) for ahead in waiting.values())


def _place(entry: Entry, history: History) -> int | None:
    """The place in the history of the value that an accepted call carried."""
    if entry["status"] != OK:
        return None
    return history.place(entry["detail"]["sku"], entry["detail"]["after"])
