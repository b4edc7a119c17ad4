"""Uploads of a draft: checked by content first, stored last."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from flask_babel import gettext as _
from PIL import Image, UnidentifiedImageError

from formsvc.domain.json_types import JSON
from formsvc.errors import FormsvcError, Problem
from formsvc.limits import process_limits
from formsvc.usecases.ports import Files
from formsvc.web.context import ports
from formsvc.web.forms.builder import AnswerForm, FilesAnswer
from formsvc.web.forms.png_data import has_whole_pixels
from formsvc.web.i18n import translate_for_request
from formsvc.web.security import max_upload_bytes

IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ACCEPTED = ".jpg,.jpeg,.png,.webp,.pdf"
MAX_NAME_LENGTH = 120


# a suffix such as .html; in 走道3.5米 there is none
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}


class UploadRejected(ValueError):
    """A file that is not accepted; the message is a whole sentence."""


def detect_mime_type(content: bytes) -> str:
    """Return the type of the content; the name does not count.

    Raise UploadRejected for types that are not accepted.
    """
    if content[:5] == b"%PDF-":
        return "application/pdf"
    try:
        with Image.open(io.BytesIO(content), formats=list(IMAGE_TYPES)) as picture:
            if picture.width * picture.height > process_limits().attachment_megapixels * 10**6:
                raise UploadRejected(_("照片的像素过大，请用较低的分辨率拍摄。"))
            # verify() reads the whole file without decoding it
            picture.verify()
            if picture.format == "PNG" and not has_whole_pixels(content):
                raise UploadRejected(_("照片的内容不完整，请重新拍摄或者导出。"))
            return IMAGE_TYPES[str(picture.format)]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as unread:
        if isinstance(unread, UploadRejected):
            raise
        raise UploadRejected(_("只接受 JPG、PNG、WebP 照片和 PDF 文件。")) from unread


@dataclass(frozen=True)
class CheckedUpload:
    """An accepted file that is not stored yet, and its record."""

    stream: IO[bytes]
    record: dict[str, JSON]

    @property
    def size(self) -> int:
        return int(str(self.record["size"]))


def check_uploads(form: AnswerForm, stored: Mapping[str, JSON]) -> tuple[list[CheckedUpload], list[Problem]]:
    """Put the records of uploads into the form.

    Return them, and a problem per rejected file; nothing is stored. A hash counts only where this very draft already has it, so that no one gets another's
    file by its hash.
    """
    # Answers given as plain file names, not uploaded here, have records without a hash
    known = {entry["sha256"] or entry["name"]: entry for entry in iter_file_records(stored)}
    accepted: list[CheckedUpload] = []
    problems: list[Problem] = []
    for field in form.iter_fields():
        if isinstance(field, FilesAnswer):
            entries = [known[key] for key in field.data or () if key in known]
            for upload in field.uploads:
                try:
                    accepted.append(_check_upload(upload))
                    entries.append(accepted[-1].record)
                except UploadRejected as refusal:
                    problems.append(
                        Problem(
                            field.path, _("“%(name)s”没有上传：", name=_upload_name(upload)) + str(refusal)
                        )
                    )
            # The same photo chosen twice is one file
            field.data = list({entry["sha256"] or entry["name"]: entry for entry in entries}.values())
    return accepted, problems


def keep_uploads(uploads: Sequence[CheckedUpload], files: Files) -> None:
    for upload in uploads:
        upload.stream.seek(0)
        files.keep(upload.stream.read(max_upload_bytes() + 1))


def iter_file_records(value: JSON) -> Iterator[dict[str, JSON]]:
    """Yield every file record at any depth of the answers."""
    if isinstance(value, Mapping):
        if "sha256" in value and "name" in value:
            yield dict(value)
        else:
            for part in value.values():
                yield from iter_file_records(part)
    elif isinstance(value, list):
        for part in value:
            yield from iter_file_records(part)


def _check_upload(upload: Any) -> CheckedUpload:
    # One byte more than allowed shows that a file is too large without reading all of it
    content = upload.stream.read(max_upload_bytes() + 1)
    if len(content) > max_upload_bytes():
        raise UploadRejected(_("文件超过 %(n)s MB。", n=process_limits().attachment_megabytes))
    if not content:
        raise UploadRejected(_("文件是空的。"))
    record = file_record(_upload_name(upload), content)
    require_clean(content)
    return CheckedUpload(upload.stream, record)


def require_clean(content: bytes) -> None:
    """Raise UploadRejected unless the virus scanner finds the file clean."""
    try:
        ports().scan(content)
    except FormsvcError as refused:
        raise UploadRejected(translate_for_request(str(refused))) from refused


def file_record(name: str, content: bytes) -> dict[str, JSON]:
    """Return the record of an attachment. Raise UploadRejected."""
    mime = detect_mime_type(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return {"name": named_by_type(name, mime), "sha256": sha256, "size": len(content), "mime": mime}


def named_by_type(name: str, mime: str) -> str:
    """Return the name with the extension of what the file really is."""
    suffixes = _SUFFIXES[mime]
    if name.lower().endswith(suffixes):
        return name
    return f"{_SUFFIX.sub('', name)[-MAX_NAME_LENGTH:] or _('照片')}{suffixes[0]}"


def _upload_name(upload: Any) -> str:
    return base_name(str(upload.filename or ""))


def base_name(path: str) -> str:
    """Return the name without folders and control characters, 照片 if empty."""
    name = path.replace("\\", "/").rpartition("/")[2].strip()
    # From the end, so that a long name keeps its extension
    return "".join(c for c in name if c.isprintable())[-MAX_NAME_LENGTH:] or _("照片")
