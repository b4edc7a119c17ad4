"""File of a day with the messages that no mail server sent."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from formsvc.errors import disk_error


@dataclass(frozen=True)
class MessageFolder:
    """Folder with one text file for each day; only its owner may read it."""

    folder: Path

    def add(self, day: date, receiver: str, text: str) -> None:
        """Append a message to the file of a day. Raise FormsvcError."""
        path = self.folder / f"{day.isoformat()}.txt"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with open(descriptor, "a", encoding="utf-8") as file:
                file.write(f"【{receiver}】\n{text.rstrip()}\n\n")
        except OSError as error:
            raise disk_error(error, path) from error
