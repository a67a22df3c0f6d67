"""The one place that writes CSV: what is text stays text, in a spreadsheet too."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from kit.money import Money

Cell = str | int | Money | date | None
# A spreadsheet reads a cell that begins so as a formula (owasp.org/www-community/attacks/CSV_Injection), also in full width.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 -- these very characters
BYTE_ORDER_MARK = "\ufeff"


def write(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, for_spreadsheet: bool = True) -> bytes:
    """A file as RFC 4180 has it, in UTF-8: the head, then a line a row.

    A text that a spreadsheet would take for a formula is led by an apostrophe, also behind blanks. Money becomes a plain
    figure without thousands, so that programs read it; an amount of None stays empty. `for_spreadsheet` leads the file by
    the mark by which Excel knows UTF-8; what another product imports is written without.
    """
    kept = io.StringIO(newline="")
    writer = csv.writer(kept, lineterminator="\r\n")
    writer.writerow([as_text(name) for name in head])
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return (f"{BYTE_ORDER_MARK if for_spreadsheet else ''}{kept.getvalue()}").encode()


def as_text(said: str) -> str:
    """The same words, never a formula."""
    return f"'{said}" if said.lstrip(" \u00a0").startswith(FORMULA) else said


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Money():
            return cell.figure().replace(",", "")
        case int() | date():
            return str(cell)
        case _:
            return as_text(cell)
