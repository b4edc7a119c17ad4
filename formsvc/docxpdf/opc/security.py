"""Refusal of files with programs or outside references.

Nothing of the kind is ever followed here. The file is refused all the same, so that a person looks at it and it
does not travel on inside an archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from formsvc.docxpdf.opc.relationships import Relationship
from formsvc.docxpdf.opc.xml import Element, W, attribute
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import Message, msg

# word itself allows 63
MAX_COLUMNS = 200
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
_ACTIVE_KINDS = {
    "vbaProject": msg("宏"),
    "wordVbaData": msg("宏"),
    "keyMapCustomizations": msg("宏"),
    "oleObject": msg("嵌入的 OLE 对象"),
    "control": msg("ActiveX 控件"),
    "activeXControlBinary": msg("ActiveX 控件"),
    "aFChunk": msg("嵌入的其他格式内容（altChunk）"),
    "subDocument": msg("子文档"),
}
_ACTIVE_FIELDS = re.compile(
    r"\s*(DDEAUTO|DDE|INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DATABASE|RD)\b", re.I
)
# a hyperlink is printed, never opened
_HARMLESS_OUTSIDE = frozenset({"hyperlink"})
_TEXT_PARTS = re.compile(r"word/(document|header|footer|footnotes|endnotes|comments)\d*\.xml$", re.I)


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


def refuse_relationship(relationship: Relationship) -> None:
    """Raise RenderingFailed for active contents and outside references."""
    kind, target = relationship.kind, relationship.target
    if relationship.external and kind == "attachedTemplate" and not _is_remote(target):
        return  # the template a file was once made from, on its author's disk; never opened here
    if relationship.external and kind not in _HARMLESS_OUTSIDE:
        raise RenderingFailed(
            msg("Word 文档引用了文档以外的内容“{target}”，已拒绝。", target=target[:80].replace("\0", "")),
            msg("请把图片等内容直接插入文档（不用“链接到文件”）后重试。"),
        )
    if kind in _ACTIVE_KINDS:
        _refuse_active(_ACTIVE_KINDS[kind])


def refuse_types(types: Iterable[str]) -> None:
    for kind in types:
        if "macroEnabled" in kind or "vbaProject" in kind:
            _refuse_active(_ACTIVE_KINDS["vbaProject"])


def has_text(part: str) -> bool:
    return bool(_TEXT_PARTS.search(part))


def refuse_content(root: Element) -> None:
    """Raise RenderingFailed for fetching fields and foreign contents."""
    for code in _field_codes(root):
        found = _ACTIVE_FIELDS.match(code)
        if found:
            raise RenderingFailed(
                msg("Word 文档含有会读取外部内容的域“{code}”，已拒绝。", code=found[1].upper()),
                msg("请在 Word 中选中它按 Ctrl+Shift+F9 变成普通内容，再保存重试。"),
            )
    for grid in root.iter(f"{W}tblGrid", f"{W}tr"):
        if len(grid) > MAX_COLUMNS:
            raise RenderingFailed(
                msg(
                    "Word 文档里有一张 {count} 列的表格，超过 {most} 列的限度。",
                    count=len(grid),
                    most=MAX_COLUMNS,
                ),
                msg("请拆分表格后重试。"),
            )
    if next(root.iter(f"{W}altChunk"), None) is not None:
        _refuse_active(_ACTIVE_KINDS["aFChunk"])


def _field_codes(root: Element) -> Iterator[str]:
    """Yield the instructions of fields, joined from their runs.

    Nested fields are yielded on their own.
    """
    open_codes: list[str] = []
    for element in root.iter(f"{W}fldSimple", f"{W}fldChar", f"{W}instrText"):
        if element.tag == f"{W}fldSimple":
            yield attribute(element, "instr")
        elif element.tag == f"{W}instrText":
            if open_codes:
                open_codes[-1] += element.text or ""
            else:
                yield element.text or ""
        elif attribute(element, "fldCharType") == "begin":
            open_codes.append("")
        elif open_codes:
            yield open_codes[-1]
            if attribute(element, "fldCharType") == "end":
                open_codes.pop()
    yield from open_codes


def _is_remote(target: str) -> bool:
    lowered = target.lower().replace("\\", "/")
    if lowered.startswith("file:"):
        path = lowered.removeprefix("file:")
        return path.startswith("//") and not path.startswith("///")
    return lowered.startswith("//") or "://" in lowered


def _refuse_active(what: str) -> None:
    raise RenderingFailed(
        msg("Word 文档带有{what}，已拒绝。", what=what),
        msg("请在 Word 中去掉后，另存为不带宏的 .docx 重试。"),
    )
