"""Offices, authorities, officers, series, paper entrustments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.authorities import AUTHORITY_KIND_NAMES, AuthorityKind
from formsvc.domain.json_types import Record
from formsvc.domain.numbering.series import series_from_record
from formsvc.domain.parsing import parse_whole_number
from formsvc.errors import FormsvcError, NotFound, Problem
from formsvc.i18n.messages import join_messages, msg
from formsvc.usecases.administration import records
from formsvc.usecases.numbering import register
from formsvc.web.admin import forms
from formsvc.web.context import ports, who
from formsvc.web.filters import long_day
from formsvc.web.form_problems import as_problems, form_page

blueprint = Blueprint("records", __name__)

Row = tuple[str, ...]


@dataclass(frozen=True)
class RecordKind:
    """One kind of record: wording, form class, columns of the list."""

    title: Any
    singular: Any
    introduction: Any
    form: Any
    columns: tuple[Any, ...]
    row: Callable[[Record], Row]


def _office_row(record: Record) -> Row:
    return (record["name"],)


def _authority_row(record: Record) -> Row:
    people = "、".join(person["name"] for person in record.get("people", ()))
    kind = AUTHORITY_KIND_NAMES[AuthorityKind(record["kind"])]
    return record["name"], kind, str(record.get("code") or ""), people


def _officer_row(record: Record) -> Row:
    late = record["valid_to"] < ports().clock.today().isoformat()
    status = _("证件已过期") if late else (_("在岗") if record.get("active", True) else _("已停用"))
    return record["name"], record["cert_no"], record["org"], long_day(record["valid_to"]), status


def _series_row(record: Record) -> Row:
    names: dict[str, str] = {r["id"]: r["name"] for r in records.list_records(ports(), "authorities")}
    year = ports().clock.today().year
    upcoming = register.next_number(ports(), series_from_record(record), year)
    agent = names.get(record.get("agent", ""), "")
    whose = names.get(record["authority"], str(record["authority"]))
    place = _("%(whose)s（委托%(agent)s）", whose=whose, agent=agent) if agent else whose
    return upcoming, str(place), "、".join(record["forms"])


def _entrustment_row(record: Record) -> Row:
    term = f"{long_day(record['start_date'])} — {long_day(record.get('ended_on') or record['end_date'])}"
    return record["number"], record["principal_name"], record["agent_name"], term


KINDS: Mapping[str, RecordKind] = {
    "offices": RecordKind(
        _l("单位"), _l("单位"), _l("人员所属的单位。"), forms.OfficeForm, (_l("单位名称"),), _office_row
    ),
    "authorities": RecordKind(
        _l("发文机关"),
        _l("发文机关"),
        _l("以其名义和印章制发文书的机关，以及可以印在文书上的承办人和签发人。"),
        forms.AuthorityForm,
        (_l("机关全称"), _l("类别"), _l("机关代字"), _l("承办人和签发人")),
        _authority_row,
    ),
    "officers": RecordKind(
        _l("执法人员"),
        _l("执法人员"),
        _l("持有行政执法证的人员。证件过期的，不能列为文书上的执法人员。"),
        forms.OfficerForm,
        (_l("姓名"), _l("执法证号"), _l("所在单位"), _l("证件有效期至"), _l("状态")),
        _officer_row,
    ),
    "series": RecordKind(
        _l("文号系列"),
        _l("文号系列"),
        _l("每个机关、每类文书一个系列，按年度从 1 号连续编号。"),
        forms.SeriesForm,
        (_l("下一个文号"), _l("发文机关"), _l("用于文书")),
        _series_row,
    ),
    "entrustments": RecordKind(
        _l("纸质委托书"),
        _l("纸质委托书"),
        _l("启用本系统之前在纸上签订、仍然有效的委托书。用本系统制作的委托书不必在此登记。"),
        forms.EntrustmentForm,
        (_l("委托书文号"), _l("委托机关"), _l("受委托组织"), _l("期限")),
        _entrustment_row,
    ),
}


def _kind(name: str) -> RecordKind:
    if name not in KINDS:
        raise NotFound(msg("没有这一类资料。"), msg("请从“管理”页面进入。"))
    return KINDS[name]


@blueprint.get("/<any(offices,authorities,officers,series,entrustments):name>")
def index(name: str) -> ResponseReturnValue:
    kind = _kind(name)
    rows = [(record["id"], kind.row(record)) for record in records.list_records(ports(), name)]
    return render_template("admin/records.html", name=name, kind=kind, rows=rows)


@blueprint.route("/<any(offices,authorities,officers,series,entrustments):name>/new", methods=["GET", "POST"])
def add(name: str) -> ResponseReturnValue:
    return _form_page(name, None)


@blueprint.route(
    "/<any(offices,authorities,officers,series,entrustments):name>/<key>", methods=["GET", "POST"]
)
def change(name: str, key: str) -> ResponseReturnValue:
    before = next((record for record in records.list_records(ports(), name) if record["id"] == key), None)
    if before is None:
        raise NotFound(msg("没有这个{kind}。", kind=_kind(name).singular), msg("请从列表中选择。"))
    return _form_page(name, before)


def _form_page(name: str, before: Record | None) -> AnyResponse:
    kind = _kind(name)
    form = kind.form(data=_as_form_data(name, before) if before else None)
    _set_choices(form, name)
    if request.method == "GET" or "more" in request.form:
        return _page(name, form, before, [])
    problems = forms.validate(form)
    if "preview" in request.form and not problems:
        return _page(name, form, before, [], preview=_preview_number(form))
    try:
        if problems:
            return _page(name, form, before, problems)
        record = _record_from_form(name, forms.record_from_form(form), before)
        reason = str(record.pop("reason", ""))
        records.save_record(ports(), who(), name, record, reason=reason)
    except FormsvcError as refused:
        return _page(name, form, before, as_problems(refused))
    flash(_("已保存%(kind)s：%(name)s", kind=kind.singular, name=kind.row(record)[0]))
    return redirect(url_for("admin.records.index", name=name), 303)


def _page(
    name: str, form: Any, before: Record | None, problems: list[Problem], preview: str = ""
) -> AnyResponse:
    return form_page(
        "admin/record.html",
        problems,
        name=name,
        kind=_kind(name),
        form=forms.add_spare_rows(form),
        before=before,
        preview=preview,
    )


def _set_choices(form: Any, name: str) -> None:
    """Set the choices that come from the store."""
    if name != "series":
        return
    authorities = [(record["id"], record["name"]) for record in records.list_records(ports(), "authorities")]
    # Read at each request: authorities and forms may have been added since
    form.authority.choices = form.agent.choices = forms.as_choices(authorities)
    form.forms.choices = forms.as_choices(
        (form_id, join_messages(form_id, revision.definition.title, separator=" "))
        for form_id, revision in ports().definitions.current().items()
        if revision.definition.numbering.is_numbered
    )


def _as_form_data(name: str, record: Record) -> Record:
    """Return the record as form data."""
    if name == "series":
        starts = [{"year": year, "first": str(first)} for year, first in record.get("starts", {}).items()]
        return {**record, "starts": starts}
    return record


def _record_from_form(name: str, answers: Record, before: Record | None) -> Record:
    """Return the record to store; values that the form does not show are kept."""
    record = {**(before or {}), **answers}
    if name == "series":
        record["width"] = answers["width"] or 4
        record["starts"] = _start_numbers(answers["starts"])
        # series of before have none: an empty one is no change
        if not record.get("genre"):
            record.pop("genre", None)
    record["id"] = before["id"] if before else _new_id(name, record)
    return record


def _start_numbers(rows: list[Record]) -> dict[str, int]:
    starts: dict[str, int] = {}
    for row in rows:
        year, first = parse_whole_number(row["year"] or ""), parse_whole_number(row["first"] or "")
        if year is None or first is None:
            raise FormsvcError(msg("起始号没有填对。"), msg("年份和起始号都填数字，例如 2026、7。"))
        starts[str(year)] = first
    return starts


def _new_id(name: str, record: Record) -> str:
    """Return an officer's certificate number, else the first free ``kind-n``."""
    if name == "officers":
        return str(record["cert_no"])
    taken = {stored["id"] for stored in records.list_records(ports(), name)}
    return next(key for n in range(1, len(taken) + 2) if (key := f"{name}-{n}") not in taken)


def _preview_number(form: Any) -> str:
    """Return the first number of the typed series, or what is wrong with it."""
    year = ports().clock.today().year
    answers = forms.record_from_form(form)
    try:
        record = {
            **answers,
            "id": "",
            "width": answers["width"] or 4,
            "starts": _start_numbers(answers["starts"]),
        }
        series = series_from_record(record)
    except (ValueError, FormsvcError) as wrong:
        return str(wrong)
    return series.number(year, series.first_in(year)).text
