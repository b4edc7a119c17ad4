"""Coordinating bodies (议事协调机构), which have no power of enforcement."""

from __future__ import annotations

from formsvc.domain.authorities import AuthorityKind, Circumstances

COORDINATION_WORDS = ("委员会办公室", "消安办", "消安委", "领导小组", "联席会议", "议事协调")


def is_coordination_body(name: str, circumstances: Circumstances) -> bool:
    """Return whether a name is a coordinating body's.

    A registered authority is judged by its kind, any other by its name.
    """
    registered = circumstances.authority_named(name)
    if registered:
        return registered.kind is AuthorityKind.COORDINATION
    return any(word in name for word in COORDINATION_WORDS)
