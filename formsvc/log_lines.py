"""Log lines as text or JSON, with time, level, logger and request.

Nothing a person typed and no name of one stands in them; people are named by their account.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from formsvc.config import Settings
from formsvc.i18n.printable import escape_controls, escape_controls_in_json

# id of the request that this thread carries out; "" for none
request_id: ContextVar[str] = ContextVar("request_id", default="")
# libraries that report what is of no use to an operator
_QUIET = {"waitress": logging.ERROR, "waitress.queue": logging.CRITICAL, "fontTools": logging.ERROR}


def configure_logging(settings: Settings) -> None:
    """Log to standard error, unless the program has logging of its own."""
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
        root.addHandler(handler)
        root.setLevel(settings.log_level.upper())
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


class TextLines(logging.Formatter):
    """Formatter of text lines that cannot control a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(request)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - of the base class
        return _time(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - of the base class
        known = request_id.get()
        record.request = f" [{known}]" if known else ""
        return escape_controls(super().formatMessage(record))


class JsonLines(JsonFormatter):
    """Formatter of one JSON object for a record."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        log_data["time"], log_data["level"], log_data["logger"] = (
            _time(record),
            record.levelname.lower(),
            record.name,
        )
        if known := request_id.get():
            log_data["request_id"] = known
        super().add_fields(log_data, record, message_dict)

    def format(self, record: logging.LogRecord) -> str:
        return escape_controls_in_json(super().format(record)).replace("\n", " ")


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
