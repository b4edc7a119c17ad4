"""Images of a document, checked and registered for WeasyPrint."""

from __future__ import annotations

from formsvc.docxpdf.context import LayoutContext
from formsvc.docxpdf.drawing.labels import placeholder
from formsvc.docxpdf.drawing.metafiles import extract_bitmap
from formsvc.docxpdf.html_tree import IMAGE_SCHEME, EmbeddedImage, Node, node, pt
from formsvc.docxpdf.opc.pictures import image_type
from formsvc.i18n.messages import msg


def image_node(
    ctx: LayoutContext,
    relation: str,
    width: float,
    height: float,
    crop: tuple[float, ...] = (),
    alt: str = "",
) -> Node | None:
    """Return an `img` of a related picture.

    `crop` is left, top, right, bottom as shares. Return a frame with the picture's name if its format is not supported,
    None if it is missing.
    """
    address = embed_image(ctx, relation)
    if address is None:
        target = ctx.package.relationships(ctx.part).get(relation)
        name = target.target.rpartition("/")[2] if target is not None else ""
        return placeholder(ctx, name, width, height) if name else None
    if not any(crop):
        return node(
            "img",
            src=address,
            alt=alt or "图片",
            style=f"display:block;width:{pt(width)};height:{pt(height)}",
        )
    left, top, right, bottom = crop
    full_width = width / max(0.01, 1 - left - right)
    full_height = height / max(0.01, 1 - top - bottom)
    style = f"display:block;width:{pt(full_width)};height:{pt(full_height)};margin:{pt(-top * full_height)} 0 0 {pt(-left * full_width)}"
    image = node("img", src=address, alt=alt or "图片", style=style)
    return node("div", image, style=f"overflow:hidden;width:{pt(width)};height:{pt(height)}")


def embed_image(ctx: LayoutContext, relation: str) -> str | None:
    """Return the address of a related picture, or None with a warning."""
    target = ctx.package.relationships(ctx.part).get(relation)
    content = ctx.package.content(target.part_name) if target is not None and not target.external else None
    if target is None or content is None:
        ctx.log.warn(msg("图片在文件里找不到，未排出。"))
        return None
    address = f"{IMAGE_SCHEME}:{target.part_name}"
    if address not in ctx.pictures:
        mime_type = image_type(content)
        # WeasyPrint reads no metafiles
        if not mime_type and (bitmap := extract_bitmap(content)) is not None:
            content, mime_type = bitmap, "image/png"
        if not mime_type:
            ctx.log.warn(
                msg(
                    "图片“{name}”的格式不能排出，原处留有它的名称。请改用 PNG 或 JPEG。",
                    name=target.target.rpartition("/")[2],
                )
            )
            return None
        ctx.pictures[address] = EmbeddedImage(content, mime_type)
    return address
