"""Check of a Word template against its definition, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from jinja2 import TemplateSyntaxError

from formsvc.documents.checking.name_types import NUMBER_NAME, suggested_names, template_names
from formsvc.documents.checking.names import NameChecker
from formsvc.documents.checking.tag_source import parse_tags
from formsvc.documents.filling.fill import SANDBOX, fill, has_tags, part_xml, prepare_xml
from formsvc.documents.filling.template_errors import syntax_sentence, tags_in_line
from formsvc.documents.templates.docx_file import BrokenPart, NotAWordFile, WordFile, parse_part
from formsvc.documents.templates.inspection import open_template
from formsvc.documents.templates.tag_lexis import lexical_faults
from formsvc.documents.templates.tag_pairs import pairing_faults
from formsvc.documents.templates.tag_surroundings import surrounding_faults
from formsvc.documents.templates.tags import TagIndex, TemplateTag, paragraphs_in_part
from formsvc.docxpdf.opc.package import Package
from formsvc.domain.authorities import Circumstances
from formsvc.domain.calendar import OFFICIAL
from formsvc.domain.definitions.document_rules import COPY_NAME, ISSUERS_NAME
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.evaluation.evaluation import copy_contexts, document_context, evaluate
from formsvc.domain.evaluation.printed_answers import printed_answers
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.json_types import JSON
from formsvc.errors import Fault, RenderingFailed
from formsvc.i18n.messages import format_list, msg
from formsvc.limits import process_limits
from formsvc.usecases.ports import DocumentMetadata

_TAG_START = re.compile(r"(?=\{[\{%])")
_WORD = re.compile(r"[a-z_]\w*", re.ASCII)


def template_faults(
    content: bytes, definition: FormDefinition | None, name: str, *, trial: bool = True
) -> list[Fault]:
    """Return every fault of a template, all layers in one run.

    The file, the writing of its tags, their pairs, syntax and names, what is never printed, and a trial. Without a
    definition names are not compared, which a notice says; ``trial`` is off for a faulty one.
    """
    word, faults = open_template(content, name)
    if word is None:
        return faults
    check = _TagCheck(word, definition, name, lexical=True)
    faults += check.faults()
    if definition is None:
        sentence = msg("没有可用的表单定义，核对了标签的写法，没有核对名称。")
        faults.append(Fault(name, msg("模板"), sentence, "notice"))
    else:
        faults += check.unprinted(definition)
        if trial and not any(fault.level == "error" for fault in faults):
            faults += _trial_faults(content, definition)
    return list(dict.fromkeys(faults))


def check_contract(content: bytes, definition: FormDefinition) -> list[Fault]:
    """Return every fault of a template's tags against its definition.

    Faults of the file itself are for ``inspect_template``.
    """
    try:
        check = _TagCheck(WordFile.from_bytes(content), definition, definition.template)
        faults = [*check.faults(), *check.unprinted(definition)]
    except (NotAWordFile, BrokenPart) as error:
        return [Fault(definition.template, msg("文件"), str(error))]
    if not any(fault.level == "error" for fault in faults):
        faults += list(_trial_faults(content, definition))
    return list(dict.fromkeys(faults))


class _TagCheck:
    """Check of the tags of one template; collects the fields it prints."""

    def __init__(
        self, word: WordFile, definition: FormDefinition | None, name: str, *, lexical: bool = False
    ) -> None:
        self._word, self._name, self._lexical = word, name, lexical
        self._names = None if definition is None else template_names(definition)
        self._suggestions = suggested_names(definition)
        self._printed: set[str] = set()
        self._used: set[str] = set()

    def faults(self) -> list[Fault]:
        return [fault for name, label in self._word.text_parts() for fault in self._part_faults(name, label)]

    def _part_faults(self, part: str, label: str) -> Iterator[Fault]:
        tags: list[TemplateTag] = []
        faulty: list[TemplateTag] = []
        paragraphs = list(paragraphs_in_part(parse_part(self._word.parts[part]), part, label))
        for paragraph, sentence in surrounding_faults(paragraphs):
            yield Fault(self._name, str(paragraph.place), sentence)
        for paragraph in paragraphs:
            found = list(lexical_faults(paragraph, self._suggestions))
            # the same objects as in the faults: equal tags of one paragraph are different ones
            tags += paragraph.tags
            faulty += [fault.tag for fault in found if fault.tag is not None]
            for fault in found if self._lexical else ():
                yield Fault(self._name, str(paragraph.place), fault.sentence, fault.level)
        if not tags and not has_tags(part_xml(self._word, part)):
            return
        own = list(self._tag_faults(tags, faulty))
        yield from own
        if not faulty and not any(fault.level == "error" for fault in own):
            yield from self._faults_elsewhere(part, TagIndex(tuple(tags)))

    def _tag_faults(self, tags: Sequence[TemplateTag], faulty: Sequence[TemplateTag]) -> Iterator[Fault]:
        for place, sentence, level in pairing_faults(tags):
            yield Fault(self._name, str(place), sentence, level)
        parsed = parse_tags(tags, faulty, SANDBOX)
        check = self._checker()
        check.check_template(parsed.root)
        located = [(tags[line - 1], sentence) for line, sentence in check.faults if line <= len(tags)]
        for tag, sentence in (*parsed.faults, *located):
            yield self._fault(tag, sentence)
        self._printed |= check.printed_fields
        self._used |= check.used_fields
        # a broken tag may be the one that prints a field
        for tag in (*faulty, *(tag for tag, _ in parsed.faults)):
            self._printed |= set(_WORD.findall(tag.inner))

    def _faults_elsewhere(self, part: str, index: TagIndex) -> Iterator[Fault]:
        """Yield faults of tags outside paragraphs: in names, alternative texts."""
        # a line for each tag, so that the line number of a fault is that of its tag
        lines = _TAG_START.sub("\n", prepare_xml(part_xml(self._word, part)).replace("\n", " "))
        written = _tags_by_line(lines, index)
        try:
            root = SANDBOX.parse(lines)
        except TemplateSyntaxError as error:
            sentence = msg("{reason}。请改正。", reason=syntax_sentence(error))
            yield self._fault(written.get(error.lineno), sentence)
            return
        check = self._checker()
        check.check_template(root)
        self._printed |= check.printed_fields
        self._used |= check.used_fields
        for line, reported in check.faults:
            yield self._fault(written.get(line), reported)

    def _checker(self) -> NameChecker:
        return NameChecker(self._names, SANDBOX, self._suggestions)

    def _fault(self, tag: TemplateTag | None, sentence: str) -> Fault:
        if tag is None:
            return Fault(self._name, msg("模板"), sentence)
        message = msg("“{source}”：{sentence}", source=tag.source, sentence=sentence)
        return Fault(self._name, str(tag.place), message)

    def unprinted(self, definition: FormDefinition) -> Iterator[Fault]:
        """Yield what never gets on the paper: an error where it must be printed."""
        if definition.numbering.is_numbered and NUMBER_NAME not in self._printed:
            sentence = msg("文书要编号，模板里却没有印文号。请在印文号的地方写“{{ doc_no }}”。")
            yield Fault(self._name, msg("模板"), sentence)
        joint = definition.header.joint_issue
        if joint and not {ISSUERS_NAME, f"{joint.field}.{joint.name}"} & self._printed:
            sentence = msg(
                "联合行文，模板里却没有印出各机关。请在署名处写“{% for b in issuers %}{{ b.name }}{% endfor %}”。"
            )
            yield Fault(self._name, msg("模板"), sentence)
        if len(definition.copies) > 1 and COPY_NAME not in self._used:
            sentence = msg(
                "定义写了各联（copies），模板里却没有区分，各联印得一样。请把只印在某一联的内容放进“{{%p if copy_title == '{title}' %}}”和“{{%p endif %}}”之间。",
                title=definition.copies[-1].title,
            )
            yield Fault(self._name, msg("模板"), sentence, "notice")
        left = [f for f in definition.fields if FIELD_TYPES[f.kind].holds_answer and not self._shows(f)]
        for label, path in (
            *((f.label, f.key) for f in left if f.printed),
            *self._unprinted_columns(definition),
        ):
            sentence = msg(
                '模板里没有印出“{label}”。请在该印的地方写“{{{{ {key} }}}}”；确实不用印的，在定义里写 "printed": false。',
                label=label,
                key=path,
            )
            yield Fault(self._name, msg("模板"), sentence)
        optional = [msg("{label}（{key}）", label=f.label, key=f.key) for f in left if f.printed is None]
        if optional:
            sentence = msg(
                "模板里没有用到这些字段，填了也不会印在文书上：{fields}。", fields=format_list(optional)
            )
            yield Fault(self._name, msg("模板"), sentence, "notice")

    def _shows(self, field: Field) -> bool:
        kind = FIELD_TYPES[field.kind]
        names = {field.key + suffix for suffix in kind.suffixes(field)}
        return field.key in self._printed or (kind.shown_by_marks and bool(names & self._used))

    def _unprinted_columns(self, definition: FormDefinition) -> Iterator[tuple[str, str]]:
        for field in definition.fields:
            for column in field.columns or ():
                if column.printed and f"{field.key}.{column.key}" not in self._printed:
                    yield column.label, f"{field.key}.{column.key}"


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
    tags = DocumentMetadata(definition.title, "", "", "")
    example = example_context(definition)
    for what, context in (
        (msg("填写样例"), example),
        *((msg("填写样例"), copy) for copy in copy_contexts(definition, example)),
        (msg("选填项都不填的样例"), minimal_context(definition)),
        (msg("明细表行数最多的样例"), longest_context(definition)),
    ):
        try:
            word = fill(content, context, tags, printed_answers(definition, context))
            # equal rows pack too well to be opened again
            if what == msg("填写样例"):
                Package(word)
        except RenderingFailed as failed:
            yield Fault(
                definition.template,
                msg("模板"),
                msg("用{what}试填没有成功：{reason}", what=what, reason=failed),
            )


def example_context(definition: FormDefinition) -> dict[str, JSON]:
    """Return the template values of the definition's example."""
    return document_context(definition, example_values(definition), "", CIRCUMSTANCES)


def minimal_context(definition: FormDefinition) -> dict[str, JSON]:
    values = example_values(definition)
    answers: dict[str, JSON] = {}
    for field in definition.fields:
        if field.required is True or field.kind == "rows" and field.min:
            answers[field.key] = _required_cells(field, values.get(field.key))
    return document_context(definition, answers, "", CIRCUMSTANCES)


def longest_context(definition: FormDefinition) -> dict[str, JSON]:
    """Return the template values with as many rows as a table may have."""
    values = dict(example_values(definition))
    for field in definition.fields:
        rows = values.get(field.key)
        if field.kind == "rows" and isinstance(rows, list) and rows:
            rows_allowed = process_limits().table_rows
            most = min(int(field.max or rows_allowed), rows_allowed)
            values[field.key] = [rows[index % len(rows)] for index in range(most)]
    return document_context(definition, values, "", CIRCUMSTANCES)


def _required_cells(field: Field, value: JSON) -> JSON:
    if field.kind != "rows" or not isinstance(value, list):
        return value
    needed = {column.key for column in field.columns or () if column.required is True}
    return [{key: cell for key, cell in row.items() if key in needed} for row in value]


# a fixed day: a template that passes today passes next year
CIRCUMSTANCES = Circumstances(today=date(2026, 1, 5), calendar=OFFICIAL.with_weekends_for_missing_years())


def example_values(definition: FormDefinition) -> Mapping[str, JSON]:
    """Return the values of the definition's example."""
    answers = dict(definition.example) or {
        field.key: FIELD_TYPES[field.kind].example(field) for field in definition.fields if not field.computed
    }
    values = evaluate(definition, answers, CIRCUMSTANCES, authority=False, strict_keys=False).values
    return {**values, **_values_from_references(definition, answers, values)}


def _values_from_references(
    definition: FormDefinition, answers: Mapping[str, JSON], values: Mapping[str, JSON]
) -> dict[str, JSON]:
    """Return the example's values for fields computed from another document."""
    computed = [f for f in definition.fields if f.computed and f.key in answers and not values[f.key]]
    return {f.key: FIELD_TYPES[f.kind].parse(f, answers[f.key], f.key)[0] for f in computed}
