"""One call tells a retailer all that changed of a listing, and only what is valid and what no guardrail stops."""

from collections.abc import Mapping
from uuid import uuid4

import structlog

from integration import kinds, steps
from integration.flows import price_guard, product_judgement
from integration.flows.product_moves import PRODUCTS, Move, plan
from integration.flows.work import Findings
from integration.lanes import Lane
from integration.problems import LookFirst, Problem, Refused, Throttled, TryAgain
from integration.services import Services
from integration.storage import causes, contents, guards, images, journal, listings, shadows
from integration.virtualstock.schema import Product

log = structlog.get_logger(__name__)


def push(services: Services, subject: str) -> Findings:
    """A listing differs. Send what does, unless the retailer has it already."""
    problems: list[Problem] = []
    for move in plan(services, subject):
        problems += _push(services, move)
    return problems or None


def _push(services: Services, move: Move) -> list[Problem]:
    with services.store.read() as db:
        problems = product_judgement.problems(db, move)
    if product_judgement.is_held(move, problems):
        return problems
    _shade(services, move)
    stopped = _stopped(services, move)
    sent = product_judgement.allowed(move, problems, stopped)
    problems += [stopped] if stopped else []
    if sent:
        _wait_for_others(services, move, sent)
        problems += _send(services, move, sent)
    return problems


def _stopped(services: Services, move: Move) -> Problem | None:
    """The guardrail that keeps the prices of a move back, if one does."""
    if not move.prices:
        return None
    with services.store.write() as db:
        return price_guard.check(services, db, move)


def _shade(services: Services, move: Move) -> None:
    if move.shadow:
        listed = move.listed
        with services.store.write() as db:
            shadows.record(db, PRODUCTS, listed.retailer, listed.sku, listed.listing_id, dict(move.shadow),
                           services.now())  # fmt: skip


def _wait_for_others(services: Services, move: Move, sent: Mapping[str, str]) -> None:
    """Put the listing back where something must come first; the row waits, and no quota is spent.

    :raises Throttled: stock 0, a quiet window, or the check of an image link comes first.
    """
    now, listed = services.now(), move.listed
    with services.store.write() as db:
        wait = product_judgement.wait(db, move, sent, now)
        if wait is None:
            return
        if wait.stock:
            services.promise(db, steps.STOCK_PUSH, [f"{listed.retailer}/{listed.sku}"], lane=Lane.URGENT)
        if wait.links:
            images.want(db, wait.links, now)
            services.promise(db, steps.IMAGES_CHECK, [steps.CENTRA])
    raise Throttled(wait.why, wait=wait.seconds)


def _send(services: Services, move: Move, sent: Mapping[str, str]) -> list[Problem]:
    listed, token = move.listed, uuid4().hex
    with services.store.write() as db:
        if not contents.intend(db, listed, sent, token):
            # Another call was accepted meanwhile, or the product was read anew; the item is asked again if it must be.
            return []
    try:
        answer = services.client_of(listed.retailer).patch_product(listed.product_id, sent, lane=Lane.CATALOGUE)
    except TryAgain:
        with services.store.write() as db:
            contents.not_sent(db, listed, token)
        raise
    except LookFirst as failure:
        # Attributes may be sent twice: look by sending the newest again.
        raise TryAgain(failure.reason) from failure
    except Refused as failure:
        return _refusal(services, move, token, failure)
    return _accept(services, move, sent, answer, token)


def _accept(services: Services, move: Move, sent: Mapping[str, str], answer: Product, token: str) -> list[Problem]:
    listed, now = move.listed, services.now()
    shown = answer.texts
    with services.store.write() as db:
        if not contents.accepted(db, listed, sent, shown, token, now):
            contents.unsettle(db, listed)
            services.promise(db, steps.PRODUCTS_PUSH, [f"{listed.retailer}/{listed.sku}"])
            return []
        changes = {name: [listed.accepted.get(name, ""), text] for name, text in sent.items()}
        journal.tell(db, "sku", listed.sku, "product data accepted", now, retailer=listed.retailer, changes=changes)
        prices = {name: price for name, price in move.wanted.prices.items() if name in sent}
        contents.remember_prices(db, listed.retailer, listed.sku, prices, now)
        if prices:
            guards.used(db, price_guard.GUARD, listed.retailer, listed.sku)
        ignored = sorted(set(sent) - set(shown)) if shown else []
        causes.open_for(db, [_ignored(move, name) for name in ignored], now, item_id=None)
    for warning in move.wanted.warnings:
        log.info("product data changed on its way", retailer=listed.retailer, sku=listed.sku, warning=warning)
    return []


def _ignored(move: Move, attribute: str) -> Problem:
    facts = {"retailer": move.profile.name, "attribute": attribute}
    return Problem(kinds.ATTRIBUTE_IGNORED, f"{move.listed.retailer}/{attribute}", facts)


def _refusal(services: Services, move: Move, token: str, failure: Refused) -> list[Problem]:
    listed = move.listed
    with services.store.write() as db:
        contents.not_sent(db, listed, token)
        if failure.status == 404:
            listings.mark_gone_by_id(db, listed.listing_id)
    if failure.about_credential:
        raise failure
    name = move.profile.name
    if failure.status == 404:
        return [Problem(kinds.LISTING_GONE, f"{listed.retailer}/{listed.sku}", {"retailer": name, "sku": listed.sku})]
    facts = {"retailer": name, "sku": listed.sku}
    if failure.fields:
        # One cause per attribute: what is wrong with one product is mostly wrong with many.
        return [
            Problem(kinds.CONTENT_REFUSED, f"{listed.retailer}/{attribute}", {**facts, "why": f"{attribute}: {why}"})
            for attribute, why in failure.fields.items()
        ]
    return [Problem(kinds.CONTENT_REFUSED, f"{listed.retailer}/{listed.sku}", {**facts, "why": failure.reason})]
