"""Objects that other bodies supervise (消防法 4), for the reviewer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from formsvc.domain.authorities import Circumstances
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.functions import entries_of
from formsvc.domain.json_types import Values
from formsvc.errors import Problem
from formsvc.i18n.messages import DefinitionText, msg

LOOKUP = "exclusions"
# where the object of an inspection or an order stands
_ROLES = ("party", "place", "party_address")


def exclusion_notices(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> Iterator[Problem]:
    """Yield a notice where name or address hint at such an object."""
    if not definition.modes:
        return
    known = {**circumstances.lookups, **definition.lookups}
    places = [str(region["name"]) for region in entries_of(known, "regions")]
    for entry in entries_of(known, LOOKUP):
        for key in map(definition.roles.key, _ROLES):
            # the name of a district may hold such a word: 北林区
            text = _without(str(values.get(key) or ""), places)
            text = _without(text, entry.get("except", ()))
            word = next((word for word in entry.get("words", ()) if word in text), None)
            if word:
                yield Problem(
                    key,
                    msg(
                        "“{word}”可能属于{kind}，不归消防救援机构和乡镇、街道监督，请核对并写明理由。",
                        word=word,
                        kind=DefinitionText(LOOKUP, str(entry["name"])),
                    ),
                    "",
                    str(entry.get("law") or ""),
                )
                break


def _without(text: str, parts: Iterable[str]) -> str:
    for part in parts:
        text = text.replace(part, "")
    return text
