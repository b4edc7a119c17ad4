"""Files of the folder of views, read as bytes and never interpreted."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from formsvc.documents.checking.regular_files import UnreadableFile, read_regular_file

# bytes of one view; the largest that says something has a few hundred
LARGEST_VIEW = 2**20
# views on the page; more could not be overseen
MOST_VIEWS = 24
_log = logging.getLogger(__name__)


class ViewFolder:
    """A folder of JSON files, one for each view."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self) -> Mapping[str, bytes]:
        """Return the bytes of each file by its name without the ending."""
        found: dict[str, bytes] = {}
        for file in sorted(self._folder.glob("*.json"))[:MOST_VIEWS]:
            try:
                found[file.stem] = read_regular_file(file, LARGEST_VIEW)
            except UnreadableFile as unreadable:
                _log.warning("%s: %s", file.name, unreadable)
                # not JSON: the page names the file among the faults
                found[file.stem] = b""
        return found
