"""Plans of effects: what a document will do, computed before it is done.

Expressions are evaluated here, from the answers alone; carrying a plan out evaluates nothing, so that it may stand
in the transaction of the number, the service or the voiding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from formsvc.domain.authorities import Circumstances
from formsvc.domain.definitions.form_definition import FormDefinition
from formsvc.domain.expressions.evaluator import ExpressionEvaluator, OutcomeKind
from formsvc.domain.expressions.functions import functions_for
from formsvc.domain.fields import FIELD_TYPES
from formsvc.domain.json_types import JSON, Values
from formsvc.domain.life.effects import REGISTER_VERBS, Effect, Verb
from formsvc.domain.parsing import is_iso_day
from formsvc.domain.registers.definition import RegisterDefinition
from formsvc.errors import FormsvcError
from formsvc.i18n.messages import Message, msg

Registers = Mapping[str, RegisterDefinition]


@dataclass(frozen=True)
class ThisDocument:
    """The document with the effects, as expressions see it: ``this``."""

    id: str
    form: str
    title: str
    number: str
    date: str
    state: str
    mode: str = ""
    served_on: str | None = None

    def to_expression(self) -> dict[str, JSON]:
        return {
            "id": self.id, "act_id": self.id, "form": self.form, "title": str(self.title), "number": self.number,
            "date": self.date, "state": self.state, "mode": self.mode, "served_on": self.served_on,
        }  # fmt: skip


@dataclass(frozen=True)
class PlannedEffect:
    """One effect with everything computed.

    ``target`` is the reference that ``of`` names, ``party`` the field that ``row_of`` names, ``party_values`` what
    comes from its row; ``is_of_party`` says that the rows were chosen by it. The texts of ``match``, ``changes`` and ``added`` are in the
    normal form of the register's columns.
    """

    verb: Verb
    event: str
    day: str
    register: str = ""
    target: Mapping[str, str] = field(default_factory=dict)
    match: Mapping[str, JSON] = field(default_factory=dict)
    changes: Mapping[str, JSON] = field(default_factory=dict)
    added: Mapping[str, JSON] = field(default_factory=dict)
    missing: str = "refuse"
    first_only: bool = False
    party: str = ""
    party_values: Mapping[str, JSON] = field(default_factory=dict)
    is_of_party: bool = False

    def limited_to_party(self, key: Iterable[str]) -> PlannedEffect | None:
        """Return what is left to do for a party that its register got later.

        None if nothing is. Rows that the document has written meanwhile get what comes from the party's row; ``key`` has
        the columns of a register's key.
        """
        if self.is_of_party:
            return self
        if not self.party_values:
            return None
        match = self.match if self.verb is not Verb.WRITE_ROWS else {k: self.changes.get(k) for k in key}
        return replace(
            self, verb=Verb.CHANGE_ROWS, match=match, changes=self.party_values, added={}, missing="skip"
        )


@dataclass(frozen=True)
class PartyRow:
    """The row of a register that a party is; in force since ``begun``."""

    register: str
    values: Mapping[str, JSON]
    begun: str


@dataclass(frozen=True)
class EffectContext:
    """Facts besides the answers that effects are computed from.

    ``parties`` are the rows of the fields that effects name with ``row_of``, where a register has one.
    """

    circumstances: Circumstances
    registers: Registers
    parties: Mapping[str, PartyRow] = field(default_factory=dict)


def plan_effects(
    definition: FormDefinition,
    answers: Values,
    this: ThisDocument,
    event: str,
    day: date,
    context: EffectContext,
) -> list[PlannedEffect]:
    """Return what the document does at an event of this day.

    Raise FormsvcError if an effect cannot be computed: a document must not be issued with half of them.
    """
    if definition.life is None:
        return []
    planner = _Planner(definition, answers, this, event, day.isoformat(), context)
    return [
        planned
        for path, effect in definition.life.effects.located(event)
        for planned in planner.plan(path, effect)
    ]


@dataclass(frozen=True)
class WrittenRow:
    """The row that a draft would write, as far as it can be computed.

    ``places`` has the field that a column, or a column of a column, comes from.
    """

    values: Mapping[str, JSON]
    places: Mapping[str, str]

    def place_of(self, path: str) -> str:
        """Return the path of the field behind ``matters.0.name``."""
        column, _, rest = path.partition(".")
        number, _, inner = rest.partition(".")
        own = self.places.get(column, column)
        return ".".join(filter(None, (own, number, self.places.get(f"{column}.{inner}", inner))))


def written_row(
    definition: FormDefinition, answers: Values, circumstances: Circumstances, register: str
) -> WrittenRow | None:
    """Return the row a draft would write into a register, or None."""
    life = definition.life
    located = life.effects.located("issued") if life else ()
    for path, effect in located:
        if effect.register_name != register or effect.verb is not Verb.WRITE_ROWS or effect.rows:
            continue
        dated = definition.roles.text(answers, "date")
        this = ThisDocument("", definition.id, definition.title, "", dated, "draft")
        planner = _Planner(definition, answers, this, "issued", this.date, EffectContext(circumstances, {}))
        places = {column: source.strip().removeprefix("row.") for column, source in effect.set.items()}
        keys = {key: place for key, place in places.items() if place.isidentifier()}
        return WrittenRow(planner.draft_values(path, effect), keys)
    return None


class _Planner:
    """Evaluates the effects of one document at one event."""

    def __init__(
        self,
        definition: FormDefinition,
        answers: Values,
        this: ThisDocument,
        event: str,
        day: str,
        context: EffectContext,
    ) -> None:
        self._definition, self._event, self._day = definition, event, day
        self._registers, self._parties = context.registers, context.parties
        self._is_draft = False
        bound = {
            f.key: FIELD_TYPES[f.kind].to_expression(f, answers.get(f.key, FIELD_TYPES[f.kind].empty()))
            for f in definition.fields
        }
        self._answers = bound
        self._given = answers
        self._expressions = ExpressionEvaluator(
            {**bound, "this": this.to_expression()}, functions_for(context.circumstances, definition.lookups)
        )

    def plan(self, path: str, effect: Effect) -> Iterator[PlannedEffect]:
        for _ in self._bound_rows(effect.rows):
            if effect.when and self._value(f"{path}.when", effect) is not True:
                continue
            if effect.row_match and effect.row_of not in self._parties and effect.missing == "skip":
                continue
            yield self._planned(path, effect)

    def draft_values(self, path: str, effect: Effect) -> dict[str, JSON]:
        """Return what would be written; what cannot be computed yet is empty."""
        self._is_draft = True
        return self._values(path, effect, "set")

    def _bound_rows(self, key: str) -> Iterator[None]:
        """Bind ``row`` and ``index`` of each row; yield once without a table."""
        entry = self._definition.field(key) if key else None
        if entry is None:
            yield None
            return
        for index, row in enumerate(self._given.get(key) or ()):
            columns = entry.columns or ()
            bound = {c.key: FIELD_TYPES[c.kind].to_expression(c, row.get(c.key)) for c in columns}
            self._expressions.bind("row", bound)
            self._expressions.bind("index", index)
            yield None

    def _planned(self, path: str, effect: Effect) -> PlannedEffect:
        verb = effect.verb
        day = self._value(f"{path}.date", effect) if effect.date else self._day
        if not is_iso_day(day):
            raise self._refusal(effect, msg("“{source}”没有得出日期", source=effect.date))
        values = {name: self._values(path, effect, name) for name in ("match", "set", "added")}
        party = self._parties.get(effect.row_of)
        if party:
            values["match"] |= {key: party.values.get(column) for key, column in effect.row_match.items()}
            values["set"] |= {key: party.values.get(column) for key, column in effect.row_set.items()}
            if party.register == effect.register_name:
                # a row entered today may be about a document of yesterday
                day = max(day, party.begun)
        if verb in REGISTER_VERBS:
            values = self._parsed(effect, values)
        reference = self._given.get(effect.of) if effect.of else None
        return PlannedEffect(
            verb, self._event, day, effect.register_name, reference or {},
            values["match"], values["set"], values["added"], effect.missing, effect.first_only,
            effect.row_of if party else "", {k: v for k, v in values["set"].items() if k in effect.row_set},
            bool(effect.row_match),
        )  # fmt: skip

    def _values(self, path: str, effect: Effect, name: str) -> dict[str, JSON]:
        sources: Mapping[str, str] = getattr(effect, name)
        plain = {key: self._value(f"{path}.{name}.{key}", effect) for key in sources if "." not in key}
        for key, listed in plain.items():
            inner = {k.partition(".")[2]: k for k in sources if k.startswith(f"{key}.")}
            if inner and isinstance(listed, list):
                plain[key] = [self._inner_row(path, effect, name, inner, row) for row in listed]
        return plain

    def _inner_row(
        self, path: str, effect: Effect, name: str, inner: Mapping[str, str], row: JSON
    ) -> dict[str, JSON]:
        """Return a row of a table with the register's names of its columns."""
        self._expressions.bind("row", row)
        return {column: self._value(f"{path}.{name}.{key}", effect) for column, key in inner.items()}

    def _value(self, path: str, effect: Effect) -> JSON:
        expression = self._definition.compiled.life.expressions.get(path)
        if expression is None:
            raise self._refusal(effect, msg("“{path}”不能使用", path=path))
        outcome = self._expressions.evaluate(expression)
        if outcome.kind in (OutcomeKind.FAULTY, OutcomeKind.REFUSED):
            if self._is_draft:
                return None
            raise self._refusal(effect, outcome.reason.rstrip("。"))
        return outcome.value

    def _parsed(self, effect: Effect, values: dict[str, dict[str, JSON]]) -> dict[str, dict[str, JSON]]:
        """Return the values in the normal form of the register's columns."""
        register = self._registers.get(effect.register_name)
        if register is None:
            raise self._refusal(effect, msg("没有登记簿“{register}”", register=effect.register_name))
        parsed: dict[str, dict[str, JSON]] = {}
        for name, given in values.items():
            unknown = [key for key in given if register.column(key) is None]
            if unknown:
                columns = "、".join(unknown)
                raise self._refusal(
                    effect, msg("登记簿“{title}”没有列“{columns}”", title=register.title, columns=columns)
                )
            parsed[name], problems = register.parse_row(given, given) if given else ({}, [])
            if problems:
                reason = problems[0].message.rstrip("。")
                raise self._refusal(
                    effect, msg("登记簿“{title}”{reason}", title=register.title, reason=reason)
                )
        return parsed

    def _refusal(self, effect: Effect, reason: str | Message) -> FormsvcError:
        return FormsvcError(
            msg(
                "《{title}》定义的效力（{verb}）无法办理：{reason}。",
                title=self._definition.title,
                verb=effect.do,
                reason=reason,
            ),
            msg("请告知管理员改正定义或者登记簿，填写的内容没有问题。"),
        )
