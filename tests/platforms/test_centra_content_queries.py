"""What we ask of a product fits the schema that the twin of Centra answers by, and is charged as its own document."""

from pathlib import Path

import pytest

from integration.centra import catalogue_queries, queries
from integration.centra.queries import Operation

graphql = pytest.importorskip("graphql", reason="the sandbox extra is not installed")

SCHEMA = Path(__file__).parents[2] / "sandbox" / "centra" / "schema.graphql"
OPERATIONS = {name: each for name, each in vars(catalogue_queries).items() if isinstance(each, Operation)}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_document_about_products_is_valid(name: str) -> None:
    schema = graphql.build_schema(SCHEMA.read_text())
    assert graphql.validate(schema, graphql.parse(OPERATIONS[name].text)) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_document_about_products_only_reads_the_root_it_names(name: str) -> None:
    operation = OPERATIONS[name]
    (definition,) = graphql.parse(operation.text).definitions
    assert [root.name.value for root in definition.selection_set.selections] == [operation.root]
    assert definition.operation.value == "query"
    assert not operation.mutation


def test_no_two_questions_are_the_same_text() -> None:
    texts = [each.text for module in (queries, catalogue_queries) for each in vars(module).values()
             if isinstance(each, Operation)]  # fmt: skip
    assert len(set(texts)) == len(texts)
