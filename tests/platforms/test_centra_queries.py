"""Every document we send fits the schema that the twin of Centra answers by."""

from pathlib import Path

import pytest

from integration.centra import queries
from integration.centra.queries import Operation

graphql = pytest.importorskip("graphql", reason="the sandbox extra is not installed")

SCHEMA = Path(__file__).parents[2] / "sandbox" / "centra" / "schema.graphql"
OPERATIONS = {name: each for name, each in vars(queries).items() if isinstance(each, Operation)}


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_document_is_valid(name: str) -> None:
    schema = graphql.build_schema(SCHEMA.read_text())
    assert graphql.validate(schema, graphql.parse(OPERATIONS[name].text)) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_root_and_kind_are_what_the_document_says(name: str) -> None:
    operation = OPERATIONS[name]
    (definition,) = graphql.parse(operation.text).definitions
    assert [root.name.value for root in definition.selection_set.selections] == list(operation.roots)
    assert (definition.operation.value == "mutation") == operation.mutation


LESSER = {name: each for name, each in OPERATIONS.items() if each.lesser}


@pytest.mark.parametrize("name", LESSER)
def test_a_lesser_query_asks_the_same_with_less(name: str) -> None:
    full, lesser = LESSER[name], LESSER[name].lesser
    assert lesser is not None
    assert (lesser.root, lesser.mutation, lesser.lesser) == (full.root, False, None)
    words, fewer = full.text.split(), lesser.text.split()
    rest = iter(words)
    assert len(fewer) < len(words)
    assert all(word in rest for word in fewer), "in the order of the full one"
