"""Sentences about parties that a register knows."""

from __future__ import annotations

from flask_babel import gettext as _

from formsvc.usecases.picks.parties import PickedParty


def party_json(party: PickedParty) -> dict[str, str]:
    """Return what the page says about a party that a register knows."""
    return {"row": party.row.row if party.row else "", "text": party_sentence(party)}


def party_sentence(party: PickedParty) -> str:
    """Return what the register has otherwise, "" if nothing."""
    if party.row is None or not party.differences:
        return ""
    named = "、".join(
        _("%(label)s“%(there)s”", label=each.field.label, there=each.there or _("空"))
        for each in party.differences
    )
    sentence: str = _(
        "“%(title)s”里有“%(name)s”，那里写的是：%(named)s。",
        title=party.register.title,
        name=party.register.name_of(party.row.values),
        named=named,
    )
    return sentence
