"""A webhook is verified, stored and answered with only the database alive; whatever it means is found out later."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter, BackgroundTasks, Request, Response
from starlette.concurrency import run_in_threadpool

from integration.flows import intake
from integration.services import Services
from integration.web.signature import verify

LARGEST_BODY = 1024 * 1024
"""Bytes. A hundred events, the most Centra sends at once, are far below."""

log = structlog.get_logger(__name__)


def router(services: Services, secret: str, wake: Callable[[], None]) -> APIRouter:
    """The doors for machines. `wake` is called after the answer has left; its failure harms nobody."""
    routes = APIRouter()

    @routes.post("/webhooks/centra", include_in_schema=False)
    async def centra(request: Request, background: BackgroundTasks) -> Response:
        body = await _read(request)
        if body is None:
            return _no(413, "the body is larger than 1 MB")
        why = verify(request.headers.get("X-Centra-Signature"), body, secret, services.now().timestamp())
        if why is not None:
            log.warning("webhook refused", why=why)
            return _no(401, why)
        payload = _payload(body)
        if payload is None:
            log.warning("webhook unreadable", bytes=len(body))
            return _no(400, "there is no JSON object in the form field payload")
        await run_in_threadpool(intake.store_webhook, services, payload)
        background.add_task(wake)
        return Response(status_code=204)

    return routes


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _payload(body: bytes) -> dict[str, Any] | None:
    try:
        text = parse_qs(body.decode(), strict_parsing=True, max_num_fields=8)["payload"][0]
        payload = json.loads(text)
    except (ValueError, KeyError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _no(status: int, why: str) -> Response:
    return Response(json.dumps({"detail": why}), status_code=status, media_type="application/json")
