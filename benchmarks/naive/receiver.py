"""A webhook is verified, and every event in it becomes a task before the answer leaves."""

import hashlib
import hmac
import json
import os
from urllib.parse import parse_qs

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from benchmarks.naive.tasks import shipment_changed, stock_changed

app = FastAPI()


@app.get("/healthz")
def lives() -> dict[str, str]:
    """The receiver is there."""
    return {"status": "lives"}


@app.post("/webhooks/centra")
async def centra(request: Request) -> Response:
    """Takes a webhook."""
    body = await request.body()
    parts = dict(part.partition("=")[::2] for part in request.headers["x-centra-signature"].split(","))
    secret = os.environ["CENTRA_WEBHOOK_SECRET"].encode()
    wanted = hmac.new(secret, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, parts["v1"]):
        return Response(status_code=401)
    await run_in_threadpool(_enqueue, body)
    return Response(status_code=204)


def _enqueue(body: bytes) -> None:
    payload = json.loads(parse_qs(body.decode())["payload"][0])
    for item_id in payload.get("DisplayItems", []):
        stock_changed.delay(int(item_id))
    for event in payload.get("events", []):
        if event["type"] == "shipment":
            shipment_changed.delay(event["id"])


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
