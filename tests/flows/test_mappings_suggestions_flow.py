"""An unmapped name comes with what it may mean and the row to write, and nothing is written by itself."""

from integration import steps
from integration.centra.schema import Shipment
from integration.flows import mappings, mappings_suggestions, new_carriers
from integration.problems import TryAgain
from tests.flows.mapping import publish_files, text_of, versions
from tests.world import World, line


def ship(taken: World, **shipment: str) -> None:
    taken.centra.ships(1200, {12000: 2}, **shipment)
    assert taken.do(steps.DISPATCHES_ANNOUNCE, "northgate/41").state == "held"


def test_a_suggested_row_answers_the_dispatch_that_waits(taken: World) -> None:
    publish_files(taken)
    ship(taken, carrier="Parcel Force", service="48")
    (offer,) = mappings_suggestions.suggestions(taken.services)
    assert (offer.kind, offer.retailer, offer.wanted, offer.document) == (
        "unmapped-carrier", "northgate", "Parcel Force / 48", "carriers",
    )  # fmt: skip
    assert offer.suggestions[0].value == "parcelforce"
    row = "- {retailer: northgate, carrier: Parcel Force, service: '48', slug: parcelforce}"
    assert offer.rows[0] == row
    assert versions(taken) == [1]

    text = text_of(taken, "carriers") + row + "\n"
    found = mappings.propose(taken.services, "carriers", text, base_version=1)

    assert found.effect is not None
    assert found.effect.sentences == ["releases 1 dispatch"]


def test_only_carriers_that_the_retailer_takes_are_offered(taken: World) -> None:
    taken.change("northgate", dispatch={"carriers": ("dpd",)})
    ship(taken, carrier="Parcel Force")
    (offer,) = mappings_suggestions.suggestions(taken.services)
    assert (list(offer.suggestions), offer.unchecked) == ([], False)


def test_where_the_live_list_cannot_be_asked_that_is_said(taken: World) -> None:
    ship(taken, carrier="Parcel Force")
    taken.northgate.fail("carriers", TryAgain("away"))
    (offer,) = mappings_suggestions.suggestions(taken.services)
    assert (list(offer.suggestions), offer.unchecked) == ([], True)


def test_a_new_carrier_is_offered_a_row_for_every_retailer(world: World) -> None:
    with world.store.write() as db:
        new_carriers.notice(world.services, db, [Shipment(id=1, carrier="Royalmail")], ours=())
    (offer,) = mappings_suggestions.suggestions(world.services)
    assert offer.retailer is None
    assert offer.rows[0] == "- {retailer: null, carrier: Royalmail, service: null, slug: royal-mail}"


def test_an_unmapped_delivery_service_is_offered_the_options_that_are_known(shop: World) -> None:
    shop.orders("northgate", 5001, "PO-1", line("1", "71000001"), delivery_service_code="Express 24")
    shop.do(steps.ORDERS_POLL, "northgate")
    assert shop.run(steps.ORDERS_PLACE, "northgate/PO-1").state == "held"
    (offer,) = mappings_suggestions.suggestions(shop.services)
    assert (offer.document, offer.rows[0]) == ("retailers/northgate", "Express 24: express")


def test_where_nothing_waits_no_list_is_asked(world: World) -> None:
    assert mappings_suggestions.suggestions(world.services) == []
    assert world.northgate.calls == []
