"""The clock asks for each job once per window, however many beats there are."""

from typing import Any

from integration import wiring
from integration.flows import upkeep
from integration.timetable import timetable
from tasks.app import app
from tasks.work import hand_out


@app.task(name="timetable.tick")
def tick(*, job: str, **_newer: Any) -> None:
    """Ask for a job of the timetable, unless this window has had it."""
    services = wiring.services()
    upkeep.tick(services, job, timetable()[job])
    hand_out(services)
