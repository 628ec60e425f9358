"""The address and answers of an Integration API that is stubbed by `responses`."""

import json
from typing import Any

import responses

URL = "https://example.centra.com/graphql"
TOKEN = "token-of-the-token"
SIZE = {
    "id": 5, "SKU": "AB1", "EAN": "5000000000012", "preorder": False, "isActive": True,
    "productVariant": {"id": 3, "stockOffset": 2},
    "stock": [
        {"freeToAllocateQuantity": 7, "warehouse": {"id": 1, "threshold": 2}},
        {"freeToAllocateQuantity": -1, "warehouse": {"id": 2}},
    ],
}


def answers(centra: responses.RequestsMock, status: int = 200, **document: object) -> None:
    centra.post(URL, json=document, status=status)


def sent(centra: responses.RequestsMock, index: int = -1) -> Any:
    return json.loads(centra.calls[index].request.body or b"")


def payload(root: str, **more: object) -> dict[str, object]:
    return {root: {"userErrors": [], "userWarnings": []} | more}
