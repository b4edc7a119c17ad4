"""The older drawing language (VML) as WPS and old Word files still write it."""

from __future__ import annotations

import re

from formsvc.documents.ooxml.desk import Desk, Frame
from formsvc.documents.ooxml.drawings import AnchoredPiece, BoxPiece
from formsvc.documents.ooxml.markup import Node, joined, node, pt
from formsvc.documents.ooxml.names import Element, R, child, children, number
from formsvc.documents.ooxml.pictures import picture_node
from formsvc.documents.ooxml.styles import hex_color
from formsvc.sentences import say

_LENGTH = re.compile(r"(-?\d*\.?\d+)(pt|mm|cm|in|px)?")
_UNITS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0, "px": 0.75, None: 1.0}
_NAMED = {"red": "FF0000", "black": "000000", "white": "FFFFFF", "blue": "0000FF"}
_SHAPES = frozenset({"shape", "rect", "roundrect", "line", "oval"})


def read_vml(desk: Desk, frame: Frame, element: Element) -> list[BoxPiece | AnchoredPiece]:
    """The pieces of a ``w:pict`` or ``w:object``."""
    pieces: list[BoxPiece | AnchoredPiece] = []
    for name, shape in children(element):
        if name not in _SHAPES:
            if name in ("group", "OLEObject"):
                desk.journal.note(say("旧格式的组合图形或嵌入对象未全部排出。"))
            continue
        style = dict(_declarations(shape.get("style", "")))
        width, height = _length(style.get("width")), _length(style.get("height"))
        drawn = _line(shape) if name == "line" else _drawn(desk, frame, shape, width, height)
        if drawn is None:
            desk.journal.note(say("旧格式的图形（VML）未排出。"))
        elif style.get("position") == "absolute":
            pieces.append(_placed(desk, frame, shape, style, drawn, (width, height)))
        else:
            box = f"display:inline-block;vertical-align:baseline;width:{pt(width)};height:{pt(height)}"
            pieces.append(BoxPiece(node("span", drawn, style=box), width, height))
    return pieces


def _declarations(style: str) -> list[tuple[str, str]]:
    pairs = (part.partition(":") for part in style.split(";"))
    return [(name.strip().lower(), value.strip()) for name, _, value in pairs if value]


def _length(text: str | None) -> float:
    match = _LENGTH.match(text or "")
    return number(match[1]) * _UNITS[match[2]] if match else 0.0


def _color(text: str | None, default: str) -> str:
    word = (text or "").split(" ")[0].lower()
    return _NAMED.get(word) or hex_color(word.lstrip("#"), default)


def _border(shape: Element) -> str:
    if shape.get("stroked") in ("f", "false"):
        return ""
    weight = _length(shape.get("strokeweight")) or 0.75
    return f"{pt(weight)} solid #{_color(shape.get('strokecolor'), '000000')}"


def _line(shape: Element) -> Node:
    ends = [[_length(v) for v in shape.get(end, "0,0").split(",")[:2]] for end in ("from", "to")]
    (x1, y1), (x2, y2) = ((e + [0.0, 0.0])[:2] for e in ends)
    side = "top" if abs(x2 - x1) >= abs(y2 - y1) else "left"
    size = f"width:{pt(abs(x2 - x1))}" if side == "top" else f"height:{pt(abs(y2 - y1))}"
    place = f"position:absolute;left:{pt(min(x1, x2))};top:{pt(min(y1, y2))}"
    return node("div", style=f"{place};{size};border-{side}:{_border(shape)}")


def _drawn(desk: Desk, frame: Frame, shape: Element, width: float, height: float) -> Node | None:
    image = child(shape, "v:imagedata")
    if image is not None:
        return picture_node(desk, image.get(R + "id", ""), width, height)
    text = child(shape, "v:textbox/w:txbxContent")
    border = _border(shape)
    if text is None and child(shape, "v:textpath") is not None:
        return None
    filled = shape.get("filled") not in ("f", "false") and shape.get("fillcolor")
    loose = "mso-wrap-style:none" in shape.get("style", "")
    style = [
        "display:inline-block;text-align:left"
        if loose
        else f"box-sizing:border-box;width:{pt(width)};height:{pt(height)}",
        f"border:{border}" if border else "",
        f"background:#{_color(shape.get('fillcolor'), 'FFFFFF')}" if filled else "",
        f"padding:{_inset(child(shape, 'v:textbox'))}",
    ]
    content = desk.blocks(text, frame.narrowed(max(1.0, width - 14.4))) if text is not None else []
    return node("div", *content, style=joined(style))


def _inset(textbox: Element | None) -> str:
    """The padding of a text box: left, top, right, bottom as VML writes them."""
    if textbox is None:
        return "0"
    given = [_length(v) if v.strip() else None for v in (textbox.get("inset") or "").split(",")]
    left, top, right, bottom = (
        default if value is None else value
        for value, default in zip([*given, None, None, None, None], (7.2, 3.6, 7.2, 3.6), strict=False)
    )
    return f"{pt(top)} {pt(right)} {pt(bottom)} {pt(left)}"


def _placed(
    desk: Desk, frame: Frame, shape: Element, style: dict[str, str], drawn: Node, size: tuple[float, float]
) -> AnchoredPiece:
    width, height = size
    page = desk.page
    across, down = (
        style.get("mso-position-horizontal-relative", ""),
        style.get("mso-position-vertical-relative", ""),
    )
    y = _length(style.get("margin-top") or style.get("top")) - (page.top if down == "page" else 0.0)
    start, span = (-page.left, page.width) if across == "page" else (0.0, frame.width)
    outer, inner = ("left", "right") if frame.running == "even" else ("right", "left")
    word = style.get("mso-position-horizontal", "")
    side = {"outside": outer, "inside": inner, "absolute": ""}.get(word, word)
    on_page = down in ("page", "margin", "top-margin-area", "bottom-margin-area")
    behind = number(style.get("z-index")) < 0
    if side and style.get("mso-wrap-style") == "none":
        return AnchoredPiece(drawn, start, y, span, height, on_page=on_page, behind=behind, align=side)
    moved = _length(style.get("margin-left") or style.get("left"))
    x = start + {"left": 0.0, "center": (span - width) / 2, "right": span - width}.get(side, moved)
    return AnchoredPiece(drawn, x, y, width, height, on_page=on_page, behind=behind)
