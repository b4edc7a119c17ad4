"""Dangers and slips of an uploaded Word template, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from formsvc.documents.templates.carried_parts import without_carried_parts
from formsvc.documents.templates.docx_file import (
    CONTENT_TYPES,
    XML_ENDINGS,
    BrokenPart,
    NotAWordFile,
    WordFile,
    parse_part,
)
from formsvc.documents.templates.paper_notices import paper_notices
from formsvc.documents.templates.review_marks import changes_in, comments_in, deleted_texts
from formsvc.documents.templates.tag_lexis import lexical_faults
from formsvc.documents.templates.tags import paragraph_text, paragraphs_in_part, read_paragraphs, scan_tags
from formsvc.docxpdf.opc.package import Package
from formsvc.docxpdf.opc.pictures import image_type
from formsvc.docxpdf.opc.relationships import Relationship
from formsvc.docxpdf.opc.security import Danger, content_dangers, relationship_dangers, type_dangers
from formsvc.docxpdf.opc.xml import Element, R, W
from formsvc.errors import Fault, RenderingFailed
from formsvc.i18n.messages import join_messages, msg

_UNFILLED_FOLDERS = {
    "charts": msg("图表"),
    "diagrams": msg("SmartArt 图形"),
    "embeddings": msg("嵌入的文件"),
}
# other properties and data, which no page shows
_NEVER_SHOWN = ("docprops/", "customxml/", "_rels/")


def inspect_template(content: bytes, name: str = msg("Word 模板")) -> list[Fault]:
    """Return all that is dangerous or will not work, at once."""
    word, faults = open_template(content, name)
    if word is not None:
        for paragraph in read_paragraphs(word):
            faults += [
                Fault(name, str(paragraph.place), found.sentence, found.level)
                for found in lexical_faults(paragraph)
            ]
    return list(dict.fromkeys(faults))


def open_template(content: bytes, name: str) -> tuple[WordFile | None, list[Fault]]:
    """Return the template as it will be filled, and the faults of the file.

    None for a broken file: its tags are not worth reading.
    """
    try:
        word = WordFile.from_bytes(content)
    except (NotAWordFile, BrokenPart) as error:
        return None, [Fault(name, msg("文件"), _why_not_opened(error))]
    faults = list(package_faults(word, name))
    if any(fault.level == "error" and fault.where == "文件" for fault in faults):
        return None, faults
    faults += _refused_as_pdf(content, name, faults)
    faults += [*_review_faults(word, name), *_unfilled_tags(word, name), *paper_notices(word, name)]
    return without_carried_parts(word), faults


def package_faults(word: WordFile, name: str = msg("Word 模板")) -> Iterator[Fault]:
    """Yield broken parts, active contents and outside references."""
    broken = list(_broken_parts(word, name))
    yield from broken
    if broken:
        return
    for danger in dict.fromkeys(type_dangers(sorted(set(_declared_types(word))))):
        yield _danger_fault(danger, name, msg("文件"))
    for relationship in word.relationships():
        for danger in relationship_dangers(relationship):
            yield _danger_fault(danger, name, _place_of_relationship(word, relationship))
    labels = dict(word.text_parts() + word.unfilled_parts())
    for part, content in word.parts.items():
        if part.lower().endswith(XML_ENDINGS) and not part.lower().endswith(".rels"):
            root = parse_part(content)
            for danger in content_dangers(root):
                yield _danger_fault(
                    danger, name, _where(danger.element, root, part, labels.get(part, msg("文件")))
                )
        elif part.lower().startswith("word/media/"):
            yield from _picture_faults(content, part, name)


def _danger_fault(danger: Danger, name: str, where: str) -> Fault:
    return Fault(name, where, join_messages(danger.message, danger.remedy))


def _refused_as_pdf(content: bytes, name: str, faults: Iterable[Fault]) -> list[Fault]:
    """Return why the PDF step would refuse the file, if that is not known.

    All that step refuses is refused before a template is published.
    """
    if any(fault.level == "error" for fault in faults):
        return []
    try:
        Package(content)
    except RenderingFailed as refused:
        return [Fault(name, msg("文件"), str(refused))]
    return []


def _why_not_opened(error: Exception) -> str:
    if isinstance(error, NotAWordFile):
        return str(error)
    return msg("文件的目录部件已损坏或者含有 DOCTYPE，不能打开。请在 Word 中另存后重新上传。")


def _broken_parts(word: WordFile, name: str) -> Iterator[Fault]:
    for part, content in word.parts.items():
        if not part.lower().endswith(XML_ENDINGS):
            continue
        try:
            parse_part(content)
        except BrokenPart as error:
            yield Fault(
                name,
                msg("文件"),
                msg("部件“{part}”{error}，不能使用。请在 Word 中另存后重新上传。", part=part, error=error),
            )


def _declared_types(word: WordFile) -> Iterator[str]:
    """Yield the types that are declared, of parts that exist and others."""
    for entry in parse_part(word.parts[CONTENT_TYPES]):
        yield str(entry.get("ContentType", ""))


def _place_of_relationship(word: WordFile, relationship: Relationship) -> str:
    part = relationship.source
    label = dict(word.text_parts()).get(part, part or msg("文件"))
    if part not in word.parts or not part.lower().endswith(XML_ENDINGS):
        return label
    root = parse_part(word.parts[part])
    user = next(
        (
            element
            for element in root.iter("{*}*")
            if any(
                str(key).startswith(R) and value == relationship.id for key, value in element.attrib.items()
            )
        ),
        None,
    )
    return _where(user, root, part, label)


def _picture_faults(content: bytes, part: str, name: str) -> Iterator[Fault]:
    try:
        image_type(content)
    except RenderingFailed as refused:
        yield Fault(name, part, str(refused))


def _where(element: Element | None, root: Element, part: str, label: str) -> str:
    own = next((a for a in element.iterancestors(f"{W}p")), None) if element is not None else None
    if own is None:
        return label
    text = paragraph_text(own)
    return next((str(p.place) for p in paragraphs_in_part(root, part, label) if p.text == text), label)


def _review_faults(word: WordFile, name: str) -> Iterator[Fault]:
    for part, label in word.text_parts():
        root = parse_part(word.parts[part])
        for paragraph, text in deleted_texts(root):
            for source in scan_tags(text).tags:
                sentence = msg(
                    "标签“{source}”在删除的修订里，不会被填写。请在 Word 的“审阅”里接受或者拒绝这处修订。",
                    source=source,
                )
                yield Fault(name, _where(next(iter(paragraph), None), root, part, label), sentence)
        if (changed := next(changes_in(root), None)) is not None:
            sentence = msg(
                "文档里有未接受的修订，制成的文书按接受全部修订处理。请在 Word 的“审阅”里接受或拒绝全部修订。"
            )
            yield Fault(name, _where(changed, root, part, label), sentence, "notice")
        if (comment := next(comments_in(root), None)) is not None:
            sentence = msg("文档里有批注，制成的文书不带批注。请在 Word 的“审阅”里处理后删除批注。")
            yield Fault(name, _where(comment, root, part, label), sentence, "notice")


def _unfilled_tags(word: WordFile, name: str) -> Iterator[Fault]:
    for paragraph in read_paragraphs(word, unfilled=True):
        for tag in paragraph.tags:
            sentence = msg(
                "{part}里的标签“{source}”不会被填写，请删除。", part=paragraph.place.part, source=tag.source
            )
            yield Fault(name, str(paragraph.place), sentence)
    filled = dict(word.text_parts() + word.unfilled_parts())
    for part, content in word.parts.items():
        if part in filled or not part.lower().endswith(".xml") or part.lower().startswith(_NEVER_SHOWN):
            continue
        if b"{" not in content:
            continue
        label = next((what for folder, what in _UNFILLED_FOLDERS.items() if f"/{folder}/" in part), part)
        for source in scan_tags("".join(map(str, parse_part(content).itertext()))).tags:
            sentence = msg(
                "{part}里的标签“{source}”不会被填写。请删除，或者改用表格和文字。", part=label, source=source
            )
            yield Fault(name, label, sentence)
