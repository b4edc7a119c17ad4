"""Word files of templates as parts, packed the same way every time."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from lxml import etree

from formsvc.docxpdf.opc.container import (
    Container,
    ContainerRefused,
    Refusal,
    container_limits,
)
from formsvc.docxpdf.opc.relationships import Relationship, read_relationships, rels_name, source_name
from formsvc.docxpdf.opc.strict import to_transitional
from formsvc.docxpdf.opc.xml import XmlError, XmlHasDoctype, parse_xml
from formsvc.i18n.messages import Message, msg

CONTENT_TYPES = "[Content_Types].xml"
PACKAGE_RELS = "_rels/.rels"
XML_ENDINGS = (".xml", ".rels", ".vml")
TYPES_NS = "{http://schemas.openxmlformats.org/package/2006/content-types}"

_TEXT_TYPES = {
    "document.main+xml": msg("正文"),
    "template.main+xml": msg("正文"),
    "header+xml": msg("页眉"),
    "footer+xml": msg("页脚"),
    "footnotes+xml": msg("脚注"),
    "endnotes+xml": msg("尾注"),
}
_UNFILLED_TYPES = {"comments+xml": msg("批注"), "document.glossary+xml": msg("文档部件")}
_NOT_WORD = msg("这不是 Word 文档（.docx）。请用 Word 或 WPS 另存为 .docx 后重新上传。")
# 1 January 1980, the first day a zip file can hold: no clock, so that equal parts give equal bytes
_FIRST_DAY = 0x21
_ZIP_VERSION = 20


class NotAWordFile(ValueError):
    """The bytes are no Word file; the message is for the author, in Chinese."""


class BrokenPart(ValueError):
    """A part is malformed or has a DOCTYPE; the message is in Chinese."""


@dataclass(frozen=True)
class WordFile:
    """Parts of an open Word file by name."""

    parts: Mapping[str, bytes]

    @classmethod
    def from_bytes(cls, content: bytes) -> WordFile:
        """Return the unpacked file. Raise NotAWordFile, BrokenPart."""
        try:
            container = Container(content)
            word = cls({name: _read_part(container, name) for name in container.sizes})
        except ContainerRefused as refused:
            raise NotAWordFile(_sentence(refused)) from refused
        if CONTENT_TYPES not in word.parts or PACKAGE_RELS not in word.parts or not word.main:
            raise NotAWordFile(_NOT_WORD)
        return word

    @cached_property
    def types(self) -> dict[str, str]:
        root = parse_part(self.parts[CONTENT_TYPES])
        by_extension = {
            e.get("Extension", "").lower(): e.get("ContentType", "") for e in root.iter(f"{TYPES_NS}Default")
        }
        types = {name: by_extension.get(name.rpartition(".")[2].lower(), "") for name in self.parts}
        for override in root.iter(f"{TYPES_NS}Override"):
            types[override.get("PartName", "").lstrip("/")] = override.get("ContentType", "")
        return types

    @cached_property
    def main(self) -> str:
        return next((name for name, label in self._parts_of_types(_TEXT_TYPES) if label == "正文"), "")

    def text_parts(self) -> list[tuple[str, str]]:
        """Return fillable parts with their labels: main part first, then by name."""
        return sorted(self._parts_of_types(_TEXT_TYPES), key=lambda pair: (pair[1] != "正文", pair[0]))

    def unfilled_parts(self) -> list[tuple[str, str]]:
        return sorted(self._parts_of_types(_UNFILLED_TYPES))

    def _parts_of_types(self, labels: Mapping[str, str]) -> list[tuple[str, str]]:
        return [
            (name, label)
            for name, kind in self.types.items()
            for ending, label in labels.items()
            if name in self.parts and kind.endswith("." + ending)
        ]

    def relationships(self) -> Iterator[Relationship]:
        for name in sorted(self.parts):
            if name.endswith(".rels"):
                yield from read_relationships(parse_part(self.parts[name]), source_name(name))

    def relationships_of(self, part: str) -> list[Relationship]:
        rels = self.parts.get(rels_name(part))
        return [] if rels is None else read_relationships(parse_part(rels), part)

    def to_bytes(self) -> bytes:
        """Return the zip; equal parts give equal bytes."""
        return write_zip({name: compress_part(content) for name, content in self.parts.items()})


def _read_part(container: Container, name: str) -> bytes:
    content = container.read(name)
    return to_transitional(content) if name.lower().endswith(XML_ENDINGS) else content


class CompressedPart(NamedTuple):
    """A part as it is stored in the zip."""

    crc: int
    size: int
    content: bytes


def compress_part(content: bytes) -> CompressedPart:
    press = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return CompressedPart(zlib.crc32(content), len(content), press.compress(content) + press.flush())


def write_zip(parts: Mapping[str, CompressedPart]) -> bytes:
    """Return the zip of compressed parts, in a fixed order and without times."""
    files, directory = bytearray(), bytearray()
    for name in sorted(parts, key=_packing_order):
        part, encoded = parts[name], name.encode()
        unicode_name = 0 if encoded.isascii() else 0x800
        common = struct.pack(
            "<HHHHHIIIHH", _ZIP_VERSION, unicode_name, zipfile.ZIP_DEFLATED, 0, _FIRST_DAY, part.crc,
            len(part.content), part.size, len(encoded), 0,
        )  # fmt: skip
        start = len(files)
        files += b"PK\3\4" + common + encoded + part.content
        directory += b"PK\1\2" + struct.pack("<H", _ZIP_VERSION) + common
        directory += struct.pack("<HHHII", 0, 0, 0, 0, start) + encoded
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(directory), len(files), 0)
    return bytes(files + directory + b"PK\5\6" + end)


def parse_part(xml: bytes | str) -> etree._Element:
    try:
        return parse_xml(xml.encode() if isinstance(xml, str) else xml)
    except XmlHasDoctype as error:
        raise BrokenPart(msg("含有 DOCTYPE 声明")) from error
    except XmlError as error:
        raise BrokenPart(msg("不是完整的 XML")) from error


def _packing_order(name: str) -> tuple[int, str]:
    return (0 if name == CONTENT_TYPES else 1 if name == PACKAGE_RELS else 2, name)


_DAMAGED = msg("文件已损坏，不能作为 Word 文件打开。请在 Word 或 WPS 中另存为 .docx 后重新上传。")
_SENTENCES = {
    Refusal.PASSWORD: msg("文件设了打开密码，系统不能读取。请在 Word 中取消密码后重新上传。"),
    Refusal.OLD_FORMAT: msg(
        "这是旧版 Word 文件（.doc），只是改了扩展名。请在 Word 或 WPS 中“另存为”.docx 后重新上传。"
    ),
    Refusal.NOT_A_ZIP: _NOT_WORD,
    Refusal.ENCRYPTED_PART: msg("压缩包设了密码，系统不能读取。请去掉密码后重新上传。"),
    Refusal.DUPLICATE_PART: msg("文件里有同名的部件，可能被改动过，不能打开。请在 Word 中另存后重新上传。"),
}


def _sentence(refused: ContainerRefused) -> Message:
    """Return why the file is refused and what to do, for the author."""
    part, most = refused.part[:60].replace("\0", ""), container_limits()
    match refused.reason:
        case Refusal.FILE_TOO_LARGE:
            return msg("文件超过 {limit} MB。请压缩或去掉模板里的图片后重新上传。", limit=most.file >> 20)
        case Refusal.TOO_MANY_PARTS:
            return msg(
                "文件里有 {count} 个部件，超过 {limit} 个的限度，不能打开。",
                count=refused.count,
                limit=most.parts,
            )
        case Refusal.BAD_PART_NAME:
            return msg("文件里的部件名“{name}”不合规范，不能打开。", name=part)
        case Refusal.PART_TOO_LARGE | Refusal.RATIO_TOO_HIGH:
            return msg("文件里的“{name}”展开后过大，疑似压缩炸弹，不能打开。", name=part)
        case Refusal.TOTAL_TOO_LARGE:
            return msg("文件展开后超过 {limit} MB，不能打开。", limit=most.total >> 20)
    return _SENTENCES.get(refused.reason, _DAMAGED)
