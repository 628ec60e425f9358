"""A mapping document that was made to do harm is refused at once, and of two who publish together one is told."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from browser import Browser, Program, site

from integration import steps
from integration.flows import mappings_afresh
from integration.people import Role
from tests.flows.mapping import PIGEON, publish_files, take_over, text_of, versions
from tests.racing import race
from tests.world import World, line

ANNOUNCE = (steps.DISPATCHES_ANNOUNCE, "northgate/41")
FORM = {"name": "carriers", "base": "1"}
ROW = "- {retailer: null, carrier: A, service: null, slug: dpd"
LAUGHS = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'lol'}]\n" for n in range(12))
BOMBS = {
    "a billion laughs": LAUGHS,
    "an anchor that holds itself": "&a [*a]\n",
    "a merge": "- &a {retailer: null}\n- {<<: *a}\n",
    "a python object": "!!python/object/apply:os.system [id]\n",
    "a tag": "- !!binary aGFsbG8=\n",
    "nested lists": "[" * 200_000,
    "nested mappings": "{a: " * 100_000,
    "nested blocks": "\n".join(" " * depth + "a:" for depth in range(1_300)),
    "a number of thousands of digits": f"{ROW}, extra: {'9' * 5_000}}}\n",
    "a number in words of a million characters": f"{ROW}, extra: 0x{'f' * 900_000}}}\n",
    "a day that is none": f"{ROW}, extra: 2026-13-45}}\n",
    "keys without end": "{" + ", ".join(f"k{number}: 1" for number in range(60_000)) + "}",
    "one key again and again": "a: 1\n" * 100_000,
    "rows without end": f"{ROW}}}\n" * 15_000,
    "documents without end": "--- a\n" * 100_000,
    "a key that is no text": "? [a, b]\n: c\n",
    "quotes without end": '"' + "\\x41" * 200_000,
    "remarks without end": "#" * 900_000,
    "dashes without end": "- " * 400_000,
    "a line break of another kind": "- a\u2028- b\x85- c\n",
    "half a character": "- \ud83d\n",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Version 1 is in force."""
    made = World(tmp_path)
    publish_files(made)
    yield made
    made.store.close()


@pytest.fixture
def olga(world: World) -> Browser:
    return Browser(site(world), Role.OPERATOR)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_document_made_to_do_harm_is_refused_in_words_and_soon(world: World, olga: Browser, bomb: str) -> None:
    text = BOMBS[bomb].encode("utf-8", "surrogatepass")
    began = time.process_time()
    preview = olga.post("/mappings/preview", **FORM, text=text)
    published = olga.post("/mappings/publish", **FORM, text=text, reason="x")
    assert time.process_time() - began < 6, "seconds of the processor, for both and the pages that they answer with"
    for answer in (preview, published):
        assert answer.status_code == 422
        assert "Nothing was published." in answer.text
    assert versions(world) == [1]


def test_a_form_of_four_megabytes_is_turned_away_by_console_and_api(world: World, olga: Browser) -> None:
    text = "- é\n" * 1_200_000
    assert olga.post("/mappings/preview", **FORM, text=text).status_code == 413
    refused = Program(olga.app, Role.OPERATOR).call(
        "POST", "/mappings/publish", json={"name": "carriers", "base_version": 1, "text": text, "reason": "x"}
    )
    assert (refused.status_code, refused.json()) == (413, {"detail": "That is too large: 4 MB is the limit."})
    assert versions(world) == [1]


def test_of_those_who_publish_at_the_same_moment_one_is_first_and_every_other_is_told(world: World) -> None:
    app = site(world)
    browsers = [Browser(app, Role.OPERATOR) for _ in range(4)]
    for turn in range(1, 5):
        base = str(turn)
        acts = [publishing(browser, base, text_of(world, "carriers") + named(f"{turn}{which}"), f"by {which}")
                for which, browser in enumerate(browsers)]  # fmt: skip
        answers = race(*acts)
        assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
        assert versions(world)[0] == turn + 1
        first = next(number for number, answer in enumerate(answers) if answer.status_code == 303)
        for answer in answers:
            assert answer.status_code == 303 or f"by {first}&#34;" in answer.text, "the reason of the first is shown"
        assert f"P{turn}{first}," in text_of(world, "carriers")


def test_what_a_run_held_while_somebody_published_leaves_by_itself(world: World, olga: Browser) -> None:
    world.centra.has(11, "TEE-M", 8, ean="5000000000011")
    world.lists("northgate", 901, "71000001", "TEE-M", shown=8)
    for step, subject in ((steps.STOCK_SWEEP, steps.CENTRA), (steps.CATALOGUE_LISTINGS, "northgate")):
        world.ask(step, subject)
    world.settle()
    world.orders("northgate", 5001, "PO-1", line("1", "71000001", 2, "24.00"))
    world.do(steps.ORDERS_POLL, "northgate")
    world.settle()
    world.centra.ships(1200, {12000: 2}, carrier="Pigeon Post")
    draft = text_of(world, "carriers") + PIGEON
    done: list[httpx.Response] = []
    # The worker has its rules already when it reads the shipment.
    world.centra.meanwhile("shipments", lambda: done.append(publishing(olga, "1", draft, "pigeons")()))

    assert world.do(*ANNOUNCE).state == "held"
    assert done[0].status_code == 303
    take_over(world)
    world.wait(mappings_afresh.LATE.total_seconds())
    mappings_afresh.see_to_late_ones(world.services)

    assert world.run(*ANNOUNCE).state == "done"
    assert world.causes() == []


def publishing(browser: Browser, base: str, text: str, reason: str) -> Callable[[], httpx.Response]:
    """The press on the button."""
    return lambda: browser.post("/mappings/publish", name="carriers", base=base, text=text, reason=reason)


def named(carrier: str) -> str:
    return f"- {{retailer: null, carrier: P{carrier}, service: null, slug: dpd}}\n"
