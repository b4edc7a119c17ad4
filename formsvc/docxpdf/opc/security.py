"""Programs, outside references, excesses: all a file must not have.

Nothing of the kind is ever followed here. The file is refused all the same, so that a person looks at it and it
does not travel on inside an archive. One set of rules for templates, which become other people's Word files, and for
files that are only printed: ``in_templates`` marks what does no harm on paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from formsvc.docxpdf.opc.container import container_limits
from formsvc.docxpdf.opc.field_codes import FieldCode, field_codes
from formsvc.docxpdf.opc.relationships import Relationship
from formsvc.docxpdf.opc.strict import STRICT_MAIN
from formsvc.docxpdf.opc.xml import NAMESPACES, Element, W
from formsvc.i18n.messages import Message, msg

_OTHER_FILES = (
    (b"%PDF-", msg("这是 PDF 文件，不是 Word 文档（.docx）。"), msg("请选择 Word 文件。")),
    (b"{\\rtf", msg("这是 RTF 文件，只是改了扩展名。"), msg("请在 Word 或 WPS 中另存为 .docx 后重试。")),
    (b"MZ", msg("这是可执行程序，不是 Word 文档（.docx）。"), msg("请不要打开，并向管理员报告它的来源。")),
    (b"<!DOCTYPE", msg("这是网页文件，不是 Word 文档（.docx）。"), msg("请在 Word 或 WPS 中另存为 .docx 后重试。")),
    (b"<html", msg("这是网页文件，不是 Word 文档（.docx）。"), msg("请在 Word 或 WPS 中另存为 .docx 后重试。")),
    (b"<?xml", msg("这是 XML 文件，不是 Word 文档（.docx）。"), msg("请在 Word 或 WPS 中另存为 .docx 后重试。")),
    (b"Rar!", msg("这是 RAR 压缩包，不是 Word 文档（.docx）。"), msg("请解压后选择里面的 Word 文件。")),
    (b"7z\xbc\xaf", msg("这是 7z 压缩包，不是 Word 文档（.docx）。"), msg("请解压后选择里面的 Word 文件。")),
)  # fmt: skip
_OTHER_PACKAGES = (
    ("xl/", msg("Excel 工作簿")), ("ppt/", msg("PowerPoint 演示文稿")), ("content.xml", msg("OpenDocument 文档")),
    ("META-INF/container.xml", msg("电子书")), ("OFD.xml", msg("OFD 版式文件")),
)  # fmt: skip
_MACRO, _OLE, _CONTROL = msg("宏"), msg("嵌入的 OLE 对象"), msg("ActiveX 控件")
_CHUNK, _SUBDOCUMENT = msg("嵌入的其他格式内容（altChunk）"), msg("子文档")
_ACTIVE_KINDS = {
    "vbaProject": _MACRO,
    "wordVbaData": _MACRO,
    "keyMapCustomizations": _MACRO,
    "oleObject": _OLE,
    "control": _CONTROL,
    "activeXControlBinary": _CONTROL,
    "aFChunk": _CHUNK,
    "subDocument": _SUBDOCUMENT,
}
_ACTIVE_KINDS_IN_TEMPLATES = {
    "attachedTemplate": msg("模板文件（attachedTemplate）"),
    "package": msg("嵌入的其他文件"),
    "frame": msg("框架网页"),
    "mailMergeSource": msg("邮件合并的数据源"),
    "mailMergeHeaderSource": msg("邮件合并的数据源"),
    "recipientData": msg("邮件合并的数据源"),
    "attachedToolbars": msg("工具栏自定义"),
    "extensibility": msg("工具栏自定义"),
    "customUI": msg("工具栏自定义"),
    "webextension": msg("Office 加载项"),
    "webextensiontaskpanes": msg("Office 加载项"),
}
# of these the package alone speaks: without them it is the same document
ADD_INS = frozenset({"extensibility", "customUI", "webextension", "webextensiontaskpanes"})
_ACTIVE_TYPES = {"macroEnabled": _MACRO, "vbaProject": _MACRO, "vbaData": _MACRO}
_ACTIVE_TYPES_IN_TEMPLATES = {"activeX": _CONTROL, "oleObject": _OLE, "attachedToolbars": msg("工具栏自定义")}
_OFFICE = "{urn:schemas-microsoft-com:office:office}"
_VML = "{" + NAMESPACES["v"] + "}"
WEB_VIDEO = "{http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing}webVideoPr"
_ACTIVE_ELEMENTS = {f"{W}altChunk": _CHUNK}
_ACTIVE_ELEMENTS_IN_TEMPLATES = {
    f"{W}control": _CONTROL,
    f"{W}subDoc": _SUBDOCUMENT,
    f"{_OFFICE}OLEObject": _OLE,
    WEB_VIDEO: msg("网络视频"),
}
# fields that read files, databases or other programs
_FETCHING_FIELDS = frozenset(
    ["DDEAUTO", "DDE", "INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "IMPORT", "LINK", "DATABASE", "RD"]
)
# fields that a template may have; others ask the reader, run something, or belong to a mail merge
_QUIET_FIELDS = frozenset(
    [
        *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "NOTEREF", "STYLEREF", "SEQ"),
        *("TOC", "TC", "TOA", "TA", "INDEX", "XE", "HYPERLINK", "=", "IF", "COMPARE", "QUOTE", "SET", "EQ"),
        *("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME", "REVNUM", "FILENAME"),
        *("FILESIZE", "NUMWORDS", "NUMCHARS", "AUTHOR", "LASTSAVEDBY", "TITLE", "SUBJECT", "KEYWORDS"),
        *("COMMENTS", "INFO", "DOCPROPERTY", "DOCVARIABLE", "TEMPLATE", "USERNAME", "USERINITIALS"),
        *("USERADDRESS", "SYMBOL", "ADVANCE", "LISTNUM", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT"),
        *("FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "BIDIOUTLINE", "CITATION", "BIBLIOGRAPHY"),
        *("AUTOTEXT", "AUTOTEXTLIST", "GLOSSARY", "BARCODE", "DISPLAYBARCODE", "SHAPE"),
    ]
)
_CONDITIONS = frozenset({"IF", "=", "COMPARE", "SET", "QUOTE"})
_MERGE_FIELDS = frozenset(["MERGEFIELD", "MERGEREC", "MERGESEQ", "NEXT", "NEXTIF", "SKIPIF"])
_VML_LINKS = ("src", "href", "althref", f"{_OFFICE}href", f"{_OFFICE}althref")
# "scheme:" or a network path
_OUTSIDE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]+:|\\\\|//)", re.IGNORECASE)
_WEB = re.compile(r"\s*https?://", re.IGNORECASE)
_LOCAL_TEMPLATE = "attachedTemplate"
_SPLIT_TABLE = msg("请拆分表格后重试。")
_REMOVE = msg("请在 Word 中去掉后，另存为不带宏的 .docx 重试。")
_PLAIN = msg("请在 Word 中选中它按 Ctrl+Shift+F9 变成普通内容，再保存重试。")


@dataclass(frozen=True)
class Danger:
    """Reason to refuse a file, what to do, and the element at fault if any.

    ``in_templates``: refused in a template only, because it travels on in the Word files made from it.
    """

    message: str
    remedy: str
    element: Element | None = None
    in_templates: bool = False


def other_format(content: bytes) -> tuple[str, str] | None:
    """Return what a file that is no zip is, with the remedy; None if unknown.

    Judged by its first bytes.
    """
    start = content[:1024].lstrip(b"\xef\xbb\xbf \r\n\t")
    for mark, sentence, remedy in _OTHER_FILES:
        if start[: len(mark)].lower() == mark.lower():
            return sentence, remedy
    return None


def other_package(names: Iterable[str]) -> Message | None:
    """Return what a package without a Word document is, None if unknown."""
    known = list(names)
    for mark, what in _OTHER_PACKAGES:
        if any(name.startswith(mark) for name in known):
            return what
    return None


def relationship_dangers(relationship: Relationship) -> Iterator[Danger]:
    """Yield active contents and outside references."""
    kind, target = relationship.kind, relationship.target
    shown = target[:80].replace("\0", "")
    if kind in _ACTIVE_KINDS_IN_TEMPLATES:
        sentence = msg(
            "Word 文档引用了{what}“{target}”，已拒绝。", what=_ACTIVE_KINDS_IN_TEMPLATES[kind], target=shown
        )
        yield Danger(sentence, msg("请在 Word 中去掉后重试。"), in_templates=True)
    is_outside = relationship.external or bool(_OUTSIDE.match(target))
    if is_outside and kind == "hyperlink":
        # a hyperlink is printed, never opened
        if not _is_safe_link(target):
            yield _bad_link(target, None)
    elif is_outside and not (kind == _LOCAL_TEMPLATE and not _is_remote(target)):
        # otherwise the template a file was once made from, on its author's disk; never opened here
        yield Danger(
            msg("Word 文档引用了文档以外的内容“{target}”，已拒绝。", target=shown),
            msg("请把图片等内容直接插入文档（不用“链接到文件”）后重试。"),
        )
    if kind in _ACTIVE_KINDS:
        yield _active(_ACTIVE_KINDS[kind])


def type_dangers(types: Iterable[str]) -> Iterator[Danger]:
    """Yield what the types of parts say, whether there is such a part or not."""
    for kind in types:
        for marks, in_templates in ((_ACTIVE_TYPES, False), (_ACTIVE_TYPES_IN_TEMPLATES, True)):
            for mark, what in marks.items():
                if mark.lower() in kind.lower():
                    yield _active(what, in_templates=in_templates)


def content_dangers(root: Element) -> Iterator[Danger]:
    """Yield fetching fields, foreign contents and excesses of a part."""
    if next(root.iter("{" + STRICT_MAIN + "}*"), None) is not None:
        yield Danger(msg("Word 文档的命名空间写法特殊，已拒绝。"), msg("请用 Word 或 WPS 另存后重试。"))
    for field in field_codes(root):
        yield from field_dangers(field)
    for grid in root.iter(f"{W}tblGrid", f"{W}tr"):
        if len(grid) > container_limits().columns:
            sentence = msg(
                "Word 文档里有一张 {count} 列的表格，超过 {most} 列的限度。",
                count=len(grid),
                most=container_limits().columns,
            )
            yield Danger(sentence, _SPLIT_TABLE, grid)
    for marks, in_templates in ((_ACTIVE_ELEMENTS, False), (_ACTIVE_ELEMENTS_IN_TEMPLATES, True)):
        for element in root.iter(*marks):
            yield _active(marks[str(element.tag)], element, in_templates=in_templates)
    for element in root.iter(f"{W}mailMerge"):
        yield Danger(
            msg("Word 文档是邮件合并的主文档，已拒绝。"),
            msg("请在 Word 的“邮件”里选“开始邮件合并”→“普通 Word 文档”，再保存重试。"),
            element,
            in_templates=True,
        )
    yield from _link_dangers(root)


def _link_dangers(root: Element) -> Iterator[Danger]:
    for element, name in shape_links(root):
        yield Danger(
            msg("图形里有指向文档以外的链接“{target}”，已拒绝。", target=element.get(name, "")[:80]),
            msg("请把图片直接插入文档，并取消图形上的超链接后重试。"),
            element,
            in_templates=True,
        )


def shape_links(root: Element) -> Iterator[tuple[Element, str]]:
    """Yield the shapes of VML that lead outside, and the attribute that does."""
    for element in root.iter(f"{_VML}*"):
        for name in _VML_LINKS:
            target = element.get(name, "")
            if target.strip() and not target.startswith("#"):
                yield element, name


def field_dangers(field: FieldCode) -> Iterator[Danger]:
    """Yield what is wrong with one field, the worst first."""
    name = field.name
    if name in _FETCHING_FIELDS:
        yield Danger(
            msg("Word 文档含有会读取外部内容的域“{code}”，已拒绝。", code=name), _PLAIN, field.element
        )
    elif field.named_by_field:
        sentence = msg("Word 文档含有名称由别的域拼成的域，已拒绝。")
        yield Danger(sentence, _PLAIN, field.element)
    elif name in _MERGE_FIELDS:
        sentence = msg("含有邮件合并的域“{code}”，本系统不填写它。", code=" ".join(field.code.split()))
        remedy = msg("请删去它，写成“{{ 字段名 }}”。")
        yield Danger(sentence, remedy, field.element, in_templates=True)
    elif name and name not in _QUIET_FIELDS:
        sentence = msg("含有会提问、运行程序或者系统不认识的域“{code}”，已拒绝。", code=name[:40])
        yield Danger(sentence, _PLAIN, field.element, in_templates=True)
    elif name == "HYPERLINK" and (field.nests or not _is_safe_link(field.first_word())):
        yield _bad_link(field.first_word(), field.element)
    elif field.nests and name not in _CONDITIONS:
        sentence = msg("域“{code}”的内容由别的域拼成，已拒绝。", code=name)
        yield Danger(sentence, _PLAIN, field.element, in_templates=True)


def _is_safe_link(target: str) -> bool:
    return not target or target.startswith("#") or bool(_WEB.match(target))


def _bad_link(target: str, element: Element | None) -> Danger:
    sentence = msg("超链接“{target}”不是网址，已拒绝。", target=target[:80].replace("\0", ""))
    return Danger(sentence, msg("请在 Word 中取消这个超链接后重试。"), element, in_templates=True)


def _is_remote(target: str) -> bool:
    lowered = target.lower().replace("\\", "/")
    if lowered.startswith("file:"):
        path = lowered.removeprefix("file:")
        return path.startswith("//") and not path.startswith("///")
    return lowered.startswith("//") or "://" in lowered


def _active(what: str, element: Element | None = None, *, in_templates: bool = False) -> Danger:
    return Danger(msg("Word 文档带有{what}，已拒绝。", what=what), _REMOVE, element, in_templates)
