"""Files that are no plain Word documents, or want something of the machine: each is refused with one clear sentence."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from formsvc.documents.templates.docx_file import NotAWordFile, WordFile
from formsvc.documents.workers.workbook_reader import rows_of
from formsvc.docxpdf import PdfResult
from formsvc.docxpdf.opc.package import Package
from formsvc.errors import FormsvcError, RenderingFailed
from tests.support.docx_samples.raw_xml import STYLES, paragraph, relation, run, seal, table, word_file

ToPdf = Callable[[bytes], PdfResult]


def zipped(entries: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_field(code: str) -> bytes:
    return word_file(f'<w:p><w:fldSimple w:instr=" {code} x "><w:r><w:t>甲</w:t></w:r></w:fldSimple></w:p>')


def split_field(*pieces: str) -> bytes:
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    marks = [f'<w:r><w:fldChar w:fldCharType="{m}"/></w:r>' for m in ("begin", "separate", "end")]
    return word_file(f"<w:p>{marks[0]}{runs}{marks[1]}{run('甲')}{marks[2]}</w:p>")


def renamed(name: str) -> bytes:
    """A package with a part of this name, which no zip library would write."""
    plain = zipped({**parts(word_file(paragraph("字"))), "@" * len(name): b"x"})
    return plain.replace(b"@" * len(name), name.encode())


def locked() -> bytes:
    content = bytearray(word_file(paragraph("字")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


def huge_picture(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is as large as this."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def with_picture(content: bytes) -> bytes:
    return word_file(
        paragraph(seal("i1", x_mm=0, y_mm=0) + run("字")),
        parts={"word/media/a.png": content},
        relations=relation("i1", "image", "media/a.png"),
    )


def macro_enabled() -> bytes:
    found = parts(word_file(paragraph("字")))
    found["[Content_Types].xml"] = found["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    return zipped(found)


def related(kind: str, target: str = "embeddings/a.bin", *, outside: bool = False) -> bytes:
    return word_file(paragraph("字"), relations=relation("x1", kind, target, outside=outside))


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
WHOLE = word_file(paragraph("消防" * 2000))
HOSTILE: list[tuple[str, bytes, str]] = [
    ("an old .doc renamed", OLE, "旧版 Word 文件（.doc）"),
    ("a file with a password", OLE + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
    ("RTF renamed", b"{\\rtf1\\ansi x}", "RTF 文件"),
    ("a PDF renamed", b"%PDF-1.7\n", "PDF 文件"),
    ("a web page renamed", b"\xef\xbb\xbf<html><body>x</body></html>", "网页文件"),
    ("a program renamed", b"MZ\x90\0", "可执行程序"),
    ("an XML file renamed", b'<?xml version="1.0"?><w:wordDocument/>', "XML 文件"),
    ("a RAR renamed", b"Rar!\x1a\x07\0", "RAR 压缩包"),
    ("nothing", b"", "不是完好的 Word 文档"),
    ("a file cut short", WHOLE[: len(WHOLE) // 2], "不是完好的 Word 文档"),
    ("a workbook", zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<a/>"}), "Excel 工作簿"),
    ("slides", zipped({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<a/>"}), "PowerPoint"),
    ("an OpenDocument", zipped({"mimetype": b"x", "content.xml": b"<a/>"}), "OpenDocument"),
    ("an OFD", zipped({"OFD.xml": b"<a/>", "Doc_0/Document.xml": b"<a/>"}), "OFD"),
    ("a zip of anything", zipped({"a.txt": b"x"}), "没有 Word 正文"),
    ("a zip with a password", locked(), "设了密码"),
    *((f"the name {n}", renamed(n), "不合规范") for n in ("../evil.xml", "/etc/passwd", "word\\..\\x", "C:/x")),
    ("a name twice", renamed("word/document.xml"), "同名的部件"),
    ("a zip bomb", zipped({**parts(WHOLE), "word/media/x.bin": b"\0" * 30_000_000}), "过大"),
    ("a macro file", macro_enabled(), "带有宏"),
    ("a macro part", related("vbaProject", "vbaProject.bin"), "带有宏"),
    ("an OLE object", related("oleObject"), "OLE 对象"),
    ("an ActiveX control", related("control", "activeX/activeX1.xml"), "ActiveX"),
    ("foreign contents by relation", related("aFChunk", "chunk.html"), "altChunk"),
    ("foreign contents by element", word_file('<w:altChunk r:id="x"/>' + paragraph("字")), "altChunk"),
    ("a sub-document", related("subDocument", "a.docx"), "子文档"),
    ("a picture from the web", related("image", "http://127.0.0.1:9/a.png", outside=True), "文档以外"),
    ("a picture from the disk", related("image", "file:///etc/passwd", outside=True), "文档以外"),
    ("an OLE link", related("oleObject", "file:///c:/a.xlsx", outside=True), "文档以外"),
    ("a template from the web", related("attachedTemplate", "https://example.invalid/x.dotm", outside=True), "文档以外"),
    ("a template from a share", related("attachedTemplate", "\\\\host\\x.dotm", outside=True), "文档以外"),
    ("a template from a share, as a URL", related("attachedTemplate", "file://host/x.dotm", outside=True), "文档以外"),
    ("a data source", related("mailMergeSource", "file:///c:/a.mdb", outside=True), "文档以外"),
    *((f"the field {c}", with_field(c), c) for c in ("DDE", "DDEAUTO", "INCLUDEPICTURE", "INCLUDETEXT", "LINK", "DATABASE")),
    ("a field split over runs", split_field(" DD", "EAUTO c:\\\\a "), "DDEAUTO"),
    ("a picture of 10 gigapixels", with_picture(huge_picture(100_000, 100_000)), "过大"),
    ("a picture of 50 megapixels", with_picture(huge_picture(10_000, 5_000)), "10000×5000"),
    ("a table of thousands of columns", word_file(table([["甲"] * 201], [20] * 201)), "201 列"),
    ("elements nested without end", word_file("<w:sdt><w:sdtContent>" * 300 + "</w:sdtContent></w:sdt>" * 300), "嵌套过深"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), [h[1:] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_a_hostile_file_is_refused_at_once_in_one_sentence(to_pdf: ToPdf, content: bytes, said: str) -> None:
    begun = time.monotonic()
    with pytest.raises(RenderingFailed) as refused:
        to_pdf(content)
    assert time.monotonic() - begun < 2
    assert said in refused.value.message
    assert refused.value.message.endswith("。") and refused.value.remedy.endswith("。")


def test_a_field_hidden_in_a_footer_or_in_another_field_is_found() -> None:
    marks = [f'<w:r><w:fldChar w:fldCharType="{m}"/></w:r>' for m in ("begin", "end")]
    inner = f"{marks[0]}<w:r><w:instrText> INCLUDETEXT a </w:instrText></w:r>{marks[1]}"
    outer = f"<w:p>{marks[0]}<w:r><w:instrText> IF 1=1 </w:instrText></w:r>{inner}{marks[1]}</w:p>"
    for document in (word_file(outer), word_file("", parts={"word/footer7.xml": _footer(outer)})):
        with pytest.raises(RenderingFailed, match="INCLUDETEXT"):
            Package(document)


def _footer(content: str) -> str:
    return f'<w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{content}</w:ftr>'


def test_what_plain_documents_carry_is_no_danger(to_pdf: ToPdf) -> None:
    body = f'<w:p><w:fldSimple w:instr=" PAGE "/><w:fldSimple w:instr=" REF LINK \\h ">{run("甲")}</w:fldSimple></w:p>'
    harmless = relation("t1", "attachedTemplate", "file:///C:\\Users\\a\\Normal.dotm", outside=True)
    harmless += relation("h1", "hyperlink", "https://example.invalid/", outside=True)
    harmless += relation("p1", "package", "embeddings/a.xlsx")
    assert to_pdf(word_file(body, styles=STYLES, relations=harmless)).pages == 1


def test_the_command_refuses_with_one_sentence_and_status_1(fonts_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "文件.docx"
    file.write_bytes(macro_enabled())
    done = subprocess.run(
        [sys.executable, "-m", "formsvc", "pdf", str(file), "-o", str(tmp_path / "o.pdf")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=False,
        env={**os.environ, "FORMSVC_FONTS": str(fonts_dir)},
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "Word 文档带有宏，已拒绝。请在 Word 中去掉后，另存为不带宏的 .docx 重试。"
    assert not (tmp_path / "o.pdf").exists()


def newer_zip() -> bytes:
    """A package that asks for a later reader of zip files."""
    content = bytearray(word_file(paragraph("字")))
    content[content.find(b"PK\x01\x02") + 6] = 84
    return bytes(content)


def other_compression(method: int) -> bytes:
    """A package one part of which is said to be compressed in another way."""
    content = bytearray(word_file(paragraph("字")))
    entry = content.find(b"PK\x01\x02")
    content[entry + 10] = content[8] = method
    return bytes(content)


BROKEN = {
    "newer zip": newer_zip(),
    "not bzip2": other_compression(12),
    "not lzma": other_compression(14),
    "no relations": zipped(
        {k: v for k, v in parts(word_file(paragraph("字"))).items() if k != "_rels/.rels"}
    ),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_template_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(NotAWordFile, match="另存为"):
        WordFile.from_bytes(content)


@pytest.mark.parametrize("content", list(BROKEN.values())[:3], ids=list(BROKEN)[:3])
def test_a_broken_file_becomes_no_pdf(to_pdf: ToPdf, content: bytes) -> None:
    with pytest.raises(RenderingFailed, match="Word 文档"):
        to_pdf(content)


def workbook() -> bytes:
    """Two rows of a paper book."""
    book, stream = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (("文号", "日期"), ("第1号", date(2026, 1, 5)), ("第2号", 1.5)):
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


SHEET = parts(workbook())["xl/worksheets/sheet1.xml"]


@given(
    st.integers(0, len(SHEET) - 1),
    st.integers(0, 40),
    st.sampled_from([b"", b"<", b'"', b"<c", b"0", b"99999999999", b"\xff", b"</row>"]),
)
@settings(deadline=None)
def test_a_workbook_altered_anywhere_is_read_or_refused_in_one_sentence(
    at: int, gone: int, put: bytes
) -> None:
    altered = {**parts(workbook()), "xl/worksheets/sheet1.xml": SHEET[:at] + put + SHEET[at + gone :]}
    try:
        rows = rows_of(zipped(altered), ("文号", "日期"), 500, cells=200_000)
    except FormsvcError as refused:
        assert str(refused).endswith("。") and refused.remedy
    else:
        assert all(set(row.cells) == {"文号", "日期"} for row in rows)
