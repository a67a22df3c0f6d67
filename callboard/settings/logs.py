"""Structured logs, one line an event, with the request's or task's id and without personal data."""

import re
from typing import Any

import structlog

# What must never stand in a log line, whatever put it there.
PRIVATE = frozenset(
    {
        "email",
        "name",
        "stage_name",
        "password",
        "phone",
        "address",
        "ip",
        "body",
        "answers",
        "token",
        "authorization",
    }
)


REMOVED = "[removed]"
# What opens a door, or names somebody, wherever in a text it stands: a traceback and an address are texts too.
_SECRET = re.compile(
    r"[\w.+-]+(?:@|%40)[\w-]+\.[\w.-]+"  # mail addresses
    r"|\b(?:cb|sk_test|sk_live|rk_test|rk_live|whsec)_[\w+/=-]{8,}"  # keys
    r"|(?<=confirm-email/)[^/\s\"']+|(?<=reset/key/)[^/\s\"']+"  # what a mail's link opens
    r"|(?<=calendar/feed/)[^/\s\"']{20,}"  # a calendar's secret address
    r"|\?[^\s\"']*(?=[\s\"']|$)"  # queries: what people look for
    r"|(?<=DETAIL:)[^\n]*"  # Postgres repeats the row
)


def scrub(_: object, __: str, event: Any) -> Any:
    """Blank values that could name a person."""
    for key in PRIVATE & event.keys():
        event[key] = REMOVED
    return event


def scrub_texts(_: object, __: str, event: Any) -> Any:
    """Blank what opens a door or names a person within the texts, the traceback's included."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _SECRET.sub(REMOVED, value)
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    scrub,
]


def logging(*, json: bool, level: str = "INFO") -> dict[str, Any]:
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    scrub_texts,
                    renderer,
                ],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"django.server": {"level": "WARNING"}, "stripe": {"level": "WARNING"}},
    }
