"""Field kinds to choose from: yes or no, one option, several options."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.fields.base import FieldKind, text_of
from formsvc.domain.fields.field import Field, Option
from formsvc.domain.fields.options.chosen import label_of, parse_chosen, value_of
from formsvc.domain.fields.options.source import source_faults
from formsvc.domain.json_types import JSON, is_empty
from formsvc.errors import Problem
from formsvc.i18n.messages import format_list, msg
from formsvc.limits import process_limits

_EXAMPLE = {"value": "示例", "label": "示例"}
# options that a trial takes one by one
_MOST_TRIED = 40
_YES = frozenset(["是", "有", "真", "√", "✓", "对", "y", "yes", "true", "on", "1", "t"])
_NO = frozenset(["否", "无", "假", "×", "x", "不", "n", "no", "false", "off", "0", "f"])


class YesNoKind(FieldKind):
    """Yes or no; no answer is neither."""

    name = "yes_no"
    blank = ""
    title = msg("是否")
    shown_by_marks = True
    may_be_subject = False
    computed_from = frozenset({"bool", "text"})

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        if isinstance(raw, bool):
            return raw
        # NFKC: full-width letters and digits of Chinese input methods count as well.
        word = unicodedata.normalize("NFKC", text_of(raw)).strip().lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise ValueError(msg("应填“是”或者“否”。"))

    def shape(self, field: Field) -> Shape:
        return shapes.optional(shapes.BOOL)

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        return {"": "" if value is None else value}

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else False

    def trials(self, field: Field) -> list[JSON]:
        return [None, True, False]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "boolean"}


def _option_shape(field: Field) -> Shape:
    if field.option_source:
        return shapes.text(process_limits().text_characters)
    codes = [option.code for option in field.options]
    # the options of an unknown lookup are unknown, too
    shape = shapes.text(max(map(len, codes), default=0), words=codes or None)
    return replace(shape, codes={option.name: option.code for option in field.options})


def _match_option(field: Field, raw: JSON) -> Option:
    word = unicodedata.normalize("NFC", text_of(raw)).strip()
    for option in field.options:
        if word in (option.code, option.name) or word == f"{option.code} {option.name}":
            return option
    near = difflib.get_close_matches(
        word, [o.name for o in field.options] + [o.code for o in field.options], n=1
    )
    hint = (
        msg("是否想选“{word}”？", word=near[0])
        if near
        else msg("可选：{names}。", names=_format_options(field))
    )
    raise ValueError(msg("没有“{word}”这一选项，{hint}", word=word[:30], hint=hint))


def _format_options(field: Field) -> str:
    names = [o.code if o.code == o.name else f"{o.code} {o.name}" for o in field.options]
    offered = format_list(names[:8])
    return msg("{names}等", names=offered) if len(names) > 8 else offered


class ChoiceKind(FieldKind):
    """One of several options."""

    name = "choice"
    title = msg("单选")
    shown_by_marks = True
    properties = frozenset({"choices", "lookup", "option_source"})

    def blank_for(self, suffix: str) -> str:
        # compared with each option; only a name is printed
        return self.blank if suffix else ""

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        return parse_chosen(raw) if field.option_source else _match_option(field, raw).code

    def parse(self, field: Field, raw: JSON, path: str) -> tuple[JSON, list[Problem]]:
        if field.option_source and isinstance(raw, Mapping) and all(is_empty(part) for part in raw.values()):
            return self.empty(), []
        return super().parse(field, raw, path)

    def shape(self, field: Field) -> Shape:
        return shapes.optional(_option_shape(field))

    def to_expression(self, field: Field, value: JSON) -> JSON:
        return value_of(value) if field.option_source else value

    def retained(self, field: Field, value: JSON) -> JSON:
        # a row of a register may be a person
        return self.empty() if field.option_source else value

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        if field.option_source:
            return {"": label_of(value), "_value": value_of(value) or ""}
        shown: dict[str, JSON] = {"": value or ""}
        if field.lookup:
            option = next((o for o in field.options if o.code == value), None)
            shown["_name"] = option.printed if option else ""
        return shown

    def suffixes(self, field: Field) -> tuple[str, ...]:
        if field.option_source:
            return ("", "_value")
        return ("", "_name") if field.lookup else ("",)

    def example(self, field: Field) -> JSON:
        if field.option_source and field.example is None:
            return dict(_EXAMPLE)
        return field.example if field.example is not None else next((o.code for o in field.options), None)

    def trials(self, field: Field) -> list[JSON]:
        if field.option_source:
            return [None, *_trial_choices()]
        return [None, *(option.code for option in field.options[:_MOST_TRIED])]

    def schema(self, field: Field) -> dict[str, JSON]:
        if field.option_source:
            text: dict[str, JSON] = {"type": "string"}
            named = {"type": "object", "properties": {"value": text, "label": text}, "required": ["value"]}
            return {"anyOf": [text, {**named, "additionalProperties": False}]}
        return {"type": "string", "enum": [o.code for o in field.options]}

    def faults(self, field: Field) -> list[tuple[str, str]]:
        if field.option_source:
            if field.choices is not None or field.lookup is not None:
                return [("options", msg("写了“options”的，不再写“choices”和“lookup”。"))]
            return source_faults(field.option_source)
        if (field.choices is None) == (field.lookup is None):
            return [("choices", msg("“choices”（可选项）和“lookup”（代码表）应写且只写一个。"))]
        if field.choices and len(set(field.choices)) < len(field.choices):
            return [("choices", msg("可选项有重复。"))]
        return []


class ChoicesKind(ChoiceKind):
    """Several options, kept in the order in which they are offered."""

    name = "choices"
    title = msg("多选")
    properties = frozenset({"choices", "lookup", "option_source", "min", "max"})
    EMPTY: JSON = []
    limit_name = msg("所选")
    limit_unit = msg("项")
    may_be_subject = False
    computed_from = frozenset({"text", "list"})

    def shape(self, field: Field) -> Shape:
        most = process_limits().option_rows if field.option_source else len(field.options)
        return shapes.list_of(_option_shape(field), most)

    def to_expression(self, field: Field, value: JSON) -> JSON:
        return [value_of(part) for part in value or []] if field.option_source else value

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        if field.option_source:
            return _parse_several(raw)
        words = _split_options(field, raw) if isinstance(raw, str) else raw
        if not isinstance(words, list | tuple):
            raise ValueError(msg("应填写若干选项。"))
        picked = {_match_option(field, word).code for word in words if word not in (None, "")}
        return [o.code for o in field.options if o.code in picked]

    def size(self, value: JSON) -> float | None:
        return len(value)

    def largest_size(self, field: Field) -> float | None:
        return process_limits().option_rows if field.option_source else len(field.options) or None

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        if field.option_source:
            return {"": [label_of(part) for part in value or []]}
        names = {o.code: o.printed for o in field.options}
        return {"": [names.get(code, code) for code in value or []]}

    def suffixes(self, field: Field) -> tuple[str, ...]:
        return ("",)

    def example(self, field: Field) -> JSON:
        if field.example is not None:
            return field.example
        if field.option_source:
            return [dict(_EXAMPLE)]
        return [o.code for o in field.options[: max(1, int(field.min or 1))]]

    def trials(self, field: Field) -> list[JSON]:
        if field.option_source:
            return [[], *([part] for part in _trial_choices())]
        codes = [option.code for option in field.options]
        return [[], codes[:1], *([code] for code in codes[1:_MOST_TRIED]), codes]

    def schema(self, field: Field) -> dict[str, JSON]:
        return {"type": "array", "items": super().schema(field), "uniqueItems": True}


def _parse_several(raw: JSON) -> JSON:
    """Return each chosen option once, in the order given."""
    words = [raw] if isinstance(raw, str | Mapping) else raw
    if not isinstance(words, list | tuple):
        raise ValueError(msg("应填写若干选项。"))
    if len(words) > process_limits().option_rows:
        raise ValueError(msg("选项太多，最多 {limit} 项。", limit=process_limits().option_rows))
    chosen = [parse_chosen(word) for word in words if word not in (None, "")]
    return list({str(part["value"]): part for part in chosen}.values())


def _trial_choices() -> list[JSON]:
    longest = "长" * process_limits().text_characters
    return [dict(_EXAMPLE), {"value": longest, "label": longest}]


def _split_options(field: Field, text: str) -> list[str]:
    # An option may contain one of the separators itself.
    if any(text in (o.code, o.name) for o in field.options):
        return [text]
    return [word for word in re.split(r"[、,，;；|\n]\s*", text) if word.strip()]
