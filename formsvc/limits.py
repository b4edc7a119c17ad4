"""Limits of one instance: what people, programs and files may cost.

Each field is the setting ``FORMSVC_…`` of the same name in capitals, documented in
docs/handbook-operations.md, section 限额.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def _limit(default: int, highest: int) -> Any:
    return field(default=default, metadata={"highest": highest})


@dataclass(frozen=True)
class Limits:
    # Connections; the defaults of a header and a body are those of Apache's mod_reqtimeout
    header_seconds: int = _limit(20, 600)
    body_seconds: int = _limit(20, 600)
    body_bytes_per_second: int = _limit(500, 1_000_000)
    connections: int = _limit(1000, 10_000)
    connections_per_address: int = _limit(100, 10_000)
    # Each person
    saves_per_minute: int = _limit(240, 100_000)
    previews_per_minute: int = _limit(60, 10_000)
    uploads_per_minute: int = _limit(120, 10_000)
    upload_megabytes_per_hour: int = _limit(1000, 1_000_000)
    # Files from elsewhere
    workbook_megabytes: int = _limit(5, 100)
    workbook_cells: int = _limit(200_000, 10_000_000)
    workbook_seconds: int = _limit(20, 600)
    backup_manifest_megabytes: int = _limit(64, 4096)
    import_megabytes: int = _limit(1024, 65_536)
    # Checking one definition and its template, in a child process
    check_seconds: int = _limit(20, 600)
    check_megabytes: int = _limit(700, 16_000)
    # `formsvc pdf`
    pdf_seconds: int = _limit(120, 3600)


def limit_names() -> tuple[str, ...]:
    """Return the names of the settings, without FORMSVC_."""
    return tuple(each.name.upper() for each in fields(Limits))


def limit_ranges() -> dict[str, tuple[int, int]]:
    """Return default and highest accepted value of each limit; the least is 1."""
    return {each.name: (int(str(each.default)), each.metadata["highest"]) for each in fields(Limits)}
