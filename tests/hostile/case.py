"""One entry of the corpus, and the sound form that entries are made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tests.support.docx_samples.simple import template

# "refused": a fault of this pair, as a sentence. "inert": accepted, and nothing comes of it.
# "either": both are right, a crash is not.
Expected = Literal["refused", "inert", "either"]
NAME = "HOSTILE"
"""Stands in every entry where the form's id and the names of its files belong."""


@dataclass(frozen=True)
class HostileFile:
    """A file of the corpus; ``slow`` marks one that costs seconds and is left to the long proof."""

    id: str
    what: str
    content: Callable[[], bytes]
    expected: Expected = "refused"
    slow: bool = False

    def named(self, name: str) -> bytes:
        """Return the content with the form's id put in."""
        return self.content().replace(NAME.encode(), name.encode())


def constant(content: bytes) -> Callable[[], bytes]:
    """Return a function that returns this content."""
    return lambda: content


SOUND: dict[str, Any] = {
    "id": NAME,
    "title": "消防安全提示函",
    "template": f"{NAME}.docx",
    "numbering": {"style": "official", "genre": "函"},
    "issuer_kinds": ["township"],
    "sections": [
        {"title": "制发", "fields": ["@ISS"]},
        {
            "title": "内容",
            "fields": [
                {"key": "receiver", "label": "致送单位", "kind": "text", "required": True, "max": 60},
                {"key": "risk", "label": "风险提示", "kind": "long_text", "required": True},
                {"key": "reply_by", "label": "反馈期限", "kind": "date", "required": True},
                {"key": "urgent", "label": "是否紧急", "kind": "yes_no"},
                {"key": "level", "label": "等级", "kind": "choice", "choices": ["一般", "重大"]},
                {"key": "people", "label": "人数", "kind": "integer", "min": 0, "max": 100},
                {
                    "key": "places",
                    "label": "点位",
                    "kind": "rows",
                    "columns": [
                        {"key": "name", "label": "名称", "kind": "text", "required": True, "max": 40},
                        {"key": "count", "label": "数量", "kind": "integer", "min": 0, "max": 1000},
                    ],
                },
            ],
        },
    ],
    "rules": [
        {
            "id": "reply_after_issue",
            "check": "reply_by > issue_date",
            "message": "反馈期限应当晚于成文日期。",
            "field": "reply_by",
        }
    ],
    "example": {
        "issuer_name": "绥化市北林区东河镇人民政府",
        "issue_date": "2026-11-20",
        "drafter": "冯文书",
        "approver": "李明远",
        "receiver": "东河镇各村（社区）",
        "risk": "秋收后柴草集中堆放，注意用火。",
        "reply_by": "2026-11-30",
        "urgent": True,
        "level": "一般",
        "people": 3,
        "places": [{"name": "永兴村", "count": 2}],
    },
}
TEXTS = (
    "{{ form_title }}",
    "{{ doc_no }}",
    "{{ receiver }}：",
    "{{ risk }}",
    "请于{{ reply_by }}前反馈。{% if urgent %}紧急。{% endif %}等级{{ level }}，{{ people }}人。",
    "{% for p in places %}{{ p.name }}{{ p.count }}；{% endfor %}",
    "{{ copies_line }}",
    "承办：{{ drafter }}　签发：{{ approver }}",
    "{{ issuer_name }}",
    "{{ issue_date }}",
)


@cache
def sound_template() -> bytes:
    """Return the Word template of the sound form."""
    return template(*TEXTS)


def template_with(*texts: str) -> bytes:
    """Return the sound template with paragraphs after its own."""
    return template(*TEXTS, *texts)


def as_json(value: Any) -> bytes:
    """Return JSON as a file; what UTF-8 cannot hold is written as an escape."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def sound() -> dict[str, Any]:
    """Return a copy of the sound definition that may be changed."""
    return deepcopy(SOUND)


def with_header(**changes: Any) -> bytes:
    """Return the sound definition with keys changed; ``...`` leaves one out."""
    changed = {**sound(), **changes}
    return as_json({key: value for key, value in changed.items() if value is not ...})


def with_fields(*fields: Any, **header: Any) -> bytes:
    """Return the sound definition with fields after its own."""
    source = {**sound(), **header}
    source["sections"][1]["fields"] += fields
    return as_json(source)


def with_property(key: str, **changes: Any) -> bytes:
    """Return the sound definition with properties of one field changed."""
    source = sound()
    entry = next(field for field in source["sections"][1]["fields"] if field["key"] == key)
    entry.update(changes)
    return as_json(source)


def field(kind: str = "text", **more: Any) -> dict[str, Any]:
    """Return a field named x."""
    return {"key": "x", "label": "试项", "kind": kind, **more}


def with_expression(source: str, role: str = "computed", kind: str = "text", **more: Any) -> bytes:
    """Return the sound definition with a field that has one expression."""
    return with_fields(field(kind, **{role: source, **more}))


def with_rule(**changes: Any) -> bytes:
    """Return the sound definition with a second rule."""
    rule = {"id": "x", "check": "people >= 0", "message": "人数不对。", **changes}
    return as_json({**sound(), "rules": [*sound()["rules"], rule]})
