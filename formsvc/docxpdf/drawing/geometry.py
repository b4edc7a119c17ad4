"""Outlines of shapes: lines with their ends, polygons, free forms, drawn as vector graphics."""

from __future__ import annotations

import math
from dataclasses import dataclass

from formsvc.docxpdf.html_tree import SVG, Node, css_number, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, child, children, number

_ARROW = 3.0
_Point = tuple[float, float]


@dataclass(frozen=True)
class Outline:
    """The line of a shape."""

    color: str = "000000"
    width: float = 0.75
    dash: str = "solid"
    arrows: tuple[bool, bool] = (False, False)
    """Whether the line's start and end are arrow heads."""


def _star(points: int, inner: float) -> tuple[_Point, ...]:
    found = []
    for step in range(2 * points):
        reach = 0.5 if step % 2 == 0 else 0.5 * inner
        angle = math.pi * step / points - math.pi / 2
        found.append((0.5 + reach * math.cos(angle), 0.5 + reach * math.sin(angle)))
    return tuple(found)


POLYGONS: dict[str, tuple[_Point, ...]] = {
    "triangle": ((0.5, 0), (1, 1), (0, 1)),
    "rtTriangle": ((0, 0), (1, 1), (0, 1)),
    "diamond": ((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)),
    "flowChartDecision": ((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)),
    "parallelogram": ((0.25, 0), (1, 0), (0.75, 1), (0, 1)),
    "trapezoid": ((0.25, 0), (0.75, 0), (1, 1), (0, 1)),
    "hexagon": ((0.25, 0), (0.75, 0), (1, 0.5), (0.75, 1), (0.25, 1), (0, 0.5)),
    "homePlate": ((0, 0), (0.75, 0), (1, 0.5), (0.75, 1), (0, 1)),
    "chevron": ((0, 0), (0.75, 0), (1, 0.5), (0.75, 1), (0, 1), (0.25, 0.5)),
    "rightArrow": ((0, 0.25), (0.6, 0.25), (0.6, 0), (1, 0.5), (0.6, 1), (0.6, 0.75), (0, 0.75)),
    "leftArrow": ((1, 0.25), (0.4, 0.25), (0.4, 0), (0, 0.5), (0.4, 1), (0.4, 0.75), (1, 0.75)),
    "upArrow": ((0.25, 1), (0.25, 0.4), (0, 0.4), (0.5, 0), (1, 0.4), (0.75, 0.4), (0.75, 1)),
    "downArrow": ((0.25, 0), (0.25, 0.6), (0, 0.6), (0.5, 1), (1, 0.6), (0.75, 0.6), (0.75, 0)),
    "star5": _star(5, 0.382),
    "star4": _star(4, 0.375),
    "star6": _star(6, 0.577),
}


def _stroke(outline: Outline | None) -> dict[str, str]:
    if outline is None:
        return {}
    dash = {"dotted": (1, 1), "dashed": (4, 3)}.get(outline.dash)
    pattern = " ".join(css_number(n * outline.width) for n in dash) if dash else ""
    return {
        "stroke": f"#{outline.color}",
        "stroke-width": css_number(outline.width),
        "stroke-dasharray": pattern,
    }


def vector(width: float, height: float, *drawn: Node) -> Node:
    """A vector graphic of a size that may reach over its edge."""
    box = f"0 0 {css_number(max(width, 0.01))} {css_number(max(height, 0.01))}"
    style = f"display:block;overflow:visible;width:{pt(max(width, 0.01))};height:{pt(max(height, 0.01))}"
    return node(SVG + "svg", *drawn, viewBox=box, style=style)


def line(width: float, height: float, outline: Outline, *, flipped: bool = False) -> Node:
    """A line from corner to corner; ``flipped`` from the lower left to the upper right."""
    if not any(outline.arrows) and min(width, height) < 0.01:
        return _rule(width, height, outline)
    start, end = (0.0, height if flipped else 0.0), (width, 0.0 if flipped else height)
    places = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    ends = {name: css_number(value) for name, value in places.items()}
    drawn = [node(SVG + "line", **_stroke(outline), **ends)]
    for wanted, tip, tail in zip(outline.arrows, (start, end), (end, start), strict=True):
        if wanted:
            drawn.append(_arrow(tip, tail, outline))
    return vector(width, height, *drawn)


def _rule(width: float, height: float, outline: Outline) -> Node:
    """A level or upright line as a border, crisper than a graphic."""
    drawn = f"{pt(outline.width)} {outline.dash} #{outline.color}"
    if height < 0.01:
        return node("div", style=f"width:{pt(width)};margin-top:{pt(-outline.width / 2)};border-top:{drawn}")
    return node("div", style=f"height:{pt(height)};margin-left:{pt(-outline.width / 2)};border-left:{drawn}")


def _arrow(tip: _Point, tail: _Point, outline: Outline) -> Node:
    length = max(0.01, math.dist(tip, tail))
    along = ((tail[0] - tip[0]) / length, (tail[1] - tip[1]) / length)
    size = _ARROW * max(1.5, outline.width)
    foot = (tip[0] + along[0] * size, tip[1] + along[1] * size)
    half = size / 2
    corners = (
        tip,
        (foot[0] - along[1] * half, foot[1] + along[0] * half),
        (foot[0] + along[1] * half, foot[1] - along[0] * half),
    )
    return node(SVG + "polygon", points=_points(corners, 1, 1), fill=f"#{outline.color}")


def _points(corners: tuple[_Point, ...], width: float, height: float) -> str:
    return " ".join(f"{css_number(x * width)},{css_number(y * height)}" for x, y in corners)


def polygon(preset: str, width: float, height: float, outline: Outline | None, fill: str) -> Node:
    """A shape with straight sides."""
    color = f"#{fill}" if fill else "none"
    drawn = node(
        SVG + "polygon", points=_points(POLYGONS[preset], width, height), fill=color, **_stroke(outline)
    )
    return vector(width, height, drawn)


def free_form(
    geometry: Element, width: float, height: float, outline: Outline | None, fill: str
) -> Node | None:
    """A drawn outline (``a:custGeom``), None where it has no path."""
    drawn = []
    for _, path in children(child(geometry, "a:pathLst")):
        across = width / (number(path.get("w")) or width or 1.0)
        down = height / (number(path.get("h")) or height or 1.0)
        steps = " ".join(filter(None, (_step(name, part, across, down) for name, part in children(path))))
        color = f"#{fill}" if fill and path.get("fill") != "none" else "none"
        if steps:
            drawn.append(node(SVG + "path", d=steps, fill=color, **_stroke(outline)))
    return vector(width, height, *drawn) if drawn else None


def _step(name: str, part: Element, across: float, down: float) -> str:
    letter = {"moveTo": "M", "lnTo": "L", "cubicBezTo": "C", "quadBezTo": "Q", "close": "Z"}.get(name, "")
    corners = [(number(p.get("x")) * across, number(p.get("y")) * down) for _, p in children(part)]
    return letter + " ".join(f"{css_number(x)} {css_number(y)}" for x, y in corners)


def border(outline: Outline | None) -> str:
    """The outline of a box as a declaration."""
    return (
        join_css((f"border:{pt(outline.width)} {outline.dash} #{outline.color}",))
        if outline is not None
        else ""
    )
