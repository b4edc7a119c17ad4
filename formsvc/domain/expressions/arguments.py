"""Arguments of functions that can never be right, each with what to write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from formsvc.domain.expressions.shapes import Shape
from formsvc.domain.expressions.signatures import SIGNATURES, Signature
from formsvc.domain.expressions.syntax import Call, Literal, Node
from formsvc.domain.expressions.wording import day_fault, kind_names, quote
from formsvc.domain.spelling import did_you_mean
from formsvc.i18n.messages import msg


def argument_faults(source: str, node: Call, arguments: Sequence[Shape]) -> Iterator[str]:
    """Yield what is wrong with the arguments of a call."""
    signature = SIGNATURES[node.name]
    for place, (argument, shape) in enumerate(zip(node.arguments, arguments, strict=True)):
        accepted = signature.parameters[place]
        if shape.present_kinds and not shape.present_kinds & accepted:
            yield msg(
                "“{part}”：“{name}”的第 {n} 个参数应是{accepted}，写的是{actual}。",
                part=quote(source, node),
                name=node.name,
                n=place + 1,
                accepted=kind_names(Shape(accepted - {"date"})),
                actual=kind_names(shape),
            )
        elif "date" in accepted and isinstance(argument, Literal) and isinstance(argument.value, str):
            fault = day_fault(argument.value, with_time=True)
            if fault:
                yield msg("“{part}”：{fault}", part=quote(source, node), fault=fault)
    if arguments and signature.elements is not None:
        yield from _element_faults(source, node, signature, arguments[0])


def _element_faults(source: str, node: Call, signature: Signature, whole: Shape) -> Iterator[str]:
    """Yield what is wrong with the elements of the list a call goes over."""
    if not whole.is_only("list") or whole.element is None:
        return
    element, accepted = whole.element, signature.elements or frozenset()
    if element.present_kinds and not element.present_kinds & accepted:
        yield msg(
            "“{part}”：“{name}”的各项应是{accepted}，写的是{actual}。",
            part=quote(source, node),
            name=node.name,
            accepted=kind_names(Shape(accepted)),
            actual=kind_names(element),
        )
    elif signature.column is not None and element.members is not None:
        column: Node = node.arguments[signature.column]
        if isinstance(column, Literal) and column.value not in element.members:
            yield msg(
                "“{part}”：明细里没有“{name}”这一列{near}。",
                part=quote(source, node),
                name=column.value,
                near=did_you_mean(str(column.value), element.members, cutoff=0.6),
            )
