"""Reader of the views, which reads their files again when one has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from formsvc.domain.json_types import JSON
from formsvc.domain.statistics.view import OfficeView, read_view
from formsvc.errors import Fault, FormsvcError

Views = tuple[list[OfficeView], list[Fault]]


def no_files() -> Mapping[str, bytes]:
    return {}


@dataclass
class ViewReader:
    """Views of a folder; ``files`` returns their bytes by name."""

    files: Callable[[], Mapping[str, bytes]] = no_files
    _known: tuple[Mapping[str, bytes], tuple[str, ...]] = ({}, ())
    _views: Views = field(default_factory=lambda: ([], []))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, parse: Callable[[bytes], JSON], forms: Collection[str]) -> Views:
        """Return the views in the order of the page, and the faults of others.

        ``parse`` reads JSON within limits; ``forms`` are the kinds a view may name.
        """
        known = self.files(), tuple(sorted(forms))
        with self._lock:
            if known != self._known:
                self._views, self._known = _read_all(parse, *known), known
            return self._views


def _read_all(parse: Callable[[bytes], JSON], files: Mapping[str, bytes], forms: Collection[str]) -> Views:
    views: list[OfficeView] = []
    faults: list[Fault] = []
    for name, content in sorted(files.items()):
        try:
            view, own_faults = read_view(parse(content), name, forms)
        except FormsvcError as error:
            faults.append(Fault(f"views/{name}.json", "", error.message))
            continue
        faults += own_faults
        views += [view] if view else []
    return sorted(views, key=lambda view: (view.place, view.id)), faults
