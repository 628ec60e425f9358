"""An image link is looked at before a retailer is told it, seldom afterwards, and a broken one is named until mended.

Good links are looked at again once a month, broken ones once a day, and what may pass by itself within minutes.
One that no listing wants any more is looked at once more and then left alone.
"""

from datetime import timedelta

from integration import policy, steps
from integration.flows import products, reviews
from integration.flows.work import Findings
from integration.images import Verdict
from integration.services import Services
from integration.storage import images

AT_ONCE = 20
"""Links a run: one after the other, so that no image host is hammered."""
LONGEST = policy.SLOW_AFTER / 2
"""No further look is begun after so long. Image hosts answer at their own pace; a round that took longer would count
against Centra, whose work waits in the same line, and would outlive its claim."""


def check(services: Services, _subject: str) -> Findings:
    """Look at the links that are due, and let go on what waited for them."""
    began = services.now()
    with services.store.read() as db:
        due = images.due(db, began, AT_ONCE)
        known = images.known(db, due)
    for url in due:
        if services.now() - began >= LONGEST:
            break
        verdict = services.images.look(url)
        _record(services, url, verdict, changed=url not in known or known[url] != verdict.wrong)
    with services.store.write() as db:
        if images.due(db, services.now(), 1):
            services.promise(db, steps.IMAGES_CHECK, [steps.CENTRA])
    return None


def _record(services: Services, url: str, verdict: Verdict, *, changed: bool) -> None:
    now = services.now()
    with services.store.write() as db:
        images.record(db, url, verdict.wrong, now, now + _wait(verdict))
        if changed:
            products.ask_for_links(services, db, {url})
        if changed and verdict.wrong and verdict.lasting:
            # Listings may show it already: each that needs the image says so, and is held behind one cause.
            profiles = services.rules().retailers.values()
            reviews.ask(db, [each for each in profiles if each.products.images == "checked"], now, now)


def _wait(verdict: Verdict) -> timedelta:
    if verdict.wrong is None:
        return policy.IMAGE_GOOD
    return policy.IMAGE_BROKEN if verdict.lasting else policy.IMAGE_UNSURE
