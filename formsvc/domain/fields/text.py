"""Field kinds for text: lines, paragraphs, names."""

from __future__ import annotations

import re
import unicodedata

from formsvc.domain.expressions import shapes
from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.fields.base import RULE, FieldKind, text_of
from formsvc.domain.fields.field import Field
from formsvc.domain.json_types import JSON
from formsvc.domain.regions import only_division_in
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

# Soft hyphen, zero-width characters and byte order mark: pasted along unseen, they would break comparisons.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# Controls and halves of surrogate pairs; bidirectional controls, which could show a text in another order than the one
# stored; noncharacters: the last two of every plane.
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
# line breaks of Word and Outlook (U+000B), of pages, of Unicode; unseen in what is pasted
_LINE_BREAKS = dict.fromkeys(map(ord, "\x0b\x0c\x85\u2028\u2029"), "\n")
_BLANKS = dict.fromkeys(_LINE_BREAKS, " ")


# what only a field with an answer can have
_ANSWER_PROPERTIES = (
    *(
        "required",
        "required_message",
        "computed",
        "typed_when",
        "default",
        "example",
        "printed",
        "role",
        "law",
    ),
    *("formerly", "personal", "personal_when"),
)


def clean_text(raw: JSON, *, lines: bool = False) -> str:
    """Return text in normal form C without invisible characters.

    Raise ValueError naming a character that cannot be printed.
    """
    text = text_of(raw)
    # before anything looks at each character; what is invisible in it goes, so it may be longer than what is stored
    if len(text) > 5 * process_limits().long_text_characters:
        raise ValueError(msg("文字过长，请缩短。"))
    # unseen in a field of one line, where a blank keeps the words apart
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_BREAKS if lines else _BLANKS)
    text = text.replace("\t", " ").translate(_INVISIBLE).strip()
    if not lines and "\n" in text:
        raise ValueError(msg("只能写一行，请去掉换行。"))
    wrong = _UNPRINTABLE.search(text)
    if wrong:
        code = f"{ord(wrong.group()):04X}"
        raise ValueError(msg("含有不能打印的字符（U+{code}），请删去后重新输入。", code=code))
    return unicodedata.normalize("NFC", text)


class TextKind(FieldKind):
    """One line of text."""

    name = "text"
    title = msg("单行文字")
    computed_from = frozenset({"text", "int", "double"})
    properties = frozenset({"min", "max", "pattern", "pattern_message", "multiline"})
    limit_name = msg("的字数")
    limit_unit = msg("字")
    lines = False
    may_be_personal = True

    @property
    def ceiling(self) -> int:
        """Most characters of a value."""
        return process_limits().text_characters

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        text = clean_text(raw, lines=self.lines)
        if len(text) > self.ceiling:
            raise ValueError(msg("文字超过 {limit} 字，请缩短。", limit=self.ceiling))
        return text or None

    def size(self, value: JSON) -> float | None:
        return len(value)

    def largest_size(self, field: Field) -> float | None:
        return self.ceiling

    def shape(self, field: Field) -> Shape:
        return shapes.text(max(self.ceiling, *map(len, field.also or ("",))), empty=True)

    def example(self, field: Field) -> JSON:
        if field.example is not None:
            return field.example
        return (field.label + "示例" * 3)[: max(int(field.min or 2), 4)]

    def trials(self, field: Field) -> list[JSON]:
        return [None, str(self.example(field)), "长" * self.ceiling, *(field.also or ())]

    def schema(self, field: Field) -> dict[str, JSON]:
        schema: dict[str, JSON] = {"type": "string", "maxLength": int(field.max or self.ceiling)}
        if field.min:
            schema["minLength"] = int(field.min)
        if field.pattern:
            schema["pattern"] = f"^(?:{field.pattern})$"
        return schema


class LongTextKind(TextKind):
    """Text of several lines."""

    name = "long_text"
    blank = 3 * RULE
    title = msg("多行文字")
    lines = True

    @property
    def ceiling(self) -> int:
        return process_limits().long_text_characters


class PersonKind(TextKind):
    """Name of a person of the issuing authority."""

    name = "person"
    title = msg("人员姓名")
    properties = frozenset({"min", "max", "free"})
    # who drafts and approves signs by hand or not at all
    printed_if = "never"
    ceiling = 40

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        name = super().parse_value(field, raw)
        if isinstance(name, str) and any(mark.isdigit() for mark in name):
            raise ValueError(msg("姓名中不能有数字。"))
        return name

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "李明"


class AuthorityNameKind(TextKind):
    """Full name of an issuing authority."""

    name = "authority"
    title = msg("制发机关")
    properties = frozenset({"min", "max"})
    printed_if = "always"
    ceiling = 60

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "某某县某某镇人民政府"


class AddressKind(TextKind):
    """Postal address on one line; ``lookup`` offers the divisions of the town."""

    name = "address"
    title = msg("地址")
    properties = frozenset({"min", "max", "lookup", "pattern", "pattern_message", "villages_only"})
    ceiling = 200

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        # pasted from a letterhead it has two lines; on paper it has one
        text = clean_text(raw, lines=True)
        return super().parse_value(field, "".join(line.strip() for line in text.splitlines()))

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        if not field.lookup:
            return super().display(field, value)
        names = {option.code: option.name for option in field.options}
        return {"": value or "", "_code": only_division_in(value, names) if isinstance(value, str) else ""}

    def suffixes(self, field: Field) -> tuple[str, ...]:
        return ("", "_code") if field.lookup else ("",)

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "东河镇永兴村2组15号"


class NoteKind(FieldKind):
    """Text on the page between the fields, without an answer."""

    name = "note"
    blank = ""
    title = msg("说明文字")
    properties = frozenset({"text"})
    holds_answer = False
    printed_if = "never"
    computed_from = frozenset[str]()
    may_be_subject = False

    def parse_value(self, field: Field, raw: JSON) -> JSON:
        raise ValueError(msg("这里只是说明，不用填写。"))

    def shape(self, field: Field) -> Shape:
        return shapes.NULL

    def display(self, field: Field, value: JSON) -> dict[str, JSON]:
        return {}

    def suffixes(self, field: Field) -> tuple[str, ...]:
        return ()

    def trials(self, field: Field) -> list[JSON]:
        return [None]

    def faults(self, field: Field) -> list[tuple[str, str]]:
        faults: list[tuple[str, str]] = []
        if not field.text:
            faults.append(("text", msg("说明文字没有写内容（text）。")))
        for name in _ANSWER_PROPERTIES:
            if getattr(field, name) != Field.model_fields[name].get_default(call_default_factory=True):
                faults.append((name, msg("说明文字不填写，“{word}”不起作用，请删去。", word=name)))
        return faults


class RegionKind(TextKind):
    """Name or code of an administrative division."""

    name = "region"
    title = msg("行政区域")
    properties = frozenset({"min", "max", "lookup"})
    ceiling = 100

    def example(self, field: Field) -> JSON:
        return field.example if field.example is not None else "东河镇"
