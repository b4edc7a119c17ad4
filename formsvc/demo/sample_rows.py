"""Fictitious rows in the registers of the sample office."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from formsvc.usecases.context import CONSOLE, Actor, Ports
from formsvc.usecases.registers.row_changes import RowChange, keep_row


def create_sample_rows(ports: Ports) -> None:
    """Write the sample rows into the registers that the office has."""
    text = resources.files("formsvc.demo").joinpath("register_rows.json").read_text(encoding="utf-8")
    sample: dict[str, Any] = json.loads(text)
    actor = Actor(CONSOLE, via="console")
    known = ports.definitions.registers()
    for register, rows in sample["registers"].items():
        for row in rows if register in known else ():
            keep_row(ports, actor, register, RowChange(row, reason=sample["note"]))
