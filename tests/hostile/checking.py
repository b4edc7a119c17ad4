"""Checks of hostile pairs by ``FolderLibrary``, and what is held against each outcome."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from formsvc.documents.checking.pairs import PairChecker
from formsvc.errors import Fault
from tests.hostile.case import HostileFile, as_json, sound, sound_template
from tests.hostile.definitions import DEFINITIONS
from tests.hostile.templates import TEMPLATES
from tests.support.checkers import shipped_library
from tests.support.limited_process import Outcome
from tests.support.sentences import sentence_faults

SECONDS, MEGABYTES = 30, 500
# threads of a store reserve addresses that they never use
RESERVED_MEGABYTES = 4000
NAME = "H01"
_BY_ID = {("definition", case.id): case for case in DEFINITIONS} | {
    ("template", case.id): case for case in TEMPLATES
}


def check_pair(named: tuple[str, str], checker: PairChecker | None = None) -> tuple[bool, list[Fault]]:
    """Return whether a pair of the corpus is accepted, and its faults; ``named`` is its kind and id."""
    kind, _id = named
    case = _BY_ID[named]
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{NAME}.json"
        write_pair(Path(folder), Path(folder), NAME, case, kind)
        checked = shipped_library(checker).check_file(file)
    return checked.pair is not None, list(checked.faults)


def write_pair(definitions: Path, templates: Path, name: str, case: HostileFile, kind: str) -> None:
    """Write a definition or a template of the corpus with a sound partner."""
    definition = (
        case.named(name) if kind == "definition" else as_json(sound()).replace(b"HOSTILE", name.encode())
    )
    word = sound_template() if kind == "definition" else case.content()
    (templates / f"{name}.docx").write_bytes(word)
    (definitions / f"{name}.json").write_bytes(definition)


def breaches(case: HostileFile, outcome: Outcome) -> list[str]:
    """Return what an outcome of ``check_pair`` breaks."""
    found = process_breaches(outcome)
    if found:
        return found
    accepted, faults = outcome.value
    errors = [fault for fault in faults if fault.level == "error"]
    if case.expected == "refused" and (accepted or not errors):
        found.append("accepted")
    if case.expected == "inert" and (errors or not accepted):
        found.append(f"refused: {[str(e) for e in errors]}")
    if not accepted and not errors:
        found.append("held back without a fault")
    return found + [wrong for fault in faults for wrong in sentence_faults(str(fault.message))]


def process_breaches(outcome: Outcome) -> list[str]:
    """Return what the process itself broke: limits, an exception, a traceback."""
    found = []
    if outcome.death:
        found.append(f"{outcome.death.strip()[-600:]} after {outcome.seconds:.1f} s")
    if outcome.seconds > SECONDS:
        found.append(f"{outcome.seconds:.1f} s")
    if outcome.megabytes > MEGABYTES:
        found.append(f"{outcome.megabytes:.0f} MB")
    if "Traceback" in outcome.stderr:
        found.append(f"a traceback: {outcome.stderr[-600:]}")
    return found
