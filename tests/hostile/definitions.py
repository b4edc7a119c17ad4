"""Hostile form definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.hostile.case import (
    Expected,
    HostileFile,
    as_json,
    constant,
    field,
    sound,
    with_expression,
    with_fields,
    with_header,
    with_property,
    with_rule,
)
from tests.hostile.lives import hostile_lives

_SOUND = as_json(sound())


def _raw(id_: str, what: str, content: bytes, expected: Expected = "refused") -> HostileFile:
    return HostileFile(f"json-{id_}", what, lambda: content, expected)


def _marked(text: str) -> bytes:
    """Return the sound definition with a piece of text after its opening brace."""
    return b"{" + text.encode() + b", " + _SOUND[1:]


def _json_tricks() -> Iterator[HostileFile]:
    yield _raw("empty", "a file without a byte", b"")
    yield _raw("blanks", "blanks alone", b" \n\t ")
    yield _raw("bom", "a byte order mark alone", b"\xef\xbb\xbf")
    yield _raw("null", "null", b"null")
    yield _raw("array", "an array", b"[]")
    yield _raw("array-of-it", "the definition in an array", b"[" + _SOUND + b"]")
    yield _raw("text", "a text", '"文书"'.encode())
    yield _raw("number", "a number", b"1")
    yield _raw("object", "an empty object", b"{}")
    yield _raw("cut", "cut short", _SOUND[: len(_SOUND) // 2])
    yield _raw("twice", "two definitions in one file", _SOUND + _SOUND)
    yield _raw("comment", "a comment", b"// x\n" + _SOUND)
    yield _raw("comma", "a comma too many", _SOUND[:-1] + b",}")
    yield _raw("quotes", "quotes of Python", repr(sound()).encode())
    yield _raw("utf16", "UTF-16", _SOUND.decode().encode("utf-16"))
    yield _raw("gbk", "GBK", _SOUND.decode().encode("gbk"))
    yield _raw("zeros", "zero bytes", bytes(5000))
    yield _raw("noise", "bytes of a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    yield _raw("zip", "a zip under this name", b"PK\x03\x04" + bytes(200))
    yield _raw("nan", "NaN", _marked('"x": NaN'))
    yield _raw("infinity", "Infinity", _marked('"x": -Infinity'))
    yield _raw("huge", "1e400", _marked('"x": 1e400'))
    yield _raw("digits", "a number of 5,000 digits", _marked('"x": ' + "9" * 5000))
    yield _raw("deep-array", "100,000 arrays in one another", b"[" * 100_000 + b"]" * 100_000)
    yield _raw("deep-object", "20,000 objects in one another", b'{"a":' * 20_000 + b"1" + b"}" * 20_000)
    yield _raw("deep-example", "an example 900 deep", _with_deep_example(900))
    yield _raw("deep-label", "a label that is 200 arrays", with_property("risk", label=_nested(200)))
    yield _raw("duplicate", "a key twice", _marked('"id": "T22"'))
    yield _raw("duplicates", "a key 5,000 times", _marked(", ".join(['"x": 1'] * 5000)))
    yield _raw("many-keys", "30,000 keys", _marked(", ".join(f'"k{n}": 1' for n in range(30_000))))
    yield _raw("null-character", "U+0000 in the title", with_header(title="提示\0函"))
    yield _raw("surrogate", "half a surrogate pair", with_header(title="提示\ud800函"))
    yield _raw("null-key", "U+0000 in a key", with_header(**{"x\0": 1}))
    yield _raw("control", "a line break as it is", _SOUND.replace("提示".encode(), "提\n示".encode()))
    yield _raw("proto", "__proto__", with_header(__proto__={"id": "T22"}))
    yield _raw("class", "__class__", with_header(__class__="x"))
    yield _raw("large", "a text of 3 MB", with_header(summary="长" * 1_000_000))


def _nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def _with_deep_example(depth: int) -> bytes:
    return _SOUND[:-1] + b', "example": ' + b"[" * depth + b"]" * depth + b"}"


# for each key of the header what it must not hold
_WRONG_TYPES: dict[str, tuple[Any, ...]] = {
    "id": (None, 7, [], "", "中文", "X" * 500, "../T22", "a/b", "T22.json", ".", "con\n"),
    "title": (None, 5, [], {}, "", "长" * 5000),
    "template": (
        *(None, 3, [], "", "x", "x.doc", "../x.docx", "/etc/passwd.docx", "..\\x.docx"),
        *("C:\\x.docx", "a/b.docx", "x\0.docx", "长" * 300 + ".docx", "~$x.docx", "nothing-there.docx"),
    ),
    "numbering": (..., None, [], "official", {}, {"style": "x"}, {"style": "official", "genre": 5}),
    "sections": (..., None, {}, "x", [], [None], [[]], [{}], [{"title": "一"}], [{"title": 5, "fields": []}]),
    "modes": (None, "M0", [5], ["M9"], {}),
    "issuer_kinds": ("township", ["elsewhere"], [None]),
    "certified_officers": (5, "x", {}, {"field": "nothing"}, {"field": "places", "minimum": -1}),
    "act_type": (None, "x", []),
    "approval": ("false", 0, None),
    "legal_review": ("no", 1),
    "forbidden_words": ("x", [5], [{}], [{"words": [], "message": "x"}]),
    "serves": (5, {}, {"document": "receiver", "method": "level", "at": "reply_by"}),
    "dates": ("x", [], {"acts_on": "reply_by"}, {"acts_on": ["nothing"]}),
    "due": (5, "nothing", "receiver"),
    "subject": (5, "nothing", ["receiver"]),
    "rules": (None, {}, "x", [None], [5], [[]], [{}]),
    "example": (None, [], "x", 5),
    "family": (5, "长" * 1000),
    "summary": (5, "长" * 1000),
    "$schema": (5, []),
    "nothing": (5,),
}


def _wrong_types() -> Iterator[HostileFile]:
    for key, values in _WRONG_TYPES.items():
        for number, value in enumerate(values, 1):
            what = f"{key} is {'left out' if value is ... else json.dumps(value)[:40]}"
            content = with_header(**{key: value})
            yield HostileFile(f"header-{key.strip('$')}-{number}", what, constant(content))


_INCLUDES: tuple[Any, ...] = (
    *("@../ISS", "@NOTHING", "@", "ISS", "@ISS", 5, None, [], {"include": 5}, {"include": {}}, {"include": "@ISS"}),
    *({"include": "@PTY", "with": 5}, {"include": "@PTY", "with": {"party_name": 5}}, {"include": "@PTY", "x": 1}),
    *({"include": "@PTY", "with": {"nothing": {}}}, {"include": "@PTY", "with": {"party_name": {"key": "receiver"}}}),
)  # fmt: skip
_FIELDS: dict[str, dict[str, Any]] = {
    "kind-number": {"kind": 5},
    "kind-list": {"kind": []},
    "kind-class": {"kind": "__class__"},
    "kind-unknown": {"kind": "textt"},
    "key-list": {"key": []},
    "key-class": {"key": "__class__"},
    "key-chinese": {"key": "名称"},
    "key-path": {"key": "../x"},
    "key-reserved": {"key": "csrf_token"},
    "key-loop": {"key": "loop"},
    "key-taken": {"key": "receiver"},
    "key-taken-by-suffix": {"key": "issue_date"},
    "label-empty": {"label": ""},
    "label-long": {"label": "长" * 10_000},
    "label-list": {"label": ["x"]},
    "min-text": {"min": "5"},
    "min-over-max": {"min": 5, "max": 2},
    "min-negative": {"min": -5, "max": -1},
    "max-beyond": {"kind": "integer", "min": 1e300},
    "choices-on-text": {"choices": ["甲"]},
    "choice-without": {"kind": "choice"},
    "choice-empty": {"kind": "choice", "choices": []},
    "choice-numbers": {"kind": "choice", "choices": [1, 2]},
    "choice-doubled": {"kind": "choice", "choices": ["甲", "甲"]},
    "choice-both": {"kind": "choice", "choices": ["甲"], "lookup": "laws"},
    "lookup-path": {"kind": "choice", "lookup": "../laws"},
    "lookup-class": {"kind": "choice", "lookup": "__class__"},
    "lookup-unknown": {"kind": "choice", "lookup": "law"},
    "lookup-of-nothing": {"kind": "choice", "lookup": "toString"},
    "rows-without": {"kind": "rows"},
    "rows-empty": {"kind": "rows", "columns": []},
    "rows-in-rows-in-rows": {
        "kind": "rows",
        "columns": [field("rows", columns=[field("rows", columns=[field()])])],
    },
    "rows-twice": {"kind": "rows", "columns": [field(), field()]},
    "rows-items": {"kind": "rows", "columns": [{**field(), "key": "items"}]},
    "rows-impossible": {"kind": "rows", "columns": [field()], "min": 201},
    "reference-without": {"kind": "reference"},
    "reference-path": {"kind": "reference", "refers_to": "../T22"},
    "carry-nowhere": {"kind": "reference", "refers_to": "T15", "carry": {"nothing": "source.party_name"}},
    "carry-numbers": {"kind": "reference", "refers_to": "T15", "carry": {"risk": 5}},
    "required-number": {"required": 5},
    "shown-bool": {"shown": True},
    "computed-list": {"computed": []},
    "computed-rows": {"kind": "rows", "columns": [field()], "computed": "[]"},
    "personal-unknown": {"personal": "name"},
    "personal-on-date": {"kind": "date", "personal": "address"},
    "example-unfit": {"kind": "date", "example": "明天"},
    "unknown-property": {"onclick": "alert(1)"},
    "pattern-broken": {"pattern": "["},
    "pattern-lookahead": {"pattern": "(?=x)x"},
    "pattern-nested": {"pattern": "(a+)+$"},
    "pattern-alternatives": {"pattern": "(a|a)*b"},
    "pattern-backreference": {"pattern": "(a)\\1"},
    "pattern-repeat": {"pattern": "a{1,60000}"},
    "pattern-repeats": {"pattern": "((a{1,100}){1,100}){1,100}"},
    "pattern-long": {"pattern": "a?" * 30_000},
}  # fmt: skip
# what is odd and right: accepted, and it stays text
_INERT_FIELDS: dict[str, dict[str, Any]] = {
    "label-html": {"label": "<script>alert(1)</script>"},
    "label-template": {"label": "{{ 7*7 }}{% for x in y %}"},
    "hint-html": {"hint": "<img src=x onerror=alert(1)>"},
    "label-formula": {"label": "=cmd|'/c calc'!A0"},
    "label-direction": {"label": "试\u202e项"},
    "label-percent": {"label": "%s%n{0}{x}"},
    "hint-escape": {"hint": "\x1b[2J\x1b]0;x\x07"},
    "choices-html": {"kind": "choice", "choices": ["<b>甲</b>", '" onclick="x']},
    "choices-many": {"kind": "choice", "choices": [f"第{n}项" for n in range(3000)]},
}


def _fields() -> Iterator[HostileFile]:
    for number, include in enumerate(_INCLUDES, 1):
        content = with_fields(include)
        yield HostileFile(f"include-{number}", f"a field is {json.dumps(include)[:60]}", constant(content))
    for name, changes in _FIELDS.items():
        content = with_fields({**field(), **changes})
        expected: Expected = "either" if name.startswith("pattern-") else "refused"
        yield HostileFile(f"field-{name}", f"a field: {name}", constant(content), expected)
    for name, changes in _INERT_FIELDS.items():
        content = with_fields({**field(), **changes})
        yield HostileFile(f"field-{name}", f"a field: {name}", constant(content), "either")


_COMPUTED: dict[str, tuple[str, str]] = {
    "map-doubling": ("text", '["xxxxxxxx"]' + ".map(x,x+x)" * 60 + "[0]"),
    "map-twice-nested": ("integer", "places.map(a,places).map(x,x.map(y,places)).size()"),
    "macros-three-deep": ("yes_no", "places.all(a,places.all(b,places.all(c,a.count<b.count+c.count)))"),
    "macros-beside": ("integer", " + ".join(["places.filter(a,places.exists(b,b.name==a.name)).size()"] * 12)),
    "brackets": ("integer", "(" * 400 + "1" + ")" * 400),
    "nots": ("yes_no", "!" * 900 + "true"),
    "minuses": ("integer", "-" * 900 + "1"),
    "motif": ("yes_no", "!!(" * 25 + "true" + ")" * 25),
    "lists": ("integer", "[" * 300 + "]" * 300),
    "long": ("integer", "1+" * 600 + "1"),
    "empty": ("text", ""),
    "blanks": ("text", "   "),
    "open": ("text", '"x'),
    "null-character": ("text", '"x\0"'),
    "assignment": ("text", "x = 1"),
    "semicolon": ("text", "1; 2"),
    "python": ("text", "__import__('os').system('id')"),
    "class": ("text", "receiver.__class__"),
    "member": ("text", "receiver.upper()"),
    "unknown-function": ("text", "system(receiver)"),
    "unknown-field": ("text", "recever"),
    "text-as-number": ("decimal", "receiver"),
    "text-as-money": ("money", '"甲"'),
    "list-as-money": ("money", "[1, 2]"),
    "map-as-text": ("date", '{"a": 1}'),
    "not-a-number": ("decimal", "0.0 / 0.0"),
    "division": ("integer", "1 / 0"),
    "overflow": ("integer", "9223372036854775807 + people"),
    "overflow-int": ("integer", 'int("9999999999999999999999")'),
    "text-times": ("text", '"x" * 1000000000'),
    "days-beyond": ("date", "days_after(issue_date, 100000000000)"),
    "days-far": ("date", "workdays_after(issue_date, 1000000000)"),
    "months-beyond": ("date", "months_after(issue_date, 999999999999)"),
    "between": ("integer", 'workdays_between("0001-01-01", "9999-12-31")'),
    "date-words": ("date", '"明天"'),
    "date-wrong": ("yes_no", 'issue_date > "2026-9-1"'),
    "option-unknown": ("yes_no", 'level == "特大"'),
    "yes-no-text": ("yes_no", 'urgent == "是"'),
    "number-text": ("yes_no", 'people == "3"'),
    "lookup-class": ("text", 'lookup("__class__", "x", "y")'),
    "lookup-path": ("text", 'lookup("../laws", "x", "y")'),
    "regular-expression": ("yes_no", 'receiver.matches("(a+)+$")'),
    "regular-expression-of-a-person": ("yes_no", "receiver.matches(risk)"),
    "joined": ("text", 'joined(places.map(p, p.name + p.name), "' + "x" * 900 + '")'),
    "itself": ("text", "x"),
    "arity": ("text", "lookup()"),
    "arity-many": ("text", f"today({'1,' * 200}1)"),
}  # fmt: skip


def _expressions() -> Iterator[HostileFile]:
    for name, (kind, source) in _COMPUTED.items():
        content = with_expression(source, "computed", kind)
        yield HostileFile(f"expression-{name}", f"computed is {source[:60]!r}", constant(content), "either")
    for role in ("default", "shown", "required"):
        source = _COMPUTED["map-doubling"][1]
        content = with_expression(source, role)
        yield HostileFile(f"expression-{role}", f"a text doubled 60 times in {role}", constant(content))
    rules: dict[str, dict[str, Any]] = {
        "check-number": {"check": 5},
        "check-bomb": {"check": _COMPUTED["map-doubling"][1] + ' == "x"'},
        "message-class": {"message": "{receiver.__class__}"},
        "message-braces": {"message": "{" * 3000 + "}" * 3000},
        "message-unknown": {"message": "{nothing}"},
        "message-huge": {"message": "长" * 500_000},
        "id-doubled": {"id": "reply_after_issue"},
        "id-path": {"id": "../x"},
        "field-unknown": {"field": "nothing"},
        "each-text": {"each": "receiver"},
        "each-unknown": {"each": "nothing"},
        "level-unknown": {"level": "fatal"},
        "never-true": {"check": "size(places) < 0"},
    }
    for name, changes in rules.items():
        content = with_rule(**changes)
        expected: Expected = (
            "either" if name in ("message-braces", "message-huge", "never-true") else "refused"
        )
        yield HostileFile(f"rule-{name}", f"a rule: {name}", constant(content), expected)


def _rings_and_sizes() -> Iterator[HostileFile]:
    a, b = {**field(), "key": "a"}, {**field(), "key": "b"}
    ring = with_fields({**a, "computed": "b"}, {**b, "computed": "a"})
    yield HostileFile("ring-computed", "two fields computed from one another", lambda: ring)
    shown = with_fields({**a, "shown": 'b == "x"'}, {**b, "shown": 'a == "x"'})
    yield HostileFile("ring-shown", "two fields shown by one another", lambda: shown)
    columns = [{**a, "computed": "row.b"}, {**b, "computed": "row.a"}]
    rows = with_fields(field("rows", columns=columns))
    yield HostileFile("ring-columns", "two columns computed from one another", lambda: rows)
    yield HostileFile("many-fields", "10,000 fields", lambda: with_fields(*_many_fields(10_000)))
    yield HostileFile("many-fields-500", "500 fields", lambda: with_fields(*_many_fields(500)), "either")
    yield HostileFile(
        "many-rules",
        "5,000 rules",
        lambda: as_json({**sound(), "rules": _many_rules(5000)}),
        "either",
        slow=True,
    )
    yield HostileFile(
        "many-sections", "2,000 sections", lambda: with_header(sections=_many_sections(2000)), slow=True
    )
    chain = [{**field("integer"), "key": f"x{n}", "computed": f"x{n + 1} + 1"} for n in range(300)]
    chain.append({**field("integer"), "key": "x300"})
    yield HostileFile(
        "chain", "300 fields, each computed from the next", lambda: with_fields(*chain), "either"
    )
    doubling = [{**field(max=3000), "key": f"x{n}", "computed": f"x{n + 1} + x{n + 1}"} for n in range(30)]
    doubling.append({**field(), "key": "x30"})
    yield HostileFile(
        "doubling", "30 fields, each twice as long as the next", lambda: with_fields(*doubling), "either"
    )
    example = {**sound()["example"], "places": [{"name": "村", "count": 1}] * 100_000}
    yield HostileFile("rows-example", "an example of 100,000 rows", lambda: with_header(example=example))
    long = {**sound()["example"], "receiver": "长" * 1_000_000}
    yield HostileFile("long-example", "an example of a million letters", lambda: with_header(example=long))
    number = {**sound()["example"], "people": "1e-999999999"}
    yield HostileFile("number-example", "an example with 1e-999999999", lambda: with_header(example=number))


def _many_fields(count: int) -> list[dict[str, Any]]:
    return [{**field(), "key": f"x{n}", "label": f"第{n}项"} for n in range(count)]


def _many_rules(count: int) -> list[dict[str, Any]]:
    return [{"id": f"r{n}", "check": "people >= 0", "message": "人数不对。"} for n in range(count)]


def _many_sections(count: int) -> list[dict[str, Any]]:
    more = [{"title": f"第{n}段", "fields": [{**field(), "key": f"x{n}"}]} for n in range(count)]
    return [*sound()["sections"], *more]


_COSTLY = ("many-fields", "rows-example", "life-columns")
DEFINITIONS: tuple[HostileFile, ...] = tuple(
    replace(case, slow=case.slow or case.id in _COSTLY)
    for case in (
        *_json_tricks(),
        *_wrong_types(),
        *_fields(),
        *_expressions(),
        *_rings_and_sizes(),
        *hostile_lives(),
    )
)
