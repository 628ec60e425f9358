"""An editor says of a mapping file what the check would say: its JSON Schema is made from the model that reads it."""

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from integration.rulebook.book import DOCUMENTS, Rulebook
from integration.rulebook.fields import FieldMap
from integration.rulebook.retailer import Retailer

FOLDER = "schema"
"""Inside the folder of mapping files, whose first lines name the schemas by this path."""


def schemas() -> dict[str, str]:
    """JSON Schema (draft 2020-12) of each kind of mapping file: path inside the mappings folder to JSON text.

    What only holds between files, such as the name of a calendar, is for the check; a schema knows one file.
    """
    models = {"retailer": Retailer, "fields": FieldMap} | {
        name: Rulebook.model_fields[name].annotation for name in DOCUMENTS
    }
    return {f"{FOLDER}/{name}.json": _text(model) for name, model in models.items()}


def _text(model: Any) -> str:
    schema = {"$schema": GenerateJsonSchema.schema_dialect} | TypeAdapter(model).json_schema()
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
