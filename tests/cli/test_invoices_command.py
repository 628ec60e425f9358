"""Finance sees the invoices of an order, and has a rejected one replaced."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from integration import kinds, steps
from integration.problems import Problem
from integration.storage import causes, invoices, orders
from integration.storage.invoices import InvoiceState
from tests.world import World, line

Command = Callable[..., Result]
PO = "fernhill/PO-7"
BODY: dict[str, Any] = {"currency_code": "GBP", "lines": [{"subtotal": "20.00", "tax": "4.00"}]}
REPLACE = ("--replace", "--by", "ada", "--reason", "wrong tax code")


@pytest.fixture
def invoiced(shop: World) -> World:
    """Fernhill, which is invoiced, has taken the invoice of its order PO-7."""
    shop.orders("fernhill", 5007, "PO-7", line("1", "71000001", 2, "24.00"))
    shop.do(steps.ORDERS_POLL, "fernhill")
    with shop.store.write() as db:
        order = orders.by_subject(db, PO)
        assert order is not None
        invoices.begin_sending(db, order.id, 1, "HF-1234", BODY, shop.at)
        made = invoices.newest(db, order.id)
        assert made is not None
        invoices.accepted(db, made.id, shop.at)
    return shop


def states(world: World) -> list[InvoiceState]:
    with world.store.read() as db:
        order = orders.by_subject(db, PO)
        return [each.state for each in invoices.of_order(db, order.id)] if order else []


@pytest.mark.parametrize("reference", ["PO-7", PO])
def test_an_invoice_is_shown_with_number_state_and_amounts(invoiced: World, cvsync: Command, reference: str) -> None:
    found = json.loads(cvsync("invoice", reference, "--json").stdout)
    assert (found["retailer"], found["reference"], found["others"]) == ("fernhill", "PO-7", [])
    (each,) = found["invoices"]
    assert (each["number"], each["state"], each["net"], each["tax"], each["total"], each["currency"]) == (
        "HF-1234", "accepted", 20.0, 4.0, 24.0, "GBP",
    )  # fmt: skip
    shown = cvsync("invoice", reference)
    assert shown.exit_code == 0
    assert "HF-1234" in shown.stdout
    assert "24.00" in shown.stdout


def test_an_order_without_an_invoice_says_so(shop: World, cvsync: Command) -> None:
    assert "no invoice was sent yet" in cvsync("invoice", "PO-1").stdout
    assert json.loads(cvsync("invoice", "PO-1", "--json").stdout)["invoices"] == []


def test_a_rejected_invoice_is_replaced_by_command(invoiced: World, cvsync: Command) -> None:
    result = cvsync("invoice", "PO-7", *REPLACE, "--json")
    assert result.exit_code == 0, result.stderr
    assert [each["state"] for each in json.loads(result.stdout)["invoices"]] == ["replaced"]
    assert invoiced.asked(steps.INVOICES_SEND) == [PO]


def test_what_cannot_be_replaced_is_said_with_status_1(invoiced: World, cvsync: Command) -> None:
    for reference in ("PO-1", "PO-404"):
        result = cvsync("invoice", reference, *REPLACE)
        assert result.exit_code == 1
        assert reference in result.stderr
    assert json.loads(cvsync("invoice", "PO-404", "--json").stdout) is None


@pytest.mark.parametrize("words", [("--replace",), ("--replace", "--by", "ada"), ("--by", "ada"), ("--reason", "none")])
def test_half_a_replacement_is_wrong_use(invoiced: World, cvsync: Command, words: tuple[str, ...]) -> None:
    result = cvsync("invoice", "PO-7", *words)
    assert result.exit_code == 2
    assert "--reason" in result.stderr
    assert states(invoiced) == [InvoiceState.ACCEPTED]


def test_of_two_orders_with_one_reference_one_must_be_named(invoiced: World, cvsync: Command) -> None:
    invoiced.orders("northgate", 5008, "PO-7", line("1", "71000001"))
    invoiced.do(steps.ORDERS_POLL, "northgate")
    assert len(json.loads(cvsync("invoice", "PO-7", "--json").stdout)["others"]) == 1
    result = cvsync("invoice", "PO-7", *REPLACE)
    assert result.exit_code == 2
    assert PO in result.stderr
    assert cvsync("invoice", PO, *REPLACE).exit_code == 0


@pytest.mark.parametrize("kind", [kinds.INVOICE_INCOMPLETE, kinds.INVOICE_REFUSED])
def test_a_person_resolves_what_was_invoiced_in_the_portal(shop: World, cvsync: Command, kind: kinds.Kind) -> None:
    with shop.store.write() as db:
        causes.open_for(db, [Problem(kind, "northgate/PO-1", {"reference": "PO-1"})], shop.at, item_id=None)
    (cause,) = json.loads(cvsync("exceptions", "list", "--json").stdout)
    result = cvsync("exceptions", "resolve", str(cause["id"]), "--reason", "it is in the portal")
    assert result.exit_code == 0, result.stderr
    assert json.loads(cvsync("exceptions", "list", "--json").stdout) == []
    assert json.loads(cvsync("invoice", "PO-1", "--json").stdout)["invoices"][0]["state"] == "by hand"
