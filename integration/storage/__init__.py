"""The database: truth about what is promised, agreed and known survives any loss of Redis or of a worker."""

from integration.storage.store import Store

__all__ = ["Store"]
