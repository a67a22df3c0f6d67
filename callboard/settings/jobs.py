"""Celery as a doorbell: late acknowledgement, nothing prefetched, no results, no countdowns. The rows are the record."""

from typing import Any

from kombu import Queue

VISIBILITY_TIMEOUT_S = 900

CELERY: dict[str, Any] = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "task_ignore_result": True,
    "result_backend": None,
    "broker_transport_options": {"visibility_timeout": VISIBILITY_TIMEOUT_S},
    "result_backend_transport_options": {"visibility_timeout": VISIBILITY_TIMEOUT_S},
    "visibility_timeout": VISIBILITY_TIMEOUT_S,
    "task_soft_time_limit": 240,
    "task_time_limit": 300,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "worker_soft_shutdown_timeout": 30,
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "enable_utc": True,
    "timezone": "UTC",
    "worker_hijack_root_logger": False,
    "task_default_queue": "bulk",
    "task_queues": [Queue("money"), Queue("webhooks"), Queue("mail"), Queue("bulk")],
    "task_routes": {
        "payouts.*": {"queue": "money"},
        "payroll.*": {"queue": "money"},
        "paylines.*": {"queue": "money"},
        "connect.*": {"queue": "money"},
        "funding.*": {"queue": "money"},
        "reconciliation.*": {"queue": "bulk"},
        "deliveries.*": {"queue": "bulk"},
        "webhooks.*": {"queue": "webhooks"},
        "presence.*": {"queue": "webhooks"},
        "notifications.*": {"queue": "mail"},
    },
    # A tick that comes too late is not worth doing: the next one does its work.
    "beat_schedule": {
        name: {"task": name, "schedule": every_s, "options": {"expires": every_s * 2}}
        for name, every_s in {
            "payouts.sweep": 5,
            "webhooks.sweep": 5,
            "presence.sweep": 10,
            "presence.poll": 30,
            "notifications.sweep": 10,
            "notifications.invitations": 10,
            "notifications.security": 10,
            "payroll.accrue": 30,
            "paylines.sweep": 60,
            "paylines.watch": 60,
            "timekeeping.calendar": 60,
            "sessions.calendar": 60,
            "slots.calendar": 60,
            "casting.expire": 300,
            "video.forget": 3600,
            "media.sweep": 5,
            "rights.sweep": 60,
            "agreements.papers": 15,
            "deliveries.sweep": 30,
            "craft.sweep": 5,
            "endings.debts": 60,
            "funding.sweep": 30,
            "connect.sweep": 60,
            "identity.sweep": 60,
            "payouts.settle": 60,
            "payouts.reversals": 300,
            "payouts.watchdog": 60,
            "reconciliation.tick": 60,
            "control.audit": 600,
            "appeals.overdue": 600,
            "audit.seal": 60,
            "privacy.sweep": 300,
            "privacy.retention": 3600,
        }.items()
    },
}
