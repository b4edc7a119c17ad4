"""What an uploaded template may contain: each danger and each slip of the pen is told with its place."""

from __future__ import annotations

import io
import zipfile

import pytest

from formsvc.documents.templates.docx_file import CONTENT_TYPES, WordFile
from formsvc.documents.templates.inspection import inspect_template
from tests.support.docx_samples.simple import changed, replaced, template

DOCUMENT = "word/document.xml"
RELATIONS = "word/_rels/document.xml.rels"
RELATION = '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"{mode}/></Relationships>'


def messages(content: bytes) -> list[str]:
    return [fault.message for fault in inspect_template(content)]


def related(kind: str, target: str, *, external: bool = True) -> bytes:
    mode = ' TargetMode="External"' if external else ""
    return replaced(
        template("甲"), RELATIONS, "</Relationships>", RELATION.format(kind=kind, target=target, mode=mode)
    )


def with_body(xml: str) -> bytes:
    return replaced(template("甲"), DOCUMENT, "<w:body>", f"<w:body>{xml}")


def test_a_plain_template_has_no_faults() -> None:
    assert inspect_template(template("{{ party_name }}：", "{%p if x %}", "乙", "{%p endif %}")) == []


@pytest.mark.parametrize("target", ["http://example.invalid/", "https://example.invalid/a?b=1"])
def test_links_to_web_pages_may_stay(target: str) -> None:
    assert inspect_template(related("hyperlink", target)) == []


@pytest.mark.parametrize(
    ("kind", "target", "said"),
    [
        ("image", "file:///etc/passwd", "文档以外"),
        ("image", "http://example.invalid/x.png", "文档以外"),
        ("hyperlink", "file://server/share", "不是网址"),
        ("hyperlink", "javascript:alert(1)", "不是网址"),
        ("attachedTemplate", "http://example.invalid/x.dotm", "attachedTemplate"),
        ("oleObject", "embeddings/oleObject1.bin", "OLE"),
        ("aFChunk", "chunk.html", "altChunk"),
        ("vbaProject", "vbaProject.bin", "宏"),
        ("control", "activeX/activeX1.xml", "ActiveX"),
        ("package", "embeddings/a.xlsx", "嵌入的其他文件"),
    ],
)
def test_relations_to_the_outside_and_active_contents_are_refused(kind: str, target: str, said: str) -> None:
    assert said in "".join(messages(related(kind, target, external=kind not in ("oleObject", "control"))))


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ('<w:p><w:fldSimple w:instr=" INCLUDEPICTURE file:///x.png "/></w:p>', "INCLUDEPICTURE"),
        (
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>EAUTO cmd</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
            "DDEAUTO",
        ),
        ('<w:altChunk r:id="rId1"/>', "altChunk"),
        (
            '<w:p><w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office"/></w:object></w:r></w:p>',
            "OLE",
        ),
    ],
)
def test_fields_and_objects_that_fetch_are_refused(xml: str, said: str) -> None:
    assert said in "".join(messages(with_body(xml)))


def test_page_numbers_are_welcome() -> None:
    assert inspect_template(with_body('<w:p><w:fldSimple w:instr=" PAGE "/></w:p>')) == []


def test_macros_are_refused() -> None:
    kind = "wordprocessingml.document.main+xml"
    content = replaced(
        template("甲"),
        CONTENT_TYPES,
        f"application/vnd.openxmlformats-officedocument.{kind}",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    assert messages(content)


def test_a_doctype_is_refused_in_any_part() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">&a;</w:styles>'
    assert "DOCTYPE" in "".join(messages(changed(template("甲"), {"word/styles.xml": bomb})))


def test_broken_xml_is_told_with_the_part() -> None:
    assert "word/styles.xml" in "".join(messages(changed(template("甲"), {"word/styles.xml": b"<w:styles"})))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "不是 Word 文档"),
        (b"%PDF-1.7", "不是 Word 文档"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 Word 文件（.doc）"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        (b"PK\x03\x04 broken", "已损坏"),
    ],
)
def test_other_files_are_told_for_what_they_are(content: bytes, said: str) -> None:
    assert said in messages(content)[0]


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_spreadsheet_is_no_document() -> None:
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    assert "不是 Word 文档" in messages(zipped({CONTENT_TYPES: types.encode()}))[0]


def test_a_zip_bomb_is_not_unpacked() -> None:
    parts = dict(WordFile.from_bytes(template("甲")).parts)
    assert "过大" in messages(zipped({**parts, "word/media/x.bin": b"\0" * 30_000_000}))[0]


def test_too_many_parts_are_refused() -> None:
    assert "部件" in messages(zipped({f"word/{n}.bin": b"" for n in range(1001)}))[0]


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "word\\..\\x", "C:/x"])
def test_names_that_leave_the_package_are_refused(name: str) -> None:
    parts = dict(WordFile.from_bytes(template("甲")).parts)
    entry = zipped({**parts, "@" * len(name): b""}).replace(("@" * len(name)).encode(), name.encode())
    assert "不合规范" in messages(entry)[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("｛｛ party_name ｝｝", "全角"),
        ("{ { party_name } }", "隔开"),
        ("{% if x %}甲{％ endif ％}", "全角"),
        ("{{ party_name，2 }}", "中文标点“，”"),
        ("{{ x|joined（'、'） }}", "中文标点“（”"),
        ("{{ x|default(“无”) }}", "中文引号"),
        ("当事人：{{ party_name", "缺少“}}”"),
        ("{% if x", "缺少“%}”"),
        ("party_name }}", "前面缺少标签的开头"),
        ("{{r x }}", "只填文字"),
        ("{%p if x %}还有别的字", "单独成段"),
    ],
)
def test_slips_in_tags_are_told_with_their_place(text: str, said: str) -> None:
    (fault,) = [f for f in inspect_template(template("甲", text)) if said in f.message]
    assert fault.where.startswith("第2段")


def test_a_mark_within_quotes_is_no_slip() -> None:
    assert inspect_template(template("{{ x|joined('，') }}{{ y|joined(\"、\") }}")) == []


def test_the_place_in_a_table_is_told_by_row_and_cell() -> None:
    (fault,) = inspect_template(template(rows=[["甲", "乙"], ["丙", "{{ x，y }}"]]))
    assert fault.where == "表1 第2行第2格"


def test_the_name_of_the_file_can_be_given() -> None:
    assert inspect_template(b"", "T22.docx")[0].file == "T22.docx"
