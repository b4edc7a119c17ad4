"""FORM arguments of commands, and the files that answers name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formsvc.cli.runtime import CALL_AT_FAULT, INPUT_AT_FAULT, echo, fail
from formsvc.config import Settings
from formsvc.errors import Fault
from formsvc.i18n.messages import msg

if TYPE_CHECKING:
    from formsvc.domain.definition_loader import FormDefinition
    from formsvc.domain.fields import Field
    from formsvc.usecases.context import Ports
    from formsvc.usecases.ports import DefinitionFile, Files


def is_path(form: str) -> bool:
    return form.endswith(".json")


def check_definition_file(settings: Settings, form: str) -> DefinitionFile:
    """Return the definition of a file with its template.

    The template is the Word file of the same name in its folder, else that of the office. End the command with
    every fault if the pair cannot be used.
    """
    from formsvc.bootstrap import build_checker
    from formsvc.documents.checking.folders import FolderLibrary

    file = Path(form).absolute()
    if not file.is_file():
        fail(msg("找不到表单定义 {form}。", form=form), CALL_AT_FAULT)
    shared = file.parent if (file.parent / "groups").is_dir() else settings.definitions
    checker = build_checker(settings)
    library = FolderLibrary(shared, settings.templates, checker)
    own_template = file.with_suffix(".docx")
    checked = library.check_file(file, own_template if own_template.is_file() else None)
    checker.close()
    if checked.pair is None:
        for fault in checked.faults:
            echo(str(fault), err=True)
        fail(msg("“{file}”有错误，没有使用。请按提示改正。", file=file.name), INPUT_AT_FAULT)
    return checked.pair


def load_definition_and_template(
    settings: Settings, ports: Ports, form: str
) -> tuple[FormDefinition, Callable[[Mapping[str, Any]], bytes]]:
    """Return the definition of a path or form, and the template for answers."""
    from formsvc.domain.definition_loader import FormDefinition

    if is_path(form):
        pair = check_definition_file(settings, form)
        own = FormDefinition.from_resolved(pair.definition)
        return own, lambda values: pair.variants.get(own.for_answers(values).template, pair.template)
    revision = ports.definitions.current_revision(form)
    _warn_of_faults(form, ports.definitions.faults())
    return revision.definition, partial(ports.definitions.template, revision)


def _warn_of_faults(form: str, faults: tuple[Fault, ...]) -> None:
    own = [f for f in faults if f.level == "error" and f.file.rpartition(".")[0] == form]
    if own:
        echo(
            msg(
                "注意：{form} 新的文件有 {n} 处错误，用的是上一版。请运行 formsvc check 查看。",
                form=form,
                n=len(own),
            ),
            err=True,
        )


def example_answers(definition: FormDefinition) -> Mapping[str, Any]:
    """Return the example of a definition; without one end the command."""
    if not definition.example:
        fail(msg("{form} 的定义没有填写样例（example）。请补上，或者写明答案文件。", form=definition.id))
    return definition.example


def exit_if_both(answers: Path | None, example: bool) -> None:
    """End the command unless there is either a file of answers or --example."""
    if (answers is None) != example:
        echo(msg("请写明答案文件，或者用 --example，两者只写一个。"), err=True)
        sys.exit(CALL_AT_FAULT)


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


def with_named_files(
    ports: Ports, fields: Sequence[Field], given: Mapping[str, Any], folder: Path
) -> dict[str, Any]:
    """Return answers with the record of each file that they name by its path.

    Where there is no such file, the name stays, and a notice says so. End the command if a file is refused.
    """
    from formsvc.domain.fields import FIELD_TYPES

    answers = dict(given)
    for field in fields:
        value = answers.get(field.key)
        if field.columns and isinstance(value, list):
            answers[field.key] = [
                with_named_files(ports, field.columns, row, folder) if isinstance(row, Mapping) else row
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
