"""Uploads of a draft: checked by content first, stored last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from formsvc.domain.json_types import JSON
from formsvc.errors import Problem
from formsvc.usecases.drafting.answer_files import base_name, check_files, file_record
from formsvc.usecases.drafting.uploads import UploadRefused
from formsvc.usecases.ports import Files
from formsvc.web.context import ports
from formsvc.web.forms.builder import AnswerForm, FilesAnswer
from formsvc.web.i18n import translate_for_request
from formsvc.web.security import max_upload_bytes

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})


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
            entries = [{**known[key], **field.captions(key)} for key in field.data if key in known]
            named = [(_upload_name(upload), _content_of(upload)) for upload in field.uploads]
            for (name, _content), outcome in zip(
                named, check_files(ports(), field.spec, [content for _name, content in named]), strict=True
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


def _upload_name(upload: Any) -> str:
    return base_name(str(upload.filename or ""))
