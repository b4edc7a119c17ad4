"""Instructions of a Containerfile."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """One instruction, its lines joined."""

    word: str
    text: str

    @property
    def commands(self) -> list[str]:
        """The commands of a RUN, one after another."""
        return [each.strip() for each in self.text.split("&&")]


def instructions(file: Path) -> list[Instruction]:
    """All of them in order."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    joined = "\n".join(lines).replace("\\\n", "")
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines()]
