"""Check of one definition with its Word template, on their bytes alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Protocol

from formsvc.documents.checking.contract import template_faults
from formsvc.documents.checking.json_source import parse_files, parse_json
from formsvc.documents.checking.registers import CheckedRegister, RegisterFile, known_registers
from formsvc.domain.definition_loader import FormDefinition, load_definition, read_definition
from formsvc.domain.definitions.cross_checks import Forms
from formsvc.domain.json_types import JSON
from formsvc.errors import DefinitionFaulty, Fault
from formsvc.i18n.messages import msg
from formsvc.usecases.ports import DefinitionFile


@dataclass(frozen=True)
class PairSource:
    """The bytes that one form is made of; no part needs a file to be read.

    ``groups``, ``lookups`` and ``registers`` are shared by all definitions, by name; without ``registers`` what effects
    write is not compared with them. ``template`` is None if there is no such file. ``variants`` are the templates of
    variants by file name, None for one that is not there.
    """

    form: str
    definition: bytes = field(repr=False)
    groups: Mapping[str, bytes] = field(repr=False)
    lookups: Mapping[str, bytes] = field(repr=False)
    template_name: str = ""
    template: bytes | None = field(default=None, repr=False)
    variants: Mapping[str, bytes | None] = field(default_factory=dict, repr=False)
    registers: Mapping[str, bytes] | None = field(default=None, repr=False)

    @property
    def variant_files(self) -> dict[str, bytes]:
        """The templates of variants that are there."""
        return {name: content for name, content in self.variants.items() if content is not None}

    @property
    def file(self) -> str:
        return f"{self.form}.json"

    def text_of(self, file: str) -> str | None:
        """Return the text of the definition or a group, by its shown name."""
        content = self.definition if file == self.file else self.groups.get(PurePosixPath(file).stem)
        return None if content is None else content.decode("utf-8-sig", errors="replace")


@dataclass(frozen=True)
class CheckedPair:
    """Outcome of a check: the pair if it may be used, and every fault.

    ``template_name`` is the template that the definition names, ``variant_names`` are those of its variants. If they
    are not the ones that were in the source, nothing was checked: read those and check again. ``is_final`` is False if the check was stopped by a limit,
    which a busy machine may have caused.
    """

    pair: DefinitionFile | None
    faults: tuple[Fault, ...]
    template_name: str
    is_final: bool = True
    variant_names: tuple[str, ...] = ()


class PairChecker(Protocol):
    """Check of pairs, in this process or in a limited one."""

    def check(self, source: PairSource) -> CheckedPair: ...

    def check_register(self, source: RegisterFile) -> CheckedRegister: ...

    def check_template(self, template: bytes) -> tuple[Fault, ...]:
        """Return the faults of a Word template without a definition."""

    def load(self, source: PairSource) -> tuple[FormDefinition | None, list[Fault]]:
        """Return the definition of a source alone, None if it has faults."""

    def read_json(self, content: bytes, shown_as: str) -> tuple[JSON, list[Fault]]:
        """Return the content of a file that several definitions share."""

    def check_between(
        self, forms: Forms, offered: Collection[str], listed: Collection[str] | None
    ) -> Sequence[Fault]:
        """Return the faults between definitions that passed, see cross_checks."""

    def layout_warnings(self, template: bytes) -> list[str]:
        """Return what a PDF of a template shows otherwise than Word.

        Empty for a file that cannot be laid out: ``check`` names its faults.
        """

    def close(self) -> None:
        """Give back what is held between checks; a later check takes it again."""


def check_template(template: bytes) -> tuple[Fault, ...]:
    """Return the faults of a Word template without a definition."""
    return tuple(template_faults(template, None, msg("Word 模板")))


def load_source(source: PairSource) -> tuple[FormDefinition | None, list[Fault]]:
    """Return the definition of a source alone, None if it has faults."""
    content, faults = parse_json(source.definition, source.file)
    groups, group_faults = parse_files("groups", source.groups)
    lookups, lookup_faults = parse_files("lookups", source.lookups)
    faults += group_faults + lookup_faults
    try:
        return (None, faults) if faults else (load_definition(content, groups, lookups, source.file), [])
    except DefinitionFaulty as error:
        return None, list(error.faults)


# faults of a template of this name with its definition
MeasureTemplate = Callable[[bytes, FormDefinition, str], Iterable[Fault]]


def check_pair(source: PairSource, measure: MeasureTemplate | None = None) -> CheckedPair:
    """Return a checked pair: definition, template, and both together.

    ``measure`` lays out the templates of a pair that may be used.
    """
    content, faults = parse_json(source.definition, source.file)
    name, variant_names = _template_name(content, source.form), _variant_names(content)
    refused = CheckedPair(None, (), name, variant_names=variant_names)
    if name != source.template_name or set(variant_names) != set(source.variants):
        return refused
    groups, group_faults = parse_files("groups", source.groups)
    lookups, lookup_faults = parse_files("lookups", source.lookups)
    faults += group_faults + lookup_faults
    own = [fault for fault in faults if fault.file == source.file]
    definition = None if own else _load(content, groups, lookups, source, faults)
    is_sound = definition is not None and not any(f.level == "error" for f in definition.notices)
    if source.template is not None:
        faults += template_faults(source.template, definition, name, trial=is_sound)
    if definition is None:
        return replace(refused, faults=tuple(faults))
    for value, file in definition.variant_templates:
        content_of_variant = source.variants[file]
        if content_of_variant is not None:
            variant = definition.variant(value)
            faults += template_faults(content_of_variant, variant, file, trial=is_sound)
    faults += _pair_faults(source, definition)
    # its own faults may be in the file of a group that it includes
    if not is_sound:
        return replace(refused, faults=tuple(faults))
    # a faulty group or lookup that this definition does not use does not hold it back
    blocking = {source.file, name, *variant_names}
    if source.template is None or any(f.level == "error" and f.file in blocking for f in faults):
        return replace(refused, faults=tuple(faults))
    if measure is not None:
        faults += _measured_faults(source, definition, name, measure)
    pair = DefinitionFile(
        definition.id, definition.to_resolved(), source.template, dict(source.variant_files)
    )
    return replace(refused, pair=pair, faults=tuple(faults))


def _measured_faults(
    source: PairSource, definition: FormDefinition, name: str, measure: MeasureTemplate
) -> Iterator[Fault]:
    if source.template is not None:
        yield from measure(source.template, definition, name)
    for value, file in definition.variant_templates:
        if content := source.variants[file]:
            yield from measure(content, definition.variant(value), file)


def _template_name(content: JSON, form: str) -> str:
    named = content.get("template") if isinstance(content, dict) else None
    return named if isinstance(named, str) and named else f"{form}.docx"


def _variant_names(content: JSON) -> tuple[str, ...]:
    """Return the templates that variants name."""
    variants = content.get("variants") if isinstance(content, dict) else None
    cases = variants.get("cases") if isinstance(variants, dict) else None
    named = (
        [case.get("template") for case in cases or () if isinstance(case, dict)]
        if isinstance(cases, list)
        else []
    )
    main = content.get("template") if isinstance(content, dict) else None
    # a name with a path is a fault of the definition, and no file of the folder
    return tuple(dict.fromkeys(n for n in named if isinstance(n, str) and n.endswith(".docx") and n != main))


def _load(
    content: JSON,
    groups: Mapping[str, JSON],
    lookups: Mapping[str, JSON],
    source: PairSource,
    faults: list[Fault],
) -> FormDefinition | None:
    given = source.registers
    registers = None if given is None else known_registers(content, groups, given, lookups)
    definition, own_faults = read_definition(content, groups, lookups, source.file, source.text_of, registers)
    faults += own_faults
    return definition


def _pair_faults(source: PairSource, definition: FormDefinition) -> Iterator[Fault]:
    if definition.id != source.form:
        where = msg(
            "定义的 id 是“{id}”，与文件名“{file}”不同。请改成一样。", id=definition.id, file=source.form
        )
        yield Fault(source.file, "/id", where)
    for name, content in source.variants.items():
        if content is None:
            absent = msg("找不到 Word 模板“{template}”。请把它放进模板文件夹。", template=name)
            yield Fault(source.file, "/variants", absent)
    if source.template is None:
        missing = msg("找不到 Word 模板“{template}”。请把它放进模板文件夹。", template=definition.template)
        yield Fault(source.file, "/template", missing)
