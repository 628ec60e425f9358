"""The sweep is the guarantee: work that is due is handed out even if every message about it was lost."""

from typing import Any

from integration import wiring
from integration.flows import upkeep
from tasks.app import app
from tasks.work import hand_out as hand_out_due


# Once a second is too often to be worth a row in Flower; what it hands out is shown.
@app.task(name="sweep.hand_out", send_events=False)
def hand_out(**_newer: Any) -> None:
    """Hand out what is due and has room in its quota."""
    services = wiring.services()
    upkeep.learn_limits(services)
    hand_out_due(services)
