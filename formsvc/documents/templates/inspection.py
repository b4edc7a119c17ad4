"""Dangers and slips of an uploaded Word template, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from formsvc.documents.templates.docx_file import BrokenPart, NotAWordFile, WordFile, parse_part
from formsvc.documents.templates.tags import (
    TemplateParagraph,
    TemplateTag,
    paragraph_text,
    paragraphs_in_part,
    read_paragraphs,
)
from formsvc.docxpdf.opc.relationships import Relationship
from formsvc.docxpdf.opc.xml import W
from formsvc.errors import Fault
from formsvc.i18n.messages import msg

_ACTIVE_KINDS = {
    "attachedTemplate": msg("模板文件（attachedTemplate）"),
    "aFChunk": msg("嵌入的外部文档（altChunk）"),
    "oleObject": msg("嵌入的 OLE 对象"),
    "package": msg("嵌入的其他文件"),
    "vbaProject": msg("宏"),
    "wordVbaData": msg("宏"),
    "control": msg("ActiveX 控件"),
    "activeXControlBinary": msg("ActiveX 控件"),
    "subDocument": msg("子文档"),
    "frame": msg("框架网页"),
    "mailMergeSource": msg("邮件合并的数据源"),
    "mailMergeHeaderSource": msg("邮件合并的数据源"),
    "keyMapCustomizations": msg("按键自定义"),
    "attachedToolbars": msg("工具栏自定义"),
}
_ACTIVE_TYPES = {
    "macroEnabled": msg("宏"),
    "vbaProject": msg("宏"),
    "activeX": msg("ActiveX 控件"),
    "oleObject": msg("OLE 对象"),
}
# fields that read files, databases or other programs (ECMA-376 part 1, 17.16.5)
_ACTIVE_FIELDS = re.compile(
    r"^\s*(DDEAUTO|DDE|INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DATABASE|MACROBUTTON|RD)\b",
    re.IGNORECASE,
)
_ACTIVE_ELEMENTS = {
    f"{W}altChunk": msg("嵌入的外部文档（altChunk）"),
    f"{W}control": msg("ActiveX 控件"),
    f"{W}subDoc": msg("子文档"),
    "{urn:schemas-microsoft-com:office:office}OLEObject": msg("嵌入的 OLE 对象"),
}
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’")
_CHINESE_MARKS = re.compile(r"[，、。：；！？（）［］＝＜＞｜　．]")
_SMART_QUOTE = re.compile(r"[“”‘’]")


def inspect_template(content: bytes, name: str = msg("Word 模板")) -> list[Fault]:
    """Return all that is dangerous or will not work, at once."""
    try:
        word = WordFile.from_bytes(content)
    except (NotAWordFile, BrokenPart) as error:
        return [Fault(name, msg("文件"), _why_not_opened(error))]
    faults = list(package_faults(word, name))
    # tags of a broken or hostile file are not worth reading
    if any(fault.level == "error" and fault.where == "文件" for fault in faults):
        return faults
    return faults + list(_tag_faults(word, name))


def package_faults(word: WordFile, name: str = msg("Word 模板")) -> Iterator[Fault]:
    """Yield broken parts, active contents and outside references."""
    broken = list(_broken_parts(word, name))
    yield from broken
    if broken:
        return
    for kind in sorted(set(word.types.values())):
        for mark, what in _ACTIVE_TYPES.items():
            if mark in kind:
                yield Fault(
                    name,
                    msg("文件"),
                    msg("文件带有{what}。请在 Word 中去掉后，另存为不带宏的 .docx。", what=what),
                )
    for relationship in word.relationships():
        yield from _relationship_faults(relationship, word, name)
    for part, label in word.text_parts() + word.unfilled_parts():
        yield from _content_faults(parse_part(word.parts[part]), part, label, name)


def _why_not_opened(error: Exception) -> str:
    if isinstance(error, NotAWordFile):
        return str(error)
    return msg("文件的目录部件已损坏或者含有 DOCTYPE，不能打开。请在 Word 中另存后重新上传。")


def _broken_parts(word: WordFile, name: str) -> Iterator[Fault]:
    for part, content in word.parts.items():
        if not part.lower().endswith((".xml", ".rels", ".vml")):
            continue
        try:
            parse_part(content)
        except BrokenPart as error:
            yield Fault(
                name,
                msg("文件"),
                msg("部件“{part}”{error}，不能使用。请在 Word 中另存后重新上传。", part=part, error=error),
            )


def _relationship_faults(relationship: Relationship, word: WordFile, name: str) -> Iterator[Fault]:
    where = dict(word.text_parts()).get(relationship.source, relationship.source or msg("文件"))
    target = relationship.target[:80]
    if relationship.kind in _ACTIVE_KINDS:
        yield Fault(
            name,
            where,
            msg(
                "文件引用了{kind}“{target}”，不能使用。请在 Word 中去掉后重新上传。",
                kind=_ACTIVE_KINDS[relationship.kind],
                target=target,
            ),
        )
    elif relationship.external and relationship.kind != "hyperlink":
        yield Fault(
            name,
            where,
            msg(
                "文件引用了外部内容“{target}”，不能使用。请把图片等内容插入文档本身（不要用“链接到文件”）。",
                target=target,
            ),
        )
    elif relationship.external and not relationship.target.lower().startswith(("http://", "https://")):
        yield Fault(
            name,
            where,
            msg("超链接“{target}”不是网址，不能使用。请在 Word 中取消这个超链接。", target=target),
        )


def _content_faults(root: etree._Element, part: str, label: str, name: str) -> Iterator[Fault]:
    for tag, what in _ACTIVE_ELEMENTS.items():
        for element in root.iter(tag):
            yield Fault(
                name,
                _where(element, root, part, label),
                msg("含有{what}，不能使用。请删除后重新上传。", what=what),
            )
    for element, instruction in _field_codes(root):
        match = _ACTIVE_FIELDS.match(instruction)
        if match:
            code = match.group(1).upper()
            yield Fault(
                name,
                _where(element, root, part, label),
                msg(
                    "含有会读取外部内容的域“{code}”，不能使用。请删除这个域，或把内容直接放进文档。",
                    code=code,
                ),
            )
    for change in (f"{W}ins", f"{W}del"):
        changed = next(root.iter(change), None)
        if changed is not None:
            message = msg(
                "文档里有未接受的修订，制成的文书会带着修订痕迹。请在 Word 的“审阅”里接受或拒绝全部修订。"
            )
            yield Fault(name, _where(changed, root, part, label), message, "notice")
            return


def _field_codes(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    for element in root.iter(f"{W}fldSimple"):
        yield element, element.get(f"{W}instr", "")
    open_codes: list[list[str]] = []
    for element in root.iter(f"{W}fldChar", f"{W}instrText"):
        if element.tag == f"{W}instrText":
            if open_codes:
                open_codes[-1].append(element.text or "")
            else:
                yield element, element.text or ""
            continue
        kind = element.get(f"{W}fldCharType")
        if kind == "begin":
            open_codes.append([])
        elif open_codes:
            code = "".join(open_codes[-1])
            open_codes[-1] = []
            if code:
                yield element, code
            if kind == "end":
                open_codes.pop()


def _where(element: etree._Element, root: etree._Element, part: str, label: str) -> str:
    own = next((a for a in element.iterancestors(f"{W}p")), None)
    if own is None:
        return label
    text = paragraph_text(own)
    return next((str(p.place) for p in paragraphs_in_part(root, part, label) if p.text == text), label)


def _tag_faults(word: WordFile, name: str) -> Iterator[Fault]:
    for paragraph in read_paragraphs(word):
        yield from _brace_faults(paragraph, name)
        for tag in paragraph.tags():
            yield from _writing_faults(tag, paragraph, name)
    for paragraph in read_paragraphs(word, unfilled=True):
        for tag in paragraph.tags():
            yield Fault(
                name,
                str(paragraph.place),
                msg(
                    "{part}里的标签“{source}”不会被填写，请删除。",
                    part=paragraph.place.part,
                    source=tag.source,
                ),
            )


def _brace_faults(paragraph: TemplateParagraph, name: str) -> Iterator[Fault]:
    place = str(paragraph.place)
    wide = paragraph.fullwidth_braces()
    if wide:
        yield Fault(
            name,
            place,
            msg(
                "“{wide}”用了全角的或者隔开的花括号，系统认不出标签。请改成英文半角的 {{{{ }}}} 或 {{% %}}。",
                wide=wide,
            ),
        )
        return
    start, end = paragraph.stray_braces()
    if start:
        closing = {"{{": "}}", "{%": "%}", "{#": "#}"}[start[:2]]
        yield Fault(
            name,
            place,
            msg("标签“{start}”没有写完，缺少“{closing}”。请在同一段里补全。", start=start, closing=closing),
        )
    if end:
        yield Fault(
            name, place, msg("“{end}”前面缺少标签的开头“{{{{”或“{{%”。请补全，或者删去多余的括号。", end=end)
        )


def _writing_faults(tag: TemplateTag, paragraph: TemplateParagraph, name: str) -> Iterator[Fault]:
    place = str(paragraph.place)
    if tag.kind == "#":
        return
    mark = _CHINESE_MARKS.search(_QUOTED.sub("", tag.raw))
    if mark:
        yield Fault(
            name,
            place,
            msg(
                "标签“{source}”里有中文标点“{mark}”，请改成英文半角标点。",
                source=tag.source,
                mark=mark.group(),
            ),
        )
    if _SMART_QUOTE.search(tag.raw):
        message = msg(
            "标签“{source}”里用了中文引号，系统按英文引号理解。请改成英文半角引号，以免误解。",
            source=tag.source,
        )
        yield Fault(name, place, message, "notice")
    if tag.kind == "{" and tag.scope:
        yield Fault(
            name,
            place,
            msg(
                "“{source}”的写法只用于插入带格式的内容，本系统只填文字。请写成“{{{{ {inner} }}}}”。",
                source=tag.source,
                inner=tag.inner,
            ),
        )
    elif tag.scope in ("p", "tr") and not tag.is_alone and not _row_is_bare(tag, paragraph):
        yield Fault(
            name,
            place,
            msg("“{source}”所在的一段还有别的文字，会被一起去掉。请让它单独成段。", source=tag.source),
        )


def _row_is_bare(tag: TemplateTag, paragraph: TemplateParagraph) -> bool:
    return tag.scope == "tr" and not paragraph.text.replace(tag.source, "").strip()
