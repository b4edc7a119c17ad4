"""Folders of form definitions and Word templates, read and checked."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from formsvc.documents.checking.json_source import max_json_bytes
from formsvc.documents.checking.pairs import CheckedPair, PairChecker, PairSource
from formsvc.documents.checking.registers import CheckedRegister, RegisterFile
from formsvc.documents.checking.regular_files import UnreadableFile, read_regular_file
from formsvc.docxpdf.opc.container import container_limits
from formsvc.domain.definition_loader import FormDefinition
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.json_types import JSON
from formsvc.errors import DefinitionFaulty, Fault
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import DefinitionFile

_log = logging.getLogger(__name__)
# how long after a check was stopped by a limit it is tried again
RETRY_SECONDS = 600.0
_KINDS = "document_kinds"


@dataclass(frozen=True)
class SharedFiles:
    """Bytes of what all definitions share, by name.

    Empty for a register that cannot be read.
    """

    groups: Mapping[str, bytes]
    lookups: Mapping[str, bytes]
    registers: Mapping[str, bytes]


class FolderLibrary:
    """The ``Library`` over ``form_definitions/`` and ``doc_templates/``.

    Definitions have their shared groups and lookups in subfolders. Nothing is interpreted here: the checker gets
    bytes.
    """

    def __init__(self, definitions: Path, templates: Path, checker: PairChecker) -> None:
        self._definitions, self._templates, self._checker = definitions, templates, checker
        self._checked: dict[str, tuple[PairSource, CheckedPair]] = {}
        self._stopped_registers: list[CheckedRegister] = []
        self._period = 0

    def signature(self) -> str:
        states = [(f.name, *_size_and_time(f)) for f in self._all_files()]
        states += [(f.name, 0, 0) for f in self._all_entries() if not _has_usable_name(f)]
        # what a limit stopped is checked again later, although its files are the same
        stopped = self._stopped_registers or any(not each.is_final for _, each in self._checked.values())
        return repr((states, _retry_period() if stopped else 0))

    def forms(self) -> list[str]:
        return [file.stem for file in self._form_files()]

    def source_of(self, form: str) -> str:
        return str(self._definitions / f"{form}.json")

    def checked_pairs(self, held: frozenset[str] = frozenset()) -> tuple[list[DefinitionFile], list[Fault]]:
        """Return the pairs that pass, and all faults.

        A pair whose files are unchanged is not checked again; the forms in ``held`` are not even read.
        """
        faults: list[Fault] = []
        shared = self._shared_files_of_all(faults)
        checked = [
            self._checked_or_failed(file, shared) for file in self._form_files() if file.stem not in held
        ]
        listed = self._listed_kinds(shared)
        self._checker.close()
        self._period = _retry_period()
        pairs = [each.pair for each in checked if each.pair is not None]
        faults += [fault for each in checked for fault in each.faults]
        names = {each.template_name for each in checked} | {f"{form}.docx" for form in held}
        names |= {name for each in checked for name in each.variant_names}
        definitions = {pair.form: pair.definition for pair in pairs}
        faults += self._faults_between(definitions, listed)
        faults += self._unusable_names()
        return pairs, list(dict.fromkeys(faults)) + self._orphan_templates(names)

    def _faults_between(
        self, definitions: Mapping[str, Mapping[str, JSON]], listed: frozenset[str] | None
    ) -> list[Fault]:
        try:
            return list(self._checker.check_between(definitions, self.forms(), listed))
        except Exception:  # noqa: BLE001 - what only compares definitions must not take them away
            _log.exception("definitions")
            sentence = msg("各种文书之间没有核对完。请把运行日志交给维护人员。")
            return [Fault(self._definitions.name, "", sentence)]

    def _listed_kinds(self, shared: SharedFiles) -> frozenset[str] | None:
        """Return the kinds in lookup ``document_kinds``, None without one."""
        if _KINDS not in shared.lookups:
            return None
        content, faults = self._checker.read_json(shared.lookups[_KINDS], _KINDS)
        entries = entries_of({_KINDS: content}, _KINDS)
        return None if faults else frozenset(str(entry.get("code")) for entry in entries)

    def checked_registers(self) -> tuple[list[Mapping[str, JSON]], list[Fault]]:
        """Return the registers that pass, self-contained, and all faults."""
        checked = [self.check_register(file) for file in self._shared_files("registers")]
        self._stopped_registers = [each for each in checked if not each.is_final]
        registers = [each.register for each in checked if each.register is not None]
        return registers, [fault for each in checked for fault in each.faults]

    def check_register(self, file: Path) -> CheckedRegister:
        """Check a register; any error is a fault of this register alone.

        The checker stays open.
        """
        shown = f"registers/{file.name}"
        try:
            content = read_regular_file(file, max_json_bytes())
            # lookups that cannot be read are faults of the forms
            return self._checker.check_register(RegisterFile(file.stem, content, self._shared("lookups", [])))
        except UnreadableFile as unreadable:
            return CheckedRegister(None, (Fault(shown, "", str(unreadable)),))
        except Exception:  # noqa: BLE001 - one faulty file must not touch another
            _log.exception("%s", shown)
            sentence = msg(
                "检查这个登记簿时出错，暂停使用新的文件。请改正后重新放入，或者把运行日志交给维护人员。"
            )
            return CheckedRegister(None, (Fault(shown, "", sentence),))

    def check_file(self, definition: Path, template: Path | None = None) -> CheckedPair:
        """Check a definition file in any folder.

        Without ``template`` it is looked for in the same folder, then among the templates. The checker stays open for
        the next file.
        """
        faults: list[Fault] = []
        shared = self._shared_files_of_all(faults)
        checked = self._check(definition, shared, template)
        return replace(checked, faults=(*faults, *checked.faults))

    def load(self, file: Path) -> FormDefinition:
        """Return the definition in a file in any folder. Raise DefinitionFaulty."""
        faults: list[Fault] = []
        shared = self._shared_files_of_all(faults)
        source, own_faults = self._read_source(file, shared, ("",), None)
        definition = None
        if source is not None:
            definition, loading = self._checker.load(source)
            own_faults += loading
        self._checker.close()
        if faults or definition is None:
            raise DefinitionFaulty([*faults, *own_faults])
        return definition

    def _all_files(self) -> list[Path]:
        return sorted(f for f in self._all_entries() if f.suffix in (".json", ".docx") and _is_visible(f))

    def _all_entries(self) -> list[Path]:
        folders = [
            self._definitions,
            self._definitions / "groups",
            self._definitions / "lookups",
            self._definitions / "registers",
            self._templates,
        ]
        return [f for folder in folders for f in _entries(folder)]

    def _form_files(self) -> list[Path]:
        return sorted(f for f in _entries(self._definitions) if f.suffix == ".json" and _is_visible(f))

    def _shared_files(self, folder: str) -> list[Path]:
        files = _entries(self._definitions / folder)
        return sorted(f for f in files if f.suffix == ".json" and _is_visible(f))

    def _shared_files_of_all(self, faults: list[Fault]) -> SharedFiles:
        # a register that cannot be read is a fault of its own, and none of the definitions that name it can be used
        unread = {file.stem: b"" for file in self._shared_files("registers")}
        registers = {**unread, **self._shared("registers", [])}
        return SharedFiles(self._shared("groups", faults), self._shared("lookups", faults), registers)

    def _shared(self, folder: str, faults: list[Fault]) -> dict[str, bytes]:
        """Return the bytes of files by name; collect faults."""
        contents: dict[str, bytes] = {}
        for file in self._shared_files(folder):
            try:
                contents[file.stem] = read_regular_file(file, max_json_bytes())
            except UnreadableFile as unreadable:
                faults.append(Fault(f"{folder}/{file.name}", "", str(unreadable)))
        return contents

    def _checked_or_failed(self, file: Path, shared: SharedFiles) -> CheckedPair:
        """Check a pair; an error of any kind is a fault of this pair alone."""
        try:
            return self._checked_pair(file, shared)
        except Exception:  # noqa: BLE001 - one faulty pair must not touch another
            _log.exception("%s", file.name)
            sentence = msg(
                "检查这种文书时出错，暂停使用新的文件。请改正后重新放入，或者把运行日志交给维护人员。"
            )
            return CheckedPair(None, (Fault(file.name, "", sentence),), f"{file.stem}.docx")

    def _checked_pair(self, file: Path, shared: SharedFiles) -> CheckedPair:
        known = self._checked.get(file.name)
        names = _named_by(known[1]) if known else (f"{file.stem}.docx",)
        template = self._template_file(file, names[0])
        source, faults = self._read_source(file, shared, names, template)
        is_current = known is not None and (known[1].is_final or self._period == _retry_period())
        if known and is_current and source is not None and known[0] == source:
            return known[1]
        checked = self._check(file, shared, None)
        if source is not None and not faults:
            self._checked[file.name] = (replace(source, template_name=checked.template_name), checked)
        return checked

    def _check(self, file: Path, shared: SharedFiles, template: Path | None) -> CheckedPair:
        """Check a pair with the template its definition names, or a chosen one."""
        names: tuple[str, ...] = (f"{file.stem}.docx",)
        checked = self._check_with(file, shared, names, template)
        if _named_by(checked) != names:
            checked = self._check_with(file, shared, _named_by(checked), template)
        return checked

    def _check_with(
        self, file: Path, shared: SharedFiles, names: Sequence[str], template: Path | None
    ) -> CheckedPair:
        name = names[0]
        word_file = template or self._template_file(file, name)
        source, faults = self._read_source(file, shared, names, word_file)
        if source is None:
            return CheckedPair(None, tuple(faults), name)
        checked = self._checker.check(source)
        shown = word_file.name if word_file else name
        named = [replace(f, file=shown) if f.file == checked.template_name else f for f in checked.faults]
        return replace(checked, faults=(*faults, *named))

    def _read_source(
        self, file: Path, shared: SharedFiles, names: Sequence[str], template: Path | None
    ) -> tuple[PairSource | None, list[Fault]]:
        """Return the bytes of a pair, None if there is no definition; and faults."""
        try:
            definition = read_regular_file(file, max_json_bytes())
        except UnreadableFile as unreadable:
            return None, [Fault(file.name, "", str(unreadable))]
        variants: dict[str, bytes | None] = {}
        for name in names[1:]:
            word_file = self._template_file(file, name)
            is_there = word_file is not None and os.path.isfile(word_file)
            try:
                variants[name] = (
                    read_regular_file(word_file, container_limits().file) if word_file and is_there else None
                )
            except UnreadableFile as unreadable:
                return None, [Fault(name, "", str(unreadable))]
        source = PairSource(
            file.stem,
            definition,
            shared.groups,
            shared.lookups,
            names[0],
            variants=variants,
            registers=shared.registers,
        )
        # a link to nowhere counts as missing, which is the check's to say
        if template is None or not os.path.exists(template):
            return source, []
        try:
            return replace(source, template=read_regular_file(template, container_limits().file)), []
        except UnreadableFile as unreadable:
            return source, [Fault(template.name, "", str(unreadable))]

    def _template_file(self, file: Path, name: str) -> Path | None:
        # a name with a path would read outside the folder of templates
        if Path(name).name != name:
            return None
        own = file.parent / name
        # pathlib raises OSError for a name too long for the file system, os.path does not
        return own if os.path.isfile(own) and file.parent != self._definitions else self._templates / name

    def _unusable_names(self) -> list[Fault]:
        sentence = msg("文件名不是 UTF-8，不能使用。请改名后重新放入。")
        names = sorted(f.name for f in self._all_entries() if not _has_usable_name(f))
        return [Fault(os.fsencode(name).decode("utf-8", "backslashreplace"), "", sentence) for name in names]

    def _orphan_templates(self, names: set[str]) -> list[Fault]:
        return [
            Fault(f.name, "", msg("这个 Word 模板没有对应的表单定义，不会被使用。"), "notice")
            for f in sorted(_entries(self._templates))
            if f.suffix == ".docx" and f.name not in names and _is_visible(f)
        ]


def _retry_period() -> int:
    return int(time.monotonic() // RETRY_SECONDS)


def _is_visible(file: Path) -> bool:
    # lock files of Word (~$T22.docx) and of editors (.#T22.json)
    return not file.name.startswith(("~", ".")) and _has_usable_name(file)


def _has_usable_name(file: Path) -> bool:
    # Python reads a name that is no UTF-8 as text that cannot be written anywhere (PEP 383)
    try:
        file.name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _entries(folder: Path) -> list[Path]:
    # another program may take the folder away or change its permissions at any moment
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _size_and_time(file: Path) -> tuple[int, int]:
    """Return size and modification time; -1 and 0 for what cannot be read.

    That is a link to nowhere, as some editors make them while a file is edited.
    """
    try:
        status = file.stat()
    except OSError:
        return -1, 0
    return status.st_size, status.st_mtime_ns


def _named_by(checked: CheckedPair) -> tuple[str, ...]:
    """Return the template that a definition names, and those of its variants."""
    return (checked.template_name, *checked.variant_names)


def load_definition_file(file: Path, definitions: Path, checker: PairChecker) -> FormDefinition:
    """Return the definition in a JSON file. Raise DefinitionFaulty.

    Groups and lookups are those in its folder if it has any, else those of ``definitions``.
    """
    shared = file.parent if (file.parent / "groups").is_dir() else definitions
    return FolderLibrary(shared, shared, checker).load(file)
