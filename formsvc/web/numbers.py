"""号簿: the series with their years, and the register of one year, as it is printed and bound."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template
from flask_babel import format_datetime
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from formsvc.domain.accounts import Right
from formsvc.domain.errors import NotFound
from formsvc.domain.numbering import NumberSeries
from formsvc.sentences import EVERY_FORM, FormText, say
from formsvc.usecases import administration, registers
from formsvc.web.surroundings import ports, who

blueprint = Blueprint("numbers", __name__, url_prefix="/numbers")

Answer = str | AnyResponse


@blueprint.app_template_filter()
def full_moment(value: str) -> str:
    """Day and time in full, as a register on paper needs them."""
    return (
        str(format_datetime(datetime.fromisoformat(value), _("y年M月d日 HH:mm"), rebase=False))
        if value
        else ""
    )


@blueprint.get("")
def index() -> Answer:
    """Every series this person may look into, year by year."""
    pages = [
        register
        for series in registers.all_series(ports())
        if _may_see(series)
        for year in registers.register_years(ports(), series.id)
        if (register := registers.number_register(ports(), series.id, year))
    ]
    return render_template("numbers/list.html", registers=pages, authorities=_authority_names())


@blueprint.get("/<series_id>/<int:year>")
def register(series_id: str, year: int) -> Answer:
    """One series in one year: each number, whose it is, and the numbers nobody can explain."""
    found = registers.number_register(ports(), series_id, year)
    if found is None or not _may_see(found.series):
        raise NotFound(say("没有这个文号系列。"), say("请从号簿中选择。"))
    return render_template(
        "numbers/register.html",
        register=found,
        lines=_lines(found),
        years=registers.register_years(ports(), series_id),
        next_number=registers.next_number(ports(), found.series, year),
        authorities=_authority_names(),
    )


def _lines(found: registers.RegisterPage) -> list[dict[str, Any]]:
    """The rows in the order of their numbers, a line for every gap among them."""
    gaps = [{"n": n, "text": found.series.number(found.year, n).text, "gap": True} for n in found.gaps]
    rows = [{**row, "title": FormText(EVERY_FORM, row["title"])} for row in found.rows]
    return sorted([*rows, *gaps], key=lambda line: int(line["n"]))


def _may_see(series: NumberSeries) -> bool:
    return who().account.is_admin or who().account.may(Right.VIEW, series.authority)


def _authority_names() -> dict[str, str]:
    return {record["id"]: record["name"] for record in administration.kept(ports(), "authorities")}
