"""Joint issue (联合行文): bodies that sign under the first one's number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formsvc.domain.authorities import Circumstances
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.json_types import JSON, Values
from formsvc.errors import Problem
from formsvc.i18n.messages import msg


def further_bodies(definition: FormDefinition, values: Values) -> list[str]:
    """Return the names of the bodies that issue it with the first one."""
    joint = definition.header.joint_issue
    rows = values.get(joint.field) if joint else None
    names = [str(row.get(joint.name) or "").strip() for row in rows or ()] if joint else []
    return [name for name in names if name]


def issuing_bodies(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> list[dict[str, JSON]]:
    """Return all issuing bodies as rows, in the order of their signatures."""
    issuer = definition.roles.text(values, "issuer")
    joint = definition.header.joint_issue
    others = further_bodies(definition, values)
    first = set(joint.signed_first) if joint else set()
    ahead = [name for name in others if _kind_of(name, circumstances) in first]
    names = [*ahead, issuer, *(name for name in others if name not in ahead)]
    return [{"name": name, "no": str(number)} for number, name in enumerate(names, 1) if name]


def joint_issue_problems(
    definition: FormDefinition, values: Values, circumstances: Circumstances
) -> Iterator[Problem]:
    """Yield what keeps a body from issuing the document with the first one."""
    joint = definition.header.joint_issue
    if joint is None:
        return
    issuer = definition.roles.value(values, "issuer")
    allowed = set(joint.kinds or definition.issuer_kinds)
    seen: set[str] = set()
    for index, row in enumerate(values.get(joint.field) or ()):
        name = str(row.get(joint.name) or "").strip()
        path = f"{joint.field}.{index}.{joint.name}"
        kind = _kind_of(name, circumstances)
        if name and (name == issuer or name in seen):
            sentence = msg("{name}已经是发文机关，不用再写。", name=name)
            yield Problem(path, sentence, msg("请删去这一行。"))
        elif name and not kind:
            sentence = msg("{name}没有登记为发文机关，不能联合行文。", name=name)
            yield Problem(path, sentence, msg("请核对全称，或者请管理员登记这个机关。"))
        elif name and allowed and kind not in allowed:
            sentence = msg("{name}不能联合制发《{title}》。", name=name, title=definition.title)
            yield Problem(path, sentence, msg("请核对机关。"))
        seen.add(name)


def _kind_of(name: str, circumstances: Circumstances) -> str:
    registered = circumstances.authority_named(name)
    return registered.kind.value if registered else ""


def joint_context(
    definition: FormDefinition, values: Mapping[str, JSON], circumstances: Circumstances
) -> dict[str, JSON]:
    """Return what templates of a joint issue see besides its fields."""
    if definition.header.joint_issue is None:
        return {}
    return {"issuers": issuing_bodies(definition, values, circumstances)}
