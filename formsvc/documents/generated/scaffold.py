"""A Word template by GB/T 9704 drafted from a form definition, to be finished in Word by the office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from formsvc.documents.generated import gbt9704 as page
from formsvc.documents.generated.docx_xml import cell, element, paragraph, row, run, table
from formsvc.documents.generated.scaffold_sentences import FieldLike, Sentence, sentence

# longest name, size in points, line in twips: the tops of the characters stay 35 mm under the type area's edge
_MARK_SIZES = ((9, 39, 1140), (14, 27, 885), (18, 22, 780), (0, 18, 695))


class DefinitionLike(Protocol):
    """What the drafting of a template asks of a form definition."""

    @property
    def title(self) -> str: ...

    @property
    def fields(self) -> Sequence[FieldLike]: ...


def scaffold(definition: DefinitionLike, skeleton: Sequence[str], format: str) -> bytes:  # noqa: A002
    """The template of a definition: ``skeleton`` is its wording, a text a paragraph, with ``{key}`` for fields.

    ``format``: F-DOC, F-LET, F-PUB, F-MIN (red head), F-ENF, F-AGR (plain head), F-FORM (bordered record).
    """
    fields = {field.key: field for field in definition.fields}
    sentences = [sentence(text, fields) for text in skeleton]
    if format == "F-FORM":
        return record(sentences, fields)
    if format in ("F-ENF", "F-AGR"):
        return enforcement_act(sentences, fields)
    return official_letter(sentences, fields)


def official_letter(sentences: Sequence[Sentence], fields: Mapping[str, FieldLike]) -> bytes:
    """A document with red head and imprint (文件格式)."""
    title, number, *rest = sentences
    body = [
        page.blank(3),
        issuer_mark(),
        page.blank(2),
        written(number, "Number", properties=page.lined_number()),
        page.blank(2),
        written(title, "Title"),
        page.blank(),
    ]
    if rest and rest[0].text.endswith("："):
        body.append(written(rest[0], "Addressee"))
        rest = rest[1:]
    main, tail = _parted(rest)
    body += [written(one, "Body", keep=one is main[-1]) for one in main]
    body += [signed(tail)]
    body += [written(one, "Body") for one in _after_tail(rest, main, tail)]
    copies = "{%tr if copies_line %}" if "copies_line" in fields else ""
    body.append(imprint(copies=bool(copies)))
    return page.word_document("".join(body))


def enforcement_act(sentences: Sequence[Sentence], fields: Mapping[str, FieldLike]) -> bytes:
    """An act towards a party: issuer and title above, number at the right, seal and day, place to sign."""
    return page.word_document("".join(enforcement_body(sentences)))


def enforcement_body(sentences: Sequence[Sentence]) -> list[str]:
    """The paragraphs of an act towards a party."""
    title, number, *rest = sentences
    body = [
        paragraph(run("{{ issuer_name }}"), "Title"),
        written(title, "Title"),
        written(number, "ActNumber"),
    ]
    if rest and rest[0].text.endswith("：") and not rest[0].lead_in:
        body.append(written(rest[0], "Addressee"))
        rest = rest[1:]
    main, tail = _parted(rest)
    body += [written(one, "Body", keep=one is main[-1]) for one in main]
    body.append(sealed(tail))
    after = _after_tail(rest, main, tail)
    if after:
        body.append(page.blank())
    return body + [written(one, "Normal") for one in after]


def record(sentences: Sequence[Sentence], fields: Mapping[str, FieldLike]) -> bytes:
    """A bordered record: each paragraph a row; rows of a table field as a table of their own after it."""
    title, number, *rest = sentences
    body = [
        paragraph(run("{{ issuer_name }}"), "Title") if "issuer_name" in fields else "",
        written(title, "Title"),
        written(number, "ActNumber"),
        record_table(rest),
    ]
    for field in fields.values():
        if field.kind == "rows" and len(field.columns or ()) > 2:
            body.append(annex_table(field))
    return page.word_document("".join(body) + page.end_mark())


def record_table(sentences: Sequence[Sentence]) -> str:
    """The rows of a record, one a paragraph; a row without contents is left out."""
    rows: list[str] = []
    for one in sentences:
        line = row([cell(written(one, "FormText", conditional=False), page.TYPE_WIDTH)], height=560)
        rows += _conditional_rows(one.condition, line, (page.TYPE_WIDTH,))
    return table(rows, (page.TYPE_WIDTH,))


def annex_table(field: FieldLike, key: str = "") -> str:
    """The rows of a table field, with a head that repeats on each page."""
    columns = list(field.columns or ())
    first = 700
    width = (page.TYPE_WIDTH - first) // max(len(columns), 1)
    grid = [page.TYPE_WIDTH - width * len(columns), *[width] * len(columns)]
    head = ["序号", *[column.label for column in columns]]
    texts = ["{{ r.no }}", *[_column_tag(column) for column in columns]]
    return paragraph(run(field.label), "AnnexTitle", keep=True) + growing_table(
        key or field.key, head, texts, grid
    )


def growing_table(key: str, head: Sequence[str], texts: Sequence[str], grid: Sequence[int]) -> str:
    """A table with one row for each row of a field; ``texts`` print the row ``r``."""
    widths = list(zip(texts, grid, strict=True))
    rows = [
        row(
            [cell(paragraph(run(text), "CellHead"), width) for text, width in zip(head, grid, strict=True)],
            head=True,
        ),
        tag_row(f"{{%tr for r in {key} %}}", grid),
        row([cell(paragraph(run(text), "CellText"), width) for text, width in widths], height=480),
        tag_row("{%tr endfor %}", grid),
    ]
    return table(rows, grid)


def tag_row(tag: str, grid: Sequence[int]) -> str:
    """A row that holds a tag alone and vanishes with it."""
    return row([cell(paragraph(run(tag), "CellText"), sum(grid), span=len(grid))])


def tag_line(tag: str) -> str:
    """A paragraph that holds a tag alone and vanishes with it."""
    return paragraph(run(tag), "CellText")


def written(
    one: Sentence,
    style: str,
    *,
    keep: bool = False,
    conditional: bool = True,
    properties: Mapping[str, str] | None = None,
) -> str:
    """A sentence as a paragraph, between its conditions where it has one."""
    content = run(one.lead_in, style=one.lead_style) + run(one.text)
    text = paragraph(content, style, keep=keep, properties=properties)
    if not (conditional and one.condition):
        return text
    return tag_line(f"{{%p if {one.condition} %}}") + text + tag_line("{%p endif %}")


def issuer_mark() -> str:
    """The red name of the issuer with 文件, its size by the name's length."""
    lines = []
    for number, (longest, size, line) in enumerate(_MARK_SIZES):
        word = "if" if number == 0 else "elif"
        lines.append(
            tag_line(f"{{%p {word} issuer_name|length <= {longest} %}}" if longest else "{%p else %}")
        )
        marks = element("sz", val=size * 2) + element("szCs", val=size * 2)
        lines.append(
            paragraph(
                run("{{ issuer_name }}文件", properties=marks), "IssuerMark", spacing=page.spacing(line)
            )
        )
    return "".join(lines) + tag_line("{%p endif %}")


# What keeps a centred line over the middle of a date of 9, 10 and 11 characters, four characters from the right
_OVER_THE_DATE = ((9, 1270), (10, 1219), (0, 1168))


def signed(tail: Sequence[Sentence]) -> str:
    """Signature centred over the date, the date four characters from the right; room for the seal above.

    All of it stays with the last lines of the text.
    """
    if not tail:
        return ""
    parts = [page.blank(2, keep=True), tag_line("{%p if issuer_name|length > 14 %}")]
    parts.append(paragraph(run(tail[0].text), "LongSignature", keep=True))
    for length, left in _OVER_THE_DATE:
        parts.append(tag_line(f"{{%p elif issue_date|length <= {length} %}}" if length else "{%p else %}"))
        parts.append(paragraph(run(tail[0].text), "Signature", keep=True, ind=page.indent(left=left)))
    parts.append(tag_line("{%p endif %}"))
    return "".join(parts + [paragraph(run(one.text), "Dated") for one in tail[1:]])


def sealed(tail: Sequence[Sentence], *, keep_last: bool = False) -> str:
    """Name of the issuer and date, one over the other's middle, with room for the seal."""
    parts = [page.blank(2, keep=True)] if tail else []
    for one in tail:
        last = one is tail[-1]
        parts.append(paragraph(run(one.text), "SealedSignature", keep=keep_last or not last))
    return "".join(parts)


def imprint(*, copies: bool) -> str:
    """The imprint with its row of copies, which goes when there are none."""
    text = "抄送：{{ copies_line|replace('抄送：', '') }}{% if copies_line|last != '。' %}。{% endif %}"
    grid = (5600, page.TYPE_WIDTH - 5600)
    rows = [tag_row("{%tr if copies_line %}", grid), page.copies_row(text), tag_row("{%tr endif %}", grid)]
    return page.imprint("".join(rows) if copies else "", "{{ issuer_name }}", "{{ issue_date }}印发")


def _conditional_rows(condition: str, line: str, grid: Sequence[int]) -> list[str]:
    if not condition:
        return [line]
    return [tag_row(f"{{%tr if {condition} %}}", grid), line, tag_row("{%tr endif %}", grid)]


def _column_tag(column: FieldLike) -> str:
    if column.kind in ("choices", "files"):
        return f"{{{{ r.{column.key}|joined }}}}"
    if column.lookup:
        return f"{{{{ r.{column.key}_name }}}}"
    return f"{{{{ r.{column.key} }}}}"


def _parted(sentences: Sequence[Sentence]) -> tuple[list[Sentence], list[Sentence]]:
    """The text, and signature with date."""
    for place, one in enumerate(sentences):
        if one.text.startswith("{{ issuer_name }}") and len(one.text) < 30:
            return list(sentences[:place]), list(sentences[place : place + 2])
        if one.text == "{{ issue_date }}":
            return list(sentences[:place]), [one]
    return list(sentences), []


def _after_tail(
    sentences: Sequence[Sentence], main: Sequence[Sentence], tail: Sequence[Sentence]
) -> list[Sentence]:
    return list(sentences[len(main) + len(tail) :])
