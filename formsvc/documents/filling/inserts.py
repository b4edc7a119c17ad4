"""Pictures and whole Word files as values of a template, as in docxtpl."""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from formsvc.documents.pictures.print_copies import print_copy, sample_picture
from formsvc.documents.templates.docx_file import CONTENT_TYPES, TYPES_NS, WordFile, parse_part
from formsvc.docxpdf.opc.relationships import RELATIONSHIPS_NS, rels_name
from formsvc.domain.fields.files import PICTURE_BOX, PICTURE_HASH, SAMPLE_HASH
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

_IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
_NO_RELATIONSHIPS = f'<Relationships xmlns="{RELATIONSHIPS_NS}"></Relationships>'.encode()
_MEDIA = re.compile(r"word/media/image([1-9][0-9]*)\.\w+", re.ASCII)
_NUMBERED = re.compile(r"rId([0-9]+)", re.ASCII)
# the name of a drawing by which its line is found again
PLACED_PICTURE = "placed picture"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NAMESPACES = {
    "w": _W[1:-1],
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
}
# what stands before the spacing among a paragraph's properties (17.3.1.26)
_BEFORE_SPACING = frozenset(
    _W + name
    for name in (
        "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr",
        "suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap",
        "overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd", "snapToGrid",
    )
)  # fmt: skip
# English metric units (ECMA-376 part 1, 20.1.2.1)
_EMU_PER_MM = 36000


@dataclass(frozen=True)
class InlinePicture:
    """A picture in a line of text, in its own size if no measure is given.

    One measure keeps its proportions.
    """

    content: bytes = field(repr=False)
    width_mm: float | None = None
    height_mm: float | None = None

    def __html__(self) -> str:
        part = _current_part.get()
        if part is None:
            raise RenderingFailed(msg("图片只能放进正在填写的 Word 文档。"))
        return part.drawing(self)


@dataclass(frozen=True)
class FittedPicture:
    """A photograph or signature, scaled to fit a box when it is printed."""

    sha256: str
    content: bytes = field(repr=False)
    box_mm: tuple[float, float]
    description: str

    def fitted(self, width_mm: float, height_mm: float) -> FittedPicture:
        return replace(self, box_mm=(width_mm, height_mm))

    def __html__(self) -> str:
        part = _current_part.get()
        if part is None:
            raise RenderingFailed(msg("图片只能放进正在填写的 Word 文档。"))
        copy = print_copy(self.sha256, self.content, *self.box_mm)
        return part.drawing(InlinePicture(copy.content, copy.width_mm, copy.height_mm), self.description)


def with_pictures(value: Any, pictures: Mapping[str, bytes], description: str = "") -> Any:
    """Return a value of the context with each picture that it names in place."""
    if isinstance(value, Mapping):
        if PICTURE_HASH in value:
            sha256 = str(value[PICTURE_HASH])
            content = sample_picture() if sha256 == SAMPLE_HASH else pictures[sha256]
            width, height = value[PICTURE_BOX]
            return FittedPicture(sha256, content, (width, height), description or "手写签名")
        described = str(value.get("caption") or value.get("name") or description)
        return {key: with_pictures(part, pictures, described) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [with_pictures(part, pictures, description) for part in value]
    return value


@dataclass(frozen=True)
class Subdocument:
    """The body of another Word file, between paragraphs: “{{p annex }}”."""

    content: bytes = field(repr=False)

    def __html__(self) -> str:
        part = _current_part.get()
        if part is None or self.content not in part.bodies:
            raise RenderingFailed(msg("子文档只能是一个字段的值，并用“{{p 字段 }}”单独成段。"))
        return part.bodies[self.content]


class PartInserts:
    """One part being filled, and the pictures inserted into it."""

    def __init__(self, name: str, media: PackageMedia, bodies: Mapping[bytes, str]) -> None:
        self._name, self._media, self.bodies = name, media, bodies

    def drawing(self, picture: InlinePicture, description: str = "") -> str:
        """Return the markup of a picture, for the middle of a text."""
        image = _read_image(picture.content)
        relation, number = (
            self._media.relationship_id(self._name, image),
            self._media.next_drawing_id(self._name),
        )
        measures = (
            None if mm is None else round(mm * _EMU_PER_MM) for mm in (picture.width_mm, picture.height_mm)
        )
        across, down = image.scaled_dimensions(*measures)
        return _inline_xml(number, relation, image.filename or "", across, down, description)


@lru_cache(maxsize=8)
def _read_image(content: bytes) -> Any:
    from docx.image.exceptions import UnexpectedEndOfFileError, UnrecognizedImageError
    from docx.image.image import Image

    try:
        return Image.from_blob(content)
    except (UnrecognizedImageError, UnexpectedEndOfFileError) as error:
        raise RenderingFailed(
            msg("图片不是可以放进 Word 的格式。"), msg("请换用 PNG、JPEG、GIF、BMP 或 TIFF 图片。")
        ) from error


@lru_cache(maxsize=256)
def _inline_xml(number: int, relation: str, name: str, across: int, down: int, description: str) -> str:
    from docx.oxml.shape import CT_Inline

    # the run is closed and opened again around the drawing, which stands in the middle of a text
    inline = CT_Inline.new_pic_inline(number, relation, name, across, down)  # type: ignore[arg-type]
    if description:
        inline.docPr.set("name", PLACED_PICTURE)
        inline.docPr.set("descr", description)
    return f'</w:t></w:r><w:r><w:drawing>{inline.xml}</w:drawing></w:r><w:r><w:t xml:space="preserve">'


def loosen_picture_lines(root: Any) -> bool:
    """Let lines be as high as their placed pictures; return if any changed."""
    pictures = root.xpath(
        "//wp:docPr[@name=$name]/ancestor::w:p[1]", namespaces=_NAMESPACES, name=PLACED_PICTURE
    )
    for paragraph in dict.fromkeys(pictures):
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            properties = etree.Element(f"{_W}pPr")
            paragraph.insert(0, properties)
        spacing = properties.find(f"{_W}spacing")
        if spacing is None:
            spacing = etree.Element(f"{_W}spacing")
            later = (index for index, entry in enumerate(properties) if entry.tag not in _BEFORE_SPACING)
            properties.insert(next(later, len(properties)), spacing)
        # a line of a fixed height cuts a picture off (17.3.1.33)
        spacing.set(f"{_W}line", "240")
        spacing.set(f"{_W}lineRule", "auto")
    return bool(pictures)


_current_part: ContextVar[PartInserts | None] = ContextVar("part being filled", default=None)


@contextmanager
def inserting_into(part: PartInserts) -> Iterator[None]:
    """Insert pictures printed in this context into ``part``."""
    token = _current_part.set(part)
    try:
        yield
    finally:
        _current_part.reset(token)


class PackageMedia:
    """Pictures of a Word file, own and inserted; each content once."""

    def __init__(self, word: WordFile) -> None:
        self._word = word
        self.added: dict[str, bytes] = {}
        self._by_content: dict[str, str] | None = None
        self._relations: dict[str, dict[str, str]] = {}
        self._types: dict[str, str] = {}

    def relationship_id(self, part: str, image: Any) -> str:
        """Return the id under which a part refers to a picture."""
        name = self._part_name(image)
        ids = self._relations.setdefault(part, {})
        if name not in ids:
            existing = self._word.relationships_of(part)
            known = {entry.part_name: entry.id for entry in existing}
            used = (*(entry.id for entry in existing), *ids.values())
            next_number = 1 + max((int(m[1]) for i in used if (m := _NUMBERED.fullmatch(i))), default=0)
            ids[name] = known.get(name, f"rId{next_number}")
        return ids[name]

    def next_drawing_id(self, part: str) -> int:
        """Return an id that no element of the part has in the template."""
        return _next_drawing_id(self._word.parts[part])

    def changed_parts(self) -> dict[str, bytes]:
        changed = dict(self.added)
        for part, ids in self._relations.items():
            name, folder = rels_name(part), posixpath.dirname(part)
            existing = {entry.id for entry in self._word.relationships_of(part)}
            entries = "".join(
                f"<Relationship Id={quoteattr(key)} Type={quoteattr(_IMAGE)} Target={quoteattr(posixpath.relpath(target, folder))}/>"
                for target, key in ids.items()
                if key not in existing
            )
            changed[name] = _insert_entries(self._word.parts.get(name, _NO_RELATIONSHIPS), entries)
        if self._types:
            entries = "".join(
                f"<Default Extension={quoteattr(extension)} ContentType={quoteattr(kind)}/>"
                for extension, kind in self._types.items()
            )
            changed[CONTENT_TYPES] = _insert_entries(self._word.parts[CONTENT_TYPES], entries, first=True)
        return changed

    def _part_name(self, image: Any) -> str:
        if self._by_content is None:
            self._by_content = {
                hashlib.sha1(content, usedforsecurity=False).hexdigest(): name
                for name, content in self._word.parts.items()
                if name.startswith("word/media/")
            }
        digest = str(image.sha1)
        if digest not in self._by_content:
            taken = {int(m[1]) for name in self._by_content.values() if (m := _MEDIA.fullmatch(name))}
            number = next(n for n in range(1, len(taken) + 2) if n not in taken)
            name = self._by_content[digest] = f"word/media/image{number}.{image.ext}"
            self.added[name] = image.blob
            self._declare_type(image)
        return self._by_content[digest]

    def _declare_type(self, image: Any) -> None:
        known = parse_part(self._word.parts[CONTENT_TYPES]).iter(f"{TYPES_NS}Default")
        if image.ext.lower() not in {entry.get("Extension", "").lower() for entry in known}:
            self._types[image.ext] = image.content_type


@lru_cache(maxsize=64)
def _next_drawing_id(part: bytes) -> int:
    taken = (entry.get("id", "") for entry in parse_part(part).iter())
    return 1 + max((int(text) for text in taken if text.isascii() and text.isdigit()), default=0)


def _insert_entries(xml: bytes, entries: str, *, first: bool = False) -> bytes:
    """Return the part with elements before its end, or after its opening tag."""
    # edited as text: lxml would write namespaces and quotes, and equal input must give equal bytes
    text = xml.decode()
    root = re.search(r"<(\w+:)?(Types|Relationships)\b[^>]*?(/?)>", text)
    if root is None or root[1]:
        raise RenderingFailed(
            msg("Word 模板的目录部件写法特殊，不能加入图片。"), msg("请用 Word 另存模板后重试。")
        )
    if root[3]:
        opened = root[0][:-2] + ">"
        return (text[: root.start()] + opened + entries + f"</{root[2]}>" + text[root.end() :]).encode()
    place = root.end() if first else text.rindex("</")
    return (text[:place] + entries + text[place:]).encode()


def merge_subdocuments(template: bytes, context: Mapping[str, object]) -> tuple[bytes, dict[bytes, str]]:
    """Return the template with the parts subdocuments need, and their bodies."""
    contents = sorted({v.content for v in context.values() if isinstance(v, Subdocument)})
    return _merge(template, tuple(contents)) if contents else (template, {})


@lru_cache(maxsize=8)
def _merge(template: bytes, contents: tuple[bytes, ...]) -> tuple[bytes, dict[bytes, str]]:
    from docxtpl import DocxTemplate

    # docxcompose opens anything: a subdocument passes the same limits as a template
    for content in contents:
        WordFile.from_bytes(content)
    whole = DocxTemplate(io.BytesIO(template))
    try:
        bodies = {content: str(whole.new_subdoc(io.BytesIO(content))) for content in contents}
    except ImportError as error:
        raise RenderingFailed(
            msg("没有安装合并 Word 文档的组件，不能插入子文档。"), msg("请安装 docxcompose 后重试。")
        ) from error
    stream = io.BytesIO()
    whole.get_docx().save(stream)
    return stream.getvalue(), bodies
