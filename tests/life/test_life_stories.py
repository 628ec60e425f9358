"""Every life of the table ends as it says, with and without lost answers, refusals and workers that die."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from integration.storage import journal
from integration.storage.store import table_of
from integration.storage.tables import MarketplaceOrder
from tests.life import truths
from tests.life.play import Played, articles, play
from tests.life.stage import Stage
from tests.life.table import STORIES, Story

FAULTLESS = -1
SEEDS = tuple(int(seed) for seed in os.environ.get("LIFE_SEEDS", "-1,1").split(","))
"""-1 plays without faults; ``LIFE_SEEDS=-1,1,2,3,4 pytest tests/life/test_life_stories.py`` plays more."""
SHARE = 0.05
"""Of the calls that each kind of fault strikes."""

pytestmark = [pytest.mark.timeout(300)]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: "no faults" if seed == FAULTLESS else f"seed {seed}")
def lives(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Played]]:
    """All lives, played in step on one stage."""
    stage = Stage(tmp_path_factory.mktemp("life"))
    try:
        if request.param != FAULTLESS:
            stage.misbehave(request.param, SHARE)
        lives = play(stage, STORIES, articles(stage.seed, STORIES))
        stage.behave()
        stage.calm()
        if request.param != FAULTLESS:
            assert stage.killed > 10, "no worker died, so this proves little"
        yield lives
    finally:
        stage.stop()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_life_ends_as_the_table_says(lives: dict[str, Played], story: Story) -> None:
    played = lives[story.name]
    stage = played.order.place
    with stage.store.read() as db:
        state = db.scalar(
            sa.select(table_of(MarketplaceOrder).c.state).where(
                table_of(MarketplaceOrder).c.reference == played.order.reference
            )
        )
        timeline = journal.story(db, "order", played.order.subject)
    left = sorted({kind for kind, reference in stage.causes() if reference == played.order.reference})
    made = played.order.in_centra()

    assert (played.units(), state, len(made)) == (story.units, story.state, story.in_centra), timeline
    assert (played.returns(), played.invoices()) == (story.returns, story.invoices), timeline
    assert left == sorted(story.causes), timeline
    assert truths.moves(timeline) == []
    if not story.causes:
        assert truths.at_the_end(played.order.reference, played.order.at_retailer(), made) == []


def test_no_order_is_lost_doubled_or_over_dispatched(lives: dict[str, Played]) -> None:
    stage = next(iter(lives.values())).order.place
    retailer_side = stage.virtualstock.get("state")["orders"]
    # What the portal or a deleted shipment says beside us is not ours to keep.
    beside = {"portal", "test", "unship"}
    words = {each.order.reference: set(each.story.plot.replace(",", "").split()) for each in lives.values()}
    own = [reference for reference, plot in words.items() if not beside & plot]

    judged = {name: order for name, order in retailer_side.items() if name in own}
    assert truths.always(judged, stage.centra.get("state")["orders"]) == []
