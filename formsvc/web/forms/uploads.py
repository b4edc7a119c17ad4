"""Uploads of a draft: checked by content first, stored last."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from formsvc.domain.fields import FIELD_TYPES, Field
from formsvc.domain.fields.files import FilesKind
from formsvc.domain.json_types import JSON
from formsvc.errors import FormsvcError, Problem
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits
from formsvc.usecases.drafting.uploads import KeptUpload, UploadRefused
from formsvc.usecases.ports import Files
from formsvc.web.context import ports
from formsvc.web.forms.builder import AnswerForm, FilesAnswer
from formsvc.web.i18n import translate_for_request
from formsvc.web.security import max_upload_bytes

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
MAX_NAME_LENGTH = 120

# a suffix such as .html; in 走道3.5米 there is none
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}


@dataclass(frozen=True)
class CheckedUpload:
    """An accepted file that is not stored yet, and its record."""

    content: bytes
    record: dict[str, JSON]

    @property
    def size(self) -> int:
        return len(self.content)


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
            entries = [{**known[key], **field.captions(key)} for key in field.data or () if key in known]
            named = [(_upload_name(upload), _content_of(upload)) for upload in field.uploads]
            for (name, _content), outcome in zip(
                named, check_files(field.spec, [content for _name, content in named]), strict=True
            ):
                if isinstance(outcome, UploadRefused):
                    sentence = _("“%(name)s”没有上传：", name=name) + translate_for_request(str(outcome))
                    problems.append(Problem(field.path, sentence))
                else:
                    accepted.append(CheckedUpload(outcome.content, file_record(field.spec, name, outcome)))
                    entries.append(accepted[-1].record)
            # The same photo chosen twice is one file
            unique = {entry["sha256"] or entry["name"]: entry for entry in entries}.values()
            field.data = list(unique)[-1:] if field.spec.kind == "signature" else list(unique)
    return accepted, problems


def keep_uploads(uploads: Sequence[CheckedUpload], files: Files) -> None:
    for upload in uploads:
        files.keep(upload.content)


def check_files(field: Field, contents: Sequence[bytes]) -> list[KeptUpload | UploadRefused]:
    """Return what to keep of the files for a field, or why not."""
    refused = [_refusal_by_size(content) for content in contents]
    sound = [content for content, refusal in zip(contents, refused, strict=True) if refusal is None]
    kind = FIELD_TYPES[field.kind]
    assert isinstance(kind, FilesKind)
    read = iter(ports().uploads.read(sound, kind.purpose) if sound else ())
    return [
        refusal or _without_virus(content, next(read))
        for content, refusal in zip(contents, refused, strict=True)
    ]


def _refusal_by_size(content: bytes) -> UploadRefused | None:
    if len(content) > max_upload_bytes():
        return UploadRefused(msg("文件超过 {n} MB。", n=process_limits().attachment_megabytes))
    return None if content else UploadRefused(msg("文件是空的。"))


def _without_virus(content: bytes, outcome: KeptUpload | UploadRefused) -> KeptUpload | UploadRefused:
    """Return the outcome; a refusal for what the virus scanner names."""
    if isinstance(outcome, UploadRefused):
        return outcome
    try:
        ports().scan(content)
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


def _content_of(upload: Any) -> bytes:
    # One byte more than allowed shows that a file is too large without reading all of it
    return bytes(upload.stream.read(max_upload_bytes() + 1))


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
