"""Queues, workers, timetable and steps are four lists in four places, and they name the same things."""

import re
from pathlib import Path

import pytest
import yaml

from integration.broker import CONTROL, configuration
from integration.flows.upkeep import CHORES
from integration.lanes import RESERVE, Lane
from integration.steps import STEPS, Step
from tests.world import FLOWS

HOUSE = Path(__file__).parents[2]
CONFIGURATION = configuration("redis://")
QUEUES = {queue.name for queue in CONFIGURATION["task_queues"]}


def consumed() -> set[str]:
    """Every queue that a worker of the Procfile takes from."""
    lists = re.findall(r"-Q (\S+)", (HOUSE / "Procfile").read_text())
    return {queue for names in lists for queue in names.split(",")}


def test_every_queue_has_a_worker_and_no_worker_waits_at_a_queue_that_is_none() -> None:
    assert consumed() == QUEUES


def test_every_lane_is_a_queue_and_has_a_floor_in_every_quota() -> None:
    assert {*Lane, CONTROL} == QUEUES
    assert list(RESERVE) == list(Lane)
    assert list(RESERVE.values()) == sorted(RESERVE.values())


def test_sweeps_and_ticks_are_taken_by_more_than_one_kind_of_worker() -> None:
    lists = re.findall(r"-Q (\S+)", (HOUSE / "Procfile").read_text())

    assert sum(CONTROL in names.split(",") for names in lists) >= 2


def test_the_procfile_has_the_processes_that_deployments_rely_on() -> None:
    names = [line.partition(":")[0] for line in (HOUSE / "Procfile").read_text().splitlines() if line]

    assert names == [
        "web", "worker-orders", "worker-stock", "worker-catalogue", "worker-reconciliation", "beat", "flower",
    ]  # fmt: skip


@pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
def test_every_step_travels_in_the_queue_of_its_lane(step: Step) -> None:
    assert CONFIGURATION["task_routes"][step.name] == {"queue": step.lane.value}


def test_every_job_of_the_timetable_is_a_step_or_a_chore() -> None:
    jobs = yaml.safe_load((HOUSE / "celerybeat-schedule" / "timetable.yaml").read_text())

    assert set(jobs) <= set(STEPS) | set(CHORES)
    assert set(CHORES) <= set(jobs), "a chore nobody asks for is never done"
    assert all(seconds > 0 for seconds in jobs.values())


def test_every_step_is_a_task_of_its_own_name() -> None:
    tasks = "\n".join(path.read_text() for path in (HOUSE / "tasks").glob("*.py"))
    registered = re.findall(r"@work_task\(steps\.(\w+)\)", tasks)

    assert sorted(name.replace("_", ".", 1).lower() for name in registered) == sorted(STEPS)


def test_every_step_has_a_flow() -> None:
    assert set(FLOWS) == set(STEPS)
