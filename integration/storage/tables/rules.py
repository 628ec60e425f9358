"""The published mappings; each version is immutable."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class Published(SQLModel, table=True):
    """One version of all mappings; never changed after it was written."""

    __tablename__ = "published"

    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    author: str
    reason: str
    published_at: datetime
