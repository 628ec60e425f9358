"""No page has to show a name of the machinery for work or for a quota."""

from integration.flows.pauses import FLOWS
from integration.services import gate_of
from integration.steps import CENTRA, ORDER_API, STEPS
from integration.web import words
from tests.world import book


def test_every_step_has_words_of_its_own() -> None:
    assert set(words.STEPS) == set(STEPS)
    assert len(set(words.STEPS.values())) == len(STEPS)
    assert words.work("orders.place") == "put the order into Centra"


def test_every_flow_says_what_it_carries() -> None:
    assert set(words.FLOWS) == set(FLOWS)
    assert words.flow("intake") == "news from Centra"


def test_a_quota_is_named_by_its_platform_and_credential() -> None:
    names = [CENTRA, ORDER_API, gate_of(book().retailers["calder"])]
    assert [words.quota(name) for name in names] == ["Centra", "Centra's Order API", "Virtualstock, calder"]


def test_what_nobody_knows_keeps_its_name() -> None:
    assert (words.work("old.step"), words.quota("else"), words.flow("old")) == ("old.step", "else", "")
