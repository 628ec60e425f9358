"""What the API answers with has a shape that programs can rely on; each part of it adds its own models beside these."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """A response of the API; fields are only ever added."""

    model_config = ConfigDict(extra="forbid")


class Wrong(Answer):
    """Why a call was not done, in a sentence."""

    detail: str


class Me(Answer):
    """Whose token it is."""

    name: str
    role: str


FAILURES: dict[int | str, dict[str, object]] = {
    400: {"model": Wrong, "description": "the body cannot be read"},
    401: {"model": Wrong, "description": "no token that we know"},
    403: {"model": Wrong, "description": "the token's role may not do this"},
    404: {"model": Wrong, "description": "there is no such thing"},
    409: {"model": Wrong, "description": "what was asked for cannot be, with the reason"},
    413: {"model": Wrong, "description": "the body has more than 4 MB"},
    503: {"model": Wrong, "description": "the database does not answer"},
}
"""What every call may answer besides its own."""
