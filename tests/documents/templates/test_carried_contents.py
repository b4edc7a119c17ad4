"""What a template carries along is refused or left out; check, filling and PDF step agree on it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from formsvc.documents.filling.fill import fill
from formsvc.documents.templates.docx_file import CONTENT_TYPES, WordFile
from formsvc.documents.templates.inspection import inspect_template
from formsvc.docxpdf.opc.package import Package
from formsvc.errors import RenderingFailed
from tests.support.docx_samples.simple import TAGS, changed, replaced, template, texts_of

DOCUMENT, RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"
RELATION_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
STRICT = "http://purl.oclc.org/ooxml/"
VML = 'xmlns:v="urn:schemas-microsoft-com:vml"'
# refused by all; by check and filling; by the check, and made harmless when it is filled
BOTH, TEMPLATES, REMOVED = "also as a PDF", "as a template only", "removed when filled"


def with_body(xml: str) -> bytes:
    return replaced(template("甲"), DOCUMENT, "<w:body>", f"<w:body>{xml}")


def with_relation(kind: str, target: str, *, outside: bool = True) -> bytes:
    mode = ' TargetMode="External"' if outside else ""
    entry = f'<Relationship Id="rIdX" Type="{RELATION_TYPE}{kind}" Target="{target}"{mode}/>'
    return replaced(template("甲"), RELATIONS, "</Relationships>", entry + "</Relationships>")


def with_type(kind: str) -> bytes:
    entry = f'<Default Extension="bin" ContentType="application/vnd.ms-office.{kind}"/></Types>'
    return replaced(template("甲"), CONTENT_TYPES, "</Types>", entry)


def with_setting(xml: str) -> bytes:
    content = template("甲")
    settings = WordFile.from_bytes(content).parts["word/settings.xml"].decode()
    return changed(
        content, {"word/settings.xml": re.sub(r"(<w:settings\b[^>]*>)", rf"\1{xml}", settings).encode()}
    )


def simple_field(code: str) -> str:
    quoted = code.replace('"', "&quot;")
    return f'<w:p><w:fldSimple w:instr=" {quoted} "><w:r><w:t>甲</w:t></w:r></w:fldSimple></w:p>'


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def instruction(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve">{text}</w:instrText></w:r>'


def spelt_by_fields() -> str:
    quote = mark("begin") + instruction(" QUOTE 68 68 69 65 85 84 79 ") + mark("separate") + mark("end")
    return f"<w:p>{mark('begin')}{quote}{instruction(' cmd ')}{mark('separate')}{mark('end')}</w:p>"


def split_over_runs() -> str:
    pieces = "".join(instruction(piece) for piece in (" D", "DEA", "UTO cmd "))
    return f"<w:p>{mark('begin')}{pieces}{mark('end')}</w:p>"


def shape(element: str) -> str:
    return f"<w:p><w:r><w:pict><v:rect {VML}>{element}</v:rect></w:pict></w:r></w:p>"


ODDITIES: list[tuple[str, bytes, str, str]] = [
    ("a macro declared without a part", with_type("vbaProject"), "宏", BOTH),
    ("a control declared without a part", with_type("activeX+xml"), "ActiveX", TEMPLATES),
    ("a picture from the web", with_relation("image", "http://x.invalid/a.png"), "文档以外", BOTH),
    ("a picture from a share, said to be inside", with_relation("image", "file://h/a.png", outside=False), "文档以外", BOTH),
    ("a link to a file", with_relation("hyperlink", "file:///c:/a.doc"), "不是网址", TEMPLATES),
    ("a link to a share", with_relation("hyperlink", "\\\\host\\a"), "不是网址", TEMPLATES),
    ("a link that is a program", with_relation("hyperlink", "javascript:alert(1)"), "不是网址", TEMPLATES),
    ("a template on a disk", with_relation("attachedTemplate", "file:///C:\\a.dotm"), "attachedTemplate", TEMPLATES),
    ("a template on the web", with_relation("attachedTemplate", "http://x.invalid/a.dotm"), "attachedTemplate", BOTH),
    ("an add-in", with_relation("webextension", "webextension.xml", outside=False), "加载项", REMOVED),
    ("a mail merge", with_setting('<w:mailMerge><w:query w:val="SELECT * FROM a"/></w:mailMerge>'), "邮件合并", REMOVED),
    ("DDEAUTO spelt by QUOTE", with_body(spelt_by_fields()), "拼成", BOTH),
    ("DDEAUTO over three runs", with_body(split_over_runs()), "DDEAUTO", BOTH),
    *(
        (code, with_body(simple_field(code)), said, REMOVED)
        for code, said in (
            ('HYPERLINK "file:///c:/a.doc"', "不是网址"),
            ('HYPERLINK "\\\\\\\\host\\\\share"', "不是网址"),
            ("HYPERLINK \\\\host\\share", "不是网址"),
            ('HYPERLINK \\o "tip" "javascript:alert(1)"', "不是网址"),
            ("FILLIN 姓名", "FILLIN"),
            ("ASK a 姓名", "ASK"),
            ("PRINT 27", "PRINT"),
            ("MACROBUTTON a b", "MACROBUTTON"),
            ("EMBED Package", "EMBED"),
            ("MERGEFIELD 姓名", "邮件合并"),
        )
    ),
    ("a fill from the web", with_body(shape('<v:fill src="http://x.invalid/a.png"/>')), "指向文档以外", REMOVED),
    ("a picture of VML from a file", with_body(shape('<v:imagedata src="file:///c:/a.png"/>')), "指向文档以外", REMOVED),
    ("a page background from the web", with_body(f'<w:background><v:background {VML}><v:fill src="http://x.invalid/a"/></v:background></w:background>'), "指向文档以外", REMOVED),
    ("a shape that is a link", with_body(f'<w:p><w:r><w:pict><v:rect {VML} href="file://h/a"/></w:pict></w:r></w:p>'), "指向文档以外", REMOVED),
    ("a table of 201 columns", with_body(f"<w:tbl><w:tblGrid>{'<w:gridCol/>' * 201}</w:tblGrid></w:tbl>"), "201 列", BOTH),
]  # fmt: skip
IDS = [oddity[0] for oddity in ODDITIES]


def refusal(step: Callable[[], object]) -> str:
    try:
        step()
    except RenderingFailed as refused:
        return str(refused)
    return ""


def as_strict(content: bytes) -> bytes:
    """The same file as Word saves it under "Strict Open XML"."""
    namespace = re.compile(
        rb"http://schemas\.openxmlformats\.org/(wordprocessingml|officeDocument|drawingml)/2006/"
    )
    return changed(
        content,
        {
            name: namespace.sub(rb"http://purl.oclc.org/ooxml/\1/", part)
            for name, part in WordFile.from_bytes(content).parts.items()
            if name.startswith(("word/", "_rels/")) and name.endswith((".xml", ".rels"))
        },
    )


@pytest.mark.parametrize("strict", [False, True], ids=["transitional", "strict"])
@pytest.mark.parametrize(("name", "content", "said", "where"), ODDITIES, ids=IDS)
def test_check_filling_and_pdf_agree(name: str, content: bytes, said: str, where: str, strict: bool) -> None:
    content = as_strict(content) if strict else content
    errors = [fault for fault in inspect_template(content) if fault.level == "error"]
    assert any(said in fault.message for fault in errors), errors
    if where == REMOVED:
        assert [f for f in inspect_template(fill(content, {}, TAGS)) if f.level == "error"] == []
    else:
        assert said in refusal(lambda: fill(content, {}, TAGS))
    assert bool(refusal(lambda: Package(content))) is (where == BOTH)


def test_a_field_that_asks_becomes_its_last_result() -> None:
    complex_field = f"<w:p>{mark('begin')}{instruction(' ASK a b ')}{mark('separate')}<w:r><w:t>上次</w:t></w:r>{mark('end')}</w:p>"
    word = fill(with_body(complex_field + simple_field("FILLIN 姓名")), {}, TAGS)
    assert texts_of(word) == ["上次", "甲", "甲"]
    document = WordFile.from_bytes(word).parts[DOCUMENT]
    assert not any(trace in document for trace in (b"ASK", b"FILLIN", b"fldChar", b"fldSimple"))


def test_what_stands_in_a_paragraph_is_placed_there() -> None:
    content = with_body(simple_field("FILLIN 姓名"))
    assert [fault.where for fault in inspect_template(content)] == ["第1段“甲”"]
    link = with_relation("hyperlink", "file:///c:/a")
    used = replaced(
        link, DOCUMENT, "<w:r>", '<w:hyperlink r:id="rIdX"><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:r>'
    )
    assert "链接" in inspect_template(used)[0].where


def test_a_strict_template_is_filled() -> None:
    word = fill(as_strict(template("当事人：{{ x }}")), {"x": "甲"}, TAGS)
    assert texts_of(word) == ["当事人：甲"]
    assert b"purl.oclc.org" not in WordFile.from_bytes(word).parts[DOCUMENT]


def test_comments_stay_behind() -> None:
    content = with_body(
        '<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>{{ x }}</w:t></w:r><w:commentRangeEnd w:id="0"/>'
        '<w:r><w:commentReference w:id="0"/></w:r></w:p>'
    )
    entry = f'<Relationship Id="rIdC" Type="{RELATION_TYPE}comments" Target="comments.xml"/></Relationships>'
    content = replaced(content, RELATIONS, "</Relationships>", entry)
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
    override = f'<Override PartName="/word/comments.xml" ContentType="{kind}"/></Types>'
    content = replaced(content, CONTENT_TYPES, "</Types>", override)
    comment = f'<w:comments {namespace}><w:comment w:id="0" w:author="张三"><w:p><w:r><w:t>此处写镇长？</w:t></w:r></w:p></w:comment></w:comments>'
    content = changed(content, {"word/comments.xml": comment.encode()})
    assert [(f.level, "批注" in f.message) for f in inspect_template(content)] == [("notice", True)]
    parts = WordFile.from_bytes(fill(content, {"x": "甲"}, TAGS)).parts
    assert "word/comments.xml" not in parts
    for part in (DOCUMENT, RELATIONS, CONTENT_TYPES):
        assert b"comment" not in parts[part]


CHANGES = (
    '<w:p><w:r><w:rPr><w:b/><w:rPrChange w:id="1" w:author="张三"><w:rPr/></w:rPrChange></w:rPr><w:t>甲</w:t></w:r>'
    '<w:ins w:id="2" w:author="张三"><w:r><w:t>{{ x }}</w:t></w:r></w:ins>'
    '<w:del w:id="3" w:author="张三"><w:r><w:delText>旧</w:delText></w:r></w:del></w:p>'
    '<w:p><w:moveFromRangeStart w:id="4" w:name="m"/><w:moveFrom w:id="5" w:author="张三"><w:r><w:t>移走</w:t></w:r></w:moveFrom>'
    '<w:moveFromRangeEnd w:id="4"/><w:moveTo w:id="6" w:author="张三"><w:r><w:t>移来</w:t></w:r></w:moveTo></w:p>'
    '<w:p><w:pPr><w:rPr><w:del w:id="7" w:author="张三"/></w:rPr></w:pPr><w:r><w:t>并入</w:t></w:r></w:p>'
    "<w:p><w:r><w:t>下段</w:t></w:r></w:p>"
    '<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:trPr><w:del w:id="8" w:author="张三"/></w:trPr><w:tc><w:p/></w:tc></w:tr>'
    "<w:tr><w:tc><w:p><w:r><w:t>格</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
)


def test_tracked_changes_count_as_accepted_and_leave_no_trace() -> None:
    content = with_body(CHANGES)
    (notice,) = inspect_template(content)
    assert notice.level == "notice" and "修订" in notice.message and notice.where == "第1段“甲…”"
    word = fill(content, {"x": "乙"}, TAGS)
    assert texts_of(word) == ["甲乙", "移来", "并入下段", "格", "甲"]
    assert "张三".encode() not in WordFile.from_bytes(word).parts[DOCUMENT]


def test_a_tag_in_a_deletion_is_placed() -> None:
    content = with_body(
        '<w:p><w:r><w:t>甲方</w:t></w:r><w:del w:id="1" w:author="a"><w:r><w:delText>{{ old_name }}</w:delText></w:r></w:del></w:p>'
    )
    (fault,) = [f for f in inspect_template(content) if f.level == "error"]
    assert fault.where == "第1段“甲方”" and "“{{ old_name }}”在删除的修订里" in fault.message


def test_parts_that_nothing_refers_to_stay_behind() -> None:
    content = changed(template("{{ x }}"), {"word/embeddings/x.exe": b"MZ", "customXml/item1.xml": b"<a/>"})
    parts = WordFile.from_bytes(fill(content, {"x": "甲"}, TAGS)).parts
    assert not {"word/embeddings/x.exe", "customXml/item1.xml"} & parts.keys()


@pytest.mark.parametrize(
    ("part", "label"), [("word/charts/chart1.xml", "图表"), ("word/diagrams/data1.xml", "SmartArt 图形")]
)
def test_tags_in_charts_and_diagrams_are_faults(part: str, label: str) -> None:
    content = changed(template("甲"), {part: b"<c><t>{{ rec</t><t>eiver }}</t></c>"})
    (fault,) = inspect_template(content)
    assert fault.message == f"{label}里的标签“{{{{ receiver }}}}”不会被填写。请删除，或者改用表格和文字。"


def test_a_namespace_written_with_a_reference_hides_nothing() -> None:
    content = with_body(simple_field("INCLUDETEXT a"))
    namespace = "http://purl.oclc.org/ooxml/word&#112;rocessingml/main"
    plain = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    disguised = replaced(content, DOCUMENT, plain, namespace)
    assert "命名空间" in inspect_template(disguised)[0].message
    assert "命名空间" in refusal(lambda: fill(disguised, {}, TAGS))
