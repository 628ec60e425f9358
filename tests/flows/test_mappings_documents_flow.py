"""Operations change one document at a time: refused with a line, published with a reason, and never over another's."""

import pytest

from integration import steps
from integration.flows import mappings, mappings_afresh
from integration.problems import TryAgain
from integration.storage import activity, published
from tests.fakes import FakeVirtualstock
from tests.flows.mapping import ADA, BOB, EVE, PIGEON, publish_files, take_over, text_of, versions
from tests.world import World

TOO_DEEP = "[" * 400 + "]" * 400


@pytest.fixture
def held(taken: World) -> World:
    """Version 1 is in force, and a dispatch by Pigeon Post waits for a mapping."""
    publish_files(taken)
    taken.settle()
    taken.centra.ships(1200, {12000: 2}, carrier="Pigeon Post")
    assert taken.do(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "held"
    return taken


def propose(world: World, name: str, text: str) -> mappings.Proposal:
    """What the editor shows of a text that was begun on what is in force."""
    return mappings.propose(world.services, name, text, base_version=mappings.documents(world.services).version)


def test_a_published_row_lets_the_dispatch_that_waited_for_it_leave(held: World) -> None:
    text = text_of(held, "carriers") + PIGEON
    proposal = propose(held, "carriers", text)
    assert (proposal.problems, proposal.base_version) == ([], 1)
    assert proposal.effect is not None
    assert proposal.effect.sentences == ["releases 1 dispatch"]
    assert "+- {retailer: null, carrier: Pigeon Post, service: null, slug: dpd}" in proposal.difference.splitlines()
    assert versions(held) == [1], "a proposal changes nothing"

    made = mappings.publish_document(held.services, "carriers", text, base_version=1, person=BOB, reason=" pigeons ")

    assert (made.version, made.released, made.unchecked) == (2, 1, False)
    take_over(held)
    held.wait(mappings_afresh.SETTLED.total_seconds())
    assert held.run(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "done"
    assert [item[0]["carrier"] for item in held.northgate.said("dispatch")] == ["dpd"]
    with held.store.read() as db:
        (act,) = activity.page(db, before=None, limit=1)
        (version,) = published.versions(db, before=None, limit=1)
    assert (act["by"], act["verb"], act["subject"], act["reason"]) == ("bob", "published", "2", "pigeons")
    assert act["facts"] == {"documents": ["carriers"]}
    assert (version.author, version.reason) == ("bob", "pigeons")


def test_a_proposal_says_that_a_row_for_another_carrier_releases_nothing(held: World) -> None:
    text = text_of(held, "carriers") + PIGEON.replace("Pigeon", "Dove")
    effect = propose(held, "carriers", text).effect
    assert effect is not None
    assert effect.sentences == ["changes nothing that is held or shown at the moment"]


@pytest.mark.parametrize(("name", "text", "line", "words"), [
    ("carriers", "", None, "is empty"),
    ("carriers", "# nothing\n", None, "is empty"),
    ("carriers", "- " + "x" * 1_000_000, None, "is larger than 1000000 bytes"),
    ("carriers", "\n- &a [x]\n- *a\n", 2, "anchors and aliases are not allowed; write the value out"),
    ("stock", "buffers: []\nbuffers: []\n", 2, "the key buffers stands here a second time"),
    ("stock", "buffers:\n\t- x\n", 2, "is no YAML, found character that cannot start any token"),
    ("stock", "buffers: []\n# \x00\n", 2, "is no YAML, it holds the character U+0000"),
    ("stock", 'buffers: ["\\0"]\n', 1, "holds the character U+0000, which no text may hold"),
    ("stock", f"buffers: {TOO_DEEP}", 1, "is nested too deeply"),
    ("stock", "buffers: []\n---\nbuffers: []\n", 2, "a second document begins here; a file holds one"),
    ("stock", "buffers: 3\n", 1, "buffers: must be a list"),
    ("stock", "buffers: []\nfloors: []\n", 2, "floors: is not a known key"),
    ("stock", "buffers:\n- {retailer: nobody, sku: A, sku_prefix: null, buffer: 1}\n", 2,
     "buffers, row 1, retailer: there is no retailer nobody"),
    ("stock", "buffers:\n- {retailer: null, sku: A, sku_prefix: null, buffer: many}\n", 2,
     "buffers, row 1, buffer: must be a whole number, without quotes"),
    ("../../etc/passwd", "x: y", None, "is no mapping document; nothing would read it"),
    ("retailers/../stock", "x: y", None, "is no mapping document; nothing would read it"),
    ("retailers", "x: y", None, "is no mapping document; nothing would read it"),
])  # fmt: skip
def test_a_bad_text_is_refused_with_its_line_and_never_published(
    world: World, name: str, text: str, line: int | None, words: str
) -> None:
    publish_files(world)
    (mistake,) = propose(world, name, text).mistakes
    assert (mistake.line, mistake.words) == (line, words)

    made = mappings.publish_document(world.services, name, text, base_version=1, person=ADA, reason="oops")

    assert (made.version, list(made.problems)) == (None, [mistake.sentence])
    assert versions(world) == [1]


def test_of_a_text_full_of_mistakes_a_bounded_number_is_told(world: World) -> None:
    text = "- {}\n" * 5000
    assert len(propose(world, "carriers", text).problems) == mappings.MOST_MISTAKES


def test_a_row_that_contradicts_another_is_refused_where_it_stands(world: World) -> None:
    publish_files(world)
    text = text_of(world, "carriers")
    (mistake,) = propose(world, "carriers", text + text.splitlines()[0] + "\n").mistakes
    assert mistake.line == len(text.splitlines()) + 1
    assert "says again what an earlier row says already" in mistake.words


def test_the_second_of_two_publishers_is_told_and_shown_what_the_first_did(world: World) -> None:
    publish_files(world)
    text = text_of(world, "carriers")
    first = mappings.publish_document(
        world.services, "carriers", text + PIGEON, base_version=1, person=BOB, reason="pigeons"
    )
    second = mappings.publish_document(
        world.services, "stock", "buffers:\n- {retailer: null, sku: A, sku_prefix: null, buffer: 1}\n",
        base_version=1, person=ADA, reason="buffer",
    )  # fmt: skip
    looked = mappings.propose(world.services, "stock", "buffers: []", base_version=1)
    assert looked.meanwhile is not None
    assert (looked.base_version, looked.meanwhile.problems) == (2, second.problems)
    assert (first.version, second.version) == (2, None)
    assert second.problems[0].startswith('Version 2 by bob came into force meanwhile ("pigeons").')
    assert [line for line in second.difference.splitlines() if line.startswith("+-")] == ["+" + PIGEON.strip()]
    assert versions(world) == [2, 1]


def test_of_two_who_publish_at_the_same_moment_one_is_told(world: World) -> None:
    publish_files(world)
    text = text_of(world, "carriers")

    def other() -> None:
        made = mappings.publish_document(
            world.services, "stock", "buffers:\n- {retailer: null, sku: A, sku_prefix: null, buffer: 1}\n",
            base_version=1, person=BOB, reason="buffer",
        )  # fmt: skip
        assert made.version == 2

    world.northgate.meanwhile("carriers", other)
    made = mappings.publish_document(
        world.services, "carriers", text + PIGEON, base_version=1, person=ADA, reason="pigeons"
    )
    assert made.version is None
    assert "Version 2 by bob" in made.problems[0]
    assert versions(world) == [2, 1]


def test_a_base_that_never_was_is_refused(world: World) -> None:
    made = mappings.publish_document(world.services, "stock", "buffers: []", base_version=7, person=ADA, reason="x")
    assert list(made.problems) == ["There is no version 7; nothing is published yet."]


def test_a_new_retailer_can_be_written_as_a_new_document(world: World) -> None:
    publish_files(world)
    world.retailers["mill"] = FakeVirtualstock()
    text = text_of(world, "retailers/calder").replace("code: calder", "code: mill")
    text = text.replace("customer_id: 14", "customer_id: 15").replace("credential: calder", "credential: mill")
    proposal = propose(world, "retailers/mill", text)
    assert proposal.problems == []
    assert proposal.effect is not None
    assert any(note.endswith("is a retailer from now on") for note in proposal.effect.notes)


@pytest.mark.parametrize("reason", ["", " \n"])
def test_nothing_is_published_without_a_reason(world: World, reason: str) -> None:
    publish_files(world)
    made = mappings.publish_document(
        world.services, "carriers", text_of(world, "carriers") + PIGEON, base_version=1, person=ADA, reason=reason
    )
    assert (made.version, list(made.problems)) == (None, ["Say why; the reason is kept with the version."])


def test_what_says_the_same_in_other_words_is_not_published(world: World) -> None:
    publish_files(world)
    text = "# a remark\nbuffers:   [ ]\n"
    made = mappings.publish_document(world.services, "stock", text, base_version=1, person=ADA, reason="tidy")
    assert list(made.problems) == ["stock.yaml says just this already; nothing was published."]


def test_a_slug_that_is_not_live_is_named_with_its_line(world: World) -> None:
    publish_files(world)
    text = text_of(world, "carriers")
    (mistake,) = propose(world, "carriers", text + PIGEON.replace("dpd", "evri")).mistakes
    assert mistake.line == len(text.splitlines()) + 1
    assert mistake.words.endswith("slug: evri is not on the live carrier list")


def test_a_category_that_its_retailer_does_not_have_is_named_with_its_line(world: World) -> None:
    publish_files(world)
    text = text_of(world, "retailers/northgate").replace("category: 5544", "category: 5599")
    (mistake,) = propose(world, "retailers/northgate", text).mistakes
    assert text.splitlines()[(mistake.line or 0) - 1].count("5599") == 1
    assert "5599 is not among the categories" in mistake.words


def test_what_is_wrong_elsewhere_does_not_keep_a_document_from_being_published(world: World) -> None:
    # The carriers of the files, which no live list has any more, came into force while it could not be asked.
    world.northgate.fail("carriers", TryAgain("away"))
    assert mappings.publish(world.services, world.rules, person=ADA, reason="first").unchecked
    text = "buffers:\n- {retailer: null, sku: A, sku_prefix: null, buffer: 1}\n"
    made = mappings.publish_document(world.services, "stock", text, base_version=1, person=ADA, reason="buffer")
    assert (made.version, list(made.problems)) == (2, [])


def test_where_the_live_list_cannot_be_asked_that_is_said_and_nothing_is_kept_back(world: World) -> None:
    publish_files(world)
    text = text_of(world, "carriers") + PIGEON
    world.northgate.fail("carriers", TryAgain("away"), TryAgain("away"))
    assert propose(world, "carriers", text).unchecked
    made = mappings.publish_document(world.services, "carriers", text, base_version=1, person=ADA, reason="pigeons")
    assert (made.version, made.unchecked) == (2, True)


def test_a_document_goes_through_the_editor_unchanged(world: World) -> None:
    publish_files(world)
    for name, text in mappings.documents(world.services).texts.items():
        proposal = propose(world, name, text)
        assert (proposal.problems, proposal.difference) == ([], ""), name


def test_a_roll_back_is_a_new_version_that_says_what_the_old_one_said(held: World) -> None:
    text = text_of(held, "carriers")
    mappings.publish_document(held.services, "carriers", text + PIGEON, base_version=1, person=ADA, reason="pigeons")

    made = mappings.roll_back(held.services, 1, person=BOB, reason="no pigeons")

    assert made.version == 3
    with held.store.read() as db:
        assert published.document(db, 3) == published.document(db, 1)
        (act,) = activity.page(db, before=None, limit=1)
    assert (act["by"], act["verb"], act["facts"]) == ("bob", "rolled back", {"documents": ["carriers"]})


def test_nothing_is_rolled_back_to_what_is_not_there_or_in_force_or_of_no_use(world: World) -> None:
    publish_files(world)

    def problems(version: int) -> list[str]:
        made = mappings.roll_back(world.services, version, person=BOB, reason="back")
        assert made.version is None
        return list(made.problems)

    assert problems(9) == ["There is no version 9."]
    assert problems(1) == ["What is in force says just what version 1 says."]
    with world.store.write() as db:
        published.publish(db, {"retailers": {}}, after=1, author="ada", reason="0.1.0", now=world.at)
    assert problems(2)[0] == "Version 2 cannot be used by this release:"
    assert mappings.roll_back(world.services, 1, person=BOB, reason="back").version == 3


def test_files_are_not_published_over_what_somebody_changed_in_the_console(world: World) -> None:
    publish_files(world)
    files = world.rules
    changed = files.model_copy(update={"products": ()}).to_document()
    changed["products"] = [{"retailer": "calder", "part_number": "1", "sku": "A"}]
    rules = type(files).from_document(changed)
    text = text_of(world, "carriers") + PIGEON
    mappings.publish_document(world.services, "carriers", text, base_version=1, person=ADA, reason="pigeons")

    refused = mappings.publish_files(world.services, rules, base_version=None, person=EVE, reason="a SKU")
    late = mappings.publish_files(world.services, rules, base_version=1, person=EVE, reason="a SKU")
    knowing = mappings.publish_files(world.services, rules, base_version=2, person=EVE, reason="a SKU")

    assert refused.problems[0] == "carriers.yaml was changed by ada in version 2, and the files say otherwise."
    assert "--base 2" in refused.problems[1]
    assert "Version 2 by ada" in late.problems[0]
    assert knowing.version == 3
    again = mappings.publish_files(world.services, files, base_version=None, person=EVE, reason="back")
    assert again.version == 4, "what was published from files is the files' own"
