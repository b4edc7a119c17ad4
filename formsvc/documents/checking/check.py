"""Faults of definitions and Word templates, for ``formsvc check``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from formsvc.documents.checking.folders import FolderLibrary
from formsvc.documents.checking.pairs import PairChecker
from formsvc.documents.checking.regular_files import UnreadableFile, read_regular_file
from formsvc.documents.view_folder import file_faults, view_faults
from formsvc.docxpdf.opc.container import container_limits
from formsvc.errors import Fault
from formsvc.i18n.messages import msg


def check_paths(
    definitions: Path, templates: Path, paths: Sequence[Path], checker: PairChecker
) -> list[Fault]:
    """Return the faults of files and folders, the configured by default.

    A folder holds definitions and templates together, or is a project with a folder for each.
    """
    if not paths:
        return _library_faults(definitions, templates, checker)
    check = _PathCheck(definitions, templates, checker)
    faults = [fault for path in paths for fault in check.faults_of(path)]
    checker.close()
    return list(dict.fromkeys(faults))


def _library_faults(definitions: Path, templates: Path, checker: PairChecker) -> list[Fault]:
    library = FolderLibrary(definitions, templates, checker)
    registers = library.checked_registers()[1]
    views = list(view_faults(definitions / "views", library.forms(), checker.read_json))
    # last, since it closes the checker
    return [*library.checked_pairs()[1], *registers, *views]


def layout_warnings(templates: Path, paths: Sequence[Path], checker: PairChecker) -> list[Fault]:
    """Return what a PDF of the templates would show otherwise than Word.

    Unreadable files are left to ``check_paths``.
    """
    faults = []
    for file in _word_files(templates, paths):
        try:
            content = read_regular_file(file, container_limits().file)
        except UnreadableFile:
            continue
        faults += [Fault(file.name, "", warning, "notice") for warning in checker.layout_warnings(content)]
    checker.close()
    return faults


def _word_files(templates: Path, paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths or [templates]:
        folder = path / "doc_templates" if (path / "doc_templates").is_dir() else path
        partner = path.with_suffix(".docx") if path.suffix == ".json" else path
        files += sorted(folder.glob("*.docx")) if folder.is_dir() else [partner]
    return [file for file in dict.fromkeys(files) if file.suffix == ".docx" and file.is_file()]


class _PathCheck:
    """Check of single files and folders with one checker."""

    def __init__(self, definitions: Path, templates: Path, checker: PairChecker) -> None:
        self._definitions, self._templates, self._checker = definitions, templates, checker

    def faults_of(self, path: Path) -> Sequence[Fault]:
        return self._folder_faults(path) if path.is_dir() else self._file_faults(path, self._templates)

    def _folder_faults(self, path: Path) -> list[Fault]:
        if (path / "form_definitions").is_dir():
            return _library_faults(path / "form_definitions", path / "doc_templates", self._checker)
        if not any(path.glob("*.json")) and any(path.glob("*.docx")):
            return [fault for file in sorted(path.glob("*.docx")) for fault in self._template_faults(file)]
        return [fault for file in sorted(path.glob("*.json")) for fault in self._file_faults(file, path)]

    def _file_faults(self, file: Path, templates: Path) -> Sequence[Fault]:
        if file.suffix == ".docx":
            partners = (file.with_suffix(".json"), self._definitions / f"{file.stem}.json")
            partner = next((f for f in partners if f.is_file()), None)
            return (
                self._template_faults(file)
                if partner is None
                else self._pair_faults(partner, file, templates)
            )
        if file.suffix == ".json" and file.parent.name == "registers":
            return FolderLibrary(file.parent.parent, templates, self._checker).check_register(file).faults
        if file.suffix == ".json" and file.parent.name == "views":
            forms = FolderLibrary(file.parent.parent, templates, self._checker).forms()
            return file_faults(file, forms, self._checker.read_json)
        if file.suffix == ".json":
            partner = file.with_suffix(".docx")
            return self._pair_faults(file, partner if partner.is_file() else None, templates)
        return [Fault(file.name, "", msg("只能检查 .json 表单定义和 .docx 模板。"))]

    def _pair_faults(self, file: Path, template: Path | None, templates: Path) -> Sequence[Fault]:
        # a definition in a folder of its own may still use the office's shared groups
        shared = file.parent if (file.parent / "groups").is_dir() else self._definitions
        return FolderLibrary(shared, templates, self._checker).check_file(file, template).faults

    def _template_faults(self, file: Path) -> list[Fault]:
        try:
            content = read_regular_file(file, container_limits().file)
        except UnreadableFile as unreadable:
            return [Fault(file.name, "", str(unreadable))]
        return [replace(fault, file=file.name) for fault in self._checker.check_template(content)]
