"""LibreOffice as a yardstick, with the same fonts and a profile of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import uharfbuzz as hb

from formsvc.docxpdf import FontCatalog
from formsvc.docxpdf.fonts.substitutes import EAST_ASIAN_SUBSTITUTES, LATIN_SUBSTITUTES

_LONGEST = 180


@dataclass(frozen=True)
class LibreOfficePdf:
    """PDF that LibreOffice made of a file, None if it failed."""

    pdf: bytes | None
    seconds: float


class LibreOffice:
    """LibreOffice, started again for each file.

    Finished PDFs are kept in the folder and taken from there next time.
    """

    def __init__(self, program: str, fonts: FontCatalog, folder: Path) -> None:
        self._program, self._folder = program, folder.resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "fonts.conf"
        config.write_text(fontconfig(fonts, self._folder / "fontcache"), encoding="utf-8")
        self._environment = {**os.environ, "FONTCONFIG_FILE": str(config)}

    @staticmethod
    def find_program() -> str | None:
        return shutil.which("soffice") or shutil.which("libreoffice")

    def convert(self, file: Path) -> LibreOfficePdf:
        target, note = (self._folder / f"{file.stem}{suffix}" for suffix in (".pdf", ".json"))
        if not (note.exists() and note.stat().st_mtime > file.stat().st_mtime):
            note.write_text(json.dumps(self._convert(file)), encoding="utf-8")
        seconds = float(json.loads(note.read_text(encoding="utf-8")))
        return LibreOfficePdf(target.read_bytes() if target.exists() else None, seconds)

    def _convert(self, file: Path) -> float:
        profile = f"-env:UserInstallation={(self._folder / 'profile').as_uri()}"
        words = [self._program, profile, "--headless", "--convert-to", "pdf"]
        words += ["--outdir", str(self._folder), str(file.resolve())]
        began = time.perf_counter()
        try:
            subprocess.run(words, env=self._environment, capture_output=True, check=False, timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            return float(_LONGEST)
        return time.perf_counter() - began


def fontconfig(fonts: FontCatalog, cache: Path) -> str:
    """Return a configuration that maps font names to the files we draw with."""
    folders = sorted({face.path.resolve().parent.as_posix() for face in fonts.faces})
    lines = [f"<dir>{escape(folder)}</dir>" for folder in folders]
    lines.append(f"<cachedir>{escape(cache.as_posix())}</cachedir>")
    for designs, east in ((EAST_ASIAN_SUBSTITUTES, True), (LATIN_SUBSTITUTES, False)):
        for design in designs.values():
            lines += [_alias(name, _family_of(fonts, name, east), design.heavy) for name in design.names]
    lines.append(_last_resort(_family_of(fonts, "Times New Roman", False), _family_of(fonts, "宋体", True)))
    head = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
    return f"{head}<fontconfig>\n" + "\n".join(lines) + "\n</fontconfig>\n"


def _family_of(fonts: FontCatalog, name: str, east: bool) -> str:
    """Return the family of the file that draws a font, for fontconfig."""
    face = fonts.chain(name, east=east).faces[0].face
    opened = hb.Face(hb.Blob.from_file_path(str(face.path)), face.index)
    return str(opened.get_name(16) or opened.get_name(1) or face.family).replace("\0", "")


def _alias(name: str, family: str, heavy: bool) -> str:
    wanted = f'<test name="family"><string>{escape(name)}</string></test>'
    edit = f'<edit name="family" mode="assign" binding="same"><string>{escape(family)}</string></edit>'
    weight = '<edit name="weight" mode="assign"><const>bold</const></edit>' if heavy else ""
    return f'<match target="pattern">{wanted}{edit}{weight}</match>'


def _last_resort(*families: str) -> str:
    named = "".join(f"<string>{escape(family)}</string>" for family in families)
    return f'<match target="pattern"><edit name="family" mode="append">{named}</edit></match>'
