"""CSV files for spreadsheets."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import cast

from django.http import HttpResponse, StreamingHttpResponse


def csv_response(lines: Iterable[str], *, name: str) -> HttpResponse:
    """Return a streaming download of the file `name`."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Type": "text/csv; charset=utf-8",
        "Cache-Control": "private, no-store",
    }
    return cast(HttpResponse, StreamingHttpResponse(lines, headers=headers))


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    """Return the rows as lines of a CSV file, escaped so that spreadsheets do not run formulas."""
    text = StringIO()
    csv.writer(text).writerows([_without_formula(value) for value in row] for row in rows)
    return text.getvalue()


def _without_formula(value: str) -> str:
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else value
