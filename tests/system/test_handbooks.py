"""The handbooks say what is there: commands, buttons, sentences, links and pictures."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.support.command_process import run_command
from tests.support.paths import ROOT

DOCS = ROOT / "docs"
HANDBOOKS = sorted(DOCS.glob("handbook-*.md"))
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "README.zh-CN.md"]
LARGEST = 120_000
_LINK = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")
_QUOTED = re.compile(r"“([^”]+)”")
_COMMAND = re.compile(
    r"formsvc ([a-z]+)(?: (list|check|revoke|add|import|undo|show|accept|correct))?((?: --[a-z-]+| [^\s`|]+)*)"
)
_TARGET = re.compile(r"make ([a-z-]+)")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
OF_THE_TRADE = {"责令", "处罚", "绥北", "作废"}
"""Words in marks that are no words of the program: of documents, stamps and numbers."""


def catalogue() -> list[str]:
    """Every sentence of the program, what is filled in left out."""
    with (ROOT / "formsvc/i18n/locales/messages.pot").open("rb") as source:
        found = [m.id for m in read_po(source) if isinstance(m.id, str) and m.id]
    return [re.sub(r"%\(\w+\)s|\{\w+\}", "…", text) for text in found]


SENTENCES = catalogue()


def is_said(words: str) -> bool:
    """Whether the program says these words; 据此制作…… and the like stand for any that go on."""
    wanted = words.replace("……", "…").rstrip("…")
    return any(wanted in said or (said.endswith("…") and words.startswith(said[:-1])) for said in SENTENCES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_every_picture_is_used_and_none_is_heavy() -> None:
    used = {t for page in PAGES for t in _LINK.findall(page.read_text(encoding="utf-8"))}
    pictures = {picture.name: picture.stat().st_size for picture in (DOCS / "pictures").iterdir()}
    assert pictures.keys() <= {Path(target).name for target in used}
    assert [name for name, size in pictures.items() if size > LARGEST] == []


@pytest.mark.parametrize("page", HANDBOOKS, ids=lambda page: page.name)
def test_what_stands_in_marks_is_said_by_the_program(page: Path) -> None:
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    words = {w for w in _QUOTED.findall(text) if w not in OF_THE_TRADE and not re.fullmatch(r"\W+", w)}
    assert [w for w in sorted(words) if not is_said(w)] == []


def test_the_faults_that_operators_look_up_are_the_programs_own() -> None:
    text = (DOCS / "handbook-operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \|", text[text.index("| 看到的话") :], flags=re.MULTILINE)[1:]
    assert len(rows) > 5
    assert [said for said in rows if not is_said(said)] == []


def test_commands_and_their_options_exist() -> None:
    """Asked of the program itself."""
    code = [c for page in PAGES for c in _CODE.findall(page.read_text(encoding="utf-8"))]
    named = {m.groups() for part in code for m in _COMMAND.finditer(part)}
    targets = {target for part in code for target in _TARGET.findall(part)}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [t for t in sorted(targets) if f"\n{t}:" not in makefile] == []
    for command in sorted({(c, sub) for c, sub, _ in named if c not in {"service", "sqlite"}}, key=str):
        words = [w for w in command if w]
        said = run_command([*words, "--help"], os.environ, ROOT)
        assert said.returncode == 0, words
        options = {
            o for c, s, more in named if (c, s) == command for o in re.findall(r"--[a-z][a-z-]+", more)
        }
        assert [o for o in sorted(options) if o not in said.stdout] == [], words
