"""A Word file from a stranger: what must not be read is refused in a sentence."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from formsvc.documents.templates.docx_file import NotAWordFile, WordFile
from formsvc.docxpdf import PdfResult
from formsvc.docxpdf.opc import container
from formsvc.docxpdf.opc.package import Package
from formsvc.errors import RenderingFailed
from tests.support.docx_samples.raw_xml import paragraph, relation, run, seal, word_file

ToPdf = Callable[[bytes], PdfResult]


def rezipped(content: bytes, **changed: bytes) -> bytes:
    """The same file with other parts; names have _ for /."""
    wanted = {name.replace("__", "/"): part for name, part in changed.items()}
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, wanted.pop(name, b"") or old.read(name))
        for name, part in wanted.items():
            new.writestr(name, part)
    return stream.getvalue()


DOCUMENT = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>'


@pytest.mark.parametrize(
    "head",
    [
        b'<!DOCTYPE w:document [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        b'<!DOCTYPE w:document SYSTEM "http://127.0.0.1:9/a.dtd">',
        b"<!DOCTYPE w:document>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_in_every_encoding(head: bytes, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + head.decode() + (DOCUMENT % b"").decode()
    with pytest.raises(RenderingFailed, match="DOCTYPE"):
        Package(rezipped(word_file(""), **{"word__document.xml": text.encode(encoding)})).part(
            "word/document.xml"
        )


def test_entities_that_multiply_are_refused_at_once() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 10}">' for n in range(12))
    text = (
        f"<!DOCTYPE w:document [{entities}]>".encode() + DOCUMENT % b"<w:p><w:r><w:t>&e11;</w:t></w:r></w:p>"
    )
    begun = time.monotonic()
    with pytest.raises(RenderingFailed):
        Package(rezipped(word_file(""), **{"word__document.xml": text})).part("word/document.xml")
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("kind", ["image", "oleObject", "aFChunk", "frame", "subDocument", "video"])
@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "http://127.0.0.1:9/a.png", "\\\\host\\share\\a.png"]
)
def test_anything_from_outside_is_refused(to_pdf: ToPdf, kind: str, target: str) -> None:
    with pytest.raises(RenderingFailed, match="文档以外"):
        to_pdf(word_file(paragraph("字"), relations=relation("x1", kind, target, outside=True)))


def test_a_picture_relation_cannot_reach_a_file_of_the_machine(to_pdf: ToPdf) -> None:
    document = word_file(
        paragraph(seal("i1", x_mm=0, y_mm=0) + run("字")),
        relations=relation("i1", "image", "../../../../etc/passwd"),
    )
    result = to_pdf(document)
    assert "第1段“字”：图片在文件里找不到，未排出。" in result.warnings


def test_links_to_other_places_keep_only_their_text(to_pdf: ToPdf) -> None:
    body = paragraph(f'<w:hyperlink r:id="h1">{run("链接")}</w:hyperlink>')
    result = to_pdf(word_file(body, relations=relation("h1", "hyperlink", "file:///c:/a.exe", outside=True)))
    assert any("不是网页地址" in w for w in result.warnings)
    assert b"file:" not in result.pdf


def test_the_template_a_file_was_made_from_is_not_followed(to_pdf: ToPdf) -> None:
    assert (
        to_pdf(
            word_file(
                paragraph("字"),
                relations=relation("t1", "attachedTemplate", "file:///c:/normal.dotm", outside=True),
            )
        ).pages
        == 1
    )


def test_a_zip_bomb_is_refused_unread() -> None:
    with pytest.raises(RenderingFailed, match="过大"):
        Package(rezipped(word_file(""), **{"word__media__a.png": b"\0" * (20 * 2**20)}))


def test_a_zip_that_lies_about_sizes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "_limits", replace(container.container_limits(), part=1000))
    with pytest.raises(RenderingFailed, match="过大"):
        Package(word_file(paragraph("字" * 5000))).part("word/document.xml")


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(RenderingFailed, match="过大"):
        Package(
            rezipped(
                word_file(""), **{f"word__n{n}.xml": b"x" for n in range(container.container_limits().parts)}
            )
        )


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all"])
def test_what_is_no_word_file_is_said_to_be_none(to_pdf: ToPdf, content: bytes) -> None:
    with pytest.raises(RenderingFailed, match="不是完好的 Word 文档"):
        to_pdf(content)


def test_an_old_or_locked_word_file_is_called_so(to_pdf: ToPdf) -> None:
    with pytest.raises(RenderingFailed, match="旧版 Word 文件"):
        to_pdf(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


def test_a_zip_without_a_document_is_no_word_file() -> None:
    stream = io.BytesIO()
    zipfile.ZipFile(stream, "w").close()
    with pytest.raises(RenderingFailed, match="没有 Word 正文"):
        Package(stream.getvalue())


def test_broken_xml_names_the_part(to_pdf: ToPdf) -> None:
    with pytest.raises(RenderingFailed, match=r"word/document\.xml"):
        to_pdf(rezipped(word_file(""), **{"word__document.xml": b"<w:document"}))


def test_text_that_looks_like_markup_is_only_text(to_pdf: ToPdf) -> None:
    from tests.support.pdf_text import text

    nasty = "</p><img src=\"file:///etc/passwd\"><style>@import'http://a'</style>&amp;{{7*7}}"
    result = to_pdf(
        word_file(
            paragraph(
                run(
                    nasty,
                    '<w:rFonts w:eastAsia="a&quot;;}@import url(file:///etc/passwd);{" w:ascii="\';x"/>',
                )
            )
        )
    )
    assert text(result.pdf) == nasty.replace(" ", "")
    assert b"/EmbeddedFile" not in result.pdf


def test_numbers_out_of_all_measure_do_no_harm(to_pdf: ToPdf) -> None:
    wild = (
        '<w:ind w:left="99999999999999999999" w:firstLine="-1e308" w:hanging="nan"/><w:spacing w:line="inf" w:before="-999999"/>',
        '<w:spacing w:line="1" w:lineRule="exact"/><w:ind w:right="30000"/>',
        '<w:spacing w:line="0" w:lineRule="exact"/>',
    )
    runs = (
        run("字", '<w:sz w:val="-5"/>')
        + run("字", '<w:sz w:val="100000"/>')
        + run("字", '<w:w w:val="0"/><w:spacing w:val="-9999"/>')
    )
    for properties in wild:
        assert to_pdf(word_file(paragraph(runs, properties))).pages >= 1
    assert (
        to_pdf(
            word_file(
                paragraph("字"), section='<w:pgSz w:w="0" w:h="1"/><w:pgMar w:top="99999" w:left="99999"/>'
            )
        ).pages
        >= 1
    )


def test_tables_nested_without_end_are_refused(to_pdf: ToPdf) -> None:
    body = paragraph("底")
    for _ in range(80):
        body = f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='4000'/></w:tblGrid><w:tr><w:tc><w:tcPr/>{body}</w:tc></w:tr></w:tbl>{paragraph()}"
    try:
        assert to_pdf(word_file(body)).pages >= 1
    except RenderingFailed as error:
        assert error.remedy


def understated(size: int) -> bytes:
    """A package with a part of a megabyte that its directory says is smaller."""
    content = bytearray(rezipped(word_file(""), **{"word__media__a.png": b"\0" * 2**20}))
    for mark, field in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.rfind(mark) + field
        content[place : place + 4] = size.to_bytes(4, "little")
    return bytes(content)


def other_case() -> bytes:
    """A package with two parts whose names differ in case alone."""
    return rezipped(word_file(""), **{"WORD__document.xml": b"<a/>"})


def test_a_part_larger_than_its_directory_says_is_damaged() -> None:
    with pytest.raises(RenderingFailed, match=r"“word/media/a\.png”已损坏"):
        Package(understated(100)).content("word/media/a.png")


def test_names_that_differ_in_case_alone_are_refused() -> None:
    with pytest.raises(RenderingFailed, match="同名的部件"):
        Package(other_case())


def test_a_second_relationship_of_the_same_id_hides_none() -> None:
    relations = relation("x1", "image", "file:///etc/passwd", outside=True) + relation(
        "x1", "image", "media/a.png"
    )
    with pytest.raises(RenderingFailed, match="文档以外"):
        Package(word_file(paragraph("字"), relations=relations))


@pytest.mark.parametrize("content", [understated(100), other_case()], ids=["understated size", "other case"])
def test_templates_are_opened_by_the_same_reader(content: bytes) -> None:
    with pytest.raises(NotAWordFile):
        WordFile.from_bytes(content)
