"""Functions over the documents that answers refer to.

Each document is looked up once in an evaluation. What an older document lacks is said, and never passes as empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from formsvc.domain.acts.service_day import service_day
from formsvc.domain.authorities import Circumstances, KnownDocument
from formsvc.domain.expressions.operators import AnswerUnknown, DocumentRow
from formsvc.domain.json_types import JSON, is_empty
from formsvc.i18n.messages import msg
from formsvc.limits import process_limits


def document_functions(
    circumstances: Circumstances, setting: Callable[[str], JSON]
) -> dict[str, Callable[..., JSON]]:
    """Return the functions of documents, with what they looked up so far."""
    found: dict[str, KnownDocument | None] = {}

    def document(reference: JSON) -> KnownDocument | None:
        key = _key_of(reference)
        if key and key not in found:
            found[key] = circumstances.find_document(key)
        return found.get(key)

    def served_on(reference: JSON) -> JSON:
        known = document(reference)
        day = service_day(known.service, circumstances.calendar, setting) if known else None
        return day.due.isoformat() if day else None

    def made_from(reference: JSON, form: str) -> JSON:
        known = document(reference)
        if known is None or not known.act_id:
            return []
        made = [
            _reference_to(d) for f in form.split("/") for d in circumstances.find_made_from(f, known.act_id)
        ]
        most = process_limits().made_documents
        if len(made) > most:
            raise ValueError(
                msg(
                    "据它制作的文书超过 {limit} 件，无法核对，请管理员调高 FORMSVC_MADE_DOCUMENTS。",
                    limit=most,
                )
            )
        return made

    rows_made: dict[tuple[str, str, str], list[JSON]] = {}

    def made_rows(reference: JSON, form: str, table: str) -> JSON:
        key = (_key_of(reference), form, table)
        if key not in rows_made:
            documents = [document(made) for made in made_from(reference, form)]
            rows_made[key] = [row for known in documents for row in _rows_in(known, table)]
        most = process_limits().made_rows
        if len(rows_made[key]) > most:
            raise ValueError(
                msg("明细超过 {limit} 行，无法核对，请管理员调高 FORMSVC_MADE_ROWS。", limit=most)
            )
        return rows_made[key]

    return {
        "made_rows": made_rows,
        "referred": lambda reference, key: _answer(document(reference), key, any_kind=True),
        "answers_of": lambda reference, key: _answer(document(reference), key),
        "served_on": served_on,
        "state_of": lambda reference: known.state if (known := document(reference)) else None,
        "is_outside": lambda reference: None if is_empty(reference) else document(reference) is None,
        "made_from": made_from,
        "count_documents": partial(_count, circumstances),
    }


def _key_of(reference: JSON) -> str:
    """Return the act id or the number of a reference, "" if it has neither."""
    if isinstance(reference, Mapping):
        return str(reference.get("act_id") or reference.get("number") or "")
    return str(reference or "")


def _reference_to(document: KnownDocument) -> dict[str, JSON]:
    return {
        "number": document.number,
        "title": document.title,
        "date": document.dated,
        "act_id": document.act_id,
    }


def _answer(document: KnownDocument | None, key: str, *, any_kind: bool = False) -> JSON:
    """Return an answer of a document, None if there is no document here.

    Raise AnswerUnknown if its revision has no such field. With ``any_kind`` a field that its kind has never had is
    empty: a reference may name documents of several kinds.
    """
    if document is None:
        return None
    if document.confidential and not document.fields:
        raise AnswerUnknown(
            msg("{number}限定知悉范围，其中的内容不能带到本件，请人工核对。", number=document.number)
        )
    is_older = key in document.lacking
    if is_older or not (any_kind or document.has_field(key)):
        raise answer_unknown(document, key)
    value = with_row_numbers(document.answers.get(key), document.numbers.get(key, "no"))
    columns = {path.partition(".")[2]: path for path in document.lacking if path.startswith(f"{key}.")}
    if not columns or not isinstance(value, list):
        return value
    sentences = {column: str(answer_unknown(document, path)) for column, path in columns.items()}
    return [DocumentRow(row, sentences) if isinstance(row, Mapping) else row for row in value]


def _rows_in(document: KnownDocument | None, table: str) -> list[JSON]:
    """Return the rows of a document, each with the document's number."""
    rows = _answer(document, table)
    if document is None or not isinstance(rows, list):
        return []
    return [{**row, "made_in": document.number or document.title} for row in rows]


def with_row_numbers(value: JSON, printed: str) -> JSON:
    """Return rows with their numbers and those on paper.

    ``printed`` is the column of the latter, "" for a paper that counts the rows.
    """
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        return value
    return [
        {**row, "no": row.get("no") or index, "on_paper": (printed and row.get(printed)) or index}
        for index, row in enumerate(value, 1)
    ]


def answer_unknown(document: KnownDocument, path: str) -> AnswerUnknown:
    """Return the error of an answer that the document's revision has not."""
    return AnswerUnknown(
        msg(
            "《{title}》{number}没有“{label}”这一项，无法核对，请人工核对。",
            title=document.title,
            number=document.number,
            label=document.lacking.get(path) or path,
        )
    )


def _count(circumstances: Circumstances, form: str, party: JSON, year: JSON, *issuer: JSON) -> JSON:
    """Return how many documents a party has; None while something is open."""
    if is_empty(party) or year is None or any(map(is_empty, issuer)):
        return None
    named = str(issuer[0]) if issuer else ""
    return sum(circumstances.count_documents(each, str(party), int(year), named) for each in form.split("/"))
