"""Word file as parts and relationships; hostile ones are refused."""

from __future__ import annotations

import re
from collections.abc import Iterable

from formsvc.docxpdf.opc.container import Container, ContainerRefused, Refusal, container_limits
from formsvc.docxpdf.opc.relationships import Relationship, read_relationships, rels_name, source_name
from formsvc.docxpdf.opc.security import (
    Danger,
    content_dangers,
    other_format,
    other_package,
    relationship_dangers,
    type_dangers,
)
from formsvc.docxpdf.opc.strict import to_transitional
from formsvc.docxpdf.opc.xml import Element, XmlError, XmlHasDoctype, XmlTooDeep, parse_xml
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

_SAVE_AS_DOCX = msg("请用 Word 或 WPS 另存为 .docx 后重试。")
_SAVE_AGAIN = msg("请用 Word 或 WPS 另存后重试。")
_SPLIT = msg("请压缩图片或拆分文档后重试。")
_TEXT_PARTS = re.compile(r"word/(document|header|footer|footnotes|endnotes|comments)\d*\.xml$", re.IGNORECASE)


class Package:
    """Parts of a Word file by name.

    Raises RenderingFailed for a file that must not be read.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self._container = Container(content)
        except ContainerRefused as refused:
            raise _rendering_failed(refused, content) from refused
        self._names = self._container.sizes.keys()
        self._parts: dict[str, Element | None] = {}
        self._relationships: dict[str, dict[str, Relationship]] = {}
        self.document = self._document_part()
        self._check_contents()

    def part(self, name: str) -> Element | None:
        """Return the root element of a part, None if there is no such part."""
        if name not in self._parts:
            self._parts[name] = self._parse(name) if name in self._names else None
        return self._parts[name]

    def name_of(self, root: Element) -> str:
        """Return the name of the part with this root, empty for other elements."""
        return next((name for name, known in self._parts.items() if known is root), "")

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Return the relationships of a part by id; of the package for ""."""
        if part not in self._relationships:
            entries = self._read_relationships(rels_name(part))
            self._relationships[part] = {entry.id: entry for entry in entries}
        return self._relationships[part]

    def related(self, part: str, kind: str) -> Element | None:
        """Return the root of the first related part of a kind such as ``styles``."""
        for relationship in self.relationships(part).values():
            if relationship.kind == kind and not relationship.external:
                return self.part(relationship.part_name)
        return None

    def content(self, name: str) -> bytes | None:
        return self._read(name) if name in self._names else None

    def _document_part(self) -> str:
        for relationship in self.relationships("").values():
            if relationship.kind == "officeDocument" and relationship.part_name in self._names:
                return relationship.part_name
        # some converters write no package relationships; Word opens their files all the same
        if "word/document.xml" in self._names:
            return "word/document.xml"
        other = other_package(self._names)
        if other is not None:
            raise RenderingFailed(
                msg("这是{what}，不是 Word 文档（.docx）。", what=other), msg("请选择 Word 文件。")
            )
        raise RenderingFailed(msg("这个文件里没有 Word 正文。"), _SAVE_AS_DOCX)

    def _read_relationships(self, rels: str) -> list[Relationship]:
        root = self.part(rels)
        return [] if root is None else read_relationships(root, source_name(rels))

    def _read(self, name: str) -> bytes:
        try:
            return self._container.read(name)
        except ContainerRefused as refused:
            raise _rendering_failed(refused) from refused

    def _parse(self, name: str) -> Element:
        content = to_transitional(self._read(name))
        try:
            return parse_xml(content, keep_comments=False)
        except XmlTooDeep as error:
            raise RenderingFailed(
                msg("Word 文档的部件“{name}”嵌套过深，已拒绝。", name=name), msg("请减少嵌套层数后重试。")
            ) from error
        except XmlHasDoctype as error:
            raise RenderingFailed(
                msg("Word 文档的部件“{name}”带有 DOCTYPE 声明，已拒绝。", name=name),
                msg("请换用由 Word 或 WPS 保存的文件。"),
            ) from error
        except XmlError as error:
            raise RenderingFailed(
                msg("Word 文档的部件“{name}”不是完好的 XML。", name=name), _SAVE_AGAIN
            ) from error

    def _check_contents(self) -> None:
        types = self.part("[Content_Types].xml")
        _refuse(type_dangers(e.get("ContentType", "") for e in (types if types is not None else ())))
        for name in sorted(self._names):
            if name.endswith(".rels"):
                # not by id: a second entry of one id would hide the first
                for relationship in self._read_relationships(name):
                    _refuse(relationship_dangers(relationship))
            elif name.lower().endswith(".xml"):
                root = self._checked_part(name)
                if root is not None:
                    _refuse(content_dangers(root))

    def _checked_part(self, name: str) -> Element | None:
        if name == self.document or _TEXT_PARTS.search(name):
            return self.part(name)
        try:
            return self.part(name)
        except RenderingFailed:
            return None  # broken, and raised again if the layout needs it


def _refuse(dangers: Iterable[Danger]) -> None:
    for danger in dangers:
        if not danger.in_templates:
            raise RenderingFailed(danger.message, danger.remedy)


def _rendering_failed(refused: ContainerRefused, content: bytes = b"") -> RenderingFailed:
    part = refused.part[:80].replace("\0", "")
    match refused.reason:
        case Refusal.FILE_TOO_LARGE:
            return RenderingFailed(
                msg("Word 文件超过 {most} MB。", most=container_limits().file >> 20), _SPLIT
            )
        case Refusal.PASSWORD:
            return RenderingFailed(
                msg("这个 Word 文件设了打开密码。"), msg("请在 Word 或 WPS 中取消密码后重试。")
            )
        case Refusal.OLD_FORMAT:
            return RenderingFailed(
                msg("这是旧版 Word 文件（.doc），或者设了打开密码。"),
                msg("请在 Word 或 WPS 中取消密码、另存为 .docx 后重试。"),
            )
        case Refusal.ENCRYPTED_PART:
            return RenderingFailed(msg("这个文件的压缩包设了密码。"), msg("请去掉密码后重试。"))
        case Refusal.BAD_PART_NAME:
            sentence = msg("Word 文档里的部件名“{name}”不合规范，已拒绝。", name=part)
            return RenderingFailed(sentence, _SAVE_AS_DOCX)
        case Refusal.DUPLICATE_PART:
            sentence = msg("Word 文档里有两个同名的部件“{name}”，已拒绝。", name=part)
            return RenderingFailed(sentence, _SAVE_AS_DOCX)
        case Refusal.PART_TOO_LARGE:
            return RenderingFailed(msg("Word 文档的部件“{name}”过大。", name=part), _SPLIT)
        case Refusal.DAMAGED_PART:
            return RenderingFailed(msg("Word 文档的部件“{name}”已损坏。", name=part), _SAVE_AGAIN)
        case Refusal.TOO_MANY_PARTS | Refusal.RATIO_TOO_HIGH | Refusal.TOTAL_TOO_LARGE:
            return RenderingFailed(msg("Word 文档展开后过大，已拒绝。"), _SPLIT)
    return RenderingFailed(
        *(other_format(content) or (msg("这个文件不是完好的 Word 文档（.docx）。"), _SAVE_AS_DOCX))
    )
