"""What the cached filling makes is what docxtpl makes of the same template, part by part."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage, RichText
from jinja2 import Environment
from lxml import etree
from PIL import Image

from formsvc.documents.checking.contract import example_context
from formsvc.documents.filling.fill import fill, part_xml
from formsvc.documents.filling.inserts import InlinePicture, Subdocument
from formsvc.documents.filling.sandbox import WordSandbox
from formsvc.documents.templates.docx_file import WordFile
from tests.support.docx_samples.simple import TAGS, definition
from tests.support.paths import ROOT

FORMS = sorted(
    path.stem
    for path in (ROOT / "doc_templates").glob("*.docx")
    # docxtpl puts the lines of one value into one paragraph
    if "\\n" not in part_xml(WordFile.from_bytes(path.read_bytes()), "word/document.xml")
)
_PROPERTIES = ("docProps/",)
Fill = Callable[[DocxTemplate], Mapping[str, Any]]


def plainly(template: bytes, context: Fill, environment: Environment) -> bytes:
    """The template filled by docxtpl itself."""
    whole = DocxTemplate(io.BytesIO(template))
    whole.init_docx()
    whole.render(dict(context(whole)), jinja_env=environment, autoescape=True)
    stream = io.BytesIO()
    whole.save(stream)
    return stream.getvalue()


def content(name: str, part: bytes) -> object:
    """A part without what may differ in the writing: order of declarations, quotes, blanks between elements."""
    if not name.endswith((".xml", ".rels")):
        return part
    root = etree.fromstring(part, etree.XMLParser(remove_blank_text=True))
    if name.endswith(".rels") or name == "[Content_Types].xml":
        return sorted(sorted(dict(entry.attrib).items()) for entry in root)
    return etree.tostring(root, method="c14n")


def assert_same(ours: bytes, theirs: bytes) -> None:
    """Every part holds the same; who wrote the file when is the act's in ours."""
    mine, other = WordFile.from_bytes(ours).parts, WordFile.from_bytes(theirs).parts
    assert {n for n in mine if not n.startswith(_PROPERTIES)} == {
        n for n in other if not n.startswith(_PROPERTIES)
    }
    for name in mine:
        if not name.startswith(_PROPERTIES) and name not in ("[Content_Types].xml", "_rels/.rels"):
            assert content(name, mine[name]) == content(name, other[name]), name


@pytest.mark.parametrize("form", FORMS)
def test_every_template_comes_out_as_docxtpl_fills_it(form: str) -> None:
    template = (ROOT / "doc_templates" / f"{form}.docx").read_bytes()
    context = example_context(definition(form))
    theirs = plainly(template, lambda _: json.loads(json.dumps(context)), WordSandbox())
    assert_same(fill(template, context, TAGS), theirs)


def seal(color: str, size: int = 40) -> bytes:
    stream = io.BytesIO()
    Image.new("RGBA", (size, size), color).save(stream, "PNG", dpi=(96, 96))
    return stream.getvalue()


def rich_template() -> bytes:
    """Pictures in body, table, header and footer beside one that is there already; rich text; rows."""
    document = Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "{{ office }}{{ emblem }}"
    section.footer.paragraphs[0].text = "第{{ number }}号{{ emblem }}"
    document.add_picture(io.BytesIO(seal("black")), width=Mm(5))
    document.add_paragraph("{{ office }}：{{ emblem }}与{{ stamp }}")
    document.add_paragraph("{{r rich }}")
    table = document.add_table(4, 2)
    table.cell(0, 0).text = "隐患"
    table.cell(1, 0).text = "{%tr for row in rows %}"
    table.cell(2, 0).text, table.cell(2, 1).text = "{{ row.text }}", "{{ row.photo }}"
    table.cell(3, 0).text = "{%tr endfor %}"
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def rich(text: str) -> RichText:
    made = RichText()
    made.add(text, bold=True, color="FF0000", size=32)
    made.add("，其余照旧", italic=True)
    return made


def ours_rich() -> dict[str, Any]:
    rows = [
        {"text": f"第{n}处 <&>", "photo": InlinePicture(seal(c), width_mm=20)}
        for n, c in enumerate(("red", "blue", "red"))
    ]
    return {"office": "甲 & 乙", "number": 7, "emblem": InlinePicture(seal("black"), width_mm=9), "stamp": InlinePicture(seal("red"), height_mm=12), "rich": rich("立即改正"), "rows": rows}  # fmt: skip


def theirs_rich(whole: DocxTemplate) -> dict[str, Any]:
    def picture(made: InlinePicture) -> InlineImage:
        width, height = (None if mm is None else Mm(mm) for mm in (made.width_mm, made.height_mm))
        return InlineImage(whole, io.BytesIO(made.content), width, height)

    context = ours_rich()
    for row in context["rows"]:
        row["photo"] = picture(row["photo"])
    return {k: picture(v) if isinstance(v, InlinePicture) else v for k, v in context.items()}


def test_pictures_and_rich_text_come_out_as_docxtpl_sets_them() -> None:
    template = rich_template()
    theirs = plainly(template, theirs_rich, Environment(autoescape=True))
    ours = fill(template, ours_rich(), TAGS)
    assert_same(ours, theirs)
    assert ours == fill(template, ours_rich(), TAGS)
    types = WordFile.from_bytes(ours).types
    assert types["word/media/image2.png"] == "image/png"


def annex() -> bytes:
    """A Word file with a style of its own, a list and a picture."""
    document = Document()
    style = document.styles.add_style("附件正文", 1)
    document.add_paragraph("附件：隐患照片 {{ 不是标签 }}", style=style)
    document.add_paragraph("第一项", style="List Number")
    document.add_picture(io.BytesIO(seal("green")), width=Mm(20))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_a_sub_document_comes_with_its_styles_and_pictures() -> None:
    pytest.importorskip("docxcompose")
    document = Document()
    for text in ("{{ office }}", "{{p annex }}", "以上"):
        document.add_paragraph(text)
    stream = io.BytesIO()
    document.save(stream)
    template = stream.getvalue()
    ours = fill(template, {"office": "甲", "annex": Subdocument(annex())}, TAGS)
    theirs = plainly(
        template,
        lambda whole: {"office": "甲", "annex": whole.new_subdoc(io.BytesIO(annex()))},
        Environment(autoescape=True),
    )
    assert_same(ours, theirs)
    assert "附件正文" in WordFile.from_bytes(ours).parts["word/styles.xml"].decode()


def test_what_is_no_picture_is_refused_in_one_sentence() -> None:
    from formsvc.errors import RenderingFailed

    with pytest.raises(RenderingFailed, match="图片不是可以放进 Word 的格式"):
        fill(rich_template(), {**ours_rich(), "stamp": InlinePicture(b"not a picture")}, TAGS)


def test_a_template_is_prepared_once() -> None:
    template = (ROOT / "doc_templates" / "T15.docx").read_bytes()
    context = example_context(definition("T15"))

    def seconds(task: Callable[[], object]) -> float:
        begun = time.process_time()
        task()
        return time.process_time() - begun

    fill(template, context, TAGS)
    pairs = [
        (
            seconds(lambda: fill(template, context, TAGS)),
            seconds(lambda: plainly(template, lambda _: context, WordSandbox())),
        )
        for _ in range(5)
    ]
    ours, theirs = (min(pair[side] for pair in pairs) for side in (0, 1))
    assert theirs > 5 * ours
