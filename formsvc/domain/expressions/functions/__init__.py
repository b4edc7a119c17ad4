"""Functions of the expression language, bound to one evaluation.

An empty operand gives an empty result; a ValueError is a sentence for the person at the form.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from formsvc.domain import chinese
from formsvc.domain.authorities import Circumstances, IssuingAuthority
from formsvc.domain.calendar import (
    Calendar,
    add_days_rolled,
    add_working_days,
    is_working_day,
    working_days_between,
)
from formsvc.domain.expressions.functions.documents import document_functions
from formsvc.domain.expressions.functions.rows import count_of, distinct, non_empty, row_of, sum_of
from formsvc.domain.expressions.operators import require_text_length
from formsvc.domain.identifiers import check_certificate
from formsvc.domain.json_types import JSON, is_empty
from formsvc.domain.laws import join_provisions
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

# Name of a lookup → its entries, or the lookup's whole file with ``entries`` in it.
Lookups = Mapping[str, Any]

YES, NO = "是", "否"
_DAY_LENGTH = len("2026-09-21")
_OUT_OF_RANGE = msg("算出的日期超出可用的范围，请核对期限。")

# Functions whose answer hangs on what is registered in this office.
DOCUMENT_FUNCTIONS = frozenset(
    {
        "referred",
        "answers_of",
        "served_on",
        "state_of",
        "is_outside",
        "made_from",
        "made_rows",
        "count_documents",
    }
)
OFFICE_FUNCTIONS = DOCUMENT_FUNCTIONS | {
    "authority_sentence",
    "review_organ_of",
    "court_of",
    "remedy_text",
    "authority_part",
    "last_answer",
}
# What ``authority_part`` gives of an authority, as administrators registered it.
AUTHORITY_PARTS = frozenset({"credit_code", "head", "head_title", "region", "short", "code"})

# Functions that read a lookup without naming it.
IMPLIED_LOOKUPS = {
    "authority_sentence": "authority_modes",
    "remedy_text": "remedies",
    "setting": "settings",
    "certificate_fault": "certificates",
    "served_on": "settings",
}


def functions_for(circumstances: Circumstances, lookups: Lookups) -> dict[str, Callable[..., JSON]]:
    """Return every function of our own, bound to these circumstances."""
    known = {**circumstances.lookups, **lookups}
    return {
        **_date_functions(circumstances),
        **_text_functions(),
        **_row_functions(),
        **_office_functions(circumstances, known),
        **document_functions(circumstances, partial(setting, circumstances, known)),
        "lookup": _indexed_lookup(known),
    }


def _date_functions(circumstances: Circumstances) -> dict[str, Callable[..., JSON]]:
    days = circumstances.calendar
    return {
        "today": lambda: circumstances.today.isoformat(),
        "workdays_after": _strict(lambda d, n: add_working_days(_to_date(d), _period(n), days).isoformat()),
        "workdays_between": _strict(lambda a, b: _workdays_between(_to_date(a), _to_date(b), days)),
        "days_after": _strict(lambda d, n: _days_after(_to_date(d), n)),
        "rolled": _strict(lambda d: add_days_rolled(_to_date(d), 0, days).isoformat()),
        "months_after": _strict(lambda d, n: _add_months(_to_date(d), n).isoformat()),
        "date_of": _strict(lambda moment: _to_date(moment).isoformat()),
        "year_of": _strict(_year_of),
        "first_day_of": _strict(lambda d: _bounds(d)[0].isoformat()),
        "last_day_of": _strict(lambda d: _bounds(d)[1].isoformat()),
        "is_working_day": _strict(lambda d: is_working_day(_to_date(d), days)),
        "chinese_date": _strict(lambda d: chinese.chinese_date(_to_date(d))),
        "long_date": _strict(lambda d: chinese.long_date(_to_date(d))),
    }


def _text_functions() -> dict[str, Callable[..., JSON]]:
    return {
        "text_length": lambda text: len(text or ""),
        "is_empty": is_empty,
        "first_of": lambda values: next(iter(non_empty(values)), None),
        "min_of": lambda values: min(non_empty(values), default=None),
        "max_of": lambda values: max(non_empty(values), default=None),
        "joined": lambda values, mark: _join(non_empty(values), mark, "{value}"),
        "numbered": lambda values, mark: _join(non_empty(values), mark, "{number}.{value}"),
        "capital_amount": _strict(_capital_amount),
        "clause": _strict(lambda text: chinese.clause_of(str(text)) or None),
        "contains_any": lambda text, words: any(word in (text or "") for word in _words(words)),
        "joined_provisions": lambda texts: join_provisions(map(str, non_empty(texts))) or None,
    }


def _row_functions() -> dict[str, Callable[..., JSON]]:
    return {"sum_of": sum_of, "count_of": count_of, "distinct": distinct, "row_of": row_of}


def _office_functions(circumstances: Circumstances, known: Lookups) -> dict[str, Callable[..., JSON]]:
    def organ(issuer: JSON, part: str) -> JSON:
        authority: IssuingAuthority | None = circumstances.authority_named(issuer or "")
        return (getattr(authority, part) or None) if authority else None

    return {
        "setting": lambda key: setting(circumstances, known, key),
        "authority_sentence": lambda *parts: _authority_sentence(circumstances, known, *parts),
        "remedy_text": lambda code, review, court: _remedy_text(known, code, review, court),
        "review_organ_of": lambda issuer: organ(issuer, "review_organ"),
        "court_of": lambda issuer: organ(issuer, "court"),
        "authority_part": lambda issuer, part: organ(issuer, part) if part in AUTHORITY_PARTS else None,
        "last_answer": lambda issuer, key: circumstances.last_answer(str(issuer or ""), str(key)) or None,
        "certificate_fault": lambda kind, number: _certificate_fault(known, kind, number),
    }


def _strict(function: Callable[..., JSON]) -> Callable[..., JSON]:
    """Wrap a function so that an empty operand gives an empty result."""
    return lambda *operands: None if any(o is None or o == "" for o in operands) else function(*operands)


def _join(values: list[JSON], mark: JSON, template: str) -> str:
    """Return the values as one text. Raise ValueError if it is too long."""
    texts = [template.format(number=n, value=_printed(v)) for n, v in enumerate(values, 1)]
    require_text_length(sum(map(len, texts)) + len(mark) * len(texts))
    return str(mark).join(texts)


def _printed(value: JSON) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    if not isinstance(value, str | int | float):
        raise ValueError(msg("只有文字和数字能连在一起，明细请先取出其中一列。"))
    return str(value)


def printed_value(value: JSON) -> str:
    """Return what a message prints of a value, "" for no answer."""
    if isinstance(value, list | tuple):
        return "、".join(printed_value(item) for item in value[:20])
    return "" if value is None or isinstance(value, Mapping) else _printed(value)


def _words(words: JSON) -> list[str]:
    if words is not None and not isinstance(words, list | tuple):
        raise TypeError
    return [word for word in words or () if word]


def _to_date(text: JSON) -> date:
    try:
        return datetime.fromisoformat(str(text)).date()
    except ValueError:
        raise ValueError(msg("“{text}”不是日期，不能计算。", text=str(text)[:20])) from None


def _year_of(day: JSON) -> int:
    text = str(day)
    return _bounds(text)[0].year if len(text) < _DAY_LENGTH else _to_date(text).year


def _bounds(period: JSON) -> tuple[date, date]:
    """Return the first and the last day of a year, a month or a day."""
    try:
        return chinese.period_bounds(str(period)[:_DAY_LENGTH])
    except ValueError:
        raise ValueError(msg("“{text}”不是日期，不能计算。", text=str(period)[:20])) from None


def _period(days: JSON) -> int:
    """Return a number of days. Raise ValueError beyond ten years."""
    if not isinstance(days, int | float) or isinstance(days, bool):
        raise TypeError
    if not abs(days) <= process_limits().period_days:
        raise ValueError(msg("期限超过 {limit} 天，请核对天数。", limit=process_limits().period_days))
    return int(days)


def _workdays_between(first: date, last: date, days: Calendar) -> int:
    _period((last - first).days)
    return working_days_between(first, last, days)


def _days_after(day: date, days: JSON) -> str:
    if not isinstance(days, int | float) or isinstance(days, bool):
        raise TypeError
    try:
        return (day + timedelta(days=int(days))).isoformat()
    except (OverflowError, ValueError):
        raise ValueError(_OUT_OF_RANGE) from None


def _add_months(day: date, months: JSON) -> date:
    """Return the same day so many months later, or the month's last day."""
    if not isinstance(months, int | float) or isinstance(months, bool):
        raise TypeError
    if not abs(months) <= 12 * date.max.year:
        raise ValueError(_OUT_OF_RANGE)
    year, month = divmod(day.year * 12 + day.month - 1 + int(months), 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(_OUT_OF_RANGE)
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def _capital_amount(amount: JSON) -> str:
    """Whole numbers are fen, as expressions see money; others are yuan."""
    if not isinstance(amount, int | float) or isinstance(amount, bool):
        raise TypeError
    yuan = Decimal(amount) / 100 if isinstance(amount, int) else Decimal(str(round(amount, 2)))
    return chinese.capital_amount(yuan)


def entries_of(known: Lookups, name: str) -> list[Mapping[str, Any]]:
    """Return the entries of a lookup, or [] if there is none.

    What is no entry is left out: a field that reads such a lookup has a fault of its own.
    """
    lookup = known.get(name, ())
    entries = lookup.get("entries", ()) if isinstance(lookup, Mapping) else lookup
    return [e for e in entries if isinstance(e, Mapping)] if isinstance(entries, list | tuple) else []


def _entry_part(known: Lookups, name: JSON, code: JSON, key: JSON) -> JSON:
    entry = next((e for e in entries_of(known, str(name)) if e.get("code") == code), None)
    return entry.get(str(key)) if entry else None


def _indexed_lookup(known: Lookups) -> Callable[..., JSON]:
    """Return the function ``lookup``, which reads each file once."""
    entries: dict[str, dict[str, Mapping[str, Any]]] = {}

    def lookup(name: JSON, code: JSON, key: JSON) -> JSON:
        table = str(name)
        if table not in entries:
            # the first of two entries with one code counts
            entries[table] = {str(e.get("code")): e for e in reversed(entries_of(known, table))}
        entry = entries[table].get(code) if isinstance(code, str) else None
        return entry.get(str(key)) if entry else None

    return lookup


def setting(circumstances: Circumstances, known: Lookups, key: str) -> JSON:
    """Return what the office has set, else the value in lookup ``settings``."""
    if key in circumstances.office_settings:
        return circumstances.office_settings[key]
    return _entry_part(known, "settings", key, "value")


def _authority_sentence(
    circumstances: Circumstances,
    known: Lookups,
    mode: JSON,
    issuer: JSON,
    entrust_ref: JSON,
    assign_doc: JSON,
) -> JSON:
    """Return 权限依据句, or None until everything it names is known."""
    body = circumstances.authority_named(str(issuer or ""))
    # a body of another kind may rest on an article of its own
    by_kind = _entry_part(known, "authority_modes", mode, "sentence_by_kind") or {}
    template = by_kind.get(body.kind if body else "") or _entry_part(
        known, "authority_modes", mode, "sentence"
    )
    number = entrust_ref.get("number") if isinstance(entrust_ref, Mapping) else entrust_ref
    entrustment = circumstances.entrustment_numbered(number or "")
    parts = {
        "issuer_name": issuer,
        "entrust_ref": number,
        "assign_doc": assign_doc,
        "agent_name": entrustment.agent if entrustment else None,
    }
    return _fill_template(template, parts)


def _certificate_fault(known: Lookups, kind: JSON, number: JSON) -> JSON:
    """Return what is wrong with the number of a certificate, None if nothing."""
    entry = next((e for e in entries_of(known, "certificates") if e.get("code") == kind), None)
    if entry is None or not number:
        return None
    try:
        check_certificate(
            str(entry["name"]),
            str(number),
            str(entry.get("pattern") or ""),
            str(entry.get("wanted") or ""),
            is_resident=entry.get("check_digit") is True,
        )
    except ValueError as fault:
        return str(fault)
    return None


def _remedy_text(known: Lookups, code: JSON, review_organ: JSON, court: JSON) -> JSON:
    template = _entry_part(known, "remedies", code, "text")
    return _fill_template(template, {"review_organ": review_organ, "court": court})


def _fill_template(template: JSON, parts: Mapping[str, JSON]) -> JSON:
    """Return the template with its parts, or None if one of them is empty."""
    if not template:
        return None
    text = str(template)
    for key, part in parts.items():
        if f"{{{key}}}" not in text:
            continue
        if not part:
            return None
        text = text.replace(f"{{{key}}}", str(part))
    return text
