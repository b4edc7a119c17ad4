"""Files of the folder of views, read as bytes and never interpreted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from formsvc.documents.checking.regular_files import UnreadableFile, read_regular_file
from formsvc.domain.json_types import JSON
from formsvc.domain.statistics.view import read_view
from formsvc.errors import Fault
from formsvc.i18n.messages import msg

# bytes of one view; the largest that says something has a few hundred
LARGEST_VIEW = 2**20
# views on the page; more could not be overseen
MOST_VIEWS = 24
_log = logging.getLogger(__name__)


class ViewFolder:
    """A folder of JSON files, one for each view."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))

    def files(self) -> Mapping[str, bytes]:
        """Return the bytes of each file by its name without the ending."""
        found: dict[str, bytes] = {}
        for file in self.paths()[:MOST_VIEWS]:
            try:
                found[file.stem] = read_regular_file(file, LARGEST_VIEW)
            except UnreadableFile as unreadable:
                _log.warning("%s: %s", file.name, unreadable)
                # not JSON: the page names the file among the faults
                found[file.stem] = b""
        return found


def view_faults(
    folder: Path, forms: Collection[str], read_json: Callable[[bytes, str], tuple[JSON, list[Fault]]]
) -> Iterator[Fault]:
    """Yield the faults of all views of a folder.

    ``read_json`` parses within limits; ``forms`` are the kinds a view may name.
    """
    for number, file in enumerate(ViewFolder(folder).paths(), 1):
        yield from file_faults(file, forms, read_json)
        if number == MOST_VIEWS + 1:
            sentence = msg("统计页只显示前 {n} 个视图，这一个和以后的不显示；请删去用不着的。", n=MOST_VIEWS)
            yield Fault(f"views/{file.name}", "", sentence)


def file_faults(
    file: Path, forms: Collection[str], read_json: Callable[[bytes, str], tuple[JSON, list[Fault]]]
) -> list[Fault]:
    """Return the faults of one view."""
    shown = f"views/{file.name}"
    try:
        content, faults = read_json(read_regular_file(file, LARGEST_VIEW), shown)
    except UnreadableFile as unreadable:
        return [Fault(shown, "", str(unreadable))]
    return faults or list(read_view(content, file.stem, forms)[1])
