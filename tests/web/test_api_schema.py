"""Whatever a program sends to a call of the API, the answer is one that its description promises, and no defect."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from browser import TOKENS, site
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from shop import shop
from starlette.types import ASGIApp, Receive, Scope, Send

from integration.people import Role
from integration.web import access, api
from integration.web.headers import Guarded
from tests.world import World

EXAMPLES = 10
"""Made-up calls of each operation, besides those that try each limit of its description."""
BEARER = {"Authorization": f"Bearer {TOKENS[Role.ADMIN]}"}
KNOWN = {"retailer": "northgate", "reference": "PO-1", "code": "northgate", "order": "northgate/PO-1", "sku": "TEE-M"}
"""What is there; made-up names alone would only ever be answered with a 404."""
CONFIG = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(
    generation=GenerationConfig(deterministic=True, max_examples=EXAMPLES, database="none"),
    # That one of two fields is needed is said in words only, so what is refused for it looks right.
    checks=ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(enabled=False)),
)))  # fmt: skip


class Served:
    """The API as the web process has it, of the world that is played in."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        assert self.app is not None
        await self.app(scope, receive, send)


SERVED = Served()
SCHEMA = schemathesis.openapi.from_dict(
    api.application(cast(Any, None), cast(Any, None)).openapi() | {"servers": [{"url": access.API}]}, config=CONFIG
)
SCHEMA.app = SERVED


@SCHEMA.hook
def map_path_parameters(_: schemathesis.HookContext, path_parameters: dict[str, Any] | None) -> dict[str, Any]:
    """Every other made-up name becomes one that is there."""
    return real(path_parameters or {})


@SCHEMA.hook
def map_body(_: schemathesis.HookContext, body: Any) -> Any:
    """The same in what is posted."""
    return real(body) if isinstance(body, dict) else body


def real(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: KNOWN[name] if name in KNOWN and isinstance(value, str) and len(value) % 2 else value
        for name, value in fields.items()
    }


@pytest.fixture(scope="module", autouse=True)
def seller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Whose API it is."""
    made = shop(tmp_path_factory.mktemp("seller"))
    SERVED.app = Guarded(site(made))
    yield made
    made.store.close()


@SCHEMA.parametrize()
def test_an_answer_is_one_that_the_description_promises(case: schemathesis.Case) -> None:
    case.call_and_validate(headers=BEARER)


def test_every_call_of_the_api_is_described_and_tried() -> None:
    calls = {(method, path) for path, each in SCHEMA.raw_schema["paths"].items() for method in each}
    assert len(calls) > 30
