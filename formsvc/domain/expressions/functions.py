"""Functions of the expression language, bound to one evaluation.

An empty operand gives an empty result; a ValueError is a sentence for the person at the form.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from formsvc.domain import chinese
from formsvc.domain.authorities import Circumstances, IssuingAuthority
from formsvc.domain.calendar import add_days_rolled, add_working_days, is_working_day, working_days_between
from formsvc.domain.json_types import JSON, is_empty

# Name of a lookup → its entries, or the lookup's whole file with ``entries`` in it.
Lookups = Mapping[str, Any]

# Least and most arguments of each function.
ARITIES: dict[str, tuple[int, int]] = {
    "today": (0, 0),
    "workdays_after": (2, 2),
    "workdays_between": (2, 2),
    "days_after": (2, 2),
    "rolled": (1, 1),
    "months_after": (2, 2),
    "date_of": (1, 1),
    "is_working_day": (1, 1),
    "text_length": (1, 1),
    "is_empty": (1, 1),
    "first_of": (1, 1),
    "min_of": (1, 1),
    "max_of": (1, 1),
    "joined": (2, 2),
    "numbered": (2, 2),
    "capital_amount": (1, 1),
    "chinese_date": (1, 1),
    "long_date": (1, 1),
    "lookup": (3, 3),
    "setting": (1, 1),
    "referred": (2, 2),
    "authority_sentence": (4, 4),
    "remedy_text": (3, 3),
    "review_organ_of": (1, 1),
    "court_of": (1, 1),
    "contains_any": (2, 2),
}

# Functions whose answer hangs on what is registered in this office.
OFFICE_FUNCTIONS = frozenset({"authority_sentence", "review_organ_of", "court_of", "remedy_text", "referred"})

# Functions that ask the calendar which days are worked.
WORKDAY_FUNCTIONS = frozenset({"workdays_after", "workdays_between", "is_working_day", "rolled"})

# Functions that read a lookup without naming it.
IMPLIED_LOOKUPS = {
    "authority_sentence": "authority_modes",
    "remedy_text": "remedies",
    "setting": "settings",
}


def functions_for(circumstances: Circumstances, lookups: Lookups) -> dict[str, Callable[..., JSON]]:
    """Return every function of ``ARITIES``, bound to these circumstances."""
    known = {**circumstances.lookups, **lookups}
    return {
        **_date_functions(circumstances),
        **_text_functions(),
        **_office_functions(circumstances, known),
        "lookup": lambda name, code, key: _entry_part(known, name, code, key),
    }


def _date_functions(circumstances: Circumstances) -> dict[str, Callable[..., JSON]]:
    days = circumstances.calendar
    return {
        "today": lambda: circumstances.today.isoformat(),
        "workdays_after": _strict(lambda d, n: add_working_days(_to_date(d), int(n), days).isoformat()),
        "workdays_between": _strict(lambda a, b: working_days_between(_to_date(a), _to_date(b), days)),
        "days_after": _strict(lambda d, n: (_to_date(d) + timedelta(days=int(n))).isoformat()),
        "rolled": _strict(lambda d: add_days_rolled(_to_date(d), 0, days).isoformat()),
        "months_after": _strict(lambda d, n: _add_months(_to_date(d), int(n)).isoformat()),
        "date_of": _strict(lambda moment: str(moment)[:10]),
        "is_working_day": _strict(lambda d: is_working_day(_to_date(d), days)),
        "chinese_date": _strict(lambda d: chinese.chinese_date(_to_date(d))),
        "long_date": _strict(lambda d: chinese.long_date(_to_date(d))),
    }


def _text_functions() -> dict[str, Callable[..., JSON]]:
    return {
        "text_length": lambda text: len(text or ""),
        "is_empty": is_empty,
        "first_of": lambda values: next(iter(_non_empty(values)), None),
        "min_of": lambda values: min(_non_empty(values), default=None),
        "max_of": lambda values: max(_non_empty(values), default=None),
        "joined": lambda values, mark: mark.join(str(v) for v in _non_empty(values)),
        "numbered": lambda values, mark: mark.join(f"{n}.{v}" for n, v in enumerate(_non_empty(values), 1)),
        "capital_amount": _strict(_capital_amount),
        "contains_any": lambda text, words: any(word in (text or "") for word in words or ()),
    }


def _office_functions(circumstances: Circumstances, known: Lookups) -> dict[str, Callable[..., JSON]]:
    def organ(issuer: JSON, part: str) -> JSON:
        authority: IssuingAuthority | None = circumstances.authority_named(issuer or "")
        return (getattr(authority, part) or None) if authority else None

    return {
        "setting": lambda key: setting(circumstances, known, key),
        "referred": lambda reference, key: _referred_answer(circumstances, reference, key),
        "authority_sentence": lambda *parts: _authority_sentence(circumstances, known, *parts),
        "remedy_text": lambda code, review, court: _remedy_text(known, code, review, court),
        "review_organ_of": lambda issuer: organ(issuer, "review_organ"),
        "court_of": lambda issuer: organ(issuer, "court"),
    }


def _strict(function: Callable[..., JSON]) -> Callable[..., JSON]:
    """Wrap a function so that an empty operand gives an empty result."""
    return lambda *operands: None if any(o is None or o == "" for o in operands) else function(*operands)


def _non_empty(values: JSON) -> list[JSON]:
    return [v for v in values or () if v is not None and v != ""]


def _to_date(text: JSON) -> date:
    return datetime.fromisoformat(str(text)).date()


def _add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def _capital_amount(amount: JSON) -> str:
    """Whole numbers are fen, as expressions see money; others are yuan."""
    return chinese.capital_amount(
        Decimal(amount) / 100 if isinstance(amount, int) else Decimal(str(round(amount, 2)))
    )


def entries_of(known: Lookups, name: str) -> list[Mapping[str, Any]]:
    """Return the entries of a lookup, or [] if there is none."""
    lookup = known.get(name, ())
    return list(lookup.get("entries", ()) if isinstance(lookup, Mapping) else lookup)


def _entry_part(known: Lookups, name: JSON, code: JSON, key: JSON) -> JSON:
    entry = next((e for e in entries_of(known, str(name)) if e.get("code") == code), None)
    return entry.get(str(key)) if entry else None


def setting(circumstances: Circumstances, known: Lookups, key: str) -> JSON:
    """Return what the office has set, else the value in lookup ``settings``."""
    if key in circumstances.office_settings:
        return circumstances.office_settings[key]
    return _entry_part(known, "settings", key, "value")


def _referred_answer(circumstances: Circumstances, reference: JSON, key: str) -> JSON:
    if not isinstance(reference, Mapping):
        return None
    known = circumstances.find_document(reference.get("act_id") or reference.get("number") or "")
    return known.answers.get(key) if known else None


def _authority_sentence(
    circumstances: Circumstances,
    known: Lookups,
    mode: JSON,
    issuer: JSON,
    entrust_ref: JSON,
    assign_doc: JSON,
) -> JSON:
    """Return 权限依据句, or None until everything it names is known."""
    template = _entry_part(known, "authority_modes", mode, "sentence")
    number = entrust_ref.get("number") if isinstance(entrust_ref, Mapping) else entrust_ref
    entrustment = circumstances.entrustment_numbered(number or "")
    parts = {
        "issuer_name": issuer,
        "entrust_ref": number,
        "assign_doc": assign_doc,
        "agent_name": entrustment.agent if entrustment else None,
    }
    return _fill_template(template, parts)


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
