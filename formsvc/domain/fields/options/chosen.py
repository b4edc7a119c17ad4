"""A chosen option, kept with its name of that day."""

from __future__ import annotations

from collections.abc import Mapping

from formsvc.domain.fields.base import text_of
from formsvc.domain.fields.text import clean_text
from formsvc.domain.json_types import JSON
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits

_PARTS = ("value", "label")


def parse_chosen(raw: JSON) -> dict[str, JSON]:
    """Return ``value`` and ``label``. Raise ValueError.

    The label is "" until the options are known.
    """
    parts = raw if isinstance(raw, Mapping) else {"value": text_of(raw)}
    unknown = [str(key) for key in parts if key not in _PARTS]
    if unknown:
        raise ValueError(msg("选项不认识“{name}”，只有 value、label。", name=unknown[0][:60]))
    chosen = {key: clean_text(text_of(parts.get(key) or "")) for key in _PARTS}
    most = process_limits().text_characters
    if max(map(len, chosen.values())) > most:
        raise ValueError(msg("选项超过 {limit} 字，请缩短。", limit=most))
    if not chosen["value"]:
        raise ValueError(msg("选项须写明 value。"))
    return dict(chosen)


def value_of(chosen: JSON) -> JSON:
    """Return the value of a chosen option; other JSON is its own."""
    return chosen.get("value") if isinstance(chosen, Mapping) else chosen


def label_of(chosen: JSON) -> str:
    """Return the name that is shown and printed."""
    if isinstance(chosen, Mapping):
        return str(chosen.get("label") or chosen.get("value") or "")
    return "" if chosen is None else str(chosen)
