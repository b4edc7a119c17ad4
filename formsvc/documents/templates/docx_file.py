"""A Word file as its parts: opened within limits, packed the same way every time."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from lxml import etree

from formsvc.docxpdf.opc.zip_errors import UNREADABLE
from formsvc.i18n.messages import msg

WORD_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W = f"{{{WORD_NS}}}"
CONTENT_TYPES = "[Content_Types].xml"
RELATIONS = "_rels/.rels"
RELATIONS_NS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES_NS = "{http://schemas.openxmlformats.org/package/2006/content-types}"

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_ENTRIES = 1000
MAX_PART_BYTES = 40 * 1024 * 1024
MAX_TOTAL_BYTES = 120 * 1024 * 1024
MAX_RATIO = 250
RATIO_FREE_BYTES = 1024 * 1024

_TEXT_TYPES = {
    "document.main+xml": msg("正文"),
    "template.main+xml": msg("正文"),
    "header+xml": msg("页眉"),
    "footer+xml": msg("页脚"),
    "footnotes+xml": msg("脚注"),
    "endnotes+xml": msg("尾注"),
}
_UNFILLED_TYPES = {"comments+xml": msg("批注"), "document.glossary+xml": msg("文档部件")}
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIRST_DAY = 0x21
"""1 January 1980, where the calendar of zip files begins."""
_ZIP_VERSION = 20


class NotAWordFile(ValueError):
    """The bytes are no Word file that may be opened; the message says why and what to do, in Chinese."""


class BrokenPart(ValueError):
    """A part of a Word file is no well-formed XML, or has a DOCTYPE; the message says which, in Chinese."""


@dataclass(frozen=True)
class Relation:
    """One relationship of a package: who points where."""

    source: str
    kind: str
    target: str
    external: bool


@dataclass(frozen=True)
class WordFile:
    """The parts of an open Word file by name."""

    parts: Mapping[str, bytes]

    @classmethod
    def opened(cls, content: bytes) -> WordFile:
        """Unpack within the limits. Raises NotAWordFile."""
        _refuse_other_formats(content)
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                word = cls(dict(_read_entries(archive)))
        except UNREADABLE as error:
            if isinstance(error, NotAWordFile):
                raise
            raise NotAWordFile(
                msg("文件已损坏，不能作为 Word 文件打开。请在 Word 或 WPS 中另存为 .docx 后重新上传。")
            ) from error
        if CONTENT_TYPES not in word.parts or RELATIONS not in word.parts or not word.main:
            raise NotAWordFile(msg("这不是 Word 文档（.docx）。请用 Word 或 WPS 另存为 .docx 后重新上传。"))
        return word

    @cached_property
    def types(self) -> dict[str, str]:
        """Content type of each part."""
        root = parsed(self.parts[CONTENT_TYPES])
        by_extension = {
            e.get("Extension", "").lower(): e.get("ContentType", "") for e in root.iter(f"{TYPES_NS}Default")
        }
        found = {name: by_extension.get(name.rpartition(".")[2].lower(), "") for name in self.parts}
        for override in root.iter(f"{TYPES_NS}Override"):
            found[override.get("PartName", "").lstrip("/")] = override.get("ContentType", "")
        return found

    @cached_property
    def main(self) -> str:
        """Name of the main document part, empty when there is none."""
        return next((name for name, label in self._labelled(_TEXT_TYPES) if label == "正文"), "")

    def text_parts(self) -> list[tuple[str, str]]:
        """Parts whose text is filled, with what they are called: main part first, then by name."""
        return sorted(self._labelled(_TEXT_TYPES), key=lambda pair: (pair[1] != "正文", pair[0]))

    def unfilled_parts(self) -> list[tuple[str, str]]:
        """Parts with text that is never filled: comments, building blocks."""
        return sorted(self._labelled(_UNFILLED_TYPES))

    def _labelled(self, labels: Mapping[str, str]) -> list[tuple[str, str]]:
        return [
            (name, label)
            for name, kind in self.types.items()
            for ending, label in labels.items()
            if name in self.parts and kind.endswith("." + ending)
        ]

    def relations(self) -> Iterator[Relation]:
        """Every relationship of every part."""
        for name in sorted(self.parts):
            if not name.endswith(".rels"):
                continue
            folder, _, file = name.rpartition("_rels/")
            for element in parsed(self.parts[name]).iter(f"{RELATIONS_NS}Relationship"):
                yield Relation(
                    source=folder + file.removesuffix(".rels"),
                    kind=element.get("Type", "").rpartition("/")[2],
                    target=element.get("Target", ""),
                    external=element.get("TargetMode", "").lower() == "external",
                )

    def packed(self) -> bytes:
        """The file's bytes: parts in a fixed order, without times, so that equal parts give equal bytes."""
        return zipped({name: deflated(content) for name, content in self.parts.items()})


class Deflated(NamedTuple):
    """A part as it lies in the zip."""

    crc: int
    size: int
    content: bytes


def deflated(content: bytes) -> Deflated:
    """A part made ready for the zip."""
    press = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Deflated(zlib.crc32(content), len(content), press.compress(content) + press.flush())


def zipped(parts: Mapping[str, Deflated]) -> bytes:
    """The zip of parts that are ready, in a fixed order and without times."""
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


def parsed(xml: bytes | str) -> etree._Element:
    """The root of an XML part. Raises BrokenPart."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml.encode() if isinstance(xml, str) else xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenPart(msg("不是完整的 XML")) from error
    document = root.getroottree().docinfo
    if document.internalDTD is not None or document.doctype:
        raise BrokenPart(msg("含有 DOCTYPE 声明"))
    return root


def _packing_order(name: str) -> tuple[int, str]:
    return (0 if name == CONTENT_TYPES else 1 if name == RELATIONS else 2, name)


def _refuse_other_formats(content: bytes) -> None:
    if len(content) > MAX_FILE_BYTES:
        raise NotAWordFile(
            msg(
                "文件超过 {limit} MB。请压缩或去掉模板里的图片后重新上传。",
                limit=MAX_FILE_BYTES // 1024 // 1024,
            )
        )
    if content.startswith(_OLE_SIGNATURE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise NotAWordFile(msg("文件设了打开密码，系统不能读取。请在 Word 中取消密码后重新上传。"))
        raise NotAWordFile(
            msg("这是旧版 Word 文件（.doc），只是改了扩展名。请在 Word 或 WPS 中“另存为”.docx 后重新上传。")
        )
    if not content.startswith(b"PK"):
        raise NotAWordFile(msg("这不是 Word 文档（.docx）。请用 Word 或 WPS 另存为 .docx 后重新上传。"))


def _read_entries(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise NotAWordFile(
            msg(
                "文件里有 {count} 个部件，超过 {limit} 个的限度，不能打开。",
                count=len(entries),
                limit=MAX_ENTRIES,
            )
        )
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise NotAWordFile(msg("文件里有同名的部件，可能被改动过，不能打开。请在 Word 中另存后重新上传。"))
    total = 0
    for entry in entries:
        _refuse_entry(entry)
        total += entry.file_size
        if total > MAX_TOTAL_BYTES:
            raise NotAWordFile(
                msg(
                    "文件展开后超过 {limit} MB，不能打开。",
                    limit=MAX_TOTAL_BYTES // 1024 // 1024,
                )
            )
    for entry in entries:
        with archive.open(entry) as stream:
            content = stream.read(entry.file_size + 1)
        if len(content) != entry.file_size:
            raise NotAWordFile(msg("文件里部件的大小与登记的不符，不能打开。"))
        yield entry.filename, content


def _refuse_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise NotAWordFile(msg("压缩包设了密码，系统不能读取。请去掉密码后重新上传。"))
    if name.startswith("/") or "\\" in name or ".." in posixpath.normpath(name).split("/") or ":" in name:
        raise NotAWordFile(msg("文件里的部件名“{name}”不合规范，不能打开。", name=name[:60]))
    packed_size = max(entry.compress_size, 1)
    swollen = entry.file_size > RATIO_FREE_BYTES and entry.file_size / packed_size > MAX_RATIO
    if entry.file_size > MAX_PART_BYTES or swollen:
        raise NotAWordFile(msg("文件里的“{name}”展开后过大，疑似压缩炸弹，不能打开。", name=name[:60]))
