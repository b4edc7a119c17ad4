"""Fill a Word template: the only module that calls docxtpl, in one sandboxed, strict, escaping environment."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Template, TemplateError, TemplateSyntaxError
from lxml import etree

from formsvc.documents import mishaps
from formsvc.documents.intake import external_faults, package_faults
from formsvc.documents.properties import with_properties
from formsvc.documents.sandbox import WordSandbox, shown
from formsvc.documents.tags import TagIndex, part_paragraphs
from formsvc.documents.wordfile import BrokenPart, NotAWordFile, WordFile, parsed
from formsvc.domain.errors import RenderingFailed
from formsvc.sentences import say
from formsvc.usecases.ports import JSON, WordTags

_MARKUP = re.compile(r"<[^>]*>")
_PARAGRAPH = re.compile(r"<w:p([ >])")
_BROKEN_PARAGRAPH = re.compile(r"\n<w:p([ >])")
_TAG_BRACES = re.compile(r"\{[\{%#]|[\}%#]\}")
_COLUMN_TAGS = re.compile(r"\{%\s*(?:tc\s|hm\s*%|colspan\s)")
_AUTHORS_BRACES = {"{_{": "{{", "}_}": "}}", "{_%": "{%", "%_}": "%}"}
_LISTING_MARKS = re.compile("[\t\n]")
_DRAWING_NUMBER = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_DECLARATION = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"

SANDBOX = WordSandbox()


def fill(template: bytes, context: Mapping[str, JSON], tags: WordTags) -> bytes:
    """The Word file of a template and its values. Same input, same bytes. Raises RenderingFailed."""
    word = _checked(template, tags.title)
    parts = dict(word.parts)
    for name, label in word.text_parts():
        filled = _filled_part(word, name, label, context)
        if filled is not None:
            parts[name] = filled
    result = WordFile(with_properties(parts, tags))
    for fault in external_faults(result, tags.title):
        raise RenderingFailed(say("制成的文书{message}", message=fault.message))
    return result.packed()


def prepared(source: str) -> str:
    """The XML of a part as Jinja reads it: tags freed of Word's markup, rows and paragraphs of tags dissolved."""
    return str(DocxTemplate(io.BytesIO()).patch_xml(source))


def part_source(word: WordFile, name: str) -> str:
    """The XML of a part as text."""
    return str(etree.tostring(parsed(word.parts[name]), encoding="unicode"))


def has_tags(source: str) -> bool:
    """Whether any tag stands in the text of a part."""
    return bool(_TAG_BRACES.search(_MARKUP.sub("", source)) or _TAG_BRACES.search(source))


def _checked(template: bytes, title: str) -> WordFile:
    try:
        word = WordFile.opened(template)
    except (NotAWordFile, BrokenPart) as error:
        raise RenderingFailed(
            say("Word 模板不能打开：{error}", error=error), say("请管理员检查模板文件。")
        ) from error
    for message in _dangers(hashlib.sha256(template).hexdigest(), word):
        raise RenderingFailed(
            say("Word 模板不能使用：{message}", message=message), say("请管理员检查模板文件。")
        )
    return word


_known_dangers: dict[str, tuple[str, ...]] = {}


def _dangers(digest: str, word: WordFile) -> tuple[str, ...]:
    if digest not in _known_dangers:
        if len(_known_dangers) > 256:
            _known_dangers.clear()
        faults = package_faults(word)
        _known_dangers[digest] = tuple(fault.message for fault in faults if fault.level == "error")
    return _known_dangers[digest]


@lru_cache(maxsize=128)
def _compiled(source: str) -> Template:
    return SANDBOX.from_string(_PARAGRAPH.sub(r"\n<w:p\1", prepared(source)))


def _filled_part(word: WordFile, name: str, label: str, context: Mapping[str, JSON]) -> bytes | None:
    source = part_source(word, name)
    if not has_tags(source):
        return None
    try:
        filled = _compiled(source).render(dict(context))
    except Exception as error:  # noqa: BLE001 - whatever a template does becomes one sentence with its place
        raise _failed(error, word, (name, label), source, context) from error
    _refuse_left_over(filled, word, name, label)
    return _finished(filled, source, label)


def _failed(
    error: Exception, word: WordFile, part: tuple[str, str], source: str, context: Mapping[str, JSON]
) -> RenderingFailed:
    name, label = part
    if isinstance(error, TemplateSyntaxError):
        for paragraph in part_paragraphs(parsed(word.parts[name]), name, label):
            if any(paragraph.stray_braces()):
                words = "".join(paragraph.stray_braces())
                return RenderingFailed(
                    say(
                        "Word 模板的标签写错了（{place}）：“{words}”没有写完整。",
                        place=paragraph.place,
                        words=words,
                    ),
                    say("请管理员在 Word 中改正。"),
                )
    index = TagIndex.of(word, name)
    lines = _PARAGRAPH.sub(r"\n<w:p\1", prepared(source)).split("\n")
    lineno = error.lineno if isinstance(error, TemplateError) and hasattr(error, "lineno") else 0
    line = lineno or _template_line(error.__traceback__)
    inners = mishaps.tags_of(lines[line - 1]) if 0 < line <= len(lines) else []
    return mishaps.explained(error, index, inners, context)


def _template_line(trace: TracebackType | None) -> int:
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _refuse_left_over(filled: str, word: WordFile, name: str, label: str) -> None:
    text = _MARKUP.sub("", filled)
    found = _TAG_BRACES.search(text)
    if found:
        words = text[max(found.start() - 12, 0) : found.end() + 16].strip()
        raise RenderingFailed(
            say("Word 模板{label}里的“{words}”附近有没填上的标签。", label=label, words=words),
            say("请管理员检查花括号是否成对、是否在同一段里。"),
        )


def _finished(filled: str, source: str, label: str) -> bytes:
    text = _BROKEN_PARAGRAPH.sub(r"<w:p\1", filled)
    for written, meant in _AUTHORS_BRACES.items():
        text = text.replace(written, meant)
    if _LISTING_MARKS.search(text):
        text = DocxTemplate(io.BytesIO()).resolve_listing(text)
    text = shown(text)
    try:
        root = parsed(text)
    except BrokenPart as error:
        raise RenderingFailed(
            say("Word 模板{label}填写后结构不完整。", label=label),
            say("请管理员检查“{%p … %}”“{%tr … %}”是否成对，开头和结尾是否都单独成段、在同一张表里。"),
        ) from error
    if _COLUMN_TAGS.search(_MARKUP.sub("", source)):
        root = DocxTemplate(io.BytesIO()).fix_tables(text)
    _number_drawings(root)
    return _DECLARATION + bytes(etree.tostring(root, encoding="UTF-8"))


def _number_drawings(root: Any) -> None:
    drawings = list(root.iter(_DRAWING_NUMBER))
    numbers = [drawing.get("id") for drawing in drawings]
    if len(set(numbers)) == len(numbers):
        return
    for number, drawing in enumerate(drawings, start=1001):
        drawing.set("id", str(number))
