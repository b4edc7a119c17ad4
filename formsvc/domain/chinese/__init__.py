"""Chinese amounts, numerals, dates and times, printed and typed.

formsvc.docxpdf writes numerals of its own (ECMA-376 17.18.59): that package must not import the domain.
"""

from __future__ import annotations

from formsvc.domain.chinese.clock_times import parse_time
from formsvc.domain.chinese.dates import (
    chinese_date,
    day_of_year,
    long_date,
    long_datetime,
    long_period,
    long_time,
    parse_date,
    parse_datetime,
    parse_period,
    period_bounds,
    spreadsheet_moment,
    tidy_day,
    weekday_name,
)
from formsvc.domain.chinese.numerals import (
    NUMERAL,
    capital_amount,
    chinese_number,
    clause_of,
    parse_chinese_number,
)

__all__ = [
    "NUMERAL",
    "capital_amount",
    "chinese_date",
    "chinese_number",
    "clause_of",
    "day_of_year",
    "long_date",
    "long_datetime",
    "long_period",
    "long_time",
    "parse_chinese_number",
    "parse_date",
    "parse_datetime",
    "parse_period",
    "parse_time",
    "period_bounds",
    "spreadsheet_moment",
    "tidy_day",
    "weekday_name",
]
