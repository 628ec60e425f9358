"""Every field of the schema finds its value: from a resolver of its own, or from the attribute of the same name."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from sandbox.centra import clock
from sandbox.centra.limits import Limiter
from sandbox.centra.options import Token
from sandbox.centra.world import World

Resolver = Callable[..., Any]
Info = GraphQLResolveInfo[Any]
SDL = Path(__file__).with_name("schema.graphql")
_SPELLED = {"SKU": "sku", "EAN": "ean", "UPC": "upc", "isEU": "is_eu", "metaDataJSON": "meta_data_json"}


@dataclass(frozen=True)
class Call:
    """What resolvers know of the call they work for."""

    world: World
    limiter: Limiter
    token: Token

    @property
    def integration(self) -> str:
        """The integration name the token is bound to."""
        return self.token.integration_name


class Registry:
    """Collects the resolvers of fields that are more than an attribute."""

    def __init__(self) -> None:
        self.resolvers: dict[tuple[str, str], Resolver] = {}

    def field(self, *addresses: str) -> Callable[[Resolver], Resolver]:
        """Registers a resolver for one or more ``Type.field`` addresses."""

        def register(resolver: Resolver) -> Resolver:
            for address in addresses:
                type_name, field_name = address.split(".")
                self.resolvers[type_name, field_name] = resolver
            return resolver

        return register


def snake(name: str) -> str:
    """A GraphQL name in Python spelling."""
    return _SPELLED.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def call_of(info: Info) -> Call:
    """The call a resolver works for."""
    call: Call = info.context
    return call


def make_schema(world: World, registry: Registry) -> GraphQLSchema:
    """The executable schema of one instance.

    :raises ValueError: a resolver is registered for a field that the schema does not have.
    """
    schema = build_schema(SDL.read_text(encoding="utf-8"))
    _bind_scalars(schema, world)
    missing = dict(registry.resolvers)
    for type_name, graphql_type in schema.type_map.items():
        if isinstance(graphql_type, GraphQLObjectType) and not type_name.startswith("__"):
            for field_name, definition in graphql_type.fields.items():
                for name, argument in definition.args.items():
                    argument.out_name = snake(name)
                own = missing.pop((type_name, field_name), None)
                definition.resolve = own or _default(type_name, field_name, get_named_type(definition.type), world)
        elif isinstance(graphql_type, GraphQLAbstractType):
            graphql_type.resolve_type = _typename
    if missing:
        raise ValueError(f"resolvers for unknown fields: {sorted(missing)}")
    return schema


def _typename(value: Any, _info: Info, _type: Any) -> str:
    return str(value.typename)


def _default(type_name: str, field_name: str, kind: Any, world: World) -> Resolver:
    name = snake(field_name)
    if type_name.endswith("Payload"):
        return lambda source, _info: source.get(name)
    get = attrgetter(name)
    if getattr(kind, "name", "") == "DateTimeTz":
        def moment(source: Any, _info: Info, format: str = clock.DEFAULT_FORMAT) -> str | None:
            value = get(source)
            return clock.php_format(value, format, world.options.zone) if value else None

        return moment
    return lambda source, _info, **_arguments: get(source)


def _bind_scalars(schema: GraphQLSchema, world: World) -> None:
    moment, number = schema.type_map["DateTimeTz"], schema.type_map["Int64"]
    assert isinstance(moment, GraphQLScalarType)
    assert isinstance(number, GraphQLScalarType)

    def read_moment(value: Any) -> Any:
        try:
            return clock.parse(str(value), world.options.zone)
        except ValueError:
            raise GraphQLError(f"DateTimeTz cannot represent value: {value!r}") from None

    def read_number(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise GraphQLError(f"Int64 cannot represent value: {value!r}")
        return value

    moment.parse_value = moment.coerce_input_value = read_moment  # type: ignore[method-assign]
    number.parse_value = number.coerce_input_value = read_number  # type: ignore[method-assign]
