"""Day on which a document counts as served (民事诉讼法 87–95)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from formsvc.domain import laws
from formsvc.domain.calendar import Calendar
from formsvc.domain.cases.deadlines import Deadline, in_days
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg

PUBLISHED = "公告送达"


def service_day(
    service: Mapping[str, JSON], calendar: Calendar, setting: Callable[[str], JSON]
) -> Deadline | None:
    """Return the day a document counts as served; None if it is not.

    ``service`` is a stored ServiceRecord. A publication (公告送达) counts when its days are over (民事诉讼法 95), unless a
    receipt names the day. Raise ValueError for a year without a table of days off.
    """
    at = str(service.get("served_at") or "")
    if not at:
        return None
    on = date.fromisoformat(at[:10])
    if service.get("method") != PUBLISHED or service.get("receipt"):
        return Deadline(msg("送达日期"), on, on, "")
    days, rolls = int(setting("publication_days")), bool(setting("publication_rolls"))
    law = laws.PUBLISHED_SERVICE_ARTICLE
    return in_days(msg("视为送达"), msg("发出公告之日"), on, days, calendar, law, rolls=rolls)
