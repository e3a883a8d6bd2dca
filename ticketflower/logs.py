"""Structured logging: one line per event, with the request id that error pages also show."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# People who can read the log must not be able to use links that were sent to users.
_SECRET_PARTS = re.compile(r"(/(?:password-reset|accept|callbacks)/)[^/?\s]+")


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Remove the secret part of addresses from a log event. This is a structlog processor."""
    for name in ("request", "event"):
        if isinstance(event.get(name), str):
            event[name] = _SECRET_PARTS.sub(r"\1…", event[name])
    return event


_SHARED: list[Any] = [
    hide_secrets,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_structlog() -> None:
    """Send structlog's events to the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_config(level: str, *, as_json: bool) -> dict[str, Any]:
    """Return Django's LOGGING setting: everything goes to standard error, as JSON lines or as plain text."""
    renderer = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=False,
                exception_formatter=structlog.dev.plain_traceback,  # the default formatter takes 0.2 s
            )
        ]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Without this, Django adds a second console handler in DEBUG.
            "django": {"handlers": [], "level": level, "propagate": True},
            "procrastinate": {"level": "WARNING"},
            # This would log a line for each HTTP request, in addition to the line of the call itself.
            "mcp": {"level": "WARNING"},
            # This would log URLs of other systems, which may be secret, and headers of any size.
            "urllib3": {"level": "ERROR"},
            # The library that lays out pictures logs each of its 40 steps under these names.
            "rust-sugiyama": {"level": "WARNING"},
            "connected_components": {"level": "WARNING"},
        },
    }
