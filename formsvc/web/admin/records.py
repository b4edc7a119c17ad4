"""Offices, authorities, officers, number series and paper entrustments: a list and a form for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
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
from formsvc.web.admin import forms as admin_forms
from formsvc.web.context import ports, who
from formsvc.web.filters import long_day
from formsvc.web.form_problems import as_problems, messages_by_field

blueprint = Blueprint("records", __name__)

Row = tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """One kind of thing an administrator keeps: its words, its form, and the columns of its list."""

    title: Any
    one: Any
    lead: Any
    form: Any
    head: tuple[Any, ...]
    row: Callable[[Record], Row]


def _office_row(record: Record) -> Row:
    return (record["name"],)


def _authority_row(record: Record) -> Row:
    people = "、".join(person["name"] for person in record.get("people", ()))
    kind = AUTHORITY_KIND_NAMES[AuthorityKind(record["kind"])]
    return record["name"], kind, str(record.get("code") or ""), people


def _officer_row(record: Record) -> Row:
    late = record["valid_to"] < ports().clock.today().isoformat()
    standing = _("证件已过期") if late else (_("在岗") if record.get("active", True) else _("已停用"))
    return record["name"], record["cert_no"], record["org"], long_day(record["valid_to"]), standing


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


KINDS: Mapping[str, Kind] = {
    "offices": Kind(
        _l("单位"), _l("单位"), _l("人员所属的单位。"), admin_forms.OfficeForm, (_l("单位名称"),), _office_row
    ),
    "authorities": Kind(
        _l("发文机关"),
        _l("发文机关"),
        _l("以其名义和印章制发文书的机关，以及可以印在文书上的承办人和签发人。"),
        admin_forms.AuthorityForm,
        (_l("机关全称"), _l("类别"), _l("机关代字"), _l("承办人和签发人")),
        _authority_row,
    ),
    "officers": Kind(
        _l("执法人员"),
        _l("执法人员"),
        _l("持有行政执法证的人员。证件过期的，不能列为文书上的执法人员。"),
        admin_forms.OfficerForm,
        (_l("姓名"), _l("执法证号"), _l("所在单位"), _l("证件有效期至"), _l("状态")),
        _officer_row,
    ),
    "series": Kind(
        _l("文号系列"),
        _l("文号系列"),
        _l("每个机关、每类文书一个系列，按年度从 1 号连续编号。"),
        admin_forms.SeriesForm,
        (_l("下一个文号"), _l("发文机关"), _l("用于文书")),
        _series_row,
    ),
    "entrustments": Kind(
        _l("纸质委托书"),
        _l("纸质委托书"),
        _l("启用本系统之前在纸上签订、仍然有效的委托书。用本系统制作的委托书不必在此登记。"),
        admin_forms.EntrustmentForm,
        (_l("委托书文号"), _l("委托机关"), _l("受委托组织"), _l("期限")),
        _entrustment_row,
    ),
}


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise NotFound(msg("没有这一类资料。"), msg("请从“管理”页面进入。"))
    return KINDS[name]


@blueprint.get("/<any(offices,authorities,officers,series,entrustments):name>")
def listed(name: str) -> ResponseReturnValue:
    """Everything of one kind."""
    kind = _kind(name)
    rows = [(record["id"], kind.row(record)) for record in records.list_records(ports(), name)]
    return render_template("admin/records.html", name=name, kind=kind, rows=rows)


@blueprint.route("/<any(offices,authorities,officers,series,entrustments):name>/new", methods=["GET", "POST"])
def added(name: str) -> ResponseReturnValue:
    """A new one."""
    return _form_page(name, None)


@blueprint.route(
    "/<any(offices,authorities,officers,series,entrustments):name>/<key>", methods=["GET", "POST"]
)
def changed(name: str, key: str) -> ResponseReturnValue:
    """An existing one."""
    found = next((record for record in records.list_records(ports(), name) if record["id"] == key), None)
    if found is None:
        raise NotFound(msg("没有这个{kind}。", kind=_kind(name).one), msg("请从列表中选择。"))
    return _form_page(name, found)


def _form_page(name: str, before: Record | None) -> AnyResponse:
    kind = _kind(name)
    form = kind.form(data=_shown(name, before) if before else None)
    _offer(form, name)
    if request.method == "GET" or "more" in request.form:
        return _page(name, form, before, [])
    problems = admin_forms.problems_in(form)
    if "preview" in request.form and not problems:
        return _page(name, form, before, [], preview=_preview(form))
    try:
        if problems:
            return _page(name, form, before, problems)
        record = _record(name, admin_forms.answers_of(form), before)
        reason = str(record.pop("reason", ""))
        records.save_record(ports(), who(), name, record, reason=reason)
    except FormsvcError as refused:
        return _page(name, form, before, as_problems(refused))
    said = _("已保存%(kind)s：%(name)s", kind=kind.one, name=kind.row(record)[0])
    flash(said)
    return redirect(url_for("admin.records.listed", name=name), 303)


def _page(
    name: str, form: Any, before: Record | None, problems: list[Problem], preview: str = ""
) -> AnyResponse:
    page = render_template(
        "admin/record.html",
        name=name,
        kind=_kind(name),
        form=admin_forms.with_spare_rows(form),
        before=before,
        problems=problems,
        errors=messages_by_field(problems),
        preview=preview,
    )
    return make_response(page, 422 if problems else 200)


def _offer(form: Any, name: str) -> None:
    """Put the choices of now on a form."""
    if name != "series":
        return
    authorities = [(record["id"], record["name"]) for record in records.list_records(ports(), "authorities")]
    form.authority.choices = form.agent.choices = admin_forms.offer(authorities)
    form.forms.choices = admin_forms.offer(
        (form_id, join_messages(form_id, revision.definition.title, separator=" "))
        for form_id, revision in ports().definitions.current().items()
        if revision.definition.numbering.style != "none"
    )


def _shown(name: str, record: Record) -> Record:
    """A record as its form shows it."""
    if name == "series":
        starts = [{"year": year, "first": str(first)} for year, first in record.get("starts", {}).items()]
        return {**record, "starts": starts}
    return record


def _record(name: str, answers: Record, before: Record | None) -> Record:
    """The form's answers as the record to keep; what the form does not show stays."""
    record = {**(before or {}), **answers}
    if name == "series":
        record["width"] = answers["width"] or 4
        record["starts"] = _starts(answers["starts"])
    record["id"] = before["id"] if before else _new_key(name, record)
    return record


def _starts(rows: list[Record]) -> dict[str, int]:
    starts: dict[str, int] = {}
    for row in rows:
        year, first = parse_whole_number(row["year"] or ""), parse_whole_number(row["first"] or "")
        if year is None or first is None:
            raise FormsvcError(msg("起始号没有填对。"), msg("年份和起始号都填数字，例如 2026、7。"))
        starts[str(year)] = first
    return starts


def _new_key(name: str, record: Record) -> str:
    """An officer goes by the certificate; everything else is counted on."""
    if name == "officers":
        return str(record["cert_no"])
    taken = {kept["id"] for kept in records.list_records(ports(), name)}
    return next(key for n in range(1, len(taken) + 2) if (key := f"{name}-{n}") not in taken)


def _preview(form: Any) -> str:
    """The number the typed series would give next."""
    year = ports().clock.today().year
    answers = admin_forms.answers_of(form)
    try:
        record = {**answers, "id": "", "width": answers["width"] or 4, "starts": _starts(answers["starts"])}
        series = series_from_record(record)
    except (ValueError, FormsvcError) as wrong:
        return str(wrong)
    return series.number(year, series.first_in(year)).text
