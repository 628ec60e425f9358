"""What changed waits in one queue per integration name until that integration confirms it.

Centra docs: Integration API, handling events. Listeners only add up, events come oldest first and stay for ever, and
`object` shows the state of now, not of the event.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.centra.clock import now
from sandbox.centra.model import Market, Store

DEFAULT_LIMIT = 100
MAX_LIMIT = 200
FINISHABLE = frozenset({"Order", "Shipment", "Return"})
_ALWAYS = ("CREATED", "UPDATED", "DELETED", "DEPENDENT_DATA_CHANGED")


@dataclass(slots=True, eq=False)
class Event:
    """One change of one object, by the object's id (an order's number)."""

    id: int
    object_type: str
    change_type: str
    object_reference: int
    created_at: datetime
    store: Store | None
    market: Market | None


@dataclass(slots=True, eq=False)
class Listener:
    """Which changes of an object type an integration wants to hear of."""

    integration_name: str
    object_type: str
    change_types: list[str]
    created_at: datetime
    updated_at: datetime


def changes_of(object_type: str) -> list[str]:
    """All change types the object type knows."""
    return [*_ALWAYS, "COMPLETED"] if object_type in FINISHABLE else list(_ALWAYS)


@dataclass
class EventQueues:
    """Listeners and unconfirmed events of every integration. The caller holds the twin's lock."""

    listeners: dict[tuple[str, str], Listener] = field(default_factory=dict)
    queues: dict[str, dict[int, Event]] = field(default_factory=dict)
    _last_id: int = 0

    def listen(self, integration: str, object_type: str, change_types: list[str] | None) -> Listener:
        """Adds change types to the integration's listener; None means all."""
        wanted = change_types or changes_of(object_type)
        moment = now()
        listener = self.listeners.setdefault(
            (integration, object_type), Listener(integration, object_type, [], moment, moment)
        )
        added = [change for change in wanted if change not in listener.change_types]
        if added:
            listener.change_types.extend(added)
            listener.updated_at = moment
        return listener

    def unlisten(self, integration: str, object_type: str, change_types: list[str] | None) -> Listener | None:
        """Drops change types, None means the whole listener, with their queued events; returns what is left of it."""
        listener = self.listeners.get((integration, object_type))
        if listener is None:
            return None
        dropped = set(change_types or listener.change_types)
        listener.change_types = [change for change in listener.change_types if change not in dropped]
        queue = self.queues.get(integration, {})
        for event in [event for event in queue.values() if event.object_type == object_type]:
            if event.change_type in dropped:
                del queue[event.id]
        if listener.change_types:
            return listener
        del self.listeners[integration, object_type]
        return None

    def add(self, object_type: str, change: str, reference: int, store: Store | None, market: Market | None) -> None:
        """Queues the change for everybody who listens to it."""
        for (integration, kind), listener in self.listeners.items():
            if kind == object_type and change in listener.change_types:
                self._last_id += 1
                event = Event(self._last_id, object_type, change, reference, now(), store, market)
                self.queues.setdefault(integration, {})[event.id] = event

    def waiting(self, integration: str) -> Iterable[Event]:
        """The integration's unconfirmed events, oldest first."""
        return self.queues.get(integration, {}).values()

    def confirm(self, integration: str, ids: Iterable[int]) -> tuple[list[Event], list[int]]:
        """Takes events off the queue; returns them, and the ids that were not in it."""
        queue = self.queues.get(integration, {})
        taken, unknown = [], []
        for event_id in ids:
            if event := queue.pop(event_id, None):
                taken.append(event)
            else:
                unknown.append(event_id)
        return taken, unknown
