"""Filling of a Word template in one sandboxed, strict environment.

The only module that calls docxtpl.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from jinja2 import Template, TemplateError, TemplateSyntaxError
from lxml import etree

from formsvc.documents.filling import template_errors
from formsvc.documents.filling.budget import fresh_budget
from formsvc.documents.filling.core_properties import core_properties_xml, ensure_core_properties
from formsvc.documents.filling.finished_check import (
    Answers,
    FinishedDocument,
    left_placeholders,
    reworded_names,
)
from formsvc.documents.filling.inserts import (
    InlinePicture,
    PackageMedia,
    PartInserts,
    Subdocument,
    inserting_into,
    loosen_picture_lines,
    merge_subdocuments,
    with_pictures,
)
from formsvc.documents.filling.list_restarts import ListInstances, TemplateLists, has_restarts
from formsvc.documents.filling.sandbox import WordSandbox, restore_braces
from formsvc.documents.filling.structure import (
    has_joined_tables,
    may_need_repair,
    repair_structure,
    split_lines,
)
from formsvc.documents.templates.carried_parts import without_carried_parts
from formsvc.documents.templates.docx_file import (
    BrokenPart,
    NotAWordFile,
    WordFile,
    compress_part,
    parse_part,
    write_zip,
)
from formsvc.documents.templates.inspection import package_faults
from formsvc.documents.templates.tags import TagIndex, paragraphs_in_part
from formsvc.domain.json_types import JSON
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import DocumentMetadata

if TYPE_CHECKING:
    from docxtpl import DocxTemplate

_MARKUP = re.compile(r"<[^>]*>")
_PARAGRAPH = re.compile(r"<w:p([ >])")
_TAG_BRACES = re.compile(r"\{[\{%#]|[\}%#]\}")
_COLUMN_TAGS = re.compile(r"\{%\s*(?:tc\s|hm\s*%|colspan\s)")
# docxtpl's own way of writing braces that are no tag
_AUTHORS_BRACES = {"{_{": "{{", "}_}": "}}", "{_%": "{%", "%_}": "%}"}
_NO_ANSWERS: Answers = {}
_NO_PICTURES: Mapping[str, bytes] = {}
_DRAWING_WORD = "docPr"
_DRAWING_NUMBER = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_DECLARATION = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"

SANDBOX = WordSandbox()


@dataclass(frozen=True)
class CompiledPart:
    """A part with tags, compiled."""

    name: str
    label: str
    source: str
    compiled: Template
    spans_columns: bool
    # its author put tables side by side: they are one to a reader
    joins_tables: bool


class CompiledTemplate:
    """A template checked, compiled and compressed as far as possible."""

    def __init__(self, word: WordFile, texts: list[CompiledPart], lists: TemplateLists) -> None:
        self.word, self.texts, self.lists = word, texts, lists
        self.left = left_placeholders(word)
        self.reworded_names = reworded_names(word)
        parts, self.properties = ensure_core_properties(word.parts)
        filled = {self.properties, *(text.name for text in texts)}
        self.packed = {name: compress_part(part) for name, part in parts.items() if name not in filled}


def fill(
    template: bytes,
    context: Mapping[str, JSON | InlinePicture | Subdocument],
    tags: DocumentMetadata,
    answers: Answers = _NO_ANSWERS,
    pictures: Mapping[str, bytes] = _NO_PICTURES,
) -> bytes:
    """Return the Word file; same input, same bytes. Raise RenderingFailed.

    ``answers``: what must be printed, by label. ``pictures``: those that the context names, by hash.
    """
    context = with_pictures(context, pictures)
    whole, bodies = merge_subdocuments(template, context)
    try:
        ready = _compile_template(whole)
    except _PartFailed as failed:
        assert isinstance(failed.__cause__, Exception)
        raise _template_error(
            failed.__cause__, failed.word, failed.part, failed.source, context
        ) from failed.__cause__
    media = PackageMedia(ready.word)
    changed = {ready.properties: core_properties_xml(tags)}
    instances = ListInstances(ready.lists, ready.word)
    with fresh_budget():
        for text in ready.texts:
            with inserting_into(PartInserts(text.name, media, bodies)):
                changed[text.name] = _fill_part(ready, text, context, instances)
    changed.update(instances.changed_parts())
    if answers or ready.left:
        parts = (changed.get(name, ready.word.parts[name]).decode() for name, _ in ready.word.text_parts())
        FinishedDocument(parts, ready.reworded_names).check(answers, context, ready.left)
    changed.update(media.changed_parts())
    return write_zip({**ready.packed, **{name: compress_part(part) for name, part in changed.items()}})


class _PartFailed(Exception):
    """A part that cannot be compiled; the cause says why."""

    def __init__(self, word: WordFile, part: tuple[str, str], source: str) -> None:
        super().__init__(part)
        self.word, self.part, self.source = word, part, source


# compiling T22 takes 13 ms, filling it half a millisecond; one kind of document is asked for many times in a row
@lru_cache(maxsize=32)
def _compile_template(template: bytes) -> CompiledTemplate:
    word = _open_template(template)
    texts = []
    lists = TemplateLists(word)
    for name, label in word.text_parts():
        source = part_xml(word, name)
        if not has_tags(source):
            continue
        root = parse_part(word.parts[name])
        if lists.mark_restarts(root):
            source = str(etree.tostring(root, encoding="unicode"))
        try:
            compiled = _compile_part(source)
        except Exception as error:  # noqa: BLE001 - any error of a template becomes one sentence with its place
            raise _PartFailed(word, (name, label), source) from error
        spans = bool(_COLUMN_TAGS.search(_MARKUP.sub("", source)))
        texts.append(CompiledPart(name, label, source, compiled, spans, has_joined_tables(root)))
    return CompiledTemplate(word, texts, lists)


def _empty_template() -> DocxTemplate:
    # a quarter of the time in which a command starts that fills nothing
    from docxtpl import DocxTemplate

    return DocxTemplate(io.BytesIO())


def prepare_xml(source: str) -> str:
    """Return the XML as Jinja reads it, without markup inside tags."""
    return str(_empty_template().patch_xml(source))


def part_xml(word: WordFile, name: str) -> str:
    return str(etree.tostring(parse_part(word.parts[name]), encoding="unicode"))


def has_tags(source: str) -> bool:
    return bool(_TAG_BRACES.search(_MARKUP.sub("", source)) or _TAG_BRACES.search(source))


def _open_template(template: bytes) -> WordFile:
    try:
        # what is left of it then is judged by the same rules as in the check
        word = without_carried_parts(WordFile.from_bytes(template))
    except (NotAWordFile, BrokenPart) as error:
        raise RenderingFailed(
            msg("Word 模板不能打开：{error}", error=error), msg("请管理员检查模板文件。")
        ) from error
    for fault in package_faults(word):
        if fault.level == "error":
            raise RenderingFailed(
                msg("Word 模板不能使用：{message}", message=fault.message), msg("请管理员检查模板文件。")
            )
    return word


def _compile_part(source: str) -> Template:
    # a line a paragraph: an error's line number then leads to the paragraph in Word
    with fresh_budget():
        return SANDBOX.from_string(_PARAGRAPH.sub(r"\n<w:p\1", prepare_xml(source)))


def _fill_part(
    ready: CompiledTemplate, text: CompiledPart, context: Mapping[str, Any], instances: ListInstances
) -> bytes:
    try:
        filled = text.compiled.render(dict(context))
    except RenderingFailed:
        raise
    except Exception as error:  # noqa: BLE001 - any error of a template becomes one sentence with its place
        raise _template_error(error, ready.word, (text.name, text.label), text.source, context) from error
    _reject_unfilled_tags(filled, text.label)
    return _finish_part(filled, text, instances)


def _template_error(
    error: Exception, word: WordFile, part: tuple[str, str], source: str, context: Mapping[str, Any]
) -> RenderingFailed:
    name, label = part
    if isinstance(error, TemplateSyntaxError):
        for paragraph in paragraphs_in_part(parse_part(word.parts[name]), name, label):
            if any(paragraph.stray_braces()):
                words = "".join(paragraph.stray_braces())
                return RenderingFailed(
                    msg(
                        "Word 模板的标签写错了（{place}）：“{words}”没有写完整。",
                        place=paragraph.place,
                        words=words,
                    ),
                    msg("请管理员在 Word 中改正。"),
                )
    index = TagIndex.from_part(word, name)
    lines = _PARAGRAPH.sub(r"\n<w:p\1", prepare_xml(source)).split("\n")
    lineno = error.lineno if isinstance(error, TemplateError) and hasattr(error, "lineno") else 0
    line = lineno or _template_line(error.__traceback__)
    inners = template_errors.tags_in_line(lines[line - 1]) if 0 < line <= len(lines) else []
    return template_errors.explain(error, index, inners, context)


def _template_line(trace: TracebackType | None) -> int:
    line = 0
    while trace is not None:
        # Jinja compiles templates under this file name; the innermost frame is the tag at fault
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _reject_unfilled_tags(filled: str, label: str) -> None:
    if "{" not in filled and "}" not in filled:
        return
    text = _MARKUP.sub("", filled)
    match = _TAG_BRACES.search(text)
    if match:
        words = text[max(match.start() - 12, 0) : match.end() + 16].strip()
        raise RenderingFailed(
            msg("Word 模板{label}里的“{words}”附近有没填上的标签。", label=label, words=words),
            msg("请管理员检查花括号是否成对、是否在同一段里。"),
        )


def _finish_part(filled: str, part: CompiledPart, instances: ListInstances) -> bytes:
    # plain searches for single letters: patterns take ten times as long over the megabyte of a long table
    text = filled.replace("\n<w:p>", "<w:p>").replace("\n<w:p ", "<w:p ")
    if "{" in text or "}" in text:
        for written, meant in _AUTHORS_BRACES.items():
            text = text.replace(written, meant)
    try:
        text = restore_braces(_write_line_ends(text, instances.lists))
        if not (part.spans_columns or _DRAWING_WORD in text or has_restarts(text) or may_need_repair(text)):
            content = text.encode()
            expat.ParserCreate().Parse(content, True)
            return _DECLARATION + content
        root = parse_part(text)
    except (BrokenPart, expat.ExpatError) as error:
        raise RenderingFailed(
            msg("Word 模板{label}填写后结构不完整。", label=part.label),
            msg("请管理员检查“{%p … %}”“{%tr … %}”是否成对，开头和结尾是否都单独成段、在同一张表里。"),
        ) from error
    changed = part.spans_columns
    if part.spans_columns:
        root = _empty_template().fix_tables(text)
    if has_restarts(text):
        instances.restart_lists(root)
        changed = True
    changed = repair_structure(root, separate=not part.joins_tables) or changed
    if _DRAWING_WORD in text:
        changed = _number_drawings(root, always=part.label == "正文") or changed
        changed = loosen_picture_lines(root) or changed
    if changed:
        text = etree.tostring(root, encoding="unicode")
    return _DECLARATION + text.encode()


def _write_line_ends(text: str, lists: TemplateLists) -> str:
    """Return the part with line ends and tabs of answers as Word writes them."""
    if "\n" in text:
        root = parse_part(text)
        if split_lines(root, lists.one_paragraph_styles):
            text = etree.tostring(root, encoding="unicode")
    if "\t" in text or "\n" in text:
        text = _empty_template().resolve_listing(text)
    return text


def _number_drawings(root: Any, *, always: bool) -> bool:
    """Give each drawing a unique id, as docxtpl does. Return if any changed."""
    # a drawing in a loop is copied with its id, and Word repairs files in which two are equal
    drawings = list(root.iter(_DRAWING_NUMBER))
    numbers = [drawing.get("id") for drawing in drawings]
    if not drawings or not always and len(set(numbers)) == len(numbers):
        return False
    for number, drawing in enumerate(drawings, start=1001):
        drawing.set("id", str(number))
    return True
