"""The zip that is a Word file, opened with suspicion: bounded, without DOCTYPE, without anything from elsewhere."""

from __future__ import annotations

import io
import posixpath
import zipfile
from dataclasses import dataclass

from lxml import etree

from formsvc.docxpdf.opc.security import (
    has_text,
    other_package,
    refuse_content,
    refuse_entries,
    refuse_other_files,
    refuse_relation,
    refuse_types,
)
from formsvc.docxpdf.opc.xml import Element
from formsvc.docxpdf.opc.zip_errors import UNREADABLE
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

MAX_FILE = 64 * 2**20
MAX_ENTRIES = 2_000
MAX_PART = 32 * 2**20
MAX_TOTAL = 96 * 2**20
MAX_RATIO = 400
_RATIO_MATTERS = 2**20
_OFFICE_DOCUMENT = "/officeDocument"
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    (b"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing", b"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/picture", b"http://schemas.openxmlformats.org/drawingml/2006/picture"),
)  # fmt: skip


@dataclass(frozen=True)
class Relation:
    """Where a part points: another part by its name, or an address outside."""

    kind: str
    target: str
    outside: bool


class Package:
    """The parts of a Word file by name. Raises RenderingFailed for a file that must not be read."""

    def __init__(self, content: bytes) -> None:
        if len(content) > MAX_FILE:
            raise RenderingFailed(
                msg("Word 文件超过 {most} MB。", most=MAX_FILE >> 20), msg("请压缩图片或拆分文档后重试。")
            )
        refuse_other_files(content)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            self._names = {i.filename for i in self._zip.infolist()}
        except UNREADABLE as error:
            raise RenderingFailed(
                msg("这个文件不是完好的 Word 文档（.docx）。"), msg("请用 Word 或 WPS 另存为 .docx 后重试。")
            ) from error
        refuse_entries(self._zip.infolist())
        _check_sizes(self._zip.infolist())
        self._parts: dict[str, Element | None] = {}
        self._relations: dict[str, dict[str, Relation]] = {}
        self.document = self._document_part()
        self._check_contents()

    def part(self, name: str) -> Element | None:
        """The root element of a part, None where there is no such part."""
        if name not in self._parts:
            self._parts[name] = self._parsed(name) if name in self._names else None
        return self._parts[name]

    def name_of(self, root: Element) -> str:
        """The name of a part by its root element, empty for any other element."""
        return next((name for name, known in self._parts.items() if known is root), "")

    def relations(self, part: str) -> dict[str, Relation]:
        """What a part points to, by relationship id."""
        if part not in self._relations:
            self._relations[part] = self._read_relations(part)
        return self._relations[part]

    def related(self, part: str, kind: str) -> Element | None:
        """The root of the first part that ``part`` points to with a kind such as ``styles``."""
        for relation in self.relations(part).values():
            if relation.kind.endswith("/" + kind) and not relation.outside:
                return self.part(relation.target)
        return None

    def content(self, name: str) -> bytes | None:
        """The bytes of a part."""
        return self._read(name) if name in self._names else None

    def _document_part(self) -> str:
        for relation in self.relations("").values():
            if relation.kind.endswith(_OFFICE_DOCUMENT) and relation.target in self._names:
                return relation.target
        if "word/document.xml" in self._names:
            return "word/document.xml"
        other = other_package(self._names)
        if other is not None:
            raise RenderingFailed(
                msg("这是{what}，不是 Word 文档（.docx）。", what=other), msg("请选择 Word 文件。")
            )
        raise RenderingFailed(
            msg("这个文件里没有 Word 正文。"), msg("请用 Word 或 WPS 另存为 .docx 后重试。")
        )

    def _read(self, name: str) -> bytes:
        try:
            with self._zip.open(name) as stream:
                content = stream.read(MAX_PART + 1)
        except UNREADABLE as error:
            raise RenderingFailed(
                msg("Word 文档的部件“{name}”已损坏。", name=name), msg("请用 Word 或 WPS 另存后重试。")
            ) from error
        if len(content) > MAX_PART:
            raise RenderingFailed(
                msg("Word 文档的部件“{name}”过大。", name=name), msg("请压缩图片或拆分文档后重试。")
            )
        return content

    def _parsed(self, name: str) -> Element:
        content = self._read(name)
        for strict, transitional in _STRICT if b"purl.oclc.org/ooxml" in content else ():
            content = content.replace(strict, transitional)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True
        )
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            if "depth" in str(error):
                raise RenderingFailed(
                    msg("Word 文档的部件“{name}”嵌套过深，已拒绝。", name=name), msg("请减少嵌套层数后重试。")
                ) from error
            raise RenderingFailed(
                msg("Word 文档的部件“{name}”不是完好的 XML。", name=name),
                msg("请用 Word 或 WPS 另存后重试。"),
            ) from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise RenderingFailed(
                msg("Word 文档的部件“{name}”带有 DOCTYPE 声明，已拒绝。", name=name),
                msg("请换用由 Word 或 WPS 保存的文件。"),
            )
        return root

    def _read_relations(self, part: str) -> dict[str, Relation]:
        folder, name = posixpath.split(part)
        root = self.part(posixpath.join(folder, "_rels", name + ".rels"))
        found = {}
        for entry in root if root is not None else ():
            if isinstance(entry.tag, str):
                outside = entry.get("TargetMode", "") == "External"
                target = entry.get("Target", "")
                place = (
                    target if outside else posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                )
                found[entry.get("Id", "")] = Relation(entry.get("Type", ""), place, outside)
        return found

    def _check_contents(self) -> None:
        """Refuse what the file carries or reaches for. Raises RenderingFailed."""
        types = self.part("[Content_Types].xml")
        refuse_types(e.get("ContentType", "") for e in (types if types is not None else ()))
        for name in sorted(self._names):
            if name.endswith(".rels"):
                folder, leaf = posixpath.split(name)
                part = posixpath.join(posixpath.dirname(folder), leaf.removesuffix(".rels"))
                for relation in self.relations(part).values():
                    refuse_relation(relation.kind, relation.target, outside=relation.outside)
            elif name == self.document or has_text(name):
                root = self.part(name)
                if root is not None:
                    refuse_content(root)


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    total = sum(e.file_size for e in entries)
    swollen = any(
        e.file_size > _RATIO_MATTERS and e.file_size > MAX_RATIO * max(1, e.compress_size) for e in entries
    )
    if len(entries) > MAX_ENTRIES or total > MAX_TOTAL or swollen:
        raise RenderingFailed(msg("Word 文档展开后过大，已拒绝。"), msg("请压缩图片或拆分文档后重试。"))
