"""``POST /graphql`` answers as Centra's Integration API: who may ask, how often, in which envelope.

Centra docs: Integration API, authorization and handling errors. Only HTTP 200 is success, and it too can hold errors.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime
from http.cookies import SimpleCookie
from typing import Any

from graphql import ExecutionResult, GraphQLError
from graphql.execution import execute_sync

from sandbox.centra import (
    content_queries,
    mutations,
    order_mutations,
    order_queries,
    queries,
    return_mutations,
    return_queries,
    shipment_mutations,
)
from sandbox.centra.clock import now
from sandbox.centra.documents import Documents, Need, Prepared
from sandbox.centra.limits import Limiter
from sandbox.centra.options import Token
from sandbox.centra.resolvers import Call, Registry, make_schema
from sandbox.centra.world import World
from sandbox.http import Request, Response, json_response

APP_VERSION = "v1.60.0"


def _all_resolvers() -> Registry:
    registry = Registry()
    for module in (
        queries, content_queries, order_queries, return_queries, mutations, order_mutations, shipment_mutations,
        return_mutations,
    ):
        registry.resolvers |= module.registry.resolvers
    return registry


class GraphQLApi:
    """The Integration API of one instance."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._schema = make_schema(world, _all_resolvers())
        self._documents = Documents(self._schema)
        self.limiter = Limiter(world.options)

    def operation(self, request: Request) -> str | None:
        """The root fields asked for, joined by commas; remembers the prepared document for `answer`."""
        try:
            body = json.loads(request.body)
            if not isinstance(body, dict) or not isinstance(body.get("query"), str):
                return None
            prepared = self._documents.prepare(body["query"], body.get("operationName"))
        except (ValueError, TypeError):
            return None
        variables = body.get("variables")
        request.memory |= {"prepared": prepared, "variables": {} if variables is None else variables}
        return ",".join(prepared.roots) or None

    def answer(self, request: Request) -> Response:
        """Runs one document."""
        token = self._token(request.headers)
        if token is None:
            return _failure("Access denied: the token is invalid or expired.", 403)
        prepared: Prepared | None = request.memory.get("prepared")
        variables = request.memory.get("variables")
        if request.method != "POST" or prepared is None or not isinstance(variables, dict):
            return _failure("The request is not a GraphQL request.", 400)
        if prepared.errors:
            return json_response({"errors": [error.formatted for error in prepared.errors]}, 400)
        return self._run(request, prepared, variables, token)

    def throttled(self, seconds: float) -> Response:
        """429 with a Retry-After in the chosen form: by default a Unix time, for Centra names a moment."""
        moment = now() + timedelta(seconds=seconds)
        forms = {
            "unix": str(int(moment.timestamp()) + 1), "seconds": str(int(seconds) + 1),
            "http-date": format_datetime(moment + timedelta(seconds=1), usegmt=True),
            "iso": (moment + timedelta(seconds=1)).isoformat(timespec="seconds"),
        }
        response = _failure("Too many requests.", 429)
        response.headers["retry-after"] = forms[self._world.options.retry_after]
        return response

    def _token(self, headers: Mapping[str, str]) -> Token | None:
        kind, _, text = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            cookie = SimpleCookie(headers.get("cookie", "")).get("graphql-access")
            text = cookie.value if cookie else ""
        token = self._world.options.tokens.get(text.strip())
        return token if token and not token.expired else None

    def _run(self, request: Request, prepared: Prepared, variables: dict[str, Any], token: Token) -> Response:
        assert prepared.document is not None
        world = self._world
        complexity = self._documents.complexity(prepared, variables)
        extensions: dict[str, Any] = {
            "complexity": complexity, "permissionsUsed": [need.permission for need in prepared.needs],
            "appVersion": APP_VERSION,
        }
        with world.lock:
            if complexity > self.limiter.capacity("QUERY_COMPLEXITY"):
                return _failure("The query is too complex.", 400)
            wait = self.limiter.spend(complexity, int(prepared.is_mutation))
            if wait:
                return self.throttled(wait)
            for need in prepared.needs:
                if not token.allows(need.permission):
                    return json_response({"errors": [_denied(need)], "extensions": extensions})
            before = world.revision
            result = execute_sync(
                self._schema, prepared.document, context_value=Call(world, self.limiter, token),
                variable_values=variables, operation_name=_name(prepared),
            )
            request.note.changed = world.revision != before
        if prepared.is_mutation:
            request.note.detail = {"integration": token.integration_name, "failed": _refused(result)}
        return _envelope(result, extensions)


def _name(prepared: Prepared) -> str | None:
    named = prepared.operation.name if prepared.operation else None
    return named.value if named else None


def _refused(result: ExecutionResult) -> bool:
    fields = (result.data or {}).values()
    return bool(result.errors) or any(isinstance(field, dict) and field.get("userErrors") for field in fields)


def _envelope(result: ExecutionResult, extensions: dict[str, Any]) -> Response:
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [_formatted(error) for error in result.errors]
    if result.data is None and result.errors and all(error.path is None for error in result.errors):
        return json_response(answer | {"extensions": extensions}, 400)
    return json_response(answer | {"data": result.data, "extensions": extensions})


def _formatted(error: GraphQLError) -> dict[str, Any]:
    return {**error.formatted, "extensions": {"category": "graphql"}}


def _denied(need: Need) -> dict[str, Any]:
    location = need.node.loc.start_token if need.node.loc else None
    return {
        "message": f"You need {need.permission} permission to access {need.field_name}.",
        "extensions": {"category": "authorization"},
        "locations": [{"line": location.line, "column": location.column}] if location else [],
        "path": list(need.path),
    }


def _failure(message: str, status: int) -> Response:
    return json_response({"errors": [{"message": message, "extensions": {"category": "request"}}]}, status)
