"""What the papers of the road say and where each line stands, kept to be compared: ``make goldens`` writes them anew.

A paper is a text file: a line for each line of print, with the distance in whole millimetres from the page's left
and top edge to its first character's foot. Whoever changes the layout renews them and reads the difference.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from formsvc.demo.office import sample_actor
from formsvc.domain.acts.act import Act
from formsvc.usecases.acts.issued_files import print_file
from formsvc.usecases.context import Ports
from formsvc.usecases.operator import issue_at_once
from tests.support.case_steps import LATER_CASES
from tests.support.paths import GOLDEN
from tests.support.pdf_text import rows
from tests.support.sample_office import CASES, ROAD, furnished

MM = 25.4 / 72
PAPERS = {name: CASES[name] for name in ROAD} | LATER_CASES
TOLERANCE = 1.0


@dataclass(frozen=True)
class PrintedLine:
    """A line of print: its page, where it begins in mm, and its words without blanks."""

    page: int
    x: float
    y: float
    text: str

    def __str__(self) -> str:
        return f"{self.page}\t{self.x:.0f}\t{self.y:.0f}\t{self.text}"


def printed_lines(pdf: bytes) -> list[PrintedLine]:
    """The lines of a PDF from top to bottom, page after page."""
    return [
        PrintedLine(row[0].page + 1, row[0].x * MM, row[0].y * MM, "".join(g.char for g in row))
        for row in rows(pdf)
    ]


def papers_of(ports: Ports, act: Act) -> bytes:
    """All papers of an act as they are printed, one after the other."""
    return print_file(ports, sample_actor(ports, "approver"), act.id, both_sides=False)[0]


def read(name: str) -> list[PrintedLine]:
    """The kept lines of a paper."""
    found = []
    for line in (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        page, x, y, text = line.split("\t", 3)
        found.append(PrintedLine(int(page), float(x), float(y), text))
    return found


def issue_road(ports: Ports) -> dict[str, Act]:
    """The worked cases of the road and the later ones, issued one after the other."""
    staff, approver = sample_actor(ports, "staff"), sample_actor(ports, "approver")
    return {
        name: issue_at_once(ports, staff, approver, case["act"], case["fields"])
        for name, case in PAPERS.items()
    }


def differences(kept: list[PrintedLine], made: list[PrintedLine]) -> list[str]:
    """What is not as it was kept, a sentence each: pages, then words, then places."""
    if kept[-1].page != made[-1].page:
        return [f"{kept[-1].page} pages were kept, {made[-1].page} are printed"]
    pairs = list(zip(kept, made, strict=False))
    told = [
        f"page {k.page}: “{k.text}” is now “{m.text}”"
        for k, m in pairs
        if (k.page, k.text) != (m.page, m.text)
    ]
    if told or len(kept) != len(made):
        return told[:5] or [f"{len(kept)} lines were kept, {len(made)} are printed"]
    return [
        f"page {k.page}: “{k.text}” stood at {k.x:.0f}, {k.y:.0f} mm and stands at {m.x:.1f}, {m.y:.1f} mm"
        for k, m in pairs
        if abs(k.x - m.x) > TOLERANCE or abs(k.y - m.y) > TOLERANCE
    ][:5]


def main() -> None:
    """Write all papers anew and say what has changed."""
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        ports = furnished(Path(folder))
        for name, act in issue_road(ports).items():
            made = printed_lines(papers_of(ports, act))
            known = (GOLDEN / f"{name}.txt").exists()
            changed = differences(read(name), made) if known else ["new"]
            (GOLDEN / f"{name}.txt").write_text("".join(f"{line}\n" for line in made), encoding="utf-8")
            print(f"{name} {PAPERS[name]['act']}: {changed or 'as before'}")


if __name__ == "__main__":
    main()
