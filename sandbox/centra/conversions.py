"""Every integration can give Centra's objects names of its own, unique in both directions per object type.

Centra docs: Integration API, ID conversion. A colliding entry is overwritten.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Conversion:
    """One pair of internal and external id."""

    id: int
    integration_name: str
    object_type: str
    internal_id: int
    external_id: str


@dataclass
class Conversions:
    """The table of all integrations. The caller holds the twin's lock."""

    _by_internal: dict[tuple[str, str, int], Conversion] = field(default_factory=dict)
    _by_external: dict[tuple[str, str, str], Conversion] = field(default_factory=dict)
    _last_id: int = 0

    def set(self, integration: str, object_type: str, internal_id: int, external_id: str) -> tuple[Conversion, bool]:
        """Makes the pair, replacing whatever either half belonged to; returns it and whether anything changed."""
        present = self._by_internal.get((integration, object_type, internal_id))
        if present and present.external_id == external_id:
            return present, False
        for old in (present, self._by_external.get((integration, object_type, external_id))):
            if old:
                self.remove(old)
        self._last_id += 1
        entry = Conversion(self._last_id, integration, object_type, internal_id, external_id)
        self._by_internal[integration, object_type, internal_id] = entry
        self._by_external[integration, object_type, external_id] = entry
        return entry, True

    def remove(self, entry: Conversion) -> None:
        """Forgets the pair."""
        self._by_internal.pop((entry.integration_name, entry.object_type, entry.internal_id), None)
        self._by_external.pop((entry.integration_name, entry.object_type, entry.external_id), None)

    def of(self, integration: str) -> Iterable[Conversion]:
        """All pairs of an integration."""
        return [entry for entry in self._by_internal.values() if entry.integration_name == integration]

    def external(self, integration: str, object_type: str, internal_id: int) -> str | None:
        """The integration's own id of an object."""
        entry = self._by_internal.get((integration, object_type, internal_id))
        return entry.external_id if entry else None

    def internal(self, integration: str, object_type: str, external_id: str) -> int | None:
        """Centra's id of what the integration calls `external_id`."""
        entry = self._by_external.get((integration, object_type, external_id))
        return entry.internal_id if entry else None
