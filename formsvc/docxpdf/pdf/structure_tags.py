"""The logical structure of a PDF for readers that speak it (PDF/UA-1): what is a heading, a paragraph, a cell, a seal.

The page engine's own tags follow its boxes: a paragraph over two pages becomes two, every run a span, headers and
footers hang beside the tree. Here the tree follows the document: elements in the order of the text, each once.
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
class _Leaf:
    """Something drawn: a piece of text or a picture, by page and place in the page's content."""

    page: int
    mcid: int
    box: Any


@dataclass
class Plan:
    """Which drawn things are content and which only furniture of the page, for the document being written."""

    root: Element
    furniture: set[int] = field(default_factory=set)
    links: dict[int, list[tuple[int, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any, root: Element) -> Plan:
        """Headers, footers and the repeated heads of long tables are furniture."""
        plan = cls(root)
        met: set[int] = set()
        for page in document.pages:
            heads: set[int] = set()
            plan._look(page._page_box, met, heads, furniture=False)
            met |= heads
        return plan

    def _look(self, box: Any, met: set[int], heads: set[int], *, furniture: bool) -> None:
        from weasyprint.formatting_structure import boxes

        box = getattr(box, "_box", box)
        if isinstance(box, boxes.MarginBox):
            furniture = True
        elif isinstance(box, boxes.TableRowGroupBox) and box.is_header and box.element is not None:
            furniture = furniture or id(box.element) in met
            heads.add(id(box.element))
        if furniture or box.element_tag in (SVG + "svg", None):
            self.furniture.add(id(box))
        for child in getattr(box, "children", ()):
            self._look(child, met, heads, furniture=furniture)


_current: Plan | None = None


@contextmanager
def tagging(document: Any, root: Element) -> Iterator[None]:
    """While a document with tags is written."""
    global _current
    _current = Plan.of(document, root)
    try:
        yield
    finally:
        _current = None


def mark_content(original: Callable[..., Any]) -> Callable[..., Any]:
    """Build a `Stream.marked` that marks content once, and furniture as an artifact."""

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
    """Build a `Stream.artifact` that does nothing within marked content."""

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
    """Build an `add_tags` that writes the document's own structure tree."""

    def add_tags(pdf: Any, document: Any, _version: Any, streams: list[Any]) -> None:
        assert _current is not None
        _Tree(pdf, document, streams).write(_current.root)

    return add_tags


class _Tree:
    """The structure tree of one document."""

    def __init__(self, pdf: Any, document: Any, streams: list[Any]) -> None:
        self._pdf, self._pages = pdf, pdf.page_references
        self._heights = [page.height * _PT for page in document.pages]
        self._leaves: dict[int, list[_Leaf]] = {}
        self._owners: list[dict[int, Any]] = [{} for _ in streams]
        self._annotations: list[tuple[Any, Any]] = []
        self._links: dict[int, list[tuple[int, Any]]] = {}
        self._level = 0
        self._layout: set[int] = set()
        for page, stream in enumerate(streams):
            for box, mark in stream._tags.items():
                self._leaves.setdefault(id(box.element), []).append(_Leaf(page, mark["mcid"], box))
        for number, page in enumerate(document.pages):
            self._find_links(page._page_box, number)

    def write(self, root: Element) -> None:
        """Everything into the catalogue."""
        import pydyf

        parents = self._new({"Nums": pydyf.Array()})
        top = self._new({"Type": "/StructTreeRoot", "ParentTree": parents.reference})
        whole = self._structure("Document", top)
        top["K"] = pydyf.Array([whole.reference])
        self._layout = {id(e) for table in root.iter("table") for e in _layout_only(table)}
        for element in self._below(root):
            self._place(element, whole)
        for page, owners in enumerate(self._owners):
            parents["Nums"] += [page, pydyf.Array(owners[n].reference for n in sorted(owners))]
        for key, (owner, annotation) in enumerate(self._annotations, len(self._owners)):
            annotation["StructParent"] = key
            parents["Nums"] += [key, owner.reference]
        top["ParentTreeNextKey"] = len(self._owners) + len(self._annotations)
        self._pdf.catalog["StructTreeRoot"] = top.reference
        self._pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})

    def _new(self, content: dict[str, Any]) -> Any:
        import pydyf

        made = pydyf.Dictionary(content)
        self._pdf.add_object(made)
        return made

    def _structure(self, role: str, parent: Any, page: int | None = None) -> Any:
        import pydyf

        made = self._new({"Type": "/StructElem", "S": f"/{role}", "P": parent.reference, "K": pydyf.Array()})
        if page is not None:
            made["Pg"] = self._pages[page]
        return made

    def _place(self, element: Element, parent: Any) -> Any | None:
        """The element's node under a parent, None where it holds nothing."""
        role = self._role(element)
        leaves = list(self._own_leaves(element))
        below = list(self._below(element))
        if role not in _GRID and not leaves and not any(self._holds(e) for e in below):
            return None
        role = self._nested(role)
        made = self._structure(role, parent, leaves[0].page if leaves else None)
        parent["K"].append(made.reference)
        self._describe(made, role, element, leaves)
        self._fill(made, role, leaves, below)
        return made

    def _fill(self, made: Any, role: str, leaves: list[_Leaf], below: list[Element]) -> None:
        """Marks and nodes within: along the line in a paragraph, else as the document has them."""
        kids: list[tuple[tuple[int, int], Any]] = [((leaf.page, leaf.mcid), leaf) for leaf in leaves]
        last: Any = None
        for element in below:
            if element.get(CONTINUES) and last is not None:
                self._fill(last, "P", list(self._own_leaves(element)), list(self._below(element)))
                continue
            kids.append((self._start(element), element))
            if role not in _IN_LINES:
                kids.pop()
                last = self._place(element, made)
        for _, kid in sorted(kids, key=lambda k: k[0]):
            if isinstance(kid, _Leaf):
                self._mark(made, kid)
            else:
                self._place(kid, made)

    def _mark(self, owner: Any, leaf: _Leaf) -> None:
        import pydyf

        self._owners[leaf.page][leaf.mcid] = owner
        if owner.get("Pg") == self._pages[leaf.page]:
            owner["K"].append(leaf.mcid)
        else:
            mark = {"Type": "/MCR", "Pg": self._pages[leaf.page], "MCID": leaf.mcid}
            owner["K"].append(pydyf.Dictionary(mark))

    def _describe(self, made: Any, role: str, element: Element, leaves: list[_Leaf]) -> None:
        import pydyf

        if role == "Figure":
            made["Alt"] = pydyf.String(element.get("alt", ""))
            box = leaves[0].box
            left, top = box.content_box_x() * _PT, self._heights[leaves[0].page] - box.content_box_y() * _PT
            corners = (left, top - box.height * _PT, left + box.width * _PT, top)
            made["A"] = pydyf.Dictionary(
                {"O": "/Layout", "Placement": "/Block", "BBox": pydyf.Array(corners)}
            )
        elif role in ("TD", "TH"):
            spans = {k: int(element.get(k.lower(), "1")) for k in ("ColSpan", "RowSpan")}
            known = {k: n for k, n in spans.items() if n > 1}
            if role == "TH":
                known["Scope"] = "/" + element.get(HEADER, "Column")  # type: ignore[assignment]
            if known:
                made["A"] = pydyf.Dictionary({"O": "/Table", **known})
        elif role == "Link":
            for page, annotation in self._links.get(id(element), ()):
                reference = {"Type": "/OBJR", "Pg": self._pages[page], "Obj": annotation.reference}
                made["K"].append(pydyf.Dictionary(reference))
                self._annotations.append((made, annotation))

    def _role(self, element: Element) -> str:
        if id(element) in self._layout:
            return ""
        if element.tag == "td" and element.get(HEADER):
            return "TH"
        return element.get(ROLE) or _ROLES.get(str(element.tag), "")

    def _nested(self, role: str) -> str:
        """Headings go down one level at a time."""
        if not (role.startswith("H") and role[1:].isdigit()):
            return role
        self._level = min(int(role[1:]), self._level + 1)
        return f"H{self._level}"

    def _below(self, element: Element) -> Iterator[Element]:
        """The nearest elements with a role of their own, in the order of the text."""
        for child in element:
            if self._role(child):
                yield child
            else:
                yield from self._below(child)

    def _own_leaves(self, element: Element) -> Iterator[_Leaf]:
        """What is drawn by the element and by what it holds without a role."""
        yield from self._leaves.get(id(element), ())
        for child in element:
            if not self._role(child):
                yield from self._own_leaves(child)

    def _holds(self, element: Element) -> bool:
        return element.tag == "table" or any(id(e) in self._leaves for e in element.iter())

    def _start(self, element: Element) -> tuple[int, int]:
        """Where in the drawing an element begins."""
        marks = [(leaf.page, leaf.mcid) for e in element.iter() for leaf in self._leaves.get(id(e), ())]
        return min(marks, default=(len(self._pages), 0))

    def _find_links(self, box: Any, page: int) -> None:
        box = getattr(box, "_box", box)
        if getattr(box, "link_annotation", None) and box.element is not None:
            self._links.setdefault(id(box.element), []).append((page, box.link_annotation))
        for child in getattr(box, "children", ()):
            self._find_links(child, page)


def _layout_only(table: Element) -> list[Element]:
    """The parts of a table of one column, which is no table but a frame around paragraphs."""
    rows = [row for part in table for row in part if row.tag == "tr"]
    if any(len(row) > 1 for row in rows):
        return []
    return [table, *table, *rows, *(cell for row in rows for cell in row)]
