"""Checks between definitions: what one takes from another exists.

They hold no form back: the other form may be missing only for now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from formsvc.domain.definitions.places import place_words
from formsvc.domain.expressions.evaluator import Expression, InvalidExpression, read_expression
from formsvc.domain.json_types import JSON
from formsvc.domain.life.cross_checks import LifeCrossCheck, life_sources, unknown_kinds
from formsvc.domain.life.schema import Life
from formsvc.domain.spelling import did_you_mean
from formsvc.errors import Fault
from formsvc.i18n.messages import msg

# expressions of a field that may ask other documents
_ROLES = ("required", "shown", "readonly", "computed", "typed_when", "default", "each_of", "personal_when")
Forms = Mapping[str, Mapping[str, JSON]]


def check_between(
    forms: Forms, offered: Collection[str], listed: Collection[str] | None = None
) -> list[Fault]:
    """Return references to forms and fields that do not exist.

    ``forms`` are resolved definitions by id, ``offered`` the ids of all files, faulty ones included. ``listed`` are the
    kinds that a life may name though the office has none, None without such a list.
    """
    return [fault for form in forms for fault in _CrossCheck(form, forms, offered, listed).faults()]


class _CrossCheck:
    """The cross check of one form."""

    def __init__(
        self, form: str, forms: Forms, offered: Collection[str], listed: Collection[str] | None
    ) -> None:
        self._form, self._forms, self._offered, self._listed = form, forms, offered, listed
        self._definition = forms[form]
        self._references = {
            str(entry["key"]): str(entry.get("refers_to") or "").split("/")
            for _, _, entry in self._fields()
            if entry["kind"] == "reference"
        }
        self._referred = {name for source in self._sources() for name, _ in _referred_answers(source)}

    def faults(self) -> Iterator[Fault]:
        for pointer, place, entry in self._fields():
            yield from self._unknown_forms(f"{pointer}/refers_to", place, entry)
            for target, source in (entry.get("carry") or {}).items():
                yield from self._carry_faults(f"{pointer}/carry/{target}", place, entry, source)
            for column_pointer, owner in ((pointer, entry), *_columns(pointer, entry)):
                for role in _ROLES:
                    yield from self._source_faults(f"{column_pointer}/{role}", place, owner.get(role))
        for index, rule in enumerate(self._definition["rules"]):
            place = msg("核对“{rule}”", rule=rule["id"])
            yield from self._source_faults(f"/rules/{index}/check", place, rule["check"])
        if self._definition.get("life"):
            yield from self._life_faults(Life.model_validate(self._definition["life"]))

    def _life_faults(self, life: Life) -> Iterator[Fault]:
        for pointer, source in life_sources(life):
            yield from self._source_faults(pointer, self._place_in_life(pointer), source)
        # without a list a name may be right that is not known here
        level = "notice" if self._listed is None else "error"
        for pointer, sentence in unknown_kinds(life, {*self._offered, *(self._listed or ())}):
            yield self._fault(pointer, self._place_in_life(pointer), sentence, level)
        for pointer, sentence in LifeCrossCheck(self._form, self._forms).faults(life):
            yield self._fault(pointer, self._place_in_life(pointer), sentence)

    def _place_in_life(self, pointer: str) -> str:
        return place_words(self._definition, pointer)

    def _sources(self) -> Iterator[JSON]:
        """Yield the expressions that may take answers of another act."""
        for _, _, entry in self._fields():
            for owner in (entry, *(entry.get("columns") or ())):
                yield from (owner.get(role) for role in _ROLES)
        yield from (rule["check"] for rule in self._definition["rules"])

    def _fields(self) -> Iterator[tuple[str, str, Mapping[str, JSON]]]:
        """Yield pointer into the resolved definition, place in words, and field."""
        for number, section in enumerate(self._definition["sections"]):
            for index, entry in enumerate(section["fields"]):
                place = msg(
                    "第{n}节“{title}”的“{label}”", n=number + 1, title=section["title"], label=entry["label"]
                )
                yield f"/sections/{number}/fields/{index}", place, entry

    def _unknown_forms(self, pointer: str, place: str, entry: Mapping[str, JSON]) -> Iterator[Fault]:
        """Yield a fault if answers are taken from forms that do not exist.

        A reference that nothing is taken from may name documents outside the system.
        """
        forms = self._references.get(entry["key"], ())
        is_read = entry.get("carry") or entry.get("once") or entry["key"] in self._referred
        if not forms or not is_read or any(form in self._offered for form in forms):
            return
        near = did_you_mean(forms[0], self._offered)
        sentence = msg("没有“{form}”这种文书{near}，请核对 refers_to。", form="、".join(forms), near=near)
        yield self._fault(pointer, place, sentence)

    def _carry_faults(
        self, pointer: str, place: str, entry: Mapping[str, JSON], source: str
    ) -> Iterator[Fault]:
        expression = _read(source)
        names = {m.name for m in expression.structure.members if m.source == "source"} if expression else ()
        for name in sorted(names):
            yield from self._missing_field(pointer, place, str(entry["key"]), name)

    def _source_faults(self, pointer: str, place: str, source: JSON) -> Iterator[Fault]:
        """Yield a fault for each field and kind that an expression misnames."""
        expression = _read(source)
        for named in sorted(expression.structure.forms) if expression else ():
            # of several kinds an office may have some only
            if any(form in self._offered for form in named.split("/")):
                continue
            near = did_you_mean(named, self._offered)
            sentence = msg("没有“{form}”这种文书{near}，请核对。", form=named, near=near)
            yield self._fault(pointer, place, sentence)
        for reference, name in _referred_answers(source):
            if reference in self._references:
                yield from self._missing_field(pointer, place, reference, name)

    def _missing_field(self, pointer: str, place: str, reference: str, name: str) -> Iterator[Fault]:
        """Yield a fault if none of the forms referred to has the field."""
        forms = self._references[reference]
        # of a form that is missing or faulty the fields are not known
        if not all(form in self._forms for form in forms):
            return
        keys = {
            str(key)
            for form in forms
            for section in self._forms[form]["sections"]
            for entry in section["fields"]
            for key in (entry["key"], *(entry.get("formerly") or ()))
        }
        if name not in keys:
            sentence = msg(
                "“{forms}”里没有“{name}”{near}，带不出内容。",
                forms="、".join(forms),
                name=name,
                near=did_you_mean(name, keys),
            )
            yield self._fault(pointer, place, sentence)

    def _fault(self, pointer: str, place: str, sentence: str, level: str = "error") -> Fault:
        return Fault(f"{self._form}.json", pointer, sentence, level, place=place)


def _columns(pointer: str, entry: Mapping[str, JSON]) -> Iterator[tuple[str, Mapping[str, JSON]]]:
    for index, column in enumerate(entry.get("columns") or ()):
        yield f"{pointer}/columns/{index}", column


def _referred_answers(source: JSON) -> list[tuple[str, str]]:
    expression = _read(source)
    return sorted(expression.structure.referred) if expression else []


def _read(source: JSON) -> Expression | None:
    try:
        return read_expression(source) if isinstance(source, str) else None
    except InvalidExpression:
        return None
