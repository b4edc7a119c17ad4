"""Check of one register definition, on its bytes alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from formsvc.documents.checking.json_source import parse_files, parse_json
from formsvc.domain.json_types import JSON
from formsvc.domain.life.register_checks import KnownRegisters
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.domain.registers.loader import read_register
from formsvc.errors import Fault


@dataclass(frozen=True)
class RegisterFile:
    """The bytes of a register definition and of the shared lookups, by name."""

    name: str
    content: bytes = field(repr=False)
    lookups: Mapping[str, bytes] = field(repr=False)

    @property
    def file(self) -> str:
        return f"registers/{self.name}.json"


@dataclass(frozen=True)
class CheckedRegister:
    """Outcome of a check.

    ``register`` is self-contained, None if it may not be used.
    ``is_final`` is False if the check was stopped by a limit.
    """

    register: Mapping[str, JSON] | None
    faults: tuple[Fault, ...]
    is_final: bool = True


def check_register(source: RegisterFile) -> CheckedRegister:
    """Return a checked register."""
    # faults of the lookups are those of the forms
    lookups, _ = parse_files("lookups", source.lookups)
    register, faults = _read(source.name, source.content, lookups)
    return CheckedRegister(register.to_resolved() if register else None, faults)


def known_registers(
    content: JSON, groups: Mapping[str, JSON], registers: Mapping[str, bytes], lookups: Mapping[str, JSON]
) -> KnownRegisters:
    """Return the registers that a definition or a group it includes names."""
    written = json.dumps(content)
    written += "".join(
        json.dumps(group) for name, group in groups.items() if json.dumps(f"@{name}") in written
    )
    return {
        name: _read(name, text, lookups)[0] if json.dumps(name) in written else None
        for name, text in registers.items()
    }


def _read(
    name: str, content: bytes, lookups: Mapping[str, JSON]
) -> tuple[RegisterDefinition | None, tuple[Fault, ...]]:
    shown = f"registers/{name}.json"
    value, faults = parse_json(content, shown)
    if faults:
        return None, tuple(faults)
    text = content.decode("utf-8-sig")
    return read_register(value, lookups, shown, {shown: text}.get)
