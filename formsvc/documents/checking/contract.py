"""Check of a Word template against its definition, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from jinja2 import TemplateSyntaxError

from formsvc.documents.checking.names import LIST, ONE, NameChecker, NameType
from formsvc.documents.filling.fill import SANDBOX, fill, has_tags, part_xml, prepare_xml
from formsvc.documents.filling.template_errors import syntax_sentence, tags_in_line
from formsvc.documents.templates.docx_file import BrokenPart, NotAWordFile, WordFile
from formsvc.documents.templates.tag_pairs import pairing_faults
from formsvc.documents.templates.tags import TagIndex, TemplateTag
from formsvc.domain.authorities import Circumstances
from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import document_context, evaluate
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.errors import Fault, RenderingFailed
from formsvc.i18n.messages import format_list, msg
from formsvc.usecases.ports import DocumentMetadata

_TAG_START = re.compile(r"(?=\{[\{%])")
_LISTS = frozenset({"choices", "files"})
# fields that serve the service or are part of a computed sentence; a template need not print them
NOT_PRINTED = frozenset(
    {
        "auth_mode",
        "entrust_ref",
        "assign_doc",
        "drafter",
        "approver",
        "copies_line",
        "review_organ",
        "court",
        "party_type",
        "party_code_note",
        "legal_rep_title",
    }
)


def check_contract(content: bytes, definition: FormDefinition) -> list[Fault]:
    """Return every fault of a template against its definition.

    Faults of the file itself are for ``inspect_template``.
    """
    try:
        word = WordFile.from_bytes(content)
        check = _ContractCheck(word, definition)
        faults = list(check.parts())
    except (NotAWordFile, BrokenPart) as error:
        return [Fault(definition.template, msg("文件"), str(error))]
    if not any(fault.level == "error" for fault in faults):
        faults += list(_trial_faults(content, definition))
        faults += list(check.unprinted())
    return list(dict.fromkeys(faults))


class _ContractCheck:
    """Check of one template; collects the names it prints."""

    def __init__(self, word: WordFile, definition: FormDefinition) -> None:
        self._word, self._definition = word, definition
        self._names = template_names(definition)
        self._used: set[str] = set()

    def parts(self) -> Iterator[Fault]:
        for name, _ in self._word.text_parts():
            source = part_xml(self._word, name)
            if not has_tags(source):
                continue
            index = TagIndex.from_part(self._word, name)
            pair_faults = list(pairing_faults(index.tags))
            for place, sentence, level in pair_faults:
                yield Fault(self._definition.template, str(place), sentence, level)
            if not any(level == "error" for _, _, level in pair_faults):
                yield from self._names_in(source, index)

    def _names_in(self, source: str, index: TagIndex) -> Iterator[Fault]:
        # a line for each tag, so that the line number of a fault is that of its tag
        lines = _TAG_START.sub("\n", prepare_xml(source).replace("\n", " "))
        written = _tags_by_line(lines, index)
        try:
            root = SANDBOX.parse(lines)
        except TemplateSyntaxError as error:
            yield self._fault(written, error.lineno, msg("{reason}。请改正。", reason=syntax_sentence(error)))
            return
        check = NameChecker(self._names, SANDBOX)
        check.check_template(root)
        self._used |= check.used_fields
        for line, sentence in check.faults:
            yield self._fault(written, line, sentence)

    def _fault(self, written: Mapping[int, TemplateTag | None], line: int, sentence: str) -> Fault:
        tag = written.get(line)
        where = str(tag.place) if tag else msg("模板")
        return Fault(
            self._definition.template,
            where,
            msg("“{source}”：{sentence}", source=tag.source, sentence=sentence) if tag else sentence,
        )

    def unprinted(self) -> Iterator[Fault]:
        left = [
            msg("{label}（{key}）", label=field.label, key=field.key)
            for field in self._definition.fields
            if field.key not in NOT_PRINTED
            and not {field.key + suffix for suffix in FIELD_TYPES[field.kind].suffixes(field)} & self._used
        ]
        if left:
            message = msg(
                "模板里没有用到这些字段，填了也不会印在文书上：{fields}。", fields=format_list(left)
            )
            yield Fault(self._definition.template, msg("模板"), message, "notice")


def template_names(definition: FormDefinition) -> dict[str, NameType]:
    names = {"doc_no": ONE, "form_title": ONE}
    for field in definition.fields:
        for suffix in FIELD_TYPES[field.kind].suffixes(field):
            names[field.key + suffix] = ONE if suffix else _name_type(field)
    return names


def _name_type(field: Field) -> NameType:
    if field.kind != "rows":
        return LIST if field.kind in _LISTS else ONE
    columns = {
        column.key + suffix
        for column in field.columns or ()
        for suffix in FIELD_TYPES[column.kind].suffixes(column)
    }
    return NameType("rows", frozenset(columns | {"no"}))


def _tags_by_line(lines: str, index: TagIndex) -> dict[int, TemplateTag | None]:
    inners: list[str] = []
    numbers: list[int] = []
    for number, line in enumerate(lines.split("\n"), start=1):
        tags = tags_in_line(line)
        if tags:
            inners.append(tags[0])
            numbers.append(number)
    return dict(zip(numbers, index.match_tags(inners), strict=True))


def _trial_faults(content: bytes, definition: FormDefinition) -> Iterator[Fault]:
    for what, context in (
        (msg("填写样例"), example_context(definition)),
        (msg("选填项都不填的样例"), minimal_context(definition)),
    ):
        try:
            fill(content, context, DocumentMetadata(definition.title, "", "", ""))
        except RenderingFailed as failed:
            yield Fault(
                definition.template,
                msg("模板"),
                msg("用{what}试填没有成功：{reason}", what=what, reason=failed),
            )


def example_context(definition: FormDefinition) -> dict[str, JSON]:
    """Return the template values of the definition's example."""
    return document_context(definition, _example_values(definition), "", _CIRCUMSTANCES)


def minimal_context(definition: FormDefinition) -> dict[str, JSON]:
    values = _example_values(definition)
    answers: dict[str, JSON] = {}
    for field in definition.fields:
        if field.required is True or field.kind == "rows" and field.min:
            answers[field.key] = _required_cells(field, values.get(field.key))
    return document_context(definition, answers, "", _CIRCUMSTANCES)


def _required_cells(field: Field, value: JSON) -> JSON:
    if field.kind != "rows" or not isinstance(value, list):
        return value
    needed = {column.key for column in field.columns or () if column.required is True}
    return [{key: cell for key, cell in row.items() if key in needed} for row in value]


# a fixed day: a template that passes today passes next year
_CIRCUMSTANCES = Circumstances(today=date(2026, 1, 5), calendar=OFFICIAL.with_weekends_for_missing_years())


def _example_values(definition: FormDefinition) -> Mapping[str, JSON]:
    answers = dict(definition.example) or {
        field.key: FIELD_TYPES[field.kind].example(field) for field in definition.fields if not field.computed
    }
    values = evaluate(definition, answers, _CIRCUMSTANCES, authority=False, strict_keys=False).values
    return {**values, **_values_from_references(definition, answers, values)}


def _values_from_references(
    definition: FormDefinition, answers: Mapping[str, JSON], values: Mapping[str, JSON]
) -> dict[str, JSON]:
    """Return the example's values for fields computed from another document."""
    computed = [f for f in definition.fields if f.computed and f.key in answers and not values[f.key]]
    return {f.key: FIELD_TYPES[f.kind].parse(f, answers[f.key], f.key)[0] for f in computed}
