"""Outlines of shapes as SVG: lines, arrow heads, polygons, free forms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from formsvc.docxpdf.html_tree import SVG, Node, css_number, join_css, node, pt
from formsvc.docxpdf.opc.xml import Element, child, children, number

_ARROW = 3.0
# half of the angle under which the tip of a round callout leaves its ellipse
_TIP_ANGLE = 11 * math.pi / 180
# presets with a tip, and where it is from the middle by default
CALLOUTS = {
    "wedgeRectCallout": (-0.20833, 0.625),
    "wedgeRoundRectCallout": (-0.20833, 0.625),
    "wedgeEllipseCallout": (-0.20833, 0.625),
    "cloudCallout": (-0.20833, 0.625),
}
# where text is set within a shape: left, top, right and bottom insets as shares of its size (presetShapeDefinitions.xml)
_OVAL = (1 - math.sqrt(0.5)) / 2
TEXT_INSETS = {
    "ellipse": (_OVAL,) * 4,
    "flowChartConnector": (_OVAL,) * 4,
    "wedgeEllipseCallout": (_OVAL,) * 4,
    "cloudCallout": (_OVAL,) * 4,
    "diamond": (0.25,) * 4,
    "flowChartDecision": (0.25,) * 4,
    "triangle": (0.25, 0.5, 0.25, 0.0),
    "rtTriangle": (1 / 12, 7 / 12, 5 / 12, 1 / 12),
    "flowChartTerminator": (0.05, 0.15, 0.05, 0.15),
    "hexagon": (0.15, 0.15, 0.15, 0.15),
    "chevron": (0.25, 0.0, 0.25, 0.0),
    "homePlate": (0.0, 0.0, 0.125, 0.0),
}
_Point = tuple[float, float]


@dataclass(frozen=True)
class Outline:
    """Stroke of a shape. `arrows`: heads at the start and the end."""

    color: str = "000000"
    width: float = 0.75
    dash: str = "solid"
    arrows: tuple[bool, bool] = (False, False)


def _star(points: int, inner: float) -> tuple[_Point, ...]:
    points_of_star = []
    for step in range(2 * points):
        reach = 0.5 if step % 2 == 0 else 0.5 * inner
        angle = math.pi * step / points - math.pi / 2
        points_of_star.append((0.5 + reach * math.cos(angle), 0.5 + reach * math.sin(angle)))
    return tuple(points_of_star)


# corners as shares of width and height
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


def svg_graphic(width: float, height: float, *parts: Node) -> Node:
    """Return an `svg` element of a size; its content may overflow."""
    box = f"0 0 {css_number(max(width, 0.01))} {css_number(max(height, 0.01))}"
    style = f"display:block;overflow:visible;width:{pt(max(width, 0.01))};height:{pt(max(height, 0.01))}"
    # a zero-sized SVG is not drawn at all, hence the hundredth of a point
    return node(SVG + "svg", *parts, viewBox=box, style=style)


def draw_line(width: float, height: float, outline: Outline, *, flipped: bool = False) -> Node:
    """Return a diagonal of a box; `flipped`: from lower left to upper right."""
    if not any(outline.arrows) and min(width, height) < 0.01:
        return _draw_straight_line(width, height, outline)
    start, end = (0.0, height if flipped else 0.0), (width, 0.0 if flipped else height)
    coordinates = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    ends = {name: css_number(value) for name, value in coordinates.items()}
    parts = [node(SVG + "line", **_stroke(outline), **ends)]
    for has_arrow, tip, tail in zip(outline.arrows, (start, end), (end, start), strict=True):
        if has_arrow:
            parts.append(_arrow_head(tip, tail, outline))
    return svg_graphic(width, height, *parts)


def _draw_straight_line(width: float, height: float, outline: Outline) -> Node:
    """Return a horizontal or vertical line as a CSS border."""
    css = f"{pt(outline.width)} {outline.dash} #{outline.color}"
    # viewers align borders to pixels, so they look sharper than SVG lines
    if height < 0.01:
        return node("div", style=f"width:{pt(width)};margin-top:{pt(-outline.width / 2)};border-top:{css}")
    return node("div", style=f"height:{pt(height)};margin-left:{pt(-outline.width / 2)};border-left:{css}")


def _arrow_head(tip: _Point, tail: _Point, outline: Outline) -> Node:
    length = max(0.01, math.dist(tip, tail))
    along = ((tail[0] - tip[0]) / length, (tail[1] - tip[1]) / length)
    size = _ARROW * max(1.5, outline.width)
    base = (tip[0] + along[0] * size, tip[1] + along[1] * size)
    half = size / 2
    corners = (
        tip,
        (base[0] - along[1] * half, base[1] + along[0] * half),
        (base[0] + along[1] * half, base[1] - along[0] * half),
    )
    return node(SVG + "polygon", points=_points(corners, 1, 1), fill=f"#{outline.color}")


def _points(corners: tuple[_Point, ...], width: float, height: float) -> str:
    return " ".join(f"{css_number(x * width)},{css_number(y * height)}" for x, y in corners)


def draw_polygon(preset: str, width: float, height: float, outline: Outline | None, fill: str) -> Node:
    color = f"#{fill}" if fill else "none"
    shape = node(
        SVG + "polygon", points=_points(POLYGONS[preset], width, height), fill=color, **_stroke(outline)
    )
    return svg_graphic(width, height, shape)


def draw_callout(
    preset: str, size: tuple[float, float], adjustments: Sequence[float], outline: Outline | None, fill: str
) -> Node:
    """Return a box or ellipse with a tip, the presets ``wedge…Callout``.

    ``adjustments`` are the place of the tip from the middle, as shares of the size.
    """
    width, height = size
    across, down = adjustments
    tip = (width * (0.5 + across), height * (0.5 + down))
    color = f"#{fill}" if fill else "none"
    if preset in ("wedgeEllipseCallout", "cloudCallout"):
        steps = _ellipse_with_tip(width, height, tip)
    else:
        steps = _box_with_tip(width, height, tip, abs(down) * height >= abs(across) * width)
    return svg_graphic(width, height, node(SVG + "path", d=steps, fill=color, **_stroke(outline)))


def _ellipse_with_tip(width: float, height: float, tip: _Point) -> str:
    angle = math.atan2((tip[1] - height / 2) * width, (tip[0] - width / 2) * height)
    starts, ends = (
        (width / 2 * (1 + math.cos(angle + turn)), height / 2 * (1 + math.sin(angle + turn)))
        for turn in (_TIP_ANGLE, -_TIP_ANGLE)
    )
    radii = f"{css_number(width / 2)} {css_number(height / 2)}"
    return f"M{_pair(tip)}L{_pair(starts)}A{radii} 0 1 1 {_pair(ends)}Z"


def _box_with_tip(width: float, height: float, tip: _Point, leaves_vertically: bool) -> str:
    """Return a rectangle whose side towards the tip runs out to it."""
    far_x, far_y = tip[0] > width / 2, tip[1] > height / 2
    across = [width * (n + (5 if far_x else 0)) / 12 for n in (2, 5)]
    down = [height * (n + (5 if far_y else 0)) / 12 for n in (2, 5)]
    corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    if leaves_vertically:
        place = 3 if far_y else 1
        line = [(across[0], height if far_y else 0.0), tip, (across[1], height if far_y else 0.0)]
        corners[place:place] = reversed(line) if far_y else line
    else:
        place = 2 if far_x else 4
        line = [(width if far_x else 0.0, down[0]), tip, (width if far_x else 0.0, down[1])]
        corners[place:place] = line if far_x else reversed(line)
    return "M" + "L".join(map(_pair, corners)) + "Z"


def _pair(point: _Point) -> str:
    return f"{css_number(point[0])} {css_number(point[1])}"


def draw_custom_geometry(
    geometry: Element, width: float, height: float, outline: Outline | None, fill: str
) -> Node | None:
    """Return an `a:custGeom`, or None if it has no path."""
    parts = []
    for _, path in children(child(geometry, "a:pathLst")):
        scale_x = width / (number(path.get("w")) or width or 1.0)
        scale_y = height / (number(path.get("h")) or height or 1.0)
        steps = " ".join(
            filter(None, (_path_command(name, part, scale_x, scale_y) for name, part in children(path)))
        )
        color = f"#{fill}" if fill and path.get("fill") != "none" else "none"
        if steps:
            parts.append(node(SVG + "path", d=steps, fill=color, **_stroke(outline)))
    return svg_graphic(width, height, *parts) if parts else None


def _path_command(name: str, part: Element, scale_x: float, scale_y: float) -> str:
    letter = {"moveTo": "M", "lnTo": "L", "cubicBezTo": "C", "quadBezTo": "Q", "close": "Z"}.get(name, "")
    corners = [(number(p.get("x")) * scale_x, number(p.get("y")) * scale_y) for _, p in children(part)]
    return letter + " ".join(f"{css_number(x)} {css_number(y)}" for x, y in corners)


def frame_rotated(
    graphic: Node, degrees: float, size: tuple[float, float], *, in_line: bool
) -> tuple[Node, tuple[float, float]]:
    """Return a rotated drawing in the room Word keeps for it, and the room."""
    degrees %= 180
    if not degrees:
        return graphic, size
    width, height = size
    # from 45° on Word exchanges width and height; in a line it keeps room for the corners as well
    room = (height, width) if 45 <= degrees < 135 else size
    if in_line:
        sine, cosine = math.sin(math.radians(degrees)), abs(math.cos(math.radians(degrees)))
        room = (width * cosine + height * sine, width * sine + height * cosine)
    left, top = (room[0] - width) / 2, (room[1] - height) / 2
    style = f"position:relative;left:{pt(left)};top:{pt(top)};width:{pt(width)};height:{pt(height)}"
    frame = f"width:{pt(room[0])};height:{pt(room[1])}"
    return node("div", node("div", graphic, style=style), style=frame), room


def outline_css(outline: Outline | None) -> str:
    return (
        join_css((f"border:{pt(outline.width)} {outline.dash} #{outline.color}",))
        if outline is not None
        else ""
    )
