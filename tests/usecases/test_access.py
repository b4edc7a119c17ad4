"""Who may see an act, and who may write one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from formsvc.domain.acts.act import State
from formsvc.errors import NotFound
from formsvc.usecases.access import get_act, may_see, may_write, require_admin
from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.drafts import open_form


def test_a_draft_is_visible_to_its_drafter_alone(ports: Ports, actor: Callable[[str], Actor]) -> None:
    act = open_form(ports, actor("staff"), "X01")
    assert get_act(ports, actor("staff"), act.id) == act
    for name in ("reviewer", "admin"):
        with pytest.raises(NotFound):
            get_act(ports, actor(name), act.id)


def test_an_administrator_sees_submitted_acts(ports: Ports, actor: Callable[[str], Actor]) -> None:
    act = replace(open_form(ports, actor("staff"), "X01"), state=State.SUBMITTED.value)
    assert may_see(actor("admin"), act)


def test_an_administrator_does_not_draft(ports: Ports, actor: Callable[[str], Actor]) -> None:
    definition = ports.definitions.current_revision("X01").definition
    assert may_write(actor("staff"), definition)
    assert not may_write(actor("admin"), definition)


def test_the_console_needs_no_administrator() -> None:
    require_admin(None)
