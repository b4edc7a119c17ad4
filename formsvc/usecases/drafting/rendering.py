"""Filled Word files, with the pictures that their answers name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from formsvc.domain.fields.files import PICTURE_HASH, SAMPLE_HASH
from formsvc.domain.json_types import JSON
from formsvc.usecases.context import Ports
from formsvc.usecases.ports import DocumentMetadata


def fill_template(
    ports: Ports,
    template: bytes,
    context: Mapping[str, JSON],
    tags: DocumentMetadata,
    answers: Mapping[str, Sequence[JSON]],
) -> bytes:
    """Return the Word file. Raise RenderingFailed, KeptFileDamaged."""
    named = dict.fromkeys(_picture_hashes(context))
    pictures = {sha256: ports.files.read(sha256) for sha256 in named if sha256 != SAMPLE_HASH}
    return ports.renderer.word(template, context, tags, answers, pictures)


def without_pictures(value: JSON) -> JSON:
    """Return a document's context with nothing in place of each picture."""
    if isinstance(value, Mapping):
        return "" if PICTURE_HASH in value else {key: without_pictures(part) for key, part in value.items()}
    return [without_pictures(part) for part in value] if isinstance(value, list | tuple) else value


def _picture_hashes(value: JSON) -> Iterator[str]:
    if isinstance(value, Mapping):
        if PICTURE_HASH in value:
            yield value[PICTURE_HASH]
        else:
            for part in value.values():
                yield from _picture_hashes(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _picture_hashes(part)
