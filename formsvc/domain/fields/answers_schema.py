"""JSON Schema of the answers to a form."""

from __future__ import annotations

from collections.abc import Sequence

from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.former_keys import with_former_properties
from formsvc.domain.json_types import JSON


def answers_schema(title: str, fields: Sequence[Field]) -> dict[str, JSON]:
    """Return the JSON Schema of the answers to these fields."""
    fields = [f for f in fields if FIELD_TYPES[f.kind].holds_answer]
    own = {f.key: {**_texts_of(f), **FIELD_TYPES[f.kind].schema(f)} for f in fields}
    properties = with_former_properties(fields, own)
    properties["doc_no"] = {"type": "string", "title": "文号", "description": "由系统编号，填写无效"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": properties,
        "required": [f.key for f in fields if _must_be_given(f)],
        "additionalProperties": False,
    }


def _must_be_given(entry: Field) -> bool:
    # a renamed one may be given under its former key
    return entry.required is True and not (entry.computed or entry.default or entry.formerly)


def _texts_of(entry: Field) -> dict[str, JSON]:
    texts = {
        "title": entry.label,
        "description": entry.hint,
        "readOnly": bool(entry.computed and not entry.typed_when) or entry.readonly is True,
    }
    return {keyword: value for keyword, value in texts.items() if value}
