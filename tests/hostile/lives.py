"""Hostile lives of definitions: what follows, deadlines, effects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.hostile.case import Expected, HostileFile, with_header

_ROW = {"doc_no": "this.number", "no": "index + 1", "state": '"已发现"'}
_DEEP: Any = "x"
for _ in range(60):
    _DEEP = [_DEEP]


def _deadline(**changes: Any) -> dict[str, Any]:
    rule = {"id": "a", "name": "期限", "event": "制作之日", "from": "reply_by", "unit": "days", "count": 5}
    return {**rule, **changes}


def _follow_up(**changes: Any) -> dict[str, Any]:
    return {"id": "a", "forms": "T15", "title": "检查记录", "why": "应当检查。", **changes}


def _writes(**changes: Any) -> dict[str, Any]:
    effect = {"do": "write_rows", "register": "hazards", "rows": "places", "set": _ROW, **changes}
    return {"effects": {"issued": [effect]}}


def hostile_lives() -> Iterator[HostileFile]:
    """Yield definitions whose life would cost too much, reach too far or cannot be."""
    for name, what, life, expected in _lives():
        yield HostileFile(f"life-{name}", what, lambda life=life: with_header(life=life), expected)  # type: ignore[misc]


def _lives() -> Iterator[tuple[str, str, Any, Expected]]:
    yield "list", "a list", [], "refused"
    yield "text", "a text", "effects", "refused"
    yield "deep", "60 lists in one another", {"deadlines": _DEEP}, "refused"
    many = [_deadline(id=f"a{n}", when=f"people > {n % 90}") for n in range(20_000)]
    yield "deadlines", "20,000 deadlines", {"deadlines": many}, "refused"
    steps = [_follow_up(id=f"a{n}", forms=f"X{n}") for n in range(20_000)]
    yield "follow-ups", "20,000 documents that follow", {"follow_ups": steps}, "refused"
    yield (
        "effects",
        "20,000 effects",
        {"effects": {"issued": [_writes()["effects"]["issued"][0]] * 20_000}},
        "refused",
    )
    columns = {**_ROW, **{f"x{n}": "people" for n in range(5_000)}}
    yield "columns", "5,000 columns that no register has", _writes(set=columns), "refused"
    yield (
        "forms",
        "100,000 kinds in one text",
        {"follow_ups": [_follow_up(forms="T22/" * 100_000 + "T22")]},
        "refused",
    )
    yield "path", "a register outside the folder", _writes(register="../../etc/passwd"), "refused"
    yield "class", "a register that is a class of Python", _writes(register="__class__"), "refused"
    yield "name", "a register with a name of a million letters", _writes(register="x" * 1_000_000), "refused"
    yield (
        "column-class",
        "a column that is a class of Python",
        _writes(set={**_ROW, "__class__": "1"}),
        "refused",
    )
    yield "column-dots", "a column of dots", _writes(set={**_ROW, "....": "1", ".": "1", "": "1"}), "refused"
    yield "digits", "a deadline of 400 digits", {"deadlines": [_deadline(count=10**400)]}, "refused"
    yield "century", "a deadline beyond all calendars", {"deadlines": [_deadline(count=10**9)]}, "refused"
    yield (
        "computed-century",
        "a computed deadline beyond all calendars",
        {"deadlines": [_deadline(count="people + 100000")]},
        "refused",
    )
    yield (
        "no-day",
        "a deadline that begins with a text",
        {"deadlines": [_deadline(**{"from": "receiver"})]},
        "refused",
    )
    costly = "places.map(a, places.map(b, places.map(c, a.count)))"
    yield (
        "costly",
        "a condition of eight million steps",
        {"follow_ups": [_follow_up(when=f"size({costly}) > 0")]},
        "refused",
    )
    rows = [
        _deadline(id=f"a{n}", each="places", when="places.exists(p, places.exists(q, p.count > q.count))")
        for n in range(90)
    ]
    yield "costly-together", "ninety conditions, each for 200 rows", {"deadlines": rows}, "refused"
    yield "why", "a hundred pairs of braces", {"follow_ups": [_follow_up(why="{" * 90 + "}" * 90)]}, "refused"
    yield (
        "why-code",
        "a text with code of Python",
        {"follow_ups": [_follow_up(why="{receiver.__class__}")]},
        "refused",
    )
    yield (
        "itself",
        "effects on the document itself",
        {"effects": {"issued": [{"do": "void_document", "of": "this"}]}},
        "refused",
    )
    yield (
        "verb",
        "a verb that does not exist",
        {"effects": {"issued": [{"do": "delete_everything"}]}},
        "refused",
    )
    yield (
        "script",
        "a title that is a script",
        {"follow_ups": [_follow_up(title="<script>alert(1)</script>")]},
        "inert",
    )
