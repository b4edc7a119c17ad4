"""Decoding of uploaded files, in the child process of the reader."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from formsvc.documents.pictures.png_data import has_whole_pixels
from formsvc.i18n.messages import Message, msg
from formsvc.limits import process_limits
from formsvc.usecases.drafting.uploads import KeptUpload, Purpose

IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_PDF = "application/pdf"
_QUALITY = 85
_SIGNATURE_SIZE = (1200, 600)
# darker than the paper of a scan
_INK = 160
# of ISO/IEC 23008-12 and what phones write; the box follows a length of four bytes
_HEIF_BRANDS = re.compile(rb"....ftyp(?:hei[cxms]|hev[cx]|mif1|msf1|avif)", re.DOTALL)
# tags of the standard Exif 2.32
_EXIF_IFD, _GPS_IFD, _TAKEN = 0x8769, 0x8825, 0x9003
_TAKEN_TEXT = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):\d\d")


class Refused(ValueError):
    """A file that is not accepted; the argument is the sentence."""


def read_upload(content: bytes, purpose: Purpose) -> KeptUpload:
    """Return what to keep of a file. Raise Refused."""
    if content[:5] == b"%PDF-":
        if purpose == "file":
            return KeptUpload(content, _PDF)
        raise Refused(msg("这里只收照片（JPG、PNG、WebP），PDF 文件请放在附件里。"))
    if _HEIF_BRANDS.match(content[:16]):
        raise Refused(
            msg(
                "这是 HEIC（苹果手机的高效格式）照片，系统不能打开。请在手机“设置—相机—格式”里选“兼容性最佳”后重拍，或者把照片另存为 JPG 再上传。"
            )
        )
    try:
        return _read_picture(content, purpose)
    except Refused:
        raise
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused(_only_accepted(purpose)) from error


def _only_accepted(purpose: Purpose) -> Message:
    if purpose == "file":
        return msg("只接受 JPG、PNG、WebP 照片和 PDF 文件。")
    return msg("只接受 JPG、PNG、WebP 照片，这个文件不是，或者已经损坏。")


def _read_picture(content: bytes, purpose: Purpose) -> KeptUpload:
    _verify(content)
    with Image.open(io.BytesIO(content), formats=list(IMAGE_TYPES)) as picture:
        if purpose == "file":
            return KeptUpload(content, IMAGE_TYPES[str(picture.format)])
        if purpose == "signature":
            return KeptUpload(_ink_of(picture), "image/png")
        exif = _metadata(picture)
        return KeptUpload(_photograph(picture), "image/jpeg", _moment(exif), _position(exif))


def _verify(content: bytes) -> None:
    """Raise Refused for too many pixels, and for missing ones."""
    with Image.open(io.BytesIO(content), formats=list(IMAGE_TYPES)) as picture:
        if picture.width * picture.height > process_limits().attachment_megapixels * 10**6:
            raise Refused(msg("照片的像素过大，请用较低的分辨率拍摄。"))
        is_png = picture.format == "PNG"
        # reads the whole file without decoding it
        picture.verify()
    if is_png and not has_whole_pixels(content):
        raise Refused(msg("照片的内容不完整，请重新拍摄或者导出。"))


def _photograph(picture: Image.Image) -> bytes:
    """Return the photograph turned upright and scaled, without metadata."""
    longest = process_limits().photograph_pixels
    # a JPEG is decoded at a half or a quarter where that is enough
    picture.draft(None, (longest, longest))
    turn = picture.getexif().get(0x0112)
    profile = picture.info.get("icc_profile")
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2)
    upright = ImageOps.exif_transpose(picture) if turn else picture
    plain = _in_screen_colours(_on_white(upright), profile)
    plain.info.clear()
    stream = io.BytesIO()
    plain.save(stream, "JPEG", quality=_QUALITY, optimize=True)
    return stream.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("RGB")
    return picture


def _in_screen_colours(picture: Image.Image, profile: Any) -> Image.Image:
    """Return an RGB picture in sRGB; a profile that cannot be read is ignored."""
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            changed = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            return changed or picture
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture.convert("RGB")


def _ink_of(picture: Image.Image) -> bytes:
    """Return a signature: grey on white, cut to its ink. Raise Refused."""
    picture.draft("L", _SIGNATURE_SIZE)
    upright = ImageOps.exif_transpose(picture)
    grey = _on_white(upright).convert("L")
    grey.thumbnail((2 * _SIGNATURE_SIZE[0], 2 * _SIGNATURE_SIZE[1]), Image.Resampling.LANCZOS, reducing_gap=2)
    darkest, lightest = grey.getextrema()
    if int(lightest) - int(darkest) < 60:  # type: ignore[arg-type]
        raise Refused(msg("签名是空白的，请签好再保存。"))
    sharp = ImageOps.autocontrast(grey, cutoff=(0, 40))
    box = sharp.point([255 if level < _INK else 0 for level in range(256)]).getbbox()
    if box is None:
        raise Refused(msg("签名是空白的，请签好再保存。"))
    ink = sharp.crop(box)
    ink.thumbnail(_SIGNATURE_SIZE, Image.Resampling.LANCZOS)
    ink.info.clear()
    stream = io.BytesIO()
    ImageOps.expand(ink, border=6, fill=255).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _metadata(picture: Image.Image) -> tuple[Mapping[int, Any], Mapping[int, Any]]:
    """Return the parts about the moment and the place; empty if unreadable."""
    try:
        exif = picture.getexif()
        return exif.get_ifd(_EXIF_IFD), exif.get_ifd(_GPS_IFD)
    # the photograph counts; a broken block of metadata may raise errors of every kind
    except Exception:  # noqa: BLE001
        return {}, {}


def _moment(exif: tuple[Mapping[int, Any], Mapping[int, Any]]) -> str:
    found = _TAKEN_TEXT.match(str(exif[0].get(_TAKEN, "")))
    if not found or not "2000" <= found[1] <= "2099" or not 1 <= int(found[2]) <= 12:
        return ""
    return f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}"


def _position(exif: tuple[Mapping[int, Any], Mapping[int, Any]]) -> str:
    """Return the place as text with degrees, "" for none."""
    place = exif[1]
    try:
        north, east = _degrees(place[2]), _degrees(place[4])
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError, OverflowError):
        return ""
    if not (0 <= north <= 90 and 0 <= east <= 180):
        return ""
    return f"{'南纬' if place.get(1) == 'S' else '北纬'}{north:.6f}°，{'西经' if place.get(3) == 'W' else '东经'}{east:.6f}°"


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
