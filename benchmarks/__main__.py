"""`python -m benchmarks` runs the product and the naive variant side by side and says which goals were met."""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from benchmarks import (
    catalogue_edits,
    catalogue_load,
    console,
    growth,
    idle,
    intake,
    order_flow,
    order_life,
    report,
    stock_burst,
    stock_latency,
)
from benchmarks.figures import Section
from benchmarks.plan import Plan

SECTIONS: dict[str, Callable[[Plan, Path], list[Section]]] = {
    "a": stock_burst.run, "b": stock_latency.run, "c": order_flow.run, "d": order_flow.run, "e": intake.run,
    "f": order_life.run, "g": order_life.run, "h": idle.run, "i": growth.run,
    "j": catalogue_load.run, "k": catalogue_edits.run, "l": catalogue_edits.run,
    "m": console.run, "n": console.run, "o": console.run,
}  # fmt: skip


def main() -> int:
    """Exit status 0: all goals met; 1: one was not."""
    arguments = _arguments()
    wanted = sorted(set(arguments.sections or SECTIONS))
    if unknown := set(wanted) - set(SECTIONS):
        sys.exit(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    if arguments.write and len(wanted) < len(SECTIONS):
        sys.exit("--write needs all sections: the page shows one whole run")
    # A stop from outside must end the processes of the stage as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    plan = Plan(arguments.scale, arguments.seconds)
    started, load = report.now(), os.getloadavg()[0]
    notes = Console(stderr=True)
    found: dict[str, Section] = {}
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as temporary:
        folder = arguments.keep or Path(temporary)
        for letter in wanted:
            if letter not in found:
                notes.print(f"({letter}) is running …")
                found |= {section.letter: section for section in SECTIONS[letter](plan, folder)}
    run = report.Run(plan, [found[letter] for letter in wanted], started, report.now(), load)
    if arguments.json:
        print(json.dumps(report.to_json(run), indent=2))
    else:
        report.tables(run, Console())
    if arguments.write:
        report.DOCUMENT.write_text(report.document(run))
    return int(any(row.met is False for section in run.sections for row in section.rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="a … o", help="sections to run; none: all")
    parser.add_argument("--seconds", type=float, default=Plan.seconds, help="duration of b, c and d")
    parser.add_argument("--scale", type=float, default=Plan.scale, help="fraction of the full size, for a quick look")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave logs and databases there")
    parser.add_argument("--write", action="store_true", help=f"also write {report.DOCUMENT.relative_to(report.ROOT)}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
