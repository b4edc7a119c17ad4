"""Files of answers: checked, and described by records."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.files import FilesKind, file_refusal
from formsvc.domain.json_types import JSON
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits
from formsvc.usecases.context import Ports
from formsvc.usecases.drafting.uploads import KeptUpload, UploadRefused

MEGABYTE = 2**20
MAX_NAME_LENGTH = 120
# a suffix such as .html; in 走道3.5米 there is none
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}


def check_files(ports: Ports, field: Field, contents: Sequence[bytes]) -> list[KeptUpload | UploadRefused]:
    """Return what to keep of the files for a field, or why not."""
    refused = [_refusal_by_size(field, content) for content in contents]
    sound = [content for content, refusal in zip(contents, refused, strict=True) if refusal is None]
    kind = FIELD_TYPES[field.kind]
    assert isinstance(kind, FilesKind)
    read = iter(ports.uploads.read(sound, kind.purpose) if sound else ())
    return [
        refusal or _of_right_type(field, len(content), _without_virus(ports, content, next(read)))
        for content, refusal in zip(contents, refused, strict=True)
    ]


def _refusal_by_size(field: Field, content: bytes) -> UploadRefused | None:
    if len(content) > process_limits().attachment_megabytes * MEGABYTE:
        return UploadRefused(msg("文件超过 {n} MB。", n=process_limits().attachment_megabytes))
    if not content:
        return UploadRefused(msg("文件是空的。"))
    reason = file_refusal(field, "", len(content))
    return UploadRefused(reason) if reason else None


def _of_right_type(
    field: Field, size: int, outcome: KeptUpload | UploadRefused
) -> KeptUpload | UploadRefused:
    """Return the outcome; a refusal for a type that the field does not take."""
    reason = file_refusal(field, outcome.mime, size) if isinstance(outcome, KeptUpload) else ""
    return UploadRefused(reason) if reason else outcome


def _without_virus(
    ports: Ports, content: bytes, outcome: KeptUpload | UploadRefused
) -> KeptUpload | UploadRefused:
    """Return the outcome; a refusal for what the virus scanner names."""
    if isinstance(outcome, UploadRefused):
        return outcome
    try:
        ports.scan(content)
    except FormsvcError as refused:
        return UploadRefused(refused.message, refused.remedy)
    return outcome


def file_record(field: Field, name: str, kept: KeptUpload) -> dict[str, JSON]:
    """Return the record of a file for a field."""
    sha256 = hashlib.sha256(kept.content).hexdigest()
    record: dict[str, JSON] = {
        "name": named_by_type(name, kept.mime),
        "sha256": sha256,
        "size": len(kept.content),
        "mime": kept.mime,
    }
    if field.kind == "photographs":
        record |= {"caption": "", "taken": kept.taken, "place": kept.place if field.keep_place else ""}
    return record


def named_by_type(name: str, mime: str) -> str:
    """Return the name with the extension of what the file really is."""
    suffixes = _SUFFIXES[mime]
    if name.lower().endswith(suffixes):
        return name
    return f"{_SUFFIX.sub('', name)[-MAX_NAME_LENGTH:] or msg('照片')}{suffixes[0]}"


def base_name(path: str) -> str:
    """Return the name without folders and control characters, 照片 if empty."""
    name = path.replace("\\", "/").rpartition("/")[2].strip()
    # From the end, so that a long name keeps its extension
    return "".join(c for c in name if c.isprintable())[-MAX_NAME_LENGTH:] or msg("照片")
