"""Draft of a Word template by GB/T 9704 from a form definition.

The office finishes it in Word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from formsvc.documents.generated import gbt9704
from formsvc.documents.generated.docx_xml import cell, element, paragraph, row, run, table
from formsvc.documents.generated.scaffold_outline import (
    PLAIN_HEAD,
    RECORD,
    Outline,
    is_optional,
    is_table,
    outline_of,
    plain_label,
)
from formsvc.documents.generated.scaffold_sentences import Sentence, make_sentence, total_tag, value_tag
from formsvc.domain.definitions.document_rules import COPY_NAME
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.roles import USUAL_ROLES, Roles
from formsvc.domain.fields.tables.totals import totalled_columns

# longest name, size in points, line in twips: the tops of the characters stay 35 mm under the type area's edge
_MARK_SIZES = ((9, 39, 1140), (14, 27, 885), (18, 22, 780), (0, 18, 695))
# longest date, left indent in hundredths of a character: centres the name over a date that ends four from the right
_OVER_THE_DATE = ((9, 1270), (10, 1219), (0, 1168))
_NUMBER_COLUMN = 700
_COLUMN_WEIGHTS = {"long_text": 3, "text": 2, "choice": 2, "choices": 2, "date": 2, "datetime": 2}


def draft_template(definition: FormDefinition) -> bytes:
    """Return a Word template that prints every field under its label."""
    return lay_out_outline(outline_of(definition), definition.fields, definition.format)


def lay_out_outline(outline: Outline, fields: Sequence[Field], document_format: str) -> bytes:
    """Return the template of an outline.

    F-DOC, F-LET, F-PUB, F-MIN have a red head, F-ENF and F-AGR a plain one, F-FORM is a bordered record.
    """
    draft = _Draft(outline, fields)
    if document_format == RECORD:
        body = draft.record()
    else:
        body = draft.plain_act() if document_format in PLAIN_HEAD else draft.official_letter()
    return gbt9704.word_document(_with_own_keys(body, Roles(fields)))


def _with_own_keys(body: str, roles: Roles) -> str:
    """Return the body with the definition's own keys in head and tail."""
    own = {USUAL_ROLES.key(role): roles.key(role) for role in ("issuer", "date", "copies")}
    return re.sub(rf"\b({'|'.join(own)})\b", lambda found: own[found.group()], body)


class _Draft:
    """The body of one template."""

    def __init__(self, outline: Outline, fields: Sequence[Field]) -> None:
        self._fields = {field.key: field for field in fields}
        self._title, self._number, self._addressee, self._copies = (
            self._sentence(text)
            for text in (outline.title, outline.number, outline.addressee, outline.copies)
        )
        self._body = [self._sentence(text) for text in outline.body]
        self._signature = [self._sentence(text) for text in outline.signature]
        self._receipt = _receipt(outline.file_copy)
        self._roles = Roles(fields)
        self._has_issuer = self._roles.key("issuer") in self._fields

    def official_letter(self) -> str:
        """Return a document with red head and imprint (文件格式)."""
        body = [gbt9704.blank(3), _issuer_mark() if self._has_issuer else "", gbt9704.blank(2)]
        if self._number.text:
            body += [_paragraph(self._number, "Number", properties=gbt9704.number_rule()), gbt9704.blank(2)]
        body += [_paragraph(self._title, "Title"), gbt9704.blank(), *self._text()]
        is_dated = self._roles.key("date") in self._fields
        # the place of the name depends on the length of the date below it
        body.append((_signature if self._has_issuer and is_dated else _sealed)(self._signature))
        body.append(self._receipt)
        if self._has_issuer and is_dated:
            body.append(_imprint(has_copies=self._roles.key("copies") in self._fields))
        return "".join(body)

    def plain_act(self) -> str:
        """Return an act towards a party: plain head, seal and date below."""
        tail = [_sealed(self._signature), self._copies_paragraph(), self._receipt]
        return "".join([*self._plain_head(), *self._text(), *tail])

    def record(self) -> str:
        """Return a bordered record: a row a paragraph, wide tables after it."""
        tables = [_annex_table(field) for field in self._fields.values() if is_table(field)]
        return (
            "".join([*self._plain_head(), _record_table(self._body), *tables, self._receipt])
            + gbt9704.end_mark()
        )

    def _sentence(self, text: str) -> Sentence:
        return make_sentence(text, self._fields)

    def _plain_head(self) -> list[str]:
        issuer = paragraph(run("{{ issuer_name }}"), "Title") if self._has_issuer else ""
        number = _paragraph(self._number, "ActNumber") if self._number.text else gbt9704.blank()
        return [issuer, _paragraph(self._title, "Title"), number]

    def _text(self) -> list[str]:
        # the last paragraph that is always printed and those after it keep to the signature: none is alone on a page
        always = [number for number, one in enumerate(self._body) if not one.condition]
        first_kept = always[-1] if always else 0
        text = [_paragraph(one, "Body", keep=number >= first_kept) for number, one in enumerate(self._body)]
        return [_paragraph(self._addressee, "Addressee"), *text] if self._addressee.text else text

    def _copies_paragraph(self) -> str:
        return gbt9704.blank() + _paragraph(self._copies, "Normal") if self._copies.text else ""


def _paragraph(
    sentence: Sentence, style: str, *, keep: bool = False, properties: Mapping[str, str] | None = None
) -> str:
    """Return a sentence as a paragraph, between its conditions if it has one."""
    content = run(sentence.lead_in, style=sentence.lead_style) + run(sentence.text)
    text = paragraph(content, style, keep=keep, properties=properties)
    return _conditional(sentence.condition, text)


def _conditional(condition: str, content: str) -> str:
    if not condition:
        return content
    return _tag_line(f"{{%p if {condition} %}}") + content + _tag_line("{%p endif %}")


def _tag_line(tag: str) -> str:
    return paragraph(run(tag), "CellText")


def _tag_row(tag: str, grid: Sequence[int]) -> str:
    return row([cell(_tag_line(tag), sum(grid), span=len(grid))])


def _record_table(sentences: Sequence[Sentence]) -> str:
    grid = (gbt9704.TYPE_WIDTH,)
    rows: list[str] = []
    for sentence in sentences:
        content = run(sentence.lead_in, style=sentence.lead_style) + run(sentence.text)
        line = row([cell(paragraph(content, "FormText"), gbt9704.TYPE_WIDTH)], height=560)
        if sentence.condition:
            rows += [
                _tag_row(f"{{%tr if {sentence.condition} %}}", grid),
                line,
                _tag_row("{%tr endif %}", grid),
            ]
        else:
            rows.append(line)
    return table(rows, grid)


def _annex_table(field: Field) -> str:
    """Return the table of a field's rows, whose head repeats on each page."""
    # the row number is printed by ``r.no``; names of files mean nothing on paper
    columns = [
        column
        for column in field.columns or ()
        if column.key != "no" and not FIELD_TYPES[column.kind].holds_files
    ]
    grid = _column_widths(columns)
    texts = ["{{ r.no }}", *(value_tag(column.key, column, "r") for column in columns)]
    heads = zip(["序号", *map(plain_label, columns)], grid, strict=True)
    rows = [
        row([cell(paragraph(run(text), "CellHead"), width) for text, width in heads], head=True),
        _tag_row(f"{{%tr for r in {field.key} %}}", grid),
        row(
            [cell(paragraph(run(text), "CellText"), width) for text, width in zip(texts, grid, strict=True)],
            height=480,
        ),
        _tag_row("{%tr endfor %}", grid),
    ]
    if field.total:
        printed = {column.key: total_tag(field, column) for column in totalled_columns(field)}
        sums = ["合计", *(printed.get(column.key, "") for column in columns)]
        cells = [
            cell(paragraph(run(text), "CellText"), width) for text, width in zip(sums, grid, strict=True)
        ]
        rows.append(row(cells, height=480))
    content = paragraph(run(plain_label(field)), "AnnexTitle", keep=True) + table(rows, grid)
    return _conditional(field.key if is_optional(field) else "", content)


def _column_widths(columns: Sequence[Field]) -> list[int]:
    """Return widths in twips that fill the type area, by kind of column."""
    weights = [_COLUMN_WEIGHTS.get(column.kind, 1) for column in columns]
    unit = (gbt9704.TYPE_WIDTH - _NUMBER_COLUMN) // max(sum(weights), 1)
    widths = [unit * weight for weight in weights]
    return [gbt9704.TYPE_WIDTH - sum(widths), *widths]


def _issuer_mark() -> str:
    """Return the red issuer name with 文件, sized by the name's length."""
    lines = []
    for number, (longest, size, line) in enumerate(_MARK_SIZES):
        word = "if" if number == 0 else "elif"
        tag = f"{{%p {word} issuer_name|length <= {longest} %}}" if longest else "{%p else %}"
        marks = element("sz", val=size * 2) + element("szCs", val=size * 2)
        name = run("{{ issuer_name }}文件", properties=marks)
        lines += [_tag_line(tag), paragraph(name, "IssuerMark", spacing=gbt9704.spacing(line))]
    return "".join(lines) + _tag_line("{%p endif %}")


def _signature(sentences: Sequence[Sentence]) -> str:
    """Return the name centred over the date (GB/T 9704, 7.3.5)."""
    if not sentences:
        return ""
    # two lines of room for the seal; all of it stays with the last lines of the text
    parts = [gbt9704.blank(2, keep=True), _tag_line("{%p if issuer_name|length > 14 %}")]
    parts.append(paragraph(run(sentences[0].text), "LongSignature", keep=True))
    for length, left in _OVER_THE_DATE:
        parts.append(_tag_line(f"{{%p elif issue_date|length <= {length} %}}" if length else "{%p else %}"))
        parts.append(paragraph(run(sentences[0].text), "Signature", keep=True, ind=gbt9704.indent(left=left)))
    parts.append(_tag_line("{%p endif %}"))
    return "".join(parts + [paragraph(run(one.text), "Dated") for one in sentences[1:]])


def _sealed(sentences: Sequence[Sentence]) -> str:
    """Return issuer and date centred on each other, with room for the seal."""
    parts = [gbt9704.blank(2, keep=True)] if sentences else []
    for sentence in sentences:
        parts.append(paragraph(run(sentence.text), "SealedSignature", keep=sentence is not sentences[-1]))
    return "".join(parts)


def _receipt(file_copy: str) -> str:
    """Return the line that the party signs, printed on the file copy only."""
    if not file_copy:
        return ""
    # filling makes Chinese quotes in a tag straight, which would end the title; so would braces the tag
    title = re.sub(r"[\"\\“”‘’{}%]", lambda found: f"\\u{ord(found.group()):04x}", file_copy)
    text = paragraph(run("签收人：________　签收时间：____年__月__日"), "Normal")
    return _conditional(f'{COPY_NAME} == "{title}"', gbt9704.blank() + text)


def _imprint(*, has_copies: bool) -> str:
    """Return the imprint; its row of copies vanishes if there are none."""
    text = "抄送：{{ copies_line|replace('抄送：', '') }}{% if copies_line|last != '。' %}。{% endif %}"
    grid = (5600, gbt9704.TYPE_WIDTH - 5600)
    rows = [
        _tag_row("{%tr if copies_line %}", grid),
        gbt9704.copies_row(text),
        _tag_row("{%tr endif %}", grid),
    ]
    return gbt9704.imprint("".join(rows) if has_copies else "", "{{ issuer_name }}", "{{ issue_date }}印发")
