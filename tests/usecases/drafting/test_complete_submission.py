"""Acts sent by programs in one request."""

from __future__ import annotations

from collections.abc import Callable

from formsvc.usecases.context import Actor, Ports
from formsvc.usecases.drafting.complete_submission import create_act, with_prefilled


def test_a_program_may_ask_for_prefilled_certificates(ports: Ports, actor: Callable[[str], Actor]) -> None:
    officers = ports.definitions.current_revision("T22").definition.certified_officers
    assert officers is not None
    with ports.store.read() as tx:
        registered = next(record for record in tx.officers.find(order="id") if record.get("active", True))
    given = {officers.field: [{"name": registered["name"]}]}
    plain = create_act(ports, actor("staff"), "T22", given, submit=False)
    answers = with_prefilled(ports, actor("staff"), "T22", given)
    filled = create_act(ports, actor("staff"), "T22", answers, submit=False)
    assert not plain.act.answers[officers.field][0].get("cert_no")
    assert filled.act.answers[officers.field][0]["cert_no"] == registered["cert_no"]


def test_prefilling_answers_of_the_wrong_shape_is_left_to_the_evaluation(
    ports: Ports, actor: Callable[[str], Actor]
) -> None:
    officers = ports.definitions.current_revision("T22").definition.certified_officers
    assert officers is not None
    given = {officers.field: ["张三"]}
    assert with_prefilled(ports, actor("staff"), "T22", given) == given
