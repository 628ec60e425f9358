"""What a refusal of an invoice means, for each code that Virtualstock documents."""

import pytest

from integration import kinds
from integration.domain.invoice_refusals import Move, verdict
from integration.problems import Problem

PERSON = {
    "ORDER_ALREADY_INVOICED": "we did not send",
    "ORDER_NOT_FOUND": "invoices.retailer_id",
    "INVOICE_LINES_NOT_PRESENT": "no lines",
    "DUPLICATED_INVOICE_NUMBER": "invoices.number_prefix",
    "INVOICE_DATE_BEFORE_LAST_ITEM_DISPATCHED_DATE": "dispatch date",
    "RETAILER_NOT_FOUND": "invoices.retailer_id",
    "RETAILER_IS_NOT_PARTNER": "not connected",
    "RETAILER_DOES_NOT_SUPPORT_INVOICING": "invoices.enabled",
    "RETAILER_ORGANISATION_TAX_CODE_MISSING": "retailer has no tax code",
    "SUPPLIER_ORGANISATION_TAX_CODE_MISSING": "we have no tax code",
    "RETAILER_SKU_NOT_FOUND": "SKU",
    "ORDER_CANCELLED": "cancelled",
    "ORDER_LINE_REFERENCE_NOT_FOUND": "no line of that reference",
    "ORDER_LINE_CANCELLED": "cancelled",
    "ORDER_LINE_UNMATCHED_QUANTITY": "units of a line differ",
    "INVOICE_HAS_BEEN_ISSUED": "may not be replaced",
}
EXISTS = ["ORDER_ALREADY_INVOICED", "DUPLICATED_INVOICE_NUMBER", "INVOICE_HAS_BEEN_ISSUED"]


@pytest.mark.parametrize(("code", "words"), PERSON.items())
def test_a_refusal_that_stays_is_for_a_person_who_reads_what_to_do(code: str, words: str) -> None:
    said = verdict(code, sent_before=False)
    assert said.move is Move.PERSON
    facts = {"retailer": "Fernhill", "reference": "F1", "why": said.sentence}
    sentence = Problem(kinds.INVOICE_REFUSED, "fernhill/F1", facts).sentence
    assert words in sentence
    assert any(step in sentence for step in (" retry", " resolve", " portal"))


@pytest.mark.parametrize("code", EXISTS)
def test_an_invoice_that_is_there_after_a_lost_answer_is_ours(code: str) -> None:
    assert verdict(code, sent_before=True).move is Move.SENT


@pytest.mark.parametrize("code", sorted(PERSON.keys() - set(EXISTS)))
def test_other_refusals_mean_the_same_after_a_lost_answer(code: str) -> None:
    assert verdict(code, sent_before=True) == verdict(code, sent_before=False)


@pytest.mark.parametrize("sent_before", [True, False])
def test_an_error_of_theirs_is_tried_again_and_an_open_line_is_waited_for(sent_before: bool) -> None:
    assert verdict("UNEXPECTED_ERROR", sent_before=sent_before).move is Move.TRY_AGAIN
    assert verdict("ORDER_NOT_FULFILLED", sent_before=sent_before).move is Move.WAIT


@pytest.mark.parametrize(("code", "named"), [("SOMETHING_NEW", "SOMETHING_NEW"), (None, "without a code")])
def test_a_code_we_do_not_know_is_for_a_person_and_named(code: str | None, named: str) -> None:
    said = verdict(code, sent_before=True)
    assert said.move is Move.PERSON
    assert named in said.sentence


def test_each_documented_code_has_a_sentence_of_its_own() -> None:
    codes = [*PERSON, "UNEXPECTED_ERROR", "ORDER_NOT_FULFILLED"]
    assert len({verdict(code, sent_before=False).sentence for code in codes}) == len(codes) == 18
