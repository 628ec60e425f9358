"""Each morning a team reads once what waits for it."""

from datetime import UTC, datetime, timedelta

import pytest
from alerting import mend, pass_time, trouble, unsent, write

from integration import kinds
from tests.world import World

TUESDAY = datetime(2026, 3, 3, 8, 55, tzinfo=UTC)  # Catalogue, Engineering and Finance open at nine


def digests(world: World, channel: str = "catalogue") -> list[tuple[str, str]]:
    found = [(title, body) for to, title, body, _ in world.notify.told if to == channel and "this morning" in title]
    world.notify.told.clear()
    return found


def test_a_digest_comes_once_when_the_team_opens(world: World) -> None:
    world.at = TUESDAY
    pass_time(world, 4 * 60)
    assert digests(world) == []
    pass_time(world, 9 * 3600, step=300)

    assert [title for title, _ in digests(world)] == ["Catalogue: 0 open exceptions this morning"]


def test_a_round_with_nothing_new_takes_no_lock_from_those_who_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble(world)
    pass_time(world, 120)
    # Whoever writes now calls None, which raises.
    monkeypatch.setattr(world.store, "write", None)

    pass_time(world, 60)


def test_it_counts_what_waits_and_names_the_most_urgent_first(world: World) -> None:
    world.at = TUESDAY - timedelta(hours=1)
    trouble(world, "late", due_at=TUESDAY)
    trouble(world, "later", kinds.CONTENT_INVALID)
    trouble(world, "mended", kinds.IMAGE_BROKEN)
    mend(world, "mended", kinds.IMAGE_BROKEN)
    trouble(world, "of others", kinds.ORDER_REFUSED)
    for key in ("late", "later"):
        write(world, key, muted_until=TUESDAY + timedelta(days=1))
    world.at = TUESDAY
    pass_time(world, 6 * 60)

    ((title, body),) = digests(world)
    lines = body.splitlines()
    assert title == "Catalogue: 2 open exceptions this morning"
    assert lines[0] in ("Open: 1 × act now, 1 × today.", "Open: 1 × today, 1 × act now.")
    assert lines[1:3] == ["Overdue among the most urgent: 1.", "Closed since yesterday: 1."]
    assert lines[4].startswith("- act now, until 03 March 2026, 08:55 (Europe/London): Northgate & Co ordered")
    assert lines[5].startswith("- today")
    assert len(lines) == 6


def test_an_empty_one_is_sent_too_since_it_shows_that_somebody_would_tell(world: World) -> None:
    world.at = TUESDAY
    pass_time(world, 6 * 60)

    ((_, body),) = digests(world)
    assert body == "Nothing waits for you.\nClosed since yesterday: 0."


def test_a_long_one_ends_with_how_many_more_there_are(world: World) -> None:
    world.at = TUESDAY - timedelta(hours=12)
    for number in range(30):
        trouble(world, f"number {number}", kinds.CONTENT_INVALID)
    world.at = TUESDAY
    pass_time(world, 6 * 60)

    ((_, body),) = digests(world)
    assert body.splitlines()[-1] == "… and 15 more: cvsync exceptions list"


def test_a_system_that_was_off_in_the_morning_sends_it_later_that_day_and_none_for_days_gone(world: World) -> None:
    world.at = TUESDAY + timedelta(days=2, hours=5)
    pass_time(world, 120)

    assert [title for title, _ in digests(world)] == ["Catalogue: 0 open exceptions this morning"]


def test_a_digest_that_no_channel_took_all_day_is_not_sent_the_next(world: World) -> None:
    world.notify.broken = {"finance"}
    world.at = TUESDAY
    pass_time(world, 9 * 3600, step=900)
    assert unsent(world) == []
    world.notify.broken = set()
    pass_time(world, 24 * 3600, step=900)

    assert len(digests(world, "finance")) == 1


@pytest.mark.parametrize("night", [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)])
def test_it_comes_once_a_day_over_the_nights_on_which_clocks_change(world: World, night: datetime) -> None:
    hours = world.rules.teams[kinds.Team.FINANCE].hours.model_copy(
        update={"days": tuple(type(world.rules.teams[kinds.Team.FINANCE].hours.days[0])), "opens": "01:30"}
    )
    finance = world.rules.teams[kinds.Team.FINANCE].model_copy(update={"hours": hours})
    world.rules = world.rules.model_copy(update={"teams": {**world.rules.teams, kinds.Team.FINANCE: finance}})
    world.at = night - timedelta(hours=1)
    pass_time(world, 3 * 24 * 3600, step=1200)

    assert len(digests(world, "finance")) == 3
