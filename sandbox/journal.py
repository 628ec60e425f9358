"""Every call a twin received is on record: what it asked for, how it was answered and whether it changed anything."""

import threading
import time
from collections import Counter
from typing import Any

KEPT = 200_000
"""Entries kept in memory; older ones are dropped, the counts stay whole."""


class Journal:
    """The record of one twin, numbered from 1 without gaps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[dict[str, Any]] = []
        self._dropped = 0
        self._counts: Counter[str] = Counter()
        self._by_operation: Counter[str] = Counter()

    def write(
        self, *, method: str, path: str, query: str, operation: str | None, status: int,
        changed: bool, subject: str | None, detail: dict[str, Any],
    ) -> None:
        """Adds one call. Status 0 is a call that got no answer."""
        entry: dict[str, Any] = {
            "n": 0, "at": time.time(), "method": method, "path": path, "query": query, "operation": operation,
            "status": status, "changed": changed, "subject": subject, "detail": detail,
        }
        with self._lock:
            entry["n"] = self._dropped + len(self._entries) + 1
            self._entries.append(entry)
            self._counts["total"] += 1
            self._counts["changed" if changed else "unchanged"] += 1
            self._counts["throttled"] += status == 429
            self._by_operation[operation or "unknown"] += 1
            if len(self._entries) > 2 * KEPT:
                del self._entries[:KEPT]
                self._dropped += KEPT

    def since(self, n: int) -> dict[str, Any]:
        """Entries with a number above `n`, and the number to ask with next time."""
        with self._lock:
            entries = self._entries[max(0, n - self._dropped):]
            return {"entries": entries, "next": self._dropped + len(self._entries)}

    def counts(self) -> dict[str, Any]:
        """Totals since the last `clear`."""
        with self._lock:
            totals = {name: self._counts[name] for name in ("total", "changed", "unchanged", "throttled")}
            return {**totals, "by_operation": dict(self._by_operation)}

    def clear(self) -> None:
        """Forgets entries and counts; the numbering goes on, so an old `since` stays valid."""
        with self._lock:
            self._dropped += len(self._entries)
            self._entries = []
            self._counts.clear()
            self._by_operation.clear()
