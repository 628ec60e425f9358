"""The system as a Celery tutorial would have it: one task and its calls per event, retried by Celery.

It is meant to be fair: sessions are reused, the newest value is read when the task runs, what was sent last is
remembered so that unchanged sizes are skipped, and failures back off with jitter.
"""

from benchmarks.naive.tasks import app

__all__ = ["app"]
