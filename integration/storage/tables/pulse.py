"""How things stood each minute of the last hours, for the lines that the console draws."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel


class Pulse(SQLModel, table=True):
    """One minute. `facts`: quotas (share used), lanes (open work), ages (seconds since each flow last got on)."""

    __tablename__ = "pulse"

    minute: int = Field(primary_key=True, sa_type=BigInteger, description="Unix time in minutes")
    at: datetime
    facts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
