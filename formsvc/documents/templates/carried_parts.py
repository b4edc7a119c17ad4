"""Parts that a template carries along and no document may have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from formsvc.documents.templates.docx_file import CONTENT_TYPES, PACKAGE_RELS, WordFile, parse_part
from formsvc.documents.templates.live_contents import without_live_contents
from formsvc.documents.templates.review_marks import without_review_marks
from formsvc.docxpdf.opc.relationships import RELATIONSHIPS_NS, rels_name
from formsvc.docxpdf.opc.security import ADD_INS

_COMMENT_KINDS = frozenset({"comments", "commentsExtended", "commentsIds", "commentsExtensible", "people"})
_DROPPED_KINDS = _COMMENT_KINDS | ADD_INS
_OVERRIDE = re.compile(rb"<(?:\w+:)?Override\b[^>]*?(?:/>|>\s*</(?:\w+:)?Override\s*>)")


def without_carried_parts(word: WordFile) -> WordFile:
    """Return the file without comments, tracked changes, stray parts, add-ins.

    And without fields that ask and links of shapes. The same object if it has none. Raise BrokenPart.
    """
    parts = {
        name: without_live_contents(without_review_marks(content)) if _may_have_marks(name) else content
        for name, content in word.parts.items()
    }
    for name in [name for name in parts if name.endswith(".rels")]:
        parts[name] = _without_relations(parts[name])
    cleaned = WordFile(parts)
    kept = reachable_parts(cleaned)
    dropped = parts.keys() - kept
    if not dropped and parts == word.parts:
        return word
    left = {name: content for name, content in parts.items() if name in kept}
    left[CONTENT_TYPES] = _without_types(left[CONTENT_TYPES], dropped)
    return WordFile(left)


def reachable_parts(word: WordFile) -> set[str]:
    """Return the names of the parts that the package refers to."""
    by_name = {name.lower(): name for name in word.parts}
    reached = {CONTENT_TYPES, PACKAGE_RELS}
    waiting = list(_targets(word, "", by_name))
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        if rels_name(name) in word.parts:
            reached.add(rels_name(name))
            waiting += _targets(word, name, by_name)
    return reached


def _targets(word: WordFile, source: str, by_name: dict[str, str]) -> Iterator[str]:
    for relationship in word.relationships_of(source):
        target = by_name.get(unquote(relationship.part_name).lower())
        if target is not None and not relationship.external:
            yield target


def _may_have_marks(name: str) -> bool:
    return name.lower().endswith((".xml", ".vml")) and name != CONTENT_TYPES


def _without_relations(rels: bytes) -> bytes:
    root = parse_part(rels)
    dropped = [
        entry
        for entry in root.iter(f"{{{RELATIONSHIPS_NS}}}Relationship")
        if entry.get("Type", "").rpartition("/")[2] in _DROPPED_KINDS
    ]
    for entry in dropped:
        root.remove(entry)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True) if dropped else rels


def _without_types(types: bytes, dropped: set[str]) -> bytes:
    """Return the content types without those of dropped parts."""
    gone = {"/" + name.lower() for name in dropped}

    def drop(entry: re.Match[bytes]) -> bytes:
        name = re.search(rb"""\bPartName\s*=\s*["']([^"']*)["']""", entry[0])
        return b"" if name and unquote(name[1].decode()).lower() in gone else entry[0]

    # edited as text: equal input gives equal bytes
    return _OVERRIDE.sub(drop, types)
