"""Programs read, check, publish and roll back mappings as people do in the console: by the same flows and rights."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import BaseModel, Field

from integration.flows import mappings, mappings_history, mappings_suggestions
from integration.flows.mappings import Publication
from integration.flows.mappings_history import Change
from integration.people import Person, Role
from integration.services import Services
from integration.web.access import needs
from integration.web.api_models import Answer
from integration.web.exception_filters import LARGEST_ID, Text, Word

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Operator = Annotated[Person, Depends(needs(Role.OPERATOR))]
Admin = Annotated[Person, Depends(needs(Role.ADMIN))]
Version = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Draft(BaseModel):
    """A document as it should be. `base_version`: the version it was begun on, null while none is published."""

    name: Word
    text: str = Field(description="The whole document as YAML.")
    base_version: Version | None


class Signed(Draft):
    """The same, to be published."""

    reason: Text


class Back(BaseModel):
    """Why an earlier version comes into force again."""

    reason: Text


class Documents(Answer):
    """What is in force: YAML text by name; `version` null: the files, nothing is published yet."""

    version: int | None
    documents: dict[str, str]


class Wrong(Answer):
    """A mistake; `line` of the text where one is known."""

    document: str | None
    line: int | None
    words: str


class Foreseen(Answer):
    """What is wrong with a draft, or what it would set in motion."""

    version: int | None = Field(description="The version in force, which the draft is compared with.")
    mistakes: list[Wrong]
    effect: list[str]
    difference: str
    unchecked: bool = Field(description="A live list could not be asked.")
    meanwhile: list[str] = Field(description="What somebody else has published since base_version.")


class Published(Answer):
    """A version came into force, and so many held pieces of work are due again."""

    version: int
    released: int
    unchecked: bool


class Listed(Answer):
    """One version."""

    version: int
    author: str
    reason: str
    published_at: datetime
    documents: list[str] = Field(description="The documents that it changed.")


class History(Answer):
    """Versions, newest first."""

    versions: list[Listed]


class Shown(Listed):
    """One version, what it changed and what it says."""

    difference: str
    texts: dict[str, str]


class Drift(Answer):
    """In what the mapping files of the web process and what is published differ."""

    drift: list[str]


class Likely(Answer):
    """What a name may mean: `likeness` of 100, and the YAML row to write."""

    value: str
    likeness: int
    row: str


class Offer(Answer):
    """What an open exception may be answered with; `retailer` null: a row for every retailer."""

    exception: int
    kind: str
    retailer: str | None
    wanted: str
    document: str
    suggestions: list[Likely]
    unchecked: bool


class Offers(Answer):
    """Nothing of it is applied by itself."""

    offers: list[Offer]


def router(services: Services) -> APIRouter:
    """The calls."""
    routes = APIRouter(prefix="/mappings", tags=["mappings"])
    _add_looks(routes, services)
    _add_history(routes, services)
    _add_acts(routes, services)
    return routes


def _add_looks(routes: APIRouter, services: Services) -> None:
    @routes.get("", summary="All documents in force")
    def documents(_: Viewer) -> Documents:
        found = mappings.documents(services)
        return Documents(version=found.version, documents=dict(found.texts))

    @routes.get("/export", summary="What is in force as mapping files, by path")
    def export(_: Viewer) -> dict[str, str]:
        return mappings_history.export(services)

    @routes.get("/drift", summary="Where files and published mappings differ")
    def drift(_: Viewer) -> Drift:
        return Drift(drift=mappings_history.drift(services, services.mappings_dir))

    @routes.get("/suggestions", summary="What unmapped carriers and delivery services may mean")
    def suggestions(_: Viewer) -> Offers:
        return Offers(offers=[_offer(each) for each in mappings_suggestions.suggestions(services)])


def _add_history(routes: APIRouter, services: Services) -> None:
    @routes.get("/history", summary="Versions, newest first")
    def history(
        _: Viewer, before: Annotated[Version | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = mappings_history.PAGE,
    ) -> History:  # fmt: skip
        found = mappings_history.history(services, before, limit)
        return History(versions=[Listed(**_listed(each)) for each in found])

    @routes.get("/versions/{version}", summary="One version")
    def show(_: Viewer, version: Annotated[Version, Path()]) -> Shown:
        found = mappings_history.show(services, version)
        if found is None:
            raise HTTPException(404, f"There is no version {version}.")
        return Shown(**_listed(found.change), difference=found.difference, texts=dict(found.texts))


def _add_acts(routes: APIRouter, services: Services) -> None:
    @routes.post("/check", summary="What a document would do, without publishing it")
    def check(_: Operator, draft: Draft) -> Foreseen:
        found = mappings.propose(services, draft.name, draft.text, base_version=draft.base_version)
        return Foreseen(
            version=found.base_version, difference=found.difference, unchecked=found.unchecked,
            mistakes=[Wrong(document=each.document, line=each.line, words=each.words) for each in found.mistakes],
            effect=found.effect.sentences if found.effect else [],
            meanwhile=list(found.meanwhile.problems) if found.meanwhile else [],
        )  # fmt: skip

    @routes.post("/publish", summary="Make a document the law")
    def publish(person: Operator, draft: Signed) -> Published:
        return _made(mappings.publish_document(
            services, draft.name, draft.text, base_version=draft.base_version, person=person, reason=draft.reason
        ))  # fmt: skip

    @routes.post("/versions/{version}/roll-back", summary="Publish an earlier version anew")
    def roll_back(person: Admin, version: Annotated[Version, Path()], asked: Back) -> Published:
        return _made(mappings.roll_back(services, version, person=person, reason=asked.reason))


def _made(made: Publication) -> Published:
    if made.version is None:
        raise HTTPException(409, " ".join([*made.problems, made.difference]).strip())
    return Published(version=made.version, released=made.released, unchecked=made.unchecked)


def _listed(change: Change) -> dict[str, object]:
    at = change.published_at if change.published_at.tzinfo else change.published_at.replace(tzinfo=UTC)
    return {
        "version": change.version, "author": change.author, "reason": change.reason, "published_at": at,
        "documents": list(change.documents),
    }  # fmt: skip


def _offer(offer: mappings_suggestions.Offer) -> Offer:
    likely = [
        Likely(value=each.value, likeness=each.score, row=row)
        for each, row in zip(offer.suggestions, offer.rows, strict=True)
    ]
    return Offer(
        exception=offer.cause_id, kind=offer.kind, retailer=offer.retailer, wanted=offer.wanted,
        document=offer.document, suggestions=likely, unchecked=offer.unchecked,
    )  # fmt: skip
