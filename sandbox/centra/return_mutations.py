"""Writing about returns through GraphQL, with Centra's refusals as user errors."""

from typing import Any

from sandbox.centra import returning
from sandbox.centra.mutations import Input, exactly_one, mutation, shipment_of, stock_policy
from sandbox.centra.resolvers import Call, Registry
from sandbox.centra.sales import NotPossible, Return

registry = Registry()


@mutation(registry, "createReturn")
def create_return(call: Call, input: Input) -> Input:
    """Takes back units of a sent shipment; costs and vouchers are accepted and change nothing here."""
    way, wanted = exactly_one(input["shipment"], "shipment")
    number = call.world.conversions.internal(call.integration, "Shipment", wanted) if way == "externalId" else wanted
    shipment = shipment_of(call, number, "shipment")
    units: dict[int, int] = {}
    for item in input["lines"]:
        _, line_id = exactly_one(item["shipmentLine"], "lines", "shipmentLine")
        units[line_id] = units.get(line_id, 0) + item["quantity"]
    policy, into = stock_policy(call, input["returnStockActionPolicy"], "returnStockActionPolicy")
    made = returning.create(
        call.world, shipment, units, policy=policy, into=into, comment=input.get("comment"),
        created_at=input.get("createdAt"),
    )
    if input.get("externalId") is not None:
        call.world.conversions.set(call.integration, "Return", made.id, input["externalId"])
    return {"return": made}


@mutation(registry, "completeReturn")
def complete_return(call: Call, id: int, input: Any = None) -> Input:  # noqa: ARG001 - e-mail is not imitated
    """Closes a return."""
    found = _return_of(call, id)
    returning.complete(call.world, found)
    return {"return": found}


@mutation(registry, "uncompleteReturn")
def uncomplete_return(call: Call, id: int) -> Input:
    """Opens a closed return."""
    found = _return_of(call, id)
    returning.uncomplete(call.world, found)
    return {"return": found}


@mutation(registry, "deleteReturn")
def delete_return(call: Call, id: int) -> Input:
    """Undoes an open return."""
    found = _return_of(call, id)
    returning.delete(call.world, found)
    return {"return": found}


def _return_of(call: Call, number: int) -> Return:
    if number not in call.world.returns:
        raise NotPossible(f"Could not find Return with ID {number}", "id")
    return call.world.returns[number]
