"""What a look finds wrong is one cause, and the next look that does not find it closes it."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from integration import kinds
from integration.kinds import Kind
from integration.lanes import Lane
from integration.problems import Problem
from integration.rulebook import Rulebook
from integration.services import Services, gate_of
from integration.steps import CENTRA, ORDER_API, STEPS
from integration.storage import causes, freshness

Owns = Callable[[str], bool]
"""Whether a look is about a cause with this key; others look at the rest."""


def settle(services: Services, kind: Kind, found: Sequence[Problem], owns: Owns = lambda _: True) -> None:
    """Open what was found, and close what this look is about and did not find."""
    now, keys = services.now(), {problem.key for problem in found}
    with services.store.write() as db:
        causes.open_for(db, found, now, item_id=None)
        causes.close(
            db, now, "a fresh look finds nothing wrong", kinds=[kind.code],
            matches=lambda key: owns(key) and key not in keys,
        )  # fmt: skip


def explained_gates(db: sa.Connection) -> set[str]:
    """The quotas of which people know already why nothing gets through: nobody is told of what follows from it."""
    return freshness.open_keys(db, [kinds.PLATFORM_DOWN.code, kinds.CREDENTIAL_REFUSED.code])


def keys_about(rules: Rulebook, code: str) -> tuple[str, ...]:
    """The keys under which a look tells of a retailer without beginning with it: its quotas, their lanes, its polls.

    Centra is among them: what stops Centra stops each retailer.
    """
    profile = rules.retailers.get(code)
    if profile is None:
        return ()
    gates = (gate_of(profile), CENTRA, ORDER_API)
    return (*gates, *(f"{gate}/{lane}" for gate in gates for lane in Lane), *(f"{step}/{code}" for step in STEPS))


def named(gate: str) -> dict[str, str]:
    """A quota in the words of a sentence."""
    if gate in (CENTRA, ORDER_API):
        return {"platform": "Centra", "credential": "token" if gate == CENTRA else "of the Order API"}
    return {"platform": "Virtualstock", "credential": gate.partition(":")[2]}
