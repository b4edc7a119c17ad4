"""Structure tree of a PDF for assistive technology (PDF/UA-1).

WeasyPrint's tags follow its boxes: a paragraph on two pages becomes two, every run a span, headers and footers are
read aloud. This tree follows the document: elements in text order, each once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from formsvc.docxpdf.html_tree import SVG
from formsvc.docxpdf.wordml.structure_roles import CONTINUES, HEADER, ROLE

_ROLES = {
    "p": "P",
    "table": "Table",
    "thead": "THead",
    "tbody": "TBody",
    "tr": "TR",
    "td": "TD",
    "a": "Link",
    "img": "Figure",
}
_GRID = frozenset({"Table", "THead", "TBody", "TR", "TD", "TH"})
_IN_LINES = frozenset({"P", "Link", "H1", "H2", "H3", "H4", "H5", "H6"})
_PT = 0.75


@dataclass
class _MarkedContent:
    """Marked content: page number, its id within the page, and the box drawn."""

    page: int
    mcid: int
    box: Any


@dataclass
class TaggingPlan:
    """Boxes of the document that are page furniture instead of content."""

    root: Element
    furniture: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, document: Any, root: Element) -> TaggingPlan:
        plan = cls(root)
        seen: set[int] = set()
        for page in document.pages:
            heads: set[int] = set()
            plan._collect(page._page_box, seen, heads, furniture=False)
            seen |= heads
        return plan

    def _collect(self, box: Any, seen: set[int], heads: set[int], *, furniture: bool) -> None:
        from weasyprint.formatting_structure import boxes

        box = getattr(box, "_box", box)
        if isinstance(box, boxes.MarginBox):
            furniture = True
        elif isinstance(box, boxes.TableRowGroupBox) and box.is_header and box.element is not None:
            furniture = furniture or id(box.element) in seen
            # the first occurrence of a repeated table head is content, later ones are furniture
            heads.add(id(box.element))
        if furniture or box.element_tag in (SVG + "svg", None):
            self.furniture.add(id(box))
        for child in getattr(box, "children", ()):
            self._collect(child, seen, heads, furniture=furniture)


_current: TaggingPlan | None = None


@contextmanager
def tagging(document: Any, root: Element) -> Iterator[None]:
    """Tag the PDF that is written within this context."""
    global _current
    _current = TaggingPlan.of(document, root)
    try:
        yield
    finally:
        _current = None


def mark_content(original: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def marked(stream: Any, box: Any, tag: str) -> Iterator[None]:
        if stream._tags is None or getattr(stream, "_is_marking", False):
            yield
        elif _current is None or id(box) in _current.furniture:
            with stream.artifact():
                yield
        else:
            stream._is_marking = True
            with original(stream, box, tag):
                yield
            stream._is_marking = False

    return marked


def mark_artifact(original: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def artifact(stream: Any) -> Iterator[None]:
        # an underline is drawn within its word, which is marked already
        if stream._tags is None or getattr(stream, "_is_marking", False):
            yield
            return
        stream._is_marking = True
        with original(stream):
            yield
        stream._is_marking = False

    return artifact


def write_structure_tree(_original: Callable[..., None]) -> Callable[..., None]:
    def add_tags(pdf: Any, document: Any, _version: Any, streams: list[Any]) -> None:
        assert _current is not None
        _StructureTree(pdf, document, streams).write(_current.root)

    return add_tags


class _StructureTree:
    def __init__(self, pdf: Any, document: Any, streams: list[Any]) -> None:
        self._pdf, self._pages = pdf, pdf.page_references
        self._heights = [page.height * _PT for page in document.pages]
        self._content: dict[int, list[_MarkedContent]] = {}
        self._parents_by_mcid: list[dict[int, Any]] = [{} for _ in streams]
        self._annotations: list[tuple[Any, Any]] = []
        self._links: dict[int, list[tuple[int, Any]]] = {}
        self._level = 0
        self._layout: set[int] = set()
        for page, stream in enumerate(streams):
            for box, mark in stream._tags.items():
                self._content.setdefault(id(box.element), []).append(_MarkedContent(page, mark["mcid"], box))
        for number, page in enumerate(document.pages):
            self._find_links(page._page_box, number)

    def write(self, root: Element) -> None:
        """Write the tree into the catalogue."""
        import pydyf

        parents = self._add_object({"Nums": pydyf.Array()})
        top = self._add_object({"Type": "/StructTreeRoot", "ParentTree": parents.reference})
        root_node = self._add_structure("Document", top)
        top["K"] = pydyf.Array([root_node.reference])
        self._layout = {id(e) for table in root.iter("table") for e in _layout_table_parts(table)}
        for element in self._tagged_children(root):
            self._add_element(element, root_node)
        for page, owners in enumerate(self._parents_by_mcid):
            parents["Nums"] += [page, pydyf.Array(owners[n].reference for n in sorted(owners))]
        for key, (owner, annotation) in enumerate(self._annotations, len(self._parents_by_mcid)):
            annotation["StructParent"] = key
            parents["Nums"] += [key, owner.reference]
        top["ParentTreeNextKey"] = len(self._parents_by_mcid) + len(self._annotations)
        self._pdf.catalog["StructTreeRoot"] = top.reference
        self._pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})

    def _add_object(self, content: dict[str, Any]) -> Any:
        import pydyf

        structure = pydyf.Dictionary(content)
        self._pdf.add_object(structure)
        return structure

    def _add_structure(self, role: str, parent: Any, page: int | None = None) -> Any:
        import pydyf

        structure = self._add_object(
            {"Type": "/StructElem", "S": f"/{role}", "P": parent.reference, "K": pydyf.Array()}
        )
        if page is not None:
            structure["Pg"] = self._pages[page]
        return structure

    def _add_element(self, element: Element, parent: Any) -> Any | None:
        """Add an element's node, or return None if it has no content."""
        role = self._role(element)
        content = list(self._own_content(element))
        children = list(self._tagged_children(element))
        if role not in _GRID and not content and not any(self._has_content(e) for e in children):
            return None
        role = self._clamp_heading(role)
        node = self._add_structure(role, parent, content[0].page if content else None)
        parent["K"].append(node.reference)
        self._add_attributes(node, role, element, content)
        self._add_children(node, role, content, children)
        return node

    def _add_children(
        self, node: Any, role: str, content: list[_MarkedContent], children: list[Element]
    ) -> None:
        """Add marked content and child nodes."""
        ordered: list[tuple[tuple[int, int], Any]] = [((leaf.page, leaf.mcid), leaf) for leaf in content]
        last: Any = None
        for element in children:
            # a paragraph that the layout split in two is one paragraph for the reader
            if element.get(CONTINUES) and last is not None:
                self._add_children(
                    last, "P", list(self._own_content(element)), list(self._tagged_children(element))
                )
                continue
            ordered.append((self._first_mark(element), element))
            # outside lines, floats are drawn late, so the document's order is the reading order
            if role not in _IN_LINES:
                ordered.pop()
                last = self._add_element(element, node)
        for _, item in sorted(ordered, key=lambda k: k[0]):
            if isinstance(item, _MarkedContent):
                self._add_content(node, item)
            else:
                self._add_element(item, node)

    def _add_content(self, owner: Any, leaf: _MarkedContent) -> None:
        import pydyf

        self._parents_by_mcid[leaf.page][leaf.mcid] = owner
        if owner.get("Pg") == self._pages[leaf.page]:
            owner["K"].append(leaf.mcid)
        else:
            mark = {"Type": "/MCR", "Pg": self._pages[leaf.page], "MCID": leaf.mcid}
            owner["K"].append(pydyf.Dictionary(mark))

    def _add_attributes(self, node: Any, role: str, element: Element, content: list[_MarkedContent]) -> None:
        import pydyf

        if role == "Figure":
            node["Alt"] = pydyf.String(element.get("alt", ""))
            box = content[0].box
            left, top = box.content_box_x() * _PT, self._heights[content[0].page] - box.content_box_y() * _PT
            corners = (left, top - box.height * _PT, left + box.width * _PT, top)
            node["A"] = pydyf.Dictionary(
                {"O": "/Layout", "Placement": "/Block", "BBox": pydyf.Array(corners)}
            )
        elif role in ("TD", "TH"):
            spans = {k: int(element.get(k.lower(), "1")) for k in ("ColSpan", "RowSpan")}
            attributes = {k: n for k, n in spans.items() if n > 1}
            if role == "TH":
                attributes["Scope"] = "/" + element.get(HEADER, "Column")  # type: ignore[assignment]
            if attributes:
                node["A"] = pydyf.Dictionary({"O": "/Table", **attributes})
        elif role == "Link":
            for page, annotation in self._links.get(id(element), ()):
                reference = {"Type": "/OBJR", "Pg": self._pages[page], "Obj": annotation.reference}
                node["K"].append(pydyf.Dictionary(reference))
                self._annotations.append((node, annotation))

    def _role(self, element: Element) -> str:
        if id(element) in self._layout:
            return ""
        if element.tag == "td" and element.get(HEADER):
            return "TH"
        return element.get(ROLE) or _ROLES.get(str(element.tag), "")

    def _clamp_heading(self, role: str) -> str:
        """Return the heading role, at most one level below the last."""
        if not (role.startswith("H") and role[1:].isdigit()):
            return role
        # PDF/UA forbids skipped heading levels (ISO 14289-1, 7.4.2)
        self._level = min(int(role[1:]), self._level + 1)
        return f"H{self._level}"

    def _tagged_children(self, element: Element) -> Iterator[Element]:
        """Yield the nearest descendants with a role, in text order."""
        for child in element:
            if self._role(child):
                yield child
            else:
                yield from self._tagged_children(child)

    def _own_content(self, element: Element) -> Iterator[_MarkedContent]:
        """Yield what the element and its untagged descendants draw."""
        yield from self._content.get(id(element), ())
        for child in element:
            if not self._role(child):
                yield from self._own_content(child)

    def _has_content(self, element: Element) -> bool:
        return element.tag == "table" or any(id(e) in self._content for e in element.iter())

    def _first_mark(self, element: Element) -> tuple[int, int]:
        """Return page and id of the first content in drawing order."""
        marks = [(leaf.page, leaf.mcid) for e in element.iter() for leaf in self._content.get(id(e), ())]
        return min(marks, default=(len(self._pages), 0))

    def _find_links(self, box: Any, page: int) -> None:
        box = getattr(box, "_box", box)
        if getattr(box, "link_annotation", None) and box.element is not None:
            self._links.setdefault(id(box.element), []).append((page, box.link_annotation))
        for child in getattr(box, "children", ()):
            self._find_links(child, page)


def _layout_table_parts(table: Element) -> list[Element]:
    """Return the parts of a one-column table, which only frames paragraphs."""
    rows = [row for part in table for row in part if row.tag == "tr"]
    if any(len(row) > 1 for row in rows):
        return []
    return [table, *table, *rows, *(cell for row in rows for cell in row)]
