"""Phonetic guides above words (``w:ruby``), each as an unbreakable box."""

from __future__ import annotations

from collections.abc import Sequence

from formsvc.docxpdf.context import LayoutContext
from formsvc.docxpdf.html_tree import Node, node, pt
from formsvc.docxpdf.paragraph.line_spans import SpanBuilder
from formsvc.docxpdf.text.clusters import CHAR, CharacterSpacing, Cluster, ClusterBuilder, font_chain
from formsvc.docxpdf.text.inline_items import BoxItem, InlineItem, RubyItem
from formsvc.docxpdf.text.line_breaker import Line

# Height of the lines within, in em, and where their baseline runs, as a share of it
_LINE, _BASELINE = 1.2, 0.9


def compose_rubies(
    ctx: LayoutContext, items: Sequence[InlineItem], spacing: CharacterSpacing
) -> list[InlineItem]:
    return [_box(ctx, item, spacing) if isinstance(item, RubyItem) else item for item in items]


def _box(ctx: LayoutContext, ruby: RubyItem, spacing: CharacterSpacing) -> BoxItem:
    base, above = (_letters(ctx, part, spacing) for part in (ruby.base, ruby.above))
    width = max(_width(base), _width(above))
    ascent = max((_ascent(ctx, cluster) for cluster in above), default=0.0)
    height = (ruby.rise + ascent) if above else 0.0
    content = [
        _row(ctx, clusters, width, rise, ruby.align, spacing)
        for clusters, rise in ((above, ruby.rise), (base, 0.0))
        if clusters
    ]
    # of no height itself, so that the paragraph alone decides how high the line is
    style = f"display:inline-block;vertical-align:baseline;position:relative;width:{pt(width)};height:0"
    return BoxItem(node("span", *content, style=style), width, height)


def _letters(ctx: LayoutContext, items: Sequence[InlineItem], spacing: CharacterSpacing) -> list[Cluster]:
    builder = ClusterBuilder(ctx.fonts, ctx.profile, spacing)
    clusters = [cluster for cluster in builder.build(items) if cluster.kind == CHAR]
    ctx.texts.append("".join(cluster.text for cluster in clusters))
    return clusters


def _width(clusters: Sequence[Cluster]) -> float:
    return sum(
        cluster.width + (cluster.gap_before if place else 0.0) for place, cluster in enumerate(clusters)
    )


def _ascent(ctx: LayoutContext, cluster: Cluster) -> float:
    nominal = font_chain(ctx.fonts, cluster.format, cluster.east_asian).nominal
    return nominal.ascent * cluster.format.size


def _row(
    ctx: LayoutContext,
    clusters: list[Cluster],
    width: float,
    rise: float,
    align: str,
    spacing: CharacterSpacing,
) -> Node:
    """Return letters spread over the width and raised by ``raised`` points."""
    free, lead = width - _width(clusters), 0.0
    if align == "distributeSpace":
        share = free / len(clusters)
        lead = share / 2
    else:
        share = free / (len(clusters) - 1) if align == "distributeLetter" and len(clusters) > 1 else 0.0
        lead = {"left": 0.0, "right": free}.get(align, 0.0 if share else free / 2)
    for cluster in clusters[:-1]:
        cluster.space_after += share
    size = max(cluster.format.size for cluster in clusters)
    line = _LINE * size
    metrics = ctx.fonts.strut.metrics
    strut = 2 * (_BASELINE - 0.5) * line / (metrics.ascent - metrics.descent)
    style = (
        f"position:absolute;left:{pt(lead)};top:{pt(-rise - _BASELINE * line)};text-indent:0;text-align:left;"
        f"line-height:{pt(line)};font-size:{pt(strut)}"
    )
    return node("p", *SpanBuilder(ctx, spacing.grid).build_line(Line(clusters)), style=style)
