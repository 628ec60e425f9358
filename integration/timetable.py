"""What the clock asks for, and how often, stands in one file that beat and whoever watches for silence both read."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

SCHEDULE = Path(__file__).parents[1] / "celerybeat-schedule"


@cache
def timetable() -> Mapping[str, float]:
    """Seconds between two asks, by job, from ``celerybeat-schedule/timetable.yaml``."""
    return dict(yaml.safe_load((SCHEDULE / "timetable.yaml").read_text()))
