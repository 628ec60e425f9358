"""Every kind of exception has a page that says what to do, and every page names only what exists."""

import re
from collections.abc import Collection
from pathlib import Path

import pytest
import typer

from integration import cli, kinds
from integration.kinds import CATALOGUE, DUE_HOURS, Kind
from integration.web.render import NAVIGATION

HOUSE = Path(__file__).parents[2]
MANUAL = HOUSE / "integration" / "manual"
HEADINGS = ["## What happened", "## What it blocks", "## Do this", "## How you know it worked"]
CODES = sorted(CATALOGUE)
TEMPLATES = HOUSE / "integration" / "web" / "templates"
BUTTONS = {
    "exceptions retry": "Retry", "exceptions resolve": "Resolve", "exceptions release": "Release all",
    "mappings publish": "Mappings", "mappings suggest": "Mappings", "mappings history": "Mappings",
    "flows list": "Retailers", "flows pause": "Retailers", "sync [a-z]+ --(?:sku|order) [A-Z]+`": "Send now",
    "sync [a-z]+ --sku SKU --dry-run": "Show, and send nothing",
}  # fmt: skip
"""What the console says on the button, or on the page in its head, that does what a command does."""


KINDS = {name for name, value in vars(kinds).items() if isinstance(value, Kind)}
LISTS = {"by_hand.py", "exceptions.py", "mappings.py", "mappings_suggestions.py", "releases.py"}
"""Flows that only tell kinds apart, and raise none."""


def named(*folders: str, without: Collection[str] = ("kinds.py",)) -> set[str]:
    """The kinds that these folders of the product name, without those files."""
    paths = [path for folder in folders for path in (HOUSE / folder).rglob("*.py") if path.name not in without]
    return {name for path in paths for name in re.findall(r"\bkinds\.([A-Z][A-Z_]+)\b", path.read_text())}


def test_every_kind_that_is_named_anywhere_exists() -> None:
    assert named("integration", "tasks") - {"CATALOGUE", "DUE_HOURS"} <= KINDS


def test_every_kind_is_raised_by_some_rule_or_flow() -> None:
    assert KINDS - named("integration/flows", "integration/domain", without=LISTS) == set()


def test_every_kind_has_a_code_of_its_own() -> None:
    assert len(CATALOGUE) == sum(isinstance(value, Kind) for value in vars(kinds).values())
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in CATALOGUE)


@pytest.mark.parametrize("code", CODES)
def test_every_kind_has_a_page_with_all_its_parts(code: str) -> None:
    page = (MANUAL / f"{code}.md").read_text()

    assert re.findall(r"^## .*$", page, re.MULTILINE) == HEADINGS
    for part in re.split(r"^## .*$", page, flags=re.MULTILINE)[1:]:
        assert len(part.split()) > 5
    assert re.search(r"^1\. ", page, re.MULTILINE), "what to do is a list of steps"


def test_no_page_is_about_a_kind_that_is_gone() -> None:
    assert sorted(path.stem for path in MANUAL.glob("*.md")) == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_page_names_only_commands_and_mapping_files_that_exist(code: str) -> None:
    page = (MANUAL / f"{code}.md").read_text()

    for command in re.findall(r"`cvsync ([^`]+)`", page):
        assert _exists(command.split()), command
    for path in re.findall(r"`(mappings/[^`]+)`", page):
        assert path == "mappings/retailers/CODE.yaml" or (HOUSE / path).exists(), path


@pytest.mark.parametrize("code", CODES)
def test_a_page_names_the_button_of_the_console_beside_each_command_that_has_one(code: str) -> None:
    steps = (MANUAL / f"{code}.md").read_text().partition(HEADINGS[2])[2].partition(HEADINGS[3])[0]

    for command, label in BUTTONS.items():
        # Files that are right are published as files: the page of mapping-drift says so and has no button.
        if re.search(rf"`cvsync {command}", steps) and (code, command) != ("mapping-drift", "mappings publish"):
            assert f"**{label}**" in steps, command


@pytest.mark.parametrize("label", sorted({*BUTTONS.values(), "Release these SKUs"}))
def test_a_button_that_pages_name_is_in_the_console(label: str) -> None:
    shown = [path.read_text() for path in TEMPLATES.glob("*.html")]

    assert label in dict(NAVIGATION).values() or any(re.search(rf"<button[^>]*>{label}", text) for text in shown)


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_reads_as_one_even_when_no_fact_is_known(code: str) -> None:
    kind = CATALOGUE[code]
    facts = re.findall(r"{(\w+)}", kind.sentence)

    assert kind.sentence.format_map(dict.fromkeys(facts, "x")).endswith(".")
    assert kind.severity in DUE_HOURS


def _exists(words: list[str]) -> bool:
    """Whether the first words are a command, and every option of the rest one of its options."""
    command = typer.main.get_command(cli.app)
    while words and (found := getattr(command, "commands", {}).get(words[0])):
        command, words = found, words[1:]
    options = {name for each in command.params for name in each.opts}
    return not hasattr(command, "commands") and all(word in options for word in words if word.startswith("--"))
