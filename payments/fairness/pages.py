"""How fair it was to work here, in figures out of the books. For anybody to read, and to take along."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from accounts.access.rules import Audience, allow
from kit.csv_files import Cell, write
from kit.http.downloads import csv_file
from kit.instants import for_machines, month, short_month
from payments.fairness import drawing, queries
from payments.fairness.api import UNITS
from payments.fairness.figures import Cell as Figured
from payments.fairness.figures import TooFew
from payments.fairness.queries import Report

HEAD = ["measure", "row", "currency", "unit", "month", "value", "masked", "title", "label"]


@allow(Audience.ANYONE)
@require_safe
def fairness(request: HttpRequest) -> HttpResponse:
    """The pictures for those who would rather look, and each figure with what it means."""
    report = queries.report()
    context = {
        "report": report,
        "plots": drawing.plots(report),
        "tables": drawing.tables(report),
        "few": drawing.few(report.fewest)[TooFew.PEOPLE],
        "few_companies": drawing.few(report.fewest)[TooFew.COMPANIES],
        "months": [short_month(each) for each in reversed(report.months)],
        "since": month(report.since) if report.since else "",
    }
    return render(request, "payments/fairness.html", context)


@allow(Audience.ANYONE)
@require_safe
def fairness_csv(request: HttpRequest) -> HttpResponse:
    """A line a figure and month, and one of all time, whose month is empty."""
    return csv_file("fairness.csv", write(HEAD, _lines(queries.report())))


def _lines(report: Report) -> Iterator[list[Cell]]:
    for told in report.measures:
        for row in told.figures:
            columns: list[tuple[str, Figured]] = [("", row.all_time)]
            columns += [
                (for_machines(first), cell) for first, cell in zip(report.months, row.months, strict=True)
            ]
            for of_month, cell in columns:
                yield [
                    told.measure.name,
                    row.name,
                    row.currency,
                    UNITS[row.unit],
                    of_month,
                    cell.value,
                    drawing.few(report.fewest).get(cell.masked, ""),
                    told.measure.title,
                    row.label,
                ]


urlpatterns = [
    path("fairness/", fairness, name="fairness"),
    path("fairness/fairness.csv", fairness_csv, name="fairness_csv"),
]
