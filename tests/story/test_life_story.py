"""Every life of the table ends as it says on real processes, whatever is lost, refused, late, killed or wiped."""

import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from integration.storage import journal
from integration.storage.store import table_of
from integration.storage.tables import Cause, MarketplaceOrder
from sandbox.seed import build_seed
from tests.life import truths
from tests.life.play import Played, articles, cast
from tests.life.table import STORIES
from tests.story.lives import Company, Trouble, orders_only
from tests.story.system import System

pytestmark = [pytest.mark.story, pytest.mark.timeout(500)]

SKUS = 200
FAULTLESS = -1
SEEDS = tuple(int(seed) for seed in os.environ.get("LIFE_STORY_SEEDS", "1").split(","))
"""-1 plays without faults. One seed fits into the time of a build; `tests/life` plays the same lives without faults.
``LIFE_STORY_SEEDS=-1,1,2,3 pytest tests/story/test_life_story.py`` plays more."""
POSSIBLE = [story for story in STORIES if not story.patience]
PLAYED = {
    seed: [story for number, story in enumerate(POSSIBLE) if number % 3 != turn] for turn, seed in enumerate(SEEDS)
}
"""Two thirds of the table each, and all of it together: the quota of one retailer is what a play takes its time for."""
log = logging.getLogger(__name__)
ORDER, CAUSE = table_of(MarketplaceOrder), table_of(Cause)


@dataclass
class Play:
    """What is left of a play."""

    system: System
    company: Company
    lives: dict[str, Played]


@pytest.fixture(scope="module")
def running_lives(
    tmp_path_factory: pytest.TempPathFactory, story_database_url: str | None
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("lives")
    system = System(
        folder, skus=SKUS, database_url=story_database_url, workers=2, mappings=orders_only(folder),
        plan="high_volume",
    )  # fmt: skip
    try:
        system.start()
        system.until(lambda: system.knows_its_listings() and system.idle(), 120, "every article is known")
        yield system
    finally:
        system.stop()


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: "no faults" if seed == FAULTLESS else f"seed {seed}")
def play(request: pytest.FixtureRequest, running_lives: System) -> Play:
    """The lives of one seed, played to their ends."""
    system = running_lives
    # Cast all at once, so that no two plays share an article.
    stories = [story for each in PLAYED.values() for story in each]
    actors = iter(cast(system, stories, articles(build_seed(SKUS, 1), stories)))
    lives = {seed: [next(actors) for _ in each] for seed, each in PLAYED.items()}[request.param]
    trouble = Trouble(system, request.param, share=0.025) if request.param != FAULTLESS else None
    company = Company(system, trouble)
    began = time.monotonic()
    company.play(lives, within=400)
    log.info("%d lives in %.0f s and %d turns", len(lives), time.monotonic() - began, company.turns)
    if trouble is not None:
        log.info("%d calls struck, %d workers killed", trouble.struck, trouble.killed)
    return Play(system, company, {each.story.name: each for each in lives})


def test_every_life_ends_as_the_table_says(play: Play) -> None:
    wrong = {name: found for name, played in play.lives.items() if (found := what_is_wrong(play.system, played))}

    assert wrong == {}


def what_is_wrong(system: System, played: Played) -> list[object]:
    """How the end of a life differs from what the table says, with its timeline; nothing when it does not."""
    order, story = played.order, played.story
    with system.store.read() as db:
        timeline = journal.story(db, "order", order.subject)
    state = system.scalar(sa.select(ORDER.c.state).where(ORDER.c.reference == order.reference))
    open_causes = system.rows(sa.select(CAUSE.c.kind, CAUSE.c.facts).where(CAUSE.c.closed_at.is_(None)))
    causes = sorted({row.kind for row in open_causes if row.facts.get("reference") == order.reference})
    made = order.in_centra()
    end = (played.units(), state, played.returns(), played.invoices(), len(made), causes)
    told = (story.units, story.state, story.returns, story.invoices, story.in_centra, sorted(story.causes))
    wrong: list[object] = [end, told] if end != told else []
    wrong += truths.moves(timeline)
    if not story.causes:
        wrong += truths.at_the_end(order.reference, order.at_retailer(), made)
    return [*wrong, timeline] if wrong else []


def test_no_order_was_lost_doubled_or_over_dispatched_at_any_moment(play: Play) -> None:
    assert play.company.wrong == set()


def test_no_reservation_was_left_behind_in_centra(play: Play) -> None:
    assert play.system.centra.get("state")["incomplete"] == []


def test_both_quotas_were_kept(play: Play) -> None:
    for twin in (play.system.centra, play.system.virtualstock):
        assert twin.get("counts")["throttled"] == 0


def test_there_was_trouble_enough_to_prove_something(play: Play) -> None:
    trouble = play.company.trouble
    assert trouble is None or trouble.is_enough, vars(trouble)
