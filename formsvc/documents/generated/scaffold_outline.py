"""Wording of a drafted template, a text a paragraph, ``{key}`` for fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from formsvc.domain.definitions.form_definition import FormDefinition, Section
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.roles import role_of

RECORD = "F-FORM"
PLAIN_HEAD = frozenset({"F-ENF", "F-AGR"})
# rows with more columns are unreadable within a sentence of a record and get a table of their own
MAX_COLUMNS_IN_TEXT = 2

_ORDINALS = "一二三四五六七八九十"
# computed by groups of the project: their value is a sentence, not a term behind a label; with the mark it lacks
_SENTENCES = {"authority": "。", "remedy": ""}
# a clause ends at these marks, so that a label with one would be torn from its value
_CLAUSE_MARKS = re.compile(r"[，；。：　{}]")


@dataclass(frozen=True)
class Outline:
    """Paragraphs of a draft by their place; empty texts are left out.

    ``file_copy`` is the title of the copy that the party signs, empty if all copies are alike.
    """

    title: str
    number: str
    addressee: str
    body: tuple[str, ...]
    signature: tuple[str, ...]
    copies: str = ""
    file_copy: str = ""


def outline_of(definition: FormDefinition) -> Outline:
    """Return a wording that prints every field meant for paper."""
    keys = {field.key for field in definition.fields}
    issuer, dated, copies = map(definition.roles.key, ("issuer", "date", "copies"))
    unprinted = {
        f.key for f in definition.fields if f.printed is False or not FIELD_TYPES[f.kind].holds_answer
    }
    is_record = definition.format == RECORD
    sections = _record_rows if is_record else _numbered_paragraphs
    placed = set() if is_record else {issuer, dated, copies, _addressee_key(definition)}
    if is_record:
        placed.add(issuer)
    return Outline(
        title=definition.title,
        number="{doc_no}" if definition.numbering.is_numbered else "",
        addressee=_addressee(definition),
        body=tuple(sections(definition.sections, frozenset(unprinted | placed))),
        signature=tuple(f"{{{key}}}" for key in (issuer, dated) if key in keys and not is_record),
        # a red-headed document names its copies in the imprint
        copies=f"抄送：{{{copies}}}" if copies in keys and definition.format in PLAIN_HEAD else "",
        file_copy=definition.copies[-1].title if len(definition.copies) > 1 else "",
    )


def is_table(field: Field) -> bool:
    return field.kind == "rows" and len(field.columns or ()) > MAX_COLUMNS_IN_TEXT


def is_optional(field: Field) -> bool:
    # a sentence on the authority cannot be computed before there is an entrustment
    return field.required is not True or field.shown is not None or role_of(field) in _SENTENCES


def plain_label(field: Field) -> str:
    return _CLAUSE_MARKS.sub("、", field.label)


def _addressee_key(definition: FormDefinition) -> str:
    return definition.subject if definition.format in ("F-ENF", "F-LET") else ""


def _addressee(definition: FormDefinition) -> str:
    if key := _addressee_key(definition):
        return f"{{{key}}}："
    # notices go to many; who they are is for the office to write
    return "各有关单位：" if definition.format == "F-DOC" else ""


def _numbered_paragraphs(sections: Iterable[Section], without: frozenset[str]) -> Iterator[str]:
    """Yield a section's required fields under its ordinal, then optional ones."""
    numbered = 0
    for section in sections:
        fields = [f for f in section.fields if f.key not in without]
        required = [f for f in fields if not is_optional(f)]
        heading = ""
        if required and numbered < len(_ORDINALS):
            heading = f"{_ORDINALS[numbered]}、{_CLAUSE_MARKS.sub('、', section.title)}。"
            numbered += 1
        yield from (_sentence(f) for f in fields if role_of(f) in _SENTENCES)
        for number, text in enumerate(_paragraphs(required)):
            yield heading + text if number == 0 else text
        # one paragraph each: an empty one vanishes without leaving marks of punctuation
        yield from (
            text
            for f in fields
            if is_optional(f) and role_of(f) not in _SENTENCES
            for text in _paragraphs([f])
        )


def _paragraphs(fields: Iterable[Field]) -> Iterator[str]:
    """Yield short fields as one paragraph, long texts and rows separately."""
    short: list[str] = []
    for field in fields:
        if field.kind not in ("long_text", "rows"):
            short.append(_labelled(field))
            continue
        if short:
            yield "；".join(short) + "。"
            short = []
        # long texts are typed with their marks, rows are joined here
        yield _labelled(field) + ("。" if field.kind == "rows" else "")
    if short:
        yield "；".join(short) + "。"


def _record_rows(sections: Iterable[Section], without: frozenset[str]) -> Iterator[str]:
    for section in sections:
        for field in section.fields:
            if role_of(field) in _SENTENCES:
                yield _sentence(field)
            elif field.key not in without and not is_table(field):
                yield _labelled(field)


def _sentence(field: Field) -> str:
    return f"{{{field.key}}}{_SENTENCES[role_of(field)]}"


def _labelled(field: Field) -> str:
    return f"{plain_label(field)}：{{{field.key}}}{_CLAUSE_MARKS.sub('', field.unit)}"
