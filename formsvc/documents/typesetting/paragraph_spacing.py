"""Line height and letter spacing of a paragraph in a Word file."""

from __future__ import annotations

from lxml import etree

from formsvc.docxpdf.opc.xml import Element, W

# elements after w:spacing in CT_RPr and before it in CT_PPr; Word refuses a file in another order
_AFTER_LETTER_SPACING = frozenset(
    W + name
    for name in (
        *("w", "kern", "position", "sz", "szCs", "highlight", "u", "effect", "bdr", "shd", "fitText"),
        *("vertAlign", "rtl", "cs", "em", "lang", "eastAsianLayout", "specVanish", "oMath"),
    )
)
_BEFORE_LINE_SPACING = frozenset(
    W + name
    for name in (
        *("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr"),
        *("suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap"),
        *("overflowPunct", "topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd"),
        "snapToGrid",
    )
)


def set_line_height(paragraph: Element, twips: int) -> None:
    """Give a paragraph lines of an exact height."""
    own = _properties(paragraph, "pPr")
    spacing = own.find(f"{W}spacing")
    if spacing is None:
        spacing = etree.Element(f"{W}spacing")
        own.insert(sum(1 for entry in own if entry.tag in _BEFORE_LINE_SPACING), spacing)
    spacing.set(f"{W}line", str(twips))
    spacing.set(f"{W}lineRule", "exact")


def condense_letters(paragraph: Element, twentieths: int) -> None:
    """Bring the letters closer that have no spacing of their own."""
    for run in paragraph.iter(f"{W}r"):
        if run.find(f"{W}rPr/{W}spacing") is None:
            add_letter_spacing(run, -twentieths)


def add_letter_spacing(run: Element, twentieths: int) -> None:
    """Add to the letter spacing of a run, in twentieths of a point."""
    own = _properties(run, "rPr")
    spacing = own.find(f"{W}spacing")
    if spacing is None:
        spacing = etree.Element(f"{W}spacing")
        place = next((i for i, e in enumerate(own) if e.tag in _AFTER_LETTER_SPACING), len(own))
        own.insert(place, spacing)
    former = spacing.get(f"{W}val", "0")
    spacing.set(f"{W}val", str((int(former) if former.lstrip("-").isdigit() else 0) + twentieths))


def _properties(element: Element, name: str) -> Element:
    own = element.find(f"{W}{name}")
    if own is None:
        own = etree.Element(f"{W}{name}")
        element.insert(0, own)
    return own
