"""However a run ends, what is on record afterwards says what happens next."""

import pytest
import sqlalchemy as sa

from integration import kinds, policy, steps
from integration.flows import work
from integration.flows.work import Findings, Outcome
from integration.problems import LookFirst, Problem, Refused, Throttled, TryAgain
from integration.services import Services
from integration.storage import causes
from tests.world import World

STEP, SUBJECT = steps.ORDERS_PLACE, "northgate/PO-1"
TROUBLE = Problem(kinds.UNMAPPED_SKU, "northgate/7", {"retailer": "Northgate", "item": "7"})


def ends(world: World, end: Exception | Findings = None) -> Outcome:
    """Run the item with a flow that ends like that."""

    def act(_services: Services, _subject: str) -> Findings:
        if isinstance(end, Exception):
            raise end
        return end

    return work.run(world.services, STEP, SUBJECT, act)


@pytest.fixture(autouse=True)
def _asked(world: World) -> None:
    world.ask(STEP, SUBJECT)


def test_work_that_reached_its_goal_is_done(world: World) -> None:
    assert ends(world).state == "done"
    assert world.items() == []
    assert ends(world).state == "idle"


@pytest.mark.parametrize("failure", [TryAgain("down"), LookFirst("lost"), sa.exc.OperationalError("", {}, Exception())])
def test_what_failed_is_due_again_after_a_while_that_grows(world: World, failure: Exception) -> None:
    waits = []
    for _ in range(3):
        outcome = ends(world, failure)
        assert outcome.state == "again"
        assert outcome.due_at is not None
        waits.append((outcome.due_at - world.at).total_seconds())
        world.at = outcome.due_at

    assert waits == [1, 2, 4], "half of 2, 4 and 8 seconds, as the dice fell on a half"
    assert world.item(STEP, SUBJECT).tries == 3


def test_a_failure_may_ask_for_a_longer_wait_than_patience_would(world: World) -> None:
    outcome = ends(world, TryAgain("publishing", wait=180))

    assert outcome.due_at == world.at + 180 * policy.SECOND


def test_waiting_for_a_quota_does_not_count_as_a_failure(world: World) -> None:
    for _ in range(50):
        outcome = ends(world, Throttled("no room", wait=2))
        assert outcome.due_at == world.at + 2.5 * policy.SECOND
        world.at = outcome.due_at

    item = world.item(STEP, SUBJECT)
    assert (item.tries, item.failing_since) == (0, None)


def test_after_its_patience_has_run_out_the_work_waits_for_a_person(world: World) -> None:
    ends(world, TryAgain("down"))
    world.wait(STEP.patience.give_up_after.total_seconds())

    outcome = ends(world, TryAgain("still down"))

    assert outcome.state == "held"
    assert world.causes() == [("gave-up", f"{STEP.name}/{SUBJECT}")]
    assert "72 hours" in outcome.reason
    assert "still down" in outcome.reason


def test_problems_hold_the_work_behind_all_of_them(world: World) -> None:
    other = Problem(kinds.PRICE_MISSING, "northgate/PO-1/1", {"reference": "PO-1"})

    outcome = ends(world, [TROUBLE, other])

    assert outcome.state == "held"
    assert world.causes() == [("unmapped-sku", "northgate/7"), ("price-missing", "northgate/PO-1/1")]
    with world.store.read() as db:
        assert causes.held_by(db, world.item(STEP, SUBJECT).id) == [TROUBLE.sentence, other.sentence]


def test_an_error_of_ours_is_held_and_handed_to_whoever_watches(world: World) -> None:
    error = ZeroDivisionError("secret of a customer")

    outcome = ends(world, error)

    assert outcome.defect is error
    assert world.causes() == [("defect", f"{STEP.name}/{SUBJECT}")]
    assert "secret" not in outcome.reason
    assert world.item(STEP, SUBJECT).claimed_until is None


def test_a_refusal_no_flow_expected_is_held(world: World) -> None:
    outcome = ends(world, Refused("you may not", status=400))

    assert outcome.state == "held"
    assert outcome.defect is None
    assert "you may not" in outcome.reason


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_credential_is_one_cause_and_heals_by_itself(world: World, status: int) -> None:
    world.ask(STEP, "northgate/PO-2")
    assert ends(world, Refused("wrong password", status=status)).state == "again"
    world.centra.fail("events", Refused("wrong password", status=status))
    assert world.do(steps.INTAKE_POLL, steps.CENTRA).state == "again"

    assert world.causes() == [("credential-refused", "centra")]
    assert world.item(STEP, SUBJECT).tries == 0

    world.wait(120)
    assert world.run(steps.INTAKE_POLL, steps.CENTRA).state == "done"
    assert world.causes() == []


def test_credentials_of_two_retailers_are_two_causes(world: World) -> None:
    for code in ("northgate", "calder"):
        world.retailers[code].fail("orders", Refused("wrong password", status=401))
        world.do(steps.ORDERS_POLL, code)

    assert world.causes() == [
        ("credential-refused", "virtualstock:northgate"), ("credential-refused", "virtualstock:calder"),
    ]  # fmt: skip
    world.wait(120)
    world.run(steps.ORDERS_POLL, "calder")
    assert world.causes() == [("credential-refused", "virtualstock:northgate")]


def test_a_cause_closes_when_the_work_it_held_is_done(world: World) -> None:
    ends(world, [TROUBLE])
    with world.store.write() as db:
        causes.close(db, world.at, "mappings", kinds=[TROUBLE.kind.code])

    assert ends(world).state == "done"
    assert world.causes() == []


def test_a_worker_that_was_overtaken_writes_nothing(world: World) -> None:
    def slow(_services: Services, _subject: str) -> Findings:
        world.wait(policy.LEASE.total_seconds() + 1)
        assert ends(world).state == "done"
        return [TROUBLE]

    work.run(world.services, STEP, SUBJECT, slow)

    assert world.items() == []
    assert world.causes() == []


def test_work_is_handed_out_only_where_its_quota_has_room(world: World) -> None:
    world.quota.places = 0
    assert work.hand_out(world.services) == []

    world.quota.places = 1
    assert [item.subject for item in work.hand_out(world.services)] == [SUBJECT]


def test_never_more_is_in_flight_than_a_lane_may_have(world: World) -> None:
    world.ask(STEP, *[f"northgate/PO-{number}" for number in range(100)])

    assert len(work.hand_out(world.services)) == policy.IN_FLIGHT
    assert work.hand_out(world.services) == []
