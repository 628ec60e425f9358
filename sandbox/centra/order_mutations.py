"""Writing about orders through GraphQL, with Centra's refusals as user errors."""

from sandbox.centra import ordering
from sandbox.centra.mutations import Input, line_of, mutation, order_of, stock_policy
from sandbox.centra.ordering import LineCancel
from sandbox.centra.resolvers import Call, Registry, snake
from sandbox.centra.sales import Order

registry = Registry()


@mutation(registry, "confirmOrder")
def confirm_order(call: Call, input: Input) -> Input:
    """Pending becomes confirmed."""
    order = order_of(call, input["order"], "order")
    ordering.confirm(call.world, order)
    return {"order": order}


@mutation(registry, "updateDirectToConsumerOrder")
def update_order(call: Call, order: Input, input: Input) -> Input:
    """Changes comments, hold, external id; cancels units of lines."""
    found = order_of(call, order, "order")
    cancels = [_cancel(call, found, item) for item in input.get("cancelLines") or []]
    if cancels:
        ordering.cancel_lines(call.world, found, cancels)
    for name in ("internalComment", "otherComment", "isInternal", "isOnHold"):
        if input.get(name) is not None:
            setattr(found, snake(name), input[name])
    if input.get("cancellationComment"):
        ordering.append_comment(found, input["cancellationComment"])
    if input.get("externalId") is not None:
        call.world.conversions.set(call.integration, "Order", found.number, input["externalId"])
    if cancels:
        ordering.settle(call.world, found)
    else:
        ordering.touch(call.world, found)
    return {"order": found}


def _cancel(call: Call, order: Order, item: Input) -> LineCancel:
    line = line_of(order, item["line"], "cancelLines", "line")
    policy, into = stock_policy(call, item["stockActionPolicy"], "cancelLines", "stockActionPolicy")
    return LineCancel(line, item["quantity"], policy, into)


@mutation(registry, "cancelDirectToConsumerOrder")
def cancel_order(call: Call, id: str, input: Input) -> Input:
    """Cancels a whole order, named by its hash."""
    order = order_of(call, {"id": id}, "id")
    policy, into = stock_policy(call, input["stockAction"], "input", "stockAction")
    ordering.cancel(call.world, order, policy, into, input.get("comment"))
    order.emails_sent += bool(input["emailOptions"]["sendEmail"])
    return {"order": order}
