"""Files that come with a draft: looked at by their content, kept under their hash."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from PIL import Image, UnidentifiedImageError

from formsvc.domain.json_types import JSON
from formsvc.errors import Problem
from formsvc.usecases.ports import Files
from formsvc.web.forms.builder import AnswerForm, FilesAnswer
from formsvc.web.security import MAX_UPLOAD_BYTES, MEGABYTE

PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ACCEPTED = ".jpg,.jpeg,.png,.webp,.pdf"
LARGEST_PICTURE = 120_000_000
LONGEST_NAME = 120


class NotAccepted(ValueError):
    """The file is of a kind that is not taken; the text is a whole sentence."""


def mime_of(content: bytes) -> str:
    """What the bytes are, whatever their name says. Raises NotAccepted."""
    if content[:5] == b"%PDF-":
        return "application/pdf"
    try:
        with Image.open(io.BytesIO(content), formats=list(PICTURES)) as picture:
            if picture.width * picture.height > LARGEST_PICTURE:
                raise NotAccepted(_("照片的像素过大，请用较低的分辨率拍摄。"))
            picture.verify()
            return PICTURES[str(picture.format)]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as unread:
        if isinstance(unread, NotAccepted):
            raise
        raise NotAccepted(_("只接受 JPG、PNG、WebP 照片和 PDF 文件。")) from unread


def settle_files(form: AnswerForm, stored: Mapping[str, JSON], files: Files) -> list[Problem]:
    """Keep uploads and put file records into the form's fields; answers what could not be taken.

    A hash counts only where this very draft already has it, so that nobody can point at another's file.
    """
    known = {entry["sha256"] or entry["name"]: entry for entry in records_in(stored)}
    problems: list[Problem] = []
    for field in form.each_field():
        if isinstance(field, FilesAnswer):
            entries = [known[key] for key in field.data or () if key in known]
            for upload in field.uploads:
                try:
                    entries.append(_keep(upload, files))
                except NotAccepted as refusal:
                    problems.append(
                        Problem(field.path, _("“%(name)s”没有上传：", name=_name(upload)) + str(refusal))
                    )
            field.data = list({entry["sha256"] or entry["name"]: entry for entry in entries}.values())
    return problems


def records_in(value: JSON) -> Iterator[dict[str, JSON]]:
    """Every file record anywhere in answers."""
    if isinstance(value, Mapping):
        if "sha256" in value and "name" in value:
            yield dict(value)
        else:
            for part in value.values():
                yield from records_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from records_in(part)


def _keep(upload: Any, files: Files) -> dict[str, JSON]:
    content = upload.stream.read(MAX_UPLOAD_BYTES + 1)
    if len(content) > MAX_UPLOAD_BYTES:
        raise NotAccepted(_("文件超过 %(n)s MB。", n=MAX_UPLOAD_BYTES // MEGABYTE))
    if not content:
        raise NotAccepted(_("文件是空的。"))
    mime = mime_of(content)
    return {"name": _name(upload), "sha256": files.keep(content), "size": len(content), "mime": mime}


def _name(upload: Any) -> str:
    return plain_name(str(upload.filename or ""))


def plain_name(given: str) -> str:
    """The file's own name without folders; a phone's photo without one is called 照片."""
    plain = given.replace("\\", "/").rpartition("/")[2].strip()
    return "".join(c for c in plain if c.isprintable())[-LONGEST_NAME:] or _("照片")
