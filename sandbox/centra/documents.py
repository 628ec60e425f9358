"""A GraphQL document is parsed and checked once; its price and its permissions are known before it runs.

Centra does not publish its complexity formula. This one keeps what is known of it: nested lists multiply, free stock
costs nothing, other stock quantities are dear, a mutation starts near 112, `rateLimits` costs 10.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
    validate,
)

KEPT = 500
QUERY_BASE = 10
MUTATION_BASE = 110
EXPENSIVE = 5
ELEMENTS_OF_UNPAGED_LIST = 3


@dataclass(frozen=True)
class Need:
    """A permission, the field that needs it and where in the document that field is."""

    permission: str
    field_name: str
    node: FieldNode
    path: tuple[str, ...]


@dataclass
class Prepared:
    """A document ready to run, or the errors that keep it from running."""

    document: DocumentNode | None = None
    errors: list[GraphQLError] = field(default_factory=list)
    operation: OperationDefinitionNode | None = None
    roots: list[str] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)

    @property
    def is_mutation(self) -> bool:
        """True when running it can change something."""
        return self.operation is not None and self.operation.operation is OperationType.MUTATION


class Documents:
    """The documents seen lately, by their text. Safe for many threads: at worst one is prepared twice."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[tuple[str, str | None], Prepared] = OrderedDict()

    def prepare(self, text: str, operation_name: str | None) -> Prepared:
        """The prepared document; of several operations the named one."""
        key = (text, operation_name)
        prepared = self._kept.get(key)
        if prepared is None:
            prepared = self._kept[key] = self._prepare(text, operation_name)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return prepared

    def _prepare(self, text: str, operation_name: str | None) -> Prepared:
        try:
            document = parse(text)
        except GraphQLError as error:
            return Prepared(errors=[error])
        operations = [
            node for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
            and operation_name in (None, node.name.value if node.name else None)
        ]
        if len(operations) != 1:
            return Prepared(document, [GraphQLError("Name exactly one operation of the document.")])
        roots = [
            node.name.value for node in operations[0].selection_set.selections if isinstance(node, FieldNode)
        ]
        prepared = Prepared(document, validate(self._schema, document), operations[0], roots)
        if not prepared.errors:
            prepared.needs = list(_Walk(self._schema, document, {}).needs(operations[0]))
        return prepared

    def complexity(self, prepared: Prepared, variables: Mapping[str, Any]) -> int:
        """Points charged for running the document with these variables."""
        if prepared.document is None or prepared.operation is None:
            return 0
        base = MUTATION_BASE if prepared.is_mutation else QUERY_BASE
        return base + _Walk(self._schema, prepared.document, variables).cost(prepared.operation)


class _Walk:
    """One pass over a document with the types of its fields at hand."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def needs(self, operation: OperationDefinitionNode) -> Iterator[Need]:
        seen: set[str] = set()
        for need in self._needs(self._root(operation), operation.selection_set, ()):
            if need.permission not in seen:
                seen.add(need.permission)
                yield need

    def cost(self, operation: OperationDefinitionNode) -> int:
        return self._cost(self._root(operation), operation.selection_set)

    def _root(self, operation: OperationDefinitionNode) -> Any:
        return self._schema.get_root_type(operation.operation)

    def _fields(self, parent: Any, selections: SelectionSetNode) -> Iterator[tuple[FieldNode, GraphQLField]]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) and node.name.value in parent.fields:
                    yield node, parent.fields[node.name.value]
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                yield from self._fields(
                    self._schema.get_type(fragment.type_condition.name.value), fragment.selection_set
                )
            elif isinstance(node, InlineFragmentNode):
                inner = self._schema.get_type(node.type_condition.name.value) if node.type_condition else parent
                yield from self._fields(inner, node.selection_set)

    def _needs(self, parent: Any, selections: SelectionSetNode, path: tuple[str, ...]) -> Iterator[Need]:
        for node, definition in self._fields(parent, selections):
            here = (*path, node.alias.value if node.alias else node.name.value)
            permission = _directive(definition, "needs")
            if permission is not None:
                yield Need(permission, node.name.value, node, here)
            if node.selection_set:
                yield from self._needs(get_named_type(definition.type), node.selection_set, here)

    def _cost(self, parent: Any, selections: SelectionSetNode) -> int:
        total = 0
        for node, definition in self._fields(parent, selections):
            if not node.selection_set:
                total += EXPENSIVE if _directive(definition, "expensive") is not None else 0
            elif definition.ast_node is not None and node.name.value != "rateLimits":
                inner = 1 + self._cost(get_named_type(definition.type), node.selection_set)
                total += inner * self._elements(node, definition)
        return total

    def _elements(self, node: FieldNode, definition: GraphQLField) -> int:
        """How many objects the field may return."""
        for name in ("limit", "first", "last"):
            if name not in definition.args:
                continue
            for argument in node.arguments or ():
                if argument.name.value != name:
                    continue
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    value = self._variables.get(argument.value.name.value)
                    return value if isinstance(value, int) else 20
            default = definition.args[name].default_value
            if isinstance(default, int):
                return default
        return ELEMENTS_OF_UNPAGED_LIST if is_list_type(get_nullable_type(definition.type)) else 1


def _directive(definition: GraphQLField, name: str) -> str | None:
    for directive in definition.ast_node.directives or () if definition.ast_node else ():
        if directive.name.value == name:
            value = directive.arguments[0].value if directive.arguments else None
            return value.value if isinstance(value, StringValueNode) else ""
    return None
