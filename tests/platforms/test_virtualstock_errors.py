"""Refusals come in several forms and leave as one sentence, one status and at most one code."""

import json
from collections.abc import Mapping

import pytest

from integration.http import Answer
from integration.problems import Refused, TryAgain
from integration.virtualstock.errors import WHOLE_WINDOW, refusal, stock_refusal, throttle_seconds

THROTTLED = "Request was throttled. Request was throttled. Expected available in 37.0 seconds."


def answer(text: str, status: int = 400, headers: Mapping[str, str] | None = None) -> Answer:
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    return Answer(status, headers or {}, text.encode(), data)


@pytest.mark.parametrize(
    ("text", "headers", "seconds"),
    [
        (THROTTLED, {}, 37.0),
        (json.dumps({"detail": THROTTLED}), {}, 37.0),
        (json.dumps(THROTTLED), {}, 37.0),
        ("", {"Retry-After": "12"}, 12.0),
        (THROTTLED, {"Retry-After": "40"}, 40.0),
        (THROTTLED, {"Retry-After": "5"}, 37.0),
        ("Expected available in 0.0 seconds.", {}, 1.0),
        ("Expected available in 1 second.", {}, 1.0),
        ("Expected available in 90000 seconds.", {}, 3600.0),
        ("slow down", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, WHOLE_WINDOW),
        ("Expected available in XX.0 seconds.", {}, WHOLE_WINDOW),
        ("", {}, WHOLE_WINDOW),
    ],
)
def test_a_throttle_says_how_long_in_any_form(text: str, headers: dict[str, str], seconds: float) -> None:
    assert throttle_seconds(answer(text, 429, headers)) == seconds


@pytest.mark.parametrize(
    ("text", "sentence", "code"),
    [
        ('{"detail": "Product not found.", "code": "PRODUCT_NOT_FOUND"}', "Product not found.", "PRODUCT_NOT_FOUND"),
        ('{"detail": "Not found."}', "Not found.", None),
        ('{"error": "no such supplier"}', "no such supplier", None),
        ("Validation error: no", "Validation error: no", None),
        ('"Validation error: no"', "Validation error: no", None),
        ('["Validation error: no", "twice"]', "Validation error: no; twice", None),
        ('{"items": [{}, {"carrier": ["Is required."]}]}', "items[1].carrier: Is required.", None),
        ('{"supplier_free_stock": ["This field is required."]}', "supplier_free_stock: This field is required.", None),
        ('{"detail": ["a", "b"]}', "detail: a; detail: b", None),
        ("<html><h1>Bad gateway</h1></html>", "a page of HTML", None),
        ("", "nothing", None),
        ('{"code": 7}', '{"code": 7}', None),
    ],
)
def test_every_form_of_error_becomes_a_sentence(text: str, sentence: str, code: str | None) -> None:
    failure = refusal(answer(text))
    assert isinstance(failure, Refused)
    assert failure.reason == f"Virtualstock answered 400: {sentence}"
    assert (failure.status, failure.code) == (400, code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[{"detail": "It is there.", "code": "ORDER_ALREADY_INVOICED"}]', "ORDER_ALREADY_INVOICED"),
        ('{"detail": {"message": "It is there.", "code": "ORDER_ALREADY_INVOICED"}}', "ORDER_ALREADY_INVOICED"),
        ('{"lines": [{}, {"code": "ORDER_LINE_CANCELLED"}], "code": "ORDER_CANCELLED"}', "ORDER_CANCELLED"),
        ('{"non_field_errors": ["ORDER_NOT_FOUND"]}', "ORDER_NOT_FOUND"),
        ('{"detail": "ORDER_NOT_FOUND"}', "ORDER_NOT_FOUND"),
        ('"ORDER_NOT_FOUND"', "ORDER_NOT_FOUND"),
        (" ORDER_NOT_FOUND\n", "ORDER_NOT_FOUND"),
        ("ORDER_NOT_FOUND: no such order", None),
        ('{"detail": "Order ORDER_NOT_FOUND was not found."}', None),
        ('{"currency_code": ["GBP"], "sku": ["AB_12"]}', None),
        ('{"code": ""}', None),
        ('{"code": null, "detail": ["Invalid."]}', None),
        ('{"code":' * 50 + '"ORDER_NOT_FOUND"' + "}" * 50, None),
    ],
)
def test_a_code_is_found_in_any_form_and_never_inside_a_sentence(text: str, code: str | None) -> None:
    failure = refusal(answer(text))
    assert isinstance(failure, Refused)
    assert failure.code == code


def test_errors_nested_without_end_are_cut_off() -> None:
    failure = refusal(answer('{"a":' * 50 + '"deep"' + "}" * 50))
    assert "deep" in failure.reason or failure.reason.startswith("Virtualstock answered 400: {")


def test_personal_data_in_an_error_is_masked() -> None:
    failure = refusal(answer('{"shipping_address": [{"email": ["ada@example.org is no e-mail"]}]}'))
    assert "ada@example.org" not in failure.reason


def test_a_product_being_published_is_left_alone_for_three_minutes() -> None:
    failure = stock_refusal(answer('{"detail": "Can\'t update a product which is in a publishing status."}', 409))
    assert isinstance(failure, TryAgain)
    assert failure.wait == 180


def test_a_conflict_on_an_order_is_a_refusal_and_not_a_lock() -> None:
    assert isinstance(refusal(answer('{"detail": "state conflict"}', 409)), Refused)


@pytest.mark.parametrize(
    ("text", "code"),
    [('{"detail": "Not found."}', "PRODUCT_NOT_FOUND"), ("<html>nginx</html>", None)],
)
def test_only_a_json_404_says_that_the_product_is_gone(text: str, code: str | None) -> None:
    failure = stock_refusal(answer(text, 404))
    assert isinstance(failure, Refused)
    assert (failure.status, failure.code) == (404, code)
