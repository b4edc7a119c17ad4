"""Files that answers name by paths beside DATA.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formsvc.cli.runtime import echo, fail
from formsvc.i18n.messages import msg

if TYPE_CHECKING:
    from formsvc.domain.fields import Field
    from formsvc.usecases.context import Ports
    from formsvc.usecases.ports import Files


class AddedFiles:
    """The kept files, and those added that nothing keeps."""

    def __init__(self, kept: Files) -> None:
        self._kept = kept
        self._added: dict[str, bytes] = {}

    def keep(self, content: bytes) -> str:
        import hashlib

        sha256 = hashlib.sha256(content).hexdigest()
        self._added[sha256] = content
        return sha256

    def read(self, sha256: str) -> bytes:
        return self._added[sha256] if sha256 in self._added else self._kept.read(sha256)

    def free_bytes(self) -> int:
        return self._kept.free_bytes()

    def older_than(self, age: timedelta) -> set[str]:
        return self._kept.older_than(age)

    def remove(self, hashes: Iterable[str], older_than: timedelta) -> list[str]:
        return self._kept.remove(hashes, older_than)


def without_keeping(ports: Ports) -> Ports:
    """Return ports that hold added files in memory."""
    return replace(ports, files=AddedFiles(ports.files))


def with_files_beside(
    ports: Ports, fields: Sequence[Field], given: Mapping[str, Any], folder: Path
) -> dict[str, Any]:
    """Return answers with the record of each file that they name by its path.

    Where no such file lies beside, the name stays, and a notice says so. End the command if a file is refused.
    """
    from formsvc.domain.fields import FIELD_TYPES

    answers = dict(given)
    for field in fields:
        value = answers.get(field.key)
        if field.columns and isinstance(value, list):
            answers[field.key] = [
                with_files_beside(ports, field.columns, row, folder) if isinstance(row, Mapping) else row
                for row in value
            ]
        elif FIELD_TYPES[field.kind].holds_files and value:
            named = value if isinstance(value, list) else [value]
            answers[field.key] = [_with_file(ports, field, entry, folder) for entry in named]
    return answers


def _with_file(ports: Ports, field: Field, entry: Any, folder: Path) -> Any:
    """Return the record of a file; a caption may be given with its name."""
    from formsvc.usecases.drafting.answer_files import base_name, check_files, file_record
    from formsvc.usecases.drafting.uploads import UploadRefused

    parts = dict(entry) if isinstance(entry, Mapping) else {"name": entry}
    name = parts.get("name")
    if not isinstance(name, str) or parts.get("sha256"):
        return entry
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        echo(msg("注意：［{field}］没有找到文件“{name}”，只记下名称。", field=field.key, name=name), err=True)
        return {**parts, "name": base_name(name)}
    (kept,) = check_files(ports, field, [file.read_bytes()])
    if isinstance(kept, UploadRefused):
        fail(msg("［{field}］“{name}”没有收下：{reason}", field=field.key, name=name, reason=str(kept)))
    ports.files.keep(kept.content)
    return {**file_record(field, base_name(name), kept), **{k: v for k, v in parts.items() if k != "name"}}
