"""Formats and sizes of pictures, read without decoding them."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from formsvc.docxpdf.opc.container import container_limits
from formsvc.errors import RenderingFailed
from formsvc.i18n.messages import msg

_MIMES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}


def image_type(content: bytes) -> str:
    """Return the media type, empty for other formats. Raise RenderingFailed."""
    try:
        # formats limits Pillow to decoders we trust: the file name and the declared type prove nothing
        with Image.open(io.BytesIO(content), formats=list(_MIMES)) as image:
            # checked before any pixel is decoded
            if image.width * image.height > container_limits().pixels:
                raise RenderingFailed(
                    msg(
                        "Word 文档里有一张 {width}×{height} 像素的图片，过大。",
                        width=image.width,
                        height=image.height,
                    ),
                    msg("请在 Word 中压缩图片后重试。"),
                )
            return _MIMES.get(image.format or "", "")
    except Image.DecompressionBombError as error:
        raise RenderingFailed(
            msg("Word 文档里有一张展开后过大的图片。"), msg("请在 Word 中压缩图片后重试。")
        ) from error
    except (UnidentifiedImageError, OSError, ValueError):
        return ""
