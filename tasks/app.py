"""Workers and beat survive kills, lost connections and doubled messages; each setting that sees to it has its reason.

What senders and workers share (queues, routes, transport) is in `integration.broker`.
"""

from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging, worker_ready

from integration import broker, telemetry, wiring
from integration import settings as settings_module
from integration.flows import upkeep
from integration.timetable import SCHEDULE, timetable

SWEEP_EVERY = 1.0

app = Celery("cvsync")


def _beat() -> dict[str, dict[str, Any]]:
    def entry(task: str, every: float, **kwargs: str) -> dict[str, Any]:
        # A tick nobody took before the next one is worth nothing; without this they pile up while workers are away.
        return {"task": task, "schedule": every, "kwargs": kwargs, "options": {"expires": max(every, 5)}}

    jobs = {job: entry("timetable.tick", every, job=job) for job, every in timetable().items()}
    return {"sweep": entry("sweep.hand_out", SWEEP_EVERY), **jobs}


def _configure() -> None:
    settings = settings_module.load()
    app.conf.update(
        **broker.configuration(wiring.redis_url(settings)),
        # A run that dies with its worker is delivered again (and the claim in the database keeps it single).
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        # One message at a time: a slow call must not sit on messages that another worker could run.
        worker_prefetch_multiplier=1,
        # Threads: the work is waiting for two platforms, and a busy process stops in a fraction of a second.
        worker_pool="threads",
        # No limit of Celery's works in a thread; the clients bound each call by time-outs of their own.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # After a lost connection a late ack is impossible: the task comes again, so this run should end.
        worker_cancel_long_running_tasks_on_connection_loss=True,
        # A stop gives running calls this long to write down their outcome, then ends.
        worker_soft_shutdown_timeout=20,
        worker_enable_soft_shutdown_on_idle=False,
        # Flower shows what runs; arguments are ids, never personal data.
        worker_send_task_events=True,
        timezone="UTC",
        enable_utc=True,
        beat_schedule=_beat(),
        # Beat's default state file has the name of our folder; inside it, it is in nobody's way.
        beat_schedule_filename=str(SCHEDULE / "state"),
        # Beat sleeps at most this long, so that a sweep every second is one.
        beat_max_loop_interval=SWEEP_EVERY,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )


@setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    settings = settings_module.load()
    telemetry.configure(settings.log_level, settings.log_format)
    telemetry.hide(*settings.secrets())


@celeryd_init.connect
def _set_up_sentry(**_: Any) -> None:
    settings = settings_module.load()
    telemetry.setup_sentry(settings.sentry_dsn, settings.sentry_environment)


@worker_ready.connect
def _begin(**_: Any) -> None:
    # The timetable asks for each job after its interval; a new database must not wait half an hour for its sizes.
    upkeep.start(wiring.services())


_configure()
