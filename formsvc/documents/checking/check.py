"""Faults of definitions and Word templates, for ``formsvc check``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from formsvc.documents.checking.contract import check_template
from formsvc.documents.checking.folders import FolderLibrary
from formsvc.docxpdf import FontCatalog, lay_out_document
from formsvc.errors import Fault, FormsvcError
from formsvc.i18n.messages import msg


def check_paths(definitions: Path, templates: Path, paths: Sequence[Path]) -> list[Fault]:
    """Return the faults of files and folders, the configured by default.

    A folder holds definitions and templates together, or is a project with a folder for each.
    """
    if not paths:
        return FolderLibrary(definitions, templates).checked_pairs()[1]
    faults: list[Fault] = []
    for path in paths:
        faults += (
            _check_folder(path, definitions) if path.is_dir() else _check_file(path, definitions, templates)
        )
    return list(dict.fromkeys(faults))


def layout_warnings(templates: Path, paths: Sequence[Path], fonts: FontCatalog) -> list[Fault]:
    """Return what a PDF of the templates would show otherwise than Word.

    Unreadable files are left to ``check_paths``.
    """
    faults = []
    for file in _word_files(templates, paths):
        try:
            remarks = lay_out_document(file.read_bytes(), fonts).warnings
        except FormsvcError:
            continue  # an error of the file, which check_paths reports
        faults += [Fault(file.name, "", remark, "notice") for remark in remarks]
    return faults


def _word_files(templates: Path, paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths or [templates]:
        folder = path / "doc_templates" if (path / "doc_templates").is_dir() else path
        partner = path.with_suffix(".docx") if path.suffix == ".json" else path
        files += sorted(folder.glob("*.docx")) if folder.is_dir() else [partner]
    return [file for file in dict.fromkeys(files) if file.suffix == ".docx" and file.is_file()]


def _check_folder(path: Path, definitions: Path) -> list[Fault]:
    if (path / "form_definitions").is_dir():
        return FolderLibrary(path / "form_definitions", path / "doc_templates").checked_pairs()[1]
    if not any(path.glob("*.json")) and any(path.glob("*.docx")):
        return [fault for file in sorted(path.glob("*.docx")) for fault in _template_faults(file)]
    faults: list[Fault] = []
    for file in sorted(path.glob("*.json")):
        faults += _check_file(file, definitions, path)
    return faults


def _check_file(file: Path, definitions: Path, templates: Path) -> list[Fault]:
    if file.suffix == ".docx":
        partner = next(
            (f for f in (file.with_suffix(".json"), definitions / f"{file.stem}.json") if f.is_file()), None
        )
        return (
            _template_faults(file) if partner is None else _pair_faults(partner, file, definitions, templates)
        )
    if file.suffix == ".json":
        partner = file.with_suffix(".docx")
        return _pair_faults(file, partner if partner.is_file() else None, definitions, templates)
    return [Fault(file.name, "", msg("只能检查 .json 表单定义和 .docx 模板。"))]


def _pair_faults(file: Path, template: Path | None, definitions: Path, templates: Path) -> list[Fault]:
    # a definition in a folder of its own may still use the office's shared groups
    shared = file.parent if (file.parent / "groups").is_dir() else definitions
    return FolderLibrary(shared, templates).check_one(file, template)[1]


def _template_faults(file: Path) -> list[Fault]:
    return check_template(file.read_bytes(), None, file.name)
