"""Operations change what is theirs to decide in a form: checked beside its lines, with its effect, and one way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from integration.flows import mappings, mappings_history, mappings_suggestions
from integration.flows.mappings import Proposal, Publication
from integration.people import Person, Role
from integration.rulebook.book import DOCUMENTS, FOLDERS, place_of
from integration.services import Services
from integration.web.access import needs
from integration.web.exception_filters import LARGEST_ID, Text, Word
from integration.web.headers import LARGEST_BODY
from integration.web.render import page

NEWEST = 10
"""Versions on the first page; the history has all of them."""
Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Operator = Annotated[Person, Depends(needs(Role.OPERATOR))]
Admin = Annotated[Person, Depends(needs(Role.ADMIN))]
Number = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class Draft(BaseModel):
    """What somebody wrote into a document. `base`: the version they began on; 0 while none is published."""

    name: Word
    base: Number
    text: str = ""

    @property
    def base_version(self) -> int | None:
        """The same as flows have it."""
        return self.base or None


class Signed(Draft):
    """The same, to be published."""

    reason: Text


class Back(BaseModel):
    """Why an earlier version comes into force again."""

    reason: Text


@dataclass(frozen=True)
class Marked:
    """A line of a text that something is wrong with."""

    number: int
    text: str
    words: str


def router(services: Services) -> APIRouter:
    """The list, the editor with its preview, the history, and a door for each button."""
    # A field may by default have a megabyte as the form writes it, which a document of half the size can need.
    routes = APIRouter(prefix="/mappings", include_in_schema=False, form_limits={"max_part_size": LARGEST_BODY})
    looks, acts = Looks(services), Acts(services)
    routes.get("")(looks.all)
    routes.get("/edit")(looks.edit)
    routes.get("/history")(looks.history)
    routes.get("/suggestions")(looks.suggestions)
    routes.get("/versions/{version:int}")(looks.version)
    routes.post("/draft")(acts.draft)
    routes.post("/preview")(acts.preview)
    routes.post("/publish")(acts.publish)
    routes.post("/versions/{version:int}/roll-back")(acts.roll_back)
    return routes


class Looks:
    """The pages that only show."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def all(self, request: Request, person: Viewer) -> Response:
        """Every document, and the newest versions."""
        documents = mappings.documents(self._services)
        return page(
            request, "mappings.html", person, documents=documents, folders=FOLDERS,
            lines={name: len(text.splitlines()) for name, text in documents.texts.items()},
            changes=mappings_history.history(self._services, limit=NEWEST),
        )  # fmt: skip

    def edit(
        self, request: Request, person: Viewer, name: Word, cause: Annotated[Number | None, Query()] = None,
        slug: Word = "",
    ) -> Response:  # fmt: skip
        """One document in the editor, with a suggested row added where one was chosen; a new one is empty."""
        _must_be_document(name)
        documents = mappings.documents(self._services)
        text = documents.texts.get(name, "")
        if cause is not None:
            text += self._row(cause, name, slug)
        return _editor(request, person, Draft(name=name, base=documents.version or 0, text=text))

    def history(self, request: Request, person: Viewer, before: Annotated[Number | None, Query()] = None) -> Response:
        """All versions, newest first."""
        found = mappings_history.history(self._services, before, mappings_history.PAGE + 1)
        shown, more = found[: mappings_history.PAGE], len(found) > mappings_history.PAGE
        older = f"/mappings/history?before={shown[-1].version}" if more else ""
        return page(request, "mappings_history.html", person, changes=shown, older=older, before=before)

    def version(
        self, request: Request, person: Viewer, version: int, released: Annotated[Number | None, Query()] = None
    ) -> Response:
        """What one version changed, and the way back to it."""
        return _version(self._services, request, person, version, released=released)

    def suggestions(self, request: Request, person: Viewer) -> Response:
        """What unmapped names may mean."""
        offers = [
            (offer, [(each, row, _address(offer, each.value)) for each, row in
                     zip(offer.suggestions, offer.rows, strict=True)])
            for offer in mappings_suggestions.suggestions(self._services)
        ]  # fmt: skip
        return page(request, "mappings_suggestions.html", person, offers=offers)

    def _row(self, cause: int, name: str, slug: str) -> str:
        for offer in mappings_suggestions.suggestions(self._services):
            if (offer.cause_id, offer.document) == (cause, name):
                rows = zip(offer.suggestions, offer.rows, strict=True)
                return next((f"{row}\n" for each, row in rows if each.value == slug), "")
        return ""


class Acts:
    """What the editor and the buttons send."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def draft(self, request: Request, person: Operator, form: Annotated[Draft, Form()]) -> Response:
        """Back in the editor with what was typed."""
        _must_be_document(form.name)
        return _editor(request, person, form)

    def preview(self, request: Request, person: Operator, form: Annotated[Draft, Form()]) -> Response:
        """What is wrong with a text, or what it would set in motion."""
        _must_be_document(form.name)
        found = mappings.propose(self._services, form.name, form.text, base_version=form.base_version)
        if found.mistakes:
            return _editor(request, person, form, found, status=422)
        now = form.model_copy(update={"base": found.base_version or 0})
        return page(request, "mappings_preview.html", person, draft=now, proposal=found, problems=(), reason="")

    def publish(self, request: Request, person: Operator, form: Annotated[Signed, Form()]) -> Response:
        """A text becomes the law."""
        made = mappings.publish_document(
            self._services, form.name, form.text, base_version=form.base_version, person=person, reason=form.reason
        )
        if made.version is None:
            # What was wrong, or what somebody else did meanwhile, is seen anew beside what was typed.
            return self._again(request, person, form, made)
        return RedirectResponse(f"/mappings/versions/{made.version}?released={made.released}", 303)

    def roll_back(self, request: Request, person: Admin, version: int, form: Annotated[Back, Form()]) -> Response:
        """An earlier version comes into force again, as a new one."""
        _must_be_number(version)
        made = mappings.roll_back(self._services, version, person=person, reason=form.reason)
        if made.version is None:
            return _version(self._services, request, person, version, problems=made.problems)
        return RedirectResponse(f"/mappings/versions/{made.version}?released={made.released}", 303)

    def _again(self, request: Request, person: Person, form: Signed, made: Publication) -> Response:
        found = mappings.propose(self._services, form.name, form.text, base_version=form.base_version)
        if found.mistakes:
            return _editor(request, person, form, found, status=422)
        now = form.model_copy(update={"base": found.base_version or 0})
        problems = () if found.meanwhile else made.problems
        return page(
            request, "mappings_preview.html", person, 409, draft=now, proposal=found, problems=problems,
            reason=form.reason,
        )  # fmt: skip


def _editor(
    request: Request, person: Person, draft: Draft, found: Proposal | None = None, status: int = 200
) -> Response:
    lines = draft.text.splitlines()
    mistakes = found.mistakes if found else ()
    marked = [
        Marked(each.line, lines[each.line - 1] if each.line <= len(lines) else "", each.words)
        for each in mistakes if each.line is not None and each.document == draft.name
    ]  # fmt: skip
    rest = [each.sentence for each in mistakes if each.line is None or each.document != draft.name]
    return page(
        request, "mappings_edit.html", person, status, draft=draft, marked=marked, rest=rest,
        meanwhile=found.meanwhile if found else None,
    )  # fmt: skip


def _version(
    services: Services, request: Request, person: Person, version: int, *, released: int | None = None,
    problems: Sequence[str] = (),
) -> Response:  # fmt: skip
    _must_be_number(version)
    shown = mappings_history.show(services, version)
    if shown is None:
        raise HTTPException(404)
    newest = mappings.documents(services).version
    return page(
        request, "mappings_version.html", person, 409 if problems else 200, shown=shown, newest=newest,
        released=released, problems=problems,
    )  # fmt: skip


def _address(offer: mappings_suggestions.Offer, slug: str) -> str:
    """The editor with the row in it; an entry inside a profile cannot be added to its end."""
    row = {"cause": offer.cause_id, "slug": slug} if offer.document in DOCUMENTS else {}
    return f"/mappings/edit?{urlencode({'name': offer.document, **row})}"


def _must_be_document(name: str) -> None:
    if place_of(name) is None:
        raise HTTPException(404)


def _must_be_number(version: int) -> None:
    if not 0 < version <= LARGEST_ID:
        raise HTTPException(404)
