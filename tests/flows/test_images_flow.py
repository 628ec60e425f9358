"""An image link is looked at when it is due, and what was found changes what waits for it, and only then."""

from datetime import timedelta

import pytest

from integration import kinds, policy, steps
from integration.flows import images as flow
from integration.flows import upkeep, work
from integration.flows.work import Outcome
from integration.images import UNSURE, Verdict
from integration.problems import Problem
from integration.storage import images
from tests.world import World

URL = "https://images.test/1.jpg"
GONE = Verdict("it answers 404")


def want(world: World, *urls: str) -> None:
    """A push waits until somebody has looked at these links."""
    with world.store.write() as db:
        images.want(db, urls, world.at)


def use(world: World, *urls: str) -> None:
    """Listings that are judged now show these links."""
    with world.store.write() as db:
        images.use(db, urls, world.at)


def check(world: World) -> Outcome:
    return world.do(steps.IMAGES_CHECK, steps.CENTRA)


def known(world: World, *urls: str) -> dict[str, str | None]:
    with world.store.read() as db:
        return images.known(db, urls or [URL])


def again(world: World) -> list[str]:
    """Look at what is due now; the links that were asked for."""
    world.images.looked.clear()
    assert check(world).state == "done"
    return list(world.images.looked)


def held(world: World, url: str = URL) -> None:
    """A push of a listing is held because of what is behind a link."""
    problem = Problem(kinds.IMAGE_BROKEN, url, {"url": url, "why": "it answers 404"})
    world.ask(steps.PRODUCTS_PUSH, f"northgate/{url[-5]}")
    work.run(world.services, steps.PRODUCTS_PUSH, f"northgate/{url[-5]}", lambda *_: [problem])


def test_a_link_is_looked_at_once_and_what_was_found_is_kept(world: World) -> None:
    want(world, URL)

    assert again(world) == [URL]
    assert known(world) == {URL: None}
    assert again(world) == []


@pytest.mark.parametrize(("verdict", "pause"), [
    (Verdict(), policy.IMAGE_GOOD), (GONE, policy.IMAGE_BROKEN), (UNSURE, policy.IMAGE_UNSURE),
])  # fmt: skip
def test_a_link_is_looked_at_again_after_a_pause_that_depends_on_what_was_found(
    world: World, verdict: Verdict, pause: timedelta
) -> None:
    world.images.wrong[URL] = verdict
    want(world, URL)
    check(world)
    assert known(world) == {URL: verdict.wrong}

    world.at += pause - timedelta(seconds=1)
    assert again(world) == []
    world.at += timedelta(seconds=1)
    assert again(world) == [URL]


def test_a_link_that_no_listing_wants_any_more_is_left_alone_and_then_forgotten(world: World) -> None:
    other = "https://images.test/2.jpg"
    world.images.wrong = {URL: GONE, other: GONE}
    want(world, URL, other)
    check(world)
    looked = []
    for _ in range(5):
        world.at += policy.IMAGE_BROKEN
        use(world, other)
        upkeep.forget(world.services)
        looked.append(again(world))

    assert looked == [[URL, other], [URL, other], [URL, other], [other], [other]]
    assert known(world, URL, other) == {URL: "it answers 404", other: "it answers 404"}

    world.at += policy.IMAGE_USED + policy.IMAGE_KEPT - 5 * policy.IMAGE_BROKEN
    use(world, other)
    upkeep.forget(world.services)
    assert set(known(world, URL, other)) == {URL, other}
    world.wait(1)
    upkeep.forget(world.services)
    assert known(world, URL, other) == {other: "it answers 404"}


def test_an_image_that_was_mended_lets_go_what_waited_for_it_and_nothing_else(world: World) -> None:
    other = "https://images.test/2.jpg"
    world.images.wrong = {URL: GONE, other: GONE}
    want(world, URL, other)
    check(world)
    held(world)
    held(world, other)
    assert world.causes() == [("image-broken", URL), ("image-broken", other)]

    del world.images.wrong[URL]
    world.at += policy.IMAGE_BROKEN
    assert again(world) == [URL, other]

    assert world.causes() == [("image-broken", other)]
    assert not world.item(steps.PRODUCTS_PUSH, "northgate/1").held
    assert world.item(steps.PRODUCTS_PUSH, "northgate/2").held


def test_a_link_that_is_broken_in_another_way_is_told_afresh(world: World) -> None:
    world.images.wrong[URL] = GONE
    want(world, URL)
    check(world)
    held(world)

    world.images.wrong[URL] = Verdict("it is text/html and not an image")
    world.at += policy.IMAGE_BROKEN
    check(world)

    assert not world.item(steps.PRODUCTS_PUSH, "northgate/1").held


def test_a_link_that_broke_has_all_listings_judged_where_links_are_checked(world: World) -> None:
    world.change("calder", products={"images": "unchecked"})
    world.images.wrong[URL] = GONE
    want(world, URL)
    check(world)

    checked = [code for code, each in world.rules.retailers.items() if each.products.images == "checked"]
    assert world.asked(steps.PRODUCTS_REVIEW) == sorted(checked)
    assert "calder" not in checked


@pytest.mark.parametrize("verdict", [Verdict(), UNSURE])
def test_neither_an_image_nor_what_may_pass_has_all_listings_judged(world: World, verdict: Verdict) -> None:
    world.images.wrong[URL] = verdict
    want(world, URL)
    check(world)

    assert world.asked(steps.PRODUCTS_REVIEW) == []


def test_a_link_that_stays_broken_changes_nothing(world: World) -> None:
    world.images.wrong[URL] = GONE
    want(world, URL)
    check(world)
    held(world)
    world.settle()

    world.at += policy.IMAGE_BROKEN
    assert again(world) == [URL]

    assert world.item(steps.PRODUCTS_PUSH, "northgate/1").held
    assert world.asked(steps.PRODUCTS_REVIEW) == []


def test_a_round_looks_at_a_few_links_and_another_follows_after_a_rest(world: World) -> None:
    urls = [f"https://images.test/{number}.jpg" for number in range(flow.AT_ONCE + 3)]
    want(world, *urls)

    assert len(again(world)) == flow.AT_ONCE
    assert world.item(steps.IMAGES_CHECK, steps.CENTRA).due_at >= world.at + policy.IMAGE_GAP

    world.settle()
    assert sorted(world.images.looked) == sorted(urls)
    assert world.items() == []


def test_a_slow_image_host_does_not_make_centra_count_as_slow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = [f"https://images.test/{number}.jpg" for number in range(9)]
    want(world, *urls)

    def slow(url: str) -> Verdict:
        world.images.looked.append(url)
        world.wait(1)
        return Verdict()

    monkeypatch.setattr(world.images, "look", slow)
    began = world.at

    seen = again(world)

    assert 0 < len(seen) < len(urls)
    assert world.at - began < policy.SLOW_AFTER
    world.settle()
    assert sorted(world.images.looked) == urls
