"""Many lives are played at once, act by act, on one stage; each has articles of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sandbox.seed import Seed
from tests.life.actor import Order, Place
from tests.life.table import Story


class Stage(Place, Protocol):
    """Where stories are played."""

    def calm(self) -> None:
        """Let time pass until nothing changes any more."""


@dataclass
class Played:
    """A story and the order it was about."""

    story: Story
    order: Order

    def act(self, words: str) -> None:
        """Do one act of the story."""
        try:
            self.order.act(words)
        except Exception as error:
            raise AssertionError(f"{self.story.name!r}: {words!r} was not possible: {error}") from error

    def units(self) -> str:
        """What became of the units at the retailer, as the table writes it."""
        return " ".join(_in_letters(*each) for each in self.order.units().values())

    def returns(self) -> str:
        """The status of its returns at the retailer."""
        return " ".join(sorted(row["status"] for row in self.order.at_retailer()["returns"]))

    def invoices(self) -> int:
        """Invoices that the retailer holds."""
        return len(self.order.at_retailer()["invoices"])


def play(stage: Stage, stories: Sequence[Story], skus: dict[str, Sequence[str]]) -> dict[str, Played]:
    """Play all stories in step, and return them by name.

    :param skus: by retailer, articles that it lists and that nobody else in the play uses.
    """
    played = cast(stage, stories, skus)
    scenes = [scenes_of(story.acts) for story in stories]
    for number in range(max(len(each) for each in scenes)):
        for each, scene in zip(played, scenes, strict=True):
            for act in scene[number] if number < len(scene) else ():
                each.act(act)
        stage.calm()
    return {each.story.name: each for each in played}


def cast(place: Place, stories: Sequence[Story], skus: dict[str, Sequence[str]]) -> list[Played]:
    """The stories before their first act, each with articles of its own. Parameters as in `play`."""
    left = {retailer: list(listed) for retailer, listed in skus.items()}
    played = []
    for story in stories:
        own = [left[story.retailer].pop(0) for _ in range(story.lines)]
        played.append(Played(story, Order(place, story.retailer, own)))
    return played


def scenes_of(acts: Sequence[str]) -> list[list[str]]:
    """The acts between two waits belong together."""
    scenes: list[list[str]] = [[]]
    for act in acts:
        if act == "wait":
            scenes.append([])
        else:
            scenes[-1].append(act)
    return scenes


def _in_letters(dispatched: int, cancelled: int) -> str:
    parts = [f"{letter}{units}" for letter, units in (("D", dispatched), ("C", cancelled)) if units]
    return "".join(parts) or "D0"


def articles(seed: Seed, stories: Sequence[Story]) -> dict[str, list[str]]:
    """As many articles by retailer as the stories need: sold, listed there, and used by nobody else."""
    wanted = Counter[str]()
    for story in stories:
        wanted[story.retailer] += story.lines
    sold = {size.sku for _, _, size in seed.sizes() if size.active and not size.preorder}
    listed: dict[str, list[str]] = {}
    for listing in seed.listings:
        if listing.sku in sold:
            listed.setdefault(listing.sku, []).append(listing.retailer)
    found: dict[str, list[str]] = {code: [] for code in wanted}
    for sku, retailers in listed.items():
        neediest = max(retailers, key=lambda code: wanted[code])
        if wanted[neediest] > 0:
            found[neediest].append(sku)
            wanted[neediest] -= 1
    return found
