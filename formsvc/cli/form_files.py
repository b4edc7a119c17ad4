"""FORM arguments of commands: an id, or the path of a definition."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formsvc.cli.runtime import CALL_AT_FAULT, INPUT_AT_FAULT, echo, fail
from formsvc.config import Settings
from formsvc.errors import Fault
from formsvc.i18n.messages import msg

if TYPE_CHECKING:
    from formsvc.domain.definition_loader import FormDefinition
    from formsvc.usecases.context import Ports
    from formsvc.usecases.ports import DefinitionFile


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
