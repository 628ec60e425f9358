"""A platform that is slow keeps a few workers waiting, never all of them, and nobody else's work waits for it."""

import pytest

from integration import policy, steps
from integration.flows import work
from integration.flows.work import Findings, Outcome
from integration.problems import LookFirst
from integration.services import Services
from integration.steps import CENTRA, Step
from integration.storage.work import Handed
from tests.world import World

SLOW = policy.SLOW_AFTER.total_seconds()


def ask(world: World, step: Step, owner: str, count: int = 40) -> None:
    """Plenty of work."""
    world.ask(step, *[f"{owner}/{number}" for number in range(count)])


def takes(world: World, item: Handed, seconds: float, end: Exception | None = None) -> Outcome:
    """A worker takes the piece and needs so long for it."""

    def act(_services: Services, _subject: str) -> Findings:
        world.wait(seconds)
        if end is not None:
            raise end
        return None

    return work.run(world.services, steps.STEPS[item.step], item.subject, act)


@pytest.mark.parametrize(("step", "owner", "most"), [
    (steps.STOCK_PUSH, "northgate", policy.SLOW_IN_FLIGHT),
    (steps.ORDERS_PLACE, "northgate", policy.SLOW_CENTRA_IN_FLIGHT),
])
def test_a_slow_platform_gets_few_pieces_at_a_time(world: World, step: Step, owner: str, most: int) -> None:
    ask(world, step, owner)
    first, *others = work.hand_out(world.services)
    assert 1 + len(others) == policy.IN_FLIGHT

    takes(world, first, SLOW)
    for item in others:
        takes(world, item, 0)

    assert len(work.hand_out(world.services)) == most
    assert work.hand_out(world.services) == []


def test_what_ends_at_one_moment_does_not_let_all_in_again(world: World) -> None:
    ask(world, steps.STOCK_PUSH, "northgate")
    handed = work.hand_out(world.services)

    for _ in range(4):
        world.wait(SLOW - 1)
        for item in handed:
            takes(world, item, SLOW if item is handed[0] else 0)
        handed = work.hand_out(world.services)
        assert len(handed) == policy.SLOW_IN_FLIGHT


def test_one_slow_platform_takes_nothing_from_another(world: World) -> None:
    ask(world, steps.STOCK_PUSH, "northgate")
    takes(world, work.hand_out(world.services)[0], SLOW)
    work.hand_out(world.services)

    ask(world, steps.STOCK_PUSH, "fernhill")
    ask(world, steps.ORDERS_PLACE, "northgate")

    handed = work.hand_out(world.services)
    assert sum(item.subject.startswith("fernhill/") for item in handed) == policy.IN_FLIGHT
    assert sum(item.step == steps.ORDERS_PLACE.name for item in handed) == policy.IN_FLIGHT


def test_each_lane_of_a_slow_platform_keeps_its_own_places(world: World) -> None:
    ask(world, steps.STOCK_PUSH, "northgate")
    takes(world, work.hand_out(world.services)[0], SLOW)
    work.hand_out(world.services)

    ask(world, steps.ORDERS_ACKNOWLEDGE, "northgate")

    handed = work.hand_out(world.services)
    assert [item.step for item in handed] == [steps.ORDERS_ACKNOWLEDGE.name] * policy.SLOW_IN_FLIGHT


def test_a_piece_that_runs_for_long_shows_it_before_it_ends(world: World) -> None:
    ask(world, steps.STOCK_PUSH, "northgate")
    first, *others = work.hand_out(world.services)
    for item in others:
        takes(world, item, 0)

    joined: list[Handed] = []

    def act(services: Services, _subject: str) -> Findings:
        world.wait(SLOW)
        joined.extend(work.hand_out(services))
        return None

    work.run(world.services, steps.STOCK_PUSH, first.subject, act)

    assert len(joined) == policy.SLOW_IN_FLIGHT - 1, "the one that runs has the other place"


def test_workers_that_hang_until_their_claims_run_out_are_not_joined_by_as_many(world: World) -> None:
    ask(world, steps.STOCK_PUSH, "northgate")
    hanging = [item.subject for item in work.hand_out(world.services)]

    joined: list[Handed] = []

    def hang(subjects: list[str]) -> None:
        if subjects:
            work.run(world.services, steps.STOCK_PUSH, subjects[0], lambda *_: hang(subjects[1:]))
            return
        world.wait(policy.LEASE.total_seconds() + 1)
        joined.extend(work.hand_out(world.services))

    hang(hanging)

    assert len(hanging) == policy.IN_FLIGHT
    assert len(joined) == policy.SLOW_IN_FLIGHT


def test_answers_that_are_lost_after_a_long_wait_count_too(world: World) -> None:
    ask(world, steps.STOCK_PUSH, "northgate")
    for item in work.hand_out(world.services):
        takes(world, item, 15, LookFirst("no answer came"))

    assert len(work.hand_out(world.services)) == policy.SLOW_IN_FLIGHT


def test_a_platform_that_is_quick_again_gets_all_its_places_back(world: World) -> None:
    ask(world, steps.STOCK_PUSH, "northgate")
    for item in work.hand_out(world.services):
        takes(world, item, SLOW)

    world.wait(policy.SLOW_FOR.total_seconds() - 1)
    for item in work.hand_out(world.services):
        takes(world, item, 0.1)
    assert len(work.hand_out(world.services)) == policy.SLOW_IN_FLIGHT

    world.wait(1)
    assert len(work.hand_out(world.services)) == policy.IN_FLIGHT - policy.SLOW_IN_FLIGHT


def test_work_that_is_quick_is_never_taken_for_slow(world: World) -> None:
    ask(world, steps.STOCK_PUSH, "northgate")
    for item in work.hand_out(world.services):
        takes(world, item, SLOW - 0.1)

    assert len(work.hand_out(world.services)) == policy.IN_FLIGHT


def test_retailers_that_share_a_credential_share_its_places(world: World) -> None:
    share_a_credential(world)
    ask(world, steps.STOCK_PUSH, "northgate")
    ask(world, steps.STOCK_PUSH, "calder")

    handed = work.hand_out(world.services)

    assert len(handed) == policy.IN_FLIGHT
    assert {row.gate for row in world.items()} == {"virtualstock:northgate"}


def test_the_poll_of_one_retailer_leaves_the_orders_of_another_behind_the_same_credential(world: World) -> None:
    share_a_credential(world)

    for code in ("northgate", "calder"):
        world.do(steps.ORDERS_POLL, code)

    asked = {customer for _, customer in world.northgate.said("orders")}
    assert asked == {world.rules.retailers[code].virtualstock.customer_id for code in ("northgate", "calder")}
    assert world.calder.calls == []


def share_a_credential(world: World) -> None:
    """Calder is reached through Northgate's credential."""
    calder = world.rules.retailers["calder"].model_copy(update={"credential": "northgate"})
    world.rules = world.rules.model_copy(update={"retailers": dict(world.rules.retailers) | {"calder": calder}})


def test_centra_has_one_gate_whatever_retailer_the_work_is_for(world: World) -> None:
    gates = {world.services.gate_of(steps.ORDERS_PLACE, f"{code}/PO-1") for code in world.rules.retailers}

    assert gates == {CENTRA}
