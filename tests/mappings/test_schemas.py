"""What an editor is told about mapping files is what the check says."""

import json
import re
from pathlib import Path

import pytest

from integration.rulebook.schemas import FOLDER, schemas

MAPPINGS = Path(__file__).parents[2] / "mappings"
FIRST_LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")


def test_the_schemas_in_the_repository_are_those_of_the_models() -> None:
    written = {
        str(path.relative_to(MAPPINGS)): path.read_text(encoding="utf-8") for path in (MAPPINGS / FOLDER).iterdir()
    }
    assert written == schemas(), "run `cvsync mappings schema`"


@pytest.mark.parametrize(
    "path", sorted(MAPPINGS.rglob("*.yaml")), ids=lambda path: str(path.relative_to(MAPPINGS).with_suffix(""))
)
def test_every_mapping_file_names_its_schema_in_its_first_line(path: Path) -> None:
    name = {"retailers": "retailer", "fields": "fields"}.get(path.parent.name, path.stem)
    found = FIRST_LINE.fullmatch(path.read_text(encoding="utf-8").splitlines()[0])
    assert found
    assert (path.parent / found[1]).resolve() == MAPPINGS / FOLDER / f"{name}.json"


def test_a_schema_refuses_unknown_keys_and_explains_the_known_ones() -> None:
    schema = json.loads(schemas()[f"{FOLDER}/retailer.json"])
    parts = [schema, *(part for part in schema["$defs"].values() if part["type"] == "object")]
    assert all(part["additionalProperties"] is False and part["description"] for part in parts)
    assert "acknowledge_hours" in schema["$defs"]["ServiceLevel"]["required"]
    assert "counted on working days only" in schema["$defs"]["ServiceLevel"]["description"]
