"""Hostile values, each typed into a field of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NUMBERS = ("integer", "decimal", "money")
DATES = ("date", "datetime")
CODES = ("resident_id", "credit_code", "phone")


@dataclass(frozen=True)
class HostileValue:
    """A value, and the kinds of field that refuse it; in the others it is text or refused."""

    id: str
    value: Any
    refused_by: tuple[str, ...] = ()


def _number(id_: str, value: Any) -> HostileValue:
    return HostileValue(f"number-{id_}", value, NUMBERS)


def _date(id_: str, value: Any) -> HostileValue:
    return HostileValue(f"date-{id_}", value, DATES)


VALUES: tuple[HostileValue, ...] = (
    _number("tiny", "1e-999999999"),
    _number("huge", "9e99999999"),
    _number("exponent", "1e3"),
    _number("exponent-wide", "１ｅ９９９"),
    _number("long", "9" * 5000),
    _number("long-fraction", "0." + "1" * 5000),
    _number("comma", "1,5"),
    _number("commas", "1,2,3"),
    _number("comma-wide", "1，5"),
    _number("point-comma", "1.234,56"),
    _number("blank", "3 4"),
    _number("superscript", "10²"),
    _number("superscript-alone", "²"),
    _number("fraction", "1½"),
    _number("circled", "①"),
    _number("roman", "Ⅳ"),
    _number("underscore", "1_000"),
    _number("arabic", "٣"),
    _number("hexadecimal", "0x10"),
    _number("nan", "NaN"),
    _number("infinity", "Infinity"),
    _number("minus-infinity", "-inf"),
    _number("two-points", "1.2.3"),
    _number("signs", "+-1"),
    _number("percent", "5%"),
    _number("sum", "1+1"),
    _number("letters", "一百二十"),
    _number("letter-o", "1O0"),
    _number("bool", True),
    _number("list", [1]),
    _number("object", {"a": 1}),
    _number("int", 10**400),
    _number("float", 1e308),
    _number("small-float", 5e-324),
    HostileValue("number-minus-zero", "-0"),
    _date("month-13", "2026-13-01"),
    _date("february-30", "2026-02-30"),
    _date("year-0", "0000-00-00"),
    _date("year-10000", "10000-01-01"),
    _date("hour-25", "2026-09-21T25:00"),
    _date("zone", "2026-09-21T09:00+99:00"),
    _date("week", "2026-W30-1"),
    _date("ordinal", "2026-366"),
    _date("words", "明天"),
    _date("number", 20260921.5),
    _date("list", ["2026-09-21"]),
    HostileValue("date-first", "0001-01-01"),
    HostileValue("date-last", "9999-12-31"),
    HostileValue("code-wrong-checksum", "11010519491231002Y", ("resident_id",)),
    HostileValue("code-zeros", "0" * 18, ("resident_id",)),
    HostileValue("code-wide", "９１２３１２０２ＭＡＦＡＫＥ０１９１", ("credit_code",)),
    HostileValue("code-letters", "91231202MAFAKE019O", ("credit_code",)),
    HostileValue("phone-text", "一三九", ("phone",)),
    HostileValue("url-script", "javascript:alert(1)", ("url",)),
    HostileValue("url-data", "data:text/html,<script>x</script>", ("url",)),
    HostileValue("url-file", "file:///etc/passwd", ("url",)),
    HostileValue("html", "<script>alert(1)</script><img src=x onerror=alert(1)>", (*NUMBERS, *DATES, *CODES)),
    HostileValue("html-quotes", "\"'><svg/onload=x>", (*NUMBERS, *DATES, *CODES)),
    HostileValue("html-entity", "&lt;&#x3c;&nbsp;&unknown;", NUMBERS),
    HostileValue("tag", "{{ 7*7 }}{% for x in y %}{# x #}", NUMBERS),
    HostileValue("tag-end", "}} {{ ''.__class__ }}", NUMBERS),
    HostileValue("tag-lay", "【甲方】${x}«x»", NUMBERS),
    HostileValue("formula", "=cmd|'/c calc'!A0", NUMBERS),
    HostileValue("formula-at", "@SUM(1+9)*cmd|' /C calc'!A0", NUMBERS),
    HostileValue("formula-plus", "+1+1|x", NUMBERS),
    HostileValue("formula-tab", "\t=1+1", NUMBERS),
    HostileValue("formula-link", '=HYPERLINK("http://example.invalid","x")', NUMBERS),
    HostileValue("format", "%s%n{0.__class__}{x!r}", NUMBERS),
    HostileValue("shell", "; rm -rf / #`id`$(id)|x", NUMBERS),
    HostileValue("sql", "' OR '1'='1'; DROP TABLE acts;--", NUMBERS),
    HostileValue("path", "../../../etc/passwd", NUMBERS),
    HostileValue("path-windows", "..\\..\\C:\\windows\\win.ini", NUMBERS),
    HostileValue("device", "CON"),
    HostileValue("null", "甲\0乙", ("text", "long_text", *NUMBERS)),
    HostileValue("surrogate", "甲\ud800乙"),
    HostileValue("right-to-left", "甲\u202e乙\u2066丙"),
    HostileValue("zero-width", "甲\u200b\u200d\ufeff乙"),
    HostileValue("zero-width-alone", "\u200b\u2060"),
    HostileValue("combining", "e" + "\u0301" * 2000),
    HostileValue("not-characters", "\ufdd0\uffff\U0010ffff"),
    HostileValue("private", "\ue000\uf0fe"),
    HostileValue("control", "甲\x07\x08\x1b[2J乙"),
    HostileValue("line-ends", "甲\r\n乙\r丙\u2028丁\x85戊\x0b己"),
    HostileValue("header", "x\r\nSet-Cookie: a=b"),
    HostileValue("emoji", "👨\u200d👩\u200d👧🏳️"),
    HostileValue("extension-b", "𠮷𡈽𱁬"),
    HostileValue("blanks", "   \u3000\t"),
    HostileValue("long", "长" * 60_000, ("text", *NUMBERS, *DATES)),
    HostileValue("long-word", "x" * 30_000, ("text", *NUMBERS)),
    HostileValue("lines", "\n" * 50_000),
    HostileValue("xml", "]]></w:t></w:r></w:p><w:p/>"),
    HostileValue("json", '{"number": "x", "act_id": "y"}'),
    HostileValue("python", "__import__('os').system('id')"),
    HostileValue("empty-list", []),
    HostileValue("empty-object", {}),
    HostileValue("nested", [[[[[["甲"]]]]]], (*NUMBERS, *DATES)),
    HostileValue("objects", [{"__class__": "x"}]),
    HostileValue("rows-many", [{"what": "甲"}] * 5000, NUMBERS),
    HostileValue("rows-odd", [None, 5, "x", [], {"what": {"a": 1}}, {"nothing": 1}], NUMBERS),
    HostileValue("rows-wide", [{f"c{n}": "x" for n in range(2000)}], NUMBERS),
    HostileValue("reference-path", {"act_id": "../../x", "number": "%00"}, NUMBERS),
    HostileValue("reference-odd", {"number": ["x"], "date": {}}, NUMBERS),
    HostileValue(
        "file-foreign", [{"name": "x.png", "sha256": "0" * 64, "size": 5, "mime": "text/html"}], NUMBERS
    ),
    HostileValue("file-path", [{"name": "../x", "sha256": "../../etc/passwd"}], (*NUMBERS, "files")),
)
