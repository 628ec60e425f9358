"""Every life of the table ends as it says on real processes, whatever is lost, refused, late, killed or wiped."""

import logging
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
from tests.life.table import STORIES, Story
from tests.story.lives import Company, Trouble, without_stock
from tests.story.system import System

pytestmark = [pytest.mark.story, pytest.mark.timeout(500)]

SKUS = 200
FAULTLESS = -1
SEEDS = (FAULTLESS, 1)
PLAYED = tuple(story for story in STORIES if not story.patience)
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
        folder, skus=SKUS, database_url=story_database_url, workers=2, mappings=without_stock(folder),
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
    """All lives, played to their ends."""
    system, turn = running_lives, SEEDS.index(request.param)
    listed = articles(build_seed(SKUS, 1), PLAYED * len(SEEDS))
    own = {code: skus[len(skus) * turn // len(SEEDS) :] for code, skus in listed.items()}
    trouble = Trouble(system, request.param, share=0.025) if request.param != FAULTLESS else None
    lives, company = cast(system, PLAYED, own), Company(system, trouble)
    began = time.monotonic()
    company.play(lives, within=400)
    log.info("%d lives in %.0f s and %d turns", len(lives), time.monotonic() - began, company.turns)
    if trouble is not None:
        log.info("%d calls struck, %d workers killed", trouble.struck, trouble.killed)
    return Play(system, company, {each.story.name: each for each in lives})


@pytest.mark.parametrize("story", PLAYED, ids=lambda story: story.name)
def test_the_life_ends_as_the_table_says(play: Play, story: Story) -> None:
    played, system = play.lives[story.name], play.system
    order = played.order
    with system.store.read() as db:
        timeline = journal.story(db, "order", order.subject)
    state = system.scalar(sa.select(ORDER.c.state).where(ORDER.c.reference == order.reference))
    open_causes = system.rows(sa.select(CAUSE.c.kind, CAUSE.c.facts).where(CAUSE.c.closed_at.is_(None)))
    left = sorted({row.kind for row in open_causes if row.facts.get("reference") == order.reference})
    made = order.in_centra()

    assert (played.units(), state, len(made)) == (story.units, story.state, story.in_centra), timeline
    assert (played.returns(), played.invoices()) == (story.returns, story.invoices), timeline
    assert left == sorted(story.causes), timeline
    assert truths.moves(timeline) == []
    if not story.causes:
        assert truths.at_the_end(order.reference, order.at_retailer(), made) == []


def test_no_order_was_lost_doubled_or_over_dispatched_at_any_moment(play: Play) -> None:
    assert play.company.wrong == set()


def test_both_quotas_were_kept(play: Play) -> None:
    for twin in (play.system.centra, play.system.virtualstock):
        assert twin.get("counts")["throttled"] == 0


def test_there_was_trouble_enough_to_prove_something(play: Play) -> None:
    trouble = play.company.trouble
    assert trouble is None or trouble.is_enough, vars(trouble)
